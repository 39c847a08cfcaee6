#!/usr/bin/env bash
# The first steps of Adan in adan-pytorch 0.1.0.
#
# The first gradient is only stored, as the one before the second. It enters no average, so the first step moves nothing. But it counts in the
# corrections of the averages for their start at 0. They take two gradients for one at the second step, and so on. With a constant gradient the second step
# has 0.71 of the length that it should have, and the 20th 0.98.
#
# Guess before the run: as in timm, where the first difference of gradients is 0 and each step has the length of the learning rate.
# Seen with adan-pytorch 0.1.0, timm 1.0.31 and torch 2.15.0, a constant gradient of 1 and a learning rate of 0.1:
# adan-pytorch: 0.0000 0.0712 0.0823 0.0873 0.0901   step 20: 0.0982
# timm: 0.1000 0.1000 0.1000 0.1000 0.1000   step 20: 0.1000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
adan-pytorch==0.1.0
timm==1.0.31
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/steps.py" <<'PY'
from importlib.metadata import version

import torch
from adan_pytorch import Adan
from timm.optim.adan import Adan as TimmAdan

print(*(f"{package} {version(package)}" for package in ("adan-pytorch", "timm", "torch")))
seen = {}
for name, method in (("adan-pytorch", Adan), ("timm", TimmAdan)):
    x = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = method([x], lr=0.1)
    at = [0.0]
    for _ in range(20):
        x.grad = torch.ones_like(x)
        optimizer.step()
        at.append(x.item())
    lengths = [f"{before - after:.4f}" for before, after in zip(at, at[1:])]
    seen[name] = f"{' '.join(lengths[:5])}   step 20: {lengths[-1]}"
    print(f"{name}: {seen[name]}")
assert seen == {
    "adan-pytorch": "0.0000 0.0712 0.0823 0.0873 0.0901   step 20: 0.0982",
    "timm": "0.1000 0.1000 0.1000 0.1000 0.1000   step 20: 0.1000",
}, "this has changed"
PY
"$folder/venv/bin/python" "$folder/steps.py"
