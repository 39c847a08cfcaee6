#!/usr/bin/env bash
# APOLLO of apollo-torch 1.0.3, which is also transformers' optim="apollo_adamw", after one step in which the gradient of a matrix is exactly 0.
#
# APOLLO lets the norm of an update grow by at most 1 % from one step to the next (the norm-growth limiter of Fira, on by default). Its memory is
# the previous norm, and nothing bounds that from below but 1e-8. After a gradient of 0, the next updates have the norms 1.01e-8, 1.02e-8 and
# so on, times the rate: for a thousand steps the matrix stands still. This is what happens in the first step to each matrix before a
# layer that starts at 0, as the last layers of residual branches often do, and later to a matrix when one batch does not use it. Nothing reports it.
#
# Guess before the run: a step with a gradient of 0 delays training by about one step, as under AdamW.
# Seen with apollo-torch 1.0.3, torch 2.15.0, transformers 5.24.0, bitsandbytes 0.50.2 and numpy 2.4.6, a residual branch of two matrices, rank 8
# of 32, rate 0.01, 1000 steps. Change of the first matrix in units of its norm, and the final loss:
# second matrix starts small: 0.66, 0.0005; starts at 0: 0.002, 0.024; starts small, and its branch is closed in step 20: 0.13, 0.019
# AdamW ends at 0.0001 in all three cases, APOLLO with disable_nl=True at 0.0005
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
apollo-torch==1.0.3
bitsandbytes==0.50.2
transformers==5.24.0
torch==2.15.0
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY' 2> "$folder/log" || { cat "$folder/log" >&2; exit 1; }
from importlib.metadata import version

import torch
from apollo_torch import APOLLOAdamW

torch.set_num_threads(1)
for package in ("apollo-torch", "torch", "transformers", "bitsandbytes", "numpy"):
    print(package, version(package), end="  ")
print()


def train(method, scale, unused=None):
    """The distance of the first matrix of x + B tanh(A x) from its start after 1000 steps, in units of its norm, and the loss."""
    generator = torch.Generator().manual_seed(0)

    def random(rows, columns):
        return torch.randn(rows, columns, generator=generator) / columns**0.5

    x = torch.randn(128, 32, generator=generator)
    goal = torch.tanh(x @ random(64, 32).T) @ random(32, 64).T
    start = random(64, 32)
    a, b = torch.nn.Parameter(start.clone()), torch.nn.Parameter(scale * random(32, 64))
    if method == "AdamW":
        optimizer = torch.optim.AdamW([a, b], lr=0.01, weight_decay=0)
    else:
        low = {"params": [a], "rank": 8, "proj": "random", "scale_type": "channel", "scale": 1, "update_proj_gap": 200, "proj_type": "std"}
        optimizer = APOLLOAdamW([low, {"params": [b]}], lr=0.01, disable_nl=method == "APOLLO without limiter")
    for step in range(1, 1001):
        optimizer.zero_grad()
        used = 0.0 if step == unused else 1.0  # a gate that is closed in one step
        loss = ((used * torch.tanh(x @ a.T) @ b.T - goal) ** 2).mean()
        loss.backward()
        optimizer.step()
    return ((a.detach() - start).norm() / start.norm()).item(), loss.item()


seen = {}
for method in "AdamW", "APOLLO without limiter", "APOLLO":
    for case, settings in {"B starts small": (0.01,), "B starts at 0": (0.0,), "one unused step": (0.01, 20)}.items():
        seen[method, case] = moved, loss = train(method, *settings)
        print(f"{method:22} {case:15}: A moved by {moved:.3g} of its norm, loss {loss:.5f}")

for (method, case), (moved, loss) in seen.items():
    if method != "APOLLO" or case == "B starts small":
        assert moved > 0.4
assert seen["APOLLO", "B starts at 0"][0] < 0.01 and seen["APOLLO", "one unused step"][0] < 0.2, "this has changed"
assert min(seen["APOLLO", case][1] for case in ("B starts at 0", "one unused step")) > 5 * seen["APOLLO", "B starts small"][1], "this has changed"
PY
