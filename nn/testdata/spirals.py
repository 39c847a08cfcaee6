"""Makes spirals.json with numpy 2.4.6: the first steps of the lecturer's experiment on two spirals.

https://fmin.xyz/docs/visualizations/muon_spiral.html: a network 3 → 64 → 1 with tanh and no biases but the 1 beside the two
coordinates, binary cross entropy, batches of 40, a start and batches from fixed seeds. SGD and AdamW move both matrices, Muon
moves the first and AdamW the second. The loss is that of all points before each step.

    python spirals.py
"""

import json

import numpy as np

assert np.__version__ == "2.4.6"
STEPS, BATCH = 25, 40


def spirals():
    np.random.seed(42)
    theta, r = np.linspace(0.5, 3.2 * np.pi, 200), np.linspace(0.3, 2.0, 200)
    arms = []
    for turn in (0, np.pi):
        x = r * np.cos(theta + turn) + 0.15 * np.random.randn(200)
        y = r * np.sin(theta + turn) + 0.15 * np.random.randn(200)
        arms.append(np.stack([x, y, np.ones(200)], axis=1))
    return np.vstack(arms), np.repeat([0.0, 1.0], 200)


X, Y = spirals()
np.random.seed(7)
START = [np.random.randn(64, 3) * 0.15, np.random.randn(1, 64) * 0.15]
np.random.seed(0)
BATCHES = [np.random.choice(400, BATCH, replace=False) for _ in range(STEPS)]


def loss(w1, w2):
    z = (np.tanh(X @ w1.T) @ w2.T)[:, 0]
    return float(np.mean(np.logaddexp(0, z) - Y * z))


def gradients(w1, w2, batch):
    x, h = X[batch], np.tanh(X[batch] @ w1.T)
    delta = (1 / (1 + np.exp(-h @ w2.T)) - Y[batch, None]) / BATCH
    return [((delta @ w2) * (1 - h * h)).T @ x, delta.T @ h]


def sgd(lr):
    return lambda w, g, _: w - lr * g


def adamw(lr, decay):
    m = v = 0

    def step(w, g, t):
        nonlocal m, v
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return (1 - lr * decay) * w - lr * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return step


def muon(lr, decay):
    b = 0

    def step(w, g, _):
        nonlocal b
        b = 0.95 * b + g
        u = (g + 0.95 * b).T
        u = u / np.linalg.norm(u)
        for _ in range(7):
            a = u @ u.T
            u = 3.4445 * u + (-4.7750 * a + 2.0315 * a @ a) @ u
        return (1 - lr * decay) * w - lr * u.T

    return step


def run(first, second):
    w, losses = [v.copy() for v in START], []
    for t, batch in enumerate(BATCHES, 1):
        losses.append(loss(*w))
        g = gradients(*w, batch)
        w = [first(w[0], g[0], t), second(w[1], g[1], t)]
    return losses


with open("spirals.json", "w") as f:
    json.dump({
        "start": np.concatenate([w.ravel() for w in START]).tolist(),
        "batches": [b.tolist() for b in BATCHES],
        "sgd": run(sgd(0.23), sgd(0.23)),
        "adamw": run(adamw(0.37, 1e-4), adamw(0.37, 1e-4)),
        "muon": run(muon(0.44, 1e-4), adamw(0.37, 1e-4)),
    }, f)
    f.write("\n")
