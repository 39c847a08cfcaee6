#!/usr/bin/env bash
# Resuming MuonAdamAtan2 and PolarAdamAtan2 of adam-atan2-pytorch 0.4.1 from a checkpoint, in another process.
#
# Both take the matrices for Muon and all parameters, and by default remove the former from the latter, through Python sets. The order of what
# remains is that of memory addresses, so it differs between processes. PyTorch's state_dict knows parameters by their position alone. So
# after load_state_dict, biases and gains of equal shapes have each other's moments, without a word. (If shapes differ, there may be an error in
# the next step, or in some cases broadcasting.) With remove_..._params_from_params=False and a list of the other parameters, it is right.
#
# Guess before the run: a resumed run has the bits of the run without a stop, as with AdamW.
# Seen with adam-atan2-pytorch 0.4.1, torch 2.15.0, einops 0.8.2 and numpy 2.4.6, 12 blocks of a linear layer and a norm, 36 vectors of one shape:
# in three resumed processes, none to six of the 36 moments are at their own parameter, and the next 10 steps differ from those without a stop.
# With lists selected by the caller, all 36 are, and the steps have the same bits
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
adam-atan2-pytorch==0.4.1
torch==2.15.0
einops==0.8.2
numpy==2.4.6
PINS
cat > "$folder/resume.py" <<'PY'
import pathlib, sys
from importlib.metadata import version

import torch
from adam_atan2_pytorch import MuonAdamAtan2, PolarAdamAtan2

folder, part = pathlib.Path(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)


def new(method, by_hand):
    torch.manual_seed(0)
    blocks = [torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.LayerNorm(8), torch.nn.Tanh()) for _ in range(12)]
    model = torch.nn.Sequential(*blocks)
    matrices = [p for p in model.parameters() if p.ndim == 2]
    if by_hand:
        option = "remove_muon_params_from_params" if method is MuonAdamAtan2 else "remove_polar_params_from_params"
        vectors = [p for p in model.parameters() if p.ndim < 2]
        return model, method(matrices, vectors, lr=1e-2, **{option: False})
    return model, method(matrices, model.parameters(), lr=1e-2)


def steps(model, optimizer, first, last):
    for step in range(first, last):
        torch.manual_seed(step)
        x = torch.randn(16, 8)
        optimizer.zero_grad()
        loss = ((model(x) - x.flip(1)) ** 2).mean()
        loss.backward()
        optimizer.step()


def moments(model, optimizer):
    return {name: optimizer.state[p]["exp_avg"].clone() for name, p in model.named_parameters() if p.ndim < 2}


for method in MuonAdamAtan2, PolarAdamAtan2:
    for by_hand in False, True:
        file = folder / f"{method.__name__}-{by_hand}.pt"
        model, optimizer = new(method, by_hand)
        if part == "train":
            steps(model, optimizer, 0, 20)
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "moments": moments(model, optimizer)}, file)
            steps(model, optimizer, 20, 30)
            torch.save(model.state_dict(), folder / f"end-{file.name}")
            continue
        saved = torch.load(file)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        own = sum(torch.equal(moment, saved["moments"][name]) for name, moment in moments(model, optimizer).items())
        steps(model, optimizer, 20, 30)
        end = torch.load(folder / f"end-{file.name}")
        same = all(torch.equal(value, end[name]) for name, value in model.state_dict().items())
        print(f"{method.__name__}, vectors selected by {'the caller' if by_hand else 'the method'}: "
              f"{own} of {len(saved['moments'])} moments at their own parameter, same end {same}")
        assert same == by_hand and (own == len(saved["moments"])) == by_hand, "this has changed"
if part == "train":
    print(*(f"{package} {version(package)}" for package in ("adam-atan2-pytorch", "torch", "einops", "numpy")))
PY
for part in train resume resume resume; do "$folder/venv/bin/python" "$folder/resume.py" "$folder" "$part"; done
