"""Writes golden.json and ../schedule/testdata/golden.json: what PyTorch, optax and Keras compute, in float64.

    pip install -r requirements.txt
    python golden.py

Every case of golden.json is one method on one problem: x in R^7, the gradient of a coupled quadratic plus stored noise,
each coordinate on a scale of its own, so that both x and the place of every epsilon matter. "spec" is the rule as
methods.Parse reads it, or the name of a chain that the Go test builds.
"""

import importlib.metadata
import inspect
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import keras
import numpy as np
import optax
import prodigyopt
import pytorch_optimizer
import schedulefree
import torch
from optax import contrib
from torch.optim import lr_scheduler

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)

STEPS = 60
KEEP = [1, 2, 3, 4, 7, 20, 40, 60]  # the numbers of steps after which x is stored
rng = np.random.default_rng(2016)
X0 = rng.standard_normal(7)
NOISE = rng.standard_normal((STEPS, 7))
CURVATURE = rng.uniform(1, 2, 7)
SCALE = np.array([3, 1, 0.3, 0.1, 0.01, 1e-3, 1e-4])


def gradient(k, x):
    g = CURVATURE * x + NOISE[k]
    g[1:] -= x[:-1] / 2
    g[:-1] -= x[1:] / 2
    if k < 3:
        g[6] = 0  # a coordinate that nothing has touched yet
    return SCALE * g


def trajectory(step, sizes, shown=lambda params: params):
    """Collects x after each number of steps in KEEP; step maps (k, list of gradients) to the list of parameters.
    If the parameters are the point of the gradient and not x, shown maps them to x."""
    x, kept = X0.copy(), []
    cuts = np.cumsum(sizes)[:-1]
    for k in range(STEPS):
        params = step(k, np.split(gradient(k, x), cuts))
        x = np.concatenate([np.asarray(p) for p in params])
        assert x.dtype == np.float64
        if k + 1 in KEEP:
            kept.append(np.concatenate([np.asarray(p) for p in shown(params)]).tolist())
    return kept


def start(sizes):
    return np.split(X0.copy(), np.cumsum(sizes)[:-1])


def run_torch(make, sizes=(7,), schedule=None, before=None, beta=None):
    """beta is that of a schedule-free optimizer."""
    params = [torch.tensor(p, requires_grad=True) for p in start(sizes)]
    optimizer = make(params)
    scheduler = schedule(optimizer) if schedule else None
    if beta:
        optimizer.train()

    def step(k, grads):
        for p, g in zip(params, grads):
            p.grad = torch.tensor(g)
        if before:
            before(params)
        optimizer.step()
        if scheduler:
            scheduler.step()
        return [p.detach().numpy().copy() for p in params]

    if beta:
        return trajectory(step, sizes, lambda ys: averages(ys, [optimizer.state[p]["z"].numpy() for p in params], beta))
    return trajectory(step, sizes)


def averages(ys, zs, beta):
    """The x of schedule-free methods, from y = (1 - beta) z + beta x."""
    return [(np.asarray(y) - (1 - beta) * np.asarray(z)) / beta for y, z in zip(ys, zs)]


def run_optax(tx, sizes=(7,)):
    params = [jnp.asarray(p) for p in start(sizes)]
    state = tx.init(params)
    update = jax.jit(tx.update)

    def step(k, grads):
        nonlocal params, state
        updates, state = update([jnp.asarray(g) for g in grads], state, params)
        params = optax.apply_updates(params, updates)
        return params

    if isinstance(state, contrib._schedule_free.ScheduleFreeState):
        return trajectory(step, sizes, lambda params: contrib.schedule_free_eval_params(state, params))
    return trajectory(step, sizes)


def run_keras(optimizer, sizes=(7,), built=None):
    params = [keras.Variable(p, dtype="float64") for p in start(sizes)]
    if built:
        optimizer.build(params)
        built(optimizer)

    def step(k, grads):
        optimizer.apply([jnp.asarray(g) for g in grads], params)
        return [np.asarray(p.value) for p in params]

    if isinstance(optimizer, K.ScheduleFreeAdamW):
        return trajectory(step, sizes, lambda ys: averages(ys, [m.value for m in optimizer._momentums], optimizer.beta_1))
    return trajectory(step, sizes)


def run_formula(make):
    """Runs a few lines of numpy: make(x0) returns a function of (t, g), t = 1, 2, …, that returns the next x."""
    next_x = make(X0.copy())
    return trajectory(lambda k, grads: [next_x(k + 1, grads[0])], (7,))


def amsgrad_paper(lr=0.05, beta1=0.9, beta2=0.95, eps=1e-8):
    """Reddi, Kale and Kumar 2018, algorithm 2, with the epsilon of Adam."""

    def make(x):
        m, v, top = np.zeros(7), np.zeros(7), np.zeros(7)

        def step(t, g):
            nonlocal x, m, v, top
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            top = np.maximum(top, v)
            x = x - lr * m / (np.sqrt(top) + eps)
            return x

        return step

    return make


def nesterov_dozat(lr=0.05, mu=0.9):
    """The look-ahead on an average."""

    def make(x):
        m = np.zeros(7)

        def step(t, g):
            nonlocal x, m
            m = mu * m + (1 - mu) * g
            x = x - lr * (mu * m + (1 - mu) * g)
            return x

        return step

    return make


def ftrl_leader(x, root, alpha, beta, l1, l2):
    """The z for which algorithm 1 of McMahan et al. 2013 gives the x of the start."""
    return -x * ((beta + root) / alpha + l2) - l1 * np.sign(x)


def ftrl_paper(alpha=0.1, beta=1, l1=0, l2=0):
    """FTRL-Proximal, algorithm 1 of McMahan et al. 2013, but with a start other than 0."""

    def make(x):
        n, z = np.zeros(7), ftrl_leader(x, 0, alpha, beta, l1, l2)

        def step(t, g):
            nonlocal x, n, z
            z = z + g - (np.sqrt(n + g**2) - np.sqrt(n)) / alpha * x
            n = n + g**2
            x = np.where(np.abs(z) <= l1, 0, -(z - np.sign(z) * l1) / ((beta + np.sqrt(n)) / alpha + l2))
            return x

        return step

    return make


def keras_ftrl(lr=0.001, n=0.1, l1=0, l2=0, beta=0):
    """keras.optimizers.Ftrl, started at the z whose x is X0. Keras itself starts at z = 0."""
    optimizer = K.Ftrl(lr, initial_accumulator_value=n, l1_regularization_strength=l1, l2_regularization_strength=l2, beta=beta)
    leader = ftrl_leader(X0, np.sqrt(n), lr, beta, l1, 2 * l2)
    return run_keras(optimizer, built=lambda o: o._linears[0].assign(leader))


