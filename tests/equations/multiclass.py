"""Bindings for the equations of the chapters on multiclass cross-entropy and on NLL and log loss."""

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

import lossbook
from equations import equation
from lossbook import special

ELL, J, L = r"\ell", r"J(\theta)", r"L(\theta)"
CE = "lossbook.classification.cross_entropy"
DIFFERENCES = "中心差分 | central differences"


def loss(z, y):
    """Cross-entropy of logits and a class that counts from 1."""
    return lossbook.cross_entropy(z, int(y) - 1)


def softmax_slope(z, k, j):
    """The derivative of probability k by logit j, both from 1, by a complex step."""
    z = z.astype(complex)
    z[j - 1] += 1e-100j
    return (np.exp(z) / np.exp(z).sum())[k - 1].imag / 1e-100


# --- from likelihood to the loss


def classified(rng):
    """Probabilities of the classes for each sample, and labels."""
    N, K = rng.integers(2, 5, 2)
    return {
        "q": rng.dirichlet(np.full(K, 2.0), N),
        "y": rng.integers(1, K + 1, N),
        "N": N,
        "K": K,
    }


def of_labels(values):
    return values["q"][np.arange(values["N"]), values["y"] - 1]


@equation("eq-categorical", "NumPy")
def _(rng):
    values = classified(rng)
    i = rng.integers(1, values.pop("N") + 1)
    seen = values["q"][i - 1] @ np.eye(values["K"])[values["y"][i - 1] - 1]
    return values | {"i": i, r"q(y_i \mid x_i; \theta)": seen}


@equation("eq-categorical-likelihood", CE)
def _(rng):
    values = classified(rng)
    log_likelihood = -lossbook.cross_entropy(np.log(values["q"]), values["y"] - 1, reduction="sum")
    return values | {L: np.exp(log_likelihood)}


@equation("eq-categorical-cost", CE)
def _(rng):
    values = classified(rng)
    cost = lossbook.cross_entropy(np.log(values["q"]), values["y"] - 1)
    return values | {L: np.prod(of_labels(values)), J: cost}


@equation("eq-sum-over-all-classes", "NumPy")
def _(rng):
    K = rng.integers(2, 6)
    return {"K": K, "q": np.full(K, 1 / K) if rng.random() < 0.5 else rng.dirichlet(np.ones(K))}


# --- from logits


def scored(rng):
    K = rng.integers(2, 6)
    return {ELL: loss, "z": rng.normal(scale=2, size=K), "y": rng.integers(1, K + 1), "K": K}


equation("eq-cross-entropy-loss", CE)(scored)


@equation("eq-cross-entropy-lse", CE)
def _(rng):
    return scored(rng) | {r"\operatorname{LSE}": special.logsumexp}


@equation("eq-cross-entropy-loss-bounds", CE)
def _(rng):
    values = scored(rng)
    K, y = values["K"], values["y"]
    another = 50.0 * np.eye(K)[y % K]  # the loss is the difference of scores, to the last digit
    z = [np.full(K, rng.normal()), another, values["z"]][rng.integers(3)]
    return values | {"z": z, "m": z.max()}


# --- two classes


def two_scores(rng):
    return dict(zip(("z_0", "z_1"), rng.normal(size=2), strict=True))


@equation("eq-two-classes-yes", "lossbook.special.sigmoid")
@equation("eq-two-classes-no", "lossbook.special.sigmoid")
def _(rng):
    return two_scores(rng) | {r"\sigma": special.sigmoid}


@equation("eq-cross-entropy-two-classes", CE)
def _(rng):
    scores, y = two_scores(rng), rng.integers(0, 2)
    value = lossbook.cross_entropy(np.array(list(scores.values())), y)
    return scores | {r"\ell(z, y)": value, "y": y, r"\sigma": special.sigmoid}


# --- the gradient


def some_class(rng):
    values = scored(rng)
    K, y = values.pop("K"), values["y"]
    return values | {"k": y if rng.random() < 0.5 else rng.integers(1, K + 1)}


