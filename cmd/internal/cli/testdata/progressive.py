"""Writes progressive.json: the progressive loss of Vowpal Wabbit in one pass over rows, for two methods.

    pip install vowpalwabbit==9.11.9
    python progressive.py
"""

import json
import pathlib
import tempfile

import vowpalwabbit

ROWS = [f"{1 if (i * i + 3 * i) % 11 < 5 else -1} |x a:{i * 7 % 13 / 4} b:{(i * 5 % 17 - 8) / 8}" for i in range(600)]
METHODS = {
    "ftrl:lr=0.1,beta=1,l1=0.5": "--ftrl --ftrl_alpha 0.1 --ftrl_beta 1 --l1 0.5",
    "sgd:lr=0.1": "--sgd --power_t 0 -l 0.1",
}

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "rows.vw")
    path.write_text("\n".join(ROWS) + "\n")
    losses = {}
    for method, options in METHODS.items():
        run = vowpalwabbit.Workspace(f"{options} --loss_function logistic -d {path} --quiet")
        losses[method] = run.get_sum_loss() / run.get_weighted_examples()
with open(pathlib.Path(__file__).with_suffix(".json"), "w", encoding="utf-8") as out:
    json.dump({"vowpalwabbit": vowpalwabbit.__version__, "rows": ROWS, "losses": losses}, out, indent=1)
    out.write("\n")
