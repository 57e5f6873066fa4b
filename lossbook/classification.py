"""Losses for classes: scores or probabilities against the class that was seen.

Names, order of arguments and defaults are those of `torch.nn.functional`, of scikit-learn for
`log_loss`.  The precision of what is learnt is kept and the others are taken at it; inputs are
never modified; NaN propagates.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks, _reduction
from lossbook._blocks import narrow, quiet
from lossbook._reduction import Reduction
from lossbook._special import (
    at,
    dot,
    log_softmax_parts,
    logistic,
    logistic_slope,
    lowest,
    minus_log_softmax,
    one_for_zero,
    sigmoids,
    softmax,
    total,
)
from lossbook._types import ArrayOrScalar

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_grad",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_grad",
    "brier_score",
    "brier_score_grad",
    "cross_entropy",
    "cross_entropy_grad",
    "focal_loss",
    "focal_loss_grad",
    "kl_div",
    "kl_div_grad",
    "linear_cross_entropy",
    "linear_cross_entropy_grad",
    "log_loss",
    "log_loss_grad",
    "nll_loss",
    "nll_loss_grad",
]

LOG_FLOOR = -100  # where PyTorch ends the logarithms of binary_cross_entropy
VARIANCE_FLOOR = float(np.float32(1e-12))  # and the denominators of its derivative
LOGITS_BYTES = (
    1 << 24
)  # of a block of linear_cross_entropy: a product worth its while


def cross_entropy(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the cross-entropy of softmax(input) against the target.

    Parameters
    ----------
    input : (K,), (N, K) or (N, K, d1, ...) array_like of floating-point numbers
        Logits.
    target : (), (N,) or (N, d1, ...) array_like of int, each in [0, K), or array_like like `input`
        The class of each sample, or the probability of each class (not checked).
    weight : (K,) array_like of real numbers, optional
        A factor for each class.
    ignore_index : int, default -100
        The value of a class that is left out of the sum and of the mean; negative for
        probabilities, where nothing can be left out.
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
        So is the mean if the weights of all samples kept are 0; the gradient is NaN then, while it
        is 0 if all are ignored.

    Raises
    ------
    TypeError
        If `input`, or a target of its shape, does not hold floating-point numbers, another
        target does not hold integers, `ignore_index` is not an integer, or `label_smoothing` is
        not a number.
    ValueError
        If the shapes do not fit, `ignore_index` is not negative for probabilities,
        `label_smoothing` leaves [0, 1] or `reduction` is unknown.
    IndexError
        If a class is not in [0, K) and not `ignore_index`.

    Notes
    -----
    :eq:`eq-cross-entropy-loss` of the book, with the logits z of a sample and its class y:

    .. math::

       \ell(z, y) = -\log \frac{\mathrm{e}^{z_y}}{\sum_{k=1}^{K} \mathrm{e}^{z_k}}

    times the weight :math:`w_y`, where there are weights.  With probabilities t in place of the
    class it is :eq:`eq-cross-entropy-soft`,

    .. math::

       \ell(z, t) = -\sum_{k=1}^{K} t_k \log \frac{\mathrm{e}^{z_k}}{\sum_{j=1}^{K} \mathrm{e}^{z_j}}

    in which a weight :math:`w_k` multiplies term k.  Smoothing by :math:`\varepsilon` [1]_ replaces
    the target t, one-hot or not, by :math:`(1 - \varepsilon)\, t_k + \varepsilon / K`; of a class
    it makes :eq:`eq-cross-entropy-smoothed`, where the losses have their weights:

    .. math::

       \ell_{\varepsilon}(z, y) = (1 - \varepsilon)\, \ell(z, y) + \frac{\varepsilon}{K} \sum_{k=1}^{K} \ell(z, k)

    PyTorch ignores a negative :math:`\varepsilon`, which is refused here.  Wherever an exponential
    would overflow the largest logit is subtracted first, as `log_softmax` does, so no logit is
    too large.  A logit that is not of the target class, or whose probability is 0, may also be
    -inf, but smoothing makes the loss infinite then.  A single logit of +inf has the limit.  PyTorch
    makes NaN of +inf, and of -inf if probabilities are the target.

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
    ignored = _checks.integer(ignore_index, "ignore_index")
    z, t, w = _checks.scores(input, target, weight, ignored)
    e = _checks.number(label_smoothing, "label_smoothing", least=0, most=1)
    if t.shape == z.shape:
        soft = lambda z, t: _soft_cross_entropy(z, t, w, e)
        return _reduction.by_class(soft, z, t, reduction=reduction)
    hard = lambda z, y, w_y: _hard_cross_entropy(z, y, w_y, w, e)
    return _reduction.by_target(hard, z, t, w, ignored, reduction=reduction)


def cross_entropy_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `cross_entropy` with respect to `input`.

    Parameters and errors are those of `cross_entropy`.

    Returns
    -------
    (K,), (N, K) or (N, K, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-cross-entropy-soft-weighted-grad` of the book, with the smoothed target t, one-hot for a
    class, and the weights w of the classes:

    .. math::

       \frac{\partial \ell(z, t)}{\partial z_k} = \operatorname{softmax}(z)_k \sum_{j=1}^{K} w_j\, t_j - w_k\, t_k

    Without weights and smoothing it is the softmax minus the one-hot label,
    :eq:`eq-cross-entropy-loss-grad`.  It is 0 for an ignored sample.

    Examples
    --------
    >>> print(cross_entropy_grad([[1.0, 2.0], [1.0, 3.0]], [0, 1], reduction="sum").round(4))
    [[-0.7311  0.7311]
     [ 0.1192 -0.1192]]
    """
    ignored = _checks.integer(ignore_index, "ignore_index")
    z, t, w = _checks.scores(input, target, weight, ignored)
    e = _checks.number(label_smoothing, "label_smoothing", least=0, most=1)
    if t.shape == z.shape:
        soft = lambda z, t: _soft_cross_entropy_slope(z, t, w, e)
        return _reduction.by_class_grad(soft, z, t, reduction=reduction)
    hard = lambda z, y, w_y: _hard_cross_entropy_slope(z, y, w_y, w, e)
    return _reduction.by_target_grad(hard, z, t, w, ignored, reduction=reduction)


