"""The rows of `lossbook.sampling`."""

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from . import Row, normal

CLASSES = 7
ROWS_OF_WEIGHTS = CLASSES + 1  # the last of them is of no class


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
