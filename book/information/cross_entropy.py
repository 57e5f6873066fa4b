"""What the symbols of the equations of `cross_entropy.md` stand for."""

import numpy as np

from lossbook import information as info
from lossbook_extensions.draws import coins, distribution, sides, two_distributions
from press.bindings import equation

INFO = "lossbook.information."


# --- cross-entropy


def code(rng):
    """The word lengths of a random binary tree: a complete prefix code of 3 to 6 words."""
    lengths = [1, 1]
    for _ in range(rng.integers(1, 5)):
        split = lengths.pop(rng.integers(len(lengths)))
        lengths += [split + 1, split + 1]
    return np.array(lengths)


@equation("eq-kraft", "NumPy")
def _(rng):
    lengths = code(rng) if rng.random() < 0.7 else code(rng)[1:]
    return {r"\ell": lengths, "n": len(lengths)}


@equation("eq-code-length", INFO + "self_information")
def _(rng):
    q = distribution(rng, 4)
    return {r"\ell": info.self_information(q, base=2), "q": q, "i": rng.integers(1, 5)}


@equation("eq-expected-code-length", INFO + "cross_entropy")
def _(rng):
    lengths = code(rng)
    p, q = distribution(rng, len(lengths)), 0.5**lengths
    return {"p": p, "q": q, r"\ell": lengths, "n": len(p)}


@equation("eq-cross-entropy", INFO + "cross_entropy")
def _(rng):
    n, p, q = two_distributions(rng)
    return {"p": p, "q": q, "n": n, "H(P, Q)": info.cross_entropy(p, q)}


def data(rng):
    n, N = rng.integers(2, 5), rng.integers(5, 9)
    y = rng.integers(1, n + 1, N)
    return n, N, y, np.bincount(y - 1, minlength=n) / N


@equation("eq-empirical-distribution", "numpy.bincount")
def _(rng):
    n, N, y, p_hat = data(rng)
    return {r"\hat{p}": p_hat, "N": N, "y": y, "i": rng.integers(1, n + 1)}


@equation("eq-cross-entropy-average", INFO + "cross_entropy")
def _(rng):
    n, N, y, p_hat = data(rng)
    q = distribution(rng, n)
    cross = info.cross_entropy(p_hat, q)
    return {r"\hat{p}": p_hat, "N": N, "n": n, "y": y, "q": q, r"H(\hat{P}, Q)": cross}


@equation("eq-cross-entropy-one-hot", INFO + "cross_entropy")
def _(rng):
    K = rng.integers(2, 6)
    y, q = rng.integers(1, K + 1), distribution(rng, K)
    return {"K": K, "y": y, "q": q, "H(P, Q)": info.cross_entropy(np.eye(K)[y - 1], q)}


@equation("eq-cross-entropy-bound", INFO + "cross_entropy")
def _(rng):
    n, p, q = two_distributions(rng)
    if rng.random() < 0.3:  # an outcome without probability, then S is not everything
        p = np.append(0.0, p)
        q = p if rng.random() < 0.3 else distribution(rng, n + 1)
    S = [i for i, p_i in enumerate(p, start=1) if p_i > 0]
    return {
        "p": p,
        "q": q,
        "S": S,
        "H(P)": info.entropy(p),
        "H(P, Q)": info.cross_entropy(p, q),
    }


def binary_cross_entropy(p, q):
    return info.cross_entropy(sides(p), sides(q))


@equation("eq-binary-cross-entropy", INFO + "cross_entropy")
def _(rng):
    p, q = coins(rng)
    return {"p": p, "q": q, "h(p, q)": binary_cross_entropy(p, q)}


@equation("eq-binary-cross-entropy-slope", INFO + "cross_entropy")
def _(rng):
    p, q = coins(rng)
    return {"p": p, "q": q, "h": binary_cross_entropy}


@equation("eq-binary-cross-entropy-curvature", INFO + "cross_entropy")
def _(rng):
    p, q = coins(rng)
    return {"p": p, "q": q, "h": binary_cross_entropy}


@equation("eq-cross-entropy-lagrange", "NumPy")
def _(rng):
    n = rng.integers(2, 6)
    p, q = rng.uniform(0.1, 1, (2, n))
    return {
        "p": p,
        "q": q,
        "n": n,
        "k": rng.choice([1, n]),
        r"\lambda": rng.uniform(0.5, 2),
    }
