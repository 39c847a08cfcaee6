#!/usr/bin/env bash
# maximize=True in pytorch_optimizer 4.1.0.
#
# To maximize f is to minimize -f: maximize=True with gradients -g must step as maximize=False with gradients g. Three methods do not.
# Adan and DAdaptAdan take differences of successive gradients. With maximize=True the sign of the first gradient is turned in one place
# and not in the other, so that the first difference is twice the gradient instead of 0. It fades after some 200 steps. Magma compares
# each gradient with its momentum, and with maximize=True it finds them opposed. Its steps stay shorter: after 200 steps of a constant
# gradient 0.035 instead of 0.055.
#
# Guess before the run: the same bits, as for the other methods.
# Seen with pytorch_optimizer 4.1.0, torch 2.15.0 and numpy 2.4.6, rate 0.1, gradient always 1 (or -1 with maximize), the fourth weight:
# adan -0.4000 and -0.3590, magma -0.3653 and -0.3432, dadaptadan (rate 1) -3.9e-6 and -0.94e-6, adam and lion equal
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


equal = {}
for name, rate in {"adam": 0.1, "lion": 0.1, "adan": 0.1, "magma": 0.1, "dadaptadan": 1.0}.items():
    minimized = steps(name, [0.0], [[1.0]] * 4, lr=rate)
    maximized = steps(name, [0.0], [[-1.0]] * 4, lr=rate, maximize=True)
    equal[name] = bool((minimized[-1] == maximized[-1]).all())
    print(name, "minimized %.4g, maximized %.4g" % (minimized[-1].item(), maximized[-1].item()))
    if name != "adam" and name != "lion":
        assert abs(minimized[-1] / maximized[-1] - 1) > 0.05, name + " has changed"
assert equal["adam"] and equal["lion"]
PY
