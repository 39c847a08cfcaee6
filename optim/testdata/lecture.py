"""Writes lecture.json: what the formulas on the lecture's slides compute, in float64, by NumPy alone.

    python lecture.py

Every case is one formula on one problem: a matrix, a vector and tensors of order 3 and 4, one after the other in x, the gradient
of a coupled quadratic plus stored noise, each tensor on a scale of its own. "spec" is the rule. Here stands what the slides say, and
where they leave a number open, the spec gives it.
"""

import json
import pathlib

import numpy as np

SHAPES = {"w": (4, 3), "b": (4,), "kernels": (2, 3, 4), "images": (3, 2, 2, 3)}
SIZES = [int(np.prod(s)) for s in SHAPES.values()]
STEPS = 20
KEEP = [1, 2, 3, 10, 20]  # the numbers of steps after which x is stored
rng = np.random.default_rng(2018)
X0 = rng.standard_normal(sum(SIZES)).round(3)
NOISE = rng.standard_normal((STEPS, sum(SIZES))).round(3)
CURVATURE = rng.uniform(1, 2, sum(SIZES)).round(3)
SCALE = np.repeat([3, 1, 0.1, 10], SIZES)


def gradient(k, x):
    """The gradient of golden.py."""
    g = CURVATURE * x + NOISE[k]
    g[1:] -= x[:-1] / 2
    g[:-1] -= x[1:] / 2
    if k < 3:
        g[6] = 0
    return SCALE * g


def tensors(x):
    return [v.reshape(s) for v, s in zip(np.split(x, np.cumsum(SIZES)[:-1]), SHAPES.values())]


def case(name, spec, rule, split=tensors):
    """rule(x) returns a function of (k, x, g), k = 1, 2, …, that returns the next x; split cuts x into what it is for."""
    x, kept = X0.copy(), []
    steps = [rule(v) for v in split(x)]
    for k in range(STEPS):
        parts = zip(steps, split(x), split(gradient(k, x)))
        x = np.concatenate([step(k + 1, v, g).ravel() for step, v, g in parts])
        if k + 1 in KEEP:
            kept.append([round(e, 13) for e in x.tolist()])
    return dict(name=name, spec=spec, x=kept)


# The formulas


def sgd(alpha):
    return lambda x: lambda k, x, g: x - alpha * g


def adagrad(alpha, eps=1e-6):
    """v ← v + g², x ← x − αg/√(v + ε)."""

    def rule(x):
        v = np.zeros(x.shape)

        def step(k, x, g):
            nonlocal v
            v = v + g**2
            return x - alpha * g / np.sqrt(v + eps)

        return step

    return rule


def rmsprop(alpha, gamma, eps):
    """v ← γv + (1 − γ)g², x ← x − αg/√(v + ε)."""

    def rule(x):
        v = np.zeros(x.shape)

        def step(k, x, g):
            nonlocal v
            v = gamma * v + (1 - gamma) * g**2
            return x - alpha * g / np.sqrt(v + eps)

        return step

    return rule


def adam(alpha, beta1=0.9, beta2=0.999, eps=1e-8, decay=0):
    """m̂ = m/(1 − β₁ᵏ), v̂ = v/(1 − β₂ᵏ), x ← x − α(m̂/(√v̂ + ε) + λx)."""

    def rule(x):
        m, v = np.zeros(x.shape), np.zeros(x.shape)

        def step(k, x, g):
            nonlocal m, v
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            return x - alpha * (m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps) + decay * x)

        return step

    return rule


def adadelta(alpha, rho, eps):
    """v ← ρv + (1 − ρ)g², g̃ = √(Δ + ε)/√(v + ε)·g, x ← x − αg̃, Δ ← ρΔ + (1 − ρ)g̃²; the slide is commented out, and has α = 1."""

    def rule(x):
        v, delta = np.zeros(x.shape), np.zeros(x.shape)

        def step(k, x, g):
            nonlocal v, delta
            v = rho * v + (1 - rho) * g**2
            u = np.sqrt(delta + eps) / np.sqrt(v + eps) * g
            delta = rho * delta + (1 - rho) * u**2
            return x - alpha * u

        return step

    return rule


def normalized(alpha):
    """x ← x − αg/‖g‖₂."""
    return lambda x: lambda k, x, g: x - alpha * g / np.linalg.norm(g)


def as_matrix(g):
    """The outputs of a layer are rows; a vector is a column."""
    return g.reshape(len(g), -1)


def root(a, p, eps):
    """(A + εI)⁻ᵖ."""
    values, q = np.linalg.eigh(a + eps * np.eye(len(a)))
    return q * values**-p @ q.T


def shampoo(alpha, beta, eps):
    """L ← βL + (1 − β)GGᵀ, R ← βR + (1 − β)GᵀG, W ← W − αL^(−1/4)·G·R^(−1/4), from L = R = 0, without correction of bias.

    The slide takes the root of a matrix that is singular at first; here it is that of L + εI. A vector, of which the slide does not
    speak, has the one side, and the exponent −1/2 of the paper.
    """

    def rule(x):
        left = right = 0

        def step(k, x, g):
            nonlocal left, right
            u = as_matrix(g)
            left = beta * left + (1 - beta) * u @ u.T
            right = beta * right + (1 - beta) * u.T @ u
            if u.shape[1] == 1:
                u = root(left, 1 / 2, eps) @ u
            else:
                u = root(left, 1 / 4, eps) @ u @ root(right, 1 / 4, eps)
            return x - alpha * u.reshape(x.shape)

        return step

    return rule


