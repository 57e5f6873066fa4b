"""What the symbols of the equations of `nll_and_log_loss.md` stand for."""

import numpy as np
from scipy.special import softmax

import lossbook
from lossbook import special
from lossbook_extensions.draws import classified, loss_of_class, scored, some_class
from press.bindings import equation

ELL, J = r"\ell", r"J(\theta)"
CE = "lossbook.classification.cross_entropy"
DIFFERENCES = "中心差分 | central differences"
# --- NLL

NLL, LOG_LOSS = "lossbook.classification.nll_loss", "lossbook.classification.log_loss"


def weighted_nll(rng):
    """Log-probabilities, a class from 1 and weights of the classes."""
    K = rng.integers(2, 6)
    w = rng.uniform(0.3, 3, K)
    return {
        ELL: lambda x, y: lossbook.nll_loss(x, int(y) - 1, weight=w, reduction="sum"),
        "x": np.log(rng.dirichlet(np.full(K, 2.0))),
        "y": rng.integers(1, K + 1),
        "w": w,
    }


equation("eq-nll-loss", NLL)(weighted_nll)


@equation("eq-nll-loss-grad", DIFFERENCES)
def _(rng):
    values = weighted_nll(rng)
    K, y = len(values["x"]), values["y"]
    return values | {"k": y if rng.random() < 0.5 else rng.integers(1, K + 1)}


@equation("eq-nll-of-log-softmax", NLL)
def _(rng):
    values = scored(rng)
    return {
        r"\ell_{\text{NLL}}": lambda x, y: lossbook.nll_loss(x, int(y) - 1),
        r"\ell_{\text{CE}}": loss_of_class,
        r"\log \operatorname{softmax}": special.log_softmax,
        r"\operatorname{LSE}": special.logsumexp,
        "z": values["z"],
        "y": values["y"],
    }


@equation("eq-nll-of-probabilities", "NumPy")
def _(rng):
    K = rng.integers(2, 5)
    q = rng.dirichlet(np.ones(K))
    if rng.random() < 0.5:
        return {"K": K, "p": np.full(K, 1 / K), "q": q}
    largest = np.eye(K)[rng.choice([0, K - 1])]
    return {"K": K, "p": 0.5 * largest + 0.5 / K, "q": 0.9 * largest + 0.1 * q}


@equation("eq-log-softmax-jacobian", DIFFERENCES)
def _(rng):
    z = scored(rng)["z"]
    j, other = rng.integers(1, len(z) + 1, 2)
    return {
        r"\log \operatorname{softmax}": special.log_softmax,
        r"\operatorname{softmax}": special.softmax,
        "z": z,
        "j": j,
        "k": j if rng.random() < 0.5 else other,
    }


@equation("eq-cross-entropy-through-nll", CE)
def _(rng):
    values = some_class(rng)
    w = rng.uniform(0.3, 3, len(values["z"]))
    by_class = lambda z, y: lossbook.cross_entropy(z, int(y) - 1, weight=w, reduction="sum")
    return values | {
        ELL: by_class,
        "w": w,
        r"\log \operatorname{softmax}": special.log_softmax,
        r"\operatorname{softmax}": special.softmax,
    }


@equation("eq-nll-weighted-mean", NLL)
def _(rng):
    values = classified(rng)
    x, w = np.log(values.pop("q")), rng.uniform(0.3, 3, values.pop("K"))
    return values | {"x": x, "w": w, J: lossbook.nll_loss(x, values["y"] - 1, weight=w)}


# --- log loss


def predicted(rng):
    values = classified(rng)
    return values | {"p": values.pop("q")}


@equation("eq-log-loss", LOG_LOSS)
def _(rng):
    values = predicted(rng)
    w, labels = rng.uniform(0.3, 3, values["N"]), np.arange(1, values.pop("K") + 1)
    value = lossbook.log_loss(values["y"], values["p"], sample_weight=w, labels=labels)
    return values | {"w": w, "J(p)": value}


@equation("eq-log-loss-is-cross-entropy", CE)
def _(rng):
    values = predicted(rng)
    z = np.log(values["p"]) + rng.normal(size=(values["N"], 1))
    return values | {"z": z, r"\ell_{\text{CE}}": loss_of_class}


@equation("eq-log-loss-grad", DIFFERENCES)
def _(rng):
    values = predicted(rng)
    N, K, y = values["N"], values.pop("K"), values["y"]
    w, i = rng.uniform(0.3, 3, N), rng.integers(1, N + 1)

    def cost(p):  # not log_loss, which takes no rows that do not sum to 1
        return w @ lossbook.nll_loss(np.log(p), y - 1, reduction="none") / w.sum()

    k = y[i - 1] if rng.random() < 0.7 else rng.integers(1, K + 1)
    return values | {"J": cost, "w": w, "i": i, "k": k}


@equation("eq-log-loss-grad-binary", DIFFERENCES)
def _(rng):
    N = rng.integers(2, 5)
    w, y = rng.uniform(0.3, 3, N), rng.integers(0, 2, N)
    cost = lambda p: lossbook.log_loss(y, p, sample_weight=w, labels=[0, 1])
    i = rng.integers(1, N + 1)
    return {"J": cost, "p": rng.uniform(0.1, 0.9, N), "y": y, "w": w, "N": N, "i": i}


# --- soft labels


def soft_labels(rng):
    N, K = rng.integers(2, 5, 2)
    t, p = rng.dirichlet(np.full(K, 2.0), (2, N))
    return {"t": t, "p": p, "N": N, "K": K}


@equation("eq-soft-label-cross-entropy", CE)
def _(rng):
    values = soft_labels(rng)
    return values | {"J(p)": lossbook.cross_entropy(np.log(values["p"]), values["t"])}


equation("eq-soft-labels-by-weights", "NumPy")(soft_labels)


@equation("eq-nll-of-softmax-slope", DIFFERENCES)
def _(rng):
    values = some_class(rng)
    values.pop(ELL)
    return values | {r"\operatorname{softmax}": special.softmax, "q": softmax(values["z"])}
