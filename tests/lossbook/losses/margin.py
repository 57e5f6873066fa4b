"""The rows of `lossbook.margin`."""

import numpy as np
from torch.nn.functional import logsigmoid

from . import Row, normal, positive, signs, unit

ELEMENTS = [(), (1,), (5,), (3, 4), (2, 3, 4)]
SCORES = [(5,), (1, 3), (4, 40), (6, 3)]
MARGINS = {"margin": [np.inf, -np.inf]}
EXTREME = {"input": np.array([1e4, -1e4, 1e4, -1e4, 0.0, -0.0, 1e-30])}
ALL_SIGNS = np.array([1.0, 1, -1, -1, 1, -1, -1])


def distances_and_signs(rng, shape):
    return {"input": positive(rng, shape), "target": signs(rng, shape)}


def logits_and_signs(rng, shape):
    return {"input": normal(rng, shape), "target": signs(rng, shape)}


def logits_and_integer_signs(rng, shape):
    return {"input": normal(rng, shape), "target": np.array(signs(rng, shape), int)}


def pairs_and_signs(rng, shape):
    return {"input1": normal(rng, shape), **second_and_signs(rng, shape)}


def second_and_signs(rng, shape):
    return {"input2": normal(rng, shape), "target": signs(rng, shape)}


def class_weight(rng, shape):
    return positive(rng, shape[-1:])


def scores_and_class(rng, shape):
    return {
        "input": normal(rng, shape),
        "target": np.array(rng.integers(shape[-1], size=shape[:-1])),
    }


def scores_and_lists(rng, shape):
    """Lists of all lengths, the empty one and that of all classes among them."""
    order = rng.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)
    lengths = rng.integers(shape[-1] + 1, size=(*shape[:-1], 1))
    target = np.where(np.arange(shape[-1]) == lengths, -1, order)
    return {"input": normal(rng, shape), "target": target}


def scores_and_repeated_labels(rng, shape):
    return {"input": normal(rng, shape), "target": rng.integers(-1, shape[-1], size=shape)}


def logits_and_labels(rng, shape):
    target = rng.integers(2, size=shape).astype(float)
    return {"input": normal(rng, shape), "target": target}


def logits_and_chances(rng, shape):
    return {"input": normal(rng, shape), "target": unit(rng, shape)}


def far_apart(arrays):
    return {"input": np.full_like(arrays["input"], 9.0), "target": -np.ones_like(arrays["target"])}


def far_ahead(arrays):
    return {**arrays, "input1": arrays["input2"] + 9 * arrays["target"]}


def the_target_leads(arrays):
    z, y = np.zeros_like(arrays["input"]), arrays["target"]
    np.put_along_axis(z, y[..., np.newaxis], 9.0, axis=-1)
    return {"input": z, "target": y}


def the_labels_lead(arrays):
    z = np.zeros_like(arrays["input"])
    z[..., :2] = 9.0
    target = np.full(z.shape, -1)
    target[..., :2] = [1, 0]
    return {"input": z, "target": target}


def the_chances_are_right(arrays):
    return {"input": arrays["input"], "target": 1 / (1 + np.exp(-arrays["input"]))}


def stable_soft_margin_loss(input, target, reduction="mean"):
    """PyTorch's own overflows."""
    loss = -logsigmoid(target * input)
    return {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()


ROWS = [
    Row(
        "hinge_embedding_loss",
        distances_and_signs,
        ELEMENTS,
        [{}, {"margin": 0.3}, {"margin": -0.5}],
        refused=MARGINS,
        optimum=far_apart,
        extremes=[
            {**EXTREME, "target": ALL_SIGNS},
            {"input": np.array([1.0, 1.0, 0.3, -0.5]), "target": -np.ones(4)},  # kinks
        ],
    ),
    Row("hinge_embedding_loss", logits_and_integer_signs, ELEMENTS),
    Row(
        "margin_ranking_loss",
        pairs_and_signs,
        ELEMENTS,
        [{}, {"margin": 0.5}, {"margin": -0.5}],
        learnt=("input1", "input2"),
        refused=MARGINS,
        optimum=far_ahead,
        extremes=[
            {"input1": np.array([1e4, 0]), "input2": np.array([-1e4, 0]), "target": -np.ones(2)},
            {  # kinks
                "input1": np.array([0.0, 0.5, -0.5, 0.5]),
                "input2": np.zeros(4),
                "target": np.array([1.0, 1.0, 1.0, -1.0]),
            },
        ],
    ),
    Row(
        "multi_margin_loss",
        scores_and_class,
        SCORES,
        [
            {},
            {"p": 2},
            {"margin": 0.3, "weight": class_weight},
            {"p": 2, "margin": 2.5, "weight": class_weight},
            {"margin": -0.5},
        ],
        refused={"p": [0, 3, 1.5], **MARGINS},
        optimum=the_target_leads,
        extremes=[
            {"input": np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]]), "target": np.array([1, 1])},
            {"input": np.array([[0.0, 1.0, 0.7, 1.5, -0.5]]), "target": np.array([1])},  # kinks
        ],
    ),
    Row(
        "multilabel_margin_loss",
        scores_and_lists,
        SCORES,
        optimum=the_labels_lead,
        extremes=[
            {
                "input": np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]]),
                "target": np.array([[1, 2, -1], [1, -1, 0]]),
            },
            {"input": np.array([[0.0, 1.0, 2.0]]), "target": np.array([[1, -1, 0]])},  # kinks
            {"input": np.zeros((2, 3)), "target": np.array([[-1, 0, 1], [2, 1, 0]])},
        ],
    ),
    Row("multilabel_margin_loss", scores_and_repeated_labels, SCORES),
    Row("soft_margin_loss", logits_and_signs, ELEMENTS),
    Row("soft_margin_loss", logits_and_integer_signs, ELEMENTS),
    Row(
        "soft_margin_loss",
        logits_and_signs,
        ELEMENTS,
        reference=stable_soft_margin_loss,
        optimum=lambda arrays: {**arrays, "input": 1e4 * arrays["target"]},
        extremes=[{**EXTREME, "target": ALL_SIGNS}],
    ),
    *(
        Row(
            "multilabel_soft_margin_loss",
            draw,
            [*SCORES, (2, 3, 4)],
            [{}, {"weight": class_weight}, {"weight": positive}],
            optimum=the_chances_are_right,
            extremes=[
                {**EXTREME, "target": np.array([1.0, 1, 0, 0, 1, 0, 0.5])},
                {
                    "input": np.array([[1e4, -1e4], [1e4, -1e4]]),
                    "target": np.array([[0, 1], [1, 0.0]]),
                },
            ],
        )
        for draw in [logits_and_labels, logits_and_chances]
    ),
]
