"""lossbook.sequence and lossbook.ctc against all alignments, PyTorch's rules and what a mask means."""

import math
import tracemalloc
from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossbook import (
    cross_entropy,
    cross_entropy_grad,
    ctc_loss,
    ctc_loss_grad,
    ctc_loss_grad_by_logits,
    perplexity,
    perplexity_grad,
    sequence_cross_entropy,
    sequence_cross_entropy_grad,
    softmax,
)

from .losses import normal
from .losses.ctc import log_probs_and_targets, log_softmax

INF, NAN = math.inf, math.nan
CTC_FUNCTIONS = [ctc_loss, ctc_loss_grad, ctc_loss_grad_by_logits]
CTC_GRADS = CTC_FUNCTIONS[1:]
TOKEN_FUNCTIONS = [
    sequence_cross_entropy,
    sequence_cross_entropy_grad,
    perplexity,
    perplexity_grad,
]
RTOL = {"float64": 1e-12, "float32": 2e-6}

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
every_ctc_function = pytest.mark.parametrize("function", CTC_FUNCTIONS)
every_ctc_grad = pytest.mark.parametrize("function", CTC_GRADS)
every_token_function = pytest.mark.parametrize("function", TOKEN_FUNCTIONS)
every_dtype = pytest.mark.parametrize("dtype", RTOL)


def draw(shape, seed=0):
    """Log-probabilities of classes."""
    return log_softmax(normal(np.random.default_rng(seed), shape))


def spelled(alignment, blank=0):
    """What an alignment spells: runs count once, blanks not at all."""
    return tuple(c for c, _ in groupby(alignment) if c != blank)


def alignments(x, blank=0):
    """Every alignment of (T, K) log-probabilities, what it spells and its probability."""
    for alignment in product(range(x.shape[1]), repeat=len(x)):
        p = np.exp(sum(x[t, c] for t, c in enumerate(alignment)))
        yield alignment, spelled(alignment, blank), p


def brute_force(x, target, blank=0):
    """The loss of one sequence and its derivative, from every alignment that spells the target."""
    total, used = 0.0, np.zeros(x.shape)
    for alignment, word, p in alignments(x, blank):
        if word == tuple(target):
            total += p
            used[np.arange(len(x)), alignment] += p
    with np.errstate(all="ignore"):
        return -np.log(total), -used / total


def torch_ctc(log_probs, *rest, **options):
    """PyTorch's loss, and what it takes for the gradient of log_probs."""
    x = torch.tensor(log_probs, requires_grad=True)
    value = torch.nn.functional.ctc_loss(x, *(torch.tensor(np.array(r)) for r in rest), **options)
    value.sum().backward()
    return value.detach().numpy(), x.grad.numpy()


def batch(rng, shape):
    """A random batch, as log_probs, targets, input_lengths, target_lengths."""
    return log_probs_and_targets(rng, shape).values()


