"""Every rule of PyTorch's losses that readers meet has a test that names it.

Where lossbook follows PyTorch both are run side by side; where it differs on purpose the test says
what is different, and the docstring of the function says so too.
"""

import inspect
import math
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as functional

import lossbook

from .losses import call, rows

INF, NAN = math.inf, math.nan
LOGITS = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0], [2.0, 2.0, 2.0], [0.3, 0.1, -4.0]])
CLASSES = np.array([0, 2, 1, 1])
WEIGHT = np.array([1.0, 2.0, 0.5])


def both(name, *arrays, **options):
    """The values of lossbook and of PyTorch."""
    tensors = [torch.tensor(x) for x in arrays]
    given = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    theirs = getattr(functional, name)(*tensors, **given)
    return getattr(lossbook, name)(*arrays, **options), theirs.numpy()


def gradients(name, x, *arrays, **options):
    """The derivatives by the first argument, by lossbook and by PyTorch."""
    leaf = torch.tensor(x, requires_grad=True)
    getattr(functional, name)(leaf, *map(torch.tensor, arrays), **options).sum().backward()
    return getattr(lossbook, f"{name}_grad")(x, *arrays, **options), leaf.grad.numpy()


def assert_alike(pair):
    np.testing.assert_allclose(*pair, rtol=1e-12)


# cross-entropy


def test_mean_for_class_indices_divides_by_the_weights_of_the_kept_rows():
    y = np.array([0, -100, 1, 1])
    value, theirs = both("cross_entropy", LOGITS, y, weight=WEIGHT)
    none = lossbook.cross_entropy(LOGITS, y, weight=WEIGHT, reduction="none")
    assert_alike((value, theirs))
    assert value == pytest.approx(none.sum() / (1 + 2 + 2), rel=1e-14)


def test_mean_for_probabilities_divides_by_the_number_of_rows():
    t = lossbook.softmax(LOGITS[::-1])
    value, theirs = both("cross_entropy", LOGITS, t, weight=WEIGHT)
    none = lossbook.cross_entropy(LOGITS, t, weight=WEIGHT, reduction="none")
    assert_alike((value, theirs))
    assert value == pytest.approx(none.sum() / 4, rel=1e-14)


def test_label_smoothing_spreads_over_the_weighted_classes_and_divides_by_the_targets_weights():
    e, w = 0.3, WEIGHT
    value, theirs = both("cross_entropy", LOGITS, CLASSES, weight=w, label_smoothing=e)
    loss = -lossbook.log_softmax(LOGITS)
    row = (1 - e) * w[CLASSES] * loss[range(4), CLASSES] + e / 3 * (w * loss).sum(axis=1)
    assert_alike((value, theirs))
    assert value == pytest.approx(row.sum() / w[CLASSES].sum(), rel=1e-14)


@pytest.mark.parametrize("smoothing", [1.5, -0.1])
def test_label_smoothing_outside_0_to_1_is_refused_also_where_pytorch_ignores_it(smoothing):
    with pytest.raises(ValueError, match=rf"label_smoothing .*: found {smoothing}"):
        lossbook.cross_entropy(LOGITS, CLASSES, label_smoothing=smoothing)
    if smoothing < 0:
        tensors = torch.tensor(LOGITS), torch.tensor(CLASSES)
        ignored = functional.cross_entropy(*tensors, label_smoothing=smoothing)
        assert ignored == functional.cross_entropy(*tensors)
        assert "refused here" in inspect.getdoc(lossbook.cross_entropy)
    else:
        with pytest.raises(RuntimeError):
            both("cross_entropy", LOGITS, CLASSES, label_smoothing=smoothing)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_everything_ignored_has_mean_nan_sum_0_and_gradient_0(name):
    ignored = np.full(4, -100)
    assert np.isnan(both(name, LOGITS, ignored)).all()
    assert both(name, LOGITS, ignored, reduction="sum") == (0, 0)
    for reduction in ("mean", "sum"):
        ours, theirs = gradients(name, LOGITS, ignored, reduction=reduction)
        np.testing.assert_array_equal(ours, 0)
        np.testing.assert_array_equal(theirs, 0)


