#!/usr/bin/env bash
# num_epochs of the DataLoader of grain 0.2.18 with shards of unequal size.
#
# IndexSampler gives each shard consecutive records. If the number of records is not divisible by the number of shards, some shards have
# one more. The sampler does not count epochs by shard. The loader gives all shards equally many steps, records times epochs over shards,
# rounded down, and each shard goes round its own records. So a large shard does not finish its last epoch, while a small shard begins one
# more. Each further epoch moves the shards further apart, and some records are seen more often than others.
#
# Guess before the run: two epochs show each record twice, and ten epochs ten times.
# Seen with grain 0.2.18, array_record 0.8.6 and numpy 2.4.6: five records on two shards, two epochs: 0 1 2 0 1 and 3 4 3 4 3, so that record 2 is
# seen once and record 3 three times. Five records on four shards, ten epochs: 0 and 1 six times, 2, 3 and 4 twelve times
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
from collections import Counter
from importlib.metadata import version

from grain import DataLoader
from grain.samplers import IndexSampler
from grain.sharding import ShardOptions

print("grain", version("grain"), "array_record", version("array_record"), "numpy", version("numpy"))


def seen(records, shards, epochs):
    """The records that each shard sees."""
    return [
        list(
            DataLoader(
                data_source=range(records),
                sampler=IndexSampler(
                    records, num_epochs=epochs, shuffle=False, shard_options=ShardOptions(shard_index=shard, shard_count=shards)
                ),
            )
        )
        for shard in range(shards)
    ]


for records, shards, epochs in [(6, 2, 2), (5, 2, 2), (5, 4, 10)]:
    by_shard = seen(records, shards, epochs)
    counts = Counter(record for shard in by_shard for record in shard)
    print(f"{records} records, {shards} shards, {epochs} epochs: times seen", [counts[record] for record in range(records)])
    if epochs == 2:
        print("  shards", *by_shard)
    even = set(counts.values()) == {epochs}
    assert even == (records % shards == 0), "this has changed"
    if shards == 4:
        assert [counts[record] for record in range(records)] == [6, 6, 12, 12, 12], "this has changed"
PY
