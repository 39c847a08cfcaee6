"""Writes choices.bin: the questions of choices.jsonl in the format of llm.c's evaluations, with tiktoken's tokens.

    pip install tiktoken==0.14.0 numpy==2.4.6
    python choices.py r50k_base.tiktoken

The file of ranks is the one that golden.py takes. llm.c's dev/data/data_common.py describes the format.
"""

import json
import sys

import numpy as np
import tiktoken
from tiktoken.load import load_tiktoken_bpe

pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""  # tiktoken_ext.openai_public
encoding = tiktoken.Encoding("r50k_base", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(sys.argv[1]), special_tokens={"<|endoftext|>": 50256})

with open("choices.jsonl") as f:
    lines = [json.loads(line) for line in f if line.strip()]
stream, longest = [], 0
for index, line in enumerate(lines):
    parts = [encoding.encode(line["ctx"])] + [encoding.encode(" " + ending) for ending in line["endings"]]
    body = [index, int(line["label"]), len(line["endings"])] + [n for part in parts for n in [len(part), *part]]
    size = 2 * (2 + len(body))
    longest = max(longest, size)
    stream += [65535, size, *body]
header = np.zeros(256, dtype="<i4")
header[:4] = 20240522, 1, len(lines), longest
with open("choices.bin", "wb") as f:
    f.write(header.tobytes() + np.array(stream, dtype="<u2").tobytes())
