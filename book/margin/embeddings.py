"""What the symbols of the equations of `embeddings.md` stand for."""

import numpy as np

import lossbook
from lossbook.similarity import SQUARE
from press.bindings import equation

ELL, COS, EPSILON = r"\ell", r"\cos", r"\epsilon"
DIFFERENCES = "中心差分 | central differences"
MODULE = "lossbook.similarity"
WAYS = ("up", "down")


def cosine(u, v, **options):
    return float(lossbook.cosine_similarity(u, v, dim=0, **options))


def component(rng, n):
    return int(rng.integers(1, n + 1))


def two_vectors(rng):
    n = int(rng.integers(2, 5))
    return {"u": rng.normal(size=n), "v": rng.normal(size=n)}


# --- similarity and distance


@equation("eq-cosine-similarity", f"{MODULE}.cosine_similarity")
def _(rng):
    """Each of the vectors may be shorter than epsilon."""
    values = two_vectors(rng)
    eps = rng.uniform(0.5, 1)
    for name in "uv":
        length = eps * rng.choice([0.5, 2.0])
        values[name] *= length / np.linalg.norm(values[name])
    n = len(values["u"])
    return values | {COS: lambda u, v: cosine(u, v, eps=eps), "n": n, EPSILON: eps}


@equation("eq-length-slope", DIFFERENCES)
def _(rng):
    u = two_vectors(rng)["u"]
    return {"u": u, "n": len(u), "i": component(rng, len(u))}


@equation("eq-cosine-similarity-grad", DIFFERENCES)
def _(rng):
    values = two_vectors(rng)
    return values | {COS: cosine, "i": component(rng, len(values["u"]))}


def distances(rng, p):
    values, eps = two_vectors(rng), rng.uniform(0.1, 0.5)
    distance = lambda u, v: float(lossbook.pairwise_distance(u, v, p=p, eps=eps))
    return values | {EPSILON: eps}, distance


@equation("eq-pairwise-distance", f"{MODULE}.pairwise_distance")
def _(rng):
    p = rng.choice([1.0, 2.0, 3.5])
    values, distance = distances(rng, p)
    return values | {"d": distance, "p": p, "n": len(values["u"])}


@equation("eq-pairwise-distance-infinity", f"{MODULE}.pairwise_distance")
def _(rng):
    values, distance = distances(rng, np.inf)
    components = range(1, len(values["u"]) + 1)
    return values | {r"d_{\infty}": distance, r"\{1, \dots, n\}": components}


@equation(
    "eq-pairwise-distance-grad",
    DIFFERENCES,
    # the sign of a number is not changed by a little more or less of it
    accepted=[
        f"'\\delta' nudged {way} at position 101: ...eratorname{{sgn}}([\\delta]_i) \\left( \\frac..."
        for way in WAYS
    ],
)
def _(rng):
    p = rng.choice([1.0, 2.0, 3.5])
    values, distance = distances(rng, p)
    delta = values["u"] - values["v"] + values.pop(EPSILON)
    i = component(rng, len(delta))
    return values | {
        "d": distance,
        "p": p,
        "i": i,
        r"\delta": delta,
        r"\operatorname{sgn}": np.sign,
    }


# --- pairs


def lifted(u, v):
    """The cosine that `cosine_embedding_loss` takes."""
    return 1 - float(lossbook.cosine_embedding_loss(np.asarray(u), v, 1))


def pair(rng):
    """Two vectors, a label and a margin that the cosine is above or below of."""
    values = two_vectors(rng) | {"y": rng.choice([-1.0, 1.0, -1.0]), COS: lifted}
    m = lifted(values["u"], values["v"]) + rng.choice([-0.2, 0.2])

    def loss(u, v, y):
        return float(lossbook.cosine_embedding_loss(np.asarray(u), v, y, margin=m))

    return values | {"m": m, ELL: loss}


equation("eq-cosine-embedding-loss", f"{MODULE}.cosine_embedding_loss")(pair)


