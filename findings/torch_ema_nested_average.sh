#!/usr/bin/env bash
# The average of torch-ema 0.3 used inside itself.
#
# `with ema.average_parameters()` puts the average into the model and the weights back at the end. A function that evaluates the model may use it, and
# so may its caller, for a whole report. There is one place for the weights: the inner block stores the average there, over the weights. So the
# outer block ends with the average in the model, and training goes on from it. Nothing is raised.
#
# Guess before the run: such blocks nest, and after the outer one the model has the weight of the last step, 4.
# Seen with torch-ema 0.3 and torch 2.15.0: a single block leaves 4, and nested blocks leave the average, 3.5004995. The next step of SGD
# goes from there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch-ema==0.3
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/nested.py" <<'PY'
from importlib.metadata import version

import torch
from torch_ema import ExponentialMovingAverage

model = torch.nn.Linear(1, 1, bias=False).double()
model.weight.data.fill_(0)
optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
ema = ExponentialMovingAverage(model.parameters(), decay=0.5)


def evaluate():
    with ema.average_parameters():
        return model.weight.item()


def weight_after(block):
    """The weight after four steps, after the block, and after one more step of length 1."""
    for step in range(1, 5):
        model.weight.data.fill_(step)
        ema.update()
    block()
    after = model.weight.item()
    optimizer.zero_grad()
    model.weight.sum().backward()
    optimizer.step()
    return after, model.weight.item()


def report():
    with ema.average_parameters():
        return evaluate()


print(*(f"{package} {version(package)}" for package in ("torch-ema", "torch", "numpy")))
single = weight_after(evaluate)
model.weight.data.fill_(0)
ema = ExponentialMovingAverage(model.parameters(), decay=0.5)
nested = weight_after(report)
print("one block:", *single)
print("nested blocks:", *nested)
assert single == (4, 3), "a single block: this has changed"
assert abs(nested[0] - 3.5004995) < 1e-6 and nested[1] == nested[0] - 1, "nested blocks: this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/nested.py"
