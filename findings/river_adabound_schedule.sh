#!/usr/bin/env bash
# AdaBound of river 0.26.1 under a schedule of the learning rate.
#
# AdaBound keeps each step between two bounds that approach final_lr. Under a schedule final_lr follows the learning rate, so that both shrink
# alike. river multiplies final_lr by (learning rate / first learning rate) in each step, and stores the product. So the factors of all steps are
# multiplied. Under InverseScaling, 1 / sqrt(t), final_lr is 0.1 / sqrt(t!) after t steps. From the thirteenth step on it decides the step, in the
# twentieth it is 6e-11, and after some three hundred steps it is 0. The weights then stand still for ever.
#
# Guess before the run: after 1,000 steps of a constant gradient the schedule's step is about 1 / sqrt(1000) of the step without a schedule.
# Seen with river 0.26.1, numpy 2.4.6 and scipy 1.17.1, learning rate 1e-3, gradient always 1, steps 1, 2, 10, 20, 50 and 1000:
# constant 0.001 0.001 0.001 0.0017 0.0047 0.05; InverseScaling 0.001 7.1e-4 3.2e-4 2.9e-9 1.2e-32 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
river==0.26.1
numpy==2.4.6
scipy==1.17.1
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy
from river import optim

print("river", version("river"), "numpy", numpy.__version__)


def steps(rate):
    """The sizes of 1,000 steps under a gradient of 1, and final_lr after them."""
    method, weights, taken = optim.AdaBound(rate, final_lr=0.1), {"w": 0.0}, []
    for _ in range(1000):
        weights["w"] = 0.0  # so that a small step is not rounded away
        method.step(weights, {"w": 1.0})
        taken.append(abs(weights["w"]))
    return taken, method.final_lr


found = {name: steps(rate) for name, rate in [("constant", 1e-3), ("InverseScaling", optim.schedulers.InverseScaling(1e-3))]}
for name, (taken, final) in found.items():
    print(name, *(f"{taken[t - 1]:.2g}" for t in (1, 2, 10, 20, 50, 1000)), "final_lr", final)
(constant, _), (scaled, final) = found.values()
assert constant[999] > 0.04
assert scaled[9] > 2e-4, "the first ten steps have changed"
assert scaled[19] < 1e-8 and scaled[999] == final == 0, "final_lr no longer vanishes"
PY
