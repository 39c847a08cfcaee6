#!/usr/bin/env bash
# Two runs with neighbouring seeds in grain 0.2.18.
#
# grain derives the seed of an epoch's order as seed + epoch, and the seed of a record's random augmentation as seed + position. So runs with
# neighbouring seeds share most of these sums. It is usual to repeat a training with the seeds 0, 1, 2, … to learn the spread of a result. Then
# the first epoch of the second run has the order of the second epoch of the first run, and so on. Of 20 epochs of shuffle(seed=0) 19 come
# back under seed=1. In the DataLoader the noise of the second run is the noise of the first run, moved by one record. MapDataset.seed, which
# mixes its seed, shows neither.
#
# Guess before the run: the seeds 0 and 1 have no order and no noise in common.
# Seen with grain 0.2.18, array_record 0.8.6 and numpy 2.4.6, 200 records: 19 of 20 orders are common, and 199 of 200 random
# numbers of the DataLoader; no order and no number by way of MapDataset.seed
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

from grain import DataLoader, MapDataset
from grain.samplers import IndexSampler
from grain.sharding import NoSharding
from grain.transforms import RandomMap

print("grain", version("grain"), "array_record", version("array_record"), "numpy", version("numpy"))
count = 200


class Noise(RandomMap):
    def random_map(self, element, rng):
        return float(rng.normal())


def orders(data):
    return {tuple(data[epoch * count + i] for i in range(count)) for epoch in range(20)}


def loaded(seed):
    sampler = IndexSampler(count, num_epochs=1, shuffle=True, seed=seed, shard_options=NoSharding())
    return set(DataLoader(data_source=range(count), sampler=sampler, operations=[Noise()]))


data = MapDataset.range(count)
found = {
    "orders of shuffle(seed=…), of 20 epochs": len(orders(data.shuffle(seed=0)) & orders(data.shuffle(seed=1))),
    "orders of seed(…).shuffle()": len(orders(data.seed(0).shuffle()) & orders(data.seed(1).shuffle())),
    "noise of the DataLoader, of 200 records": len(loaded(0) & loaded(1)),
    "noise of seed(…).random_map()": len(set(data.seed(0).random_map(Noise())) & set(data.seed(1).random_map(Noise()))),
}
for name, common in found.items():
    print(f"in common of the seeds 0 and 1, {name}: {common}")
assert list(found.values()) == [19, 0, 199, 0], "this has changed"
PY
