"""The door: everything `lossbook` refuses is refused here, by name, shape and value.

A check returns its argument ready for the formula, as a floating-point array.
Comparisons are written so that NaN passes: a NaN in the data belongs in the result.
"""

import math
import numbers

import numpy as np
from numpy.typing import NDArray

from lossbook import _blocks


def real(x, name) -> NDArray:
    """Return `x` as a floating-point array: its own precision, or float64 for integers."""
    x = numeric(x, name)
    return x if x.dtype.kind == "f" else x.astype(float)


def numeric(x, name) -> NDArray:
    """Return `x` as an array of real numbers, integers among them."""
    unmasked(x, name)
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers: found dtype {x.dtype}")
    return x


def unmasked(x, name):
    """Check that `x` has no mask, which NumPy would drop in silence."""
    if isinstance(x, np.ndarray) and hasattr(x, "mask"):
        raise TypeError(f"{name} must not be a masked array: found {type(x).__name__}")


def floating(x, name) -> NDArray:
    """Return `x` as an array that is of floating point already."""
    x = numeric(x, name)
    if x.dtype.kind != "f":
        raise TypeError(f"{name} must hold floating-point numbers: found dtype {x.dtype}")
    return x


def alike(**arrays) -> list:
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


def number(value, name, *, above=-math.inf, least=-math.inf, most=math.inf, below=math.inf):
    """Return `value` as a float if it is a finite number within bounds."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number: found {value!r}")
    if not (math.isfinite(value) and above < value < below and least <= value <= most):
        wanted = {"above": above, "at least": least, "at most": most, "below": below}
        bounds = " and ".join(f"{k} {v:g}" for k, v in wanted.items() if math.isfinite(v))
        raise ValueError(f"{name} must be {bounds or 'finite'}: found {value!r}")
    return float(value)


def at_least(x, name, bound) -> NDArray:
    """Return `x` if nothing in it is below a bound."""
    if x.size and np.fmin.reduce(x, axis=None) < bound:
        raise ValueError(f"{name} must be at least {bound}: found {_first(x < bound, x)}")
    return x


def unit_interval(x, name):
    """Return `x` if all of it lies in [0, 1], NaN not among it."""
    # A maximum is NaN if anything is, and the mask is made for the message only.
    if x.size and not (np.min(x) >= 0 and np.max(x) <= 1):
        raise ValueError(f"{name} must lie in [0, 1]: found {_first(~((x >= 0) & (x <= 1)), x)}")
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


def chances(input, target, weight):
    """Return probabilities, the targets they are of, and a weight."""
    p, t = alike(input=input, target=target)
    return unit_interval(p, "input"), unit_interval(t, "target"), factor(weight, "weight", p)


def logits_and_chances(input, target, weight, pos_weight):
    """Return logits, targets and the weight of positive ones, if given, and a weight."""
    z, t = alike(input=input, target=target)
    positive = factor(pos_weight, "pos_weight", z)
    return [z, t] if positive is None else [z, t, positive], factor(weight, "weight", z)


def focal(input, target, alpha, gamma):
    """Return logits and targets, once the numbers of a focal loss are within bounds."""
    z, t = alike(input=input, target=target)
    if alpha != -1:
        number(alpha, "alpha", least=0, most=1)
    number(gamma, "gamma", least=0)
    return z, unit_interval(t, "target")


def batch_size(x, name):
    """Return the length of the first axis of `x`."""
    if x.ndim == 0:
        raise ValueError(f"{name} must have an axis to take the mean over: shape {x.shape}")
    return len(x)


def factor(value, name, x):
    """Return an array of real numbers that broadcasts to `x`, the input; None passes."""
    if value is None:
        return None
    value = numeric(value, name)
    broadcasts_to(x, "input", **{name: value})
    return value


def scores(input, target, weight, ignore_index):
    """Return scores of classes, target classes or probabilities, and the weights of classes."""
    z = _with_classes(input)
    if np.shape(target) == z.shape:
        t = floating(target, "target")
        if _ignored(ignore_index) >= 0:
            raise ValueError(
                f"ignore_index must be negative for probabilities: found {ignore_index}"
            )
    else:
        t = _class_indices(target, z, ignore_index, f" of classes or {z.shape} of probabilities")
    return z, t, class_weight(weight, z)


def scores_and_classes(input, target, weight, ignore_index):
    """Return scores of classes, target classes, and the weights of classes."""
    z = _with_classes(input)
    return z, _class_indices(target, z, ignore_index), class_weight(weight, z)


def linear_scores(input, linear_weight, target, linear_bias, weight, ignore_index):
    """Return inputs (N, D), the layer, targets (N,) or (N, C), and the weights of classes."""
    x, w = floating(input, "input"), numeric(linear_weight, "linear_weight")
    if x.ndim not in (1, 2) or w.ndim != 2 or x.shape[-1] != w.shape[-1]:
        raise ValueError(
            f"input and linear_weight must have shapes (N, D) or (D,), and (C, D): "
            f"found {x.shape} and {w.shape}"
        )
    b = np.zeros(len(w), x.dtype) if linear_bias is None else numeric(linear_bias, "linear_bias")
    shape(b, "linear_bias", w.shape[:1], linear_weight=w)
    # What the logits would be, but for their values.
    z = np.broadcast_to(x.dtype.type(0), (*x.shape[:-1], len(w)))
    if np.shape(target) == z.shape and ignore_index is not None:
        raise ValueError(f"ignore_index must be None for probabilities: found {ignore_index!r}")
    _, t, v = scores(z, target, weight, -100 if ignore_index is None else ignore_index)
    if x.ndim == 1:
        x, t = x[np.newaxis], t[np.newaxis]
    return x, at_precision_of(x, w), at_precision_of(x, b), t, v


def labelled(y_true, y_proba, sample_weight, labels):
    """Return probabilities (N, K), K = 1 that of the second label, labels, weights, all labels."""
    unmasked(y_true, "y_true")
    p, y = floating(y_proba, "y_proba"), np.asarray(y_true)
    if p.ndim not in (1, 2) or p.shape[1:] == (0,):
        raise ValueError(f"y_proba must have shape (N,), (N, 1) or (N, C): found {p.shape}")
    shape(y, "y_true", p.shape[:1], y_proba=p)
    if y.dtype.kind == "f" and (fraction := y % 1 != 0).any():
        raise ValueError(f"y_true must hold labels, no fractions: found {_first(fraction, y)}")
    w = np.broadcast_to(p.dtype.type(1), len(p))
    w = w if sample_weight is None else numeric(sample_weight, "sample_weight")
    shape(w, "sample_weight", p.shape[:1], y_proba=p)
    unit_interval(p, "y_proba")
    p = p.reshape(len(p), math.prod(p.shape[1:]))
    if p.shape[1] > 1:
        _sums_to_one(p, "y_proba", 1)
    return p, y, w, _all_labels(y, labels, max(2, p.shape[1]))


def _all_labels(y, labels, count):
    # In parts, as to find the distinct ones a copy is sorted.
    parts = [np.unique(y[start : start + (1 << 16)]) for start in range(0, len(y), 1 << 16)]
    found = np.unique(np.concatenate(parts)) if parts else y
    known = found if labels is None else np.asarray(labels)
    if known.shape != (count,):
        name = "y_true, if labels are not given," if labels is None else "labels"
        raise ValueError(
            f"{name} must have {count} labels, as y_proba has: found those of shape {known.shape}"
        )
    other = found[~np.isin(found, known)].tolist()
    if other:
        raise ValueError(f"y_true must hold only what is in labels: found {other[0]!r}")
    if not (known[:-1] < known[1:]).all():
        raise ValueError(f"labels must be in sorted order, each once: found {known[:9].tolist()}")
    return known


def _with_classes(input):
    z = floating(input, "input")
    if z.ndim == 0 or z.shape[min(1, z.ndim - 1)] == 0:
        raise ValueError(f"input must have an axis of classes, not empty: shape {z.shape}")
    return z


def class_weight(weight, z):
    """Return the weight of each class of the scores `z`, 1 where none is given."""
    classes = z.shape[min(1, z.ndim - 1)]
    if weight is None:
        return np.ones(classes, z.dtype)
    weight = numeric(weight, "weight")
    if weight.shape != (classes,):
        raise ValueError(f"weight must have shape ({classes},): found {weight.shape}")
    return weight.astype(z.dtype)


def _ignored(index):
    """Return the label that is ignored, -1 for none."""
    if not isinstance(index, numbers.Integral | None):
        raise TypeError(f"ignore_index must be an integer: found {index!r}")
    return -1 if index is None else index


def _class_indices(target, z, ignore_index, alternative=""):
    _ignored(ignore_index)
    y = numeric(target, "target")
    wanted = z.shape[:1] + z.shape[2:] if z.ndim > 1 else ()
    classes = z.shape[min(1, z.ndim - 1)]
    if y.shape != wanted:
        raise ValueError(
            f"target must have the shape {wanted}{alternative} "
            f"for scores of shape {z.shape}: found {y.shape}"
        )
    if y.dtype.kind not in "iu":
        raise TypeError(f"target must hold integers, indices of classes: found dtype {y.dtype}")
    outside = (y != ignore_index) & ((y < 0) | (y >= classes))
    if outside.any():
        exception = "" if ignore_index is None else f" or be {ignore_index}"
        raise IndexError(
            f"target must lie in [0, {classes}){exception}: found {_first(outside, y)}"
        )
    return y


def alignable(log_probs, targets, input_lengths, target_lengths, blank):
    """Return log-probabilities (T, N, C), labels (N, S) and both lengths (N,).

    The labels are `blank` beyond their length, whichever way they were given.
    """
    x = floating(log_probs, "log_probs")
    if x.ndim not in (2, 3):
        raise ValueError(f"log_probs must have shape (T, N, C) or (T, C): found {x.shape}")
    x = x[:, np.newaxis] if x.ndim == 2 else x
    _index(blank, "blank", x.shape[2])
    y = integers(targets, "targets")
    steps = _lengths(input_lengths, "input_lengths", x.shape[1], len(x))
    sizes = _lengths(target_lengths, "target_lengths", x.shape[1], y.shape[-1] if y.ndim else 0)
    return x, _labels(y, sizes, blank, x.shape), steps, sizes


def tokens(input, target, mask):
    """Return the logits and the class of each token, -100 where the mask is 0."""
    z, y = floating(input, "input"), integers(target, "target")
    if z.ndim < 2 or y.shape != z.shape[:-1]:
        raise ValueError(
            f"input and target must have shapes (N, T, C) and (N, T), or (T, C) and (T,): "
            f"found {z.shape} and {y.shape}"
        )
    kept = np.ones(y.shape, bool) if mask is None else _zero_or_one(mask, "mask", target=y)
    _within(kept, y, "target", z.shape[-1])
    return z.reshape(y.size, z.shape[-1]), np.where(kept, y, -100).reshape(-1)


def integers(x, name) -> NDArray:
    """Return `x` as an array of integers."""
    x = numeric(x, name)
    if x.size and x.dtype.kind not in "iu":  # an empty list is one of floats to NumPy
        raise TypeError(f"{name} must hold integers: found dtype {x.dtype}")
    return x.astype(np.intp)


def _zero_or_one(x, name, **like):
    x = numeric(x, name)
    same_shape(**{name: x}, **like)
    other = (x != 0) & (x != 1)
    if other.any():
        raise ValueError(f"{name} must hold 0 and 1 only: found {_first(other, x)}")
    return x != 0


def _index(value, name, end):
    if not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer: found {value!r}")
    if not 0 <= int(value) < end:
        raise ValueError(f"{name} must lie in [0, {end}): found {value!r}")


def _within(used, y, name, end):
    outside = used & ((y < 0) | (y >= end))
    if outside.any():
        raise IndexError(f"{name} must lie in [0, {end}): found {_first(outside, y)}")


def _lengths(x, name, count, most):
    x = integers(x, name)
    if x.shape != (count,) and not (count == 1 and x.shape == ()):
        raise ValueError(f"{name} must have shape ({count},): found {x.shape}")
    outside = (x < 0) | (x > most)
    if outside.any():
        raise ValueError(f"{name} must lie in [0, {most}]: found {_first(outside, x)}")
    return x.reshape(count)


def _labels(y, sizes, blank, shape):
    """Return labels as (N, S), `blank` beyond their length, from that or one after the other."""
    count = len(sizes)
    if y.shape != (sizes.sum(),) and not (y.ndim == 2 and len(y) == count):
        raise ValueError(
            f"targets must have shape ({count}, S), or ({sizes.sum()},) one after the other, "
            f"for log_probs of shape {shape} and these target_lengths: found {y.shape}"
        )
    places = np.arange(y.shape[-1]) < sizes[:, np.newaxis]
    inside = places if y.ndim == 2 else np.ones(y.shape, bool)
    _within(inside, y, "targets", shape[-1])
    blanks = inside & (y == blank)
    if blanks.any():
        raise ValueError(f"targets must not hold blank: found {_first(blanks, y)}")
    labels = np.full((count, sizes.max(initial=0)), blank)
    labels[places[:, : labels.shape[1]]] = y[inside]
    return labels


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


def vectors(x, name, axis) -> NDArray:
    """Return `x` as a floating-point array of non-empty vectors along `axis`."""
    return _has_vectors(real(x, name), name, axis)


def vectors_alike(dim, **arrays):
    """Return arrays of one shape of non-empty vectors along `dim`, the first of floating point."""
    arrays = dict(zip(arrays, alike(**arrays), strict=True))
    return [_has_vectors(x, name, dim, "dim") for name, x in arrays.items()]


def _has_vectors(x, name, axis, called="axis"):
    if not isinstance(axis, numbers.Integral):
        raise TypeError(f"{called} must be an integer: found {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{name} has no axis {axis}: shape {x.shape}")
    if x.shape[axis] == 0:
        raise ValueError(f"{name} must not be empty along axis {axis}: shape {x.shape}")
    return x


def probability(p, name, slack=0.0) -> NDArray:
    """Return `p` as a non-empty array of numbers from 0 to 1, or to 1 + `slack`."""
    p = real(p, name)
    if p.size == 0:
        raise ValueError(f"{name} must not be empty: shape {p.shape}")
    outside = (p < 0) | (p > 1 + slack)
    if outside.any():
        raise ValueError(f"{name} must lie in [0, 1]: found {_first(outside, p)}")
    return p


def distribution(p, name, axis) -> NDArray:
    """Return `p` as an array of probabilities that sum to one along `axis`."""
    return _summing_to_one(vectors(p, name, axis), name, axis)


def distributions(axis, **arrays) -> list[NDArray]:
    """Return arrays of one shape, each of probabilities that sum to one along `axis`."""
    arrays = {name: vectors(p, name, axis) for name, p in arrays.items()}
    same_shape(**arrays)
    return [_summing_to_one(p, name, axis) for name, p in arrays.items()]


def joint_distribution(p, name) -> NDArray:
    """Return `p` as an array of probabilities that sum to one over its last two axes."""
    p = real(p, name)
    if p.ndim < 2:
        raise ValueError(f"{name} must have at least two axes: shape {p.shape}")
    return _summing_to_one(p, name, (-2, -1))


def signs(y, name):
    """Return `y` as an array of -1 and 1, NaN not among it."""
    y = numeric(y, name)
    if _blocks.sum_elements(lambda y: np.abs(y) != 1, [y]):
        raise ValueError(f"{name} must hold -1 and 1 only: found {_first(np.abs(y) != 1, y)}")
    return y


def with_signs(target, **arrays):
    """Return arrays of one shape, the first of floating point, and a target of -1 and 1."""
    *others, y = alike(**arrays, target=target)
    return *others, signs(y, "target")


def scores_and_labels(input, target):
    """Return scores of classes, and lists of target classes that end at -1, of one shape."""
    z = _with_classes(input)
    y = numeric(target, "target")
    same_shape(input=z, target=y)
    if y.dtype.kind not in "iu":
        raise TypeError(f"target must hold integers, indices of classes: found dtype {y.dtype}")
    classes = z.shape[min(1, z.ndim - 1)]
    if y.size and not (y.min() >= -1 and y.max() < classes):
        outside = _first((y < -1) | (y >= classes), y)
        raise IndexError(f"target must lie in [0, {classes}) or be -1: found {outside}")
    return z, y


def multilabel(input, target, weight):
    """Return logits and targets of classes along the last axis, and a weight if there is one."""
    z, t = vectors_alike(-1, input=input, target=target)
    w = factor(weight, "weight", z)
    return [z, t] if w is None else [z, t, np.broadcast_to(w, z.shape)]


def embeddings(input1, input2, target):
    """Return two arrays of vectors along the last axis, and a -1 or 1 for each pair."""
    x1, x2 = vectors_alike(-1, input1=input1, input2=input2)
    y = numeric(target, "target")
    shape(y, "target", x1.shape[:-1], input1=x1)
    return x1, x2, signs(y, "target")


def functions(**values):
    """Check that the values that are not None can be called."""
    for name, value in values.items():
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function: found {value!r}")


def both_or_neither(**values):
    """Check that all or none of the values are None."""
    missing = [name for name, value in values.items() if value is None]
    if 0 < len(missing) < len(values):
        raise TypeError(f"{_names(values)} must be given together: found no {missing[0]}")


def returned(x, name, wanted, dtype):
    """Return what a function of the caller's own returned, an array of real numbers."""
    x = numeric(x, f"what {name} returns")
    if x.shape != wanted:
        raise ValueError(f"{name} must return shape {wanted}: found {x.shape}")
    return x.astype(dtype, copy=False)


