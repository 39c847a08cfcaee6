"""Writes matrix.json: what the published methods for matrices compute, in float64.

    pip install -r requirements-matrix.txt
    python matrix.py

Every case is one method on one problem: four matrices and a vector, one after the other in x, the gradient of a coupled
quadratic plus stored noise, each tensor on a scale of its own. "spec" is the rule for the matrices, "aux", where the
method leaves vectors to another, the rule for "b", and "hyper" what the reference was given, in its own words.

A package that orthogonalizes in bfloat16, or computes roots in float32, runs here with float64 in its place. Where there is
a package, the formula of a case must agree with it to 1e-12, or nothing is written. Where no package publishes a method, the
formula is its own reference: it follows the authors' source at the commit that is named there, and agreed with it to 1e-12
when it was written.

A case gives to "aux" the parameters that "others" names, "b" where it names none. Its "roles" stand before those of "params".
"""

import contextlib
import functools
import inspect
import itertools
import json
import math
import os
import pathlib
from importlib.metadata import version
from unittest import mock

os.environ["KERAS_BACKEND"] = "jax"

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import keras
import muon as keller
import numpy as np
import optax
import pytorch_optimizer
import torch

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)

SHAPES = {"w": (4, 3), "tall": (5, 2), "wide": (2, 4), "square": (3, 3), "b": (4,)}
ROLES = {"b": "bias"}  # all others are hidden
SIZES = [int(np.prod(s)) for s in SHAPES.values()]
STEPS = 30
KEEP = [1, 2, 3, 6, 15, 30]  # the numbers of steps after which x is stored
rng = np.random.default_rng(1802)
X0 = rng.standard_normal(sum(SIZES)).round(3)
NOISE = rng.standard_normal((STEPS, sum(SIZES))).round(3)
CURVATURE = rng.uniform(1, 2, sum(SIZES)).round(3)
SCALE = np.repeat([3, 1, 0.1, 0.01, 1], SIZES)


def gradient(k, x):
    """The gradient of golden.py."""
    g = CURVATURE * x + NOISE[k]
    g[1:] -= x[:-1] / 2
    g[:-1] -= x[1:] / 2
    if k < 3:
        g[6] = 0
    return SCALE * g


def tensors(x):
    return [v.reshape(s) for v, s in zip(np.split(x.copy(), np.cumsum(SIZES)[:-1]), SHAPES.values())]


def trajectory(step):
    """Collects x after each number of steps in KEEP; step maps (k, list of gradients) to the list of parameters."""
    x, kept = X0.copy(), []
    for k in range(STEPS):
        x = np.concatenate([np.asarray(p).ravel() for p in step(k, tensors(gradient(k, x)))])
        assert x.dtype == np.float64
        if k + 1 in KEEP:
            kept.append(x)
    return np.array(kept)


def run_torch(*makes):
    """Runs the optimizers that the functions make of (matrices, vector)."""
    params = [torch.tensor(p, requires_grad=True) for p in tensors(X0)]
    optimizers = [make(params[:-1], params[-1]) for make in makes]

    def step(k, grads):
        for p, g in zip(params, grads):
            p.grad = torch.tensor(g)
        for optimizer in optimizers:
            optimizer.step()
        return [p.detach().numpy().copy() for p in params]

    return trajectory(step)


def run_optax(tx):
    params = [jnp.asarray(p) for p in tensors(X0)]
    state = tx.init(params)
    update = jax.jit(tx.update)

    def step(k, grads):
        nonlocal params, state
        updates, state = update([jnp.asarray(g) for g in grads], state, params)
        params = optax.apply_updates(params, updates)
        return params

    return trajectory(step)


def run_keras(optimizer):
    params = [keras.Variable(p, dtype="float64") for p in tensors(X0)]

    def step(k, grads):
        optimizer.apply([jnp.asarray(g) for g in grads], params)
        return [np.asarray(p.value) for p in params]

    return trajectory(step)


def run_formula(rule, aux=None, others=("b",)):
    """Runs formulas: make(x0) returns a function of (t, g), t = 1, 2, …, that returns the next x."""
    steps = [(aux if aux and name in others else rule)(x) for name, x in zip(SHAPES, tensors(X0))]
    return trajectory(lambda k, grads: [step(k + 1, g) for step, g in zip(steps, grads)])


# Polynomials of Newton–Schulz

KELLER = [(3.4445, -4.7750, 2.0315)] * 5
QUINTIC = [  # of leloykun; optax calls it "dion"
    (4.0848, -6.8946, 2.9270),
    (3.9505, -6.3029, 2.6377),
    (3.7418, -5.5913, 2.3037),
    (2.8769, -3.1427, 1.2046),
    (2.8366, -3.0525, 1.2012),
]
POLAR_EXPRESS = [  # l = 1e-3, 5 steps, safety 0.02, cushion 0.02
    (8.156554524902461, -22.48329292557795, 15.878769915207462),
    (4.042929935166739, -2.808917465908714, 0.5000178451051316),
    (3.8916678022926607, -2.772484153217685, 0.5060648178503393),
    (3.285753657755655, -2.3681294933425376, 0.46449024233003106),
    (2.3465413258596377, -1.7097828382687081, 0.42323551169305323),
]


def iterate(table, norm):
    """X ← X/norm(‖X‖_F), then X ← aX + (bA + cA²)X with A = XXᵀ for each (a, b, c) of the table."""

    def polar(u):
        x = u.T if u.shape[0] > u.shape[1] else u
        x = x / norm(np.linalg.norm(x))
        for a, b, c in table:
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x.T if u.shape[0] > u.shape[1] else x

    return polar


def iterate_half(table, norm):
    """iterate in bfloat16, by torch."""

    def polar(u):
        x = torch.tensor(u).bfloat16()
        x = x.T if u.shape[0] > u.shape[1] else x
        x = x / norm(x.norm())
        for a, b, c in table:
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        x = x.T if u.shape[0] > u.shape[1] else x
        return x.double().numpy()

    return polar


def plus(eps):
    return lambda n: n + eps


# Scales of an update with r rows (outputs) and c columns (inputs)


def width(r, c):
    return max(1, r / c) ** 0.5


def spectral(r, c):
    return (r / c) ** 0.5


def rms(r, c):
    return 0.2 * max(r, c) ** 0.5


def unscaled(r, c):
    return 1


# What Muon orthogonalizes


def momentum(mu, gain, nesterov, correct=False):
    """m ← μm + gain·g; U = gain·g + μm, or m. Corrected, g is divided by 1 − μᵗ and, in the sum, m by 1 − μᵗ⁺¹."""
    bias = lambda t: 1 - mu**t if correct else 1

    def make(shape):
        m = np.zeros(shape)

        def direction(t, g):
            nonlocal m
            m = mu * m + gain * g
            return gain * g / bias(t) + mu * m / bias(t + 1) if nesterov else m / bias(t)

        return direction

    return make


def average(mu, nesterov=True):
    return momentum(mu, 1 - mu, nesterov)


def accumulate(mu, nesterov=True):
    return momentum(mu, 1, nesterov)


