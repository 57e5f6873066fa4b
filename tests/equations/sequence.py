"""Bindings for the equations of the part on sequences: padded tokens, and CTC."""

from itertools import groupby, pairwise, product

import numpy as np
from scipy.special import log_softmax, softmax

import lossbook
from equations import equation
from lossbook import information as info

ELL, PP, P_HAT = r"\ell", r"\operatorname{PP}", r"\hat{P}"
MODULE = "lossbook.sequence."
CTC = "lossbook.ctc."


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


# --- CTC: everything by brute force, from what alignments collapse to

BLANK = 1  # classes count from 1


def collapse(path):
    return [k for k, _ in groupby(path) if k != BLANK]


def state_of(path, y):
    """The state that a beginning is in, from 1; None if no end makes it spell y."""
    spelled = collapse(path)
    if spelled != y[: len(spelled)]:
        return None
    return 2 * len(spelled) + (not path or path[-1] == BLANK)


def classes(y):
    states = np.full(2 * len(y) + 1, BLANK)
    states[1::2] = y
    return states


def paths(T, K=3):
    return product(range(1, K + 1), repeat=T)


def spelling(T, y, K=3):
    return [path for path in paths(T, K) if collapse(path) == y]


def weight(x, path, start=0):
    return np.exp(sum(x[start + t, k - 1] for t, k in enumerate(path)))


def utterance(rng, least=0, K=3):
    """Log-probabilities, and a target of two or three labels that fits."""
    y = [int(k) for k in rng.integers(2, K + 1, rng.integers(2, 4))]
    if rng.random() < 0.4:
        y[1] = y[0]
    needed = len(y) + sum(a == b for a, b in pairwise(y))
    T = int(rng.integers(needed, 6)) if needed < 5 else 5
    return log_softmax(rng.normal(size=(max(T, least), K)), axis=1), y


def loss(x, y, **options):
    y = np.asarray(y) - 1
    return float(lossbook.ctc_loss(x, y, len(x), len(y), reduction="sum", **options))


def sums(x, y):
    """Forward and backward sums, and the shares of the states, for the times from 1."""
    T, states = len(x), classes(y)
    alpha, beta, g = np.zeros((3, T, len(states)))
    for t in range(1, T + 1):
        for path in paths(t):
            if s := state_of(path, y):
                alpha[t - 1, s - 1] += weight(x, path)
        for s in range(1, len(states) + 1):
            start = tuple(states[:s])  # in the state s, whatever the times
            ends = [path for path in paths(T - t) if collapse(start + path) == y]
            beta[t - 1, s - 1] = sum(weight(x, path, t) for path in ends)
    for path in spelling(T, y):
        for t in range(1, T + 1):
            g[t - 1, state_of(path[:t], y) - 1] += weight(x, path)
    return alpha, beta, g / np.exp(-loss(x, y))


def arrivals(rng):
    """An utterance, the logarithms of its forward sums, what they were made from, and the shares."""
    x, y = utterance(rng)
    alpha, _, g = sums(x, y)
    with np.errstate(divide="ignore"):
        a = np.log(alpha)
    return x, y, a, alpha / np.exp(x[:, classes(y) - 1]), g


def leaps(y):
    states = classes(y)
    return np.array([0, 0, *(states[2:] != states[:-2])], int)


@equation("eq-ctc-alignment", "NumPy")
def _(rng):
    x, _ = utterance(rng)
    path = rng.integers(1, 4, len(x))
    return {r"q(\pi)": weight(x, path), "x": x, "p": np.exp(x), r"\pi": path, "T": len(x)}


@equation("eq-ctc-total", CTC + "ctc_loss")
def _(rng):
    x, y = utterance(rng)
    q = lambda path: weight(x, np.ravel(path))
    return {"q(y)": np.exp(-loss(x, y)), "q": q, r"\mathcal{A}(y)": spelling(len(x), y)}


@equation("eq-ctc-loss-alignments", CTC + "ctc_loss")
def _(rng):
    x, y = utterance(rng)
    return {ELL: loss, "x": x, "y": y, "T": len(x), r"\mathcal{A}(y)": spelling(len(x), y)}


@equation("eq-ctc-count", "列举 | listing")
def _(rng):
    x, y = utterance(rng)
    T, d = len(x), sum(a == b for a, b in pairwise(y))
    return {r"|\mathcal{A}(y)|": len(spelling(T, y)), "T": T, "S": len(y), "d": d}


def somewhere(rng, x, y, later=0):
    """A time with one before it and a state with two before it, or with as many after them."""
    t = int(rng.integers(2, len(x) + 1 - later))
    return {"t": t, "s": int(rng.integers(3 - 2 * later, 2 * len(y) + 2 - 2 * later))}


@equation("eq-ctc-prefixes", "列举 | listing")
def _(rng):
    x, y = utterance(rng)
    alpha, where = sums(x, y)[0], somewhere(rng, x, y)
    found = [path for path in paths(where["t"]) if state_of(path, y) == where["s"]]
    return where | {r"\alpha": alpha, "p": np.exp(x), r"\mathcal{P}_{t,s}": found}


@equation("eq-ctc-leap", "NumPy")
def _(rng):
    y = utterance(rng)[1]
    s = int(rng.integers(3, 2 * len(y) + 2))
    return {"r": leaps(y), "y'": classes(y), "s": s}


@equation("eq-ctc-forward", "列举 | listing")
def _(rng):
    x, y = utterance(rng)
    values = {r"\alpha": sums(x, y)[0], "p": np.exp(x), "y'": classes(y), "r": leaps(y)}
    return values | somewhere(rng, x, y)


