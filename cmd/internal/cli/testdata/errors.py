"""Writes errors.json: weights and their standard errors by statsmodels, and the flags of steepest fit that mean the same. Run in this folder with
statsmodels installed; versions go into the file. Weights of rows are counts of them.

    python errors.py
"""

import json
from importlib.metadata import version

import numpy as np
import statsmodels.api as sm

rng = np.random.default_rng(5)
n, d = 80, 5
X = rng.normal(size=(n, d)) * np.array([1, 2, 0.5, 1, 1.5]) + np.array([0, 1, 0, -1, 0])
w = rng.normal(size=d) / 2
two = (X @ w + rng.logistic(size=n) > 0.5).astype(int)
reals = X @ w + rng.normal(size=n) + 3
weights = rng.integers(1, 4, size=n)
ones = sm.add_constant(X, prepend=False)
tight = dict(tol=1e-13, maxiter=500)

cases = []


def case(peer, labels, flags, found, weighted=False):
    cases.append(dict(peer=peer, labels=labels, flags=(flags + " --l2 0 --errors").split(), weighted=weighted,
                      x=found.params.tolist(), errors=found.bse.tolist()))


newton = dict(method="newton", disp=False)
case("statsmodels Logit", "two", "", sm.Logit(two, ones).fit(**newton, **tight))
case("statsmodels Logit without a constant", "two", "--no-intercept", sm.Logit(two, X).fit(**newton, **tight))
case("statsmodels OLS", "reals", "--loss least-squares", sm.OLS(reals, ones).fit())
case("statsmodels OLS without a constant", "reals", "--loss least-squares --no-intercept", sm.OLS(reals, X).fit())
case("statsmodels GLM, Binomial, freq_weights", "two", "--weights w", sm.GLM(two, ones, sm.families.Binomial(), freq_weights=weights).fit(**tight), True)
case("statsmodels GLM, Gaussian, freq_weights", "reals", "--loss least-squares --weights w", sm.GLM(reals, ones, freq_weights=weights).fit(**tight), True)

versions = {p: version(p) for p in ("statsmodels", "numpy", "scipy")}
with open("errors.json", "w") as f:
    data = dict(X=X.tolist(), two=two.tolist(), reals=reals.tolist(), weights=weights.tolist())
    json.dump(dict(versions=versions, **data, cases=cases), f, indent=1)
    f.write("\n")