def corrected(mu, nesterov=True):
    return momentum(mu, 1 - mu, nesterov, correct=True)


def neurons(beta2, longer=False):
    """NorMuon: the rows of O by the root of the running average of their mean square, then O at its old norm.

    longer takes the columns of a wide matrix instead, and puts a floor where else ε is added, as the speedrun does.
    """

    def make(shape):
        axis = 0 if longer and shape[0] < shape[1] else 1
        v = np.zeros((1, shape[1]) if axis == 0 else (shape[0], 1))
        at_least = (lambda a: np.maximum(a, 1e-10)) if longer else lambda a: a + 1e-10

        def normalize(o):
            nonlocal v
            v = beta2 * v + (1 - beta2) * np.mean(o**2, axis, keepdims=True)
            u = o / (np.sqrt(at_least(v)) if longer else at_least(np.sqrt(v)))
            return u * np.linalg.norm(o) / at_least(np.linalg.norm(u))

        return normalize

    return make


def muon(lr, momentum, polar, scale, decay=0, adaptive=False, cautious=False, normalize=None):
    """x ← x − ηλx − η·s(r, c)·polar(U), η without s in the decay.

    adaptive multiplies the polar factor by ⟨U, polar(U)⟩. cautious decays only where x·polar(U) ≥ 0. normalize changes the
    polar factor before its scale. A decay that is a function of η and s stands for ηλ.
    """

    def make(x):
        direction = momentum(x.shape)
        change = normalize(x.shape) if normalize else lambda o: o

        def step(t, g):
            nonlocal x
            eta = lr(t - 1) if callable(lr) else lr
            u = direction(t, g)
            o = polar(u)
            if adaptive:
                o = np.sum(u * o) * o
            o = change(o)
            s = scale(*x.shape)
            shrink = (decay(eta, s) if callable(decay) else eta * decay) * x
            if cautious:
                shrink = np.where(x * o >= 0, shrink, 0)
            x = x - shrink - eta * s * o
            return x

        return step

    return make


def adam(lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0, nesterov=False, hat=False):
    """AdamW, or NAdam of Dozat with Adam's m̂ of two steps; hat puts ε beside √v, not beside √v̂."""

    def make(x):
        m, v = np.zeros(x.shape), np.zeros(x.shape)

        def step(t, g):
            nonlocal x, m, v
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            top = m / (1 - beta1**t)
            if nesterov:
                top = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
            c = (1 - beta2**t) ** 0.5
            bottom = np.sqrt(v) / c + (eps / c if hat else eps)
            x = x - lr * decay * x - lr * top / bottom
            return x

        return step

    return make


def inverse(lr):
    return lambda k: lr / (1 + 0.1 * k)


def case(name, spec, x, formula=None, aux=None, others=None, within=None, **hyper):
    """One case. A formula must agree with x; within is the tolerance, where it is not that of float64."""
    if formula is not None:
        off = np.abs(x - formula).max()
        assert off < 1e-12, f"{name}: the formula is off by {off}"
    made = dict(name=name, spec=spec)
    if aux:
        made["aux"] = aux
    if others is not None:
        made["others"] = others
    if hyper:
        made["hyper"] = hyper
    if within:
        made["tolerance"] = within
    made["x"] = [[round(e, 13) for e in row] for row in x.tolist()]
    return made


def torch_muon(name, spec, formula, schedule=None, half=False, within=None, **hyper):
    """torch.optim.Muon, with AdamW for the vector, which it refuses."""

    def matrices(m, _):
        optimizer = torch.optim.Muon(m, **hyper)
        if schedule:
            make = lambda k: 1 / (1 + 0.1 * k)
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, make)
            optimizer.register_step_post_hook(lambda *_: scheduler.step())
        return optimizer

    adamw = lambda _, v: torch.optim.AdamW([v], lr=0.02)
    with mock.patch.object(torch, "bfloat16", torch.bfloat16 if half else torch.float64):
        x = run_torch(matrices, adamw)
    check = None if half else run_formula(formula, adam(0.02, decay=0.01))
    return case("torch Muon" + name, spec, x, check, aux=ADAMW, within=within, **hyper)


def torch_cases():
    """torch.optim.Muon: m ← lerp(m, g, 1−μ); U = lerp(g, m, μ); X₀ = U/max(‖U‖_F, ε), ε = 1e-7.

    x ← x(1 − ηλ) first, then x ← x − η·s·O. η = 1e-3, λ = 0.1, μ = 0.95 where nothing is said.
    """
    at_least = lambda eps: lambda n: max(n, eps)
    standard = iterate(KELLER, at_least(1e-7))
    base = "muon:preset=torch,lr=0.05"
    yield torch_muon("", base, muon(0.05, average(0.95), standard, width, 0.1), lr=0.05)
    yield torch_muon(" no decay", base + ",weight-decay=0",
                     muon(0.05, average(0.95), standard, width), lr=0.05, weight_decay=0)
    yield torch_muon(" without nesterov", base + ",momentum=0.9,nesterov=false",
                     muon(0.05, average(0.9, False), standard, width, 0.1), lr=0.05, momentum=0.9, nesterov=False)
    yield torch_muon(" without momentum", base + ",momentum=0",
                     muon(0.05, average(0), standard, width, 0.1), lr=0.05, momentum=0)
    yield torch_muon(" match_rms_adamw", base + ",scale=rms", muon(0.05, average(0.95), standard, rms, 0.1),
                     lr=0.05, adjust_lr_fn="match_rms_adamw")
    yield torch_muon(" spectral_unclamped", base + ",scale=ratio,weight-decay=0.5",
                     muon(0.05, average(0.95), standard, spectral, 0.5),
                     lr=0.05, weight_decay=0.5, adjust_lr_fn="spectral_unclamped")
    classic = [(2, -1.5, 0.5)] * 12
    yield torch_muon(" classic 12", base + ",polar=quintic",
                     muon(0.05, average(0.95), iterate(classic, at_least(1e-7)), width, 0.1),
                     lr=0.05, ns_coefficients=(2, -1.5, 0.5), ns_steps=12)
    # U of the square matrix is shorter than ε in the first steps, and divided by ε
    yield torch_muon(" eps", base + ",eps=0.01", muon(0.05, average(0.95), iterate(KELLER, at_least(0.01)), width, 0.1),
                     lr=0.05, eps=0.01)
    yield torch_muon(" decaying", "muon:preset=torch,lr=inverse(0.05,0.1)",
                     muon(inverse(0.05), average(0.95), standard, width, 0.1), schedule=True, lr=0.05)
    # As it is: bfloat16 has 8 bits, of which ten products lose some. O is off by up to 3%, x after 30 steps by 0.011.
    # Here and below, three times that is allowed, because another processor may sum in another order.
    yield torch_muon(" in bfloat16", base, None, half=True, within=0.03, lr=0.05)


