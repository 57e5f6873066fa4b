"""Bindings for the equations of Part I, information theory."""

import numpy as np

from equations import equation
from lossbook import information as info

INFO = "lossbook.information."


def probability(rng, size=None):
    return rng.uniform(0.02, 0.98, size)


def distribution(rng, n=None):
    return rng.dirichlet(np.ones(n or rng.integers(2, 6)))


# self-information


@equation("eq-information-additive", INFO + "self_information")
def _(rng):
    p, q = probability(rng, 2)
    return {"p": p, "q": q, "I": info.self_information}


def cauchy(rng):
    """A solution g of Cauchy's equation in a unit of its own."""
    unit = rng.uniform(1.2, 9)
    return lambda t: info.self_information(np.exp(-t), base=unit)


@equation("eq-cauchy", INFO + "self_information")
def _(rng):
    s, t = rng.uniform(0.1, 3, 2)
    return {"s": s, "t": t, "g": cauchy(rng)}


@equation("eq-cauchy-integer", INFO + "self_information")
def _(rng):
    return {"n": rng.integers(2, 9), "t": rng.uniform(0.1, 3), "g": cauchy(rng)}


@equation("eq-cauchy-rational", INFO + "self_information")
def _(rng):
    return {"m": rng.integers(1, 9), "n": rng.integers(10, 20), "g": cauchy(rng)}


@equation("eq-cauchy-squeeze", INFO + "self_information")
def _(rng):
    r, t, s = np.sort(rng.uniform(0.1, 3, 3)) if rng.random() < 0.5 else [rng.uniform(0.1, 3)] * 3
    return {"r": r, "t": t, "s": s, "g": cauchy(rng)}


@equation("eq-self-information-scaled", INFO + "self_information")
def _(rng):
    p, c = probability(rng), rng.uniform(0.2, 4)
    return {"p": p, "c": c, "I(p)": info.self_information(p, base=np.exp(1 / c))}


@equation("eq-self-information", INFO + "self_information")
def _(rng):
    p = probability(rng)
    return {"p": p, "I(p)": info.self_information(p)}


@equation("eq-self-information-base", INFO + "self_information")
def _(rng):
    p, b = probability(rng), rng.uniform(1.5, 10)
    return {
        "p": p,
        "b": b,
        "I_b(p)": info.self_information(p, base=b),
        "I(p)": info.self_information(p),
    }


@equation("eq-self-information-slope", INFO + "self_information")
def _(rng):
    return {"p": probability(rng), "I": info.self_information}


@equation("eq-information-sum", INFO + "self_information")
def _(rng):
    p = probability(rng, rng.integers(2, 6))
    return {"p": p, "n": len(p), "I": info.self_information}


# entropy


@equation("eq-entropy", INFO + "entropy")
def _(rng):
    p = distribution(rng)
    return {"p": p, "n": len(p), "I": info.self_information, "H(P)": info.entropy(p)}


@equation("eq-entropy-non-negative", INFO + "entropy")
def _(rng):
    p = distribution(rng) if rng.random() < 0.5 else np.eye(3)[0]
    return {"H(P)": info.entropy(p)}


@equation("eq-binary-entropy", INFO + "binary_entropy")
def _(rng):
    p = probability(rng)
    return {"p": p, "h(p)": info.binary_entropy(p)}


@equation("eq-binary-entropy-slope", INFO + "binary_entropy")
def _(rng):
    return {"p": probability(rng), "h": info.binary_entropy}


@equation("eq-binary-entropy-maximum", INFO + "binary_entropy")
def _(rng):
    return {"h": info.binary_entropy}


@equation("eq-log-inequality", "NumPy")
def _(rng):
    return {"x": rng.choice([1.0, rng.uniform(0.9, 1.1), rng.uniform(0.01, 9)])}


@equation("eq-entropy-bound", INFO + "entropy")
def _(rng):
    p = distribution(rng)
    p = p if rng.random() < 0.7 else np.full_like(p, 1 / len(p))
    return {"p": p, "n": len(p), "H(P)": info.entropy(p)}


@equation("eq-perplexity", INFO + "perplexity")
def _(rng):
    p = distribution(rng)
    return {r"\operatorname{PP}(P)": info.perplexity(p), "H(P)": info.entropy(p)}


@equation("eq-loss-of-ignorance", INFO + "entropy")
def _(rng):
    K = rng.integers(2, 50)
    return {"K": K}


@equation("eq-entropy-additive", INFO + "entropy")
def _(rng):
    p, q = distribution(rng, 3), distribution(rng, 4)
    return {
        "p": p,
        "q": q,
        "n": 3,
        "m": 4,
        "H(X, Y)": info.entropy(np.outer(p, q).ravel()),
        "H(P)": info.entropy(p),
        "H(Q)": info.entropy(q),
    }


def labelled(rng):
    """An input, the label at each input, and the joint distribution of both."""
    n, m = rng.integers(2, 5, 2)
    p, c = rng.dirichlet(np.full(n, 2.0)), rng.dirichlet(np.full(m, 2.0), n)
    return {"p": p, "c": c, "n": n, "m": m}, p[:, np.newaxis] * c


@equation("eq-conditional-entropy", INFO + "entropy")
def _(rng):
    symbols, joint = labelled(rng)
    remains = info.entropy(joint.ravel()) - info.entropy(symbols["p"])
    return symbols | {r"H(Y \mid X)": remains}


@equation("eq-entropy-chain", INFO + "mutual_information")
def _(rng):
    symbols, joint = labelled(rng)
    return symbols | {
        "H(X, Y)": info.entropy(joint.ravel()),
        "H(X)": info.entropy(symbols["p"]),
        r"H(Y \mid X)": info.entropy(joint.sum(axis=0)) - info.mutual_information(joint),
    }


@equation("eq-loss-floor", INFO + "entropy")
def _(rng):
    symbols, joint = labelled(rng)
    q = rng.dirichlet(np.full(symbols["m"], 2.0), symbols["n"])
    q = symbols["c"] if rng.random() < 0.3 else q
    remains = info.entropy(joint.ravel()) - info.entropy(symbols["p"])
    return symbols | {"q": q, r"H(Y \mid X)": remains}