def test_logits_of_minus_infinity_are_fine_off_the_target():
    z = np.array([[1.0, -INF, 0.0]])
    assert_alike(both("cross_entropy", z, np.array([0])))
    assert_alike(gradients("cross_entropy", z, np.array([0])))
    assert both("cross_entropy", z, np.array([1])) == (INF, INF)


def test_a_logit_of_minus_infinity_makes_a_smoothed_loss_infinite():
    z = np.array([[1.0, -INF, 0.0]])
    assert both("cross_entropy", z, np.array([0]), label_smoothing=0.1) == (INF, INF)


def test_a_probability_of_0_of_a_logit_of_minus_infinity_is_0_where_pytorch_makes_nan():
    ours, theirs = both("cross_entropy", np.array([[0.0, -INF]]), np.array([[1.0, 0.0]]))
    assert ours == 0
    assert np.isnan(theirs)


@pytest.mark.parametrize(("y", "loss"), [(0, 0), (1, INF)])
def test_one_infinite_logit_has_the_limit_where_pytorch_makes_nan(y, loss):
    ours, theirs = both("cross_entropy", np.array([[INF, 0.0, 0.0]]), np.array([y]))
    assert ours == loss
    assert np.isnan(theirs)


@pytest.mark.parametrize("row", [[-INF, -INF, -INF], [INF, INF, 0.0]])
@pytest.mark.parametrize("y", [0, 1])
def test_logits_all_minus_infinity_or_two_infinite_make_nan(row, y):
    assert np.isnan(both("cross_entropy", np.array([row]), np.array([y]))).all()


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss", "multi_margin_loss"])
@pytest.mark.parametrize("outside", [3, -1])
def test_a_class_index_out_of_range_is_an_index_error(name, outside):
    y = np.array([0, 1, outside, 2])
    for function in (getattr(lossbook, name), getattr(lossbook, f"{name}_grad")):
        with pytest.raises(IndexError, match=rf"target must .*: found {outside} at index \(2,\)"):
            function(LOGITS, y)


# means with weights


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss"])
def test_weighted_mean_of_squared_and_absolute_error_divides_by_the_weights(name):
    x, y, w = LOGITS[0], LOGITS[1], WEIGHT
    value, theirs = both(name, x, y, weight=w)
    none = getattr(lossbook, name)(x, y, weight=w, reduction="none")
    assert_alike((value, theirs))
    assert value == pytest.approx(none.sum() / w.sum(), rel=1e-14)


@pytest.mark.parametrize("name", ["huber_loss", "binary_cross_entropy"])
def test_weighted_mean_of_huber_and_binary_cross_entropy_divides_by_the_element_count(name):
    x, y, w = lossbook.sigmoid(LOGITS[0]), lossbook.sigmoid(LOGITS[1]), WEIGHT
    value, theirs = both(name, x, y, weight=w)
    none = getattr(lossbook, name)(x, y, weight=w, reduction="none")
    assert_alike((value, theirs))
    assert value == pytest.approx(none.sum() / 3, rel=1e-14)


# binary cross-entropy


def test_binary_cross_entropy_clamps_the_logarithm_at_minus_100():
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    value, theirs = both("binary_cross_entropy", p, t, reduction="none")
    np.testing.assert_array_equal(value, [100, 100, 0, 0])
    np.testing.assert_array_equal(theirs, value)


def test_binary_cross_entropy_has_gradients_of_1e12_at_0_and_1():
    p, t = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    ours, theirs = gradients("binary_cross_entropy", p, t, reduction="sum")
    np.testing.assert_allclose(ours, [-1e12, 1e12], rtol=1e-8)  # 1e-12 is in single precision
    np.testing.assert_allclose(theirs, ours, rtol=1e-12)


@pytest.mark.parametrize("p", [-0.1, 1.1, NAN])
def test_binary_cross_entropy_refuses_a_p_outside_0_to_1_and_nan(p):
    with pytest.raises(RuntimeError):
        functional.binary_cross_entropy(torch.tensor([0.5, p]), torch.ones(2))
    for function in (lossbook.binary_cross_entropy, lossbook.binary_cross_entropy_grad):
        with pytest.raises(
            ValueError, match=rf"input must lie in \[0, 1\]: found {p} at index \(1,\)"
        ):
            function([0.5, p], [1.0, 1.0])


