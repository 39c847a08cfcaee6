#!/usr/bin/env bash
# The momentum of torchopt 0.7.3 after a resume from a saved state.
#
# The first step of SGD with momentum is special: the gradient alone becomes the momentum, without dampening. Whether a step is the first is kept in a
# variable of the function that makes the steps, and not in the state. So the state does not say all. An optimizer that loads a state
# takes its next step for the first: the old momentum is kept whole where 0.9 of it should be kept, and the new gradient is not dampened. In the other
# direction, an optimizer function that starts twice, as the inner loop of meta-learning does, dampens the first gradient of its second start.
# state_dict, load_state_dict and the functional form all do so.
#
# Guess before the run: a run that is stopped and resumed takes the steps of the run without a stop, and a second start those of the first.
# Seen with torchopt 0.7.3 and torch 2.15.0, rate 0.1, momentum 0.9, gradient 1, stop after five of ten steps, the sixth step and the last position:
# without a stop 0.469 and -4.138, with one 0.510 and -4.306. With a dampening of 0.9 they are 0.100 and -1.000, and 0.200 and -1.410.
# First step with this dampening: 0.100 of the first start, 0.010 of the second
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torchopt==0.7.3
torch==2.15.0
numpy==2.4.6
PINS
cd "$folder"
cat >resume.py <<'PY'
from importlib.metadata import version

import torch
import torchopt


def run(stop, dampening):
    """The sixth step of ten and the last position, for a run that may be stopped after the fifth and resumed from two files."""
    weight, seen = torch.nn.Parameter(torch.zeros(1)), []
    method = torchopt.SGD([weight], lr=0.1, momentum=0.9, dampening=dampening)
    for step in range(1, 11):
        method.zero_grad()
        weight.sum().backward()
        method.step()
        seen.append(weight.item())
        if step == 5 and stop:
            torch.save((weight.detach(), method.state_dict()), "checkpoint.pt")
            position, state = torch.load("checkpoint.pt", weights_only=False)
            weight = torch.nn.Parameter(position)
            method = torchopt.SGD([weight], lr=0.1, momentum=0.9, dampening=dampening)
            method.load_state_dict(state)
    return f"sixth step {seen[4] - seen[5]:.3f}, last position {seen[9]:.3f}"


def first_steps():
    """The first step after each of two starts of one optimizer function."""
    method = torchopt.sgd(lr=0.1, momentum=0.9, dampening=0.9)
    for _ in range(2):
        weights = (torch.zeros(1),)
        updates, _ = method.update((torch.ones(1),), method.init(weights), params=weights, inplace=False)
        yield f"{-updates[0].item():.3f}"


print(*(f"{package} {version(package)}" for package in ("torchopt", "torch", "numpy")))
seen = [run(stop, dampening) for dampening in (0.0, 0.9) for stop in (False, True)] + [" ".join(first_steps())]
names = "without a stop", "with a stop", "dampening 0.9, without a stop", "dampening 0.9, with a stop", "dampening 0.9, first step of two starts"
for name, result in zip(names, seen):
    print(f"{name}: {result}")
assert seen == [
    "sixth step 0.469, last position -4.138",
    "sixth step 0.510, last position -4.306",
    "sixth step 0.100, last position -1.000",
    "sixth step 0.200, last position -1.410",
    "0.100 0.010",
], "this has changed"
PY
"$folder/venv/bin/python" -W ignore resume.py
