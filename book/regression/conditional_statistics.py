"""What the symbols of the equations of `conditional_statistics.md` stand for."""

import numpy as np

import lossbook
from lossbook_extensions.draws import loss_of, prediction_and_label
from press.bindings import equation

ELL, Y_HAT = r"\ell", r"\hat{y}"


# --- what each loss learns


def labels(rng):
    """Values in rising order and their probabilities."""
    n = int(rng.integers(2, 6))
    return {"n": n, "p": rng.dirichlet(np.full(n, 2.0)), "y": np.cumsum(rng.uniform(0.5, 1, n))}


def between(rng, y):
    """A number that is none of the values."""
    return rng.choice(np.append(y, y[-1] + 1)) - 0.25


@equation("eq-risk-of-constant", "NumPy")
def _(rng):
    values = labels(rng)
    c = rng.normal()
    risk = lossbook.mse_loss(np.full(values["n"], c), values["y"], weight=values["p"])
    return values | {"R(c)": risk, "c": c, ELL: loss_of(lossbook.mse_loss)}


@equation("eq-mean-elicited", "中心差分 | central differences")
def _(rng):
    return labels(rng) | {"c": rng.normal()}


@equation(
    "eq-median-elicited",
    "中心差分 | central differences",
    # the slopes to the left and to the right of a value do not depend on where it is
    accepted=[
        f"'y' nudged {word} at position 58: ...^{{n}} p_i\\, |c - [y]_i| = \\sum_{{i=1}}..."
        for word in ("up", "down")
    ],
)
def _(rng):
    values = labels(rng)
    return values | {"c": between(rng, values["y"])}


def quantile(rng):
    level = rng.uniform(0.05, 0.95)
    return {ELL: loss_of(lossbook.quantile_loss, quantile=level), r"\tau": level}


@equation("eq-quantile-loss", "lossbook.regression.quantile_loss")
def _(rng):
    y_hat, y = prediction_and_label(rng)
    return quantile(rng) | {Y_HAT: y_hat, "y": y}


@equation("eq-quantile-loss-grad", "lossbook.regression.quantile_loss_grad")
def _(rng):
    y_hat, y = prediction_and_label(rng)
    if rng.random() < 0.3:
        y = y_hat
    level = rng.uniform(0.05, 0.95)
    slope = lossbook.quantile_loss_grad(y_hat, y, quantile=level)
    partial = r"\frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}}"
    return {partial: slope, Y_HAT: y_hat, "y": y, r"\tau": level}


@equation(
    "eq-quantile-elicited",
    "中心差分 | central differences",
    accepted=[
        f"'y' nudged {word} at position 77: ...}} p_i\\, \\ell(c, [y]_i) &= (1 - \\tau..."
        for word in ("up", "down")
    ],
)
def _(rng):
    values = labels(rng)
    return values | quantile(rng) | {"c": between(rng, values["y"])}


@equation("eq-mode-elicited", "概率之和为 1 | probabilities that add up to 1")
def _(rng):
    values = labels(rng)
    return values | {"k": int(rng.integers(1, values["n"] + 1))}
