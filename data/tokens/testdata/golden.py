"""Writes golden.json: the tokens that tiktoken gives texts which are difficult to cut.

    pip install tiktoken==0.14.0
    python golden.py r50k_base.tiktoken > golden.json

The file of ranks is OpenAI's, as the Go module github.com/pkoukk/tiktoken-go-loader v0.0.2 holds it in assets.
"""

import base64
import gzip
import hashlib
import json
import random
import sys

import numpy
import tiktoken

raw = open(sys.argv[1], "rb").read()
assert hashlib.sha256(raw).hexdigest() == "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
ranks = {base64.b64decode(word): int(rank) for word, rank in (line.split() for line in raw.splitlines())}
pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""  # tiktoken_ext.openai_public
encoding = tiktoken.Encoding("r50k_base", explicit_n_vocab=50257, pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 50256})
assert encoding.encode_ordinary("Hello") == [15496]

texts = [
    "", "a", " ", "  ", "   ", "Hello world", "Hello  world", " Hello   world ", "\n", "\n\n", "\n\n\n", "a\nb", "a\n\nb", "a\n\n\nb", "a \nb", "a\n b", "a \n  b", "\ta\t\tb\t",
    "a\r\nb\r\n\r\nc\r\n", "\r\r\n\n\r", "a\x00b\x00\x00c", "\x00", "\x00 \x00", "\x0b\x0c\x1c\x1d\x1e\x1f\x7f", "a\x85b\x85\x85c", "a\u00a0b\u00a0\u00a0c \u00a0d",
    "\u3000\u3000a", "a\u2028b\u2029\u2029c", "\u200b\u200ba\ufeffb", "\u180ea",
    "I'm you're he's we've they'll I'd don't", "I'M YOU'RE HE'S WE'VE", "'s's's", "''s", "'''ll", " 's", "!'s", "x's'", "'sa", "'lla", "'l", "'", "' ", "'r'e", "don’t ’s", "rock'n'roll", "'tis 'twas", "\n's", "1's",
    "123456789", "1 2 3", "1,234.56", "3.14159e-10", "²³¹", "Ⅷ½¾", "٣٤٥", "१२३", "a1b2c3", "v2.0.1-rc3", "0x7fffffff", " 00 000 0000",
    "日本語のテキスト", "中文测试，没有空格。", "中 文  测", "한국어 텍스트입니다", "Привет, мир! Ёж", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "ภาษาไทยไม่มีช่องว่าง", "Ελληνικά", "Việt Nam đẹp lắm", "İstanbul ıI",
    "🙂", "🙂🙂🙂", " 🙂 🙂", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "é e\u0301 ê̄̃", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L", "𐐷𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "ﬁ ﬂ ǆ", "\ufffd", "\ufffd\ufffd a\ufffd", "\ud7ff\ue000\U0010ffff",
    "...", "…", "!!!???", "--", "—", "¿Qué?", "«a»", "a_b__c", "$100 €5 £3", "C:\\dir\\file.txt", "http://www.example.com/a?b=c&d=%20#e", "user@example.com", "#include <stdio.h>\nint main(void) {\n\treturn 0;\n}\n",
    "def f(x):\n    if x:\n        return  x  # note\n\n\n", "{\"a\": [1, 2, {\"b\": null}]}", "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|endoftext", "<|fim_prefix|>", "|>",
    " SolidGoldMagikarp", "antidisestablishmentarianism", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "ThisIsCamelCase", "ALLCAPS allcaps", "aAbBcC", "the The THE tHe",
    " a  b   c    d     e", "    indented\n        twice\n", "trailing   ", "trailing \n", "x \t\n \t\ny", "\n \n \n a", "  \n", "a  \n\n  b",
]
long = [("a", n) for n in (15, 16, 17, 127, 128, 129, 1000, 10000)] + [(s, n) for s in (" ", "\n", " \n", "!", "中", "🙂", "ab", "a ", "1", "\x00", "_", "=-", "ACGT", "́") for n in (15, 128, 1000)]
chance = random.Random(1)
units = [" ", " ", "\n", "\t", "\r\n", "\u00a0", "a", "s", "ing", "The", "é", "中", "1", "23", "'", "'s", "!", "…", "🙂", "\u0301", "\x00", "|", "<|", "|>"]
texts += ["".join(chance.choice(units) for _ in range(chance.randrange(1, 40))) for _ in range(300)]
# strings of letters, in which many merges compete
long += [("".join(chance.choice("etaoinshrdlucmf") for _ in range(n)), 1) for n in (14, 30, 100, 128, 129, 300)]

def row(tokens):
    return {"count": len(tokens), "sha256": hashlib.sha256(numpy.array(tokens, "<u4").tobytes()).hexdigest()}


out = [{"file": "opticks.txt.gz", **row(encoding.encode_ordinary(gzip.open("../opticks.txt.gz", "rt", encoding="utf-8", newline="").read()))}]
for text, repeat in [(t, 1) for t in texts] + long:
    tokens = encoding.encode_ordinary(text * repeat)
    assert encoding.decode_bytes(tokens) == (text * repeat).encode()
    out.append({"text": text, "repeat": repeat, **row(tokens)})
    if len(tokens) <= 60:
        out[-1]["tokens"] = tokens
print("[\n" + ",\n".join(json.dumps(o) for o in out) + "\n]")
