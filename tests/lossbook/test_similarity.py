"""What the table of losses cannot say of `lossbook.similarity`."""

import math
import tracemalloc

import numpy as np
import pytest
import scipy.spatial.distance
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch.nn import functional

import lossbook
from lossbook import (
    cosine_embedding_loss,
    cosine_embedding_loss_grad,
    cosine_similarity,
    cosine_similarity_grad,
    pairwise_distance,
    pairwise_distance_grad,
    triplet_margin_loss,
    triplet_margin_loss_grad,
    triplet_margin_with_distance_loss,
    triplet_margin_with_distance_loss_grad,
)

INF, NAN = math.inf, math.nan

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
components = st.floats(-1e3, 1e3).map(lambda x: round(x, 3))
vectors = hnp.arrays(float, 5, elements=components)
orders = st.sampled_from([1.0, 1.5, 2.0, 3.0, 10.0, INF])

TRIPLETS = [triplet_margin_loss, triplet_margin_with_distance_loss]


def both(loss):
    return [loss, getattr(lossbook, f"{loss.__name__}_grad")]


def named(function):
    return getattr(function, "__name__", None)


def derived(function, *arrays, **options):
    """The value of PyTorch and its derivatives."""
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in arrays]
    value = function(*tensors, **options)
    value.sum().backward()
    return value.detach().numpy(), [x.grad.numpy() for x in tensors]


def assert_equal_to_pytorch_s(name, *arrays, **options):
    value, grads = derived(getattr(functional, name), *arrays, **options)
    np.testing.assert_allclose(getattr(lossbook, name)(*arrays, **options), value, rtol=1e-13)
    found = getattr(lossbook, f"{name}_grad")(*arrays, **options)
    for one, expected in zip(found, grads, strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-15)


# rules of PyTorch


@pytest.mark.parametrize("loss", TRIPLETS, ids=named)
@pytest.mark.parametrize("margin", [0.0, -1.0, NAN])
def test_a_triplet_s_margin_that_is_not_above_0_is_refused(loss, margin):
    for function in both(loss):
        with pytest.raises(ValueError, match=rf"^margin must be above 0: found {margin}"):
            function(*np.zeros((3, 2, 4)), margin=margin)


def test_eps_is_added_to_each_difference():
    assert pairwise_distance([3.0, 0.0], [0.0, 0.0], p=1, eps=0.5) == 4
    assert pairwise_distance([-3.0, 0.0], [0.0, 0.0], p=1, eps=0.5) == 3
    same = pairwise_distance(np.ones(4), np.ones(4))
    assert same == pytest.approx(1e-6 * 4 ** (1 / 2), rel=1e-9)


def test_all_vectors_in_one_place_still_have_a_slope_of_eps():
    """The derivative of a distance at its kink would be 0."""
    one = np.ones((2, 4))
    by_first, by_second = pairwise_distance_grad(one, one)
    np.testing.assert_allclose(by_first, 0.5)
    np.testing.assert_allclose(by_second, -0.5)
    for grad in pairwise_distance_grad(one, one, eps=0.0):
        np.testing.assert_array_equal(grad, 0)


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0, 3.0, INF])
@pytest.mark.parametrize(
    "pair", [([1.0, 1, 1], [1, 1, 1]), ([1, 3, 1], [1, 1, 1]), ([3, -1, 1], [1, 1, 1])]
)
def test_distances_at_kinks_and_ties_have_pytorch_s_slopes(p, pair):
    assert_equal_to_pytorch_s("pairwise_distance", *np.array(pair, float), p=p, eps=0.0)


def test_a_large_order_does_not_overflow_where_pytorch_s_does():
    u, v = torch.tensor([1e4, 1e4]), torch.zeros(2)
    assert functional.pairwise_distance(u, v, p=100.0) == INF
    found = pairwise_distance([1e4, 1e4], [0.0, 0.0], p=100.0, eps=0.0)
    assert found == pytest.approx(1e4 * 2**0.01, rel=1e-14)
    assert pairwise_distance([1e-9], [0.0], p=100.0, eps=0.0) == pytest.approx(1e-9, rel=1e-14)
    by_first, _ = pairwise_distance_grad([1e4, 1e4], [0.0, 0.0], p=100.0, eps=0.0)
    np.testing.assert_allclose(by_first, 2 ** (-0.99), rtol=1e-13)


