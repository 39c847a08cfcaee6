#!/usr/bin/env bash
# Presets and the number of iterations in muon of optax.contrib 0.2.8.
#
# muon takes the coefficients of its iteration as a preset. The documentation names two, "muon" and "dion". The first does not exist; it
# is called "standard". "dion" is a list of five triples, one for each iteration, and the documentation says that ns_steps is ignored for
# such a list. It is not, because a check is inverted. ns_steps=3, which five triples could serve, ends with "Not enough coeffs to perform 3
# steps". ns_steps=8, which would need eight triples, is accepted without an error and makes five iterations.
#
# Guess before the run: both presets work, and ns_steps makes no difference for "dion".
# Seen with optax 0.2.8, jax 0.10.2 and numpy 2.4.6: ns_steps 3 raises, 5 and 8 give equal bits, and "muon" is an unknown preset
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
optax==0.2.8
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
PINS
JAX_PLATFORMS=cpu "$folder/venv/bin/python" - <<'PY'
import jax, numpy, optax
import jax.numpy as jnp

print("optax", optax.__version__, "jax", jax.__version__, "numpy", numpy.__version__)


def step(**options):
    """The first step on a fixed matrix, or the error."""
    gradient = jnp.arange(12.0).reshape(3, 4)
    try:
        method = optax.contrib.muon(0.1, **options)
        return numpy.asarray(method.update(gradient, method.init(gradient), gradient)[0])
    except ValueError as error:
        return str(error)


three, five, eight = (step(ns_coeffs="dion", ns_steps=steps) for steps in (3, 5, 8))
print("dion, ns_steps=3:", three)
print("dion, ns_steps=5 and 8 give equal bits:", numpy.array_equal(five, eight))
print("muon:", step(ns_coeffs="muon"))
assert three == "Not enough coeffs to perform 3 steps", "three iterations are possible now"
assert isinstance(five, numpy.ndarray) and numpy.array_equal(five, eight), "eight iterations differ now"
assert step(ns_coeffs="muon") == "Unknown ns_coeff preset string: muon", "the preset exists now"
assert isinstance(step(ns_coeffs="standard"), numpy.ndarray)
PY
