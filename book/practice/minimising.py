"""What the symbols of the equations of `minimising.md` stand for."""

from itertools import permutations, product

import numpy as np
import torch
from scipy.special import expit

import lossbook
from lossbook_extensions.draws import only
from press.bindings import equation

COST, THETA, NEW_THETA = r"J(\theta)", r"\theta", r"\theta'"
LR, MU, TAU, EPS = r"\eta", r"\mu", r"\tau", r"\epsilon"
MEAN, ESTIMATE = r"\bar{g}", r"\hat{g}"
EXPECTED, VARIANCE = r"\mathbb{E}[\hat{g}]", r"\operatorname{Var}(\hat{g})"
EVERY_BATCH = "每个小批量 | every mini-batch"


# --- a cost and its mini-batches


def flowers(rng):
    N = rng.integers(3, 6)
    x, y, theta = rng.normal(size=N), rng.integers(0, 2, N), rng.normal(size=2)
    return N, x, y, theta


def two_parameters(x, y):
    return lambda theta: lossbook.binary_cross_entropy_with_logits(
        theta[0] + theta[1] * x, y.astype(float)
    )


@equation("eq-two-parameter-cost", "lossbook.classification.binary_cross_entropy_with_logits")
def _(rng):
    N, x, y, theta = flowers(rng)
    z = theta[0] + theta[1] * x
    return {COST: two_parameters(x, y)(theta), "N": N, "z": z, "y": y}


@equation("eq-two-parameter-cost-grad", "lossbook.classification.binary_cross_entropy_with_logits")
def _(rng):
    N, x, y, theta = flowers(rng)
    z = theta[0] + theta[1] * x
    cost = two_parameters(x, y)
    return {"J": cost, THETA: theta, "N": N, "z": z, "y": y, "x": x, r"\sigma": expit}


@equation("eq-full-gradient", "NumPy")
def _(rng):
    g = rng.normal(size=rng.integers(2, 6))
    return {MEAN: g.mean(), "g": g, "N": len(g)}


@equation("eq-mini-batch-gradient", "NumPy")
def _(rng):
    g, B = rng.normal(size=5), rng.integers(2, 5)
    rows = rng.integers(5, size=B)
    return {ESTIMATE: g[rows].mean(), "g": g, "B": B, "I": rows + 1}


def batches(rng, *, replacement):
    """The gradients of a few samples, and the means of all mini-batches that can be drawn."""
    N, B = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    g = rng.normal(size=N)
    draws = product(range(N), repeat=B) if replacement else permutations(range(N), B)
    return g, N, B, g[np.array(list(draws))]


@equation("eq-mini-batch-unbiased", EVERY_BATCH)
def _(rng):
    g, N, B, drawn = batches(rng, replacement=rng.integers(2) == 0)
    return {
        EXPECTED: drawn.mean(axis=1).mean(),
        r"\mathbb{E}[g_{I_b}]": drawn[:, 0].mean(),
        MEAN: g.mean(),
        "g": g,
        "N": N,
        "B": B,
    }


@equation("eq-mini-batch-variance-terms", EVERY_BATCH)
def _(rng):
    g, _, B, drawn = batches(rng, replacement=rng.integers(2) == 0)
    d = drawn - g.mean()
    return {
        VARIANCE: drawn.mean(axis=1).var(),
        r"\mathbb{E}[d_{I_b}^2]": np.mean(d[:, 0] ** 2),
        r"\mathbb{E}[d_{I_b} d_{I_c}]": np.mean(d[:, 0] * d[:, 1]),
        "B": B,
    }


@equation("eq-mini-batch-variance", EVERY_BATCH)
def _(rng):
    g, _, B, drawn = batches(rng, replacement=True)
    return {VARIANCE: drawn.mean(axis=1).var(), r"\sigma": g.std(), "B": B}


@equation("eq-mini-batch-covariance", EVERY_BATCH)
def _(rng):
    g, N, _, drawn = batches(rng, replacement=False)
    d = drawn - g.mean()
    return {
        r"\mathbb{E}[d_{I_b} d_{I_c}]": np.mean(d[:, 0] * d[:, 1]),
        r"\sigma": g.std(),
        "N": N,
    }


@equation("eq-cross-products", "NumPy")
def _(rng):
    d = rng.normal(size=rng.integers(3, 6))
    return {"d": d, "N": len(d)}


@equation("eq-mini-batch-variance-finite", EVERY_BATCH)
def _(rng):
    g, N, B, drawn = batches(rng, replacement=False)
    return {VARIANCE: drawn.mean(axis=1).var(), r"\sigma": g.std(), "B": B, "N": N}


@equation("eq-mini-batch-cross-entropy", "lossbook.classification.cross_entropy")
def _(rng):
    B, K = rng.integers(2, 5), rng.integers(2, 5)
    y_hat, y = rng.dirichlet(np.ones(K), B), rng.integers(K, size=B)
    cost = lossbook.cross_entropy(np.log(y_hat), y)
    return {"J_B": cost, "B": B, "K": K, "y": y + 1, r"\hat{y}": y_hat}


