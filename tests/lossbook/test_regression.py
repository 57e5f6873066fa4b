"""What the table of losses cannot say of `lossbook.regression`."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import lossbook
from lossbook import (
    gaussian_nll_loss,
    gaussian_nll_loss_grad,
    huber_loss,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    quantile_loss,
    smooth_l1_loss,
)

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
numbers = st.floats(-1e6, 1e6)
levels = st.floats(0, 1)
positive = st.floats(1e-3, 1e3)

OF_TWO = [mse_loss, l1_loss, huber_loss, smooth_l1_loss, quantile_loss, poisson_nll_loss]


# rules of PyTorch


@pytest.mark.parametrize("loss", OF_TWO, ids=lambda loss: loss.__name__)
def test_shapes_pytorch_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"input and target .*same shape: \(3, 1\) and \(3,\)"):
        loss(np.zeros((3, 1)), np.zeros(3))


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_a_weight_has_the_shape_of_the_input(name):
    with pytest.raises(ValueError, match=r"weight .*same shape: .*\(2, 3\) and \(3,\)"):
        getattr(lossbook, name)(np.zeros((2, 3)), np.zeros((2, 3)), weight=np.ones(3))


def test_a_weighted_mean_divides_by_the_weights_but_for_huber():
    x, y, w = [2.0, 5.0], [1.0, 3.0], [3.0, 1.0]
    assert mse_loss(x, y, weight=w) == (3 * 1 + 1 * 4) / 4
    assert l1_loss(x, y, weight=w) == (3 * 1 + 1 * 2) / 4
    assert huber_loss(x, y, weight=w) == (3 * 0.5 + 1 * 1.5) / 2


def test_a_variance_is_clamped_without_blocking_its_gradient():
    by_mean, by_var = gaussian_nll_loss_grad([0.5], [0.0], [0.0], eps=0.25)
    assert by_mean == 0.5 / 0.25
    assert by_var == (1 - 0.25 / 0.25) / 0.5
    _, by_var = gaussian_nll_loss_grad([1.0], [0.0], [0.1], eps=0.25)
    assert by_var == (1 - 1 / 0.25) / 0.5


@pytest.mark.parametrize("function", [gaussian_nll_loss, gaussian_nll_loss_grad])
def test_a_negative_variance_is_refused(function):
    with pytest.raises(ValueError, match=r"var must be at least 0: found -0.5 at index \(1,\)"):
        function([1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, -0.5, math.nan])


def test_one_variance_serves_all_elements():
    x, y = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    means, var = gaussian_nll_loss_grad(x, y, 0.5, reduction="sum")
    each_mean, each = gaussian_nll_loss_grad(x, y, np.full((2, 3), 0.5), reduction="sum")
    assert gaussian_nll_loss(x, y, 0.5) == gaussian_nll_loss(x, y, np.full((2, 3), 0.5))
    np.testing.assert_array_equal(means, each_mean)
    assert var.shape == ()
    assert var == pytest.approx(each.sum(), rel=1e-15)


@pytest.mark.parametrize("shape", [(2, 1, 4), (2, 3), (2, 3, 1)])
def test_a_variance_for_several_elements_equals_pytorch_s(shape):
    rng = np.random.default_rng(0)
    x, y, v = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4)), rng.uniform(1, 2, shape)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, y, v)]
    value = torch.nn.functional.gaussian_nll_loss(*tensors)
    value.backward()
    assert gaussian_nll_loss(x, y, v) == pytest.approx(value.item(), rel=1e-14)
    _, var = gaussian_nll_loss_grad(x, y, v)
    np.testing.assert_allclose(var, tensors[2].grad.numpy(), rtol=1e-12)


def test_stirling_s_term_is_added_for_targets_above_1_only():
    counts = np.array([0.0, 1.0, 2.0])
    more = poisson_nll_loss(np.zeros(3), counts, full=True, reduction="none") - poisson_nll_loss(
        np.zeros(3), counts, reduction="none"
    )
    np.testing.assert_allclose(
        more, [0, 0, 2 * math.log(2) - 2 + math.log(4 * math.pi) / 2], rtol=1e-14
    )


# other references


@pytest.mark.parametrize("quantile", [0.0, 0.1, 0.5, 1.0])
def test_quantile_loss_equals_scikit_learn(quantile):
    metrics = pytest.importorskip("sklearn.metrics")
    x, y = np.random.default_rng(1).normal(size=(2, 50))
    expected = metrics.mean_pinball_loss(y, x, alpha=quantile)
    assert quantile_loss(x, y, quantile=quantile) == pytest.approx(expected, rel=1e-14)


def test_losses_equal_scikit_learn_and_scipy():
    metrics = pytest.importorskip("sklearn.metrics")
    special = pytest.importorskip("scipy.special")
    x, y = np.random.default_rng(1).normal(size=(2, 50))
    assert mse_loss(x, y) == pytest.approx(metrics.mean_squared_error(y, x), rel=1e-14)
    assert l1_loss(x, y) == pytest.approx(metrics.mean_absolute_error(y, x), rel=1e-14)
    np.testing.assert_allclose(
        huber_loss(x, y, delta=0.7, reduction="none"), special.huber(0.7, x - y), rtol=1e-14
    )


def test_gaussian_nll_is_minus_the_log_density():
    norm = pytest.importorskip("scipy.stats").norm
    value = gaussian_nll_loss([0.3], [2.0], [1.7], full=True)
    assert value == pytest.approx(-norm.logpdf(2.0, 0.3, math.sqrt(1.7)), rel=1e-14)


# theorems


@deterministic
@given(numbers, numbers, positive)
def test_smooth_l1_is_huber_over_beta(x, y, beta):
    smooth, huber = smooth_l1_loss(x, y, beta=beta), huber_loss(x, y, delta=beta)
    assert smooth == pytest.approx(huber / beta, rel=1e-14)


@deterministic
@given(numbers, numbers)
def test_quantile_loss_at_one_half_is_half_the_absolute_error(x, y):
    assert quantile_loss(x, y, quantile=0.5) == pytest.approx(l1_loss(x, y) / 2, rel=1e-14)


@deterministic
@given(numbers, numbers, levels)
def test_quantile_losses_of_complementary_levels_add_up_to_the_absolute_error(x, y, q):
    both = quantile_loss(x, y, quantile=q) + quantile_loss(x, y, quantile=1 - q)
    assert both == pytest.approx(l1_loss(x, y), rel=1e-12, abs=1e-300)


@deterministic
@given(numbers, numbers, positive)
def test_huber_lies_below_its_two_pieces(x, y, delta):
    value = huber_loss(x, y, delta=delta)
    assert value <= mse_loss(x, y) / 2 * (1 + 1e-15)
    assert value <= delta * l1_loss(x, y)


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, huber_loss, smooth_l1_loss])
@deterministic
@given(numbers, numbers)
def test_error_is_symmetric(loss, x, y):
    assert loss(x, y) == loss(y, x)


@pytest.mark.parametrize("loss", [*OF_TWO[:-1], lambda x, y: poisson_nll_loss(x / 1e6, y)])
@deterministic
@given(numbers, numbers, numbers, levels)
def test_loss_is_convex_along_a_line(loss, a, b, y, t):
    middle = loss(t * a + (1 - t) * b, y)
    chord = t * loss(a, y) + (1 - t) * loss(b, y)
    assert middle <= chord + 1e-9 * (1 + abs(chord) + abs(middle))


@pytest.mark.parametrize(
    ("loss", "statistic"),
    [
        (mse_loss, np.mean),
        (l1_loss, np.median),
        (lambda x, y: quantile_loss(x, y, quantile=0.8), lambda y: np.quantile(y, 0.8)),
    ],
)
def test_the_best_constant_is_the_statistic(loss, statistic):
    y = np.random.default_rng(2).exponential(size=101)
    grid = np.linspace(0, 4, 4001)
    best = grid[np.argmin([loss(np.full(101, c), y) for c in grid])]
    assert best == pytest.approx(statistic(y), abs=1e-3)


def test_stirling_s_term_begins_just_above_1():
    x, y = np.zeros(3), np.array([1.0, 1.25, 1.75])
    theirs = torch.nn.functional.poisson_nll_loss(
        torch.tensor(x), torch.tensor(y), full=True, reduction="none"
    )
    ours = poisson_nll_loss(x, y, full=True, reduction="none")
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_a_variance_that_does_not_fit_is_named_with_the_input():
    with pytest.raises(ValueError, match=r"^var must broadcast to the shape of input: .*\(5,\)"):
        gaussian_nll_loss(np.zeros((2, 3)), np.zeros((2, 3)), np.ones(5))