@pytest.mark.parametrize("t", [-0.1, 1.1])
def test_binary_cross_entropy_refuses_a_target_outside_0_to_1(t):
    with pytest.raises(
        ValueError, match=rf"target must lie in \[0, 1\]: found {t} at index \(1,\)"
    ):
        lossbook.binary_cross_entropy([0.5, 0.5], [1.0, t])


def test_sigmoid_then_binary_cross_entropy_loses_the_gradient_at_logit_minus_50():
    z, t = np.array([-50.0], np.float32), np.ones(1, np.float32)
    leaf = torch.tensor(z, requires_grad=True)
    functional.binary_cross_entropy(torch.sigmoid(leaf), torch.tensor(t)).backward()
    p = lossbook.sigmoid(z)
    through_sigmoid = lossbook.binary_cross_entropy_grad(p, t) * p * (1 - p)
    np.testing.assert_allclose(through_sigmoid, leaf.grad.numpy(), rtol=1e-5)
    np.testing.assert_allclose(through_sigmoid, -1.9e-10, rtol=0.02)
    assert lossbook.binary_cross_entropy_with_logits_grad(z, t) == -1


def test_binary_cross_entropy_with_logits_does_not_check_the_target():
    value, theirs = both("binary_cross_entropy_with_logits", np.array([3.0]), np.array([2.0]))
    assert_alike((value, theirs))
    assert value < 0
    assert "not bounded below" in inspect.getdoc(lossbook.binary_cross_entropy_with_logits)


@pytest.mark.parametrize(("z", "t"), [(INF, 0.5), (INF, 1.0), (-INF, 0.0), (-INF, 1.0), (INF, 0.0)])
def test_infinite_logits_are_as_in_pytorch_or_the_limit(z, t):
    """PyTorch mostly gives NaN; where lossbook gives a number it is the limit."""
    value, theirs = both("binary_cross_entropy_with_logits", np.array([z]), np.array([t]))
    limit = {(INF, 1.0): 0, (-INF, 0.0): 0}.get((z, t), INF)
    assert value in (limit, pytest.approx(theirs, nan_ok=True))


# KL divergence


def test_kl_of_a_target_of_0_is_0():
    log_q, p = np.log([[0.2, 0.8]]), np.array([[0.0, 1.0]])
    value, theirs = both("kl_div", log_q, p, reduction="none")
    assert_alike((value, theirs))
    assert value[0, 0] == 0


def test_kl_of_a_log_target_of_minus_infinity_is_0_where_pytorch_makes_nan():
    ours, theirs = both(
        "kl_div", np.array([-1.0]), np.array([-INF]), log_target=True, reduction="sum"
    )
    assert ours == 0
    assert np.isnan(theirs)


def test_kl_mean_divides_by_every_element_and_batchmean_by_the_rows():
    log_q, p = lossbook.log_softmax(LOGITS), lossbook.softmax(LOGITS[::-1])
    total = lossbook.kl_div(log_q, p, reduction="sum")
    with pytest.warns(UserWarning, match="batchmean"):
        value, theirs = both("kl_div", log_q, p)
    assert_alike((value, theirs))
    assert value == pytest.approx(total / 12, rel=1e-14)
    value, theirs = both("kl_div", log_q, p, reduction="batchmean")
    assert_alike((value, theirs))
    assert value == pytest.approx(total / 4, rel=1e-14)


# shapes and types


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_shapes_that_pytorch_warns_of_and_broadcasts_are_refused(name):
    x, y = np.zeros((4, 1)), np.zeros(4)
    with pytest.warns(UserWarning, match="broadcasting"):
        getattr(functional, name)(torch.tensor(x), torch.tensor(y))
    for function in (getattr(lossbook, name), getattr(lossbook, f"{name}_grad")):
        with pytest.raises(ValueError, match=r"\(4, 1\) and \(4,\)"):
            function(x, y)


