#!/usr/bin/env bash
# Prodigy of optax.contrib 0.2.8 under a warm-up that begins at 0, or at a gradient that is 0.
#
# optax's usual warm-up schedules begin at a learning rate of 0. Prodigy estimates its own step as a ratio of two sums that are both
# weighted by the learning rate. In a first step with rate 0, or with a gradient of 0 everywhere, the ratio is 0 / 0. The estimate is
# NaN, and so are all weights, in this step and for ever. dadapt_adamw does the same one step later. A gradient of 0 after a good first
# step does no harm.
#
# Guess before the run: the first step moves nothing, and the next steps are as without it.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6, weights [1, 2] and three steps: [nan, nan] for prodigy and dadapt_adamw, with the
# schedule from 0 to 1 and with one zero gradient for prodigy, or two for dadapt_adamw. Adam is finite in all of them
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


def end(method, gradients):
    weights = jnp.array([1.0, 2.0])
    state = method.init(weights)
    for gradient in gradients:
        update, state = method.update(jnp.full(2, gradient), state, weights)
        weights = optax.apply_updates(weights, update)
    return weights


warmup = optax.linear_schedule(0.0, 1.0, 10)
methods = {"prodigy": optax.contrib.prodigy, "dadapt_adamw": optax.contrib.dadapt_adamw, "adam": optax.adam}
for name, method in methods.items():
    plain = end(method(1.0), [1.0, 1.0, 1.0])
    warmed = end(method(warmup), [1.0, 1.0, 1.0])
    zeros = end(method(1.0), [0.0, 0.0, 1.0])
    late = end(method(1.0), [1.0, 0.0, 1.0])
    print(name, "plain", plain, "warm-up from 0", warmed, "zero gradients first", zeros, "zero gradient later", late)
    assert jnp.isfinite(plain).all() and jnp.isfinite(late).all(), name
    expect_nan = name != "adam"
    assert bool(jnp.isnan(warmed).all()) == expect_nan, name + " under the warm-up has changed"
    assert bool(jnp.isnan(zeros).all()) == expect_nan, name + " at zero gradients has changed"
PY