def naggs_paper(a, mu, gamma):
    """NAG-GS as the authors' JAX code orders it (Leplat et al. 2022): the first call only moves gamma."""

    def make(x):
        v, first, g_now = x.copy(), True, gamma

        def step(t, g):
            nonlocal x, v, first, g_now
            if not first:
                v = (g_now * v + a * mu * x - a * g) / (a * mu + g_now)
            first = False
            g_now = (g_now + a * mu) / (1 + a)
            x = x + a / (1 + a) * (v - x)
            return x

        return step

    return make


def cautious_adam(lr=0.05, beta1=0.9, beta2=0.95, eps=1e-8):
    """The cautious Adam of timm: what is left of the update is divided by its share."""

    def make(x):
        m, v = np.zeros(7), np.zeros(7)

        def step(t, g):
            nonlocal x, m, v
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            mask = (m * g > 0).astype(float)
            for half in slice(0, 3), slice(3, 7):
                mask[half] /= max(mask[half].mean(), 1e-3)
            x = x - lr * mask * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
            return x

        return step

    return make


def naggs_torch(alpha, mu, gamma):
    """NAG-GS as the authors' torch code orders it: the old gamma, and a move in the first step."""

    def make(x):
        v, g_now = x.copy(), gamma
        a = alpha / (1 + alpha)

        def step(t, g):
            nonlocal x, v, g_now
            b = alpha * mu / (alpha * mu + g_now)
            g_now = (1 - a) * g_now + a * mu
            v = (1 - b) * v + b * x - b / mu * g
            x = (1 - a) * x + a * v
            return x

        return step

    return make


def naggs_frozen(a, mu, gamma):
    """The authors' NAG4: gamma stays."""

    def make(x):
        v = x.copy()

        def step(t, g):
            nonlocal x, v
            v = (v + a / gamma * (mu * x - g)) / (1 + a * mu / gamma)
            x = (x + a * v) / (1 + a)
            return x

        return step

    return make


class Mars(pytorch_optimizer.MARS):
    """MARS without the 1e-15 that pytorch_optimizer adds to every v; its epsilon stands before the correction of bias."""

    apply_ams_bound = staticmethod(lambda bound, v, top, eps: v.sqrt().add_(eps))


T, O, K = torch.optim, optax, keras.optimizers
HALVES = (3, 4)


def decaying(optimizer):
    """The step sizes lr/(1 + 0.1k) in torch, where a factor multiplies the lr of the optimizer."""
    return lr_scheduler.LambdaLR(optimizer, lambda k: 1 / (1 + 0.1 * k))


def keras_decaying(lr):
    return K.schedules.InverseTimeDecay(lr, decay_steps=1, decay_rate=0.1)


def optax_decaying(lr):
    return lambda k: lr / (1 + 0.1 * k)


INVERSE = "inverse(0.05,0.1)"