def test_shapes_that_pytorch_refuses_are_refused():
    x, y = np.full((4, 1), 0.5), np.full(4, 0.5)
    with pytest.raises(ValueError):
        functional.binary_cross_entropy(torch.tensor(x), torch.tensor(y))
    with pytest.raises(ValueError, match=r"\(4, 1\) and \(4,\)"):
        lossbook.binary_cross_entropy(x, y)


@pytest.mark.parametrize("name", ["mse_loss", "huber_loss", "kl_div", "soft_margin_loss"])
def test_integers_where_floats_are_due_are_refused(name):
    with pytest.raises(
        TypeError, match="input must hold floating-point numbers: found dtype int64"
    ):
        getattr(lossbook, name)(np.array([1, 1]), np.array([1, -1]))


# Gaussian and Poisson


def test_gaussian_nll_clamps_the_variance_without_blocking_its_gradient():
    x, y, v = (torch.tensor([a], requires_grad=True) for a in (1.0, 0.0, 1e-9))
    functional.gaussian_nll_loss(x, y, v).backward()
    by_mean, by_var = lossbook.gaussian_nll_loss_grad([1.0], [0.0], [1e-9])
    assert by_mean == pytest.approx(x.grad.numpy(), rel=1e-6)
    assert by_var == pytest.approx(v.grad.numpy(), rel=1e-6)
    assert by_var != 0


def test_gaussian_nll_refuses_a_negative_variance():
    with pytest.raises(ValueError):
        functional.gaussian_nll_loss(torch.ones(1), torch.ones(1), -torch.ones(1))
    with pytest.raises(ValueError, match=r"var must be at least 0: found -1.0 at index \(0,\)"):
        lossbook.gaussian_nll_loss([1.0], [1.0], [-1.0])


def test_poisson_nll_in_full_adds_stirling_s_term_above_1_only():
    x, y = np.zeros(4), np.array([0.0, 1.0, 1.5, 3.0])
    full = both("poisson_nll_loss", x, y, full=True, reduction="none")
    assert_alike(full)
    added = full[0] - lossbook.poisson_nll_loss(x, y, reduction="none")
    np.testing.assert_array_equal(added > 0, [False, False, True, True])


# margins and triplets


def test_soft_margin_does_not_overflow_where_pytorch_does():
    x, y = np.array([-1000.0]), np.array([1.0])
    value, theirs = both("soft_margin_loss", x, y)
    assert theirs == INF
    assert value == 1000
    assert "overflow" in inspect.getdoc(lossbook.soft_margin_loss)


def test_triplet_adds_eps_to_the_difference():
    a = np.zeros((1, 4))
    value, theirs = both("triplet_margin_loss", a, a, a, eps=0.5, reduction="none")
    assert_alike((value, theirs))
    distance = lossbook.pairwise_distance(a, a, eps=0.5)
    assert distance == pytest.approx(math.sqrt(4 * 0.25), rel=1e-14)


@pytest.mark.parametrize("margin", [0.0, -1.0])
@pytest.mark.parametrize("name", ["triplet_margin_loss", "triplet_margin_with_distance_loss"])
def test_triplet_refuses_a_margin_that_is_not_above_0(name, margin):
    with pytest.raises(ValueError, match=f"margin must be above 0: found {margin}"):
        getattr(lossbook, name)(*np.zeros((3, 2, 4)), margin=margin)


@pytest.mark.parametrize("name", ["multi_margin_loss", "multilabel_margin_loss"])
def test_empty_batches_of_multi_margin_losses_have_mean_nan_and_sum_0(name):
    """PyTorch 2.13 returns memory that it never wrote."""
    x = np.zeros((0, 3))
    y = np.zeros(0 if name == "multi_margin_loss" else (0, 3), int)
    loss = getattr(lossbook, name)
    assert np.isnan(loss(x, y))
    assert loss(x, y, reduction="sum") == 0


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.name}-{n}") for n, row in enumerate(rows())]
)
def test_empty_batches_have_mean_nan_and_sum_0(row):
    if row.empty is None or "sum" not in row.reductions:
        pytest.skip("a batch of this loss cannot be empty, or is not reduced")
    for options in row.options:
        assert np.isnan(call(row, row.empty, {**options, "reduction": "mean"}).value())
        assert call(row, row.empty, {**options, "reduction": "sum"}).value() == 0


