r"""Steepest as a solver of benchopt 1.10, for its benchmarks of L2 logistic regression, the Lasso, and the linear SVM.

STEEPEST is the program, and STEEPEST_FIT the command of bench/benchopt/fit. In the folder of the project:

    go build -o steepest ./cmd/steepest && (cd bench && go build -o steepest-fit ./benchopt/fit)
    export STEEPEST=$PWD/steepest STEEPEST_FIT=$PWD/bench/steepest-fit
    pip install benchopt==1.10.0 scikit-learn celer
    git clone https://github.com/benchopt/benchmark_lasso
    benchopt run benchmark_lasso -s bench/benchopt/steepest.py -s sklearn -s celer -d bench/benchopt/simulated.py -o '*[reg=0.1]' -n 40

benchopt then draws a page in benchmark_lasso/outputs. benchmark_logreg_l2 runs in the same way. benchopt 1.10 refuses
benchmark_linear_svm_binary_classif_no_intercept as it was in July 2023, until its methods have the names of today:

    sed -i 's/def compute/def evaluate_result/; $a\    def get_one_result(self):\n        return {"beta": np.zeros(self.X.shape[1])}' objective.py
    sed -i -E 's/return (self\.(beta|clf.coef_.flatten\(\)))$/return {"beta": \1}/; s/stop_strategy/sampling_strategy/' solvers/*.py

"program" times a process of `steepest fit` from its start to the saved model, reading the text of the rows included. "library" times solver.Fit
in a process that holds the rows, and the weights as text on the way back. Both write the rows as a LIBSVM file, which is not timed.
"""
import json
import os
import subprocess
import tempfile

import numpy as np
from benchopt import BaseSolver
from benchopt.stopping_criterion import SufficientProgressCriterion
from sklearn.datasets import dump_svmlight_file


class Solver(BaseSolver):
    name = "steepest"
    parameters = {"how": ["program", "library"]}
    # Neighboring tolerances often end at the same point, which is no reason to stop.
    stopping_criterion = SufficientProgressCriterion(patience=12, strategy="tolerance")

    def set_objective(self, X, y, lmbd=None, fit_intercept=None, C=None):
        n, self.d = X.shape
        self.intercept = bool(fit_intercept)
        if C is not None:
            model = {"loss": "hinge", "l2": 1 / (C * n)}
        elif fit_intercept is not None:
            model = {"loss": "least-squares", "l1": lmbd / n}
        else:
            model = {"loss": "logistic", "l2": lmbd / n}
        self.folder = tempfile.TemporaryDirectory()
        rows, self.model = (os.path.join(self.folder.name, name) for name in ("rows.svm", "model.json"))
        dump_svmlight_file(X, y, rows, zero_based=False)
        flags = [f"--{name}={value}" for name, value in model.items()]
        if self.how == "program":
            self.command = [os.environ["STEEPEST"], "fit", rows, f"--min-features={self.d}", "--scale=none", "--quiet", f"--model={self.model}", *flags]
            if not self.intercept:
                self.command.append("--no-intercept")
        else:
            command = [os.environ["STEEPEST_FIT"], f"-columns={self.d}", f"-intercept={str(self.intercept).lower()}", *flags, rows]
            self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.ask(0.9)  # the rows are read

    def ask(self, tolerance):
        print(tolerance, file=self.server.stdin, flush=True)
        return self.server.stdout.readline()

    def run(self, tolerance):
        tolerance = min(max(tolerance, 1e-12), 0.9)
        if self.how == "program":
            subprocess.run([*self.command, f"--tolerance={tolerance}"], check=True, capture_output=True)
        else:
            self.answer = self.ask(tolerance)

    def get_result(self):
        if self.how == "library":
            return {"beta": np.array(json.loads(self.answer))}
        with open(self.model) as file:
            model = json.load(file)
        seen = np.array(model["parameters"][0]["values"])
        beta = np.zeros(self.d + self.intercept)
        kept = model.get("kept")
        beta[np.arange(self.d) if kept is None else kept] = seen[: len(seen) - self.intercept]
        if self.intercept:
            beta[-1] = seen[-1]
        return {"beta": beta}
