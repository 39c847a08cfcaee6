"""Writes recent.json: what Adafactor and later methods compute, in float64.

    pip install -r requirements-matrix.txt
    python recent.py

The problem is that of matrix.py, over twice as many steps, and cases are made as there: a formula must agree with its package to
1e-12, and where it is its own reference it follows the source that is named there.
"""

import pathlib
from importlib.metadata import version
from unittest import mock

import matrix  # first, since it chooses the backend of Keras and the precision of JAX

import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytorch_optimizer
import torch
from matrix import case, read, run_formula, run_keras, run_optax, run_torch

matrix.STEPS = 60
matrix.KEEP = [1, 2, 3, 6, 15, 30, 60]
matrix.NOISE = np.concatenate([matrix.NOISE, np.random.default_rng(1804).standard_normal(matrix.NOISE.shape).round(3)])

adjoined = lambda makes: lambda m, v: makes([*m, v])


def rms(x):
    return np.sqrt(np.mean(x**2))


def adafactor(lr=0.01, relative=True, by_rms=True, least_rms=1e-3, rate=0.8, cap=1, eps=1e-30, floor=False, least_side=0, clip=1, beta1=0,
              decay=0, plain=False):
    """Shazeer and Stern 2018, algorithms 4 and 6. plain leaves the step size out of the decay."""

    def make(x):
        factored = x.ndim == 2 and min(x.shape) >= least_side
        r, c, v, m = np.zeros((len(x), 1)), np.zeros((1, x.shape[-1])), np.zeros(x.shape), np.zeros(x.shape)

        def step(t, g):
            nonlocal x, r, c, v, m
            beta = min(cap, 1 - t**-rate)
            square = g**2 + (0 if floor else eps)
            if factored:
                r = beta * r + (1 - beta) * square.mean(1, keepdims=True)
                c = beta * c + (1 - beta) * square.mean(0, keepdims=True)
                v = r * c / max(r.mean(), eps if floor else 0)
            else:
                v = beta * v + (1 - beta) * square
            u = g / np.sqrt(np.maximum(v, eps**2 if floor else 0))
            u = u / max(1, rms(u) / clip)
            rho = min(lr, t**-0.5) if relative else lr
            u = rho * u * (max(least_rms, rms(x)) if by_rms else 1)
            m = beta1 * m + (1 - beta1) * u
            x = x - (1 if plain else rho) * decay * x - m
            return x

        return step

    return make


