"""The rows of `lossbook.adaptive`."""

import re
from itertools import pairwise

import numpy as np
import torch

from . import Row

# the weights of an adaptive softmax are lists of pairs, and the table has arrays by name


def matrix(cluster, place):
    """The name of a matrix of the tail in messages, as a regular expression matches it."""
    return re.escape(f"tail_weights[{cluster}][{place}]")


def nested(arguments):
    """Arguments of the table as those of the loss, whose tail is a list of pairs."""
    rest = {name: x for name, x in arguments.items() if not name.startswith("tail")}
    clusters = range((len(arguments) - len(rest)) // 2)
    tails = [tuple(arguments[matrix(k, place)] for place in (0, 1)) for k in clusters]
    return {**rest, "tail_weights": tails}


class Adaptive(Row):
    """A row whose matrices of the tail have names of their own."""

    @property
    def loss(self):
        return lambda **arguments: super(Adaptive, self).loss(**nested(arguments))

    @property
    def grad(self):
        def flat(**arguments):
            found = super(Adaptive, self).grad(**nested(arguments))
            by_input, by_head, by_tails, *by_bias = found
            return (by_input, by_head, *(x for pair in by_tails for x in pair), *by_bias)

        return flat


def adaptive_layer(cutoffs, classes, div_value=2.0, head_bias=False, targets=None):
    """Inputs, targets and the weights of a layer, of the shapes of PyTorch's module."""

    def draw(rng, shape):
        width, tails = shape[-1], {}
        for k, (start, end) in enumerate(pairwise([*cutoffs, classes])):
            hidden = int(width // div_value ** (k + 1))
            tails[matrix(k, 0)] = rng.normal(size=(hidden, width))
            tails[matrix(k, 1)] = rng.normal(size=(end - start, hidden))
        head = cutoffs[0] + len(cutoffs)
        return {
            "input": rng.normal(size=shape),
            "target": np.array(rng.integers(targets or classes, size=shape[:-1])),
            "head_weight": rng.normal(size=(head, width)),
            **tails,
            **({"head_bias": rng.normal(size=head)} if head_bias else {}),
        }

    return draw


def module(cutoffs, input, head_weight, tail_weights, head_bias=None):
    """PyTorch's module, and the weights that replace its own."""
    names = [f"tail.{k}.{place}.weight" for k in range(len(cutoffs)) for place in (0, 1)]
    weights = dict(zip(names, [x for pair in tail_weights for x in pair], strict=True))
    biased = {} if head_bias is None else {"head.bias": head_bias}
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(
        input.shape[-1],
        cutoffs[-1] + len(tail_weights[-1][1]),
        cutoffs,
        div_value=1.0,  # the shapes are those of the weights
        head_bias=bool(biased),
    )
    return theirs, {"head.weight": head_weight, **biased, **weights}


def adaptive(reduction="mean", **arguments):
    arguments = nested(arguments)
    target = arguments.pop("target")
    theirs, weights = module(**arguments)
    output, loss = torch.func.functional_call(theirs, weights, (arguments["input"], target))
    unused = 0 * sum(x.sum() for x in weights.values())  # a derivative of 0, where it had none
    return {"mean": loss, "sum": -output.sum(), "none": -output}[reduction] + unused


def adaptive_row(cutoffs, classes, shapes, far=False, **options):
    draw = adaptive_layer(cutoffs, classes, **options)
    names = draw(np.random.default_rng(0), (8,))
    return Adaptive(
        "adaptive_log_softmax_with_loss",
        draw,
        shapes,
        [{"cutoffs": cutoffs}],
        learnt=tuple(name for name in names if name != "target"),
        reference=adaptive,
        empty=(0, shapes[-1][-1]),
        extremes=[far_apart()] if far else [],
        loose=3,  # sums of products that cancel out
    )


def far_apart():
    """Logits of 1e4 and -1e4 in the head and in the cluster."""
    return {
        "input": np.array([[1e4, 0.0], [0.0, 1e4], [-1e4, 0.0], [0.0, 0.0]]),
        "target": np.array([0, 1, 2, 2]),
        "head_weight": np.array([[1.0, 0.0], [-1.0, 0.0]]),
        matrix(0, 0): np.array([[1.0, 1.0]]),
        matrix(0, 1): np.array([[1.0], [-1.0]]),
    }


ROWS = [
    adaptive_row([3], 8, [(8,), (1, 8), (6, 8)]),
    adaptive_row([3, 5], 9, [(8,), (5, 8)], head_bias=True),
    adaptive_row([1, 2, 6], 7, [(1, 8), (7, 8)], div_value=1.5, head_bias=True),
    adaptive_row([4, 6], 12, [(9, 16)], div_value=4.0),
    adaptive_row([3, 5], 9, [(6, 8)], targets=5),  # no sample in the last cluster
    adaptive_row([3], 8, [(6, 8)], targets=3, head_bias=True),  # nor in the only one
    adaptive_row([1], 3, [(4, 2)], far=True),
]
