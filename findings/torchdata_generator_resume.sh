#!/usr/bin/env bash
# Order of samples after a resume by StatefulDataLoader of torchdata 0.11.0, with and without a generator, on PyTorch 2.15.0.
#
# A loader is stopped in its second epoch, or after its first, and a new one in another process state loads its state_dict. Shuffled by
# PyTorch's global generator, all epochs go on as without the stop, because the state holds a seed of the epoch. With a generator of one's own,
# as PyTorch's notes on reproducibility recommend, and without workers, the epoch that was cut off goes on, and later epochs have another
# order: the state of the generator is not saved. With two workers it is right in both cases.
#
# Guess before the run: the opposite. A generator of one's own makes a resume exact, and the global one does not, since nobody saves its state.
# Seen with torchdata 0.11.0 and torch 2.15.0, three epochs of 12 samples:
# generator False workers 0: cut epoch True, later epochs True | generator True workers 0: cut epoch True, later epochs False
# generator False workers 2: cut epoch True, later epochs True | generator True workers 2: cut epoch True, later epochs True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
torch==2.15.0
torchdata==0.11.0
numpy==2.4.6
PINS
cat > "$folder/resume.py" <<'PY'
import torch
from torchdata.stateful_dataloader import StatefulDataLoader


def loader(own, workers, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(5) if own else None
    return StatefulDataLoader(range(12), batch_size=3, shuffle=True, num_workers=workers, generator=generator)


def epoch(batches):
    return [sample for batch in batches for sample in batch.tolist()]


def resumed(own, workers, before):
    """Returns the epochs of a run that is stopped after a number of batches of its second epoch."""
    run = loader(own, workers, seed=0)
    epochs = [epoch(run), []]
    if before:
        second = iter(run)
        epochs[1] = epoch(next(second) for _ in range(before))
    state = run.state_dict()
    run = loader(own, workers, seed=123)
    run.load_state_dict(state)
    epochs[1] += epoch(run)
    return epochs + [epoch(run)]


for workers in 0, 2:
    for own in False, True:
        run = loader(own, workers, seed=0)
        whole = [epoch(run) for _ in range(3)]
        cut, after = resumed(own, workers, 2), resumed(own, workers, 0)
        later = cut[2] == whole[2] and after == whole
        print(f"generator {own} workers {workers}: cut epoch {cut[:2] == whole[:2]}, later epochs {later}")
PY
"$folder/venv/bin/python" -W ignore "$folder/resume.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN' || { echo "this has changed" >&2; exit 1; }
generator False workers 0: cut epoch True, later epochs True
generator True workers 0: cut epoch True, later epochs False
generator False workers 2: cut epoch True, later epochs True
generator True workers 2: cut epoch True, later epochs True
SEEN
