#!/usr/bin/env bash
# A parameter without a gradient in the closure forms of schedulefree 1.4.1.
#
# A schedule-free method takes its gradients at a point y between the average x, which is the result, and the newest iterate z. The closure
# forms move each parameter from x to y before the closure and back to x after it. The way back is taken only where the parameter has a gradient. A
# parameter without one stays at y: with the default momentum each such step takes a tenth of the way from x to z, for good. So a layer that is
# frozen in the middle of a run loses its average and ends as its last noisy iterate. The forms without a closure leave it alone.
#
# Guess before the run: a parameter keeps its weight while it has no gradient.
# Seen with schedulefree 1.4.1 and torch 2.15.0, rate 0.5, 200 weights with the loss (weight - noise)²/2 each, frozen after 200 of 300 steps, their mean
# distance from the optimum 0 after 200, 210 and 300 steps:
# SGDScheduleFree 0.138 0.138 0.138, SGDScheduleFreeClosure 0.138 0.787 1.204. AdamW ends at 0.137 and as a closure at 1.187, RAdam at 0.142 and 0.499
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
schedulefree==1.4.1
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/frozen.py" <<'PY'
from importlib.metadata import version

import schedulefree
import torch


def errors(name):
    """The mean distance of 200 weights from their optimum 0 at the steps 200, 210 and 300. After step 200 they have no gradient."""
    noise, seen = torch.Generator().manual_seed(0), []
    frozen, other = (torch.nn.Parameter(torch.ones(200)) for _ in range(2))
    method = getattr(schedulefree, name)([frozen, other], lr=0.5)

    def closure():
        method.zero_grad()
        parameters = [other] if step > 200 else [other, frozen]
        loss = sum((parameter - torch.randn(200, generator=noise)).square().sum() / 2 for parameter in parameters)
        loss.backward()
        return loss

    for step in range(1, 301):
        if name.endswith("Closure"):
            method.step(closure)
        else:
            method.train()
            closure()
            method.step()
        if step in (200, 210, 300):
            if not name.endswith("Closure"):
                method.eval()
            seen.append(round(frozen.detach().abs().mean().item(), 3))
    return seen


print(*(f"{package} {version(package)}" for package in ("schedulefree", "torch", "numpy")))
for name in "SGDScheduleFree", "AdamWScheduleFree", "RAdamScheduleFree":
    open_form, closure_form = errors(name), errors(name + "Closure")
    print(f"{name:18}", *(f"{error:.3f}" for error in open_form), "  as a closure", *(f"{error:.3f}" for error in closure_form))
    assert open_form[0] == open_form[1] == open_form[2], "this has changed"
    assert closure_form[0] < closure_form[1] < closure_form[2] and closure_form[2] > 2 * closure_form[0], "this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/frozen.py"
