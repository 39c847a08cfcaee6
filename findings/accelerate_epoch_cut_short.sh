#!/usr/bin/env bash
# The order of the rows in accelerate 1.15.0 with use_seedable_sampler=True, where the epochs of a loop are cut short.
#
# A loop that stops each epoch after some batches, with break, should see other rows in each epoch: the loader shuffles. With accelerate's
# default sampler it does. With use_seedable_sampler=True, the option for reproducible runs, it sees the same rows in the same order in each
# epoch, and never the others. The order is a function of the seed and of the number of the epoch, and the loader counts an epoch only when its
# last batch has been taken. Nothing warns: the loss falls as it does on a small data set that is learned by heart.
# loader.set_epoch(epoch) before each epoch helps.
#
# Guess before the run: in 20 epochs of 3 of 6 batches all 12 rows are seen with both samplers, in 20 orders.
# Seen with accelerate 1.15.0 and torch 2.15.0, 12 rows in batches of 2, 20 epochs:
# default, 3 batches: 12 rows, 20 orders   seedable, 3 batches: 6 rows, 1 orders   seedable, all 6 batches: 12 rows, 20 orders
# seedable, 3 batches, with set_epoch: 12 rows, 20 orders
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
accelerate==1.15.0
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/epochs.py" <<'PY'
from importlib.metadata import version

import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration, set_seed

print(*(f"{package} {version(package)}" for package in ("accelerate", "torch")))


def epochs(seedable, batches, with_set_epoch=False):
    set_seed(7)
    accelerator = Accelerator(cpu=True, dataloader_config=DataLoaderConfiguration(use_seedable_sampler=seedable))
    loader = accelerator.prepare(torch.utils.data.DataLoader(torch.arange(12), batch_size=2, shuffle=True))
    orders = []
    for epoch in range(20):
        if with_set_epoch:
            loader.set_epoch(epoch)
        order = []
        for number, batch in enumerate(loader):
            if number == batches:
                break
            order += batch.tolist()
        orders.append(tuple(order))
    return f"{len(set().union(*orders))} rows, {len(set(orders))} orders"


seen = {
    "default, 3 batches": epochs(False, 3),
    "seedable, 3 batches": epochs(True, 3),
    "seedable, all 6 batches": epochs(True, 6),
    "seedable, 3 batches, with set_epoch": epochs(True, 3, True),
}
print(*(f"{name}: {rows}" for name, rows in seen.items()), sep="\n")
assert seen == {
    "default, 3 batches": "12 rows, 20 orders",
    "seedable, 3 batches": "6 rows, 1 orders",
    "seedable, all 6 batches": "12 rows, 20 orders",
    "seedable, 3 batches, with set_epoch": "12 rows, 20 orders",
}, "this has changed"
PY
"$folder/venv/bin/python" "$folder/epochs.py"