def _hard_cross_entropy(z, y, weight_of_y, weight, smoothing):
    if not smoothing:
        return weight_of_y * minus_log_softmax(z, y)
    below, log_sum = log_softmax_parts(z)
    loss = weight_of_y * (log_sum - below[at(y)])
    everywhere = weight.sum() * log_sum - weight @ below
    return (1 - smoothing) * loss + smoothing / len(z) * everywhere


def _hard_cross_entropy_slope(z, y, weight_of_y, weight, smoothing):
    hard = (1 - smoothing) * weight_of_y
    soft = smoothing / len(z) * weight if smoothing else np.zeros_like(weight)
    slope = softmax(z, hard + soft.sum())
    slope[at(y)] -= hard
    if smoothing:
        slope -= soft[:, np.newaxis]
    return slope


def _soft_cross_entropy(z, t, weight, smoothing):
    t = _smoothed(t, weight, smoothing)
    below, log_sum = log_softmax_parts(z)
    loss = total(t) * log_sum - dot(t, below)
    if np.isfinite(loss).all():
        return loss
    below[t == 0] = (
        0  # 0 log 0 is 0, but not where a score is NaN, as log_sum is then
    )
    return total(t) * log_sum - dot(t, below)


def _soft_cross_entropy_slope(z, t, weight, smoothing):
    t = _smoothed(t, weight, smoothing)
    return softmax(z, total(t)) - t


def _smoothed(t, weight, smoothing):
    """Return the smoothed target, times the weights of the classes."""
    if smoothing:
        t = (1 - smoothing) * t + smoothing / len(t)
    weighted = weight[:, np.newaxis] * t
    if not np.isfinite(weight).all():
        weighted[t == 0] = 0  # the weight of a class that nobody has
    return weighted


