"""Writes recent.json: what Adafactor and later methods compute, in float64.

    pip install -r requirements-matrix.txt
    python recent.py

The problem is that of matrix.py, over twice as many steps, and cases are made as there: a formula must agree with its package to
1e-12, and where it is its own reference it follows the source that is named there.
"""

import itertools
import math
import pathlib
from importlib.metadata import version
from unittest import mock

import matrix  # first, since it chooses the backend of Keras and the precision of JAX

import dadaptation
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytorch_optimizer
import torch
from gram_newton_schulz import GramNewtonSchulz
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


def gram_iterate(table, norm, restarts=(2,)):
    """Newton–Schulz on the Gram matrix, as in Dao-AILab/gram-newton-schulz, commit f08f25e1b241, in float64 for float16."""

    def polar(u):
        x = u.T if u.shape[0] > u.shape[1] else u
        x = x / norm(np.linalg.norm(x))
        r, q, one = x @ x.T, None, np.eye(len(x))
        for i, (a, b, c) in enumerate(table):
            if i in restarts:
                x = q @ x
                r, q = x @ x.T, None
            z = b * r + c * r @ r
            q = z + a * one if q is None else q @ z + a * q
            rz = r @ z + a * r
            r = z @ rz + a * rz
        x = q @ x
        return x.T if u.shape[0] > u.shape[1] else x

    return polar


def gram_of_package(eps):
    """GramNewtonSchulz of gram-newton-schulz with the steps of KELLER, in float64 for float32 and float16."""
    package = GramNewtonSchulz(ns_epsilon=eps, ns_use_kernels=False, ns_coefficients=matrix.KELLER, compile_kwargs=None)

    def polar(u):
        with mock.patch.multiple(torch, float32=torch.float64, float16=torch.float64):
            return package(torch.tensor(u)).numpy()

    return polar


def gram_cases():
    x, rule = (run_formula(matrix.muon(0.02, matrix.average(0.95), polar, matrix.width), matrix.adam(0.02, decay=0.01))
               for polar in (gram_of_package(1e-7), gram_iterate(matrix.KELLER, matrix.plus(1e-7))))
    yield case("gram-newton-schulz", "muon:gram=true", x, rule, aux=matrix.ADAMW)
    for name, polar, table, divisor in ("keller", "", matrix.KELLER, matrix.plus(1e-7)), (
            "speedrun", ",polar=speedrun", matrix.POLAR_EXPRESS, lambda n: 1.02 * n + 1e-6):
        rule = matrix.muon(0.02, matrix.average(0.95), gram_iterate(table, divisor), matrix.width)
        yield matrix.formula("Muon on Gram matrices " + name, "muon:gram=true" + polar, rule)


def in_parts(counts, rule):
    """Runs a rule on each of the matrices, one below the other, that the tensors hold, by their number of rows."""

    def make(x):
        steps = [rule(part) for part in np.split(x, counts.get(x.shape, 1))]
        return lambda t, g: np.concatenate([step(t, part) for step, part in zip(steps, np.split(g, len(steps)))])

    return make


def heads_cases():
    """Muon of microsoft/dion, commit 0a059a4542e5, with num_heads, which is Muon on each head as a matrix."""
    standard = matrix.iterate(matrix.KELLER, matrix.plus(1e-7))
    for name, spec, normalize in ("Muon", "muon", None), ("NorMuon", "normuon", matrix.neurons(0.95)):
        rule = matrix.muon(0.02, matrix.average(0.95), standard, matrix.width, 0.1, normalize=normalize)
        x = run_formula(in_parts({(4, 3): 4}, rule), matrix.adam(0.02, decay=0.01))
        options = ("," if ":" in spec else ":") + "heads=2,weight-decay=0.1"
        yield dict(case(name + " on heads", spec + options, x, aux=matrix.ADAMW, num_heads=2), fused={"w": 2})