def test_infinite_and_nan_vectors_propagate():
    for p in (1.0, 1.5, 2.0, 3.0, INF):
        assert pairwise_distance([INF, 0.0], [0.0, 0.0], p=p) == INF
        assert np.isnan(pairwise_distance([NAN, 0.0], [0.0, 0.0], p=p))
    assert np.isnan(cosine_similarity([[NAN, 0.0]], [[1.0, 0.0]]))
    assert np.isnan(cosine_embedding_loss([[NAN, 0.0]], [[1.0, 0.0]], [1]))
    assert np.isnan(triplet_margin_loss([[NAN, 0.0]], [[1.0, 0.0]], [[1.0, 0.0]]))


@pytest.mark.parametrize(
    ("u", "v"),
    [([0.0, 0], [1, 2]), ([0.0, 0], [0, 0]), ([1, 2], [0.0, 0]), ([3e-9, 4e-9], [1, 2])],
)
def test_the_cosine_of_vectors_shorter_than_eps_has_pytorch_s_slope(u, v):
    """It is not the derivative, which takes a length below eps to be constant."""
    assert_equal_to_pytorch_s("cosine_similarity", np.array([u], float), np.array([v], float))


def test_the_cosine_at_a_vector_of_zeros_is_0_and_its_slope_is_not():
    u, v = np.zeros((1, 2)), np.array([[3.0, 4.0]])
    assert cosine_similarity(u, v) == 0
    by_first, by_second = cosine_similarity_grad(u, v, eps=0.1)
    np.testing.assert_allclose(by_first, [[6, 8]])
    np.testing.assert_array_equal(by_second, 0)
    assert np.isnan(cosine_similarity(u, v, eps=0.0))


def test_the_least_length_is_taken_of_each_vector():
    """Not of the product of both, as older versions of PyTorch did."""
    assert cosine_similarity([[0.5, 0.0]], [[4.0, 0.0]], eps=1.0) == 0.5
    assert cosine_similarity([[4.0, 0.0]], [[0.5, 0.0]], eps=1.0) == 0.5


def test_the_cosine_is_taken_along_axis_1_unless_told():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    y = x + 1
    expected = np.moveaxis(x, 1, -1).reshape(-1, 3), np.moveaxis(y, 1, -1).reshape(-1, 3)
    found = cosine_similarity(x, y)
    assert found.shape == (2, 4)
    np.testing.assert_allclose(found.ravel(), cosine_similarity(*expected), rtol=1e-14)
    for function in both(cosine_similarity):
        with pytest.raises(ValueError, match=r"^x1 has no axis 1: shape \(3,\)"):
            function(np.ones(3), np.ones(3))
        with pytest.raises(ValueError, match=r"^x1 has no axis -4: shape \(2, 3, 4\)"):
            function(x, y, dim=-4)
        with pytest.raises(TypeError, match=r"^dim must be an integer: found 1.0"):
            function(x, y, dim=1.0)
        with pytest.raises(ValueError, match=r"^x1 must not be empty along axis 1: .*\(2, 0\)"):
            function(np.ones((2, 0)), np.ones((2, 0)))


def test_keepdim_keeps_the_last_axis():
    x = np.zeros((2, 3, 4))
    assert pairwise_distance(x, x).shape == (2, 3)
    assert pairwise_distance(x, x, keepdim=True).shape == (2, 3, 1)
    assert pairwise_distance(x[0, 0], x[0, 0], keepdim=True).shape == (1,)
    np.testing.assert_array_equal(
        pairwise_distance_grad(x, x, keepdim=True), pairwise_distance_grad(x, x)
    )


