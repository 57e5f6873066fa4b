"""Right values where public reports found wrong ones in libraries: each is an example of a kind."""

import inspect
import warnings
from fractions import Fraction

import numpy as np
import pytest

import lossbook as lb
from lossbook import information as info

from .losses import call, rows

INF, NAN = np.inf, np.nan
half, single = np.float16, np.float32
ROWS = [pytest.param(row, id=f"{row.name}-{n}") for n, row in enumerate(rows())]
every_row = pytest.mark.parametrize("row", ROWS)
ONES = np.ones((256, 256), half)
FULL = np.full((4096, 2), 1 / 4096, half)
TILTED = np.repeat(np.array([[1.5 / 4096] * 2, [0.5 / 4096] * 2]), 2048, axis=0)
EMPTY = {"targets": [], "input_lengths": 3, "target_lengths": 0}


def h(x):
    return np.array(x, half)


def f4(x):
    return np.array(x, single)


VALUES = {
    "weight of an absent class": (
        lambda: lb.cross_entropy([[1.0, 2.0], [3.0, 4.0]], [1, -100], weight=[INF, 1.0]),
        0.313262,
    ),
    "weight NaN of an absent class": (
        lambda: lb.nll_loss([[-1.0, -2.0], [-3.0, -4.0]], [1, -100], weight=[NAN, 1.0]),
        2,
    ),
    "its gradient": (
        lambda: lb.cross_entropy_grad([[1.0, 2.0], [3.0, 4.0]], [1, 1], weight=[INF, 1.0]),
        [[0.134471, -0.134471], [0.134471, -0.134471]],
    ),
    "absent, of probabilities": (
        lambda: lb.cross_entropy([[1.0, 2.0]], [[0.0, 1.0]], weight=[INF, 1.0]),
        0.313262,
    ),
    "tiny loss": (lambda: lb.cross_entropy([-350.0, -760.0], 0), 8.69485652e-179),
    "tiny gradient": (
        lambda: lb.cross_entropy_grad([-350.0, -760.0], 0)[1],
        8.69485652e-179,
    ),
    "denormal terms": (lambda: lb.cross_entropy([-340.0, -745.0], 0), 1.29043112e-176),
    "tiny in single": (lambda: lb.cross_entropy(f4([-40, -110]), 0), 3.97545e-31),
    "denormal in single": (lambda: lb.cross_entropy(f4([-20, -100]), 0), 1.80485e-35),
    "no path": (
        lambda: lb.ctc_loss_grad(
            [[-INF, -INF], [-1, -INF], [-INF, -INF]], **EMPTY, zero_infinity=True
        ),
        np.zeros((3, 2)),
    ),
    "no path, by the logits": (
        lambda: lb.ctc_loss_grad_by_logits(
            [[-INF, -INF], [-1, -INF], [-INF, -INF]], **EMPTY, zero_infinity=True
        ),
        np.zeros((3, 2)),
    ),
    "masked token": (
        lambda: lb.perplexity_grad(f4([[200, 0], [1, 2]]), [1, 0], mask=[1, 0])[1],
        [0, 0],
    ),
    "large beta": (lambda: lb.smooth_l1_loss(f4([1e21]), f4([0]), beta=1e20), 9.5e20),
    "small beta": (lambda: lb.smooth_l1_loss(f4([1e-20]), f4([0]), beta=1e-30), 1e-20),
    "no beta": (lambda: lb.smooth_l1_loss(f4([0.0]), f4([0.0]), beta=1e-46), 0),
    "beta in half": (lambda: lb.smooth_l1_loss(h([512]), h([0]), beta=200), 412),
    "nothing for infinity": (lambda: lb.quantile_loss([INF], [0.0], quantile=1), 0),
    "nothing below": (lambda: lb.quantile_loss([-INF], [0.0], quantile=0), 0),
    "huge logit": (lambda: lb.focal_loss_grad([-1e308], [1]), [-0.25]),
    "infinite logit": (lambda: lb.focal_loss_grad([-INF], [1]), [-0.25]),
    "mean in half": (lambda: lb.mse_loss(0 * ONES, ONES), 1),
    "l1 in half": (lambda: lb.l1_loss(2 * ONES, -2 * ONES), 4),
    "many samples in half": (
        lambda: lb.cross_entropy(np.zeros((100000, 2), half), np.zeros(100000, int)),
        0.6931,
    ),
    "their gradient": (
        lambda: lb.cross_entropy_grad(np.zeros((100000, 2), half), np.zeros(100000, int))[0],
        [-5e-6, 5e-6],
    ),
    "weights in half": (
        lambda: lb.cross_entropy(
            np.zeros((100000, 2), half), np.zeros(100000, int), weight=[3.0, 3.0]
        ),
        0.6931,
    ),
    "weight beyond half": (lambda: lb.cross_entropy(h([[1, 2]]), [1], weight=[1.0, 1e5]), 0.31326),
    "softmax in half": (
        lambda: lb.softmax(np.zeros((4096, 2), half), axis=0).astype(float).sum(axis=0),
        [1, 1],
    ),
    "logsumexp in half": (lambda: lb.logsumexp(np.zeros((4096, 2), half), axis=0)[0], 8.318),
    "divergence in half": (
        lambda: info.js_divergence(FULL, TILTED.astype(half), axis=0)[0],
        0.0338,
    ),
    "many classes in half": (lambda: lb.cross_entropy(np.zeros((1, 70000), half), [0]), 11.16),
    "its slope": (
        lambda: lb.cross_entropy_grad(np.zeros((1, 70000), half), [0])[0, :2],
        [-1, 1.43e-5],
    ),
    "labels in half": (
        lambda: lb.multilabel_soft_margin_loss(*np.zeros((2, 2, 70000), half)),
        0.6931,
    ),
    "margins in half": (lambda: lb.multi_margin_loss(np.zeros((2, 70000), half), [0, 1]), 1),
    "cosine in half": (lambda: lb.cosine_similarity(h([[300, 0]]), h([[300, 0]])), [1]),
    "distance in half": (lambda: lb.pairwise_distance(h([[300, 0]]), h([[0, 0]])), [300]),
    "eps in half": (lambda: lb.cosine_similarity(h([[0, 0]]), h([[1, 1]])), [0]),
    "eps in single": (lambda: lb.cosine_similarity(f4([[0, 0]]), f4([[1, 1]]), eps=1e-60), [0]),
    "embeddings in half": (lambda: lb.cosine_embedding_loss(h([[0, 0]]), h([[1, 1]]), [1]), 1),
    "adam in half": (lambda: lb.adam(h([1]), h([0]))[0], [1]),
    "rmsprop in half": (lambda: lb.rmsprop(h([1]), h([0]))[0], [1]),
    "a rate of 0": (lambda: lb.poisson_nll_loss(h([0]), [0], log_input=False), 0),
    "a variance of 0": (lambda: lb.gaussian_nll_loss(h([0]), [0], [0.0], eps=1e-8), -9.21),
    "0 log 0": (lambda: lb.cross_entropy([[0.0, -INF]], [[1.0, 0.0]]), 0),
    "one infinite logit": (lambda: lb.cross_entropy([[INF, 0.0]], [0]), 0),
    "its logarithm": (lambda: lb.log_softmax([INF, 0.0]), [0, -INF]),
    "all -inf": (lambda: lb.softmax([-INF]), [NAN]),
    "NaN in a slope": (lambda: lb.quantile_loss_grad([NAN], [1.0]), [NAN]),
    "NaN among margins": (lambda: lb.multi_margin_loss_grad([[NAN, 1.0]], [1]), [[NAN, NAN]]),
    "NaN among labels": (
        lambda: lb.multilabel_margin_loss_grad([[NAN, 1.0]], [[1, -1]]),
        [[NAN, NAN]],
    ),
    "NaN in a hinge": (lambda: lb.hinge_embedding_loss_grad([NAN], [-1]), [NAN]),
    "NaN in a rank": (lambda: lb.margin_ranking_loss_grad([NAN], [1.0], [1])[1], [NAN]),
    "an ignored NaN": (
        lambda: lb.linear_cross_entropy_grad([[NAN, NAN], [1.0, 2.0]], np.eye(2), [-100, 1])[1],
        [[0.268941, 0.537883], [-0.268941, -0.537883]],
    ),
    "all axes": (lambda: lb.logsumexp(np.zeros((4, 2)), axis=None), np.log(8)),
    "some axes": (lambda: lb.softmax(np.zeros((4, 3, 2)), axis=(0, 2))[0, 0], [1 / 8, 1 / 8]),
    "(B, T, D)": (
        lambda: lb.linear_cross_entropy(
            np.zeros((2, 3, 4)), np.zeros((5, 4)), np.ones((2, 3), int)
        ),
        np.log(5),
    ),
    "a target for all": (
        lambda: lb.gaussian_nll_loss(np.ones((2, 3)), np.zeros((2, 1)), np.ones(2)),
        0.5,
    ),
    "certain": (lambda: lb.log_loss([1, 0], [[0, 1], [1, 0]]), 2.220446e-16),
    "a count that is full": (
        lambda: lb.learned_unigram_candidate_sampler(
            [[0], [0]],
            [2**63 - 1, 1],
            num_true=1,
            num_sampled=1,
            unique=False,
            range_max=2,
            rng=np.random.default_rng(0),
        )[1],
        [2**63 - 1, 1],
    ),
    "a Fraction": (
        lambda: lb.huber_loss_grad([1.0, 5.0], [0.0, 0.0], delta=Fraction(1, 2)),
        [0.25, 0.25],
    ),
    "a Fraction of eps": (
        lambda: lb.poisson_nll_loss([1.0], [1.0], log_input=False, eps=Fraction(1, 10**8)),
        1,
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_value_is_right_and_no_warning_leaks(name):
    function, expected = VALUES[name]
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        found = function()
    rtol = 1.5e-3 if found.dtype == half else 1e-5
    wide = np.asarray(found, float) if found.dtype.kind == "f" else found
    np.testing.assert_allclose(wide, expected, rtol=rtol, atol=0 if np.any(expected) else 1e-7)


ERRORS = {
    "no number is finite": (lambda: lb.huber_loss([1.0], [0.0], delta=INF), "delta must be finite"),
    "too large": (lambda: lb.huber_loss([1.0], [0.0], delta=10**400), "delta must be finite"),
    "labels": (lambda: lb.log_loss(["a", None], [[0.5, 0.5], [0.1, 0.9]]), "y_true must hold"),
    "words": (
        lambda: lb.mse_loss([1.0], [0.0], reduction=np.array(["mean", "sum"])),
        "reduction must be one of",
    ),
    "an axis": (lambda: lb.softmax([1.0, 2.0], axis=False), "axis must be an integer"),
    "a number": (
        lambda: lb.compute_accidental_hits(np.uint64([[2**64 - 1]]), [1], num_true=1),
        "true_classes .*18446744073709551615",
    ),
    "ignore_index": (
        lambda: lb.cross_entropy([[1.0, 2.0]], [0], ignore_index=None),
        "ignore_index must be an integer: found None",
    ),
    "a type": (lambda: lb.mse_loss(np.zeros(2, "V2"), [0.0, 0.0]), "input must hold real numbers"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_name_the_argument(name):
    function, message = ERRORS[name]
    with pytest.raises((TypeError, ValueError, IndexError), match=f"^{message}"):
        function()


def first_call(row, options, **changes):
    reduction = {"reduction": row.reductions[0]} if row.reductions[0] else {}
    return call(row, row.shapes[-1], {**options, **reduction}, **changes)


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_none_for_an_array_is_refused_by_name(row, function):
    one = first_call(row, row.options[0])
    parameters = inspect.signature(row.loss).parameters
    for name, x in one.arrays.items():
        needed = name in parameters and parameters[name].default is not None
        if isinstance(x, np.ndarray) and needed:
            with pytest.raises((TypeError, ValueError), match=name):
                getattr(one, function)(**{name: None})


def calls_of(row):
    """One for each option, and for each extreme of those options that are not drawn."""
    for options in row.options:
        yield first_call(row, options, dtype="float32")
        given = {key: x for key, x in options.items() if not callable(x)}
        for extreme in row.extremes:
            yield first_call(row, given, dtype="float32", **extreme)


@every_row
def test_errstate_of_the_caller_changes_nothing(row):
    for one in calls_of(row):
        value, grads = one.value(), one.grads()
        with np.errstate(all="raise"):
            np.testing.assert_array_equal(one.value(), value)
            for name, grad in one.grads().items():
                np.testing.assert_array_equal(grad, grads[name])


@every_row
def test_half_precision_is_that_of_single_cast_back(row):
    for options in row.options:
        one = first_call(row, options, dtype="float16")
        wide = first_call(row, options, dtype="float16")
        arrays = {name: as_single(x) for name, x in wide.arrays.items()}
        given = {name: as_single(x) for name, x in wide.options.items()}
        expected = wide.value(**arrays, **given)
        assert one.value().dtype == half
        np.testing.assert_allclose(one.value(), expected, rtol=2e-3, atol=1e-6)
        slopes = wide.grads(**arrays, **given)
        for name, grad in one.grads().items():
            np.testing.assert_allclose(grad, slopes[name], rtol=2e-3, atol=1e-6)


def as_single(x):
    return x.astype(single) if getattr(x, "dtype", None) == half else x


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("function", [info.entropy, lb.logsumexp])
def test_sums_are_as_exact_along_any_axis(axis, function):
    shape = [2, 2, 2]
    shape[axis] = 10**6
    x = np.full(shape, 1e-6, single)
    expected = function(x[:1, :1, :1].astype(float).repeat(10**6, axis), axis=axis).ravel()[0]
    np.testing.assert_allclose(function(x, axis=axis), expected, rtol=1e-6)
