"""Writes peers.json: the weights that other programs find, and the flags of steepest fit that mean the same. Run in this folder with
scikit-learn, liblinear-official and cyanure installed; versions go into the file.

    python peers.py
"""

import json
from importlib.metadata import version

import cyanure.estimators
import numpy as np
from liblinear import liblinearutil
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.svm import LinearSVC

rng = np.random.default_rng(3)
n, d = 60, 5
X = rng.normal(size=(n, d)) * np.array([1, 2, 0.5, 1, 1.5]) + np.array([0, 1, 0, -1, 0])
w = rng.normal(size=d)
two = (X @ w + rng.normal(size=n) > 0.5).astype(int)
three = np.argmax(X @ rng.normal(size=(d, 3)) + rng.normal(size=(n, 3)), axis=1)
reals = X @ w + rng.normal(size=n) + 3
weights = rng.integers(1, 4, size=n)
tight = dict(tol=1e-14, max_iter=10**7)

cases = []


def case(peer, labels, flags, coef, intercept=None, weights=False):
    coef = np.atleast_2d(coef)
    rows = [list(c) + ([] if intercept is None else [b]) for c, b in zip(coef, np.atleast_1d(intercept if intercept is not None else np.zeros(len(coef))))]
    cases.append(dict(peer=peer, labels=labels, flags=flags.split(), weighted=weights, x=[float(v) for r in rows for v in r]))


m = LogisticRegression(C=0.5, solver="newton-cholesky", **tight).fit(X, two)
case("scikit-learn LogisticRegression(C=0.5)", "two", "--C 0.5", m.coef_, m.intercept_)
m = LogisticRegression(C=0.5, solver="newton-cholesky", fit_intercept=False, **tight).fit(X, two)
case("scikit-learn LogisticRegression(C=0.5, fit_intercept=False)", "two", "--C 0.5 --no-intercept", m.coef_)
m = LogisticRegression(C=2, solver="newton-cholesky", class_weight="balanced", **tight).fit(X, two)
case("scikit-learn LogisticRegression(C=2, class_weight='balanced')", "two", "--C 2 --class-weight balanced", m.coef_, m.intercept_)
m = LogisticRegression(C=2, solver="newton-cholesky", **tight).fit(X, two, sample_weight=weights)
case("scikit-learn LogisticRegression(C=2).fit(sample_weight)", "two", "--C 2 --weights w", m.coef_, m.intercept_, True)
m = LogisticRegression(C=1, solver="newton-cholesky", **tight).fit(X, three)
case("scikit-learn LogisticRegression(C=1), three classes", "three", "--C 1", m.coef_, m.intercept_)
for a in (0.1, 3.0):
    m = Ridge(alpha=a, solver="cholesky").fit(X, reals)
    case(f"scikit-learn Ridge(alpha={a})", "reals", f"--loss least-squares --alpha {a}", m.coef_, m.intercept_)
m = Ridge(alpha=2, solver="cholesky").fit(X, reals, sample_weight=weights)
case("scikit-learn Ridge(alpha=2).fit(sample_weight)", "reals", "--loss least-squares --alpha 2 --weights w", m.coef_, m.intercept_, True)
m = Lasso(alpha=0.2, tol=1e-15, max_iter=10**7).fit(X, reals)
case("scikit-learn Lasso(alpha=0.2)", "reals", "--loss least-squares --alpha 0.2 --l1-ratio 1", m.coef_, m.intercept_)
case("scikit-learn Lasso(alpha=0.2), by --l1", "reals", "--loss least-squares --l1 0.2", m.coef_, m.intercept_)
m = ElasticNet(alpha=0.3, l1_ratio=0.4, tol=1e-15, max_iter=10**7).fit(X, reals)
case("scikit-learn ElasticNet(alpha=0.3, l1_ratio=0.4)", "reals", "--loss least-squares --alpha 0.3 --l1-ratio 0.4", m.coef_, m.intercept_)
m = LinearSVC(C=0.7, fit_intercept=False, dual=False, **tight).fit(X, two)
case("scikit-learn LinearSVC(C=0.7, fit_intercept=False)", "two", "--loss squared-hinge --C 0.7 --no-intercept", m.coef_)

signs = (2 * two - 1).tolist()
rows = [{j + 1: float(v) for j, v in enumerate(r)} for r in X]
for s, flags in ((0, "--C 0.5 --no-intercept"), (2, "--loss squared-hinge --C 0.5 --no-intercept")):
    m = liblinearutil.train(signs, rows, f"-s {s} -c 0.5 -e 1e-13 -q")
    sign = 1 if m.get_labels()[0] == 1 else -1
    case(f"LIBLINEAR -s {s} -c 0.5", "two", flags, sign * np.array(m.get_decfun()[0]))

m = cyanure.estimators.Classifier(loss="logistic", penalty="l2", lambda_1=0.02, fit_intercept=True, tol=1e-15, max_iter=5000, verbose=False)
m.fit(X.copy(), two.astype(float))
case("cyanure Classifier(loss='logistic', lambda_1=0.02)", "two", "--l2 0.02", m.coef_.ravel(), m.intercept_.ravel())

versions = {p: version(p) for p in ("scikit-learn", "liblinear-official", "cyanure", "numpy")}
with open("peers.json", "w") as f:
    data = dict(X=X.tolist(), two=two.tolist(), three=three.tolist(), reals=reals.tolist(), weights=weights.tolist())
    json.dump(dict(versions=versions, **data, cases=cases), f, indent=1)
