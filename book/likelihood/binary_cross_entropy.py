"""What the symbols of the equations of `binary_cross_entropy.md` stand for."""

import numpy as np
from scipy.stats import bernoulli

import lossbook
from lossbook import information as info
from lossbook_extensions.draws import answers
from press.bindings import equation

L, J = r"L(\theta)", r"J(\theta)"
BCE = "lossbook.classification.binary_cross_entropy"


# --- binary cross-entropy


@equation("eq-bernoulli", "scipy.stats.bernoulli")
def _(rng):
    return {"q": bernoulli.pmf, "t": rng.integers(0, 2), "p": rng.uniform(0.1, 0.9)}


def questions(rng):
    N = rng.integers(3, 6)
    return {"p": rng.uniform(0.1, 0.9, N), "t": answers(rng, N), "N": N}


@equation("eq-bernoulli-likelihood", "scipy.stats.bernoulli")
def _(rng):
    symbols = questions(rng)
    likelihood = np.prod(bernoulli.pmf(symbols["t"], symbols["p"]))
    return symbols | {"q": bernoulli.pmf, L: likelihood}


@equation("eq-bernoulli-cost", BCE)
def _(rng):
    symbols = questions(rng)
    likelihood = np.prod(bernoulli.pmf(symbols["t"], symbols["p"]))
    cost = lossbook.binary_cross_entropy(symbols["p"], symbols["t"])
    return symbols | {L: likelihood, J: cost}


def loss(p, t):
    return float(lossbook.binary_cross_entropy(np.float64(p), np.float64(t)))


@equation("eq-binary-cross-entropy-loss", BCE)
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {r"\ell": loss, "p": p, "t": t}


@equation("eq-binary-cross-entropy-loss-grad", BCE)
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {r"\ell": lambda p: loss(p, t), "p": p, "t": t}


@equation("eq-bernoulli-constant", BCE)
def _(rng):
    symbols = questions(rng)
    t, p = symbols["t"], symbols["p"][0]
    cost = lossbook.binary_cross_entropy(np.full(len(t), p), t)
    return symbols | {"p": p, r"\bar{t}": t.mean(), "J(p)": cost}


@equation("eq-bernoulli-constant-slope", BCE)
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {"J": lambda p: loss(p, t), "p": p, r"\bar{t}": t}


@equation("eq-bernoulli-baseline", BCE)
def _(rng):
    t = rng.uniform(0.1, 0.9)
    return {"J": lambda p: loss(p, t), r"\bar{t}": t, "h": info.binary_entropy}


@equation("eq-binary-cross-entropy-weighted", BCE)
def _(rng):
    symbols = questions(rng)
    w = rng.uniform(0.2, 3, symbols["N"])
    cost = lossbook.binary_cross_entropy(symbols["p"], symbols["t"], weight=w)
    return symbols | {"w": w, r"\ell": loss, J: cost}


@equation("eq-binary-cross-entropy-clamped", BCE)
def _(rng):
    p = rng.choice([0.0, 1e-60, 1.0, rng.uniform(0.1, 0.9)])
    return {r"\ell": loss, "p": p, "t": rng.choice([0.0, 1.0, rng.uniform(0.1, 0.9)])}


@equation("eq-binary-cross-entropy-excess", "lossbook.information.binary_entropy")
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {r"\ell": loss, "p": p, "t": t, "h": info.binary_entropy}