def many_batches(count, most=12):
    """Random batches of random shapes."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        shape = tuple(rng.integers((1, 1, 2), (most + 1, 5, 8)).tolist())
        yield batch(rng, shape)


def assert_close(found, expected, dtype, loose=1.0):
    rtol = loose * RTOL[dtype]
    largest = np.abs(expected[np.isfinite(expected)]).max(initial=1e-3)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol / 10 * largest)
    assert found.dtype == dtype


def peak_memory(function, *arrays):
    function(*arrays)
    tracemalloc.start()
    function(*arrays)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


# CTC: the sum over all alignments


@deterministic
@given(
    st.integers(1, 5),
    st.integers(2, 4),
    st.lists(st.integers(1, 3), max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_ctc_is_the_sum_over_all_alignments(times, classes, target, seed):
    target = [min(c, classes - 1) for c in target]
    x = draw((times, classes), seed)
    value, slope = brute_force(x, target)
    np.testing.assert_allclose(ctc_loss(x, target, times, len(target), reduction="sum"), value)
    np.testing.assert_allclose(
        ctc_loss_grad(x, target, times, len(target), reduction="sum"), slope, atol=1e-13
    )


@deterministic
@given(st.integers(1, 5), st.integers(0, 2), st.integers(0, 2**32 - 1))
def test_ctc_of_any_blank_is_the_sum_over_all_alignments(times, blank, seed):
    rng = np.random.default_rng(seed)
    x = draw((times, 3), seed)
    target = rng.choice([c for c in range(3) if c != blank], size=rng.integers(0, 3))
    value, slope = brute_force(x, target, blank)
    given = x, target, times, len(target)
    np.testing.assert_allclose(ctc_loss(*given, blank=blank, reduction="sum"), value)
    np.testing.assert_allclose(
        ctc_loss_grad(*given, blank=blank, reduction="sum"), slope, atol=1e-13
    )


@pytest.mark.parametrize(("times", "classes"), [(1, 3), (3, 3), (5, 2), (4, 3)])
def test_the_probabilities_of_all_targets_sum_to_1(times, classes):
    x = draw((times, classes))
    words = [w for size in range(times + 1) for w in product(range(1, classes), repeat=size)]
    losses = [ctc_loss(x, np.array(w, int), times, len(w), reduction="none") for w in words]
    np.testing.assert_allclose(np.exp(-np.array(losses)).sum(), 1, rtol=1e-14)


def test_the_shares_of_a_time_sum_to_1_and_pytorchs_form_to_0():
    for x, targets, steps, sizes in many_batches(20):
        inside = np.arange(len(x))[:, np.newaxis] < steps
        grad = ctc_loss_grad(x, targets, steps, sizes, reduction="sum")
        by_logits = ctc_loss_grad_by_logits(x, targets, steps, sizes, reduction="sum")
        np.testing.assert_allclose(grad.sum(axis=-1), -1.0 * inside, atol=1e-13)
        np.testing.assert_allclose(by_logits.sum(axis=-1), 0, atol=1e-13)


def test_no_label_at_all_is_the_probability_of_blanks_only():
    x = draw((4, 2, 3))
    loss = ctc_loss(x, np.zeros((2, 0), int), [4, 3], [0, 0], reduction="none")
    np.testing.assert_allclose(loss, [-x[:, 0, 0].sum(), -x[:3, 1, 0].sum()], rtol=1e-14)
    grad = ctc_loss_grad(x, [], [4, 3], [0, 0], reduction="none")
    np.testing.assert_allclose(grad[..., 0], [[-1, -1]] * 3 + [[-1, 0]], rtol=1e-14)
    assert not grad[..., 1:].any()


def test_no_time_spells_no_label_and_nothing_else():
    losses = ctc_loss(draw((2, 2, 3)), [[1], [1]], [0, 0], [0, 1], reduction="none")
    np.testing.assert_array_equal(losses, [0, INF])
    assert not np.signbit(losses[0])
    np.testing.assert_array_equal(
        ctc_loss(np.empty((0, 2, 3)), [[1], [1]], [0, 0], [0, 1], reduction="none"), [0, INF]
    )


def test_equal_labels_need_a_blank_between_them():
    x = draw((2, 3))
    assert ctc_loss(x, [1, 1], 2, 2) == INF
    assert np.isclose(ctc_loss(x, [1, 2], 2, 2, reduction="sum"), -x[0, 1] - x[1, 2])
    x = draw((3, 3))
    loss = ctc_loss(x, [1, 1], 3, 2, reduction="sum")
    assert np.isclose(loss, -x[0, 1] - x[1, 0] - x[2, 1])


# CTC: lengths, layouts of targets


def test_what_lies_beyond_a_length_does_not_matter():
    """Neither the log-probabilities nor the labels."""
    x, targets, steps, sizes = batch(np.random.default_rng(3), (9, 4, 5))
    assert len(set(steps)) > 2 and len(set(sizes)) > 1
    losses = ctc_loss(x, targets, steps, sizes, reduction="none")
    for beyond in [NAN, -INF, INF, 1e4, 0.0]:
        changed = x.copy()
        changed[np.arange(9)[:, None] >= steps] = beyond
        padded = np.where(targets < 0, 10**6, targets)
        rest = padded, steps, sizes
        np.testing.assert_array_equal(ctc_loss(changed, *rest, reduction="none"), losses)
        for function in CTC_GRADS:
            grad = function(changed, *rest)
            np.testing.assert_array_equal(grad, function(x, targets, steps, sizes))
            assert not grad[np.arange(9)[:, None] >= steps].any()


def test_each_sequence_of_a_batch_stands_for_itself():
    for x, targets, steps, sizes in many_batches(30):
        batch = ctc_loss(x, targets, steps, sizes, reduction="none")
        grads = [f(x, targets, steps, sizes, reduction="none") for f in CTC_GRADS]
        for n, (length, size) in enumerate(zip(steps, sizes, strict=True)):
            given = x[:length, n], targets[n, :size], length, size
            loss = ctc_loss(*given, reduction="none")
            assert loss.shape == ()
            np.testing.assert_allclose(loss, batch[n], rtol=1e-12)
            for function, grad in zip(CTC_GRADS, grads, strict=True):
                one = function(*given, reduction="none")
                np.testing.assert_allclose(one, grad[:length, n], rtol=1e-10, atol=1e-13)


def test_targets_one_after_the_other_are_the_padded_ones():
    for x, targets, steps, sizes in many_batches(30):
        joined = np.concatenate([y[:size] for y, size in zip(targets, sizes, strict=True)])
        for function in CTC_FUNCTIONS:
            np.testing.assert_array_equal(
                function(x, joined, steps, sizes), function(x, targets, steps, sizes)
            )


@every_ctc_function
def test_lengths_of_one_sequence_may_be_numbers_or_arrays_of_one(function):
    x = draw((4, 3))
    value = function(x, [1, 2], 4, 2, reduction="none")
    for lengths in [([4], [2]), (np.array(4), np.array([2], np.uint8))]:
        np.testing.assert_array_equal(function(x, [1, 2], *lengths, reduction="none"), value)
    np.testing.assert_array_equal(function(x, [[1, 2, 9]], 4, 2, reduction="none"), value)
    assert function(x[:, None], [1, 2], [4], [2], reduction="none").ndim == value.ndim + 1


@pytest.mark.parametrize("kind", ["uint8", "int32", "uint64"])
def test_labels_may_be_integers_of_any_kind(kind):
    given = draw((4, 2, 3)), np.array([[1, 2], [2, 2]]), np.array([4, 4]), np.array([2, 1])
    for function in CTC_FUNCTIONS:
        np.testing.assert_array_equal(
            function(given[0], *(x.astype(kind) for x in given[1:])), function(*given)
        )


# CTC: rules


def test_ctc_mean_is_each_loss_over_max_s_1_then_over_n():
    x, targets, steps, sizes = draw((6, 3, 4)), [[1, 2], [3, 0], [0, 0]], [6, 5, 4], [2, 1, 0]
    losses = ctc_loss(x, targets, steps, sizes, reduction="none")
    shares = [1 / 2 / 3, 1 / 3, 1 / 3]
    mean, total = (ctc_loss(x, targets, steps, sizes, reduction=r) for r in ("mean", "sum"))
    np.testing.assert_allclose(mean, losses @ shares, rtol=1e-14)
    np.testing.assert_allclose(total, losses.sum(), rtol=1e-14)
    for function in CTC_GRADS:
        grad = function(x, targets, steps, sizes, reduction="sum")
        np.testing.assert_array_equal(function(x, targets, steps, sizes, reduction="none"), grad)
        np.testing.assert_allclose(
            function(x, targets, steps, sizes), grad * np.reshape(shares, (3, 1)), rtol=1e-14
        )


def test_ctc_of_an_impossible_target_is_inf():
    x, targets = draw((2, 2, 3)), [[1, 1], [1, 2]]
    given = x, targets, [2, 2], [2, 2]
    losses = ctc_loss(*given, reduction="none")
    assert losses[0] == INF and np.isfinite(losses[1])
    assert ctc_loss(*given) == ctc_loss(*given, reduction="sum") == INF
    for function in CTC_GRADS:
        grad = function(*given)
        assert np.isnan(grad[:, 0]).all() and np.isfinite(grad[:, 1]).all()
    value, expected = torch_ctc(*given)
    np.testing.assert_allclose(ctc_loss_grad_by_logits(*given), expected, atol=1e-14)
    assert value == INF


def test_ctc_zero_infinity_makes_an_impossible_target_0_but_still_counts_it():
    x, targets = draw((2, 2, 3)), [[1, 1], [1, 2]]
    given = x, targets, [2, 2], [2, 2]
    possible = ctc_loss(*given, reduction="none")[1]
    kept = {"zero_infinity": True}
    np.testing.assert_array_equal(ctc_loss(*given, reduction="none", **kept), [0, possible])
    assert np.isclose(ctc_loss(*given, reduction="sum", **kept), possible, rtol=1e-15)
    assert np.isclose(ctc_loss(*given, **kept), possible / 2 / 2, rtol=1e-15)
    value, expected = torch_ctc(*given, **kept)
    np.testing.assert_allclose(ctc_loss(*given, **kept), value, rtol=1e-14)
    np.testing.assert_allclose(ctc_loss_grad_by_logits(*given, **kept), expected, atol=1e-14)
    for function in CTC_GRADS:
        grad = function(*given, **kept)
        assert not grad[:, 0].any() and grad[:, 1].any()


@every_dtype
def test_ctc_equals_pytorch_and_its_form_of_the_gradient(dtype):
    """In float32 PyTorch itself is 5e-6 off, so its gradient in float64 of the same is taken."""
    for x, *rest in many_batches(150):
        x = x.astype(dtype)
        for options in [{}, {"reduction": "none"}, {"reduction": "sum", "zero_infinity": True}]:
            assert_close(ctc_loss(x, *rest, **options), torch_ctc(x, *rest, **options)[0], dtype)
            form = ctc_loss_grad_by_logits(x, *rest, **options)
            _, expected = torch_ctc(x.astype(float), *rest, **options)
            np.testing.assert_allclose(form, expected, rtol=RTOL[dtype], atol=RTOL[dtype])
            assert form.dtype == dtype


def test_ctc_gradient_with_respect_to_the_logits_is_the_true_one_after_log_softmax():
    """The rule of PyTorch's gradient, which it calls that of log_probs."""
    for x, *rest in many_batches(50):
        true, form = ctc_loss_grad(x, *rest), ctc_loss_grad_by_logits(x, *rest)
        # the transposed Jacobian of log_softmax takes g to g - softmax * sum of g
        through = true - np.exp(x) * true.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(through, form, atol=1e-14)
        again = form - np.exp(x) * form.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(again, form, atol=1e-14)
        _, expected = torch_ctc(x, *rest)
        np.testing.assert_allclose(form, expected, rtol=1e-12, atol=1e-13)


