"""The rows of `lossbook.sampling`."""

import re
from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from . import Row, normal

CLASSES = 7
ROWS_OF_WEIGHTS = CLASSES + 1  # the last of them is of no class


# the adaptive softmax: its weights are lists of pairs, and the table has arrays by name


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


# sampled softmax and noise-contrastive estimation


def layer_and_labels(num_true):
    def draw(rng, shape):
        return {
            "weights": normal(rng, (ROWS_OF_WEIGHTS, shape[1])),
            "biases": rng.normal(size=ROWS_OF_WEIGHTS),
            "labels": rng.integers(CLASSES, size=(shape[0], num_true)),
            "inputs": rng.normal(size=shape),
        }

    return draw


def values(num_true, num_sampled, replace=False):
    """Candidates and expected counts; the candidates hit labels, as there are few classes."""

    def draw(rng, shape):
        return (
            rng.choice(CLASSES, num_sampled, replace=replace),
            rng.uniform(0.1, 2, size=(shape[0], num_true)),
            rng.uniform(0.1, 2, size=num_sampled),
        )

    return draw


def corrected_logits(weights, biases, labels, inputs, sampled_values, remove):
    """Logits of true classes and of candidates, hits among these taken out: all but the last."""
    sampled, of_true, of_sampled = (torch.tensor(np.array(x)) for x in sampled_values)
    logits = inputs @ weights.T + biases
    true = logits.gather(1, labels) - of_true.log().to(logits.dtype)
    candidates = logits[:, sampled] - of_sampled.log().to(logits.dtype)
    if remove:
        last = {c: place for place, c in enumerate(sampled.tolist())}
        for n, classes in enumerate(labels.tolist()):
            hits = [last[c] for c in classes if c in last]
            candidates = candidates.index_put(
                (torch.full((len(hits),), n), torch.tensor(hits, dtype=torch.long)),
                torch.tensor(torch.finfo(torch.float32).min, dtype=logits.dtype),
            )
    return torch.cat([true, candidates], dim=1)


def targets(logits, num_true):
    return (torch.arange(logits.shape[1]) < num_true).to(logits.dtype).expand_as(logits) / num_true


def sampled_softmax(
    weights,
    biases,
    labels,
    inputs,
    sampled_values,
    num_true=1,
    remove_accidental_hits=True,
    **counts,
):
    z = corrected_logits(weights, biases, labels, inputs, sampled_values, remove_accidental_hits)
    return cross_entropy(z, targets(z, num_true), reduction="none")


def noise_contrastive(
    weights,
    biases,
    labels,
    inputs,
    sampled_values,
    num_true=1,
    remove_accidental_hits=False,
    **counts,
):
    z = corrected_logits(weights, biases, labels, inputs, sampled_values, remove_accidental_hits)
    return binary_cross_entropy_with_logits(z, targets(z, num_true), reduction="none").sum(dim=1)


def sampled_options(num_true, num_sampled, **rest):
    return {"num_true": num_true, "num_sampled": num_sampled, "num_classes": CLASSES, **rest}


FAR = {
    "weights": np.array([[1e4], [-1e4], [0.0], [1.0]]),
    "biases": np.array([0.0, 0.0, 1e4, -1e4]),
    "labels": np.array([[0], [0], [1], [3]]),
    "inputs": np.array([[1.0], [-1.0], [1.0], [0.0]]),
}
REFERENCES = {"sampled_softmax_loss": sampled_softmax, "nce_loss": noise_contrastive}
ROWS = [
    adaptive_row([3], 8, [(8,), (1, 8), (6, 8)]),
    adaptive_row([3, 5], 9, [(8,), (5, 8)], head_bias=True),
    adaptive_row([1, 2, 6], 7, [(1, 8), (7, 8)], div_value=1.5, head_bias=True),
    adaptive_row([4, 6], 12, [(9, 16)], div_value=4.0),
    adaptive_row([3, 5], 9, [(6, 8)], targets=5),  # no sample in the last cluster
    adaptive_row([3], 8, [(6, 8)], targets=3, head_bias=True),  # nor in the only one
    adaptive_row([1], 3, [(4, 2)], far=True),
    *(
        Row(
            name,
            layer_and_labels(num_true),
            [(1, 3), (5, 4), (6, 2)],
            [
                sampled_options(
                    num_true, size, sampled_values=values(num_true, size, replace), **options
                )
                for size, replace in [(4, False), (CLASSES, False), (9, True)]
                for options in [
                    {},
                    {"remove_accidental_hits": True},
                    {"remove_accidental_hits": False},
                ]
            ],
            learnt=("weights", "biases", "inputs"),
            reductions=(None,),
            reference=reference,
            loose=3,  # sums of products that cancel out
        )
        for name, reference in REFERENCES.items()
        for num_true in (1, 3)
    ),
    *(
        Row(
            name,
            lambda rng, shape: {**FAR, "weights": normal(rng, (4, 1)), "biases": normal(rng, 4)},
            [(4, 1)],
            [
                {
                    "num_sampled": 3,
                    "num_classes": 4,
                    "sampled_values": ([2, 0, 1], np.full((4, 1), 0.5), [1e-30, 1.0, 30.0]),
                    "remove_accidental_hits": remove,
                }
                for remove in (True, False)
            ],
            learnt=("weights", "biases", "inputs"),
            reductions=(None,),
            reference=reference,
            extremes=[FAR],
            empty=None,
        )
        for name, reference in REFERENCES.items()
    ),
]