def test_the_embedding_adds_pytorch_s_number_to_squares():
    """A float32 in its C++, even where the vectors are of float64."""
    for target in (1.0, -1.0):
        value, grads = derived(
            lambda u, v, y=target: functional.cosine_embedding_loss(
                u, v, torch.tensor(y), reduction="none"
            ),
            *([0.0, 0.0], [1.0, 2.0]),
        )
        assert cosine_embedding_loss([0.0, 0.0], [1.0, 2.0], target) == value
        found = cosine_embedding_loss_grad([0.0, 0.0], [1.0, 2.0], target)
        np.testing.assert_allclose(found, grads, rtol=1e-12)


def test_the_embedding_at_the_margin_has_pytorch_s_slope():
    by_first, _ = cosine_embedding_loss_grad([[1.0, 0.0]], [[0.0, 2.0]], [-1])
    np.testing.assert_allclose(by_first, [[0.0, 1.0]], rtol=1e-11)
    by_first, _ = cosine_embedding_loss_grad([[1.0, 0.0]], [[0.0, 2.0]], [-1], margin=1e-9)
    np.testing.assert_array_equal(by_first, [[0.0, 0.0]])


def test_the_embedding_does_not_overflow_where_pytorch_s_does():
    u = np.array([[1e10, 0.0]], np.float32)
    theirs = functional.cosine_embedding_loss(*map(torch.tensor, (u, u)), torch.ones(1))
    assert theirs == 1
    assert cosine_embedding_loss(u, u, [1]) == 0
    for grad in cosine_embedding_loss_grad(u, u, [1]):
        np.testing.assert_allclose(grad, 0, atol=1e-16)


def test_a_target_of_the_embedding_that_is_no_sign_is_refused():
    """PyTorch gives them no loss."""
    for function in both(cosine_embedding_loss):
        with pytest.raises(ValueError, match=r"^target must hold -1 and 1 only: found 0 at index"):
            function(np.ones((2, 3)), np.ones((2, 3)), [1, 0])


@pytest.mark.parametrize("target", [np.ones(1), np.ones((2, 1)), np.ones(())])
def test_a_target_of_another_shape_is_refused(target):
    for function in both(cosine_embedding_loss):
        with pytest.raises(
            ValueError, match=r"^target must have shape \(2,\) for input1 of shape \(2, 3\): found"
        ):
            function(np.ones((2, 3)), np.ones((2, 3)), target)


@pytest.mark.parametrize("function", [*both(cosine_similarity), *both(pairwise_distance)])
def test_vectors_pytorch_would_broadcast_are_refused(function):
    with pytest.raises(ValueError, match=r"x1 and x2 .*same shape: \(2, 3\) and \(1, 3\)"):
        function(np.ones((2, 3)), np.ones((1, 3)))


@pytest.mark.parametrize("loss", TRIPLETS, ids=named)
def test_triplets_pytorch_would_broadcast_are_refused(loss):
    for function in both(loss):
        with pytest.raises(
            ValueError,
            match=r"anchor and positive and negative .*: \(2, 3\) and \(1, 3\) and \(2, 3\)",
        ):
            function(np.ones((2, 3)), np.ones((1, 3)), np.ones((2, 3)))
        with pytest.raises(ValueError, match=r"^anchor must not be empty along axis -1"):
            function(*np.ones((3, 2, 0)))


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_triplets_at_the_kink_have_pytorch_s_slope(p):
    a, u, v = [[0.0, 0.0]], [[1.0, 0.0]], [[2.0, 0.0]]
    assert triplet_margin_loss(a, u, v, p=p, eps=0.0) == 0
    assert_equal_to_pytorch_s("triplet_margin_loss", *map(np.array, (a, u, v)), p=p, eps=0.0)
    assert np.any(triplet_margin_loss_grad(a, u, v, p=p, eps=0.0)[1])


def test_a_swap_between_equal_distances_takes_half_of_each_slope():
    a, u, v = map(np.array, ([[0.0, 0.0]], [[2.0, 0.0]], [[1.0, 3.0]]))
    assert_equal_to_pytorch_s("triplet_margin_loss", a, u, v, swap=True, eps=0.0)
    grads = triplet_margin_loss_grad(a, u, v, swap=True, eps=0.0, margin=3.0)
    plain = triplet_margin_loss_grad(a, u, v, eps=0.0, margin=3.0)
    from_u = triplet_margin_loss_grad(u, a, v, eps=0.0, margin=3.0)
    swapped = from_u[1], from_u[0], from_u[2]
    for grad, one, other in zip(grads, plain, swapped, strict=True):
        np.testing.assert_allclose(grad, (one + other) / 2, rtol=1e-14)


