"""The rows of `lossbook.tensorflow_names`, beside PyTorch's losses under their other names."""

import numpy as np
import torch.nn.functional as F

from . import Row, normal, positive, unit

SHAPES = [(3,), (4, 3), (2, 3, 5), (2, 3, 2, 4)]
FAR = np.array([[1e4, -1e4, 3.0], [1e4, 0.0, -1e4]])
NONE = (None,)


def probabilities(axis):
    """Labels that sum to 1 along the axis, whatever they are."""

    def draw(rng, shape):
        p = positive(rng, shape)
        return {"labels": p / p.sum(axis=axis, keepdims=True), "logits": normal(rng, shape)}

    return draw


def weights_of_classes(rng, shape):
    return {"labels": positive(rng, shape), "logits": normal(rng, shape)}


def classes(rng, shape):
    labels = rng.integers(shape[-1], size=shape[:-1])
    return {"labels": np.asarray(labels), "logits": normal(rng, shape)}


def events(rng, shape):
    return {"labels": unit(rng, shape), "logits": normal(rng, shape)}


def weighted_events(weight_shape):
    def draw(rng, shape):
        return {**events(rng, shape), "pos_weight": positive(rng, weight_shape(shape))}

    return draw


def softmax_reference(labels, logits, axis=-1):
    folded = [x.movedim(axis, -1).reshape(-1, x.shape[axis]) for x in (logits, labels)]
    return F.cross_entropy(*folded, reduction="none").reshape(logits.movedim(axis, -1).shape[:-1])


def sparse_reference(labels, logits):
    folded = logits.reshape(-1, logits.shape[-1])
    return F.cross_entropy(folded, labels.reshape(-1), reduction="none").reshape(labels.shape)


def sigmoid_reference(labels, logits, pos_weight=None):
    return F.binary_cross_entropy_with_logits(
        logits, labels, pos_weight=pos_weight, reduction="none"
    )


def logits_of_the_labels(arrays):
    return {**arrays, "logits": np.log(arrays["labels"])}


def logits_of_the_events(arrays):
    t, w = arrays["labels"], arrays.get("pos_weight", 1.0)
    return {**arrays, "logits": np.log(w * t / (1 - t))}


ROWS = [
    Row(
        "softmax_cross_entropy_with_logits",
        draw,
        shapes,
        [options],
        learnt=("logits",),
        reductions=NONE,
        reference=softmax_reference,
        optimum=logits_of_the_labels,
        extremes=extremes,
        empty=(3, 0) if options == {"axis": 0} else (0, 3, 4),
    )
    for draw, shapes, options, extremes in [
        (probabilities(-1), SHAPES, {}, [{"logits": FAR, "labels": np.eye(3)[[1, 0]]}]),
        (probabilities(0), SHAPES[1:], {"axis": 0}, [{"logits": FAR.T, "labels": np.eye(3, 2)}]),
        (probabilities(1), SHAPES[1:], {"axis": 1}, []),
        (probabilities(-2), SHAPES[2:], {"axis": -2}, []),
    ]
]
ROWS += [
    Row(  # labels that do not sum to 1
        "softmax_cross_entropy_with_logits",
        weights_of_classes,
        SHAPES,
        learnt=("logits",),
        reductions=NONE,
        reference=softmax_reference,
        extremes=[{"logits": FAR, "labels": np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])}],
    ),
    Row(
        "sparse_softmax_cross_entropy_with_logits",
        classes,
        SHAPES,
        learnt=("logits",),
        reductions=NONE,
        reference=sparse_reference,
        extremes=[
            {"logits": FAR, "labels": np.array([1, 0])},
            {"logits": np.array([[-np.inf, 1.0], [2.0, -np.inf]]), "labels": np.array([1, 1])},
        ],
    ),
]
ROWS += [
    Row(
        name,
        draw,
        shapes,
        learnt=("logits",),
        reductions=NONE,
        reference=sigmoid_reference,
        optimum=logits_of_the_events,
        extremes=[
            {"logits": FAR, "labels": np.array([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0]]), **weights}
        ],
    )
    for name, draw, shapes, weights in [
        ("sigmoid_cross_entropy_with_logits", events, [(), *SHAPES], {}),
        (
            "weighted_cross_entropy_with_logits",
            weighted_events(lambda shape: ()),
            [(), *SHAPES],
            {"pos_weight": np.array(3.0)},
        ),
        (
            "weighted_cross_entropy_with_logits",
            weighted_events(lambda shape: shape[-1:]),
            SHAPES,
            {"pos_weight": np.array([3.0, 0.5, 1.0])},
        ),
    ]
]
