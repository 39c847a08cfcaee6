#!/usr/bin/env bash
# A parameter group whose learning rate is set to 0, in prodigyopt 1.1.2 and dadaptation 3.2.
#
# These methods want one learning rate for all groups. The only other value that they allow for a group is 0, which excludes it. If a group is
# excluded after some steps, to freeze a part of the model, Prodigy and DAdaptAdam no longer update its momentum, but go on adding it to the
# weights, with the size of step that the other groups have. The frozen weights leave in a straight line and never stop. DAdaptLion and
# DAdaptAdaGrad train a group of rate 0 like all others, from the first step on. DAdaptSGD does freeze it.
#
# Guess before the run: the weights of a group of rate 0 keep their bits.
# Seen with prodigyopt 1.1.2, dadaptation 3.2, torch 2.15.0 and numpy 2.4.6, loss (a - 5)² + (b - 5)² from (1, 1), b frozen after 30 steps,
# 300 steps in all: Prodigy takes b from 6.69 to -292, DAdaptAdam from 5.55 to 334, DAdaptLion from 1.03 to 4.17, DAdaptAdaGrad from 1.00 to 5,
# DAdaptSGD leaves it at 3.98. Frozen from the start, b moves from 1 to 4.17 under DAdaptLion and to 5 under DAdaptAdaGrad
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch==2.15.0
numpy==2.4.6
prodigyopt==1.1.2
dadaptation==3.2
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import dadaptation, prodigyopt, torch

for package in ("prodigyopt", "dadaptation", "torch", "numpy"):
    print(package, version(package), end="  ")
print()


def frozen(method, after):
    """The weight b when its group gets the rate 0, and 300 steps after the start."""
    a, b = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    optimizer = method([{"params": [a]}, {"params": [b]}])
    for step in range(300):
        if step == after:
            optimizer.param_groups[1]["lr"] = 0.0
            before = b.item()
        optimizer.zero_grad()
        ((a - 5) ** 2 + (b - 5) ** 2).sum().backward()
        optimizer.step()
    return before, b.item()


for method, late, early in [
    (prodigyopt.Prodigy, True, False),
    (dadaptation.DAdaptAdam, True, False),
    (dadaptation.DAdaptLion, True, True),
    (dadaptation.DAdaptAdaGrad, True, True),
    (dadaptation.DAdaptSGD, False, False),
]:
    for after, moves in (30, late), (0, early):
        before, end = frozen(method, after)
        print(f"{method.__name__}: frozen after {after} steps at {before:.3f}, at the end {end:.3f}")
        assert (end != before) == moves, "this has changed"
        assert not (moves and after and method in (prodigyopt.Prodigy, dadaptation.DAdaptAdam)) or abs(end) > 100
PY
