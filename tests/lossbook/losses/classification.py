"""The rows of `lossbook.classification`."""

import warnings

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from . import Row, normal, positive, unit

SHAPES = [(5,), (1, 3), (4, 40), (2, 3, 5), (2, 40, 3, 2), (4, 5)]
ELEMENTS = [(), (1,), (5,), (3, 4), (2, 3, 4)]


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


def with_input(of, draw=unit):
    """What another function draws, with an input of another kind."""
    return lambda rng, shape: {**of(rng, shape), "input": draw(rng, shape)}


def negative(rng, shape):
    return -positive(rng, shape)


def hard(rng, shape):
    return rng.integers(2, size=shape).astype(float)


def of_last_axis(rng, shape):
    """A weight that is broadcast."""
    return rng.uniform(0.1, 2, size=shape[-1:])


def chances(rng, shape):
    return {"input": unit(rng, shape), "target": unit(rng, shape)}


def logits_and_outcomes(rng, shape):
    return {"input": normal(rng, shape), "target": hard(rng, shape)}


def logits_and_chances(rng, shape):
    return {"input": normal(rng, shape), "target": unit(rng, shape)}


def at_the_log_odds(arrays):
    return {**arrays, "input": np.log(arrays["target"] / (1 - arrays["target"]))}


def at_the_target(arrays):
    return {**arrays, "input": arrays["target"]}


def log_probabilities(rng, shape):
    """Some of the targets are 0."""
    return {"input": negative(rng, shape), "target": unit(rng, shape) * hard(rng, shape)}


def two_log_probabilities(rng, shape):
    return {"input": negative(rng, shape), "target": negative(rng, shape)}


def distribution(rng, shape):
    p = rng.uniform(0.1, 1, size=shape)
    return p / p.sum(axis=-1, keepdims=True)


def labels(rng, shape):
    """Labels that are not their places."""
    return 3 * np.arange(max(2, *shape[1:])) - 1 if shape[1:] else np.array([-1, 2])


def labels_and_probabilities(rng, shape):
    known = labels(rng, shape)
    p = distribution(rng, shape) if shape[1:] > (1,) else unit(rng, shape)
    return {"y_true": rng.choice(known, size=shape[0]), "y_proba": p}


def sample_weight(rng, shape):
    return rng.uniform(0.1, 2, size=shape[0])


def layer_and_class(rng, shape):
    """The shape is that of the logits, of 6 features."""
    return {
        "input": normal(rng, (*shape[:-1], 6)),
        "linear_weight": normal(rng, (shape[-1], 6)) / 3,
        "target": logits_and_class(rng, shape)["target"],
    }


def layer_with_bias_and_ignored_class(rng, shape):
    arrays = layer_and_class(rng, shape)
    arrays["target"].ravel()[1::2] = -100
    return {**arrays, "linear_bias": normal(rng, shape[-1:])}


def layer_with_bias_and_probabilities(rng, shape):
    arrays = layer_and_class(rng, shape)
    return {**arrays, "linear_bias": normal(rng, shape[-1:]), "target": distribution(rng, shape)}


# references where torch.nn.functional lacks or warns


