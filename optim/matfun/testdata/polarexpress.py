"""Writes polarexpress.json: the tables of Polar Express, in 60 digits by mpmath, rounded to float64 once.

    pip install -r requirements.txt
    python polarexpress.py
"""

import json
import pathlib

from mpmath import lu_solve, matrix, mp, mpf, sqrt

mp.dps = 60


def at(p, x):
    a, b, c = p
    return a * x + b * x**3 + c * x**5


def cubic(l, u):
    """Section 3.2 of the paper (arXiv:2505.16932)."""
    alpha = sqrt(3 / (u * u + l * u + l * l))
    beta = 4 / (2 + l * u * (l + u) * alpha**3)
    return 3 * alpha * beta / 2, -(alpha**3) * beta / 2, mpf(0)


def quintic(l, u):
    """Remez's algorithm, until nothing changes in 45 digits."""
    q, r, before = (3 * l + u) / 4, (l + 3 * u) / 4, mpf(0)
    while True:
        rows = [[x, x**3, x**5, sign] for x, sign in zip((l, q, r, u), (1, -1, 1, -1))]
        a, b, c, e = lu_solve(matrix(rows), matrix([1, 1, 1, 1]))
        if abs(e - before) < mpf(10) ** -45:
            return a, b, c
        before = e
        root = sqrt(9 * b * b - 20 * a * c)
        q, r = sqrt((-3 * b - root) / (10 * c)), sqrt((-3 * b + root) / (10 * c))


def table(lower, degree, steps, cushion, safety):
    fit = cubic if degree == 3 else quintic
    l, u, polynomials = mpf(lower), mpf(1), []
    for k in range(steps):
        p = fit(max(l, mpf(cushion) * u), u)
        if l < mpf(cushion) * u:
            factor = 2 / (at(p, l) + at(p, u))
            p = [factor * e for e in p]
        s = 1 + mpf(safety)
        safe = p if k == steps - 1 else (p[0] / s, p[1] / s**3, p[2] / s**5)
        polynomials.append([float(e) for e in safe])
        l = at(safe, l)
        u = 2 - l
    return polynomials


CASES = [
    (1e-3, 5, 5, 0, 0),
    (1e-3, 5, 8, 0.02407327424182761, 0),
    (1e-3, 5, 8, 0.02, 0.01),
    (1e-3, 5, 5, 0.02, 0.02),
    (1e-4, 5, 11, 0.02, 0.01),
    (0.5, 5, 3, 0, 0),
    (1e-3, 3, 10, 0, 0),
    (1e-6, 3, 14, 0.05, 0.01),
]
NAMES = ["Lower", "Degree", "Steps", "Cushion", "Safety"]
rows = [{"Options": dict(zip(NAMES, case)), "Table": table(*case)} for case in CASES]
pathlib.Path(__file__).with_suffix(".json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
