"""Writes golden.json: losses and gradients by JAX, minimizers by scikit-learn, NumPy and SciPy, for the problems of
package objective. Run in this folder; versions go into the file.

    python golden.py
"""

import json
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression
from sklearn.svm import LinearSVC

jax.config.update("jax_enable_x64", True)
warnings.simplefilter("ignore", FutureWarning)

rng = np.random.default_rng(1)
n, d, classes, delta = 40, 6, 3, 0.7
A = rng.normal(size=(n, d)) * np.array([1, 1, 1, 1, 3, 0.3])
w = rng.normal(size=d)
signs = np.where(A @ w + 6 * rng.normal(size=n) > 0, 1.0, -1.0)
reals = A @ w + rng.standard_t(2, size=n)
labels = np.argmax(A @ rng.normal(size=(d, classes)) + rng.normal(size=(n, classes)), axis=1)

losses = {
    "least squares": lambda x: 0.5 * (A @ x - reals) ** 2,
    "huber": lambda x: jnp.where(
        abs(A @ x - reals) <= delta, 0.5 * (A @ x - reals) ** 2, delta * (abs(A @ x - reals) - delta / 2)
    ),
    "logistic": lambda x: jnp.logaddexp(0, -signs * (A @ x)),
    "hinge": lambda x: jnp.maximum(0, 1 - signs * (A @ x)),
    "squared hinge": lambda x: 0.5 * jnp.maximum(0, 1 - signs * (A @ x)) ** 2,
    "softmax": lambda x: -jax.nn.log_softmax(A @ x.reshape(classes, d).T)[jnp.arange(n), labels],
}


def smooth(model, l2):
    """f by JAX."""
    return lambda x: jnp.mean(losses[model](x)) + l2 / 2 * jnp.sum(x**2)


def minimizer(model, l1, l2):
    common = dict(fit_intercept=False, max_iter=10**7)
    c = 1 / (n * (l1 or l2 or 1))
    match model, l1 > 0, l2 > 0:
        case "least squares", False, _:
            return np.linalg.solve(A.T @ A / n + l2 * np.eye(d), A.T @ reals / n)
        case "least squares", True, False:
            return Lasso(alpha=l1, tol=1e-15, **common).fit(A, reals).coef_
        case "least squares", True, True:
            return ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), tol=1e-15, **common).fit(A, reals).coef_
        case "logistic", False, True:
            return LogisticRegression(C=c, solver="newton-cholesky", tol=1e-14, **common).fit(A, signs).coef_
        case "logistic", True, False:
            return LogisticRegression(C=c, penalty="l1", solver="liblinear", tol=1e-10, **common).fit(A, signs).coef_
        case "softmax", False, True:
            return LogisticRegression(C=c, solver="newton-cg", tol=1e-12, **common).fit(A, labels).coef_
        case "hinge", False, True:
            return LinearSVC(loss="hinge", C=c, tol=1e-10, **common).fit(A, signs).coef_
        case "squared hinge", False, True:
            return LinearSVC(loss="squared_hinge", C=c / 2, dual=False, tol=1e-10, **common).fit(A, signs).coef_
    f = smooth(model, l2)
    result = minimize(
        f, np.zeros(d), jac=jax.grad(f), hess=jax.hessian(f), method="trust-exact", options={"gtol": 1e-12}
    )
    return result.x


cases = []
for model, l1, l2 in [
    ("least squares", 0, 0),
    ("least squares", 0, 0.1),
    ("least squares", 0.3, 0),
    ("least squares", 0.2, 0.1),
    ("huber", 0, 0.05),
    ("logistic", 0, 0),
    ("logistic", 0, 0.01),
    ("logistic", 0.05, 0),
    ("hinge", 0, 0.1),
    ("squared hinge", 0, 0.1),
    ("softmax", 0, 0.05),
]:
    x = 0.5 * np.sin(np.arange(classes * d if model == "softmax" else d) + 1.0)
    best = minimizer(model, l1, l2).ravel()
    cases.append(
        dict(
            model=model,
            l1=l1,
            l2=l2,
            x=x.tolist(),
            loss=float(smooth(model, l2)(x)),
            grad=jax.grad(smooth(model, l2))(x).tolist(),
            minimizer=best.tolist(),
            minimum=float(smooth(model, l2)(best) + l1 * np.abs(best).sum()),
        )
    )

versions = {m.__name__: m.__version__ for m in (np, scipy, sklearn, jax)}
golden = dict(
    versions=versions, delta=delta, a=A.tolist(), signs=signs.tolist(), reals=reals.tolist(),
    labels=labels.tolist(), cases=cases,
)
with open("golden.json", "w") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