def test_ctc_gradient_by_logits_equals_central_differences():
    _, *rest = batch(np.random.default_rng(5), (4, 2, 3))
    z, h = normal(np.random.default_rng(6), (4, 2, 3)), 1e-5
    found = ctc_loss_grad_by_logits(log_softmax(z), *rest)
    for place in np.ndindex(z.shape):
        step = np.zeros(z.shape)
        step[place] = h
        above, below = (ctc_loss(log_softmax(z + s), *rest) for s in (step, -step))
        assert np.isclose(found[place], (above - below) / (2 * h), rtol=1e-6, atol=1e-9)


def test_ctc_form_of_pytorch_holds_for_log_probs_that_are_no_log_softmax():
    x, *rest = batch(np.random.default_rng(5), (5, 3, 4))
    x = x + 0.3
    np.testing.assert_allclose(
        ctc_loss_grad_by_logits(x, *rest), torch_ctc(x, *rest)[1], rtol=1e-12, atol=1e-14
    )


def test_ctc_in_float32_is_nearer_to_the_truth_than_pytorchs():
    rng = np.random.default_rng(0)
    x = draw((200, 4, 20)).astype("float32")
    rest = rng.integers(1, 20, size=(4, 30)), [200, 190, 150, 200], [30, 20, 30, 10]
    (true, truth), (_, grad) = (torch_ctc(x.astype(t), *rest) for t in (float, "float32"))
    found = ctc_loss_grad_by_logits(x, *rest)
    assert np.abs(found - truth).max() < np.abs(grad - truth).max() / 3
    assert abs(ctc_loss(x, *rest) / true - 1) < 2e-7


