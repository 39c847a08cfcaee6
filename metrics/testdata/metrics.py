"""Writes metrics.json: what scikit-learn says of predictions, in float64. Run in this folder.

    pip install -r requirements.txt
    python metrics.py

NaN is written as null.
"""

import json
import warnings

import numpy as np
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")  # undefined metrics and rows that do not sum to one are among the cases

rng = np.random.default_rng(1)


def number(x):
    return None if np.isnan(x) else float(x)


def classification(name, truth, probabilities):
    probabilities = np.asarray(probabilities, dtype=float)
    predicted = probabilities.argmax(axis=1)
    classes = probabilities.shape[1]
    labels = range(classes)
    if classes == 2:
        auc = metrics.roc_auc_score(truth, probabilities[:, 1])
    else:
        auc = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro", labels=labels)
    return dict(
        name=name,
        classes=classes,
        truth=[int(t) for t in truth],
        predicted=predicted.tolist(),
        probabilities=probabilities.ravel().tolist(),
        accuracy=metrics.accuracy_score(truth, predicted),
        logLoss=metrics.log_loss(truth, probabilities, labels=labels),
        auc=number(auc),
        confusion=metrics.confusion_matrix(truth, predicted, labels=labels).tolist(),
    )


def softmax(truth, classes):
    """Probabilities that know something of the truth."""
    z = rng.normal(size=(len(truth), classes)) + 1.5 * np.eye(classes)[truth]
    p = np.exp(z)
    return p / p.sum(axis=1, keepdims=True)


def second(p):
    """Probabilities of two classes from those of class 1."""
    p = np.asarray(p, dtype=float)
    return np.stack([1 - p, p], axis=1)


def balanced(n, classes):
    return rng.permutation(np.arange(n) % classes)


two, three, ten = balanced(40, 2), balanced(45, 3), balanced(60, 10)
rare = np.array([1, 1] + [0] * 58)
extreme = [0, 1, 1e-300, 1e-17, 2**-52, 2**-53, 1 - 2**-52, 1 - 2**-53, 0.5, 5e-324]
uneven = rng.choice(3, size=60, p=[0.9, 0.07, 0.03])

classifications = [
    classification("two classes", two, softmax(two, 2)),
    classification("three classes", three, softmax(three, 3)),
    classification("ten classes", ten, softmax(ten, 10)),
    classification("ties", two, second(rng.integers(0, 4, size=40) / 4)),
    classification("ties among three", three, np.eye(3)[rng.integers(0, 3, size=45)] * 0.5 + 1 / 6),
    classification("all tied", two, second(np.full(40, 0.3))),
    classification("extreme", two, second(rng.choice(extreme, size=40))),
    classification("ties of class 0 alone", [0, 0, 1, 1], second([0, 1e-300, 1e-200, 1e-17])),
    classification("certain", three, np.eye(3)[(three + (rng.random(45) < 0.2)) % 3]),
    classification("certain and right", three, np.eye(3)[three]),
    classification("certain and wrong", two, np.eye(2)[1 - two]),
    classification("imbalanced", rare, second(rng.beta(1, 20, size=60))),
    classification("three imbalanced", uneven, softmax(uneven, 3)),
    classification("class 1 missing", [0] * 5, softmax([0] * 5, 2)),
    classification("class 0 missing", [1] * 5, softmax([1] * 5, 2)),
    classification("class 2 of 3 missing", two, softmax(two, 3)),
    classification("rows not summing to one", two, 0.8 * softmax(two, 2)),
    classification("two rows", [1, 0], [[0.2, 0.8], [0.3, 0.7]]),
]


def regression(name, truth, predicted):
    truth, predicted = np.asarray(truth, dtype=float), np.asarray(predicted, dtype=float)
    return dict(
        name=name,
        truth=truth.tolist(),
        predicted=predicted.tolist(),
        rmse=metrics.root_mean_squared_error(truth, predicted),
        mae=metrics.mean_absolute_error(truth, predicted),
        r2=number(metrics.r2_score(truth, predicted)),
    )


y = rng.normal(size=50)
noise = rng.normal(size=50)
heavy = np.sign(noise) * 10 ** rng.uniform(-8, 8, size=50)

regressions = [
    regression("ordinary", y, y + 0.3 * noise),
    regression("useless", y, 3 * noise),
    regression("its own mean", [1, 2, 3, 6], [3] * 4),
    regression("perfect", y, y),
    regression("offset 1e9", 1e9 + 100 * y, 1e9 + 100 * y + 10 * noise),
    regression("offset -1e9, small spread", -1e9 + y, -1e9 + y + 0.1 * noise),
    regression("predictions off by 1e9", y, y + 1e9),
    regression("heavy tails", heavy, heavy * rng.uniform(0.5, 1.5, size=50)),
    regression("outlier first", np.append(1e9, y), np.append(0.9e9, y + noise)),
    regression("tiny", 1e-100 * y, 1e-100 * (y + noise)),
    regression("constant, missed", [2] * 5, [2, 2, 2, 2, 3]),
    regression("constant, perfect", [2] * 5, [2] * 5),
    regression("constant 0.1, perfect", [0.1] * 3, [0.1] * 3),
    regression("one row", [1], [2]),
    regression("two rows", [1, 2], [1.5, 1]),
]

versions = {m.__name__: m.__version__ for m in (np, sklearn)}
with open("metrics.json", "w") as file:
    file.write('{\n"versions": ' + json.dumps(versions))
    for part, cases in dict(classifications=classifications, regressions=regressions).items():
        lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
        file.write(f',\n"{part}": [\n{lines}\n]')
    file.write("\n}\n")
