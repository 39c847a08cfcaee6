"""The peers: python -c PROGRAM FOLDER COLUMNS, with a command a line from standard input.

    peers LOSS PENALTY                          answers the names of those that minimize it
    fit NAME LOSS PENALTY LAMBDA TOLERANCE      answers processor seconds and F, of a fit with that tolerance of its own
    value LOSS PENALTY LAMBDA                   answers F of the weights in the file "weights"
    vw TEXT PASSES                              answers processor seconds and the mean logistic loss, of Vowpal Wabbit from its text to its model

F = mean loss + LAMBDA/2 |w|^2 for l2, + LAMBDA |w|_1 for l1. The losses are those of package objective.
"""

import sys
import time
import warnings

import numpy as np
import scipy.sparse
import sklearn
from liblinear import liblinearutil, liblinear
from sklearn.linear_model import Lasso, LogisticRegression

import celer
import cyanure.estimators
import skglm

warnings.filterwarnings("ignore")
folder, cols = sys.argv[1], int(sys.argv[2])


def read(name, kind):
    return np.fromfile(f"{folder}/{name}", kind)


indptr = read("indptr", np.int32)
rows = scipy.sparse.csr_matrix((read("values", np.float64), read("indices", np.int32), indptr), (len(indptr) - 1, cols))
columns = rows.tocsc()
labels = read("labels", np.float64)
n = len(labels)
problem = liblinear.problem(labels, rows, -1)


def value(w, loss, penalty, lam):
    z = rows @ w
    m = labels * z
    terms = {
        "logistic": lambda: np.logaddexp(0, -m),
        "hinge": lambda: np.maximum(0, 1 - m),
        "squared-hinge": lambda: np.maximum(0, 1 - m) ** 2 / 2,
        "squared": lambda: (z - labels) ** 2 / 2,
    }[loss]()
    return terms.mean() + (lam / 2 * (w @ w) if penalty == "l2" else lam * np.abs(w).sum())


def lib(solver):
    def fit(loss, lam, tol):
        c = 1 / (n * lam) / (2 if loss == "squared-hinge" else 1)
        options = liblinear.parameter(f"-s {solver} -c {c:.17g} -e {tol} -q")
        options.set_to_default_values
        model = liblinear.liblinear.train(problem, options)
        w = np.ctypeslib.as_array(model.contents.w, (cols,)).copy()
        return w if model.contents.label[0] == 1 else -w

    return fit


def logistic(solver):
    def fit(loss, lam, tol):
        model = LogisticRegression(C=1 / (n * lam), solver=solver, tol=tol, fit_intercept=False, max_iter=100_000)
        return model.fit(rows, labels).coef_[0]

    return fit


def cyan(penalty):
    def fit(loss, lam, tol):
        name = {"logistic": "logistic", "squared-hinge": "sqhinge", "squared": "square"}[loss]
        kind = cyanure.estimators.Regression if loss == "squared" else cyanure.estimators.Classifier
        model = kind(loss=name, penalty=penalty, lambda_1=lam, fit_intercept=False, tol=tol, max_iter=5000, verbose=False, n_threads=1)
        if loss == "squared-hinge":
            model.lambda_1 = lam  # its squared hinge has the half
        return np.ravel(model.fit(rows, labels).get_weights())

    return fit


def celers(loss, lam, tol):
    if loss == "squared":
        model = celer.Lasso(alpha=lam, fit_intercept=False, tol=tol)
    else:
        model = celer.LogisticRegression(C=1 / (n * lam), fit_intercept=False, tol=tol)
    return np.ravel(model.fit(columns, labels).coef_)


def skglms(loss, lam, tol):
    kind = skglm.Lasso if loss == "squared" else skglm.SparseLogisticRegression
    return np.ravel(kind(alpha=lam, fit_intercept=False, tol=tol).fit(columns, labels).coef_)


def lasso(loss, lam, tol):
    return Lasso(alpha=lam, fit_intercept=False, tol=tol, max_iter=100_000).fit(columns, labels).coef_


def vowpal(text, passes):
    from vowpalwabbit import Workspace  # only where it is asked for

    start = time.process_time()
    Workspace(f"--quiet -d {text} --passes {passes} -c -k --holdout_off --loss_function logistic --noconstant -f {folder}/vw.model").finish()
    seconds = time.process_time() - start
    model = Workspace(f"--quiet -t -i {folder}/vw.model")
    return seconds, value(np.array([model.get_weight(j) for j in range(cols)]), "logistic", "l2", 0)


peers = {
    ("logistic", "l2"): {
        "liblinear -s 0": lib(0), "liblinear -s 7": lib(7), "cyanure": cyan("l2"),
        "lbfgs": logistic("lbfgs"), "newton-cholesky": logistic("newton-cholesky"), "saga": logistic("saga"),
    },
    ("hinge", "l2"): {"liblinear -s 3": lib(3)},
    ("squared-hinge", "l2"): {"liblinear -s 1": lib(1), "liblinear -s 2": lib(2), "cyanure": cyan("l2")},
    ("logistic", "l1"): {"liblinear -s 6": lib(6), "celer": celers, "skglm": skglms, "cyanure": cyan("l1")},
    ("squared", "l1"): {"celer": celers, "skglm": skglms, "scikit-learn": lasso},
}


def answer(*fields):
    print(*fields, sep="\t", flush=True)


answer(f"scikit-learn {sklearn.__version__}, celer {celer.__version__}, skglm {skglm.__version__}, NumPy {np.__version__}")
for line in sys.stdin:
    command, *args = line.rstrip("\n").split("\t")
    if command == "peers":
        # newton-cholesky would make a dense Hessian of all columns
        answer(*(name for name in peers[args[0], args[1]] if name != "newton-cholesky" or cols < 5000))
    elif command == "fit":
        name, loss, penalty, lam, tol = args
        start = time.process_time()
        w = peers[loss, penalty][name](loss, float(lam), float(tol))
        seconds = time.process_time() - start
        answer(seconds, value(w, loss, penalty, float(lam)))
    elif command == "vw":
        answer(*vowpal(*args))
    else:
        loss, penalty, lam = args
        answer(value(read("weights", np.float64), loss, penalty, float(lam)))
