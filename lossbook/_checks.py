"""The door: everything `lossbook` refuses is refused here, by name, shape and value.

A check returns its argument ready for the formula, as a floating-point array.
Comparisons are written so that NaN passes: a NaN in the data belongs in the result.

First come the checks that several families share, then those of each family.
"""

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks
from lossbook._types import Axis

# --- arrays


def numeric(x: ArrayLike, name: str) -> NDArray:
    """Return `x` as an array of real numbers, integers among them."""
    unmasked(x, name)
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    except (RuntimeError, TypeError) as error:  # of what is an array elsewhere
        raise TypeError(f"{name} must be an array of real numbers: {error}") from None
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers: found dtype {x.dtype}")
    return x


def real(x: ArrayLike, name: str) -> NDArray:
    """Return `x` as a floating-point array: its own precision, or float64 for integers."""
    x = numeric(x, name)
    return x if x.dtype.kind == "f" else x.astype(float)


def floating(x: ArrayLike, name: str) -> NDArray:
    """Return `x` as an array that is of floating point already."""
    x = numeric(x, name)
    if x.dtype.kind != "f":
        raise TypeError(
            f"{name} must hold floating-point numbers: found dtype {x.dtype}"
        )
    return x


def integers(x: ArrayLike, name: str) -> NDArray:
    """Return `x` as an array of integers."""
    x = numeric(x, name)
    if x.size and x.dtype.kind not in "iu":  # an empty list is one of floats to NumPy
        raise TypeError(f"{name} must hold integers: found dtype {x.dtype}")
    most = np.iinfo(np.intp).max
    if x.dtype.kind == "u" and x.max(initial=0) > most:
        raise IndexError(
            f"{name} must be at most {most}: found {_first(x > most, x)}"
        )
    return x.astype(np.intp)


def unmasked(x: object, name: str) -> None:
    """Check that `x` has no mask, which NumPy would drop in silence."""
    if isinstance(x, np.ndarray) and hasattr(x, "mask"):
        raise TypeError(
            f"{name} must not be a masked array: found {type(x).__name__}"
        )


def alike(
    optional: Mapping[str, ArrayLike | None] | None = None, /, **arrays: ArrayLike
) -> list[Any]:
    """Return arrays of one shape, the first of floating point; those optional may be None."""
    possible: dict[str, Any] = {**arrays, **(optional or {})}
    present = {n: x for n, x in possible.items() if n in arrays or x is not None}
    given = {name: numeric(x, name) for name, x in present.items()}
    first = next(iter(given))
    given[first] = floating(given[first], first)
    same_shape(**given)
    return [given.get(name) for name in possible]


def at_precision_of(x: NDArray, other: NDArray) -> NDArray:
    """Return `other` at the precision `x` is computed in: what is too large becomes infinite."""
    with _blocks.quiet():
        return other.astype(_blocks.precision(x.dtype), copy=False)


# --- shapes


def same_shape(**arrays: NDArray) -> None:
    """Check that the arrays have one shape."""
    if len({x.shape for x in arrays.values()}) > 1:
        raise ValueError(
            f"{_names(arrays)} must have the same shape: {_shapes(arrays)}"
        )


def shape(x: NDArray, name: str, wanted: tuple[int, ...], **of: NDArray) -> None:
    """Check that `x` has the shape that another array wants of it."""
    if x.shape != wanted:
        raise ValueError(
            f"{name} must have shape {wanted} for {_names(of)} of shape {_shapes(of)}: "
            f"found {x.shape}"
        )


def broadcastable(**arrays: NDArray) -> None:
    """Check that the arrays broadcast together."""
    try:
        np.broadcast_shapes(*(x.shape for x in arrays.values()))
    except ValueError:
        raise ValueError(
            f"{_names(arrays)} must broadcast together: {_shapes(arrays)}"
        ) from None


def broadcasts_to(x: NDArray, x_name: str, **arrays: NDArray) -> None:
    """Check that arrays broadcast to the shape of `x`."""
    for name, array in arrays.items():
        try:
            np.broadcast_to(array, x.shape)
        except ValueError:
            raise ValueError(
                f"{name} must broadcast to the shape of {x_name}: {array.shape} and {x.shape}"
            ) from None


def factor(value: ArrayLike | None, name: str, x: NDArray) -> NDArray | None:
    """Return an array of real numbers that broadcasts to `x`, the input; None passes."""
    if value is None:
        return None
    value = numeric(value, name)
    broadcasts_to(x, "input", **{name: value})
    return value


def vectors(x: ArrayLike, name: str, axis: Axis) -> NDArray:
    """Return `x` as a floating-point array of non-empty vectors along an axis, some, or all."""
    return _has_vectors(real(x, name), name, axis)


def vectors_alike(dim: int, **arrays: ArrayLike) -> list[NDArray]:
    """Return arrays of one shape of non-empty vectors along `dim`, the first of floating point."""
    integer(dim, "dim")
    alike_arrays = zip(arrays, alike(**arrays), strict=True)
    return [_has_vectors(x, name, dim) for name, x in alike_arrays]


def axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Return the axes that an argument names, all for None."""
    if axis is None:
        return tuple(range(ndim))
    several = axis if isinstance(axis, tuple) else (axis,)
    return tuple(integer(each, "axis") for each in several)


def _has_vectors(x: NDArray, name: str, axis: Axis) -> NDArray:
    found = axes(axis, x.ndim)
    if not (found and all(-x.ndim <= each < x.ndim for each in found)):
        raise ValueError(f"{name} has no axis {axis}: shape {x.shape}")
    if len({each % x.ndim for each in found}) < len(found):
        raise ValueError(f"axis must name each axis of {name} once: found {axis}")
    if any(x.shape[each] == 0 for each in found):
        raise ValueError(
            f"{name} must not be empty along axis {axis}: shape {x.shape}"
        )
    return x


# --- numbers and words


def number(
    value: Any,
    name: str,
    *,
    above: float = -math.inf,
    least: float = -math.inf,
    most: float = math.inf,
    below: float = math.inf,
) -> float:
    """Return `value` as a float if it is a finite number within bounds."""
    _real_number(value, name)
    x = _as_float(value)
    inside = above < x < below and least <= x <= most
    if not (math.isfinite(x) and inside):
        wanted = {"above": above, "at least": least, "at most": most, "below": below}
        bounds = [f"{k} {v:g}" for k, v in wanted.items() if math.isfinite(v)]
        finite = ["finite"] if math.isinf(x) or not bounds else []
        raise ValueError(
            f"{name} must be {' and '.join(finite + bounds)}: found {value!r}"
        )
    return x


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def eps(
    value: Any, x: NDArray, *, above: float = -math.inf, least: float = -math.inf
) -> float:
    """Return `value` as a float that is not rounded to 0 at the precision `x` is computed in."""
    value = number(value, "eps", above=above, least=least)
    tiny = np.finfo(_blocks.precision(x.dtype)).tiny
    return max(value, float(tiny)) if value else value


def count(value: Any, name: str, *, least: float = 1, most: float = math.inf) -> int:
    """Return `value` if it is an integer within bounds."""
    number(integer(value, name), name, least=least, most=most)
    return int(value)


def one_of(value: Any, name: str, allowed: Sequence[float]) -> float:
    """Return `value` if it is one of the numbers allowed."""
    x = number(value, name)
    if x not in allowed:
        raise ValueError(f"{name} must be one of {allowed}: found {value!r}")
    return x


def _real_number(value: object, name: str) -> None:
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number: found {value!r}")


def integer(value: Any, name: str) -> int:
    """Return `value` if it is an integer; True and False are none here."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer: found {value!r}")
    return int(value)


def _index(value: Any, name: str, end: float) -> None:
    if not 0 <= integer(value, name) < end:
        raise ValueError(f"{name} must lie in [0, {end}): found {value!r}")


def reduction(value: str, also: Sequence[str] = ()) -> None:
    """Check that `value` names a reduction."""
    allowed = ["none", "mean", "sum", *also]
    if not (isinstance(value, str) and value in allowed):
        raise ValueError(f"reduction must be one of {allowed}: found {value!r}")


# --- what arrays hold


def at_least(x: NDArray, name: str, bound: float) -> NDArray:
    """Return `x` if nothing in it is below a bound."""
    if x.size and np.fmin.reduce(x, axis=None) < bound:
        raise ValueError(
            f"{name} must be at least {bound}: found {_first(x < bound, x)}"
        )
    return x


def unit_interval(x: NDArray, name: str) -> NDArray:
    """Return `x` if all of it lies in [0, 1], NaN not among it."""
    # A maximum is NaN if anything is, and the mask is made for the message only.
    if x.size and not (np.min(x) >= 0 and np.max(x) <= 1):
        raise ValueError(
            f"{name} must lie in [0, 1]: found {_first(~((x >= 0) & (x <= 1)), x)}"
        )
    return x


def signs(y: ArrayLike, name: str) -> NDArray:
    """Return `y` as an array of -1 and 1, NaN not among it.

    In blocks, so that no mask of its size is made, but for the message.
    """
    y = numeric(y, name)
    if _blocks.sum_elements(lambda y: (np.abs(y) != 1).any(), [y]):
        raise ValueError(
            f"{name} must hold -1 and 1 only: found {_first(np.abs(y) != 1, y)}"
        )
    return y


def class_indices(y: ArrayLike, name: str, classes: float) -> NDArray:
    """Return `y` as an array of integers in [0, classes)."""
    y = integers(y, name)
    _within(True, y, name, classes)
    return y


def _within(used: bool | NDArray, y: NDArray, name: str, end: float) -> None:
    outside = used & ((y < 0) | (y >= end))
    if outside.any():
        raise IndexError(f"{name} must lie in [0, {end}): found {_first(outside, y)}")


def _sums_to_one(p: NDArray, name: str, axis: Axis) -> NDArray:
    tolerance = _tolerance(p)
    # The inputs are judged, not the order in which NumPy adds them: so add in float64.
    double = np.promote_types(p.dtype, float)
    total = np.asarray(p.sum(axis=axis, dtype=double))
    astray = abs(total - 1) > tolerance
    if astray.any():
        raise ValueError(
            f"{name} of shape {p.shape} must sum to 1 along axis {axis} "
            f"within {tolerance:.2g}: found {_first(astray, total)}"
        )
    return p


def _tolerance(p: NDArray) -> float:
    # Half of the digits may be lost on the way to the sum, but no more.
    eps = np.finfo(p.dtype).eps
    return math.sqrt(eps)


