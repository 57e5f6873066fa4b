r"""The reader of LaTeX: right formulas hold, wrong ones fail, what cannot be read is refused.

Each row of FORMULAS is a formula, a function that draws values for its symbols by a computation of
its own, and mistakes: what to replace in the LaTeX so that it must fail.
"""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from equations.reader import (
    Distribution,
    EquationError,
    UnreadableError,
    check,
    tokenize,
    unbroken_mutants,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats


def softmax(z):
    return special.softmax(np.asarray(z, float))


def two_distributions(rng, n=None):
    n = int(n or rng.integers(2, 6))
    p, q = rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(n))
    named = {"H(P)": stats.entropy(p), "H(P, Q)": -(p @ np.log(q))}
    named[r"D_{\mathrm{KL}}(P \,\|\, Q)"] = stats.entropy(p, q)
    return {"p": p, "q": q, "n": n, **named}


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
    P = Distribution(values, probs)
    return {"P": P, "m": mean, "V": second - mean**2, r"\mathcal{X}": values, "p": P}


def joint(rng):
    table = rng.dirichlet(np.ones(6)).reshape(2, 3)
    rows, columns = ["sun", "rain"], ["a", "b", "c"]

    def p(x, y=None):
        row = table[rows.index(x)]
        return row.sum() if y is None else row[columns.index(y)]

    return {
        r"\mathcal{X}": rows,
        r"\mathcal{Y}": columns,
        "p": p,
        "H(X, Y)": stats.entropy(table.ravel()),
        "H(X)": stats.entropy(table.sum(axis=1)),
        "H(Y | X)": stats.entropy(table.ravel()) - stats.entropy(table.sum(axis=1)),
        "q": lambda y, x: p(x, y) / p(x),
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
    \tfrac12 r^2, & \text{若 } |r| \le \delta, \\
    \delta \left( |r| - \tfrac12 \delta \right), & \text{其他情形.} \end{cases}"""
POISSON = r"\log P(Y = y) = y \log \lambda - \lambda - \log y!"
TRIPLET = r"L = \max\left(0,\ \|a - b\|_2 - \lVert a - c\rVert_2 + m\right)"
DERIVATION = r"""\begin{aligned}
    H(P, Q) &= -\sum_{i=1}^n p_i \log q_i \\
            &= -\sum_{i=1}^n p_i \log p_i
               + \underbrace{\sum_{i=1}^n p_i \log \frac{p_i}{q_i}}_{\text{relative entropy}} \\
            &= H(P) + D_{\mathrm{KL}}(P \,\|\, Q). \end{aligned}"""

FORMULAS = {
    "entropy": (ENTROPY, pick("H(P)", "p", "n"), ["-\\sum>\\sum", "i=1>i=2", "\\log>\\exp"]),
    "entropy, index set": (
        r"H(P) = -\sum_i p_i \ln p_i",
        lambda rng: (d := pick("H(P)", "p")(rng)) | {"i": range(1, d["p"].size + 1)},
        ["-\\sum>\\sum", "p_i>p_i^2"],
    ),
    "entropy in bits": (
        r"H_2 = -\sum_{i=1}^n p_i \log_2 p_i",
        lambda rng: (d := pick("p", "n")(rng)) | {"H_2": stats.entropy(d["p"], base=2)},
        ["\\log_2>\\log", "\\log_2>\\log_3"],
    ),
    "entropy bounds": (
        r"0 \le H(P) \le \log n",
        pick("H(P)", "n"),
        ["0 \\le>0 \\ge", "\\log n>-\\log n", "\\log n>\\log_9 n"],
    ),
    "relative entropy": (
        KL,
        pick(r"D_{\mathrm{KL}}(P \,\|\, Q)", "p", "q", "n"),
        [r"\frac{p_i}{q_i}>\frac{q_i}{p_i}", "\\sum>-\\sum", "p_i \\log>q_i \\log"],
    ),
    "asymmetry": (
        r"\sum_{i=1}^n p_i \log \frac{p_i}{q_i} \ne \sum_{i=1}^n q_i \log \frac{q_i}{p_i}",
        pick("p", "q", "n", draw=lambda rng: two_distributions(rng, n=4)),
        ["\\ne>="],
    ),
    "cross-entropy, derived": (
        DERIVATION,
        pick("H(P, Q)", "H(P)", r"D_{\mathrm{KL}}(P \,\|\, Q)", "p", "q", "n"),
        ["H(P) +>H(P) -", "+ \\under>- \\under", "\\log q_i>\\log p_i", "&= -\\sum>&= \\sum"],
    ),
    "softmax": (
        r"\operatorname{softmax}(z)_k = \frac{e^{z_k}}{\sum_{j=1}^{K} e^{z_j}}",
        lambda rng: {"z": rng.normal(size=4), "K": 4, "k": 2, r"\operatorname{softmax}": softmax},
        ["e^{z_k}>e^{z_j}", "e^{z_k}>e^{-z_k}", "j=1>j=2", "e^{z_k}>z_k", "\\sum>\\prod"],
    ),
    "softmax, f_k(z)": (
        r"\mathrm{softmax}_k(z + c) = \mathrm{softmax}_k(z)",
        lambda rng: {"z": rng.normal(size=4), "c": 5.5, "k": 3, r"\mathrm{softmax}": softmax},
        ["z + c>2z", "_k(z)>_{k-1}(z)"],
    ),
    "log-sum-exp": (
        r"\operatorname{LSE}(z) = m + \log \sum_{i=1}^{n} \exp(z_i - m), \qquad m = \max_{i} z_i",
        lambda rng: {
            **{r"\operatorname{LSE}": special.logsumexp, "z": (z := rng.normal(size=4))},
            **{"n": 4, "m": max(z), "i": range(1, 5)},
        },
        ["z_i - m>z_i + m", "m + \\log>\\log", "\\max>\\min"],
    ),
    "log-sum-exp, gradient": (
        r"\frac{\partial}{\partial z_k} \log \sum_{j=1}^K e^{z_j} = \frac{e^{z_k}}"
        r"{\sum_{j=1}^K e^{z_j}}",
        lambda rng: {"z": rng.normal(size=4), "K": 4, "k": 2},
        ["\\partial z_k>\\partial z_1", "\\log \\sum>\\sum"],
    ),
    "weighted negative log-likelihood": (
        r"L = -\frac{\sum_{i=1}^N w_{y_i} \log \frac{e^{z_{i,y_i}}}{\sum_{k=1}^K e^{z_{i,k}}}}"
        r"{\sum_{i=1}^N w_{y_i}}",
        weighted_nll,
        ["w_{y_i} \\log>\\log", "z_{i,y_i}>z_{i,1}", "{\\sum_{i=1}^N w>{\\sum_{i=2}^N w", "= ->="],
    ),
    "cross-entropy gradient": (
        r"\frac{\partial \ell}{\partial z_k} = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j}}"
        r" - \mathbb{1}[k = y]",
        lambda rng: one_row(rng)
        | {"k": int(rng.integers(1, 4)), "y": 2, r"\ell": lambda z: -special.log_softmax(z)[1]},
        ["k = y>k \\ne y", "- \\math>+ \\math", "\\partial z_k>\\partial z_1"],
    ),
    "label smoothing": (
        r"L = -(1 - \varepsilon) \log p_y - \frac{\varepsilon}{K} \sum_{k=1}^{K} \log p_k",
        hard_and_soft,
        ["1 - >1 + ", r"{\varepsilon}{K}>{\varepsilon}{2}", "p_y>p_1", "\\log p_y ->\\log p_y +"],
    ),
    "label smoothing, other classes": (
        r"L = -\left(1 - \varepsilon + \tfrac{\varepsilon}{K}\right) \log p_y"
        r" - \sum_{\substack{j=1 \\ j \ne y}}^{K} \frac{\varepsilon}{K} \log p_j",
        hard_and_soft,
        [r"j \ne y>j = y", "j \\ne y}>j \\ne 1}", "+ \\tfrac>- \\tfrac"],
    ),
    "binary cross-entropy": (
        r"L = -\frac{1}{N} \sum_{i=1}^N \bigl( y_i \log \hat{y}_i"
        r" + (1 - y_i) \log(1 - \hat{y}_i) \bigr)",
        pick("L", "y", r"\hat{y}", "N", draw=binary),
        ["(1 - \\hat{y}_i)>(1 - y_i)", "(1 - y_i)>(1 + y_i)", "= ->=", r"\frac{1}{N}>\frac{1}{2}"],
    ),
    "binary cross-entropy of logits": (
        r"L = \frac1N \sum_{i=1}^N \left[ \max(z_i, 0) - z_i y_i + \log(1 + e^{-|z_i|}) \right]",
        pick("L", "y", "z", "N", draw=binary),
        ["\\max>\\min", "- z_i y_i>+ z_i y_i", "-|z_i|>|z_i|", r"e^{-|z_i|}>e^{-z_i}"],
    ),
    "binary cross-entropy, log sigma": (
        r"L = -\frac{1}{N} \sum_{i=1}^N \{ y_i \log \sigma(z_i) + (1 - y_i) \log \sigma(-z_i) \}",
        pick("L", "y", "z", "N", r"\sigma", draw=binary),
        ["\\sigma(-z_i)>\\sigma(z_i)"],
    ),
    "sigmoid, derivative": (
        r"\sigma'(z) = \frac{\mathrm{d}}{\mathrm{d} z} \frac{1}{1 + e^{-z}}"
        r" = \sigma(z) (1 - \sigma(z))",
        lambda rng: {
            **{"z": rng.normal(), r"\sigma": special.expit},
            r"\sigma'": lambda z: 1 / (2 + 2 * np.cosh(z)),
        },
        ["(1 - \\sigma>(1 + \\sigma", "e^{-z}>e^{z}", "{1 + e>{2 + e"],
    ),
    "Bernoulli entropy, derivatives": (
        r"\frac{\mathrm{d} h(p)}{\mathrm{d} p} = \log \frac{1 - p}{p}, \quad"
        r"\frac{d^2}{dp^2} h(p) = -\frac{1}{p (1 - p)}",
        coin,
        [r"{1 - p}{p}>{p}{1 - p}", "= -\\frac>= \\frac", "p (1 - p)>p^2 (1 - p)"],
    ),
    "Hessian of log-sum-exp": (
        r"\frac{\partial^2}{\partial z_i \partial z_j} \log \sum_{k=1}^K e^{z_k}"
        r" = p_i (\mathbf{1}_{\{i = j\}} - p_j)",
        lambda rng: {
            **{"z": (z := rng.normal(size=3)), "p": softmax(z), "K": 3},
            **{"i": int(rng.integers(1, 3)), "j": 2},
        },
        ["- p_j>+ p_j", "i = j>i \\ne j", "\\partial z_j>\\partial z_3"],
    ),
    "Huber": (
        HUBER,
        residual,
        ["\\le>\\ge", "\\tfrac12 r^2>r^2", "|r| - >|r| + ", "|r| \\le>r \\le"],
    ),
    "Huber, both conditions": (
        HUBER.replace(r"\text{其他情形.}", r"\text{当 } |r| > \delta"),
        residual,
        ["> \\delta>> 9\\delta", "> \\delta>> -\\delta"],
    ),
    "hinge, positive part": (
        r"[1 - y z]_+ = \max\{0, 1 - yz\}",
        lambda rng: {"y": int(rng.choice([-1, 1])), "z": rng.normal()},
        ["\\max>\\min", "1 - y z>1 + y z", "]_+>]"],
    ),
    "multi-class margin": (
        r"L = \frac{1}{K} \sum_{j=1,\, j \ne y}^{K} \max(0, 1 - z_y + z_j)",
        pick("L", "z", "y", "K", draw=margin),
        [",\\, j \\ne y>", "- z_y>- z_j", "\\max>\\min", "1 - z>2 - z"],
    ),
    "multi-class margin, max": (
        r"M = \max_{j \ne y} z_j - z_y = \max_{j \in S \setminus \{y\}} (z_j - z_y)",
        lambda rng: pick("M", "z", "y", draw=margin)(rng) | {"j": range(1, 6), "S": range(1, 6)},
        ["j \\ne y>j = y", "\\max_{j \\in>\\min_{j \\in", "- z_y =>+ z_y ="],
    ),
    "triplet": (TRIPLET, pick("L", "a", "b", "c", "m", draw=vectors), ["+ m>- m", "_2 -> +"]),
    "cosine": (
        r"\cos\theta = \frac{a^\top b}{\|a\| \, \|b\|} = \frac{\sum_{i=1}^n a_i b_i}"
        r"{\sqrt{\sum_{i=1}^n a_i^2} \sqrt{\sum_{i=1}^n b_i^2}}",
        pick("a", "b", r"\cos\theta", "n", draw=vectors),
        [r"\|b\|}>\|b\|_1}", "a_i b_i>a_i b_1", "a_i^2>a_i^3"],
    ),
    "norms": (
        r"\|a\|_1 = \sum_{i=1}^n |a_i|, \quad \|a - b\|_2^2 = \sum_{i=1}^n (a_i - b_i)^2 \\"
        r"\left\|a\right\|_\infty = \max_{1 \in \{1\}, i \in \{1, \dots, n\}} \left|a_i\right|",
        pick("a", "b", "n", draw=vectors),
        ["|a_i|,>a_i,", "(a_i - b>(a_i + b", "\\dots, n>\\dots, 1", "\\infty>2"],
    ),
    "Poisson": (POISSON, pick(r"\log P(Y = y)", "y", r"\lambda", draw=counts), ["y!>y", "- \\la>"]),
    "Poisson, normalised": (
        r"\sum_{k=0}^{\infty} \frac{\lambda^k}{k!} e^{-\lambda} = 1",
        pick(r"\lambda", draw=counts),
        ["k=0>k=1", "e^{-\\lambda}>e^{\\lambda}"],
    ),
    "Gaussian density": (
        r"p(x) = \frac{1}{\sigma \sqrt{2 \pi}} \exp\Bigl( -\frac{(x - \mu)^2}{2 \sigma^2} \Bigr)",
        gaussian,
        ["2 \\pi>\\pi", "( -\\frac>( \\frac", "2 \\sigma^2>\\sigma^2"],
    ),
    "Gaussian, normalised": (
        r"\int_{-\infty}^{\infty} \frac{1}{\sqrt{2 \pi \sigma^2}}"
        r"e^{-\frac{(x - \mu)^2}{2 \sigma^2}} \,\mathrm{d}x = 1",
        pick(r"\mu", r"\sigma", draw=gaussian),
        ["2 \\pi>\\pi", "-\\infty>0", "{2 \\sigma^2}}>{\\sigma^2}}"],
    ),
    "expectation": (
        r"m = \mathbb{E}_{x \sim P}[x], \quad V = \mathbb{E}_{x \sim P}\left[(x - m)^2\right]"
        r" = \mathbb{E}_{x \sim P}[x^2] - \mathbb{E}_{x \sim P}[x]^2",
        pick("P", "m", "V", draw=dice),
        ["(x - m)>(x + m)", "[x^2] - >[x^2] + ", "[x]^2>[x]"],
    ),
    "mean over outcomes": (
        r"m = \sum_{x \in \mathcal{X}} x\, p(x)",
        pick("m", "p", r"\mathcal{X}", draw=dice),
        ["x\\, p>p"],
    ),
    "chain rule": (
        r"H(X, Y) = -\sum_{x \in \mathcal{X}} \sum_{y \in \mathcal{Y}} p(x, y) \log p(x, y)"
        r" = H(X) + H(Y \mid X), \\ H(Y | X) = -\sum_{x \in \mathcal{X}, y \in \mathcal{Y}}"
        r"p(x, y) \log q(y \mid x)",
        lambda rng: {k: v for k, v in joint(rng).items() if k != "H(Y | X)"}
        | {"H(Y \\mid X)": (d := joint(rng))["H(Y | X)"], "H(Y | X)": d["H(Y | X)"], **d},
        ["H(X) +>H(X) -", "\\log p(x, y)>\\log p(x)", "\\log q>q"],
    ),
    "perplexity": (
        r"\mathrm{PPL} = \exp\left( -\frac{1}{T} \sum_{t=1}^{T} \log q_{t,x_t} \right)"
        r" = \Bigl( \prod_{t=1}^{T} \frac{1}{q_{t,x_t}} \Bigr)^{1/T} = \sqrt[T]{\prod_{t=1}^T"
        r"q_{t,x_t}^{-1}}",
        sequence,
        ["\\prod_{t=1}^{T}>\\prod_{t=2}^{T}", "^{1/T}>^{1/2T}", "\\sqrt[T]>\\sqrt[9]"],
    ),
    "mean over kept tokens": (
        r"L = \frac{\sum_{i=1}^n m_i \ell_i}{\sum_{i=1}^n m_i}"
        r" = \frac{1}{\sum_{i=1}^n \mathbb{1}\{m_i > 0\}} \sum_{i=1:\, m_i \ne 0}^n \ell_i",
        kept_tokens,
        ["m_i > 0>m_i < 0", "m_i \\ne 0>m_i = 0", "m_i \\ell_i>\\ell_i"],
    ),
    "objective with a penalty": (
        r"J = \frac{1}{N} \sum_{i=1}^{N} (y_i - w^\top x_i)^2 + \lambda \|w\|_1",
        regularised,
        ["\\|w\\|_1>\\|w\\|", "+ \\lambda>- \\lambda", "y_i - w>y_i + w"],
    ),
    "rounded value": (r"\log 2 \approx 0.6931\text{ nat}", lambda rng: {}, ["0.6931>0.6941"]),
    "floor and ceiling": (
        r"\lfloor x \rfloor + 1 = \lceil x \rceil",
        lambda rng: {"x": rng.integers(-3, 3) + rng.uniform(0.1, 0.9)},
        ["+ 1>- 1", "\\lceil x \\rceil>\\lfloor x \\rfloor"],
    ),
    "powers of functions": (
        r"\cosh^2 x - \sinh^2 x = 1 \\ \frac{\mathrm{d}}{\mathrm{d}x} \tanh x = 1 - \tanh^2 x",
        lambda rng: {"x": rng.normal()},
        ["\\sinh^2>\\sinh", "1 - \\tanh>1 + \\tanh"],
    ),
    "half-infinite and finite integrals": (
        r"\int_0^\infty x e^{-x} \,dx = 1, \quad \int_0^1 \log x \,\mathrm{d}x = -1,"
        r"\quad \int_0^1 \int_0^x t \,\mathrm{d}t \,\mathrm{d}x = \frac16",
        lambda rng: {},
        ["x e^>e^{1} e^", "\\int_0^x>\\int_0^1", "= -1>= 1"],
    ),
    "pairs": (
        r"\sum_{i,j=1,\, i < j}^{n} (a_i - a_j)^2 = n \sum_{i=1}^n a_i^2 - "
        r"\Bigl(\sum_{i=1}^n a_i\Bigr)^2 = \sum_{i=1}^n \sum_{j=i+1}^n (a_i - a_j)^2",
        pick("a", "n", draw=vectors),
        ["i < j>i \\ne j", "j=i+1>j=1", "= n>="],
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
    latex = FORMULAS[name][0]
    old, new = mistake.split(">", 1) if not mistake.startswith(">") else mistake[1:].split(">", 1)
    assert old in latex
    wrong, failures = latex.replace(old, new, 1), []
    for symbols in draws_of(name):
        try:
            check(wrong, symbols, optional=symbols)
        except EquationError as error:
            failures.append(str(error))
        except UnreadableError as error:
            failures.append(str(error))
    assert failures
