"""Four losses under the names, and with the order of arguments, of `tf.nn`.

Their equations are those of `lossbook.classification`.  As in TensorFlow labels come first, the
classes lie along the last axis and nothing is reduced.  The precision of the logits is kept and
the labels are taken at it; inputs are never modified; NaN propagates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks
from lossbook._types import ArrayOrScalar
from lossbook.classification import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_grad,
    cross_entropy,
    cross_entropy_grad,
)

__all__ = [
    "sigmoid_cross_entropy_with_logits",
    "sigmoid_cross_entropy_with_logits_grad",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_grad",
    "sparse_softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits_grad",
    "weighted_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits_grad",
]


def softmax_cross_entropy_with_logits(
    labels: ArrayLike, logits: ArrayLike, *, axis: int = -1
) -> ArrayOrScalar:
    r"""Return the cross-entropy of softmax(logits) against probabilities of the classes.

    Parameters
    ----------
    labels : (..., K) array_like of real numbers
        The probability of each class (not checked), of the shape of `logits`.
    logits : (..., K) array_like of floating-point numbers
        Logits.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    scalar or (...) ndarray
        Cross-entropies in nats, one for each sample, at least 0 for labels that are distributions.

    Raises
    ------
    TypeError
        If `logits` does not hold floating-point numbers, `labels` real ones, or `axis` is not an
        integer.
    ValueError
        If the shapes differ, or the axis of the classes is missing or empty.

    Notes
    -----
    :eq:`eq-softmax-cross-entropy-with-logits` of the book, with the labels t and the logits z of a
    sample [1]_:

    .. math::

       \ell(t, z) = -\sum_{k=1}^{K} t_k \log \frac{\mathrm{e}^{z_k}}{\sum_{j=1}^{K} \mathrm{e}^{z_j}}

    It is `lossbook.cross_entropy` with probabilities as target.  TensorFlow repeats labels of
    one sample for all samples, and labels or logits of one class for all classes: here the shapes
    must be equal.

    References
    ----------
    .. [1] J. S. Bridle (1990), "Probabilistic Interpretation of Feedforward Classification
       Network Outputs, with Relationships to Statistical Pattern Recognition", in
       "Neurocomputing: Algorithms, Architectures and Applications", Springer, 227-236.

    Examples
    --------
    >>> labels = [[1.0, 0.0], [0.5, 0.5]]
    >>> print(softmax_cross_entropy_with_logits(labels, [[1.0, 2.0], [1.0, 3.0]]).round(4))
    [1.3133 1.1269]
    """
    t, z, shape = _soft(labels, logits, axis)
    losses = cross_entropy(z, t, reduction="none")
    return losses.reshape(shape)[()]


def softmax_cross_entropy_with_logits_grad(
    labels: ArrayLike, logits: ArrayLike, *, axis: int = -1
) -> NDArray:
    r"""Return the derivative of `softmax_cross_entropy_with_logits` with respect to `logits`.

    Parameters and errors are those of `softmax_cross_entropy_with_logits`.

    Returns
    -------
    (..., K) ndarray
        Derivatives of the sum of the losses, in the shape of `logits`.

    Notes
    -----
    :eq:`eq-softmax-cross-entropy-with-logits-grad` of the book:

    .. math::

       \frac{\partial \ell(t, z)}{\partial z_k} = \operatorname{softmax}(z)_k \sum_{j=1}^{K} t_j - t_k

    For labels that sum to 1 it is the softmax minus the labels.  TensorFlow returns that for other
    labels too, where it is not the derivative of its loss.  It also differentiates with respect to the labels,
    unless they pass through ``tf.stop_gradient``; here labels are never learnt.

    Examples
    --------
    >>> print(softmax_cross_entropy_with_logits_grad([[1.0, 0.0]], [[1.0, 2.0]]).round(4))
    [[-0.7311  0.7311]]
    """
    t, z, _ = _soft(labels, logits, axis)
    grad = cross_entropy_grad(z, t, reduction="none")
    return grad.reshape(np.shape(logits))


def _soft(labels, logits, axis):
    """Return labels and logits as (N, K, D) arrays, and the shape of the losses."""
    z, t = _checks.alike(logits=logits, labels=labels)
    z = _checks.vectors(z, "logits", axis)
    shape = np.delete(z.shape, axis)
    t = _checks.at_precision_of(z, t)
    z, t = _blocks.in_the_middle([z, t], axis)
    return t, z, shape


def sparse_softmax_cross_entropy_with_logits(
    labels: ArrayLike, logits: ArrayLike
) -> ArrayOrScalar:
    r"""Return the cross-entropy of softmax(logits) against the class that was seen.

    Parameters
    ----------
    labels : (...) array_like of int, each in [0, K)
        The class of each sample.
    logits : (..., K) array_like of floating-point numbers
        Logits.

    Returns
    -------
    scalar or (...) ndarray
        Cross-entropies in nats, at least 0, in the shape of `labels`.

    Raises
    ------
    TypeError
        If `logits` does not hold floating-point numbers, or `labels` integers.
    ValueError
        If the shapes do not fit, or the axis of the classes is missing or empty.
    IndexError
        If a label is not in [0, K).

    Notes
    -----
    :eq:`eq-sparse-softmax-cross-entropy-with-logits` of the book, with the class y and the logits z
    of a sample [1]_:

    .. math::

       \ell(y, z) = -\log \frac{\mathrm{e}^{z_y}}{\sum_{k=1}^{K} \mathrm{e}^{z_k}}

    It is `lossbook.cross_entropy` with classes as target, none of them ignored.  A label out of
    range is an error here and on TensorFlow's CPU; its GPU returns NaN.

    References
    ----------
    .. [1] J. S. Bridle (1990), "Probabilistic Interpretation of Feedforward Classification
       Network Outputs, with Relationships to Statistical Pattern Recognition", in
       "Neurocomputing: Algorithms, Architectures and Applications", Springer, 227-236.

    Examples
    --------
    >>> logits = [[1.0, 2.0], [1.0, 3.0]]
    >>> print(sparse_softmax_cross_entropy_with_logits([0, 1], logits).round(4))
    [1.3133 0.1269]
    """
    y, z, shape = _sparse(labels, logits)
    losses = cross_entropy(z, y, reduction="none")
    return losses.reshape(shape)[()]


def sparse_softmax_cross_entropy_with_logits_grad(
    labels: ArrayLike, logits: ArrayLike
) -> NDArray:
    r"""Return the derivative of `sparse_softmax_cross_entropy_with_logits` with respect to `logits`.

    Parameters and errors are those of `sparse_softmax_cross_entropy_with_logits`.

    Returns
    -------
    (..., K) ndarray
        Derivatives of the sum of the losses, in the shape of `logits`.

    Notes
    -----
    :eq:`eq-sparse-softmax-cross-entropy-with-logits-grad` of the book:

    .. math::

       \frac{\partial \ell(y, z)}{\partial z_k} = \operatorname{softmax}(z)_k - \mathbb{1}[k = y]

    Examples
    --------
    >>> logits = [[1.0, 2.0], [1.0, 3.0]]
    >>> print(sparse_softmax_cross_entropy_with_logits_grad([0, 1], logits).round(4))
    [[-0.7311  0.7311]
     [ 0.1192 -0.1192]]
    """
    y, z, _ = _sparse(labels, logits)
    grad = cross_entropy_grad(z, y, reduction="none")
    return grad.reshape(np.shape(logits))


def _sparse(labels, logits):
    """Return classes as an (N,) and logits as an (N, K) array, and the shape of the losses."""
    z = _checks.floating(logits, "logits")
    classes = _checks.vectors(z, "logits", -1).shape[-1]
    y = _checks.class_indices(labels, "labels", classes)
    _checks.shape(y, "labels", z.shape[:-1], logits=z)
    rows = z.reshape(y.size, classes)
    return y.reshape(-1), rows, y.shape


def sigmoid_cross_entropy_with_logits(
    labels: ArrayLike, logits: ArrayLike
) -> ArrayOrScalar:
    r"""Return the cross-entropy of sigmoid(logits) against the probability of each event.

    Parameters
    ----------
    labels : (...) array_like of real numbers in [0, 1]
        The probability of each event (not checked), of the shape of `logits`.
    logits : (...) array_like of floating-point numbers
        Logits.

    Returns
    -------
    scalar or (...) ndarray
        Cross-entropies in nats, one for each element, at least 0 for labels in [0, 1].

    Raises
    ------
    TypeError
        If `logits` does not hold floating-point numbers, or `labels` real ones.
    ValueError
        If the shapes differ.

    Notes
    -----
    :eq:`eq-sigmoid-cross-entropy-with-logits` of the book, with the label t, the logit z and the
    sigmoid :math:`\sigma` of Cox's logistic model [1]_:

    .. math::

       \ell(t, z) = -t \log \sigma(z) - (1 - t) \log(1 - \sigma(z))

    It is `lossbook.binary_cross_entropy_with_logits`, not reduced.

    References
    ----------
    .. [1] D. R. Cox (1958), "The Regression Analysis of Binary Sequences", Journal of the Royal
       Statistical Society, Series B 20(2), 215-242.

    Examples
    --------
    >>> print(sigmoid_cross_entropy_with_logits([1.0, 0.0], [2.0, 2.0]).round(4))
    [0.1269 2.1269]
    """
    z, t = _checks.alike(logits=logits, labels=labels)
    return binary_cross_entropy_with_logits(z, t, reduction="none")


def sigmoid_cross_entropy_with_logits_grad(
    labels: ArrayLike, logits: ArrayLike
) -> ArrayOrScalar:
    r"""Return the derivative of `sigmoid_cross_entropy_with_logits` with respect to `logits`.

    Parameters and errors are those of `sigmoid_cross_entropy_with_logits`.

    Returns
    -------
    (...) ndarray
        Derivatives of the sum of the losses, in the shape of `logits`.

    Notes
    -----
    :eq:`eq-sigmoid-cross-entropy-with-logits-grad` of the book:

    .. math::

       \frac{\partial \ell(t, z)}{\partial z} = \sigma(z) - t

    Examples
    --------
    >>> print(sigmoid_cross_entropy_with_logits_grad([1.0, 0.0], [2.0, 2.0]).round(4))
    [-0.1192  0.8808]
    """
    z, t = _checks.alike(logits=logits, labels=labels)
    return binary_cross_entropy_with_logits_grad(z, t, reduction="none")


def weighted_cross_entropy_with_logits(
    labels: ArrayLike, logits: ArrayLike, pos_weight: ArrayLike
) -> ArrayOrScalar:
    r"""Return the cross-entropy of sigmoid(logits), in which events that happen have a weight.

    Parameters
    ----------
    labels : (...) array_like of real numbers in [0, 1]
        The probability of each event (not checked), of the shape of `logits`.
    logits : (...) array_like of floating-point numbers
        Logits.
    pos_weight : () or (..., K) array_like of real numbers
        The weight of an event that happens, as against one that does not; it broadcasts to the
        shape of `logits`.

    Returns
    -------
    scalar or (...) ndarray
        Losses in nats, one for each element, at least 0 for labels in [0, 1] and weights of at
        least 0.

    Raises
    ------
    TypeError
        If `logits` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes of `labels` and `logits` differ or `pos_weight` does not broadcast to them.

    Notes
    -----
    :eq:`eq-weighted-cross-entropy-with-logits` of the book, with the label t, the logit z, the
    sigmoid :math:`\sigma` and the weight w [1]_:

    .. math::

       \ell(t, z) = -w\, t \log \sigma(z) - (1 - t) \log(1 - \sigma(z))

    A weight above 1 makes missed events cost more, one below 1 false alarms.  It is
    `lossbook.binary_cross_entropy_with_logits` with `pos_weight`, not reduced.

    References
    ----------
    .. [1] G. King and L. Zeng (2001), "Logistic Regression in Rare Events Data", Political
       Analysis 9(2), 137-163.

    Examples
    --------
    >>> print(weighted_cross_entropy_with_logits([1.0, 0.0], [2.0, 2.0], 3.0).round(4))
    [0.3808 2.1269]
    """
    z, t, w = _weighted(labels, logits, pos_weight)
    return binary_cross_entropy_with_logits(z, t, pos_weight=w, reduction="none")


def weighted_cross_entropy_with_logits_grad(
    labels: ArrayLike, logits: ArrayLike, pos_weight: ArrayLike
) -> ArrayOrScalar:
    r"""Return the derivative of `weighted_cross_entropy_with_logits` with respect to `logits`.

    Parameters and errors are those of `weighted_cross_entropy_with_logits`.

    Returns
    -------
    (...) ndarray
        Derivatives of the sum of the losses, in the shape of `logits`.

    Notes
    -----
    :eq:`eq-weighted-cross-entropy-with-logits-grad` of the book:

    .. math::

       \frac{\partial \ell(t, z)}{\partial z} = (1 - t)\, \sigma(z) - w\, t\, (1 - \sigma(z))

    At a logit of exactly 0 TensorFlow returns :math:`1 - t`, whatever the weight: it
    differentiates the absolute value in a stable form of the loss, which has no kink there.

    Examples
    --------
    >>> print(weighted_cross_entropy_with_logits_grad([1.0, 0.0], [2.0, 2.0], 3.0).round(4))
    [-0.3576  0.8808]
    """
    z, t, w = _weighted(labels, logits, pos_weight)
    return binary_cross_entropy_with_logits_grad(z, t, pos_weight=w, reduction="none")


def _weighted(labels, logits, pos_weight):
    z, t = _checks.alike(logits=logits, labels=labels)
    w = _checks.numeric(pos_weight, "pos_weight")
    _checks.broadcasts_to(z, "logits", pos_weight=w)
    return z, t, w
