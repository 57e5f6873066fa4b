"""The loops beneath the losses: arrays of any size and layout, worked through in blocks.

A block of elements is 256 KiB of the first array: it and what a formula makes of it fit into a
processor's second-level cache.  One of vectors is 1 MiB of all arrays together, as there is
more to do for each block.
No temporary grows with the data, each loss is one formula of blocks, and NumPy is told here to
let NaN and infinity pass in silence.  Blocks of half precision are computed in single, and what
they make is cast back: no sum, mean or eps is ever held in half.

Vectors lie along the middle axis of (N, K, D) arrays.  A formula sees those of a block as the
columns of a (K, n) array, and of an (N, D) array, with one number a vector, an (n,) array.
"""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook._types import ArrayOrScalar, Axis, Formula

BYTES = 1 << 18
BYTES_OF_VECTORS = 1 << 20
SHORT = 32  # NumPy is faster across vectors shorter than this than along them

quiet = partial(np.errstate, all="ignore")


def precision(dtype: np.dtype) -> np.dtype:
    """Return the type in which arrays of a type are computed: its own, but single for half."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def wide(x: NDArray) -> NDArray:
    """Return an array at the precision in which it is computed."""
    return x.astype(precision(x.dtype), copy=False)


def narrow(x: ArrayOrScalar, like: Any) -> Any:
    """Return what was computed of a floating-point array at the precision of that array."""
    with quiet():
        return x.astype(np.asarray(like).dtype, copy=False)


def sum_elements(formula: Formula, arrays: Sequence[NDArray]) -> np.floating:
    """Return the sum of what a formula makes of the elements of arrays that broadcast."""
    total = _zero(arrays[0])
    with quiet(), _elements(arrays) as blocks:
        for block in blocks:
            # An iterator over one array yields blocks, over several tuples of blocks.
            block = block if len(arrays) > 1 else (block,)
            total += formula(*block).sum()
    return total


def map_elements(formula: Formula, arrays: Sequence[NDArray]) -> ArrayOrScalar:
    """Return what a formula makes of the elements of arrays that broadcast."""
    whole = np.empty_like(arrays[0], subok=False)
    with quiet(), _elements(arrays, whole) as blocks:
        for *block, result in blocks:
            result[...] = formula(*block)
    return whole[()]


def sum_vectors(formula: Formula, arrays: Sequence[NDArray]) -> np.floating:
    """Return the sum of what a formula makes of the vectors of arrays."""
    total = _zero(arrays[0])
    with quiet():
        for n, d in _places(arrays):
            columns = (_columns(array, n, d) for array in arrays)
            total += formula(*columns).sum()
    return total


def map_vectors(
    formula: Formula, arrays: Sequence[NDArray], result: NDArray
) -> NDArray:
    """Fill an (N, K, D) or (N, D) array with what a formula makes of vectors, and return it."""
    fill_vectors(lambda *block: [formula(*block)], arrays, [result])
    return result


def fill_vectors(
    formula: Formula,
    arrays: Sequence[NDArray],
    results: Sequence[NDArray],
    scale: float | np.floating = 1,
) -> None:
    """Fill several arrays with the several things a formula makes of vectors, scaled."""
    with quiet():
        for n, d in _places(arrays):
            values = formula(*(_columns(array, n, d) for array in arrays))
            for result, value in zip(results, values, strict=True):
                target = _block(result, n, d)
                value = value.reshape(target.shape)
                np.multiply(value, scale, out=target)


def along(
    formula: Formula, arrays: Sequence[NDArray], axis: Axis, *, kept: bool = False
) -> Any:
    """Return what a formula makes of the vectors along an axis: a vector if kept, or a number.

    Several axes are taken for one, and so are all of them, for None.
    """
    if not isinstance(axis, Integral):
        return _along_several(formula, arrays, axis, kept)
    views = in_the_middle(arrays, int(axis))
    whole, shape = views[0].shape, arrays[0].shape
    result = np.empty(whole if kept else whole[::2], arrays[0].dtype)
    map_vectors(formula, views, result)
    return result.reshape(shape if kept else np.delete(shape, axis))[()]


def _along_several(
    formula: Formula, arrays: Sequence[NDArray], axis: Any, kept: bool
) -> Any:
    ndim = arrays[0].ndim
    axes = range(ndim) if axis is None else [each % ndim for each in axis]
    last = range(-len(axes), 0)
    moved = [np.moveaxis(x, axes, last) for x in arrays]
    whole, outer = moved[0].shape, moved[0].shape[: -len(axes)]
    merged = [x.reshape(*outer, math.prod(whole[len(outer) :])) for x in moved]
    result = along(formula, merged, -1, kept=kept)
    if not kept:
        return result
    back = np.moveaxis(result.reshape(whole), last, axes)
    return np.ascontiguousarray(back)


def in_the_middle(arrays: Sequence[NDArray], axis: int) -> list[NDArray]:
    """Return arrays as (N, K, D) with an axis in the middle, those without it as (N, D)."""
    shape, ndim = arrays[0].shape, arrays[0].ndim
    axis %= ndim
    before = math.prod(shape[:axis])
    after = math.prod(shape[axis + 1 :])
    whole, outer = (before, shape[axis], after), (before, after)
    shapes = (whole if array.ndim == ndim else outer for array in arrays)
    return [array.reshape(each) for array, each in zip(arrays, shapes, strict=True)]


def slices(count: int, step: int) -> Iterator[slice]:
    """Return the slices of at most `step` that make up `count`."""
    starts = range(0, count, step)
    return (slice(start, min(start + step, count)) for start in starts)


def rows(count: int, size: int, bytes_of_block: int) -> Iterator[slice]:
    """Return the slices of rows of `size` bytes that make up blocks."""
    step = max(1, bytes_of_block // max(1, size))
    return slices(count, step)


def _elements(arrays: Sequence[NDArray], result: NDArray | None = None) -> Any:
    """Return an iterator over 1-d blocks of arrays, at the precision of the first one."""
    dtype = precision(arrays[0].dtype)
    read: Any = ["readonly"]
    write: Any = ["writeonly"]
    results = [] if result is None else [result]
    operands = [*arrays, *results]
    return np.nditer(
        operands,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[read] * len(arrays) + [write] * len(results),
        op_dtypes=[dtype] * len(operands),
        casting="same_kind",
        buffersize=BYTES // dtype.itemsize,
    )


def _places(arrays: Sequence[NDArray]) -> Iterator[tuple[slice, slice]]:
    """Yield the places (n, d) of the blocks of (N, K, D) arrays, of which the first is one."""
    count, length, depth = arrays[0].shape
    whole = sum(array.ndim == 3 for array in arrays)
    vector = precision(arrays[0].dtype).itemsize * max(1, length) * whole
    room = max(1, BYTES_OF_VECTORS // vector)
    for n in slices(count, max(1, room // max(1, depth))):
        for d in slices(depth, room):
            yield n, d


def _block(array: NDArray, n: slice, d: slice) -> NDArray:
    """Return a view of a block, with the axis K in front if there is one."""
    if array.ndim < 3:
        return array[n, d]
    return array[n, :, d].transpose(1, 0, 2)


def _columns(array: NDArray, n: slice, d: slice) -> NDArray:
    block = wide(_block(array, n, d))
    if array.ndim < 3:
        return block.reshape(-1)
    columns = block.reshape(len(block), -1)
    return np.ascontiguousarray(columns) if len(columns) < SHORT else columns


def _zero(array: NDArray) -> np.floating:
    """Return the 0 to which sums are added, at least in double precision."""
    dtype = np.promote_types(array.dtype, float)
    return dtype.type(0)
