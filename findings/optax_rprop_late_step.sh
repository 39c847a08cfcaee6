#!/usr/bin/env bash
# Rprop of optax 0.2.8 makes each step one call late.
#
# The transformation computes the step for its gradient, stores it, and returns the stored step of the call before, which is 0 at first. Only
# where the sign of the gradient changes does it return the step for its own gradient, 0. So a descent follows the gradients one call late, and
# the last gradient moves nothing.
#
# Guess before the run: under a gradient of 1 the first step is the learning rate 0.1, the second 0.12, as in PyTorch: -0.1, -0.22, -0.364, -0.5368.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6: 0, -0.1, -0.22, -0.364.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
optax==0.2.8
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax, numpy, optax
import jax.numpy as jnp

print("optax", optax.__version__, "jax", jax.__version__, "numpy", numpy.__version__)
weights, method = jnp.zeros(1), optax.rprop(0.1)
state, seen = method.init(jnp.zeros(1)), []
for _ in range(4):
    update, state = method.update(jnp.ones(1), state, weights)
    weights = optax.apply_updates(weights, update)
    seen.append(round(float(weights[0]), 4))
print("after each step", seen)
assert seen == [0.0, -0.1, -0.22, -0.364], "the first step has changed"
PY
