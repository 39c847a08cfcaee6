#!/usr/bin/env bash
# R² of a constant target that is no dyadic number, in scikit-learn 1.9.1.
#
# The documentation of r2_score says that R² of a constant target is replaced by 0.0 where the predictions are imperfect, so that it
# stays finite. The target is constant if Σ (y − mean y)² is exactly 0. Three values of 0.1 have the rounded mean
# 0.10000000000000002, and the sum is 5.8e-34. The replacement then does not happen: R² is −1.7e31 for an error of 0.1 in one row.
# Three values of 0.5 behave as documented.
#
# Guess before the run: 0.0 for both targets.
# Seen with scikit-learn 1.9.1, numpy 2.4.6 and scipy 1.17.1: 0.5 -> 0.0, 0.1 -> -1.73e+31
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
scikit-learn==1.9.1
numpy==2.4.6
scipy==1.17.1
PINS
"$folder/venv/bin/python" - <<'PY'
import numpy, sklearn
from sklearn.metrics import r2_score

print("scikit-learn", sklearn.__version__, "numpy", numpy.__version__)
found = {}
for value in (0.5, 0.1):
    truth = [value] * 3
    predicted = [value + 0.1, value, value]
    found[value] = r2_score(truth, predicted)
    print(f"R2 of three times {value}: {found[value]:.3g}, mean {numpy.mean(truth)!r}")
assert found[0.5] == 0.0, "the documented replacement has changed"
assert found[0.1] < -1e30, "a constant target of 0.1 is now seen as constant"
PY
