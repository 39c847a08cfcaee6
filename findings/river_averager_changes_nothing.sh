#!/usr/bin/env bash
# Averager of river 0.26.1, its averaged stochastic gradient descent.
#
# Averager wraps an optimizer and averages its iterates. The documentation says that it returns the averaged weights at each step. The linear
# models ignore the returned weights: they keep the plain iterate, which the inner optimizer has changed in place. SoftmaxRegression stores the
# returned weights, and loses the average in another way. It passes the dictionary of the averages to the next step as the weights, so
# the average is taken of itself. In both cases the model has the bits of the inner optimizer. The averages of the linear models exist, in the
# attribute avg_w, and no prediction uses them.
#
# Guess before the run: the weights are the means of the iterates, or the models predict with the means.
# Seen with river 0.26.1, numpy 2.4.6 and scipy 1.17.1, 500 rows of two features and SGD(0.5): equal bits with Averager and without it in
# LinearRegression (at 0.1), LogisticRegression and SoftmaxRegression. LogisticRegression has the weights [2.70, -5.44] and avg_w [2.02, -4.22]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
river==0.26.1
numpy==2.4.6
scipy==1.17.1
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy
from river import linear_model, optim

print("river", version("river"), "numpy", numpy.__version__)
rows = numpy.random.default_rng(0).normal(size=(500, 3)).tolist()


def train(model, label):
    for a, b, noise in rows:
        model.learn_one({"a": a, "b": b}, label(a - 2 * b + 0.5 * noise))
    return {key: dict(value) if isinstance(value, dict) else value for key, value in model.weights.items()}


def above(target):
    return target > 0


for kind, rate, label in [
    (linear_model.LinearRegression, 0.1, float),
    (linear_model.LogisticRegression, 0.5, above),
    (linear_model.SoftmaxRegression, 0.5, above),
]:
    plain = train(kind(optim.SGD(rate)), label)
    averager = optim.Averager(optim.SGD(rate))
    wrapped = train(kind(averager), label)
    print(kind.__name__)
    print("  SGD           ", plain)
    print("  Averager(SGD) ", wrapped)
    assert wrapped == plain, f"{kind.__name__} now uses the average"
    if kind is linear_model.LogisticRegression:
        mean = dict(averager.avg_w)
        print("  avg_w         ", mean)
        assert all(abs(wrapped[key] / mean[key]) > 1.2 for key in "ab"), "the average is the last iterate"
PY