# CTC: extremes


@every_dtype
@pytest.mark.parametrize("low", [-1e4, -1e30, -INF])
def test_classes_of_no_probability_are_no_trouble(low, dtype):
    """The alignments that are left count, and no NaN comes of inf - inf."""
    x = draw((5, 3)).astype(dtype)
    x[1, 1] = x[2, 0] = x[3, 2] = low
    value, slope = brute_force(x.astype(float), [1, 2])
    assert_close(ctc_loss(x, [1, 2], 5, 2, reduction="sum"), value, dtype)
    assert_close(ctc_loss_grad(x, [1, 2], 5, 2, reduction="sum"), slope, dtype)
    form = np.exp(x.astype(float)) + slope
    assert_close(ctc_loss_grad_by_logits(x, [1, 2], 5, 2, reduction="sum"), form, dtype)


@every_dtype
def test_a_target_without_probability_is_as_impossible_as_one_too_long(dtype):
    x = np.full((4, 3), -INF, dtype)
    assert ctc_loss(x, [1, 2], 4, 2) == INF
    assert ctc_loss(x, [1, 2], 4, 2, zero_infinity=True) == 0
    assert np.isnan(ctc_loss_grad(x, [1, 2], 4, 2)).all()
    for function in CTC_GRADS:
        assert not function(x, [1, 2], 4, 2, zero_infinity=True).any()


