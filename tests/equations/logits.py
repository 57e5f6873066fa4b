"""Bindings for the equations of the chapters on logits and on class imbalance."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import logit
from scipy.stats import norm

import lossbook
from equations import equation
from lossbook import information as info
from lossbook import special

SIGMA, SOFTPLUS, ELL, EPSILON = r"\sigma", r"\operatorname{softplus}", r"\ell", r"\epsilon"
WAYS = ("up", "down")
DIFFERENCES = "中心差分 | central differences"
LOSS = "lossbook.classification.binary_cross_entropy_with_logits"


def loss(z, t, **options):
    arrays = np.float64(z), np.float64(t)
    return float(lossbook.binary_cross_entropy_with_logits(*arrays, **options))


# --- logits


@equation("eq-logit-of-probability", "scipy.special.logit")
def _(rng):
    p = rng.uniform(0.1, 0.9)
    return {"p": p, "z": logit(p)}


@equation("eq-probability-of-logit", "lossbook.special.sigmoid")
def _(rng):
    p = rng.uniform(0.1, 0.9)
    return {"p": p, "z": logit(p), SIGMA: special.sigmoid}


def logit_and_target(rng):
    return {"z": rng.normal(scale=2), "t": rng.uniform(0.1, 0.9)}


@equation("eq-logits-loss", LOSS)
def _(rng):
    return logit_and_target(rng) | {ELL: loss, SIGMA: special.sigmoid}


@equation("eq-softplus-mirror", "NumPy")
def _(rng):
    return {"z": rng.normal(scale=2)}


@equation("eq-logits-loss-stable", LOSS)
def _(rng):
    return logit_and_target(rng) | {ELL: loss, SOFTPLUS: special.softplus}


@equation("eq-logits-loss-grad", DIFFERENCES)
def _(rng):
    return logit_and_target(rng) | {ELL: loss, SIGMA: special.sigmoid}


def nudged(*places):
    """The changes up and down that go unnoticed because the equation does not depend on the value."""
    return [f"{node} nudged {word} at position {rest}" for node, rest in places for word in WAYS]


@equation(
    "eq-logits-loss-curvature",
    DIFFERENCES,
    accepted=nudged(("'t'", r"26: ...rtial^2 \ell(z, [t])}{\partial z^2}...")),
)
def _(rng):
    return logit_and_target(rng) | {ELL: loss, SIGMA: special.sigmoid}


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
    return {"z": extreme(rng), SIGMA: special.sigmoid, ELL: loss}


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


# --- class imbalance


def counts(rng):
    """Truth and alarms of a random classifier, and how many alarms are right."""
    truth, alarm = rng.integers(0, 2, (2, 30))
    return truth, alarm, np.sum(truth & alarm)


@equation("eq-precision", "sklearn.metrics.precision_score")
def _(rng):
    from sklearn.metrics import precision_score

    truth, alarm, hits = counts(rng)
    false = np.sum(~truth & alarm & 1)
    value = precision_score(truth, alarm)
    return {r"\mathrm{precision}": value, r"\mathrm{TP}": hits, r"\mathrm{FP}": false}


@equation("eq-recall", "sklearn.metrics.recall_score")
def _(rng):
    from sklearn.metrics import recall_score

    truth, alarm, hits = counts(rng)
    missed = np.sum(truth & ~alarm & 1)
    value = recall_score(truth, alarm)
    return {r"\mathrm{recall}": value, r"\mathrm{TP}": hits, r"\mathrm{FN}": missed}


def weighted(rng):
    """A logit, a target, a weight of positive targets, and the loss with it."""
    w = rng.uniform(0.3, 4)
    return logit_and_target(rng) | {ELL: lambda z, t: loss(z, t, pos_weight=w), "w": w}


equation("eq-binary-cross-entropy-with-logits", LOSS)(weighted)


@equation("eq-pos-weight-stable", LOSS)
def _(rng):
    return weighted(rng) | {SOFTPLUS: special.softplus}


@equation("eq-binary-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    values = weighted(rng)
    at_target = lambda z, t=values["t"], w=values["w"]: loss(z, t, pos_weight=w)
    return values | {ELL: at_target, SIGMA: special.sigmoid}


def optimum(rng):
    """The best logit, found without the formula, and the probability it stands for."""
    p, w = rng.uniform(0.1, 0.9), rng.uniform(0.3, 4)
    slope = lambda z: float(
        lossbook.binary_cross_entropy_with_logits_grad(np.float64(z), np.float64(p), pos_weight=w)
    )
    z = brentq(slope, -20, 20, xtol=1e-14)
    return z, {"p": p, "w": w}


@equation("eq-pos-weight-optimum", "scipy.optimize.brentq")
def _(rng):
    z, symbols = optimum(rng)
    return symbols | {"z": z, SIGMA: special.sigmoid}


@equation("eq-learnt-probability", "scipy.optimize.brentq")
def _(rng):
    z, symbols = optimum(rng)
    return symbols | {"p_w": special.sigmoid(z)}


@equation("eq-undo-weight", "scipy.optimize.brentq")
def _(rng):
    z, symbols = optimum(rng)
    return symbols | {"p_w": special.sigmoid(z)}


@equation("eq-weighted-baseline", "lossbook.information.binary_entropy")
def _(rng):
    z, symbols = optimum(rng)
    return {
        "w": symbols["w"],
        r"\bar{t}": symbols["p"],
        "p_w": special.sigmoid(z),
        "h": info.binary_entropy,
    }


@equation("eq-pos-weight-as-weight", LOSS)
def _(rng):
    return weighted(rng) | {"t": rng.integers(0, 2)}


@equation("eq-single-weighted-mean", "lossbook.classification.cross_entropy")
def _(rng):
    w, y = rng.uniform(0.5, 3, 3), int(rng.integers(1, 4))
    plain = lambda z, y: float(lossbook.cross_entropy(z, y - 1))
    return {"w": w, "y": y, "z": rng.normal(size=3), ELL: plain}
