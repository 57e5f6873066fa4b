"""Bindings for the equations of the part on regression."""

import numpy as np
from scipy.integrate import quad
from scipy.special import gammaln
from scipy.stats import laplace, nbinom, norm, poisson

import lossbook
from equations import equation

ELL, Y_HAT = r"\ell", r"\hat{y}"


def two(rng):
    """A prediction and a label, now and then within 0.1 of each other."""
    y_hat = rng.normal(scale=2)
    return y_hat, y_hat + rng.normal(scale=2 if rng.random() < 0.7 else 0.1)


def loss_of(function, **options):
    return lambda y_hat, y: function(y_hat, y, **options)


def elementwise(label, function, **options):
    """Bind a loss of one prediction and one label."""

    @equation(label, f"lossbook.{function.__module__.split('.')[-1]}.{function.__name__}")
    def _(rng):
        y_hat, y = two(rng)
        return {ELL: loss_of(function, **options), Y_HAT: y_hat, "y": y}


elementwise("eq-mse-loss", lossbook.mse_loss)
elementwise("eq-l1-loss", lossbook.l1_loss)


def normal_errors(rng):
    y_hat, y = two(rng)
    sigma = rng.uniform(0.5, 3)
    density = norm.pdf(y, y_hat, sigma)
    return {r"p(y \mid \hat{y})": density, Y_HAT: y_hat, "y": y, r"\sigma": sigma}


equation("eq-gaussian-errors", "scipy.stats.norm")(normal_errors)
equation("eq-gaussian-to-squared", "scipy.stats.norm")(normal_errors)


@equation("eq-squared-error-step", "NumPy")
def _(rng):
    y_hat, y = two(rng)
    return {Y_HAT: y_hat, "y": y, "h": rng.normal()}


@equation("eq-mse-loss-grad", "中心差分 | central differences")
def _(rng):
    y_hat, y = two(rng)
    return {ELL: loss_of(lossbook.mse_loss), Y_HAT: y_hat, "y": y}


def laplace_errors(rng):
    y_hat, y = two(rng)
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


# --- Huber and smooth L1


def with_joint(symbol, function, option):
    def draw(rng):
        y_hat, y = two(rng)
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
    y_hat, y = two(rng)
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
    y_hat, y = two(rng)
    return quantile(rng) | {Y_HAT: y_hat, "y": y}


@equation("eq-quantile-loss-grad", "lossbook.regression.quantile_loss_grad")
def _(rng):
    y_hat, y = two(rng)
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


# --- counts and variances


def counts(rng):
    return {"y": int(rng.integers(0, 6)), r"\lambda": rng.uniform(0.5, 4)}


def poisson_counts(rng):
    values = counts(rng)
    return values | {r"p(y \mid \lambda)": poisson.pmf(values["y"], values[r"\lambda"])}


equation("eq-poisson-probability", "scipy.stats.poisson")(poisson_counts)
equation("eq-poisson-to-loss", "scipy.stats.poisson")(poisson_counts)


@equation(
    "eq-poisson-variance",
    "scipy.stats.poisson",
    # a count of -1 has no probability, and the third central moment is the rate too
    accepted=[
        r"'0' nudged down at position 9: \sum_{y=[0]}^{\infty} (y - ...",
        r"'2' nudged up at position 35: ...} (y - \lambda)^[2]\, p(y \mid \lam...",
    ],
)
def _(rng):
    probability = lambda y, rate: poisson.pmf(y, rate)
    return {r"\lambda": rng.uniform(0.5, 4), "p": probability}


@equation("eq-negative-binomial-variance", "scipy.stats.nbinom")
def _(rng):
    rate, k = rng.uniform(0.5, 4), rng.uniform(0.5, 4)
    variance = nbinom.var(k, k / (k + rate))
    return {r"\operatorname{Var}(y)": variance, r"\lambda": rate, "k": k}


def log_rates(rng):
    return {ELL: loss_of(lossbook.poisson_nll_loss), "s": rng.normal(), "y": rng.uniform(0.5, 4)}


def rates(rng):
    eps = rng.uniform(0.1, 0.5)
    loss = loss_of(lossbook.poisson_nll_loss, log_input=False, eps=eps)
    rate, y = rng.uniform(0.5, 4, 2)
    return {ELL: loss, r"\lambda": rate, "y": y, r"\epsilon": eps}


equation("eq-poisson-nll-loss", "lossbook.regression.poisson_nll_loss")(log_rates)
equation("eq-poisson-nll-loss-grad", "中心差分 | central differences")(log_rates)
equation("eq-poisson-nll-loss-rate", "lossbook.regression.poisson_nll_loss")(rates)
equation("eq-poisson-nll-loss-rate-grad", "中心差分 | central differences")(rates)


@equation(
    "eq-stirling",
    "scipy.special.gammaln",
    # in this term a hundredth is less than what the approximation leaves out
    accepted=[
        f"{symbol} nudged {word} at position {place}"
        for symbol, place in [
            ("'y'", r"56: ...}{2} \log(2 \pi [y])"),
            (r"'\pi'", r"52: ...ac{1}{2} \log(2 [\pi] y)"),
        ]
        for word in ("up", "down")
    ],
)
def _(rng):
    y = rng.uniform(50, 200)
    return {r"\log(y!)": gammaln(y + 1), "y": y}


def means_and_variances(rng):
    mu, y = two(rng)
    return {
        ELL: lambda mu, y, v: lossbook.gaussian_nll_loss(mu, y, v),
        r"\mu": mu,
        "y": y,
        "v": rng.uniform(0.5, 3),
    }


@equation("eq-gaussian-variance", "scipy.stats.norm")
def _(rng):
    values = means_and_variances(rng)
    values.pop(ELL)
    density = norm.pdf(values["y"], values[r"\mu"], np.sqrt(values["v"]))
    return values | {r"p(y \mid \mu)": density}


equation("eq-gaussian-nll-loss", "lossbook.regression.gaussian_nll_loss")(means_and_variances)
for _label in ("eq-gaussian-nll-loss-mean-grad", "eq-gaussian-nll-loss-var-grad"):
    equation(_label, "中心差分 | central differences")(means_and_variances)
