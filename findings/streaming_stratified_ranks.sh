#!/usr/bin/env bash
# What each rank gets of two data sets mixed by batching_method="stratified" in mosaicml-streaming 0.13.0.
#
# stratified promises that every global batch has the mixture that was asked for, which is said to help against spikes of the loss. It takes its share
# from each data set, puts the shares one after another, and cuts the row into the batches of the ranks. So the first ranks get the first data
# set and the last ranks the last one, in all batches of all epochs. With two ranks and two halves each rank trains on one data set only. Whatever
# a rank computes by itself is then that of one data set: statistics of a batch norm, a contrastive loss, a loss divided by the
# rank's own number of tokens, the loss that rank 0 logs. Batches of a single data set are what another method, device_per_stream, is for.
#
# Guess before the run: each rank's batch has the mixture, or at least a part of each data set.
# Seen with mosaicml-streaming 0.13.0, torch 2.15.0 and numpy 2.1.3, two data sets of 40 rows, shuffled, 2 ranks with batches of 4: with equal shares
# all 40 rows of rank 0 are of the first data set and all of rank 1 of the second; with shares of 1/4 and 3/4 each batch of rank 0 has two rows of the
# first, and rank 1 none. batching_method="random" gives both ranks rows of both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch==2.15.0
torchvision==0.29.2
transformers==4.57.6
numpy==2.1.3
pandas==3.1.1
pillow==13.0.0
Brotli==1.2.1
catalogue==2.0.10
python-snappy==0.7.3
xxhash==3.8.2
zstd==1.5.7.2
PINS
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps mosaicml-streaming==0.13.0 # without its clients of cloud storage
cat >"$folder/ranks.py" <<'PY'
import os
import sys
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
import torch
from streaming import MDSWriter, Stream, StreamingDataLoader, StreamingDataset

folder = sys.argv[1]


def rank(number, method, share, results):
    """Puts the number of rows of the first data set in each batch of this rank."""
    os.environ.update(RANK=str(number), LOCAL_RANK=str(number), WORLD_SIZE="2", LOCAL_WORLD_SIZE="2")
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/{method}{share}", rank=number, world_size=2)
    streams = [Stream(local=f"{folder}/first", proportion=share), Stream(local=f"{folder}/second", proportion=1 - share)]
    data = StreamingDataset(streams=streams, batch_size=4, shuffle=True, batching_method=method)
    results.put((number, [sum(row < 100 for row in batch["row"].tolist()) for batch in StreamingDataLoader(data, batch_size=4)]))
    torch.distributed.barrier()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    for name, start in ("first", 0), ("second", 100):
        with MDSWriter(out=f"{folder}/{name}", columns={"row": "int"}) as writer:
            for row in range(start, start + 40):
                writer.write({"row": row})
    print(*(f"{package} {version(package)}" for package in ("mosaicml-streaming", "torch", "numpy")))
    seen = {}
    for method in "random", "stratified":
        for share in 0.5, 0.25:
            results = torch.multiprocessing.get_context("spawn").SimpleQueue()
            torch.multiprocessing.spawn(rank, (method, share, results), nprocs=2)
            counts = dict(results.get() for _ in range(2))
            print(f"{method:10} share {share:4}:", *(f"rank {number}: {counts[number]}" for number in range(2)))
            seen[method, share] = counts
    changed = "this has changed"
    for share, first in (0.5, 4), (0.25, 2):
        assert set(seen["stratified", share][0]) == {first} and set(seen["stratified", share][1]) == {0}, changed
        assert all(0 < sum(seen["random", share][number]) < 40 for number in range(2)), changed
PY
TMPDIR="$folder" HF_HUB_OFFLINE=1 "$folder/venv/bin/python" -W ignore "$folder/ranks.py" "$folder"