def pair(values, name):
    """Return the two arrays that a function of the caller's own returned."""
    try:
        first, second = values
    except (TypeError, ValueError):
        raise TypeError(f"{name} must return two arrays: found {values!r}") from None
    return first, second


def one_of(value, name, allowed):
    """Return `value` if it is one of the numbers allowed."""
    number(value, name)
    if value not in allowed:
        raise ValueError(f"{name} must be one of {allowed}: found {value!r}")
    return value


def norm(p):
    """Return the order of a norm, a number above 0 or infinity."""
    infinite = isinstance(p, numbers.Real) and p == math.inf
    return math.inf if infinite else number(p, "p", above=0)


def class_indices(y, name, classes):
    """Return `y` as an array of integers in [0, classes)."""
    y = integers(y, name)
    _within(True, y, name, classes)
    return y


def shape(x, name, wanted, **of):
    """Check that `x` has the shape that another array wants of it."""
    if x.shape != wanted:
        raise ValueError(
            f"{name} must have shape {wanted} for {_names(of)} of shape {_shapes(of)}: "
            f"found {x.shape}"
        )


def at_precision_of(x, other):
    """Return `other` at the precision of `x`: what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return other.astype(x.dtype, copy=False)


def state(value, names):
    """Return what an optimizer remembers by name, None for each before the first step."""
    if value is None:
        return dict.fromkeys(names)
    if not (isinstance(value, tuple) and len(value) == len(names)):
        raise TypeError(f"state must be None or a tuple ({', '.join(names)}): found {value!r}")
    return dict(zip(names, value, strict=True))


def betas(values):
    """Return the two numbers from 0 to below 1."""
    if not (isinstance(values, (tuple, list)) and len(values) == 2):
        raise TypeError(f"betas must be two numbers: found {values!r}")
    return [number(beta, f"betas[{n}]", least=0, below=1) for n, beta in enumerate(values)]


def steps(value):
    """Return the number of steps that were taken, 0 if `value` is None."""
    value = 0 if value is None else value
    _index(value, "steps", math.inf)
    return value


def nesterov(momentum, dampening):
    """Check that a velocity can be looked ahead along."""
    if momentum == 0 or dampening != 0:
        raise ValueError(
            f"nesterov must have momentum above 0 and dampening 0: found {momentum} and {dampening}"
        )


def adaptive_layers(input, head_weight, tail_weights, head_bias, cutoffs):
    """Return inputs (N, D), the head and its bias, pairs of matrices, and where clusters begin.

    The last cluster begins before the end, which comes last: the number of classes.
    """
    x, head = floating(input, "input"), numeric(head_weight, "head_weight")
    edges = _cutoffs(cutoffs)
    if x.ndim not in (1, 2):
        raise ValueError(f"input must have shape (N, D) or (D,): found {x.shape}")
    shape(head, "head_weight", (int(edges[0]) + len(edges), x.shape[-1]), input=x)
    bias = None if head_bias is None else numeric(head_bias, "head_bias")
    if bias is not None:
        shape(bias, "head_bias", head.shape[:1], head_weight=head)
        bias = at_precision_of(x, bias)
    tails = _tails(tail_weights, x, edges)
    edges = np.append(edges, edges[-1] + len(tails[-1][1]))
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return rows, at_precision_of(x, head), bias, tails, edges


def _cutoffs(cutoffs):
    edges = integers(cutoffs, "cutoffs")
    if edges.ndim != 1 or not edges.size or edges[0] < 1 or (np.diff(edges) < 1).any():
        raise ValueError(
            f"cutoffs must be one or more integers above 0 in increasing order: found {cutoffs!r}"
        )
    return edges


def _tails(tail_weights, x, edges):
    try:
        pairs = [(projection, weight) for projection, weight in tail_weights]
    except (TypeError, ValueError):
        raise TypeError(f"tail_weights must be pairs of matrices: found {tail_weights!r}") from None
    if len(pairs) != len(edges):
        raise ValueError(
            f"tail_weights must be {len(edges)} pairs for cutoffs {edges.tolist()}: "
            f"found {len(pairs)}"
        )
    sizes = [*np.diff(edges), None]
    return [_tail(*pair, f"tail_weights[{n}]", x, sizes[n]) for n, pair in enumerate(pairs)]


def _tail(projection, weight, name, x, size):
    p, w = numeric(projection, f"{name}[0]"), numeric(weight, f"{name}[1]")
    if p.ndim != 2 or p.shape[1] != x.shape[-1]:
        raise ValueError(
            f"{name}[0] must have shape (H, {x.shape[-1]}) for input of shape {x.shape}: "
            f"found {p.shape}"
        )
    if w.ndim != 2 or len(w) < 1 or len(w) != (size or len(w)) or w.shape[1] != len(p):
        raise ValueError(
            f"{name}[1] must have shape ({size or 'C'}, {len(p)}) "
            f"for cutoffs and {name}[0] of shape {p.shape}: found {w.shape}"
        )
    return at_precision_of(x, p), at_precision_of(x, w)


def count(value, name, *, least=1, most=math.inf):
    """Return `value` if it is an integer within bounds."""
    if not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer: found {value!r}")
    number(value, name, least=least, most=most)
    return int(value)


def generator(rng):
    """Return `rng` if it can be drawn from."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator: found {rng!r}")
    return rng