def nll_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the negative log-likelihood: the negative log-probability of the observed class.

    Parameters
    ----------
    input : (K,), (N, K) or (N, K, d1, ...) array_like of floating-point numbers
        Log-probabilities (not checked), such as `log_softmax` returns.
    target : (), (N,) or (N, d1, ...) array_like of int, each in [0, K)
        The class of each sample.
    weight : (K,) array_like of real numbers, optional
        A factor for each class.
    ignore_index : int, default -100
        The value of a class that is left out of the sum and of the mean.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the sum of the weights of the target classes), add or keep the
        losses of the samples.

    Returns
    -------
    scalar, or (), (N,) or (N, d1, ...) ndarray for 'none'
        Losses in nats, at least 0 for log-probabilities.  The mean is NaN if there are no samples
        or all are ignored.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers or `target` integers, or `ignore_index` is
        not an integer.
    ValueError
        If the shapes do not fit or `reduction` is unknown.
    IndexError
        If a class is not in [0, K) and not `ignore_index`.

    Notes
    -----
    :eq:`eq-nll-loss` of the book, with the log-probabilities x of a sample and its class y, of
    weight :math:`w_y`: the logarithm of Fisher's likelihood [1]_ with its sign changed:

    .. math::

       \ell(x, y) = -w_y\, x_y

    Of `log_softmax` it is `cross_entropy`, :eq:`eq-nll-of-log-softmax`.  Of logits or probabilities
    it is not a likelihood: of logits it has no lower bound, of probabilities it has
    :math:`-w_y`.

    References
    ----------
    .. [1] R. A. Fisher (1922), "On the Mathematical Foundations of Theoretical Statistics",
       Philosophical Transactions of the Royal Society A 222, 309-368.

    Examples
    --------
    >>> from lossbook import log_softmax
    >>> z = [[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]
    >>> print(nll_loss(log_softmax(z), [0, 1, 1], reduction="none").round(4))
    [1.3133 0.1269 0.1269]
    >>> print(nll_loss(z, [0, 1, 1], reduction="none"))
    [-1. -3. -3.]
    """
    ignored = _checks.integer(ignore_index, "ignore_index")
    x, y, w = _checks.scores_and_classes(input, target, weight, ignored)
    nll = lambda x, y, w: -w * x[at(y)]
    return _reduction.by_target(nll, x, y, w, ignored, reduction=reduction)


def nll_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `nll_loss` with respect to `input`.

    Parameters and errors are those of `nll_loss`.

    Returns
    -------
    (K,), (N, K) or (N, K, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-nll-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(x, y)}{\partial x_k} =
       \begin{cases}
       -w_y & \text{if } k = y \\
       0 & \text{otherwise}
       \end{cases}

    It is 0 for an ignored sample.

    Examples
    --------
    >>> print(nll_loss_grad([[-1.0, -2.0], [-1.0, -3.0]], [0, 1]))
    [[-0.5  0. ]
     [ 0.  -0.5]]
    """
    ignored = _checks.integer(ignore_index, "ignore_index")
    x, y, w = _checks.scores_and_classes(input, target, weight, ignored)
    return _reduction.by_target_grad(
        _nll_slope, x, y, w, ignored, reduction=reduction
    )


def _nll_slope(x, y, w):
    slope = np.zeros_like(x)
    slope[at(y)] = -w
    return slope


def binary_cross_entropy(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the binary cross-entropy of predicted probabilities.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers, each in [0, 1]
        Predicted probabilities.
    target : (...) array_like of real numbers, each in [0, 1]
        What was seen, 0 or 1, or its probability, in the shape of `input`.
    weight : (...) array_like of real numbers, optional
        A factor for each element, of a shape that broadcasts to that of `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the number of elements, also if weighted), add or keep the losses
        of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Cross-entropies in nats, from 0 to 100 before weights.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes do not fit, a probability or a target is NaN or outside [0, 1], or
        `reduction` is unknown.

    Notes
    -----
    With the probability p and the target t, minus the logarithm of Bernoulli's likelihood, as
    proposed for networks by Baum and Wilczek [1]_, :eq:`eq-binary-cross-entropy-loss`:

    .. math::

       \ell(p, t) = -t \log p - (1 - t) \log(1 - p)

    As in PyTorch neither logarithm is below -100 (:eq:`eq-binary-cross-entropy-clamped`), so that
    a wrong prediction made with certainty costs 100 instead of infinity.  A probability that was rounded to
    0 or 1 has lost what the loss needs: use `binary_cross_entropy_with_logits` if you have logits.

    References
    ----------
    .. [1] E. B. Baum and F. Wilczek (1988), "Supervised Learning of Probability Distributions
       by Neural Networks", in Neural Information Processing Systems, American Institute of
       Physics, 52-61.

    Examples
    --------
    >>> print(binary_cross_entropy([0.9, 0.9, 0.0], [1, 0, 1], reduction="none").round(4))
    [  0.1054   2.3026 100.    ]
    """
    p, t, w = _checks.chances(input, target, weight)
    return _reduction.elements(_bernoulli, p, t, weight=w, reduction=reduction)


def binary_cross_entropy_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `binary_cross_entropy` with respect to `input`.

    Parameters and errors are those of `binary_cross_entropy`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    By :eq:`eq-binary-cross-entropy-loss-grad` of the book:

    .. math::

       \frac{\partial \ell}{\partial p} = -\frac{t}{p} + \frac{1 - t}{1 - p} = \frac{-t (1 - p) + (1 - t)\, p}{p (1 - p)} = \frac{p - t}{p (1 - p)}

    As in PyTorch the denominator is at least :math:`10^{-12}`, also where the logarithm has
    ended and its derivative would be 0: so training can leave a probability of 0 or 1.

    Examples
    --------
    >>> print(binary_cross_entropy_grad([0.5, 0.2], [1, 0], reduction="sum"))
    [-2.    1.25]
    """
    p, t, w = _checks.chances(input, target, weight)
    variance = lambda p: np.maximum(p * (1 - p), VARIANCE_FLOOR)
    slope = lambda p, t: (p - t) / variance(p)
    return _reduction.elements_grad(slope, p, t, weight=w, reduction=reduction)


def _bernoulli(p, t):
    log_p = np.maximum(np.log(p), LOG_FLOOR)
    log_q = np.maximum(np.log1p(-p), LOG_FLOOR)
    return -t * log_p - (1 - t) * log_q


def binary_cross_entropy_with_logits(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the binary cross-entropy of predicted logits.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Logits.
    target : (...) array_like of real numbers
        What was seen, 0 or 1, or its probability (not checked), in the shape of `input`.
    weight : (...) array_like of real numbers, optional
        A factor for each element, of a shape that broadcasts to that of `input`.
    pos_weight : (...) array_like of real numbers, optional
        A factor for the positive part of the loss of each element, of a shape that broadcasts
        to that of `input`; above 1 it favours recall, below 1 usually precision.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the number of elements, also if weighted), add or keep the losses
        of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Cross-entropies in nats, at least 0 for targets in [0, 1].  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes do not fit or `reduction` is unknown.

    Notes
    -----
    With the logit z of the probability :math:`\sigma(z)`, the target t and the weight
    :math:`w` of positive targets, Cox's logistic model [1]_,
    :eq:`eq-binary-cross-entropy-with-logits`:

    .. math::

       \ell(z, t) = w\, t \log(1 + \mathrm{e}^{-z}) + (1 - t) \log(1 + \mathrm{e}^{z})

    Both logarithms are :math:`\log(1 + \mathrm{e}^{-|z|})`, one of them with :math:`|z|` added:
    nothing overflows, and a loss far below 1 keeps its digits.  As in PyTorch the range of the
    target is not checked: with a target of 2 the loss is not bounded below.  An
    infinite logit gives NaN where it is right.

    References
    ----------
    .. [1] D. R. Cox (1958), "The Regression Analysis of Binary Sequences", Journal of the Royal
       Statistical Society B 20(2), 215-242.

    Examples
    --------
    >>> z, t = [1.0, 2.0, -1e4], [1, 0, 1]
    >>> print(binary_cross_entropy_with_logits(z, t, reduction="none").round(4))
    [3.1330e-01 2.1269e+00 1.0000e+04]
    >>> f"{binary_cross_entropy_with_logits([1.0], [1], pos_weight=3.0):.4f}"
    '0.9398'
    """
    arrays, w = _checks.logits_and_chances(input, target, weight, pos_weight)
    return _reduction.elements(logistic, *arrays, weight=w, reduction=reduction)


def binary_cross_entropy_with_logits_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `binary_cross_entropy_with_logits` with respect to `input`.

    Parameters and errors are those of `binary_cross_entropy_with_logits`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    By :eq:`eq-binary-cross-entropy-with-logits-grad` of the book:

    .. math::

       \frac{\partial \ell}{\partial z} = (1 - t)\, \sigma(z) - w\, t\, \sigma(-z)

    which is :math:`\sigma(z) - t` without weights.  It keeps its digits where the sigmoid is
    close to the target, while PyTorch's is 0 at a logit of 50 and a target of 1.

    Examples
    --------
    >>> z, t = [1.0, 2.0, -1e4], [1, 0, 1]
    >>> print(binary_cross_entropy_with_logits_grad(z, t, reduction="sum").round(4))
    [-0.2689  0.8808 -1.    ]
    """
    arrays, w = _checks.logits_and_chances(input, target, weight, pos_weight)
    return _reduction.elements_grad(
        logistic_slope, *arrays, weight=w, reduction=reduction
    )


def focal_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the focal loss: a binary cross-entropy in which well-predicted samples count little.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Logits.
    target : (...) array_like of real numbers, each in [0, 1]
        What was seen, 0 or 1, or its probability, in the shape of `input`.
    alpha : float in [0, 1], or -1, default 0.25
        The weight of positive targets, against 1 - alpha of negative ones; -1 weighs neither.
    gamma : float >= 0, default 2.0
        How strongly a good prediction is made light of.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the number of elements), add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in nats times a weight.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `target` real ones, or `alpha` or
        `gamma` is not a number.
    ValueError
        If the shapes differ, a target is NaN or outside [0, 1], `alpha` or `gamma` leaves its
        domain or `reduction` is unknown.

    Notes
    -----
    With the probability :math:`p = \sigma(z)` of the logit z and the target t, the probability q
    of being wrong, :eq:`eq-focal-wrong` of the book, weighs the binary cross-entropy [1]_ in
    :eq:`eq-focal-loss`:

    .. math::

       q = p (1 - t) + (1 - p)\, t

    .. math::

       \ell(z, t) = (\alpha t + (1 - \alpha) (1 - t))\, q^{\gamma}\, (-t \log p - (1 - t) \log(1 - p))

    It is ``torchvision.ops.sigmoid_focal_loss``, whose reduction is 'none' by default.  A
    :math:`\gamma` of 0 without :math:`\alpha` is `binary_cross_entropy_with_logits`.  In
    expectation it is not least at the true probability, :eq:`eq-focal-undo`.

    References
    ----------
    .. [1] T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár (2017), "Focal Loss for Dense
       Object Detection", Proceedings of the IEEE International Conference on Computer Vision,
       2980-2988.

    Examples
    --------
    >>> print(focal_loss([2.0, -2.0], [1, 1], reduction="none").round(4))
    [0.0005 0.4125]
    """
    z, t, alpha, gamma = _checks.focal(input, target, alpha, gamma)
    modulated = lambda z, t: _balance(t, alpha) * _doubt(z, t) ** gamma
    loss = lambda z, t: modulated(z, t) * logistic(z, t)
    return _reduction.elements(loss, z, t, reduction=reduction)


def focal_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `focal_loss` with respect to `input`.

    Parameters and errors are those of `focal_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-focal-loss-grad` of the book, with the cross-entropy
    :math:`h = -t \log p - (1 - t) \log(1 - p)` and the weight
    :math:`a = \alpha t + (1 - \alpha) (1 - t)`:

    .. math::

       \frac{\partial \ell(z, t)}{\partial z} = a\, q^{\gamma} \left( p - t + \gamma h\, \frac{p (1 - p) (1 - 2 t)}{q} \right)

    The fraction is at most 1, and what it multiplies is 0 where q is.

    Examples
    --------
    >>> print(focal_loss_grad([2.0, -2.0], [1, 1], reduction="sum").round(4))
    [-0.0012 -0.2692]
    """
    z, t, alpha, gamma = _checks.focal(input, target, alpha, gamma)
    slope = lambda z, t: _balance(t, alpha) * _focal_slope(z, t, gamma)
    return _reduction.elements_grad(slope, z, t, reduction=reduction)


def _balance(t, alpha):
    if alpha == -1:
        return 1
    return alpha * t + (1 - alpha) * (1 - t)


def _doubt(z, t):
    p, q = sigmoids(z)
    return p * (1 - t) + q * t


def _focal_slope(z, t, gamma):
    p, q = sigmoids(z)
    doubt = p * (1 - t) + q * t
    bend = p * q * (1 - 2 * t) / one_for_zero(doubt)
    slope = p * (1 - t) - q * t
    # A loss that is too large, or infinite, bends nothing any more: it must stay finite.
    loss = np.minimum(logistic(z, t), -lowest(z))
    return doubt**gamma * (slope + gamma * (loss * bend))


def kl_div(
    input: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Reduction | Literal["batchmean"] = "mean",
) -> ArrayOrScalar:
    r"""Return the terms of the Kullback-Leibler divergence of the target from the prediction.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predicted log-probabilities (not checked).
    target : (...) array_like of real numbers
        Probabilities, or their logarithms (not checked), in the shape of `input`.
    log_target : bool, default False
        Whether `target` holds logarithms.
    reduction : {'mean', 'batchmean', 'sum', 'none'}
        Whether to average over all elements, or over the first axis only, add or keep the terms.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Terms or divergences in nats.  The sum is at least 0 for distributions, a term may be
        negative.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers or `target` real ones.
    ValueError
        If the shapes differ, `reduction` is unknown, or it is 'batchmean' and there is no axis.

    Notes
    -----
    :eq:`eq-kl-div` of the book, a term of Kullback and Leibler's divergence [1]_, with the
    predicted log-probability x and the target t, and 0 where t is 0:

    .. math::

       \ell(x, t) = t\, (\log t - x)

    With `log_target`, and the logarithm s of the target, :eq:`eq-kl-div-log-target`:

    .. math::

       \ell(x, s) = \mathrm{e}^{s} (s - x)

    For (N, K) arrays only 'batchmean' is the mean of N divergences, :eq:`eq-kl-div-batchmean`:
    'mean' divides by K as well, :eq:`eq-kl-div-mean`, of which PyTorch warns and this function
    does not.  As in the other losses of PyTorch the prediction comes first, though the divergence is
    :math:`D_{\mathrm{KL}}(P \,\|\, Q)` with :math:`x = \log q` and :math:`t = p`.  PyTorch
    gives NaN where t is 0 and x is -inf, and with `log_target` wherever t is 0; here these are 0
    as well.

    References
    ----------
    .. [1] S. Kullback and R. A. Leibler (1951), "On Information and Sufficiency", Annals of
       Mathematical Statistics 22(1), 79-86.

    Examples
    --------
    >>> import numpy as np
    >>> x, t = np.log([[0.25, 0.75]]), [[0.5, 0.5]]
    >>> f"{kl_div(x, t, reduction='batchmean'):.4f}"
    '0.1438'
    >>> f"{kl_div(x, t):.4f}"
    '0.0719'
    """
    x, t = _checks.alike(input=input, target=target)
    of_logs = lambda x, t: _kl(x, np.exp(t), t)
    of_probabilities = lambda x, t: _kl(x, t, np.log(t))
    divergence = of_logs if log_target else of_probabilities
    return _reduction.elements(divergence, x, t, **_with_batchmean(reduction, x))


def kl_div_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    log_target: bool = False,
    reduction: Reduction | Literal["batchmean"] = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `kl_div` with respect to `input`.

    Parameters and errors are those of `kl_div`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-kl-div-grad` of the book:

    .. math::

       \frac{\partial \ell(x, t)}{\partial x} = -t

    Through the log-softmax this becomes softmax minus target, :eq:`eq-kl-loss-logit-grad`.

    Examples
    --------
    >>> print(kl_div_grad([[-1.0, -0.5]], [[0.4, 0.6]], reduction="batchmean"))
    [[-0.4 -0.6]]
    """
    x, t = _checks.alike(input=input, target=target)
    of_logs = lambda x, t: -np.exp(t)
    of_probabilities = lambda x, t: -t
    slope = of_logs if log_target else of_probabilities
    return _reduction.elements_grad(slope, x, t, **_with_batchmean(reduction, x))


def _kl(x, t, log_t):
    # The lowest finite number instead of log 0: 0 times it is 0, and NaN stays NaN.
    log_t = np.maximum(log_t, lowest(x))
    terms = t * (log_t - x)
    terms[(t == 0) & (x == -np.inf)] = 0
    return terms


def _with_batchmean(reduction, x):
    _checks.reduction(reduction, also=("batchmean",))
    if reduction != "batchmean":
        return {"reduction": reduction}
    return {"reduction": "mean", "over": _checks.batch_size(x, "input")}


def log_loss(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> ArrayOrScalar:
    r"""Return the logarithmic loss of predicted probabilities, as scikit-learn does.

    Parameters
    ----------
    y_true : (N,) array_like of labels, each in `labels`
        What was seen: numbers or text, whatever can be sorted.
    y_proba : (N,), (N, 1) or (N, K) array_like of real numbers, each in [0, 1]
        The probability of each label, in the order of the labels, summing to 1; or, in a single
        column, that of the second of two.
    normalize : bool, default True
        Whether to average, over the sum of the weights, or to add the losses of the samples.
    sample_weight : (N,) array_like of real numbers, optional
        A factor for each sample.
    labels : (K,) array_like, sorted, optional
        All labels; if not given, those in `y_true`.

    Returns
    -------
    scalar
        Loss in nats, at least 0.  The mean is NaN if there are no samples.

    Raises
    ------
    TypeError
        If `y_proba` or `sample_weight` does not hold real numbers, or labels cannot be sorted.
    ValueError
        If the shapes do not fit, a probability is NaN or outside [0, 1], a row does not sum to 1
        within half of the digits, a label is a fraction or there are not as many labels as
        probabilities, `labels` is not sorted, or a label is not among them.

    Notes
    -----
    :eq:`eq-log-loss` of the book, with the probability :math:`p_{i,k}` of label k, the label
    :math:`y_i` that was seen and the weight :math:`w_i` of each of N samples: the mean of Good's
    logarithmic fee [1]_:

    .. math::

       J(p) = -\frac{1}{\sum_{i=1}^{N} w_i} \sum_{i=1}^{N} w_i \log p_{i,y_i}

    As in scikit-learn a probability is taken no closer to 0 or 1 than eps, the distance from 1 to
    the next number: the loss of a sample is at most 36.04 in double precision and 15.94 in single.
    On hard labels it is the cross-entropy, :eq:`eq-log-loss-is-cross-entropy`.  Where scikit-learn
    only warns it is strict here: of rows that do not sum to 1, and of labels that are not sorted.
    Labels are a list, not a matrix of indicators.

    References
    ----------
    .. [1] I. J. Good (1952), "Rational Decisions", Journal of the Royal Statistical Society
       B 14(1), 107-114.

    Examples
    --------
    >>> p = [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]
    >>> f"{log_loss(['spam', 'ham', 'ham', 'spam'], p):.4f}"
    '0.2162'
    >>> f"{log_loss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]):.4f}"
    '0.2162'
    """
    p, y, w, known = _checks.labelled(y_true, y_proba, sample_weight, labels)
    eps, class_of = np.finfo(p.dtype).eps, lambda y: np.searchsorted(known, y)
    loss = lambda p, y, w: _log_loss(p, class_of(y), w, eps)
    columns = [array[..., np.newaxis] for array in (p, y, w)]
    reduction = "mean" if normalize else "sum"
    return _reduction.vectors(loss, *columns, over=w, reduction=reduction)


def log_loss_grad(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    normalize: bool = True,
    sample_weight: ArrayLike | None = None,
    labels: ArrayLike | None = None,
) -> NDArray:
    r"""Return the derivative of `log_loss` with respect to `y_proba`.

    Parameters and errors are those of `log_loss`.

    Returns
    -------
    (N,), (N, 1) or (N, K) ndarray
        Derivatives, in the shape of `y_proba`.

    Notes
    -----
    :eq:`eq-log-loss-grad` of the book, with the probabilities of all K labels, each taken as a
    variable of its own:

    .. math::

       \frac{\partial J(p)}{\partial p_{i,k}} =
       \begin{cases}
       -\frac{w_i}{p_{i,k} \sum_{j=1}^{N} w_j} & \text{if } k = y_i \\
       0 & \text{otherwise}
       \end{cases}

    With the probability p of the second label only, :eq:`eq-log-loss-grad-binary`:

    .. math::

       \frac{\partial J(p)}{\partial p_i} = \frac{w_i}{\sum_{j=1}^{N} w_j} \cdot
       \begin{cases}
       -\frac{1}{p_i} & \text{if } y_i = 1 \\
       \frac{1}{1 - p_i} & \text{if } y_i = 0
       \end{cases}

    It is 0 where a probability is closer to 0 or 1 than eps.

    Examples
    --------
    >>> print(log_loss_grad([1, 0], [0.5, 0.2], normalize=False))
    [-2.    1.25]
    >>> print(log_loss_grad([1, 0], [[0.5, 0.5], [0.8, 0.2]]))
    [[ 0.    -1.   ]
     [-0.625  0.   ]]
    """
    p, y, w, known = _checks.labelled(y_true, y_proba, sample_weight, labels)
    eps, class_of = np.finfo(p.dtype).eps, lambda y: np.searchsorted(known, y)
    slope = lambda p, y, w: _log_loss_slope(p, class_of(y), w, eps)
    columns = [array[..., np.newaxis] for array in (p, y, w)]
    reduction = "mean" if normalize else "sum"
    grad = _reduction.vectors_grad(slope, *columns, over=w, reduction=reduction)
    return grad.reshape(np.shape(y_proba))


def _log_loss(p, y, w, eps):
    _, q, seen = _probability_of_label(p, y, eps)
    log_likelihood = np.where(seen, np.log(q), np.log1p(-q))
    w = w.astype(p.dtype)
    return -w * log_likelihood


def _log_loss_slope(p, y, w, eps):
    row, q, seen = _probability_of_label(p, y, eps)
    by_q = np.where(seen, -1 / q, 1 / (1 - q))
    unclipped = p[at(row)] == q
    slope = np.zeros_like(p)
    slope[at(row)] = w.astype(p.dtype) * by_q * unclipped
    return slope


def _probability_of_label(p, y, eps):
    """Return the row of p that decides, its probability, clipped, and if it is of the label y.

    A single row is of the second label.
    """
    several = len(p) > 1
    row = y * several
    q = np.clip(p[at(row)], eps, 1 - eps)
    return row, q, several | (y == 1)


def brier_score(
    input: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the Brier score: the squared error of predicted probabilities.

    Parameters
    ----------
    input : (K,), (N, K) or (N, K, d1, ...) array_like of floating-point numbers, each in [0, 1]
        Predicted probabilities; that they sum to 1 is not checked.
    target : (), (N,) or (N, d1, ...) array_like of int, each in [0, K), or array_like like `input`
        The class of each sample, or the probability of each class (not checked).
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the scores of the samples.

    Returns
    -------
    scalar, or (), (N,) or (N, d1, ...) ndarray for 'none'
        Scores from 0 to 2 for distributions.  The mean of no samples is NaN.

    Raises
    ------
    TypeError
        If `input`, or a target of its shape, does not hold floating-point numbers, or another
        target does not hold integers.
    ValueError
        If the shapes do not fit, a probability is NaN or outside [0, 1], or `reduction` is
        unknown.
    IndexError
        If a class is not in [0, K).

    Notes
    -----
    :eq:`eq-brier-score` of the book, with the probabilities p of a sample and the target t,
    one-hot for a class [1]_:

    .. math::

       \ell(p, t) = \sum_{k=1}^{K} (p_k - t_k)^2

    The mean is Brier's own score, and scikit-learn's ``brier_score_loss`` of three classes or
    more.  For two classes scikit-learn halves it by default, to the squared error of the one
    probability: pass ``scale_by_half=False`` there for this one.  Like cross-entropy it is a
    strictly proper scoring rule, smallest in expectation at the true probabilities,
    :eq:`eq-brier-excess`; unlike cross-entropy it is bounded.

    References
    ----------
    .. [1] G. W. Brier (1950), "Verification of Forecasts Expressed in Terms of Probability",
       Monthly Weather Review 78(1), 1-3.

    Examples
    --------
    >>> print(brier_score([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]], [0, 2], reduction="none").round(4))
    [0.14 1.34]
    """
    p, t, _ = _checks.scores(input, target, None, None)
    _checks.unit_interval(p, "input")
    return _reduction.by_class(_brier, p, t, reduction=reduction)


def brier_score_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `brier_score` with respect to `input`.

    Parameters and errors are those of `brier_score`.

    Returns
    -------
    (K,), (N, K) or (N, K, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-brier-score-grad` of the book:

    .. math::

       \frac{\partial \ell(p, t)}{\partial p_k} = 2 (p_k - t_k)

    Examples
    --------
    >>> print(brier_score_grad([[0.75, 0.25], [0.5, 0.5]], [0, 1]))
    [[-0.25  0.25]
     [ 0.5  -0.5 ]]
    """
    p, t, _ = _checks.scores(input, target, None, None)
    _checks.unit_interval(p, "input")
    slope = lambda p, t: 2 * _residual(p, t)
    return _reduction.by_class_grad(slope, p, t, reduction=reduction)


def _brier(p, t):
    residual = _residual(p, t)
    return dot(residual, residual)


def _residual(p, t):
    if t.ndim == p.ndim:
        return p - t
    residual = p.copy(order="K")
    residual[at(t)] -= 1
    return residual


def linear_cross_entropy(
    input: ArrayLike,
    linear_weight: ArrayLike,
    target: ArrayLike,
    *,
    linear_bias: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the cross-entropy of a linear layer's logits, of which only some exist at a time.

    Parameters
    ----------
    input : (..., D) array_like of floating-point numbers
        What enters the layer: one sample, N of them, or (B, T, D) as in a sequence.
    linear_weight : (K, D) array_like of real numbers
        The weights of the layer, a row for each class.
    target : (...) array_like of int, each in [0, K), or (..., K) array_like
        The class of each sample, or the probability of each class (not checked).
    linear_bias : (K,) array_like of real numbers, optional
        The bias of the layer.
    weight : (K,) array_like of real numbers, optional
        A factor for each class.
    ignore_index : int, or None for -100, default None
        The value of a class that is left out of the sum and of the mean.
    label_smoothing : float in [0, 1], default 0.0
        The share of the target that is spread evenly over all classes.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the samples.  The mean divides by the sum
        of the weights of the target classes or, for probabilities, by the number of samples.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Cross-entropies in nats, at least 0 for targets that are distributions.  The mean is NaN
        if there are no samples or all are ignored.

    Raises
    ------
    TypeError
        If `input`, or a target of probabilities, does not hold floating-point numbers, another
        target does not hold integers, another array real numbers, `ignore_index` is not an
        integer, or `label_smoothing` is not a number.
    ValueError
        If the shapes do not fit, `label_smoothing` leaves [0, 1], `ignore_index` is given for
        probabilities or `reduction` is unknown.
    IndexError
        If a class is not in [0, K) and not ignored.

    Notes
    -----
    :eq:`eq-linear-cross-entropy` of the book, with the weights W, the bias b and the input h of a
    sample:

    .. math::

       \ell(h, y) = -\log \frac{\mathrm{e}^{z_y}}{\sum_{k=1}^{K} \mathrm{e}^{z_k}}, \qquad z_k = \sum_{d=1}^{D} W_{k,d}\, h_d + b_k

    It is `cross_entropy` of the logits z, computed for some 16 MiB of them at a time [1]_: of a
    large vocabulary the whole (N, K) array would dwarf everything else.  PyTorch also takes weights
    of more than two axes, for a target of more than one: here they have two.

    References
    ----------
    .. [1] E. Wijmans, B. Huval, A. Hertzberg, V. Koltun and P. Krähenbühl (2024), "Cut Your
       Losses in Large-Vocabulary Language Models", arXiv 2411.09009.

    Examples
    --------
    >>> h, W = [[1.0, 2.0], [1.0, 3.0]], [[1.0, 0.0], [0.0, 1.0]]
    >>> print(linear_cross_entropy(h, W, [0, 1], reduction="none").round(4))
    [1.3133 0.1269]
    """
    x, w, b, t, v = _checks.linear_scores(
        input, linear_weight, target, linear_bias, weight, ignore_index
    )
    options = _cross_entropy_options(v, ignore_index, label_smoothing)
    losses = np.empty(len(x), x.dtype)
    for n in _logit_rows(x, w):
        z = _logits(x[n], w, b)
        losses[n] = cross_entropy(z, t[n], **options, reduction="none")
        del z  # before the next block is made
    losses = losses.reshape(np.shape(input)[:-1])
    over = _reduction.kept_weight(t, v, options["ignore_index"])
    loss = _reduction.elements(
        lambda loss: loss, losses, over=over, reduction=reduction
    )
    return narrow(loss, input)


def linear_cross_entropy_grad(
    input: ArrayLike,
    linear_weight: ArrayLike,
    target: ArrayLike,
    *,
    linear_bias: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> tuple[NDArray, ...]:
    r"""Return the derivatives of `linear_cross_entropy` with respect to `input`, the weights and the bias.

    Parameters and errors are those of `linear_cross_entropy`.

    Returns
    -------
    input_grad : (D,) or (N, D) ndarray
        Derivatives by what enters the layer; with 'none' those of the sum.
    linear_weight_grad : (K, D) ndarray
        Derivatives with respect to the weights of the layer.
    linear_bias_grad : (K,) ndarray, only if there is a bias
        Derivatives with respect to the bias of the layer.

    Notes
    -----
    :eq:`eq-linear-cross-entropy-grad`, :eq:`eq-linear-cross-entropy-weight-grad` and
    :eq:`eq-linear-cross-entropy-bias-grad` of the book, with the derivatives :math:`g_{i,k}` of
    `cross_entropy` by the logits of N samples:

    .. math::

       \frac{\partial J(\theta)}{\partial h_{i,d}} = \sum_{k=1}^{K} g_{i,k} W_{k,d}

    .. math::

       \frac{\partial J(\theta)}{\partial W_{k,d}} = \sum_{i=1}^{N} g_{i,k} h_{i,d}

    .. math::

       \frac{\partial J(\theta)}{\partial b_k} = \sum_{i=1}^{N} g_{i,k}

    Examples
    --------
    >>> h, W = [[1.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]]
    >>> by_input, by_weight = linear_cross_entropy_grad(h, W, [0])
    >>> print(by_input.round(4), by_weight.round(4), sep="\n")
    [[-0.7311  0.7311]]
    [[-0.7311 -1.4621]
     [ 0.7311  1.4621]]
    """
    x, w, b, t, v = _checks.linear_scores(
        input, linear_weight, target, linear_bias, weight, ignore_index
    )
    options = _cross_entropy_options(v, ignore_index, label_smoothing)
    over = _reduction.kept_weight(t, v, options["ignore_index"], if_none=1)
    scale = _reduction.gradient_scale(reduction, over, len(x), x.dtype)
    zeros = lambda array: np.zeros(array.shape, x.dtype)
    by_x, *by_layer = zeros(x), zeros(w), zeros(b)
    soft = t.ndim > 1
    for n in _logit_rows(x, w):
        z = _logits(x[n], w, b)
        slope = cross_entropy_grad(z, t[n], **options, reduction="sum")
        kept = np.ones(len(z), bool) if soft else t[n] != options["ignore_index"]
        del z
        _through_layer(slope, scale, x[n], w, kept, by_x[n], *by_layer)
        del slope  # before the next block is made
    if linear_bias is None:
        by_layer = by_layer[:1]
    grads = by_x.reshape(np.shape(input)), *by_layer
    return tuple(narrow(grad, input) for grad in grads)


def _cross_entropy_options(weight, ignore_index, label_smoothing):
    ignore_index = -100 if ignore_index is None else ignore_index
    return {
        "weight": weight,
        "ignore_index": ignore_index,
        "label_smoothing": label_smoothing,
    }


def _logit_rows(x, w):
    """Return the slices of x whose logits make a block."""
    size = len(w) * x.itemsize
    return _blocks.rows(len(x), size, LOGITS_BYTES)


def _logits(x, w, b):
    with quiet():
        z = x @ w.T
        z += b
    return z


def _through_layer(slope, scale, x, w, kept, by_input, by_weight, by_bias):
    """Fill and add to what belongs to a block, from the derivatives by its logits."""
    x = x if kept.all() else np.where(kept[:, np.newaxis], x, 0)
    with quiet():
        slope *= scale
        np.matmul(slope, w, out=by_input)
        by_input[~kept] = 0
        by_bias += total(slope)
        classes = _blocks.rows(len(w), x[:1].nbytes, LOGITS_BYTES // 4)
        for c in classes:
            by_weight[c] += slope[:, c].T @ x