def optax_muon(name, spec, formula, aux, vector, **hyper):
    """optax.contrib.muon. Its matrices have the inputs in front, unless told that ours have them behind."""
    numbers = optax.contrib.MuonDimensionNumbers(reduction_axis=1, output_axis=0)
    axes = [numbers if len(shape) == 2 else None for shape in SHAPES.values()]
    x = run_optax(optax.contrib.muon(muon_weight_dimension_numbers=axes, **hyper))
    if callable(hyper["learning_rate"]):
        hyper["learning_rate"] = "0.05 / (1 + 0.1k)"
    return case("optax muon" + name, spec, x, run_formula(formula, vector), aux=aux, **hyper)


def optax_cases():
    """optax.contrib.muon: the momentum of "corrected"; X₀ = U/(‖U‖_F + ε), ε = 1e-8; x ← x − η(s·O + λx).

    The vector goes to optax.adamw with the same η, β₁ = 0.9, β₂ = 0.999, λ = adam_weight_decay (0), the ε of Muon and
    the nesterov of Muon, so that it is NAdam where that is on.
    """
    keller = iterate(KELLER, plus(1e-8))
    base, nadam = "muon:preset=optax,lr=0.05", "nadam:preset=optax,lr=0.05"
    yield optax_muon("", base, muon(0.05, corrected(0.95), keller, width), nadam, adam(0.05, nesterov=True),
                     learning_rate=0.05)
    yield optax_muon(" without nesterov", base + ",nesterov=false", muon(0.05, corrected(0.95, False), keller, width),
                     "adam:preset=optax,lr=0.05", adam(0.05), learning_rate=0.05, nesterov=False)
    yield optax_muon(" consistent_rms weight_decay", base + ",scale=rms,weight-decay=0.3,momentum=0.9",
                     muon(0.05, corrected(0.9), keller, rms, 0.3), nadam, adam(0.05, nesterov=True),
                     learning_rate=0.05, consistent_rms=0.2, weight_decay=0.3, beta=0.9)
    yield optax_muon(" adaptive", base + ",regularized=true", muon(0.05, corrected(0.95), keller, width, adaptive=True),
                     nadam, adam(0.05, nesterov=True), learning_rate=0.05, adaptive=True)
    yield optax_muon(" dion", base + ",polar=dion", muon(0.05, corrected(0.95), iterate(QUINTIC, plus(1e-8)), width),
                     nadam, adam(0.05, nesterov=True), learning_rate=0.05, ns_coeffs="dion")
    yield optax_muon(" eps", base + ",eps=0.01", muon(0.05, corrected(0.95), iterate(KELLER, plus(0.01)), width),
                     nadam + ",eps=0.01", adam(0.05, eps=0.01, nesterov=True), learning_rate=0.05, eps=0.01)
    yield optax_muon(" decaying", "muon:preset=optax,lr=inverse(0.05,0.1)",
                     muon(inverse(0.05), corrected(0.95), keller, width), nadam, adam(0.05, nesterov=True),
                     learning_rate=inverse(0.05), adam_learning_rate=0.05)


def keller_cases():
    """muon-optimizer, of Keller Jordan: m ← lerp(m, g, 1−μ); U = lerp(g, m, μ); X₀ = U/(‖U‖_F + 1e-7).

    x ← x(1 − ηλ), then x ← x − η·s·O, s = √max(1, r/c). The vector: Adam with β = (0.9, 0.95), ε = 1e-10 beside √v̂.
    """
    standard = iterate(KELLER, plus(1e-7))

    def run(half=False, **hyper):
        groups = lambda m, v: [dict(params=m, use_muon=True, **hyper), dict(params=[v], use_muon=False, lr=0.02)]
        with mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.bfloat16 if half else torch.Tensor.double):
            return run_torch(lambda m, v: keller.SingleDeviceMuonWithAuxAdam(groups(m, v)))

    aux, vector = "adam:lr=0.02,beta2=0.95,eps=1e-10", adam(0.02, beta2=0.95, eps=1e-10)
    yield case("Keller Jordan Muon", "muon:preset=keller", run(),
               run_formula(muon(0.02, average(0.95), standard, width), vector), aux=aux)
    yield case("Keller Jordan Muon weight_decay", "muon:preset=keller,lr=0.05,momentum=0.9,weight-decay=0.2",
               run(lr=0.05, momentum=0.9, weight_decay=0.2),
               run_formula(muon(0.05, average(0.9), standard, width, 0.2), vector),
               aux=aux, lr=0.05, momentum=0.9, weight_decay=0.2)
    yield case("Keller Jordan Muon in bfloat16", "muon:preset=keller", run(half=True), aux=aux, within=0.025)


def keras_cases():
    """keras.optimizers.Muon: m ← μm + g; U = g + μm; X₀ = U/(‖U‖_F + 1e-7).

    x ← x − ηλx, then x ← x − η·rate·√max(r, c)·O, without a scale where rate is None. The vector: AdamW with
    λ = adam_weight_decay and Keras's ε, 1e-7 beside √v.
    """
    standard = iterate(KELLER, plus(1e-7))
    vector = adam(0.05, eps=1e-7, decay=0.004, hat=True)
    aux = "adamw:preset=keras,lr=0.05"

    def run(**hyper):
        # Keras would compute the norm, and the square root of the integer max(r, c), in float32 even here.
        norm = lambda m, **axes: jnp.linalg.norm(keras.ops.convert_to_tensor(m), **axes)
        double = dict(norm=norm, maximum=lambda r, c: np.float64(max(r, c)))
        with mock.patch.multiple("keras.src.ops", **double):
            return run_keras(keras.optimizers.Muon(0.05, **hyper))

    yield case("keras Muon", "muon:preset=keras,lr=0.05", run(),
               run_formula(muon(0.05, accumulate(0.95), standard, rms, 0.004), vector), aux=aux, learning_rate=0.05)
    yield case("keras Muon without nesterov or rms_rate", "muon:preset=keras,lr=0.05,scale=none,nesterov=false",
               run(rms_rate=None, nesterov=False),
               run_formula(muon(0.05, accumulate(0.95, False), standard, unscaled, 0.004), vector),
               aux=aux, learning_rate=0.05, rms_rate=None, nesterov=False)


ADAMW = "adamw:preset=torch,lr=0.02"


def formula(name, spec, rule, aux=ADAMW, vector=adam(0.02, decay=0.01), others=None, within=None, **hyper):
    """A case whose only reference is its formula."""
    return case(name, spec, run_formula(rule, vector, others or ["b"]), aux=aux, others=others, within=within, **hyper)


@contextlib.contextmanager
def double(module):
    """Lets a module of pytorch_optimizer orthogonalize in float64."""
    name = "zero_power_via_newton_schulz_5"
    with mock.patch.object(module, name, functools.partial(getattr(module, name), dtype=torch.float64)):
        yield


