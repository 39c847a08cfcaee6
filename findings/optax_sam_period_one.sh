#!/usr/bin/env bash
# SAM of optax.contrib 0.2.8 with sync_period=1.
#
# sync_period says how often the outer optimizer steps: 2, the default, puts one adversarial step before each. 1 is allowed and leaves no
# adversarial step, so the outer optimizer steps alone. But its step starts from a stored point, and the current point is stored only after that.
# Each step therefore starts where the step before it started, with the gradient of another point: w(t+1) = w(t-1) - rate * g(w(t)). On
# a quadratic this leapfrog diverges at any rate, since the two roots of its recurrence have the product -1.
#
# Guess before the run: the outer optimizer alone, as with opaque_mode=True, where sgd shrinks w by 1 - 2 * rate in each step on w².
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6, sgd(0.1) on w² from 1: 0.8 0.84 0.632 0.7136 0.4893 0.6157, and 1,130 after 100 steps.
# With opaque_mode=True 0.8 0.64 0.512 0.4096 0.3277 0.2621, and 2e-10. The rate 0.001 gives 11 after 10,000 steps in place of 2e-9
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


def gradient(weight, _=None):
    return 2 * weight


def path(rate, steps, opaque):
    """The weights of SAM with sync_period=1 on w² from 1."""
    adversary = optax.chain(optax.contrib.normalize(), optax.sgd(0.01))
    method = optax.contrib.sam(optax.sgd(rate), adversary, sync_period=1, opaque_mode=opaque)
    options = {"grad_fn": gradient} if opaque else {}

    def step(carried, _):
        weight, state = carried
        update, state = method.update(gradient(weight), state, weight, **options)
        weight = optax.apply_updates(weight, update)
        return (weight, state), weight

    weight = jnp.float32(1)
    return numpy.asarray(jax.lax.scan(step, (weight, method.init(weight)), None, steps)[1])


for rate, steps in (0.1, 100), (0.001, 10_000):
    plain, opaque = path(rate, steps, False), path(rate, steps, True)
    print(f"rate {rate}: {plain[:6].round(4)}, after {steps} steps {plain[-1]:.3g}")
    print(f"rate {rate}, opaque_mode=True: {opaque[:6].round(4)}, after {steps} steps {opaque[-1]:.3g}")
    assert abs(plain[-1]) > 10, "sync_period=1 converges now"
    assert abs(opaque[-1]) < 1e-8
PY
