"""Writes norms.json: norms, dual norms and linear minimizers by their formulas, computed to 60 digits.

    pip install -r requirements.txt
    python norms.py

The dual norm is −⟨g, d⟩ of the minimizer d, and must agree with the ℓq norm of the magnitudes.
"""

import json
import pathlib

from mpmath import inf, matrix, mp, mpf, sign, sqrt, svd_r

mp.dps = 60

MATRICES = {
    "wide": [[3, -1, 0.5, 2], [0, 4, -2.5, 1], [-1, 1, 1, 0.25]],
    "tall": [[1, 2], [-3, 0.5], [0, 0], [4, -4], [0.125, 7]],
    "row": [[2, -7, 0, 3.5, -0.5]],
    "column": [[0.5], [-6], [2]],
    "rank one": [[1, -2, 3], [2, -4, 6], [-0.5, 1, -1.5]],
    "huge": [[1e308, -2e307], [3e307, 1e300]],
    "small": [[1e-160, -3e-160], [2e-161, 1e-162]],
    "tiny": [[1e-310, -2e-308], [3e-309, 4e-320]],
    "uneven": [[1e140, -1, 1e-140], [1e-150, 2e-150, -2e-150]],
}
EXPONENTS = ["1", "1.0001", "1.5", "2", "3", "1000000", "inf"]
KINDS = ["lp", "rows", "columns", "schatten"]


def lp(m, p):
    return max(m) if p == inf else sum(v**p for v in m) ** (1 / p)


def holder(m, p):
    """The w ≥ 0 with ‖w‖_p = 1 that has the largest ⟨w, m⟩."""
    if p == 1:
        first = m.index(max(m))
        return [mpf(i == first) for i in range(len(m))]
    if p == inf:
        return [sign(v) for v in m]
    t = [v ** (1 / (p - 1)) if v else mpf(0) for v in m]
    return [v / lp(t, p) for v in t]


def decompose(kind, g):
    """The magnitudes of g, and for each its direction: the matrix that it multiplies in g."""
    rows, cols = g.rows, g.cols

    def only(keep):
        return matrix([[g[i, j] if keep(i, j) else 0 for j in range(cols)] for i in range(rows)])

    if kind == "schatten":
        scale = max(abs(v) for v in g)
        u, s, vt = svd_r(g / scale, full_matrices=False)
        s = [v if v > mpf(10) ** -40 * s[0] else mpf(0) for v in s]
        return [v * scale for v in s], [u[:, k] * vt[k, :] for k in range(len(s))]
    parts = {
        "lp": [only(lambda i, j, a=a, b=b: (i, j) == (a, b)) for a in range(rows) for b in range(cols)],
        "rows": [only(lambda i, j, a=a: i == a) for a in range(rows)],
        "columns": [only(lambda i, j, b=b: j == b) for b in range(cols)],
    }[kind]
    m = [sqrt(sum(v * v for v in part)) for part in parts]
    return m, [part / v if v else part for part, v in zip(parts, m)]


cases = []
for name, rows in MATRICES.items():
    g = matrix(rows)
    for kind in KINDS:
        if (name, kind) == ("uneven", "schatten"):
            continue  # its small singular value counts as 0 in float64
        m, directions = decompose(kind, g)
        for text in EXPONENTS:
            p = mpf(float(text))
            w = holder(m, p)
            d = matrix(g.rows, g.cols)
            for weight, direction in zip(w, directions):
                d -= weight * direction
            dual = -sum(a * b for a, b in zip(g, d))
            assert abs(dual / lp(m, inf if p == 1 else 1 if p == inf else p / (p - 1)) - 1) < mpf(10) ** -30
            cases.append({
                "matrix": name, "rows": g.rows, "cols": g.cols, "g": [float(v) for v in g], "norm": f"{kind}({text})",
                "value": float(lp(m, p)), "dual": float(dual), "lmo": [float(v) for v in d],
            })

lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
pathlib.Path(__file__).with_name("norms.json").write_text(f"[\n{lines}\n]\n")
