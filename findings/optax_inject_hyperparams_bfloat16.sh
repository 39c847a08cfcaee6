#!/usr/bin/env bash
# inject_hyperparams of optax 0.2.8 around Adam, with bfloat16 weights.
#
# inject_hyperparams keeps the numbers of an optimizer in its state, so that they can be changed and read during a run. It also rounds
# them to the type of the weights. In bfloat16 the decay b2 = 0.999 becomes 1. Then the second moment takes in nothing of the gradient,
# and its bias correction divides by 1 - 1. All weights are NaN after the first step. Adam without the wrapper gives finite weights.
# The option hyperparam_dtype keeps the numbers in float32. The learning rate needs it too, since bfloat16 has only 128 values between a power
# of two and the next one.
#
# Guess before the run: the learning rate is rounded a little, and the step is the one of plain Adam up to this rounding.
# Seen with optax 0.2.8, jax 0.10.2, ml_dtypes 0.6.0 and numpy 2.4.6, weights [1, 2], gradients [1, 0.5], rate 0.1, first step:
# adam and adamw [0.898, 1.898], in the wrapper [nan, nan], and with hyperparam_dtype=float32 [0.898, 1.898]; in float32 all are finite
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
optax==0.2.8
jax==0.10.2
jaxlib==0.10.2
ml_dtypes==0.6.0
numpy==2.4.6
PINS
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax, ml_dtypes, numpy, optax
import jax.numpy as jnp

print("optax", optax.__version__, "jax", jax.__version__, "ml_dtypes", ml_dtypes.__version__, "numpy", numpy.__version__)


def first(method, kind):
    """The weights after one step."""
    weights, gradients = jnp.asarray([1, 2], kind), jnp.asarray([1, 0.5], kind)
    update, _ = method.update(gradients, method.init(weights), weights)
    return optax.apply_updates(weights, update)


for make in (optax.adam, optax.adamw):
    for kind in ("float32", "bfloat16"):
        plain = first(make(0.1), kind)
        wrapped = first(optax.inject_hyperparams(make)(learning_rate=0.1), kind)
        exact = first(optax.inject_hyperparams(make, hyperparam_dtype=jnp.float32)(learning_rate=0.1), kind)
        print(make.__name__, kind, "plain", plain, "wrapped", wrapped, "with hyperparam_dtype", exact)
        assert jnp.isfinite(plain).all() and jnp.isfinite(exact).all() and (plain != jnp.asarray([1, 2], kind)).all()
        assert jnp.isnan(wrapped).all() if kind == "bfloat16" else jnp.isfinite(wrapped).all(), "the wrapper has changed"
PY
