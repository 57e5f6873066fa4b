"""What the symbols of the equations of `imbalance.md` stand for."""

import numpy as np
from scipy.optimize import brentq

import lossbook
from lossbook import information as info
from lossbook import special
from lossbook_extensions.draws import logit_and_target, loss_of_logit
from press.bindings import equation

SIGMA, SOFTPLUS, ELL = r"\sigma", r"\operatorname{softplus}", r"\ell"
DIFFERENCES = "中心差分 | central differences"
LOSS = "lossbook.classification.binary_cross_entropy_with_logits"


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
    return logit_and_target(rng) | {ELL: lambda z, t: loss_of_logit(z, t, pos_weight=w), "w": w}


equation("eq-binary-cross-entropy-with-logits", LOSS)(weighted)


@equation("eq-pos-weight-stable", LOSS)
def _(rng):
    return weighted(rng) | {SOFTPLUS: special.softplus}


@equation("eq-binary-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    values = weighted(rng)
    at_target = lambda z, t=values["t"], w=values["w"]: loss_of_logit(z, t, pos_weight=w)
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
