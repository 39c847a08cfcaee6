"""The peers: python -c PROGRAM METHOD MATRICES THREADS, with a number of steps a line. Answers with its version, and then with the seconds of these steps."""

import sys
import time

import torch

method, matrices, threads = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
params = [torch.nn.Parameter(torch.randn([int(n) for n in shape.split("x")])) for shape in matrices]
windows, apart = 5, 1024  # gradients are windows of one random vector in turn, so that the moments of a side have full rank
random = [torch.randn(p.numel() + windows * apart) for p in params]
made = 0
if method == "muon":
    optimizer = torch.optim.Muon(params)
else:
    import pytorch_optimizer

    if method == "shampoo":
        optimizer = pytorch_optimizer.Shampoo(params, preconditioning_compute_steps=10)
    else:
        optimizer = pytorch_optimizer.SOAP(params, precondition_frequency=10)
print("PyTorch", torch.__version__, flush=True)
clock = time.process_time if threads == 1 else time.perf_counter
for line in sys.stdin:
    start = clock()
    for _ in range(int(line)):
        for p, r in zip(params, random):
            p.grad = r[made % windows * apart :][: p.numel()].view_as(p)
        optimizer.step()
        made += 1
    print(clock() - start, flush=True)