def adafactor_cases():
    def torches(name, spec, rule, **hyper):
        x = run_torch(adjoined(lambda p: torch.optim.Adafactor(p, **hyper)))
        return case("torch Adafactor" + name, "adafactor:preset=torch" + spec, x, run_formula(rule), **hyper)

    eps = 2.0**-52
    yield torches("", "", adafactor(eps=eps, floor=True))
    yield torches(" all", ",lr=0.1,rate=0.5,eps=0.05,min-rms=2,clip=1.01,weight-decay=0.3",
                  adafactor(0.1, rate=0.5, eps=0.05, floor=True, least_rms=2, clip=1.01, decay=0.3),
                  lr=0.1, beta2_decay=-0.5, eps=(0.05, 2), d=1.01, weight_decay=0.3)

    def optaxes(name, spec, rule, **hyper):
        rate = lambda i, exponent: 1 - (i + 1.0) ** -exponent  # which optax has in float32
        defaults = list(optax.scale_by_factored_rms.__defaults__)
        with mock.patch.object(optax.scale_by_factored_rms, "__defaults__", (*defaults[:-1], rate)):
            x = run_optax(optax.adafactor(dtype_momentum=jnp.float64, **hyper))
        return case("optax adafactor" + name, "adafactor:preset=optax" + spec, x, run_formula(rule), **hyper)

    yield optaxes("", ",lr=0.05", adafactor(0.05, relative=False, least_side=128), learning_rate=0.05)
    yield optaxes(" without learning_rate", "", adafactor(1, relative=False, least_side=128))
    yield optaxes(" all", ",lr=0.05,min-side=3,rate=0.6,momentum=0.8,clip=2,weight-decay=0.01,eps=1e-4",
                  adafactor(0.05, relative=False, least_side=3, rate=0.6, beta1=0.8, clip=2, decay=0.01, eps=1e-4, plain=True),
                  learning_rate=0.05, min_dim_size_to_factor=3, decay_rate=0.6, momentum=0.8, clipping_threshold=2, weight_decay_rate=0.01, eps=1e-4)
    yield optaxes(" by absolute steps", ",lr=0.02,min-side=2,by-rms=false", adafactor(0.02, relative=False, by_rms=False),
                  learning_rate=0.02, min_dim_size_to_factor=2, multiply_by_parameter_scale=False)

    def kerases(name, spec, rule, **hyper):
        mean = lambda x, **axes: jnp.mean(keras.ops.convert_to_tensor(x), **axes)  # which Keras has in float32 even here
        with mock.patch("keras.src.ops.mean", mean):
            x = run_keras(keras.optimizers.Adafactor(**hyper))
        return case("keras Adafactor" + name, "adafactor:preset=keras" + spec, x, run_formula(rule), **hyper)

    yield kerases("", "", adafactor(0.001))
    yield kerases(" all", ",lr=0.3,rate=0.5,eps=1e-4,min-rms=2,clip=0.5", adafactor(0.3, rate=0.5, eps=1e-4, least_rms=2, clip=0.5),
                  learning_rate=0.3, beta_2_decay=-0.5, epsilon_1=1e-4, epsilon_2=2, clip_threshold=0.5)
    # whose relative_step=False is without effect
    yield kerases(" relative_step=False", ",lr=0.3", adafactor(0.3), learning_rate=0.3, relative_step=False)

    def packages(name, spec, rule, **hyper):
        make = lambda p: pytorch_optimizer.AdaFactor(p, momentum_dtype=torch.float64, foreach=False, **hyper)
        return case("pytorch_optimizer AdaFactor" + name, "adafactor:" + spec, run_torch(adjoined(make)), run_formula(rule), **hyper)

    yield packages("", "momentum=0.9,beta2=0.999", adafactor(beta1=0.9, cap=0.999))
    yield packages(" all", "lr=0.05,relative=false,rate=0.5,momentum=0.8,beta2=0.7,eps=1e-4,min-rms=2,clip=0.5",
                   adafactor(0.05, relative=False, rate=0.5, beta1=0.8, cap=0.7, eps=1e-4, least_rms=2, clip=0.5),
                   lr=0.05, relative_step=False, decay_rate=-0.5, betas=(0.8, 0.7), eps1=1e-4, eps2=2, clip_threshold=0.5)


def cases():
    yield from adafactor_cases()


def defaults():
    yield read("adafactor:preset=torch", torch.optim.Adafactor, lr="lr", clip="d", weight_decay="weight_decay", min_rms=("eps", 1))
    yield read("adafactor:preset=optax", optax.adafactor, min_side="min_dim_size_to_factor", rate="decay_rate", clip="clipping_threshold", eps="eps")
    yield read("adafactor:preset=keras", keras.optimizers.Adafactor, lr="learning_rate", clip="clip_threshold", eps="epsilon_1", min_rms="epsilon_2")


PACKAGES = ["jax", "keras", "numpy", "optax", "pytorch_optimizer", "torch"]

matrix.write(
    pathlib.Path(__file__).parent / "recent.json",
    versions={p: version(p) for p in PACKAGES},
    params=[dict(name=n, shape=s, role=matrix.ROLES.get(n, "hidden")) for n, s in matrix.SHAPES.items()],
    curvature=matrix.CURVATURE.tolist(),
    scale=matrix.SCALE.tolist(),
    start=[matrix.X0.tolist()],
    noise=matrix.NOISE.tolist(),
    keep=matrix.KEEP,
    cases=list(cases()),
    defaults=list(defaults()),
)