def moonlight_cases():
    """Formulas of MoonshotAI/Moonlight, examples/toy_train.py, commit c2ad5b20c605, with float64 for bfloat16."""
    standard = iterate(KELLER, plus(1e-7))
    aux = "adamw:lr=0.05,beta2=0.95,weight-decay={},eps-place=hat"
    vector = lambda decay: adam(0.05, beta2=0.95, decay=decay, hat=True)
    yield formula("Moonlight Muon", "muon:preset=moonlight,lr=0.05", muon(0.05, accumulate(0.95), standard, rms, 0.1),
                  aux.format(0.1), vector(0.1), lr=0.05)
    yield formula("Moonlight Muon without nesterov", "muon:preset=moonlight,lr=0.05,momentum=0.9,nesterov=false,weight-decay=0.3",
                  muon(0.05, accumulate(0.9, False), standard, rms, 0.3),
                  aux.format(0.3), vector(0.3), lr=0.05, momentum=0.9, nesterov=False, wd=0.3)
    yield formula("Moonlight Muon in bfloat16", "muon:preset=moonlight,lr=0.05",
                  muon(0.05, accumulate(0.95), iterate_half(KELLER, plus(1e-7)), rms, 0.1),
                  aux.format(0.1), vector(0.1), within=0.025, lr=0.05)


def dion_muon_cases():
    """Formulas of microsoft/dion, dion/muon.py, commit 0a059a4542e5, with float64 for bfloat16."""
    base, five = "muon:preset=dion,lr=0.05", iterate(QUINTIC, plus(1e-8))
    express = iterate(POLAR_EXPRESS, lambda n: 1.02 * n + 1e-8)
    yield formula("Dion Muon", base, muon(0.05, accumulate(0.95, False), five, spectral, 0.01),
                  lr=0.05, use_polar_express=False)
    yield formula("Dion Muon polar express", base + ",polar=speedrun,eps=1e-8",
                  muon(0.05, accumulate(0.95, False), express, spectral, 0.01), lr=0.05)
    yield formula("Dion Muon nesterov rms_norm", base + ",nesterov=true,scale=rms,momentum=0.9,weight-decay=0.3",
                  muon(0.05, accumulate(0.9), five, rms, 0.3),
                  lr=0.05, mu=0.9, nesterov=True, adjust_lr="rms_norm", weight_decay=0.3, use_polar_express=False)
    yield formula("Dion Muon cautious_wd", base + ",weight-decay=0.3,cautious=true",
                  muon(0.05, accumulate(0.95, False), five, spectral, 0.3, cautious=True),
                  lr=0.05, weight_decay=0.3, cautious_wd=True, use_polar_express=False)


def normuon_cases():
    """NorMuon of pytorch_optimizer, and formulas of zichongli5/NorMuon, commit d45c9a4280d7, which normalize differently, and
    of KellerJordan/modded-nanogpt, train_gpt.py, commit f411b3d346aa, all of them with float64 for bfloat16.
    """
    floor, standard = iterate(KELLER, lambda n: max(n, 1e-7)), iterate(KELLER, plus(1e-7))
    aux, vector = "adam:lr=0.02,beta2=0.95,eps=1e-10", adam(0.02, beta2=0.95, eps=1e-10)

    def package(name, spec, rule, **hyper):
        groups = lambda m, v: [dict(params=m, use_muon=True), dict(params=[v], use_muon=False)]
        with double(pytorch_optimizer.optimizer.muon.normuon):
            x = run_torch(lambda m, v: pytorch_optimizer.NorMuon(groups(m, v), adamw_lr=0.02, foreach=False, **hyper))
        return case("pytorch_optimizer NorMuon" + name, spec, x, run_formula(rule, vector), aux=aux, **hyper)

    yield package("", "normuon:polar=torch", muon(0.02, average(0.95), floor, width, normalize=neurons(0.95)))
    yield package(" adjusted", "normuon:polar=torch,lr=0.05,momentum=0.9,beta2=0.8,weight-decay=0.2,scale=rms",
                  muon(0.05, average(0.9), floor, rms, 0.2, normalize=neurons(0.8)),
                  lr=0.05, momentum=0.9, beta2=0.8, weight_decay=0.2, use_adjusted_lr=True)
    yield formula("NorMuon", "normuon:lr=0.05", muon(0.05, average(0.95), standard, width, normalize=neurons(0.95)), aux, vector,
                  lr=0.05)
    yield formula("NorMuon weight_decay", "normuon:lr=0.05,beta2=0.8,weight-decay=0.2",
                  muon(0.05, average(0.95), standard, width, 0.2, normalize=neurons(0.8)), aux, vector,
                  lr=0.05, beta2=0.8, weight_decay=0.2)
    # The speedrun. Its decay is λη²s where the others have λη.
    express = iterate(POLAR_EXPRESS, lambda n: 1.02 * n + 1e-6)
    aux, vector = "adam:lr=0.02,beta2=0.95,eps=1e-10,eps-place=hat", adam(0.02, beta2=0.95, eps=1e-10, hat=True)
    base, speedrun = "normuon:preset=speedrun,lr=0.05,beta2=0.9", neurons(0.9, longer=True)
    run = lambda decay=0: muon(0.05, average(0.95), express, width, decay, cautious=True, normalize=speedrun)
    yield formula("speedrun NorMuon", base + ",weight-decay=0", run(), aux, vector, lr=0.05, weight_decay=0)
    decaying = run(lambda eta, s: 1.2 * eta**2 * s)
    yield formula("speedrun NorMuon weight_decay", base + ",weight-decay=0.06", decaying, aux, vector,
                  lr=0.05, weight_decay=1.2)
    plain = muon(0.05, average(0.95), express, width)
    yield formula("speedrun Muon", "muon:preset=speedrun,lr=0.05,weight-decay=0", plain, aux, vector, lr=0.05, weight_decay=0)


def cosines(n, rank):
    """The first vectors of the discrete cosine transform, as columns."""
    q = np.cos(np.pi * (np.arange(n)[:, None] + 0.5) * np.arange(rank) / n) * (2 / n) ** 0.5
    q[:, 0] = n**-0.5
    return q


def dion(lr, fraction, mu=0.95, decay=0.01, eps=1e-8):
    """M ← M + G, P = qr(MQ), R = MᵀP, M ← M − (1−μ)PRᵀ, Q ← R/(‖its columns‖ + ε), x ← x − ηλx − η√(r/c)·PQᵀ."""

    def make(x):
        m, q = np.zeros(x.shape), cosines(x.shape[1], math.ceil(fraction * min(x.shape)))

        def step(t, g):
            nonlocal x, m, q
            m = m + g
            p = np.linalg.qr(m @ q)[0]
            r = m.T @ p
            m = m - (1 - mu) * p @ r.T
            q = r / (np.linalg.norm(r, axis=0) + eps)
            x = x - lr * decay * x - lr * spectral(*x.shape) * p @ q.T
            return x

        return step

    return make


