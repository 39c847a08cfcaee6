"""Reads texts as scikit-learn 1.9.1 and the csv module of Python 3 do, for TestPeers:

    pip install scikit-learn==1.9.1
    STEEPEST_PYTHON=python STEEPEST_TEST_TEXTS=100000 go test ./data -run Peers

Each line of the input is the JSON of a request, {"text": BASE64, "zero_based": BOOL} for LIBSVM or {"text": BASE64, "delimiter": CHARACTER,
"decimal": CHARACTER} for CSV, and is answered by a line of JSON. Numbers are written in hexadecimal, which is exact.
"""

import base64
import csv
import io
import json
import sys
import warnings

from sklearn.datasets import load_svmlight_file

warnings.simplefilter("ignore")


def libsvm(text, zero_based):
    x, y = load_svmlight_file(io.BytesIO(text), zero_based=zero_based)
    return {
        "y": [v.hex() for v in y.tolist()],
        "indptr": x.indptr.tolist(),
        "indices": x.indices.tolist(),
        "values": [v.hex() for v in x.data.tolist()],
    }


def number(cell, decimal):
    try:
        return float(cell.strip().replace(decimal, ".")).hex()
    except ValueError:
        return ""


def table(text, delimiter, decimal):
    lines = io.StringIO(text.decode("utf-8-sig"), newline="")
    rows = [row for row in csv.reader(lines, delimiter=delimiter, strict=True) if row]
    return {"cells": rows, "numbers": [[number(cell, decimal) for cell in row] for row in rows]}


for line in sys.stdin:
    request = json.loads(line)
    text = base64.b64decode(request["text"])
    try:
        if "delimiter" in request:
            answer = table(text, request["delimiter"], request["decimal"])
        else:
            answer = libsvm(text, request["zero_based"])
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
