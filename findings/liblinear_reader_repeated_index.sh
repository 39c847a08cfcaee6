#!/usr/bin/env bash
# A LIBSVM line that names an index twice, read by LIBLINEAR's own Python reader (liblinear-official 2.50.0).
#
# Feature hashing makes such lines: two words of a text fall on one index. svm_read_problem has the option return_scipy. It is meant to
# choose the container. It also chooses the meaning. As dictionaries the last value of an index wins. As a SciPy matrix the values are
# added. The same file then trains two models, and neither way says a word.
#
# Guess before the run: one rule for both containers, or an error, as in scikit-learn's reader.
# Seen with liblinear-official 2.50.0, scipy 1.17.1, numpy 2.4.6: "1:1 2:2 2:3" is {1: 1, 2: 3} and [1, 5]. The weights of
# -s 0 -c 1 are [-0.667, 0.732] and [-0.694, 0.659]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
liblinear-official==2.50.0
scipy==1.17.1
numpy==2.4.6
PINS
cd "$folder"
printf '%s\n' '1 1:1 2:2 2:3' '-1 1:4 2:1' '1 2:1 2:1' '-1 1:1' >repeated.svm
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version
import numpy
from liblinear.liblinearutil import svm_read_problem, train

print("liblinear-official", version("liblinear-official"), "scipy", version("scipy"), "numpy", version("numpy"))
labels, rows = svm_read_problem("repeated.svm")
labels_scipy, matrix = svm_read_problem("repeated.svm", return_scipy=True)
dense = matrix.toarray().tolist()
print("dictionary", rows[0], "matrix", dense[0])


def weights(labels, data):
    model = train(labels, data, "-s 0 -c 1 -e 1e-8 -q")
    return [model.w[0], model.w[1]]


first, second = weights(labels, rows), weights(labels_scipy, matrix)
print("weights from dictionaries %.4f %.4f, from the matrix %.4f %.4f" % (*first, *second))
assert rows[0] == {1: 1.0, 2: 3.0}, "the dictionary no longer keeps the last value"
assert dense[0] == [1.0, 5.0], "the matrix no longer holds the sum"
assert max(abs(a - b) for a, b in zip(first, second)) > 0.01, "both now train the same model"
PY
