"""What the table of losses cannot say of `lossbook.margin`."""

import math
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lossbook
from lossbook import (
    hinge_embedding_loss,
    hinge_embedding_loss_grad,
    margin_ranking_loss,
    margin_ranking_loss_grad,
    multi_margin_loss,
    multi_margin_loss_grad,
    multilabel_margin_loss,
    multilabel_margin_loss_grad,
    multilabel_soft_margin_loss,
    multilabel_soft_margin_loss_grad,
    soft_margin_loss,
    soft_margin_loss_grad,
)
from lossbook.special import sigmoid, softplus

INF, NAN = math.inf, math.nan

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
numbers = st.floats(-1e4, 1e4)
signs = st.sampled_from([-1.0, 1.0])
scores = hnp.arrays(float, st.integers(2, 8), elements=numbers)

OF_SIGNS = [hinge_embedding_loss, soft_margin_loss]
BY_CLASS = [multi_margin_loss, multilabel_margin_loss]


def both(loss):
    return [loss, getattr(lossbook, f"{loss.__name__}_grad")]


def named(function):
    return getattr(function, "__name__", None)


# rules of PyTorch


@pytest.mark.parametrize(
    "loss", [*both(multi_margin_loss), *both(multilabel_margin_loss)], ids=named
)
def test_an_empty_batch_has_mean_nan_and_sum_0_where_pytorch_returns_what_was_in_memory(loss):
    z = np.zeros((0, 3), np.float32)
    y = np.zeros(0 if "multi_" in loss.__name__ else (0, 3), int)
    if loss.__name__.endswith("grad"):
        assert loss(z, y).shape == (0, 3)
    else:
        assert np.isnan(loss(z, y))
        assert loss(z, y, reduction="sum") == 0
        assert loss(z, y, reduction="none").shape == (0,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_soft_margin_does_not_overflow_where_pytorch_s_does(dtype):
    z, y = np.array([-1e4, 1e4], dtype), np.array([1, -1], dtype)
    theirs = torch.nn.functional.soft_margin_loss(torch.tensor(z), torch.tensor(y))
    assert theirs.item() == INF
    np.testing.assert_array_equal(soft_margin_loss(z, y, reduction="none"), [1e4, 1e4])
    np.testing.assert_array_equal(soft_margin_loss_grad(z, y, reduction="sum"), [-1, 1])


def test_soft_margin_is_exact_in_the_tail():
    loss = soft_margin_loss([50.0, -50.0], [1, -1], reduction="none")
    np.testing.assert_allclose(loss, math.exp(-50), rtol=1e-15)
    grad = soft_margin_loss_grad([50.0, -50.0], [1, -1], reduction="sum")
    np.testing.assert_allclose(grad, [-math.exp(-50), math.exp(-50)], rtol=1e-15)


@pytest.mark.parametrize("loss", both(multi_margin_loss), ids=named)
@pytest.mark.parametrize("wrong", [-1, 3, -100])
def test_a_class_out_of_range_is_an_index_error(loss, wrong):
    with pytest.raises(IndexError, match=rf"^target must lie in \[0, 3\): found {wrong} at index"):
        loss(np.zeros((2, 3)), [0, wrong])


@pytest.mark.parametrize("loss", both(multilabel_margin_loss), ids=named)
@pytest.mark.parametrize("list_", [[3, -1, -1], [0, -2, -1], [1, -1, 7]])
def test_a_label_out_of_range_is_an_index_error_also_behind_the_end_of_the_list(loss, list_):
    wrong = next(k for k in list_ if k not in (-1, 0, 1, 2))
    with pytest.raises(
        IndexError, match=rf"^target must lie in \[0, 3\) or be -1: found {wrong} at index \(1, "
    ):
        loss(np.zeros((2, 3)), [[0, 1, 2], list_])


@pytest.mark.parametrize("loss", OF_SIGNS, ids=named)
def test_shapes_pytorch_would_broadcast_are_refused(loss):
    for function in both(loss):
        with pytest.raises(ValueError, match=r"input and target .*same shape: \(3, 1\) and \(3,\)"):
            function(np.zeros((3, 1)), np.ones(3))


def test_pairs_of_other_shapes_are_refused():
    for function in both(margin_ranking_loss):
        with pytest.raises(
            ValueError,
            match=r"^input1 and input2 and target .*same shape: \(3,\) and \(3, 1\) and \(3,\)",
        ):
            function(np.zeros(3), np.zeros((3, 1)), np.ones(3))


@pytest.mark.parametrize("wrong", [0.0, 0.5, 2.0, NAN, INF])
def test_a_target_that_is_no_sign_is_refused(wrong):
    x, target = np.zeros(3), [1.0, -1.0, wrong]
    message = rf"^target must hold -1 and 1 only: found {wrong} at index \(2,\)"
    for loss in OF_SIGNS:
        for function in both(loss):
            with pytest.raises(ValueError, match=message):
                function(x, target)
    for function in both(margin_ranking_loss):
        with pytest.raises(ValueError, match=message):
            function(x, x, target)


def test_hinge_embedding_takes_the_distance_itself_of_like_things():
    """Also a negative one, which is none."""
    assert hinge_embedding_loss([-3.0], [1]) == -3
    assert hinge_embedding_loss([-3.0], [-1]) == 4


def test_slopes_at_the_kinks_are_pytorch_s():
    """-1 or -y where a clamp is at its bound, but 0 where hinges are added."""
    np.testing.assert_array_equal(hinge_embedding_loss_grad([1.0], [-1]), [-1])
    np.testing.assert_array_equal(margin_ranking_loss_grad([2.0], [2.0], [1]), [[-1], [1]])
    np.testing.assert_array_equal(multi_margin_loss_grad([0.0, 1.0], 1), [0, 0])
    np.testing.assert_array_equal(multilabel_margin_loss_grad([0.0, 1.0], [1, -1]), [0, 0])


def test_a_weighted_mean_divides_by_the_number_of_samples():
    z, y, w = np.zeros((2, 3)), [0, 2], [3.0, 1.0, 5.0]
    np.testing.assert_allclose(multi_margin_loss(z, y, weight=w, reduction="none"), [2, 10 / 3])
    assert multi_margin_loss(z, y, weight=w) == pytest.approx((2 + 10 / 3) / 2)


def test_the_weight_of_multi_margin_has_one_number_a_class():
    for function in both(multi_margin_loss):
        for wrong in (np.ones(2), np.ones((1, 3)), 1.0):
            with pytest.raises(ValueError, match=r"^weight must have shape \(3,\): found \("):
                function(np.zeros((2, 3)), [0, 1], weight=wrong)


def test_the_weight_of_multilabel_soft_margin_broadcasts_as_in_pytorch():
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(4, 3)), rng.integers(2, size=(4, 3)).astype(float)
    theirs = torch.nn.functional.multilabel_soft_margin_loss
    for shape in [(), (3,), (4, 1), (4, 3)]:
        w = rng.uniform(size=shape)
        expected = theirs(*map(torch.tensor, (z, t)), weight=torch.tensor(w), reduction="none")
        found = multilabel_soft_margin_loss(z, t, weight=w, reduction="none")
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-13)
    for function in both(multilabel_soft_margin_loss):
        with pytest.raises(ValueError, match=r"^weight must broadcast .*: \(4,\) and \(4, 3\)"):
            function(z, t, weight=np.ones(4))


