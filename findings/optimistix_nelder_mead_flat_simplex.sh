#!/usr/bin/env bash
# Nelder-Mead of optimistix 0.1.0 on a sum of squares in 1 to 8 dimensions, beside SciPy's.
#
# From three dimensions on, NelderMead of optimistix reports success at points that are no minimum, for a function as simple as ‖y − 3‖². Its
# initial simplex is flat: the offset of vertex i belongs at element (i, i − 1) of the array of vertices, but the code counts places of the
# whole array from 1 on, so that nearly all offsets go to the first vertex. In two dimensions both ways give the same triangle. All steps of
# the method then stay in the flat part. A simplex of one's own (options={"y0_simplex": True}) is refused from two dimensions on: the check takes
# d · d for the dimension of d + 1 vertices.
#
# Guess before the run: the minimum of SciPy to six digits, in a different number of steps.
# Seen with optimistix 0.1.0, jax 0.10.2 and scipy 1.17.1, 20 random starts for each dimension, tolerances 1e-8:
# runs with success and ‖y − 3‖² above 0.001: optimistix 0, 0, 20, 20, 20 in 1, 2, 3, 4, 8 dimensions, SciPy 0 in 3 and 8;
# a simplex of four vertices of one's own: "Got 4 vertices but dimension 9"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check -r /dev/stdin <<'PINS'
optimistix==0.1.0
equinox==0.13.8
lineax==0.1.1
jax==0.10.2
jaxlib==0.10.2
numpy==2.4.6
scipy==1.17.1
PINS
cat > "$folder/simplex.py" <<'PY'
import jax
import numpy
import optimistix
import scipy.optimize

jax.config.update("jax_enable_x64", True)
solver = optimistix.NelderMead(rtol=1e-8, atol=1e-8)
random = numpy.random.default_rng(0)


def squares(y, _=None):
    return ((y - 3) ** 2).sum()


def run(start, **options):
    return optimistix.minimise(squares, solver, jax.numpy.array(start), options=options, max_steps=10000, throw=False)


def wrong(start):
    found = run(start)
    return found.result == optimistix.RESULTS.successful and squares(found.value) > 1e-3


def peer(start):
    tight = {"xatol": 1e-8, "fatol": 1e-8, "maxiter": 10000, "maxfev": 20000}
    found = scipy.optimize.minimize(squares, start, method="Nelder-Mead", options=tight)
    return found.success and found.fun > 1e-3


print("optimistix", [sum(bool(wrong(5 * random.normal(size=d))) for _ in range(20)) for d in (1, 2, 3, 4, 8)])
try:
    run(numpy.vstack([numpy.zeros(3), numpy.eye(3)]), y0_simplex=True)
    print("own simplex taken")
except ValueError as refused:
    print("own simplex", "refused with dimension 9" if "dimension 9" in str(refused) else refused)
print("scipy", sum(bool(peer(5 * random.normal(size=d))) for d in (3, 8) for _ in range(20)))
PY
JAX_PLATFORMS=cpu "$folder/venv/bin/python" "$folder/simplex.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN' || { echo "this has changed" >&2; exit 1; }
optimistix [0, 0, 20, 20, 20]
own simplex refused with dimension 9
scipy 0
SEEN
