"""Makes digits.csv.gz, breast-cancer.csv.gz and lecture-logistic.csv.gz with scikit-learn 1.7.2 and numpy 2.4.6.

digits and breast-cancer are the UCI data sets that scikit-learn carries. lecture-logistic is drawn by
make_classification(n_samples=200, n_features=10, n_informative=5, random_state=0), the problem of the lecture's figures
on strongly convex logistic regression; its labels are 0 and 1. Numbers are written with the fewest digits that read back
as the same float64.

    python tabular.py
"""

import gzip

import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, make_classification

assert sklearn.__version__ == "1.7.2", sklearn.__version__


def write(name, features, x, y):
    lines = [",".join([*features, "label"])]
    for row, label in zip(x, y):
        lines.append(",".join(short(v) for v in [*row, label]))
    # Without a time or a file name in its header the archive is the same on every day.
    with open(name, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as packed:
        packed.write(("\n".join(lines) + "\n").encode())


def short(v):
    return repr(float(v)).removesuffix(".0")


digits = load_digits()
write("digits.csv.gz", digits.feature_names, digits.data, digits.target)

cancer = load_breast_cancer()
write("breast-cancer.csv.gz", cancer.feature_names, cancer.data, cancer.target)

x, y = make_classification(n_samples=200, n_features=10, n_informative=5, random_state=0)
write("lecture-logistic.csv.gz", [f"x{j}" for j in range(1, 11)], x, y)
