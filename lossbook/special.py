"""The elementary functions beneath the losses: stable at every logit, no epsilon anywhere.

The precision of the input is kept (float32 in, float32 out; integers become float64), inputs
are never modified, and NaN propagates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks, _special
from lossbook._types import ArrayOrScalar, Axis

# Those that formulas call, of a block and for speed, are in `_special`.

__all__ = [
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "sigmoid",
    "softmax",
    "softplus",
    "xlogy",
]


def logsumexp(
    z: ArrayLike, *, axis: Axis = -1, keepdims: bool = False
) -> ArrayOrScalar:
    r"""Return the logarithm of a sum of exponentials, a smooth maximum.

    Parameters
    ----------
    z : (..., K) array_like of real numbers
        Logits; infinite ones are allowed.
    axis : int, tuple of int or None, default -1
        The axis of the K logits; several are taken for one, None for all, as in SciPy.
    keepdims : bool, default False
        Whether the result keeps `axis`, with length one.

    Returns
    -------
    (...) ndarray or scalar
        A value from max z to max z + log K, in nats.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers or `axis` is no integer, tuple of them or None.
    ValueError
        If `z` has no such axis or is empty along it.

    Notes
    -----
    :eq:`eq-logsumexp` of the book:

    .. math::

       \operatorname{LSE}(z) = \log \sum_{k=1}^{K} \mathrm{e}^{z_k}

    The code takes the largest logit :math:`z_j` out of the sum, as :eq:`eq-logsumexp-one` does:

    .. math::

       \operatorname{LSE}(z)
       = z_j + \log \left( 1 + \sum_{k=1,\, k \ne j}^{K} \mathrm{e}^{z_k - z_j} \right)

    No exponent is positive, so nothing overflows.  The maximum's own term, exactly 1, stays
    out of the sum so that log1p keeps terms far below 1 [1]_.  If every logit is -inf the
    result is -inf; if one is inf it is inf.

    References
    ----------
    .. [1] P. Blanchard, D. J. Higham and N. J. Higham (2021), "Accurately computing the
       log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41(4), 2311-2330.

    Examples
    --------
    >>> f"{logsumexp([0.0, 0.0]):.4f}"
    '0.6931'
    >>> f"{logsumexp([10000.0, 10000.0]):.4f}"
    '10000.6931'
    """
    z = _checks.vectors(z, "z", axis)
    value = _blocks.along(_log_sum_exp, [z], axis)
    return np.expand_dims(value, _checks.axes(axis, z.ndim)) if keepdims else value


def _log_sum_exp(z):
    m, largest, below = _special.below_maximum(z)
    # An infinite maximum is the answer itself, whatever the other logits are.
    return np.where(np.isinf(m), m, m + _special.log_sum_exp(below, largest))


def softmax(z: ArrayLike, *, axis: Axis = -1) -> NDArray:
    r"""Return the distribution whose log-probabilities are the logits, up to a constant.

    Parameters
    ----------
    z : (..., K) array_like of real numbers
        Logits; infinite ones are allowed.
    axis : int, tuple of int or None, default -1
        The axis of the K logits; several are taken for one, None for all, as in SciPy.

    Returns
    -------
    (..., K) ndarray
        Probabilities, each in [0, 1], summing to 1 along `axis`.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers or `axis` is no integer, tuple of them or None.
    ValueError
        If `z` has no such axis or is empty along it.

    Notes
    -----
    :eq:`eq-softmax` of the book, named by Bridle [1]_:

    .. math::

       \operatorname{softmax}(z)_k = \frac{\mathrm{e}^{z_k}}{\sum_{j=1}^{K} \mathrm{e}^{z_j}}

    The largest logit is subtracted first, which :eq:`eq-softmax-shift` allows.  No exponent is
    positive and the denominator is at least 1.  The quotient is more accurate than the exponential
    of the log-softmax [2]_.  A single infinite logit takes all the probability, as in the limit;
    where there is no limit (two logits inf, or all -inf) the result is NaN.

    References
    ----------
    .. [1] J. S. Bridle (1990), "Probabilistic interpretation of feedforward classification
       network outputs, with relationships to statistical pattern recognition", in
       Neurocomputing, NATO ASI Series F 68, Springer, 227-236.
    .. [2] P. Blanchard, D. J. Higham and N. J. Higham (2021), "Accurately computing the
       log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41(4), 2311-2330.

    Examples
    --------
    >>> print(softmax([1.0, 2.0, 3.0]).round(4))
    [0.09   0.2447 0.6652]
    """
    z = _checks.vectors(z, "z", axis)
    return _blocks.along(_softmax, [z], axis, kept=True)


def _softmax(z):
    _, _, below = _special.below_maximum(z)
    e = np.exp(below)
    return e / _special.total(e)


def log_softmax(z: ArrayLike, *, axis: Axis = -1) -> NDArray:
    r"""Return the logarithm of the softmax without computing the softmax.

    Parameters
    ----------
    z : (..., K) array_like of real numbers
        Logits; infinite ones are allowed.
    axis : int, tuple of int or None, default -1
        The axis of the K logits; several are taken for one, None for all, as in SciPy.

    Returns
    -------
    (..., K) ndarray
        Log-probabilities, each at most 0, in nats.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers or `axis` is no integer, tuple of them or None.
    ValueError
        If `z` has no such axis or is empty along it.

    Notes
    -----
    :eq:`eq-log-softmax` of the book, computed as :eq:`eq-log-softmax-shift` with m the largest
    logit:

    .. math::

       \log \operatorname{softmax}(z)_k = z_k - \operatorname{LSE}(z)

    .. math::

       \log \operatorname{softmax}(z)_k
       = (z_k - m) - \log \sum_{j=1}^{K} \mathrm{e}^{z_j - m}

    The logarithm of a softmax that underflowed would be -inf; this is about
    :math:`z_k - m`.  Neither term changes when a constant is added to all logits, so large
    logits cost no digits, and the sum goes through log1p as in logsumexp [1]_: the log-probability of a class that is
    almost certain is a tiny negative number and not 0.

    References
    ----------
    .. [1] P. Blanchard, D. J. Higham and N. J. Higham (2021), "Accurately computing the
       log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41(4), 2311-2330.

    Examples
    --------
    >>> print(log_softmax([1.0, 2.0, 3.0]).round(4))
    [-2.4076 -1.4076 -0.4076]
    >>> print(log_softmax([0.0, 10000.0]))
    [-10000.      0.]
    """
    z = _checks.vectors(z, "z", axis)
    return _blocks.along(_log_softmax, [z], axis, kept=True)


def _log_softmax(z):
    below, log_sum = _special.log_softmax_parts(z)
    return below - log_sum


def sigmoid(z: ArrayLike) -> ArrayOrScalar:
    r"""Return the logistic function, the probability whose log-odds are the logit.

    Parameters
    ----------
    z : (...) array_like of real numbers
        Logits; infinite ones are allowed.

    Returns
    -------
    (...) ndarray or scalar
        Probabilities, each in [0, 1].

    Raises
    ------
    TypeError
        If `z` does not hold real numbers.

    Notes
    -----
    :eq:`eq-sigmoid` of the book, called logistic by Verhulst [1]_:

    .. math::

       \sigma(z) = \frac{\mathrm{e}^{z}}{\mathrm{e}^{z} + 1} = \frac{1}{1 + \mathrm{e}^{-z}}

    The code takes the first form where z is negative and the second where it is not, both in
    :eq:`eq-sigmoid-stable`: no exponent is positive, so nothing overflows.

    References
    ----------
    .. [1] P.-F. Verhulst (1845), "Recherches mathématiques sur la loi d'accroissement de la
       population", Nouveaux mémoires de l'Académie royale de Bruxelles 18.

    Examples
    --------
    >>> print(sigmoid([-10000.0, 0.0, 2.0]).round(4))
    [0.     0.5    0.8808]
    """
    z = _checks.real(z, "z")
    return _blocks.map_elements(_special.sigmoid, [z])


def log_sigmoid(z: ArrayLike) -> ArrayOrScalar:
    r"""Return the logarithm of the sigmoid without computing the sigmoid.

    Parameters
    ----------
    z : (...) array_like of real numbers
        Logits; infinite ones are allowed.

    Returns
    -------
    (...) ndarray or scalar
        Log-probabilities, each at most 0, in nats.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers.

    Notes
    -----
    :eq:`eq-log-sigmoid` of the book, computed as :eq:`eq-log-sigmoid-stable`:

    .. math::

       \log \sigma(z) = -\log(1 + \mathrm{e}^{-z}) = -\operatorname{softplus}(-z)

    .. math::

       \log \sigma(z) = \min(z, 0) - \log(1 + \mathrm{e}^{-|z|})

    The exponent is never positive, so nothing overflows, and log1p keeps a term far below 1
    [1]_.

    References
    ----------
    .. [1] P. Blanchard, D. J. Higham and N. J. Higham (2021), "Accurately computing the
       log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41(4), 2311-2330.

    Examples
    --------
    >>> print(log_sigmoid([-2.0, 0.0, 2.0]).round(4))
    [-2.1269 -0.6931 -0.1269]
    >>> f"{log_sigmoid(-10000.0):.4f}"
    '-10000.0000'
    """
    z = _checks.real(z, "z")
    return _blocks.map_elements(_special.log_sigmoid, [z])


def softplus(z: ArrayLike) -> ArrayOrScalar:
    r"""Return the softplus, a smooth form of max(z, 0).

    Parameters
    ----------
    z : (...) array_like of real numbers
        Logits; infinite ones are allowed.

    Returns
    -------
    (...) ndarray or scalar
        Values of at least 0, in nats.

    Raises
    ------
    TypeError
        If `z` does not hold real numbers.

    Notes
    -----
    :eq:`eq-softplus` of the book, named by Dugas et al. [1]_:

    .. math::

       \operatorname{softplus}(z) = \log(1 + \mathrm{e}^{z})

    The code computes the last line of :eq:`eq-softplus-stable`.  The exponent is never positive, so
    nothing overflows, and log1p keeps a term far below 1.  Its derivative is the sigmoid.

    References
    ----------
    .. [1] C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia (2001), "Incorporating
       second-order functional knowledge for better option pricing", Advances in Neural
       Information Processing Systems 13, 472-478.

    Examples
    --------
    >>> print(softplus([-10000.0, 0.0, 2.0]).round(4))
    [0.     0.6931 2.1269]
    """
    z = _checks.real(z, "z")
    return _blocks.map_elements(_special.softplus, [z])


def xlogy(x: ArrayLike, y: ArrayLike) -> ArrayOrScalar:
    r"""Return x log y, which is 0 where x is 0.

    Parameters
    ----------
    x : (...) array_like of real numbers
        Factors.
    y : (...) array_like of real numbers
        Arguments of the logarithm, of a shape that broadcasts with that of `x`.

    Returns
    -------
    (...) ndarray or scalar
        Products, in nats where `x` is a probability.

    Raises
    ------
    TypeError
        If `x` or `y` does not hold real numbers.
    ValueError
        If the shapes of `x` and `y` do not broadcast together.

    Notes
    -----
    :eq:`eq-xlogy` of the book:

    .. math::

       \operatorname{xlogy}(x, y) =
       \begin{cases} 0 & \text{if } x = 0 \\ x \log y & \text{otherwise} \end{cases}

    It is the convention :math:`0 \log 0 = 0`, justified by :math:`\lim_{x \to 0} x \log x = 0`
    [1]_.  As in SciPy the result is NaN wherever `y` is NaN, also at `x` = 0.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas (2006), "Elements of Information Theory", 2nd ed.,
       Wiley, section 2.1.

    Examples
    --------
    >>> print(xlogy([0.0, 0.5, 1.0], [0.0, 0.5, 0.0]).round(4))
    [ 0.     -0.3466    -inf]
    """
    x = _checks.real(x, "x")
    y = _checks.real(y, "y")
    _checks.broadcastable(x=x, y=y)
    dtype = np.result_type(x, y)
    x, y = np.broadcast_arrays(x.astype(dtype, copy=False), y)
    return _blocks.map_elements(_special.xlogy, [x, y])
