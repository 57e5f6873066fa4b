r"""The reader of LaTeX: right formulas hold, wrong ones fail, what cannot be read is refused.

Each row of FORMULAS is a formula, a function that draws values for its symbols by a computation of
its own, and mistakes: what to replace in the LaTeX so that it must fail.
"""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from press.latex import EquationError, UnreadableError, check, unbroken_mutants


def softmax(z):
    return special.softmax(np.asarray(z, float))


def two_distributions(rng, n=None):
    n = int(n or rng.integers(2, 6))
    p, q = rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(n))
    named = {"H(P)": stats.entropy(p), "H(P, Q)": -(p @ np.log(q))}
    named[r"D_{\mathrm{KL}}(P \,\|\, Q)"] = stats.entropy(p, q)
    return {"p": p, "q": q, "n": n, **named}


def entropy_between_its_bounds(rng):
    n = int(rng.integers(2, 6))
    p = [rng.dirichlet(np.ones(n)), np.full(n, 1 / n), np.eye(n)[0]][rng.integers(3)]
    return {"H(P)": stats.entropy(p), "n": n}


def pick(*names, draw=two_distributions):
    def symbols(rng):
        drawn = draw(rng)
        return {name: drawn[name] for name in names}

    return symbols


def logits(rng):
    """A batch: logits z (N, K), labels y from 1, weights w, targets t one-hot."""
    n, k = (int(i) for i in rng.integers(3, 6, 2))
    z, y, w = rng.normal(size=(n, k)), rng.integers(1, k + 1, n), rng.uniform(0.5, 2, k)
    logp = special.log_softmax(z, axis=1)
    nll, weights = -logp[np.arange(n), y - 1], w[y - 1]
    return SimpleNamespace(N=n, K=k, z=z, y=y, w=w, logp=logp, nll=nll, weights=weights)


def weighted_nll(rng):
    b = logits(rng)
    loss = (b.weights * b.nll).sum() / b.weights.sum()
    return {"L": loss, "w": b.w, "y": b.y, "z": b.z, "N": b.N, "K": b.K}


def one_row(rng):
    b = logits(rng)
    return {"z": b.z[0], "y": int(b.y[0]), "K": b.K, r"\ell": b.nll[0]}


def hard_and_soft(rng):
    b, e = one_row(rng), rng.uniform(0.05, 0.5)
    smooth = np.full(b["K"], e / b["K"])
    smooth[b["y"] - 1] += 1 - e
    loss = -(smooth @ special.log_softmax(b["z"]))
    p = softmax(b["z"])
    return {"L": loss, r"\varepsilon": e, "p": p, "y": b["y"], "K": b["K"]}


def binary(rng):
    y, z = rng.integers(0, 2, 4), rng.normal(size=4)
    s = special.expit(z)
    loss = -np.where(y == 1, np.log(s), np.log1p(-s)).mean()
    return {"L": loss, "y": y, "z": z, "N": 4, r"\hat{y}": s, r"\sigma": special.expit}


def residual(rng):
    r, d = rng.choice([-1, 1]) * rng.uniform(0, 3), rng.uniform(0.5, 2)
    return {"r": r, r"\delta": d, r"L_\delta(r)": special.huber(d, r)}


def vectors(rng):
    a, b, c = rng.normal(size=(3, 4))
    far, near = np.linalg.norm(a - c), np.linalg.norm(a - b)
    loss = max(0.0, near - far + 1.0)
    cosine = a @ b / math.sqrt((a @ a) * (b @ b))
    return {"a": a, "b": b, "c": c, "L": loss, "m": 1.0, r"\cos\theta": cosine, "n": 4}


def margin(rng):
    k, y = 5, int(rng.integers(1, 6))
    z = rng.normal(size=k)
    gaps = np.delete(1 - z[y - 1] + z, y - 1)
    return {"z": z, "y": y, "K": k, "L": np.maximum(gaps, 0).sum() / k, "M": gaps.max() - 1}


def counts(rng):
    y, rate = int(rng.integers(0, 9)), rng.uniform(0.5, 6)
    named = {r"\log P(Y = y)": stats.poisson.logpmf(y, rate), "L": rate - y * math.log(rate)}
    return {"y": y, r"\lambda": rate, **named}


def gaussian(rng):
    m, s = rng.normal(), rng.uniform(0.5, 2)
    x = rng.normal()
    return {r"\mu": m, r"\sigma": s, "x": x, "p(x)": stats.norm.pdf(x, m, s)}


def coin(rng):
    p = rng.uniform(0.05, 0.95)
    return {"p": p, "h": lambda t: stats.entropy([t, 1 - t])}


def dice(rng):
    values, probs = [1, 2, 5], rng.dirichlet(np.ones(3))
    mean = np.dot(values, probs)
    second = np.dot(np.square(values), probs)
    P = dict(zip(values, probs, strict=True))
    return {"P": P, "m": mean, "V": second - mean**2, r"\mathcal{X}": values, "p": P.get}


