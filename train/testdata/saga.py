"""Writes saga.json: minimizers on the embedded heart-scale that scikit-learn's own SAG and SAGA find, in float64.

    pip install numpy==2.4.6 scikit-learn==1.7.2
    python train/testdata/saga.py

The objectives are mean(loss) + (l2/2)|x|^2 + l1|x|_1 without an intercept, with log(1 + exp(-y<a, x>)) or (<a, x> - y)^2/2 as
the loss. Both solvers stop when no weight changes by more than a share of 1e-15 in an epoch.
"""

import json
import pathlib

import sklearn
from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import LogisticRegression, Ridge

HERE = pathlib.Path(__file__).parent
L2, L1 = 1e-2, 1e-2
TOL = dict(tol=1e-15, max_iter=10**6, random_state=0)


def main():
    a, y = load_svmlight_file(str(HERE / "../../data/embedded/heart-scale.libsvm.gz"))
    a, n = a.toarray(), len(y)
    cases = []

    def case(solver, loss, l1, l2, model):
        model.fit(a, y)
        cases.append(dict(solver=solver, loss=loss, l1=l1, l2=l2, x=model.coef_.ravel().tolist()))

    for solver in ["sag", "saga"]:
        case(solver, "logistic", 0, L2, LogisticRegression(C=1 / (n * L2), fit_intercept=False, solver=solver, **TOL))
        case(solver, "least-squares", 0, L2, Ridge(alpha=n * L2, fit_intercept=False, solver=solver, **TOL))
    lasso = LogisticRegression(penalty="l1", C=1 / (n * L1), fit_intercept=False, solver="saga", **TOL)
    case("saga", "logistic", L1, 0, lasso)
    (HERE / "saga.json").write_text(json.dumps(dict(sklearn=sklearn.__version__, cases=cases), indent=1) + "\n")


if __name__ == "__main__":
    main()