def cases():
    # SGD, the heavy ball, Nesterov
    yield "torch SGD", "sgd:lr=0.05", run_torch(lambda p: T.SGD(p, lr=0.05))
    yield "optax sgd", "sgd:lr=0.05", run_optax(O.sgd(0.05))
    yield "keras SGD", "sgd:lr=0.05", run_keras(K.SGD(0.05))
    yield "torch SGD decaying", "sgd:lr=" + INVERSE, run_torch(lambda p: T.SGD(p, lr=0.05), schedule=decaying)
    yield "torch SGD weight_decay", "sgd with L2", run_torch(lambda p: T.SGD(p, lr=0.05, weight_decay=0.1))
    yield "torch SGD momentum weight_decay", "heavy ball with L2", run_torch(
        lambda p: T.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.1))
    yield "torch SGD momentum", "heavy-ball:preset=torch,lr=0.02", run_torch(
        lambda p: T.SGD(p, lr=0.02, momentum=0.9))
    yield "torch SGD dampening", "heavy-ball:preset=torch,lr=0.02,momentum=0.8,dampening=0.3", run_torch(
        lambda p: T.SGD(p, lr=0.02, momentum=0.8, dampening=0.3))
    yield "torch SGD momentum decaying", "heavy-ball:preset=torch,lr=" + INVERSE, run_torch(
        lambda p: T.SGD(p, lr=0.05, momentum=0.9), schedule=decaying)
    yield "optax sgd momentum", "heavy-ball:preset=optax,lr=0.02", run_optax(O.sgd(0.02, momentum=0.9))
    yield "optax sgd momentum decaying", "heavy-ball:preset=optax,lr=" + INVERSE, run_optax(
        O.sgd(optax_decaying(0.05), momentum=0.9))
    yield "keras SGD momentum", "heavy-ball:preset=keras,lr=0.02", run_keras(K.SGD(0.02, momentum=0.9))
    yield "keras SGD momentum decaying", "heavy-ball:preset=keras,lr=" + INVERSE, run_keras(
        K.SGD(keras_decaying(0.05), momentum=0.9))
    yield "torch SGD nesterov", "nesterov:preset=torch,lr=0.02", run_torch(
        lambda p: T.SGD(p, lr=0.02, momentum=0.9, nesterov=True))
    yield "torch SGD nesterov decaying", "nesterov:preset=torch,lr=" + INVERSE, run_torch(
        lambda p: T.SGD(p, lr=0.05, momentum=0.9, nesterov=True), schedule=decaying)
    yield "optax sgd nesterov", "nesterov:preset=optax,lr=0.02,momentum=0.8", run_optax(
        O.sgd(0.02, momentum=0.8, nesterov=True))
    yield "optax sgd nesterov decaying", "nesterov:preset=optax,lr=" + INVERSE, run_optax(
        O.sgd(optax_decaying(0.05), momentum=0.9, nesterov=True))
    yield "keras SGD nesterov", "nesterov:preset=keras,lr=0.02", run_keras(K.SGD(0.02, momentum=0.9, nesterov=True))
    yield "keras SGD nesterov decaying", "nesterov:preset=keras,lr=" + INVERSE, run_keras(
        K.SGD(keras_decaying(0.05), momentum=0.9, nesterov=True))
    yield "formula Nesterov on an average", "nesterov:lr=0.05,form=dozat", run_formula(nesterov_dozat())

    # AdaGrad
    yield "torch Adagrad", "adagrad:preset=torch,lr=0.1", run_torch(lambda p: T.Adagrad(p, lr=0.1))
    yield "torch Adagrad initial", "adagrad:preset=torch,lr=0.1,initial=0.5,eps=1e-3", run_torch(
        lambda p: T.Adagrad(p, lr=0.1, initial_accumulator_value=0.5, eps=1e-3))
    yield "torch Adagrad lr_decay", "adagrad:preset=torch,lr=" + INVERSE, run_torch(
        lambda p: T.Adagrad(p, lr=0.05, lr_decay=0.1))
    yield "torch Adagrad weight_decay", "adagrad with L2", run_torch(lambda p: T.Adagrad(p, lr=0.1, weight_decay=0.1))
    yield "optax adagrad", "adagrad:preset=optax,lr=0.1", run_optax(O.adagrad(0.1))
    yield "optax adagrad initial", "adagrad:preset=optax,lr=0.1,initial=0,eps=1e-4", run_optax(
        O.adagrad(0.1, initial_accumulator_value=0, eps=1e-4))
    yield "keras Adagrad", "adagrad:preset=keras,lr=0.1", run_keras(K.Adagrad(0.1))
    yield "keras Adagrad initial", "adagrad:preset=keras,lr=0.1,initial=0.5,eps=1e-3", run_keras(
        K.Adagrad(0.1, initial_accumulator_value=0.5, epsilon=1e-3))

    # FTRL-Proximal
    yield "formula FTRL-Proximal", "ftrl", run_formula(ftrl_paper())
    yield "formula FTRL-Proximal l1", "ftrl:lr=0.5,beta=0.1,l1=1.5", run_formula(ftrl_paper(0.5, 0.1, l1=1.5))
    yield "formula FTRL-Proximal l1 l2", "ftrl:lr=0.3,beta=0.5,l1=0.7,l2=2", run_formula(ftrl_paper(0.3, 0.5, 0.7, 2))
    yield "keras Ftrl", "ftrl:preset=keras", keras_ftrl()
    yield "keras Ftrl l1 l2", "ftrl:preset=keras,lr=0.2,initial=0.5,beta=0.3,l1=1.2,l2=0.4", keras_ftrl(0.2, 0.5, 1.2, 0.4, 0.3)

    # RMSProp
    yield "torch RMSprop", "rmsprop:preset=torch,lr=0.02", run_torch(lambda p: T.RMSprop(p, lr=0.02))
    yield "torch RMSprop momentum", "rmsprop:preset=torch,lr=0.01,momentum=0.8", run_torch(
        lambda p: T.RMSprop(p, lr=0.01, momentum=0.8))
    yield "torch RMSprop momentum decaying", "rmsprop:preset=torch,lr=inverse(0.01,0.1),momentum=0.8", run_torch(
        lambda p: T.RMSprop(p, lr=0.01, momentum=0.8), schedule=decaying)
    yield "torch RMSprop centered", "rmsprop:preset=torch,lr=0.01,gamma=0.9,centered=true,eps=1e-4", run_torch(
        lambda p: T.RMSprop(p, lr=0.01, alpha=0.9, centered=True, eps=1e-4))
    yield "torch RMSprop centered momentum", "rmsprop:preset=torch,lr=0.01,centered=true,momentum=0.7", run_torch(
        lambda p: T.RMSprop(p, lr=0.01, centered=True, momentum=0.7))
    yield "optax rmsprop", "rmsprop:preset=optax,lr=0.02", run_optax(O.rmsprop(0.02))
    yield "optax rmsprop eps outside", "rmsprop:preset=optax,lr=0.02,eps=1e-3,eps-place=outside", run_optax(
        O.rmsprop(0.02, eps=1e-3, eps_in_sqrt=False))
    yield "optax rmsprop eps inside", "rmsprop:preset=optax,lr=0.02,eps=1e-3", run_optax(O.rmsprop(0.02, eps=1e-3))
    yield "optax rmsprop centered", "rmsprop:preset=optax,lr=0.01,centered=true,eps=1e-6", run_optax(
        O.rmsprop(0.01, centered=True, eps=1e-6))
    yield "optax rmsprop momentum decaying", "rmsprop:preset=optax,lr=inverse(0.01,0.1),momentum=0.8", run_optax(
        O.rmsprop(optax_decaying(0.01), momentum=0.8))
    yield "optax rmsprop nesterov", "rmsprop:preset=optax,lr=inverse(0.01,0.1),momentum=0.8,nesterov=true", run_optax(
        O.rmsprop(optax_decaying(0.01), momentum=0.8, nesterov=True))
    yield "optax rmsprop initial_scale", "rmsprop:preset=optax,lr=0.02,initial=0.3,gamma=0.8", run_optax(
        O.rmsprop(0.02, decay=0.8, initial_scale=0.3))
    yield "optax rmsprop bias_correction", "rmsprop:preset=optax,lr=0.02,corrected=true", run_optax(
        O.rmsprop(0.02, bias_correction=True))
    yield ("optax rmsprop centered bias_correction",
           "rmsprop:preset=optax,lr=0.01,centered=true,corrected=true,initial=0.3,eps=1e-3,eps-place=outside",
           run_optax(O.rmsprop(0.01, centered=True, bias_correction=True, initial_scale=0.3, eps=1e-3,
                               eps_in_sqrt=False)))
    yield "keras RMSprop", "rmsprop:preset=keras,lr=0.02", run_keras(K.RMSprop(0.02))
    yield "keras RMSprop centered", "rmsprop:preset=keras,lr=0.01,centered=true,eps=1e-6", run_keras(
        K.RMSprop(0.01, centered=True, epsilon=1e-6))
    yield "keras RMSprop momentum", "rmsprop:preset=keras,lr=0.01,momentum=0.8", run_keras(
        K.RMSprop(0.01, momentum=0.8))
    yield "keras RMSprop momentum decaying", "rmsprop:preset=keras,lr=inverse(0.01,0.1),momentum=0.8", run_keras(
        K.RMSprop(keras_decaying(0.01), momentum=0.8))

    # AdaDelta
    yield "torch Adadelta", "adadelta:preset=torch", run_torch(lambda p: T.Adadelta(p))
    yield "torch Adadelta lr", "adadelta:preset=torch,lr=20,rho=0.8,eps=1e-4", run_torch(
        lambda p: T.Adadelta(p, lr=20, rho=0.8, eps=1e-4))
    yield "optax adadelta", "adadelta:preset=optax,lr=20,eps=1e-4", run_optax(O.adadelta(20, eps=1e-4))
    yield "keras Adadelta", "adadelta:preset=keras", run_keras(K.Adadelta())
    yield "keras Adadelta lr", "adadelta:preset=keras,lr=20,rho=0.8,eps=1e-4", run_keras(
        K.Adadelta(20.0, rho=0.8, epsilon=1e-4))

    # Adam
    yield "torch Adam", "adam:preset=torch", run_torch(lambda p: T.Adam(p))
    yield "torch Adam betas", "adam:preset=torch,lr=0.05,beta1=0.5,beta2=0.8,eps=1e-3", run_torch(
        lambda p: T.Adam(p, lr=0.05, betas=(0.5, 0.8), eps=1e-3))
    yield "torch Adam decaying", "adam:preset=torch,lr=" + INVERSE, run_torch(
        lambda p: T.Adam(p, lr=0.05), schedule=decaying)
    yield "torch Adam weight_decay", "adam with L2", run_torch(lambda p: T.Adam(p, lr=0.05, weight_decay=0.1))
    yield "optax adam", "adam:preset=optax,lr=0.05", run_optax(O.adam(0.05))
    yield "optax adam eps_root", "adam:preset=optax,lr=0.05,eps-root=1e-4,eps=1e-3", run_optax(
        O.adam(0.05, eps_root=1e-4, eps=1e-3))
    yield "optax rmsprop as Adam", "adam:preset=optax,lr=0.05,beta1=0,beta2=0.95", run_optax(
        O.rmsprop(0.05, decay=0.95, eps_in_sqrt=False, bias_correction=True))
    yield "keras Adam", "adam:preset=keras", run_keras(K.Adam())
    yield "keras Adam epsilon", "adam:preset=keras,lr=0.05,beta1=0.5,beta2=0.8,eps=1e-2", run_keras(
        K.Adam(0.05, beta_1=0.5, beta_2=0.8, epsilon=1e-2))

    # AMSGrad: three forms
    yield "torch Adam amsgrad", "amsgrad:preset=torch,lr=0.05,beta2=0.95", run_torch(
        lambda p: T.Adam(p, lr=0.05, betas=(0.9, 0.95), amsgrad=True))
    yield "optax amsgrad", "amsgrad:preset=optax,lr=0.05,beta2=0.95", run_optax(O.amsgrad(0.05, b2=0.95))
    yield "optax amsgrad eps_root", "amsgrad:preset=optax,lr=0.05,beta2=0.95,eps-root=1e-3", run_optax(
        O.amsgrad(0.05, b2=0.95, eps_root=1e-3))
    yield "optax amsgrad uncorrected", "amsgrad:preset=optax,form=paper,lr=0.05,beta2=0.95", run_optax(
        O.amsgrad(0.05, b2=0.95, bias_correction_mu=False, bias_correction_nu=False))
    yield "keras Adam amsgrad", "amsgrad:preset=keras,lr=0.05,beta2=0.95,eps=1e-3", run_keras(
        K.Adam(0.05, beta_2=0.95, epsilon=1e-3, amsgrad=True))
    yield "formula AMSGrad", "amsgrad:lr=0.05,beta2=0.95", run_formula(amsgrad_paper())

    # AdamW
    yield "torch AdamW", "adamw:preset=torch", run_torch(lambda p: T.AdamW(p))
    yield "torch AdamW weight_decay", "adamw:preset=torch,lr=0.05,weight-decay=0.3", run_torch(
        lambda p: T.AdamW(p, lr=0.05, weight_decay=0.3))
    yield "torch AdamW decaying", "adamw:preset=torch,lr=inverse(0.05,0.1),weight-decay=0.3", run_torch(
        lambda p: T.AdamW(p, lr=0.05, weight_decay=0.3), schedule=decaying)
    yield "optax adamw", "adamw:preset=optax,lr=0.05", run_optax(O.adamw(0.05))
    yield "optax adamw decaying", "adamw:preset=optax,lr=inverse(0.05,0.1),weight-decay=0.3", run_optax(
        O.adamw(optax_decaying(0.05), weight_decay=0.3))
    yield "optax adamw mask", "adamw but for the second half", run_optax(
        O.adamw(0.05, weight_decay=0.3, mask=[True, False]), HALVES)
    yield "keras AdamW", "adamw:preset=keras", run_keras(K.AdamW())
    yield "keras AdamW weight_decay", "adamw:preset=keras,lr=0.05,weight-decay=0.3,eps=1e-2", run_keras(
        K.AdamW(0.05, weight_decay=0.3, epsilon=1e-2))

    # NAdam
    yield "torch NAdam", "nadam:preset=torch", run_torch(lambda p: T.NAdam(p))
    yield "torch NAdam momentum_decay", "nadam:preset=torch,lr=0.05,beta1=0.8,beta2=0.9,momentum-decay=0.5", run_torch(
        lambda p: T.NAdam(p, lr=0.05, betas=(0.8, 0.9), momentum_decay=0.5))
    yield "optax nadam", "nadam:preset=optax,lr=0.05,beta1=0.8,beta2=0.9", run_optax(O.nadam(0.05, b1=0.8, b2=0.9))
    yield "keras Nadam", "nadam:preset=keras", run_keras(K.Nadam())
    yield "keras Nadam betas", "nadam:preset=keras,lr=0.05,beta1=0.8,beta2=0.9,eps=1e-3", run_keras(
        K.Nadam(0.05, beta_1=0.8, beta_2=0.9, epsilon=1e-3))

    # NAG-GS
    yield "formula NAG-GS", "nag-gs", run_formula(naggs_paper(0.05, 1, 1.5))
    yield "formula NAG-GS mu", "nag-gs:lr=0.2,mu=0.5,gamma=3", run_formula(naggs_paper(0.2, 0.5, 3))
    yield "formula NAGGS torch", "nag-gs:preset=torch", run_formula(naggs_torch(0.01, 1, 1))
    yield "formula NAGGS torch mu", "nag-gs:preset=torch,lr=0.2,mu=0.5,gamma=3", run_formula(naggs_torch(0.2, 0.5, 3))
    yield "formula NAG4", "nag-gs:form=frozen,lr=0.2,mu=0.5,gamma=3", run_formula(naggs_frozen(0.2, 0.5, 3))

    # Schedule-Free: optax looks at the step size of the next step, and Keras decays another point
    F = schedulefree
    yield "schedulefree SGD", "schedule-free-sgd:lr=0.2", run_torch(lambda p: F.SGDScheduleFree(p, lr=0.2), beta=0.9)
    yield "schedulefree SGD warm-up", "schedule-free-sgd:lr=warmup(5,0.3),momentum=0.7,weight-decay=0.1,weight-step-power=1.5", run_torch(
        lambda p: F.SGDScheduleFree(p, lr=0.3, momentum=0.7, weight_decay=0.1, warmup_steps=5, r=1.5), beta=0.7)
    yield "optax schedule_free_sgd", "schedule-free-sgd:preset=optax,lr=0.2,weight-decay=0.1,weight-lr-power=1", run_optax(
        contrib.schedule_free_sgd(0.2, weight_decay=0.1, weight_lr_power=1.0))
    yield "schedulefree AdamW", "schedule-free-adamw", run_torch(lambda p: F.AdamWScheduleFree(p), beta=0.9)
    yield "schedulefree AdamW warm-up", "schedule-free-adamw:lr=warmup(10,0.1),beta1=0.8,beta2=0.95,eps=1e-3,weight-decay=0.3,weight-lr-power=1", run_torch(
        lambda p: F.AdamWScheduleFree(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3, warmup_steps=10, weight_lr_power=1),
        beta=0.8)
    yield "optax schedule_free_adamw", "schedule-free-adamw:preset=optax,lr=0.05,beta2=0.95,weight-decay=0.3", run_optax(
        contrib.schedule_free_adamw(0.05, b2=0.95, weight_decay=0.3))
    yield "keras ScheduleFreeAdamW", "schedule-free-adamw:preset=keras", run_keras(K.ScheduleFreeAdamW())
    yield "keras ScheduleFreeAdamW warm-up", "schedule-free-adamw:preset=keras,lr=warmup(10,0.1),beta1=0.8,beta2=0.95,eps=1e-3", run_keras(
        K.ScheduleFreeAdamW(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3, warmup_steps=10))

    # Prodigy
    yield "prodigyopt", "prodigy", run_torch(lambda p: prodigyopt.Prodigy(p), HALVES)
    yield "prodigyopt weight_decay", "prodigy:lr=inverse(0.5,0.1),beta1=0.8,beta2=0.95,beta3=0.9,eps=1e-3,weight-decay=0.1,d0=0.01,d-factor=2,corrected=true", run_torch(
        lambda p: prodigyopt.Prodigy(p, lr=0.5, betas=(0.8, 0.95), beta3=0.9, eps=1e-3, weight_decay=0.1, d0=0.01, d_coef=2,
                                     use_bias_correction=True), HALVES, schedule=decaying)
    yield "prodigyopt safeguard_warmup", "prodigy:lr=warmup(10,1),d0=0.001,safeguard-warmup=true", run_torch(
        lambda p: prodigyopt.Prodigy(p, d0=0.001, safeguard_warmup=True), HALVES,
        schedule=lambda o: lr_scheduler.LinearLR(o, 0.1, 1, 9))
    yield "optax prodigy", "prodigy:preset=optax,d0=0.01,weight-decay=0.1", run_optax(
        contrib.prodigy(estim_lr0=0.01, weight_decay=0.1), HALVES)

    # RAdam, Adamax, AdaBelief, Yogi
    P = pytorch_optimizer
    yield "torch RAdam", "radam:preset=torch,lr=0.05,beta2=0.9", run_torch(lambda p: T.RAdam(p, lr=0.05, betas=(0.9, 0.9)))
    yield "torch RAdam defaults", "radam:preset=torch", run_torch(lambda p: T.RAdam(p))
    yield "optax radam", "radam:preset=optax,lr=0.05,beta1=0.8,beta2=0.95,eps=1e-3", run_optax(O.radam(0.05, b1=0.8, b2=0.95, eps=1e-3))
    yield "torch Adamax", "adamax:preset=torch", run_torch(lambda p: T.Adamax(p))
    yield "torch Adamax eps", "adamax:preset=torch,lr=0.05,beta1=0.8,beta2=0.9,eps=1e-2", run_torch(
        lambda p: T.Adamax(p, lr=0.05, betas=(0.8, 0.9), eps=1e-2))
    yield "optax adamax", "adamax:preset=optax,lr=0.05", run_optax(O.adamax(0.05))
    yield "keras Adamax", "adamax:preset=keras,lr=0.05,eps=1e-3", run_keras(K.Adamax(0.05, epsilon=1e-3))
    yield "optax adabelief", "adabelief", run_optax(O.adabelief(1e-3))
    yield "optax adabelief eps", "adabelief:lr=0.05,beta1=0.8,beta2=0.95,eps=1e-4", run_optax(
        O.adabelief(0.05, b1=0.8, b2=0.95, eps=1e-4, eps_root=1e-4))
    yield "pytorch_optimizer AdaBelief", "adabelief:lr=0.05,eps=1e-6", run_torch(
        lambda p: P.AdaBelief(p, lr=0.05, eps=1e-6, weight_decay=0.0, rectify=False))
    yield "optax yogi", "yogi:preset=optax", run_optax(O.yogi(0.01))
    yield "optax yogi eps", "yogi:lr=0.05,beta1=0.8,beta2=0.95,eps=1e-2,initial=1e-3,mean=1e-3", run_optax(
        O.chain(O.scale_by_yogi(b1=0.8, b2=0.95, eps=1e-2, initial_accumulator_value=1e-3), O.scale_by_learning_rate(0.05)))

    # AdEMAMix, ADOPT, Adan, StableAdamW, MARS
    yield "optax ademamix", "ademamix", run_optax(contrib.ademamix(1e-3))
    yield "optax ademamix weight_decay", "ademamix:lr=0.05,beta1=0.8,beta2=0.95,beta3=0.99,mix=3,eps=1e-3,weight-decay=0.1", run_optax(
        contrib.ademamix(0.05, b1=0.8, b2=0.95, b3=0.99, alpha=3, eps=1e-3, weight_decay=0.1))
    yield "pytorch_optimizer AdEMAMix warm-up", "ademamix:lr=0.01,beta3=0.999,warmup=50", run_torch(
        lambda p: P.AdEMAMix(p, lr=0.01, betas=(0.9, 0.999, 0.999), t_alpha_beta3=50))
    yield "optax adopt", "adopt", run_optax(contrib.adopt(1e-3))
    yield "optax adopt beta2", "adopt:lr=0.05,beta1=0.8,beta2=0.9,eps=1e-3", run_optax(contrib.adopt(0.05, b1=0.8, b2=0.9, eps=1e-3))
    yield "pytorch_optimizer Adan", "adan:lr=0.05", run_torch(lambda p: P.Adan(p, lr=0.05))
    yield "pytorch_optimizer Adan weight_decay", "adan:lr=0.05,beta1=0.9,beta2=0.8,beta3=0.95,eps=1e-3,weight-decay=0.1", run_torch(
        lambda p: P.Adan(p, lr=0.05, betas=(0.9, 0.8, 0.95), eps=1e-3, weight_decay=0.1))
    yield "optax adan", "adan:preset=optax,lr=0.05,weight-decay=0.1", run_optax(O.adan(0.05, weight_decay=0.1))
    yield "pytorch_optimizer StableAdamW", "stable-adamw", run_torch(lambda p: P.StableAdamW(p), HALVES)
    yield "pytorch_optimizer StableAdamW weight_decay", "stable-adamw:lr=0.05,beta1=0.8,beta2=0.5,eps=1e-4,weight-decay=0.3", run_torch(
        lambda p: P.StableAdamW(p, lr=0.05, betas=(0.8, 0.5), eps=1e-4, weight_decay=0.3), HALVES)
    yield "pytorch_optimizer MARS", "mars:eps=1e-300", run_torch(
        lambda p: Mars(p, eps=1e-300, foreach=False, optimize_1d=True), HALVES)
    yield "pytorch_optimizer MARS weight_decay", "mars:lr=0.05,beta1=0.9,beta2=0.95,gamma=0.1,eps=1e-300,weight-decay=0.3", run_torch(
        lambda p: Mars(p, lr=0.05, betas=(0.9, 0.95), gamma=0.1, eps=1e-300, weight_decay=0.3, foreach=False, optimize_1d=True), HALVES)

    # LAMB, LARS, DoG, Rprop, Lookahead
    yield "optax lamb", "lamb", run_optax(O.lamb(1e-3), HALVES)
    yield "optax lamb weight_decay", "lamb:lr=0.05,beta1=0.8,beta2=0.95,eps=1e-3,weight-decay=0.3", run_optax(
        O.lamb(0.05, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.3), HALVES)
    yield "keras Lamb", "lamb:lr=0.01,eps=1e-7", run_keras(K.Lamb(0.01), HALVES)
    yield "optax lars", "lars:lr=0.5", run_optax(O.lars(0.5), HALVES)
    yield "optax lars nesterov", "lars:lr=2,momentum=0.8,trust=0.01,weight-decay=0.1,nesterov=true", run_optax(
        O.lars(2, weight_decay=0.1, trust_coefficient=0.01, momentum=0.8, nesterov=True), HALVES)
    yield "optax dog", "dog", run_optax(contrib.dog(), HALVES)
    yield "optax dog factor", "dog:lr=0.5,initial=0.01,eps=1e-3", run_optax(contrib.dog(0.5, ("heuristic", 0.01), 1e-3), HALVES)
    yield "optax dog by layers", "dog:initial=0.01,layered=true", run_optax(
        O.partition({i: contrib.dog(1.0, ("heuristic", 0.01)) for i in range(2)}, [0, 1]), HALVES)
    yield "torch Rprop", "rprop:min=0.05,max=4", run_torch(lambda p: T.Rprop(p, lr=0.01, step_sizes=(0.0005, 0.04)))
    yield "torch Rprop etas", "rprop:lr=0.1,shrink=0.7,grow=1.1,min=1e-5,max=500", run_torch(
        lambda p: T.Rprop(p, lr=0.1, etas=(0.7, 1.1)))
    # optax's rprop makes each update a step late, and is left out
    yield "pytorch_optimizer Lookahead", "adam:lr=0.05+lookahead", run_torch(lambda p: P.Lookahead(T.Adam(p, lr=0.05)))
    yield "pytorch_optimizer Lookahead k", "heavy-ball:lr=0.02+lookahead:3,alpha=0.8", run_torch(
        lambda p: P.Lookahead(T.SGD(p, lr=0.02, momentum=0.9), k=3, alpha=0.8))

    # cautious updates
    yield "pytorch_optimizer Lion cautious", "lion:lr=0.01,weight-decay=0.3+cautious", run_torch(
        lambda p: P.Lion(p, lr=0.01, weight_decay=0.3, cautious=True), HALVES)
    yield "formula cautious Adam of timm", "adam:lr=0.05,beta2=0.95+cautious:share", run_formula(cautious_adam())

    # Lion, Fromage, sign and normalized descent
    yield "optax lion", "lion:preset=optax", run_optax(O.lion(1e-4))
    yield "optax lion weight_decay", "lion:preset=optax,lr=0.01,beta1=0.8,beta2=0.95,weight-decay=0.3", run_optax(
        O.lion(0.01, b1=0.8, b2=0.95, weight_decay=0.3))
    yield "keras Lion", "lion:preset=keras", run_keras(K.Lion())
    yield "keras Lion weight_decay", "lion:preset=keras,lr=0.01,weight-decay=0.3", run_keras(
        K.Lion(0.01, weight_decay=0.3))
    yield "optax fromage", "fromage:preset=optax,lr=0.05", run_optax(O.fromage(0.05), HALVES)
    yield "optax fromage min_norm", "fromage:preset=optax,lr=0.05,min-norm=2", run_optax(
        O.fromage(0.05, min_norm=2), HALVES)
    yield "optax sign_sgd", "sign:lr=0.01", run_optax(O.sign_sgd(0.01))
    yield "optax normalize_by_update_norm", "normalized:lr=0.05", run_optax(
        O.chain(O.normalize_by_update_norm(eps=0), O.scale_by_learning_rate(0.05)), HALVES)

    # clipping and accumulation
    yield "optax clip", "clip 0.5, adam", run_optax(O.chain(O.clip(0.5), O.adam(0.05)))
    yield "optax clip_by_global_norm", "clip norm 1, sgd", run_optax(
        O.chain(O.clip_by_global_norm(1), O.sgd(0.05)), HALVES)
    yield "optax clip_by_global_norm in the middle", "adam, clip norm 1", run_optax(
        O.chain(O.scale_by_adam(), O.clip_by_global_norm(1), O.scale_by_learning_rate(0.05)), HALVES)
    yield "torch clip_grad_value_", "clip 0.5, adam", run_torch(
        lambda p: T.Adam(p, lr=0.05), before=lambda p: torch.nn.utils.clip_grad_value_(p, 0.5))
    double = dict(accumulator_dtype=jnp.float64)  # optax would accumulate in float32 even here
    yield "optax MultiSteps", "accumulate 3, adam", run_optax(O.MultiSteps(O.adam(0.05), 3, **double))
    yield "optax MultiSteps clip", "accumulate 4, clip norm 1, heavy ball", run_optax(
        O.MultiSteps(O.chain(O.clip_by_global_norm(1), O.sgd(optax_decaying(0.05), momentum=0.9)), 4, **double), HALVES)