@equation("eq-cosine-embedding-cosine", f"{MODULE}.cosine_embedding_loss")
def _(rng):
    values = {name: 1e-6 * vector for name, vector in two_vectors(rng).items()}
    return values | {COS: lifted, "n": len(values["u"]), EPSILON: SQUARE}


@equation("eq-cosine-embedding-loss-grad", DIFFERENCES)
def _(rng):
    values = pair(rng)
    return values | {"i": component(rng, len(values["u"]))}


@equation("eq-cosine-embedding-cosine-grad", DIFFERENCES)
def _(rng):
    values = two_vectors(rng)
    q, r = (vector @ vector + SQUARE for vector in values.values())
    return values | {COS: lifted, "q": q, "r": r, "i": component(rng, len(values["u"]))}


@equation("eq-contrastive-loss", "lossbook.margin.hinge_embedding_loss")
def _(rng):
    m = rng.uniform(0.5, 2)

    def loss(d, y):
        return float(lossbook.hinge_embedding_loss(np.float64(d), y, margin=m)) ** 2 / 2

    return {ELL: loss, "d": m * rng.choice([0.4, 1.5]), "y": rng.choice([-1.0, 1.0]), "m": m}


# --- triplets


def near(u, v):
    return float(lossbook.pairwise_distance(np.asarray(u), v))


def triplet(rng, *, swap=False, active=False):
    n = int(rng.integers(2, 5))
    a, u, v = rng.normal(size=(3, n))
    far = min(near(a, v), near(u, v)) if swap else near(a, v)
    lack = rng.choice([0.3, 1.0]) if active else rng.choice([-0.3, 0.3, 1.0])
    m = far - near(a, u) + lack  # what the negative lacks of being farther by m
    if m <= 0:
        return triplet(rng, swap=swap, active=active)

    def loss(a, u, v):
        return float(lossbook.triplet_margin_loss(np.asarray(a), u, v, margin=m, swap=swap))

    return {ELL: loss, "d": near, "a": a, "u": u, "v": v, "m": m}


equation("eq-triplet-margin-loss", f"{MODULE}.triplet_margin_loss")(triplet)


@equation("eq-triplet-swap", f"{MODULE}.triplet_margin_loss")
def _(rng):
    return triplet(rng, swap=True)


def slope_of_triplet(rng):
    values = triplet(rng, active=True)
    values.pop("m")
    return values | {"i": component(rng, len(values["a"]))}


equation("eq-triplet-margin-loss-anchor-grad", DIFFERENCES)(slope_of_triplet)
equation(
    "eq-triplet-margin-loss-positive-grad",  # which does not depend on the negative
    DIFFERENCES,
    accepted=[
        f"'v' nudged {way} at position 27: ...tial \\ell(a, u, [v])}}{{\\partial u_i}}..."
        for way in WAYS
    ],
)(slope_of_triplet)
equation(
    "eq-triplet-margin-loss-negative-grad",  # nor does this one on the positive
    DIFFERENCES,
    accepted=[
        f"'u' nudged {way} at position 24: ...partial \\ell(a, [u], v)}}{{\\partial v..."
        for way in WAYS
    ],
)(slope_of_triplet)


@equation("eq-triplet-collapse", f"{MODULE}.triplet_margin_loss")
def _(rng):
    N, s = int(rng.integers(2, 5)), rng.uniform(0.3, 2)
    a, u, v = rng.normal(size=(3, N, 3))
    d = lambda a, u: float(lossbook.pairwise_distance(a, u, eps=0.0))
    m = 0.5 + s * max(d(a[i], v[i]) for i in range(N))
    cost = lossbook.triplet_margin_loss(s * a, s * u, s * v, margin=m, eps=0.0)
    return {"J(s)": cost, "m": m, "s": s, "N": N, "d": d, "a": a, "u": u, "v": v}


equation("eq-distance-expanded", "NumPy")(two_vectors)


@equation("eq-cosine-and-distance", f"{MODULE}.cosine_similarity")
def _(rng):
    units = {name: x / np.linalg.norm(x) for name, x in two_vectors(rng).items()}
    return units | {COS: cosine}