def reduced(loss, reduction):
    return {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()


def kl_div(input, target, **options):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides the total loss")
        return torch.nn.functional.kl_div(input, target, **options)


def focal(input, target, alpha=0.25, gamma=2.0, reduction="mean"):
    """As in torchvision, but for the probability of being wrong, which it rounds: 1 - p_t."""
    h = binary_cross_entropy_with_logits(input, target, reduction="none")
    wrong = torch.sigmoid(input) * (1 - target) + torch.sigmoid(-input) * target
    balance = alpha * target + (1 - alpha) * (1 - target) if alpha >= 0 else 1
    return reduced(balance * wrong**gamma * h, reduction)


def brier(input, target, reduction="mean"):
    if target.shape != input.shape:
        classes = input.shape[min(1, input.ndim - 1)]
        target = torch.nn.functional.one_hot(target, classes).movedim(-1, min(1, input.ndim - 1))
    return reduced(((input - target) ** 2).sum(dim=min(1, input.ndim - 1)), reduction)


def logarithmic(y_true, y_proba, labels, normalize=True, sample_weight=None):
    eps = torch.finfo(y_proba.dtype).eps
    p = y_proba.reshape(len(y_proba), -1)
    p = torch.cat([1 - p, p], dim=1) if p.shape[1] == 1 else p
    p = p[torch.arange(len(p)), torch.searchsorted(labels, y_true)].clamp(eps, 1 - eps)
    w = torch.ones_like(p) if sample_weight is None else sample_weight
    return -(w * p.log()).sum() / (w.sum() if normalize else 1)


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
    Row(
        "nll_loss",
        with_input(logits_and_class, negative),
        SHAPES,
        [{}, {"weight": class_weight}],
        extremes=[{"input": np.array([[0.0, -1e4], [-1e4, 0.0]]), "target": np.array([0, 0])}],
    ),
    Row(
        "nll_loss",
        with_input(logits_and_ignored_class, negative),
        SHAPES[1:],
        [{}, {"weight": class_weight}],
    ),
    Row(
        "binary_cross_entropy",
        chances,
        ELEMENTS,
        [{}, {"weight": positive}, {"weight": of_last_axis}],
        optimum=at_the_target,
        extremes=[
            {
                "input": np.array([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1e-30, 1e-13]),
                "target": np.array([0.0, 1.0, 0.0, 1.0, 0.5, 0.5, 1.0, 1.0]),
            }
        ],
    ),
    *(
        Row(
            "binary_cross_entropy_with_logits",
            draw,
            ELEMENTS,
            [
                {},
                {"weight": of_last_axis},
                {"pos_weight": of_last_axis},
                {"weight": positive, "pos_weight": positive},
            ],
            extremes=[
                {
                    "input": np.array([1e4, -1e4, 1e4, -1e4, 50.0, -50.0, 0.0, -0.0, 1e4]),
                    "target": np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.5]),
                }
            ],
        )
        for draw in (logits_and_outcomes, logits_and_chances)
    ),
    Row(
        "binary_cross_entropy_with_logits",
        logits_and_chances,
        ELEMENTS[2:],
        [{}, {"weight": of_last_axis}],
        optimum=at_the_log_odds,
    ),
    Row(
        "kl_div",
        log_probabilities,
        ELEMENTS[1:],
        reductions=("mean", "batchmean", "sum", "none"),
        reference=kl_div,
        extremes=[
            {"input": np.array([-1e4, 0.0, 0.0, -1e4]), "target": np.array([0.0, 0.0, 1.0, 1.0])}
        ],
    ),
    Row(
        "kl_div",
        two_log_probabilities,
        ELEMENTS[1:],
        [{"log_target": True}],
        reductions=("mean", "batchmean", "sum", "none"),
        reference=kl_div,
        extremes=[
            {"input": np.array([-1e4, 0.0, -1e4]), "target": np.array([-1e4, -1e4, 0.0])},
        ],
    ),
    Row("kl_div", log_probabilities, [()], reference=kl_div),
    *(
        Row(
            "focal_loss",
            draw,
            ELEMENTS,
            [{}, {"alpha": -1, "gamma": 0.0}, {"alpha": 0.7, "gamma": 1.5}, {"gamma": 3}],
            refused={"alpha": [-0.1, 1.1], "gamma": [-0.1, np.inf]},
            reference=focal,
            extremes=[
                {
                    "input": np.array([1e4, -1e4, 1e4, -1e4, 0.0]),
                    "target": np.array([0.0, 0.0, 1.0, 1.0, 1.0]),
                }
            ],
        )
        for draw in (logits_and_outcomes, logits_and_chances)
    ),
    Row("focal_loss", logits_and_chances, ELEMENTS, [{"gamma": 0.5}], reference=focal),
    Row("brier_score", with_input(logits_and_class), SHAPES, reference=brier),
    Row(
        "brier_score",
        lambda rng, shape: {"input": unit(rng, shape), "target": unit(rng, shape)},
        SHAPES,
        reference=brier,
        optimum=at_the_target,
        extremes=[{"input": np.eye(3), "target": np.eye(3)[::-1].copy()}],
    ),
    Row(
        "log_loss",
        labels_and_probabilities,
        [(5,), (6, 1)],
        [
            {"labels": labels},
            {"labels": labels, "normalize": False},
            {"labels": labels, "sample_weight": sample_weight},
        ],
        learnt=("y_proba",),
        reductions=(None,),
        reference=logarithmic,
        text=("y_true",),
        integers=True,
        empty=None,
    ),
    Row(
        "log_loss",
        labels_and_probabilities,
        [(4, 2), (3, 40), (5, 3)],
        [
            {"labels": labels},
            {"labels": labels, "normalize": False, "sample_weight": sample_weight},
        ],
        learnt=("y_proba",),
        reductions=(None,),
        reference=logarithmic,
        text=("y_true",),
        integers=True,
        empty=None,
        true_derivative=False,  # a step by one probability leaves the distributions
    ),
    Row(
        "linear_cross_entropy",
        layer_and_class,
        [(5,), (1, 3), (7, 40), (4, 5)],
        CROSS_ENTROPY,
        learnt=("input", "linear_weight"),
    ),
    *(
        Row(
            "linear_cross_entropy",
            draw,
            [(1, 3), (7, 40), (4, 5)],
            CROSS_ENTROPY,
            learnt=("input", "linear_weight", "linear_bias"),
            loose=3,  # sums of products that cancel out
        )
        for draw in (layer_with_bias_and_ignored_class, layer_with_bias_and_probabilities)
    ),
]
