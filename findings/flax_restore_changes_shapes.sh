#!/usr/bin/env bash
# A checkpoint of other shapes in flax 0.12.8.
#
# flax.serialization.from_bytes(target, bytes) takes a target to restore into. It compares the keys of the target, and neither shapes
# nor types. A saved bfloat16 matrix of 3 x 5 is returned for a float32 target of 4 x 3. It can go unnoticed, as the optimizer shows:
# Adam's moments of three weights, restored for a model of one weight, are broadcast. After the next step the model has three weights.
#
# Guess before the run: an error that names the array and both shapes, as for a missing key.
# Seen with flax 0.12.8, optax 0.2.8, jax 0.10.2 and numpy 2.4.6: no error. The weight goes from shape (1,) to (3,)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
flax==0.12.8
optax==0.2.8
jax==0.10.2
jaxlib==0.10.2
ml_dtypes==0.6.0
numpy==2.4.6
PINS
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import flax, jax, numpy, optax
import jax.numpy as jnp
from flax import serialization

print("flax", flax.__version__, "optax", optax.__version__, "jax", jax.__version__, "numpy", numpy.__version__)

saved = serialization.to_bytes({"weight": jnp.ones((3, 5), jnp.bfloat16)})
restored = serialization.from_bytes({"weight": jnp.zeros((4, 3))}, saved)["weight"]
print("target (4, 3) float32, restored", restored.shape, restored.dtype)
assert restored.shape == (3, 5) and restored.dtype == jnp.bfloat16, "shapes or types are now compared"
try:
    serialization.from_bytes({"weight": jnp.zeros((3, 5)), "bias": jnp.zeros(3)}, saved)
    raise SystemExit("a missing key is no longer an error")
except ValueError as error:
    print("a missing key is an error:", str(error).splitlines()[0][:60])

method = optax.adam(0.1)
saved = serialization.to_bytes(method.init(jnp.zeros(3)))
weight = jnp.zeros(1)
state = serialization.from_bytes(method.init(weight), saved)
update, state = method.update(jnp.ones(1), state, weight)
after = optax.apply_updates(weight, update)
print("the weight before and after a step:", weight.shape, after.shape)
assert after.shape == (3,), "the weight now keeps its shape"
PY
