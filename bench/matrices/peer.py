"""The peers: python -c PROGRAM METHOD LAYERS THREADS, with a number of steps a line; answers its version, and then the seconds that they took."""

import sys
import time

import torch

method, layers, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
d = 768
params = [torch.nn.Parameter(torch.randn(s)) for s in [(3 * d, d), (d, d), (4 * d, d), (d, 4 * d)] * layers]
for p in params:
    p.grad = torch.randn_like(p)
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
        optimizer.step()
    print(clock() - start, flush=True)