# --- steps


def numbers(rng, *names):
    return {name: rng.normal(size=3) for name in names}


@equation("eq-steepest", "NumPy")
def _(rng):
    g, u = rng.normal(size=(2, 3))
    return {"g": g, "u": -2 * g if rng.integers(2) else u}


@equation("eq-gradient-descent", "lossbook.optimizers.gradient_descent")
def _(rng):
    symbols = numbers(rng, THETA, "g")
    new = lossbook.gradient_descent(symbols[THETA], symbols["g"], lr=0.3)
    return symbols | {LR: 0.3, NEW_THETA: new}


@equation("eq-parabola-steps", "lossbook.optimizers.gradient_descent")
def _(rng):
    t, a, lr = rng.integers(2, 5), rng.uniform(0.5, 2), rng.uniform(0.1, 0.8)
    start = theta = rng.normal(size=1)
    for _ in range(t):
        theta = lossbook.gradient_descent(theta, a * theta, lr=lr)
    return {r"\theta_t": theta[0], r"\theta_0": start[0], "t": t, "a": a, LR: lr}


def with_velocity(rng, **options):
    symbols = numbers(rng, THETA, "g", "v")
    theta, v = lossbook.momentum(*symbols.values(), lr=0.3, momentum=0.8, **options)
    return symbols | {"v'": v, NEW_THETA: theta, LR: 0.3, MU: 0.8}


@equation("eq-momentum-velocity", "lossbook.optimizers.momentum")
def _(rng):
    symbols = with_velocity(rng, dampening=0.4) | {TAU: 0.4}
    return only(symbols, "v'", "v", "g", MU, TAU)


@equation("eq-momentum", "lossbook.optimizers.momentum")
def _(rng):
    return only(with_velocity(rng), NEW_THETA, THETA, LR, "v'")


@equation("eq-momentum-nesterov", "lossbook.optimizers.momentum")
def _(rng):
    return only(with_velocity(rng, nesterov=True), NEW_THETA, THETA, LR, MU, "g", "v'")


def velocities(gradients):
    theta, v, found = np.zeros(1), None, []
    for g in gradients:
        theta, v = lossbook.momentum(theta, np.array([g]), v, momentum=0.8)
        found.append(v[0])
    return np.array(found)


@equation("eq-momentum-sum", "lossbook.optimizers.momentum")
def _(rng):
    g = rng.normal(size=4)
    return {"v": velocities(g), "g": g, "t": rng.integers(2, 5), MU: 0.8}


@equation("eq-momentum-constant", "lossbook.optimizers.momentum")
def _(rng):
    g = rng.normal()
    return {"v": velocities([g] * 4), "g": g, "t": rng.integers(2, 5), MU: 0.8}


def with_mean_square(rng, **options):
    """A step of RMSprop in the middle of a run."""
    symbols = numbers(rng, THETA, "g", "m", "s", "v")
    symbols["s"] = symbols["s"] ** 2 + symbols["m"] ** 2
    state = symbols["m"], symbols["s"], symbols["v"]
    theta, (m, s, v) = lossbook.rmsprop(
        symbols[THETA], symbols["g"], state, lr=0.3, alpha=0.7, momentum=0.6, eps=0.1, **options
    )
    new = {NEW_THETA: theta, "m'": m, "s'": s, "v'": v}
    return symbols | new | {LR: 0.3, r"\alpha": 0.7, MU: 0.6, EPS: 0.1}


@equation("eq-rmsprop-mean-square", "lossbook.optimizers.rmsprop")
def _(rng):
    return only(with_mean_square(rng), "s'", "s", "g", r"\alpha")


@equation("eq-rmsprop-velocity", "lossbook.optimizers.rmsprop")
def _(rng):
    return only(with_mean_square(rng), "v'", "v", "s'", "g", MU, EPS)


@equation("eq-rmsprop", "lossbook.optimizers.rmsprop")
def _(rng):
    return only(with_mean_square(rng), NEW_THETA, THETA, LR, "v'")


@equation("eq-rmsprop-mean", "lossbook.optimizers.rmsprop")
def _(rng):
    return only(with_mean_square(rng, centered=True), "m'", "m", "g", r"\alpha")


@equation("eq-rmsprop-first-step", "lossbook.optimizers.rmsprop")
def _(rng):
    g, alpha = rng.normal(), rng.uniform(0.1, 0.9)
    _, (_, s, _) = lossbook.rmsprop(np.zeros(1), np.array([g]), alpha=alpha)
    return {"g": g, "s'": s[0], r"\alpha": alpha}


def with_both(rng):
    """A step of Adam in the middle of a run."""
    symbols = numbers(rng, THETA, "g", "m", "s")
    symbols["s"], t = symbols["s"] ** 2, rng.integers(2, 6)
    theta, (m, s, _) = lossbook.adam(
        symbols[THETA],
        symbols["g"],
        (symbols["m"], symbols["s"], int(t) - 1),
        lr=0.3,
        betas=(0.8, 0.7),
        eps=0.1,
    )
    new = {NEW_THETA: theta, "m'": m, "s'": s, "t": t}
    return symbols | new | {LR: 0.3, r"\beta_1": 0.8, r"\beta_2": 0.7, EPS: 0.1}


