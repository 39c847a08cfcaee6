"""Writes steepest.json: trajectories of steepest descent in a norm on the problem of matrix.json, by the singular value
decomposition of NumPy, in float64. No published optimizer package has the method.

    pip install numpy==2.4.6
    python optim/testdata/steepest.py

x <- x + lr * lmo(g) for each matrix, with lmo(g) = argmin <g, d> over |d| <= 1 (Bernstein and Newhouse 2024, proposition 1); the
regularized form multiplies by the dual norm of g. A vector is a matrix of one column.
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
P = json.loads((HERE / "matrix.json").read_text())
CURVATURE, SCALE = np.array(P["curvature"]), np.array(P["scale"])
SHAPES = [(q["shape"] + [1])[:2] for q in P["params"]]


def gradient(k, x):
    g = CURVATURE * x + np.array(P["noise"][k])
    g[1:] -= x[:-1] / 2
    g[:-1] -= x[1:] / 2
    g *= SCALE
    if k < 3:
        g[6] = 0
    return g


def spectral(g):
    u, s, v = np.linalg.svd(g, full_matrices=False)
    return u @ v, s.sum()


def nuclear(g):
    u, s, v = np.linalg.svd(g, full_matrices=False)
    return np.outer(u[:, 0], v[0]), s[0]


def frobenius(g):
    norm = np.linalg.norm(g)
    return g / norm, norm


def max_entry(g):
    return np.sign(g), np.abs(g).sum()


def trajectory(oracle, lr, regularized):
    x, kept = np.array(P["start"][0]), []
    for k in range(len(P["noise"])):
        g, at = gradient(k, x), 0
        for rows, cols in SHAPES:
            direction, dual = oracle(g[at:at + rows * cols].reshape(rows, cols))
            x[at:at + rows * cols] -= lr * direction.ravel() * (dual if regularized else 1)
            at += rows * cols
        if k + 1 in P["keep"]:
            kept.append(x.tolist())
    return kept


cases = []
for name, oracle in [("spectral", spectral), ("nuclear", nuclear), ("frobenius", frobenius), ("max-entry", max_entry)]:
    for regularized in [False, True]:
        lr = 0.001 if regularized else 0.05
        spec = f"steepest:norm={name},lr={lr}" + (",regularized=true" if regularized else "")
        cases.append(dict(name=spec, spec=spec, x=trajectory(oracle, lr, regularized)))
problem = {key: P[key] for key in ["params", "curvature", "scale", "start", "noise", "keep"]}
lines = ",\n".join(json.dumps(c) for c in cases)
(HERE / "steepest.json").write_text(json.dumps(dict(versions=dict(numpy=np.__version__), **problem))[:-1] +
                                    ',\n"cases": [\n' + lines + "\n]}\n")
