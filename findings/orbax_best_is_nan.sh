#!/usr/bin/env bash
# The best checkpoint of orbax-checkpoint 0.12.8 after a step whose metric is NaN.
#
# CheckpointManager with best_fn keeps the max_to_keep best checkpoints and tells the best by best_step(). It sorts by the metric, and a NaN compares
# as neither less nor more. So a checkpoint whose metric is NaN, as after a diverged run, counts as the best while it is the last. A good checkpoint
# is deleted for it. A NaN in the middle splits the order in two: a bad checkpoint after it stays, and a better one before it is deleted. What is
# deleted is gone for good. best_mode="min" does the same.
#
# Guess before the run: a NaN is never the best. The best two of the accuracies 0.7, 0.8, 0.9, 0.5 and NaN are 0.8 and 0.9.
# Seen with orbax-checkpoint 0.12.8 and jax 0.10.2, max_to_keep=2: of 0.7, 0.8, 0.9, 0.5, NaN it keeps 0.9 and NaN, the best is NaN, also after the
# manager is opened again. Of 0.7, 0.8, NaN, 0.9, 0.5 it keeps 0.9 and 0.5. Of the losses 0.5, 0.4, 0.3, NaN in "min" it keeps 0.3 and NaN, and
# the best is NaN. Without NaN all is right
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
orbax-checkpoint==0.12.8
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
cat >"$folder/best.py" <<'PY'
import logging
import tempfile
from importlib.metadata import version

import numpy
import orbax.checkpoint as orbax

nan = float("nan")
logging.disable(logging.CRITICAL)


def kept(mode, metrics):
    """The metrics of the kept checkpoints, and that of the best one."""
    with tempfile.TemporaryDirectory() as folder:
        options = orbax.CheckpointManagerOptions(
            max_to_keep=2, best_fn=lambda metrics: metrics["metric"], best_mode=mode, enable_async_checkpointing=False
        )
        with orbax.CheckpointManager(folder, options=options) as manager:
            for step, metric in enumerate(metrics):
                manager.save(step, args=orbax.args.StandardSave({"weights": numpy.ones(3)}), metrics={"metric": metric})
        with orbax.CheckpointManager(folder, options=options) as manager:
            result = [metrics[step] for step in manager.all_steps()], metrics[manager.best_step()]
    print(f"{mode} of {metrics}: keeps {result[0]}, best {result[1]}")
    return str(result)


print(*(f"{package} {version(package)}" for package in ("orbax-checkpoint", "jax", "numpy")))
assert kept("max", [0.7, 0.8, 0.9, 0.5]) == str(([0.8, 0.9], 0.9))
assert kept("min", [0.5, 0.4, 0.3, 0.6]) == str(([0.4, 0.3], 0.3))
assert kept("max", [0.7, 0.8, 0.9, 0.5, nan]) == str(([0.9, nan], nan)), "this has changed"
assert kept("max", [0.7, 0.8, nan, 0.9, 0.5]) == str(([0.9, 0.5], 0.9)), "this has changed"
assert kept("min", [0.5, 0.4, 0.3, nan]) == str(([0.3, nan], nan)), "this has changed"
PY
JAX_PLATFORMS=cpu "$folder/venv/bin/python" -W ignore "$folder/best.py"
