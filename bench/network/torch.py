"""The side of PyTorch: python -c PROGRAM, with a function and a number of repetitions a line. Answers with the processor time
of the repetitions, in seconds."""

import sys
import time

import torch
from torch.nn.functional import cross_entropy

torch.set_num_threads(1)
aten = torch.ops.aten
rows, channels = 1024, 768
texts, classes = 16, 50257
x, dy, y = torch.randn(rows, channels), torch.randn(rows, channels), torch.empty(rows, channels)
gain, bias = torch.randn(channels), torch.randn(channels)
_, mean, rstd = torch.native_layer_norm(x, [channels], gain, bias, 1e-5)
logits, targets = torch.randn(texts, classes), torch.randint(classes, (texts,))
weights = torch.empty(texts, classes)
leaf = logits.clone().requires_grad_()


def cross_entropy_gradient():
    leaf.grad = None
    cross_entropy(leaf, targets).backward()


functions = {
    "exp": lambda: torch.exp(x, out=y),
    "tanh": lambda: torch.tanh(x, out=y),
    "GELU": lambda: aten.gelu.out(x, approximate="tanh", out=y),
    "GELU-gradient": lambda: aten.gelu_backward.grad_input(dy, x, approximate="tanh", grad_input=y),
    "softmax": lambda: torch.softmax(logits, 1, out=weights),
    "cross-entropy-gradient": cross_entropy_gradient,
    "layer-norm": lambda: torch.native_layer_norm(x, [channels], gain, bias, 1e-5),
    "layer-norm-gradient": lambda: aten.native_layer_norm_backward(
        dy, x, [channels], mean, rstd, gain, bias, [True, True, True]
    ),
}
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, repetitions = line.split()
    function = functions[name]
    start = time.process_time()
    for _ in range(int(repetitions)):
        function()
    print(time.process_time() - start, flush=True)
