"""How alike two vectors are, and the losses that bring vectors together or apart.

Names, order of arguments and defaults are those of `torch.nn.functional`.  The precision of the
first argument is kept and the others are taken at it; inputs are never modified; NaN propagates.
PyTorch broadcasts where shapes differ: here they must be equal, of vectors and of anything else.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._reduction import Reduction
from lossbook._special import dot, one_for_zero, total, with_nan
from lossbook._types import ArrayOrScalar

__all__ = [
    "cosine_embedding_loss",
    "cosine_embedding_loss_grad",
    "cosine_similarity",
    "cosine_similarity_grad",
    "pairwise_distance",
    "pairwise_distance_grad",
    "triplet_margin_loss",
    "triplet_margin_loss_grad",
    "triplet_margin_with_distance_loss",
    "triplet_margin_with_distance_loss_grad",
]

SQUARE = float(np.float32(1e-12))  # what PyTorch adds to squares of lengths
EUCLIDEAN = {"p": 2.0, "eps": 1e-6}  # the defaults of pairwise_distance


def cosine_similarity(
    x1: ArrayLike, x2: ArrayLike, *, dim: int = 1, eps: float = 1e-8
) -> ArrayOrScalar:
    r"""Return the cosine of the angle between vectors.

    Parameters
    ----------
    x1 : (..., n, ...) array_like of floating-point numbers
        First vectors.
    x2 : (..., n, ...) array_like of real numbers
        Second vectors, of the shape of `x1`.
    dim : int, default 1
        The axis of the n components.
    eps : float >= 0, default 1e-8
        The least length that is divided by.

    Returns
    -------
    (..., ...) ndarray
        Cosines in [-1, 1] up to rounding, in the shape of `x1` without the axis `dim`.

    Raises
    ------
    TypeError
        If `x1` does not hold floating-point numbers, `x2` real ones, `dim` is not an integer or
        `eps` is not a number.
    ValueError
        If the shapes differ, there is no axis `dim` or it is empty, or `eps` is below 0.

    Notes
    -----
    :eq:`eq-cosine-similarity` of the book, with the two vectors u and v, as documents are compared
    by their words [1]_:

    .. math::

       \cos(u, v) = \frac{\sum_{i=1}^{n} u_i v_i}
       {\max(\lVert u \rVert, \epsilon) \max(\lVert v \rVert, \epsilon)}

    It is 0 if one of the vectors is, unless :math:`\epsilon` is 0 too: then it is NaN.  Squares
    overflow from lengths of 1.9e19 in float32 and 1.4e154 in float64: the cosine of two such
    vectors is NaN, of one such vector and another 0.  PyTorch broadcasts x1 and x2: here the
    shapes must be equal.

    References
    ----------
    .. [1] G. Salton, A. Wong and C. S. Yang (1975), "A vector space model for automatic
       indexing", Communications of the ACM 18(11), 613-620.

    Examples
    --------
    >>> print(cosine_similarity([[3.0, 4.0], [1.0, 0.0]], [[4.0, 3.0], [0.0, 2.0]]))
    [0.96 0.  ]
    """
    u, v = _checks.vectors_alike(dim, x1=x1, x2=x2)
    eps = _checks.eps(eps, u, least=0)
    length = lambda u: np.maximum(_length(u), eps)
    cosine = lambda u, v: dot(u, v) / length(u) / length(v)
    return _reduction.along(cosine, u, v, axis=dim, reduction="none")


def cosine_similarity_grad(
    x1: ArrayLike, x2: ArrayLike, *, dim: int = 1, eps: float = 1e-8
) -> tuple[NDArray, NDArray]:
    r"""Return the derivatives of `cosine_similarity` with respect to `x1` and by `x2`.

    Parameters and errors are those of `cosine_similarity`.

    Returns
    -------
    x1_grad : (..., n, ...) ndarray
        Derivatives of the sum of the cosines by the first vectors.
    x2_grad : (..., n, ...) ndarray
        Derivatives of the sum of the cosines by the second vectors.

    Notes
    -----
    :eq:`eq-cosine-similarity-grad` of the book, for vectors u and v of at least the length
    :math:`\epsilon`; exchange them for the other one:

    .. math::

       \frac{\partial \cos(u, v)}{\partial u_i}
       = \frac{1}{\lVert u \rVert} \left( \frac{v_i}{\lVert v \rVert}
       - \cos(u, v)\, \frac{u_i}{\lVert u \rVert} \right)

    It is at right angles to u: only the direction counts.  As in PyTorch a length below
    :math:`\epsilon` is replaced by it everywhere but in the last fraction, which is 0 at u = 0.  So
    the derivative at a vector of zeros is not 0 but of length :math:`1 / \epsilon`.

    Examples
    --------
    >>> by_first, by_second = cosine_similarity_grad([[3.0, 4.0]], [[4.0, 3.0]])
    >>> print(by_first.round(4), by_second.round(4))
    [[ 0.0448 -0.0336]] [[-0.0336  0.0448]]
    """
    u, v = _checks.vectors_alike(dim, x1=x1, x2=x2)
    eps = _checks.eps(eps, u, least=0)
    slopes = lambda u, v: _clipped_cosine_slopes(u, v, eps)
    return _reduction.along_grads(slopes, u, v, learnt=2, axis=dim, reduction="none")


def _clipped_cosine_slopes(u, v, eps):
    q, r = _length(u), _length(v)
    lengths = np.maximum(q, eps), np.maximum(r, eps)
    # A vector of zeros has no direction, and is 0 over whatever is not.
    units = one_for_zero(q), one_for_zero(r)
    return _cosine_slopes(u, v, lengths, units)


def pairwise_distance(
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    p: float = 2.0,
    eps: float = 1e-6,
    keepdim: bool = False,
) -> ArrayOrScalar:
    r"""Return the distances of vectors, pair by pair.

    Parameters
    ----------
    x1 : (..., n) array_like of floating-point numbers
        First vectors.
    x2 : (..., n) array_like of real numbers
        Second vectors, of the shape of `x1`.
    p : float > 0, default 2.0
        The order of the norm; 1 adds absolute differences, `math.inf` takes the largest.
    eps : float >= 0, default 1e-6
        What is added to each difference.
    keepdim : bool, default False
        Whether the result keeps the last axis, with length one.

    Returns
    -------
    (...) or (..., 1) ndarray
        Distances, at least 0, in the unit of the vectors.

    Raises
    ------
    TypeError
        If `x1` does not hold floating-point numbers, `x2` real ones, or `p` or `eps` is not a
        number.
    ValueError
        If the shapes differ, the last axis is missing or empty, `p` is not above 0 or `eps` is
        below 0.

    Notes
    -----
    :eq:`eq-pairwise-distance` of the book, with the two vectors u and v, Minkowski's distance [1]_
    of the differences and :math:`\epsilon`, and :eq:`eq-pairwise-distance-infinity` where p is
    infinite:

    .. math::

       d(u, v) = \left( \sum_{i=1}^{n} |u_i - v_i + \epsilon|^p \right)^{1 / p}

    .. math::

       d_{\infty}(u, v) = \max_{i \in \{1, \dots, n\}} |u_i - v_i + \epsilon|

    The :math:`\epsilon` that PyTorch adds keeps equal vectors off the kink: their distance is
    :math:`\epsilon n^{1 / p}` and not 0.  It also makes the distance of u and v differ a little
    from that of v and u.  For p other than 1 and 2 the largest difference is taken out of the
    sum, so powers do not overflow as in PyTorch.  PyTorch broadcasts x1 and x2 and takes a p of
    0 or below: here the shapes must be equal and p above 0.

    References
    ----------
    .. [1] H. Minkowski (1896), "Geometrie der Zahlen", Teubner.

    Examples
    --------
    >>> print(pairwise_distance([[3.0, 4.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 3.0]]).round(4))
    [5. 2.]
    >>> print(pairwise_distance([[3.0, 4.0]], [[0.0, 0.0]], p=1, keepdim=True).round(4))
    [[7.]]
    """
    u, v = _checks.vectors_alike(-1, x1=x1, x2=x2)
    eps = _checks.number(eps, "eps", least=0)
    distance = _minkowski(_checks.norm(p), eps)
    d = _reduction.along(distance, u, v, reduction="none")
    return np.expand_dims(d, -1) if keepdim else d


def pairwise_distance_grad(
    x1: ArrayLike,
    x2: ArrayLike,
    *,
    p: float = 2.0,
    eps: float = 1e-6,
    keepdim: bool = False,
) -> tuple[NDArray, NDArray]:
    r"""Return the derivatives of `pairwise_distance` with respect to `x1` and by `x2`.

    Parameters and errors are those of `pairwise_distance`.

    Returns
    -------
    x1_grad : (..., n) ndarray
        Derivatives of the sum of the distances by the first vectors.
    x2_grad : (..., n) ndarray
        Derivatives with respect to the second vectors, which are those by the first ones with the other sign.

    Notes
    -----
    :eq:`eq-pairwise-distance-grad` of the book, with the differences
    :math:`\delta_i = u_i - v_i + \epsilon`:

    .. math::

       \frac{\partial d(u, v)}{\partial u_i} = -\frac{\partial d(u, v)}{\partial v_i}
       = \operatorname{sgn}(\delta_i) \left( \frac{|\delta_i|}{d(u, v)} \right)^{p - 1}

    As in PyTorch it is 0 where the difference is, also at the kinks of p = 1 and at d = 0, and
    for :math:`p = \infty` the largest differences share the slope: each of M has
    :math:`\operatorname{sgn}(\delta_i) / M`.  It does not depend on `keepdim`.

    Examples
    --------
    >>> by_first, by_second = pairwise_distance_grad([[3.0, 4.0]], [[0.0, 0.0]])
    >>> print(by_first.round(4), by_second.round(4))
    [[0.6 0.8]] [[-0.6 -0.8]]
    """
    u, v = _checks.vectors_alike(-1, x1=x1, x2=x2)
    eps = _checks.number(eps, "eps", least=0)
    slopes = _minkowski_slopes(_checks.norm(p), eps)
    return _reduction.along_grads(slopes, u, v, learnt=2, reduction="none")


def cosine_embedding_loss(
    input1: ArrayLike,
    input2: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return what the cosine of like vectors lacks of 1, and what that of unlike ones has too much.

    Parameters
    ----------
    input1 : (..., n) array_like of floating-point numbers
        First vectors.
    input2 : (..., n) array_like of real numbers
        Second vectors, of the shape of `input1`.
    target : (...) array_like of real numbers, each in {-1, 1}
        1 where the two vectors should be alike, -1 where they should not.
    margin : -inf < float < inf, default 0.0
        The cosine that unlike vectors may have, best from -1 to 1.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the pairs.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0 up to rounding, without a unit.  The mean of no pairs is NaN.

    Raises
    ------
    TypeError
        If `input1` does not hold floating-point numbers, another array real ones, or `margin` is
        not a number.
    ValueError
        If the shapes do not fit, the last axis is missing or empty, a target is neither -1 nor 1,
        `margin` is not finite or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-cosine-embedding-loss` of the book, with the vectors u and v, the target y and the
    margin m; so "Siamese" networks of equal weights were trained by the cosine of what they make
    of two signatures [1]_:

    .. math::

       \ell(u, v, y) =
       \begin{cases}
       1 - \cos(u, v) & \text{if } y = 1 \\
       \max(0, \cos(u, v) - m) & \text{if } y = -1
       \end{cases}

    PyTorch's cosine is not quite `cosine_similarity` here.  It adds :math:`\epsilon`, the
    single-precision number next to :math:`10^{-12}`, to squared lengths,
    :eq:`eq-cosine-embedding-cosine`:

    .. math::

       \cos(u, v) = \frac{\sum_{i=1}^{n} u_i v_i}
       {\sqrt{\lVert u \rVert^2 + \epsilon} \sqrt{\lVert v \rVert^2 + \epsilon}}

    PyTorch multiplies the squares before it takes the root, which overflows in float32 from
    lengths of 4.3e9: here each length has its own root, and only 1.9e19 is too long.

    References
    ----------
    .. [1] J. Bromley, I. Guyon, Y. LeCun, E. Säckinger and R. Shah (1993), "Signature
       Verification using a 'Siamese' Time Delay Neural Network", Advances in Neural Information
       Processing Systems 6, 737-744.

    Examples
    --------
    >>> u, v = [[3.0, 4.0], [3.0, 4.0]], [[4.0, 3.0], [4.0, 3.0]]
    >>> print(cosine_embedding_loss(u, v, [1, -1], margin=0.5, reduction="none").round(4))
    [0.04 0.46]
    """
    u, v, y = _checks.embeddings(input1, input2, target)
    m = _checks.number(margin, "margin")
    loss = lambda u, v, y: _cosine_hinge(u, v, y, m)
    return _reduction.along(loss, u, v, y, reduction=reduction)


