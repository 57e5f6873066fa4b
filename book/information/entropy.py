"""What the symbols of the equations of `entropy.md` stand for."""

import numpy as np

from lossbook import information as info
from lossbook_extensions.draws import probability
from press.bindings import equation

INFO = "lossbook.information."


def distribution(rng, n=None):
    return rng.dirichlet(np.ones(n or rng.integers(2, 6)))


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