def dion_cases():
    """Formulas of microsoft/dion, dion/dion_simple.py, commit 0a059a4542e5, with float64 for its QR in float32, and the rank by a
    fraction, as in dion_reference.py, which takes the transpose of a wide matrix. The first Q is that of the library, cosines,
    where the reference draws normal numbers.
    """
    yield formula("Dion quarter", "dion:lr=0.05,eps=1e-8,rank-fraction=0.25", dion(0.05, 0.25), lr=0.05, rank_fraction=0.25)
    yield formula("Dion half", "dion:lr=0.05,eps=1e-8,rank-fraction=0.5", dion(0.05, 0.5), lr=0.05, rank_fraction=0.5)
    yield formula("Dion", "dion:lr=0.05,eps=1e-8,rank-fraction=1", dion(0.05, 1), lr=0.05, rank_fraction=1)
    yield formula("Dion mu weight_decay", "dion:lr=0.05,eps=1e-8,rank-fraction=0.5,momentum=0.8,weight-decay=0.3",
                  dion(0.05, 0.5, 0.8, 0.3), lr=0.05, rank_fraction=0.5, mu=0.8, weight_decay=0.3)


# Scion's oracles, of the opposite sign


def spectral_ball(polar):
    return lambda d: spectral(*d.shape) * polar(d)


def sign_ball(d):
    return np.sign(d) / d.shape[1]


def mean_square_ball(eps):
    return lambda d: d / (np.mean(d**2) ** 0.5 + eps)


def scion(lr, ball, alpha=1, radius=1, constrained=True):
    """d ← (1−α)d + αg; x ← (1−η)x − ηρ·ball(d), or without the factor 1−η."""

    def make(x):
        d = np.zeros(x.shape)

        def step(t, g):
            nonlocal x, d
            d = (1 - alpha) * d + alpha * g
            x = (1 - lr if constrained else 1) * x - lr * radius * ball(d)
            return x

        return step

    return make


def scion_cases():
    """Formulas of LIONS-EPFL/scion, commit f58a393e0103, and SCION of pytorch_optimizer, which divides by max(‖d‖, 1e-7) instead
    of ‖d‖ + 1e-7; both of them with float64 for bfloat16. α is 1 − μ.
    """
    standard, floor = iterate(KELLER, plus(1e-7)), iterate(KELLER, lambda n: max(n, 1e-7))
    usual, of = dict(lr=0.05, momentum=0.1, scale=2), dict(alpha=0.1, radius=2)
    base = "scion:lr=0.05,momentum=0.9,radius=2"
    theirs = ",eps=1e-7"
    yield formula("Scion without momentum", "scion:lr=0.05,momentum=0,radius=1" + theirs, scion(0.05, spectral_ball(standard)), lr=0.05)
    yield formula("Scion", base + theirs, scion(0.05, spectral_ball(standard), **of), **usual)
    yield formula("Scion unconstrained", base + ",unconstrained=true" + theirs,
                  scion(0.05, spectral_ball(standard), constrained=False, **of), unconstrained=True, **usual)
    # The authors add ε = 1e-8 to the root mean square, the paper and the library do not. They agree where ε is 0 in the authors'
    # rule, and within 1e-7 where it is theirs, as the root mean square of the vector is about 1.
    swift, base_swift = dict(alpha=0.5, radius=2), "scion:lr=0.05,momentum=0.5,radius=2"
    matrices, heads = scion(0.05, spectral_ball(standard), **swift), scion(0.05, sign_ball, alpha=0.5, radius=6)
    for name, eps, within in ("", 0, None), (" with ε", 1e-8, 1e-7):
        vector = scion(0.05, mean_square_ball(eps), **swift)
        shared = dict(within=within, lr=0.05, momentum=0.5)
        yield case("Scion vectors" + name, base_swift + theirs, run_formula(matrices, vector), scale=2, **shared)
        x = run_formula(heads, vector)
        head = case("Scion heads" + name, base_swift + ",head-radius=6" + theirs, x, norm="Sign", scale=6, **shared)
        yield dict(head, roles={n: "head" for n in SHAPES if n != "b"})

    def package(name, spec, ball, constraint, within=None):
        hyper = dict(constraint=constraint, **usual)
        make = lambda m, _: pytorch_optimizer.SCION(m, **hyper)
        with contextlib.nullcontext() if within else double(pytorch_optimizer.optimizer.scion):
            x = run_torch(make, lambda _, v: torch.optim.AdamW([v], lr=0.02))
        check = None if within else run_formula(scion(0.05, ball, constrained=constraint, **of), adam(0.02, decay=0.01))
        return case("pytorch_optimizer SCION" + name, base + ",polar=torch" + spec, x, check, aux=ADAMW, within=within, **hyper)

    yield package("", ",unconstrained=true", spectral_ball(floor), False)
    yield package(" constraint", "", spectral_ball(floor), True)
    yield package(" in bfloat16", "", None, True, within=0.05)


def hyperball(lr, momentum, polar):
    """x ← ‖x₀‖·N(x − η‖x₀‖·N(polar(U))), N(y) = y/‖y‖."""

    def make(x):
        direction, radius = momentum(x.shape), np.linalg.norm(x)
        at = lambda y: radius * y / np.linalg.norm(y)

        def step(t, g):
            nonlocal x
            x = at(x - lr * at(polar(direction(t, g))))
            return x

        return step

    return make


def hyperball_cases():
    """The formula of Wen et al., From weight decay to hyperball optimization, part 1, 2025, with the U of torch.optim.Muon."""
    rule = hyperball(0.05, average(0.95), iterate(KELLER, lambda n: max(n, 1e-7)))
    yield formula("hyperball Muon", "muon:preset=torch,lr=0.05,scale=none,weight-decay=0,hyperball=true", rule, lr=0.05)


def qk_clip():
    """The weights of three heads after a step of pytorch_optimizer's MuonClip without a gradient."""
    weights = np.random.default_rng(100).standard_normal((2, 6, 4)).round(3)
    q, k = (torch.tensor(w, requires_grad=True) for w in weights)
    group = lambda p, role: dict(params=[p], use_muon=True, qk_clip=role, attention_name="a")
    optimizer = pytorch_optimizer.MuonClip([group(q, "query"), group(k, "key")], qk_clip_threshold=20)
    q.grad, k.grad = torch.zeros_like(q), torch.zeros_like(k)
    logits = [5, 80, 21.25]
    with mock.patch.object(torch.Tensor, "float", torch.Tensor.double):
        optimizer.step(attention_max_logits=dict(a=torch.tensor(logits)))
    clipped = [p.detach().numpy() for p in (q, k)]
    factors = np.sqrt(20 / np.maximum(logits, 20)).repeat(2)[:, None]
    for w, c in zip(weights, clipped):
        assert np.abs(w * factors - c).max() < 1e-14
    flat = lambda pair: [w.ravel().tolist() for w in pair]
    return dict(tau=20, logits=logits, weights=flat(weights), clipped=flat(clipped))


# Shampoo


def eigen_root(a, p, eps):
    """(A + εI)⁻ᵖ. An eigenvalue that rounding took below ε raises all of them, until it is ε."""
    values, q = np.linalg.eigh(a + eps * np.eye(len(a)))
    if values[0] < eps:
        values = values - values[0] + eps
    return q * values**-p @ q.T


def changed_root(change):
    """A⁻ᵖ with change(λ, ε) for the eigenvalues λ, which ascend."""

    def root(a, p, eps):
        values, q = np.linalg.eigh(a)
        return q * change(values, eps)**-p @ q.T

    return root


