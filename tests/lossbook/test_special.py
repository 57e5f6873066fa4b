"""lossbook.special against SciPy, PyTorch, decimal arithmetic and the theorems."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lossbook import _special
from lossbook.special import (
    log_sigmoid,
    log_softmax,
    logsumexp,
    sigmoid,
    softmax,
    softplus,
    xlogy,
)

INF, NAN = math.inf, math.nan
RTOL = {np.float16: 4e-3, np.float32: 2e-6, np.float64: 1e-12, np.longdouble: 1e-12}

ELEMENTWISE = [sigmoid, log_sigmoid, softplus]
ALONG_AXIS = [logsumexp, softmax, log_softmax]
SCIPY = {
    sigmoid: scipy.special.expit,
    log_sigmoid: scipy.special.log_expit,
    softplus: lambda z: np.logaddexp(0, z),
    logsumexp: scipy.special.logsumexp,
    softmax: scipy.special.softmax,
    log_softmax: scipy.special.log_softmax,
}
SHAPES_AND_AXES = [((1,), 0), ((5,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((0, 3), 1)]

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
logits = hnp.arrays(float, st.integers(1, 8), elements=st.floats(-1e4, 1e4))


def draw(shape, seed=0):
    return np.random.default_rng(seed).normal(scale=3, size=shape)


def exact(formula, z):
    """Evaluate a formula in decimal arithmetic, with more digits than any float64 spans."""
    with localcontext(prec=400):
        return float(formula(Decimal(z)))


# values


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("shape", [(), (1,), (50,), (3, 4), (2, 0)])
def test_elementwise_equals_scipy(function, dtype, shape):
    z = np.asarray(draw(shape)).astype(dtype)
    value = function(z)
    assert value.dtype == dtype
    assert value.shape == shape
    np.testing.assert_allclose(value, SCIPY[function](z.astype(float)), rtol=RTOL[dtype])


@pytest.mark.parametrize("function", ALONG_AXIS)
@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
def test_along_axis_equals_scipy(function, dtype, shape, axis):
    z = draw(shape).astype(dtype)
    value, expected = function(z, axis=axis), SCIPY[function](z.astype(float), axis=axis)
    assert value.dtype == dtype
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=RTOL[dtype], atol=RTOL[dtype] / 10)


@pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
def test_logsumexp_keeps_dims(shape, axis):
    z = draw(shape)
    kept = logsumexp(z, axis=axis, keepdims=True)
    assert kept.shape[axis] == 1
    np.testing.assert_array_equal(kept.squeeze(axis), logsumexp(z, axis=axis))


@pytest.mark.parametrize("dtype", RTOL)
def test_xlogy_equals_scipy(dtype):
    x = np.array([0, 0.5, 1, 2, 0.25, -3], dtype=dtype)
    y = np.array([[0.5], [1], [7]], dtype=dtype)
    value = xlogy(x, y)
    assert value.dtype == dtype
    np.testing.assert_allclose(
        value, scipy.special.xlogy(x.astype(float), y.astype(float)), rtol=RTOL[dtype]
    )


def test_xlogy_equals_scipy_at_every_special_pair():
    special = [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, 1e308, -1e308, INF, -INF, NAN]
    x, y = np.meshgrid(special, special)
    with np.errstate(all="ignore"):
        expected = scipy.special.xlogy(x, y)
    np.testing.assert_allclose(xlogy(x, y), expected, rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equals_torch(dtype):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    z = draw((4, 5)).astype(dtype)
    t = torch.from_numpy(z)
    rows = [
        (logsumexp(z, axis=0), torch.logsumexp(t, dim=0)),
        (softmax(z), functional.softmax(t, dim=-1)),
        (log_softmax(z), functional.log_softmax(t, dim=-1)),
        (sigmoid(z), torch.sigmoid(t)),
        (log_sigmoid(z), functional.logsigmoid(t)),
        (softplus(z), functional.softplus(t, threshold=1e9)),
        (xlogy(sigmoid(z), softplus(z)), torch.xlogy(torch.sigmoid(t), functional.softplus(t))),
    ]
    for value, expected in rows:
        assert value.dtype == dtype
        np.testing.assert_allclose(value, expected.numpy(), rtol=RTOL[getattr(np, dtype)])


# digits: the result is right to a few units in the last place, wherever the logits are

PLACES = [-745.0, -100.0, -40.0, -20.0, -1.5, -1e-9, 0.0, 1e-9, 0.7, 20.0, 40.0, 100.0, 700.0]


@pytest.mark.parametrize("z", PLACES)
@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (sigmoid, lambda z: 1 / (1 + (-z).exp())),
        (log_sigmoid, lambda z: -(1 + (-z).exp()).ln()),
        (softplus, lambda z: (1 + z.exp()).ln()),
        (lambda z: logsumexp([0.0, z]), lambda z: (1 + z.exp()).ln()),
        (lambda z: logsumexp([z, 0.0]), lambda z: (1 + z.exp()).ln()),
        (lambda z: log_softmax([z, 0.0])[1], lambda z: -(1 + z.exp()).ln()),
        (lambda z: softmax([z, 0.0])[0], lambda z: 1 / (1 + (-z).exp())),
    ],
)
def test_all_digits_survive(function, formula, z):
    assert function(z) == pytest.approx(exact(formula, z), rel=1e-15, abs=5e-324)


def test_log_softmax_of_large_logits_keeps_small_probabilities():
    expected = exact(lambda d: -(1 + d.exp()).ln(), -37)
    assert log_softmax([10000.0, 9963.0])[0] == pytest.approx(expected, rel=1e-14)


def test_softmax_quotient_is_more_accurate_than_exp_of_log_softmax():
    expected = exact(lambda d: d.exp() / (1 + d.exp()), -700)
    assert softmax([-350.0, 350.0])[0] == pytest.approx(expected, rel=1e-15)


# extreme inputs


@pytest.mark.parametrize(
    ("function", "z", "expected"),
    [
        (sigmoid, [-INF, -1e4, 0, 1e4, INF, NAN], [0, 0, 0.5, 1, 1, NAN]),
        (log_sigmoid, [-INF, -1e4, 1e4, INF, NAN], [-INF, -1e4, 0, 0, NAN]),
        (softplus, [-INF, -1e4, 1e4, INF, NAN], [0, 0, 1e4, INF, NAN]),
        (logsumexp, [1e4, 1e4], 1e4 + math.log(2)),
        (logsumexp, [-1e4, -1e4], -1e4 + math.log(2)),
        (logsumexp, [1e4, -1e4], 1e4),
        (logsumexp, [1e308, -1e308], 1e308),
        (logsumexp, [-INF, -INF], -INF),
        (logsumexp, [-INF], -INF),
        (logsumexp, [-INF, 3], 3),
        (logsumexp, [INF, 1e4], INF),
        (logsumexp, [INF, INF], INF),
        (logsumexp, [-INF, INF], INF),
        (logsumexp, [INF, NAN], NAN),
        (logsumexp, [NAN], NAN),
        (softmax, [1e4, 0, 1e4], [0.5, 0, 0.5]),
        (softmax, [1e308, -1e308], [1, 0]),
        (softmax, [-INF, 3], [0, 1]),
        (softmax, [-INF], [NAN]),
        (softmax, [5, INF, -INF], [0, 1, 0]),
        (softmax, [INF, 1, INF], [NAN, NAN, NAN]),
        (softmax, [-INF, -INF], [NAN, NAN]),
        (softmax, [1, NAN], [NAN, NAN]),
        (softmax, [NAN], [NAN]),
        (log_softmax, [1e4, -1e4], [0, -2e4]),
        (log_softmax, [-INF, 3], [-INF, 0]),
        (log_softmax, [-INF], [NAN]),
        (log_softmax, [5, INF, -INF], [-INF, 0, -INF]),
        (log_softmax, [INF, 1, INF], [NAN, NAN, NAN]),
        (log_softmax, [-INF, -INF], [NAN, NAN]),
        (log_softmax, [1, NAN], [NAN, NAN]),
        (log_softmax, [NAN], [NAN]),
    ],
)
def test_extreme_logits(function, z, expected):
    np.testing.assert_allclose(function(z), expected, rtol=1e-15)


@pytest.mark.parametrize("function", ELEMENTWISE + ALONG_AXIS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_largest_logits_are_finite(function, dtype):
    top = np.finfo(dtype).max
    value = function(np.array([top, 0], dtype=dtype))
    assert np.isfinite(value).all()


def test_nan_stays_in_its_row():
    z = np.array([[0.0, NAN], [1.0, 2.0]])
    for function in ALONG_AXIS:
        assert np.isnan(function(z)[0]).all()
        np.testing.assert_array_equal(function(z)[1], function(z[1]))


def test_logarithms_of_certainty_are_not_minus_zero():
    for value in (log_sigmoid(INF), log_sigmoid(1e4), log_softmax([1e4, 0])[0]):
        assert value == 0
        assert not np.signbit(value)


# arrays


@pytest.mark.parametrize("function", ELEMENTWISE + ALONG_AXIS)
@pytest.mark.parametrize("z", [[1, -2, 0], np.array([1, -2, 0], dtype=np.int8), [True, False]])
def test_integers_and_booleans_become_float64(function, z):
    value = function(z)
    assert value.dtype == np.float64
    np.testing.assert_array_equal(value, function(np.array(z, dtype=float)))


def test_scalars_return_numpy_scalars():
    values = [f(z) for f in ELEMENTWISE for z in (0.5, 1, np.float32(2), np.array(0.5))]
    values += [xlogy(1, 2), xlogy(0.5, np.array(2)), logsumexp([0, 1])]
    assert all(isinstance(value, np.floating) for value in values)


@pytest.mark.parametrize("function", ELEMENTWISE + ALONG_AXIS)
def test_inputs_may_be_read_only_and_non_contiguous_and_stay_unchanged(function):
    whole = draw((6, 8))
    for view in (whole, whole.T, whole[::2, ::-3], np.asfortranarray(whole), whole.astype(">f8")):
        z = view.view()
        z.flags.writeable = False
        before = z.tobytes(), whole.tobytes()
        value = function(z)
        assert (z.tobytes(), whole.tobytes()) == before
        assert not np.shares_memory(value, whole)
        np.testing.assert_allclose(value, function(np.array(z, dtype=float)), rtol=1e-14)


def test_xlogy_leaves_its_inputs_unchanged():
    x, y = np.zeros((3, 2)), np.ones(2)
    x.flags.writeable = y.flags.writeable = False
    assert xlogy(x, y).flags.writeable
    assert not x.any()
    assert y.all()


# errors


@pytest.mark.parametrize("function", ELEMENTWISE + ALONG_AXIS)
@pytest.mark.parametrize(
    ("z", "found"),
    [(np.array([1j]), "complex128"), (["a"], "<U1"), ([None], "object"), ([b"a"], r"\|S1")],
)
def test_only_real_numbers_are_accepted(function, z, found):
    with pytest.raises(TypeError, match=rf"^z must hold real numbers: found dtype {found}$"):
        function(z)


def test_xlogy_names_the_argument_that_is_not_real():
    with pytest.raises(TypeError, match=r"^x must hold real numbers: found dtype complex128$"):
        xlogy(1j, 1)
    with pytest.raises(TypeError, match=r"^y must hold real numbers: found dtype complex128$"):
        xlogy(1, 1j)


def test_xlogy_refuses_shapes_that_do_not_broadcast():
    message = r"^x and y must broadcast together: \(3,\) and \(4,\)$"
    with pytest.raises(ValueError, match=message):
        xlogy(np.ones(3), np.ones(4))


@pytest.mark.parametrize("function", ELEMENTWISE + ALONG_AXIS)
def test_ragged_lists_are_refused(function):
    with pytest.raises(ValueError, match=r"^z must be a rectangular array: .*inhomogeneous"):
        function([[1, 2], [3]])


@pytest.mark.parametrize("function", ALONG_AXIS)
@pytest.mark.parametrize(
    ("z", "axis", "error", "message"),
    [
        (1.0, -1, ValueError, r"^z has no axis -1: shape \(\)$"),
        ([1.0, 2.0], 1, ValueError, r"^z has no axis 1: shape \(2,\)$"),
        ([1.0, 2.0], -2, ValueError, r"^z has no axis -2: shape \(2,\)$"),
        ([], -1, ValueError, r"^z must not be empty along axis -1: shape \(0,\)$"),
        (np.ones((2, 0)), 1, ValueError, r"^z must not be empty along axis 1: shape \(2, 0\)$"),
        ([1.0], False, TypeError, r"^axis must be an integer: found False$"),
        ([1.0], (0.5,), TypeError, r"^axis must be an integer: found 0.5$"),
        ([1.0], 0.0, TypeError, r"^axis must be an integer: found 0\.0$"),
    ],
)
def test_axis_errors(function, z, axis, error, message):
    with pytest.raises(error, match=message):
        function(z, axis=axis)


# theorems


@deterministic
@given(logits, st.floats(-1e4, 1e4))
def test_softmax_shift_invariance(z, shift):
    # The shifted logits are themselves rounded, to a spacing of at most 4e-12.
    np.testing.assert_allclose(softmax(z + shift), softmax(z), rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(log_softmax(z + shift), log_softmax(z), rtol=0, atol=1e-11)


@deterministic
@given(logits, st.floats(-1e4, 1e4))
def test_logsumexp_shift_equivariance(z, shift):
    np.testing.assert_allclose(logsumexp(z + shift), logsumexp(z) + shift, rtol=0, atol=1e-11)


@deterministic
@given(logits)
def test_logsumexp_lies_between_maximum_and_maximum_plus_log_k(z):
    slack = 4 * np.spacing(abs(z).max() + 1)
    assert z.max() <= logsumexp(z) <= z.max() + math.log(z.size) + slack


@deterministic
@given(logits, st.randoms(use_true_random=False))
def test_softmax_permutation_equivariance(z, random):
    order = random.sample(range(z.size), z.size)
    np.testing.assert_allclose(softmax(z[order]), softmax(z)[order], rtol=1e-14)
    np.testing.assert_allclose(logsumexp(z[order]), logsumexp(z), rtol=1e-14, atol=1e-15)


@deterministic
@given(logits)
def test_softmax_is_a_distribution(z):
    p = softmax(z)
    assert (p >= 0).all()
    assert (p <= 1).all()
    assert p.sum() == pytest.approx(1, rel=1e-15)
    assert (log_softmax(z) <= 0).all()


@deterministic
@given(hnp.arrays(float, st.integers(1, 8), elements=st.floats(-300, 300)))
def test_exp_of_log_softmax_is_softmax(z):
    np.testing.assert_allclose(np.exp(log_softmax(z)), softmax(z), rtol=1e-12)


@deterministic
@given(logits)
def test_log_softmax_is_idempotent(z):
    np.testing.assert_allclose(log_softmax(log_softmax(z)), log_softmax(z), rtol=1e-14)


@deterministic
@given(st.floats(-1e4, 1e4))
def test_sigmoid_is_softmax_of_two_logits(z):
    assert sigmoid(z) == pytest.approx(softmax([z, 0])[0], rel=1e-15)
    assert log_sigmoid(z) == pytest.approx(log_softmax([z, 0])[0], rel=1e-15)
    assert softplus(z) == pytest.approx(logsumexp([z, 0]), rel=1e-15)


@deterministic
@given(st.floats(-1e4, 1e4))
def test_sigmoid_symmetry(z):
    assert sigmoid(z) + sigmoid(-z) == pytest.approx(1, rel=1e-15)


@deterministic
@given(st.floats(-1e4, 1e4))
def test_softplus_symmetry(z):
    assert softplus(z) - softplus(-z) == pytest.approx(z, rel=1e-14, abs=1e-15)


@deterministic
@given(st.floats())
def test_log_sigmoid_is_minus_softplus_of_minus_z(z):
    np.testing.assert_array_equal(log_sigmoid(z), -softplus(-z))


@deterministic
@given(st.floats(-30, 30))
def test_derivative_of_softplus_is_sigmoid(z):
    step = 1e-5
    slope = (softplus(z + step) - softplus(z - step)) / (2 * step)
    assert slope == pytest.approx(sigmoid(z), rel=1e-6, abs=1e-9)


@deterministic
@given(hnp.arrays(float, 4, elements=st.floats(-10, 10)))
def test_gradient_of_logsumexp_is_softmax(z):
    steps = 1e-5 * np.eye(4)
    slope = (logsumexp(z + steps) - logsumexp(z - steps)) / 2e-5
    np.testing.assert_allclose(slope, softmax(z), atol=1e-8)


# of a block: other code, for speed, and the same functions


@pytest.mark.parametrize("scale", [1, 1e3])
def test_functions_of_a_block_are_those_of_whole_arrays(scale):
    rng = np.random.default_rng(0)
    z, y, n = scale * rng.normal(size=(5, 40)), rng.integers(5, size=40), np.arange(40)
    m, largest, below = _special.below_maximum(z)
    log_sum = _special.log_sum_exp(below, largest)
    np.testing.assert_array_equal(m, z.max(axis=0))
    np.testing.assert_allclose(m + log_sum, logsumexp(z, axis=0), rtol=1e-14)
    with np.errstate(all="ignore"):  # as in a block
        losses, p = _special.minus_log_softmax(z, y), _special.softmax(z, 3.0)
    np.testing.assert_allclose(losses, -log_softmax(z, axis=0)[y, n], rtol=1e-13)
    np.testing.assert_allclose(p, 3 * softmax(z, axis=0), rtol=1e-12, atol=1e-300)


def test_the_logistic_of_a_block_is_made_of_softplus_and_sigmoid():
    rng = np.random.default_rng(0)
    z, t = rng.normal(scale=30, size=200), rng.random(200)
    loss, slope = _special.logistic(z, t), _special.logistic_slope(z, t)
    np.testing.assert_allclose(loss, t * softplus(-z) + (1 - t) * softplus(z), rtol=1e-13)
    np.testing.assert_allclose(slope, sigmoid(z) - t, rtol=1e-12, atol=1e-15)
    p, q = _special.sigmoids(z)
    np.testing.assert_allclose(p, sigmoid(z), rtol=1e-15)
    np.testing.assert_allclose(q, sigmoid(-z), rtol=1e-15)