def chosen(lr, fraction, mu, polar, scale, decay=0.01, rows=False, beta2=None):
    """Dion2, and, with beta2, Dion3: M ← M + G; the rows of M, or columns if they are fewer, of the largest sums of magnitudes have a polar factor,
    and are multiplied by μ. Dion3 divides rows by the roots of averages that are theirs alone."""

    def make(x):
        m, v = np.zeros(x.shape), np.zeros((len(x), 1))
        axis = 0 if rows or x.shape[0] <= x.shape[1] else 1
        count = max(1, math.ceil(fraction * x.shape[axis]))

        def step(t, g):
            nonlocal x, m
            m = m + g
            at = np.argsort(-np.abs(m).sum(1 - axis), kind="stable")[:count]
            part = (at, slice(None)) if axis == 0 else (slice(None), at)
            o = polar(m[part])
            m[part] *= mu
            if beta2 is not None:
                v[at] = beta2 * v[at] + (1 - beta2) * np.mean(o**2, 1, keepdims=True)
                u = o / (np.sqrt(v[at]) + 1e-8)
                o = u * np.linalg.norm(o) / np.linalg.norm(u)
            x = x - lr * decay * x
            x[part] -= lr * scale(*x.shape) * o
            return x

        return step

    return make


def dion2_cases():
    """Formulas of microsoft/dion, dion/dion2.py and dion/nordion2.py, commit 0a059a4542e5, with float64 for bfloat16 and float32, in one process."""
    express = matrix.iterate(matrix.POLAR_EXPRESS, lambda n: 1.02 * n + 1e-8)
    five = matrix.iterate(matrix.QUINTIC, matrix.plus(1e-8))
    for fraction in 0.25, 0.5, 1:
        yield matrix.formula(f"Dion2 {fraction}", f"dion2:lr=0.05,fraction={fraction}", chosen(0.05, fraction, 0.95, express, matrix.spectral),
                             lr=0.05, fraction=fraction)
        yield matrix.formula(f"Dion3 {fraction}", f"dion3:lr=0.05,fraction={fraction}",
                             chosen(0.05, fraction, 0.95, express, matrix.spectral, rows=True, beta2=0.95), lr=0.05, fraction=fraction)
    yield matrix.formula("Dion2 rms_norm", "dion2:lr=0.05,fraction=0.5,momentum=0.8,weight-decay=0.3,scale=rms,polar=dion",
                         chosen(0.05, 0.5, 0.8, five, matrix.rms, 0.3), lr=0.05, fraction=0.5, ef_decay=0.8, weight_decay=0.3, adjust_lr="rms_norm",
                         use_polar_express=False)
    yield matrix.formula("Dion3 rms_norm", "dion3:lr=0.05,fraction=0.5,momentum=0.8,beta2=0.7,weight-decay=0.3,scale=rms,polar=dion",
                         chosen(0.05, 0.5, 0.8, five, matrix.rms, 0.3, rows=True, beta2=0.7), lr=0.05, fraction=0.5, mu=0.8, muon_beta2=0.7, weight_decay=0.3,
                         adjust_lr="rms_norm", use_polar_express=False)


def pcg(high, low):
    """The words of PCG-DXSM that Go's math/rand/v2 makes."""
    mask, state = 2**64 - 1, high << 64 | low
    while True:
        state = (state * 47026247687942121848144207491837523525 + 117397592171526113268558934119004209487) % 2**128
        hi, lo = state >> 64, state & mask
        hi = (hi ^ hi >> 32) * 0xDA942042E4DD58B5 & mask
        yield (hi ^ hi >> 48) * (lo | 1) & mask