relative_root = changed_root(lambda v, eps: v + eps * v[-1])
clamped_root = changed_root(np.maximum)
pseudo_root = changed_root(lambda v, rank: np.where(v > (rank or len(v) * 2**-52) * v[-1], v, np.inf))


def newton_root(a, p, eps, tolerance=1e-10):
    """(A + εI)⁻ᵖ for an integer 1/p, by the coupled iteration of Newton."""
    one, root = np.eye(len(a)), round(1 / p)
    a = a + eps * one
    z = (root + 1) / (2 * np.linalg.norm(a))
    x, m = z**p * one, z * a
    while np.abs(m - one).max() > tolerance:
        factor = (1 + p) * one - p * m
        x, m = x @ factor, np.linalg.matrix_power(factor, root) @ m
    return x


def unfold(g, i):
    """The matrix whose rows belong to the places along side i of a tensor."""
    return np.moveaxis(g, i, 0).reshape(g.shape[i], -1)


def multiply(factors, u):
    """Multiplies a tensor by a matrix on each side."""
    for i, f in enumerate(factors):
        u = np.moveaxis(np.tensordot(f, u, (1, i)), 0, i)
    return u


def blocks(shape, size):
    """The slices that cut a tensor into blocks of at most size a side, the last of which are shorter."""
    sides = [[slice(i, i + size) for i in range(0, n, size)] for n in shape]
    return list(itertools.product(*sides))


def graft_sgd(shape):
    return lambda t, g, smooth: smooth


def graft_diagonal(beta2=1, eps=1e-10, correct=False):
    """The norm of AdaGrad (β₂ = 1), RMSProp or, corrected, Adam: v holds the squares of g, the step is that of ḡ."""

    def make(shape):
        v = np.zeros(shape)

        def direction(t, g, smooth):
            nonlocal v
            v = beta2 * v + (1 - beta2 if beta2 < 1 else 1) * g**2
            return smooth / (np.sqrt(v / (1 - beta2**t if correct else 1)) + eps)

        return direction

    return make


def shampoo(lr, beta1=0.9, beta2=1, eps=1e-12, decay=0, block=1024, every=1, start=None, graft=None, exponents=None,
            root=eigen_root, momentum=0, nesterov=False):
    """The Shampoo of Meta, for a vector or a matrix; every block of it by itself.

    L and R take in each gradient. L⁻ᵖ and R⁻ᵖ are I at first, are computed in step start, and then in each step that every
    divides. Before start, the step is that of the grafted method, or ḡ. Decay goes into the momentum.
    """
    start = start or every

    def piece(shape):
        stats = [np.zeros((n, n)) for n in shape]
        roots = [np.eye(n) for n in shape]
        powers = exponents if exponents and len(shape) == 2 else [0.5 / len(shape)] * len(shape)
        m = np.zeros(shape)
        grafted = graft and graft(shape)

        def direction(t, g):
            nonlocal m
            for i, stat in enumerate(stats):
                stats[i] = beta2 * stat + (1 - beta2 if beta2 < 1 else 1) * unfold(g, i) @ unfold(g, i).T
            if t == start or t > start and t % every == 0:
                c = 1 - beta2**t if beta2 < 1 else 1
                for i, p in enumerate(powers):
                    roots[i] = root(stats[i] / c, p, eps) if p else roots[i]
            m = beta1 * m + (1 - beta1) * g
            smooth = m / (1 - beta1**t)
            u = multiply(roots, smooth)
            if grafted:
                v = grafted(t, g, smooth)
                u = v if t < start else u * np.linalg.norm(v) / (np.linalg.norm(u) + 1e-16)
            return u

        return direction

    def make(x):
        parts = [(where, piece(x[where].shape)) for where in blocks(x.shape, block)]
        b = np.zeros(x.shape)

        def step(t, g):
            nonlocal x, b
            u = decay * x
            for where, direction in parts:
                u[where] += direction(t, g[where])
            if momentum:
                b = momentum * b + u
                u = u + momentum * b if nesterov else b
            x = x - lr * u
            return x

        return step

    return make


def gupta(lr, eps=1e-6, decay=0):
    """The Shampoo of Gupta, Koren and Singer: L = εI + ΣGGᵀ, x ← x(1 − ηλ) − η·L^(−1/4)·G·R^(−1/4), or L^(−1/2)g."""

    def make(x):
        stats = [eps * np.eye(n) for n in x.shape]

        def step(t, g):
            nonlocal x
            for i in range(g.ndim):
                stats[i] += unfold(g, i) @ unfold(g, i).T
            roots = [eigen_root(stat, 0.5 / g.ndim, 0) for stat in stats]
            x = (1 - lr * decay) * x - lr * multiply(roots, g)
            return x

        return step

    return make


def soap(lr=0.003, beta1=0.95, beta2=0.95, shampoo_beta=None, eps=1e-8, decay=0.01, every=10, largest=10000):
    """Adam in the eigenvectors of L and R (Vyas et al. 2024), with ε beside √v. The first call only computes them.

    Here m is in the basis of x, as in pytorch_optimizer. The authors keep it in that of v, and rotate it with the basis, which
    is the same. A vector, and a side longer than largest, keep their basis.
    """
    shampoo_beta = beta2 if shampoo_beta is None else shampoo_beta

    def make(x):
        sides = [i for i, n in enumerate(x.shape) if x.ndim > 1 and n <= largest]
        stats = [np.zeros((n, n)) for n in x.shape]
        q = [np.eye(n) for n in x.shape]
        m, v = np.zeros(x.shape), np.zeros(x.shape)

        def adam_step(t, g):
            nonlocal x, m, v
            into = [r.T for r in q]
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * multiply(into, g) ** 2
            u = multiply(q, multiply(into, m) / (np.sqrt(v) + eps))
            x = x - lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * u
            x = x - lr * decay * x

        def step(t, g):
            nonlocal v
            t -= 1
            if t > 0:
                adam_step(t, g)
            for i in sides:
                stats[i] = shampoo_beta * stats[i] + (1 - shampoo_beta) * unfold(g, i) @ unfold(g, i).T
                if t == 0:
                    q[i] = np.linalg.eigh(stats[i])[1][:, ::-1]
                elif t % every == 0:
                    power = stats[i] @ q[i]
                    order = np.argsort(-np.sum(q[i] * power, 0))
                    v = np.take(v, order, i)
                    q[i] = np.linalg.qr(power[:, order])[0]
            return x

        return step

    return make


def gupta_case(name, spec, rule, vectors=False, **hyper):
    """Shampoo of pytorch_optimizer, without momentum, which it mixes up with the step, and a root in every step."""
    make = lambda m, v: pytorch_optimizer.Shampoo([*m, v] if vectors else m, **hyper)
    adamw = lambda _, v: torch.optim.AdamW([v], lr=0.02)
    x = run_torch(make) if vectors else run_torch(make, adamw)
    check = run_formula(rule, None if vectors else adam(0.02, decay=0.01))
    return case("Shampoo" + name, spec, x, check, aux=None if vectors else ADAMW, **hyper)