@equation("eq-ctc-forward-log", "列举 | listing")
def _(rng):
    while True:
        x, y, a, _, _ = arrivals(rng)
        where = somewhere(rng, x, y)
        if a[where["t"] - 1, where["s"] - 1] > -np.inf:
            return {"a": a, "x": x, "y'": classes(y), "r": leaps(y), **where}


@equation("eq-ctc-loss", CTC + "ctc_loss")
def _(rng):
    x, y, a, _, _ = arrivals(rng)
    return {ELL: loss, "x": x, "y": y, "a": a, "T": len(x), "S": len(y)}


@equation("eq-ctc-backward", "列举 | listing")
def _(rng):
    x, y = utterance(rng, least=3)
    values = {r"\beta": sums(x, y)[1], "p": np.exp(x), "y'": classes(y), "r": leaps(y)}
    return values | somewhere(rng, x, y, later=1)


@equation("eq-ctc-occupancy", CTC + "ctc_loss")
def _(rng):
    x, y = utterance(rng)
    alpha, beta, g = sums(x, y)
    where = somewhere(rng, x, y)
    return {r"\alpha": alpha, r"\beta": beta, "g": g, "q(y)": np.exp(-loss(x, y)), **where}


@equation("eq-ctc-occupancy-sum", "列举 | listing")
def _(rng):
    x, y = utterance(rng)
    return {"g": sums(x, y)[2], "S": len(y), "t": int(rng.integers(1, len(x) + 1))}


def slope(rng, x):
    """A time and a class, now and then the blank at the first or the last time."""
    if rng.random() < 0.5:
        return {"t": int(rng.choice([1, len(x)])), "k": BLANK}
    return {"t": int(rng.integers(1, len(x) + 1)), "k": int(rng.integers(1, x.shape[1] + 1))}


@equation("eq-ctc-grad-alignments", "中心差分 | central differences")
def _(rng):
    x, y = utterance(rng)
    q = lambda path: weight(x, np.ravel(path))
    values = {ELL: loss, "x": x, "y": y, "q": q, "q(y)": np.exp(-loss(x, y))}
    return values | {r"\mathcal{A}(y)": spelling(len(x), y)} | slope(rng, x)


@equation("eq-ctc-loss-grad", "中心差分 | central differences")
def _(rng):
    x, y = utterance(rng)
    values = {ELL: loss, "x": x, "y": y, "y'": classes(y), "g": sums(x, y)[2], "S": len(y)}
    return values | slope(rng, x)


@equation("eq-ctc-arrivals", "列举 | listing")
def _(rng):
    x, y, a, b, _ = arrivals(rng)
    return {"a": a, "b": b, "r": leaps(y)} | somewhere(rng, x, y)


@equation("eq-ctc-shares", "列举 | listing")
def _(rng):
    while True:
        x, y, a, b, g = arrivals(rng)
        t = int(rng.integers(2, len(x) + 1))
        s = int(rng.integers(1, 2 * len(y)))
        r = leaps(y)
        if np.all(b[t - 1, s - 1 : s + 2] > 0) and (r[s + 1] or rng.random() < 0.2):
            return {"a": a, "b": b, "g": g, "r": r, "t": t, "s": s}


@equation("eq-ctc-log-softmax-jacobian", "中心差分 | central differences")
def _(rng):
    K = int(rng.integers(2, 5))
    z = rng.normal(size=K)
    k = int(rng.integers(1, K + 1))
    j = k if rng.random() < 0.5 else int(rng.integers(1, K + 1))
    values = {r"\operatorname{softmax}": softmax, "z": z, "x": log_softmax(z)}
    return values | {"j": j, "k": k}


@equation("eq-log-softmax-backward", "NumPy")
def _(rng):
    K = int(rng.integers(2, 5))
    x, v = log_softmax(rng.normal(size=K)), rng.normal(size=K)
    return {"x": x, "v": v, "K": K, "j": int(rng.integers(1, K + 1))}


@equation("eq-ctc-loss-grad-by-logits", "中心差分 | central differences")
def _(rng):
    x, y = utterance(rng)
    z = x + rng.normal(size=(len(x), 1))
    of_logits = lambda z: loss(log_softmax(z, axis=1), y)
    values = {ELL: of_logits, "z": z, "x": x, "g": sums(x, y)[2], "y'": classes(y), "S": len(y)}
    return values | slope(rng, x)


@equation("eq-ctc-mean", CTC + "ctc_loss")
def _(rng):
    N, T, S = int(rng.integers(2, 5)), 7, 3
    x = log_softmax(rng.normal(size=(T, N, 3)), axis=2)
    y = rng.integers(1, 3, (N, S))
    sizes = rng.permutation([0, *rng.integers(0, S + 1, N - 1)])
    each = lossbook.ctc_loss(x, y, np.full(N, T), sizes, reduction="none")
    return {"J": lossbook.ctc_loss(x, y, np.full(N, T), sizes), ELL: each, "S": sizes, "N": N}


@equation("eq-ctc-straight", CTC + "ctc_loss")
def _(rng):
    T = int(rng.integers(2, 5))
    x = log_softmax(rng.normal(size=(T, 3)), axis=1)
    return {ELL: loss, "x": x, "y": np.resize(rng.permutation([2, 3]), T), "T": T}


@equation("eq-ctc-shift", CTC + "ctc_loss")
def _(rng):
    x, y = utterance(rng)
    return {ELL: loss, "x": x, "y": y, "c": rng.normal(), "T": len(x)}
