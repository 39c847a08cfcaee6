"""The steps of PyTorch: python -c PROGRAM RULE TYPE ELEMENTS ZEROS, with "first" or "later" and a number of steps a line; answers
its version, or "none" if it lacks the rule, and then the processor time of those steps, in seconds."""

import sys
import time

import torch

rule, elem, n, zeros = sys.argv[1], getattr(torch, sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(1)
rules = {
    "heavy-ball": lambda p: torch.optim.SGD(p, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adadelta": torch.optim.Adadelta,
    "adam": torch.optim.Adam,
    "amsgrad": lambda p: torch.optim.Adam(p, amsgrad=True),
    "adamw": torch.optim.AdamW,
    "nadam": torch.optim.NAdam,
}
if rule not in rules:
    print("none", flush=True)
    sys.exit()


def steps(before, gradient):
    x = torch.nn.Parameter(torch.ones(n, dtype=elem))
    optimizer = rules[rule]([x])
    x.grad = torch.full_like(x, 1e-3)
    optimizer.step()
    x.grad = torch.zeros_like(x)
    for _ in range(before):
        optimizer.step()
    turns = torch.full_like(x, gradient), torch.full_like(x, -gradient)

    def run(repetitions):
        for i in range(repetitions):
            x.grad = turns[i % 2]
            optimizer.step()

    return run


contestants = {"first": steps(0, 1e-3), "later": steps(zeros, 0)}
print(torch.__version__, flush=True)
for line in sys.stdin:
    name, repetitions = line.split()
    start = time.process_time()
    contestants[name](int(repetitions))
    print(time.process_time() - start, flush=True)
