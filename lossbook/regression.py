"""Losses for numbers: what is predicted and what was measured, element by element.

Names, order of arguments and defaults are those of `torch.nn.functional`.  The precision of the
first argument is kept and the others are taken at it; inputs are never modified; NaN propagates.
PyTorch warns and broadcasts where shapes differ: here they must be equal.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from lossbook import _checks, _reduction
from lossbook._blocks import narrow, wide
from lossbook._reduction import Reduction
from lossbook._types import ArrayOrScalar

__all__ = [
    "gaussian_nll_loss",
    "gaussian_nll_loss_grad",
    "huber_loss",
    "huber_loss_grad",
    "l1_loss",
    "l1_loss_grad",
    "mse_loss",
    "mse_loss_grad",
    "poisson_nll_loss",
    "poisson_nll_loss_grad",
    "quantile_loss",
    "quantile_loss_grad",
    "smooth_l1_loss",
    "smooth_l1_loss_grad",
]


def mse_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the squared error.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predictions.
    target : (...) array_like of real numbers
        Measured values, of the shape of `input`.
    weight : (...) array_like of real numbers, optional
        A factor for each element, of the shape of `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the sum of the weights, if given), add or keep the losses of the
        elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Squared errors, at least 0, in the square of the unit of the target.  The mean of no
        elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes differ or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-mse-loss` of the book, Legendre's squared error [1]_ of the prediction
    :math:`\hat{y}` for the target y:

    .. math::

       \ell(\hat{y}, y) = (\hat{y} - y)^2

    Up to a factor and a constant it is the negative log-likelihood of a Gaussian around the
    prediction [2]_, and its expectation is least at the mean of y.

    References
    ----------
    .. [1] A.-M. Legendre (1805), "Nouvelles méthodes pour la détermination des orbites des
       comètes", Firmin Didot, appendix "Sur la méthode des moindres quarrés".
    .. [2] C. F. Gauss (1809), "Theoria motus corporum coelestium", Perthes et Besser, book 2,
       section 3.

    Examples
    --------
    >>> f"{mse_loss([2.0, 5.0], [1.0, 3.0]):.4f}"
    '2.5000'
    >>> f"{mse_loss([2.0, 5.0], [1.0, 3.0], weight=[3.0, 1.0]):.4f}"
    '1.7500'
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    loss = lambda x, y: np.square(x - y)
    return _reduction.elements(loss, x, y, weight=w, over=w, reduction=reduction)


def mse_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `mse_loss` with respect to `input`.

    Parameters and errors are those of `mse_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-mse-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}} = 2 (\hat{y} - y)

    Examples
    --------
    >>> print(mse_loss_grad([2.0, 5.0], [1.0, 3.0]))
    [1. 2.]
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    slope = lambda x, y: 2 * (x - y)
    return _reduction.elements_grad(
        slope, x, y, weight=w, over=w, reduction=reduction
    )


def l1_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the absolute error.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predictions.
    target : (...) array_like of real numbers
        Measured values, of the shape of `input`.
    weight : (...) array_like of real numbers, optional
        A factor for each element, of the shape of `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the sum of the weights, if given), add or keep the losses of the
        elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Absolute errors, at least 0, in the unit of the target.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones.
    ValueError
        If the shapes differ or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-l1-loss` of the book, with the prediction :math:`\hat{y}` and the target y:

    .. math::

       \ell(\hat{y}, y) = |\hat{y} - y|

    Up to a factor and a constant it is the negative log-likelihood of Laplace's first law of
    errors [1]_, and its expectation is least at a median of y.

    References
    ----------
    .. [1] P.-S. Laplace (1774), "Mémoire sur la probabilité des causes par les événements",
       Mémoires de mathématique et de physique 6, 621-656.

    Examples
    --------
    >>> f"{l1_loss([2.0, 5.0], [1.0, 3.0]):.4f}"
    '1.5000'
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    loss = lambda x, y: np.abs(x - y)
    return _reduction.elements(loss, x, y, weight=w, over=w, reduction=reduction)


def l1_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `l1_loss` with respect to `input`.

    Parameters and errors are those of `l1_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-l1-loss-grad` of the book; the 0 at the kink is PyTorch's choice too:

    .. math::

       \frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}} =
       \begin{cases}
       -1 & \text{if } \hat{y} < y \\
       0 & \text{if } \hat{y} = y \\
       1 & \text{if } \hat{y} > y
       \end{cases}

    Examples
    --------
    >>> print(l1_loss_grad([2.0, 3.0, 0.0], [1.0, 3.0, 2.0], reduction="sum"))
    [ 1.  0. -1.]
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    slope = lambda x, y: np.sign(x - y)
    return _reduction.elements_grad(
        slope, x, y, weight=w, over=w, reduction=reduction
    )


def huber_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    delta: float = 1.0,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the Huber loss: the squared error near the target, the absolute error far away.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predictions.
    target : (...) array_like of real numbers
        Measured values, of the shape of `input`.
    delta : float > 0, default 1.0
        The error at which the parabola becomes a straight line; 1.345 times a robust estimate of
        the standard deviation has 95 % efficiency for normal errors.
    weight : (...) array_like of real numbers, optional
        A factor for each element, of the shape of `input`.
    reduction : {'mean', 'sum', 'none'}
        Whether to average (over the number of elements, also if weighted), add or keep the losses
        of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the square of the unit of the target.  The mean of no elements is
        NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones,
        or `delta` is not a number.
    ValueError
        If the shapes differ, `delta` is not above 0 or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-huber-loss` of the book, Huber's compromise [1]_ for the prediction :math:`\hat{y}`
    and the target y:

    .. math::

       \ell(\hat{y}, y) =
       \begin{cases}
       \frac{1}{2} (\hat{y} - y)^2 & \text{if } |\hat{y} - y| \le \delta \\
       \delta \left( |\hat{y} - y| - \frac{1}{2} \delta \right) & \text{if } |\hat{y} - y| > \delta
       \end{cases}

    The code computes :eq:`eq-huber-one-formula`, where c is the smaller of
    :math:`|\hat{y} - y|` and :math:`\delta`:

    .. math::

       \ell(\hat{y}, y) = c \left( |\hat{y} - y| - \frac{1}{2} c \right)

    References
    ----------
    .. [1] P. J. Huber (1964), "Robust Estimation of a Location Parameter", Annals of
       Mathematical Statistics 35(1), 73-101.

    Examples
    --------
    >>> print(huber_loss([0.5, 3.0], [0.0, 0.0], reduction="none"))
    [0.125 2.5  ]
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    delta = _checks.number(delta, "delta", above=0)
    loss = lambda x, y: _huber(x - y, delta)
    return _reduction.elements(loss, x, y, weight=w, reduction=reduction)


def huber_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    delta: float = 1.0,
    weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `huber_loss` with respect to `input`.

    Parameters and errors are those of `huber_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-huber-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}}
       = \max(-\delta, \min(\hat{y} - y, \delta))

    Examples
    --------
    >>> print(huber_loss_grad([0.5, 3.0], [0.0, 0.0], reduction="sum"))
    [0.5 1. ]
    """
    x, y, w = _checks.alike({"weight": weight}, input=input, target=target)
    delta = _checks.number(delta, "delta", above=0)
    slope = lambda x, y: np.clip(x - y, -delta, delta)
    return _reduction.elements_grad(slope, x, y, weight=w, reduction=reduction)


