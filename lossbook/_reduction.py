"""The only place that knows none, sum and mean, weights and ignored targets.

A loss is given as a formula of one block (see `_blocks`), its gradient as the derivative of that
formula: the functions here weigh, reduce and scale.  A mean divides by the number of losses, or
by `over`, a number or an array of weights to add.  With "none" a gradient is that of the sum.
"""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lossbook import _blocks, _checks
from lossbook._types import ArrayOrScalar, Formula

Reduction: TypeAlias = Literal["none", "mean", "sum"]
Divisor: TypeAlias = float | np.floating | NDArray | None


# --- elements


def elements(
    loss: Formula,
    *arrays: NDArray,
    reduction: str,
    weight: NDArray | None = None,
    over: Divisor = None,
) -> ArrayOrScalar:
    """Return the loss of the elements of arrays."""
    divisor = _divisor(reduction, over, arrays[0].size)
    loss, arrays = _weighted(loss, arrays, weight)
    if reduction == "none":
        return _blocks.map_elements(loss, arrays)
    return _quotient(_blocks.sum_elements(loss, arrays), divisor, arrays[0].dtype)


def elements_grad(
    slope: Formula,
    *arrays: NDArray,
    reduction: str,
    weight: NDArray | None = None,
    over: Divisor = None,
) -> ArrayOrScalar:
    """Return the derivative of `elements` with respect to the array whose `slope` is given."""
    x = arrays[0]
    scale = gradient_scale(reduction, over, x.size, x.dtype)
    slope, arrays = _weighted(slope, arrays, weight)
    return _blocks.map_elements(lambda *block: slope(*block) * scale, arrays)


def _weighted(
    formula: Formula, arrays: tuple[NDArray, ...], weight: NDArray | None
) -> tuple[Formula, tuple[NDArray, ...]]:
    """Return a formula that multiplies by a weight, and the arrays that it takes."""
    if weight is None:
        return formula, arrays
    return lambda *block: formula(*block[:-1]) * block[-1], (*arrays, weight)


# --- vectors


def vectors(
    loss: Formula, *arrays: NDArray, reduction: str, over: Divisor = None
) -> ArrayOrScalar:
    """Return the loss of the vectors in (N, K, D) arrays, (N, D) if not reduced."""
    count, _, depth = arrays[0].shape
    dtype = arrays[0].dtype
    divisor = _divisor(reduction, over, count * depth)
    if reduction == "none":
        return _blocks.map_vectors(loss, arrays, np.empty((count, depth), dtype))
    return _quotient(_blocks.sum_vectors(loss, arrays), divisor, dtype)


def vectors_grad(
    slope: Formula, *arrays: NDArray, reduction: str, over: Divisor = None
) -> NDArray:
    """Return the derivative of `vectors` with respect to the array whose `slope` is given."""
    x = arrays[0]
    count, _, depth = x.shape
    scale = gradient_scale(reduction, over, count * depth, x.dtype)
    result = np.empty(x.shape, x.dtype)
    slopes = lambda *block: [slope(*block)]
    _blocks.fill_vectors(slopes, arrays, [result], scale)
    return result


def along(
    loss: Formula, *arrays: NDArray, axis: int = -1, reduction: str
) -> ArrayOrScalar:
    """Return the loss of the vectors along an axis, all at the precision of the first array."""
    views = _blocks.in_the_middle(arrays, axis)
    value = vectors(_at_precision_of_first(loss), *views, reduction=reduction)
    return _without(axis, arrays[0], value)


def along_grads(
    slopes: Formula, *arrays: NDArray, learnt: int, axis: int = -1, reduction: str
) -> tuple[Any, ...]:
    """Return the derivatives of `along` with respect to the first arrays, as many as are learnt."""
    views = _blocks.in_the_middle(arrays, axis)
    x = views[0]
    count, _, depth = x.shape
    scale = gradient_scale(reduction, None, count * depth, x.dtype)
    results = [np.empty(x.shape, x.dtype) for _ in range(learnt)]
    _blocks.fill_vectors(_at_precision_of_first(slopes), views, results, scale)
    return tuple(result.reshape(arrays[0].shape) for result in results)


def _at_precision_of_first(formula: Formula) -> Formula:
    def at_one_precision(first: NDArray, *others: NDArray) -> Any:
        cast = (x.astype(first.dtype, copy=False) for x in others)
        return formula(first, *cast)

    return at_one_precision


# --- scores of classes


def by_class(
    loss: Formula,
    x: NDArray,
    target: NDArray,
    *,
    reduction: str,
    over: Divisor = None,
) -> ArrayOrScalar:
    """Return the loss of scores (K,), (N, K) or (N, K, d1, ...), of which axis K is summed up."""
    axis = _axis_of_classes(x)
    arrays = _blocks.in_the_middle([x, target], axis)
    value = vectors(loss, *arrays, reduction=reduction, over=over)
    return _without(axis, x, value)


