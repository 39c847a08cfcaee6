"""Writes normalized.json: normalized steps on f(X) = ½ Σ h·x² by NumPy, with the mean of ‖∇f‖* over the steps and its bounds.

    pip install numpy==2.4.6
    python normalized.py
"""

import json
import pathlib

import numpy as np

H = np.array([[1.0, 0.5, 2.0], [3.0, 0.25, 1.5]])
X0 = np.array([[1.0, -2.0, 0.5], [0.75, 3.0, -1.0]])
NOISE = 0.3  # the standard deviation √V of a gradient
STEPS = 12


def polar(g):
    u, _, vt = np.linalg.svd(g, full_matrices=False)
    return u @ vt


# the direction, the dual norm, and the square of the largest ‖d‖₂ over ‖d‖ ≤ 1
METHODS = {
    "normalized": (lambda g: g / np.linalg.norm(g), np.linalg.norm, 1),
    "sign": (np.sign, lambda g: np.abs(g).sum(), X0.size),
    "spectral": (polar, lambda g: np.linalg.norm(g, "nuc"), min(X0.shape)),
    "rows": (lambda g: g / np.linalg.norm(g, axis=1, keepdims=True), lambda g: np.linalg.norm(g, axis=1).sum(), len(X0)),
}


def run(direction, dual, square, alpha):
    excess, smoothness = (H * X0 * X0).sum() / 2, square * H.max()
    x, norms = X0.copy(), []
    for _ in range(STEPS):
        norms.append(dual(H * x))
        x -= alpha * direction(H * x)
    quiet = excess / (alpha * STEPS) + alpha * smoothness / 2
    return {
        "alpha": alpha,
        "mean": np.mean(norms),
        "quiet": quiet,
        "noisy": quiet + 2 * np.sqrt(square) * NOISE,
        "best": np.sqrt(2 * excess / (STEPS * smoothness)),
    }


cases = {name: run(*method, alpha=0.125) for name, method in METHODS.items()}
path = pathlib.Path(__file__).with_name("normalized.json")
path.write_text(json.dumps({"h": H.ravel().tolist(), "x0": X0.ravel().tolist(), "noise": NOISE, "steps": STEPS, "cases": cases}, indent=1) + "\n")