def cosine_embedding_loss_grad(
    input1: ArrayLike,
    input2: ArrayLike,
    target: ArrayLike,
    *,
    margin: float = 0.0,
    reduction: Reduction = "mean",
) -> tuple[NDArray, NDArray]:
    r"""Return the derivatives of `cosine_embedding_loss` with respect to `input1` and by `input2`.

    Parameters and errors are those of `cosine_embedding_loss`.

    Returns
    -------
    input1_grad : (..., n) ndarray
        Derivatives with respect to the first vectors; with 'none' those of the sum.
    input2_grad : (..., n) ndarray
        Derivatives with respect to the second vectors.

    Notes
    -----
    :eq:`eq-cosine-embedding-loss-grad` and :eq:`eq-cosine-embedding-cosine-grad` of the book, with
    the squared length :math:`q = \lVert u \rVert^2 + \epsilon` and r that of v; exchange the
    vectors for the other one:

    .. math::

       \frac{\partial \ell(u, v, y)}{\partial u_i} =
       \begin{cases}
       -\frac{\partial \cos(u, v)}{\partial u_i} & \text{if } y = 1 \\
       \frac{\partial \cos(u, v)}{\partial u_i} & \text{if } y = -1,\, \cos(u, v) \ge m \\
       0 & \text{otherwise}
       \end{cases}

    .. math::

       \frac{\partial \cos(u, v)}{\partial u_i}
       = \frac{v_i}{\sqrt{q r}} - \cos(u, v)\, \frac{u_i}{q}

    At the kink, where the cosine is the margin, the second case holds as in PyTorch.

    Examples
    --------
    >>> by_first, by_second = cosine_embedding_loss_grad([[3.0, 4.0]], [[4.0, 3.0]], [1])
    >>> print(by_first.round(4), by_second.round(4))
    [[-0.0448  0.0336]] [[ 0.0336 -0.0448]]
    """
    u, v, y = _checks.embeddings(input1, input2, target)
    m = _checks.number(margin, "margin")
    slopes = lambda u, v, y: _cosine_hinge_slopes(u, v, y, m)
    return _reduction.along_grads(slopes, u, v, y, learnt=2, reduction=reduction)


