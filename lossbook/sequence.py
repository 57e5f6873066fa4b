"""Losses of sequences, token by token.

The precision of the first argument is kept; inputs are never modified; NaN propagates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks
from lossbook._blocks import narrow, quiet, wide
from lossbook._reduction import Reduction
from lossbook._types import ArrayOrScalar
from lossbook.classification import cross_entropy, cross_entropy_grad

__all__ = [
    "perplexity",
    "perplexity_grad",
    "sequence_cross_entropy",
    "sequence_cross_entropy_grad",
]


def sequence_cross_entropy(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the cross-entropy of each token of padded sequences.

    Parameters
    ----------
    input : (N, T, K) or (T, K) array_like of floating-point numbers
        Logits of K classes for each token.
    target : (N, T) or (T,) array_like of int, each in [0, K) where it is kept
        The class of each token.
    mask : (N, T) or (T,) array_like of bool or of numbers in {0, 1}, optional
        Whether a token is kept, which all are by default, or is padding.
    label_smoothing : float in [0, 1], default 0.0
        The share of the target that is spread evenly over all classes.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the tokens.  The mean divides by the number
        of all tokens that are kept.

    Returns
    -------
    scalar, or (N, T) or (T,) ndarray for 'none'
        Cross-entropies in nats, at least 0, and 0 where a token is not kept.  The mean is NaN if
        none is.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `target` integers, `mask` real numbers,
        or `label_smoothing` is not a number.
    ValueError
        If the shapes do not fit, `mask` holds anything but 0 and 1, `label_smoothing` leaves
        [0, 1] or `reduction` is unknown.
    IndexError
        If the class of a token that is kept is not in [0, K).

    Notes
    -----
    With the logits z of a token, its class y and its mask :math:`m` in {0, 1}
    (:eq:`eq-sequence-cross-entropy`):

    .. math::

       \ell(z, y) = -\frac{1}{\sum_{i=1}^{N} \sum_{t=1}^{T} m_{i,t}}
       \sum_{i=1}^{N} \sum_{t=1}^{T} m_{i,t} \log \frac{\mathrm{e}^{z_{i,t,y_{i,t}}}}{\sum_{k=1}^{K} \mathrm{e}^{z_{i,t,k}}}

    Smoothing is that of `cross_entropy`.

    It is the mean over tokens, the log-likelihood that neural language models are trained and
    measured by [1]_, and not the mean over sequences of the means of their tokens: that would
    weigh a token of a short sequence more than one of a long sequence.  For the same reason the
    means of parts of a batch must not be averaged.  Add their sums, and divide by the
    number of tokens of the whole.

    References
    ----------
    .. [1] Y. Bengio, R. Ducharme, P. Vincent and C. Jauvin (2003), "A Neural Probabilistic
       Language Model", Journal of Machine Learning Research 3, 1137-1155.

    Examples
    --------
    >>> z = [[[1.0, 2.0], [1.0, 3.0]], [[1.0, 3.0], [0.0, 0.0]]]
    >>> y, m = [[0, 1], [1, 0]], [[1, 1], [1, 0]]
    >>> print(sequence_cross_entropy(z, y, mask=m, reduction="none").round(4))
    [[1.3133 0.1269]
     [0.1269 0.    ]]
    >>> f"{sequence_cross_entropy(z, y, mask=m):.4f}"
    '0.5224'
    """
    z, y = _checks.tokens(input, target, mask)
    loss = cross_entropy(z, y, label_smoothing=label_smoothing, reduction=reduction)
    return loss.reshape(np.shape(target)) if loss.ndim else loss