def shampoo_of_tensors(alpha, beta, eps, largest=1200):
    """Algorithm 2 of Gupta, Koren and Singer: Hᵢ ← Hᵢ + GᵢGᵢᵀ for each side i of k, Gᵢ having the places along it as rows, and
    x ← x − α·G ×₁ (εI + H₁)^(−1/2k) … ×ₖ (εI + Hₖ)^(−1/2k). The slide's averages where β < 1. A side longer than largest has the
    diagonal of Hᵢ alone."""
    new = 1 - beta if beta < 1 else 1

    def rule(x):
        moments = [0] * x.ndim

        def step(k, x, g):
            u = g
            for i, n in enumerate(x.shape):
                others = [j for j in range(x.ndim) if j != i]
                moments[i] = beta * moments[i] + new * np.tensordot(g, g, (others, others))
                h = moments[i] if n <= largest else np.diag(np.diag(moments[i]))
                u = np.moveaxis(np.tensordot(root(h, 1 / (2 * x.ndim), eps), u, (1, i)), 0, i)
            return x - alpha * u

        return step

    return rule


def last_slide(eta):
    """W ← W − η(GGᵀ)^(−1/4)·G·(GᵀG)^(−1/4) = W − ηUVᵀ. Of a singular matrix it is the power of the pseudo-inverse."""

    def power(a):
        values, q = np.linalg.eigh(a)
        kept = values > 1e-12 * values[-1]
        return q[:, kept] * values[kept] ** (-1 / 4) @ q[:, kept].T

    def step(k, x, g):
        u = as_matrix(g)
        return x - eta * (power(u @ u.T) @ u @ power(u.T @ u)).reshape(x.shape)

    return lambda x: step


def polar(alpha):
    """W ← W + α·LMO(G), LMO(G) = −UVᵀ in the operator norm, by the singular value decomposition."""

    def step(k, x, g):
        u, _, vt = np.linalg.svd(as_matrix(g), full_matrices=False)
        return x - alpha * (u @ vt).reshape(x.shape)

    return lambda x: step


def cases():
    yield case("gradient descent", "gd:lr=0.02", sgd(0.02))
    yield case("SGD", "sgd:lr=0.02", sgd(0.02))
    yield case("AdaGrad", "adagrad:preset=lecture,lr=0.1", adagrad(0.1))
    yield case("RMSProp", "rmsprop:preset=lecture,lr=0.02,gamma=0.8,eps=1e-6", rmsprop(0.02, 0.8, 1e-6))
    yield case("Adam", "adam:preset=lecture,lr=0.05", adam(0.05))
    yield case("AdamW", "adamw:preset=lecture,lr=0.05,weight-decay=0.3", adam(0.05, decay=0.3))
    yield case("AdaDelta", "adadelta:preset=lecture,lr=1,rho=0.9,eps=1e-6", adadelta(1, 0.9, 1e-6))
    yield case("normalized gradient descent", "normalized:lr=0.1", normalized(0.1), lambda x: [x])
    shift = "shampoo:preset=lecture,ridge=shift,"
    yield case("Shampoo", shift + "lr=0.05,eps=1e-6", shampoo(0.05, 0.95, 1e-6))
    yield case("Shampoo β", shift + "lr=0.02,beta2=0.7,eps=1e-3", shampoo(0.02, 0.7, 1e-3))
    form = "tensors=true,ridge=shift,eps=1e-3,lr=0.1"
    yield case("Shampoo of tensors", "shampoo:preset=gupta," + form, shampoo_of_tensors(0.1, 1, 1e-3))
    yield case("Shampoo of tensors β", "shampoo:preset=lecture,beta2=0.9," + form, shampoo_of_tensors(0.1, 0.9, 1e-3))
    for largest in 3, 2:
        yield case(f"Shampoo of tensors to {largest}", f"shampoo:preset=gupta,{form},max-order={largest}", shampoo_of_tensors(0.1, 1, 1e-3, largest))
    for spec in "shampoo:beta2=0,eps=0", "steepest:norm=spectral":
        yield case("the last slide, " + spec.split(":")[0], spec + ",lr=0.05", last_slide(0.05))
    yield case("the operator norm", "steepest:norm=spectral,lr=0.1", polar(0.1))


def write(path, **parts):
    """One line a case."""
    lines = []
    for key, value in parts.items():
        if isinstance(value, list):
            value = "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]"
        else:
            value = json.dumps(value)
        lines.append(f"{json.dumps(key)}: {value}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


write(
    pathlib.Path(__file__).parent / "lecture.json",
    versions=dict(numpy=np.__version__),
    params=[dict(name=n, shape=s, role="hidden") for n, s in SHAPES.items()],
    curvature=CURVATURE.tolist(),
    scale=SCALE.tolist(),
    start=[X0.tolist()],
    noise=NOISE.tolist(),
    keep=KEEP,
    cases=list(cases()),
)