# --- scores of classes


def scores_and_classes(
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None,
    ignore_index: int | None,
) -> tuple[NDArray, NDArray, NDArray]:
    """Return scores of classes, target classes, and the weights of classes."""
    z = _with_classes(input)
    return z, _class_indices(target, z, ignore_index), class_weight(weight, z)


def _with_classes(input: ArrayLike) -> NDArray:
    z = floating(input, "input")
    if z.ndim == 0 or z.shape[min(1, z.ndim - 1)] == 0:
        raise ValueError(
            f"input must have an axis of classes, not empty: shape {z.shape}"
        )
    return z


def class_weight(weight: ArrayLike | None, z: NDArray) -> NDArray:
    """Return the weight of each class of the scores `z`, 1 where none is given."""
    classes = z.shape[min(1, z.ndim - 1)]
    if weight is None:
        return np.ones(classes, _blocks.precision(z.dtype))
    weight = numeric(weight, "weight")
    if weight.shape != (classes,):
        raise ValueError(f"weight must have shape ({classes},): found {weight.shape}")
    return at_precision_of(z, weight)


def _class_indices(
    target: ArrayLike, z: NDArray, ignore_index: int | None, alternative: str = ""
) -> NDArray:
    y = numeric(target, "target")
    wanted = z.shape[:1] + z.shape[2:] if z.ndim > 1 else ()
    if y.shape != wanted:
        raise ValueError(
            f"target must have the shape {wanted}{alternative} "
            f"for scores of shape {z.shape}: found {y.shape}"
        )
    _of_int(y)
    _in_range(y, z, ignore_index)
    return y


def _of_int(y: NDArray) -> None:
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"target must hold integers, indices of classes: found dtype {y.dtype}"
        )


def _in_range(y: NDArray, z: NDArray, ignore_index: int | None) -> None:
    classes = z.shape[min(1, z.ndim - 1)]
    if y.size and y.min() >= 0 and y.max() < classes:
        return  # most often: two passes, and no mask
    outside = (y != ignore_index) & ((y < 0) | (y >= classes))
    if outside.any():
        exception = "" if ignore_index is None else f" or be {ignore_index}"
        raise IndexError(
            f"target must lie in [0, {classes}){exception}: found {_first(outside, y)}"
        )


# --- messages


def _first(marked: NDArray, x: NDArray) -> str:
    index = tuple(np.argwhere(marked)[0].tolist())
    return f"{x[index]} at index {index}" if index else f"{x[index]}"


def _names(arrays: Iterable[str]) -> str:
    return " and ".join(arrays)


def _shapes(arrays: Mapping[str, NDArray]) -> str:
    shapes = (str(x.shape) for x in arrays.values())
    return " and ".join(shapes)


# --- adaptive


class AdaptiveLayers(NamedTuple):
    inputs: NDArray  # (N, D)
    head: NDArray  # (c + J, D)
    head_bias: NDArray | None  # (c + J,)
    tails: list[
        tuple[NDArray, NDArray]
    ]  # (H, D) and (S, H) for each of the J clusters
    edges: NDArray  # where the clusters begin, and the number K of classes


def adaptive_layers(
    input: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Any,
    head_bias: ArrayLike | None,
    cutoffs: Sequence[int],
) -> AdaptiveLayers:
    """Return inputs (N, D), the head and its bias, pairs of matrices, and where clusters begin.

    The last cluster begins before the end, which comes last: the number of classes.
    """
    x, head = floating(input, "input"), numeric(head_weight, "head_weight")
    edges = _cutoffs(cutoffs)
    if x.ndim not in (1, 2):
        raise ValueError(f"input must have shape (N, D) or (D,): found {x.shape}")
    outcomes = int(edges[0]) + len(edges)
    shape(head, "head_weight", (outcomes, x.shape[-1]), input=x)
    bias = _head_bias(head_bias, head, x)
    tails = _tails(tail_weights, x, edges)
    edges = np.append(edges, edges[-1] + len(tails[-1][1]))
    rows = _blocks.wide(x).reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return AdaptiveLayers(rows, at_precision_of(x, head), bias, tails, edges)


def _head_bias(
    head_bias: ArrayLike | None, head: NDArray, x: NDArray
) -> NDArray | None:
    if head_bias is None:
        return None
    bias = numeric(head_bias, "head_bias")
    shape(bias, "head_bias", head.shape[:1], head_weight=head)
    return at_precision_of(x, bias)


def _cutoffs(cutoffs: Sequence[int]) -> NDArray:
    edges = integers(cutoffs, "cutoffs")
    sizes = np.diff(edges, prepend=0) if edges.ndim == 1 else np.zeros(0)
    if not sizes.size or (sizes < 1).any():
        raise ValueError(
            f"cutoffs must be one or more integers above 0 in increasing order: found {cutoffs!r}"
        )
    return edges


def _tails(
    tail_weights: Any, x: NDArray, edges: NDArray
) -> list[tuple[NDArray, NDArray]]:
    try:
        pairs = [(projection, weight) for projection, weight in tail_weights]
    except (TypeError, ValueError):
        raise TypeError(
            f"tail_weights must be pairs of matrices: found {tail_weights!r}"
        ) from None
    if len(pairs) != len(edges):
        raise ValueError(
            f"tail_weights must be {len(edges)} pairs for cutoffs {edges.tolist()}: "
            f"found {len(pairs)}"
        )
    sizes = [*np.diff(edges), None]
    return [
        _tail(*pair, f"tail_weights[{n}]", x, sizes[n])
        for n, pair in enumerate(pairs)
    ]