@every_dtype
def test_a_shift_of_minus_1e4_at_each_time_only_adds(dtype):
    """However small all probabilities are, their shares stay what they were."""
    x = (draw((6, 3)) * 8).round().astype(dtype) / 8  # digits that a shift leaves
    given = [1, 1], 6, 2
    shifted = ctc_loss(x - 10_000, *given, reduction="sum")
    assert_close(shifted, 60_000 + ctc_loss(x, *given, reduction="sum"), dtype)
    assert_close(ctc_loss_grad(x - 10_000, *given), ctc_loss_grad(x, *given), dtype)


@every_dtype
def test_the_only_alignment_counts_however_improbable(dtype):
    """It is 1e4 nats less probable than what the states before it promised."""
    x = np.array([[0, -1e4, -1e4], [0, -1e4, -1e4], [0, -1e4, -1e4]], dtype)
    assert ctc_loss(x, [1, 1], 3, 2, reduction="sum") == 2e4
    np.testing.assert_array_equal(
        ctc_loss_grad(x, [1, 1], 3, 2, reduction="sum"), [[0, -1, 0], [-1, 0, 0], [0, -1, 0]]
    )


@every_ctc_function
def test_nan_in_one_sequence_stays_there(function):
    x, targets, steps, sizes = draw((5, 3, 4)), [[1, 2], [1, 1], [3, 2]], [5, 5, 4], [2, 2, 2]
    hurt = x.copy()
    hurt[2, 1] = NAN
    result = function(hurt, targets, steps, sizes, reduction="none")
    result, whole = (
        r if r.ndim == 1 else r.swapaxes(0, 1)
        for r in (result, function(x, targets, steps, sizes, reduction="none"))
    )
    assert np.isnan(result[1]).all()
    np.testing.assert_array_equal(result[[0, 2]], whole[[0, 2]])


def test_nan_of_a_class_that_the_target_does_not_have_stays_there():
    """Also of class 0, where a padded batch has a shorter target."""
    x, rest = draw((5, 2, 4)), ([[1, 1], [1, 3]], [5, 5], [1, 2])
    hurt = x.copy()
    hurt[:, :, 0] = NAN
    np.testing.assert_array_equal(ctc_loss(hurt, *rest, blank=2), ctc_loss(x, *rest, blank=2))
    grad, form = (f(hurt, *rest, blank=2) for f in CTC_GRADS)
    np.testing.assert_array_equal(grad, ctc_loss_grad(x, *rest, blank=2))
    np.testing.assert_array_equal(np.isnan(form), np.isnan(hurt))


def test_float32_loses_no_digits_to_many_times():
    x, rest = draw((1000, 16, 5)).astype("float32"), ([[1, 2, 2, 3]] * 16, [1000] * 16, [4] * 16)
    expected = ctc_loss(x.astype(float), *rest, reduction="none")
    np.testing.assert_allclose(ctc_loss(x, *rest, reduction="none"), expected, rtol=8e-8)


def test_many_times_and_labels():
    x = draw((500, 3, 10))
    rest = np.random.default_rng(1).integers(1, 10, size=(3, 100)), [500, 499, 260], [100, 7, 99]
    value, grad = torch_ctc(x, *rest)
    np.testing.assert_allclose(ctc_loss(x, *rest), value, rtol=1e-13)
    np.testing.assert_allclose(ctc_loss_grad_by_logits(x, *rest), grad, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "longdouble"])
def test_ctc_takes_floats_that_pytorch_does_not(dtype):
    x, *rest = draw((6, 2, 3)).astype(dtype), [[1, 1], [2, 1]], [6, 5], [2, 2]
    for function in CTC_FUNCTIONS:
        result = function(x, *rest)
        assert result.dtype == dtype
        np.testing.assert_allclose(result, function(x.astype(float), *rest), rtol=2e-2, atol=1e-3)


def test_ctc_holds_its_lattice_and_no_more():
    """Beside the result, and the value not even that."""
    x = draw((100, 8, 30)).astype("float32")
    rest = np.ones((8, 20), int), np.full(8, 100), np.full(8, 20)
    lattice, rows = 101 * 8 * 41 * x.itemsize, 20 * 8 * 41 * 8
    assert peak_memory(ctc_loss, x, *rest) < rows
    for function in CTC_GRADS:
        assert peak_memory(function, x, *rest) < x.nbytes + lattice + rows