def defaults():
    """The defaults of each reference, by the names of our options."""

    def read(spec, function, **names):
        signature = inspect.signature(function).parameters
        want = {}
        for ours, theirs in names.items():
            name, *index = theirs if isinstance(theirs, tuple) else (theirs,)
            value = signature[name].default
            want[ours.replace("_", "-")] = float(value[index[0]] if index else value)
        return {"spec": spec, "want": want}

    betas = dict(beta1=("betas", 0), beta2=("betas", 1))
    b12 = dict(beta1="b1", beta2="b2")
    beta_12 = dict(beta1="beta_1", beta2="beta_2")
    yield read("heavy-ball:preset=torch", T.SGD, lr="lr")
    yield read("nesterov:preset=torch", T.SGD, lr="lr")
    yield read("heavy-ball:preset=keras", K.SGD, lr="learning_rate")
    yield read("nesterov:preset=keras", K.SGD, lr="learning_rate")
    yield read("adagrad:preset=torch", T.Adagrad, lr="lr", initial="initial_accumulator_value", eps="eps")
    yield read("adagrad:preset=optax", O.adagrad, initial="initial_accumulator_value", eps="eps")
    yield read("adagrad:preset=keras", K.Adagrad, lr="learning_rate", initial="initial_accumulator_value",
               eps="epsilon")
    yield read("ftrl:preset=keras", K.Ftrl, lr="learning_rate", initial="initial_accumulator_value", beta="beta",
               l1="l1_regularization_strength", l2="l2_regularization_strength")
    yield read("rmsprop:preset=torch", T.RMSprop, lr="lr", gamma="alpha", eps="eps", momentum="momentum")
    yield read("rmsprop:preset=optax", O.rmsprop, gamma="decay", eps="eps", initial="initial_scale")
    yield read("rmsprop:preset=keras", K.RMSprop, lr="learning_rate", gamma="rho", eps="epsilon", momentum="momentum")
    yield read("adadelta:preset=torch", T.Adadelta, lr="lr", rho="rho", eps="eps")
    yield read("adadelta:preset=optax", O.adadelta, rho="rho", eps="eps")
    yield read("adadelta:preset=keras", K.Adadelta, lr="learning_rate", rho="rho", eps="epsilon")
    for method in "adam", "amsgrad":
        yield read(method + ":preset=torch", T.Adam, lr="lr", eps="eps", **betas)
        yield read(method + ":preset=optax", getattr(O, method), eps="eps", eps_root="eps_root", **b12)
        yield read(method + ":preset=keras", K.Adam, lr="learning_rate", eps="epsilon", **beta_12)
    yield read("adamw:preset=torch", T.AdamW, lr="lr", eps="eps", weight_decay="weight_decay", **betas)
    yield read("adamw:preset=optax", O.adamw, eps="eps", weight_decay="weight_decay", **b12)
    yield read("adamw:preset=keras", K.AdamW, lr="learning_rate", eps="epsilon", weight_decay="weight_decay", **beta_12)
    yield read("nadam:preset=torch", T.NAdam, lr="lr", eps="eps", momentum_decay="momentum_decay", **betas)
    yield read("nadam:preset=optax", O.adam, eps="eps", **b12)
    yield read("nadam:preset=keras", K.Nadam, lr="learning_rate", eps="epsilon", **beta_12)
    yield read("schedule-free-sgd", schedulefree.SGDScheduleFree, lr="lr", momentum="momentum", weight_decay="weight_decay",
               weight_lr_power="weight_lr_power", weight_step_power="r")
    yield read("schedule-free-sgd:preset=optax", contrib.schedule_free_sgd, lr="learning_rate", momentum="b1",
               weight_lr_power="weight_lr_power")
    yield read("schedule-free-adamw", schedulefree.AdamWScheduleFree, lr="lr", eps="eps", weight_decay="weight_decay",
               weight_lr_power="weight_lr_power", weight_step_power="r", **betas)
    yield read("schedule-free-adamw:preset=optax", contrib.schedule_free_adamw, lr="learning_rate", eps="eps",
               weight_decay="weight_decay", weight_lr_power="weight_lr_power", **b12)
    yield read("schedule-free-adamw:preset=keras", K.ScheduleFreeAdamW, lr="learning_rate", eps="epsilon", **beta_12)
    yield read("prodigy", prodigyopt.Prodigy, lr="lr", eps="eps", weight_decay="weight_decay", d0="d0", d_factor="d_coef", **betas)
    yield read("prodigy:preset=optax", contrib.prodigy, lr="learning_rate", eps="eps", weight_decay="weight_decay",
               d0="estim_lr0", d_factor="estim_lr_coef", **betas)
    for preset, function, names in ("torch", T.RAdam, betas), ("optax", O.radam, b12):
        yield read("radam:preset=" + preset, function, eps="eps", **names)
    yield read("adamax:preset=torch", T.Adamax, lr="lr", eps="eps", **betas)
    yield read("adamax:preset=keras", K.Adamax, lr="learning_rate", eps="epsilon", **beta_12)
    yield read("adabelief", O.adabelief, eps="eps", **b12)
    yield read("yogi:preset=optax", O.yogi, eps="eps", **b12)
    yield read("ademamix", contrib.ademamix, eps="eps", beta3="b3", mix="alpha", weight_decay="weight_decay", **b12)
    yield read("adopt", contrib.adopt, eps="eps", **b12)
    yield read("adan", pytorch_optimizer.Adan, lr="lr", eps="eps", weight_decay="weight_decay", beta3=("betas", 2), **betas)
    yield read("adan:preset=optax", O.adan, eps="eps", eps_root="eps_root", weight_decay="weight_decay", beta3="b3", **b12)
    yield read("stable-adamw", pytorch_optimizer.StableAdamW, lr="lr", eps="eps", weight_decay="weight_decay", **betas)
    yield read("mars", pytorch_optimizer.MARS, lr="lr", gamma="gamma", eps="eps", weight_decay="weight_decay", **betas)
    yield read("lamb", O.lamb, eps="eps", weight_decay="weight_decay", **b12)
    yield read("lars", O.lars, momentum="momentum", trust="trust_coefficient", weight_decay="weight_decay")
    yield read("dog", contrib.dog, lr="learning_rate", eps="eps")
    yield read("lion:preset=optax", O.lion, weight_decay="weight_decay", **b12)
    yield read("lion:preset=keras", K.Lion, lr="learning_rate", **beta_12)
    yield read("fromage:preset=optax", O.fromage, min_norm="min_norm")


