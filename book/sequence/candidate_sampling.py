"""What the symbols of the equations of `candidate_sampling.md` stand for."""

from itertools import product

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logsumexp, softmax

import lossbook
from lossbook_extensions.draws import named
from press.bindings import equation

ELL = r"\ell(h, y)"
SAMPLING = "lossbook.sampling."
SET, REST, MIXED = r"\mathcal{S}", r"\mathcal{R}", r"\mathcal{C}"
Z_TILDE = r"\tilde{z}"


def whole(rng, low, high):
    return int(rng.integers(low, high + 1))


# --- samplers: an expected count of one candidate with replacement is its probability


def probabilities(sampler, K, *counts, **options):
    given = {"num_true": 1, "num_sampled": 1, "unique": False, "range_max": K, **options}
    values = sampler(np.arange(K)[:, np.newaxis], *counts, **given, rng=np.random.default_rng(0))
    return (values[0] if len(values) == 2 else values)[1][:, 0]


@equation("eq-uniform-candidate-sampler", SAMPLING + "uniform_candidate_sampler")
def _(rng):
    K = whole(rng, 2, 8)
    q = probabilities(lossbook.uniform_candidate_sampler, K)
    return {"K": K, r"q_k": q[whole(rng, 1, K) - 1]}


def log_uniform(rng):
    K = whole(rng, 2, 8)
    return {"K": K, "q": probabilities(lossbook.log_uniform_candidate_sampler, K)}


@equation("eq-log-uniform-candidate-sampler", SAMPLING + "log_uniform_candidate_sampler")
def _(rng):
    values = log_uniform(rng)
    return values | {"k": whole(rng, 1, values["K"])}


equation(
    "eq-log-uniform-sum",
    SAMPLING + "log_uniform_candidate_sampler",
    # log 1 is 0, and a fraction that is 1 may stand on its head
    accepted=[
        r"- -> + at position 102: ...rac{\log(K + 1) [-] \log 1}{\log(K ...",
        r"\frac upside down at position 84: ... 1) - \log k) = [\frac]{\log(K + 1) - \...",
    ],
)(log_uniform)


@equation("eq-fixed-unigram-candidate-sampler", SAMPLING + "fixed_unigram_candidate_sampler")
def _(rng):
    K = whole(rng, 3, 7)
    r, alpha = whole(rng, 1, K - 2), rng.uniform(0.5, 1.5)
    n = rng.uniform(1, 9, K)
    options = {"distortion": alpha, "num_reserved_ids": r}
    q = probabilities(lossbook.fixed_unigram_candidate_sampler, K, n[r:], **options)
    k = rng.choice([r, r + 1, whole(rng, 1, K)])
    return {"K": K, "r": r, r"\alpha": alpha, "n": n, "q": q, "k": int(k)}


@equation("eq-learned-unigram-candidate-sampler", SAMPLING + "learned_unigram_candidate_sampler")
def _(rng):
    K, N, T = whole(rng, 2, 5), whole(rng, 1, 3), whole(rng, 1, 3)
    n, y = rng.integers(1, 9, K), rng.integers(1, K + 1, (N, T))
    options = {"num_true": T, "num_sampled": 1, "unique": False, "range_max": K, "rng": rng}
    counts = lossbook.learned_unigram_candidate_sampler(y - 1, n, **options)[1]
    q = probabilities(lossbook.learned_unigram_candidate_sampler, K, n)
    symbols = {"K": K, "N": N, "T": T, "n": n.astype(float), "n'": counts.astype(float)}
    return symbols | {"y": y, "q": q, "k": whole(rng, 1, K)}


@equation("eq-expected-count", SAMPLING + "log_uniform_candidate_sampler")
def _(rng):
    K, S = whole(rng, 2, 8), whole(rng, 1, 9)
    q = probabilities(lossbook.log_uniform_candidate_sampler, K)
    expected = probabilities(lossbook.log_uniform_candidate_sampler, K, num_sampled=S)
    return {"S": S, "q": q, "Q": expected, "k": whole(rng, 1, K)}