# CTC: what is refused


def refuse(function, error, message, **changes):
    given = {
        "log_probs": draw((4, 2, 3)),
        "targets": [[1, 2], [2, 1]],
        "input_lengths": [4, 3],
        "target_lengths": [2, 1],
    }
    with pytest.raises(error, match=f"^{message}"):
        function(**{**given, **changes})


@every_ctc_function
@pytest.mark.parametrize(
    ("error", "message", "changes"),
    [
        (TypeError, "log_probs must hold floating-point", {"log_probs": np.ones((4, 2, 3), int)}),
        (
            ValueError,
            r"log_probs must have shape \(T, N, K\) or \(T, K\): found \(3,\)",
            {"log_probs": np.ones(3)},
        ),
        (
            ValueError,
            r"log_probs must have shape .*: found \(1, 4, 2, 3\)",
            {"log_probs": np.ones((1, 4, 2, 3))},
        ),
        (
            TypeError,
            "targets must hold integers: found dtype float64",
            {"targets": np.ones((2, 2))},
        ),
        (TypeError, "targets must hold integers: found dtype bool", {"targets": [[True], [True]]}),
        (
            TypeError,
            "input_lengths must hold integers: found dtype float64",
            {"input_lengths": [4.0, 3.0]},
        ),
        (
            TypeError,
            "target_lengths must hold integers: found dtype float64",
            {"target_lengths": [2.0, 1.0]},
        ),
        (
            ValueError,
            r"input_lengths must have shape \(2,\): found \(1,\)",
            {"input_lengths": [4]},
        ),
        (ValueError, r"input_lengths must have shape \(2,\): found \(\)", {"input_lengths": 4}),
        (
            ValueError,
            r"target_lengths must have shape \(2,\): found \(3,\)",
            {"target_lengths": [2, 1, 1]},
        ),
        (
            ValueError,
            r"input_lengths must lie in \[0, 4\]: found 5 at index \(1,\)",
            {"input_lengths": [4, 5]},
        ),
        (
            ValueError,
            r"input_lengths must lie in \[0, 4\]: found -1 at index \(0,\)",
            {"input_lengths": [-1, 4]},
        ),
        (
            ValueError,
            r"target_lengths must lie in \[0, 2\]: found 3 at index \(0,\)",
            {"target_lengths": [3, 2]},
        ),
        (
            ValueError,
            r"target_lengths must lie in \[0, 2\]: found -2 at index \(1,\)",
            {"target_lengths": [1, -2]},
        ),
        (
            ValueError,
            r"target_lengths must lie in \[0, 3\]: found -1 at index \(1,\)",
            {"target_lengths": [4 - 1, -1], "targets": [1, 2, 1]},
        ),
        (
            ValueError,
            r"targets must have shape \(2, S\), or \(3,\) one after the other, for log_probs of "
            r"shape \(4, 2, 3\) and these target_lengths: found \(4,\)",
            {"targets": [1, 2, 2, 1]},
        ),
        (ValueError, r"targets must have shape \(2, S\).*: found \(1, 2\)", {"targets": [[1, 2]]}),
        (
            ValueError,
            r"targets must have shape .*: found \(\)",
            {"targets": 1, "target_lengths": [0, 0]},
        ),
        (
            ValueError,
            r"targets must have shape .*: found \(2, 1, 2\)",
            {"targets": [[[1, 2]], [[2, 1]]]},
        ),
        (
            IndexError,
            r"targets must lie in \[0, 3\): found 3 at index \(0, 1\)",
            {"targets": [[1, 3], [2, 1]]},
        ),
        (
            IndexError,
            r"targets must lie in \[0, 3\): found -1 at index \(1, 0\)",
            {"targets": [[1, 2], [-1, 1]]},
        ),
        (
            IndexError,
            r"targets must lie in \[0, 3\): found 3 at index \(2,\)",
            {"targets": [1, 2, 3]},
        ),
        (
            ValueError,
            r"targets must not hold blank: found 0 at index \(0, 1\)",
            {"targets": [[1, 0], [2, 0]]},
        ),
        (
            ValueError,
            r"targets must not hold blank: found 2 at index \(0, 1\)",
            {"blank": 2},
        ),
        (
            ValueError,
            r"targets must not hold blank: found 0 at index \(1, 0\)",
            {"targets": [[1, 0], [0, 1]], "target_lengths": [1, 2]},
        ),
        (ValueError, r"blank must lie in \[0, 3\): found 3", {"blank": 3}),
        (ValueError, r"blank must lie in \[0, 3\): found -1", {"blank": -1}),
        (TypeError, r"blank must be an integer: found 0.5", {"blank": 0.5}),
        (ValueError, r"blank must lie in \[0, 0\): found 0", {"log_probs": np.ones((4, 2, 0))}),
        (ValueError, "reduction must be one of .*: found 'average'", {"reduction": "average"}),
    ],
)
def test_ctc_refuses(function, error, message, changes):
    refuse(function, error, message, **changes)


