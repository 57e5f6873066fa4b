"""What the symbols of the equations of `self_information.md` stand for."""

import numpy as np

from lossbook import information as info
from lossbook_extensions.draws import probability
from press.bindings import equation

INFO = "lossbook.information."


# self-information


@equation("eq-information-additive", INFO + "self_information")
def _(rng):
    p, q = probability(rng, 2)
    return {"p": p, "q": q, "I": info.self_information}


def cauchy(rng):
    """A solution g of Cauchy's equation in a unit of its own."""
    unit = rng.uniform(1.2, 9)
    return lambda t: info.self_information(np.exp(-t), base=unit)


@equation("eq-cauchy", INFO + "self_information")
def _(rng):
    s, t = rng.uniform(0.1, 3, 2)
    return {"s": s, "t": t, "g": cauchy(rng)}


@equation("eq-cauchy-integer", INFO + "self_information")
def _(rng):
    return {"n": rng.integers(2, 9), "t": rng.uniform(0.1, 3), "g": cauchy(rng)}


@equation("eq-cauchy-rational", INFO + "self_information")
def _(rng):
    return {"m": rng.integers(1, 9), "n": rng.integers(10, 20), "g": cauchy(rng)}


@equation("eq-cauchy-squeeze", INFO + "self_information")
def _(rng):
    r, t, s = np.sort(rng.uniform(0.1, 3, 3)) if rng.random() < 0.5 else [rng.uniform(0.1, 3)] * 3
    return {"r": r, "t": t, "s": s, "g": cauchy(rng)}


@equation("eq-self-information-scaled", INFO + "self_information")
def _(rng):
    p, c = probability(rng), rng.uniform(0.2, 4)
    return {"p": p, "c": c, "I(p)": info.self_information(p, base=np.exp(1 / c))}


@equation("eq-self-information", INFO + "self_information")
def _(rng):
    p = probability(rng)
    return {"p": p, "I(p)": info.self_information(p)}


@equation("eq-self-information-base", INFO + "self_information")
def _(rng):
    p, b = probability(rng), rng.uniform(1.5, 10)
    return {
        "p": p,
        "b": b,
        "I_b(p)": info.self_information(p, base=b),
        "I(p)": info.self_information(p),
    }


@equation("eq-self-information-slope", INFO + "self_information")
def _(rng):
    return {"p": probability(rng), "I": info.self_information}


@equation("eq-information-sum", INFO + "self_information")
def _(rng):
    p = probability(rng, rng.integers(2, 6))
    return {"p": p, "n": len(p), "I": info.self_information}