def joint(rng):
    table = rng.dirichlet(np.ones(6)).reshape(2, 3)
    rows, columns = ["sun", "rain"], ["a", "b", "c"]

    def p(x, y=None):
        row = table[rows.index(x)]
        return row.sum() if y is None else row[columns.index(y)]

    both, rows_only = stats.entropy(table.ravel()), stats.entropy(table.sum(axis=1))
    return {
        **{r"\mathcal{X}": rows, r"\mathcal{Y}": columns, "p": p, "q": lambda y, x: p(x, y) / p(x)},
        **{"H(X, Y)": both, "H(X)": rows_only},
        **{r"H(Y \mid X)": both - rows_only, "H(Y | X)": both - rows_only},
    }


def sequence(rng):
    T, V = int(rng.integers(2, 6)), 3
    q, t = rng.dirichlet(np.ones(V), T), rng.integers(1, V + 1, T)
    nll = -np.log(q[np.arange(T), t - 1])
    return {"q": q, "x": t, "T": T, r"\mathrm{PPL}": math.exp(nll.mean())}


def regularised(rng):
    w, x, y = rng.normal(size=3), rng.normal(size=(4, 3)), rng.normal(size=4)
    penalty = rng.uniform(0.1, 1)
    J = ((y - x @ w) ** 2).mean() + penalty * np.abs(w).sum()
    return {"J": J, "w": w, "x": x, "y": y, "N": 4, r"\lambda": penalty}


def kept_tokens(rng):
    m, loss = rng.integers(0, 2, 5), rng.uniform(size=5)
    m[0], m[1] = 1, 0
    return {"L": loss[m == 1].mean(), "m": m, r"\ell": loss, "n": 5}


ENTROPY = r"H(P) = -\sum_{i=1}^{n} p_i \log p_i"
KL = r"D_{\mathrm{KL}}(P\|Q) = \sum_{i=1}^n p_i \log \frac{p_i}{q_i}"
HUBER = r"""L_\delta(r) = \begin{cases}
    \frac{1}{2} r^2 & \text{若 } |r| \le \delta \\
    \delta \left( |r| - \frac{1}{2} \delta \right) & \text{其他情形} \end{cases}"""
POISSON = r"\log P(Y = y) = y \log \lambda - \lambda - \log y!"
TRIPLET = r"L = \max\left(0,\ \lVert a - b \rVert_2 - \lVert a - c\rVert_2 + m\right)"
DERIVATION = r"""\begin{aligned}
    H(P, Q) &= -\sum_{i=1}^n p_i \log q_i \\
            &= -\sum_{i=1}^n p_i \log p_i
               + \sum_{i=1}^n p_i \log \frac{p_i}{q_i} \\
            &= H(P) + D_{\mathrm{KL}}(P \,\|\, Q). \end{aligned}"""

