#!/usr/bin/env bash
# --l2 of VW 9.11.9 with its default update, over a long run.
#
# VW's default update is adaptive, normalized and invariant. Its steps become smaller as the squared gradients add up. The shrinking by
# --l2 does not become smaller with them. So the balance between loss and penalty moves as long as one trains, towards a weight of 0.
# Two examples, y = x at x = 1 and x = -1, have the regularized optimum 1 / (1 + l2 / 2). After 100,000 examples at --l2 0.01 the weight
# is a third below it, and four times as many leave a fifth of it. Plain gradient descent stays at the optimum.
#
# Guess before the run: 0.995, the better the longer one trains.
# Seen with vowpalwabbit 9.11.9, scipy 1.17.1 and numpy 2.4.6, --l2 0.01, after 1,000, 100,000 and 400,000 examples:
# default 0.987, 0.644, 0.212; --sgd --initial_t 1 -l 0.5 --power_t 0.5: 0.995, 0.995, 0.995
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
vowpalwabbit==9.11.9
scipy==1.17.1
numpy==2.4.6
PINS
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

import vowpalwabbit

print("vowpalwabbit", version("vowpalwabbit"), "scipy", version("scipy"), "numpy", version("numpy"))


def weights(options):
    """The weight after 1,000, 100,000 and 400,000 examples, as the prediction at x = 1."""
    workspace = vowpalwabbit.Workspace(options + " --l2 0.01 --noconstant --quiet")
    simple = vowpalwabbit.LabelType.SIMPLE
    examples = [workspace.parse("1 | a:1", simple), workspace.parse("-1 | a:-1", simple)]
    seen = []
    for i in range(400_000):
        workspace.learn(examples[i % 2])
        if i + 1 in (1_000, 100_000, 400_000):
            probe = workspace.parse("| a:1", simple)
            seen.append(round(workspace.predict(probe), 3))
            workspace.finish_example(probe)
    for example in examples:
        workspace.finish_example(example)
    workspace.finish()
    return seen


default = weights("")
plain = weights("--sgd --initial_t 1 -l 0.5 --power_t 0.5")
print("optimum", round(1 / 1.005, 3), "default", default, "plain gradient descent", plain)
assert default[0] > 0.98 and default[1] < 0.7 and default[2] < 0.25, "--l2 now keeps its balance"
assert all(abs(weight - 0.995) < 0.001 for weight in plain)
PY
