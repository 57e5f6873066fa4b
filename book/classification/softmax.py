"""What the symbols of the equations of `softmax.md` stand for."""

import numpy as np
from scipy.special import logsumexp, softmax

from lossbook_extensions.draws import only
from press.bindings import equation

SOFTMAX = r"\operatorname{softmax}"


def scores(rng):
    n = int(rng.integers(2, 6))
    z = rng.normal(size=n)
    return {"z": z, "K": n, "q": softmax(z), "k": int(rng.integers(1, n + 1))}


def two_classes(rng, same=0.4):
    values = scores(rng)
    others = [j for j in range(1, values["K"] + 1) if j != values["k"]]
    return values | {"j": values["k"] if rng.random() < same else int(rng.choice(others))}


@equation("eq-log-probability-is-score", "scipy.special")
def _(rng):
    values = scores(rng)
    return only(values, "q", "z", "k") | {"c": -logsumexp(values["z"])}


@equation("eq-log-ratio-of-classes", "scipy.special.softmax")
def _(rng):
    return only(two_classes(rng), "q", "z", "k", "j")


@equation("eq-softmax-from-scores", "scipy.special.softmax")
def _(rng):
    values = scores(rng)
    return values | {"c": -logsumexp(values["z"])}


@equation("eq-softmax-temperature", "scipy.special.softmax")
def _(rng):
    values = scores(rng)
    temperature = rng.uniform(0.3, 3)
    return values | {"q": softmax(values["z"] / temperature), "T": temperature}


def quotient(values, symbol):
    """The derivative of exp(z_k) / s by a complex step, which loses no digits."""
    z = values["z"].astype(complex)
    z[values[symbol] - 1] += 1e-100j
    slope = (np.exp(z) / np.exp(z).sum())[values["k"] - 1].imag / 1e-100
    key = rf"\frac{{\partial}}{{\partial z_{symbol}}} \frac{{\mathrm{{e}}^{{z_k}}}}{{s}}"
    return {key: slope, "s": np.exp(values["z"]).sum()}


@equation("eq-softmax-own-derivative", "复数步长求导 | a complex step")
def _(rng):
    values = scores(rng)
    return only(values, "z", "q", "k") | quotient(values, "k")


@equation(
    "eq-softmax-other-derivative",
    "复数步长求导 | a complex step",
    # 0 times anything
    accepted=[
        f"'s' nudged {word} at position 74: ...= \\frac{{0 \\cdot [s] - \\mathrm{{e}}^{{z..."
        for word in ("up", "down")
    ],
)
def _(rng):
    values = two_classes(rng, same=0)
    return only(values, "z", "q", "k", "j") | quotient(values, "j")


@equation("eq-softmax-jacobian", "中心差分 | central differences")
def _(rng):
    return only(two_classes(rng), "z", "q", "k", "j") | {SOFTMAX: softmax}


@equation(
    "eq-softmax-jacobian-rows",
    "scipy.special.softmax",
    # a factor of a sum that is 0
    accepted=[
        f"'q' nudged {word} at position 16: \\sum_{{j=1}}^{{K}} [q]_k \\left( \\mathb..."
        for word in ("up", "down")
    ],
)
def _(rng):
    return only(scores(rng), "K", "q", "k")


@equation("eq-softmax-twice", "scipy.special.softmax")
def _(rng):
    n = int(rng.integers(2, 12))
    return {"q": softmax(np.eye(n)[0]), "K": n}
