"""Writes parquet/: one table as Parquet in many encodings, and what it holds as table.json.

    pip install numpy==2.4.6 pyarrow==26.0.1
    python parquet.py

The cells of table.json are spelled as Python does, null for a missing one. Each file but required.parquet has all of them; that one has the rows
without a missing cell. numbers.parquet has two columns of numbers, worded.parquet words in the second, odd.parquet columns that are neither
numbers nor words, long.parquet many rows, text.parquet texts, heads.parquet long texts, and decimals-*.parquet numbers that are stored as bytes,
whose cells are in decimals.json.
"""

import datetime
import decimal
import json
import math
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).with_name("parquet")
ROWS = 60
WORDS = ["red", "green", "blue", "", "a much longer word, with a comma", "naïve"]


def column(value, nulls):
    return [None if nulls and i % nulls == nulls - 1 else value(i) for i in range(ROWS)]


COLUMNS = {
    "double": (pa.float64(), column(lambda i: math.sin(i) * 10.0 ** (i % 40 - 20), 7)),
    "float": (pa.float32(), column(lambda i: (i - 30) / 8, 11)),
    "int": (pa.int32(), column(lambda i: (-1) ** i * (2**31 - 1 - 1000 * i * i), 13)),
    "long": (pa.int64(), column(lambda i: (-1) ** i * (2**53 - 7 * i), 17)),
    "byte": (pa.uint8(), column(lambda i: 4 * i, 0)),
    "uint": (pa.uint32(), column(lambda i: 2**32 - 1 - i * i, 9)),
    "ulong": (pa.uint64(), column(lambda i: 2**64 - 2**12 * (i + 1), 10)),
    "bool": (pa.bool_(), column(lambda i: i % 3 == 0, 8)),
    "price": (pa.decimal128(9, 2), column(lambda i: decimal.Decimal(100 * i - 77) / 100, 12)),
    "constant": (pa.float64(), column(lambda i: 2.5, 0)),
    "text": (pa.string(), column(lambda i: str(i / 4), 6)),
    "word": (pa.string(), column(lambda i: WORDS[i * i % 6], 5)),
    "class": (pa.string(), column(lambda i: ["yes", "no", "perhaps"][i % 7 % 3], 0)),
}
DELTAS = {"int": "DELTA_BINARY_PACKED", "long": "DELTA_BINARY_PACKED", "byte": "DELTA_BINARY_PACKED", "uint": "DELTA_BINARY_PACKED",
          "ulong": "DELTA_BINARY_PACKED", "text": "DELTA_LENGTH_BYTE_ARRAY", "word": "DELTA_BYTE_ARRAY", "class": "DELTA_BYTE_ARRAY"}
SPLIT = {name: "BYTE_STREAM_SPLIT" for name in ["double", "float", "int", "long", "constant"]}
PLAIN = dict(use_dictionary=False, store_decimal_as_integer=True, compression="none", store_schema=False)


def table(required=False):
    rows = [i for i in range(ROWS) if not required or all(values[i] is not None for _, values in COLUMNS.values())]
    fields = [pa.field(name, kind, nullable=not required) for name, (kind, _) in COLUMNS.items()]
    arrays = [pa.array([values[i] for i in rows], kind) for kind, values in COLUMNS.values()]
    return pa.table(arrays, pa.schema(fields))


def write(name, of, **options):
    pq.write_table(of, FOLDER / f"{name}.parquet", **PLAIN | options)


def spelled(value):
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


FOLDER.mkdir(exist_ok=True)
write("plain", table())
write("snappy", table(), compression="snappy", use_dictionary=True)
write("gzip-v2", table(), compression="gzip", use_dictionary=True, data_page_version="2.0")
write("delta-zstd", table(), compression="zstd", column_encoding=DELTAS, data_page_version="2.0")
write("delta", table(), column_encoding=DELTAS, row_group_size=25)
write("split-gzip", table(), compression="gzip", column_encoding=SPLIT)
write("groups", table(), row_group_size=7, write_page_checksum=True, use_dictionary=["word", "double"])
write("pages", table(), data_page_size=16, write_batch_size=4, use_dictionary=["text", "long"], compression="zstd")
write("required", table(required=True), compression="snappy")
write("numbers", pa.table({"power": [55.0, 70.0, 90.0, 120.0], "price": [9000, 11500, 13000, 21000]}))
write("worded", pa.table({"power": [60.0, 80.0], "price": ["low", "high"]}))  # numbers.parquet with words as labels
write("brotli", pa.table({"x": [1.0, 2.0], "y": [1, 2]}), compression="brotli")