@equation("eq-expected-count-unique", "逐一枚举 | every outcome in turn")
def _(rng):
    """The share of those of M draws in which class k is at least once."""
    K, M = whole(rng, 2, 4), whole(rng, 1, 5)
    q = rng.dirichlet(np.ones(K))
    draws = list(product(range(K), repeat=M))
    weights = np.array([q[list(draw)].prod() for draw in draws])
    expected = np.array([weights @ [k in draw for draw in draws] for k in range(K)])
    return {"M": M, "q": q, "Q": expected, "k": whole(rng, 1, K)}


# --- importance sampling


def drawn(rng):
    """Logits, probabilities of a sampler, and every set of candidates with its probability."""
    K, S = whole(rng, 2, 4), whole(rng, 1, 3)
    z, q = rng.normal(size=K), rng.dirichlet(np.full(K, 2.0))
    draws = np.array(list(product(range(K), repeat=S)))
    weights = q[draws].prod(axis=1)
    estimates = (np.exp(z[draws]) / (S * q[draws])).sum(axis=1)
    symbols = {"z": z, "q": q, "K": K, "S": S, "Z": np.exp(logsumexp(z)), "Q": S * q}
    mean = weights @ estimates
    return symbols, mean, weights @ (estimates - mean) ** 2


@equation("eq-partition", "scipy.special.logsumexp")
def _(rng):
    return named(drawn(rng)[0], "Z z K")


@equation("eq-importance-estimate", "NumPy")
def _(rng):
    symbols, *_ = drawn(rng)
    s = rng.integers(1, symbols["K"] + 1, symbols["S"])
    Z_hat = np.sum(np.exp(symbols["z"] - np.log(symbols["Q"]))[s - 1])
    return named(symbols, "z Q S") | {"s": s, r"\hat{Z}": Z_hat}


@equation("eq-importance-unbiased", "逐一枚举 | every outcome in turn")
def _(rng):
    symbols, mean, _ = drawn(rng)
    return named(symbols, "z Q K Z") | {r"\mathbb{E}[\hat{Z}]": mean}


@equation("eq-importance-variance", "逐一枚举 | every outcome in turn")
def _(rng):
    symbols, _, variance = drawn(rng)
    return named(symbols, "z q K Z S") | {r"\operatorname{Var}(\hat{Z})": variance}


@equation("eq-importance-relative", "逐一枚举 | every outcome in turn")
def _(rng):
    symbols, _, variance = drawn(rng)
    found = named(symbols, "q K Z S") | {"p": softmax(symbols["z"])}
    return found | {r"\operatorname{Var}(\hat{Z})": variance}


# --- sampled softmax


def mixed(rng):
    """Logits, expected counts, a true class and the classes mixed with it, counted from 1."""
    K = whole(rng, 3, 5)
    z, Q, y = rng.normal(size=K), rng.uniform(0.2, 0.9, K), whole(rng, 1, K)
    inside = [k for k in range(1, K + 1) if k == y or rng.random() < 0.5]
    rest = [k for k in range(1, K + 1) if k not in inside]
    return {"z": z, "Q": Q, "y": y, "p": softmax(z), MIXED: inside, REST: rest}


def joint(values, y):
    """The probability of a true class and of the classes mixed with it."""
    inside = np.isin(np.arange(1, len(values["z"]) + 1), values[MIXED])
    each = np.where(inside, values["Q"], 1 - values["Q"])
    return values["p"][y - 1] * np.delete(each, y - 1).prod()


@equation("eq-candidate-joint", "NumPy")
def _(rng):
    values = mixed(rng)
    found = {name: values[name] for name in ("p", "Q", "y", MIXED, REST)}
    return found | {r"p(\mathcal{C}, y)": joint(values, values["y"])}