def test_labels_of_integers_and_of_booleans_are_the_same():
    z, t = np.array([[2.0, -1.0, 0.5]], np.float32), np.array([[1, 0, 1]])
    for function in both(multilabel_soft_margin_loss):
        np.testing.assert_array_equal(function(z, t), function(z, t.astype(bool)))
        assert function(z, t, weight=np.ones(3)).dtype == np.float32


def test_a_list_of_labels_ends_at_the_first_minus_1():
    z = np.array([0.3, -0.2, 0.9, 0.1])
    for function in both(multilabel_margin_loss):
        np.testing.assert_array_equal(function(z, [2, -1, 0, 1]), function(z, [2, -1, -1, -1]))
    assert multilabel_margin_loss(z, [-1, 0, 1, 2]) == 0
    assert multilabel_margin_loss(z, [3, 2, 1, 0]) == 0  # there is none to compare with


def test_a_label_that_is_listed_twice_counts_twice():
    z = np.array([0.3, -0.2, 0.9, 0.1])
    once = multilabel_margin_loss(z, [2, -1, -1, -1])
    assert multilabel_margin_loss(z, [2, 2, -1, -1]) == pytest.approx(2 * once)
    np.testing.assert_allclose(
        multilabel_margin_loss_grad(z, [2, 2, -1, -1]),
        2 * multilabel_margin_loss_grad(z, [2, -1, -1, -1]),
    )


def test_labels_are_integers():
    for function in both(multilabel_margin_loss):
        with pytest.raises(TypeError, match=r"^target must hold integers, .*: found dtype float64"):
            function(np.zeros((2, 3)), np.zeros((2, 3)))
    for function in both(multi_margin_loss):
        with pytest.raises(TypeError, match=r"^target must hold integers, .*: found dtype float64"):
            function(np.zeros((2, 3)), np.zeros(2))


