#!/usr/bin/env bash
# The option relative_step of Adafactor in Keras 3.15.1 changes nothing.
#
# A step of Adafactor is a share of the size of the weights. The share is the learning rate, or, where relative_step is true,
# min(rate, 1/sqrt(t)), as the documentation says. The step takes the minimum whatever the option is. So a rate of 0.5 falls from the
# fifth step on where relative_step is False, too.
#
# Guess before the run: with relative_step=False equal weights under a constant gradient halve in each of nine steps.
# Seen with keras 3.15.1 on jax 0.10.2 and numpy 2.4.6: they halve four times, and then keep 0.553, 0.592, 0.622, 0.646 and 0.667 of what they
# were, which is 1 - 1/sqrt(t); the weights are the same to the last bit for both values of the option.
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

print("keras", keras.__version__, "jax", jax.__version__, "numpy", numpy.__version__)


def path(relative):
    weights = keras.Variable(numpy.full(3, 2.0, "float32"))
    method = keras.optimizers.Adafactor(0.5, relative_step=relative)
    method.build([weights])
    seen = [keras.ops.convert_to_numpy(weights)]
    for _ in range(9):
        method.apply([keras.ops.ones(3)], [weights])
        seen.append(keras.ops.convert_to_numpy(weights))
    return numpy.array(seen)


plain, relative = path(False), path(True)
kept = numpy.round(plain[1:, 0] / plain[:-1, 0], 3)
print("kept by each step with relative_step=False", kept)
print("the same weights with relative_step=True", numpy.array_equal(plain, relative))
assert numpy.array_equal(plain, relative), "relative_step makes a difference now"
assert kept.tolist() == numpy.float32([0.5, 0.5, 0.5, 0.5, 0.553, 0.592, 0.622, 0.646, 0.667]).tolist(), "the steps have changed"
PY
