"""The elementary functions of a block: one softmax, one log-sum-exp, one logistic for all losses.

`special` has them for whole arrays, checked, along any axis.  A formula is called for one block
after another, and sees vectors as the columns of a (K, n) array (see `_blocks`).  So those of a
block are others, for speed: nothing is checked again, a class is found by two indices, sums are
products of matrices, and `softmax` and `minus_log_softmax` look for the largest score only where
exponentials leave the range of the numbers, as to find and to subtract it are two more passes.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lossbook._types import ArrayOrScalar

LONG = 1024  # columns longer than this are added
PART = 128  # in parts of so many numbers

# --- steps that formulas share


def total(x: NDArray) -> NDArray:
    """Return the sum of each column, as a product: faster than a sum along the first axis.

    That adds one number after another: so many numbers are added in parts, as exact as by NumPy.
    """
    if len(x) > LONG:
        parts, rest = _parts(x)
        return total(np.ones(PART, x.dtype) @ parts) + total(rest)
    ones = np.ones(len(x), x.dtype)
    return ones @ x


def dot(u: NDArray, v: NDArray) -> NDArray:
    """Return the dot product of each pair of columns, without an array of products."""
    if len(u) > LONG:
        (u, u_rest), (v, v_rest) = _parts(u), _parts(v)
        return total(np.einsum("mkn,mkn->mn", u, v)) + dot(u_rest, v_rest)
    return np.einsum("kn,kn->n", u, v)


def _parts(x: NDArray) -> tuple[NDArray, NDArray]:
    """Return columns cut into parts (m, PART, n), and what is left."""
    end = len(x) // PART * PART
    return x[:end].reshape(-1, PART, x.shape[1]), x[end:]


def at(y: NDArray) -> tuple[NDArray, NDArray]:
    """Return the index of the class `y` of each column."""
    return y, np.arange(len(y))


def one_for_zero(x: NDArray) -> NDArray:
    """Return what can be divided by where 0 / 0 is to be 0."""
    return x + (x == 0)


def positive(x: NDArray) -> NDArray:
    """Return max(0, x): with two bounds NumPy clips a block four times as fast as with one."""
    return np.clip(x, 0, np.inf)


def log1p(u: NDArray) -> NDArray:
    """Return log(1 + u) for finite u of at least 0."""
    if u.dtype != np.float32:
        return np.log1p(u)
    # NumPy's own takes six times as long without AVX-512.  Rounding takes u - (w - 1), exactly,
    # from 1 + u, and log(w + lost) is log(w) + lost / w but for a square: relative error 3e-7.
    w = 1 + u
    lost = u - (w - 1)
    lost /= w
    return lost + np.log(w)


def lowest(x: NDArray) -> np.floating:
    """Return what stands for -inf where a product or difference would be NaN: 0 times it is 0."""
    return np.finfo(x.dtype).min


def xlogy(x: NDArray, y: NDArray) -> NDArray:
    """Return x log y, 0 where x is 0 and y is a number."""
    product = x * np.log(y)
    zero = (x == 0) & ~np.isnan(y)
    return np.where(zero, 0, product)


def with_nan(slope: NDArray, of: NDArray) -> NDArray:
    """Return a slope that comparisons made, which take NaN for a number: NaN where `of` is."""
    if np.isnan(of.min(initial=0)):
        return np.where(np.isnan(of), of, slope)
    return slope


# --- of logits of classes, in columns


def below_maximum(z: NDArray) -> tuple[NDArray, tuple[NDArray, NDArray], NDArray]:
    """Return the maximum m of each column, its index, and z - m."""
    largest = at(z.argmax(axis=0))
    m = z[largest]
    below = z - m
    # A maximum is 0 below itself, even infinity; but of no score is -inf the largest, nor is NaN.
    below[largest] = np.where(m > -np.inf, 0, np.nan)
    return m, largest, below


def log_softmax_parts(z: NDArray) -> tuple[NDArray, NDArray]:
    """Return z - m, where m is the maximum of each column, and the log of the sum of its exp."""
    _, largest, below = below_maximum(z)
    return below, log_sum_exp(below, largest)


def log_sum_exp(below: NDArray, largest: tuple[NDArray, NDArray]) -> NDArray:
    """Return the log of the sum of exp of each column, whose largest is 0."""
    rest = np.exp(below)
    rest[largest] = 0  # the 1 that log1p adds
    return log1p(total(rest))


def softmax(z: NDArray, times: ArrayOrScalar | int = 1) -> NDArray:
    """Return the softmax of each column, times a factor."""
    e = np.exp(z)
    sums = total(e)
    # No share has lost digits: it is no larger than its exponential, or none is denormal.
    exact = sums.min() >= 1 or e.min() > least(z.dtype)
    if not (exact and sums.max() < np.inf):
        np.exp(below_maximum(z)[2], out=e)
        sums = total(e)
    e /= sums / times
    return e


def minus_log_softmax(z: NDArray, y: NDArray) -> NDArray:
    """Return -log softmax of the class `y` of each column, exact where it is next to 0."""
    e = np.exp(z)
    own = e[at(y)]
    e[at(y)] = 0
    rest = total(e)
    loss = log1p(rest / own)
    exact = min(own.min(), rest.min()) > least(z.dtype)
    if exact and own.max() < np.inf and loss.max() < np.inf:
        return loss
    below, log_sum = log_softmax_parts(z)
    return log_sum - below[at(y)]


@cache
def least(dtype: np.dtype) -> float:
    """Return what a sum of exponentials must reach, lest denormal terms have cost it digits."""
    numbers = np.finfo(dtype)
    return float(numbers.tiny / numbers.eps)


# --- of the logit of an event, element by element


def log1p_exp(z: NDArray) -> NDArray:
    """Return log(1 + exp(-abs(z))), what softplus has above max(z, 0)."""
    e = np.exp(-np.abs(z))
    return log1p(e)


def softplus(z: NDArray) -> NDArray:
    """Return log(1 + exp(z))."""
    return positive(z) + log1p_exp(z)


def sigmoid(z: NDArray) -> NDArray:
    """Return 1 / (1 + exp(-z)): what overflows is infinite, and 0 is left of it."""
    return 1 / (1 + np.exp(-z))


def sigmoids(z: NDArray) -> tuple[NDArray, NDArray]:
    """Return the sigmoids of z and -z, which 1 less the other would round away."""
    e = np.exp(-np.abs(z))
    near, far = 1 / (1 + e), e / (1 + e)
    negative = z < 0
    return np.where(negative, far, near), np.where(negative, near, far)


def log_sigmoid(z: NDArray) -> NDArray:
    """Return log(1 / (1 + exp(-z)))."""
    return np.minimum(z, 0) - log1p_exp(z)


def logistic(z: NDArray, t: NDArray, pos_weight: NDArray | None = None) -> NDArray:
    """Return -w t log(sigmoid(z)) - (1 - t) log(sigmoid(-z)), with the weight w of events."""
    side, rise = _sides(z, t, pos_weight)
    return z * side + rise * log1p_exp(z)


def logistic_slope(
    z: NDArray, t: NDArray, pos_weight: NDArray | None = None
) -> NDArray:
    """Return the derivative of `logistic` with respect to z."""
    side, rise = _sides(z, t, pos_weight)
    e = np.exp(-np.abs(z))
    return side - rise * np.copysign(e / (1 + e), z)


def _sides(
    z: NDArray, t: NDArray, pos_weight: NDArray | None
) -> tuple[ArrayOrScalar, ArrayOrScalar | int]:
    """Return the slope that the loss tends to on this side of 0, and the rise from left to right.

    The sign bit tells the sides apart, as copysign does: they differ at -0.0 otherwise.
    """
    if pos_weight is None:
        return ~np.signbit(z) - t, 1
    left, right = -pos_weight * t, 1 - t
    return np.where(np.signbit(z), left, right), right - left
