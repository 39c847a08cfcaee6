#!/usr/bin/env bash
# The simple average of ema-pytorch 0.8.3 where not every step is averaged.
#
# The documentation of EMA says that inv_gamma=1 and power=1 give a simple average. The n-th weight of a simple average enters with the share 1/n. EMA
# counts steps for this share. By default it averages every tenth step only (update_every=10, to save time), so the n-th weight enters with the share
# 1/(10n). Such an average hardly leaves its start: after 10,000 steps almost half of it is still the weight of the first step.
#
# Guess before the run: the mean of the weights 1, 2, ..., 10000 is about 5000, whether each of them is taken or each tenth.
# Seen with ema-pytorch 0.8.3 and torch 2.15.0, the weight is the number of the step: 5000.5 with update_every=1, 909.2 with 10, 99.0 with 100.
# The share of the first weight after 10,000 steps: 0.0001, 0.477 and 0.950
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
ema-pytorch==0.8.3
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/average.py" <<'PY'
from importlib.metadata import version

import torch
from ema_pytorch import EMA


def average(weight, every):
    """The average of weight(1), ..., weight(10000)."""
    model = torch.nn.Linear(1, 1, bias=False).double()
    ema = EMA(model, inv_gamma=1, power=1, update_after_step=0, update_every=every)
    for step in range(1, 10001):
        model.weight.data.fill_(weight(step))
        ema.update()
    return ema.ema_model.weight.item()


print(*(f"{package} {version(package)}" for package in ("ema-pytorch", "torch", "numpy")))
means, shares = [], []
for every in 1, 10, 100:
    means.append(average(lambda step: step, every))
    shares.append(average(lambda step: step == 1, every))
    print(f"update_every={every}: mean {means[-1]:.1f}, share of the first weight {shares[-1]:.4f}")
assert abs(means[0] - 5000.5) < 1 and shares[0] < 0.001, "each step: this has changed"
assert means[1] < 1000 and means[2] < 110 and shares[1] > 0.4 and shares[2] > 0.9, "not each step: this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/average.py"
