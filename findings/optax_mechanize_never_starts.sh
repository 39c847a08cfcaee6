#!/usr/bin/env bash
# mechanize of optax.contrib 0.2.8 on weights whose first steps are below their rounding.
#
# Mechanic tunes the step size of another method: it starts at 1e-6 and grows while the accumulated updates agree with the gradients. The paper
# keeps the accumulated updates. optax computes them from the weights, as (start - weights) / step size. In float32 a step
# of 1e-6 of a weight of 100 is rounded away, so the sum stays 0, the step size never grows, and no weight ever moves. The same
# happens to a weight of 1 whose update is 0.01. The module says that it matches the paper exactly.
#
# Guess before the run: the step size grows from 1e-6 whatever the sizes are, since the method is free of scales. All weights reach 0.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6, loss slope * |w|, 10,000 steps: sgd(1.0) keeps the bits of w = 1 at slope 0.01, and
# adam(1.0) keeps those of w = 100 at slope 1, with the step size still 1e-6. Both arrive in float64, and sgd at slope 0.1 in float32
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
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$folder/venv/bin/python" - <<'PY'
import jax, numpy, optax
import jax.numpy as jnp

print("optax", optax.__version__, "jax", jax.__version__, "numpy", numpy.__version__)


def end(base, start, slope, kind):
    """The weight and the step size after 10,000 steps on slope * |w|."""
    method = optax.contrib.mechanize(base)
    weight = jnp.asarray([start], kind)

    def step(carried, _):
        weight, state = carried
        update, state = method.update(slope * jnp.sign(weight), state, weight)
        return (optax.apply_updates(weight, update), state), None

    (weight, state), _ = jax.lax.scan(step, (weight, method.init(weight)), None, 10_000)
    return float(weight[0]), float(state.s.sum())


sgd, adam = optax.sgd(1.0), optax.adam(1.0)
for name, base, start, slope, kind, moves in [
    ("sgd ", sgd, 1, 0.1, "float32", True),
    ("sgd ", sgd, 1, 0.01, "float32", False),
    ("sgd ", sgd, 1, 0.01, "float64", True),
    ("adam", adam, 100, 1, "float32", False),
    ("adam", adam, 100, 1, "float64", True),
]:
    weight, size = end(base, start, slope, kind)
    print(f"{name} slope {slope}, {kind}: from {start} to {weight:.4g}, step size {size:.2g}")
    assert (weight != start) == moves, "this has changed"
    assert not moves or abs(weight) < start / 2
PY
