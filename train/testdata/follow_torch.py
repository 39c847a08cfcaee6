"""Follows three methods on a data set of your own, side by side with PyTorch in float64 and scikit-learn's optimum.

    pip install torch==2.15.0 scikit-learn==1.7.2
    go build -o steepest ./cmd/steepest
    python train/testdata/follow_torch.py ./steepest a9a

Both sides take the rows of a LIBSVM file with labels -1 and 1 in their order, 32 at a time, from x = 0. Each line shows
the loss after a step on either side and their relative difference.
"""

import json
import subprocess
import sys
import tempfile

import numpy
import torch
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression

L2, BATCH, EPOCHS = 1e-4, 32, 3
METHODS = {
    "gd:lr=1": lambda p: torch.optim.SGD(p, lr=1),
    "sgd:lr=0.1": lambda p: torch.optim.SGD(p, lr=0.1),
    "adam:lr=0.001,preset=torch": lambda p: torch.optim.Adam(p, lr=0.001),
}


def record(program, path, spec):
    """Returns the loss by step of a run of the program."""
    with tempfile.NamedTemporaryFile() as out:
        flags = ["--loss", "logistic", "--l2", str(L2), "--scale", "none", "--start", "zero", "--sampling", "sequential"]
        run = [program, "minimize", spec, "--quiet", "--data", path, "--epochs", str(EPOCHS), "--record", out.name, *flags]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        points = [json.loads(line) for line in open(out.name)]
    return {p["step"]: p["loss"] for p in points if p["step"] > 0}


def main(program, path):
    torch.set_default_dtype(torch.float64)
    sparse, labels = load_svmlight_file(path)
    a, y, n = torch.tensor(sparse.toarray()), torch.tensor(labels), len(labels)

    def objective(x, rows):
        return torch.nn.functional.softplus(-y[rows] * (a[rows] @ x)).mean() + L2 / 2 * x @ x

    model = LogisticRegression(C=1 / (n * L2), fit_intercept=False, tol=1e-12, solver="newton-cholesky", max_iter=1000)
    w = model.fit(sparse, labels).coef_[0]
    print("f* =", numpy.logaddexp(0, -labels * (sparse @ w)).mean() + L2 / 2 * w @ w)
    for spec, make in METHODS.items():
        ours = record(program, path, spec)
        x = torch.zeros(a.shape[1], requires_grad=True)
        optimizer, size, step = make([x]), n if spec.startswith("gd") else BATCH, 0
        for _ in range(EPOCHS):
            for start in range(0, n, size):
                optimizer.zero_grad()
                objective(x, slice(start, start + size)).backward()
                optimizer.step()
                step += 1
                if step in ours:
                    theirs = objective(x, slice(None)).item()
                    print(f"{spec} {step}: {ours[step]:.17g} {theirs:.17g} {abs(ours[step] - theirs) / theirs:.1e}")


main(*sys.argv[1:])