def _cosine_hinge(u, v, y, margin):
    cosine = dot(u, v) / _lifted_length(u) / _lifted_length(v)
    excess = np.maximum(cosine - margin, 0)
    return np.where(y == 1, 1 - cosine, excess)


def _cosine_hinge_slopes(u, v, y, margin):
    q, r = _lifted_length(u), _lifted_length(v)
    cosine = dot(u, v) / q / r
    active = (y == 1) | (cosine >= margin)
    slope = -y * active
    by_u, by_v = _cosine_slopes(u, v, (q, r), (q, r))
    return slope * by_u, slope * by_v


def _lifted_length(u):
    square = dot(u, u) + SQUARE
    return np.sqrt(square)


def triplet_margin_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return by how much an anchor is not nearer to its like than to its unlike.

    Parameters
    ----------
    anchor : (..., n) array_like of floating-point numbers
        Vectors to compare the others with.
    positive : (..., n) array_like of real numbers
        A vector that should be near each anchor, of the shape of `anchor`.
    negative : (..., n) array_like of real numbers
        A vector that should be far from each anchor, of the shape of `anchor`.
    margin : float > 0, default 1.0
        How much farther the negative should be.
    p : float > 0, default 2.0
        The order of the norm, as for `pairwise_distance`.
    eps : float >= 0, default 1e-6
        What is added to each difference, as for `pairwise_distance`.
    swap : bool, default False
        Whether the negative is measured from the positive if that is nearer to it.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the triplets.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the unit of the vectors.  The mean of no triplets is NaN.

    Raises
    ------
    TypeError
        If `anchor` does not hold floating-point numbers, another array real ones, or `margin`,
        `p` or `eps` is not a number.
    ValueError
        If the shapes differ, the last axis is missing or empty, `margin` or `p` is not above 0,
        `eps` is below 0 or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-triplet-margin-loss` of the book, with the anchor a, the positive u, the negative v, the
    margin m and the `pairwise_distance` d [1]_:

    .. math::

       \ell(a, u, v) = \max(0, m + d(a, u) - d(a, v))

    With the swap [2]_ :math:`\min(d(a, v), d(u, v))` stands for :math:`d(a, v)`,
    :eq:`eq-triplet-swap`.  FaceNet [3]_ and large margin nearest neighbours [1]_ take squared
    distances, PyTorch those to the power 1.  If all vectors collapse into one, the loss is the
    margin.

    References
    ----------
    .. [1] K. Q. Weinberger and L. K. Saul (2009), "Distance Metric Learning for Large Margin
       Nearest Neighbor Classification", Journal of Machine Learning Research 10, 207-244.
    .. [2] V. Balntas, E. Riba, D. Ponsa and K. Mikolajczyk (2016), "Learning local feature
       descriptors with triplets and shallow convolutional neural networks", Proceedings of the
       British Machine Vision Conference, 119.1-119.11.
    .. [3] F. Schroff, D. Kalenichenko and J. Philbin (2015), "FaceNet: A Unified Embedding for
       Face Recognition and Clustering", Proceedings of the IEEE Conference on Computer Vision
       and Pattern Recognition, 815-823.

    Examples
    --------
    >>> a, u, v = [[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 0.0]]
    >>> f"{triplet_margin_loss(a, u, v):.4f}"
    '3.0000'
    >>> f"{triplet_margin_loss(a, u, v, p=1, margin=0.5):.4f}"
    '4.5000'
    """
    vectors = _checks.vectors_alike(
        -1, anchor=anchor, positive=positive, negative=negative
    )
    p = _checks.norm(p)
    eps = _checks.number(eps, "eps", least=0)
    distance = _minkowski(p, eps)
    m = _checks.number(margin, "margin", above=0)
    loss = lambda a, u, v: _triplet_hinge(a, u, v, distance, m, swap)
    return _reduction.along(loss, *vectors, reduction=reduction)


def triplet_margin_loss_grad(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Return the derivatives of `triplet_margin_loss` with respect to `anchor`, `positive` and `negative`.

    Parameters and errors are those of `triplet_margin_loss`.

    Returns
    -------
    anchor_grad : (..., n) ndarray
        Derivatives with respect to the anchors; with 'none' those of the sum.
    positive_grad : (..., n) ndarray
        Derivatives with respect to the positive vectors.
    negative_grad : (..., n) ndarray
        Derivatives with respect to the negative vectors.

    Notes
    -----
    :eq:`eq-triplet-margin-loss-anchor-grad`, :eq:`eq-triplet-margin-loss-positive-grad` and
    :eq:`eq-triplet-margin-loss-negative-grad` of the book, where the loss is above 0,
    by the derivatives of `pairwise_distance`:

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial a_i}
       = \frac{\partial d(a, u)}{\partial a_i} - \frac{\partial d(a, v)}{\partial a_i}

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial u_i} = \frac{\partial d(a, u)}{\partial u_i}

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial v_i} = -\frac{\partial d(a, v)}{\partial v_i}

    As in PyTorch this also holds at the kink, where the negative is farther by just the margin,
    and beyond it all are 0.  With the swap :math:`d(u, v)` takes the place of :math:`d(a, v)`
    where it is less, and the half of it where they are equal.

    Examples
    --------
    >>> grads = triplet_margin_loss_grad([[0.0, 0.0]], [[3.0, 4.0]], [[3.0, 0.0]])
    >>> print(*(grad.round(4) for grad in grads))
    [[ 0.4 -0.8]] [[0.6 0.8]] [[-1.  0.]]
    """
    vectors = _checks.vectors_alike(
        -1, anchor=anchor, positive=positive, negative=negative
    )
    p = _checks.norm(p)
    eps = _checks.number(eps, "eps", least=0)
    m = _checks.number(margin, "margin", above=0)
    distance, slopes = _minkowski(p, eps), _minkowski_slopes(p, eps)
    grads = lambda a, u, v: _triplet_hinge_slopes(a, u, v, distance, slopes, m, swap)
    return _reduction.along_grads(grads, *vectors, learnt=3, reduction=reduction)


def triplet_margin_with_distance_loss(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    distance_function: Callable[[NDArray, NDArray], NDArray] | None = None,
    distance_grad: Callable[[NDArray, NDArray], tuple[NDArray, NDArray]]
    | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return by how much an anchor is not nearer to its like, by a distance of one's own.

    Parameters
    ----------
    anchor : (..., n) array_like of floating-point numbers
        Vectors to compare the others with.
    positive : (..., n) array_like of real numbers
        A vector that should be near each anchor, of the shape of `anchor`.
    negative : (..., n) array_like of real numbers
        A vector that should be far from each anchor, of the shape of `anchor`.
    distance_function : function of <(N, n), (N, n)> arrays, optional
        It returns an (N,) array, the distances of N pairs of vectors; `pairwise_distance` if not
        given.
    distance_grad : function of <(N, n), (N, n)> arrays, optional
        It returns two (N, n) arrays, the derivatives of the sum of the distances by the first and
        by the second vectors; only the gradient of the loss needs it.
    margin : float > 0, default 1.0
        How much farther the negative should be.
    swap : bool, default False
        Whether the negative is measured from the positive if that is nearer to it.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the triplets.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the unit of the distance.  The mean of no triplets is NaN.

    Raises
    ------
    TypeError
        If `anchor` does not hold floating-point numbers, another array real ones, `margin` is not
        a number, a function is not one, or, for the gradient, one of the two is given without the
        other.
    ValueError
        If the shapes differ, the last axis is missing or empty, `margin` is not above 0, the
        functions return arrays of another shape or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-triplet-margin-loss` of the book, with the anchor a, the positive u, the negative v, the
    margin m and a distance d of one's own in place of the Euclidean one [1]_:

    .. math::

       \ell(a, u, v) = \max(0, m + d(a, u) - d(a, v))

    With the swap [2]_ :math:`\min(d(a, v), d(u, v))` stands for :math:`d(a, v)`,
    :eq:`eq-triplet-swap`.  The function is called for some of the vectors at a time, so each
    distance may depend on its own two only.  PyTorch derives the distance itself and has no
    distance_grad.

    References
    ----------
    .. [1] F. Schroff, D. Kalenichenko and J. Philbin (2015), "FaceNet: A Unified Embedding for
       Face Recognition and Clustering", Proceedings of the IEEE Conference on Computer Vision
       and Pattern Recognition, 815-823.
    .. [2] V. Balntas, E. Riba, D. Ponsa and K. Mikolajczyk (2016), "Learning local feature
       descriptors with triplets and shallow convolutional neural networks", Proceedings of the
       British Machine Vision Conference, 119.1-119.11.

    Examples
    --------
    >>> a, u, v = [[0.0, 2.0]], [[3.0, 4.0]], [[4.0, 3.0]]
    >>> cosine_distance = lambda x, y: 1 - cosine_similarity(x, y)
    >>> f"{triplet_margin_with_distance_loss(a, u, v, distance_function=cosine_distance):.4f}"
    '0.8000'
    """
    vectors = _checks.vectors_alike(
        -1, anchor=anchor, positive=positive, negative=negative
    )
    _checks.functions(
        distance_function=distance_function, distance_grad=distance_grad
    )
    distance = _distance_of_columns(distance_function)
    m = _checks.number(margin, "margin", above=0)
    loss = lambda a, u, v: _triplet_hinge(a, u, v, distance, m, swap)
    return _reduction.along(loss, *vectors, reduction=reduction)


def triplet_margin_with_distance_loss_grad(
    anchor: ArrayLike,
    positive: ArrayLike,
    negative: ArrayLike,
    *,
    distance_function: Callable[[NDArray, NDArray], NDArray] | None = None,
    distance_grad: Callable[[NDArray, NDArray], tuple[NDArray, NDArray]]
    | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Return the derivatives of `triplet_margin_with_distance_loss` with respect to its three arrays.

    Parameters and errors are those of `triplet_margin_with_distance_loss`.

    Returns
    -------
    anchor_grad : (..., n) ndarray
        Derivatives with respect to the anchors; with 'none' those of the sum.
    positive_grad : (..., n) ndarray
        Derivatives with respect to the positive vectors.
    negative_grad : (..., n) ndarray
        Derivatives with respect to the negative vectors.

    Notes
    -----
    :eq:`eq-triplet-margin-loss-anchor-grad`, :eq:`eq-triplet-margin-loss-positive-grad` and
    :eq:`eq-triplet-margin-loss-negative-grad` of the book, where the loss is above 0,
    and at the kink as for `triplet_margin_loss`:

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial a_i}
       = \frac{\partial d(a, u)}{\partial a_i} - \frac{\partial d(a, v)}{\partial a_i}

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial u_i} = \frac{\partial d(a, u)}{\partial u_i}

    .. math::

       \frac{\partial \ell(a, u, v)}{\partial v_i} = -\frac{\partial d(a, v)}{\partial v_i}

    A distance of one's own is derived by `distance_grad`, which is called with anchor and
    positive, with anchor and negative and, with the swap, with positive and negative.

    Examples
    --------
    >>> a, u, v = [[0.0, 2.0]], [[3.0, 4.0]], [[4.0, 3.0]]
    >>> cosine_distance = lambda x, y: 1 - cosine_similarity(x, y)
    >>> grads = triplet_margin_with_distance_loss_grad(
    ...     a,
    ...     u,
    ...     v,
    ...     distance_function=cosine_distance,
    ...     distance_grad=lambda x, y: [-grad for grad in cosine_similarity_grad(x, y)],
    ... )
    >>> print(*(grad.round(4) for grad in grads))
    [[0.1 0. ]] [[ 0.096 -0.072]] [[-0.096  0.128]]
    """
    vectors = _checks.vectors_alike(
        -1, anchor=anchor, positive=positive, negative=negative
    )
    functions = {
        "distance_function": distance_function,
        "distance_grad": distance_grad,
    }
    _checks.functions(**functions)
    _checks.both_or_neither(**functions)
    distance = _distance_of_columns(distance_function)
    slopes = _slopes_of_columns(distance_grad)
    m = _checks.number(margin, "margin", above=0)
    grads = lambda a, u, v: _triplet_hinge_slopes(a, u, v, distance, slopes, m, swap)
    return _reduction.along_grads(grads, *vectors, learnt=3, reduction=reduction)


