"""MPI_Allreduce of float32 in place by mpi4py: prints the median of its seconds."""
import sys
import time

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
v = (np.arange(int(sys.argv[1])) % 7).astype(np.float32)
times, done, start = [], False, time.perf_counter()
while not done:
    world.Barrier()
    begun = time.perf_counter()
    world.Allreduce(MPI.IN_PLACE, v)
    times.append(time.perf_counter() - begun)
    done = world.allreduce(len(times) > 5 and time.perf_counter() - start > 0.5, MPI.LOR)
if world.rank == 0:
    print(np.median(times[1:]))
