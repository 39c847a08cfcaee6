"""Writes roots.json: inverse roots by mpmath in 50 digits, by optax and by pytorch_optimizer, and QR factors by numpy.

    pip install -r requirements.txt
    python roots.py
"""

import json
import pathlib

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import mpmath
import numpy as np
import torch
from optax._src.linear_algebra import matrix_inverse_pth_root
from pytorch_optimizer.optimizer.utils.matrix import compute_power_svd

mpmath.mp.dps = 50
rng = np.random.default_rng(2016)


def gram(rows, cols, decay=1.0):
    """GGᵀ, of rank cols if that is less, with columns of G that decrease."""
    g = rng.standard_normal((rows, cols)) * decay ** np.arange(cols)
    return np.tril(g @ g.T) + np.tril(g @ g.T, -1).T


def ridged(values, ridge, eps):
    """The eigenvalues whose roots are taken; None for those that are left out."""
    least, most = min(values), max(values)
    return {
        "shift": [v + eps for v in values],
        "shift-relative": [v + eps * most for v in values],
        "shift-negative": [v - min(least, 0) + eps for v in values],
        "clamp": [max(v, eps) for v in values],
        "pseudo-inverse": [v if v > eps * most else None for v in values],
    }[ridge]


def exact(a, p, eps, ridge):
    values, vectors = mpmath.eigsy(mpmath.matrix(a.tolist()))
    roots = [0 if v is None else v ** (-1 / mpmath.mpf(p)) for v in ridged(list(values), ridge, mpmath.mpf(eps))]
    return np.array((vectors * mpmath.diag(roots) * vectors.T).tolist(), dtype=float)


well, ill, low, indefinite = gram(6, 12), gram(7, 9, 0.3), gram(6, 3), gram(5, 8) - 4 * np.eye(5)
assert -3 < np.linalg.eigvalsh(indefinite)[0] < -0.5
cases = []


def case(source, a, x, p, eps=0.0, ridge="shift", method="eigen", tolerance=1e-12):
    root = {"P": p, "Eps": eps, "Ridge": ridge, "Method": method}
    cases.append({"Source": source, "A": a.ravel().tolist(), "X": np.asarray(x).ravel().tolist(), "Root": root, "Tolerance": tolerance})


for p in (0.5, 1, 2, 2.5, 3, 4, 8):
    case("mpmath", well, exact(well, p, 0, "shift"), p)
for p in (1, 2, 3, 4, 6):
    case("mpmath", well, exact(well, p, 0.25, "shift"), p, 0.25, method="newton")
    case("mpmath", ill, exact(ill, p, 1e-6, "shift"), p, 1e-6, method="newton", tolerance=1e-9)
for a, tolerance in ((well, 1e-12), (ill, 1e-9), (low, 1e-9)):
    for ridge, eps in (("shift", 1e-3), ("shift-relative", 1e-4), ("shift-negative", 1e-3), ("clamp", 1e-3), ("pseudo-inverse", 1e-9)):
        case("mpmath", a, exact(a, 4, eps, ridge), 4, eps, ridge, tolerance=tolerance)
for ridge in ("shift-negative", "clamp"):
    case("mpmath", indefinite, exact(indefinite, 2, 1e-2, ridge), 2, 1e-2, ridge)
for p in (2, 4):
    x, _ = matrix_inverse_pth_root(jnp.asarray(well), p, ridge_epsilon=1e-6)
    case("optax", well, x, p, 1e-6, "shift-relative", "newton", tolerance=1e-6)
    case("pytorch_optimizer", well, compute_power_svd(torch.tensor(well), p), p)

factors = []
for rows, cols in ((1, 1), (5, 5), (9, 4), (6, 1)):
    x = rng.standard_normal((rows, cols))
    q, r = np.linalg.qr(x)
    factors.append({"Rows": rows, "Cols": cols, "X": x.ravel().tolist(), "Q": (q * np.sign(np.diag(r))).ravel().tolist()})

rows = {key: "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" for key, value in (("Roots", cases), ("QR", factors))}
text = "{" + ",\n".join(f'"{key}": {value}' for key, value in rows.items()) + "}\n"
pathlib.Path(__file__).with_suffix(".json").write_text(text)
