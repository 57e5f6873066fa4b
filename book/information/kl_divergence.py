"""What the symbols of the equations of `kl_divergence.md` stand for."""

import numpy as np
from scipy.integrate import quad
from scipy.stats import cauchy, norm

from lossbook import information as info
from lossbook.special import softmax
from lossbook_extensions.draws import coins, distribution, sides, two_distributions
from press.bindings import equation

INFO = "lossbook.information."
D_PQ = r"D_{\mathrm{KL}}(P \,\|\, Q)"


# --- KL divergence


@equation("eq-kl-divergence", INFO + "kl_divergence")
def _(rng):
    n, p, q = two_distributions(rng)
    return {"p": p, "q": q, "n": n, D_PQ: info.kl_divergence(p, q)}


@equation("eq-cross-entropy-decomposition", INFO + "kl_divergence")
def _(rng):
    n, p, q = two_distributions(rng)
    return {
        "p": p,
        "q": q,
        "n": n,
        "H(P)": info.entropy(p),
        "H(P, Q)": info.cross_entropy(p, q),
        D_PQ: info.kl_divergence(p, q),
    }


@equation("eq-cross-entropy-difference", INFO + "kl_divergence")
def _(rng):
    p, q, r = rng.dirichlet(np.ones(4), size=3)
    return {
        "H(P, Q)": info.cross_entropy(p, q),
        "H(P, R)": info.cross_entropy(p, r),
        D_PQ: info.kl_divergence(p, q),
        D_PQ.replace("Q", "R"): info.kl_divergence(p, r),
    }


@equation("eq-kl-term", "NumPy")
def _(rng):
    p = rng.choice([0.0, rng.uniform(0.05, 1)], 3)
    q = rng.choice([np.maximum(p, 0.05), 0.99 * p + 0.001, rng.uniform(0.05, 1, 3)])
    return {"p": p, "q": q, "i": rng.integers(1, 4)}


@equation("eq-gibbs", INFO + "kl_divergence")
def _(rng):
    n, p, q = two_distributions(rng)
    return {"p": p, "q": q, "n": n, D_PQ: info.kl_divergence(p, q)}


@equation("eq-binary-kl", INFO + "kl_divergence")
def _(rng):
    p, q = coins(rng)
    return {"p": p, "q": q, "d(p, q)": info.kl_divergence(sides(p), sides(q))}


@equation("eq-binary-kl-tangent", INFO + "kl_divergence")
def _(rng):
    p, q = coins(rng)
    divergence = info.kl_divergence(sides(p), sides(q))
    return {"p": p, "q": q, "h": info.binary_entropy, "d(p, q)": divergence}


# --- densities


@equation("eq-kl-continuous", "a closed form for Cauchy densities")
def _(rng):
    # Cauchy densities do not underflow far out, where those of a Gaussian would be 0 / 0.
    m, s = rng.uniform(-1, 1, 2), rng.uniform(0.5, 2, 2)
    closed = np.log((s.sum() ** 2 + (m[0] - m[1]) ** 2) / (4 * s.prod()))
    p, q = (cauchy(*parameters).pdf for parameters in zip(m, s, strict=True))
    return {"p": p, "q": q, r"D_{\mathrm{KL}}(p \,\|\, q)": closed}


def gaussians(rng):
    return {r"\mu": rng.uniform(-2, 2, 2), r"\sigma": rng.uniform(0.5, 2, 2)}


def densities(symbols):
    return [norm(*parameters).pdf for parameters in zip(*symbols.values(), strict=True)]


@equation("eq-gaussian-density", "scipy.stats.norm")
def _(rng):
    symbols = gaussians(rng)
    return symbols | {"p": densities(symbols)[0], "x": rng.uniform(-3, 3)}


@equation("eq-gaussian-log-ratio", "scipy.stats.norm")
def _(rng):
    symbols = gaussians(rng)
    p, q = densities(symbols)
    return symbols | {"p": p, "q": q, "x": rng.uniform(-3, 3)}


@equation("eq-gaussian-second-moment", "scipy.stats.norm")
def _(rng):
    symbols = gaussians(rng)
    return symbols | {"p": densities(symbols)[0]}


@equation("eq-gaussian-kl", "scipy.integrate.quad")
def _(rng):
    symbols = gaussians(rng)
    p, q = (norm(*parameters) for parameters in zip(*symbols.values(), strict=True))
    divergence, _ = quad(
        lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), *p.interval(1 - 1e-15), epsabs=1e-13
    )
    return symbols | {r"D_{\mathrm{KL}}(p \,\|\, q)": divergence}


@equation("eq-gaussian-cross-entropy", "scipy.stats.norm")
def _(rng):
    # Two narrow peaks and a wide q, so that p is exactly 0 before q underflows.
    weight, left, right, width = rng.uniform([0.2, -2, 0, 0.5], [0.8, 0, 2, 0.9])
    mu, sigma = rng.uniform([-1, 1.2], [1, 2])

    def p(x):
        return weight * norm.pdf(x, left, width) + (1 - weight) * norm.pdf(x, right, width)

    return {
        "p": p,
        "q": norm(mu, sigma).pdf,
        r"\mu": mu,
        r"\sigma": sigma,
        "m": weight * left + (1 - weight) * right,
        "v": width**2 + weight * (1 - weight) * (right - left) ** 2,
    }


# --- soft labels


@equation("eq-label-smoothing", "NumPy")
def _(rng):
    K = rng.integers(2, 6)
    y, k = rng.integers(1, K + 1, 2)
    epsilon = rng.uniform(0.05, 0.5)
    p = np.full(K, epsilon / K)
    p[y - 1] = 1 - epsilon * (K - 1) / K
    return {"p": p, "y": y, "k": k, "K": K, r"\varepsilon": epsilon}


@equation("eq-cross-entropy-logits", INFO + "cross_entropy")
def _(rng):
    K = rng.integers(2, 6)
    p, z = distribution(rng, K), rng.normal(size=K)
    return {
        "p": p,
        "z": z,
        "K": K,
        r"\operatorname{softmax}": softmax,
        "H(P, Q)": info.cross_entropy(p, softmax(z)),
    }


@equation("eq-cross-entropy-logit-gradient", INFO + "cross_entropy")
def _(rng):
    K = rng.integers(2, 6)
    p, z = distribution(rng, K), rng.normal(size=K)
    return {
        "p": p,
        "q": softmax(z),
        "z": z,
        "k": rng.integers(1, K + 1),
        "K": K,
        "H(P, Q)": lambda z: info.cross_entropy(p, softmax(z)),
    }


@equation("eq-kl-logit-gradient", INFO + "kl_divergence")
def _(rng):
    K = rng.integers(2, 6)
    p, z = distribution(rng, K), rng.normal(size=K)
    return {
        "p": p,
        "q": softmax(z),
        "z": z,
        "k": rng.integers(1, K + 1),
        D_PQ: lambda z: info.kl_divergence(p, softmax(z)),
        "H(P, Q)": lambda z: info.cross_entropy(p, softmax(z)),
    }


@equation("eq-kl-uniform", INFO + "kl_divergence")
def _(rng):
    n = rng.integers(2, 6)
    p = distribution(rng, n)
    return {
        "p": p,
        "n": n,
        r"D_{\mathrm{KL}}(P \,\|\, U)": info.kl_divergence(p, np.full(n, 1 / n)),
        "H(P)": info.entropy(p),
    }
