#!/usr/bin/env bash
# ADOPT of heavyball 3.2.1, where one parameter of the group gets its first gradient late.
#
# ADOPT divides each gradient by the root of a second moment of the earlier gradients. The first gradient only starts this moment. heavyball counts
# the start by parameter, but runs it for the whole group as soon as one parameter still has to start. So if a layer is unfrozen, or an expert is
# chosen for the first time, all other parameters lose their second moments: the present gradient alone replaces them. No parameter moves in this
# step. If the gradient of that step is small, the next steps are enormous.
#
# Guess before the run: the late parameter starts, and the others move as if it were not there.
# Seen with heavyball 3.2.1, torch 2.15.0 and numpy 2.4.6, rate 0.1, gradients of 1, and of 0.0001 in the tenth step. Moves of the first parameter
# in steps 9 to 12: 0.1 0.084 0.087 0.09 alone, and 0.1 0 154 131 if the second parameter gets its first gradient in the tenth step
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
heavyball==3.2.1
torch==2.15.0
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import heavyball, torch

heavyball.utils.compile_mode = None
for package in ("heavyball", "torch", "numpy"):
    print(package, version(package), end="  ")
print()


def moves(late):
    """The largest move of the first parameter in steps 1 to 12, where the second one gets gradients from the step late on."""
    first, second = (torch.nn.Parameter(torch.zeros(4, 4)) for _ in range(2))
    method = heavyball.ADOPT([first, second], lr=0.1, compile_step=False)
    out = []
    for step in range(1, 13):
        first.grad = torch.full((4, 4), 1e-4 if step == 10 else 1.0)
        second.grad = first.grad.clone() if step >= late else None
        before = first.detach().clone()
        method.step()
        method.zero_grad()
        out.append((first.detach() - before).abs().max().item())
    print(f"second parameter from step {late}:", " ".join(f"{move:.3f}" for move in out))
    return out


alone, disturbed = moves(late=99), moves(late=10)
assert alone[:9] == disturbed[:9]
assert 0 < max(alone[9:]) < 0.2
assert disturbed[9] == 0 and disturbed[10] > 100, "this has changed"
PY
