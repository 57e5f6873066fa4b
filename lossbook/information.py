"""Measures of distributions: information, entropy, divergences.

All take probabilities, not logits, and refuse what is not a distribution.  The unit is the nat;
`base=2` gives bits.  The precision of the input is kept, and NaN propagates.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from lossbook import _blocks, _checks
from lossbook._special import total, xlogy
from lossbook._types import ArrayOrScalar, Axis

__all__ = [
    "binary_entropy",
    "cross_entropy",
    "entropy",
    "js_divergence",
    "kl_divergence",
    "mutual_information",
    "perplexity",
    "self_information",
]


def self_information(p: ArrayLike, *, base: float = math.e) -> ArrayOrScalar:
    r"""Return the surprise at an outcome of probability p.

    Parameters
    ----------
    p : (...) array_like, each in [0, 1]
        Probabilities of single outcomes; they need not sum to one.
    base : float > 1, default e
        Base of the logarithm.

    Returns
    -------
    (...) ndarray or scalar
        Information, at least 0 and infinite at `p` = 0: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` does not hold real numbers or `base` is not one.
    ValueError
        If `p` is empty or leaves [0, 1], or `base` is not the base of a logarithm.

    Notes
    -----
    :eq:`eq-self-information` of the book, Shannon's measure for one outcome [1]_:

    .. math::

       I(p) = -\log p

    References
    ----------
    .. [1] C. E. Shannon (1948), "A Mathematical Theory of Communication", Bell System
       Technical Journal 27, 379-423 and 623-656.

    Examples
    --------
    >>> f"{self_information(0.5):.4f}"
    '0.6931'
    >>> f"{self_information(0.125, base=2):.4f}"
    '3.0000'
    """
    p = _checks.probability(p, "p")
    return _of_elements(lambda p: -np.log(p), p, base)


def entropy(p: ArrayLike, *, base: float = math.e, axis: Axis = -1) -> ArrayOrScalar:
    r"""Return the (Shannon) entropy of a distribution, its expected self-information.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The distribution.
    base : float > 1, default e
        Base of the logarithm.
    axis : int, tuple of int or None, default -1
        The axis of the n outcomes; several are taken for one, None for all.

    Returns
    -------
    (...) ndarray or scalar
        Entropy from 0 to log n, up to rounding: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` does not hold real numbers, `base` is not one or `axis`
        is no integer, tuple of them or None.
    ValueError
        If `p` is not a distribution along `axis`, or `base` is not the base of a logarithm.

    Notes
    -----
    :eq:`eq-entropy` of the book [1]_, with :math:`0 \log 0 = 0`:

    .. math::

       H(P) = \sum_{i=1}^{n} p_i\, I(p_i) = -\sum_{i=1}^{n} p_i \log p_i

    References
    ----------
    .. [1] C. E. Shannon (1948), "A Mathematical Theory of Communication", Bell System
       Technical Journal 27, 379-423 and 623-656.

    Examples
    --------
    >>> f"{entropy([0.5, 0.5]):.4f}"
    '0.6931'
    >>> f"{entropy([0.5, 0.25, 0.25], base=2):.4f}"
    '1.5000'
    """
    p = _checks.distribution(p, "p", axis)
    return _measured(_entropy, [p], base, axis)


def binary_entropy(p: ArrayLike, *, base: float = math.e) -> ArrayOrScalar:
    r"""Return the entropy of a coin that comes up heads with probability p.

    Parameters
    ----------
    p : (...) array_like, each in [0, 1]
        Probabilities of heads, one a coin.
    base : float > 1, default e
        Base of the logarithm.

    Returns
    -------
    (...) ndarray or scalar
        Entropies, each from 0 to log 2: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` does not hold real numbers or `base` is not one.
    ValueError
        If `p` is empty or leaves [0, 1], or `base` is not the base of a logarithm.

    Notes
    -----
    :eq:`eq-binary-entropy` of the book [1]_, with :math:`0 \log 0 = 0`:

    .. math::

       h(p) = -p \log p - (1 - p) \log(1 - p)

    The second logarithm goes through log1p: for a small p it is about -p, which the rounding
    of 1 - p would lose.

    References
    ----------
    .. [1] C. E. Shannon (1948), "A Mathematical Theory of Communication", Bell System
       Technical Journal 27, 379-423 and 623-656.

    Examples
    --------
    >>> print(binary_entropy([0.0, 0.1, 0.5, 1.0]).round(4))
    [0.     0.3251 0.6931 0.    ]
    """
    p = _checks.probability(p, "p")
    return _of_elements(_binary_entropy, p, base)


def _binary_entropy(p):
    heads = -xlogy(p, p)
    return heads - _xlog1py(1 - p, -p)


def _xlog1py(x, y):
    # xlogy(x, 1 + y) for a y that the sum would round away.
    return np.where(x == 0, 0, x * np.log1p(y))


def cross_entropy(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, axis: Axis = -1
) -> ArrayOrScalar:
    r"""Return the cross-entropy: the expected surprise of someone who believes Q when P is true.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The true distribution.
    q : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The believed distribution, of the shape of `p`.
    base : float > 1, default e
        Base of the logarithm.
    axis : int, tuple of int or None, default -1
        The axis of the n outcomes; several are taken for one, None for all.

    Returns
    -------
    (...) ndarray or scalar
        Cross-entropy, at least the entropy of `p`, infinite where `q` is 0 and `p` is not: in
        nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` or `q` does not hold real numbers, `base` is not one or `axis`
        is no integer, tuple of them or None.
    ValueError
        If `p` or `q` is not a distribution along `axis`, their shapes differ, or `base` is not
        the base of a logarithm.

    Notes
    -----
    :eq:`eq-cross-entropy` of the book, Kerridge's inaccuracy [1]_ and the price of a wrong code
    [2]_, with :math:`0 \log 0 = 0`:

    .. math::

       H(P, Q) = -\sum_{i=1}^{n} p_i \log q_i

    References
    ----------
    .. [1] D. F. Kerridge (1961), "Inaccuracy and Inference", Journal of the Royal Statistical
       Society B 23(1), 184-194.
    .. [2] T. M. Cover and J. A. Thomas (2006), "Elements of Information Theory", 2nd ed.,
       Wiley, section 5.4.

    Examples
    --------
    >>> f"{cross_entropy([0.5, 0.5], [0.25, 0.75]):.4f}"
    '0.8370'
    >>> f"{cross_entropy([0.5, 0.5], [1.0, 0.0]):.4f}"
    'inf'
    """
    p, q = _checks.distributions(axis, p=p, q=q)
    nats = lambda p, q: -total(xlogy(p, q))
    return _measured(nats, [p, q], base, axis)


def kl_divergence(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, axis: Axis = -1
) -> ArrayOrScalar:
    r"""Return the Kullback-Leibler divergence, or relative entropy, of P from Q.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The true distribution.
    q : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The believed distribution, of the shape of `p`.
    base : float > 1, default e
        Base of the logarithm.
    axis : int, tuple of int or None, default -1
        The axis of the n outcomes; several are taken for one, None for all.

    Returns
    -------
    (...) ndarray or scalar
        Divergence, at least 0 up to rounding, exactly 0 where `p` equals `q`, infinite where
        `q` is 0 and `p` is not: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` or `q` does not hold real numbers, `base` is not one or `axis`
        is no integer, tuple of them or None.
    ValueError
        If `p` or `q` is not a distribution along `axis`, their shapes differ, or `base` is not
        the base of a logarithm.

    Notes
    -----
    :eq:`eq-kl-divergence` of the book [1]_, with :math:`0 \log 0 = 0`:

    .. math::

       D_{\mathrm{KL}}(P \,\|\, Q) = \sum_{i=1}^{n} p_i \log \frac{p_i}{q_i}

    The quotient would overflow for a q far below p, and its rounding, or that of the two
    logarithms, would drown the divergence of two close distributions.  So a term with p and q
    within a factor of two is :math:`p_i \log(1 + (p_i - q_i) / q_i)` through log1p, in which
    :math:`p_i - q_i` has no rounding error, and any other is
    :math:`p_i \log p_i - p_i \log q_i`.

    References
    ----------
    .. [1] S. Kullback and R. A. Leibler (1951), "On Information and Sufficiency", Annals of
       Mathematical Statistics 22(1), 79-86.

    Examples
    --------
    >>> f"{kl_divergence([0.5, 0.5], [0.25, 0.75]):.4f}"
    '0.1438'
    >>> f"{kl_divergence([0.25, 0.75], [0.5, 0.5]):.4f}"
    '0.1308'
    """
    p, q = _checks.distributions(axis, p=p, q=q)
    nats = lambda p, q: total(_p_log_p_over_q(p, q, p - q))
    return _measured(nats, [p, q], base, axis)


def js_divergence(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, axis: Axis = -1
) -> ArrayOrScalar:
    r"""Return the Jensen-Shannon divergence: how far P and Q are from their midpoint.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        One distribution.
    q : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The other distribution, of the shape of `p`.
    base : float > 1, default e
        Base of the logarithm.
    axis : int, tuple of int or None, default -1
        The axis of the n outcomes; several are taken for one, None for all.

    Returns
    -------
    (...) ndarray or scalar
        Divergence from 0 to log 2 up to rounding: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `p` or `q` does not hold real numbers, `base` is not one or `axis`
        is no integer, tuple of them or None.
    ValueError
        If `p` or `q` is not a distribution along `axis`, their shapes differ, or `base` is not
        the base of a logarithm.

    Notes
    -----
    :eq:`eq-js-divergence` of the book [1]_, with the midpoint :math:`M = (P + Q) / 2`:

    .. math::

       D_{\mathrm{JS}}(P \,\|\, Q)
       = \frac{1}{2} D_{\mathrm{KL}}(P \,\|\, M) + \frac{1}{2} D_{\mathrm{KL}}(Q \,\|\, M)

    It is symmetric and finite.  The code takes :math:`\log(p_i / m_i)` as
    :math:`\log(2 p_i / (p_i + q_i))`, since half of the smallest number is 0.

    References
    ----------
    .. [1] J. Lin (1991), "Divergence measures based on the Shannon entropy", IEEE Transactions
       on Information Theory 37(1), 145-151.

    Examples
    --------
    >>> f"{js_divergence([1.0, 0.0], [0.5, 0.5]):.4f}"
    '0.2158'
    >>> f"{js_divergence([1.0, 0.0], [0.0, 1.0], base=2):.4f}"
    '1.0000'
    """
    p, q = _checks.distributions(axis, p=p, q=q)
    return _measured(_js, [p, q], base, axis)


def _js(p, q):
    # 2p - (p + q) is p - q, which is passed on so as not to round p + q first.
    p_terms = _p_log_p_over_q(2 * p, p + q, p - q)
    q_terms = _p_log_p_over_q(2 * q, p + q, q - p)
    p_from_midpoint = total(p_terms) / 2
    q_from_midpoint = total(q_terms) / 2
    return p_from_midpoint / 2 + q_from_midpoint / 2


def mutual_information(joint: ArrayLike, *, base: float = math.e) -> ArrayOrScalar:
    r"""Return how much one of two variables tells about the other.

    Parameters
    ----------
    joint : (..., n, m) array_like, each in [0, 1], summing to 1 over the last two axes
        The joint distribution of X, with n outcomes, and Y, with m.
    base : float > 1, default e
        Base of the logarithm.

    Returns
    -------
    (...) ndarray or scalar
        Mutual information, from 0 up to rounding, where X and Y are independent, to the smaller
        of their entropies: in nats for base e, in bits for base 2.

    Raises
    ------
    TypeError
        If `joint` does not hold real numbers or `base` is not one.
    ValueError
        If `joint` has fewer than two axes or is not a distribution over the last two, or `base`
        is not the base of a logarithm.

    Notes
    -----
    :eq:`eq-mutual-information` of the book [1]_, with the marginal distributions
    of :eq:`eq-marginals`, P of X and Q of Y:

    .. math::

       I(X; Y) = D_{\mathrm{KL}}(R \,\|\, P \otimes Q)
       = \sum_{i=1}^{n} \sum_{j=1}^{m} r_{i,j} \log \frac{r_{i,j}}{p_i q_j}

    The three logarithms are taken apart: the product of two small marginals can underflow to 0
    where the joint probability has not.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas (2006), "Elements of Information Theory", 2nd ed.,
       Wiley, section 2.3.

    Examples
    --------
    >>> f"{mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2):.4f}"
    '1.0000'
    >>> f"{mutual_information([[0.25, 0.25], [0.25, 0.25]]):.4f}"
    '0.0000'
    """
    joint = _checks.joint_distribution(joint, "joint")
    p = _marginal(joint, -1)
    q = _marginal(joint, -2)
    return _measured(_mutual, [joint, p, q], base, (-2, -1))


def _marginal(joint, axis):
    sums = _blocks.along(total, [joint], axis)
    sums = np.expand_dims(sums, axis)
    return np.broadcast_to(sums, joint.shape)


def _mutual(r, p, q):
    nats = xlogy(r, r) - xlogy(r, p) - xlogy(r, q)
    return total(nats)


def perplexity(p: ArrayLike, *, axis: Axis = -1) -> ArrayOrScalar:
    r"""Return the number of equally likely outcomes that would be as uncertain.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1], summing to 1 along `axis`
        The distribution.
    axis : int, tuple of int or None, default -1
        The axis of the n outcomes; several are taken for one, None for all.

    Returns
    -------
    (...) ndarray or scalar
        Perplexity from 1 to n, up to rounding, a pure number: the base of the logarithm cancels.

    Raises
    ------
    TypeError
        If `p` does not hold real numbers or `axis`
        is no integer, tuple of them or None.
    ValueError
        If `p` is not a distribution along `axis`.

    Notes
    -----
    :eq:`eq-perplexity` of the book [1]_, with the entropy in nats:

    .. math::

       \operatorname{PP}(P) = \mathrm{e}^{H(P)}

    References
    ----------
    .. [1] F. Jelinek, R. L. Mercer, L. R. Bahl and J. K. Baker (1977), "Perplexity: a measure
       of the difficulty of speech recognition tasks", Journal of the Acoustical Society of
       America 62(S1), S63.

    Examples
    --------
    >>> f"{perplexity([0.25, 0.25, 0.25, 0.25]):.4f}"
    '4.0000'
    >>> f"{perplexity([0.5, 0.25, 0.25]):.4f}"
    '2.8284'
    """
    p = _checks.distribution(p, "p", axis)
    outcomes = lambda p: np.exp(_entropy(p))
    return _blocks.along(outcomes, [p], axis)


# --- shared


def _entropy(p):
    return -total(xlogy(p, p))


def _measured(nats, arrays, base, axis):
    unit = _checks.base(base)
    measure = lambda *block: _in_units(nats(*block), unit)
    return _blocks.along(measure, arrays, axis)


def _of_elements(nats, p, base):
    unit = _checks.base(base)
    measure = lambda p: _in_units(nats(p), unit)
    return _blocks.map_elements(measure, [p])


def _in_units(nats, unit):
    # Minus a sum of zeros is -0.0; adding 0.0 makes it 0.0.
    return nats / unit + 0.0


def _p_log_p_over_q(p, q, difference):
    # Sterbenz: within a factor of two the floating-point difference p - q is exact.
    near = (p < 2 * q) & (q < 2 * p)
    close = p * np.log1p(difference / q)
    far = xlogy(p, p) - xlogy(p, q)
    return np.where(near, close, far)
