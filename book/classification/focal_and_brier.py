"""What the symbols of the equations of `focal_and_brier.md` stand for."""

import numpy as np
from scipy.optimize import brentq

import lossbook
from lossbook.special import sigmoid, softmax
from lossbook_extensions.draws import only
from press.bindings import equation

ELL, ALPHA, GAMMA = r"\ell", r"\alpha", r"\gamma"
FOCAL = "lossbook.classification.focal_loss"
BRIER = "lossbook.classification.brier_score"
DIFFERENCES = "中心差分 | central differences"


def logit(p):
    return np.log(p / (1 - p))


def focal(z, t, **options):
    return float(lossbook.focal_loss(np.float64(z), np.float64(t), **options))


def cross_entropy(z, t):
    return focal(z, t, alpha=-1, gamma=0.0)


def doubt(z, t):
    """The probability of being wrong."""
    return sigmoid(z) * (1 - t) + sigmoid(-z) * t


def options(rng):
    return {"alpha": rng.uniform(0.2, 0.8), "gamma": rng.uniform(0.5, 3)}


# --- focal loss


@equation("eq-focal-positive", FOCAL)
def _(rng):
    gamma = rng.uniform(0.5, 3)
    loss = lambda p: focal(logit(p), 1.0, alpha=-1, gamma=gamma)
    return {ELL: loss, "p": rng.uniform(0.1, 0.9), GAMMA: gamma}


def prediction(rng):
    z, t = rng.normal(), rng.uniform(0.1, 0.9)
    return {"z": z, "t": t, "p": sigmoid(z), "q": doubt(z, t)}


@equation("eq-focal-wrong", "lossbook.special.sigmoid")
def _(rng):
    return only(prediction(rng), "p", "t", "q")


@equation("eq-focal-loss", FOCAL)
def _(rng):
    chosen = options(rng)
    loss = lambda z, t: focal(z, t, **chosen)
    return prediction(rng) | {ELL: loss, ALPHA: chosen["alpha"], GAMMA: chosen["gamma"]}


@equation("eq-focal-slopes", DIFFERENCES)
def _(rng):
    return only(prediction(rng), "z", "t", "p") | {"q": doubt, "h": cross_entropy}


def gradient(rng):
    values, chosen = prediction(rng), options(rng)
    t, alpha = values["t"], chosen["alpha"]
    return values | {
        ELL: lambda z, t: focal(z, t, **chosen),
        "a": alpha * t + (1 - alpha) * (1 - t),
        "h": cross_entropy(values["z"], t),
        GAMMA: chosen["gamma"],
    }


@equation("eq-focal-product", DIFFERENCES)
def _(rng):
    return gradient(rng)


@equation("eq-focal-loss-grad", DIFFERENCES)
def _(rng):
    return gradient(rng)


def expected(r, gamma):
    """The mean of the focal loss where yes has the probability r, as a function of the prediction."""
    chosen = {"alpha": -1, "gamma": gamma}
    return lambda p: r * focal(logit(p), 1, **chosen) + (1 - r) * focal(logit(p), 0, **chosen)


@equation("eq-focal-expected", FOCAL)
def _(rng):
    p, r, gamma = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9), rng.uniform(0.5, 3)
    return {"J": expected(r, gamma), "p": p, "r": r, GAMMA: gamma}


def steepness(p, gamma):
    """By the chain rule from the derivative in the logit."""
    z = np.array([logit(p)])
    slope = lossbook.focal_loss_grad(z, np.ones(1), alpha=-1, gamma=gamma)[0]
    return -slope / (p * (1 - p))


@equation("eq-focal-steepness", "lossbook.classification.focal_loss_grad")
def _(rng):
    gamma = rng.uniform(0.5, 3)
    return {"s": lambda p: steepness(p, gamma), "p": rng.uniform(0.1, 0.9), GAMMA: gamma}


@equation("eq-focal-undo", "scipy.optimize.brentq")
def _(rng):
    r, gamma = rng.uniform(0.1, 0.9), rng.uniform(0.5, 3)

    def slope(p):
        z = np.full(2, logit(p))
        both = lossbook.focal_loss_grad(
            z, np.array([1.0, 0.0]), alpha=-1, gamma=gamma, reduction="none"
        )
        return np.array([r, 1 - r]) @ both

    best = brentq(slope, 1e-6, 1 - 1e-6, xtol=1e-15, rtol=1e-14)
    return {"r": r, "p": best, "s": lambda p: steepness(p, gamma)}


# --- Brier score


def score(p, t):
    return float(lossbook.brier_score(np.asarray(p, float), np.asarray(t, float)))


def classes(rng):
    K = int(rng.integers(2, 6))
    p, t = rng.dirichlet(np.full(K, 2.0), 2)
    return {"p": p, "t": t, "K": K}


@equation("eq-brier-score", BRIER)
def _(rng):
    return classes(rng) | {ELL: score}


@equation("eq-brier-score-grad", DIFFERENCES)
def _(rng):
    values = classes(rng)
    return only(values, "p", "t") | {ELL: score, "k": int(rng.integers(1, values["K"] + 1))}


@equation("eq-brier-binary", BRIER)
def _(rng):
    p, t = rng.uniform(0.1, 0.9, 2)
    return {ELL: lambda p, t: score([p, 1 - p], [t, 1 - t]), "p": p, "t": t}


@equation("eq-brier-logit-grad", DIFFERENCES)
def _(rng):
    values = classes(rng)
    z = rng.normal(size=values["K"])
    return values | {
        ELL: lambda z, t: score(softmax(z), t),
        "z": z,
        "p": softmax(z),
        "k": int(rng.integers(1, values["K"] + 1)),
    }


@equation("eq-brier-one-class", "NumPy")
def _(rng):
    p, r = (rng.dirichlet(np.full(3, 2.0)) for _ in range(2))
    return {"p": p, "r": r, "k": int(rng.integers(1, 4))}


@equation("eq-brier-excess", BRIER)
def _(rng):
    K = int(rng.integers(2, 6))
    p, r = rng.dirichlet(np.full(K, 2.0), 2)
    mean = lambda p: sum(r_k * score(p, e) for r_k, e in zip(r, np.eye(K), strict=True))
    return {"J": mean, "p": p, "r": r, "K": K}


# --- calibration


def groups(rng):
    """Samples in groups, each with one prediction."""
    n = rng.integers(2, 7, int(rng.integers(2, 5)))
    p = rng.uniform(0.1, 0.9, len(n))
    t = [rng.integers(0, 2, size).astype(float) for size in n]
    return n, p, t


@equation("eq-expected-calibration-error", "NumPy")
def _(rng):
    n, p, t = groups(rng)
    error = np.abs(np.repeat(p - [x.mean() for x in t], n)).mean()
    return {
        r"\operatorname{ECE}": error,
        "n": n,
        "N": int(n.sum()),
        "B": len(n),
        r"\bar{p}": p,
        r"\bar{t}": np.array([x.mean() for x in t]),
    }


@equation("eq-brier-group", "NumPy")
def _(rng):
    n, p, t = groups(rng)
    return {"n": int(n[0]), "p": p[0], "t": t[0], r"\bar{t}": t[0].mean()}


@equation("eq-brier-decomposition", BRIER)
def _(rng):
    n, p, t = groups(rng)
    every, seen = np.repeat(p, n), np.concatenate(t).astype(int)
    return {
        "J": float(lossbook.brier_score(np.stack([1 - every, every], axis=1), seen)),
        "n": n,
        "N": int(n.sum()),
        "B": len(n),
        "p": p,
        r"\bar{t}": np.array([x.mean() for x in t]),
    }
