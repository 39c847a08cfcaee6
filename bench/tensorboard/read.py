"""Reads the event files of --tensorboard with TensorBoard's own reader and with trackio, and compares them with the records of the same runs.

    python3 -m venv venv && venv/bin/pip install tensorboard==2.21.0 trackio==0.43.0 tbparse==0.0.9
    (cd .. && go build -o bench/steepest ./cmd/steepest) && venv/bin/python tensorboard/read.py ./steepest

One run is killed and continues from its checkpoint, while a reader of TensorBoard follows it; a race has methods and seeds; a language model has
steps and evaluations. The program ends with an error at the first number that differs."""

import contextlib
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

os.environ["TRACKIO_DIR"] = tempfile.mkdtemp()
steepest, work = os.path.abspath(sys.argv[1]), tempfile.mkdtemp()

import numpy
import tensorboard
import trackio
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from trackio.sqlite_storage import SQLiteStorage


def run(*args):
    done = subprocess.run([steepest, *args], cwd=work, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stderr


def at(*path):
    return os.path.join(work, *path)


def scalars(events):
    """{name in the record: [(step, value)]}"""
    return {tag.removeprefix("progress/"): [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def record(name):
    """The same for a record, in float32, from the table that steepest runs writes."""
    run("runs", "runs", name, "--csv", "metrics.csv")
    table = {}
    with open(at("metrics.csv")) as f:
        for row in csv.DictReader(f):
            step = int(row.pop("step"))
            del row["run"]
            for tag, text in row.items():
                if text:
                    table.setdefault(tag, []).append((step, float(numpy.float32(text))))
    return table


def same(what, got, want):
    if got.keys() != want.keys():
        sys.exit(f"{what}: {sorted(got)}, want {sorted(want)}")
    for tag in want:
        if got[tag] != want[tag]:
            sys.exit(f"{what}: {tag} differs: {len(got[tag])} points, want {len(want[tag])}")
    print(f"{what}: {sum(map(len, want.values()))} numbers of {len(want)} names, all as in the record")


def accumulator(*path):
    events = EventAccumulator(at("events", *path), size_guidance={"scalars": 0})
    events.Reload()
    return events


print(f"tensorboard {tensorboard.__version__}, trackio {trackio.__version__}, tbparse {version('tbparse')}")
keep = ["--runs", "runs", "--tensorboard", "events"]

# A run that is killed after a checkpoint, and continues.
killed = ["minimize", "adam:lr=0.02", "--data", "heart-scale", "--every", "1", "--quiet", "--checkpoint", "saved", *keep]
process = subprocess.Popen([steepest, *killed, "--steps", "100000000", "--checkpoint-every", "1000"], cwd=work, stderr=subprocess.DEVNULL)
while not os.path.isdir(at("saved")) or len(os.listdir(at("saved"))) < 2:
    time.sleep(0.01)
time.sleep(0.2)
process.send_signal(signal.SIGKILL)
process.wait()
follower = accumulator("adam-lr=0.02", "seed1")
before = follower.Scalars("loss")[-1].step
said = run(*killed, "--resume", "--steps", str(before + 50))
start = int(said.split("goes on from step ")[1].split()[0])
follower.Reload()
print(f"the killed run had {before} steps in its events, and goes on from step {start}")
assert start < before
want = record("*-adam-lr=0.02-seed1")
same("TensorBoard, a new reader of the run that goes on", scalars(accumulator("adam-lr=0.02", "seed1")), want)
same("TensorBoard, the reader that has followed it", scalars(follower), want)

# A race, and a language model.
run("compare", "-m", "sgd", "-m", "adam", "--function", "booth", "--steps", "30", "--seeds", "2", "--trials", "2", "--report=", *keep)
run("pretrain", "-m", "adamw:lr=0.001", "--layers", "1", "--heads", "1", "--width", "8", "--context", "8", "--batch", "2", "--steps", "40", "--every", "10", "--quiet", *keep)
groups = {}
for method in "sgd", "adam":
    for seed in "seed1", "seed2":
        events = accumulator(method, seed)
        same(f"TensorBoard, {method}/{seed}", scalars(events), record(f"*-{method}-{seed}"))
        info = metadata.parse_session_start_info_plugin_data(events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content)
        end = metadata.parse_session_end_info_plugin_data(events.SummaryMetadata(metadata.SESSION_END_INFO_TAG).plugin_data.content)
        assert end.status == 1 and info.hparams["options.lr"].number_value > 0 and info.hparams["method"].string_value == method
        groups.setdefault(info.group_name, []).append(method)
assert sorted(groups.values()) == [["adam", "adam"], ["sgd", "sgd"]], groups
print("TensorBoard, hyperparameters: the seeds of a method are one group, with its step size and how it ended")
same("TensorBoard, pretrain", scalars(accumulator("adamw-lr=0.001", "seed1")), record("*-adamw-lr=0.001-seed1"))

# The same with trackio, which ignores a restart.
with contextlib.redirect_stdout(None):
    trackio.import_tf_events(at("events"), "steepest")
for name in sorted(SQLiteStorage.get_runs("steepest")):
    got = {}
    for row in SQLiteStorage.get_logs("steepest", name):
        for tag, value in row.items():
            if tag not in ("step", "timestamp"):
                got.setdefault(tag.removeprefix("progress/"), []).append((row["step"], value))
    what, seed = name.split("/")
    same(f"trackio, {name}", got, record(f"*-{what}-{seed}"))

# The same for the table of one run. trackio ignores its columns of text.
want = record("*-adamw-lr=0.001-seed1")
with contextlib.redirect_stdout(None):
    trackio.import_csv(at("metrics.csv"), "table")
got = {}
for row in SQLiteStorage.get_logs("table", "metrics"):
    for tag in row.keys() - {"step", "timestamp"}:
        got.setdefault(tag, []).append((row["step"], float(numpy.float32(row[tag]))))
same("trackio, import_csv of steepest runs --csv", got, want)