# cross-entropy of sequences


def tokens(seed=0, shape=(3, 5, 4)):
    rng = np.random.default_rng(seed)
    mask = np.arange(shape[1]) < rng.integers(1, shape[1] + 1, size=shape[:1])[:, np.newaxis]
    return normal(rng, shape), rng.integers(shape[-1], size=shape[:-1]), mask


def test_mean_divides_by_the_number_of_kept_tokens_over_the_whole_batch():
    z, y, mask = tokens()
    losses = sequence_cross_entropy(z, y, mask=mask, reduction="none")
    assert losses.shape == y.shape and not losses[~mask].any() and losses[mask].all()
    mean = sequence_cross_entropy(z, y, mask=mask)
    np.testing.assert_allclose(mean, losses.sum() / mask.sum(), rtol=1e-14)
    by_sequence = [
        sequence_cross_entropy(*one[:2], mask=one[2]) for one in zip(z, y, mask, strict=True)
    ]
    assert not np.isclose(mean, np.mean(by_sequence))
    np.testing.assert_allclose(mean, np.average(by_sequence, weights=mask.sum(axis=1)), rtol=1e-14)


def test_mean_of_the_whole_batch_is_not_the_mean_of_its_parts():
    """Gradients of micro-batches are to be added as sums and divided once."""
    z, y, mask = tokens()
    halves = [(z[n], y[n], mask[n]) for n in (slice(0, 1), slice(1, 3))]
    whole = sequence_cross_entropy_grad(z, y, mask=mask)
    means = [sequence_cross_entropy_grad(a, b, mask=m) / 2 for a, b, m in halves]
    sums = [sequence_cross_entropy_grad(a, b, mask=m, reduction="sum") for a, b, m in halves]
    assert not np.allclose(np.concatenate(means), whole)
    np.testing.assert_allclose(np.concatenate(sums) / mask.sum(), whole, atol=1e-16)


def test_without_padding_it_is_the_cross_entropy_of_the_tokens():
    z, y, _ = tokens()
    for options in [{}, {"label_smoothing": 0.2}, {"reduction": "sum"}]:
        np.testing.assert_allclose(
            sequence_cross_entropy(z, y, **options),
            cross_entropy(z.reshape(-1, 4), y.ravel(), **options),
            rtol=1e-14,
        )
        np.testing.assert_allclose(
            sequence_cross_entropy_grad(z, y, **options),
            cross_entropy_grad(z.reshape(-1, 4), y.ravel(), **options).reshape(z.shape),
            rtol=1e-14,
        )


@every_token_function
def test_what_lies_under_the_padding_does_not_matter(function):
    z, y, mask = tokens()
    result = function(z, y, mask=mask)
    padded = np.where(mask, y, 10**6)
    changed = np.where(mask[..., np.newaxis], z, 77.0)
    np.testing.assert_array_equal(function(changed, padded, mask=mask), result)
    for other in [mask.astype(int), mask.astype("float32"), mask.tolist()]:
        np.testing.assert_array_equal(function(z, y, mask=other), result)
    np.testing.assert_array_equal(function(z, y, mask=np.ones(y.shape, bool)), function(z, y))


def test_padding_has_no_gradient():
    z, y, mask = tokens()
    for function in (sequence_cross_entropy_grad, perplexity_grad):
        grad = function(z, y, mask=mask)
        assert not grad[~mask].any() and grad[mask].all()


@every_dtype
def test_all_padding_has_mean_nan_sum_0_and_gradient_0(dtype):
    z, y, mask = tokens()
    z, mask = z.astype(dtype), np.zeros_like(mask)
    assert np.isnan(sequence_cross_entropy(z, y, mask=mask))
    assert sequence_cross_entropy(z, y, mask=mask, reduction="sum") == 0
    assert not sequence_cross_entropy(z, y, mask=mask, reduction="none").any()
    for reduction in ("mean", "sum", "none"):
        assert not sequence_cross_entropy_grad(z, y, mask=mask, reduction=reduction).any()
    assert np.isnan(perplexity(z, y, mask=mask))


