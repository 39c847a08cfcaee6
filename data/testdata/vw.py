"""Writes vw.json: what Vowpal Wabbit makes of lines of its text format.

    pip install vowpalwabbit==9.11.9
    python vw.py

Each case is a line with the options that it is read by, and the label, the importance weight, and the columns and values of the features
without the constant that VW adds.
"""

import json
import pathlib

import vowpalwabbit
from vowpalwabbit import Workspace

CONSTANT = 11650396
LINES = [
    "1 |f 9:6.27e-02 14:3.3 21",
    "-1 |f a:0.5 b c:-2e-1",
    "1 2.5 |f a",
    "1 0 |f a",
    "0.25 3 'tag |f a",
    "1 'tag|f a",
    "1 tag|f a",
    "1 2 tag|f a",
    "1 | a b:2",
    "1 |",
    "1 |f",
    "1 |f |g",
    "1 |f:2 a b:3 |g:0.5 a b:3",
    "1 |f a |f b",
    "1 |1 a 3 03 3.0",
    "1 |f 3 03 3.0 262147 4294967299 18446744073709551619",
    "1 | 3 03 3.0 262147 -3 +3",
    "1 |f :1 :2 a :3",
    "1 | :0.5 :0.25",
    "1 |f a:0 b:1",
    "1 |f a:red b:blue c:3",
    "1 |f 7:red 7:12",
    "1 |user_name цена:2 日本 é",
    "1 |f a\tb\tc:2",
    " 1  2   |f   a   b ",
    "1 |f a|g b",
    "1 |f a #b c",
    "1 |long abcdefg abcdefgh abcdefghi abcdefghij",
    "1e-3 1e1 |f x:1e3",
    "+1 |f x:+2 y:.5 z:5.",
]


def read(line, options):
    with_options = Workspace(f"--quiet {options}")
    example = with_options.parse(line)
    pairs = [[int(i), float(v)] for i, v in example.iter_features()]
    mask = 2 ** int(options.split()[1]) - 1
    shift = [p for p in pairs if (p[0] & mask) == CONSTANT & mask]
    assert shift, pairs
    pairs.remove(shift[-1])
    case = dict(line=line, bits=int(options.split()[1]), hash=options.split()[3], label=example.get_simplelabel_label(),
                weight=example.get_simplelabel_weight(), tag=example.get_tag(), features=[[i & mask, v] for i, v in pairs])
    example.finish() if hasattr(example, "finish") else with_options.finish_example(example)
    return case


cases = [read(line, f"-b {bits} --hash {rule}") for line in LINES for bits, rule in ((18, "strings"), (24, "all"))]
text = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
path = pathlib.Path(__file__).parent / "vw.json"
path.write_text(f'{{\n"version": "{vowpalwabbit.__version__}",\n"cases": [\n{text}\n]\n}}\n')
