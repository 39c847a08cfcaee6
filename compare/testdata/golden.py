"""Writes golden.json: quantiles by NumPy, t-tests by SciPy and Holm's correction by statsmodels, for package
compare. Run in this folder; versions go into the file.

    python golden.py
"""

import json

import numpy as np
import scipy
import statsmodels
from scipy.stats import ttest_1samp, ttest_rel
from statsmodels.stats.multitest import multipletests

rng = np.random.default_rng(1)

quantiles = []
for n in (1, 2, 3, 5, 10, 11):
    values = rng.normal(size=n)
    quantiles.append({"values": values.tolist(), "spread": np.quantile(values, [0.1, 0.5, 0.9]).tolist()})

# Excesses of entries over seeds, entry 0 being the best by its median: test their logarithms.
races = []
for seeds, factors in ((2, (1, 3)), (5, (1, 1.05, 1.5, 40)), (10, (1, 1.1, 1.3, 1.3, 2))):
    shared = rng.normal(size=seeds)  # what a seed does to every entry
    excesses = [1e-3 * f * np.exp(shared + 0.3 * rng.normal(size=seeds)) for f in factors]
    excesses.sort(key=np.median)
    raw = [float(ttest_rel(np.log(e), np.log(excesses[0])).pvalue) for e in excesses[1:]]
    corrected = multipletests(raw, method="holm")[1]
    losses = [float(ttest_rel(e, excesses[0]).pvalue) for e in excesses[1:]]
    races.append({
        "excesses": [e.tolist() for e in excesses],
        "raw": raw,
        "holm": corrected.tolist(),
        "lossHolm": multipletests(losses, method="holm")[1].tolist(),
    })

# Final losses over seeds, and the mean that they are tested to be below.
targets = []
for seeds in (2, 3, 10):
    losses = 3.28 + 0.0013 * rng.normal(size=seeds)
    targets.append({"losses": losses.tolist(), "target": 3.2805, "p": float(ttest_1samp(losses, 3.2805, alternative="less").pvalue)})

with open("golden.json", "w") as f:
    json.dump({
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "quantiles": quantiles,
        "races": races,
        "targets": targets,
    }, f, indent=1)
    f.write("\n")
