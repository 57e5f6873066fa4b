"""The door: everything `lossbook` refuses is refused here, by name, shape and value.

A check returns its argument ready for the formula, as a floating-point array.
Comparisons are written so that NaN passes: a NaN in the data belongs in the result.
"""

import math
import numbers

import numpy as np


def real(x, name):
    """Return `x` as a floating-point array: its own precision, or float64 for integers."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers: found dtype {x.dtype}")
    return x if x.dtype.kind == "f" else x.astype(float)


def broadcastable(**arrays):
    """Check that the arrays broadcast together."""
    try:
        np.broadcast_shapes(*(x.shape for x in arrays.values()))
    except ValueError:
        raise ValueError(f"{_names(arrays)} must broadcast together: {_shapes(arrays)}") from None


def same_shape(**arrays):
    """Check that the arrays have one shape."""
    if len({x.shape for x in arrays.values()}) > 1:
        raise ValueError(f"{_names(arrays)} must have the same shape: {_shapes(arrays)}")


def vectors(x, name, axis):
    """Return `x` as a floating-point array of non-empty vectors along `axis`."""
    x = real(x, name)
    if not isinstance(axis, numbers.Integral):
        raise TypeError(f"axis must be an integer: found {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{name} has no axis {axis}: shape {x.shape}")
    if x.shape[axis] == 0:
        raise ValueError(f"{name} must not be empty along axis {axis}: shape {x.shape}")
    return x


def probability(p, name, slack=0.0):
    """Return `p` as a non-empty array of numbers from 0 to 1, or to 1 + `slack`."""
    p = real(p, name)
    if p.size == 0:
        raise ValueError(f"{name} must not be empty: shape {p.shape}")
    outside = (p < 0) | (p > 1 + slack)
    if outside.any():
        raise ValueError(f"{name} must lie in [0, 1]: found {_first(outside, p)}")
    return p


def distribution(p, name, axis):
    """Return `p` as an array of probabilities that sum to one along `axis`."""
    return _summing_to_one(vectors(p, name, axis), name, axis)


def distributions(axis, **arrays):
    """Return arrays of one shape, each of probabilities that sum to one along `axis`."""
    arrays = {name: vectors(p, name, axis) for name, p in arrays.items()}
    same_shape(**arrays)
    return [_summing_to_one(p, name, axis) for name, p in arrays.items()]


def joint_distribution(p, name):
    """Return `p` as an array of probabilities that sum to one over its last two axes."""
    p = real(p, name)
    if p.ndim < 2:
        raise ValueError(f"{name} must have at least two axes: shape {p.shape}")
    return _summing_to_one(p, name, (-2, -1))


def base(value):
    """Check that `value` can be the base of a logarithm."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"base must be a real number: found {value!r}")
    if not 1 < value < math.inf:  # a base below 1 would turn the sign of every measure
        raise ValueError(f"base must be finite and above 1: found {value!r}")


def _summing_to_one(p, name, axis):
    # Half of the digits may be lost on the way to the sum, but no more.
    tolerance = math.sqrt(np.finfo(p.dtype).eps)
    # An element above one by no more than this is left to the sum: both are rounding.
    p = probability(p, name, slack=tolerance)
    # The inputs are judged, not the order in which NumPy adds them: so add in float64.
    total = np.asarray(p.sum(axis=axis, dtype=np.promote_types(p.dtype, float)))
    astray = abs(total - 1) > tolerance
    if astray.any():
        raise ValueError(
            f"{name} of shape {p.shape} must sum to 1 along axis {axis} "
            f"within {tolerance:.2g}: found {_first(astray, total)}"
        )
    return p


def _first(marked, x):
    index = tuple(np.argwhere(marked)[0].tolist())
    return f"{x[index]} at index {index}" if index else f"{x[index]}"


def _names(arrays):
    return " and ".join(arrays)


def _shapes(arrays):
    return " and ".join(str(x.shape) for x in arrays.values())