@equation("eq-adam-mean", "lossbook.optimizers.adam")
def _(rng):
    return only(with_both(rng), "m'", "m", "g", r"\beta_1")


@equation("eq-adam-mean-square", "lossbook.optimizers.adam")
def _(rng):
    return only(with_both(rng), "s'", "s", "g", r"\beta_2")


@equation("eq-adam", "lossbook.optimizers.adam")
def _(rng):
    names = [NEW_THETA, THETA, LR, EPS, "m'", "s'", "t", r"\beta_1", r"\beta_2"]
    return only(with_both(rng), *names)


@equation("eq-adamw", "torch.optim.AdamW")
def _(rng):
    theta, decay, lr, steps = (
        rng.normal(size=1),
        *rng.uniform(0.05, 0.5, 2),
        int(rng.integers(1, 4)),
    )
    beta1, beta2, eps = rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.9), rng.uniform(0.1, 0.5)
    leaf = torch.tensor(theta)
    theirs = torch.optim.AdamW([leaf], lr, (beta1, beta2), eps, weight_decay=decay)
    for _ in range(steps):
        before, leaf.grad = leaf.item(), torch.tensor(rng.normal(size=1))
        theirs.step()
    kept = theirs.state[leaf]
    symbols = {NEW_THETA: leaf.item(), THETA: before, LR: lr, r"\gamma": decay, EPS: eps}
    symbols |= {"m'": kept["exp_avg"].item(), "s'": kept["exp_avg_sq"].item(), "t": steps}
    return symbols | {r"\beta_1": beta1, r"\beta_2": beta2}


@equation("eq-warm-up-cosine", "torch.optim.lr_scheduler")
def _(rng):
    eta, w, n = rng.uniform(0.1, 1), int(rng.integers(2, 6)), int(rng.integers(8, 20))
    optimizer = torch.optim.SGD([torch.zeros(1)], eta)
    rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: min(1, (t + 1) / w))
    wave = torch.optim.SGD([torch.zeros(1)], 1.0)
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(wave, n)
    t = int(rng.integers(n))
    for _ in range(t):
        optimizer.step(), rise.step(), wave.step(), fall.step()
    value = rise.get_last_lr()[0] * fall.get_last_lr()[0]
    return {r"\eta_t": value, LR: eta, "t": t, "w": w, "n": n, r"\cos": np.cos}


def means(gradients, beta):
    """The running mean that Adam keeps, step by step."""
    theta, state, found = np.zeros(1), None, []
    for g in gradients:
        theta, state = lossbook.adam(theta, np.array([g]), state, betas=(beta, 0.9))
        found.append(state[0][0])
    return np.array(found)


@equation("eq-adam-mean-sum", "lossbook.optimizers.adam")
def _(rng):
    g, beta = rng.normal(size=4), rng.uniform(0.3, 0.9)
    return {"m": means(g, beta), "g": g, "t": rng.integers(2, 5), r"\beta": beta}


@equation("eq-adam-bias", "lossbook.optimizers.adam")
def _(rng):
    """Of two gradients, each drawn anew in every step."""
    two, beta, t = rng.normal(size=2), rng.uniform(0.3, 0.9), rng.integers(2, 4)
    runs = [means(g, beta)[-1] for g in product(two, repeat=int(t))]
    expected = {r"\mathbb{E}[m_t]": np.mean(runs), r"\mathbb{E}[g]": two.mean()}
    return expected | {"t": t, r"\beta": beta}


# --- penalties


@equation("eq-l1-penalty-grad", "lossbook.optimizers.l1_penalty")
def _(rng):
    return penalty(rng, lossbook.l1_penalty) | {r"\operatorname{sgn}": np.sign}


@equation("eq-l2-penalty-grad", "lossbook.optimizers.l2_penalty")
def _(rng):
    return penalty(rng, lossbook.l2_penalty)


def penalty(rng, function):
    theta, index = rng.permutation([0.0, *rng.normal(size=2)]), rng.integers(1, 4)
    number = 1 if function is lossbook.l1_penalty else 2
    symbols = {rf"\Omega_{number}": function, THETA: theta, "j": index}
    return symbols | {r"\lambda": rng.uniform(0.5, 2)}


@equation("eq-weight-decay", "lossbook.optimizers.gradient_descent")
def _(rng):
    theta, index, decay = rng.normal(size=3), rng.integers(1, 4), rng.uniform(0.2, 1)
    objective = lambda theta: float(np.sum(np.sin(theta)))
    step = theta - lossbook.gradient_descent(theta, np.cos(theta), lr=1.0, weight_decay=decay)
    return {"g": step, "F": objective, THETA: theta, "j": index, r"\gamma": decay}
