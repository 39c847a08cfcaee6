#!/usr/bin/env bash
# reduce_on_plateau of optax.contrib 0.2.8 where the loss is negative.
#
# The transformation shrinks the steps when the loss has not improved for some calls. A loss counts as improved below (1 - rtol) times the best one.
# For a negative best loss this limit lies above it. So a loss that stays the same improves in every call. A loss that rises by less than
# rtol improves as well, and each time the worse loss is stored as the best. The steps are then never shrunk. Log-likelihoods of
# densities, evidence bounds and rewards with their sign turned are such losses. Adding a constant to the loss changes the run.
#
# Guess before the run: a loss that does not fall is a plateau, whatever its sign is.
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6, factor 0.5, patience 10, 1,000 calls with a constant loss: 10 gives a scale of 2⁻⁹⁹,
# and -10 the scale 1. A loss that rises from -10 to -0.11 in 50,000 calls keeps the scale 1 as well
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
method = optax.contrib.reduce_on_plateau(factor=0.5, patience=10)


@jax.jit
def scale(losses):
    """The factor of the steps after these losses, and the stored best loss."""

    def call(state, loss):
        return method.update(jnp.ones(1), state, value=loss)[1], None

    state, _ = jax.lax.scan(call, method.init(jnp.ones(1)), losses)
    return state.scale, state.best_value


rising = -10 * 0.99991 ** numpy.arange(50_000)
found = {}
for name, losses in [("always 10", numpy.full(1000, 10)), ("always -10", numpy.full(1000, -10)), ("rising", rising), ("rising + 20", rising + 20)]:
    found[name], best = (float(number) for number in scale(numpy.float32(losses)))
    print(f"{name}: from {losses[0]:.4g} to {losses[-1]:.4g} in {len(losses)} calls, scale {found[name]:.3g}, best {best:.4g}")
assert 0 < found["always 10"] < 1e-29 and found["rising + 20"] < 1e-29
assert found["always -10"] == found["rising"] == 1, "a negative loss now has plateaus"
PY
