#!/usr/bin/env bash
# ScheduleFreeWrapper of schedulefree 1.4.1 around the optimizers of PyTorch.
#
# The wrapper is described as one for any base optimizer, and the example of its description wraps RMSprop. It stores the sequence z in the
# base optimizer's own state, before the first step. RMSprop, Adam, AdamW and NAdam make their moments where the state of a parameter is still
# empty. It no longer is, so the moments are missing: KeyError. SGD works, since it makes its momentum where it needs it, and so does
# Adagrad, which makes its state when it is constructed. ScheduleFreeWrapperReference of the same package, said to be the stabler one, does the same.
#
# Guess before the run: the example runs, and every base optimizer takes its steps.
# Seen with schedulefree 1.4.1, torch 2.15.0 and numpy 2.4.6, three steps on w² from 1 at the rate 0.01: KeyError 'square_avg' for RMSprop,
# KeyError 'exp_avg' for Adam, AdamW and NAdam; 0.9585 for SGD and 0.9828 for Adagrad. Both wrappers agree
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch==2.15.0
numpy==2.4.6
schedulefree==1.4.1
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import schedulefree, torch

for package in ("schedulefree", "torch", "numpy"):
    print(package, version(package), end="  ")
print()


def end(wrapper, base):
    """The weight after three steps on w² from 1, or the error."""
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = wrapper(base([weight], lr=0.01))
    optimizer.train()
    try:
        for _ in range(3):
            optimizer.zero_grad()
            (weight**2).sum().backward()
            optimizer.step()
    except KeyError as error:
        return f"KeyError {error}"
    return f"{weight.item():.4f}"


for base, expected in {
    torch.optim.RMSprop: "KeyError 'square_avg'",
    torch.optim.Adam: "KeyError 'exp_avg'",
    torch.optim.AdamW: "KeyError 'exp_avg'",
    torch.optim.NAdam: "KeyError 'exp_avg'",
    torch.optim.SGD: "0.9585",
    torch.optim.Adagrad: "0.9828",
}.items():
    wrapped, reference = (end(wrapper, base) for wrapper in (schedulefree.ScheduleFreeWrapper, schedulefree.ScheduleFreeWrapperReference))
    print(f"{base.__name__}: {wrapped}, by the reference {reference}")
    assert wrapped == reference == expected, "this has changed"
PY
