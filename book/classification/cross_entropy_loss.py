"""What the symbols of the equations of `cross_entropy_loss.md` stand for."""

import numpy as np
from scipy.optimize import root
from scipy.special import log_softmax, softmax

import lossbook
from lossbook import special
from press.bindings import equation

ELL, SMOOTHED, SOFTMAX, LSE = (
    r"\ell",
    r"\ell_{\varepsilon}",
    r"\operatorname{softmax}",
    r"\operatorname{LSE}",
)
EPSILON, J = r"\varepsilon", r"J(\theta)"
CE = "lossbook.classification.cross_entropy"
LINEAR_GRAD = "lossbook.classification.linear_cross_entropy_grad"
DIFFERENCES = "中心差分 | central differences"


def hard(**options):
    """Cross-entropy of logits and a class that counts from 1, not divided by its weight."""
    return lambda z, y: lossbook.cross_entropy(z, int(y) - 1, **options, reduction="sum")


def soft(**options):
    return lambda z, t: lossbook.cross_entropy(np.asarray(z), t, **options, reduction="sum")


# --- probabilities taken for logits


def predicted(rng):
    """Probabilities, now and then all on the right class or all on a wrong one."""
    K = int(rng.integers(2, 6))
    y = int(rng.integers(1, K + 1))
    certain = np.eye(K)[[y - 1, y % K]]
    q = [rng.dirichlet(np.ones(K)), *certain][rng.integers(3)]
    return {"q": q, "y": y, "K": K, ELL: hard()}


equation("eq-double-softmax", CE)(predicted)
equation("eq-double-softmax-bounds", CE)(predicted)


@equation("eq-exponential-chord", "NumPy")
def _(rng):
    return {"x": rng.choice([1.0, rng.uniform()])}


@equation("eq-double-softmax-width", "NumPy")
def _(rng):
    return {"K": rng.integers(2, 9)}


# --- weights


def scored(rng):
    K = int(rng.integers(2, 6))
    return {"z": rng.normal(scale=2, size=K), "y": int(rng.integers(1, K + 1)), "K": K}


@equation("eq-cross-entropy-weighted", CE)
def _(rng):
    values = scored(rng)
    w = rng.uniform(0.5, 3, values.pop("K"))
    return values | {"w": w, "q": softmax(values["z"]), ELL: hard(weight=w)}


def batch(rng):
    N, K = rng.integers(3, 6), rng.integers(2, 5)
    return {
        "z": rng.normal(scale=2, size=(N, K)),
        "y": rng.integers(1, K + 1, N),
        "w": rng.uniform(0.5, 3, K),
    }


@equation("eq-cross-entropy-weighted-mean", CE)
def _(rng):
    values = batch(rng)
    z, y, w = values.values()
    cost = lossbook.cross_entropy(z, y - 1, weight=w)
    return values | {J: cost, "N": len(z), ELL: hard(weight=w)}


@equation("eq-cross-entropy-ignored", CE)
def _(rng):
    values = batch(rng)
    z, y, w = values.values()
    kept = rng.permutation([True, True, False, *(rng.random(len(y) - 3) < 0.5)])
    cost = lossbook.cross_entropy(z, np.where(kept, y - 1, -100), weight=w)
    return values | {J: cost, "S": list(np.flatnonzero(kept) + 1), ELL: hard(weight=w)}


# --- soft labels


def softly(rng):
    """Logits and targets, which need not sum to 1."""
    values = scored(rng)
    del values["y"]
    K = values["K"]
    t = rng.dirichlet(np.full(K, 2.0)) * rng.choice([1.0, rng.uniform(0.5, 2)])
    return values | {"t": t, ELL: soft()}


equation("eq-cross-entropy-soft", CE)(softly)


@equation("eq-cross-entropy-soft-lse", CE)
def _(rng):
    return softly(rng) | {LSE: special.logsumexp}


def of_some_class(values, rng):
    return values | {"k": int(rng.integers(1, values["K"] + 1))}


@equation("eq-cross-entropy-soft-grad", DIFFERENCES)
def _(rng):
    return of_some_class(softly(rng), rng) | {SOFTMAX: special.softmax}


def weighted(rng):
    values = softly(rng)
    w = rng.uniform(0.5, 3, values["K"])
    return values | {"w": w, ELL: soft(weight=w)}


equation("eq-cross-entropy-soft-weighted", CE)(weighted)


@equation("eq-cross-entropy-soft-weighted-grad", DIFFERENCES)
def _(rng):
    return of_some_class(weighted(rng), rng) | {SOFTMAX: special.softmax}


def best_logits(slope, K):
    """The zero of a gradient, found without the formula, with the last logit kept at 0."""
    found = root(lambda z: slope(np.append(z, 0.0))[:-1], np.zeros(K - 1), tol=1e-14)
    return np.append(found.x, 0.0)


@equation("eq-cross-entropy-weighted-optimum", "scipy.optimize.root")
def _(rng):
    values = weighted(rng)
    t, w, K = values["t"], values["w"], values["K"]
    z = best_logits(lambda z: lossbook.cross_entropy_grad(z, t, weight=w), K)
    del values[ELL]
    return of_some_class(values, rng) | {"z": z, SOFTMAX: special.softmax}