def _tail(
    projection: ArrayLike, weight: ArrayLike, name: str, x: NDArray, size: int | None
) -> tuple[NDArray, NDArray]:
    p, w = numeric(projection, f"{name}[0]"), numeric(weight, f"{name}[1]")
    if p.ndim != 2 or p.shape[1] != x.shape[-1]:
        raise ValueError(
            f"{name}[0] must have shape (H, {x.shape[-1]}) for input of shape {x.shape}: "
            f"found {p.shape}"
        )
    if w.shape != (size or max([1, *w.shape[:1]]), len(p)):
        raise ValueError(
            f"{name}[1] must have shape ({size or 'S'}, {len(p)}) "
            f"for cutoffs and {name}[0] of shape {p.shape}: found {w.shape}"
        )
    return at_precision_of(x, p), at_precision_of(x, w)


# --- classification


class LinearScores(NamedTuple):
    inputs: NDArray  # (N, D)
    weights: NDArray  # (K, D)
    biases: NDArray  # (K,)
    targets: NDArray  # (N,) classes or (N, K) probabilities
    class_weights: NDArray  # (K,)


class Labelled(NamedTuple):
    probabilities: NDArray  # (N, K), of the second label alone where K is 1
    labels: NDArray  # (N,)
    weights: NDArray  # (N,)
    all_labels: NDArray  # in sorted order


def chances(
    input: ArrayLike, target: ArrayLike, weight: ArrayLike | None
) -> tuple[NDArray, NDArray, NDArray | None]:
    """Return probabilities, the targets they are of, and a weight."""
    p, t = alike(input=input, target=target)
    unit_interval(p, "input")
    unit_interval(t, "target")
    return p, t, factor(weight, "weight", p)


def logits_and_chances(
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None,
    pos_weight: ArrayLike | None,
) -> tuple[list[NDArray], NDArray | None]:
    """Return logits, targets and the weight of positive ones, if given, and a weight."""
    z, t = alike(input=input, target=target)
    positive = factor(pos_weight, "pos_weight", z)
    arrays = [z, t] if positive is None else [z, t, positive]
    return arrays, factor(weight, "weight", z)


def focal(
    input: ArrayLike, target: ArrayLike, alpha: float, gamma: float
) -> tuple[NDArray, NDArray, float, float]:
    """Return logits and targets, and the numbers of a focal loss, alpha -1 for none."""
    z, t = alike(input=input, target=target)
    if alpha != -1:
        alpha = number(alpha, "alpha", least=0, most=1)
    gamma = number(gamma, "gamma", least=0)
    return z, unit_interval(t, "target"), alpha, gamma


def batch_size(x: NDArray, name: str) -> int:
    """Return the length of the first axis of `x`."""
    if x.ndim == 0:
        raise ValueError(
            f"{name} must have an axis to take the mean over: shape {x.shape}"
        )
    return len(x)


def scores(
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None,
    ignore_index: int | None,
) -> tuple[NDArray, NDArray, NDArray]:
    """Return scores of classes, target classes or probabilities, and the weights of classes."""
    z = _with_classes(input)
    if np.shape(target) == z.shape:
        t = floating(target, "target")
        if ignore_index is not None and ignore_index >= 0:
            raise ValueError(
                f"ignore_index must be negative for probabilities: found {ignore_index}"
            )
    else:
        t = _class_indices(
            target, z, ignore_index, f" of classes or {z.shape} of probabilities"
        )
    return z, t, class_weight(weight, z)


def linear_scores(
    input: ArrayLike,
    linear_weight: ArrayLike,
    target: ArrayLike,
    linear_bias: ArrayLike | None,
    weight: ArrayLike | None,
    ignore_index: int | None,
) -> LinearScores:
    """Return inputs (N, D), the layer, targets (N,) or (N, K), and the weights of classes."""
    x, w = floating(input, "input"), numeric(linear_weight, "linear_weight")
    if x.ndim == 0 or w.ndim != 2 or x.shape[-1] != w.shape[-1]:
        raise ValueError(
            f"input and linear_weight must have shapes (..., D), and (K, D): "
            f"found {x.shape} and {w.shape}"
        )
    b: ArrayLike = np.zeros(len(w), x.dtype) if linear_bias is None else linear_bias
    b = numeric(b, "linear_bias")
    shape(b, "linear_bias", w.shape[:1], linear_weight=w)
    t, v = _targets_of_layer(x, w, target, weight, ignore_index)
    rows = _blocks.wide(x).reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return LinearScores(rows, at_precision_of(x, w), at_precision_of(x, b), t, v)


