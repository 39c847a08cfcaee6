"""Writes estimators.json: trajectories of the methods that estimate the gradient in their own way, after the formulas of their
papers, by NumPy in float64. No published package has them with a given order of the terms.

    pip install numpy==2.4.6
    python train/testdata/estimators.py

The problem is mean(log(1 + exp(-y<a, x>))) + (l2/2)|x|^2 on a set that is written too. Batches take the terms in their order.
"""

import json
import pathlib

import numpy as np

N, D, BATCH, STEPS, L2, LR = 30, 4, 3, 60, 0.05, 0.3
KEEP = [1, 2, 3, 10, 11, 30, 60]
rng = np.random.default_rng(5)
A = np.round(rng.normal(size=(N, D)), 3)
Y = np.where(A @ np.array([1, -2, 0.5, 0]) + rng.normal(size=N) > 0, 1.0, -1.0)


def batch(k):
    at = k % (N // BATCH) * BATCH
    return np.arange(at, at + BATCH)


def grads(x, rows):
    """The gradients of terms, one a row."""
    return -(Y[rows] / (1 + np.exp(Y[rows] * (A[rows] @ x))))[:, None] * A[rows] + L2 * x


ALL = np.arange(N)


def sag(x0, unbiased):
    x, table = x0.copy(), grads(x0, ALL) - L2 * x0  # the penalty is exact
    for k in range(STEPS):
        rows = batch(k)
        fresh = grads(x, rows) - L2 * x
        if unbiased:
            g = (fresh - table[rows]).mean(0) + table.mean(0) + L2 * x
            table[rows] = fresh
        else:
            table[rows] = fresh
            g = table.mean(0) + L2 * x
        x = x - LR * g
        yield x


def svrg(x0, inner):
    x = x0.copy()
    for k in range(STEPS):
        if k % inner == 0:
            w = x
            whole = grads(w, ALL).mean(0)
        rows = batch(k)
        x = x - LR * ((grads(x, rows) - grads(w, rows)).mean(0) + whole)
        yield x


def lsvrg(x0):
    """With a new snapshot, the iterate before the step, at every step."""
    x = w = x0.copy()
    for k in range(STEPS):
        rows = batch(k)
        step = (grads(x, rows) - grads(w, rows)).mean(0) + grads(w, ALL).mean(0)
        w, x = x, x - LR * step
        yield x


def newton(x0):
    """The online form, around the running average of the iterates before the step, which is what the run returns."""
    x, mean = x0.copy(), x0.copy()
    for k in range(STEPS):
        rows = batch(k)
        z = Y[rows] * (A[rows] @ mean)
        s = 1 / (1 + np.exp(z))
        slope = -Y[rows] * s + s * (1 - s) * (A[rows] @ (x - mean))
        g = (slope[:, None] * A[rows]).mean(0) + L2 * x
        mean = mean + (x - mean) / (k + 1)
        x = x - LR * g
        yield mean


def sam(x0, rho, momentum=0, adaptive=False):
    x, b = x0.copy(), 0
    for k in range(STEPS):
        rows = batch(k)
        g = grads(x, rows).mean(0)
        scale = x if adaptive else np.ones(D)
        g = grads(x + rho * scale**2 * g / np.linalg.norm(scale * g), rows).mean(0)
        b = momentum * b + g
        x = x - LR * b
        yield x


X0 = np.array([0.5, 0.5, -0.5, 1.0])
RUNS = {
    f"sag:lr={LR}": sag(X0, False),
    f"saga:lr={LR}": sag(X0, True),
    f"svrg:lr={LR},inner=10": svrg(X0, 10),
    f"svrg:lr={LR},inner=7": svrg(X0, 7),
    f"lsvrg:lr={LR},p=1": lsvrg(X0),
    f"newton-sgd:lr={LR}": newton(X0),
    f"sam:lr={LR}": sam(X0, 0.05),
    f"sam:lr={LR},rho=0.5,momentum=0.8": sam(X0, 0.5, 0.8),
    f"sam:lr={LR},rho=0.5,adaptive=true": sam(X0, 0.5, adaptive=True),
}
cases = []
for spec, run in RUNS.items():
    xs = list(run)
    cases.append(dict(spec=spec, x=[xs[k - 1].tolist() for k in KEEP]))
out = dict(versions=dict(numpy=np.__version__), rows=A.tolist(), labels=Y.tolist(), l2=L2, batch=BATCH, start=X0.tolist(),
           keep=KEEP, cases=cases)
(pathlib.Path(__file__).parent / "estimators.json").write_text(json.dumps(out) + "\n")