# --- label smoothing


def smoothed(rng, **options):
    values = scored(rng)
    eps = rng.uniform(0.1, 0.9)
    return values | {
        EPSILON: eps,
        SMOOTHED: hard(label_smoothing=eps, **options),
        ELL: hard(**options),
    }


@equation("eq-cross-entropy-smoothed", CE)
def _(rng):
    values = smoothed(rng)
    w = rng.uniform(0.5, 3, values["K"])
    eps = values[EPSILON]
    return values | {SMOOTHED: hard(label_smoothing=eps, weight=w), ELL: hard(weight=w)}


equation("eq-cross-entropy-smoothed-penalty", CE)(smoothed)


@equation("eq-cross-entropy-smoothed-grad", DIFFERENCES)
def _(rng):
    values = smoothed(rng)
    del values[ELL]
    K, y = values["K"], values["y"]
    k = y if rng.random() < 0.5 else int(rng.integers(1, K + 1))
    return values | {"k": k, SOFTMAX: special.softmax}


def best_smoothed(rng, w=None):
    """The best logits under label smoothing, and two classes, the first of them the label."""
    values = scored(rng)
    K, y, eps = values["K"], values["y"], rng.uniform(0.1, 0.9)
    w = np.ones(K) if w is None else rng.uniform(0.5, 3, K)
    slope = lambda z: lossbook.cross_entropy_grad(
        z, y - 1, weight=w, label_smoothing=eps, reduction="sum"
    )
    others = [k for k in range(1, K + 1) if k != y]
    k = int(rng.choice(others))
    return {"z": best_logits(slope, K), "y": y, "k": k, "K": K, EPSILON: eps}, w


@equation("eq-cross-entropy-smoothed-gap", "scipy.optimize.root")
def _(rng):
    return best_smoothed(rng)[0]


@equation("eq-cross-entropy-smoothed-weighted-gap", "scipy.optimize.root")
def _(rng):
    values, w = best_smoothed(rng, w="random")
    return values | {"w": w}


# --- the linear layer in the same step


def layer(rng):
    N, K, D = (int(n) for n in rng.integers(2, 5, 3))
    W, h, b = rng.normal(size=(K, D)), rng.normal(size=(N, D)), rng.normal(size=K)
    y = rng.integers(0, K, N)
    g = lossbook.cross_entropy_grad(h @ W.T + b, y)
    sizes = {"N": N, "K": K, "D": D}
    some = {
        name.lower() if name != "N" else "i": int(rng.integers(1, n + 1))
        for name, n in sizes.items()
    }
    by_input, by_weight, by_bias = lossbook.linear_cross_entropy_grad(h, W, y, linear_bias=b)
    return W, h, g, sizes, some, (by_input, by_weight, by_bias)


@equation("eq-linear-cross-entropy", "lossbook.classification.linear_cross_entropy")
def _(rng):
    K, D = (int(n) for n in rng.integers(2, 5, 2))
    W, h, b = rng.normal(size=(K, D)), rng.normal(size=D), rng.normal(size=K)
    y = int(rng.integers(1, K + 1))
    value = lossbook.linear_cross_entropy(h, W, y - 1, linear_bias=b)
    return {
        r"\ell(h, y)": value,
        "z": W @ h + b,
        "y": y,
        "K": K,
        "D": D,
        "W": W,
        "h": h,
        "b": b,
        "k": int(rng.integers(1, K + 1)),
    }


@equation("eq-linear-cross-entropy-grad", LINEAR_GRAD)
def _(rng):
    W, _, g, sizes, some, (by_input, _, _) = layer(rng)
    i, d = some["i"], some["d"]
    key = r"\frac{\partial J(\theta)}{\partial h_{i,d}}"
    return {key: by_input[i - 1, d - 1], "g": g, "W": W, "K": sizes["K"], "i": i, "d": d}


@equation("eq-linear-cross-entropy-weight-grad", LINEAR_GRAD)
def _(rng):
    _, h, g, sizes, some, (_, by_weight, _) = layer(rng)
    k, d = some["k"], some["d"]
    key = r"\frac{\partial J(\theta)}{\partial W_{k,d}}"
    return {key: by_weight[k - 1, d - 1], "g": g, "h": h, "N": sizes["N"], "k": k, "d": d}


@equation("eq-linear-cross-entropy-bias-grad", LINEAR_GRAD)
def _(rng):
    _, _, g, sizes, some, (_, _, by_bias) = layer(rng)
    key = r"\frac{\partial J(\theta)}{\partial b_k}"
    return {key: by_bias[some["k"] - 1], "g": g, "N": sizes["N"], "k": some["k"]}


# --- exercises


@equation("eq-cross-entropy-of-log-probabilities", CE)
def _(rng):
    values = scored(rng)
    q = np.exp(log_softmax(values.pop("z")))
    return values | {"q": q, r"\ell(\log q, y)": hard()(np.log(q), values["y"])}