FORMULAS = {
    "entropy": (
        ENTROPY,
        pick("H(P)", "p", "n"),
        ["-\\sum => \\sum", "i=1 => i=2", "\\log => \\exp"],
    ),
    "entropy, index set": (
        r"H(P) = -\sum_{i \in S} p_i \log p_i",
        lambda rng: (d := pick("H(P)", "p")(rng)) | {"S": range(1, d["p"].size + 1)},
        ["-\\sum => \\sum", "p_i => p_i^2"],
    ),
    "entropy in bits": (
        r"H_2 = -\sum_{i=1}^n p_i \log_2 p_i",
        lambda rng: (d := pick("p", "n")(rng)) | {"H_2": stats.entropy(d["p"], base=2)},
        ["\\log_2 => \\log", "\\log_2 => \\log_3"],
    ),
    "entropy bounds": (
        r"0 \le H(P) \le \log n",
        entropy_between_its_bounds,
        ["0 \\le => 0 \\ge", "\\log n => -\\log n", "\\log n => \\log_9 n"],
    ),
    "relative entropy": (
        KL,
        pick(r"D_{\mathrm{KL}}(P \,\|\, Q)", "p", "q", "n"),
        [r"\frac{p_i}{q_i} => \frac{q_i}{p_i}", "\\sum => -\\sum", "p_i \\log => q_i \\log"],
    ),
    "asymmetry": (
        r"\sum_{i=1}^n p_i \log \frac{p_i}{q_i} \ne \sum_{i=1}^n q_i \log \frac{q_i}{p_i}",
        pick("p", "q", "n", draw=lambda rng: two_distributions(rng, n=4)),
        ["\\ne => ="],
    ),
    "cross-entropy, derived": (
        DERIVATION,
        pick("H(P, Q)", "H(P)", r"D_{\mathrm{KL}}(P \,\|\, Q)", "p", "q", "n"),
        [
            "H(P) + => H(P) -",
            "+ \\sum => - \\sum",
            "\\log q_i => \\log p_i",
            "&= -\\sum => &= \\sum",
        ],
    ),
    "softmax": (
        r"\operatorname{softmax}(z)_k = \frac{\mathrm{e}^{z_k}}{\sum_{j=1}^{K} \mathrm{e}^{z_j}}",
        lambda rng: {"z": rng.normal(size=4), "K": 4, "k": 2, r"\operatorname{softmax}": softmax},
        [
            "\\mathrm{e}^{z_k} => \\mathrm{e}^{z_1}",
            "\\mathrm{e}^{z_k} => \\mathrm{e}^{-z_k}",
            "j=1 => j=2",
            "\\mathrm{e}^{z_k} => z_k",
            "\\sum => \\prod",
        ],
    ),
    "softmax, shifted": (
        r"\mathrm{softmax}(z + c)_k = \mathrm{softmax}(z)_k",
        lambda rng: {"z": rng.normal(size=4), "c": 5.5, "k": 3, r"\mathrm{softmax}": softmax},
        ["z + c => 2z", "(z)_k => (z)_{k-1}"],
    ),
    "log-sum-exp": (
        r"\operatorname{LSE}(z) = m + \log \sum_{i=1}^{n} \exp(z_i - m), \qquad m = \max(z)",
        lambda rng: {
            **{r"\operatorname{LSE}": special.logsumexp, "z": (z := rng.normal(size=4))},
            **{"n": 4, "m": max(z)},
        },
        ["z_i - m => z_i + m", "m + \\log => \\log", "\\max => \\min"],
    ),
    "log-sum-exp, gradient": (
        r"\frac{\partial}{\partial z_k} \log \sum_{j=1}^K \mathrm{e}^{z_j} = \frac{\mathrm{e}^{z_k}}"
        r"{\sum_{j=1}^K \mathrm{e}^{z_j}}",
        lambda rng: {"z": rng.normal(size=4), "K": 4, "k": 2},
        ["\\partial z_k => \\partial z_1", "\\log \\sum => \\sum"],
    ),
    "weighted negative log-likelihood": (
        r"L = -\frac{\sum_{i=1}^N w_{y_i} \log \frac{\mathrm{e}^{z_{i,y_i}}}{\sum_{k=1}^K \mathrm{e}^{z_{i,k}}}}"
        r"{\sum_{i=1}^N w_{y_i}}",
        weighted_nll,
        [
            "w_{y_i} \\log => \\log",
            "z_{i,y_i} => z_{i,1}",
            "{\\sum_{i=1}^N w => {\\sum_{i=2}^N w",
            "= - => =",
        ],
    ),
    "cross-entropy gradient": (
        r"\frac{\partial \ell}{\partial z_k} = \frac{\mathrm{e}^{z_k}}{\sum_{j=1}^K \mathrm{e}^{z_j}}"
        r" - \mathbb{1}[k = y]",
        lambda rng: (
            one_row(rng)
            | {"k": int(rng.integers(1, 4)), "y": 2, r"\ell": lambda z: -special.log_softmax(z)[1]}
        ),
        ["k = y => k \\ne y", "- \\math => + \\math", "\\partial z_k => \\partial z_1"],
    ),
    "label smoothing": (
        r"L = -(1 - \varepsilon) \log p_y - \frac{\varepsilon}{K} \sum_{k=1}^{K} \log p_k",
        hard_and_soft,
        [
            "1 -  => 1 + ",
            r"{\varepsilon}{K} => {\varepsilon}{2}",
            "p_y => p_1",
            "\\log p_y - => \\log p_y +",
        ],
    ),
    "label smoothing, other classes": (
        r"L = -\left(1 - \varepsilon + \frac{\varepsilon}{K}\right) \log p_y"
        r" - \sum_{j=1,\, j \ne y}^{K} \frac{\varepsilon}{K} \log p_j",
        hard_and_soft,
        ["j \\ne y => j = y", "j \\ne y} => j \\ne 1}", "+ \\frac => - \\frac"],
    ),
    "binary cross-entropy": (
        r"L = -\frac{1}{N} \sum_{i=1}^N \bigl( y_i \log \hat{y}_i"
        r" + (1 - y_i) \log(1 - \hat{y}_i) \bigr)",
        pick("L", "y", r"\hat{y}", "N", draw=binary),
        [
            "(1 - \\hat{y}_i) => (1 - y_i)",
            "(1 - y_i) => (1 + y_i)",
            "= - => =",
            r"\frac{1}{N} => \frac{1}{2}",
        ],
    ),
    "binary cross-entropy of logits": (
        r"L = \frac1N \sum_{i=1}^N \left[ \max(z_i, 0) - z_i y_i + \log(1 + \mathrm{e}^{-|z_i|}) \right]",
        pick("L", "y", "z", "N", draw=binary),
        [
            "\\max => \\min",
            "- z_i y_i => + z_i y_i",
            "-|z_i| => |z_i|",
            r"\mathrm{e}^{-|z_i|} => \mathrm{e}^{-z_i}",
        ],
    ),
    "binary cross-entropy, log sigma": (
        r"L = -\frac{1}{N} \sum_{i=1}^N \{ y_i \log \sigma(z_i) + (1 - y_i) \log \sigma(-z_i) \}",
        pick("L", "y", "z", "N", r"\sigma", draw=binary),
        ["\\sigma(-z_i) => \\sigma(z_i)"],
    ),
    "sigmoid, derivative": (
        r"\sigma'(z) = \frac{\mathrm{d}}{\mathrm{d} z} \frac{1}{1 + \mathrm{e}^{-z}}"
        r" = \sigma(z) (1 - \sigma(z))",
        lambda rng: {
            **{"z": rng.normal(), r"\sigma": special.expit},
            r"\sigma'": lambda z: 1 / (2 + 2 * np.cosh(z)),
        },
        [
            "(1 - \\sigma => (1 + \\sigma",
            "\\mathrm{e}^{-z} => \\mathrm{e}^{z}",
            "{1 + \\mathrm => {2 + \\mathrm",
        ],
    ),
    "Bernoulli entropy, derivatives": (
        r"\frac{\mathrm{d} h(p)}{\mathrm{d} p} = \log \frac{1 - p}{p}, \quad"
        r"\frac{\mathrm{d}^2}{\mathrm{d}p^2} h(p) = -\frac{1}{p (1 - p)}",
        coin,
        [r"{1 - p}{p} => {p}{1 - p}", "= -\\frac => = \\frac", "p (1 - p) => p^2 (1 - p)"],
    ),
    "curvature of log-sum-exp": (
        r"\frac{\partial^2}{\partial z_i^2} \log \sum_{k=1}^K \mathrm{e}^{z_k} = p_i (1 - p_i)",
        lambda rng: {
            **{"z": (z := rng.normal(size=3)), "p": softmax(z), "K": 3},
            "i": int(rng.integers(1, 3)),
        },
        ["- p_i => + p_i", "\\partial z_i^2 => \\partial z_3^2"],
    ),
    "Huber": (
        HUBER,
        residual,
        ["\\le => \\ge", "\\frac{1}{2} r^2 => r^2", "|r| -  => |r| + ", "|r| \\le => r \\le"],
    ),
    "Huber, both conditions": (
        HUBER.replace(r"\text{其他情形}", r"\text{当 } |r| > \delta"),
        residual,
        ["> \\delta => > 9\\delta", "> \\delta => > -\\delta"],
    ),
    "hinge": (
        r"L = \max\{0, 1 - yz\}",
        lambda rng: {
            **{"z": (z := 3 * rng.normal()), "y": (y := int(rng.choice([-1, 1])))},
            "L": 0 if y * z > 1 else abs(y - z),
        },
        ["\\max => \\min", "1 - yz => 1 + yz"],
    ),
    "multi-class margin": (
        r"L = \frac{1}{K} \sum_{j=1,\, j \ne y}^{K} \max(0, 1 - z_y + z_j)",
        pick("L", "z", "y", "K", draw=margin),
        [",\\, j \\ne y => ", "- z_y => - z_j", "\\max => \\min", "1 - z => 2 - z"],
    ),
    "multi-class margin, max": (
        r"M = \max_{j=1,\, j \ne y}^{K} z_j - z_y = \max_{j \in S,\, j \ne y} (z_j - z_y)",
        lambda rng: pick("M", "z", "y", "K", draw=margin)(rng) | {"S": range(1, 6)},
        ["^{K} z_j => ^{K} z_y", "\\max_{j \\in => \\min_{j \\in", "- z_y = => + z_y ="],
    ),
    "triplet": (TRIPLET, pick("L", "a", "b", "c", "m", draw=vectors), ["+ m => - m", "_2 - =>  +"]),
    "cosine": (
        r"\cos\theta = \frac{a^\top b}{\lVert a \rVert\, \lVert b \rVert} = \frac{\sum_{i=1}^n a_i b_i}"
        r"{\sqrt{\sum_{i=1}^n a_i^2} \sqrt{\sum_{i=1}^n b_i^2}}",
        pick("a", "b", r"\cos\theta", "n", draw=vectors),
        [r"b \rVert} => b \rVert_1}", "a_i b_i => a_i b_1", "a_i^2 => a_i^3"],
    ),
    "norms": (
        r"\lVert a \rVert_1 = \sum_{i=1}^n |a_i|, \quad"
        r"\lVert a - b \rVert_2^2 = \sum_{i=1}^n (a_i - b_i)^2 \\"
        r"\left\|a\right\|_\infty = \max_{i=1}^{n} \left|a_i\right|",
        pick("a", "b", "n", draw=vectors),
        [
            "|a_i|, => a_i,",
            "(a_i - b => (a_i + b",
            "\\max_{i=1}^{n} => \\max_{i=1}^{1}",
            "\\infty => 2",
        ],
    ),
    "Poisson": (
        POISSON,
        pick(r"\log P(Y = y)", "y", r"\lambda", draw=counts),
        ["y! => y", "- \\la => + \\la"],
    ),
    "Poisson, normalised": (
        r"\sum_{k=0}^{\infty} \frac{\lambda^k}{k!} \mathrm{e}^{-\lambda} = 1",
        pick(r"\lambda", draw=counts),
        ["k=0 => k=1", "\\mathrm{e}^{-\\lambda} => \\mathrm{e}^{\\lambda}"],
    ),
    "Gaussian density": (
        r"p(x) = \frac{1}{\sigma \sqrt{2 \pi}} \exp\Bigl( -\frac{(x - \mu)^2}{2 \sigma^2} \Bigr)",
        gaussian,
        ["2 \\pi => \\pi", "( -\\frac => ( \\frac", "2 \\sigma^2 => \\sigma^2"],
    ),
    "Gaussian, normalised": (
        r"\int_{-\infty}^{\infty} \frac{1}{\sqrt{2 \pi \sigma^2}}"
        r"\mathrm{e}^{-\frac{(x - \mu)^2}{2 \sigma^2}} \,\mathrm{d}x = 1",
        pick(r"\mu", r"\sigma", draw=gaussian),
        ["2 \\pi => \\pi", "-\\infty => 0", "{2 \\sigma^2}} => {\\sigma^2}}"],
    ),
    "expectation": (
        r"m = \mathbb{E}_{x \sim P}[x], \quad V = \mathbb{E}_{x \sim P}\left[(x - m)^2\right]"
        r" = \mathbb{E}_{x \sim P}[x^2] - \mathbb{E}_{x \sim P}[x]^2",
        pick("P", "m", "V", draw=dice),
        ["(x - m) => (x + m)", "[x^2] -  => [x^2] + ", "[x]^2 => [x]"],
    ),
    "mean over outcomes": (
        r"m = \sum_{x \in \mathcal{X}} x\, p(x)",
        pick("m", "p", r"\mathcal{X}", draw=dice),
        ["x\\, p => p"],
    ),
    "chain rule": (
        r"H(X, Y) = -\sum_{x \in \mathcal{X}} \sum_{y \in \mathcal{Y}} p(x, y) \log p(x, y)"
        r" = H(X) + H(Y \mid X), \\ H(Y | X) = -\sum_{x \in \mathcal{X}} \sum_{y \in \mathcal{Y}}"
        r"p(x, y) \log q(y \mid x)",
        joint,
        ["H(X) + => H(X) -", "\\log p(x, y) => \\log p(x)", "\\log q => q"],
    ),
    "perplexity": (
        r"\mathrm{PPL} = \exp\left( -\frac{1}{T} \sum_{t=1}^{T} \log q_{t,x_t} \right)"
        r" = \Bigl( \prod_{t=1}^{T} \frac{1}{q_{t,x_t}} \Bigr)^{1/T}",
        sequence,
        ["\\prod_{t=1}^{T} => \\prod_{t=2}^{T}", "^{1/T} => ^{2/T}"],
    ),
    "mean over kept tokens": (
        r"L = \frac{\sum_{i=1}^n m_i \ell_i}{\sum_{i=1}^n m_i}"
        r" = \frac{1}{\sum_{i=1}^n \mathbb{1}[m_i > 0]} \sum_{i=1,\, m_i \ne 0}^n \ell_i",
        kept_tokens,
        ["m_i > 0 => m_i < 0", "m_i \\ne 0 => m_i = 0", "m_i \\ell_i => \\ell_i"],
    ),
    "objective with a penalty": (
        r"J = \frac{1}{N} \sum_{i=1}^{N} (y_i - w^\top x_i)^2 + \lambda \lVert w \rVert_1",
        regularised,
        ["\\rVert_1 => \\rVert", "+ \\lambda => - \\lambda", "y_i - w => y_i + w"],
    ),
    "rounded value": (r"\log 2 \approx 0.6931", lambda rng: {}, ["0.6931 => 0.6941"]),
    "floor and ceiling": (
        r"\lfloor x \rfloor + 1 = \lceil x \rceil",
        lambda rng: {"x": rng.integers(-3, 3) + rng.uniform(0.1, 0.9)},
        ["+ 1 => - 1", "\\lceil x \\rceil => \\lfloor x \\rfloor"],
    ),
    "a function by its own key": (
        r"\frac{\mathrm{d}}{\mathrm{d}x} \tanh(x) = 1 - \tanh(x)^2",
        lambda rng: {"x": rng.normal(), r"\tanh": np.tanh},
        ["(x)^2 => (x)", "1 - \\tanh => 1 + \\tanh"],
    ),
    "half-infinite and finite integrals": (
        r"\int_0^\infty x \mathrm{e}^{-x} \,\mathrm{d}x = 1, \quad \int_0^1 \log x \,\mathrm{d}x = -1",
        lambda rng: {},
        ["x \\mathrm => 2 \\mathrm", "= -1 => = 1"],
    ),
    "pairs": (
        r"\sum_{i=1}^n \sum_{j=1,\, i < j}^{n} (a_i - a_j)^2 = n \sum_{i=1}^n a_i^2 - "
        r"\Bigl(\sum_{i=1}^n a_i\Bigr)^2 = \sum_{i=1}^n \sum_{j=i+1}^n (a_i - a_j)^2",
        pick("a", "n", draw=vectors),
        ["i < j => i \\ne j", "j=i+1 => j=1", "= n => ="],
    ),
}