def _targets_of_layer(
    x: NDArray,
    w: NDArray,
    target: ArrayLike,
    weight: ArrayLike | None,
    ignore_index: int | None,
) -> tuple[NDArray, NDArray]:
    t, outer, classes = numeric(target, "target"), x.shape[:-1], len(w)
    if t.shape not in (outer, (*outer, classes)):
        raise ValueError(
            f"target must have the shape {outer} of classes or {(*outer, classes)} of "
            f"probabilities for input of shape {x.shape}: found {t.shape}"
        )
    soft = t.ndim == x.ndim
    if soft and ignore_index is not None:
        raise ValueError(
            f"ignore_index must be None for probabilities: found {ignore_index!r}"
        )
    # What the logits would be, but for their values: the classes come second there.
    zero = x.dtype.type(0)
    z = np.broadcast_to(zero, (*outer[:1], classes, *outer[1:]))
    ignored = -100 if ignore_index is None else integer(ignore_index, "ignore_index")
    moved = np.moveaxis(t, -1, min(1, t.ndim - 1)) if soft else t
    _, _, v = scores(z, moved, weight, ignored)
    return t.reshape(math.prod(outer), *[classes] * soft), v


def labelled(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    sample_weight: ArrayLike | None,
    labels: ArrayLike | None,
) -> Labelled:
    """Return probabilities (N, K), K = 1 that of the second label, labels, weights, all labels."""
    unmasked(y_true, "y_true")
    p, y = real(y_proba, "y_proba"), np.asarray(y_true)
    if p.ndim not in (1, 2) or p.shape[1:] == (0,):
        raise ValueError(
            f"y_proba must have shape (N,), (N, 1) or (N, K): found {p.shape}"
        )
    shape(y, "y_true", p.shape[:1], y_proba=p)
    if y.dtype.kind == "f" and (fraction := y % 1 != 0).any():
        raise ValueError(
            f"y_true must hold labels, no fractions: found {_first(fraction, y)}"
        )
    w = np.broadcast_to(p.dtype.type(1), len(p))
    w = w if sample_weight is None else numeric(sample_weight, "sample_weight")
    shape(w, "sample_weight", p.shape[:1], y_proba=p)
    unit_interval(p, "y_proba")
    p = p.reshape(len(p), math.prod(p.shape[1:]))
    if p.shape[1] > 1:
        _sums_to_one(p, "y_proba", 1)
    count = max(2, p.shape[1])
    return Labelled(p, y, w, _all_labels(y, labels, count))


def _all_labels(y: NDArray, labels: ArrayLike | None, count: int) -> NDArray:
    # In parts, as to find the distinct ones a copy is sorted.
    found = _distinct(y)
    known = found if labels is None else np.asarray(labels)
    if known.shape != (count,):
        name = "y_true, if labels are not given," if labels is None else "labels"
        raise ValueError(
            f"{name} must have {count} labels, as y_proba has: found those of shape {known.shape}"
        )
    other = found[~np.isin(found, known)].tolist()
    if other:
        raise ValueError(
            f"y_true must hold only what is in labels: found {other[0]!r}"
        )
    if not (known[:-1] < known[1:]).all():
        raise ValueError(
            f"labels must be in sorted order, each once: found {known[:9].tolist()}"
        )
    return known


def _distinct(y: NDArray) -> NDArray:
    # In parts, as to find the distinct ones a copy is sorted.
    slices = _blocks.slices(len(y), 1 << 16)
    try:
        parts = [np.unique(y[part]) for part in slices]
        return np.unique(np.concatenate(parts)) if parts else y
    except TypeError as error:
        raise TypeError(
            f"y_true must hold labels that can be sorted: {error}"
        ) from None


# --- ctc


class Alignable(NamedTuple):
    log_probs: NDArray  # (T, N, K)
    labels: NDArray  # (N, S), the blank beyond their length, however they were given
    input_lengths: NDArray  # (N,)
    target_lengths: NDArray  # (N,)
    blank: int


def alignable(
    log_probs: ArrayLike,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    blank: int,
) -> Alignable:
    """Return log-probabilities (T, N, K), labels (N, S) and both lengths (N,).

    The labels are `blank` beyond their length, whichever way they were given.
    """
    x = _blocks.wide(floating(log_probs, "log_probs"))
    if x.ndim not in (2, 3):
        raise ValueError(
            f"log_probs must have shape (T, N, K) or (T, K): found {x.shape}"
        )
    x = x[:, np.newaxis] if x.ndim == 2 else x
    _index(blank, "blank", x.shape[2])
    y = integers(targets, "targets")
    most = y.shape[-1] if y.ndim else 0
    steps = _lengths(input_lengths, "input_lengths", x.shape[1], len(x))
    sizes = _lengths(target_lengths, "target_lengths", x.shape[1], most)
    return Alignable(x, _labels(y, sizes, blank, x.shape), steps, sizes, blank)


def _lengths(x: ArrayLike, name: str, count: int, most: int) -> NDArray:
    x = integers(x, name)
    if x.shape != (count,) and not (count == 1 and x.shape == ()):
        raise ValueError(f"{name} must have shape ({count},): found {x.shape}")
    outside = (x < 0) | (x > most)
    if outside.any():
        raise ValueError(
            f"{name} must lie in [0, {most}]: found {_first(outside, x)}"
        )
    return x.reshape(count)


