#!/usr/bin/env bash
# A slice of a tensor in a checkpoint of PyTorch, read by tinygrad 0.14.0.
#
# torch.save writes the whole storage of a slice and beside it an offset, a shape and strides. A column, or the part of a fused matrix that
# belongs to one head, is stored that way. torch_load of tinygrad takes the strides into account for a transposed tensor. Otherwise it takes the
# numbers that follow each other from the offset on. So slices of columns, and every second row, come back with the right shape and the
# wrong numbers, without an error. Slices of consecutive rows are read right.
#
# The checkpoint below is the file that torch 2.15.0 wrote, compressed by zlib. With m = torch.arange(12.0).reshape(3, 4) it is the dictionary
# {"transposed": m.t(), "last two rows": m[1:], "first two columns": m[:, :2], "second column": m[:, 1], "rows 0 and 2": m[::2]}
#
# Guess before the run: the same numbers as in torch for every slice, or an error.
# Seen with tinygrad 0.14.0 and numpy 2.4.6, where the rows of m are 0 1 2 3, 4 5 6 7 and 8 9 10 11:
# the first two columns, 0 1 4 5 8 9, are read as 0 1 2 3 4 5, the second column, 1 5 9, as 1 2 3, and the rows 0 and 2 as the rows 0 and 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tinygrad==0.14.0 numpy==2.4.6
cd "$folder"
python3 -c 'import base64, sys, zlib; sys.stdout.buffer.write(zlib.decompress(base64.b64decode(sys.stdin.read())))' >weights.pt <<'FILE'
eNqdVMtu00AUndiOk7otNJCWFCgEyiOVIHVebbMopRHKxguSIKSom8h13MaqG/fakwaQKkVCjdRP
YIPY8A0s2MAnwJoFEhISK36BO3YIiZMWxMjX48c9Z87ce+ySwguEhMNkZEgkRpzlukrV5MGeWSxE
ydaY0eGOgCSqEgKorTadA8vR6xDQqGVrjWStRQ3TkWq2vt0yzHqN6k3HsmuHaQm4RKIaQpSDmequ
DrwHkYqmpdIn3kMJhGoAc2QIVnmctYMWiMoUhVBZIYqg8F0IKwFF6MLEiaZZpqlr1LCajvTYruu2
Xn9kaFQCaakCkxSmKjBdnUYWU3VonLatuG21HTjXQCUNviE0gg2X+3wZmTlGOoMXgS5EThqM4gKF
ixWIViNIsWPYPQ5ctbXfdGDWTzPHJPIK14VLHk3Mo5mncLkCV1wljq5ZzXqPA676KRbKuDn+GK4p
wjFc9+BxCjcqcLM6hXCmPy7HVaRIw6IffYsJcPdxWwkzAXc8hrsUEhVYaiVLSij8fbGde48lZlE6
1QoRIqIVkjuWva/S2qFuO1jlYoFDR6QYy7ufX16yPrE4nSVK1hlLr+E11TR2m/t6kxYL+bHW+qex
kmUCNtrwg8MluDMFTJIgCth+TnWL+aNYCJAt06DU1BnH8fq3eRGzxDM5wkTofRXLcrHw+2lnA08P
8cDoYLzB+IDxFYNsEjKDEceQN9lKz452HsjM1meuNEHmcaV+sWfH1ygjMcZPr3ef/n3/MbLGGuCK
d3TbwA68UNkHUzPqxUL2v5qQyq2m11L5fC6VWstlV7IZOb0iZ/KZDN7n8+nVrCxnUnhmKj/O7b1K
oI6EqzLAufXs6Rw0ojSi/M9/yI8btF5kuNscGTWtHz5onOgQvOzBR9zqZxi0zeQQw2eXoW83P3DQ
BcPNmuNJ32N+1GCnJ4ZQHRd1yj4HSx8bVunCxpuipIjivV7eNf5+HxPyzW8DvS0J3ow499WC6N17
/4Wg6GFCbr6X+wuUHk0V
FILE
DEV=PYTHON CACHEDB="$folder/cache.db" "$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy
from tinygrad.nn.state import torch_load

print("tinygrad", version("tinygrad"), "numpy", numpy.__version__)
m = numpy.arange(12.0).reshape(3, 4)
saved = {"transposed": m.T, "last two rows": m[1:], "first two columns": m[:, :2], "second column": m[:, 1], "rows 0 and 2": m[::2]}
found = torch_load("weights.pt")
assert found.keys() == saved.keys()
for name, tensor in saved.items():
    read = found[name].numpy()
    print(f"{name}: saved {tensor.tolist()}, read {read.tolist()}")
    assert read.shape == tensor.shape
    assert (read == tensor).all() == (name in ("transposed", "last two rows")), f"{name}: this has changed"
PY
