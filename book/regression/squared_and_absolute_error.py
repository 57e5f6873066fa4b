"""What the symbols of the equations of `squared_and_absolute_error.md` stand for."""

from scipy.stats import laplace, norm

import lossbook
from lossbook_extensions.draws import loss_of, prediction_and_label
from press.bindings import equation

ELL, Y_HAT = r"\ell", r"\hat{y}"


def elementwise(function):
    """A loss of one prediction and one label."""

    def draw(rng):
        y_hat, y = prediction_and_label(rng)
        return {ELL: loss_of(function), Y_HAT: y_hat, "y": y}

    return draw


equation("eq-mse-loss", "lossbook.regression.mse_loss")(elementwise(lossbook.mse_loss))
equation("eq-l1-loss", "lossbook.regression.l1_loss")(elementwise(lossbook.l1_loss))


def normal_errors(rng):
    y_hat, y = prediction_and_label(rng)
    sigma = rng.uniform(0.5, 3)
    density = norm.pdf(y, y_hat, sigma)
    return {r"p(y \mid \hat{y})": density, Y_HAT: y_hat, "y": y, r"\sigma": sigma}


equation("eq-gaussian-errors", "scipy.stats.norm")(normal_errors)
equation("eq-gaussian-to-squared", "scipy.stats.norm")(normal_errors)


@equation("eq-squared-error-step", "NumPy")
def _(rng):
    y_hat, y = prediction_and_label(rng)
    return {Y_HAT: y_hat, "y": y, "h": rng.normal()}


@equation("eq-mse-loss-grad", "中心差分 | central differences")
def _(rng):
    y_hat, y = prediction_and_label(rng)
    return {ELL: loss_of(lossbook.mse_loss), Y_HAT: y_hat, "y": y}


def laplace_errors(rng):
    y_hat, y = prediction_and_label(rng)
    b = rng.uniform(0.5, 3)
    density = laplace.pdf(y, y_hat, b)
    return {r"p(y \mid \hat{y})": density, Y_HAT: y_hat, "y": y, "b": b}


equation("eq-laplace-errors", "scipy.stats.laplace")(laplace_errors)
equation("eq-laplace-to-absolute", "scipy.stats.laplace")(laplace_errors)


@equation("eq-l1-loss-grad", "中心差分 | central differences")
def _(rng):
    y_hat = rng.normal(scale=2)
    y = y_hat + rng.choice([0, 0.2, -0.2])  # at the kink the central difference is 0 too
    return {ELL: loss_of(lossbook.l1_loss), Y_HAT: y_hat, "y": y}


@equation("eq-weighted-mean", "lossbook.regression.mse_loss")
def _(rng):
    n = int(rng.integers(2, 6))
    y_hat, y = rng.normal(size=(2, n))
    w = rng.uniform(0.1, 2, n)
    cost = lossbook.mse_loss(y_hat, y, weight=w)
    return {
        r"J(\theta)": cost,
        "N": n,
        "w": w,
        ELL: loss_of(lossbook.mse_loss),
        Y_HAT: y_hat,
        "y": y,
    }


@equation("eq-mse-decomposition", "numpy.var")
def _(rng):
    n = int(rng.integers(2, 6))
    y = rng.normal(size=n)
    return {"N": n, "c": rng.normal(), "y": y, r"\bar{y}": y.mean()}