def _distance_of_columns(function):
    if function is None:
        return _minkowski(**EUCLIDEAN)

    def distance(u, v):
        d = function(u.T, v.T)
        return _checks.returned(d, "distance_function", u.shape[1:], u.dtype)

    return distance


def _slopes_of_columns(function):
    if function is None:
        return _minkowski_slopes(**EUCLIDEAN)

    def slopes(u, v):
        grads = _checks.pair(function(u.T, v.T), "distance_grad")
        return [
            _checks.returned(g, "distance_grad", u.T.shape, u.dtype).T for g in grads
        ]

    return slopes


# --- shared: triplets, of any distance


def _triplet_hinge(a, u, v, distance, margin, swap):
    near, far = distance(a, u), distance(a, v)
    if swap:
        far = np.minimum(far, distance(u, v))
    return np.maximum(margin + near - far, 0)


def _triplet_hinge_slopes(a, u, v, distance, slopes, margin, swap):
    near, far = distance(a, u), distance(a, v)
    other = distance(u, v) if swap else far
    excess = margin + near - np.minimum(far, other)
    active = with_nan((excess >= 0).astype(a.dtype), excess)
    # The share of the anchor in what is far: all of it, none, or half where both are as far.
    from_a = active * (1 + np.sign(other - far)) / 2 if swap else active
    near_a, near_u = slopes(a, u)
    far_a, far_v = slopes(a, v)
    by_a = active * near_a - from_a * far_a
    by_u, by_v = active * near_u, -from_a * far_v
    if swap:
        swapped_u, swapped_v = slopes(u, v)
        by_u -= (active - from_a) * swapped_u
        by_v -= (active - from_a) * swapped_v
    return by_a, by_u, by_v