@equation("eq-candidate-posterior", "贝叶斯公式 | Bayes' rule")
def _(rng):
    values = mixed(rng)
    joints = {y: joint(values, y) for y in values[MIXED]}
    found = {name: values[name] for name in ("p", "z", "Q", "y", MIXED)}
    posterior = joints[values["y"]] / sum(joints.values())
    return found | {r"p(y \mid \mathcal{C})": posterior}


@equation("eq-column-posterior", "贝叶斯公式 | Bayes' rule")
def _(rng):
    K, S = whole(rng, 2, 4), whole(rng, 1, 4)
    p, q = rng.dirichlet(np.full(K, 2.0), 2)
    a, m = rng.integers(1, K + 1, S + 1), whole(rng, 1, S + 1)
    c = a - 1
    joints = np.array([p[c[i]] * np.prod(np.delete(q[c], i)) for i in range(S + 1)])
    posterior = joints[m - 1] / joints.sum()
    return {"p": p, "q": q, "a": a, "m": m, "S": S, r"p(m \mid a)": posterior}


def sampled_layer(rng, T):
    """A layer, T true classes and candidates that differ, with their expected counts."""
    K, D = T + whole(rng, 2, 4), whole(rng, 1, 3)
    W, b, h = rng.normal(size=(K, D)), rng.normal(size=K), rng.normal(size=D)
    classes = rng.permutation(K)
    y, s = classes[:T], classes[T : T + whole(rng, 1, K - T)]
    Q = rng.uniform(0.2, 3, K)
    options = {"num_sampled": len(s), "num_classes": K, "num_true": T}
    options["sampled_values"] = s, Q[y][np.newaxis], Q[s]
    arguments = (W, b, y[np.newaxis], h[np.newaxis])
    symbols = {"W": W, "b": b, "h": h, "D": D, "Q": Q, "T": T, "S": len(s), "z": W @ h + b}
    symbols |= {Z_TILDE: W @ h + b - np.log(Q), SET: (s + 1).tolist()}
    symbols["y"] = int(y[0]) + 1 if T == 1 else y + 1
    return symbols, arguments, options, np.append(y, s)


@equation("eq-corrected-logit", SAMPLING + "sampled_softmax_loss")
def _(rng):
    """The true class alone with a candidate of logit 0."""
    D = whole(rng, 1, 3)
    W, b, h = rng.normal(size=(2, D)), rng.normal(size=2), rng.normal(size=D)
    Q, k = rng.uniform(0.2, 3, 2), whole(rng, 1, 2)
    values = [2], [[Q[k - 1]]], [1.0]
    w, bias = np.array([*W, np.zeros(D)]), [*b, 0.0]
    options = {"num_sampled": 1, "num_classes": 3, "sampled_values": values}
    loss = lossbook.sampled_softmax_loss(w, bias, [[k - 1]], [h], **options)[0]
    z_tilde = -np.log(np.expm1(loss))
    return {"W": W, "b": b, "h": h, "D": D, "Q": Q, "k": k, rf"{Z_TILDE}_k": z_tilde}


def sampled_softmax(rng, names, T):
    symbols, arguments, options, _ = sampled_layer(rng, T)
    found = {name: symbols[name] for name in names.split()}
    return found | {ELL: lossbook.sampled_softmax_loss(*arguments, **options)[0]}


@equation("eq-sampled-softmax-loss", SAMPLING + "sampled_softmax_loss")
def _(rng):
    return sampled_softmax(rng, rf"{Z_TILDE} {SET} T y", whole(rng, 2, 3))


@equation("eq-sampled-softmax-rewritten", SAMPLING + "sampled_softmax_loss")
def _(rng):
    return sampled_softmax(rng, rf"{Z_TILDE} z Q {SET} y", 1)