def gupta_cases():
    base = "shampoo:preset=gupta,lr=0.1"
    usual = base + ",eps=1e-6"
    yield gupta_case("", usual, gupta(0.1), lr=0.1)
    yield gupta_case(" vectors", usual, gupta(0.1), vectors=True, lr=0.1)
    yield gupta_case(" matrix_eps", base + ",eps=0.01", gupta(0.1, eps=0.01), lr=0.1, matrix_eps=0.01)
    yield gupta_case(" weight_decay", usual + ",weight-decay=0.3", gupta(0.1, decay=0.3),
                     lr=0.1, weight_decay=0.3, weight_decouple=True)


def ridge_cases():
    """Shampoo with the ε of google-research's, which is relative to the largest eigenvalue, and with the least eigenvalue of
    Emerging-Optimizers. What else these do differently is left out.
    """
    base, usual = "shampoo:preset=gupta,lr=0.1,eps=0.01", dict(lr=0.1, eps=0.01)
    for name, root in ("shift-relative", relative_root), ("clamp", clamped_root):
        rule = shampoo(0.1, beta1=0, eps=0.01, root=root)
        yield formula("Shampoo " + name, f"{base},ridge={name}", rule, None, rule, others=[], **usual)


def soap_case(name, spec, rule, others, **hyper):
    """SOAP of pytorch_optimizer, whose QR would be in float32.

    Where the first L or R has more than one eigenvalue 0, their eigenvectors, and with them all that follows, are those that a
    library happens to choose. Therefore others has the tensors with such a side.
    """
    aux = ADAMW if others else None
    take = lambda m, v, other: [p for n, p in zip(SHAPES, [*m, v]) if (n in others) == other]
    makes = [lambda m, v: pytorch_optimizer.SOAP(take(m, v, False), **hyper)]
    if others:
        makes.append(lambda m, v: torch.optim.AdamW(take(m, v, True), lr=0.02))
    with mock.patch.object(torch, "float32", torch.float64):
        x = run_torch(*makes)
    return case("SOAP" + name, spec, x, run_formula(rule, adam(0.02, decay=0.01), others), aux=aux, others=others, **hyper)


def soap_cases():
    """The formula agreed with nikhilvyas/SOAP, commit a1e553530fde, too, for all of these cases."""
    base, both = "soap:lr=0.02", ["tall", "wide", "b"]
    yield soap_case("", base, soap(0.02), both, lr=0.02)
    yield soap_case(" every step", base + ",basis-interval=1", soap(0.02, every=1), both, lr=0.02, precondition_frequency=1)
    yield soap_case(" every 3", base + ",basis-interval=3", soap(0.02, every=3), both, lr=0.02, precondition_frequency=3)
    yield soap_case(" sides to 4", base + ",basis-interval=3,max-order=4", soap(0.02, every=3, largest=4), ["wide", "b"],
                    lr=0.02, precondition_frequency=3, max_precondition_dim=4)
    yield soap_case(" sides to 3", base + ",basis-interval=3,max-order=3", soap(0.02, every=3, largest=3), ["b"],
                    lr=0.02, precondition_frequency=3, max_precondition_dim=3)
    # the vector has Adam with ε beside √v, and its first step is skipped as well
    yield soap_case(" sides to 3 vectors", base + ",basis-interval=3,max-order=3", soap(0.02, every=3, largest=3), [],
                    lr=0.02, precondition_frequency=3, max_precondition_dim=3)
    yield soap_case(" betas", base + ",basis-interval=3,beta1=0.9,beta2=0.99,shampoo-beta=0.8",
                    soap(0.02, 0.9, 0.99, 0.8, every=3), both,
                    lr=0.02, precondition_frequency=3, betas=(0.9, 0.99), shampoo_beta=0.8)
    yield soap_case(" eps", base + ",basis-interval=3,eps=0.001", soap(0.02, every=3, eps=0.001), both,
                    lr=0.02, precondition_frequency=3, eps=0.001)
    yield soap_case(" weight_decay", base + ",basis-interval=3,weight-decay=0.3", soap(0.02, every=3, decay=0.3), both,
                    lr=0.02, precondition_frequency=3, weight_decay=0.3)


def meta(name, spec, matrix, vector=None, **hyper):
    """A case of Meta's Shampoo, by its formula. The vector goes to AdamW unless it has a formula too.

    Agreed with facebookresearch/optimizers, commit f60606661194, with all its dtypes set to float64, and with
    target_parameter_dimensionality=2, without which it makes vectors of our small matrices.
    """
    aux = None if vector else ADAMW
    x = run_formula(matrix, vector or adam(0.02, decay=0.01))
    return case("Meta Shampoo" + name, spec, x, aux=aux, **hyper)


