#!/usr/bin/env bash
# stable_update of SVI in numpyro 0.22.0 where the model has a mutable state.
#
# stable_update, and run with stable_update=True, are for batches whose loss or gradient is not finite. The documentation says that such a step
# "returns the current state". That holds for the parameters and for the state of the optimizer. But the mutable state, where numpyro.mutable
# and the batch normalization of flax keep their running means, is taken over from the bad batch. If the model computes with it, each later
# loss is NaN too: all later steps are skipped, and the training stands still. Under batch normalization the training goes on, its loss falls,
# and the running mean and variance, with which the trained model is evaluated, stay infinite and NaN.
#
# Guess before the run: after the bad batch the state is the one before it, and the next good batch makes a step.
# Seen with numpyro 0.22.0, flax 0.12.8 and jax 0.10.2, 3 good batches, one with an infinite value, and 300 good ones:
# running mean: 3 of 3 steps made, mean 0.6878   then 0 of 1, mean inf   then 0 of 300, mean inf
# batch normalization: 3 of 3 steps made, mean 0.6878   then 0 of 1, mean inf   then 300 of 300, mean inf
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
numpyro==0.22.0
flax==0.12.8
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
cat >"$folder/mutable.py" <<'PY'
from importlib.metadata import version

import flax.linen
import jax
import jax.numpy as jnp
import numpyro
from numpyro.contrib.module import flax_module
from numpyro.distributions import Normal
from numpyro.infer import SVI, Trace_ELBO

print(*(f"{package} {version(package)}" for package in ("numpyro", "flax", "jax")))


def running_mean(x, y):
    running = numpyro.primitives.mutable("running", {"mean": jnp.array(0.0)})
    mean = 0.9 * running["mean"] + 0.1 * x.mean()
    running["mean"] = jax.lax.stop_gradient(mean)
    weight = numpyro.param("weight", jnp.array(0.0))
    numpyro.sample("y", Normal(weight * (x[:, 0] - mean), 1.0).to_event(1), obs=y)


class Net(flax.linen.Module):
    @flax.linen.compact
    def __call__(self, x):
        x = flax.linen.BatchNorm(use_running_average=False, momentum=0.9)(x)
        return flax.linen.Dense(1)(x)[:, 0]


def batch_normalization(x, y):
    net = flax_module("net", Net(), mutable=["batch_stats"], input_shape=(3, 1))
    numpyro.sample("y", Normal(net(x), 1.0).to_event(1), obs=y)


def train(model):
    good, bad, y = jnp.array([[1.0], [2.0], [3.0]]), jnp.array([[1.0], [jnp.inf], [3.0]]), jnp.array([1.0, 2.0, 3.0])
    svi = SVI(model, lambda x, y: None, numpyro.optim.SGD(0.001), Trace_ELBO())
    state, update, seen = svi.init(jax.random.key(0), good, y), jax.jit(svi.stable_update), []
    for x, times in ((good, 3), (bad, 1), (good, 300)):
        losses = []
        for _ in range(times):
            state, loss = update(state, x, y)
            losses.append(loss)
        made = sum(bool(jnp.isfinite(loss)) for loss in losses)
        mean = jax.tree.leaves(state.mutable_state)[0].item()
        assert all(bool(jnp.isfinite(leaf).all()) for leaf in jax.tree.leaves(svi.get_params(state)))
        seen.append(f"{made} of {times}, mean {mean:.4f}")
    return seen


seen = {model.__name__: train(model) for model in (running_mean, batch_normalization)}
for name, steps in seen.items():
    print(f"{name}: {'   then '.join(steps)}")
assert seen == {
    "running_mean": ["3 of 3, mean 0.6878", "0 of 1, mean inf", "0 of 300, mean inf"],
    "batch_normalization": ["3 of 3, mean 0.6878", "0 of 1, mean inf", "300 of 300, mean inf"],
}, "this has changed"
PY
"$folder/venv/bin/python" "$folder/mutable.py"