def _labels(
    y: NDArray, sizes: NDArray, blank: int, shape: tuple[int, ...]
) -> NDArray:
    """Return labels as (N, S), `blank` beyond their length, from that or one after the other."""
    _shape_of_labels(y, sizes, shape)
    places = np.arange(y.shape[-1]) < sizes[:, np.newaxis]
    inside = places if y.ndim == 2 else np.ones(y.shape, bool)
    _within(inside, y, "targets", shape[-1])
    blanks = inside & (y == blank)
    if blanks.any():
        raise ValueError(f"targets must not hold blank: found {_first(blanks, y)}")
    labels = np.full((len(sizes), sizes.max(initial=0)), blank)
    labels[places[:, : labels.shape[1]]] = y[inside]
    return labels


def _shape_of_labels(y: NDArray, sizes: NDArray, shape: tuple[int, ...]) -> None:
    count, total = len(sizes), sizes.sum()
    if y.shape != (total,) and not (y.ndim == 2 and len(y) == count):
        raise ValueError(
            f"targets must have shape ({count}, S), or ({total},) one after the other, "
            f"for log_probs of shape {shape} and these target_lengths: found {y.shape}"
        )


# --- information


def base(value: Any) -> float:
    """Return the logarithm of the base of a logarithm."""
    _real_number(value, "base")
    # A base below 1 would turn the sign of every measure.
    if not 1 < _as_float(value) < math.inf:
        raise ValueError(f"base must be finite and above 1: found {value!r}")
    return math.log(value)


def probability(p: ArrayLike, name: str, slack: float = 0.0) -> NDArray:
    """Return `p` as a non-empty array of numbers from 0 to 1, or to 1 + `slack`."""
    p = real(p, name)
    if p.size == 0:
        raise ValueError(f"{name} must not be empty: shape {p.shape}")
    outside = (p < 0) | (p > 1 + slack)
    if outside.any():
        raise ValueError(f"{name} must lie in [0, 1]: found {_first(outside, p)}")
    return p


def distribution(p: ArrayLike, name: str, axis: Axis) -> NDArray:
    """Return `p` as an array of probabilities that sum to one along `axis`."""
    p = vectors(p, name, axis)
    return _summing_to_one(p, name, axis)


def distributions(axis: Axis, **arrays: ArrayLike) -> list[NDArray]:
    """Return arrays of one shape, each of probabilities that sum to one along `axis`."""
    found = {name: vectors(p, name, axis) for name, p in arrays.items()}
    same_shape(**found)
    return [_summing_to_one(p, name, axis) for name, p in found.items()]


def joint_distribution(p: ArrayLike, name: str) -> NDArray:
    """Return `p` as an array of probabilities that sum to one over its last two axes."""
    p = real(p, name)
    if p.ndim < 2:
        raise ValueError(f"{name} must have at least two axes: shape {p.shape}")
    return _summing_to_one(p, name, (-2, -1))


def _summing_to_one(p: NDArray, name: str, axis: Axis) -> NDArray:
    # Half of the digits may be lost on the way to the sum, but no more.
    # An element above one by no more than the tolerance is left to the sum: both are rounding.
    p = probability(p, name, slack=_tolerance(p))
    return _sums_to_one(p, name, axis)


# --- margin


def with_signs(target: ArrayLike, **arrays: ArrayLike) -> tuple[NDArray, ...]:
    """Return arrays of one shape, the first of floating point, and a target of -1 and 1."""
    *others, y = alike(**arrays, target=target)
    return *others, signs(y, "target")


def scores_and_labels(input: ArrayLike, target: ArrayLike) -> tuple[NDArray, NDArray]:
    """Return scores of classes, and lists of target classes that end at -1, of one shape."""
    z = _with_classes(input)
    y = numeric(target, "target")
    same_shape(input=z, target=y)
    _of_int(y)
    classes = z.shape[min(1, z.ndim - 1)]
    if y.size and not (y.min() >= -1 and y.max() < classes):
        outside = _first((y < -1) | (y >= classes), y)
        raise IndexError(
            f"target must lie in [0, {classes}) or be -1: found {outside}"
        )
    return z, y


def multilabel(
    input: ArrayLike, target: ArrayLike, weight: ArrayLike | None
) -> list[NDArray]:
    """Return logits and targets of classes along the last axis, and a weight if there is one."""
    z, t = vectors_alike(-1, input=input, target=target)
    w = factor(weight, "weight", z)
    if w is None:
        return [z, t]
    return [z, t, np.broadcast_to(w, z.shape)]


# --- optimizers


