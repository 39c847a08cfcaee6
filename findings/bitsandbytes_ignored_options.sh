#!/usr/bin/env bash
# Options of SGD, RMSprop and Adam in bitsandbytes 0.50.2 that change nothing, and its Adam with weight_decay. On the processor.
#
# SGD32bit takes and documents nesterov and dampening, and RMSprop32bit momentum. No error or warning says that all three are without effect, though
# other options that are not there (centered, SGD without momentum) raise NotImplementedError. Adam32bit with weight_decay is AdamW32bit, bit for
# bit: it shrinks the weights and does not add the penalty to the gradient. Who replaces torch's optimizers by those of the same names, to
# save memory, trains by another method.
#
# Guess before the run: with 32-bit states each method makes the steps of torch's method with the same options.
# Seen with bitsandbytes 0.50.2 and torch 2.15.0, weight 1 after five steps at rate 0.1, bitsandbytes and torch:
# SGD -0.1839 -0.1839, with nesterov -0.1839 -0.5655, with dampening 0.9 -0.1839 0.5130. RMSprop -2.1532 -2.1532, with momentum 0.9 -2.1532 -7.8387.
# Adam 0.5235 0.5235, with weight_decay 0.5 0.3438 0.5144. AdamW with weight_decay 0.5 0.3438 0.3438
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
bitsandbytes==0.50.2
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/options.py" <<'PY'
from importlib.metadata import version

import bitsandbytes.optim
import torch


def end(method, options):
    """A weight of 1 after five steps."""
    weights = torch.nn.Parameter(torch.ones(64))
    optimizer = method([weights], lr=0.1, **options)
    for gradient in 1.0, 1.0, 0.5, 0.5, 2.0:
        weights.grad = torch.full_like(weights, gradient)
        optimizer.step()
    return weights[0].item()


def close(a, b):
    return abs(a - b) < 1e-4


print(*(f"{package} {version(package)}" for package in ("bitsandbytes", "torch", "numpy")))
heavy = {"momentum": 0.9}
for name, plain, option in [
    ("SGD", heavy, {"nesterov": True}),
    ("SGD", heavy, {"dampening": 0.9}),
    ("RMSprop", {}, {"momentum": 0.9}),
    ("Adam", {}, {"weight_decay": 0.5}),
]:
    there, torchs = getattr(bitsandbytes.optim, name + "32bit"), getattr(torch.optim, name)
    without, with_option = end(there, plain), end(there, plain | option)
    torch_without, torch_with = end(torchs, plain), end(torchs, plain | option)
    print(f"{name} {without:.4f} {torch_without:.4f}, with {option} {with_option:.4f} {torch_with:.4f}")
    assert close(without, torch_without)
    if name == "Adam":
        assert with_option == end(bitsandbytes.optim.AdamW32bit, option) and close(with_option, end(torch.optim.AdamW, option)), "this has changed"
    else:
        assert with_option == without, "this has changed"
    assert not close(with_option, torch_with), "this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/options.py"
