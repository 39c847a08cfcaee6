#!/usr/bin/env bash
# A parameter that has no gradient in one step, in torchopt 0.7.3.
#
# Where a parameter has no gradient, a method should leave it and its state alone, and most methods of torchopt do. SGD puts nothing in the place of
# the momentum, and what is nothing stays nothing: from then on this parameter has plain steps without momentum, 0.1 instead of up to 1. In the
# differentiable form, MetaSGD, it never moves again. AdaMax loses its second moment in the same way, and then writes each update over its first
# moment; its steps are no longer normalized, and here a tenth of what they were. AdaMax and RAdam also move the parameter in the step
# without a gradient. Nothing reports it. It happens wherever a batch does not reach a part of the model: an expert that no row chose, one of
# several heads, a layer that was dropped or frozen for a while.
#
# Guess before the run: the parameter stays where it is for one step, and then goes on as if the step had not been, as in PyTorch.
# Seen with torchopt 0.7.3 and torch 2.15.0, rate 0.1, momentum 0.9, gradient 1 but for the sixth of ten steps, which has none; the position after the
# fifth, sixth and tenth step:
# SGD of PyTorch -1.314 -1.314 -3.487 | SGD of torchopt -1.314 -1.314 -1.714 | MetaSGD -1.314 -1.314 -1.314
# Adamax of PyTorch -0.500 -0.500 -0.900 | AdaMax of torchopt -0.500 -0.541 -0.575 | RAdam of PyTorch stays in the sixth, that of torchopt does not
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torchopt==0.7.3
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/gap.py" <<'PY'
from importlib.metadata import version

import torch
import torchopt


class Two(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.always = torch.nn.Parameter(torch.zeros(1))
        self.mostly = torch.nn.Parameter(torch.zeros(1))


def positions(make):
    """Where the second parameter is after the fifth, the sixth and the tenth step. The sixth loss does not contain it."""
    model, seen = Two(), []
    method = make(model)
    for step in range(1, 11):
        loss = model.always.sum() + (model.mostly.sum() if step != 6 else 0)
        if isinstance(method, torchopt.MetaOptimizer):
            method.step(loss)
        else:
            method.zero_grad(set_to_none=True)
            loss.backward()
            method.step()
        seen.append(round(model.mostly.item(), 3))
    return seen[4], seen[5], seen[9]


methods = {
    "SGD of PyTorch": lambda model: torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    "SGD of torchopt": lambda model: torchopt.SGD(model.parameters(), lr=0.1, momentum=0.9),
    "MetaSGD of torchopt": lambda model: torchopt.MetaSGD(model, lr=0.1, momentum=0.9),
    "Adamax of PyTorch": lambda model: torch.optim.Adamax(model.parameters(), lr=0.1),
    "AdaMax of torchopt": lambda model: torchopt.AdaMax(model.parameters(), lr=0.1),
    "RAdam of PyTorch": lambda model: torch.optim.RAdam(model.parameters(), lr=0.1),
    "RAdam of torchopt": lambda model: torchopt.RAdam(model.parameters(), lr=0.1),
    "Adam of torchopt": lambda model: torchopt.Adam(model.parameters(), lr=0.1),
}
print(*(f"{package} {version(package)}" for package in ("torchopt", "torch", "numpy")))
seen = {name: positions(make) for name, make in methods.items()}
for name, (fifth, sixth, tenth) in seen.items():
    print(f"{name:20} {fifth:.3f} {sixth:.3f} {tenth:.3f}")
changed = "this has changed"
assert seen["SGD of PyTorch"] == (-1.314, -1.314, -3.487), changed
assert seen["SGD of torchopt"] == (-1.314, -1.314, -1.714), changed
assert seen["MetaSGD of torchopt"] == (-1.314, -1.314, -1.314), changed
assert seen["AdaMax of torchopt"] == (-0.5, -0.541, -0.575), changed
assert seen["RAdam of PyTorch"][0] == seen["RAdam of PyTorch"][1], changed
assert seen["RAdam of torchopt"][0] != seen["RAdam of torchopt"][1], changed
PY
"$folder/venv/bin/python" -W ignore "$folder/gap.py"
