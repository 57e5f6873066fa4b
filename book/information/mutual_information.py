"""What the symbols of the equations of `mutual_information.md` stand for."""

import numpy as np

from lossbook import information as info
from lossbook_extensions.draws import distribution, two_distributions
from press.bindings import equation

INFO = "lossbook.information."
D_PM, D_QM = r"D_{\mathrm{KL}}(P \,\|\, M)", r"D_{\mathrm{KL}}(Q \,\|\, M)"
JS = r"D_{\mathrm{JS}}(P \,\|\, Q)"


# --- Jensen-Shannon


def two_or_apart(rng):
    """Two distributions, now and then the same or with no outcome in common."""
    n, p, q = two_distributions(rng)
    if rng.random() < 0.3:
        p, q = np.append(p, np.zeros(n)), np.append(np.zeros(n), q)
    return p, q, (p + q) / 2


@equation("eq-midpoint", "NumPy")
def _(rng):
    p, q, m = two_or_apart(rng)
    return {"p": p, "q": q, "m": m, "i": rng.integers(1, len(p) + 1)}


@equation("eq-js-divergence", INFO + "js_divergence")
def _(rng):
    p, q, m = two_or_apart(rng)
    return {
        JS: info.js_divergence(p, q),
        D_PM: info.kl_divergence(p, m),
        D_QM: info.kl_divergence(q, m),
    }


@equation("eq-js-bound", INFO + "kl_divergence")
def _(rng):
    p, _, m = two_or_apart(rng)
    return {"p": p, "m": m, "n": len(p), D_PM: info.kl_divergence(p, m)}


@equation("eq-js-range", INFO + "js_divergence")
def _(rng):
    p, q, _ = two_or_apart(rng)
    return {JS: info.js_divergence(p, q)}


# --- mutual information


def joint(rng):
    n, m = rng.integers(2, 5, 2)
    r = rng.dirichlet(np.ones(n * m)).reshape(n, m)
    return {"r": r, "p": r.sum(axis=1), "q": r.sum(axis=0), "n": n, "m": m}


@equation("eq-marginals", "NumPy")
def _(rng):
    symbols = joint(rng)
    return symbols | {key: rng.integers(1, symbols[size] + 1) for key, size in ("in", "jm")}


@equation("eq-mutual-information", INFO + "mutual_information")
def _(rng):
    symbols = joint(rng)
    r, product = symbols["r"], np.outer(symbols["p"], symbols["q"])
    divergence = info.kl_divergence(r.ravel(), product.ravel())
    return symbols | {
        "I(X; Y)": info.mutual_information(r),
        r"D_{\mathrm{KL}}(R \,\|\, P \otimes Q)": divergence,
    }


@equation("eq-mutual-information-entropies", INFO + "mutual_information")
def _(rng):
    symbols = joint(rng)
    return symbols | {
        "I(X; Y)": info.mutual_information(symbols["r"]),
        "H(X)": info.entropy(symbols["p"]),
        "H(Y)": info.entropy(symbols["q"]),
        "H(X, Y)": info.entropy(symbols["r"].ravel()),
    }


@equation("eq-js-mutual-information", INFO + "mutual_information")
def _(rng):
    n = rng.integers(2, 6)
    p, q = distribution(rng, n), distribution(rng, n)
    m = (p + q) / 2
    return {
        "p": p,
        "q": q,
        "m": m,
        "n": n,
        "I(X; Z)": info.mutual_information(np.stack([p, q], axis=1) / 2),
        r"D_{\mathrm{KL}}(P \,\|\, M)": info.kl_divergence(p, m),
        r"D_{\mathrm{KL}}(Q \,\|\, M)": info.kl_divergence(q, m),
        r"D_{\mathrm{JS}}(P \,\|\, Q)": info.js_divergence(p, q),
    }
