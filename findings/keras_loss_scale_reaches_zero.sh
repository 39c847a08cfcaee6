#!/usr/bin/env bash
# LossScaleOptimizer of Keras 3.15.1 where one batch in a thousand has a gradient that is not finite.
#
# The wrapper skips such a batch and halves its scale. It doubles the scale after 2,000 finite batches in a row. If bad batches come more
# often, as with one bad row in each epoch, the scale only falls, and it has no lower bound. After 142 bad batches it is 2⁻¹²⁷, which XLA
# takes for 0 in float32; with subnormal numbers it would be 0 after 165. The scaled gradients are then 0, which is finite,
# and they are divided by the scale: 0 / 0. The check comes before the division, so all weights become NaN in an ordinary batch. So the
# wrapper itself causes the damage that it should prevent.
#
# Guess before the run: the scale stops at 1, and the weights go on with the 999 good batches of each epoch.
# Seen with keras 3.15.1, jax 0.10.2 and numpy 2.4.6 on the CPU: scale 0 after 142 epochs of a thousand batches, and the weights are NaN in the next one
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
keras==3.15.1
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
KERAS_BACKEND=jax JAX_PLATFORMS=cpu KERAS_HOME="$folder" "$folder/venv/bin/python" - <<'PY'
import jax, keras, numpy
import jax.numpy as jnp

print("keras", keras.__version__, "jax", jax.__version__, "numpy", numpy.__version__)
weights = keras.Variable(numpy.float32([1, 2]))
method = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-3))
method.build([weights])
scale = [variable.path.endswith("dynamic_scale") for variable in method.variables].index(True)


def batch(carried, bad):
    trained, state = carried
    gradient = jnp.where(bad, jnp.nan, 0.01 * trained[0])  # of a loss 0.005 * |weights|²
    return method.stateless_apply(state, [gradient * state[scale]], trained), None


epoch = jax.jit(lambda carried: jax.lax.scan(batch, carried, jnp.arange(1000) == 999)[0])
carried = [weights.value], [variable.value for variable in method.variables]
scales = [2.0**15]
while len(scales) <= 200 and numpy.isfinite(carried[0][0]).all():
    if len(scales) % 20 == 1:
        print("epochs", len(scales) - 1, "scale", scales[-1], "weights", carried[0][0])
    carried = epoch(carried)
    scales.append(float(carried[1][scale]))
print("epochs", len(scales) - 1, "scale before the last", scales[-2], "weights", carried[0][0])
assert numpy.isnan(carried[0][0]).all(), "the weights now survive"
assert len(scales) - 1 == 143 and scales[-2] == 0, "the scale has changed"
PY
