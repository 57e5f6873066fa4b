"""Losses for classes: scores or probabilities against the class that was seen.

Names, order of arguments and defaults are those of `torch.nn.functional`.  The precision of the
first argument is kept and the others are taken at it; inputs are never modified; NaN propagates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._reduction import Reduction

__all__ = ["cross_entropy", "cross_entropy_grad"]


def cross_entropy(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the cross-entropy of softmax(input) against the target.

    Parameters
    ----------
    input : (C,), (N, C) or (N, C, d1, ...) array_like of floating-point numbers
        Logits.
    target : (), (N,) or (N, d1, ...) array_like of int, each in [0, C), or array_like like `input`
        The class of each sample, or the probability of each class (not checked).
    weight : (C,) array_like of real numbers, optional
        A factor for each class.
    ignore_index : int, default -100
        The value of a class that is left out of the sum and of the mean.
    label_smoothing : float in [0, 1], default 0.0
        The share of the target that is spread evenly over all classes.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the samples.  The mean divides by the sum
        of the weights of the target classes or, for probabilities, by the number of samples.

    Returns
    -------
    scalar, or (), (N,) or (N, d1, ...) ndarray for 'none'
        Cross-entropies in nats, at least 0 for targets that are distributions.  The mean is NaN
        if there are no samples or all are ignored.

    Raises
    ------
    TypeError
        If `input`, or a target of its shape, does not hold floating-point numbers, another
        target does not hold integers, or `label_smoothing` is not a number.
    ValueError
        If the shapes do not fit, `label_smoothing` leaves [0, 1] or `reduction` is unknown.
    IndexError
        If a class is not in [0, C) and not `ignore_index`.

    Notes
    -----
    With the logits z of a sample and its class y, of weight :math:`w_y`:

    .. math::

       \ell(z, y) = -w_y \log \frac{\mathrm{e}^{z_y}}{\sum_{c=1}^{C} \mathrm{e}^{z_c}}

    With probabilities t in place of the class:

    .. math::

       \ell(z, t) = -\sum_{c=1}^{C} w_c\, t_c \log \frac{\mathrm{e}^{z_c}}{\sum_{j=1}^{C} \mathrm{e}^{z_j}}

    Smoothing by :math:`\epsilon` [1]_ replaces the target t, one-hot or not, by
    :math:`(1 - \epsilon)\, t_c + \epsilon / C`.  PyTorch ignores a negative one, which is
    refused here.  The logarithm is that of `log_softmax`, so no logit overflows: a logit may
    also be -inf off the target.

    References
    ----------
    .. [1] C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna (2016), "Rethinking the
       Inception Architecture for Computer Vision", Proceedings of the IEEE Conference on
       Computer Vision and Pattern Recognition, 2818-2826.

    Examples
    --------
    >>> z = [[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]
    >>> print(cross_entropy(z, [0, 1, 1], reduction="none").round(4))
    [1.3133 0.1269 0.1269]
    >>> f"{cross_entropy(z, [0, 1, 1], weight=[1.0, 2.0]):.4f}"
    '0.3642'
    """
    z, t, w = _checks.scores(input, target, weight, ignore_index)
    _checks.number(label_smoothing, "label_smoothing", least=0, most=1)
    if t.shape == z.shape:
        soft = lambda z, t: _soft_cross_entropy(z, t, w, label_smoothing)
        return _reduction.by_class(soft, z, t, reduction=reduction)
    hard = lambda z, y: _hard_cross_entropy(z, y, w, ignore_index, label_smoothing)
    over = _reduction.kept_weight(t, w, ignore_index)
    return _reduction.by_class(hard, z, t, over=over, reduction=reduction)


def cross_entropy_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `cross_entropy` by `input`.

    Parameters and errors are those of `cross_entropy`.

    Returns
    -------
    (C,), (N, C) or (N, C, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    With the softmax :math:`p` of the logits, the smoothed target :math:`t` and the weights
    :math:`w` of the classes:

    .. math::

       \frac{\partial \ell}{\partial z_c} = p_c \sum_{j=1}^{C} w_j\, t_j - w_c\, t_c

    which is :math:`p_c - t_c` without weights.  It is 0 for an ignored sample.

    Examples
    --------
    >>> print(cross_entropy_grad([[1.0, 2.0], [1.0, 3.0]], [0, 1], reduction="sum").round(4))
    [[-0.7311  0.7311]
     [ 0.1192 -0.1192]]
    """
    z, t, w = _checks.scores(input, target, weight, ignore_index)
    _checks.number(label_smoothing, "label_smoothing", least=0, most=1)
    if t.shape == z.shape:
        soft = lambda z, t: _soft_cross_entropy_slope(z, t, w, label_smoothing)
        return _reduction.by_class_grad(soft, z, t, reduction=reduction)
    hard = lambda z, y: _hard_cross_entropy_slope(z, y, w, ignore_index, label_smoothing)
    over = _reduction.kept_weight(t, w, ignore_index)
    return _reduction.by_class_grad(hard, z, t, over=over, reduction=reduction)


def _hard_cross_entropy(z, y, weight, ignore_index, smoothing):
    y, w, kept = _reduction.target_weight(y, weight, ignore_index)
    m, log_sum = _log_sum_exp(z)
    loss = w * (log_sum - (z[y, np.arange(len(y))] - m))
    if smoothing:
        everywhere = weight.sum() * log_sum - weight @ (z - m)
        loss = (1 - smoothing) * loss + smoothing / len(z) * everywhere
    return np.where(kept, loss, 0)


def _hard_cross_entropy_slope(z, y, weight, ignore_index, smoothing):
    y, w, kept = _reduction.target_weight(y, weight, ignore_index)
    hard, share = (1 - smoothing) * w, smoothing / len(z)
    slope = _softmax(z)
    slope *= hard + share * weight.sum()
    slope[y, np.arange(len(y))] -= hard
    if smoothing:
        slope -= share * weight[:, np.newaxis]
    slope[:, ~kept] = 0
    return slope


def _soft_cross_entropy(z, t, weight, smoothing):
    t = weight[:, np.newaxis] * ((1 - smoothing) * t + smoothing / len(z))
    m, log_sum = _log_sum_exp(z)
    return t.sum(axis=0) * log_sum - np.einsum("kn,kn->n", t, z - m)


def _soft_cross_entropy_slope(z, t, weight, smoothing):
    t = weight[:, np.newaxis] * ((1 - smoothing) * t + smoothing / len(z))
    return t.sum(axis=0) * _softmax(z) - t


def _log_sum_exp(z):
    """Return the maximum m of each column, and the log of the sum of exp(z - m)."""
    k, n = z.argmax(axis=0), np.arange(z.shape[1])
    m = z[k, n]
    e = z - m
    np.exp(e, out=e)
    e[k, n] = m - m  # the 1 that log1p adds is taken out; NaN if m is infinite
    return m, np.log1p(np.ones(len(z), z.dtype) @ e)


def _softmax(z):
    e = z - z.max(axis=0)
    np.exp(e, out=e)
    e /= np.ones(len(z), z.dtype) @ e
    return e
