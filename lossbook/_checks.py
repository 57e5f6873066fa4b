"""The door: everything `lossbook` refuses is refused here, by name, shape and value.

A check returns its argument ready for the formula, as a floating-point array.
Comparisons are written so that NaN passes: a NaN in the data belongs in the result.
"""

import math
import numbers

import numpy as np


def real(x, name):
    """Return `x` as a floating-point array: its own precision, or float64 for integers."""
    x = numeric(x, name)
    return x if x.dtype.kind == "f" else x.astype(float)


def numeric(x, name):
    """Return `x` as an array of real numbers, integers among them."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers: found dtype {x.dtype}")
    return x


def floating(x, name):
    """Return `x` as an array that is of floating point already."""
    x = numeric(x, name)
    if x.dtype.kind != "f":
        raise TypeError(f"{name} must hold floating-point numbers: found dtype {x.dtype}")
    return x


def alike(**arrays):
    """Return arrays of one shape, the first of floating point; None passes."""
    given = {name: numeric(x, name) for name, x in arrays.items() if x is not None}
    first = next(iter(given))
    given[first] = floating(given[first], first)
    same_shape(**given)
    return [given.get(name) for name in arrays]


def reduction(value, also=()):
    """Check that `value` names a reduction."""
    allowed = ["none", "mean", "sum", *also]
    if value not in allowed:
        raise ValueError(f"reduction must be one of {allowed}: found {value!r}")


def number(value, name, *, above=-math.inf, least=-math.inf, most=math.inf):
    """Check that `value` is a finite number within bounds."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number: found {value!r}")
    if not (math.isfinite(value) and value > above and least <= value <= most):
        wanted = {"above": above, "at least": least, "at most": most}
        bounds = " and ".join(f"{k} {v:g}" for k, v in wanted.items() if math.isfinite(v))
        raise ValueError(f"{name} must be {bounds or 'finite'}: found {value!r}")


def at_least(x, name, bound):
    """Return `x` if nothing in it is below a bound."""
    if x.size and np.fmin.reduce(x, axis=None) < bound:
        raise ValueError(f"{name} must be at least {bound}: found {_first(x < bound, x)}")
    return x


def broadcasts_to(x, x_name, **arrays):
    """Check that arrays broadcast to the shape of `x`."""
    for name, array in arrays.items():
        try:
            np.broadcast_to(array, x.shape)
        except ValueError:
            raise ValueError(
                f"{name} must broadcast to the shape of {x_name}: {array.shape} and {x.shape}"
            ) from None


def scores(input, target, weight, ignore_index):
    """Return scores of classes, target classes or probabilities, and the weights of classes."""
    z = floating(input, "input")
    if z.ndim == 0 or z.shape[min(1, z.ndim - 1)] == 0:
        raise ValueError(f"input must have an axis of classes, not empty: shape {z.shape}")
    if np.shape(target) == z.shape:
        t = floating(target, "target")
    else:
        t = _class_indices(target, z, ignore_index)
    return z, t, class_weight(weight, z)


def class_weight(weight, z):
    """Return the weight of each class of the scores `z`, 1 where none is given."""
    classes = z.shape[min(1, z.ndim - 1)]
    if weight is None:
        return np.ones(classes, z.dtype)
    weight = numeric(weight, "weight")
    if weight.shape != (classes,):
        raise ValueError(f"weight must have shape ({classes},): found {weight.shape}")
    return weight.astype(z.dtype)


def _class_indices(target, z, ignore_index):
    y = numeric(target, "target")
    wanted = z.shape[:1] + z.shape[2:] if z.ndim > 1 else ()
    classes = z.shape[min(1, z.ndim - 1)]
    if y.shape != wanted:
        raise ValueError(
            f"target must have the shape {wanted} of classes or {z.shape} of probabilities "
            f"for input of shape {z.shape}: found {y.shape}"
        )
    if y.dtype.kind not in "iu":
        raise TypeError(f"target must hold integers, indices of classes: found dtype {y.dtype}")
    outside = (y != ignore_index) & ((y < 0) | (y >= classes))
    if outside.any():
        raise IndexError(
            f"target must lie in [0, {classes}) or be {ignore_index}: found {_first(outside, y)}"
        )
    return y


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
