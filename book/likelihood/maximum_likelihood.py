"""What the symbols of the equations of `maximum_likelihood.md` stand for."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln
from scipy.stats import bernoulli, beta, betaprime, expon, laplace, multinomial, norm, poisson

import lossbook
from lossbook import information as info
from lossbook_extensions.draws import answers
from press.bindings import equation

L, J, THETA, P_HAT, Y_HAT = r"L(\theta)", r"J(\theta)", r"\theta", r"\hat{p}", r"\hat{y}"
D_HAT = r"D_{\mathrm{KL}}(\hat{P} \,\|\, Q)"


@equation("eq-likelihood-coin", "scipy.stats.bernoulli")
def _(rng):
    N, theta = rng.integers(3, 7), rng.uniform(0.2, 0.8)
    y = answers(rng, N)
    return {
        "q": bernoulli.pmf,
        "y": y,
        "N": N,
        "m": y.sum(),
        THETA: theta,
        L: np.prod(np.where(y == 1, theta, 1 - theta)),
    }


def poisson_regression(rng):
    """Counts whose mean is exp(theta x), and the log-likelihood of each sample."""
    N, theta = rng.integers(3, 6), rng.uniform(0.3, 1)
    x = rng.uniform(-1, 1, N)
    y = rng.integers(0, 4, N)
    log_q = poisson.logpmf(y, np.exp(theta * x))
    q = lambda y, x, theta: poisson.pmf(y, np.exp(theta * x))
    return {"q": q, "x": x, "y": y, "N": N, THETA: theta}, log_q


@equation("eq-likelihood", "scipy.stats.poisson")
def _(rng):
    symbols, log_q = poisson_regression(rng)
    return symbols | {L: np.exp(log_q.sum())}


@equation("eq-log-likelihood", "scipy.stats.poisson")
def _(rng):
    symbols, log_q = poisson_regression(rng)
    return symbols | {L: np.exp(log_q.sum())}


@equation("eq-nll-cost", "lossbook.information.self_information")
def _(rng):
    symbols, log_q = poisson_regression(rng)
    return symbols | {L: np.exp(log_q.sum()), J: -log_q.mean(), "I": info.self_information}


# --- cross-entropy and KL divergence


def outcomes(rng):
    """How often each outcome occurs, a model, and the log-likelihood of one order of them."""
    n = rng.integers(2, 5)
    counts, q = rng.integers(1, 4, n), rng.dirichlet(np.full(n, 2.0))
    p, N = counts / counts.sum(), counts.sum()
    orders = multinomial.logpmf(counts, N, p) - N * (p @ np.log(p))
    return n, N, p, q, multinomial.logpmf(counts, N, q) - orders


@equation("eq-nll-decomposition", "scipy.stats.multinomial")
def _(rng):
    n, N, p, q, log_likelihood = outcomes(rng)
    return {
        J: -log_likelihood / N,
        P_HAT: p,
        "q": q,
        "n": n,
        r"H(\hat{P}, Q)": info.cross_entropy(p, q),
        r"H(\hat{P})": info.entropy(p),
        D_HAT: info.kl_divergence(p, q),
    }


@equation("eq-likelihood-kl", "scipy.stats.multinomial")
def _(rng):
    _, N, p, q, log_likelihood = outcomes(rng)
    return {
        L: np.exp(log_likelihood),
        "N": N,
        r"H(\hat{P})": info.entropy(p),
        D_HAT: info.kl_divergence(p, q),
    }


INPUTS, LABELS = (1, 2), (11, 12, 13)  # apart, so that p(a, b) and p(b | a) are told apart


def pairs(rng):
    """Inputs, labels, and their frequencies as one function: joint, of an input, conditional."""
    N = rng.integers(8, 12)
    x = rng.permutation([*INPUTS, *rng.choice(INPUTS, N - 2)])
    y = rng.permutation([*LABELS, *rng.choice(LABELS, N - 3)])

    def frequency(first, second=None):
        if second is None:
            return np.mean(x == first)
        if first in INPUTS:
            return np.mean((x == first) & (y == second))
        return np.mean(y[x == second] == first)

    return {"x": x, "y": y, "N": N, P_HAT: frequency}


@equation("eq-joint-frequency", "NumPy")
def _(rng):
    symbols = pairs(rng)
    i = rng.integers(symbols["N"])
    return symbols | {"a": symbols["x"][i], "b": symbols["y"][i]}


@equation("eq-nll-conditional", "NumPy")
def _(rng):
    rows = rng.dirichlet(np.ones(3), 2)
    q = lambda label, value: rows[INPUTS.index(value), LABELS.index(label)]
    return pairs(rng) | {"q": q, "S": INPUTS, "T": LABELS}


# --- models and their losses


@equation("eq-likelihood-gaussian", "scipy.stats.norm")
def _(rng):
    (y_hat, y), sigma = rng.normal(scale=2, size=2), rng.uniform(0.5, 3)
    q = norm.pdf(y, y_hat, sigma)
    return {r"q(y \mid \hat{y})": q, Y_HAT: y_hat, "y": y, r"\sigma": sigma}


@equation("eq-likelihood-laplace", "scipy.stats.laplace")
def _(rng):
    (y_hat, y), b = rng.normal(scale=2, size=2), rng.uniform(0.5, 3)
    return {r"q(y \mid \hat{y})": laplace.pdf(y, y_hat, b), Y_HAT: y_hat, "y": y, "b": b}


@equation("eq-likelihood-categorical", "lossbook.classification.cross_entropy")
def _(rng):
    K = rng.integers(2, 6)
    y, y_hat = rng.integers(1, K + 1), rng.dirichlet(np.ones(K))
    loss = lossbook.cross_entropy(np.log(y_hat), y - 1)
    return {r"q(y \mid \hat{y})": np.exp(-loss), Y_HAT: y_hat, "y": y, "K": K}


@equation("eq-likelihood-poisson", "scipy.stats.poisson")
def _(rng):
    y, y_hat = rng.integers(0, 6), rng.uniform(0.5, 4)
    return {r"q(y \mid \hat{y})": poisson.pmf(y, y_hat), Y_HAT: y_hat, "y": y}


# --- priors


def coin_with_prior(rng):
    """A coin whose probability of heads has a Beta prior: all of Bayes' rule in closed form."""
    heads, tails = rng.integers(1, 6, 2)
    a, b = rng.uniform(1, 4, 2)
    theta = rng.uniform(0.2, 0.8)
    return heads + tails, {
        r"p(\theta \mid \mathcal{D})": beta.pdf(theta, a + heads, b + tails),
        r"p(\theta)": beta.pdf(theta, a, b),
        L: theta**heads * (1 - theta) ** tails,
        r"p(\mathcal{D})": np.exp(betaln(a + heads, b + tails) - betaln(a, b)),
    }


