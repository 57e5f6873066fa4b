"""What the symbols of the equations of `sequence_cross_entropy.md` stand for."""

import numpy as np
from scipy.special import softmax

import lossbook
from lossbook import information as info
from press.bindings import equation

ELL, PP, P_HAT = r"\ell", r"\operatorname{PP}", r"\hat{P}"
MODULE = "lossbook.sequence."


# --- tokens


def history(rng):
    """A joint distribution of three tokens, and its conditionals: the history is a number."""
    joint = rng.dirichlet(np.full(8, 2.0)).reshape(2, 2, 2)
    y = rng.integers(0, 2, 3)
    before = [tuple(y[:t]) for t in range(3)]

    def q(token, number):
        row = joint[before[number - 1]]
        rows = row.reshape(2, -1).sum(axis=1)
        return rows[token - 1] / rows.sum()

    return {"q": q, "q(y)": joint[tuple(y)], "y": y + 1, "h": [1, 2, 3], "T": 3}


@equation("eq-sequence-chain", "NumPy")
def _(rng):
    return history(rng)


@equation("eq-sequence-nll", "NumPy")
def _(rng):
    return history(rng)


@equation("eq-token-loss", "lossbook.classification.cross_entropy")
def _(rng):
    K = int(rng.integers(2, 6))
    loss = lambda z, y: float(lossbook.cross_entropy(z, y - 1))
    return {ELL: loss, "z": rng.normal(size=K), "y": int(rng.integers(1, K + 1)), "K": K}


def padded(rng):
    """Logits, labels from 1 and a mask with a 0 and two 1 at least."""
    N, T, K = (int(n) for n in rng.integers(2, 4, 3))
    mask = np.zeros(N * T, int)
    mask[rng.permutation(N * T)[: rng.integers(2, N * T)]] = 1
    y = rng.integers(1, K + 1, (N, T))
    return {
        "z": rng.normal(size=(N, T, K)),
        "y": y,
        "m": mask.reshape(N, T),
        "N": N,
        "T": T,
        "K": K,
    }


def of(function, mask):
    return lambda z, y: function(z, y - 1, mask=mask)


def place(rng, values):
    """One logit, most often of a token that counts."""
    where = np.argwhere(values["m"] >= int(rng.random() < 0.8))
    i, t = (int(n) + 1 for n in rng.choice(where))
    return {"i": i, "t": t, "k": int(rng.integers(1, values["K"] + 1))}


@equation("eq-sequence-cross-entropy", MODULE + "sequence_cross_entropy")
def _(rng):
    values = padded(rng)
    return values | {ELL: of(lossbook.sequence_cross_entropy, values["m"])}


@equation("eq-sequence-cross-entropy-grad", "中心差分 | central differences")
def _(rng):
    values = padded(rng)
    values |= {ELL: of(lossbook.sequence_cross_entropy, values["m"]), **place(rng, values)}
    del values["K"]
    return values | {"p": softmax(values["z"], axis=2)}


@equation("eq-padding-dilutes", MODULE + "sequence_cross_entropy")
def _(rng):
    values = padded(rng)
    z, y, m = values["z"], values["y"] - 1, values["m"]
    loss = lossbook.sequence_cross_entropy
    return {
        r"\ell_{\text{all}}": loss(z, y),
        r"\ell_{\text{kept}}": loss(z, y, mask=m),
        r"\ell_{\text{pad}}": loss(z, y, mask=1 - m),
        "M": int(m.sum()),
        "N": values["N"],
        "T": values["T"],
    }


# --- perplexity


@equation("eq-sequence-perplexity", MODULE + "perplexity")
def _(rng):
    values = padded(rng)
    return values | {PP: of(lossbook.perplexity, values["m"])}


@equation("eq-perplexity-geometric", "scipy.stats.gmean")
def _(rng):
    M = int(rng.integers(2, 6))
    return {"q": rng.uniform(0.1, 0.9, M), "M": M}


@equation("eq-perplexity-of-frequencies", "lossbook.information")
def _(rng):
    K = int(rng.integers(2, 5))
    y = np.repeat(np.arange(K), rng.integers(1, 4, K))
    p = np.bincount(y) / len(y)
    q = p if rng.random() < 0.3 else rng.dirichlet(np.full(K, 2.0))
    logits = np.log(q) * np.ones((len(y), 1))
    return {
        r"\operatorname{PP}(z, y)": lossbook.perplexity(logits, y),
        rf"\operatorname{{PP}}({P_HAT})": info.perplexity(p),
        rf"H({P_HAT}, Q)": info.cross_entropy(p, q),
        rf"H({P_HAT})": info.entropy(p),
    }


@equation("eq-sequence-perplexity-grad", "中心差分 | central differences")
def _(rng):
    values = padded(rng)
    mask = values["m"]
    values |= {PP: of(lossbook.perplexity, mask), ELL: of(lossbook.sequence_cross_entropy, mask)}
    values |= place(rng, values)
    for name in "mNTK":
        del values[name]
    return values


# --- micro-batches


def micro_batches(rng):
    """The lengths and mean losses of the lines of a batch, and the loss of the whole."""
    values = padded(rng)
    z, y, m = values["z"], values["y"] - 1, values["m"]
    m[:, 0] = 1
    means = [
        lossbook.sequence_cross_entropy(*line[:2], mask=line[2])
        for line in zip(z, y, m, strict=True)
    ]
    whole = lossbook.sequence_cross_entropy(z, y, mask=m)
    return {"J": whole, ELL: np.array(means), "M": m.sum(axis=1), "B": len(z)}


@equation("eq-micro-batch-mean", MODULE + "sequence_cross_entropy")
def _(rng):
    return micro_batches(rng)


@equation("eq-micro-batch-gap", MODULE + "sequence_cross_entropy")
def _(rng):
    values = micro_batches(rng)
    return values | {r"\bar{M}": values["M"].mean()}


@equation("eq-bigram-counts", MODULE + "sequence_cross_entropy")
def _(rng):
    K = int(rng.integers(2, 5))
    q, counts = rng.dirichlet(np.ones(K), K), rng.integers(1, 5, (K, K))
    before, after = np.repeat(np.argwhere(counts), counts.ravel(), axis=0).T
    loss = lossbook.sequence_cross_entropy(np.log(q)[before], after)
    n = counts.sum(axis=1)
    return {ELL: loss, "K": K, "M": len(after), "c": counts, "n": n, "q": q}
