"""lossbook.information against SciPy, PyTorch, decimal arithmetic and the theorems."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lossbook.information import (
    binary_entropy,
    cross_entropy,
    entropy,
    js_divergence,
    kl_divergence,
    mutual_information,
    perplexity,
    self_information,
)

INF, NAN, LOG_2 = math.inf, math.nan, math.log(2)
RTOL = {np.float16: 1e-2, np.float32: 2e-6, np.float64: 1e-12}

ELEMENTWISE = [self_information, binary_entropy]
OF_ONE = [entropy, perplexity]
OF_TWO = [cross_entropy, kl_divergence, js_divergence]
WITH_BASE = [*ELEMENTWISE, entropy, *OF_TWO, mutual_information]


def scipy_js(p, q, axis):
    m = (p + q) / 2
    return (scipy.stats.entropy(p, m, axis=axis) + scipy.stats.entropy(q, m, axis=axis)) / 2


SCIPY = {
    self_information: lambda p: -np.log(p),
    binary_entropy: lambda p: scipy.special.entr(p) + scipy.special.entr(1 - p),
    entropy: lambda p, axis: scipy.stats.entropy(p, axis=axis),
    perplexity: lambda p, axis: np.exp(scipy.stats.entropy(p, axis=axis)),
    cross_entropy: lambda p, q, axis: -scipy.special.xlogy(p, q).sum(axis=axis),
    kl_divergence: lambda p, q, axis: scipy.stats.entropy(p, q, axis=axis),
    js_divergence: scipy_js,
}
SHAPES_AND_AXES = [((5,), -1), ((1,), 0), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((2, 50), -1)]

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)


def draw(shape, axis=-1, seed=0):
    """Return random distributions along `axis`."""
    weights = np.random.default_rng(seed).exponential(size=shape)
    return weights / weights.sum(axis=axis, keepdims=True)


def arguments(function, p, q):
    """Return p, or p and q, or a joint distribution: what the function takes."""
    if function is mutual_information:
        return (p[..., :, None] * q[..., None, :],)
    return (p, q) if function in OF_TWO else (p,)


weights = st.just(0.0) | st.floats(1e-6, 1)


def distributions_of(shape):
    """Draw distributions, with zeros, over the last axis (or all axes) of an array."""
    arrays = hnp.arrays(float, shape, elements=weights).filter(np.any)
    return arrays.map(lambda w: w / w.sum())


distributions = st.integers(1, 8).flatmap(distributions_of)
pairs = st.integers(1, 8).flatmap(lambda n: st.tuples(distributions_of(n), distributions_of(n)))
joints = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(distributions_of)


# values


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize("shape", [(), (50,), (3, 4)])
def test_elementwise_equals_scipy(function, dtype, shape):
    p = np.random.default_rng(0).uniform(0.01, 0.99, size=shape)
    p = np.asarray(p).astype(dtype)
    value = function(p)
    assert value.dtype == dtype
    assert value.shape == shape
    np.testing.assert_allclose(value, SCIPY[function](p.astype(float)), rtol=RTOL[dtype])


@pytest.mark.parametrize("function", OF_ONE + OF_TWO)
@pytest.mark.parametrize("dtype", RTOL)
@pytest.mark.parametrize(("shape", "axis"), SHAPES_AND_AXES)
def test_along_axis_equals_scipy(function, dtype, shape, axis):
    # SciPy, in float64, gets the same rounded distributions.
    arrays = [draw(shape, axis, seed).astype(dtype) for seed in (1, 2)][: 1 + (function in OF_TWO)]
    value = function(*arrays, axis=axis)
    doubles = [p.astype(float) / p.astype(float).sum(axis=axis, keepdims=True) for p in arrays]
    expected = SCIPY[function](*doubles, axis=axis)
    assert value.dtype == dtype
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=RTOL[dtype], atol=RTOL[dtype] / 10)


@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (5, 2, 3)])
@pytest.mark.parametrize("dtype", RTOL)
def test_mutual_information_equals_sum_over_the_table(shape, dtype):
    joint = draw((*shape[:-2], shape[-2] * shape[-1]), seed=3).reshape(shape).astype(dtype)
    value = mutual_information(joint)
    tables = joint.astype(float).reshape(-1, *shape[-2:])
    expected = [
        sum(
            table[i, j] * math.log(table[i, j] / (table[i, :].sum() * table[:, j].sum()))
            for i in range(shape[-2])
            for j in range(shape[-1])
        )
        for table in tables
    ]
    assert value.dtype == dtype
    assert value.shape == shape[:-2]
    np.testing.assert_allclose(
        value, np.reshape(expected, shape[:-2]), rtol=RTOL[dtype], atol=RTOL[dtype]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equals_torch(dtype):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    p, q = draw((4, 5), seed=1).astype(dtype), draw((4, 5), seed=2).astype(dtype)
    tp, tq = torch.from_numpy(p), torch.from_numpy(q)
    rtol = RTOL[getattr(np, dtype)]
    categorical = torch.distributions.Categorical(tp)
    np.testing.assert_allclose(entropy(p), categorical.entropy().numpy(), rtol=rtol)
    np.testing.assert_allclose(perplexity(p), categorical.perplexity().numpy(), rtol=rtol)
    kl = functional.kl_div(tq.log(), tp, reduction="none").sum(-1)
    np.testing.assert_allclose(kl_divergence(p, q), kl.numpy(), rtol=3 * rtol)
    ce = functional.cross_entropy(tq.log(), tp, reduction="none")
    np.testing.assert_allclose(cross_entropy(p, q), ce.numpy(), rtol=rtol)
    bernoulli = torch.distributions.Bernoulli(tp)
    np.testing.assert_allclose(binary_entropy(p), bernoulli.entropy().numpy(), rtol=rtol)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (self_information(1 / 6, base=6), 1),
        (entropy([0.5, 0.25, 0.125, 0.125], base=2), 1.75),
        (entropy([0.1] * 10, base=10), 1),
        (binary_entropy(0.5), LOG_2),
        (binary_entropy(0.5, base=2), 1),
        (cross_entropy([0.5, 0.25, 0.25], [0.25, 0.25, 0.5], base=2), 1.75),
        (kl_divergence([0.5, 0.5], [0.25, 0.75]), math.log(4 / 3) / 2),
        (kl_divergence([1, 0], [0.25, 0.75], base=2), 2),
        (js_divergence([1, 0], [0, 1]), LOG_2),
        (js_divergence([1, 0], [0.5, 0.5]), 0.75 * math.log(4 / 3)),
        (mutual_information([[0.5, 0], [0, 0.5]]), LOG_2),
        (mutual_information([[1, 0], [0, 0]]), 0),
        (perplexity([0.5, 0.25, 0.25]), 2**1.5),
        (perplexity([1, 0]), 1),
    ],
)
def test_known_values(value, expected):
    assert value == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("function", WITH_BASE)
def test_bits_are_nats_divided_by_log_2(function):
    args = arguments(function, draw(5, seed=1), draw(5, seed=2))
    for base in (2, 10, 1.5, 1024.0, np.float32(3)):
        np.testing.assert_allclose(
            function(*args, base=base), function(*args) / math.log(base), rtol=1e-14
        )


@pytest.mark.parametrize("function", WITH_BASE)
@pytest.mark.parametrize("base", [2, 2.5, np.float64(2), np.int64(3)])
def test_the_base_does_not_change_the_precision(function, base):
    args = arguments(function, *(draw(5, seed=i).astype("float32") for i in (1, 2)))
    assert function(*args, base=base).dtype == np.float32


# digits


def decimals(p):
    return [Decimal(float(x)) for x in p]


def exact_kl(p, q):
    return sum(x * (x / y).ln() for x, y in zip(p, q, strict=True))


@pytest.mark.parametrize("p", [1e-300, 1e-20, 1e-12, 1e-8, 1e-3, 0.3, 0.5, 0.9, 1 - 2**-53])
def test_binary_entropy_keeps_all_digits_near_certainty(p):
    with localcontext(prec=400):
        x = Decimal(p)
        expected = float(-x * x.ln() - (1 - x) * (1 - x).ln())
    assert binary_entropy(p) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("step", [2**-4, 2**-12, 2**-20, 2**-26])
def test_kl_keeps_its_digits_for_close_distributions(step):
    # The divergence is about step ** 2; that of either logarithm alone would be its rounding.
    p, q = np.array([0.25, 0.75]), np.array([0.25 + step, 0.75 - step])
    with localcontext(prec=60):
        expected = float(exact_kl(decimals(p), decimals(q)))
    assert kl_divergence(p, q) == pytest.approx(expected, rel=1e-15 / step)


@pytest.mark.parametrize("step", [2**-4, 2**-12, 2**-20, 2**-26, 2**-40])
def test_js_keeps_its_digits_for_close_distributions(step):
    p, q = np.array([0.3, 0.7]), np.array([0.3 + step, 0.7 - step])
    with localcontext(prec=60):
        m = [(x + y) / 2 for x, y in zip(decimals(p), decimals(q), strict=True)]
        expected = float((exact_kl(decimals(p), m) + exact_kl(decimals(q), m)) / 2)
    assert js_divergence(p, q) == pytest.approx(expected, rel=1e-15 / step, abs=0)
    assert js_divergence(p, q) > 0


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-300, 1e-20])
def test_divergences_from_tiny_probabilities_neither_overflow_nor_vanish(tiny):
    p, q = np.array([0.5, 0.5]), np.array([tiny, 1.0])
    expected = 0.5 * (math.log(0.5) - math.log(tiny)) + 0.5 * math.log(0.5)
    assert kl_divergence(p, q) == pytest.approx(expected, rel=1e-15)
    assert kl_divergence(q, p) == pytest.approx(LOG_2, rel=1e-15)
    assert js_divergence(q, [0.0, 1.0]) <= tiny
    corner = [[tiny, 0.0], [0.0, 1.0]]
    assert mutual_information(corner) == pytest.approx(-tiny * math.log(tiny), rel=1e-15)


def test_float16_ratios_do_not_overflow():
    p, q = np.array([1, 0], dtype=np.float16), np.array([6e-8, 1], dtype=np.float16)
    assert kl_divergence(p, q) == pytest.approx(-math.log(q[0]), rel=1e-3)


# extreme inputs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (self_information([0, 1, NAN]), [INF, 0, NAN]),
        (binary_entropy([0, 1, NAN]), [0, 0, NAN]),
        (entropy([0, 1, 0]), 0),
        (entropy([NAN, 1, 0]), NAN),
        (entropy([[0.5, 0.5], [NAN, 0.5]]), [LOG_2, NAN]),
        (perplexity([NAN, 1]), NAN),
        (cross_entropy([0, 1], [0, 1]), 0),
        (cross_entropy([0.5, 0.5], [0, 1]), INF),
        (cross_entropy([0, 1], [NAN, 1]), NAN),
        (cross_entropy([NAN, 1], [0.5, 0.5]), NAN),
        (kl_divergence([0, 1], [0, 1]), 0),
        (kl_divergence([0.5, 0.5], [0, 1]), INF),
        (kl_divergence([0, 1], [0.5, 0.5]), LOG_2),
        (kl_divergence([0, 1], [NAN, 1]), NAN),
        (kl_divergence([NAN, 1], [0.5, 0.5]), NAN),
        (js_divergence([0, 0, 1], [0, 1, 0]), LOG_2),
        (js_divergence([0, 1], [NAN, 1]), NAN),
        (mutual_information([[NAN, 0.5], [0.25, 0.25]]), NAN),
    ],
)
def test_extreme_probabilities(value, expected):
    np.testing.assert_allclose(value, expected, rtol=1e-15)


def test_zero_is_never_minus_zero():
    sure = [0.0, 1.0]
    zeros = [self_information(1), entropy(sure), binary_entropy(0), binary_entropy(1)]
    zeros += [f(sure, sure) for f in OF_TWO] + [mutual_information([sure])]
    zeros += [entropy(sure, base=2)]
    assert [f"{zero:.4f}" for zero in zeros] == ["0.0000"] * len(zeros)


def test_a_marginal_that_rounds_above_one_is_a_distribution():
    above = np.array([np.nextafter(1, 2), 0])
    assert entropy(above) == pytest.approx(0, abs=1e-15)
    assert perplexity(above) == pytest.approx(1)


# arrays


@pytest.mark.parametrize("function", WITH_BASE)
@pytest.mark.parametrize("dtype", [bool, np.int8, int])
def test_integers_and_booleans_become_float64(function, dtype):
    args = arguments(function, np.array([0, 1, 0]), np.array([0, 1, 0]))
    assert function(*(x.astype(dtype) for x in args)).dtype == np.float64


def test_scalars_return_numpy_scalars():
    p = [0.25, 0.75]
    values = [self_information(0.5), binary_entropy(1), entropy(p), perplexity(p)]
    values += [f(p, p) for f in OF_TWO] + [mutual_information([p])]
    assert all(isinstance(value, np.floating) for value in values)


@pytest.mark.parametrize("function", [*WITH_BASE, perplexity])
def test_inputs_may_be_read_only_and_non_contiguous_and_stay_unchanged(function):
    p, q = draw((4, 6), seed=1), draw((4, 6), seed=2)
    expected = function(*arguments(function, p, q))
    for layout in (
        np.copy,
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
        lambda x: x[..., ::-1].copy()[..., ::-1],
        lambda x: x.astype(">f8"),
    ):
        args = [layout(x) for x in arguments(function, p, q)]
        for x in args:
            x.flags.writeable = False
        before = [x.tobytes() for x in args]
        value = function(*args)
        assert [x.tobytes() for x in args] == before
        assert not any(np.shares_memory(value, x) for x in args)
        np.testing.assert_allclose(value, expected, rtol=1e-14)


@pytest.mark.parametrize("function", OF_ONE + OF_TWO)
def test_the_axis_is_the_one_that_is_moved_last(function):
    args = arguments(function, draw((2, 3, 4), 1, seed=1), draw((2, 3, 4), 1, seed=2))
    moved = [np.moveaxis(x, 1, -1) for x in args]
    np.testing.assert_allclose(function(*args, axis=1), function(*moved), rtol=1e-14)


# errors

HALF = [0.5, 0.5]
SINGLE = {"self_information": self_information, "binary_entropy": binary_entropy}
ALONG = {
    "entropy": entropy,
    "perplexity": perplexity,
    **{f.__name__: lambda p, f=f, **kw: f(p, np.ones_like(p), **kw) for f in OF_TWO},
}


@pytest.mark.parametrize("function", SINGLE.values(), ids=SINGLE)
@pytest.mark.parametrize(
    ("p", "error", "message"),
    [
        (
            [0.1, 0.2, 0.3, -0.2],
            ValueError,
            r"^p must lie in \[0, 1\]: found -0\.2 at index \(3,\)$",
        ),
        ([[0.5], [1.5]], ValueError, r"^p must lie in \[0, 1\]: found 1\.5 at index \(1, 0\)$"),
        (1.5, ValueError, r"^p must lie in \[0, 1\]: found 1\.5$"),
        (np.nextafter(1, 2), ValueError, r"^p must lie in \[0, 1\]: found 1\.0000000000000002$"),
        (INF, ValueError, r"^p must lie in \[0, 1\]: found inf$"),
        ([], ValueError, r"^p must not be empty: shape \(0,\)$"),
        (0.5j, TypeError, r"^p must hold real numbers: found dtype complex128$"),
        ("0.5", TypeError, r"^p must hold real numbers: found dtype <U3$"),
        (None, TypeError, r"^p must hold real numbers: found dtype object$"),
    ],
)
def test_errors_of_single_probabilities(function, p, error, message):
    with pytest.raises(error, match=message):
        function(p)


@pytest.mark.parametrize("function", ALONG.values(), ids=ALONG)
@pytest.mark.parametrize(
    ("p", "axis", "error", "message"),
    [
        ([1.2, -0.2], -1, ValueError, r"^p must lie in \[0, 1\]: found 1\.2 at index \(0,\)$"),
        ([[1, 0], [-0.5, 1.5]], -1, ValueError, r"lie in \[0, 1\]: found -0\.5 at index \(1, 0\)$"),
        ([0.5, INF], -1, ValueError, r"^p must lie in \[0, 1\]: found inf at index \(1,\)$"),
        (
            [0.5, 0.25],
            -1,
            ValueError,
            r"^p of shape \(2,\) must sum to 1 along axis -1 within 1\.5e-08: found 0\.75$",
        ),
        (
            np.array([HALF, [0.5, 0.75]], dtype=np.float32),
            1,
            ValueError,
            r"^p of shape \(2, 2\) must sum to 1 along axis 1 within 0\.00035: "
            r"found 1\.25 at index \(1,\)$",
        ),
        ([[0.25, 0.75]] * 2, 0, ValueError, r"along axis 0 .* found 0\.5 at index \(0,\)$"),
        ([0.5, 0.5 + 2e-8], -1, ValueError, r"must sum to 1 .* found 1\.0000000[12]"),
        (1.0, -1, ValueError, r"^p has no axis -1: shape \(\)$"),
        (HALF, 1, ValueError, r"^p has no axis 1: shape \(2,\)$"),
        ([], -1, ValueError, r"^p must not be empty along axis -1: shape \(0,\)$"),
        (np.ones((0, 3)), -1, ValueError, r"^p must not be empty: shape \(0, 3\)$"),
        (HALF, False, TypeError, r"^axis must be an integer: found False$"),
        ([1j, 0], -1, TypeError, r"^p must hold real numbers: found dtype complex128$"),
        (["a"], -1, TypeError, r"^p must hold real numbers: found dtype <U1$"),
    ],
)
def test_errors_of_distributions(function, p, axis, error, message):
    with pytest.raises(error, match=message):
        function(p, axis=axis)


@pytest.mark.parametrize("function", [*WITH_BASE, perplexity])
def test_ragged_lists_are_refused(function):
    ragged = [[0.5, 0.5], [1]]
    with pytest.raises(ValueError, match=r"^(p|joint) must be a rectangular array: "):
        function(*[ragged] * (1 + (function in OF_TWO)))


@pytest.mark.parametrize("function", OF_TWO)
@pytest.mark.parametrize(
    ("q", "error", "message"),
    [
        ([0.25] * 4, ValueError, r"^p and q must have the same shape: \(2,\) and \(4,\)$"),
        ([HALF], ValueError, r"^p and q must have the same shape: \(2,\) and \(1, 2\)$"),
        ([1.5, -0.5], ValueError, r"^q must lie in \[0, 1\]: found 1\.5 at index \(0,\)$"),
        ([0.5, 0.4], ValueError, r"^q of shape \(2,\) must sum to 1 .* found 0\.9$"),
        ([None, 1], TypeError, r"^q must hold real numbers: found dtype object$"),
        (0.5, ValueError, r"^q has no axis -1: shape \(\)$"),
    ],
)
def test_errors_of_the_second_distribution(function, q, error, message):
    with pytest.raises(error, match=message):
        function(HALF, q)


@pytest.mark.parametrize(
    ("joint", "error", "message"),
    [
        (HALF, ValueError, r"^joint must have at least two axes: shape \(2,\)$"),
        (0.5, ValueError, r"^joint must have at least two axes: shape \(\)$"),
        (np.ones((2, 0)), ValueError, r"^joint must not be empty: shape \(2, 0\)$"),
        ([[2.0, -1.0]], ValueError, r"^joint must lie in \[0, 1\]: found 2\.0 at index \(0, 0\)$"),
        (
            [[0.5, 0.5], [0.5, 0.5]],
            ValueError,
            r"^joint of shape \(2, 2\) must sum to 1 along axis \(-2, -1\) "
            r"within 1\.5e-08: found 2\.0$",
        ),
        ([["a"]], TypeError, r"^joint must hold real numbers: found dtype <U1$"),
    ],
)
def test_errors_of_joint_distributions(joint, error, message):
    with pytest.raises(error, match=message):
        mutual_information(joint)


@pytest.mark.parametrize("function", WITH_BASE)
@pytest.mark.parametrize(
    ("base", "error", "message"),
    [
        *[
            (base, ValueError, rf"^base must be finite and above 1: found {base!r}$")
            for base in (0, -2, 0.5, 1, 1.0, INF, NAN, True)
        ],
        ("e", TypeError, r"^base must be a real number: found 'e'$"),
        (None, TypeError, r"^base must be a real number: found None$"),
        (2j, TypeError, r"^base must be a real number: found 2j$"),
    ],
)
def test_errors_of_the_base(function, base, error, message):
    args = arguments(function, np.array(HALF), np.array(HALF))
    with pytest.raises(error, match=message):
        function(*args, base=base)


@pytest.mark.parametrize("dtype", RTOL)
def test_the_tolerance_is_the_root_of_the_machine_epsilon(dtype):
    tolerance = float(np.finfo(dtype).eps) ** 0.5
    entropy(np.array([0.5, 0.5 + tolerance / 2], dtype=dtype))
    entropy(np.array([0.5, 0.5 - tolerance / 2], dtype=dtype))
    for far in (0.5 + 2 * tolerance, 0.5 - 2 * tolerance):
        with pytest.raises(ValueError, match=f"within {tolerance:.2g}"):
            entropy(np.array([0.5, far], dtype=dtype))


def test_the_sum_is_taken_in_double_precision():
    # Added one by one in float32, a hundred thousand rows would miss one by more than 0.0003.
    n = 300_000
    p = np.full((n, 2), 1 / n, dtype=np.float32)
    assert abs(p.sum(axis=0) - 1).max() > 3.5e-4
    assert entropy(p, axis=0).shape == (2,)


# theorems


def close(value, expected):
    return value == pytest.approx(expected, rel=1e-12, abs=1e-13)


@deterministic
@given(st.floats(0, 1), st.floats(0, 1))
def test_information_of_independent_outcomes_adds(p, q):
    if p * q > 1e-300:
        assert close(self_information(p * q), self_information(p) + self_information(q))


@deterministic
@given(distributions)
def test_entropy_is_expected_self_information(p):
    support = p[p > 0]
    assert close(entropy(p), support @ self_information(support))


@deterministic
@given(distributions)
def test_entropy_is_non_negative(p):
    assert entropy(p) >= 0


@deterministic
@given(distributions)
def test_entropy_is_zero_only_for_certainty(p):
    assert (entropy(p) < 1e-15) == (p.max() > 1 - 1e-15)


@deterministic
@given(distributions)
def test_uniform_maximises_entropy(p):
    n = p.size
    assert close(entropy(np.full(n, 1 / n)), math.log(n))
    assert entropy(p) <= math.log(n) + 1e-13


@deterministic
@given(pairs, st.floats(0, 1))
def test_entropy_is_concave(pq, t):
    p, q = pq
    assert entropy(t * p + (1 - t) * q) >= t * entropy(p) + (1 - t) * entropy(q) - 1e-13


@deterministic
@given(distributions)
def test_entropy_is_log_n_minus_kl_to_uniform(p):
    uniform = np.full(p.size, 1 / p.size)
    assert close(entropy(p), math.log(p.size) - kl_divergence(p, uniform))


@deterministic
@given(st.floats(0, 1))
def test_binary_entropy_is_entropy_of_two_outcomes(p):
    assert close(binary_entropy(p), entropy([p, 1 - p]))


@deterministic
@given(st.floats(0, 1))
def test_binary_entropy_is_symmetric_and_at_most_log_2(p):
    assert close(binary_entropy(p), binary_entropy(1 - p))
    assert 0 <= binary_entropy(p) <= LOG_2


@deterministic
@given(pairs)
def test_gibbs_inequality(pq):
    p, q = pq
    assert cross_entropy(p, q) >= entropy(p) - 1e-13
    assert kl_divergence(p, q) >= -1e-15


@deterministic
@given(distributions)
def test_divergence_from_itself_is_exactly_zero(p):
    assert kl_divergence(p, p) == 0
    assert js_divergence(p, p) == 0
    assert cross_entropy(p, p) == entropy(p)


@deterministic
@given(pairs)
def test_cross_entropy_is_entropy_plus_kl(pq):
    p, q = pq
    assert close(cross_entropy(p, q), entropy(p) + kl_divergence(p, q))


@deterministic
@given(pairs)
def test_divergence_is_infinite_only_outside_the_support(pq):
    p, q = pq
    misses = bool(((q == 0) & (p > 0)).any())
    assert np.isinf(kl_divergence(p, q)) == misses
    assert np.isinf(cross_entropy(p, q)) == misses


def test_kl_is_not_symmetric():
    p, q = [0.5, 0.5], [0.1, 0.9]
    assert kl_divergence(p, q) - kl_divergence(q, p) > 0.1


@deterministic
@given(pairs)
def test_pinsker_inequality(pq):
    p, q = pq
    assert kl_divergence(p, q) >= abs(p - q).sum() ** 2 / 2 - 1e-13


@deterministic
@given(pairs)
def test_js_is_symmetric_and_at_most_log_2(pq):
    p, q = pq
    assert js_divergence(p, q) == js_divergence(q, p)
    assert -1e-16 <= js_divergence(p, q) <= LOG_2 + 1e-15


@deterministic
@given(pairs)
def test_js_is_mean_kl_to_the_midpoint(pq):
    p, q = pq
    m = (p + q) / 2
    assert close(js_divergence(p, q), (kl_divergence(p, m) + kl_divergence(q, m)) / 2)


@deterministic
@given(pairs)
def test_js_is_entropy_of_midpoint_minus_mean_entropy(pq):
    p, q = pq
    assert close(js_divergence(p, q), entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)


@deterministic
@given(pairs, st.randoms(use_true_random=False))
def test_invariance_to_permutation(pq, random):
    order = random.sample(range(pq[0].size), pq[0].size)
    p, q = pq
    for f in OF_ONE:
        assert close(f(p[order]), f(p))
    for f in OF_TWO:
        assert close(f(p[order], q[order]), f(p, q))


@deterministic
@given(pairs)
def test_outcomes_of_probability_zero_do_not_count(pq):
    longer = [np.append(x, 0.0) for x in pq]
    assert close(entropy(longer[0]), entropy(pq[0]))
    for f in OF_TWO:
        assert close(f(*longer), f(*pq))


@deterministic
@given(distributions, distributions)
def test_additivity_of_independent_variables(p, q):
    joint = np.outer(p, q)
    assert close(entropy(joint.ravel()), entropy(p) + entropy(q))
    assert close(mutual_information(joint), 0)


@deterministic
@given(joints)
def test_chain_rule(joint):
    p = joint.sum(axis=1)
    rows = joint[p > 0] / p[p > 0, None]
    conditional = p[p > 0] @ entropy(rows)
    assert close(entropy(joint.ravel()), entropy(p) + conditional)
    assert close(mutual_information(joint), entropy(joint.sum(axis=0)) - conditional)


@deterministic
@given(joints)
def test_conditioning_reduces_entropy(joint):
    p, q = joint.sum(axis=1), joint.sum(axis=0)
    assert entropy(joint.ravel()) <= entropy(p) + entropy(q) + 1e-13


@deterministic
@given(joints)
def test_mutual_information_is_kl_to_product(joint):
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    assert close(mutual_information(joint), kl_divergence(joint.ravel(), product.ravel()))


@deterministic
@given(joints)
def test_mutual_information_is_symmetric_and_at_most_either_entropy(joint):
    information = mutual_information(joint)
    assert close(information, mutual_information(joint.T))
    smaller = min(entropy(joint.sum(axis=0)), entropy(joint.sum(axis=1)))
    assert -1e-13 <= information <= smaller + 1e-13


@deterministic
@given(distributions)
def test_information_of_a_variable_about_itself_is_its_entropy(p):
    assert close(mutual_information(np.diag(p)), entropy(p))


@deterministic
@given(distributions)
def test_perplexity_does_not_depend_on_the_base(p):
    assert close(perplexity(p), 2 ** entropy(p, base=2))
    assert close(perplexity(p), 10 ** entropy(p, base=10))
    assert 1 <= perplexity(p) <= p.size * (1 + 1e-14)


@pytest.mark.parametrize("n", [1, 2, 6, 1000])
def test_perplexity_of_uniform_is_the_number_of_outcomes(n):
    assert perplexity(np.full(n, 1 / n)) == pytest.approx(n, rel=1e-13)
