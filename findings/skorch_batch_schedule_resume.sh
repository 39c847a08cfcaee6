#!/usr/bin/env bash
# A learning rate schedule by batches in skorch 1.4.0 when the training goes on.
#
# LRScheduler(step_every='batch') makes a step of the schedule after each batch. When the training goes on, by a second partial_fit or after
# load_params with a history, the schedule is built anew. Its place is then the number of epochs in the history, though it counts batches. So a rate
# that has fallen for 30 batches starts at place 3 again. One-cycle starts another warm-up. No warning says so. A schedule
# by epochs goes on where it was.
#
# Guess before the run: partial_fit, documented as going on with the training, makes the rates of an uninterrupted run.
# Seen with skorch 1.4.0, scikit-learn 1.9.1 and torch 2.15.0, 10 batches an epoch, an interruption after epoch 3, rates of the batches 30 and 31:
# 0.1/(1 + batch) 0.0033 0.0032 uninterrupted, 0.0033 0.0250 with a second partial_fit and in another net after load_params. OneCycleLR
# 0.9719 0.9619 uninterrupted, 0.9719 0.0797 in both other cases. By epochs all three agree
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
skorch==1.4.0
scikit-learn==1.9.1
torch==2.15.0
numpy==2.4.6
PINS
cat >"$folder/schedule.py" <<'PY'
import sys
from importlib.metadata import version

import numpy
import skorch
import torch
from skorch.callbacks import Callback, LRScheduler

rows = numpy.random.default_rng(0).normal(size=(100, 2)).astype("float32")
targets = rows[:, :1]
files = {name: f"{sys.argv[1]}/{name}" for name in ("f_params", "f_optimizer", "f_history")}


class Rates(Callback):
    def on_grad_computed(self, net, *args, **kwargs):
        net.rates.append(net.optimizer_.param_groups[0]["lr"])


def new(policy, every, options):
    schedule = LRScheduler(policy=policy, step_every=every, **options)
    net = skorch.NeuralNetRegressor(
        torch.nn.Linear(2, 1), lr=0.1, batch_size=10, train_split=None, verbose=0, callbacks=[("schedule", schedule), ("rates", Rates())]
    )
    net.rates = []
    return net.initialize()


def rates(how, *schedule):
    """The rates of four epochs of ten batches."""
    net = new(*schedule)
    if how == "uninterrupted":
        net.partial_fit(rows, targets, epochs=4)
        return net.rates
    net.partial_fit(rows, targets, epochs=3)
    before = []
    if how == "another net":
        net.save_params(**files)
        before = net.rates
        net = new(*schedule)
        net.load_params(**files)
    net.partial_fit(rows, targets, epochs=1)
    return before + net.rates


print(*(f"{package} {version(package)}" for package in ("skorch", "scikit-learn", "torch", "numpy")))
falling = torch.optim.lr_scheduler.LambdaLR, {"lr_lambda": lambda place: 1 / (1 + place)}
one_cycle = torch.optim.lr_scheduler.OneCycleLR, {"max_lr": 1.0, "total_steps": 80}
for every in "batch", "epoch":
    for policy, options in falling, one_cycle:
        whole, again, loaded = (rates(how, policy, every, options) for how in ("uninterrupted", "second partial_fit", "another net"))
        seen = ("uninterrupted", whole), ("second", again), ("loaded", loaded)
        print(every, policy.__name__, *(f"{name} {r[29]:.4f} {r[30]:.4f} " for name, r in seen))
        assert whole[:30] == again[:30] == loaded[:30]
        if every == "epoch":
            assert numpy.allclose(whole, again) and numpy.allclose(whole, loaded)
        else:
            assert max(whole[30] / again[30], again[30] / whole[30]) > 5 and numpy.allclose(again, loaded), "this has changed"
PY
"$folder/venv/bin/python" -W ignore "$folder/schedule.py" "$folder"
