"""The rows of `lossbook.ctc`."""

import numpy as np
import torch
from torch.nn.functional import ctc_loss

from . import Row, normal

SHAPES = [(7, 4), (5, 1, 3), (6, 3, 5)]


def log_softmax(x):
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


def lengths(rng, shape):
    """Numbers of times and of labels that leave room for blanks between equal labels."""
    steps = rng.integers((shape[0] + 1) // 2, shape[0] + 1, size=shape[1:-1])
    return steps, np.array((steps + 1) // 2 - (rng.random(shape[1:-1]) < 0.5))


def padded_targets(rng, shape):
    """One column more than is needed; the padding is no class."""
    steps, sizes = lengths(rng, shape)
    if len(shape) == 2:
        return steps, rng.integers(1, shape[-1], size=sizes), sizes
    width = shape[0] // 2 + 2
    targets = rng.integers(1, shape[-1], size=(shape[1], width))
    targets[np.arange(width) >= sizes[:, np.newaxis]] = -1
    return steps, targets, sizes


def log_probs_and_targets(rng, shape):
    steps, targets, sizes = padded_targets(rng, shape)
    x = log_softmax(normal(rng, shape))
    return {
        "log_probs": x,
        "targets": targets,
        "input_lengths": np.array(steps),
        "target_lengths": np.array(sizes),
    }


def any_scores_and_targets(rng, shape):
    """Nothing asks that probabilities sum to 1."""
    return {**log_probs_and_targets(rng, shape), "log_probs": normal(rng, shape)}


def one_after_the_other(rng, shape):
    """Targets of equal length, in a row."""
    size = shape[0] // 2
    return {
        "log_probs": log_softmax(normal(rng, shape)),
        "targets": rng.integers(1, shape[-1], size=shape[1] * size),
        "input_lengths": np.full(shape[1], shape[0]),
        "target_lengths": np.full(shape[1], size),
    }


def with_last_class_blank(rng, shape):
    arrays = log_probs_and_targets(rng, shape)
    return {**arrays, "targets": arrays["targets"] - 1}


def true_ctc_loss(log_probs, targets, input_lengths, target_lengths, reduction="mean", **options):
    """PyTorch's loss with its true gradient: PyTorch adds exp(log_probs) to it.

    In float64, as PyTorch's own rounding of this gradient in float32 is above 2e-6.
    """
    x = log_probs.double()
    value = ctc_loss(x, targets, input_lengths, target_lengths, reduction=reduction, **options)
    time = torch.arange(len(x)).reshape(-1, *[1] * input_lengths.ndim)
    zero = ((x.exp().detach() - x.exp()).sum(dim=-1) * (time < input_lengths)).sum(dim=0)
    if reduction == "mean":
        zero = zero / target_lengths.clamp(min=1) / target_lengths.numel()
    return (value + (zero if reduction == "none" else zero.sum())).to(log_probs.dtype)


def last_blank(rng, shape):
    return shape[-1] - 1


def one_alignment():
    """Next to no probability but for one alignment of the target: a label twice, in two runs."""
    x = np.full((7, 4), -1e4)
    x[np.arange(7), [0, 1, 1, 3, 0, 3, 0]] = 0
    lengths = {"input_lengths": np.array(7), "target_lengths": np.array(3)}
    return {"log_probs": x, "targets": np.array([1, 3, 3]), **lengths}


CTC = {"learnt": ("log_probs",), "reference": true_ctc_loss}
ROWS = [
    Row(
        "ctc_loss",
        log_probs_and_targets,
        SHAPES,
        [{}, {"zero_infinity": True}],
        empty=(4, 0, 3),
        extremes=[one_alignment()],
        **CTC,
    ),
    Row("ctc_loss", any_scores_and_targets, SHAPES, empty=(4, 0, 3), **CTC),
    Row("ctc_loss", one_after_the_other, SHAPES[1:], empty=(4, 0, 3), **CTC),
    Row("ctc_loss", with_last_class_blank, SHAPES, [{"blank": last_blank}], empty=None, **CTC),
]
