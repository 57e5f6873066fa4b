"""The loops beneath the losses: arrays of any size and layout, worked through in blocks.

A block of elements is 256 KiB of the first array: it and what a formula makes of it fit into a
processor's second-level cache.  One of vectors is 1 MiB of all arrays together, as there is
more to do for each block.
No temporary grows with the data, each loss is one formula of blocks, and NumPy is told here to
let NaN and infinity pass in silence.

Vectors lie along the middle axis of (N, K, D) arrays.  A formula sees those of a block as the
columns of a (K, n) array, and of an (N, D) array, with one number a vector, an (n,) array.
"""

import numpy as np

BYTES = 1 << 18
BYTES_OF_VECTORS = 1 << 20
SHORT = 32  # NumPy is faster across vectors shorter than this than along them


def sum_elements(formula, arrays):
    """Return the sum of what a formula makes of the elements of arrays that broadcast."""
    total = _zero(arrays[0])
    with np.errstate(all="ignore"), _elements(arrays) as blocks:
        for block in blocks:
            total += formula(*(block if len(arrays) > 1 else [block])).sum()
    return total


def map_elements(formula, arrays):
    """Return what a formula makes of the elements of arrays that broadcast."""
    with np.errstate(all="ignore"), _elements([*arrays, None]) as blocks:
        for *block, result in blocks:
            result[...] = formula(*block)
        return blocks.operands[-1][()]


def sum_vectors(formula, arrays):
    """Return the sum of what a formula makes of the vectors of arrays."""
    total = _zero(arrays[0])
    with np.errstate(all="ignore"):
        for n, d in _places(arrays):
            total += formula(*(_columns(array, n, d) for array in arrays)).sum()
    return total


def map_vectors(formula, arrays, result):
    """Fill an (N, K, D) or (N, D) array with what a formula makes of vectors, and return it."""
    fill_vectors(lambda *block: [formula(*block)], arrays, [result])
    return result


def fill_vectors(formula, arrays, results, scale=1):
    """Fill several arrays with the several things a formula makes of vectors, scaled."""
    with np.errstate(all="ignore"):
        for n, d in _places(arrays):
            values = formula(*(_columns(array, n, d) for array in arrays))
            for result, value in zip(results, values, strict=True):
                target = _block(result, n, d)
                np.multiply(value.reshape(target.shape), scale, out=target)


def _elements(arrays):
    """Return an iterator over 1-d blocks of arrays, all of the first one's type; None is new."""
    dtype = arrays[0].dtype
    return np.nditer(
        arrays,
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[["writeonly", "allocate"] if a is None else ["readonly"] for a in arrays],
        op_dtypes=[dtype] * len(arrays),
        casting="same_kind",
        buffersize=BYTES // dtype.itemsize,
    )


def _places(arrays):
    """Yield the places (n, d) of the blocks of (N, K, D) arrays, of which the first is one."""
    count, length, depth = arrays[0].shape
    vector = arrays[0].itemsize * max(1, length) * sum(array.ndim == 3 for array in arrays)
    room = max(1, BYTES_OF_VECTORS // vector)
    for n in slices(count, max(1, room // max(1, depth))):
        for d in slices(depth, room):
            yield n, d


def slices(count, step):
    """Return the slices of at most `step` that make up `count`."""
    return (slice(start, min(start + step, count)) for start in range(0, count, step))


def _block(array, n, d):
    """Return a view of a block, with the axis K in front if there is one."""
    return array[n, :, d].transpose(1, 0, 2) if array.ndim == 3 else array[n, d]


def _columns(array, n, d):
    block = _block(array, n, d)
    columns = block.reshape(len(block), -1) if array.ndim == 3 else block.reshape(-1)
    return np.ascontiguousarray(columns) if len(columns) < SHORT else columns


def _zero(array):
    """Return the 0 to which sums are added, at least in double precision."""
    return np.promote_types(array.dtype, float).type(0)