def test_the_order_of_vectors_matters_by_eps():
    """The swapped distance is that of the positive and the negative, as in PyTorch."""
    a, u, v = map(np.array, ([[9.0]], [[0.5]], [[0.0]]))
    assert triplet_margin_loss(a, u, v, eps=0.25, swap=True) == 1 + 8.75 - 0.75


@pytest.mark.parametrize(("dtype", "longest"), [(np.float32, 1.8e19), (np.float64, 1.3e154)])
def test_a_cosine_ends_where_squares_overflow(dtype, longest):
    one = np.array([[1, 0]], dtype)
    assert cosine_similarity(longest * one, longest * one) == 1
    beyond = 1.1 * longest * one
    assert np.isnan(cosine_similarity(beyond, beyond))
    assert cosine_similarity(beyond, one) == 0


@pytest.mark.parametrize("swap", [False, True])
def test_a_triplet_without_a_distance_is_euclidean(swap):
    a, u, v = np.random.default_rng(0).normal(size=(3, 6, 4))
    expected = triplet_margin_loss(a, u, v, swap=swap)
    assert triplet_margin_with_distance_loss(a, u, v, swap=swap) == expected
    own = {"distance_function": pairwise_distance, "distance_grad": pairwise_distance_grad}
    assert triplet_margin_with_distance_loss(a, u, v, swap=swap, **own) == expected
    grads = triplet_margin_loss_grad(a, u, v, swap=swap)
    for options in ({}, own):
        found = triplet_margin_with_distance_loss_grad(a, u, v, swap=swap, **options)
        np.testing.assert_array_equal(found, grads)


# distances of one's own


def test_a_distance_of_one_s_own_sees_rows():
    seen = []

    def distance(x, y):
        seen.append((x.shape, x.dtype, y.shape))
        return np.abs(x - y).sum(axis=1).astype(float)

    a, u, v = np.random.default_rng(0).normal(size=(3, 2, 3, 40)).astype(np.float32)
    found = triplet_margin_with_distance_loss(a, u, v, distance_function=distance)
    assert set(seen) == {((6, 40), np.dtype(np.float32), (6, 40))}
    assert found.dtype == np.float32
    assert found == pytest.approx(triplet_margin_loss(a, u, v, p=1.0, eps=0.0), rel=1e-5)


def test_a_distance_without_its_derivative_has_a_loss_but_no_gradient():
    arrays = np.ones((3, 2, 4))
    distance = {"distance_function": pairwise_distance}
    assert triplet_margin_with_distance_loss(*arrays, **distance) == 1
    with pytest.raises(
        TypeError,
        match=r"^distance_function and distance_grad must be given together: found no distance_grad",
    ):
        triplet_margin_with_distance_loss_grad(*arrays, **distance)
    with pytest.raises(TypeError, match="found no distance_function"):
        triplet_margin_with_distance_loss_grad(*arrays, distance_grad=pairwise_distance_grad)


@pytest.mark.parametrize("returned", [None, 3, [np.ones((2, 4))]])
def test_a_derivative_of_a_distance_is_two_arrays(returned):
    functions = {"distance_function": pairwise_distance, "distance_grad": lambda x, y: returned}
    with pytest.raises(TypeError, match=r"^distance_grad must return two arrays: found"):
        triplet_margin_with_distance_loss_grad(*np.ones((3, 2, 4)), **functions)


@pytest.mark.parametrize("name", ["distance_function", "distance_grad"])
def test_a_distance_is_a_function(name):
    for function in both(triplet_margin_with_distance_loss):
        functions = {"distance_function": max, "distance_grad": max, name: "cosine"}
        with pytest.raises(TypeError, match=f"^{name} must be a function: found 'cosine'"):
            function(*np.ones((3, 2, 4)), **functions)


