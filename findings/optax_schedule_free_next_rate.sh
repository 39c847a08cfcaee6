#!/usr/bin/env bash
# Schedule-Free of optax.contrib 0.2.8 under a schedule of the learning rate.
#
# The evaluated point is an average of the iterates, in which each has the weight of its learning rate (the largest so far). The step and the
# weight read the schedule by two counters. The counter of the step starts at 0, and that of the weight at 1. So the weight of an iterate is
# the rate of the next step, and the end of a warm-up weighs one step too early. A constant rate does not show it.
#
# Guess before the run: an iterate has the weight of its own rate. Rates 1, 1, 4 on a slope of 1 make the iterates -1, -2, -6, and the
# average of the first two is -1.5.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6: -1.8, which weighs them 1 to 4.
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


def averages(rate):
    weights = jnp.zeros(1)
    method = optax.contrib.schedule_free_sgd(rate, b1=0.9, weight_lr_power=1.0)
    state = method.init(weights)
    seen = []
    for _ in range(3):
        update, state = method.update(jnp.ones(1), state, weights)
        weights = optax.apply_updates(weights, update)
        seen.append(round(float(optax.contrib.schedule_free_eval_params(state, weights)[0]), 4))
    return seen


rates = jnp.array([1.0, 1.0, 4.0, 4.0])
constant, scheduled = averages(1.0), averages(lambda count: rates[count])
print("rate 1 throughout", constant, "rates 1, 1, 4", scheduled)
assert constant == [-1.0, -1.5, -2.0], "the average under a constant rate has changed"
assert scheduled[1] == -1.8, "the weight of an iterate under a schedule has changed"
PY
