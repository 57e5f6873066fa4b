"""What the symbols of the equations of `margins.md` stand for."""

import numpy as np
from scipy.optimize import linprog

import lossbook
from lossbook import special
from press.bindings import equation

ELL, SIGMA, SOFTPLUS = r"\ell", r"\sigma", r"\operatorname{softplus}"
DIFFERENCES = "中心差分 | central differences"
MODULE = "lossbook.margin"


def score_and_sign(rng):
    """A score and a label -1 or 1; of the margin some are near 0 and 1."""
    y = rng.choice([-1.0, 1.0])
    margin = rng.choice([rng.normal(scale=2), -0.1, 0.1, 0.9, 1.1])
    return {"z": y * margin, "y": y}


def hinge(z, y, m=1.0):
    return float(lossbook.margin_ranking_loss(np.float64(z), 0.0, y, margin=m))


def soft(z, y):
    return float(lossbook.soft_margin_loss(np.float64(z), y))


# --- two classes


@equation("eq-zero-one-margin", "numpy.sign")
def _(rng):
    values = score_and_sign(rng)
    if rng.random() < 0.4:
        values["z"] = 0.0
    return values | {ELL: lambda z, y: float(np.sign(z) != y)}


@equation("eq-distance-to-plane", "numpy.linalg.lstsq")
def _(rng):
    (w, x), b = rng.normal(size=(2, 3)), rng.normal()
    step = np.linalg.lstsq(w[np.newaxis], -np.array([w @ x + b]))[0]  # the shortest to the plane
    return {"w": w, "x": x, "b": b, "d": np.linalg.norm(step)}


@equation("eq-hinge-loss", f"{MODULE}.margin_ranking_loss")
def _(rng):
    return score_and_sign(rng) | {ELL: hinge}


@equation("eq-hinge-slack", "scipy.optimize.linprog")
def _(rng):
    n = 4
    y = rng.choice([-1.0, 1.0], n)
    z = y * rng.uniform(-1, 3, n)
    least = linprog(np.ones(n), A_ub=-np.eye(n), b_ub=y * z - 1, bounds=(0, None)).x
    return {r"\xi": least, "y": y, "z": z, "i": int(rng.integers(1, n + 1))}


@equation("eq-svm-objective", "sklearn.metrics.hinge_loss")
def _(rng):
    from sklearn.metrics import hinge_loss

    n, w, strength = 5, rng.normal(size=3), rng.uniform(0.1, 1)
    z = rng.normal(scale=2, size=n)
    y = rng.permutation([-1.0, 1.0, *rng.choice([-1.0, 1.0], n - 2)])
    cost = hinge_loss(y, z) + strength * w @ w
    return {"J(w, b)": cost, "N": n, "z": z, "y": y, "w": w, r"\lambda": strength}


@equation("eq-hinge-loss-grad", DIFFERENCES)
def _(rng):
    return score_and_sign(rng) | {ELL: hinge}


@equation("eq-soft-margin-loss", f"{MODULE}.soft_margin_loss")
def _(rng):
    return score_and_sign(rng) | {ELL: soft, SOFTPLUS: special.softplus}


@equation("eq-soft-margin-is-cross-entropy", "lossbook.special")
def _(rng):
    values = score_and_sign(rng)
    t = (1 + values["y"]) / 2
    return values | {"t": t, SIGMA: special.sigmoid, SOFTPLUS: special.softplus}


@equation("eq-soft-margin-loss-grad", DIFFERENCES)
def _(rng):
    return score_and_sign(rng) | {ELL: soft, SIGMA: special.sigmoid}


@equation("eq-soft-margin-residual", "lossbook.special.sigmoid")
def _(rng):
    values = score_and_sign(rng)
    return values | {"t": (1 + values["y"]) / 2, SIGMA: special.sigmoid}


@equation("eq-squared-hinge-loss", f"{MODULE}.multi_margin_loss")
def _(rng):
    """Of two classes with scores y z and 0, and 0 over the first: half of the square."""

    def squared(z, y):
        return 2 * float(lossbook.multi_margin_loss(np.array([y * z, 0.0]), 0, p=2))

    return score_and_sign(rng) | {ELL: squared}


