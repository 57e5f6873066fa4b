"""Losses that ask for a margin: right is not enough, it must be right by so much.

Names, order of arguments and defaults are those of `torch.nn.functional`.  The precision of the
first argument is kept and the others are taken at it; inputs are never modified; NaN propagates.
PyTorch takes any target where -1 and 1 are meant: here others are refused.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._reduction import Reduction
from lossbook._special import (
    at,
    dot,
    logistic,
    logistic_slope,
    positive,
    sigmoid,
    softplus,
    total,
    with_nan,
)
from lossbook._types import ArrayOrScalar

__all__ = [
    "hinge_embedding_loss",
    "hinge_embedding_loss_grad",
    "margin_ranking_loss",
    "margin_ranking_loss_grad",
    "multi_margin_loss",
    "multi_margin_loss_grad",
    "multilabel_margin_loss",
    "multilabel_margin_loss_grad",
    "multilabel_soft_margin_loss",
    "multilabel_soft_margin_loss_grad",
    "soft_margin_loss",
    "soft_margin_loss_grad",
]


def hinge_embedding_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the distance of what is alike, and what unlike things lack of a distance.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Distances, or any other measure of how unlike two things are.
    target : (...) array_like of real numbers, each in {-1, 1}
        1 where the two are alike, -1 where they are not, of the shape of `input`.
    margin : -inf < float < inf, default 1.0
        The distance at which unlike things are far enough apart.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0 for distances, in their unit.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `target` real ones, or `margin` is not a
        number.
    ValueError
        If the shapes differ, a target is neither -1 nor 1, `margin` is not finite or `reduction`
        is unknown.

    Notes
    -----
    :eq:`eq-hinge-embedding-loss` of the book, with the distance d, the target y and the margin m
    [1]_:

    .. math::

       \ell(d, y) =
       \begin{cases}
       d & \text{if } y = 1 \\
       \max(0, m - d) & \text{if } y = -1
       \end{cases}

    The contrastive loss that it follows takes half of the square of each piece [2]_.

    References
    ----------
    .. [1] H. Mobahi, R. Collobert and J. Weston (2009), "Deep Learning from Temporal Coherence
       in Video", Proceedings of the 26th International Conference on Machine Learning, 737-744.
    .. [2] R. Hadsell, S. Chopra and Y. LeCun (2006), "Dimensionality Reduction by Learning an
       Invariant Mapping", Proceedings of the IEEE Computer Society Conference on Computer Vision
       and Pattern Recognition 2, 1735-1742.

    Examples
    --------
    >>> print(hinge_embedding_loss([0.25, 0.25, 3.0], [1, -1, -1], reduction="none"))
    [0.25 0.75 0.  ]
    """
    d, y = _checks.with_signs(target, input=input)
    m = _checks.number(margin, "margin")
    loss = lambda d, y: np.where(y == 1, d, np.maximum(m - d, 0))
    return _reduction.elements(loss, d, y, reduction=reduction)


