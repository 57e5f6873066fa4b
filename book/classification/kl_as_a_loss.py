"""What the symbols of the equations of `kl_as_a_loss.md` stand for."""

import numpy as np

import lossbook
from lossbook import information as info
from lossbook.special import log_softmax, softmax
from lossbook_extensions.draws import distribution, only
from press.bindings import equation

ELL, EPSILON = r"\ell", r"\varepsilon"
KL_DIV = "lossbook.classification.kl_div"
D_PQ = r"D_{\mathrm{KL}}(P \,\|\, Q)"
DIFFERENCES = "中心差分 | central differences"


def loss(x, t, **options):
    """The loss of one element."""
    return float(lossbook.kl_div(np.float64(x), np.float64(t), reduction="sum", **options))


def two(rng):
    K = int(rng.integers(2, 6))
    return {"p": distribution(rng, K), "q": distribution(rng, K), "K": K}


@equation("eq-kl-div", KL_DIV)
def _(rng):
    return {ELL: loss, "x": -rng.exponential(), "t": rng.uniform(0.1, 0.9)}


@equation("eq-kl-div-grad", DIFFERENCES)
def _(rng):
    return {ELL: loss, "x": -rng.exponential(), "t": rng.uniform(0.1, 0.9)}


@equation("eq-kl-div-sum", "lossbook.information.kl_divergence")
def _(rng):
    values = two(rng)
    return values | {ELL: loss, D_PQ: info.kl_divergence(values["p"], values["q"])}


@equation("eq-kl-div-fed-probabilities", "lossbook.information.entropy")
def _(rng):
    values = two(rng)
    if rng.random() < 0.5:  # the bound is reached where a certain target gets no probability
        values |= {"p": np.eye(values["K"])[0], "q": np.eye(values["K"])[1]}
    return values | {"H(P)": info.entropy(values["p"])}


@equation("eq-kl-div-log-target", KL_DIV)
def _(rng):
    log_target = lambda x, s: loss(x, s, log_target=True)
    return {ELL: log_target, "x": -rng.exponential(), "s": -rng.exponential()}


def batch(rng, *reductions):
    N, K = (int(n) for n in rng.integers(2, 5, 2))
    p, q = rng.dirichlet(np.full(K, 2.0), (2, N))
    costs = {
        rf"J_{{\text{{{r}}}}}": float(lossbook.kl_div(np.log(q), p, reduction=r))
        for r in reductions
    }
    return {ELL: loss, "p": p, "q": q, "N": N, "K": K} | costs


@equation("eq-kl-div-batchmean", KL_DIV)
def _(rng):
    return batch(rng, "batchmean")


@equation("eq-kl-div-mean", KL_DIV)
def _(rng):
    return batch(rng, "mean", "batchmean")


# --- gradients


def logits(rng):
    K = int(rng.integers(2, 6))
    return {"z": rng.normal(size=K), "K": K, "k": int(rng.integers(1, K + 1))}


@equation("eq-kl-loss-logit-grad", KL_DIV)
def _(rng):
    values = logits(rng)
    p = distribution(rng, values["K"])
    divergence = lambda z: float(lossbook.kl_div(log_softmax(z), p, reduction="sum"))
    return values | {"p": p, "q": softmax(values["z"]), D_PQ: divergence}


# --- label smoothing


def smoothed(rng):
    K, epsilon = int(rng.integers(2, 8)), rng.uniform(0.05, 0.5)
    y = int(rng.integers(1, K + 1))
    target = np.full(K, epsilon / K)
    target[y - 1] += 1 - epsilon
    return {"K": K, EPSILON: epsilon}, y, target


@equation("eq-kl-smoothing-floor", "lossbook.information.entropy")
def _(rng):
    values, _, target = smoothed(rng)
    return values | {"H(P)": info.entropy(target)}


# --- distillation


def distil(z, v, T):
    teacher = softmax(v / T)
    return T**2 * float(lossbook.kl_div(log_softmax(z / T), teacher, reduction="sum"))


def pupils(rng, T):
    values = logits(rng)
    z, v = values["z"], rng.normal(size=values["K"])
    return values | {"v": v, "T": T, "p": softmax(v / T), "q": softmax(z / T)}


@equation("eq-distillation-probabilities", "lossbook.special.softmax")
def _(rng):
    return pupils(rng, rng.uniform(0.5, 4))


@equation("eq-distillation", KL_DIV)
def _(rng):
    values = pupils(rng, rng.uniform(0.5, 4))
    T = values["T"]
    return only(values, "z", "v", "T", "p", "q", "K") | {ELL: lambda z, v: distil(z, v, T)}


@equation("eq-distillation-chain", DIFFERENCES)
def _(rng):
    values = pupils(rng, rng.uniform(0.5, 4))
    p, T = values["p"], values["T"]
    divergence = lambda z: info.kl_divergence(p, softmax(z / T))
    return only(values, "z", "T", "p", "q", "k") | {D_PQ: divergence}


@equation("eq-distillation-grad", DIFFERENCES)
def _(rng):
    values = pupils(rng, rng.uniform(0.5, 4))
    T = values["T"]
    return only(values, "z", "v", "T", "p", "q", "k") | {ELL: lambda z, v: distil(z, v, T)}


@equation("eq-distillation-both", KL_DIV)
def _(rng):
    values, y, weight = pupils(rng, rng.uniform(0.5, 4)), 1, rng.uniform(0.1, 0.9)
    z, v, T = values["z"], values["v"], values["T"]
    ce = lambda z, y: float(lossbook.cross_entropy(z, y - 1))
    divergence = info.kl_divergence(values["p"], values["q"])
    both = lambda z, v, y: (1 - weight) * distil(z, v, T) + weight * ce(z, y)
    symbols = {r"\ell_{\text{KD}}": both, r"\ell_{\text{CE}}": ce, D_PQ: divergence}
    return symbols | {"z": z, "v": v, "T": T, "y": y, r"\lambda": weight}


def centred(rng, T=1e5):
    """Logits of mean 0, none of them near 0 and no two alike: what is small is compared in parts."""
    K = int(rng.integers(3, 6))
    z = rng.permutation(np.linspace(-1, 1, K) * rng.uniform(1, 2) + 0.1 * (-1) ** K)
    z -= z.mean()
    v = -rng.uniform(2, 3) * z
    k = int(np.abs(z).argmax()) + 1
    return {"T": T, "q": softmax(z / T), "p": softmax(v / T), "z": z, "v": v, "K": K, "k": k}


@equation("eq-distillation-expansion", "lossbook.special.softmax")
def _(rng):
    return only(centred(rng), "T", "q", "z", "K", "k")


@equation("eq-distillation-limit", "lossbook.special.softmax")
def _(rng):
    return centred(rng)


@equation("eq-distillation-squares", "lossbook.regression.mse_loss")
def _(rng):
    values = only(centred(rng), "z", "v", "K", "k")
    squares = lambda z, v: lossbook.mse_loss(z, v) / 2
    return values | {r"\ell_{\text{logits}}": squares}


@equation("eq-kl-teacher-gradient", DIFFERENCES)
def _(rng):
    values = pupils(rng, 1.0)
    q = values["q"]
    divergence = lambda v: info.kl_divergence(softmax(v), q)
    return only(values, "v", "p", "q", "K", "k") | {D_PQ: divergence}
