"""Makes golden.json: scores, loss and gradient of small networks by PyTorch, in float64 on the CPU.

    pip install -r requirements.txt
    python golden.py
"""

import json

import torch
from torch import nn

assert torch.__version__.split("+")[0] == "2.15.0", torch.__version__
torch.set_default_dtype(torch.float64)

N, D, CLASSES = 7, 5, 3
ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": lambda: nn.GELU(approximate="tanh")}


def network(hidden, activation, layer_norm, bias, scores):
    layers, width = [], D
    for h in hidden:
        layers.append(nn.Linear(width, h, bias=bias))
        if layer_norm:
            layers.append(nn.LayerNorm(h))
        layers.append(ACTIVATIONS[activation]())
        width = h
    layers.append(nn.Linear(width, scores, bias=bias))
    return nn.Sequential(*layers)


def case(x, y, hidden, activation, layer_norm, bias, loss):
    model = network(hidden, activation, layer_norm, bias, CLASSES if loss == "softmax" else 1)
    with torch.no_grad():  # gains and biases of norms that are not 1 and 0
        for p in model.parameters():
            p.add_(0.3 * torch.randn_like(p))
    scores = model(x)
    if loss == "softmax":
        value = nn.functional.cross_entropy(scores, y % CLASSES)
    else:
        value = nn.functional.binary_cross_entropy_with_logits(scores[:, 0], (y % 2).double())
    value.backward()
    flat = lambda tensors: torch.cat([t.reshape(-1) for t in tensors]).tolist()
    return {
        "hidden": hidden, "activation": activation, "layerNorm": layer_norm, "noBias": not bias, "loss": loss,
        "x": flat(p.detach() for p in model.parameters()), "scores": flat([scores.detach()]), "value": value.item(),
        "grad": flat(p.grad for p in model.parameters()),
    }


torch.manual_seed(1)
x, y = torch.randn(N, D), torch.randint(0, 6, (N,))
cases = [
    case(x, y, hidden, activation, layer_norm, bias, loss)
    for hidden in ([4], [6, 3])
    for activation in ACTIVATIONS
    for layer_norm in (False, True)
    for bias in (True, False)
    for loss in ("softmax", "logistic")
]
with open("golden.json", "w") as f:
    lines = ",\n".join(json.dumps(c) for c in cases)
    f.write(f'{{"examples": {x.tolist()}, "labels": {y.tolist()}, "cases": [\n{lines}\n]}}\n')