@pytest.mark.parametrize("function", [*both(multi_margin_loss), *both(multilabel_margin_loss)])
def test_no_classes_are_refused(function):
    with pytest.raises(ValueError, match=r"^input must have an axis of classes, .*\(2, 0\)"):
        function(np.zeros((2, 0)), np.zeros((2, 0), int))


def test_no_labels_are_refused():
    for function in both(multilabel_soft_margin_loss):
        with pytest.raises(ValueError, match=r"^input must not be empty along axis -1: .*\(2, 0\)"):
            function(np.zeros((2, 0)), np.zeros((2, 0)))
        with pytest.raises(ValueError, match=r"^input has no axis -1: shape \(\)"):
            function(0.5, 1.0)


def test_scores_of_several_places_are_losses_of_each():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(2, 4, 3)), rng.integers(4, size=(2, 3))
    lists = rng.integers(-1, 4, size=(2, 4, 3))
    flat = np.moveaxis(z, 1, 2).reshape(6, 4)
    np.testing.assert_allclose(
        multi_margin_loss(z, y, reduction="none").ravel(),
        multi_margin_loss(flat, y.ravel(), reduction="none"),
    )
    np.testing.assert_allclose(
        multilabel_margin_loss(z, lists, reduction="none").ravel(),
        multilabel_margin_loss(flat, np.moveaxis(lists, 1, 2).reshape(6, 4), reduction="none"),
    )


def test_nan_scores_give_nan():
    assert np.isnan(hinge_embedding_loss([NAN], [-1]))
    assert np.isnan(margin_ranking_loss([NAN], [0.0], [1]))
    assert np.isnan(multi_margin_loss([[0.0, NAN, 1.0]], [0]))
    assert np.isnan(multi_margin_loss([[0.0, NAN, 1.0]], [1]))
    assert np.isnan(multilabel_margin_loss([[0.0, NAN, 1.0]], [[0, -1, -1]]))
    assert np.isnan(soft_margin_loss([NAN], [1]))
    assert np.isnan(multilabel_soft_margin_loss([[0.0, NAN]], [[0, 1]]))


def test_infinite_scores_are_the_limit():
    assert multi_margin_loss([-INF, 0.0, 1.0], 2) == 0
    assert multi_margin_loss([INF, 0.0], 1) == INF
    assert multilabel_margin_loss([-INF, 0.0, 1.0], [0, -1, -1]) == INF
    np.testing.assert_array_equal(soft_margin_loss([INF, -INF], [1, 1], reduction="none"), [0, INF])


# theorems


@given(numbers, numbers, st.floats(0, 1), signs, st.floats(-10, 10))
@deterministic
def test_the_hinge_is_convex_along_a_line(a, b, share, y, margin):
    between = share * a + (1 - share) * b
    for loss in (
        lambda d: hinge_embedding_loss([d], [y], margin=margin),
        lambda d: margin_ranking_loss([d], [0.0], [y], margin=margin),
        lambda d: soft_margin_loss([d], [y]),
    ):
        chord = share * loss(a) + (1 - share) * loss(b)
        assert loss(between) <= chord + 1e-9 * (1 + abs(a) + abs(b))


@given(scores, scores, st.floats(0, 1), st.integers(0, 7), st.sampled_from([1, 2]))
@deterministic
def test_the_margin_of_classes_is_convex_along_a_line(a, b, share, y, p):
    size = min(len(a), len(b))
    a, b, y = a[:size], b[:size], y % size
    labels = np.where(np.arange(size) <= y, np.arange(size), -1)
    for loss in (
        lambda z: multi_margin_loss(z, y, p=p),
        lambda z: multilabel_margin_loss(z, labels),
    ):
        chord = share * loss(a) + (1 - share) * loss(b)
        assert loss(share * a + (1 - share) * b) <= chord * (1 + 1e-9) + 1e-6


@given(scores, st.floats(-1e3, 1e3), st.integers(0, 7), st.sampled_from([1, 2]))
@deterministic
def test_the_margin_of_classes_does_not_change_when_all_scores_shift(z, shift, y, p):
    y %= len(z)
    labels = np.where(np.arange(len(z)) <= y, np.arange(len(z)), -1)
    found = multi_margin_loss(z + shift, y, p=p), multilabel_margin_loss(z + shift, labels)
    expected = multi_margin_loss(z, y, p=p), multilabel_margin_loss(z, labels)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    assert abs(multi_margin_loss_grad(z, y, p=p).sum()) <= 1e-9 * np.abs(z).max() + 1e-9
    assert abs(multilabel_margin_loss_grad(z, labels).sum()) <= 1e-9


