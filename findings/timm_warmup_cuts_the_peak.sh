#!/usr/bin/env bash
# The learning rate at the end of the warm-up in timm 1.0.31.
#
# timm's warm-up is laid over the schedule by default and not put before it. After the warm-up the cosine goes on at the epoch where it
# would have been without one. With 10 epochs of which 5 are warm-up the rate climbs to 0.8 of its peak and falls to 0.5 in the next
# epoch. The rate that the user asked for is never used. Its polynomial schedule does the same. The hyperbolic tangent reaches 0.98,
# and the rates of optax and of transformers reach 1. warmup_prefix=True gives them, and makes the whole run longer.
#
# Guess before the run: 0, 0.2, 0.4, 0.6, 0.8, 1, and then down to 0 at epoch 10.
# Seen with timm 1.0.31, torch 2.15.0, torchvision 0.29.2 and numpy 2.4.6, rate 1, t_initial=10, warmup_t=5:
# cosine 0 0.2 0.4 0.6 0.8 0.5 0.35 0.21 0.10 0.02 0, polynomial 0 0.2 0.4 0.6 0.8 0.5 0.4 0.3 0.2 0.1 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
timm==1.0.31
torch==2.15.0
torchvision==0.29.2
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY'
import numpy, timm, torch
from timm.scheduler import CosineLRScheduler, PolyLRScheduler

print("timm", timm.__version__, "torch", torch.__version__, "numpy", numpy.__version__)


def rates(scheduler, **options):
    method = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = scheduler(method, t_initial=10, warmup_t=5, warmup_lr_init=0.0, **options)
    seen = []
    for epoch in range(11):
        seen.append(round(method.param_groups[0]["lr"], 2))
        schedule.step(epoch + 1)
    return seen


cosine = rates(CosineLRScheduler)
polynomial = rates(PolyLRScheduler, power=1.0)
prefixed = rates(CosineLRScheduler, warmup_prefix=True)
print("cosine              ", cosine)
print("polynomial          ", polynomial)
print("cosine with a prefix", prefixed)
assert cosine[4:6] == [0.8, 0.5] and max(cosine) == 0.8, "the cosine now reaches its peak"
assert polynomial[4:6] == [0.8, 0.5] and max(polynomial) == 0.8, "the polynomial now reaches its peak"
assert max(prefixed) == 1.0
PY