def signs(step, size):
    """The probes of the library, one bit for each element in the order of memory."""
    words = pcg(step, 0)
    bits = [word >> i & 1 for word in itertools.islice(words, -(-size // 64)) for i in range(64)]
    return 1 - 2.0 * np.array(bits[:size])


def kron_cases():
    """PSGD-Kron of pytorch_optimizer, with float64 for float32, signs for its normal numbers, balances at fixed steps, and no ε beside the root
    mean square that it clips."""
    module = pytorch_optimizer.optimizer.psgd

    def package(name, spec, balance=100, most=1 / 0.03, flat=500, grow=1000, **hyper):
        k, changes, since = -1, 0, 0
        probability = module.precondition_update_prob_schedule(1.0, 1 / most, 1 / grow, flat)

        def due():
            """What the package asks of random numbers in each step, whether to balance in a change."""
            nonlocal k, changes, since
            k, since = k + 1, since + 1
            if since < 1 / probability(k):
                return 1
            changes, since = changes + 1, 0
            return 1 if changes % balance else 0

        def solve(x, a):
            return torch.linalg.solve_triangular(a, x.reshape(-1, x.size(-1)), upper=True, left=False).reshape_as(x)

        def clip(ratio, max):
            return min(max, 1.1 / (1.1 / ratio - 1e-6))

        with mock.patch.object(module.np.random, "random", due), mock.patch.object(
                module, "solve_triangular_right", solve), mock.patch.object(module.torch, "clamp", clip), mock.patch.object(
                module.torch, "randn_like", lambda x, **_: torch.tensor(signs(k, x.numel())).reshape(x.shape)):
            make = lambda m, v: pytorch_optimizer.Kron([*m, v], precondition_dtype=torch.float64, pre_conditioner_update_probability=probability, **hyper)
            return case("pytorch_optimizer Kron" + name, "psgd:" + spec, run_torch(make), **hyper)

    yield package("", "lr=0.001")
    yield package(" weight_decay", "lr=0.05,momentum=0.8,weight-decay=0.3", lr=0.05, momentum=0.8, weight_decay=0.3)
    yield package(" max_size_triangular", "lr=0.05,max-order=3,balance=7", balance=7, lr=0.05, max_size_triangular=3)
    yield package(" seldom", "lr=0.05,interval=6.5,flat=10,grow=12,balance=3", balance=3, most=6.5, flat=10, grow=12, lr=0.05)


def adaptive_polar(lr, direction, polar, beta2=0.95, eps=1e-8, signs=True, correct=False, scale=matrix.rms, decay=0):
    """AdaMuon: v is the average square of O = polar(sign(U)) or polar(U); O/(√v + ε) at the norm √min(r, c)."""

    def make(x):
        u, v = direction(x.shape), np.zeros(x.shape)

        def step(t, g):
            nonlocal x, v
            m = u(t, g)
            o = polar(np.sign(m) if signs else m)
            v = beta2 * v + (1 - beta2) * o**2
            o = o / (np.sqrt(v / (1 - beta2**t if correct else 1)) + eps)
            o = o * min(x.shape) ** 0.5 / np.linalg.norm(o)
            x = x - lr * decay * x - lr * scale(*x.shape) * o
            return x

        return step

    return make


def adamuon_cases():
    """AdaMuon of pytorch_optimizer, whose norms have ε beside them, and the formula of Chongjie-Si/AdaMuon, commit 369f0b3bd9d9, without
    it; both of them with float64 for bfloat16."""
    floor, standard = matrix.iterate(matrix.KELLER, lambda n: max(n, 1e-7)), matrix.iterate(matrix.KELLER, matrix.plus(1e-7))
    vector, aux = matrix.adam(0.02, eps=1e-10), "adam:lr=0.02,eps=1e-10"

    def package(name, spec, rule, **hyper):
        groups = lambda m, v: [dict(params=m, use_muon=True), dict(params=[v], use_muon=False, betas=(0.9, 0.999))]
        with matrix.double(pytorch_optimizer.optimizer.muon.adamuon), mock.patch.object(
                pytorch_optimizer.AdaMuon, "_update_norm", staticmethod(lambda u, eps: u.norm())):
            x = run_torch(lambda m, v: pytorch_optimizer.AdaMuon(groups(m, v), adamw_lr=0.02, **hyper))
        return case("pytorch_optimizer AdaMuon" + name, "adamuon:momentum=0.9,nesterov=false,signs=false,corrected=true,beta2=0.95,root-eps=1e-10,"
                    "polar=torch" + spec, x, run_formula(rule, vector), aux=aux, **hyper)

    usual = dict(eps=1e-10, signs=False, correct=True)
    yield package("", ",weight-decay=0", adaptive_polar(0.02, matrix.average(0.9, False), floor, **usual))
    yield package(" weight_decay", ",lr=0.05,weight-decay=0.3,scale=clamped",
                  adaptive_polar(0.05, matrix.average(0.9, False), floor, scale=matrix.width, decay=0.3, **usual),
                  lr=0.05, weight_decay=0.3, use_adjusted_lr=False)
    rule = adaptive_polar(0.02, matrix.average(0.95), standard, decay=0.01)
    yield case("AdaMuon", "adamuon", run_formula(rule, vector), aux=aux)
    rule = adaptive_polar(0.05, matrix.average(0.8), standard, beta2=0.8, eps=0.01, decay=0.3)
    yield case("AdaMuon weight_decay", "adamuon:lr=0.05,momentum=0.8,root-eps=0.01,weight-decay=0.3", run_formula(rule, vector), aux=aux,
               lr=0.05, momentum=0.8, eps=0.01, weight_decay=0.3)


def squared_cases():
    """Muon² by the formula of KellerJordan/modded-nanogpt, commit f411b3d346aa,
    records/track_3_optimization/results/20260501_muonsq/train_gpt_simple_muonsq.py, with float64 for bfloat16."""

    def moments(mu, beta2, eps, nesterov=True):
        def make(shape):
            direction, v = matrix.average(mu, nesterov)(shape), np.zeros(shape)

            def ratio(t, g):
                nonlocal v
                v = beta2 * v + (1 - beta2) * g**2
                return direction(t, g) / (np.sqrt(v) + eps)

            return ratio

        return make

    twelve = matrix.iterate([(2, -1.5, 0.5)] * 12, matrix.plus(1e-7))
    base = "muon-squared:polar=quintic,eps=1e-7"
    rule = matrix.muon(0.1, moments(0.95, 0.95, 1e-10), twelve, matrix.width, 0.0125)
    yield matrix.formula("Muon²", base + ",lr=0.1,weight-decay=0.0125", rule, lr=0.1, weight_decay=0.0125)
    rule = matrix.muon(0.05, moments(0.9, 0.8, 1e-2, False), twelve, matrix.width)
    yield matrix.formula("Muon² without nesterov", base + ",lr=0.05,momentum=0.9,nesterov=false,beta2=0.8,root-eps=1e-2", rule,
                         lr=0.05, mu=0.9, beta2=0.8, eps=1e-2)


def soap_direction(beta1=0.95, beta2=0.95, eps=1e-8, every=1):
    """The direction of SOAP as matrix.soap has it, with bases of both sides, at the step size 1; 0 in the first step."""

    def make(shape):
        x = np.zeros(shape)
        step = matrix.soap(1, beta1, beta2, eps=eps, decay=0, every=every)(x)

        def direction(t, g):
            nonlocal x
            before, x = x, step(t, g)
            return before - x

        return direction

    return make


def soap_muon_cases():
    """SOAP-Muon: the polar factor of SOAP's direction (Vyas, SOAP-Muon, nikhilvyas.github.io/SOAP_Muon.pdf), as a chain."""
    express = matrix.iterate(matrix.KELLER, matrix.plus(1e-7))
    polar = lambda u: express(u) if u.any() else u
    both = ["tall", "wide", "b"]
    for every in 1, 5:
        rule = matrix.muon(0.02, soap_direction(every=every), polar, matrix.width)
        yield matrix.formula(f"SOAP-Muon every {every}", f"soap:lr=0.02,basis-interval={every},weight-decay=0+polar+shape", rule, others=both)
    yield matrix.formula("SOAP-Muon normuon", "soap:lr=0.02,basis-interval=1+polar+normuon+shape+decay:0.1",
                         matrix.muon(0.02, soap_direction(), polar, matrix.width, 0.1, normalize=matrix.neurons(0.95)), others=both)


def sinkhorn(a, steps):
    """sinkhorn_energy_balance_rect_no_scale of results/20260514_sinksoap there, without ε."""
    b, c = a**2, np.ones(a.shape[1])
    for _ in range(steps):
        r = 1 / len(a) / (b @ c)
        c = 1 / a.shape[1] / (b.T @ r)
    return np.sqrt(r)[:, None] * a * np.sqrt(c)


def gated(raw, result, g, least):
    """trust_gate and norm_preserving_blend of results/20260506_trustlight there, without cap and floor."""
    cosine = lambda a, b: np.sum(a * b) / np.linalg.norm(a) / np.linalg.norm(b)
    result = result * np.linalg.norm(raw) / np.linalg.norm(result)
    ratio = cosine(result, g) / max(1e-8, cosine(raw, g))
    gate = np.clip((cosine(result, raw) - least) / (1 - least), 0, 1) * np.clip(ratio, 0, 1)
    blended = raw + (result - raw) * gate
    return blended * np.linalg.norm(raw) / np.linalg.norm(blended)


def momentum_in_eigenbasis(mu, beta, every, eps=1e-8, balance=0, gate=0):
    """SOAP-Muon's direction in the third track of KellerJordan/modded-nanogpt, commit f411b3d346aa,
    records/track_3_optimization/results/20260619_cwd_rowfloor_tailema/train_gpt_cwd_SOTA.py, with ε beside the root."""

    def make(shape):
        average, v = matrix.average(mu)(shape), np.zeros(shape)
        left, right, q = np.zeros((shape[0],) * 2), np.zeros((shape[1],) * 2), None

        def basis(a):
            return np.linalg.eigh(a)[1][:, ::-1]

        def direction(t, g):
            nonlocal v, left, right, q
            u = average(t, g)
            left, right = beta * left + (1 - beta) * g @ g.T, beta * right + (1 - beta) * g.T @ g
            if q is None:
                q = [basis(left), basis(right)]
                return u
            p = q[0].T @ u @ q[1]
            v = beta * v + (1 - beta) * p**2
            raw, p = u, sinkhorn(p, balance) if balance else p / (np.sqrt(v) + eps)
            u = q[0] @ p @ q[1].T
            if gate:
                u = gated(raw, u, g, gate)
            if (t - 1) % every == 0:
                for i, a in enumerate((left, right)):
                    order = np.argsort(-np.diag(q[i].T @ a @ q[i]), kind="stable")
                    v = np.take(v, order, i)
                    q[i] = np.linalg.qr(a @ q[i][:, order])[0]
            return u

        return direction

    return make


def eigenbasis_cases():
    standard, both = matrix.iterate(matrix.KELLER, matrix.plus(1e-7)), ["tall", "wide", "b"]
    for every in 1, 5:
        rule = matrix.muon(0.02, momentum_in_eigenbasis(0.95, 0.9, every), standard, matrix.width)
        yield matrix.formula(f"SOAP-Muon of the momentum every {every}", "sgd:lr=0.02+average:0.95,nesterov=true+eigenbasis:0.9,"
                             f"basis-interval={every}+polar+shape", rule, others=both)
    for name, more in ("SinkSOAP", dict(balance=10)), ("Trustlight", dict(gate=0.2)):
        rule = matrix.muon(0.02, momentum_in_eigenbasis(0.95, 0.9, 2, **more), standard, matrix.width)
        option = "sinkhorn=10" if "balance" in more else "gate=0.2"
        yield matrix.formula(name, f"sgd:lr=0.02+average:0.95,nesterov=true+eigenbasis:0.9,basis-interval=2,{option}+polar+shape", rule, others=both)


def divergence(lr=0.003, beta1=0.95, beta2=0.9, shampoo_beta=None, eps=1e-8, decay=0.01, every=10, initial=0.1, largest=10000, biased=False,
               alone=False):
    """KL-SOAP and, alone, KL-Shampoo (Lin et al. 2025, arXiv:2509.03378), as records_track_3's
    20260511_klsoap_h_lr_power_decay/train_gpt_simple_klsoap_h_lr_power_decay.py of KellerJordan/modded-nanogpt, commit f411b3d346aa, has
    it, but for gradients in units of the root mean square of the first, the correction of bias, decay, and sides without a basis."""
    shampoo_beta = beta2 if shampoo_beta is None else shampoo_beta

    def make(x):
        sides = [i for i, n in enumerate(x.shape) if x.ndim > 1 and n <= largest]
        stats, q, values, inverse = {}, {}, {}, {}
        m, v, unit = np.zeros(x.shape), np.zeros(x.shape), 1

        def into(u, back=False, only=None):
            for i in sides if only is None else only:
                u = np.moveaxis(np.tensordot(q[i] if back else q[i].T, u, (1, i)), 0, i)
            return u

        def scaled(u, only):
            for i in only:
                u = u * np.expand_dims(inverse[i], 1 - i)
            return u

        def step(t, g):
            nonlocal x, m, v, unit
            if t == 1:
                unit = rms(g)
                for i in sides:
                    a = matrix.unfold(g / unit, i)
                    stats[i] = a @ a.T / a.shape[1]
                    q[i] = np.linalg.eigh(stats[i])[1][:, ::-1]
                    values[i] = np.full(len(a), initial)
                return x
            t, g = t - 1, g / unit
            for i in sides:
                inverse[i] = np.minimum(values[i] ** -0.5, 4000)
            p = into(g)
            m = beta1 * into(m) + (1 - beta1) * p
            v = beta2 * v + (1 - beta2) * p**2
            c1, c2 = (1, 1) if biased else (1 - beta1**t, 1 - beta2**t)
            u = scaled(m / c1, sides) if alone and sides else m / c1 / (np.sqrt(v) + eps / unit) * np.sqrt(c2)
            x = (1 - lr * decay) * (x - lr * into(u, back=True))
            m = into(m, back=True)
            for i in sides:
                others = [j for j in sides if j != i]
                w = matrix.unfold(scaled(into(g, only=others), others), i)
                stats[i] = shampoo_beta * stats[i] + (1 - shampoo_beta) * w @ w.T / w.shape[1]
                w = matrix.unfold(scaled(p, others), i)
                values[i] = shampoo_beta * values[i] + (1 - shampoo_beta) * np.mean(w**2, 1)
            if t % every == 0:
                for i in sides:
                    q[i] = np.linalg.qr(stats[i] @ q[i])[0]
            return x

        return step

    return make


def divergence_cases():
    both = ["tall", "wide", "b"]
    for method, more in ("kl-soap", {}), ("kl-shampoo", dict(alone=True)):
        beta = "beta2" if not more else "shampoo-beta"
        yield matrix.formula(method, f"{method}:lr=0.02", divergence(0.02, **more), others=both)
        yield matrix.formula(method + " every step", f"{method}:lr=0.02,basis-interval=1,{beta}=0.8,beta1=0.9,initial=1,weight-decay=0.3",
                             divergence(0.02, 0.9, 0.8, initial=1, decay=0.3, every=1, **more), others=both)
        yield matrix.formula(method + " sides to 3 vectors", f"{method}:lr=0.02,basis-interval=3,max-order=3", divergence(0.02, every=3, largest=3, **more),
                             None, divergence(0.02, every=3, largest=3, **more), others=[])
    yield matrix.formula("kl-soap biased", "kl-soap:lr=0.02,basis-interval=1,biased=true,eps=1e-3", divergence(0.02, eps=1e-3, every=1, biased=True),
                         others=both)


def adaptation_cases():
    """D-Adaptation and Mechanic by their packages, over all five tensors."""
    adam = lambda **hyper: run_torch(adjoined(lambda p: dadaptation.DAdaptAdam(p, **hyper)))
    sgd = lambda **hyper: run_torch(adjoined(lambda p: dadaptation.DAdaptSGD(p, **hyper)))
    yield case("dadaptation DAdaptAdam", "dadapt-adam", adam())
    hyper = dict(lr=0.5, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, decouple=True, d0=0.01, growth_rate=1.5, use_bias_correction=True)
    yield case("dadaptation DAdaptAdam all", "dadapt-adam:lr=0.5,beta1=0.8,beta2=0.95,eps=1e-3,weight-decay=0.1,d0=0.01,growth=1.5,corrected=true",
               adam(**hyper), **hyper)
    yield case("optax dadapt_adamw", "dadapt-adam:preset=optax,d0=0.01,weight-decay=0.1",
               run_optax(optax.contrib.dadapt_adamw(estim_lr0=0.01, weight_decay=0.1)), estim_lr0=0.01, weight_decay=0.1)
    yield case("dadaptation DAdaptSGD", "dadapt-sgd", sgd())
    hyper = dict(lr=0.5, momentum=0.8, d0=0.01, growth_rate=1.2)
    yield case("dadaptation DAdaptSGD all", "dadapt-sgd:lr=0.5,momentum=0.8,d0=0.01,growth=1.2", sgd(**hyper), **hyper)
    yield case("optax mechanize adam", "adam:lr=1+mechanic", run_optax(optax.contrib.mechanize(optax.adam(1.0))))
    yield case("optax mechanize sgd", "heavy-ball:lr=0.5+mechanic:0.001,lambda=0.1,eps=1e-6",
               run_optax(optax.contrib.mechanize(optax.sgd(0.5, momentum=0.9), weight_decay=0.1, eps=1e-6, s_init=0.001)),
               weight_decay=0.1, eps=1e-6, s_init=0.001)


def run_ahead(make):
    """Runs a formula that takes the gradient elsewhere: make(x0) returns a function of (t, g) that returns the next x and that place."""
    x = np.concatenate([p.ravel() for p in matrix.tensors(matrix.X0)])
    step, place, kept = make(x), x, []
    for k in range(matrix.STEPS):
        x, place = step(k + 1, matrix.gradient(k, place))
        if k + 1 in matrix.KEEP:
            kept.append(x)
    return np.array(kept)


def record(lr, direction, floor=0, rows=False, brake=1, pin=False, decay=0):
    """The lengths of updates in the third track of KellerJordan/modded-nanogpt, commit f411b3d346aa,
    records/track_3_optimization/results/20260619_cwd_rowfloor_tailema/train_gpt_cwd_SOTA.py, without its least lengths of 1e-8."""

    def make(x):
        towards = direction(x.shape)

        def step(t, g):
            nonlocal x
            u = towards(t, g)
            along = np.sum(u * x) / np.sum(x * x)
            u = u - along * x + (brake if along < 0 else 1) * along * x
            if floor:
                axis = dict(axis=1, keepdims=True) if rows else {}
                u = u * np.maximum(1, floor * np.linalg.norm(x, **axis) / np.linalg.norm(u, **axis))
            radius = np.linalg.norm(x)
            target = radius - lr * np.sum(u * x) / radius
            mask = u * x > 0
            x = x - lr * u
            if pin:
                x = x * target / np.linalg.norm(x)
                x = x * (1 - lr * decay * mask)
            return x

        return step

    return make


def contra_polar(polar, part, scale):
    """polar(u) less part/2 of u at the spectral norm 1, by five steps of the power method, as in
    20260501_contra_muon/train_gpt_simple_contra_muon_2.py there."""

    def direction(u):
        v = np.ones(u.shape[1]) / u.shape[1] ** 0.5
        for _ in range(5):
            w = u @ v
            v = u.T @ (w / np.linalg.norm(w))
            v = v / np.linalg.norm(v)
        o = polar(u)
        less = o - part / 2 * u / np.linalg.norm(u @ v)
        return scale(*u.shape) * less * np.linalg.norm(o) / np.linalg.norm(less)

    return direction


def length_cases():
    standard = matrix.iterate(matrix.KELLER, matrix.plus(1e-7))

    def polar(change=None):
        def make(shape):
            momentum = matrix.average(0.95)(shape)
            return lambda t, g: (change or (lambda u: matrix.width(*shape) * standard(u)))(momentum(t, g))

        return make

    base = "muon:lr=0.1"
    yield matrix.formula("floor", base + "+floor:0.9", record(0.1, polar(), floor=0.9))
    yield matrix.formula("floor rows", base + "+floor:0.9,rows=true", record(0.1, polar(), floor=0.9, rows=True))
    yield matrix.formula("brake", base + "+brake", record(0.1, polar(), brake=0.5))
    yield matrix.formula("pin", base + "+pin", record(0.1, polar(), pin=True))
    yield matrix.formula("brake, floor, pin", base + "+brake:0.3+floor:0.9,rows=true+pin:0.25",
                         record(0.1, polar(), floor=0.9, rows=True, brake=0.3, pin=True, decay=0.25))
    yield matrix.formula("contra", "sgd:lr=0.1+average:0.95,nesterov=true+polar:keller,contra=0.4",
                         record(0.1, polar(contra_polar(standard, 0.4, matrix.unscaled))))

    def aurora(polar, passes, beta=0.5):
        """aurora_orthogonalize of 20260505_aurora/298f02bc-dbb4-4661-9ad8-f6429d532873.txt there, for a matrix with rows in front."""

        def direction(u):
            if u.shape[0] == u.shape[1]:
                return polar(u)
            if u.shape[0] < u.shape[1]:
                return direction(u.T).T
            d = 1 / np.linalg.norm(u, axis=1, keepdims=True)
            for k in range(passes):
                o = polar(d * u)
                d = d * (u.shape[1] / u.shape[0] / np.sum(o**2, 1, keepdims=True)) ** beta
            return o

        return direction

    for passes in 1, 2, 3:
        yield matrix.formula(f"Aurora {passes}", f"sgd:lr=0.1+average:0.95,nesterov=true+polar:keller,balance={passes}",
                             record(0.1, polar(aurora(standard, passes))))
    both = contra_polar(aurora(standard, 2), 0.4, matrix.unscaled)
    yield matrix.formula("Aurora, contra", "sgd:lr=0.1+average:0.95,nesterov=true+polar:keller,balance=2,contra=0.4", record(0.1, polar(both)))

    def ahead(lr, mu, beta, gamma, first, last):
        """EMA_Nesterov there, around SGD with momentum."""

        def make(x):
            b, m = np.zeros(x.shape), np.zeros(x.shape)
            beta_at = lambda k: beta(k) if first <= k < last else 0

            def step(t, g):
                nonlocal x, b, m
                m = mu * m + g
                y = x + beta_at(t - 1) * b - lr * m
                b = gamma * b + (1 - gamma) * (y - x)
                x = y
                return x, x + beta_at(t) * b

            return step

        return make

    yield case("EMA-Nesterov", "heavy-ball:lr=0.02+ema-nesterov:0.8,gamma=0.9", run_ahead(ahead(0.02, 0.9, lambda k: 0.8, 0.9, 0, 99)))
    yield case("EMA-Nesterov for some steps", "heavy-ball:lr=0.02+ema-nesterov:inverse(0.9,0.1),gamma=0.8,from=5,to=40",
               run_ahead(ahead(0.02, 0.9, lambda k: 0.9 / (1 + 0.1 * k), 0.8, 5, 40)))

    def outer(lr, mu, every, rate, momentum):
        """NesterovOuterOptimizer of 20260504_muloco_normuonh/train_gpt_simple_muloco_normuonh.py there, around SGD with momentum."""

        def make(x):
            start, b, m = x, np.zeros(x.shape), np.zeros(x.shape)

            def step(t, g):
                nonlocal x, start, b, m
                m = mu * m + g
                x = x - lr * m
                if t % every == 0:
                    delta = start - x
                    b = momentum * b + rate * delta
                    start = x = start - momentum * b - rate * delta
                return x

            return step

        return make

    def anchored(lr, mu, pull, at=0):
        """The anchor of 20260518_soda_fade_3000_n9/code_logs there, around SGD with momentum, or one to the weights of a later step, as in
        20260525_aurora_ema_ref."""

        def make(x):
            a, m = x, np.zeros(x.shape)

            def step(t, g):
                nonlocal x, a, m
                m = mu * m + g
                if t - 1 == at:
                    a = x
                x = (1 - pull(t - 1)) * x + pull(t - 1) * a - lr * m
                return x

            return step

        return make

    yield case("SODA", "heavy-ball:lr=0.02+anchor:inverse(0.5,0.5)", run_formula(anchored(0.02, 0.9, lambda k: 1 / (k + 2))))
    yield case("interpolation", "heavy-ball:lr=0.02+anchor:0.3,at=20,from=44,to=45", run_formula(anchored(0.02, 0.9, lambda k: 0.3 * (k == 44), 20)))

    rule = outer(0.02, 0.9, 7, 0.7, 0.5)
    yield case("MuLoCo", "heavy-ball:lr=0.02+lookahead:7,alpha=0.7,mu=0.5", run_formula(rule))


def cases():
    yield from adafactor_cases()
    yield from adamuon_cases()
    yield from squared_cases()
    yield from dion2_cases()
    yield from kron_cases()
    yield from heads_cases()
    yield from gram_cases()
    yield from soap_muon_cases()
    yield from eigenbasis_cases()
    yield from divergence_cases()
    yield from adaptation_cases()
    yield from length_cases()


def defaults():
    yield read("adamuon:momentum=0.9,beta2=0.95,root-eps=1e-10,weight-decay=0", pytorch_optimizer.AdaMuon, lr="lr", momentum=("betas", 0),
               beta2=("betas", 1), root_eps="eps", weight_decay="weight_decay")
    yield read("psgd:lr=0.001", pytorch_optimizer.Kron, lr="lr", momentum="momentum", weight_decay="weight_decay", max_order="max_size_triangular")
    yield read("dadapt-adam", dadaptation.DAdaptAdam, lr="lr", beta1=("betas", 0), beta2=("betas", 1), eps="eps", weight_decay="weight_decay", d0="d0")
    yield read("dadapt-adam:preset=optax", optax.contrib.dadapt_adamw, lr="learning_rate", eps="eps", weight_decay="weight_decay", d0="estim_lr0")
    yield read("dadapt-sgd", dadaptation.DAdaptSGD, lr="lr", momentum="momentum", d0="d0")
    yield read("adafactor:preset=torch", torch.optim.Adafactor, lr="lr", clip="d", weight_decay="weight_decay", min_rms=("eps", 1))
    yield read("adafactor:preset=optax", optax.adafactor, min_side="min_dim_size_to_factor", rate="decay_rate", clip="clipping_threshold", eps="eps")
    yield read("adafactor:preset=keras", keras.optimizers.Adafactor, lr="learning_rate", clip="clip_threshold", eps="epsilon_1", min_rms="epsilon_2")


PACKAGES = ["dadaptation", "gram-newton-schulz", "jax", "keras", "numpy", "optax", "pytorch_optimizer", "torch"]

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