@equation("eq-exponential-margin-loss", f"{MODULE}.soft_margin_loss")
def _(rng):
    return score_and_sign(rng) | {ELL: lambda z, y: np.expm1(soft(z, y))}


@equation("eq-margin-risk", f"{MODULE}.soft_margin_loss")
def _(rng):
    z, p = rng.normal(), rng.uniform(0.1, 0.9)
    risk = lossbook.binary_cross_entropy_with_logits(np.float64(z), np.float64(p))
    return {"R(z)": risk, r"\phi": lambda v: soft(v, 1), "p": p, "z": z}


@equation(
    "eq-hinge-risk",
    "NumPy",
    # neither of the other numbers is below 0
    accepted=[
        r"'0' nudged down at position 8: p \max([0], 1 - z) + (1 - ...",
        r"'0' nudged down at position 33: ... + (1 - p) \max([0], 1 + z) = 1 + (...",
    ],
)
def _(rng):
    return {"p": rng.uniform(0.1, 0.9), "z": rng.choice([-1.0, 1.0, rng.uniform(-1, 1)])}


@equation("eq-logistic-risk-slope", DIFFERENCES)
def _(rng):
    values = {"p": rng.uniform(0.1, 0.9), "z": rng.normal()}
    return values | {SIGMA: special.sigmoid, SOFTPLUS: special.softplus}


@equation("eq-squared-hinge-risk-slope", DIFFERENCES)
def _(rng):
    return {"p": rng.uniform(0.1, 0.9), "z": rng.uniform(-0.9, 0.9)}


@equation("eq-exponential-risk-slope", DIFFERENCES)
def _(rng):
    return {"p": rng.uniform(0.1, 0.9), "z": rng.normal()}


def dissimilarity(rng):
    m, y = rng.uniform(0.5, 2), rng.choice([-1.0, 1.0])
    return rng.choice([0.3 * m, m, 1.5 * m]), y, m


@equation("eq-hinge-embedding-loss", f"{MODULE}.hinge_embedding_loss")
def _(rng):
    d, y, m = dissimilarity(rng)
    loss = lambda d, y: float(lossbook.hinge_embedding_loss(np.float64(d), y, margin=m))
    return {ELL: loss, "d": d, "y": y, "m": m}


@equation("eq-hinge-embedding-loss-grad", f"{MODULE}.hinge_embedding_loss_grad")
def _(rng):
    d, y, m = dissimilarity(rng)
    slope = float(lossbook.hinge_embedding_loss_grad(np.float64(d), y, margin=m))
    return {r"\frac{\partial \ell(d, y)}{\partial d}": slope, "d": d, "y": y, "m": m}


def two_scores(rng):
    """The lead of the first may be the margin itself."""
    m, y, s2 = rng.uniform(0.5, 2), rng.choice([-1.0, 1.0]), 0.25 * rng.integers(-4, 5)
    m = rng.choice([0.5, 1.0, m])
    lead = rng.choice([0.3 * m, m, 1.5 * m, -m])
    return {"s_1": s2 + y * lead, "s_2": s2, "y": y, "m": m}


@equation("eq-margin-ranking-loss", f"{MODULE}.margin_ranking_loss")
def _(rng):
    values = two_scores(rng)
    m = values["m"]
    loss = lambda *x: float(lossbook.margin_ranking_loss(*map(np.float64, x), margin=m))
    return values | {ELL: loss}


@equation("eq-margin-ranking-loss-grad", f"{MODULE}.margin_ranking_loss_grad")
def _(rng):
    values = two_scores(rng)
    values["s_2"], values["m"] = np.round(values["s_2"], 2), rng.choice([0.5, 1.0])
    values["s_1"] = values["s_2"] + values["y"] * rng.choice([0.25, 1.0, 2.0]) * values["m"]
    s1, s2, y, m = (values[name] for name in ("s_1", "s_2", "y", "m"))
    slopes = lossbook.margin_ranking_loss_grad(np.float64(s1), s2, y, margin=m)
    partial = r"\frac{\partial \ell(s_1, s_2, y)}{\partial s_%d}"
    return values | {partial % n: float(slope) for n, slope in enumerate(slopes, start=1)}


@equation("eq-margin-scaling", f"{MODULE}.margin_ranking_loss")
def _(rng):
    return score_and_sign(rng) | {"m": rng.uniform(0.5, 2)}
