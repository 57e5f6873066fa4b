"""What the symbols of the equations of `ctc.md` stand for."""

from itertools import groupby, pairwise, product

import numpy as np
from scipy.special import log_softmax, softmax

import lossbook
from press.bindings import equation

ELL = r"\ell"
CTC = "lossbook.ctc."
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
