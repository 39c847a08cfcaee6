#!/usr/bin/env bash
# benchopt 1.10.0 cannot run a dataset with a constructor of its own.
#
# A dataset may define __init__ and store its parameters, as those of many benchmarks do. The first use calls get_data. The second use, in the same
# run, looks at an attribute that the base class sets in its constructor, which was not called: AttributeError: 'Dataset' object has no
# attribute '_used_seed'. The same dataset without the constructor, whose parameters benchopt sets, ends well.
#
# Guess before the run: both end with a result, since a dataset has never had to call the constructor of its base.
# Seen with benchopt 1.10.0 and numpy 2.4.6: the first ends with the AttributeError, the second with code 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check benchopt==1.10.0 numpy==2.4.6
export PATH="$folder/venv/bin:$PATH" TERM=dumb
python -c 'import benchopt, numpy; print("benchopt", benchopt.__version__, "numpy", numpy.__version__)'
mkdir -p "$folder/ridge/datasets" "$folder/ridge/solvers"
cd "$folder"
cat > ridge/solvers/exact.py <<'PY'
import numpy as np
from benchopt import BaseSolver


class Solver(BaseSolver):
    name = "exact"
    sampling_strategy = "run_once"

    def set_objective(self, X, y, l2):
        self.left, self.right = X.T @ X + l2 * np.eye(X.shape[1]), X.T @ y

    def run(self, _):
        self.w = np.linalg.solve(self.left, self.right)

    def get_result(self):
        return {"w": self.w}
PY
cat > ridge/objective.py <<'PY'
import numpy as np
from benchopt import BaseObjective


class Objective(BaseObjective):
    name = "ridge"
    parameters = {"l2": [1.0, 0.1]}

    def set_data(self, X, y):
        self.X, self.y = X, y

    def get_objective(self):
        return {"X": self.X, "y": self.y, "l2": self.l2}

    def evaluate_result(self, w):
        return float(np.sum((self.X @ w - self.y) ** 2) + self.l2 * (w @ w)) / 2

    def get_one_result(self):
        return {"w": np.zeros(self.X.shape[1])}
PY
try() { # a dataset with this constructor
	cat > ridge/datasets/noise.py <<PY
import numpy as np
from benchopt import BaseDataset


class Dataset(BaseDataset):
    name = "noise"
    parameters = {"rows": [10]}
$1

    def get_data(self):
        random = np.random.default_rng(0)
        return {"X": random.normal(size=(self.rows, 3)), "y": random.normal(size=self.rows)}
PY
	if benchopt run ridge --no-display --no-html > output 2>&1; then echo "ends well"; else grep -o "AttributeError: .*" output | tail -n 1; fi
}
own=$(try "
    def __init__(self, rows=10):
        self.rows = rows")
without=$(try "")
echo "with a constructor: $own"
echo "without: $without"
[ "$own" = "AttributeError: 'Dataset' object has no attribute '_used_seed'" ] && [ "$without" = "ends well" ] || { echo "this has changed"; exit 1; }
