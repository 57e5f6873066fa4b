"""The only place that knows none, sum and mean, weights and ignored targets.

A loss is given as a formula of one block (see `_blocks`), its gradient as the derivative of that
formula: the functions here weigh, reduce and scale.  A mean divides by the number of losses, or
by `over`, a number or an array of weights to add.  With "none" a gradient is that of the sum.
"""

import math
from typing import Literal

import numpy as np

from lossbook import _blocks, _checks

Reduction = Literal["none", "mean", "sum"]


def elements(loss, *arrays, reduction, weight=None, over=None):
    """Return the loss of the elements of arrays."""
    divisor = _divisor(reduction, over, arrays[0].size)
    loss, arrays = _weighted(loss, arrays, weight)
    if reduction == "none":
        return _blocks.map_elements(loss, arrays)
    return _quotient(_blocks.sum_elements(loss, arrays), divisor, arrays[0].dtype)


def elements_grad(slope, *arrays, reduction, weight=None, over=None):
    """Return the derivative of `elements` by the array whose `slope` is given."""
    scale = gradient_scale(reduction, over, arrays[0].size, arrays[0].dtype)
    slope, arrays = _weighted(slope, arrays, weight)
    return _blocks.map_elements(lambda *block: slope(*block) * scale, arrays)


def vectors(loss, *arrays, reduction, over=None):
    """Return the loss of the vectors in (N, K, D) arrays, (N, D) if not reduced."""
    count, _, depth = arrays[0].shape
    divisor = _divisor(reduction, over, count * depth)
    if reduction == "none":
        return _blocks.map_vectors(loss, arrays, np.empty((count, depth), arrays[0].dtype))
    return _quotient(_blocks.sum_vectors(loss, arrays), divisor, arrays[0].dtype)


def vectors_grad(slope, *arrays, reduction, over=None):
    """Return the derivative of `vectors` by the array whose `slope` is given."""
    count, _, depth = arrays[0].shape
    scale = gradient_scale(reduction, over, count * depth, arrays[0].dtype)
    result = np.empty(arrays[0].shape, arrays[0].dtype)
    _blocks.fill_vectors(lambda *block: [slope(*block)], arrays, [result], scale)
    return result


def by_class(loss, x, target, *, reduction, over=None):
    """Return the loss of scores (C,), (N, C) or (N, C, d1, ...), of which axis C is summed up."""
    axis = min(1, x.ndim - 1)
    value = vectors(loss, *in_the_middle([x, target], axis), reduction=reduction, over=over)
    return _without(axis, x, value)


def by_class_grad(slope, x, target, *, reduction, over=None):
    """Return the derivative of `by_class` by the scores."""
    arrays = in_the_middle([x, target], min(1, x.ndim - 1))
    return vectors_grad(slope, *arrays, reduction=reduction, over=over).reshape(x.shape)


def along(loss, *arrays, axis=-1, reduction):
    """Return the loss of the vectors along an axis, all at the precision of the first array."""
    views = in_the_middle(arrays, axis)
    value = vectors(_at_precision_of_first(loss), *views, reduction=reduction)
    return _without(axis, arrays[0], value)


def along_grads(slopes, *arrays, learnt, axis=-1, reduction):
    """Return the derivatives of `along` by the first arrays, as many as are learnt."""
    x, *rest = in_the_middle(arrays, axis)
    scale = gradient_scale(reduction, None, x.shape[0] * x.shape[2], x.dtype)
    results = [np.empty(x.shape, x.dtype) for _ in range(learnt)]
    _blocks.fill_vectors(_at_precision_of_first(slopes), [x, *rest], results, scale)
    return tuple(result.reshape(arrays[0].shape) for result in results)


def gradient_scale(reduction, over, count, dtype):
    """Return the factor by which a reduction of `count` losses scales the derivative of each."""
    return _quotient(1, _divisor(reduction, over, count), dtype)


def kept_weight(y, weight, ignore_index, *, if_none=0):
    """Return the sum of the weights of all targets that are not ignored, `if_none` is left."""
    total = _blocks.sum_elements(lambda y: target_weight(y, weight, ignore_index)[1], [y])
    return if_none if total == 0 and np.all(y == ignore_index) else total


def target_weight(y, weight, ignore_index):
    """Return each target's class and weight, both 0 where it is ignored, and where it is not."""
    kept = y != ignore_index
    y = y * kept
    return y, weight[y] * kept, kept


def in_the_middle(arrays, axis):
    """Return arrays as (N, K, D) with an axis in the middle, those without it as (N, D)."""
    shape, ndim = arrays[0].shape, arrays[0].ndim
    axis %= ndim
    outer = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    whole = outer[0], shape[axis], outer[1]
    return [array.reshape(whole if array.ndim == ndim else outer) for array in arrays]


def _without(axis, x, value):
    """Return what is left of `x` in its shape without an axis; a scalar is left as it is."""
    return value.reshape(np.delete(x.shape, axis)) if value.ndim else value


def _at_precision_of_first(formula):
    return lambda *block: formula(*(x.astype(block[0].dtype, copy=False) for x in block))


def add_to_shape(grad, shape):
    """Return the derivative by an array of a shape that was broadcast."""
    if grad.shape == shape:
        return grad
    axes = range(-len(shape), 0)
    repeated = tuple(axis for axis in axes if shape[axis] != grad.shape[axis])
    return grad.sum(axis=(*range(grad.ndim - len(shape)), *repeated)).reshape(shape)


def _weighted(formula, arrays, weight):
    if weight is None:
        return formula, arrays
    return lambda *block: formula(*block[:-1]) * block[-1], (*arrays, weight)


def _divisor(reduction, over, count):
    _checks.reduction(reduction)
    if reduction != "mean":
        return 1
    if isinstance(over, np.ndarray):
        return _blocks.sum_elements(lambda w: w, [over])
    return count if over is None else over


def _quotient(dividend, divisor, dtype):
    # The mean of nothing is 0 / 0: in NumPy a NaN, in Python an error.
    with np.errstate(all="ignore"):
        return dtype.type(np.divide(dividend, divisor))
