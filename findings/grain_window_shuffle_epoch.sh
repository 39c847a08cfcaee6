#!/usr/bin/env bash
# An epoch of WindowShuffleMapDataset in grain 0.2.18.
#
# The class shuffles a data set within windows of a given size. The last window of an epoch is shorter where the size does not divide the number of
# records. grain shuffles it as a whole window all the same. Its indices can then lie beyond the end, where a map data set begins its next
# epoch. So the epoch shows some of its first records a second time and leaves out as many others. The documentation of the class promises
# that no index is repeated within a window. With a divisor of the number of records each epoch is a permutation.
#
# Guess before the run: each record once, whatever the window is.
# Seen with grain 0.2.18, array_record 0.8.6 and numpy 2.4.6, 10 records, window 4, seed 0: 0 3 1 2 5 6 7 4 8 1.
# Of the seeds 0 to 19 all give a complete epoch with windows of 2 and 5, and 5 and 1 of them with windows of 4 and 6
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
grain==0.2.18
array_record==0.8.6
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

from grain import MapDataset
from grain.experimental import WindowShuffleMapDataset

print("grain", version("grain"), "array_record", version("array_record"), "numpy", version("numpy"))


def epoch(window, seed):
    data = WindowShuffleMapDataset(MapDataset.range(10), window_size=window, seed=seed)
    return [data[position] for position in range(len(data))]


assert epoch(4, 0) == list(WindowShuffleMapDataset(MapDataset.range(10), window_size=4, seed=0).to_iter_dataset())
print("window 5:", epoch(5, 0))
print("window 4:", epoch(4, 0))
complete = {window: sum(sorted(epoch(window, seed)) == list(range(10)) for seed in range(20)) for window in (2, 5, 4, 6)}
print("complete epochs of 20, by window:", complete)
assert complete[2] == complete[5] == 20
assert complete[4] < 10 and complete[6] < 10, "the last window is now cut"
PY
