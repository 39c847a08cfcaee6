"""Makes reference.json with scikit-learn 1.7.2 and numpy 2.4.6.

It holds what other readers and scalers say about the embedded sets.

    python reference.py
"""

import gzip
import json

import numpy
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_svmlight_file, make_classification
from sklearn.preprocessing import MaxAbsScaler, StandardScaler, normalize

assert (sklearn.__version__, numpy.__version__) == ("1.7.2", "2.4.6")


def checks(x, y):
    """Sums that notice a value in the wrong row, column or class."""
    rows, cols = numpy.arange(1, x.shape[0] + 1), numpy.arange(1, x.shape[1] + 1)
    return {"rows": x.shape[0], "cols": x.shape[1], "byRow": float(rows @ (x @ numpy.ones(x.shape[1]))),
            "byColumn": float(numpy.ones(x.shape[0]) @ (x @ cols)), "labels": float(rows @ y)}


def sparse(name):
    with gzip.open(f"../embedded/{name}.libsvm.gz") as f:
        return load_svmlight_file(f)


def table(name):
    values = numpy.loadtxt(f"../embedded/{name}.csv.gz", delimiter=",", skiprows=1)
    return values[:, :-1], values[:, -1]


cancer = load_breast_cancer()
heart, _ = sparse("heart-scale")
sets = {
    "agaricus": sparse("agaricus"),
    "breast-cancer": (cancer.data, cancer.target),
    "digits": load_digits(return_X_y=True),
    "heart-scale": sparse("heart-scale"),
    "lecture-logistic": make_classification(n_samples=200, n_features=10, n_informative=5, random_state=0),
    "spirals": table("spirals"),
}
standard = StandardScaler().fit(cancer.data)
out = {
    "sets": {name: checks(*set) for name, set in sets.items()},
    "standardMean": standard.mean_.tolist(),
    "standardScale": standard.scale_.tolist(),
    "standardRow": standard.transform(cancer.data)[17].tolist(),
    "maxAbs": MaxAbsScaler().fit(heart).scale_.tolist(),
    "normalizedRow": normalize(heart).toarray()[17].tolist(),
}
with open("reference.json", "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")
