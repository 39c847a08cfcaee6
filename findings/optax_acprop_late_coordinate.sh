#!/usr/bin/env bash
# ACProp of optax.contrib 0.2.8 at a coordinate whose first gradient is not in the first step.
#
# ACProp divides by a second moment that does not contain the present gradient. A fresh start is guarded: the first step is one learning
# rate. The guard looks at the step counter of the whole tree, not at the coordinate. A coordinate that is first seen later, like the
# embedding row of a rare word, has a second moment of 0, and its first step is divided by epsilon. It moves three million learning rates
# for a gradient of 1, and more for a larger one. ADOPT, which has the same idea and limits the step, moves 0.13.
#
# Guess before the run: about one learning rate, as for a coordinate that is seen in the first step.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6, learning rate 1, gradients (1, 0) in three steps and (1, 1) in the fourth:
# the second weight moves -3.16e6 under ACProp and -0.13 under ADOPT
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


def last_move(method, gradients):
    weights = jnp.zeros(2)
    state = method.init(weights)
    for gradient in gradients:
        update, state = method.update(jnp.array(gradient), state, weights)
        weights = optax.apply_updates(weights, update)
    return update


fresh = last_move(optax.contrib.acprop(1.0), [[1.0, 1.0]])
late = last_move(optax.contrib.acprop(1.0), [[1.0, 0.0]] * 3 + [[1.0, 1.0]])
adopt = last_move(optax.contrib.adopt(1.0), [[1.0, 0.0]] * 3 + [[1.0, 1.0]])
print("ACProp seen at once", fresh, "seen late", late, "ADOPT seen late", adopt)
assert abs(fresh[1] + 1) < 0.01, "the first step has changed"
assert late[1] < -3e6, "the late step is now bounded"
assert abs(adopt[1]) < 1
PY
