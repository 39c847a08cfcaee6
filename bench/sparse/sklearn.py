"""The side of scikit-learn: python -c PROGRAM FOLDER TYPE COLUMNS L2, with a command a line from standard input.

    time EPOCHS SHUFFLED    answers the processor time of an epoch, in seconds
    step                    makes an epoch over the rows in the order of the file "order", and writes the file "weights"
"""

import platform
import sys
import time

import numpy as np
import scipy
import sklearn
from sklearn.linear_model import SGDClassifier

folder, dtype, cols, l2 = sys.argv[1], np.dtype(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])


def read(name, kind):
    return np.fromfile(f"{folder}/{name}", kind)


indptr = read("indptr", np.int32)
rows = scipy.sparse.csr_matrix((read("values", dtype), read("indices", np.int32), indptr), (len(indptr) - 1, cols))
labels = read("labels", dtype)


def classifier(epochs, shuffled):
    return SGDClassifier(
        loss="log_loss", penalty="l2", alpha=l2, learning_rate="optimal", fit_intercept=False,
        max_iter=epochs, tol=None, shuffle=shuffled, random_state=0,
    )


def fit_time(epochs, shuffled):
    model = classifier(epochs, shuffled)
    start = time.process_time()
    model.fit(rows, labels)
    return time.process_time() - start


def answer(text):
    print(text, flush=True)


answer(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, Python {platform.python_version()}")
stepped = classifier(1, False)
for line in sys.stdin:
    command, *args = line.split()
    if command == "time":
        epochs, shuffled = int(args[0]), args[1] == "true"
        one = fit_time(1, shuffled)
        answer((fit_time(1 + epochs, shuffled) - one) / epochs)
    else:
        order = read("order", np.uint32)
        stepped.partial_fit(rows[order], labels[order], classes=[-1, 1])
        stepped.coef_[0].astype(np.float64).tofile(f"{folder}/weights")
        answer("done")
