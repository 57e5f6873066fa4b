"""What the symbols of the equations of `notation.md` stand for."""

import numpy as np

from lossbook import special
from press.bindings import equation

SPECIAL = "lossbook.special."
LSE, SOFTMAX, SOFTPLUS = (rf"\operatorname{{{name}}}" for name in ("LSE", "softmax", "softplus"))


def logits(rng, K=None):
    return rng.normal(scale=2, size=K or rng.integers(2, 6))


def logit(rng):
    """Of either sign, and now and then 0, where the pieces of the stable forms meet."""
    return rng.choice([0.0, rng.uniform(0.2, 3), -rng.uniform(0.2, 3)])


# --- conventions


@equation("eq-expectation", "NumPy")
def _(rng):
    p, x = rng.dirichlet(np.ones(4)), rng.normal(size=4)
    return {"P": dict(zip(x, p, strict=True)), "p": p, "x": x, "n": 4, "f": np.square}


@equation("eq-indicator", "NumPy")
def _(rng):
    y, k = rng.integers(1, 4, 2)
    return {"y": y, "k": k, r"\mathbb{1}[y = k]": np.eye(3)[y - 1, k - 1]}


@equation("eq-norm", "numpy.linalg.norm")
def _(rng):
    x, p = rng.normal(size=rng.integers(2, 6)), rng.uniform(1, 4)
    return {"x": x, "n": len(x), "p": p, r"\lVert x \rVert_p": np.linalg.norm(x, p)}


# --- log-sum-exp and softmax


@equation("eq-logsumexp", SPECIAL + "logsumexp")
def _(rng):
    z = logits(rng)
    return {"z": z, "K": len(z), f"{LSE}(z)": special.logsumexp(z)}


@equation("eq-logsumexp-bounds", SPECIAL + "logsumexp")
def _(rng):
    K = rng.integers(1, 4)
    z = np.full(K, rng.normal()) if rng.random() < 0.5 else logits(rng, K)
    return {"K": K, "m": z.max(), f"{LSE}(z)": special.logsumexp(z)}


@equation("eq-logsumexp-shift", SPECIAL + "logsumexp")
def _(rng):
    z = logits(rng)
    m = rng.choice([z.max(), rng.normal()])
    return {"z": z, "K": len(z), "m": m, f"{LSE}(z)": special.logsumexp(z)}


@equation("eq-logsumexp-one", SPECIAL + "logsumexp")
def _(rng):
    z = logits(rng)
    return {"z": z, "K": len(z), "j": z.argmax() + 1, f"{LSE}(z)": special.logsumexp(z)}


def class_of(rng, z):
    return {"z": z, "K": len(z), "k": rng.integers(1, len(z) + 1)}


@equation("eq-softmax", SPECIAL + "softmax")
def _(rng):
    return class_of(rng, logits(rng)) | {SOFTMAX: special.softmax}


@equation("eq-logsumexp-slope", SPECIAL + "softmax")
def _(rng):
    return class_of(rng, logits(rng)) | {LSE: special.logsumexp, SOFTMAX: special.softmax}


@equation("eq-softmax-shift", SPECIAL + "softmax")
def _(rng):
    return class_of(rng, logits(rng)) | {"c": rng.normal(), SOFTMAX: special.softmax}


@equation("eq-log-softmax", SPECIAL + "log_softmax")
def _(rng):
    z = logits(rng)
    return {
        "z": z,
        "k": rng.integers(1, len(z) + 1),
        rf"\log {SOFTMAX}": special.log_softmax,
        LSE: special.logsumexp,
    }


@equation("eq-log-softmax-shift", SPECIAL + "log_softmax")
def _(rng):
    z = logits(rng)
    return class_of(rng, z) | {"m": z.max(), rf"\log {SOFTMAX}": special.log_softmax}


# --- sigmoid and softplus


@equation("eq-sigmoid", SPECIAL + "sigmoid")
@equation("eq-sigmoid-symmetry", SPECIAL + "sigmoid")
@equation("eq-logit", SPECIAL + "sigmoid")
@equation("eq-sigmoid-slope", SPECIAL + "sigmoid")
@equation("eq-sigmoid-stable", SPECIAL + "sigmoid")
def _(rng):
    return {"z": logit(rng), r"\sigma": special.sigmoid}


@equation("eq-softplus", SPECIAL + "softplus")
@equation("eq-softplus-stable", SPECIAL + "softplus")
def _(rng):
    return {"z": logit(rng), SOFTPLUS: special.softplus}


@equation("eq-softplus-slope", SPECIAL + "softplus")
def _(rng):
    return {"z": logit(rng), SOFTPLUS: special.softplus, r"\sigma": special.sigmoid}


@equation("eq-log-sigmoid", SPECIAL + "log_sigmoid")
def _(rng):
    return {"z": logit(rng), r"\log \sigma": special.log_sigmoid, SOFTPLUS: special.softplus}


@equation("eq-log-sigmoid-stable", SPECIAL + "log_sigmoid")
def _(rng):
    return {"z": logit(rng), r"\log \sigma": special.log_sigmoid}


# --- 0 log 0


@equation("eq-xlogy", SPECIAL + "xlogy")
def _(rng):
    x = rng.choice([0.0, 1.0, -1.0, rng.uniform(0.1, 2)])
    y = rng.choice([0.0, rng.uniform(0.1, 3)]) if x == 0 else rng.uniform(0.1, 3)
    return {"x": x, "y": y, r"\operatorname{xlogy}": special.xlogy}
