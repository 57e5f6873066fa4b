"""The rows of `lossbook.similarity`."""

import math

import numpy as np
from torch.nn import functional

import lossbook

from . import Row, constant, normal, signs

VECTORS = [(5,), (1, 3), (4, 40), (6, 3)]
LONG = [(5,), (4, 40), (6, 3), (2, 3, 4)]  # their first axis, that is
ANY = [*VECTORS, (2, 3, 4)]
NORMS = {"p": [0.0, -1.0, -np.inf], "eps": [-1e-9, np.inf]}
MARGINS = {"margin": [0.0, -1.0, np.inf]}
FAR = np.array([[1e4, -1e4, 3.0], [0.0, 0.0, 0.0], [1e-3, 0.0, 0.0]])


def pair(rng, shape):
    return {"x1": normal(rng, shape), "x2": normal(rng, shape)}


def pair_and_sign(rng, shape):
    pair = {"input1": normal(rng, shape), "input2": normal(rng, shape)}
    return {**pair, "target": np.array(signs(rng, shape[:-1]))}


def triplet(rng, shape):
    return {name: normal(rng, shape) for name in ("anchor", "positive", "negative")}


def one_direction(arrays):
    return {**arrays, "x2": 3 * arrays["x1"]}


def alike(arrays):
    ones = np.ones_like(arrays["target"])
    return {**arrays, "input2": 3 * arrays["input1"], "target": ones}


def far_negative(arrays):
    return {**arrays, "negative": arrays["anchor"] + 1e3}


def cosine_distance(x, y):
    return 1 - lossbook.cosine_similarity(x, y)


def cosine_distance_grad(x, y):
    return [-grad for grad in lossbook.cosine_similarity_grad(x, y)]


def triplet_with_cosine(anchor, positive, negative, distance_function, distance_grad, **options):
    return functional.triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda x, y: 1 - functional.cosine_similarity(x, y, dim=-1),
        **options,
    )


COSINE = {
    "distance_function": constant(cosine_distance),
    "distance_grad": constant(cosine_distance_grad),
}
PAIR = {"learnt": ("x1", "x2"), "reductions": (None,)}
# A difference of distances is less exact than they are.
TRIPLET = {"learnt": ("anchor", "positive", "negative"), "loose": 10}
ROWS = [
    Row(
        "cosine_similarity",
        pair,
        [(1, 3), (4, 40), (6, 3), (2, 5, 4), (2, 40, 3, 2)],
        [{}, {"eps": 0.0}],
        optimum=one_direction,
        refused={"eps": [-1e-9, np.inf]},
        extremes=[{"x1": FAR, "x2": FAR[::-1]}, {"x1": FAR, "x2": FAR + 1}],
        **PAIR,
    ),
    Row("cosine_similarity", pair, ANY, [{"dim": -1}], optimum=one_direction, **PAIR),
    Row("cosine_similarity", pair, LONG, [{"dim": 0}], empty=(3, 0), **PAIR),
    Row(  # the derivative of a length is not 0 below eps
        "cosine_similarity", pair, ANY[1:], [{"eps": 4.0}], true_derivative=False, **PAIR
    ),
    Row(
        "pairwise_distance",
        pair,
        ANY,
        [
            {},
            {"keepdim": True},
            {"p": 1.0, "eps": 0.0},
            {"p": 3.0},
            {"p": 2.5, "eps": 0.1},
            {"p": 0.5},
            {"p": math.inf},
        ],
        refused=NORMS,
        extremes=[{"x1": FAR, "x2": -FAR}, {"x1": FAR, "x2": FAR}, {"x1": FAR, "x2": 0 * FAR}],
        **PAIR,
    ),
    Row(
        "cosine_embedding_loss",
        pair_and_sign,
        VECTORS,
        [{}, {"margin": 0.3}, {"margin": -0.5}],
        learnt=("input1", "input2"),
        refused={"margin": [np.inf]},
        optimum=alike,
        extremes=[
            {"input1": FAR, "input2": other, "target": sign * np.ones(3)}
            for other in (FAR[::-1], FAR + 1)
            for sign in (-1, 1)
        ],
        loose=10,
    ),
    Row(
        "triplet_margin_loss",
        triplet,
        ANY,
        [
            {},
            {"swap": True},
            {"margin": 2.5, "p": 1.0, "swap": True},
            {"p": 3.0, "eps": 0.1, "swap": True},
            {"p": math.inf, "eps": 0.0},
        ],
        refused={**NORMS, **MARGINS},
        optimum=far_negative,
        extremes=[
            {"anchor": FAR, "positive": -FAR, "negative": FAR + 1},
            {"anchor": FAR, "positive": FAR, "negative": FAR},
        ],
        **TRIPLET,
    ),
    Row(
        "triplet_margin_with_distance_loss",
        triplet,
        ANY,
        [{}, {"swap": True}, {"margin": 2.5}],
        refused=MARGINS,
        optimum=far_negative,
        extremes=[{"anchor": FAR, "positive": FAR, "negative": FAR}],
        beyond=("distance_grad",),
        **TRIPLET,
    ),
    Row(
        "triplet_margin_with_distance_loss",
        triplet,
        ANY,
        [COSINE, {**COSINE, "margin": 0.3, "swap": True}],
        reference=triplet_with_cosine,
        beyond=("distance_grad",),
        **TRIPLET,
    ),
]