@equation("eq-sampled-softmax-low", SAMPLING + "sampled_softmax_loss")
def _(rng):
    """The mean of the loss over all sets of candidates, each class in it independently."""
    K = whole(rng, 2, 4)
    z, y = rng.normal(size=K), whole(rng, 1, K)
    Q = np.ones(K) if rng.random() < 0.4 else rng.uniform(0.3, 0.9, K)
    others, mean = [k for k in range(K) if k != y - 1], 0
    for inside in product([False, True], repeat=K - 1):
        s = [k for k, is_in in zip(others, inside, strict=True) if is_in]
        weight = np.prod([Q[k] if k in s else 1 - Q[k] for k in others])
        values = [*s, y - 1], [[Q[y - 1]]], [*Q[s], 1.0]  # a hit, as there must be a candidate
        options = {"num_sampled": len(s) + 1, "num_classes": K, "sampled_values": values}
        layer = z[:, np.newaxis], np.zeros(K), [[y - 1]], [[1.0]]
        mean += weight * lossbook.sampled_softmax_loss(*layer, **options)[0]
    return {rf"\mathbb{{E}}[{ELL}]": mean, "z": z, "y": y, "Q": Q, "Z": np.exp(logsumexp(z))}


# --- gradients


def columns(rng, loss_grad):
    """Columns of true classes and candidates, and a gradient of lossbook."""
    symbols, arguments, options, classes = sampled_layer(rng, whole(rng, 1, 3))
    if rng.random() < 0.5:  # a candidate that was drawn twice
        s, of_true, of_s = options["sampled_values"]
        options |= {"num_sampled": len(s) + 1}
        options["sampled_values"] = np.append(s, s[0]), of_true, np.append(of_s, of_s[0])
        classes, symbols["S"] = np.append(classes, s[0]), len(s) + 1
    T = symbols["T"]
    t = np.where(np.arange(len(classes)) < T, 1 / T, 0.0)
    by_W, by_b, by_h = loss_grad(*arguments, **options)
    found = {"a": classes + 1, "t": t, **{x: symbols[x] for x in ("T", "S", "W", "h", Z_TILDE)}}
    return found, by_W, by_b, by_h[0]


def slope(loss_grad, probability, name):
    def draw(rng):
        """A weight of 1 for a column that no other shares has the derivative delta."""
        found, _, by_b, _ = columns(rng, loss_grad)
        a, m = found["a"], whole(rng, 1, len(found["a"]))
        share = np.sum(a == a[m - 1])
        p = probability(found[Z_TILDE][a - 1])
        symbols = {r"\delta_m": by_b[a[m - 1] - 1] / share, "t": found["t"], "m": m}
        if name == r"\rho":
            return symbols | {name: p}
        return symbols | {Z_TILDE: found[Z_TILDE], "a": a, r"\sigma": expit}

    return draw


equation("eq-sampled-softmax-slope", SAMPLING + "sampled_softmax_loss_grad")(
    slope(lossbook.sampled_softmax_loss_grad, softmax, r"\rho")
)
equation("eq-nce-loss-grad", SAMPLING + "nce_loss_grad")(
    slope(lossbook.nce_loss_grad, expit, r"\sigma")
)


@equation("eq-sampled-softmax-loss-grad", SAMPLING + "sampled_softmax_loss_grad")
def _(rng):
    found, by_W, by_b, by_h = columns(rng, lossbook.sampled_softmax_loss_grad)
    a, W = found["a"], found["W"]
    k, d = int(rng.choice(a)), whole(rng, 1, W.shape[1])
    delta = softmax(found[Z_TILDE][a - 1]) - found["t"]
    partial = rf"\frac{{\partial {ELL}}}{{\partial %s}}"
    symbols = {partial % "W_{k,d}": by_W[k - 1, d - 1], partial % "b_k": by_b[k - 1]}
    symbols |= {partial % "h_d": by_h[d - 1], r"\delta": delta, "k": k, "d": d}
    return symbols | {name: found[name] for name in ("a", "T", "S", "W", "h")}