def state(value: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return what an optimizer remembers by name, None for each before the first step."""
    if value is None:
        return dict.fromkeys(names)
    if not (isinstance(value, tuple) and len(value) == len(names)):
        raise TypeError(
            f"state must be None or a tuple ({', '.join(names)}): found {value!r}"
        )
    return dict(zip(names, value, strict=True))


def betas(values: Any) -> list[float]:
    """Return the two numbers from 0 to below 1."""
    if not (isinstance(values, (tuple, list)) and len(values) == 2):
        raise TypeError(f"betas must be two numbers: found {values!r}")
    return [
        number(beta, f"betas[{n}]", least=0, below=1) for n, beta in enumerate(values)
    ]


def steps(value: Any) -> int:
    """Return the number of steps that were taken, 0 if `value` is None."""
    value = 0 if value is None else value
    _index(value, "steps", math.inf)
    return value


def nesterov(momentum: float, dampening: float) -> None:
    """Check that a velocity can be looked ahead along."""
    if momentum == 0 or dampening != 0:
        raise ValueError(
            f"nesterov must have momentum above 0 and dampening 0: found {momentum} and {dampening}"
        )


# --- regression


def gaussian(
    input: ArrayLike, target: ArrayLike, var: ArrayLike
) -> tuple[NDArray, NDArray, NDArray]:
    """Return means, what was measured, and variances, which both broadcast to the means."""
    x, y = floating(input, "input"), numeric(target, "target")
    pairs = zip(x.shape, y.shape, strict=False)
    if x.ndim != y.ndim or any(m not in (n, 1) for n, m in pairs):
        raise ValueError(
            f"target must have the shape of input, or 1 for the length of an axis: "
            f"found {y.shape} and {x.shape}"
        )
    return x, y, _variance(var, x)


def _variance(var: ArrayLike, x: NDArray) -> NDArray:
    # One for a vector gets an axis more.
    v = at_least(numeric(var, "var"), "var", 0)
    if v.shape not in (x.shape, ()) and v.shape == x.shape[:-1]:
        v = v[..., np.newaxis]
    broadcasts_to(x, "input", var=v)
    return v


def threshold(beta: Any, x: NDArray) -> float:
    """Return the number at which a loss bends, 0 if it is that at the precision of `x`."""
    beta = number(beta, "beta", least=0)
    tiny = np.finfo(_blocks.precision(x.dtype)).smallest_subnormal
    return beta if beta >= tiny else 0


# --- sampling


class SampledLayer(NamedTuple):
    weights: NDArray  # (K, D)
    biases: NDArray  # (K,)
    inputs: NDArray  # (N, D)
    labels: NDArray  # (N, num_true)


class SampledValues(NamedTuple):
    candidates: NDArray  # (S,)
    true_expected_count: NDArray  # (N, num_true)
    sampled_expected_count: NDArray  # (S,)


def candidates(
    true: ArrayLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    rng: object,
) -> NDArray:
    """Return true classes (N, num_true), once a sampler can do what it is asked for."""
    generator(rng)
    count(num_sampled, "num_sampled")
    count(range_max, "range_max", most=np.iinfo(np.intp).max)
    enough(num_sampled, unique, range_max)
    return true_classes(true, "true_classes", num_true, range_max)


def enough(num_sampled: int, unique: bool, classes: int) -> None:
    """Check that there are as many classes as are to be drawn, each once."""
    if unique and num_sampled > classes:
        raise ValueError(
            f"num_sampled must be at most {classes}, the number of classes that can be drawn, "
            f"if unique: found {num_sampled}"
        )


def generator(rng: object) -> None:
    """Check that `rng` can be drawn from."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator: found {rng!r}")


def true_classes(x: ArrayLike, name: str, num_true: int, classes: float) -> NDArray:
    """Return `x` as integers (N, num_true) in [0, classes)."""
    count(num_true, "num_true")
    x = integers(x, name)
    if x.ndim != 2 or x.shape[1] != num_true:
        raise ValueError(
            f"{name} must have shape (N, {num_true}) for num_true: found {x.shape}"
        )
    return class_indices(x, name, classes)


def patience(tries: int, most: int, found: int, wanted: int) -> None:
    """Check that candidates are not awaited for ever."""
    if tries > most:
        raise ValueError(
            f"num_sampled must be drawn in {most} tries: found {found} of {wanted} classes"
        )


def unigrams(
    weights: ArrayLike, distortion: float, num_reserved_ids: int, range_max: int
) -> NDArray:
    """Return a weight for each class: 0 if reserved, or else to the power of the distortion."""
    w = numeric(weights, "unigrams").astype(float)
    number(distortion, "distortion")
    count(num_reserved_ids, "num_reserved_ids", least=0, most=range_max)
    if w.shape != (range_max - num_reserved_ids,):
        raise ValueError(
            f"unigrams must have shape ({range_max - num_reserved_ids},) for range_max {range_max} "
            f"and num_reserved_ids {num_reserved_ids}: found {w.shape}"
        )
    at_least(w, "unigrams", 0)
    return np.concatenate([np.zeros(num_reserved_ids), _distorted(w, distortion)])


def _distorted(w: NDArray, distortion: float) -> NDArray:
    with _blocks.quiet():
        w = w**distortion
        total = w.sum()
    if not 0 < total < math.inf:
        raise ValueError(
            f"unigrams to the power of distortion must have a finite sum above 0: found {total}"
        )
    return w


def class_counts(counts: ArrayLike | None, range_max: int) -> NDArray:
    """Return how often each class was seen, once before the first time."""
    if counts is None:
        return np.ones(range_max, np.intp)
    counts = integers(counts, "counts")
    if counts.shape != (range_max,):
        raise ValueError(
            f"counts must have shape ({range_max},): found {counts.shape}"
        )
    return at_least(counts, "counts", 1)


def hits(
    true: ArrayLike, sampled_candidates: ArrayLike, num_true: int
) -> tuple[NDArray, NDArray]:
    """Return true classes (N, num_true) and candidates (S,)."""
    y = true_classes(true, "true_classes", num_true, math.inf)
    s = integers(sampled_candidates, "sampled_candidates")
    if s.ndim != 1:
        raise ValueError(f"sampled_candidates must have shape (S,): found {s.shape}")
    return y, s


