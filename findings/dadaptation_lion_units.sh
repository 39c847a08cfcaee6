#!/usr/bin/env bash
# The momentum of DAdaptLion in dadaptation 3.2, and the unit of the weights.
#
# Lion steps by the sign of 0.9 times an average of the gradients plus 0.1 times the new gradient. DAdaptLion finds the step size d by itself. It
# multiplies the gradients in the average by d, but not the new gradient. So the two meet in the ratio 0.9·d to 0.1. If d is small, as it is for usual
# weights, the new gradient alone decides, and beta1 is without effect: the method is sign descent, without any momentum. If d is large, the new
# gradient hardly counts. So a change of the unit of the weights changes the run, which neither Lion nor DAdaptAdam shows. The package
# itself calls DAdaptLion experimental.
#
# Guess before the run: the sign of the step agrees with the sign of the newest gradient as often as under Lion, and the unit only scales the run.
# Seen with dadaptation 3.2, lion-pytorch 0.2.5 and torch 2.15.0, 1,000 weights, 1,000 steps, the same gradients in each unit. Agreement in the units
# 0.01, 1 and 100: 1.000, 0.978, 0.584 (Lion 0.818 in all). Error at the end in these units: 0.43, 0.52, 8.04 (Lion 0.23 in all,
# DAdaptAdam 0.57 to 0.59). DAdaptLion with beta1 = 0 ends at 0.44, 0.43 and 0.43
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
dadaptation==3.2
lion-pytorch==0.2.5
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/units.py" <<'PY'
from importlib.metadata import version

import torch
from dadaptation import DAdaptAdam, DAdaptLion
from lion_pytorch import Lion

units = 0.01, 1.0, 100.0


def run(method, unit):
    """The agreement of steps with the newest gradients, and the mean error at the end in this unit."""
    random = torch.Generator().manual_seed(0)
    goal = torch.randn(1000, generator=random)
    weights = torch.nn.Parameter(torch.zeros(1000))
    optimizer, agreement = method([weights], unit), 0
    for _ in range(1000):
        weights.grad = weights.detach() / unit - goal + 3 * torch.randn(1000, generator=random)
        before = weights.detach().clone()
        optimizer.step()
        agreement += ((before - weights.detach()).sign() == weights.grad.sign()).float().mean().item() / 1000
    return agreement, (weights / unit - goal).abs().mean().item()


print(*(f"{package} {version(package)}" for package in ("dadaptation", "lion-pytorch", "torch", "numpy")))
results = {}
for name, method in {
    "Lion": lambda weights, unit: Lion(weights, lr=0.01 * unit),
    "DAdaptAdam": lambda weights, unit: DAdaptAdam(weights),
    "DAdaptLion": lambda weights, unit: DAdaptLion(weights),
    "DAdaptLion beta1=0": lambda weights, unit: DAdaptLion(weights, betas=(0.0, 0.99)),
}.items():
    results[name] = [run(method, unit) for unit in units]
    print(f"{name:18}", *(f"unit {unit}: agreement {a:.3f} error {e:.2f}  " for unit, (a, e) in zip(units, results[name])))
for name in "Lion", "DAdaptAdam":
    errors = [error for _, error in results[name]]
    assert max(errors) < 1.1 * min(errors), f"{name} depends on the unit"
small, _, large = results["DAdaptLion"]
assert small[0] > 0.99 and large[0] < 0.7 and large[1] > 5 * small[1], "this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/units.py"