def test_a_distance_of_another_shape_is_refused():
    arrays = np.ones((3, 2, 4))
    wrong = {"distance_function": lambda x, y: pairwise_distance(x, y, keepdim=True)}
    message = r"^distance_function must return shape \(2,\): found \(2, 1\)"
    with pytest.raises(ValueError, match=message):
        triplet_margin_with_distance_loss(*arrays, **wrong)
    with pytest.raises(ValueError, match=message):
        triplet_margin_with_distance_loss_grad(
            *arrays, **wrong, distance_grad=pairwise_distance_grad
        )
    with pytest.raises(
        ValueError, match=r"^distance_grad must return shape \(2, 4\): found \(2,\)"
    ):
        triplet_margin_with_distance_loss_grad(
            *arrays,
            distance_function=pairwise_distance,
            distance_grad=lambda x, y: (x[:, 0], y[:, 0]),
        )
    with pytest.raises(TypeError, match=r"^what distance_function returns must hold real numbers"):
        triplet_margin_with_distance_loss(*arrays, distance_function=lambda x, y: ["one", "two"])


# precision


def test_other_arrays_are_taken_at_the_precision_of_the_first():
    x, y, z = np.random.default_rng(0).normal(size=(3, 50, 40))
    first, rest = x.astype(np.float32), [y, (10 * z).astype(np.int8)]
    at_first = [a.astype(np.float32) for a in rest]
    for function in [*both(triplet_margin_loss), *both(triplet_margin_with_distance_loss)]:
        found, expected = function(first, *rest, swap=True), function(first, *at_first, swap=True)
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == np.float32
    for function in [*both(cosine_similarity), *both(pairwise_distance)]:
        for other, same in zip(rest, at_first, strict=True):
            np.testing.assert_array_equal(function(first, other), function(first, same))
    assert pairwise_distance(first, y, p=np.float64(3), eps=np.float64(1)).dtype == np.float32


# other references


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 7.5, INF])
def test_distances_equal_scipy_s(p):
    u, v = np.random.default_rng(1).normal(size=(2, 5))
    expected = scipy.spatial.distance.minkowski(u, v, p)
    assert pairwise_distance(u, v, p=p, eps=0.0) == pytest.approx(expected, rel=1e-14)
    expected = 1 - scipy.spatial.distance.cosine(u, v)
    assert cosine_similarity(u, v, dim=0) == pytest.approx(expected, rel=1e-13)


# theorems


@given(vectors, vectors, st.floats(1e-2, 1e2), st.floats(1e-2, 1e2))
@deterministic
def test_the_cosine_does_not_change_with_the_lengths(u, v, c, d):
    assume(np.any(u) and np.any(v))
    cosine = cosine_similarity(u, v, dim=0)
    assert cosine_similarity(c * u, d * v, dim=0) == pytest.approx(cosine, abs=1e-14)
    assert cosine_similarity(c * u, -d * v, dim=0) == pytest.approx(-cosine, abs=1e-14)


@given(vectors, vectors)
@deterministic
def test_the_cosine_is_symmetric(u, v):
    assert cosine_similarity(u, v, dim=0) == pytest.approx(
        cosine_similarity(v, u, dim=0), rel=1e-15
    )
    grads, exchanged = cosine_similarity_grad(u, v, dim=0), cosine_similarity_grad(v, u, dim=0)
    np.testing.assert_allclose(
        grads, exchanged[::-1], rtol=1e-12, atol=1e-16 + np.abs(grads).max() * 1e-14
    )


@given(vectors, vectors)
@deterministic
def test_cauchy_and_schwarz_keep_the_cosine_within_1(u, v):
    assert abs(cosine_similarity(u, v, dim=0)) <= 1 + 1e-15
    if np.any(u):
        assert cosine_similarity(u, u, dim=0) == pytest.approx(1, abs=1e-15)


