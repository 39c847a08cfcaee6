"""Writes vw.json: what Vowpal Wabbit makes of lines of its text format, and of interactions.

    pip install vowpalwabbit==9.11.9
    python vw.py

Each case is a line with the options for reading it, and the result: the label, the importance weight, and the columns and values of the
features, without the constant that VW adds.
"""

import json
import pathlib
import re
import subprocess
import sys

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


# Interactions are shown by --audit alone, which the library writes to the standard output.
INTERACTIONS = [
    ("1 |a x:2 y |b z:3 x", "ab"),
    ("1 |a x:2 y |b z:3 x", "ba"),
    ("1 |a x:2 y:3 |b z:5", "aba"),
    ("1 |a x:2 y:3 |b z:5 w:7", "bba"),
    ("1 |a x:2 y:3 |b z:5 |c u:7", "cab"),
    ("1 |a x:2 y:3 z |b q", "aa"),
    ("1 |a x:2 y:3 |b z:5 |c u:7 v:11", "abc"),
    ("1 |a x:2 y:3 z:5", "aaa"),
    ("1 |a x:2 y:3 |b z:5 w:7", "aab"),
    ("1 |a x:2 y:3 |b z:5 w:7", "abb"),
    ("1 |a x:2 y:3 |b z:5 |c u:7 |d t:11 s", "abcd"),
    ("1 |a x:2 y:3 |b z:5", "aabb"),
    ("1 |user 17:2 name=x |item 4:0.5 5", "iu"),
    ("1 |apple x:2 |b y:3 |avocado z:5", "ab"),
    ("1 |a x |b y", "ab ab ba aa"),
    ("1 |a x:2 |c y", "ab bc"),
    ("1 |a x:0 y:2 |b z:3", "ab"),
    ("1 | x:2 y |b z:3", "\\x20b"),
]
AUDIT = "import sys, vowpalwabbit; vowpalwabbit.Workspace(sys.argv[1]).predict(sys.argv[2])"


def audit(line, letters, bits, rule):
    names = " ".join(f"--interactions {i}" for i in letters.split())
    options = f"--quiet --audit -b {bits} --hash {rule} {names}"
    shown = subprocess.run([sys.executable, "-c", AUDIT, options, line], check=True, capture_output=True, text=True).stdout
    features = [[int(i), float(v)] for name, i, v in re.findall(r"(\S+):(\d+):([-+.0-9e]+):\S+", shown) if not name.endswith("Constant")]
    return dict(line=line, bits=bits, hash=rule, interactions=letters.replace("\\x20", " ").split(" ") if "x20" not in letters else [" b"],
                label=1, weight=1, tag="", features=features)


cases = [read(line, f"-b {bits} --hash {rule}") for line in LINES for bits, rule in ((18, "strings"), (24, "all"))]
cases += [audit(*c, bits, rule) for c in INTERACTIONS for bits, rule in ((18, "strings"), (12, "all"))]
text = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
path = pathlib.Path(__file__).parent / "vw.json"
path.write_text(f'{{\n"version": "{vowpalwabbit.__version__}",\n"cases": [\n{text}\n]\n}}\n')
