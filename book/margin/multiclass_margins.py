"""What the symbols of the equations of `multiclass_margins.md` stand for."""

import numpy as np

import lossbook
from lossbook import special
from press.bindings import equation

ELL, SIGMA, SOFTPLUS = r"\ell", r"\sigma", r"\operatorname{softplus}"
DIFFERENCES = "中心差分 | central differences"
MODULE = "lossbook.margin"


# --- several classes


def scores_and_class(rng):
    """Scores of classes, of which some lack a lead and some do not, and the target class."""
    size = int(rng.integers(3, 6))
    return {"z": rng.normal(scale=1.5, size=size), "y": int(rng.integers(1, size + 1)), "K": size}


def multi(rng):
    values = scores_and_class(rng)
    w, m, p = rng.uniform(0.5, 2, values["K"]), rng.uniform(0.5, 2), int(rng.integers(1, 3))

    def loss(z, y):
        return float(lossbook.multi_margin_loss(z, int(y) - 1, p=p, margin=m, weight=w))

    return values | {ELL: loss, "w": w, "m": m, "p": p}


def rival(rng, y, size):
    return int(rng.choice([k for k in range(1, size + 1) if k != y]))


equation("eq-multi-margin-loss", f"{MODULE}.multi_margin_loss")(multi)


@equation("eq-multi-margin-loss-grad", DIFFERENCES)
def _(rng):
    values = multi(rng)
    return values | {"k": rival(rng, values["y"], values["K"])}


@equation("eq-multi-margin-loss-target-grad", DIFFERENCES)
def _(rng):
    values = multi(rng)
    return {name: values[name] for name in (ELL, "z", "y", "K")}


@equation("eq-crammer-singer", "sklearn.metrics.hinge_loss")
def _(rng):
    from sklearn.metrics import hinge_loss

    values = scores_and_class(rng)
    labels = range(1, values.pop("K") + 1)
    loss = lambda z, y: hinge_loss([y], z[np.newaxis], labels=list(labels))
    return values | {ELL: loss, r"\{1, \dots, K\}": labels}


def scores_and_labels(rng):
    """Scores of classes and the set of those that are listed, not all of them."""
    size = int(rng.integers(3, 6))
    chosen = [int(k) for k in rng.permutation(size)[: rng.integers(1, size)] + 1]

    def loss(z, classes):
        listed = np.full(size, -1)
        listed[: len(classes)] = np.subtract(classes, 1)
        return float(lossbook.multilabel_margin_loss(z, listed))

    return {"z": rng.normal(scale=1.5, size=size), "S": chosen, "K": size, ELL: loss}


equation("eq-multilabel-margin-loss", f"{MODULE}.multilabel_margin_loss")(scores_and_labels)


@equation("eq-multilabel-margin-loss-grad", DIFFERENCES)
def _(rng):
    values = scores_and_labels(rng)
    return values | {"k": int(rng.integers(1, values["K"] + 1))}


def logits_and_targets(rng, *, weighted):
    size = int(rng.integers(2, 5))
    w = rng.uniform(0.5, 2, size)
    options = {"weight": w} if weighted else {}
    loss = lambda z, t: float(lossbook.multilabel_soft_margin_loss(z, t, **options))
    values = {"z": rng.normal(scale=2, size=size), "t": rng.uniform(0.1, 0.9, size), "K": size}
    return values | {ELL: loss} | ({"w": w} if weighted else {})


@equation("eq-multilabel-soft-margin-loss", f"{MODULE}.multilabel_soft_margin_loss")
def _(rng):
    return logits_and_targets(rng, weighted=True) | {SIGMA: special.sigmoid}


@equation("eq-multilabel-soft-margin-is-mean", f"{MODULE}.multilabel_soft_margin_loss")
def _(rng):
    values = logits_and_targets(rng, weighted=False)
    t = rng.integers(0, 2, values["K"]).astype(float)
    return values | {"t": t, "y": 2 * t - 1, SOFTPLUS: special.softplus}


@equation("eq-multilabel-soft-margin-loss-grad", DIFFERENCES)
def _(rng):
    values = logits_and_targets(rng, weighted=True)
    return values | {"k": int(rng.integers(1, values["K"] + 1)), SIGMA: special.sigmoid}