@equation("eq-cross-entropy-chain", "lossbook.classification.cross_entropy_grad")
def _(rng):
    values = some_class(rng)
    z, y, k = values.pop("z"), values["y"], values["k"]
    values.pop(ELL)
    return values | {
        r"\frac{\partial \ell(z, y)}{\partial z_k}": lossbook.cross_entropy_grad(z, y - 1)[k - 1],
        r"\frac{\partial q_y}{\partial z_k}": softmax_slope(z, y, k),
        "q": softmax(z),
    }


@equation("eq-cross-entropy-loss-grad", DIFFERENCES)
def _(rng):
    values = some_class(rng)
    return values | {
        r"\frac{\partial z_y}{\partial z_k}": float(values["k"] == values["y"]),
        r"\operatorname{LSE}": logsumexp,
        r"\operatorname{softmax}": special.softmax,
    }


def distribution(rng):
    K = rng.integers(2, 6)
    return {"q": rng.dirichlet(np.ones(K)), "K": K, "y": rng.integers(1, K + 1)}


equation("eq-cross-entropy-grad-sum", "NumPy")(distribution)
equation("eq-cross-entropy-pull", "NumPy")(distribution)


@equation("eq-cross-entropy-log-odds", "scipy.special")
def _(rng):
    values = scored(rng)
    z, y = values["z"], values.pop("y")
    values.pop(ELL)
    q = softmax(z)
    s = log_softmax(z)[y - 1] - np.log(np.delete(q, y - 1).sum())
    return values | {"q": q, "y": y, "s": s}


@equation("eq-cross-entropy-softplus", CE)
def _(rng):
    values = scored(rng)
    q = softmax(values["z"])[values["y"] - 1]
    return {
        r"\ell(z, y)": loss(values["z"], values["y"]),
        r"\sigma": special.sigmoid,
        r"\operatorname{softplus}": special.softplus,
        "s": np.log(q) - np.log1p(-q),
    }


@equation("eq-cross-entropy-uniform", CE)
def _(rng):
    K, c = rng.integers(2, 9), rng.normal()
    return {r"\ell(z, y)": loss(np.full(K, c), rng.integers(1, K + 1)), "K": K, "c": c}


# --- softmax regression


def linear(rng):
    N, K, D = rng.integers(2, 5, 3)
    return {
        "W": rng.normal(size=(K, D)),
        "x": rng.normal(size=(N, D)),
        "b": rng.normal(size=K),
        "D": D,
        "i": rng.integers(1, N + 1),
        "k": rng.integers(1, K + 1),
    }


@equation("eq-softmax-regression", "NumPy")
def _(rng):
    values = linear(rng)
    return values | {"z": values["x"] @ values["W"].T + values["b"]}


@equation("eq-softmax-regression-grad", "lossbook.classification.linear_cross_entropy_grad")
def _(rng):
    values = linear(rng)
    W, x, b, k = (values[name] for name in "Wxbk")
    y, d = rng.integers(0, len(W), len(x)), rng.integers(1, values["D"] + 1)
    by_weight = lossbook.linear_cross_entropy_grad(x, W, y, linear_bias=b)[1]
    return {
        r"\frac{\partial J(\theta)}{\partial W_{k,d}}": by_weight[k - 1, d - 1],
        "N": len(x),
        "x": x,
        "d": d,
        "q": softmax(x @ W.T + b, axis=1),
        "y": y + 1,
        "k": k,
    }


# --- exercises


@equation("eq-cross-entropy-hessian", "NumPy")
def _(rng):
    values = distribution(rng)
    del values["y"]
    v = np.full(values["K"], rng.normal()) if rng.random() < 0.3 else rng.normal(size=values["K"])
    return values | {"v": v, r"\mu": values["q"] @ v}


@equation("eq-constant-scores-slope", DIFFERENCES)
def _(rng):
    N, K = rng.integers(2, 6, 2)
    y, b = rng.integers(0, K, N), rng.normal(size=K)
    return {
        "J": lambda b: lossbook.cross_entropy(np.tile(b, (N, 1)), y),
        "b": b,
        "k": rng.integers(1, K + 1),
        "N": N,
        "q": softmax(b),
        "y": y + 1,
        r"\hat{p}": np.bincount(y, minlength=K) / N,
    }


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
        r"\ell_{\text{CE}}": loss,
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
    return values | {"z": z, r"\ell_{\text{CE}}": loss}


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
