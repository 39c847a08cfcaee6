#!/usr/bin/env bash
# FTRLProximal of river 0.26.1, where the ℓ1 penalty should remove a weight again.
#
# FTRL-Proximal is used for its sparse models. Its weight is 0 as long as its state z is at most l1 in magnitude, and otherwise a formula of z.
# river applies the formula where |z| exceeds l1, and leaves the weight as it is where it does not. So a weight that was once not 0 never
# returns to 0. It keeps its last value, however small z becomes. The weights are also computed before the gradient of the row enters z. So the
# model that predicts the next row has not yet learned from the present one.
#
# Guess before the run: a weight is 0 exactly where |z| is at most l1.
# Seen with river 0.26.1 and numpy 2.4.6: gradients 2, 0, -2, 0 with l1 = 0.5 give the weights 0, -0.5, -0.5, -0.5, and z is 2, 2, 0.414, 0.414.
# Logistic regression on 5,000 rows with 20 features, where only the first one matters, and l1 = 20: river has 20 weights, and its own z gives 11
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check river==0.26.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import math, random
from importlib.metadata import version

from river import linear_model, optim

print("river", version("river"), "numpy", version("numpy"))
method, weights = optim.FTRLProximal(alpha=1.0, beta=1.0, l1=0.5, l2=0.0), {"a": 0.0}
seen = []
for gradient in (2.0, 0.0, -2.0, 0.0):
    weights = method.step(weights, {"a": gradient})
    seen.append(round(float(weights["a"]), 3))
    print(f"gradient {gradient}: z {method.z['a']:.3f}, weight {seen[-1]}")
assert seen == [0, -0.5, -0.5, -0.5] and method.z["a"] < method.l1, "this has changed"

names = [f"x{i}" for i in range(20)]
method = optim.FTRLProximal(alpha=0.1, beta=1.0, l1=20.0, l2=0.0)
model = linear_model.LogisticRegression(method, intercept_lr=0.0)
random.seed(0)
for _ in range(5000):
    row = {name: random.gauss(0, 1) for name in names}
    model.learn_one(row, random.random() < 1 / (1 + math.exp(-row["x0"])))
kept = sum(model.weights[name] != 0 for name in names)
right = sum(abs(method.z[name]) > method.l1 for name in names)
print(f"of 20 weights {kept} are not 0, and {right} have a |z| above l1")
assert kept == 20 and right < 15, "this has changed"
PY