def _huber(error, delta):
    c = np.clip(error, -delta, delta)  # c and the error turn their signs together
    return c * (error - c / 2)


def smooth_l1_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    beta: float = 1.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the absolute error with its kink rounded off.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predictions.
    target : (...) array_like of real numbers
        Measured values, of the shape of `input`.
    beta : float >= 0, default 1.0
        The error below which it is a parabola; 0 makes it the absolute error.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the unit of the target.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones,
        or `beta` is not a number.
    ValueError
        If the shapes differ, `beta` is below 0 or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-smooth-l1-loss` of the book, with the prediction :math:`\hat{y}` and the target y
    [1]_:

    .. math::

       \ell(\hat{y}, y) =
       \begin{cases}
       \frac{1}{2 \beta} (\hat{y} - y)^2 & \text{if } |\hat{y} - y| < \beta \\
       |\hat{y} - y| - \frac{1}{2} \beta & \text{if } |\hat{y} - y| \ge \beta
       \end{cases}

    By :eq:`eq-smooth-l1-is-huber` it is the Huber loss with :math:`\delta = \beta`, divided by
    :math:`\beta`.

    References
    ----------
    .. [1] R. Girshick (2015), "Fast R-CNN", Proceedings of the IEEE International Conference on
       Computer Vision, 1440-1448.

    Examples
    --------
    >>> print(smooth_l1_loss([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="none"))
    [0.0625 2.    ]
    """
    x, y = _checks.alike(input=input, target=target)
    beta = _checks.threshold(beta, x)
    if beta == 0:
        return l1_loss(x, y, reduction=reduction)
    loss = lambda x, y: _smooth(x - y, beta)
    return _reduction.elements(loss, x, y, reduction=reduction)


def smooth_l1_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    beta: float = 1.0,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `smooth_l1_loss` with respect to `input`.

    Parameters and errors are those of `smooth_l1_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-smooth-l1-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}}
       = \max\left( -1, \min\left( \frac{\hat{y} - y}{\beta}, 1 \right) \right)

    Examples
    --------
    >>> print(smooth_l1_loss_grad([0.5, 3.0], [0.0, 0.0], beta=2.0, reduction="sum"))
    [0.25 1.  ]
    """
    x, y = _checks.alike(input=input, target=target)
    beta = _checks.threshold(beta, x)
    if beta == 0:
        return l1_loss_grad(x, y, reduction=reduction)
    slope = lambda x, y: np.clip((x - y) / beta, -1, 1)
    return _reduction.elements_grad(slope, x, y, reduction=reduction)


def _smooth(error, beta):
    # Huber's loss over beta, divided before the product can overflow or vanish.
    c = np.clip(error, -beta, beta)
    return c / beta * (error - c / 2)


def quantile_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    quantile: float = 0.5,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the quantile loss, also called pinball loss: overshooting and undershooting cost differently.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predictions.
    target : (...) array_like of real numbers
        Measured values, of the shape of `input`.
    quantile : float in [0, 1], default 0.5
        The level of the quantile to be learnt, the cost of undershooting by one.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, at least 0, in the unit of the target.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, or another array real ones,
        or `quantile` is not a number.
    ValueError
        If the shapes differ, `quantile` leaves [0, 1] or `reduction` is unknown.

    Notes
    -----
    :eq:`eq-quantile-loss` of the book, with the prediction :math:`\hat{y}`, the target y and
    the level :math:`\tau` [1]_:

    .. math::

       \ell(\hat{y}, y) = \max(\tau (y - \hat{y}), (\tau - 1) (y - \hat{y}))

    Its expectation is least at the quantile of level :math:`\tau`, :eq:`eq-quantile-elicited`.
    At the level 1/2 it is half
    of the absolute error.  PyTorch has no such function; the name of the level is TensorFlow
    Addons', the values are those of scikit-learn's ``mean_pinball_loss``.

    References
    ----------
    .. [1] R. Koenker and G. Bassett (1978), "Regression Quantiles", Econometrica 46(1), 33-50.

    Examples
    --------
    >>> print(quantile_loss([1.0, 4.0], [3.0, 3.0], quantile=0.9, reduction="none").round(4))
    [1.8 0.1]
    """
    x, y = _checks.alike(input=input, target=target)
    q = _checks.number(quantile, "quantile", least=0, most=1)
    loss = lambda x, y: np.maximum(_tilted(q, y - x), _tilted(q - 1, y - x))
    return _reduction.elements(loss, x, y, reduction=reduction)


