"""The rows of `lossbook.classification`."""

import numpy as np

from losses import Row, normal, positive

SHAPES = [(5,), (1, 3), (4, 40), (2, 3, 5), (2, 40, 3, 2), (4, 5)]


def classes(shape):
    """The place of the axis of classes, and its length."""
    return shape[min(1, len(shape) - 1)]


def class_weight(rng, shape):
    return rng.uniform(0.1, 2, size=classes(shape))


def logits_and_class(rng, shape):
    samples = shape[:1] + shape[2:] if len(shape) > 1 else ()
    target = np.array(rng.integers(classes(shape), size=samples))
    return {"input": normal(rng, shape), "target": target}


def logits_and_ignored_class(rng, shape):
    """Half of the samples are ignored, the first is not."""
    arrays = logits_and_class(rng, shape)
    arrays["target"].ravel()[1::2] = -100
    return arrays


def logits_and_probabilities(rng, shape):
    return {"input": normal(rng, shape), "target": positive(rng, shape)}


CROSS_ENTROPY = [
    {},
    {"weight": class_weight},
    {"label_smoothing": 0.1},
    {"label_smoothing": 0.3, "weight": class_weight},
]
ROWS = [
    Row(
        "cross_entropy",
        logits_and_class,
        SHAPES,
        CROSS_ENTROPY,
        extremes=[
            {"input": np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]]), "target": np.array([0, 0])}
        ],
    ),
    Row("cross_entropy", logits_and_class, [(3, 1)], [{}, {"weight": class_weight}]),
    Row("cross_entropy", logits_and_ignored_class, SHAPES[1:], CROSS_ENTROPY),
    Row("cross_entropy", logits_and_probabilities, SHAPES, CROSS_ENTROPY),
]