def hinge_embedding_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 1.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `hinge_embedding_loss` with respect to `input`.

    Parameters and errors are those of `hinge_embedding_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-hinge-embedding-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(d, y)}{\partial d} =
       \begin{cases}
       1 & \text{if } y = 1 \\
       -1 & \text{if } y = -1,\, d \le m \\
       0 & \text{otherwise}
       \end{cases}

    At the kink, where the distance is the margin, it is -1 as in PyTorch.

    Examples
    --------
    >>> print(hinge_embedding_loss_grad([0.25, 0.25, 3.0], [1, -1, -1], reduction="sum"))
    [ 1. -1.  0.]
    """
    d, y = _checks.with_signs(target, input=input)
    m = _checks.number(margin, "margin")
    slope = lambda d, y: with_nan(np.where((y == 1) | (d <= m), y, 0), d)
    return _reduction.elements_grad(slope, d, y, reduction=reduction)


def margin_ranking_loss(
    input1: ArrayLike,
    input2: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return what the higher of two scores lacks of a lead over the other.

    Parameters
    ----------
    input1 : (...) array_like of floating-point numbers
        First scores.
    input2 : (...) array_like of real numbers
        Second scores, of the shape of `input1`.
    target : (...) array_like of real numbers, each in {-1, 1}
        1 where the first score should be the higher one, -1 where the second one should, of the
        shape of `input1`.
    margin : -inf < float < inf, default 0.0
        The lead that is asked for.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the unit of the scores.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input1` does not hold floating-point numbers, another array real ones, or `margin` is
        not a number.
    ValueError
        If the shapes differ, a target is neither -1 nor 1, `margin` is not finite or `reduction`
        is unknown.

    Notes
    -----
    :eq:`eq-margin-ranking-loss` of the book, with the scores :math:`s_1` and :math:`s_2`, the
    target y and the margin m, a large margin for each pair in an order [1]_:

    .. math::

       \ell(s_1, s_2, y) = \max(0, m - y (s_1 - s_2))

    With 0 for the second score and a margin of 1 it is the hinge loss, :eq:`eq-hinge-loss`.

    References
    ----------
    .. [1] R. Herbrich, T. Graepel and K. Obermayer (2000), "Large Margin Rank Boundaries for
       Ordinal Regression", in Advances in Large Margin Classifiers, MIT Press, 115-132.

    Examples
    --------
    >>> print(margin_ranking_loss([2.0, 2.0], [1.5, 1.5], [1, -1], margin=1.0, reduction="none"))
    [0.5 1.5]
    """
    s1, s2, y = _checks.with_signs(target, input1=input1, input2=input2)
    m = _checks.number(margin, "margin")
    loss = lambda s1, s2, y: positive(m - y * (s1 - s2))
    return _reduction.elements(loss, s1, s2, y, reduction=reduction)


def margin_ranking_loss_grad(
    input1: ArrayLike,
    input2: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> tuple[ArrayOrScalar, ArrayOrScalar]:
    r"""Return the derivatives of `margin_ranking_loss` with respect to `input1` and by `input2`.

    Parameters and errors are those of `margin_ranking_loss`.

    Returns
    -------
    input1_grad : (...) ndarray
        Derivatives with respect to the first scores; with 'none' those of the sum.
    input2_grad : (...) ndarray
        Derivatives with respect to the second scores, which are those by the first ones with the other sign.

    Notes
    -----
    :eq:`eq-margin-ranking-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(s_1, s_2, y)}{\partial s_1} = -\frac{\partial \ell(s_1, s_2, y)}{\partial s_2} =
       \begin{cases}
       -y & \text{if } y (s_1 - s_2) \le m \\
       0 & \text{otherwise}
       \end{cases}

    At the kink, where the lead is the margin, it is -y as in PyTorch.

    Examples
    --------
    >>> by_first, by_second = margin_ranking_loss_grad([2.0, 2.0], [1.5, 0.5], [1, 1], margin=1.0)
    >>> print(by_first, by_second)
    [-0.5  0. ] [0.5 0. ]
    """
    s1, s2, y = _checks.with_signs(target, input1=input1, input2=input2)
    m = _checks.number(margin, "margin")
    slope = lambda s1, s2, y: _ranking_slope(y * (s1 - s2), y, m)
    by_first = _reduction.elements_grad(slope, s1, s2, y, reduction=reduction)
    by_second = 0 - by_first  # not -0.0
    return by_first, by_second


def _ranking_slope(lead, y, margin):
    return with_nan(np.where(lead <= margin, -y, 0), lead)


def multi_margin_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    p: int = 1,
    margin: float = 1.0,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return what the score of the target class lacks of a lead over each other class.

    Parameters
    ----------
    input : (K,), (N, K) or (N, K, d1, ...) array_like of floating-point numbers
        Scores of the classes.
    target : (), (N,) or (N, d1, ...) array_like of int, each in [0, K)
        The class of each sample.
    p : {1, 2}
        The power of what is lacking.
    margin : -inf < float < inf, default 1.0
        The lead that is asked for.
    weight : (K,) array_like of real numbers, optional
        A factor for each target class.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the number of samples, also if weighted), add or keep the losses of
        the samples.

    Returns
    -------
    scalar, or (), (N,) or (N, d1, ...) ndarray for 'none'
        Losses, at least 0, in the unit of the scores to the power p.  The mean of no samples is
        NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `weight` real ones, `target` integers,
        or `p` or `margin` is not a number.
    ValueError
        If the shapes do not fit, `p` is neither 1 nor 2, `margin` is not finite or `reduction` is
        unknown.
    IndexError
        If a class is not in [0, K).

    Notes
    -----
    :eq:`eq-multi-margin-loss` of the book, with the scores z of a sample, its class y, of weight
    :math:`w_y`, and the margin m:

    .. math::

       \ell(z, y) = \frac{w_y}{K} \sum_{k=1,\, k \ne y}^{K} \max(0, m - z_y + z_k)^p

    Weston and Watkins add the hinges of all other classes as here [1]_, Crammer and Singer take the
    largest [2]_, :eq:`eq-crammer-singer`.  The division by K, one more than there are terms, is
    PyTorch's.  For an empty batch PyTorch returns whatever was in memory: here the mean is NaN and
    the sum 0.

    References
    ----------
    .. [1] J. Weston and C. Watkins (1999), "Support Vector Machines for Multi-Class Pattern
       Recognition", Proceedings of the 7th European Symposium on Artificial Neural Networks,
       219-224.
    .. [2] K. Crammer and Y. Singer (2001), "On the Algorithmic Implementation of Multiclass
       Kernel-based Vector Machines", Journal of Machine Learning Research 2, 265-292.

    Examples
    --------
    >>> z = [0.5, 2.0, 1.5, 0.0]
    >>> print(multi_margin_loss(z, 1), multi_margin_loss(z, 1, p=2))
    0.125 0.0625
    """
    z, y, w = _checks.scores_and_classes(input, target, weight, ignore_index=None)
    power = _checks.one_of(p, "p", (1, 2))
    m = _checks.number(margin, "margin")
    loss = lambda z, y: _hinges(z, y, w, power, m)
    return _reduction.by_class(loss, z, y, reduction=reduction)


def multi_margin_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    p: int = 1,
    margin: float = 1.0,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `multi_margin_loss` with respect to `input`.

    Parameters and errors are those of `multi_margin_loss`.

    Returns
    -------
    (K,), (N, K) or (N, K, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    For the other classes, :math:`k \ne y`, :eq:`eq-multi-margin-loss-grad` of the book, and for the
    target class :eq:`eq-multi-margin-loss-target-grad`:

    .. math::

       \frac{\partial \ell(z, y)}{\partial z_k} =
       \begin{cases}
       \frac{w_y}{K}\, p\, (m - z_y + z_k)^{p - 1} & \text{if } m - z_y + z_k > 0 \\
       0 & \text{otherwise}
       \end{cases}

    .. math::

       \frac{\partial \ell(z, y)}{\partial z_y}
       = -\sum_{k=1,\, k \ne y}^{K} \frac{\partial \ell(z, y)}{\partial z_k}

    At the kink, where the lead is the margin, it is 0 as in PyTorch.

    Examples
    --------
    >>> print(multi_margin_loss_grad([0.5, 2.0, 1.5, 0.0], 1))
    [ 0.   -0.25  0.25  0.  ]
    """
    z, y, w = _checks.scores_and_classes(input, target, weight, ignore_index=None)
    power = _checks.one_of(p, "p", (1, 2))
    m = _checks.number(margin, "margin")
    slope = lambda z, y: _hinges_slope(z, y, w, power, m)
    return _reduction.by_class_grad(slope, z, y, reduction=reduction)


def _hinges(z, y, weight, p, margin):
    h = _gaps(z, y, margin)
    hinges = total(h) if p == 1 else dot(h, h)
    return weight[y] * hinges / len(z)


def _hinges_slope(z, y, weight, p, margin):
    h = _gaps(z, y, margin)
    slope = np.sign(h) if p == 1 else 2 * h
    slope *= weight[y] / len(z)
    slope[at(y)] = -total(slope)
    return slope


def _gaps(z, y, margin):
    """Return what the class y lacks of a lead over each other, 0 over itself."""
    h = z + (margin - z[at(y)])
    np.maximum(h, 0, out=h)
    h[at(y)] = 0
    return h


def multilabel_margin_loss(
    input: ArrayLike, target: ArrayLike, *, reduction: Reduction = "mean"
) -> ArrayOrScalar:
    r"""Return what the score of each target class lacks of a lead of 1 over each that is none.

    Parameters
    ----------
    input : (K,), (N, K) or (N, K, d1, ...) array_like of floating-point numbers
        Scores of the classes.
    target : (K,), (N, K) or (N, K, d1, ...) array_like of int, each in [0, K) or -1
        The target classes of each sample, in a list that ends at the first -1, of the shape of
        `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the samples.

    Returns
    -------
    scalar, or (), (N,) or (N, d1, ...) ndarray for 'none'
        Losses, at least 0, in the unit of the scores.  The mean of no samples is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers or `target` integers.
    ValueError
        If the shapes differ, there are no classes or `reduction` is unknown.
    IndexError
        If anything in `target`, also behind a -1, is neither in [0, K) nor -1.

    Notes
    -----
    :eq:`eq-multilabel-margin-loss` of the book, with the scores z of a sample and the set S of the
    classes that are listed:

    .. math::

       \ell(z, S) = \frac{1}{K} \sum_{j \in S} \sum_{k=1,\, k \notin S}^{K} \max(0, 1 - z_j + z_k)

    It compares each relevant class with each irrelevant one as Elisseeff and Weston do, who
    divide by the number of pairs [1]_.  A class that is listed twice counts twice, as in PyTorch.
    For an empty batch PyTorch returns whatever was in memory: here the mean is NaN and the sum 0.

    References
    ----------
    .. [1] A. Elisseeff and J. Weston (2001), "A kernel method for multi-labelled
       classification", Advances in Neural Information Processing Systems 14, 681-687.

    Examples
    --------
    >>> f"{multilabel_margin_loss([0.1, 0.2, 0.4, 0.8], [3, 0, -1, 1]):.4f}"
    '0.8500'
    """
    z, y = _checks.scores_and_labels(input, target)
    return _reduction.by_class(_multilabel_hinges, z, y, reduction=reduction)


def multilabel_margin_loss_grad(
    input: ArrayLike, target: ArrayLike, *, reduction: Reduction = "mean"
) -> NDArray:
    r"""Return the derivative of `multilabel_margin_loss` with respect to `input`.

    Parameters and errors are those of `multilabel_margin_loss`.

    Returns
    -------
    (K,), (N, K) or (N, K, d1, ...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    For the classes that are not listed and for those that are,
    :eq:`eq-multilabel-margin-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(z, S)}{\partial z_k} =
       \begin{cases}
       \frac{1}{K} \sum_{j \in S} \mathbb{1}[1 - z_j + z_k > 0] & \text{if } k \notin S \\
       -\frac{1}{K} \sum_{j=1,\, j \notin S}^{K} \mathbb{1}[1 - z_k + z_j > 0] & \text{if } k \in S
       \end{cases}

    At the kink, where the lead is 1, it is 0 as in PyTorch.

    Examples
    --------
    >>> print(multilabel_margin_loss_grad([0.1, 0.2, 0.4, 0.8], [3, 0, -1, 1]))
    [-0.5  0.5  0.5 -0.5]
    """
    z, y = _checks.scores_and_labels(input, target)
    return _reduction.by_class_grad(
        _multilabel_hinges_slope, z, y, reduction=reduction
    )


def _multilabel_hinges(z, y):
    loss = np.zeros(z.shape[1], z.dtype)
    for n, _, h in _label_gaps(z, y):
        loss[n] += h.sum(axis=0) / len(z)
    return loss


def _multilabel_hinges_slope(z, y):
    slope = np.zeros_like(z)
    for n, k, h in _label_gaps(z, y):
        gap = np.sign(h)
        slope[:, n] += gap
        slope[k, n] -= gap.sum(axis=0)
    return slope / len(z)


def _label_gaps(z, y):
    """Yield, place by place of the lists, the samples n that have a class k there, and its gaps."""
    listed = np.logical_and.accumulate(y >= 0)
    others = np.ones(z.shape, bool)
    places, samples = np.nonzero(listed)
    others[y[places, samples], samples] = False
    for place in range(listed.any(axis=1).sum()):
        n = np.flatnonzero(listed[place])
        k = y[place, n]
        gaps = z[:, n] + (1 - z[k, n])
        gaps = np.maximum(gaps, 0)
        yield n, k, np.where(others[:, n], gaps, 0)


def soft_margin_loss(
    input: ArrayLike, target: ArrayLike, *, reduction: Reduction = "mean"
) -> ArrayOrScalar:
    r"""Return the logistic loss for targets of -1 and 1, a hinge without a kink.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Logits.
    target : (...) array_like of real numbers, each in {-1, 1}
        The sign that each logit should have, of the shape of `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in nats.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers or `target` real ones.
    ValueError
        If the shapes differ, a target is neither -1 nor 1 or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-soft-margin-loss` of the book, with the logit z and the target y the logistic loss of
    the margin y z [1]_:

    .. math::

       \ell(z, y) = \log(1 + \mathrm{e}^{-y z}) = \operatorname{softplus}(-y z)

    It is the binary cross-entropy with logits of the target (1 + y) / 2,
    :eq:`eq-soft-margin-is-cross-entropy`.  PyTorch computes the exponential itself, which
    overflows: the loss is inf there from logits of 89 in float32 and of 710 in float64, and its
    gradient NaN.  Here no logit overflows.  The soft margin of support-vector machines is
    another, a hinge with slack [2]_.

    References
    ----------
    .. [1] J. Friedman, T. Hastie and R. Tibshirani (2000), "Additive logistic regression: a
       statistical view of boosting", Annals of Statistics 28(2), 337-407.
    .. [2] C. Cortes and V. Vapnik (1995), "Support-vector networks", Machine Learning 20(3),
       273-297.

    Examples
    --------
    >>> print(soft_margin_loss([2.0, 0.0, 10000.0], [1, 1, -1], reduction="none").round(4))
    [1.269e-01 6.931e-01 1.000e+04]
    """
    z, y = _checks.with_signs(target, input=input)
    loss = lambda z, y: softplus(-y * z)
    return _reduction.elements(loss, z, y, reduction=reduction)


def soft_margin_loss_grad(
    input: ArrayLike, target: ArrayLike, *, reduction: Reduction = "mean"
) -> ArrayOrScalar:
    r"""Return the derivative of `soft_margin_loss` with respect to `input`.

    Parameters and errors are those of `soft_margin_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-soft-margin-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(z, y)}{\partial z} = -y\, \sigma(-y z)

    Examples
    --------
    >>> print(soft_margin_loss_grad([2.0, 0.0, 10000.0], [1, 1, -1], reduction="sum").round(4))
    [-0.1192 -0.5     1.    ]
    """
    z, y = _checks.with_signs(target, input=input)
    slope = lambda z, y: -y * sigmoid(-y * z)
    return _reduction.elements_grad(slope, z, y, reduction=reduction)


def multilabel_soft_margin_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the mean over classes of the binary cross-entropy of sigmoid(input).

    Parameters
    ----------
    input : (..., K) array_like of floating-point numbers
        Logits of the classes, each for itself.
    target : (..., K) array_like of real numbers in [0, 1]
        Whether the sample is of each class, or the probability (not checked), of the shape of
        `input`.
    weight : (K,) array_like of real numbers, optional
        A factor for each class; any shape that broadcasts to `input` will do.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the samples.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses of the samples, at least 0 for targets in [0, 1], in nats.  The mean of no samples is
        NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes do not fit, there are no classes or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-multilabel-soft-margin-loss` of the book, with the logits z and the targets t of a
    sample, and the weights w of the classes:

    .. math::

       \ell(z, t) = -\frac{1}{K} \sum_{k=1}^{K}
       w_k \left( t_k \log \sigma(z_k) + (1 - t_k) \log(1 - \sigma(z_k)) \right)

    There is no margin in it: it is the cross-entropy for several labels [1]_.  The mean divides
    by K even if the classes are weighted.

    References
    ----------
    .. [1] J. Nam, J. Kim, E. Loza Mencía, I. Gurevych and J. Fürnkranz (2014), "Large-Scale
       Multi-label Text Classification - Revisiting Neural Networks", Machine Learning and
       Knowledge Discovery in Databases, Lecture Notes in Computer Science 8725, Springer, 437-452.

    Examples
    --------
    >>> z, t = [[2.0, -1.0], [0.0, 3.0]], [[1, 0], [1, 1]]
    >>> print(multilabel_soft_margin_loss(z, t, reduction="none").round(4))
    [0.2201 0.3709]
    """
    z, t, *w = _checks.multilabel(input, target, weight)
    return _reduction.along(_mean_logistic, z, t, *w, reduction=reduction)


def multilabel_soft_margin_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the derivative of `multilabel_soft_margin_loss` with respect to `input`.

    Parameters and errors are those of `multilabel_soft_margin_loss`.

    Returns
    -------
    (..., K) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-multilabel-soft-margin-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(z, t)}{\partial z_k} = \frac{w_k}{K} (\sigma(z_k) - t_k)

    Examples
    --------
    >>> z, t = [[2.0, -1.0], [0.0, 3.0]], [[1, 0], [1, 1]]
    >>> print(multilabel_soft_margin_loss_grad(z, t, reduction="sum").round(4))
    [[-0.0596  0.1345]
     [-0.25   -0.0237]]
    """
    z, t, *w = _checks.multilabel(input, target, weight)
    (grad,) = _reduction.along_grads(
        _mean_logistic_slope, z, t, *w, learnt=1, reduction=reduction
    )
    return grad


def _mean_logistic(z, t, w=None):
    losses = logistic(z, t)
    if w is not None:
        losses = w * losses
    return losses.sum(axis=0) / len(z)


def _mean_logistic_slope(z, t, w=None):
    slope = logistic_slope(z, t) / len(z)
    return [slope if w is None else w * slope]
