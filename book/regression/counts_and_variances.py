"""What the symbols of the equations of `counts_and_variances.md` stand for."""

import numpy as np
from scipy.special import gammaln
from scipy.stats import nbinom, norm, poisson

import lossbook
from lossbook_extensions.draws import loss_of, prediction_and_label
from press.bindings import equation

ELL = r"\ell"


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
    mu, y = prediction_and_label(rng)
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
equation("eq-gaussian-nll-loss-mean-grad", "中心差分 | central differences")(means_and_variances)
equation("eq-gaussian-nll-loss-var-grad", "中心差分 | central differences")(means_and_variances)