def true_classes(x, name, num_true, classes):
    """Return `x` as integers (N, num_true) in [0, classes)."""
    count(num_true, "num_true")
    x = integers(x, name)
    if x.ndim != 2 or x.shape[1] != num_true:
        raise ValueError(f"{name} must have shape (N, {num_true}) for num_true: found {x.shape}")
    return class_indices(x, name, classes)


def candidates(true, num_true, num_sampled, unique, range_max, rng):
    """Return true classes (N, num_true), once a sampler can do what it is asked for."""
    generator(rng)
    count(num_sampled, "num_sampled")
    count(range_max, "range_max", most=np.iinfo(np.intp).max)
    enough(num_sampled, unique, range_max)
    return true_classes(true, "true_classes", num_true, range_max)


def enough(num_sampled, unique, classes):
    """Check that there are as many classes as are to be drawn, each once."""
    if unique and num_sampled > classes:
        raise ValueError(
            f"num_sampled must be at most {classes}, the number of classes that can be drawn, "
            f"if unique: found {num_sampled}"
        )


def patience(tries, most, found, wanted):
    """Check that candidates are not awaited for ever."""
    if tries > most:
        raise ValueError(
            f"num_sampled must be drawn in {most} tries: found {found} of {wanted} classes"
        )


def unigrams(weights, distortion, num_reserved_ids, range_max):
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
    with np.errstate(all="ignore"):
        w = w**distortion
        total = w.sum()
    if not 0 < total < math.inf:
        raise ValueError(
            f"unigrams to the power of distortion must have a finite sum above 0: found {total}"
        )
    return np.concatenate([np.zeros(num_reserved_ids), w])