def draws_of(name, count=6):
    return [FORMULAS[name][1](np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("name", FORMULAS)
def test_right_formula_holds(name):
    for symbols in draws_of(name):
        check(FORMULAS[name][0], symbols)


MISTAKES = [(name, mistake) for name, row in FORMULAS.items() for mistake in row[2]]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_wrong_formula_fails(name, mistake):
    latex, (old, new) = FORMULAS[name][0], mistake.split(" => ")
    assert old in latex
    messages = []
    for symbols in draws_of(name):
        try:
            check(latex.replace(old, new, 1), symbols, optional=symbols)
        except EquationError as error:
            messages.append(str(error))
    assert messages
    for message in messages:
        assert re.search(r"left: .*\nright: |no element|no case|integer", message)


# What no draw can notice: mistakes that leave the formula true (their places cut off).
UNNOTICED = {
    "softmax, shifted": ["'c' nudged up", "'c' nudged down", "+ -> -"],  # true for every shift
    "Gaussian, normalised": ["- -> +", r"'\mu' nudged up", r"'\mu' nudged down"],
    "floor and ceiling": ["'x' nudged up", "'x' nudged down"] * 2,
    "half-infinite and finite integrals": [r"'\infty' nudged down"],  # from 0 to -1 it is 1 too
    "pairs": [  # the terms of i = j are 0; symmetry
        *["'n' nudged up", "'n' nudged down", "'i' nudged down", "'1' nudged down"] * 2,
        *["'1' nudged up", "< -> >", "'j' nudged up"],
    ],
}


@pytest.mark.parametrize("name", FORMULAS)
def test_every_mistake_is_noticed(name):
    alive = unbroken_mutants(FORMULAS[name][0], draws_of(name, 12))
    found = sorted(text.split(" at position")[0] for text in alive)
    assert found == sorted(UNNOTICED.get(name, []))


def test_degenerate_draws_are_told():
    uniform = {"p": np.full(3, 1 / 3), "q": np.full(3, 1 / 3), "n": 3}
    alive = unbroken_mutants(KL, [uniform | {r"D_{\mathrm{KL}}(P\|Q)": 0.0}])
    (frac,) = (text for text in alive if text.startswith("\\frac"))
    assert frac == r"\frac upside down at position 46: ...i=1}^n p_i \log [\frac]{p_i}{q_i}"


def test_an_inequality_needs_draws_of_equality():
    above, equal = {"x": 2.0, "a": 1.0}, {"x": 1.0, "a": 1.0}
    never, up, down, *rest = unbroken_mutants(r"x \ge a", [above])
    assert never == r"never attained: x \ge a"
    assert up == r"'x' nudged up at position 0: [x] \ge a"
    assert down == r"'x' nudged down at position 0: [x] \ge a"
    assert len(rest) == 2
    assert unbroken_mutants(r"x \ge a", [equal]) == [r"\ge -> \le at position 2: x [\ge] a"]
    assert unbroken_mutants(r"x \ge a", [above, equal]) == []


LOGARITHM = [{"x": 1.0}, {"x": 0.99}, {"x": 1.01}, {"x": 3.0}]


@pytest.mark.parametrize(
    "weaker", [r"\log x \le x", r"\log x \le x + 1", r"\log x - 1 \le x - 1", r"\log x \le x^2"]
)
def test_a_weakened_inequality_is_never_attained(weaker):
    assert unbroken_mutants(r"\log x \le x - 1", LOGARITHM) == []
    for symbols in LOGARITHM:
        check(weaker, symbols)
    assert f"never attained: {weaker}" in unbroken_mutants(weaker, LOGARITHM)


def test_each_inequality_of_a_chain_is_attained_by_itself():
    both = [{"p": np.array([0.0, 0.3]), "a": 1.0}, {"p": np.array([0.4, 1.0]), "a": 1.0}]
    assert unbroken_mutants(r"0 \le p \le a", both) == []
    assert r"never attained: p \le a" in unbroken_mutants(r"0 \le p \le a", both[:1])


def test_a_strict_inequality_needs_a_draw_that_comes_near():
    near, far = {"x": 1.0, "a": 1.0005}, {"x": 1.0, "a": 2.0}
    assert unbroken_mutants("x < a", [near, far]) == []
    assert "never attained: x < a" in unbroken_mutants("x < a", [far])


def test_near_is_not_equal():
    with pytest.raises(EquationError):
        check("x < a = b", {"x": 1.0, "a": 2.0, "b": 2.0001})


def test_the_draws_bind_the_same_symbols():
    with pytest.raises(UnreadableError, match="different symbols"):
        unbroken_mutants("a = 1", [{"a": 1}, {"b": 1}])


def test_beside_a_difference_only_the_sign_is_changed():
    assert unbroken_mutants(r"x \ne a", [{"x": 2.0, "a": 1.0}]) == []


def test_only_conditions_are_nudged_widely():
    nudged = r"'x' nudged down at position 11: \mathbb{1}[[x] > 0] = a"
    assert nudged not in unbroken_mutants(r"\mathbb{1}[x > 0] = a", [{"x": 0.9, "a": 1}])
    assert nudged in unbroken_mutants(r"\mathbb{1}[x > 0] = a", [{"x": 1.1, "a": 1}])


def test_mutants_of_a_false_formula_are_refused():
    with pytest.raises(EquationError):
        unbroken_mutants("a = b", [{"a": 1, "b": 2}])


@pytest.mark.parametrize(
    ("latex", "needle"),
    [
        (r"a = \foo b", r"cannot read '\\foo' at position 4: a = [\foo] b"),
        ("a = c", "[c]: no such symbol is bound"),
        ("a + b", "a part without a relation"),
        ("", "an expression is missing"),
        ("a = ", "an expression is missing"),
        (r"a = b \\ \text{for all } a", r"[\text{for all }] a"),
        (r"a = b, \quad i = 1, \dots, n", "[i] = 1"),
        (r"a = \frac{a}{b", "the end at position 14"),
        ("a = (b]", "expected )"),
        ("a = b)", "[)]"),
        ("a = b / a b", "divided or not?"),
        (r"a = \log(b)^2", "of the function or its bracket?"),
        ("a = v_{kk}", "one index or two?"),
        ("a = v_{kk - 1}", "one index or two?"),
        ("a = b^12", "only the first sign"),
        ("a = b^2!", "of the power or of its base?"),
        ("a = k!!", "a double factorial"),
        ("a = b^(2)", "[(]2): TeX takes only the first sign"),
        ("a = b^f(a)", "[f](a): TeX takes only the first sign"),
        (r"a = \sum_{j=1}^{j} j", "no such symbol is bound"),
        ("a = b 2", r"write \cdot"),
        ("a = f", "needs its arguments"),
        (r"a = \sum_{m} v_m", "[m]"),
        (r"a = \max_k v_k", "[k] v_k: an index without its range"),
        (r"a = \int_0^1 a", r"without \mathrm{d}x"),
        (r"a = \int_0 a \,\mathrm{d}x", "expected ^"),
        (r"a = \log^{-1} b", "[^]{-1} b: an expression is missing"),
        (r"a = \begin{cases} b & \text{if } b > 0 \text{ or } b < 0 \end{cases}", r"[\text{ or }]"),
        (r"a = \begin{matrix} b \end{matrix}", r"'\\begin{matrix}'"),
        (r"a = \lim_{b \to 0} b", r"'\\lim'"),
        ("a = b！", "'！'"),
        (r"a \leq b", r"[\leq] b: write \le"),
        (r"a = \tfrac{1}{2} b", r"write \frac"),
        (r"a = b \times b", r"write \cdot"),
        (r"a = \ln b", r"write \log"),
        ("a = e^{b}", r"write \mathrm{e}"),
        ("a := b", "write = for :="),
        (r"a = \|v\|", r"write \lVert x \rVert"),
        (r"\frac{da}{db} = 1", r"write \mathrm{d}"),
        (r"a = \frac12", "only the first sign"),
        (r"a = \log^2 b", "[^]2 b: an expression is missing"),
        (r"a = \sinh b", r"'\\sinh'"),
        (r"a = \boxed{b}", r"'\\boxed'"),
        (r"a = \underbrace{b}_{k}", r"'\\underbrace'"),
        (r"a = b \text{ nat}", r"[\text{ nat}]"),
        (r"a = \sqrt[3]{b}", "[[]3]{b}: TeX takes only"),
        (r"a = (b)_+", "[+]: an expression is missing"),
        (r"a = \mathbb{1}_{b > 0}", r"[_]{b > 0}: expected ["),
        (r"a = \mathbf{1}[b > 0]", r"write \mathbb{1}[..]"),
        (r"a = \sum_{i,j=1}^k b", "an index without its range"),
        (r"a = \sum_{\substack{i=1 \\ i \ne k}}^2 b", "write commas"),
        (r"a = \sum_{i \in \{1, 2\}} i", "[,]"),
        (r"a = \sum_{i \in S \setminus T} i", "[S]"),
        (r"a = \sum_{i=1} b", "expected ^"),
        (r"a = f_k(b)", "needs its arguments"),
        (r"a = b^2_1", "of the power or of its base?"),
        (
            r"a = \frac{\partial^2 f(b)}{\partial a \partial b}",
            "the orders of the derivative differ",
        ),
        (r"a = \frac{\partial^2 f(b)}{\partial b}", "the orders of the derivative differ"),
        (r"a = \begin{cases} b, & k = 1 \end{cases}", "[,]"),
    ],
)
def test_what_cannot_be_read_is_named(latex, needle):
    symbols = {"a": 1.0, "b": 1.0, "k": 1, "v": np.ones(2), "f": abs}
    with pytest.raises(UnreadableError) as error:
        check(latex, symbols, optional=symbols)
    assert needle in str(error.value)


def test_a_symbol_that_is_never_read_is_refused():
    with pytest.raises(UnreadableError, match="bound but never read: b"):
        check("a = 1", {"a": 1, "b": 1})
    check("a = 1", {"a": 1, "b": 1}, optional=("b",))
    with pytest.raises(UnreadableError, match="bound but never read: i"):
        check(r"a = \sum_{i=1}^2 i", {"a": 3, "i": 5})
    with pytest.raises(UnreadableError, match="two bindings"):
        check("x_i = 1", {"x_i": 1, "x_{i}": 1})


def test_a_false_relation_is_shown_with_both_values():
    with pytest.raises(EquationError, match=r"false: a \+ 1 = b\n left: 2.5\nright: 3"):
        check("b = 3, \\quad a + 1 = b", {"a": 1.5, "b": 3})


@pytest.mark.parametrize(
    ("key", "latex"),
    [
        (r"D_{\mathrm{KL}}(P \,\|\, Q)", r"D_{\mathrm{KL}}\left(P \middle\| Q\right)"),
        (r"\hat y", r"\hat{y}"),
        ("x_{i}", "x_i"),
        (r"x_{\max}", r"x_\max"),
        (r"z^{(i)}", r"{z}^{ (i) }"),
        (r"\operatorname{arg\,max}", r"\operatorname{argmax}"),
        (r"p_{\text{data}}", r"p_\text{data}"),
    ],
)
def test_symbols_are_compared_without_spacing_and_needless_braces(key, latex):
    check(f"{latex} = 2", {key: 2.0})


@pytest.mark.parametrize(
    ("latex", "symbols"),
    [
        (r"-p \log p = 0", {"p": 0.0}),
        (r"p \log \frac{1}{p} = 0", {"p": 0}),
        (r"x - 1 \le \log 3x", {"x": 0.5}),
        (r"a \cdot b = a b", {"a": 2, "b": 3.5}),
        (r"\frac{1}{2} = 1/2 = 0.5 = 2^{-1}", {}),
        (r"\mathrm{e}^{i} = 7^3", {r"\mathrm{e}": 7, "i": 3}),
        (r"\mathrm{e} = \exp(1)", {}),
        (r"2|x| + |x|^2 = 15", {"x": -3}),
        (r"|2 \left|x\right| - 7| = |2 \bigl|x\bigr| - 7| = 1", {"x": -3}),
        (r"p(y \mid x) = p(2y, x)/2 = p(y \,\|\, x)", {"p": lambda y, x: x * y, "x": 3, "y": 4}),
        (r"n = \sum_{i \in S} 1", {"S": ["a", "b"], "n": 2}),
        (r"0 < x < 1, \qquad y \ne x", {"x": 0.5, "y": 2}),
        (r"\max(z) = \max\{z_1, z_2\} = 5", {"z": np.array([2, 5])}),
        (
            r"s = \begin{cases} 1 & x > 0 \\ 0 & x = 0 \\ -1 & \text{if } -9 < x < 0 \end{cases}",
            {"s": -1, "x": -2},
        ),
        (r"\mathbb{1}[x \in S, x \ne 2] + \mathbb{1}[x \notin S] = 1", {"x": 1, "S": [1, 2]}),
        (r"\mathbb{1}[x > 0, x < 1] = \mathbb{1}[0 < x < 1] = 0", {"x": 2}),
        (
            r"\mathbb{E}_{x \sim P}[\mathbb{E}_{y \sim P}[x y]] = \mathbb{E}_{x \sim P}[x]^2 = 2.25",
            {"P": {1: 0.5, 2: 0.5}},
        ),
        (r"a = a \quad \\ \begin{aligned} b &= 1 \\ &\quad + 1 \end{aligned}", {"a": 1, "b": 2}),
        (r"\Bigl\| v \Bigr\|^2 = \left| -25 \right|", {"v": np.array([3, 4])}),
        (
            r"\frac{\partial f(a, b)}{\partial b} = 3 a b^2",
            {"f": lambda a, b: a * b**3, "a": 2.0, "b": 3.0},
        ),
        (r"\frac{\partial^2}{\partial x^2} x^3 y = 6 x y", {"x": 1.5, "y": 0.3}),
    ],
)
def test_notation(latex, symbols):
    check(latex, symbols)


@pytest.mark.parametrize(
    ("latex", "symbols", "message"),
    [
        ("v_{k} = 1", {"v": np.ones(2), "k": 0}, r"no element \[0\] in shape \(2,\)"),
        ("v_k = 1", {"v": np.ones(2), "k": 3}, r"no element \[3\]"),
        ("v_k = 1", {"v": np.ones(2), "k": 1.5}, "should be an integer"),
        ("v = 1, \\quad v = w", {"v": np.ones(2), "w": np.ones(3)}, "false: v = w"),
        (r"1 = \begin{cases} 1 & x > 0 \\ 2 & x > 1 \end{cases}", {"x": 2}, "disagree"),
        (r"1 = \begin{cases} 1 & x > 0 \end{cases}", {"x": -2}, "no case applies"),
        (r"\frac{x}{x} = x", {"x": 0.0}, "left: nan"),
        (r"\frac{1}{x} = y", {"x": 0.0, "y": 1e300}, "left: inf"),
    ],
)
def test_false(latex, symbols, message):
    with pytest.raises(EquationError, match=message):
        check(latex, symbols)


numbers = st.floats(-50, 50).map(lambda x: round(x, 3))


@given(numbers, numbers, numbers, st.integers(0, 5))
def test_precedence_is_that_of_python(a, b, c, n):
    value = a - b * c**n + -(a + b) * c - 2 * (-b) ** n
    latex = r"v = a - b \cdot c^n + (-(a + b)) c - 2 \{-b\}^{n}"
    check(latex, {"v": value, "a": a, "b": b, "c": c, "n": n}, atol=1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6))
def test_an_index_off_by_one_never_passes(weights):
    p = np.array(weights)
    with pytest.raises(EquationError):
        check(r"s = \sum_{i=1}^{n} p_{i+1}", {"s": p[1:].sum(), "p": p, "n": p.size})


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(0.1, 5))
def test_calculus_is_accurate(mean, scale):
    density = r"\exp\left(-\frac{(x - m)^2}{2 s^2}\right)"
    check(
        rf"\int_{{-\infty}}^\infty {density} \,\mathrm{{d}}x = s \sqrt{{2\pi}}",
        {"m": mean, "s": scale},
    )
    check(
        rf"\frac{{\mathrm{{d}}}}{{\mathrm{{d}}x}} {density} = \frac{{m - x}}{{s^2}} {density}",
        {"m": mean, "s": scale, "x": mean + 0.7 * scale},
    )
