#!/usr/bin/env bash
# The decoupled weight decay of a group with a learning rate of its own in lion-pytorch 0.2.5.
#
# With decoupled_weight_decay=True a step shrinks weights by weight_decay, whatever the learning rate is at the start, and by less as a schedule
# lowers the rate. The option divides the decay by the rate that was passed to Lion, and the step multiplies it by the rate of the group. A
# group with another rate is therefore not decoupled: it shrinks by weight_decay times the ratio of the two rates.
#
# Guess before the run: the decay is divided by the first rate of each group, so that a zero gradient takes all weights from 1 to 0.99.
# Seen with lion-pytorch 0.2.5 and torch 2.15.0, Lion(groups, lr=1e-4, weight_decay=0.01, decoupled_weight_decay=True):
# no rate: 0.99   rate 1e-3: 0.9   rate 1e-5: 0.999
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
lion-pytorch==0.2.5
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/groups.py" <<'PY'
from importlib.metadata import version

import torch
from lion_pytorch import Lion

print(*(f"{package} {version(package)}" for package in ("lion-pytorch", "torch")))
groups = {"no rate": {}, "rate 1e-3": {"lr": 1e-3}, "rate 1e-5": {"lr": 1e-5}}
weights = {name: torch.nn.Parameter(torch.ones(1, dtype=torch.float64)) for name in groups}
optimizer = Lion([{"params": [weights[name]], **group} for name, group in groups.items()], lr=1e-4, weight_decay=0.01, decoupled_weight_decay=True)
for weight in weights.values():
    weight.grad = torch.zeros_like(weight)
optimizer.step()
seen = {name: round(weight.item(), 12) for name, weight in weights.items()}
print(*(f"{name}: {weight}" for name, weight in seen.items()), sep="   ")
assert seen == {"no rate": 0.99, "rate 1e-3": 0.9, "rate 1e-5": 0.999}, "this has changed"
PY
"$folder/venv/bin/python" "$folder/groups.py"
