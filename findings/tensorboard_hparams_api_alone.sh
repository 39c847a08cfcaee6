#!/usr/bin/env bash
# The documented module of TensorBoard 2.21.0 for hyperparameters cannot be imported where TensorFlow is not installed.
#
# TensorBoard's package declares no need of TensorFlow, reads event files without it, and its writers of scalars and histograms import without
# it. The module that the guide to hyperparameters names, tensorboard.plugins.hparams.api, ends with ModuleNotFoundError: No module named
# 'tensorflow'. The module below it that makes the same message, summary_v2, imports and works.
#
# Guess before the run: all modules import, on the stub that the package brings in place of TensorFlow.
# Seen with tensorboard 2.21.0 and numpy 2.4.6: api and summary of hparams fail; summary_v2 of hparams and of scalars, and tensorboard.summary, import.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tensorboard==2.21.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import importlib

import numpy
import tensorboard

print("tensorboard", tensorboard.__version__, "numpy", numpy.__version__)
seen = {}
for name in "plugins.hparams.api", "plugins.hparams.summary", "plugins.hparams.summary_v2", "plugins.scalar.summary_v2", "summary":
    try:
        importlib.import_module("tensorboard." + name)
        seen[name] = "imported"
    except ModuleNotFoundError as error:
        seen[name] = str(error)
    print(name, "-", seen[name])
assert seen == {
    "plugins.hparams.api": "No module named 'tensorflow'",
    "plugins.hparams.summary": "No module named 'tensorflow'",
    "plugins.hparams.summary_v2": "imported",
    "plugins.scalar.summary_v2": "imported",
    "summary": "imported",
}, "other modules need TensorFlow now"

from tensorboard.plugins.hparams import summary_v2

message = summary_v2.hparams_pb({"rate": 0.1})
assert message.value[0].metadata.plugin_data.plugin_name == "hparams", "the message has changed"
PY