# --- shared: Minkowski's distance


def _minkowski(p, eps):
    return lambda u, v: _norm(u - v + eps, p)


def _minkowski_slopes(p, eps):
    def slopes(u, v):
        by_u = _norm_slope(u - v + eps, p)
        return by_u, -by_u

    return slopes


def _norm(x, p):
    if p == 2:
        return _length(x)
    x = np.abs(x)
    if p == 1:
        return total(x)
    m = x.max(axis=0)
    if p == math.inf:
        return m
    m = np.where((m > 0) & (m < math.inf), m, 1)  # no power of a quotient overflows
    powers = (x / m) ** p
    return m * total(powers) ** (1 / p)


def _norm_slope(x, p):
    d = _norm(x, p)
    if p == 2:
        return x / one_for_zero(d)
    if p == math.inf:
        largest = np.abs(x) == d
        share = largest / largest.sum(axis=0, dtype=x.dtype)
        return np.sign(x) * share
    power = (np.abs(x) / d) ** (p - 1)
    return np.where(x == 0, 0, np.sign(x) * power)


def _length(u):
    return np.sqrt(dot(u, u))


# --- shared: cosines


def _cosine_slopes(u, v, lengths, units):
    """Return the derivatives of u v over both lengths, by u and by v.

    The derivative of a length by its vector is the vector over its unit.
    """
    scale = 1 / lengths[0] / lengths[1]
    cosine = dot(u, v) * scale
    turn_u = cosine / lengths[0] / units[0]
    turn_v = cosine / lengths[1] / units[1]
    by_u = v * scale - u * turn_u
    by_v = u * scale - v * turn_v
    return by_u, by_v