@given(numbers, signs)
@deterministic
def test_soft_margin_is_binary_cross_entropy_with_logits_of_labels_0_and_1(z, y):
    t = (y + 1) / 2
    expected = softplus(z) * (1 - t) + softplus(-z) * t
    assert soft_margin_loss([z], [y]) == pytest.approx(expected, rel=1e-14)
    (grad,) = soft_margin_loss_grad([z], [y])
    assert grad == pytest.approx(sigmoid(z) - t, abs=1e-15)
    assert soft_margin_loss([z], [y]) == lossbook.binary_cross_entropy_with_logits([z], [t])


@given(numbers, numbers, signs, st.floats(-10, 10))
@deterministic
def test_ranking_is_antisymmetric(s1, s2, y, margin):
    """To exchange the scores is to turn the target around."""
    loss = margin_ranking_loss([s1], [s2], [y], margin=margin)
    assert loss == margin_ranking_loss([s2], [s1], [-y], margin=margin)
    by_first, by_second = margin_ranking_loss_grad([s1], [s2], [y], margin=margin)
    exchanged = margin_ranking_loss_grad([s2], [s1], [-y], margin=margin)
    assert (by_first, by_second) == exchanged[::-1]


@given(st.floats(0, 10), st.floats(0, 10), st.floats(1e-3, 10))
@deterministic
def test_two_hinges_of_one_distance_are_at_least_the_margin(d, e, margin):
    """Something cannot be alike and unlike at less than the margin."""
    both = hinge_embedding_loss([d, d], [1, -1], margin=margin, reduction="sum")
    assert both >= margin * (1 - 1e-12)
    assert both == pytest.approx(max(d, margin))


@given(scores, st.integers(0, 7))
@deterministic
def test_a_single_label_is_the_multi_margin_loss(z, y):
    y %= len(z)
    labels = np.full(len(z), -1)
    labels[0] = y
    assert multilabel_margin_loss(z, labels) == pytest.approx(multi_margin_loss(z, y), rel=1e-12)


@given(scores)
@deterministic
def test_multilabel_soft_margin_is_the_mean_binary_cross_entropy(z):
    t = (np.arange(len(z)) % 2).astype(float)
    found = multilabel_soft_margin_loss(z, t)
    assert found == pytest.approx(lossbook.binary_cross_entropy_with_logits(z, t), rel=1e-13)
    twice = np.stack([z, -z]), np.stack([t, t])
    total = multilabel_soft_margin_loss(*twice, reduction="sum")
    each = lossbook.binary_cross_entropy_with_logits(*twice, reduction="sum")
    assert total == pytest.approx(each / len(z), rel=1e-13)
    np.testing.assert_allclose(
        multilabel_soft_margin_loss_grad(*twice),
        lossbook.binary_cross_entropy_with_logits_grad(*twice),
        rtol=1e-13,
    )


def test_losses_equal_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(2)
    decision, y = rng.normal(size=50), rng.choice([-1, 1], size=50)
    assert margin_ranking_loss(decision, np.zeros(50), y, margin=1.0) == pytest.approx(
        metrics.hinge_loss(y, decision), rel=1e-14
    )
    assert soft_margin_loss(decision, y) == pytest.approx(
        metrics.log_loss(y, sigmoid(decision)), rel=1e-13
    )


# cost


def large(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 1000)).astype(np.float32)
    ones = np.ones(x.shape, np.int8)
    lists = np.full(x.shape, -1)
    lists[:, :3] = [5, 3, 999]
    rest = {
        "hinge_embedding_loss": (ones,),
        "margin_ranking_loss": (x[::-1], ones),
        "multi_margin_loss": (np.arange(2000) % 1000,),
        "multilabel_margin_loss": (lists,),
        "multilabel_soft_margin_loss": (ones,),
        "soft_margin_loss": (ones,),
    }
    return x, *rest[name]


@pytest.mark.parametrize("name", [n for n in lossbook.margin.__all__ if not n.endswith("grad")])
def test_temporary_memory_is_at_most_4_mb(name):
    """The results are not counted: half of what is allowed, whatever the size."""
    arrays = large(name)
    for function in both(getattr(lossbook, name)):
        tracemalloc.start()
        result = function(*arrays)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        results = result if isinstance(result, tuple) else (result,)
        assert peak - sum(x.nbytes for x in results) <= 4e6
