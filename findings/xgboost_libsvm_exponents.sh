#!/usr/bin/env bash
# Small and large numbers of a LIBSVM file, in XGBoost 3.2.0.
#
# XGBoost keeps features in float32. Its text reader cuts the exponent that is written to ±38, whatever stands before it: 12e-40 is read
# as 12e-38, a hundred times too large, and 0.2e39 as 0.2e38, ten times too small. Both numbers lie in the range of float32, the second
# one among its normal numbers. 123e-40, which is 1.23e-38 and normal too, becomes 1.23e-36. There is no warning. The same numbers with
# another exponent, 1.5e-38 and 2e38, are read right.
#
# Guess before the run: the nearest float32 for each of them.
# Seen with XGBoost 3.2.0: 12e-40 -> 1.2e-37, 123e-40 -> 1.23e-36, 0.2e39 -> 2e+37, 1.5e-38 -> 1.5e-38, 2e38 -> 2e+38
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
xgboost-cpu==3.2.0
numpy==2.4.6
scipy==1.17.1
PINS
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PY'
import xgboost

print("XGBoost", xgboost.__version__)
factors = {"1.5e-38": 1, "2e38": 1, "12e-40": 100, "123e-40": 100, "0.2e39": 0.1}  # of the number read to the number written
with open("numbers.svm", "w") as file:
    file.writelines(f"1 0:{text} 1:1\n" for text in factors)
read = xgboost.DMatrix("numbers.svm?format=libsvm").get_data().toarray()[:, 0].tolist()
for (text, factor), number in zip(factors.items(), read):
    print(f"{text} -> {number:.3g}")
    assert abs(number / (factor * float(text)) - 1) < 1e-6, f"{text} is now read as {number!r}"
PY
