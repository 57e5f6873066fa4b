"""What the symbols of the equations of `logits.md` stand for."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit
from scipy.stats import norm

import lossbook
from lossbook import special
from lossbook_extensions.draws import logit_and_target, loss_of_logit
from press.bindings import equation

SIGMA, SOFTPLUS, ELL, EPSILON = r"\sigma", r"\operatorname{softplus}", r"\ell", r"\epsilon"
WAYS = ("up", "down")
DIFFERENCES = "中心差分 | central differences"
LOSS = "lossbook.classification.binary_cross_entropy_with_logits"


# --- logits


@equation("eq-logit-of-probability", "scipy.special.logit")
def _(rng):
    p = rng.uniform(0.1, 0.9)
    return {"p": p, "z": logit(p)}


@equation("eq-probability-of-logit", "lossbook.special.sigmoid")
def _(rng):
    p = rng.uniform(0.1, 0.9)
    return {"p": p, "z": logit(p), SIGMA: special.sigmoid}


@equation("eq-logits-loss", LOSS)
def _(rng):
    return logit_and_target(rng) | {ELL: loss_of_logit, SIGMA: special.sigmoid}


@equation("eq-softplus-mirror", "NumPy")
def _(rng):
    return {"z": rng.normal(scale=2)}


@equation("eq-logits-loss-stable", LOSS)
def _(rng):
    return logit_and_target(rng) | {ELL: loss_of_logit, SOFTPLUS: special.softplus}


@equation("eq-logits-loss-grad", DIFFERENCES)
def _(rng):
    return logit_and_target(rng) | {ELL: loss_of_logit, SIGMA: special.sigmoid}


def nudged(*places):
    """The changes up and down that go unnoticed because the equation does not depend on the value."""
    return [f"{node} nudged {word} at position {rest}" for node, rest in places for word in WAYS]


@equation(
    "eq-logits-loss-curvature",
    DIFFERENCES,
    accepted=nudged(("'t'", r"26: ...rtial^2 \ell(z, [t])}{\partial z^2}...")),
)
def _(rng):
    return logit_and_target(rng) | {ELL: loss_of_logit, SIGMA: special.sigmoid}


@equation("eq-logits-chain", "NumPy")
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {"p": p, "t": t}


@equation("eq-squared-sigmoid-grad", DIFFERENCES)
def _(rng):
    return logit_and_target(rng) | {SIGMA: special.sigmoid}


@equation("eq-epsilon-optimum", "scipy.optimize.brentq")
def _(rng):
    t, eps = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.3)
    slope = lambda p: (1 - t) / (1 - p + eps) - t / (p + eps)
    return {"p": brentq(slope, -eps / 2, 1 + eps / 2, xtol=1e-15), "t": t, EPSILON: eps}


@equation("eq-epsilon-grad", DIFFERENCES)
def _(rng):
    return {"z": rng.normal(), SIGMA: special.sigmoid, EPSILON: rng.uniform(0.1, 0.5)}


def extreme(rng):
    """Logits at which a second sigmoid comes within 0.001 of what it cannot pass, or any other."""
    return rng.choice([-9.0, 9.0, rng.normal()])


@equation(
    "eq-double-sigmoid-range",
    "lossbook.special.sigmoid",
    accepted=nudged(("'z'", r"29: ...< \sigma(\sigma([z])) < \sigma(1)")),  # a bound for every z
)
def _(rng):
    return {"z": extreme(rng), SIGMA: special.sigmoid}


@equation(
    "eq-double-sigmoid-floor",
    LOSS,
    accepted=[
        *nudged(("'z'", r"13: \ell(\sigma([z]), 1) > \log(1 +...")),  # bounds for every z
        *nudged(("'z'", r"67: ...uad \ell(\sigma([z]), 0) > \log 2")),
        r"'0' nudged down at position 71: ...\ell(\sigma(z), [0]) > \log 2",  # below 0 too
    ],
)
def _(rng):
    return {"z": extreme(rng), SIGMA: special.sigmoid, ELL: loss_of_logit}


@equation("eq-double-sigmoid-cost", LOSS)
def _(rng):
    t = rng.permutation([0.0, 1.0, 1.0, 1.0, *rng.integers(0, 2, 1)])
    z = rng.choice([9.0, 1.0]) * (2 * t - 1)
    cost = lossbook.binary_cross_entropy_with_logits(special.sigmoid(z), t)
    return {r"J(\theta)": cost, r"\bar{t}": t.mean()}


@equation("eq-two-bells", "scipy.stats.norm")
def _(rng):
    p, m, v = rng.uniform(0.1, 0.9), rng.uniform(0.5, 2), rng.uniform(0.5, 2)
    x = rng.normal(scale=2)
    yes, no = p * norm.pdf(x, m, np.sqrt(v)), (1 - p) * norm.pdf(x, -m, np.sqrt(v))
    return {"z": logit(yes / (yes + no)), "p": p, "m": m, "v": v, "x": x}


@equation("eq-squared-sigmoid-steepest", DIFFERENCES)
def _(rng):
    return {"p": rng.uniform(0.1, 0.9)}
