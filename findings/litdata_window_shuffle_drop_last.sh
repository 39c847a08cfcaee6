#!/usr/bin/env bash
# drop_last with the shuffle for parallel file systems of litdata 0.2.76.
#
# On NFS, Lustre and their like, or where LITDATA_POSIX_FAST=1 says so, litdata gives each worker whole chunks of the data, the same ones in every
# epoch. drop_last, which the documentation recommends for training, cuts all workers to the number of rows of the smallest share, rounded down to
# whole batches. The cut is made before the shuffle, so it removes the same rows in every epoch. With three equal chunks for two workers the middle
# chunk is never seen. If a last short chunk has fewer rows than a batch and is the whole share of a worker, no worker gets a row, without an
# error.
#
# Guess before the run: each worker loses less than one batch, and other rows in each epoch, as on a local disk.
# Seen with litdata 0.2.76, torch 2.15.0 and numpy 2.4.6, batches of 4 for 2 workers. Chunks of 10, 10 and 10 rows: 28 rows of 30 by default in each
# of three epochs, and with LITDATA_POSIX_FAST=1 always the 16 rows 0 to 7 and 20 to 27. Chunks of 10 and 3 rows: 12 rows of 13 by default, and none
# with LITDATA_POSIX_FAST=1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
litdata==0.2.76
torch==2.15.0
numpy==2.4.6
PINS
cd "$folder"
cat >epochs.py <<'PY'
import os
from importlib.metadata import version

from litdata import StreamingDataLoader, StreamingDataset
from litdata.streaming.writer import BinaryWriter


def epochs(rows):
    """The rows of three epochs of the numbers below rows, which are stored in chunks of 10."""
    writer = BinaryWriter(f"rows{rows}", chunk_size=10)
    for row in range(rows):
        writer[row] = row
    writer.done()
    writer.merge()
    data = StreamingDataset(f"rows{rows}", shuffle=True, drop_last=True)
    loader = StreamingDataLoader(data, batch_size=4, num_workers=2)
    return [sorted(row for batch in loader for row in batch.tolist()) for _ in range(3)]


if __name__ == "__main__":
    fast = "LITDATA_POSIX_FAST" in os.environ
    equal, short = epochs(30), epochs(13)
    print(*(f"{package} {version(package)}" for package in ("litdata", "torch", "numpy")), "parallel file system:", fast)
    print("chunks of 10, 10, 10:", *map(len, equal), "rows, and in all", len(set().union(*equal)))
    print("chunks of 10, 3:", *map(len, short), "rows")
    seen = [*range(8), *range(20, 28)]
    assert equal == [seen] * 3 if fast else all(len(epoch) == 28 for epoch in equal), "this has changed"
    assert set(map(len, short)) == ({0} if fast else {12}), "this has changed"
PY
HF_HUB_OFFLINE=1 "$folder/venv/bin/python" epochs.py
HF_HUB_OFFLINE=1 LITDATA_POSIX_FAST=1 "$folder/venv/bin/python" epochs.py
