"""What the symbols of the equations of `tensorflow.md` stand for."""

import numpy as np

import lossbook
from lossbook import special
from press.bindings import equation

ELL, SOFTMAX, SIGMA = r"\ell", r"\operatorname{softmax}", r"\sigma"
NAMES = "lossbook.tensorflow_names."
SOFT, SPARSE = "softmax_cross_entropy_with_logits", "sparse_softmax_cross_entropy_with_logits"
SIGMOID, WEIGHTED = "sigmoid_cross_entropy_with_logits", "weighted_cross_entropy_with_logits"
DIFFERENCES = "中心差分 | central differences"


# --- classes that exclude each other


def some_class(rng, K, but_often=None):
    if but_often is not None and rng.random() < 0.5:
        return but_often
    return int(rng.integers(1, K + 1))


def soft(rng):
    """Labels that need not sum to 1, and logits."""
    K = int(rng.integers(2, 6))
    t = rng.dirichlet(np.full(K, 2.0)) * rng.choice([1.0, rng.uniform(0.5, 2)])
    return {"t": t, "z": rng.normal(scale=2, size=K), "K": K}


def soft_loss(t, z):
    return lossbook.softmax_cross_entropy_with_logits(t, np.asarray(z))


@equation("eq-softmax-cross-entropy-with-logits", NAMES + SOFT)
def _(rng):
    return soft(rng) | {ELL: soft_loss}


@equation("eq-softmax-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    values = soft(rng)
    return values | {"k": some_class(rng, values["K"]), ELL: soft_loss, SOFTMAX: special.softmax}


def sparse(rng):
    K = int(rng.integers(2, 6))
    loss = lambda y, z: lossbook.sparse_softmax_cross_entropy_with_logits(int(y) - 1, z)
    return {"y": some_class(rng, K), "z": rng.normal(scale=2, size=K), "K": K, ELL: loss}


equation("eq-sparse-softmax-cross-entropy-with-logits", NAMES + SPARSE)(sparse)


@equation("eq-sparse-softmax-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    values = sparse(rng)
    k = some_class(rng, values.pop("K"), but_often=values["y"])
    return values | {"k": k, SOFTMAX: special.softmax}


# --- labels that do not sum to 1


@equation("eq-tensorflow-other-loss", DIFFERENCES)
def _(rng):
    values = soft(rng)
    return values | {
        "k": some_class(rng, values["K"]),
        SOFTMAX: special.softmax,
        r"\operatorname{LSE}": special.logsumexp,
    }


@equation(
    "eq-tensorflow-gradient-sum",
    "lossbook.special.softmax",
    # probabilities sum to 1 whatever the logits
    accepted=[
        f"'z' nudged {word} at position 46: ...orname{{softmax}}([z])_k - t_k \\right..."
        for word in ("up", "down")
    ],
)
def _(rng):
    return soft(rng) | {SOFTMAX: special.softmax}


@equation("eq-normalised-labels", NAMES + SOFT)
def _(rng):
    values = soft(rng)
    del values["K"]
    return values | {"s": values["t"].sum(), ELL: soft_loss}


@equation("eq-normalised-gradient", NAMES + SOFT + "_grad")
def _(rng):
    values = soft(rng)
    k = some_class(rng, values.pop("K"))
    return values | {"k": k, "s": values["t"].sum(), SOFTMAX: special.softmax}


# --- yes or no


def event(rng):
    return {"t": rng.uniform(0.1, 0.9), "z": rng.normal(scale=2)}


def sigmoid_loss(t, z):
    return float(lossbook.sigmoid_cross_entropy_with_logits(np.float64(t), np.float64(z)))


@equation("eq-sigmoid-cross-entropy-with-logits", NAMES + SIGMOID)
@equation("eq-sigmoid-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    return event(rng) | {ELL: sigmoid_loss, SIGMA: special.sigmoid}


def weighted(rng):
    w = rng.uniform(0.3, 4)
    loss = lambda t, z: float(
        lossbook.weighted_cross_entropy_with_logits(np.float64(t), np.float64(z), w)
    )
    return event(rng) | {"w": w, ELL: loss}


@equation("eq-weighted-cross-entropy-with-logits", NAMES + WEIGHTED)
@equation("eq-weighted-cross-entropy-with-logits-grad", DIFFERENCES)
def _(rng):
    return weighted(rng) | {SIGMA: special.sigmoid}


equation("eq-weighted-stable-form", NAMES + WEIGHTED)(weighted)


@equation("eq-weighted-gradient-at-zero", NAMES + WEIGHTED + "_grad")
def _(rng):
    values = weighted(rng)
    return {"t": values["t"], "w": values["w"]}
