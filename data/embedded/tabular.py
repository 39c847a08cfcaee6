"""Makes digits.csv.gz, breast-cancer.csv.gz, lecture-logistic.csv.gz and spirals.csv.gz with scikit-learn 1.7.2 and numpy 2.4.6.

digits and breast-cancer are the UCI data sets that scikit-learn carries. lecture-logistic is drawn by
make_classification(n_samples=200, n_features=10, n_informative=5, random_state=0), the problem of the lecture's figures
on strongly convex logistic regression; its labels are 0 and 1. spirals is the lecturer's data for a comparison with Muon
(https://fmin.xyz/docs/visualizations/muon_spiral.html): 200 points on each of two arms, from the angle 0.5 at the radius 0.3 to
the angle 3.2π at the radius 2, with normal noise of deviation 0.15 from the seed 42; the second arm, with the label 1, is turned
by half a circle. Numbers are written with the fewest digits that read back as the same float64.

    python tabular.py
"""

import gzip

import numpy as np
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

np.random.seed(42)
angle, radius = np.linspace(0.5, 3.2 * np.pi, 200), np.linspace(0.3, 2, 200)
arms = []
for turn in (0, np.pi):
    x = radius * np.cos(angle + turn) + 0.15 * np.random.randn(200)
    y = radius * np.sin(angle + turn) + 0.15 * np.random.randn(200)
    arms.append(np.stack([x, y], axis=1))
write("spirals.csv.gz", ["x1", "x2"], np.vstack(arms), np.repeat([0, 1], 200))
