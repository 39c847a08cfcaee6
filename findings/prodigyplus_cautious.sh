#!/usr/bin/env bash
# The cautious option of Prodigy in prodigy-plus-schedule-free 2.0.1, without its schedule-free averaging.
#
# A cautious method masks the coordinates of an update whose sign differs from the gradient's. Here the mask is computed and thrown away, and the
# product of the gradient and its moving average takes its place as the update (step_param_prodigy, lines 329 to 333). Where both agree, as they
# mostly do, the product is positive, whatever the sign of the gradient. So weights only decrease. Those that should grow leave the minimum,
# faster and faster, or else the estimate of the step size never starts, and nothing is learned. No warning appears. The option works with
# schedule-free averaging, which is the default and has code of its own.
#
# Guess before the run: about the path of the method without the option, perhaps a little faster.
# Seen with prodigy-plus-schedule-free 2.0.1, torch 2.15.0 and numpy 2.4.6, use_schedulefree=False and otherwise default options, 300 steps from
# (0, 0) on the sum of (w - target)². Final weights for the targets (-1, -1), (1, 1) and (-1, 1):
# without the option, and with use_grams: the targets; with use_cautious: (-1, -1), (-0.0005, -0.0005) and (-0.999, -82700)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
prodigy-plus-schedule-free==2.0.1
torch==2.15.0
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY'
import contextlib, io
from importlib.metadata import version

import torch
from prodigyplus import ProdigyPlusScheduleFree

torch.set_num_threads(1)
for package in ("prodigy-plus-schedule-free", "torch", "numpy"):
    print(package, version(package), end="  ")
print()


def minimize(target, **options):
    """The weights after 300 steps, and the largest loss that was seen, in units of the first."""
    target = torch.tensor(target)
    weights = torch.nn.Parameter(torch.zeros(2))
    with contextlib.redirect_stdout(io.StringIO()):  # it reports that there is one group
        method = ProdigyPlusScheduleFree([weights], **options)
    losses = []
    for _ in range(300):
        method.zero_grad()
        loss = ((weights - target) ** 2).sum()
        loss.backward()
        method.step()
        losses.append(loss.item())
    if options.get("use_schedulefree", True):
        method.eval()
    return weights.detach(), max(losses) / losses[0], method.param_groups[0]["d"]


ends = {}
for name, options in (
    ("plain", {"use_schedulefree": False}),
    ("grams", {"use_schedulefree": False, "use_grams": True}),
    ("cautious", {"use_schedulefree": False, "use_cautious": True}),
    ("cautious, schedule-free", {"use_cautious": True}),
):
    for target in (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0):
        end, worst, d = minimize(target, **options)
        ends[name, target] = end
        print(f"{name:24} target {target}: weights {[float(f'{x:.3g}') for x in end.tolist()]}, largest loss {worst:.4g} of the first, d {d:.2g}")

for (name, target), end in ends.items():
    if name != "cautious" or target == (-1.0, -1.0):
        assert (end - torch.tensor(target)).abs().max() < 0.1
assert -0.01 < ends["cautious", (1.0, 1.0)].max() < 0, "this has changed"
assert ends["cautious", (-1.0, 1.0)][1] < -100, "this has changed"
PY