def sampled_layer(
    weights: ArrayLike,
    biases: ArrayLike,
    labels: ArrayLike,
    inputs: ArrayLike,
    num_classes: int,
    num_true: int,
) -> SampledLayer:
    """Return the weights and biases of a layer, what enters it and the classes that are true."""
    w, x = floating(weights, "weights"), numeric(inputs, "inputs")
    if w.ndim != 2 or x.ndim != 2 or w.shape[1] != x.shape[1]:
        raise ValueError(
            f"weights and inputs must have shapes (K, D) and (N, D): found {w.shape} and {x.shape}"
        )
    b = numeric(biases, "biases")
    shape(b, "biases", w.shape[:1], weights=w)
    count(num_classes, "num_classes", most=len(w))
    y = true_classes(labels, "labels", num_true, num_classes)
    shape(y, "labels", (len(x), num_true), inputs=x)
    return SampledLayer(
        _blocks.wide(w), at_precision_of(w, b), at_precision_of(w, x), y
    )


def sampled_values(
    values: Any, y: NDArray, num_sampled: int, num_classes: int
) -> SampledValues:
    """Return the classes that were sampled, and the expected counts of true and of sampled ones."""
    if not (isinstance(values, (tuple, list)) and len(values) == 3):
        raise TypeError(
            "sampled_values must be a tuple (sampled_candidates, true_expected_count, "
            f"sampled_expected_count): found {values!r}"
        )
    count(num_sampled, "num_sampled")
    s = integers(values[0], "sampled_candidates")
    if s.shape != (num_sampled,):
        raise ValueError(
            f"sampled_candidates must have shape ({num_sampled},) for num_sampled: found {s.shape}"
        )
    class_indices(s, "sampled_candidates", num_classes)
    of_true = _expected_count(values[1], "true_expected_count", labels=y)
    of_sampled = _expected_count(
        values[2], "sampled_expected_count", sampled_candidates=s
    )
    return SampledValues(s, of_true, of_sampled)


def _expected_count(x: ArrayLike, name: str, **of: NDArray) -> NDArray:
    x = at_least(numeric(x, name), name, 0)
    (classes,) = of.values()
    shape(x, name, classes.shape, **of)
    return x.astype(float)


# --- sequence


def tokens(
    input: ArrayLike, target: ArrayLike, mask: ArrayLike | None
) -> tuple[NDArray, NDArray]:
    """Return the logits and the class of each token, -100 where the mask is 0."""
    z, y = floating(input, "input"), integers(target, "target")
    if z.ndim < 2 or y.shape != z.shape[:-1]:
        raise ValueError(
            f"input and target must have shapes (N, T, K) and (N, T), or (T, K) and (T,): "
            f"found {z.shape} and {y.shape}"
        )
    mask = np.ones(y.shape, bool) if mask is None else mask
    kept = _zero_or_one(mask, "mask", target=y)
    _within(kept, y, "target", z.shape[-1])
    rows = z.reshape(y.size, z.shape[-1])
    classes = np.where(kept, y, -100)
    return rows, classes.reshape(-1)


def kept(mask: ArrayLike | None) -> Any:
    """Return where a mask keeps the tokens, with an axis for their classes."""
    return True if mask is None else np.asarray(mask)[..., np.newaxis] != 0


def _zero_or_one(x: ArrayLike, name: str, **like: NDArray) -> NDArray:
    x = numeric(x, name)
    same_shape(**{name: x}, **like)
    other = (x != 0) & (x != 1)
    if other.any():
        raise ValueError(f"{name} must hold 0 and 1 only: found {_first(other, x)}")
    return x != 0


# --- similarity


def embeddings(
    input1: ArrayLike, input2: ArrayLike, target: ArrayLike
) -> tuple[NDArray, NDArray, NDArray]:
    """Return two arrays of vectors along the last axis, and a -1 or 1 for each pair."""
    x1, x2 = vectors_alike(-1, input1=input1, input2=input2)
    y = numeric(target, "target")
    shape(y, "target", x1.shape[:-1], input1=x1)
    return x1, x2, signs(y, "target")


def norm(p: Any) -> float:
    """Return the order of a norm, a number above 0 or infinity."""
    infinite = isinstance(p, numbers.Real) and p == math.inf
    return math.inf if infinite else number(p, "p", above=0)


def functions(**values: object) -> None:
    """Check that the values that are not None can be called."""
    for name, value in values.items():
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function: found {value!r}")


def both_or_neither(**values: object) -> None:
    """Check that all or none of the values are None."""
    missing = [name for name, value in values.items() if value is None]
    if 0 < len(missing) < len(values):
        raise TypeError(
            f"{_names(values)} must be given together: found no {missing[0]}"
        )


def returned(
    x: ArrayLike, name: str, wanted: tuple[int, ...], dtype: np.dtype
) -> NDArray:
    """Return what a function of the caller's own returned, an array of real numbers."""
    x = numeric(x, f"what {name} returns")
    if x.shape != wanted:
        raise ValueError(f"{name} must return shape {wanted}: found {x.shape}")
    return x.astype(dtype, copy=False)


def pair(values: Any, name: str) -> tuple[ArrayLike, ArrayLike]:
    """Return the two arrays that a function of the caller's own returned."""
    try:
        first, second = values
    except (TypeError, ValueError):
        raise TypeError(f"{name} must return two arrays: found {values!r}") from None
    return first, second