def sequence_cross_entropy_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `sequence_cross_entropy` with respect to `input`.

    Parameters and errors are those of `sequence_cross_entropy`.

    Returns
    -------
    (N, T, K) or (T, K) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    With the softmax p of the logits (:eq:`eq-sequence-cross-entropy-grad`):

    .. math::

       \frac{\partial \ell(z, y)}{\partial z_{i,t,k}}
       = \frac{m_{i,t}}{\sum_{j=1}^{N} \sum_{u=1}^{T} m_{j,u}} (p_{i,t,k} - \mathbb{1}[y_{i,t} = k])

    Smoothing puts the smoothed target of `cross_entropy` in the place of the indicator.  It is 0
    for a token that is not kept.

    Examples
    --------
    >>> z, y = [[[1.0, 2.0], [1.0, 3.0]]], [[0, 1]]
    >>> print(sequence_cross_entropy_grad(z, y, mask=[[1, 0]]).round(4))
    [[[-0.7311  0.7311]
      [ 0.      0.    ]]]
    """
    z, y = _checks.tokens(input, target, mask)
    grad = cross_entropy_grad(
        z, y, label_smoothing=label_smoothing, reduction=reduction
    )
    return grad.reshape(np.shape(input))


def perplexity(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> ArrayOrScalar:
    r"""Return the perplexity of padded sequences: among how many tokens the model seems to guess.

    Parameters
    ----------
    input : (N, T, K) or (T, K) array_like of floating-point numbers
        Logits of K classes for each token.
    target : (N, T) or (T,) array_like of int, each in [0, K) where it is kept
        The class of each token.
    mask : (N, T) or (T,) array_like of bool or of numbers in {0, 1}, optional
        Whether a token is kept, which all are by default, or is padding.

    Returns
    -------
    scalar
        Perplexity, at least 1: that of equal logits is K.  It is NaN if no token is kept.

    Raises
    ------
    TypeError, ValueError, IndexError
        As `sequence_cross_entropy` does.

    Notes
    -----
    With the logits z, the classes y and the masks :math:`m` in {0, 1} of the tokens, it is the
    exponential of their cross-entropy [1]_ (:eq:`eq-sequence-perplexity`):

    .. math::

       \operatorname{PP}(z, y) = \exp \left( -\frac{1}{\sum_{i=1}^{N} \sum_{t=1}^{T} m_{i,t}}
       \sum_{i=1}^{N} \sum_{t=1}^{T} m_{i,t} \log \frac{\mathrm{e}^{z_{i,t,y_{i,t}}}}{\sum_{k=1}^{K} \mathrm{e}^{z_{i,t,k}}} \right)

    The mean of the perplexities of sequences is not the perplexity of them all.

    References
    ----------
    .. [1] F. Jelinek, R. L. Mercer, L. R. Bahl and J. K. Baker (1977), "Perplexity - a measure of
       the difficulty of speech recognition tasks", Journal of the Acoustical Society of America
       62(S1), S63.

    Examples
    --------
    >>> f"{perplexity([[[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]]], [[2, 0]], mask=[[1, 0]]):.4f}"
    '3.0000'
    """
    z = _checks.floating(input, "input")
    loss = sequence_cross_entropy(wide(z), target, mask=mask)
    with quiet():
        return narrow(np.exp(loss), z)


def perplexity_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> NDArray:
    r"""Return the derivative of `perplexity` with respect to `input`.

    Parameters and errors are those of `perplexity`.

    Returns
    -------
    (N, T, K) or (T, K) ndarray
        Derivatives, in the shape of `input`.

    Notes
    -----
    With the mean cross-entropy :math:`\ell` of the tokens (:eq:`eq-sequence-perplexity-grad`):

    .. math::

       \frac{\partial \operatorname{PP}(z, y)}{\partial z_{i,t,k}}
       = \mathrm{e}^{\ell(z, y)} \frac{\partial \ell(z, y)}{\partial z_{i,t,k}}

    Examples
    --------
    >>> print(perplexity_grad([[0.0, 0.0, 0.0]], [2]).round(4))
    [[ 1.  1. -2.]]
    """
    z = _checks.floating(input, "input")
    grad = sequence_cross_entropy_grad(wide(z), target, mask=mask)
    kept = _checks.kept(mask)
    perplexity_of_all = perplexity(wide(z), target, mask=mask)
    with quiet():
        # The 0 of a masked token stays 0, even if the perplexity is infinite.
        np.multiply(grad, perplexity_of_all, out=grad, where=kept)
    return narrow(grad, z)