def quantile_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    quantile: float = 0.5,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `quantile_loss` with respect to `input`.

    Parameters and errors are those of `quantile_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    :eq:`eq-quantile-loss-grad` of the book:

    .. math::

       \frac{\partial \ell(\hat{y}, y)}{\partial \hat{y}} =
       \begin{cases}
       -\tau & \text{if } \hat{y} < y \\
       0 & \text{if } \hat{y} = y \\
       1 - \tau & \text{if } \hat{y} > y
       \end{cases}

    The 0 at the kink is one of the slopes between the two sides, and that of the absolute error.

    Examples
    --------
    >>> print(quantile_loss_grad([1.0, 4.0], [3.0, 3.0], quantile=0.9, reduction="sum").round(4))
    [-0.9  0.1]
    """
    x, y = _checks.alike(input=input, target=target)
    q = _checks.number(quantile, "quantile", least=0, most=1)
    slope = lambda x, y: _quantile_slope(np.sign(x - y), q)
    return _reduction.elements_grad(slope, x, y, reduction=reduction)


def _tilted(slope, error):
    # What costs nothing costs nothing at infinity either, where 0 times it is NaN.
    return slope * error if slope else 0


def _quantile_slope(sign, q):
    return (1 - q) * np.maximum(sign, 0) + q * np.minimum(sign, 0)


def gaussian_nll_loss(
    input: ArrayLike,
    target: ArrayLike,
    var: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the negative log-likelihood of a Gaussian whose mean and variance are predicted.

    Parameters
    ----------
    input : (..., K) array_like of floating-point numbers
        Predicted means.
    target : (..., K) array_like of real numbers
        Measured values, of the shape of `input`; an axis of length 1 serves for all along it.
    var : (..., K), (..., 1) or (...) array_like of real numbers, at least 0
        Predicted variances, one for each element or one for each vector of K, or whatever
        broadcasts to `input`, as one number does.
    full : bool, default False
        Whether to add the constant half of log 2 pi.
    eps : float > 0, default 1e-6
        The smallest variance used; a smaller one is replaced by it.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (..., K) ndarray for 'none'
        Losses, which may be negative, in nats.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, another array real ones, or `eps` is
        not a number.
    ValueError
        If the shapes do not fit, a variance is negative, `eps` is not above 0 or `reduction` is
        unknown.

    Notes
    -----
    :eq:`eq-gaussian-nll-loss` of the book, with the mean :math:`\mu`, the variance :math:`v`,
    never below eps, and the target y [1]_:

    .. math::

       \ell(\mu, y, v) = \frac{1}{2} \left( \log v + \frac{(\mu - y)^2}{v} \right)

    The full one adds :math:`\frac{1}{2} \log 2 \pi`.

    References
    ----------
    .. [1] D. A. Nix and A. S. Weigend (1994), "Estimating the mean and variance of the target
       probability distribution", Proceedings of the IEEE International Conference on Neural
       Networks, 55-60.

    Examples
    --------
    >>> f"{gaussian_nll_loss([0.0], [2.0], [4.0]):.4f}"
    '1.1931'
    >>> f"{gaussian_nll_loss([0.0], [2.0], [4.0], full=True):.4f}"
    '2.1121'
    """
    x, y, v = _checks.gaussian(input, target, var)
    eps = _checks.eps(eps, x, above=0)
    constant = math.log(2 * math.pi) / 2 if full else 0
    lifted = lambda v: np.maximum(v, eps)
    loss = lambda x, y, v: _gaussian_nll(x - y, lifted(v)) + constant
    return _reduction.elements(loss, x, y, v, reduction=reduction)


def gaussian_nll_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    var: ArrayLike,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> tuple[ArrayOrScalar, ArrayOrScalar]:
    r"""Return the derivatives of `gaussian_nll_loss` with respect to `input` and by `var`.

    Parameters and errors are those of `gaussian_nll_loss`.

    Returns
    -------
    input_grad : (..., K) ndarray
        Derivatives with respect to the means; with 'none' those of the sum.
    var_grad : (..., K), (..., 1) or (...) ndarray
        Derivatives with respect to the variances, in the shape of `var`.

    Notes
    -----
    :eq:`eq-gaussian-nll-loss-mean-grad` and :eq:`eq-gaussian-nll-loss-var-grad` of the book:

    .. math::

       \frac{\partial \ell(\mu, y, v)}{\partial \mu} = \frac{\mu - y}{v}

    .. math::

       \frac{\partial \ell(\mu, y, v)}{\partial v}
       = \frac{1}{2 v} \left( 1 - \frac{(\mu - y)^2}{v} \right)

    As in PyTorch a variance below eps is replaced by eps, but its derivative is not 0: it is
    that at eps, so that training can leave this place.

    Examples
    --------
    >>> input_grad, var_grad = gaussian_nll_loss_grad([0.0], [2.0], [4.0])
    >>> print(input_grad, var_grad)
    [-0.5] [0.]
    """
    x, y, v = _checks.gaussian(input, target, var)
    eps = _checks.eps(eps, x, above=0)
    lifted = lambda v: np.maximum(v, eps)
    mean_slope = lambda x, y, v: (x - y) / lifted(v)
    var_slope = lambda x, y, v: _gaussian_var_slope(x - y, lifted(v))
    by_mean = _reduction.elements_grad(mean_slope, x, y, v, reduction=reduction)
    by_var = _reduction.elements_grad(var_slope, wide(x), y, v, reduction=reduction)
    by_var = _reduction.add_to_shape(by_var, v.shape)
    return by_mean, narrow(by_var.reshape(np.shape(var)), x)


def _gaussian_nll(error, v):
    square = np.square(error)
    return (np.log(v) + square / v) / 2


def _gaussian_var_slope(error, v):
    square = np.square(error)
    return (1 - square / v) / (2 * v)


def poisson_nll_loss(
    input: ArrayLike,
    target: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the negative log-likelihood of a Poisson distribution whose rate is predicted.

    Parameters
    ----------
    input : (...) array_like of floating-point numbers
        Predicted rates, or their logarithms.
    target : (...) array_like of real numbers, at least 0
        Counts, of the shape of `input`; not checked.
    log_input : bool, default True
        Whether `input` is the logarithm of the rate.
    full : bool, default False
        Whether to add Stirling's approximation of log(target!) where the target is above 1.
    eps : float > 0, default 1e-8
        What is added to a rate before its logarithm is taken, if `log_input` is False.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the elements.

    Returns
    -------
    scalar, or (...) ndarray for 'none'
        Losses, which may be negative, in nats.  The mean of no elements is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `target` real ones, or `eps` is not a
        number.
    ValueError
        If the shapes differ, `eps` is not above 0 or `reduction` is unknown.

    Notes
    -----
    The part of the negative log-likelihood of a Poisson distribution [1]_ that depends on the rate
    :math:`\lambda`, with logarithm s, for the count y: :eq:`eq-poisson-nll-loss` of the book and, if `log_input` is False,
    :eq:`eq-poisson-nll-loss-rate`:

    .. math::

       \ell(s, y) = \mathrm{e}^{s} - y s

    .. math::

       \ell(\lambda, y) = \lambda - y \log(\lambda + \epsilon)

    The full one adds, where y is above 1, the right side of :eq:`eq-stirling`:

    .. math::

       \log(y!) \approx y \log y - y + \frac{1}{2} \log(2 \pi y)

    References
    ----------
    .. [1] S.-D. Poisson (1837), "Recherches sur la probabilité des jugements", Bachelier,
       section 81.

    Examples
    --------
    >>> f"{poisson_nll_loss([0.0, 1.0], [2.0, 3.0]):.4f}"
    '0.3591'
    >>> f"{poisson_nll_loss([1.0], [3.0], log_input=False, full=True):.4f}"
    '2.7641'
    """
    x, y = _checks.alike(input=input, target=target)
    eps = _checks.eps(eps, x, above=0)
    of_logs = lambda x, y: np.exp(x) - y * x
    of_rates = lambda x, y: x - y * np.log(x + eps)
    loss = of_logs if log_input else of_rates
    whole = lambda x, y: loss(x, y) + _stirling(y)
    return _reduction.elements(whole if full else loss, x, y, reduction=reduction)


def poisson_nll_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the derivative of `poisson_nll_loss` with respect to `input`.

    Parameters and errors are those of `poisson_nll_loss`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `input`; with 'none' those of the sum.

    Notes
    -----
    By the logarithm of the rate, :eq:`eq-poisson-nll-loss-grad` of the book, and by the rate,
    :eq:`eq-poisson-nll-loss-rate-grad`:

    .. math::

       \frac{\partial \ell(s, y)}{\partial s} = \mathrm{e}^{s} - y

    .. math::

       \frac{\partial \ell(\lambda, y)}{\partial \lambda} = 1 - \frac{y}{\lambda + \epsilon}

    Examples
    --------
    >>> print(poisson_nll_loss_grad([0.0, 1.0], [2.0, 3.0], reduction="sum").round(4))
    [-1.     -0.2817]
    """
    x, y = _checks.alike(input=input, target=target)
    eps = _checks.eps(eps, x, above=0)
    of_logs = lambda x, y: np.exp(x) - y
    of_rates = lambda x, y: 1 - y / (x + eps)
    slope = of_logs if log_input else of_rates
    return _reduction.elements_grad(slope, x, y, reduction=reduction)


def _stirling(y):
    n = np.maximum(y, 1)  # a count of 0 or 1 has no logarithm of its factorial to add
    half_log = np.log(2 * math.pi * n) / 2
    log_factorial = n * np.log(n) - n + half_log
    return np.where(y > 1, log_factorial, 0)
