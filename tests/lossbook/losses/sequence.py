"""The rows of `lossbook.sequence`."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from . import Row, normal


def logits_and_tokens(rng, shape):
    return {"input": normal(rng, shape), "target": rng.integers(shape[-1], size=shape[:-1])}


def logits_and_kept_tokens(rng, shape):
    """The first token is kept, and the padding is no class."""
    arrays = logits_and_tokens(rng, shape)
    mask = rng.random(shape[:-1]) < 0.6
    mask.flat[:1] = True
    arrays["target"][~mask] = -1
    return {**arrays, "mask": mask}


def logits_and_mask_of_numbers(rng, shape):
    arrays = logits_and_kept_tokens(rng, shape)
    return {**arrays, "mask": arrays["mask"].astype(float)}


def token_cross_entropy(input, target, mask=None, **options):
    mask = torch.ones(target.shape) if mask is None else mask
    target = torch.where(mask > 0, target, -100)
    loss = cross_entropy(input.reshape(-1, input.shape[-1]), target.reshape(-1), **options)
    return loss.reshape(target.shape) if loss.ndim else loss


def token_perplexity(input, target, mask=None):
    return token_cross_entropy(input, target, mask).exp()


SEQUENCE = {"shapes": [(2, 3, 4), (1, 1, 2), (5, 3), (3, 4, 40)], "empty": (0, 3, 4)}
TOKENS = [logits_and_tokens, logits_and_kept_tokens, logits_and_mask_of_numbers]
EXTREME = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]])
ROWS = [
    *(
        Row(
            "sequence_cross_entropy",
            draw,
            options=[{}, {"label_smoothing": 0.1}],
            reference=token_cross_entropy,
            extremes=[{"input": EXTREME, "target": np.array([0, 0])}]
            if draw is logits_and_tokens
            else [],
            **SEQUENCE,
        )
        for draw in TOKENS
    ),
    *(
        Row(
            "perplexity",
            draw,
            SEQUENCE["shapes"],
            reductions=(None,),
            reference=token_perplexity,
            empty=None,
        )
        for draw in TOKENS
    ),
]
