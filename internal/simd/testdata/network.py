"""Writes network.json: functions of one number from mpmath, rounded once, and softmax, cross-entropy and layer norm from PyTorch.

    pip install mpmath==1.3.0 torch==2.15.0
    python network.py
"""

import json
import math
import pathlib

import mpmath
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(2016)
mpmath.mp.prec = 300

POINTS = [sign * 10.0**k * m for sign in (-1, 1) for k in range(-12, 4) for m in (1, 1.7, 2.5, 3.3, 4.1, 6.2, 7.4)]


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def inner(x):
    """2u of the tanh-GELU."""
    return 2 * mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)


def gelu_slope(x):
    s = sigmoid(inner(x))
    return s + x * s * sigmoid(-inner(x)) * mpmath.diff(inner, x)


FUNCTIONS = {
    "Exp": mpmath.exp,
    "Tanh": mpmath.tanh,
    "Sigmoid": sigmoid,
    "Softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "GELU": lambda x: x * sigmoid(inner(x)),
    "GELUGradient": gelu_slope,
}


def curve(f):
    """Points (x, f(x)) where f(x) is a normal number."""
    pairs = ((x, float(f(mpmath.mpf(x)))) for x in POINTS)
    return [pair for pair in pairs if 1e-300 < abs(pair[1]) < math.inf]


def cross_entropy(n, target, spread, scale):
    x = (spread * torch.randn(n)).requires_grad_()
    loss = functional.cross_entropy(x[None], torch.tensor([target]))
    (scale * loss).backward()
    return {
        "x": x.tolist(), "target": target, "scale": scale, "softmax": torch.softmax(x, 0).tolist(), "loss": loss.item(),
        "gradient": x.grad.tolist(),
    }


def layer_norm(n, mean, spread, eps):
    x = (mean + spread * torch.randn(n)).requires_grad_()
    gain, bias = torch.randn(n, requires_grad=True), torch.randn(n, requires_grad=True)
    dy = torch.randn(n)
    y = functional.layer_norm(x, (n,), gain, bias, eps)
    y.backward(dy)
    case = {"x": x, "gain": gain, "bias": bias, "dy": dy, "y": y, "dx": x.grad, "dgain": gain.grad, "dbias": bias.grad}
    return {"eps": eps} | {name: value.tolist() for name, value in case.items()}


golden = {
    "versions": {"mpmath": mpmath.__version__, "torch": torch.__version__.split("+")[0]},
    "curves": {name: curve(f) for name, f in FUNCTIONS.items()},
    "cross_entropy": [cross_entropy(1, 0, 1, 1), cross_entropy(10, 3, 2, 0.25), cross_entropy(37, 36, 30, 1)],
    "layer_norm": [layer_norm(3, 0, 1, 1e-5), layer_norm(13, 1, 2, 1e-5), layer_norm(40, 1000, 0.1, 1e-3)],
}
pathlib.Path(__file__).with_name("network.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