def test_minus_100_is_no_class_where_it_is_kept():
    """Only the mask leaves out: a forgotten padding is not passed over."""
    with pytest.raises(
        IndexError, match=r"^target must lie in \[0, 4\): found -100 at index \(1,\)"
    ):
        sequence_cross_entropy(draw((2, 4)), [0, -100], mask=[1, 1])


# perplexity


@pytest.mark.parametrize("classes", [1, 2, 50])
def test_perplexity_of_equal_logits_is_the_number_of_classes(classes):
    value = perplexity(np.zeros((2, 3, classes)), np.zeros((2, 3), int))
    np.testing.assert_allclose(value, classes, rtol=1e-14)


def test_perplexity_is_one_over_the_geometric_mean_of_the_probabilities():
    z, y, mask = tokens()
    p = np.take_along_axis(softmax(z), y[..., np.newaxis], axis=-1)[..., 0][mask]
    np.testing.assert_allclose(perplexity(z, y, mask=mask), np.prod(p) ** (-1 / p.size))


def test_perplexity_of_a_batch_is_not_the_mean_of_perplexities():
    z, y, mask = tokens()
    one_by_one = [perplexity(*one[:2], mask=one[2]) for one in zip(z, y, mask, strict=True)]
    assert not np.isclose(perplexity(z, y, mask=mask), np.mean(one_by_one))


@every_dtype
def test_perplexity_beyond_all_numbers_is_inf(dtype):
    z = np.array([[1e4, 0.0, 0.0]], dtype)
    assert perplexity(z, [0]) == 1
    assert perplexity(z, [1]) == INF
    np.testing.assert_array_equal(perplexity_grad(z, [1]), [[INF, -INF, NAN]])


# tokens: what is refused


@every_token_function
@pytest.mark.parametrize(
    ("error", "message", "changes"),
    [
        (TypeError, "input must hold floating-point", {"input": np.ones((2, 3, 4), int)}),
        (TypeError, "target must hold integers: found dtype float64", {"target": np.ones((2, 3))}),
        (
            ValueError,
            r"input and target must have shapes \(N, T, K\) and \(N, T\), or \(T, K\) and \(T,\): "
            r"found \(2, 3, 4\) and \(2, 4\)",
            {"target": np.ones((2, 4), int)},
        ),
        (
            ValueError,
            r"input and target must .*: found \(4,\) and \(\)",
            {"input": np.ones(4), "target": 1, "mask": True},
        ),
        (
            ValueError,
            r"input must have an axis of classes, not empty: shape \(6, 0\)",
            {"input": np.ones((2, 3, 0)), "mask": np.zeros((2, 3))},
        ),
        (
            ValueError,
            r"mask and target must have the same shape: \(2, 1\) and \(2, 3\)",
            {"mask": [[1], [1]]},
        ),
        (
            ValueError,
            r"mask must hold 0 and 1 only: found 0.5 at index \(1, 2\)",
            {"mask": [[1, 1, 1], [1, 1, 0.5]]},
        ),
        (
            ValueError,
            r"mask must hold 0 and 1 only: found nan at index \(0, 0\)",
            {"mask": [[NAN, 1, 1], [1, 1, 1]]},
        ),
        (TypeError, "mask must hold real numbers", {"mask": np.full((2, 3), "x")}),
        (
            IndexError,
            r"target must lie in \[0, 4\): found 4 at index \(1, 1\)",
            {"target": [[0, 1, 4], [0, 4, 3]]},
        ),
        (
            IndexError,
            r"target must lie in \[0, 4\): found -1 at index \(0, 0\)",
            {"target": [[-1, 1, 4], [0, 3, 3]]},
        ),
    ],
)
def test_tokens_refuse(function, error, message, changes):
    given = {"input": np.ones((2, 3, 4)), "target": [[0, 1, 2], [3, 0, 1]]}
    with pytest.raises(error, match=f"^{message}"):
        function(**{**given, "mask": [[1, 1, 0], [1, 1, 1]], **changes})


@pytest.mark.parametrize("function", TOKEN_FUNCTIONS[:2])
@pytest.mark.parametrize("smoothing", [-0.1, 1.5])
def test_label_smoothing_outside_0_and_1_is_refused(function, smoothing):
    with pytest.raises(ValueError, match=f"^label_smoothing .*: found {smoothing}"):
        function(np.ones((2, 4)), [0, 1], label_smoothing=smoothing)
