#!/usr/bin/env bash
# The temperature of stochastic gradient Hamiltonian Monte Carlo in blackjax 1.7.1.
#
# A sampler at the temperature T draws from the density to the power 1/T. So for a normal density of variance 1 its draws have the variance T,
# and at T = 0 it is an optimizer. In sghmc the temperature scales only the noise of its inner steps. The momentum is drawn anew at the start
# of each step, always with variance 1, the one of T = 1. The friction, alpha = 0.01 by default, is too small to forget that within the inner
# steps. So the draws have the same variance at each temperature. A cold posterior, or a temperature that is lowered towards 0, has no effect.
# The other samplers of that module, sgld and sgnht, follow the temperature.
#
# Guess before the run: the variance is T in all three, up to a few percent for the length of the steps.
# Seen with blackjax 1.7.1 and jax 0.10.2, 64 chains on a normal density of variance 1, default options, T = 0, 0.01, 1, 4:
# sgld: 0.00 0.01 1.00 4.00   sghmc: 1.15 1.15 1.15 1.18   sgnht (alpha=1): 0.00 0.01 0.94 3.76
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
blackjax==1.7.1
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
cat >"$folder/temperature.py" <<'PY'
from importlib.metadata import version

import blackjax
import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
print(*(f"{package} {version(package)}" for package in ("blackjax", "jax")))


def gradient(position, batch):
    return -position  # of the logarithm of a normal density of variance 1


def variance(sampler, state, step_size, temperature):
    def step(state, key):
        state = sampler.step(key, state, jnp.zeros(1), step_size, temperature)
        return state, getattr(state, "position", state)

    draws = jax.jit(lambda state: jax.lax.scan(step, state, jax.random.split(jax.random.key(1), 20_000))[1])(state)
    return jnp.var(draws[5_000:])


start = jnp.zeros(64)
sgnht = blackjax.sgnht(gradient, alpha=1.0)
samplers = {
    "sgld": (blackjax.sgld(gradient), start, 0.01),
    "sghmc": (blackjax.sghmc(gradient), start, 0.1),
    "sgnht (alpha=1)": (sgnht, sgnht.init(start, jax.random.key(2)), 0.1),
}
seen = {name: " ".join(f"{variance(*sampler, temperature):.2f}" for temperature in (0.0, 0.01, 1.0, 4.0)) for name, sampler in samplers.items()}
print(*(f"{name}: {variances}" for name, variances in seen.items()), sep="   ")
assert seen == {"sgld": "0.00 0.01 1.00 4.00", "sghmc": "1.15 1.15 1.15 1.18", "sgnht (alpha=1)": "0.00 0.01 0.94 3.76"}, "this has changed"
PY
"$folder/venv/bin/python" "$folder/temperature.py"