@equation("eq-posterior", "scipy.stats.beta")
def _(rng):
    return coin_with_prior(rng)[1]


@equation("eq-map", "scipy.stats.beta")
def _(rng):
    N, symbols = coin_with_prior(rng)
    return symbols | {"N": N, J: -np.log(symbols[L]) / N}


def prior(rng, distribution, scale):
    d, theta, width = 3, rng.normal(size=3), rng.uniform(0.5, 2)
    density = np.prod(distribution.pdf(theta, 0, width))
    return {r"p(\theta)": density, THETA: theta, "d": d, "N": rng.integers(2, 9), scale: width}


@equation("eq-gaussian-prior", "scipy.stats.norm")
def _(rng):
    return prior(rng, norm, r"\tau")


@equation("eq-laplace-prior", "scipy.stats.laplace")
def _(rng):
    return prior(rng, laplace, "b")


def minimum(slope, kink=None):
    """Where a convex function has its minimum, from its slope: at the kink or at a zero."""
    if kink is not None and slope(kink - 1e-12) <= 0 <= slope(kink + 1e-12):
        return kink
    return brentq(slope, -10, 10, xtol=1e-14)


@equation("eq-shrink-l2", "scipy.optimize.brentq")
def _(rng):
    m, strength = rng.uniform(-2, 2), rng.uniform(0.5, 2)
    best = minimum(lambda theta: 2 * (theta - m) + 2 * strength * theta)
    return {r"\hat{\theta}": best, "m": m, r"\lambda": strength}


