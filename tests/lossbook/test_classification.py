"""What the table of losses cannot say of `lossbook.classification`."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from sklearn import metrics

import lossbook
from lossbook import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_grad,
    brier_score,
    cross_entropy,
    cross_entropy_grad,
    focal_loss,
    kl_div,
    kl_div_grad,
    linear_cross_entropy,
    linear_cross_entropy_grad,
    log_loss,
    log_loss_grad,
    nll_loss,
    nll_loss_grad,
)

INF, NAN = math.inf, math.nan
RNG = np.random.default_rng(0)
Z, Y = np.zeros((2, 3)), np.array([0, 2])
P, T = np.array([0.2, 0.7]), np.array([0.0, 1.0])
X, W = np.zeros((2, 4)), np.zeros((3, 4))
AB = ["a", "b"]


# every documented error


NOT_CLASSES = "target must have the shape (2,) of classes or (2, 3) of probabilities"
NO_LAYER = "input and linear_weight must have shapes (..., D), and (K, D): found "
ERRORS = {
    "cross_entropy": [
        (TypeError, (Z.astype(int), Y), {}, "input must hold floating-point numbers: found dtype"),
        (TypeError, (Z, T), {}, "target must hold integers, indices of classes: found dtype float"),
        (TypeError, (Z, Z.astype(int)), {}, "target must hold floating-point numbers: found dtype"),
        (TypeError, (Z, Y), {"weight": ["a"] * 3}, "weight must hold real numbers: found dtype <U"),
        (TypeError, (Z, Y), {"label_smoothing": "a"}, "label_smoothing must be a real number: fou"),
        (TypeError, (Z, Y), {"ignore_index": 1.5}, "ignore_index must be an integer: found 1.5"),
        (ValueError, (Z, np.arange(3)), {}, f"{NOT_CLASSES} for scores of shape (2, 3): found (3,"),
        (ValueError, (Z, np.zeros((2, 2))), {}, f"{NOT_CLASSES} for scores of shape (2, 3): found"),
        (ValueError, (1.0, Y), {}, "input must have an axis of classes, not empty: shape ()"),
        (ValueError, (np.zeros((2, 0)), Y), {}, "input must have an axis of classes, not empty: s"),
        (ValueError, (Z, Y), {"weight": [1, 1]}, "weight must have shape (3,): found (2,)"),
        (ValueError, (Z, Y), {"label_smoothing": 1.5}, "label_smoothing must be at least 0 and at"),
        (ValueError, (Z, Y), {"label_smoothing": NAN}, "label_smoothing must be at least 0 and at"),
        (ValueError, (Z, Y), {"reduction": "batchmean"}, "reduction must be one of ['none', 'mean"),
        (
            ValueError,
            (Z, Z),
            {"ignore_index": 0},
            "ignore_index must be negative for probabilities",
        ),
        (IndexError, (Z, Y + 1), {}, "target must lie in [0, 3) or be -100: found 3 at index (1,)"),
        (IndexError, (Z, Y - 1), {}, "target must lie in [0, 3) or be -100: found -1 at index (0,"),
        (IndexError, (Z, Y + 1), {"ignore_index": 1}, "target must lie in [0, 3) or be 1: found 3"),
    ],
    "nll_loss": [
        (TypeError, (Z.astype(int), Y), {}, "input must hold floating-point numbers: found dtype"),
        (TypeError, (Z, T), {}, "target must hold integers, indices of classes: found dtype float"),
        (TypeError, (Z, Y), {"ignore_index": "a"}, "ignore_index must be an integer: found 'a'"),
        (
            ValueError,
            (Z, Z),
            {},
            "target must have the shape (2,) for scores of shape (2, 3): foun",
        ),
        (
            ValueError,
            (Z, Y),
            {"weight": np.ones((3, 1))},
            "weight must have shape (3,): found (3, ",
        ),
        (IndexError, (Z, Y + 1), {}, "target must lie in [0, 3) or be -100: found 3 at index (1,)"),
    ],
    "binary_cross_entropy": [
        (TypeError, (Y, T), {}, "input must hold floating-point numbers: found dtype int64"),
        (TypeError, (P, AB), {}, "target must hold real numbers: found dtype <U1"),
        (ValueError, (P, np.zeros(3)), {}, "input and target must have the same shape: (2,) and ("),
        (ValueError, ([0.2, 1.5], T), {}, "input must lie in [0, 1]: found 1.5 at index (1,)"),
        (ValueError, ([NAN, 0.5], T), {}, "input must lie in [0, 1]: found nan at index (0,)"),
        (ValueError, (P, T - 0.5), {}, "target must lie in [0, 1]: found -0.5 at index (0,)"),
        (ValueError, (P, [0, NAN]), {}, "target must lie in [0, 1]: found nan at index (1,)"),
        (ValueError, (P, T), {"weight": [1, 1, 1]}, "weight must broadcast to the shape of input:"),
        (ValueError, (P, T), {"weight": np.ones((2, 2))}, "weight must broadcast to the shape of "),
    ],
    "binary_cross_entropy_with_logits": [
        (TypeError, (Y, T), {}, "input must hold floating-point numbers: found dtype int64"),
        (TypeError, (P, T), {"pos_weight": "x"}, "pos_weight must hold real numbers: found dtype"),
        (ValueError, (P, np.zeros((2, 1))), {}, "input and target must have the same shape: (2,) "),
        (
            ValueError,
            (P, T),
            {"pos_weight": [1, 1, 1]},
            "pos_weight must broadcast to the shape of",
        ),
        (ValueError, (P, T), {"weight": np.ones((2, 2))}, "weight must broadcast to the shape of "),
    ],
    "focal_loss": [
        (TypeError, (Y, T), {}, "input must hold floating-point numbers: found dtype int64"),
        (TypeError, (P, AB), {}, "target must hold real numbers: found dtype <U1"),
        (TypeError, (P, T), {"alpha": None}, "alpha must be a real number: found None"),
        (TypeError, (P, T), {"gamma": [2]}, "gamma must be a real number: found [2]"),
        (ValueError, (P, np.zeros(3)), {}, "input and target must have the same shape: (2,) and ("),
        (ValueError, (P, [0, 2]), {}, "target must lie in [0, 1]: found 2"),
        (ValueError, (P, [NAN, 0]), {}, "target must lie in [0, 1]: found nan at index (0,)"),
        (ValueError, (P, T), {"alpha": -0.5}, "alpha must be at least 0 and at most 1: found -0.5"),
        (ValueError, (P, T), {"alpha": 1.1}, "alpha must be at least 0 and at most 1: found 1.1"),
        (ValueError, (P, T), {"gamma": -1}, "gamma must be at least 0"),
    ],
    "kl_div": [
        (TypeError, (Y, T), {}, "input must hold floating-point numbers: found dtype int64"),
        (TypeError, (P, AB), {}, "target must hold real numbers: found dtype <U1"),
        (ValueError, (Z, Z.T), {}, "input and target must have the same shape: (2, 3) and (3, 2)"),
        (ValueError, (P, T), {"reduction": "avg"}, "reduction must be one of ['none', 'mean', 'su"),
        (ValueError, (0.0, 1.0), {"reduction": "batchmean"}, "input must have an axis to take the"),
    ],
    "log_loss": [
        (TypeError, (AB, P), {"sample_weight": AB}, "sample_weight must hold real numbers: found "),
        (ValueError, (AB, np.ones(3)), {}, "y_true must have shape (3,) for y_proba of shape (3,)"),
        (ValueError, (AB, np.ones((2, 1, 1))), {}, "y_proba must have shape (N,), (N, 1) or (N, K"),
        (
            ValueError,
            (AB, P),
            {"sample_weight": [1, 2, 3]},
            "sample_weight must have shape (2,) f",
        ),
        (ValueError, (AB, [0.5, 1.5]), {}, "y_proba must lie in [0, 1]: found 1.5 at index (1,)"),
        (ValueError, (AB, [0.5, NAN]), {}, "y_proba must lie in [0, 1]: found nan at index (1,)"),
        (ValueError, (AB, [[1.0, 0], [0.5, 0.6]]), {}, "y_proba of shape (2, 2) must sum to 1 a"),
        (ValueError, (AB, np.full((2, 4), 0.25)), {}, "y_true, if labels are not given, must have"),
        (ValueError, (["a", "a"], P), {}, "y_true, if labels are not given, must have 2 labels, "),
        (ValueError, (AB, P), {"labels": ["a", "b", "c"]}, "labels must have 2 labels, as y_proba"),
        (ValueError, (AB, P), {"labels": ["b", "a"]}, "labels must be in sorted order, each once:"),
        (
            ValueError,
            ([0.7, 0.1], P),
            {},
            "y_true must hold labels, no fractions: found 0.7 at ind",
        ),
        (ValueError, ([1, 1], P), {"labels": [1, 1]}, "labels must be in sorted order, each once:"),
        (ValueError, (["a", "c"], P), {"labels": AB}, "y_true must hold only what is in labels: f"),
    ],
    "brier_score": [
        (TypeError, (Z.astype(int), Y), {}, "input must hold floating-point numbers: found dtype"),
        (TypeError, (Z, Z.astype(int)), {}, "target must hold floating-point numbers: found dtype"),
        (TypeError, (Z, T), {}, "target must hold integers, indices of classes: found dtype float"),
        (ValueError, (Z, np.zeros((2, 2))), {}, f"{NOT_CLASSES} for scores of shape (2, 3): found"),
        (ValueError, (Z + 2, Y), {}, "input must lie in [0, 1]: found 2.0 at index (0, 0)"),
        (ValueError, (Z * NAN, Y), {}, "input must lie in [0, 1]: found nan at index (0, 0)"),
        (IndexError, (Z, Y + 1), {}, "target must lie in [0, 3): found 3 at index (1,)"),
        (IndexError, (Z, Y - 100), {}, "target must lie in [0, 3): found -100 at index (0,)"),
    ],
    "linear_cross_entropy": [
        (TypeError, (X.astype(int), W, Y), {}, "input must hold floating-point numbers: found dt"),
        (TypeError, (X, np.full((3, 4), "a"), Y), {}, "linear_weight must hold real numbers: foun"),
        (TypeError, (X, W, np.zeros((2, 3), int)), {}, "target must hold floating-point numbers: "),
        (
            TypeError,
            (X, W, T),
            {},
            "target must hold integers, indices of classes: found dtype flo",
        ),
        (
            TypeError,
            (X, W, Y),
            {"label_smoothing": "a"},
            "label_smoothing must be a real number: f",
        ),
        (TypeError, (X, W, Y), {"ignore_index": 0.5}, "ignore_index must be an integer: found 0.5"),
        (ValueError, (X, W.T, Y), {}, f"{NO_LAYER}(2, 4) and (4, 3)"),
        (ValueError, (X, W[0], Y), {}, f"{NO_LAYER}(2, 4) and (4,)"),
        (ValueError, (1.0, W, Y), {}, f"{NO_LAYER}() and (3, 4)"),
        (ValueError, (X, W, Y[:1]), {}, f"{NOT_CLASSES} for input of shape (2, 4): found (1,)"),
        (ValueError, (X, W, Y), {"linear_bias": [1.0]}, "linear_bias must have shape (3,) for lin"),
        (ValueError, (X, W, Y), {"weight": [1, 1]}, "weight must have shape (3,): found (2,)"),
        (ValueError, (X, W, Y), {"label_smoothing": 2}, "label_smoothing must be at least 0 and a"),
        (
            ValueError,
            (X, W, Z),
            {"ignore_index": -100},
            "ignore_index must be None for probabilities",
        ),
        (IndexError, (X, W, Y + 1), {}, "target must lie in [0, 3) or be -100: found 3 at index ("),
    ],
}
CASES = [(name, *case) for name, cases in ERRORS.items() for case in cases]


@pytest.mark.parametrize("suffix", ["", "_grad"])
@pytest.mark.parametrize(("name", "error", "arrays", "options", "message"), CASES)
def test_every_documented_error_names_the_argument_and_what_was_found(
    name, suffix, error, arrays, options, message
):
    with pytest.raises(error) as raised:
        getattr(lossbook, name + suffix)(*arrays, **options)
    assert str(raised.value).startswith(message)


# scikit-learn as a further reference


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_log_loss_equals_scikit_learn_s(classes, weighted, normalize, given):
    labels = np.array([f"label {k}" for k in range(classes)])
    y = labels[np.r_[:classes, RNG.integers(classes, size=20)]]
    p = RNG.dirichlet(np.ones(classes), size=len(y))
    options = {"normalize": normalize, "labels": labels if given else None}
    options["sample_weight"] = RNG.uniform(0.1, 2, len(y)) if weighted else None
    expected = metrics.log_loss(y, p, **options)
    np.testing.assert_allclose(log_loss(y, p, **options), expected, rtol=1e-13)


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_log_loss_takes_the_probability_of_the_second_label_alone(shape):
    y, p = np.array([3, 8, 8, 3, 8, 3]), RNG.uniform(size=6)
    expected = metrics.log_loss(y, p)
    np.testing.assert_allclose(log_loss(y, p.reshape(shape)), expected, rtol=1e-13)


def test_log_loss_has_no_gradient_where_it_is_clipped():
    p = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    grad = log_loss_grad([1, 1, 0], p, normalize=False)
    np.testing.assert_array_equal(grad, [[0, 0], [0, 0], [-2, 0]])


def test_brier_score_equals_scikit_learn_s():
    p, y = RNG.dirichlet(np.ones(4), size=30), np.r_[:4, RNG.integers(4, size=26)]
    expected = metrics.brier_score_loss(y, p, scale_by_half=False)
    np.testing.assert_allclose(brier_score(p, y), expected, rtol=1e-13)


def test_brier_score_of_two_classes_is_twice_scikit_learn_s():
    p, y = RNG.uniform(size=30), RNG.integers(2, size=30)
    expected = 2 * metrics.brier_score_loss(y, p)
    np.testing.assert_allclose(brier_score(np.stack([1 - p, p], 1), y), expected, rtol=1e-13)


# what each loss is minimised by


@pytest.mark.parametrize("p", [0.1, 0.5, 0.7])
def test_binary_losses_are_proper_but_for_the_focal_loss(p):
    def at_best(expected):
        return minimize_scalar(expected, bounds=(1e-6, 1 - 1e-6), method="bounded").x

    def brier(q):
        return brier_score([[1 - q, q]], [[1 - p, p]]) + 2 * p * (1 - p)

    def bernoulli(q):
        return binary_cross_entropy([q], [p])

    def focal(q):
        z = np.full(2, math.log(q / (1 - q)))
        return np.dot([1 - p, p], focal_loss(z, [0, 1], alpha=-1, gamma=2.0, reduction="none"))

    assert at_best(brier) == pytest.approx(p, abs=1e-4)
    assert at_best(bernoulli) == pytest.approx(p, abs=1e-4)
    assert (abs(at_best(focal) - p) > 0.01) == (p != 0.5)


def test_focal_loss_leaves_its_tail_exact():
    loss = focal_loss([40.0, -40.0], [1, 0], alpha=-1, gamma=2.0, reduction="none")
    np.testing.assert_allclose(loss, math.exp(-120), rtol=1e-13)


def test_balance_of_the_focal_loss_weighs_the_sides():
    z, t = [1.0, 1.0], [1, 0]
    plain = focal_loss(z, t, alpha=-1, reduction="none")
    np.testing.assert_allclose(focal_loss(z, t, alpha=0.9, reduction="none"), [0.9, 0.1] * plain)


# exact far out


def test_cross_entropy_is_exact_far_below_1():
    np.testing.assert_allclose(cross_entropy([[50.0, 0.0]], [0]), math.exp(-50), rtol=1e-13)
    grad = cross_entropy_grad([[50.0, 0.0]], [0])
    np.testing.assert_allclose(grad, [[-math.exp(-50), math.exp(-50)]], rtol=1e-4, atol=1e-16)


def test_cross_entropy_of_huge_logits_is_their_difference():
    z = np.array([[1e300, 0.0], [-1e300, 0.0], [700.0, 800.0]])
    loss = cross_entropy(z, [1, 0, 0], reduction="none")
    np.testing.assert_array_equal(loss, [1e300, 1e300, 100])


def test_binary_cross_entropy_with_logits_is_exact_in_the_tail():
    loss = binary_cross_entropy_with_logits([50.0, -50.0], [1, 0], reduction="none")
    np.testing.assert_allclose(loss, math.exp(-50), rtol=1e-13)
    grad = binary_cross_entropy_with_logits_grad([50.0, -50.0], [1, 0], reduction="sum")
    np.testing.assert_allclose(grad, [-math.exp(-50), math.exp(-50)], rtol=1e-13)


# edges


def test_kl_div_at_the_edges_equals_pytorch_s():
    x, t = np.array([-INF, 0.0, -1.0, -INF]), np.array([0.0, 1.0, 0.0, 0.5])
    theirs = torch.nn.functional.kl_div(torch.tensor(x), torch.tensor(t), reduction="none")
    np.testing.assert_allclose(kl_div(x, t, reduction="none")[1:], theirs[1:])
    # 0 log 0 = 0 holds for a model that is as certain as the data; PyTorch makes it NaN
    assert math.isnan(theirs[0])
    assert kl_div(x, t, reduction="none")[0] == 0


def test_kl_div_gradient_is_minus_the_target_also_of_its_logarithm():
    x, t = np.log([0.5, 0.5]), np.array([0.25, 0.75])
    np.testing.assert_allclose(kl_div_grad(x, t, reduction="sum"), -t)
    np.testing.assert_allclose(kl_div_grad(x, np.log(t), log_target=True, reduction="sum"), -t)


def test_classes_of_zero_weight_count_for_nothing():
    z, y, w = RNG.normal(size=(4, 3)), np.array([0, 1, 2, 1]), [1.0, 0.0, 2.0]
    kept = cross_entropy(z[[0, 2]], y[[0, 2]], weight=w)
    np.testing.assert_allclose(cross_entropy(z, y, weight=w), kept, rtol=1e-14)
    np.testing.assert_array_equal(cross_entropy_grad(z, y, weight=w)[[1, 3]], 0)
    assert np.isnan(cross_entropy(z[1:2], y[1:2], weight=w))


@pytest.mark.parametrize("loss", [nll_loss, cross_entropy])
def test_the_ignored_label_may_be_a_class(loss):
    x, y = -RNG.uniform(1, 2, size=(4, 3)), np.array([0, 1, 2, 1])
    np.testing.assert_allclose(loss(x, y, ignore_index=1), loss(x[[0, 2]], y[[0, 2]]))


def test_the_gradient_of_an_ignored_sample_is_0_though_its_scores_are_nan():
    x = np.array([[NAN, NAN], [0.0, 0.0]])
    np.testing.assert_array_equal(nll_loss_grad(x, [-100, 0])[0], 0)
    np.testing.assert_array_equal(cross_entropy_grad(x, [-100, 0])[0], 0)
    assert cross_entropy(x, [-100, 0]) == pytest.approx(math.log(2))


# a linear layer under cross-entropy


def layer(n, d, c):
    return RNG.normal(size=(n, d)), RNG.normal(size=(c, d)) / 3, RNG.integers(c, size=n)


@pytest.mark.parametrize("rows", [1, 3, 5, 100])
def test_the_chunks_of_a_linear_layer_do_not_show(monkeypatch, rows):
    x, w, y = layer(11, 5, 7)
    y[::3] = -100
    whole = linear_cross_entropy(x, w, y), linear_cross_entropy_grad(x, w, y)
    monkeypatch.setattr(lossbook.classification, "LOGITS_BYTES", rows * 7 * 8)
    np.testing.assert_allclose(linear_cross_entropy(x, w, y), whole[0], rtol=1e-13)
    for found, expected in zip(linear_cross_entropy_grad(x, w, y), whole[1], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_one_hidden_state_needs_no_axis_of_samples():
    x, w, y = layer(1, 5, 7)
    for target in (y[0], np.eye(7)[y[0]]):
        loss = linear_cross_entropy(x[0], w, target)
        assert loss.shape == ()
        np.testing.assert_allclose(loss, cross_entropy(w @ x[0], target), rtol=1e-14)
        assert linear_cross_entropy_grad(x[0], w, target)[0].shape == (5,)


def test_gradient_of_the_bias_is_returned_with_a_bias_only():
    x, w, y = layer(4, 5, 7)
    assert len(linear_cross_entropy_grad(x, w, y)) == 2
    assert len(linear_cross_entropy_grad(x, w, y, linear_bias=np.zeros(7))) == 3


def test_ignore_index_of_a_linear_layer_may_be_any_label():
    x, w, y = layer(6, 5, 7)
    found = linear_cross_entropy(x, w, y, ignore_index=int(y[0]))
    kept = y != y[0]
    np.testing.assert_allclose(found, linear_cross_entropy(x[kept], w, y[kept]), rtol=1e-14)
