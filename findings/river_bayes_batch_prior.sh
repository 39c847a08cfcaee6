#!/usr/bin/env bash
# The prior of BayesianLinearRegression of river 0.26.1, one row at a time and in a batch.
#
# The model keeps the precision of the weights and the inverse of the precision. The prior precision is alpha, so the first should start at alpha
# and the second at 1 / alpha. Both start at 1 / alpha. learn_one works with the second and learn_many with the first. So the same rows give two
# models, and in the model of learn_many the prior is the reciprocal of the one that was asked for. At alpha = 1, the default, both agree.
#
# Guess before the run: the same coefficients from the same rows, those of a ridge regression whose penalty is alpha.
# Seen with river 0.26.1, pandas 3.1.1, numpy 2.4.6 and scipy 1.17.1, 20 rows, true coefficient 1, by ridge, learn_one and learn_many:
# alpha 1: 0.9987 0.9987 0.9987; alpha 10: 0.8830 0.8830 1.0001; alpha 100: 0.2996 0.2996 1.0000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
river==0.26.1
pandas==3.1.1
numpy==2.4.6
scipy==1.17.1
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import numpy, pandas
from river.linear_model import BayesianLinearRegression

print("river", version("river"), "pandas", pandas.__version__, "numpy", numpy.__version__)
rows = numpy.random.default_rng(0).normal(size=(20, 3))
targets = rows @ [1.0, 2.0, 3.0]
for alpha in (1, 10, 100):
    singly, batch = BayesianLinearRegression(alpha=alpha), BayesianLinearRegression(alpha=alpha)
    for row, target in zip(rows.tolist(), targets.tolist()):
        singly.learn_one(dict(zip("abc", row)), target)
    batch.learn_many(pandas.DataFrame(rows, columns=list("abc")), pandas.Series(targets))

    def ridge(penalty):
        return numpy.linalg.solve(penalty * numpy.eye(3) + rows.T @ rows, rows.T @ targets)[0]

    one, many = (model.predict_one({"a": 1.0, "b": 0.0, "c": 0.0}) for model in (singly, batch))
    print(f"alpha {alpha}: ridge {ridge(alpha):.4f}, learn_one {one:.4f}, learn_many {many:.4f}")
    assert abs(one - ridge(alpha)) < 1e-9
    assert abs(many - ridge(1 / alpha)) < 1e-9, "learn_many now has another prior"
PY