@equation("eq-shrink-l1", "scipy.optimize.brentq")
def _(rng):
    strength = rng.uniform(0.5, 2)
    m = rng.choice([-1, 1]) * strength * rng.choice([0.1, 0.4, 0.49, 0.51, 0.6, 0.9, 1.5])
    best = minimum(lambda theta: 2 * (theta - m) + strength * np.sign(theta), kink=0.0)
    return {r"\hat{\theta}": best, "m": m, r"\lambda": strength}


# --- many samples


def score_at(y, theta):
    return 1 / theta if y else -1 / (1 - theta)


@equation("eq-score", "中心差分 | central differences")
def _(rng):
    return {"q": bernoulli.pmf, "y": rng.integers(0, 2), THETA: rng.uniform(0.2, 0.8)}


@equation(
    "eq-fisher-information",
    "scipy.stats.bernoulli",
    accepted=(r"\sum -> \prod at position 23: ...al{I}(\theta) = [\sum]_{y=0}^{1} q(y; ...",),
)  # 1/theta + 1/(1 - theta) is their product
def _(rng):
    theta = rng.uniform(0.1, 0.9)
    variance = sum(bernoulli.pmf(y, theta) * score_at(y, theta) ** 2 for y in (0, 1))
    q = lambda y, theta: theta**y * (1 - theta) ** (1 - y)
    return {"q": q, THETA: theta, r"\mathcal{I}(\theta)": variance}


@equation("eq-cost-curvature", "scipy.stats.bernoulli")
def _(rng):
    m, tails = rng.integers(1, 6, 2)
    y = np.repeat([1, 0], [m, tails])
    cost = lambda theta: -bernoulli.logpmf(y, theta).mean()
    return {"J": cost, "m": m, "N": m + tails, THETA: rng.uniform(0.3, 0.7)}


@equation("eq-asymptotic-deviation", "scipy.stats.bernoulli")
def _(rng):
    theta = rng.uniform(0.1, 0.9)
    variance = sum(bernoulli.pmf(y, theta) * score_at(y, theta) ** 2 for y in (0, 1))
    return {THETA: theta, "N": rng.integers(2, 50), r"\mathcal{I}(\theta)": variance}


@equation("eq-posterior-logit", "scipy.stats.betaprime")
def _(rng):
    a, b = rng.uniform(1, 4, 2)
    theta = rng.uniform(0.1, 0.9)
    odds = theta / (1 - theta)
    return {
        r"p(z \mid \mathcal{D})": betaprime.pdf(odds, a, b) * odds,
        r"p(\theta \mid \mathcal{D})": beta.pdf(theta, a, b),
        THETA: theta,
    }


# --- exercises on maximum likelihood


@equation("eq-exponential-loss", "scipy.stats.expon")
def _(rng):
    y_hat, y = rng.uniform(0.3, 3, 2)
    loss = lambda y_hat, y: -expon.logpdf(y, scale=1 / y_hat)
    return {r"\ell": loss, Y_HAT: y_hat, "y": y}


@equation("eq-exponential-slope", "中心差分 | central differences")
def _(rng):
    y_hat, mean = rng.uniform(0.3, 3, 2)
    return {Y_HAT: y_hat, r"\bar{y}": mean}


def variance(rng):
    errors = rng.normal(size=5)
    cost = lambda v: -norm.logpdf(errors, scale=np.sqrt(v)).mean()
    return {"J": cost, "s": np.mean(errors**2)}


@equation("eq-variance-slope", "scipy.stats.norm")
def _(rng):
    return variance(rng) | {"v": rng.uniform(0.5, 3)}


@equation("eq-variance-minimum", "scipy.stats.norm")
def _(rng):
    return variance(rng)


@equation("eq-add-one", "scipy.optimize.brentq")
def _(rng):
    m, tails = rng.integers(0, 6, 2)
    slope = lambda t: (tails + 1) / (1 - t) - (m + 1) / t
    best = brentq(slope, 1e-9, 1 - 1e-9, xtol=1e-14)
    return {r"\hat{\theta}": best, "m": m, "N": m + tails}


@equation("eq-add-two", "scipy.optimize.brentq")
def _(rng):
    m, tails = rng.integers(0, 6, 2)
    slope = lambda t: (tails + 2) / (1 - t) - (m + 2) / t
    best = brentq(slope, 1e-9, 1 - 1e-9, xtol=1e-14)
    return {r"\hat{\theta}": best, "m": m, "N": m + tails}
