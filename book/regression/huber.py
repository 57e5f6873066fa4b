"""What the symbols of the equations of `huber.md` stand for."""

from scipy.integrate import quad
from scipy.stats import norm

import lossbook
from lossbook_extensions.draws import loss_of, prediction_and_label
from press.bindings import equation

ELL, Y_HAT = r"\ell", r"\hat{y}"


# --- Huber and smooth L1


def with_joint(symbol, function, option):
    def draw(rng):
        y_hat, y = prediction_and_label(rng)
        joint = rng.uniform(0.5, 2)
        return {ELL: loss_of(function, **{option: joint}), Y_HAT: y_hat, "y": y, symbol: joint}

    return draw


huber = with_joint(r"\delta", lossbook.huber_loss, "delta")
smooth = with_joint(r"\beta", lossbook.smooth_l1_loss, "beta")


equation("eq-huber-loss", "lossbook.regression.huber_loss")(huber)
equation("eq-huber-loss-grad", "中心差分 | central differences")(huber)
equation("eq-smooth-l1-loss", "lossbook.regression.smooth_l1_loss")(smooth)
equation("eq-smooth-l1-loss-grad", "中心差分 | central differences")(smooth)


@equation("eq-huber-one-formula", "lossbook.regression.huber_loss")
def _(rng):
    values = huber(rng)
    values["c"] = min(abs(values[Y_HAT] - values["y"]), values.pop(r"\delta"))
    return values


@equation("eq-smooth-l1-is-huber", "lossbook.regression")
def _(rng):
    y_hat, y = prediction_and_label(rng)
    beta = rng.uniform(0.5, 2)
    return {
        r"\ell_{\text{smooth}}": loss_of(lossbook.smooth_l1_loss, beta=beta),
        r"\ell_{\text{Huber}}": loss_of(lossbook.huber_loss, delta=beta),
        Y_HAT: y_hat,
        "y": y,
        r"\beta": beta,
    }


NORMAL = {r"\Phi": norm.cdf, r"\varphi": norm.pdf}


@equation("eq-truncated-variance", "scipy.stats.norm")
def _(rng):
    return NORMAL | {r"\delta": rng.uniform(0.3, 2)}


def efficiency(delta):
    """By integration of the clipped error and of its slope."""
    density = lambda u: norm.pdf(u)
    slope = 2 * quad(density, 0, delta, epsabs=1e-13)[0]
    square = 2 * quad(lambda u: u**2 * density(u), 0, delta, epsabs=1e-13)[0]
    square += 2 * delta**2 * quad(density, delta, 20, epsabs=1e-13)[0]
    return slope**2 / square


@equation("eq-huber-efficiency", "scipy.integrate.quad")
def _(rng):
    return NORMAL | {r"\operatorname{eff}": efficiency, r"\delta": rng.uniform(0.3, 2)}
