"""What the symbols of the equations of `multiclass_cross_entropy.md` stand for."""

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

import lossbook
from lossbook import special
from lossbook_extensions.draws import classified, loss_of_class, scored, some_class
from press.bindings import equation

ELL, J, L = r"\ell", r"J(\theta)", r"L(\theta)"
CE = "lossbook.classification.cross_entropy"
DIFFERENCES = "中心差分 | central differences"


def softmax_slope(z, k, j):
    """The derivative of probability k by logit j, both from 1, by a complex step."""
    z = z.astype(complex)
    z[j - 1] += 1e-100j
    return (np.exp(z) / np.exp(z).sum())[k - 1].imag / 1e-100


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
        r"\ell(z, y)": loss_of_class(values["z"], values["y"]),
        r"\sigma": special.sigmoid,
        r"\operatorname{softplus}": special.softplus,
        "s": np.log(q) - np.log1p(-q),
    }


@equation("eq-cross-entropy-uniform", CE)
def _(rng):
    K, c = rng.integers(2, 9), rng.normal()
    return {r"\ell(z, y)": loss_of_class(np.full(K, c), rng.integers(1, K + 1)), "K": K, "c": c}


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