@equation("eq-compute-accidental-hits", SAMPLING + "compute_accidental_hits")
def _(rng):
    N, T, S = whole(rng, 1, 3), whole(rng, 1, 3), whole(rng, 1, 4)
    y, s = rng.integers(1, 5, (N, T)), rng.permutation(4)[:S] + 1
    hits = np.zeros((N, S))
    indices, ids, _ = lossbook.compute_accidental_hits(y, s, num_true=T)
    np.add.at(hits, (indices, ids), 1)
    return {"y": y, "s": s, "T": T, "r": hits, "i": whole(rng, 1, N), "m": whole(rng, 1, S)}


# --- noise-contrastive estimation


def noise(rng, most=4):
    K, S = whole(rng, 2, most), whole(rng, 1, most)
    p, q = rng.dirichlet(np.full(K, 2.0), 2)
    return {"K": K, "S": S, "p": p, "q": q, "Q": S * q, r"\sigma": expit}


@equation("eq-nce-posterior", "scipy.special.expit")
def _(rng):
    values = noise(rng)
    return named(values, r"S p q Q \sigma") | {"k": whole(rng, 1, values["K"])}


def true_and_noise(rng, names, T):
    symbols, arguments, options, _ = sampled_layer(rng, T)
    found = {name: symbols[name] for name in names.split()}
    return found | {ELL: lossbook.nce_loss(*arguments, **options)[0], r"\sigma": expit}


@equation("eq-nce-loss", SAMPLING + "nce_loss")
def _(rng):
    return true_and_noise(rng, rf"{Z_TILDE} {SET} y", 1)


@equation("eq-nce-loss-several", SAMPLING + "nce_loss")
def _(rng):
    return true_and_noise(rng, rf"{Z_TILDE} {SET} y T", whole(rng, 2, 3))


@equation("eq-nce-risk", SAMPLING + "nce_loss")
def _(rng):
    """The mean of the loss over true classes and all the candidates that may be drawn."""
    values = noise(rng, most=2)
    K, S, p, q, Q = (values[name] for name in "KSpqQ")
    z, mean = rng.normal(size=K), 0
    for y, *s in product(range(K), repeat=S + 1):
        options = {"num_sampled": S, "num_classes": K, "sampled_values": (s, [[Q[y]]], Q[s])}
        layer = z[:, np.newaxis], np.zeros(K), [[y]], [[1.0]]
        mean += p[y] * q[s].prod() * lossbook.nce_loss(*layer, **options)[0]
    return named(values, r"K p Q \sigma") | {"R(z)": mean, "z": z}


@equation("eq-nce-risk-grad", "中心差分 | central differences")
def _(rng):
    values = noise(rng)
    K, Q, p = values["K"], values["Q"], values["p"]

    def R(z):
        x = z - np.log(Q)
        return -np.sum(p * np.log(expit(x)) + Q * np.log(expit(-x)))

    symbols = {"z": rng.normal(size=K), "R": R, "k": whole(rng, 1, K)}
    return symbols | named(values, r"p Q \sigma")


@equation("eq-negative-sampling", SAMPLING + "nce_loss")
def _(rng):
    symbols, arguments, options, _ = sampled_layer(rng, 1)
    s, of_true, of_s = options["sampled_values"]
    options["sampled_values"] = s, np.ones_like(of_true), np.ones_like(of_s)
    found = {name: symbols[name] for name in ("z", SET, "y")}
    return found | {ELL: lossbook.nce_loss(*arguments, **options)[0], r"\sigma": expit}


@equation("eq-negative-sampling-optimum", "scipy.optimize.brentq")
def _(rng):
    values = noise(rng)
    k = whole(rng, 1, values["K"])
    p, Q = values["p"][k - 1], values["Q"][k - 1]
    slope = lambda z: p * (expit(z) - 1) + Q * expit(z)
    best = brentq(slope, -40, 40, xtol=1e-14, rtol=1e-14)
    return named(values, "p q Q S") | {"z_k": best, "k": k}


@equation("eq-candidate-cost", "numpy.ndarray.size")
def _(rng):
    T, S, D = (whole(rng, 1, 9) for _ in range(3))
    return {"M": np.empty((T + S, D)).size, "T": T, "S": S, "D": D}