def meta_cases():
    """Meta's DistributedShampoo. η = 0.01, β = (0.9, 1), ε = 1e-12, p = 1/4 where nothing is said."""
    base = "shampoo:preset=meta,lr=0.1"
    adam_ = dict(betas=(0.9, 0.95), epsilon=1e-8)
    ema = ",beta2=0.95,eps=1e-8"
    yield meta("", base, shampoo(0.1), lr=0.1)
    # ε^(−1/2) is larger than ε^(−1/4), and there is more of what rounding leaves in the null space of ggᵀ
    yield meta(" vectors", base + ",eps=1e-6", *[shampoo(0.1, eps=1e-6)] * 2, lr=0.1, epsilon=1e-6)
    yield meta(" beta1=0", base + ",beta1=0", shampoo(0.1, beta1=0), lr=0.1, betas=(0.0, 1.0))
    yield meta(" average", base + ema, shampoo(0.1, beta2=0.95, eps=1e-8), lr=0.1, **adam_)
    yield meta(" epsilon", base + ",eps=0.01", shampoo(0.1, eps=0.01), lr=0.1, epsilon=0.01)
    yield meta(" exponent", "shampoo:preset=meta,lr=0.02,exponent=0.5,eps=1e-6",
               shampoo(0.02, eps=1e-6, exponents=[0.5, 0.5]), lr=0.02, epsilon=1e-6,
               preconditioner_config="RootInvShampooPreconditionerConfig(inverse_exponent_override={2: 0.5})")
    for side, powers in ("left", [0.5, 0]), ("right", [0, 0.5]):
        override = f"{{2: {{0: {float(powers[0])}, 1: {float(powers[1])}}}}}"
        yield meta(" " + side, f"{base},sides={side},exponent=0.5,eps=1e-6", shampoo(0.1, eps=1e-6, exponents=powers),
                   lr=0.1, epsilon=1e-6,
                   preconditioner_config=f"RootInvShampooPreconditionerConfig(inverse_exponent_override={override})")
    yield meta(" newton", base + ",root=newton,eps=1e-4", shampoo(0.1, eps=1e-4, root=newton_root), lr=0.1, epsilon=1e-4,
               preconditioner_config="RootInvShampooPreconditionerConfig("
                                     "amortized_computation_config=CoupledNewtonConfig(tolerance=1e-10))")
    pseudo = "RootInvShampooPreconditionerConfig(amortized_computation_config=EigenConfig(" \
             "rank_deficient_stability_config=PseudoInverseConfig(rank_rtol={})))"
    yield meta(" pseudo-inverse", base + ",eps=0", shampoo(0.1, eps=0, root=pseudo_root), lr=0.1, epsilon=0.0,
               preconditioner_config=pseudo.format(None))
    yield meta(" pseudo-inverse vectors", base + ",ridge=pseudo-inverse,eps=1e-9",
               *[shampoo(0.1, eps=1e-9, root=pseudo_root)] * 2, lr=0.1, epsilon=0.0, preconditioner_config=pseudo.format(1e-9))
    # grafting
    yield meta(" graft SGD", "shampoo:preset=meta,lr=0.05,graft=sgd", shampoo(0.05, graft=graft_sgd),
               lr=0.05, grafting_config="SGDPreconditionerConfig()")
    yield meta(" graft AdaGrad", base + ",graft=adagrad,graft-eps=1e-3", shampoo(0.1, graft=graft_diagonal(eps=1e-3)),
               lr=0.1, grafting_config="AdaGradPreconditionerConfig(epsilon=1e-3)")
    yield meta(" graft RMSProp", "shampoo:preset=meta,lr=0.02,graft=rmsprop,graft-beta2=0.9",
               shampoo(0.02, graft=graft_diagonal(0.9)),
               lr=0.02, grafting_config="RMSpropPreconditionerConfig(beta2=0.9)")
    yield meta(" graft Adam", "shampoo:preset=meta,lr=0.02,graft=adam" + ema + ",graft-beta2=0.95,graft-eps=1e-8",
               shampoo(0.02, beta2=0.95, eps=1e-8, graft=graft_diagonal(0.95, 1e-8, True)),
               lr=0.02, grafting_config="AdamPreconditionerConfig(beta2=0.95, epsilon=1e-8)", **adam_)
    yield meta(" graft Adam vectors", "shampoo:preset=meta,lr=0.02,eps=1e-6,graft=adam",
               *[shampoo(0.02, eps=1e-6, graft=graft_diagonal(0.999, correct=True))] * 2,
               lr=0.02, epsilon=1e-6, grafting_config="AdamPreconditionerConfig()")
    # blocks, which have norms of their own
    yield meta(" blocks", base + ",block=2", shampoo(0.1, block=2), lr=0.1, max_preconditioner_dim=2)
    yield meta(" blocks graft Adam", "shampoo:preset=meta,lr=0.02,block=3,graft=adam",
               shampoo(0.02, block=3, graft=graft_diagonal(0.999, correct=True)),
               lr=0.02, max_preconditioner_dim=3, grafting_config="AdamPreconditionerConfig()")
    # when
    yield meta(" every 4", "shampoo:preset=meta,lr=0.02,root-interval=4", shampoo(0.02, every=4), lr=0.02, precondition_frequency=4)
    yield meta(" every 4 from 6", "shampoo:preset=meta,lr=0.02,root-interval=4,start=6", shampoo(0.02, every=4, start=6),
               lr=0.02, precondition_frequency=4, start_preconditioning_step=6)
    yield meta(" every 4 from 6 graft AdaGrad", base + ",root-interval=4,start=6,graft=adagrad",
               shampoo(0.1, every=4, start=6, graft=graft_diagonal()), lr=0.1,
               precondition_frequency=4, start_preconditioning_step=6, grafting_config="AdaGradPreconditionerConfig()")
    # decay and momentum
    yield meta(" weight_decay", base + ",weight-decay=0.3", shampoo(0.1, decay=0.3), lr=0.1, weight_decay=0.3)
    yield meta(" momentum", base + ",beta1=0,momentum=0.5,weight-decay=0.3", shampoo(0.1, beta1=0, momentum=0.5, decay=0.3),
               lr=0.1, betas=(0.0, 1.0), weight_decay=0.3, iterate_averaging_config="ClassicMomentumConfig(momentum=0.5)")
    yield meta(" nesterov", base + ",momentum=0.8,nesterov=true", shampoo(0.1, momentum=0.8, nesterov=True), lr=0.1,
               iterate_averaging_config="ClassicMomentumConfig(momentum=0.8, use_nesterov=True)")


def cases():
    yield from torch_cases()
    yield from optax_cases()
    yield from keller_cases()
    yield from keras_cases()
    yield from meta_cases()
    yield from gupta_cases()
    yield from ridge_cases()
    yield from soap_cases()
    yield from moonlight_cases()
    yield from dion_muon_cases()
    yield from normuon_cases()
    yield from dion_cases()
    yield from scion_cases()
    yield from hyperball_cases()


def read(spec, function, **names):
    """What a package uses where the caller says nothing, by the names of our options, as in golden.py."""
    signature = inspect.signature(function).parameters
    want = {}
    for ours, theirs in names.items():
        name, *index = theirs if isinstance(theirs, tuple) else (theirs,)
        value = signature[name].default
        want[ours.replace("_", "-")] = float(value[index[0]] if index else value)
    return dict(spec=spec, want=want)


def defaults():
    yield read("muon:preset=torch", torch.optim.Muon, lr="lr", momentum="momentum", weight_decay="weight_decay", eps="eps")
    yield read("muon:preset=optax", optax.contrib.muon, momentum="beta", weight_decay="weight_decay", eps="eps",
               aux_beta1="adam_b1", aux_beta2="adam_b2", aux_weight_decay="adam_weight_decay")
    yield read("muon:preset=keras", keras.optimizers.Muon, lr="learning_rate", momentum="momentum",
               weight_decay="weight_decay", aux_beta1="adam_beta_1", aux_beta2="adam_beta_2", aux_eps="epsilon")
    yield read("normuon", pytorch_optimizer.NorMuon, lr="lr", momentum="momentum", beta2="beta2", weight_decay="weight_decay",
               aux_lr="adamw_lr", aux_beta1=("adamw_betas", 0), aux_beta2=("adamw_betas", 1), aux_eps="adamw_eps",
               aux_weight_decay="adamw_wd")
    yield read("soap", pytorch_optimizer.SOAP, lr="lr", eps="eps", weight_decay="weight_decay", basis_interval="precondition_frequency",
               max_order="max_precondition_dim", beta1=("betas", 0), beta2=("betas", 1))


PACKAGES = ["jax", "keras", "muon-optimizer", "numpy", "optax", "pytorch_optimizer", "torch"]


def write(path, **parts):
    """One line a case."""
    lines = []
    for key, value in parts.items():
        if isinstance(value, list):
            value = "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]"
        else:
            value = json.dumps(value)
        lines.append(f"{json.dumps(key)}: {value}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write(
        pathlib.Path(__file__).parent / "matrix.json",
        versions={p: version(p) for p in PACKAGES},
        params=[dict(name=n, shape=s, role=ROLES.get(n, "hidden")) for n, s in SHAPES.items()],
        curvature=CURVATURE.tolist(),
        scale=SCALE.tolist(),
        start=[X0.tolist()],
        noise=NOISE.tolist(),
        keep=KEEP,
        cases=list(cases()),
        defaults=list(defaults()),
        qkclip=qk_clip(),
    )
