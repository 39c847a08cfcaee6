#!/usr/bin/env bash
# The first step of Ftrl in Keras 3.15.1 on weights that are not 0.
#
# Follow-the-regularized-leader computes the weights anew from the sum of the gradients. Keras starts the sum at 0, whatever the weights
# are. The first step therefore keeps only the part 1 - sqrt(a / (a + g * g)) of a weight, where g is its gradient and a = 0.1 the
# initial accumulator. That is 70 % for a gradient of 1, 0.05 % for 0.01 and nothing for 0. No regularization is set. A trained model
# has small gradients. If it is loaded and goes on with a new Ftrl, its first step wipes it out. A learning rate of 0, as a warm-up may
# begin with, makes every weight NaN.
#
# Guess before the run: no gradient, no change. A gradient of 0.01 at rate 0.1 moves a weight by at most the rate.
# Seen with keras 3.15.1, jax 0.10.2 and numpy 2.4.6, rate 0.1, weights [5, -3]: gradient 1 -> [3.40, -2.19], 0.01 -> [-0.0007, -0.0047],
# 0 -> [0, 0], rate 0 -> [nan, nan]. Adagrad, its relative, keeps [5, -3] at gradient 0 and at rate 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
keras==3.15.1
jax==0.10.2
jaxlib==0.10.2
ml_dtypes==0.6.0
numpy==2.4.6
PINS
KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax, keras, numpy

print("keras", keras.__version__, "jax", jax.__version__, "numpy", numpy.__version__)


def after(method, weights, gradient):
    variable = keras.Variable(numpy.array(weights, "float32"))
    method.build([variable])
    method.apply([numpy.array(gradient, "float32")], [variable])
    return keras.ops.convert_to_numpy(variable)


Ftrl, Adagrad = keras.optimizers.Ftrl, keras.optimizers.Adagrad
found = {gradient: after(Ftrl(0.1), [5, -3], [gradient, gradient]) for gradient in (1, 0.01, 0)}
rate_zero = after(Ftrl(0.0), [5, -3], [1, 1])
for gradient, weights in found.items():
    print("gradient", gradient, "->", weights)
print("rate 0 ->", rate_zero)
assert (after(Adagrad(0.1), [5, -3], [0, 0]) == [5, -3]).all()
assert (after(Adagrad(0.0), [5, -3], [1, 1]) == [5, -3]).all()
assert numpy.allclose(found[1], [3.397, -2.191], atol=0.01), "a gradient of 1 has changed"
assert (abs(found[0.01]) < 0.01).all(), "the weights now survive a small gradient"
assert (found[0] == 0).all(), "the weights now survive a zero gradient"
assert numpy.isnan(rate_zero).all(), "a rate of 0 no longer gives NaN"
PY
