#!/usr/bin/env bash
# A learning rate of 0 in pytorch_optimizer 4.1.0, as the first step of a usual warm-up has it.
#
# The warm-up of transformers and many others makes its first step with a rate of 0. Of the methods of pytorch_optimizer three divide by
# the rate and raise ZeroDivisionError (ASGD, Gravity, MARS). FTRL makes the weights NaN. Three move the weights: A2Grad and Adafactor
# do not use the rate at all with their default options, and SRMM multiplies the weights by 0.707, since it averages them with a
# state that is still 0.
#
# Guess before the run: no method moves a weight at a rate of 0, and none fails.
# Seen with pytorch_optimizer 4.1.0, torch 2.15.0 and numpy 2.4.6, one step from [1, 2] with gradient [1, -2] and rate 0:
# a2grad [0.9, 2.2], adafactor [0.9984, 2.0016], srmm [0.707, 1.414], ftrl [nan, nan], adam [1, 2], the others raise
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch==2.15.0
numpy==2.4.6
pytorch_optimizer==4.1.0
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy, torch
from pytorch_optimizer import load_optimizer

print("pytorch_optimizer", version("pytorch_optimizer"), "torch", torch.__version__, "numpy", numpy.__version__)


def steps(name, start, gradients, **options):
    """The weights after each step."""
    weights = torch.nn.Parameter(torch.tensor(start))
    method = load_optimizer(name)([weights], **options)
    path = []
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        torch.manual_seed(0)
        method.step()
        path.append(weights.detach().clone())
    return path


def first(name):
    try:
        return steps(name, [1.0, 2.0], [[1.0, -2.0]], lr=0.0)[0].tolist()
    except ZeroDivisionError:
        return "ZeroDivisionError"


found = {name: first(name) for name in ("adam", "asgd", "gravity", "mars", "ftrl", "a2grad", "adafactor", "srmm")}
for name, weights in found.items():
    print(name, weights)
assert found["adam"] == [1, 2]
assert all(found[name] == "ZeroDivisionError" for name in ("asgd", "gravity", "mars")), "the division is gone"
assert all(weight != weight for weight in found["ftrl"]), "FTRL has changed"
assert found["a2grad"] == steps("a2grad", [1.0, 2.0], [[1.0, -2.0]], lr=10.0)[0].tolist() != [1, 2], "A2Grad uses the rate"
assert found["adafactor"] == steps("adafactor", [1.0, 2.0], [[1.0, -2.0]], lr=10.0)[0].tolist() != [1, 2], "Adafactor uses it"
assert abs(found["srmm"][0] - 0.5**0.5) < 1e-6, "SRMM has changed"
PY