def class_counts(counts, range_max) -> NDArray:
    """Return how often each class was seen, once before the first time."""
    if counts is None:
        return np.ones(range_max, np.intp)
    counts = integers(counts, "counts")
    if counts.shape != (range_max,):
        raise ValueError(f"counts must have shape ({range_max},): found {counts.shape}")
    return at_least(counts, "counts", 1)


def hits(true, sampled_candidates, num_true):
    """Return true classes (N, num_true) and candidates (S,)."""
    y = true_classes(true, "true_classes", num_true, math.inf)
    s = integers(sampled_candidates, "sampled_candidates")
    if s.ndim != 1:
        raise ValueError(f"sampled_candidates must have shape (S,): found {s.shape}")
    return y, s


def sampled_layer(weights, biases, labels, inputs, num_classes, num_true):
    """Return the weights and biases of a layer, what enters it and the classes that are true."""
    w, x = floating(weights, "weights"), numeric(inputs, "inputs")
    if w.ndim != 2 or x.ndim != 2 or w.shape[1] != x.shape[1]:
        raise ValueError(
            f"weights and inputs must have shapes (C, D) and (N, D): found {w.shape} and {x.shape}"
        )
    b = numeric(biases, "biases")
    shape(b, "biases", w.shape[:1], weights=w)
    count(num_classes, "num_classes", most=len(w))
    y = true_classes(labels, "labels", num_true, num_classes)
    shape(y, "labels", (len(x), num_true), inputs=x)
    return w, at_precision_of(w, b), at_precision_of(w, x), y


def sampled_values(values, y, num_sampled, num_classes):
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
    of_true = at_least(numeric(values[1], "true_expected_count"), "true_expected_count", 0)
    shape(of_true, "true_expected_count", y.shape, labels=y)
    of_sampled = at_least(numeric(values[2], "sampled_expected_count"), "sampled_expected_count", 0)
    shape(of_sampled, "sampled_expected_count", s.shape, sampled_candidates=s)
    return s, of_true.astype(float), of_sampled.astype(float)


def base(value):
    """Check that `value` can be the base of a logarithm."""
    if not isinstance(value, numbers.Real):
        raise TypeError(f"base must be a real number: found {value!r}")
    if not 1 < float(value) < math.inf:  # a base below 1 would turn the sign of every measure
        raise ValueError(f"base must be finite and above 1: found {value!r}")


def _summing_to_one(p, name, axis):
    # Half of the digits may be lost on the way to the sum, but no more.
    tolerance = math.sqrt(np.finfo(p.dtype).eps)
    # An element above one by no more than this is left to the sum: both are rounding.
    return _sums_to_one(probability(p, name, slack=tolerance), name, axis)


def _sums_to_one(p, name, axis):
    tolerance = math.sqrt(np.finfo(p.dtype).eps)
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