AT = [0, 1, 2, 9, 10, 11, 24, 25, 49, 50, 79, 80, 90, 99, 100, 101, 150]


def torch_schedule(make, lr=0.1):
    optimizer = T.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler, values = make(optimizer), []
    for k in range(max(AT) + 1):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return [values[k] for k in AT]


def optax_schedule(schedule):
    return [float(schedule(jnp.asarray(k, dtype=jnp.float64))) for k in AT]


def keras_schedule(schedule):
    return [float(schedule(jnp.asarray(k, dtype=jnp.float64))) for k in AT]


def schedules():
    S, L = K.schedules, lr_scheduler
    yield "optax constant_schedule", "0.1", optax_schedule(lambda k: O.constant_schedule(0.1)(k))
    yield "torch LambdaLR", "invsqrt(0.1)", torch_schedule(lambda o: L.LambdaLR(o, lambda k: (k + 1) ** -0.5))
    yield "keras InverseTimeDecay", "inverse(0.1, 0.05)", keras_schedule(S.InverseTimeDecay(0.1, 1, 0.05))
    yield "optax polynomial_schedule", "polynomial(0.1, 0.01, 100, 2)", optax_schedule(
        O.polynomial_schedule(0.1, 0.01, 2, 100))
    yield "optax linear_schedule", "polynomial(0.1, 0.01, 100)", optax_schedule(O.linear_schedule(0.1, 0.01, 100))
    yield "torch LinearLR", "polynomial(0.1, 0.01, 100)", torch_schedule(lambda o: L.LinearLR(o, 1, 0.1, 100))
    yield "torch PolynomialLR", "polynomial(0.1, 0, 100, 3)", torch_schedule(lambda o: L.PolynomialLR(o, 100, 3))
    yield "keras PolynomialDecay", "polynomial(0.1, 0.02, 50, 0.5)", keras_schedule(
        S.PolynomialDecay(0.1, 50, 0.02, 0.5))
    yield "optax exponential_decay", "exponential(0.1, 0.5, 10)", optax_schedule(O.exponential_decay(0.1, 10, 0.5))
    yield "torch ExponentialLR", "exponential(0.1, 0.97)", torch_schedule(lambda o: L.ExponentialLR(o, 0.97))
    yield "keras ExponentialDecay", "exponential(0.1, 0.5, 10)", keras_schedule(S.ExponentialDecay(0.1, 10, 0.5))
    yield "optax exponential_decay staircase", "step(0.1, 0.5, 10)", optax_schedule(
        O.exponential_decay(0.1, 10, 0.5, staircase=True))
    yield "torch StepLR", "step(0.1, 0.5, 10)", torch_schedule(lambda o: L.StepLR(o, 10, 0.5))
    yield "optax cosine_decay_schedule", "cosine(0.1, 0.01, 100)", optax_schedule(
        O.cosine_decay_schedule(0.1, 100, alpha=0.1))
    # Keras is left out, which computes its CosineDecay in float32; torch's goes up again after step T_max
    cosine = torch_schedule(lambda o: L.CosineAnnealingLR(o, 100, 0.01))
    yield "torch CosineAnnealingLR", "cosine(0.1, 0.01, 100)", [v for k, v in zip(AT, cosine) if k <= 100]
    yield "optax piecewise_constant_schedule", "piecewise(0.1, 10, 0.05, 50, 0.01)", optax_schedule(
        O.piecewise_constant_schedule(0.1, {10: 0.5, 50: 0.2}))
    yield "torch MultiStepLR", "piecewise(0.1, 10, 0.01, 50, 0.001)", torch_schedule(
        lambda o: L.MultiStepLR(o, [10, 50], 0.1))
    # Keras changes one step later than optax and torch: its pieces include their right end
    yield "keras PiecewiseConstantDecay", "piecewise(0.1, 11, 0.05, 51, 0.01)", keras_schedule(
        S.PiecewiseConstantDecay([10, 50], [0.1, 0.05, 0.01]))
    # a warm-up of n steps that reaches the peak in step n−1 starts at peak/n and rises for n−1 steps
    yield "optax warmup_constant_schedule", "warmup(10, 0.1)", optax_schedule(
        O.warmup_constant_schedule(0.01, 0.1, 9))
    yield "torch LinearLR warm-up", "warmup(10, 0.1)", torch_schedule(lambda o: L.LinearLR(o, 0.1, 1, 9))
    yield "torch ChainedScheduler", "warmup(10, exponential(0.1, 0.97))", torch_schedule(
        lambda o: L.ChainedScheduler([L.LinearLR(o, 0.1, 1, 9), L.ExponentialLR(o, 0.97)]))
    yield "optax join_schedules", "trapezoid(0.1, 0.01, 10, 20, 100)", optax_schedule(O.join_schedules(
        [O.linear_schedule(0.01, 0.1, 9), O.constant_schedule(0.1), O.linear_schedule(0.1, 0.01, 20)], [9, 80]))


VERSIONS = {name: importlib.metadata.version(name) for name in (
    "jax", "keras", "numpy", "optax", "prodigyopt", "pytorch_optimizer", "schedulefree", "torch")}
HERE = pathlib.Path(__file__).parent


def write(path, **parts):
    """One line a case, each number with the digits that give it back."""
    lines = []
    for key, value in parts.items():
        if isinstance(value, list):
            value = "[\n" + ",\n".join(json.dumps(v, ensure_ascii=False) for v in value) + "\n]"
        else:
            value = json.dumps(value)
        lines.append(f"{json.dumps(key)}: {value}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


write(
    HERE / "golden.json",
    versions=VERSIONS,
    curvature=CURVATURE.tolist(),
    scale=SCALE.tolist(),
    start=[X0.tolist()],
    noise=NOISE.tolist(),
    keep=KEEP,
    cases=[dict(name=n, spec=s, x=x) for n, s, x in cases()],
    defaults=list(defaults()),
)
write(
    HERE.parent / "schedule" / "testdata" / "golden.json",
    versions=VERSIONS,
    at=AT,
    cases=[dict(name=n, spec=s, values=v) for n, s, v in schedules()],
)
