"""Writes golden.json: losses of logistic regression on the embedded heart-scale, trained by PyTorch in float64.

    pip install torch==2.15.0 scikit-learn==1.7.2
    python train/testdata/golden.py

The batches are the rows in their order, 30 at a time, so that both sides see the same ones without sharing a generator.
The objective is mean(log(1 + exp(-y<a, x>))) + (l2/2)|x|^2 from x = 0; the loss is taken over all rows after each epoch.
"""

import json
import pathlib

import sklearn
import torch
from sklearn.datasets import load_svmlight_file

HERE = pathlib.Path(__file__).parent
L2, BATCH, EPOCHS = 1e-3, 30, 20
METHODS = {
    "sgd:lr=0.5": lambda p: torch.optim.SGD(p, lr=0.5),
    "heavy-ball:lr=0.05": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "nesterov:lr=0.05": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adagrad:lr=0.3,preset=torch": lambda p: torch.optim.Adagrad(p, lr=0.3),
    "rmsprop:lr=0.02,preset=torch": lambda p: torch.optim.RMSprop(p, lr=0.02),
    "adam:lr=0.02,preset=torch": lambda p: torch.optim.Adam(p, lr=0.02),
    "adamw:lr=0.02,preset=torch": lambda p: torch.optim.AdamW(p, lr=0.02),
}


def main():
    torch.set_default_dtype(torch.float64)
    a, y = load_svmlight_file(str(HERE / "../../data/embedded/heart-scale.libsvm.gz"))
    a, y = torch.tensor(a.toarray()), torch.tensor(y)

    def objective(x, rows):
        return torch.nn.functional.softplus(-y[rows] * (a[rows] @ x)).mean() + L2 / 2 * x @ x

    def train(make):
        x = torch.zeros(a.shape[1], requires_grad=True)
        optimizer, losses = make([x]), []
        for _ in range(EPOCHS):
            for start in range(0, len(y), BATCH):
                optimizer.zero_grad()
                objective(x, slice(start, start + BATCH)).backward()
                optimizer.step()
            losses.append(objective(x, slice(None)).item())
        return losses

    golden = {
        "versions": {"torch": torch.__version__, "scikit-learn": sklearn.__version__},
        "l2": L2, "batch": BATCH, "epochs": EPOCHS,
        "losses": {spec: train(make) for spec, make in METHODS.items()},
    }
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