def by_class_grad(
    slope: Formula,
    x: NDArray,
    target: NDArray,
    *,
    reduction: str,
    over: Divisor = None,
) -> NDArray:
    """Return the derivative of `by_class` with respect to the scores."""
    axis = _axis_of_classes(x)
    arrays = _blocks.in_the_middle([x, target], axis)
    grad = vectors_grad(slope, *arrays, reduction=reduction, over=over)
    return grad.reshape(x.shape)


def _axis_of_classes(x: NDArray) -> int:
    return min(1, x.ndim - 1)


# --- scores of classes against the class that was seen, which may be ignored


def by_target(
    loss: Formula,
    x: NDArray,
    y: NDArray,
    weight: NDArray,
    ignore_index: int | None,
    *,
    reduction: str,
) -> ArrayOrScalar:
    """Return `by_class` of target classes, whose weights the mean divides by; 0 if ignored.

    The formula takes scores, classes and their weights, both 0 where they are ignored.
    """
    over = None
    if reduction == "mean":
        over = kept_weight(y, weight, ignore_index)

    def kept_loss(x: NDArray, y: NDArray) -> NDArray:
        y, w, kept = _kept(y, weight, ignore_index)
        losses = loss(x, y, w)
        return losses if kept.all() else np.where(kept, losses, 0)

    return by_class(kept_loss, x, y, over=over, reduction=reduction)


def by_target_grad(
    slope: Formula,
    x: NDArray,
    y: NDArray,
    weight: NDArray,
    ignore_index: int | None,
    *,
    reduction: str,
) -> NDArray:
    """Return the derivative of `by_target` with respect to the scores."""
    over = None
    if reduction == "mean":
        over = kept_weight(y, weight, ignore_index, if_none=1)

    def kept_slope(x: NDArray, y: NDArray) -> NDArray:
        y, w, kept = _kept(y, weight, ignore_index)
        grad = slope(x, y, w)
        if not kept.all():
            grad[:, ~kept] = 0
        return grad

    return by_class_grad(kept_slope, x, y, over=over, reduction=reduction)


def kept_weight(
    y: NDArray, weight: NDArray, ignore_index: int | None, *, if_none: float = 0
) -> float | np.floating | None:
    """Return the sum of the weights of all targets that are not ignored, `if_none` is left.

    It is None where the targets are probabilities: they all count as one.
    """
    if y.dtype.kind == "f":
        return None
    kept = lambda y: _kept(y, weight, ignore_index)[1]
    total = _blocks.sum_elements(kept, [y])
    none_is_left = total == 0 and np.all(y == ignore_index)
    return if_none if none_is_left else total


def _kept(
    y: NDArray, weight: NDArray, ignore_index: int | None
) -> tuple[NDArray, NDArray, NDArray]:
    """Return each target's class and weight, both 0 where it is ignored, and where it is not."""
    kept = y != ignore_index
    if kept.all():
        return y, weight[y], kept
    y = y * kept
    return y, np.where(kept, weight[y], 0), kept


# --- what they share


def gradient_scale(
    reduction: str, over: Divisor, count: int, dtype: np.dtype
) -> np.floating:
    """Return the factor by which a reduction of `count` losses scales the derivative of each."""
    divisor = _divisor(reduction, over, count)
    return _quotient(1, divisor, _blocks.precision(dtype))


def add_to_shape(grad: ArrayOrScalar, shape: tuple[int, ...]) -> ArrayOrScalar:
    """Return the derivative by an array of a shape that was broadcast."""
    if grad.shape == shape:
        return grad
    axes = range(-len(shape), 0)
    repeated = (axis for axis in axes if shape[axis] != grad.shape[axis])
    added = range(grad.ndim - len(shape))
    summed = grad.sum(
        axis=(*added, *repeated), dtype=np.promote_types(grad.dtype, float)
    )
    return summed.astype(grad.dtype).reshape(shape)


def _without(axis: int, x: NDArray, value: ArrayOrScalar) -> ArrayOrScalar:
    """Return what is left of `x` in its shape without an axis; a scalar is left as it is."""
    if not value.ndim:
        return value
    return value.reshape(np.delete(x.shape, axis))


def _divisor(reduction: str, over: Divisor, count: int) -> float | np.floating:
    _checks.reduction(reduction)
    if reduction != "mean":
        return 1
    if isinstance(over, np.ndarray):
        return _blocks.sum_elements(lambda w: w, [over])
    return count if over is None else over


def _quotient(
    dividend: float | np.floating, divisor: float | np.floating, dtype: np.dtype
) -> np.floating:
    # The mean of nothing is 0 / 0: in NumPy a NaN, in Python an error.
    with _blocks.quiet():
        return dtype.type(np.divide(dividend, divisor))