tiny = table().slice(0, 12).select(["double", "int", "word", "class"])  # for what is changed at random
for name, options in {"plain": {}, "delta": {"column_encoding": {"int": "DELTA_BINARY_PACKED", "word": "DELTA_BYTE_ARRAY", "class": "DELTA_LENGTH_BYTE_ARRAY"}},
                      "split": {"column_encoding": {"double": "BYTE_STREAM_SPLIT"}, "data_page_version": "2.0"},
                      "snappy": {"use_dictionary": True, "compression": "snappy"}, "zstd": {"use_dictionary": True, "compression": "zstd", "row_group_size": 5},
                      "gzip": {"compression": "gzip"}}.items():
    write("tiny-" + name, tiny, write_statistics=False, **options)

day = datetime.date(2020, 2, 29)
write("odd", pa.table({
    "x": [1.0, 2.0],
    "list": [[1], [2, 3]],
    "record": [{"a": 1, "b": {"c": 2}}] * 2,
    "day": [day, day],
    "time": [datetime.datetime(2020, 2, 29, 12)] * 2,
    "fixed": pa.array([b"ab", b"cd"], pa.binary(2)),
    "big": pa.array([decimal.Decimal(10) ** 30] * 2, pa.decimal128(38, 2)),
    "y": [0, 1],
    "__index_level_0__": [5, 6],
}))
long = {f"x{j}": [(j + 1) * (i % (97 * (j + 1))) / 4 for i in range(1200)] for j in range(9)}  # TestReadParquetLong computes the same
write("long", pa.table(long | {"y": [i % 3 for i in range(1200)]}), row_group_size=700, use_dictionary=[f"x{j}" for j in range(8)],
      dictionary_pagesize_limit=3000, data_page_size=1000, write_batch_size=50, compression="snappy", write_statistics=False)
write("heads", pa.table({"n": [1, 2, 3], "text": ["a" * 300, "b" * 300, "c" * 300]}))  # the head of a page repeats the least and the greatest word
write("text", pa.table({"n": [1, 2, 3, 4], "text": ["one two", "", None, "three\nfour"]}), row_group_size=3)

decimal.getcontext().prec = 100
DIGITS = "31415926535897932384626433832795028841971693993751058209749445923078164062862089"


def digits(i, most):  # whole numbers of up to most digits, with both signs
    return (-1) ** i * int(DIGITS[i % 7:i % 7 + 1 + i * 11 % most])


BYTES = {
    "cents": (pa.decimal128(9, 2), column(lambda i: decimal.Decimal(10 * i * i - 3000).scaleb(-2), 12)),
    "long": (pa.decimal128(18, 18), column(lambda i: decimal.Decimal(digits(i, 18)).scaleb(-18), 5)),
    "most": (pa.decimal128(38, 10), column(lambda i: decimal.Decimal(digits(i, 38)).scaleb(-10), 9)),
    "whole": (pa.decimal128(38, 0), column(lambda i: decimal.Decimal((-1) ** i * (10**38 - 1 - i // 4)), 0)),
    "wide": (pa.decimal256(76, 40), column(lambda i: decimal.Decimal(digits(i, 76)).scaleb(-40), 11)),
    "half": (pa.float16(), [v if v is None else np.float16(v) for v in column(lambda i: (-1) ** i * 1.55 ** (i - 35), 10)]),
    "label": (pa.decimal128(20, 1), column(lambda i: decimal.Decimal(i % 3), 0)),
}
of = pa.table([pa.array(values, kind) for kind, values in BYTES.values()], list(BYTES))
for name, options in {"plain": {}, "words": {"use_dictionary": True, "compression": "snappy"}, "integers": {"store_decimal_as_integer": True},
                      "split": {"column_encoding": {name: "BYTE_STREAM_SPLIT" for name in BYTES}, "data_page_version": "2.0"},
                      "delta": {"column_encoding": {name: "DELTA_BYTE_ARRAY" for name in BYTES}, "row_group_size": 25}}.items():
    write("decimals-" + name, of, **{"store_decimal_as_integer": False} | options)
with open(FOLDER / "decimals.json", "w", encoding="utf-8") as out:
    cells = {name: [v if v is None else str(float(v)) if name == "half" else f"{v:f}" for v in of[name].to_pylist()] for name in BYTES}
    json.dump({"pyarrow": pa.__version__, "names": list(BYTES), "cells": cells}, out, indent=1)
    out.write("\n")

with open(FOLDER / "table.json", "w", encoding="utf-8") as out:
    cells = {name: [spelled(v) for v in table()[name].to_pylist()] for name in COLUMNS}
    json.dump({"pyarrow": pa.__version__, "names": list(COLUMNS), "cells": cells}, out, ensure_ascii=False, indent=1)
    out.write("\n")
