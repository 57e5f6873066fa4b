"""What losses hold beyond their inputs and results: at most 8 MB, however large the inputs are.

The arrays are several times as large, so that one temporary of their size is noticed; `make bench`
measures larger ones still.
"""

import tracemalloc
from functools import partial

import numpy as np
import pytest

import lossbook

LIMIT = 8e6
ELEMENTS = 6_000_000  # 24 MB of float32
ROWS, CLASSES = 1024, 8192  # 34 MB
rng = np.random.default_rng(0)


def uniform(*shape):
    return rng.random(shape, dtype=np.float32)


def signs(*shape):
    return np.where(uniform(*shape) < 0.5, np.float32(-1), np.float32(1))


def elements(target=uniform):
    return lambda: [uniform(ELEMENTS), target(ELEMENTS)]


def classes():
    return [uniform(ROWS, CLASSES), rng.integers(CLASSES, size=ROWS)]


def class_probabilities():
    return [uniform(ROWS, CLASSES), uniform(ROWS, CLASSES)]


def pixels():
    return [uniform(2, 16, 512, 512), rng.integers(16, size=(2, 512, 512))]


def embeddings():
    return [uniform(ELEMENTS // 128, 128), uniform(ELEMENTS // 128, 128)]


CALLS = [
    ("mse_loss", elements(), {}),
    ("l1_loss", elements(), {}),
    ("huber_loss", elements(), {}),
    ("smooth_l1_loss", elements(), {}),
    ("quantile_loss", elements(), {}),
    ("poisson_nll_loss", elements(), {"full": True}),
    ("gaussian_nll_loss", lambda: [uniform(ELEMENTS) for _ in range(3)], {}),
    ("binary_cross_entropy", elements(), {}),
    ("binary_cross_entropy_with_logits", elements(), {}),
    ("focal_loss", elements(), {}),
    ("kl_div", class_probabilities, {}),
    ("cross_entropy", classes, {}),
    ("cross_entropy", classes, {"label_smoothing": 0.1}),
    ("cross_entropy", class_probabilities, {}),
    ("cross_entropy", pixels, {}),
    ("nll_loss", classes, {}),
    ("soft_margin_loss", elements(signs), {}),
    ("hinge_embedding_loss", elements(signs), {}),
    ("multi_margin_loss", classes, {}),
    ("multilabel_soft_margin_loss", class_probabilities, {}),
    ("cosine_similarity", embeddings, {}),
    ("pairwise_distance", embeddings, {}),
    ("cosine_embedding_loss", lambda: [*embeddings(), signs(ELEMENTS // 128)], {}),
    ("triplet_margin_loss", lambda: [*embeddings(), embeddings()[0]], {"swap": True}),
]
every_call = pytest.mark.parametrize(
    ("name", "draw", "options"), CALLS, ids=[f"{name}{n}" for n, (name, *_) in enumerate(CALLS)]
)


def peak(call):
    """The bytes that a call holds at its peak beyond what it returns."""
    tracemalloc.start()
    results = call()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    results = results if isinstance(results, tuple) else (results,)
    return held - sum(np.asarray(result).nbytes for result in results)


@every_call
def test_memory_does_not_grow_with_the_inputs(name, draw, options):
    arrays = draw()
    for function in (getattr(lossbook, name), getattr(lossbook, f"{name}_grad")):
        assert peak(partial(function, *arrays, **options)) <= LIMIT


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.astype(float),  # at another precision
        lambda x: np.repeat(x, 2)[::2],  # not contiguous
        lambda x: x[::-1],
        lambda x: np.broadcast_to(x[:1], x.shape),
    ],
    ids=["float64", "strided", "reversed", "broadcast"],
)
def test_no_copy_is_made_of_a_target_however_it_lies_in_memory(change):
    x, y = uniform(ELEMENTS), change(uniform(ELEMENTS))
    for function in (lossbook.huber_loss, lossbook.huber_loss_grad):
        assert peak(partial(function, x, y)) <= LIMIT


def test_linear_cross_entropy_never_holds_all_logits():
    x, w, y = uniform(1024, 64), uniform(32000, 64), rng.integers(32000, size=1024)
    logits = 4 * 1024 * 32000
    for function in (lossbook.linear_cross_entropy, lossbook.linear_cross_entropy_grad):
        assert peak(partial(function, x, w, y)) <= logits / 2


def test_an_allocation_of_the_size_of_the_input_is_seen():
    x = uniform(ELEMENTS)
    assert peak(lambda: (x * 2).sum()) > LIMIT
