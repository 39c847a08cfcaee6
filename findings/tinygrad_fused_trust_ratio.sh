#!/usr/bin/env bash
# fused=True of the LARS and LAMB of tinygrad 0.14.0.
#
# The option (or FUSE_OPTIM=1) joins all parameters to one vector, so that a step needs fewer kernels. LARS and LAMB scale the step of each
# layer by the ratio of two norms of that layer. Fused, there is one layer, the joined vector, and one ratio for the whole model. A small layer
# beside a large one then gets the steps of the large one. Muon, which needs the matrices as well, refuses the option. SGD and AdamW
# are the same both ways.
#
# Guess before the run: fused=True changes rounding at most.
# Seen with tinygrad 0.14.0 and numpy 2.4.6, layers [1, 2] and [100, 200, 300], gradients 1, rate 0.1, after two steps:
# LAMB moves the first layer to [0.699, 1.699], and fused to [-31.3, -30.3]; LARS to [0.9995, 1.9995] and [0.952, 1.952]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0 numpy==2.4.6
DEV=PYTHON CACHEDB="$folder/cache.db" "$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy
from tinygrad import Tensor
from tinygrad.helpers import Context
from tinygrad.nn import optim

print("tinygrad", version("tinygrad"), "numpy", numpy.__version__)


def two_steps(method, fused):
    layers = [Tensor([1.0, 2.0]).is_param_(True), Tensor([100.0, 200.0, 300.0]).is_param_(True)]
    optimizer = method(layers, lr=0.1, fused=fused)
    for _ in range(2):
        for layer in layers:
            layer.grad = Tensor.ones(*layer.shape).contiguous()
        with Context(TRAINING=1):
            optimizer.step()
    return [layer.numpy() for layer in layers]


for method, differs in [(optim.SGD, False), (optim.AdamW, False), (optim.LARS, True), (optim.LAMB, True)]:
    plain, fused = two_steps(method, False), two_steps(method, True)
    print(method.__name__, "plain", *plain, "fused", *fused)
    apart = max(numpy.abs(a - b).max() for a, b in zip(plain, fused))
    assert apart > 0.01 if differs else apart < 1e-5, f"{method.__name__} has changed"
try:
    optim.Muon([Tensor.ones(2, 2).is_param_(True)], fused=True)
except AssertionError as refusal:
    print("Muon", refusal)
else:
    raise SystemExit("Muon has changed")
PY