# CTC

T, N, C, S = 6, 2, 4, 3
LOG_PROBS = lossbook.log_softmax(np.random.default_rng(0).normal(size=(T, N, C)))
TARGETS = np.array([[1, 2, 3], [1, 1, 0]])
LENGTHS = {"input_lengths": np.array([6, 5]), "target_lengths": np.array([3, 2])}


def ctc(library, log_probs=LOG_PROBS, **options):
    options = {"targets": TARGETS, **LENGTHS, **options}
    if library is lossbook:
        return lossbook.ctc_loss(log_probs, **options)
    tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()}
    return functional.ctc_loss(torch.tensor(log_probs), **tensors).numpy()


def test_ctc_mean_divides_each_loss_by_its_target_length_and_then_by_n():
    none = ctc(lossbook, reduction="none")
    assert ctc(lossbook) == pytest.approx(ctc(torch), rel=1e-12)
    assert ctc(lossbook) == pytest.approx((none / [3, 2]).mean(), rel=1e-14)
    empty = {"target_lengths": np.array([3, 0])}
    assert ctc(lossbook, **empty) == pytest.approx(ctc(torch, **empty), rel=1e-12)


def test_ctc_of_an_impossible_target_is_infinite():
    short = {"input_lengths": np.array([6, 2]), "reduction": "none"}  # "11" needs a blank between
    assert ctc(lossbook, **short)[1] == ctc(torch, **short)[1] == INF


def test_ctc_zero_infinity_makes_it_0_but_still_counts_it():
    short = {"input_lengths": np.array([6, 2]), "zero_infinity": True}
    first = ctc(lossbook, reduction="none")[0]
    assert ctc(lossbook, **short) == pytest.approx(ctc(torch, **short), rel=1e-12)
    assert ctc(lossbook, **short) == pytest.approx(first / 3 / 2, rel=1e-14)


def test_ctc_gradient_of_pytorch_is_by_the_logits_and_agrees_after_log_softmax():
    leaf = torch.tensor(LOG_PROBS, requires_grad=True)
    lengths = {k: torch.tensor(v) for k, v in LENGTHS.items()}
    functional.ctc_loss(leaf, torch.tensor(TARGETS), **lengths, reduction="sum").backward()
    options = {"targets": TARGETS, **LENGTHS, "reduction": "sum"}
    true = lossbook.ctc_loss_grad(LOG_PROBS, **options)
    by_logits = lossbook.ctc_loss_grad_by_logits(LOG_PROBS, **options)
    np.testing.assert_allclose(by_logits, leaf.grad.numpy(), rtol=1e-10, atol=1e-14)
    p = np.exp(LOG_PROBS)
    through = true - p * true.sum(axis=2, keepdims=True)  # what log_softmax makes of a gradient
    np.testing.assert_allclose(through, by_logits, rtol=1e-10, atol=1e-14)
    assert np.abs(true - by_logits).max() > 0.1


# scikit-learn's log loss


@pytest.mark.parametrize(("dtype", "largest"), [(np.float64, 36.04), (np.float32, 15.94)])
def test_log_loss_is_clipped_at_the_eps_of_the_type(dtype, largest):
    metrics = pytest.importorskip("sklearn.metrics")
    p = np.array([[1.0, 0.0], [0.0, 1.0]], dtype)
    value = lossbook.log_loss([1, 0], p)
    assert value == pytest.approx(largest, abs=0.005)
    assert value == pytest.approx(metrics.log_loss([1, 0], p), rel=1e-6)


def test_log_loss_of_rows_that_do_not_sum_to_1():
    """scikit-learn warns only, and does not divide by the sum."""
    metrics = pytest.importorskip("sklearn.metrics")
    p = np.array([[0.5, 0.4], [0.3, 0.3]])
    with pytest.warns(UserWarning, match="sum to one"):
        metrics.log_loss([1, 0], p)
    with warnings.catch_warnings(), pytest.raises(ValueError, match="must sum to 1"):
        lossbook.log_loss([1, 0], p)