@given(vectors, vectors)
@deterministic
def test_the_slope_of_the_cosine_is_at_right_angles(u, v):
    assume(np.linalg.norm(u) > 0.1 and np.linalg.norm(v) > 0.1)
    by_first, by_second = cosine_similarity_grad(u, v, dim=0)
    assert abs(by_first @ u) <= 1e-13
    assert abs(by_second @ v) <= 1e-13


@given(vectors, vectors, vectors, orders)
@deterministic
def test_distances_obey_the_triangle_inequality(u, v, w, p):
    d = lambda x, y: pairwise_distance(x, y, p=p, eps=0.0)
    assert d(u, w) <= (d(u, v) + d(v, w)) * (1 + 1e-13)
    assert d(u, v) == d(v, u)
    assert (d(u, v) == 0) == np.array_equal(u, v)


@given(vectors, vectors, orders)
@deterministic
def test_the_slope_of_a_distance_has_length_1_in_the_dual_norm(u, v, p):
    """By Hölder's inequality: 1/p + 1/q = 1."""
    assume(not np.array_equal(u, v))
    by_first, _ = pairwise_distance_grad(u, v, p=p, eps=0.0)
    q = {1.0: INF, INF: 1.0}.get(p) or p / (p - 1)
    assert np.linalg.norm(by_first, q) == pytest.approx(1, rel=1e-12)
    distance = pairwise_distance(u, v, p=p, eps=0.0)
    assert by_first @ (u - v) == pytest.approx(distance, rel=1e-12)


@given(vectors, st.floats(1e-3, 10), st.booleans(), orders)
@deterministic
def test_a_triplet_that_collapsed_loses_the_margin(u, margin, swap, p):
    assert triplet_margin_loss(u, u, u, margin=margin, swap=swap, p=p) == pytest.approx(margin)


@given(vectors, vectors, vectors, orders, st.floats(1e-3, 1e3))
@deterministic
def test_a_swap_never_makes_the_loss_smaller(a, u, v, p, margin):
    options = {"p": p, "margin": margin}
    plain = triplet_margin_loss(a, u, v, **options)
    assert triplet_margin_loss(a, u, v, swap=True, **options) >= plain


@given(vectors, vectors, vectors, vectors)
@deterministic
def test_a_triplet_stays_where_it_is_when_all_vectors_shift(a, u, v, shift):
    shifted = triplet_margin_loss(a + shift, u + shift, v + shift)
    assert shifted == pytest.approx(triplet_margin_loss(a, u, v), abs=1e-9)
    grads = triplet_margin_loss_grad(a, u, v)
    np.testing.assert_allclose(sum(grads), 0, atol=1e-14)


@given(vectors, vectors, st.floats(-1, 1))
@deterministic
def test_an_embedding_s_losses_are_what_the_cosine_lacks_or_has_too_much(u, v, margin):
    assume(np.linalg.norm(u) > 0.1 and np.linalg.norm(v) > 0.1)
    cosine = cosine_similarity(u, v, dim=0)
    assert cosine_embedding_loss(u, v, 1) == pytest.approx(1 - cosine, abs=1e-9)
    expected = max(0, cosine - margin)
    assert cosine_embedding_loss(u, v, -1, margin=margin) == pytest.approx(expected, abs=1e-9)


# cost


@pytest.mark.parametrize("swap", [False, True])
def test_temporary_memory_is_at_most_8_mb(swap):
    """The results are not counted."""
    x, y, z = np.random.default_rng(0).normal(size=(3, 4000, 500)).astype(np.float32)
    target = np.ones(4000, int)
    own = {"distance_function": pairwise_distance, "distance_grad": pairwise_distance_grad}
    for loss, arrays, options in [
        (cosine_similarity, (x, y), {}),
        (pairwise_distance, (x, y.astype(float)), {"p": 3.0}),
        (cosine_embedding_loss, (x, y, target), {}),
        (triplet_margin_loss, (x, y, z), {"swap": swap}),
        (triplet_margin_with_distance_loss, (x, y, z), {"swap": swap, **own}),
    ]:
        for function in both(loss):
            tracemalloc.start()
            result = function(*arrays, **options)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            results = result if isinstance(result, tuple) else (result,)
            assert peak - sum(x.nbytes for x in results) <= 8e6
