"""The loops beneath the losses: arrays of any size and layout, worked through in blocks.

A block of elements is 256 KiB of the first array: it and what a formula makes of it fit into a
processor's second-level cache.  One of vectors is 1 MiB of all arrays together, as there is
more to do for each block.
No temporary grows with the data, each loss is one formula of blocks, and NumPy is told here to
let NaN and infinity pass in silence.

Vectors lie along the middle axis of (N, K, D) arrays.  A formula sees those of a block as the
columns of a (K, n) array, and of an (N, D) array, with one number a vector, an (n,) array.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook._types import ArrayOrScalar, Formula

BYTES = 1 << 18
BYTES_OF_VECTORS = 1 << 20
SHORT = 32  # NumPy is faster across vectors shorter than this than along them

quiet = partial(np.errstate, all="ignore")


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
    with quiet(), _elements([*arrays, None]) as blocks:
        for *block, result in blocks:
            result[...] = formula(*block)
        return blocks.operands[-1][()]


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


def slices(count: int, step: int) -> Iterator[slice]:
    """Return the slices of at most `step` that make up `count`."""
    starts = range(0, count, step)
    return (slice(start, min(start + step, count)) for start in starts)


def rows(count: int, size: int, bytes_of_block: int) -> Iterator[slice]:
    """Return the slices of rows of `size` bytes that make up blocks."""
    step = max(1, bytes_of_block // max(1, size))
    return slices(count, step)


def _elements(arrays: Sequence[NDArray | None]) -> Any:
    """Return an iterator over 1-d blocks of arrays, all of the first one's type; None is new."""
    dtype = np.asarray(arrays[0]).dtype
    read: Any = ["readonly"]
    write: Any = ["writeonly", "allocate"]
    return np.nditer(
        arrays,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[write if array is None else read for array in arrays],
        op_dtypes=[dtype] * len(arrays),
        casting="same_kind",
        buffersize=BYTES // dtype.itemsize,
    )


def _places(arrays: Sequence[NDArray]) -> Iterator[tuple[slice, slice]]:
    """Yield the places (n, d) of the blocks of (N, K, D) arrays, of which the first is one."""
    count, length, depth = arrays[0].shape
    whole = sum(array.ndim == 3 for array in arrays)
    vector = arrays[0].itemsize * max(1, length) * whole
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
    block = _block(array, n, d)
    if array.ndim < 3:
        return block.reshape(-1)
    columns = block.reshape(len(block), -1)
    return np.ascontiguousarray(columns) if len(columns) < SHORT else columns


def _zero(array: NDArray) -> np.floating:
    """Return the 0 to which sums are added, at least in double precision."""
    dtype = np.promote_types(array.dtype, float)
    return dtype.type(0)
