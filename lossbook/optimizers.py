"""One step of each method that minimises a loss, and the penalties added to it.

Defaults are those of `torch.optim`.  A step takes the parameters and the derivative of the
objective by them, returns new ones and modifies nothing.  What a method remembers from step to
step is an argument and a result, None before the first step, so that one loop serves for all:
``params, state = adam(params, grad(params), state)``.  The precision of the parameters is kept
and the other arrays are taken at it, but what is remembered of half precision stays in single,
where a small square is no 0; NaN propagates.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._blocks import narrow, quiet, wide
from lossbook._types import ArrayOrScalar

__all__ = [
    "adam",
    "gradient_descent",
    "l1_penalty",
    "l1_penalty_grad",
    "l2_penalty",
    "l2_penalty_grad",
    "momentum",
    "rmsprop",
]


def gradient_descent(
    params: ArrayLike, grad: ArrayLike, *, lr: float = 1e-3, weight_decay: float = 0.0
) -> ArrayOrScalar:
    r"""Return the parameters after one step of gradient descent.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    grad : (...) array_like of real numbers
        Derivative of the objective by the parameters, of the shape of `params`.
    lr : float >= 0, default 1e-3
        Learning rate.
    weight_decay : float >= 0, default 0.0
        Strength of the pull of the parameters towards 0, twice that of `l2_penalty`.

    Returns
    -------
    (...) ndarray
        New parameters, in the shape of `params`.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, `grad` real ones, or an option is not a
        number.
    ValueError
        If the shapes differ or an option leaves its domain.

    Notes
    -----
    :eq:`eq-gradient-descent` of the book, Cauchy's method [1]_, with the parameters
    :math:`\theta` and the learning rate :math:`\eta`:

    .. math::

       \theta' = \theta - \eta\, g

    where g is the derivative of the objective F with the weight decay :math:`\gamma`,
    :eq:`eq-weight-decay`:

    .. math::

       g_j = \frac{\partial F(\theta)}{\partial \theta_j} + \gamma\, \theta_j

    If the derivative is that of a sample drawn at random it is stochastic gradient descent,
    which converges if the learning rate falls slowly enough [2]_.

    References
    ----------
    .. [1] A.-L. Cauchy (1847), "Méthode générale pour la résolution des systèmes d'équations
       simultanées", Comptes rendus hebdomadaires des séances de l'Académie des sciences 25,
       536-538.
    .. [2] H. Robbins and S. Monro (1951), "A Stochastic Approximation Method", Annals of
       Mathematical Statistics 22(3), 400-407.

    Examples
    --------
    >>> print(gradient_descent([1.0, -2.0], [2.0, -4.0], lr=0.25))
    [ 0.5 -1. ]
    """
    x, g = _ready(weight_decay, params, grad)
    lr = _checks.number(lr, "lr", least=0)
    with quiet():
        return narrow(x - lr * g, params)


def momentum(
    params: ArrayLike,
    grad: ArrayLike,
    velocity: ArrayLike | None = None,
    *,
    lr: float = 1e-3,
    momentum: float,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> tuple[NDArray, NDArray]:
    r"""Return the parameters and their velocity after one step of descent with momentum.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    grad : (...) array_like of real numbers
        Derivative of the objective by the parameters, of the shape of `params`.
    velocity : (...) array_like of real numbers, optional
        What the last step returned, of the shape of `params`; None before the first step.
    lr : float >= 0, default 1e-3
        Learning rate.
    momentum : float >= 0
        The share of the velocity that is kept, usually 0.9.
    dampening : float in [0, 1], default 0.0
        The share of the gradient that does not get into the velocity.
    weight_decay : float >= 0, default 0.0
        Strength of the pull of the parameters towards 0, twice that of `l2_penalty`.
    nesterov : bool, default False
        Whether to look ahead along the velocity; `dampening` must then be 0.

    Returns
    -------
    params : (...) ndarray
        New parameters, in the shape of `params`.
    velocity : (...) ndarray
        New velocity, in the same shape.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, another array real ones, or an option
        is not a number.
    ValueError
        If the shapes differ, an option leaves its domain, or `nesterov` meets a momentum of 0 or
        a dampening above 0.

    Notes
    -----
    :eq:`eq-momentum-velocity` and :eq:`eq-momentum` of the book, Polyak's heavy ball [1]_, with
    the gradient g of `gradient_descent`, the learning rate :math:`\eta`, the momentum
    :math:`\mu` and the dampening :math:`\tau`:

    .. math::

       v' = \mu\, v + (1 - \tau)\, g

    .. math::

       \theta' = \theta - \eta\, v'

    The first velocity is g itself, not dampened, as in PyTorch.  Nesterov's method [2]_, which
    [3]_ wrote as momentum, takes another step along the velocity, :eq:`eq-momentum-nesterov`:

    .. math::

       \theta' = \theta - \eta\, (g + \mu\, v')

    PyTorch's momentum is 0 unless given, which leaves gradient descent: here it must be given.
    With a momentum of 0 PyTorch keeps no velocity and dampens nothing; the formulas do.

    References
    ----------
    .. [1] B. T. Polyak (1964), "Some methods of speeding up the convergence of iteration
       methods", USSR Computational Mathematics and Mathematical Physics 4(5), 1-17.
    .. [2] Y. E. Nesterov (1983), "A method of solving a convex programming problem with
       convergence rate O(1/k^2)", Soviet Mathematics Doklady 27(2), 372-376.
    .. [3] I. Sutskever, J. Martens, G. Dahl and G. Hinton (2013), "On the importance of
       initialization and momentum in deep learning", Proceedings of the 30th International
       Conference on Machine Learning, 1139-1147.

    Examples
    --------
    >>> x, v = momentum([1.0, -2.0], [2.0, -4.0], lr=0.25, momentum=0.5)
    >>> print(x, v)
    [ 0.5 -1. ] [ 2. -4.]
    >>> x, v = momentum(x, [1.0, -2.0], v, lr=0.25, momentum=0.5)
    >>> print(x, v)
    [0. 0.] [ 2. -4.]
    """
    x, g, v = _ready(weight_decay, params, grad, velocity=velocity)
    lr = _checks.number(lr, "lr", least=0)
    mu = _checks.number(momentum, "momentum", least=0)
    kept = 1 - _checks.number(dampening, "dampening", least=0, most=1)
    if nesterov:
        _checks.nesterov(momentum, dampening)
    with quiet():
        v = g.copy() if velocity is None else mu * v + kept * g
        step = g + mu * v if nesterov else v
        return narrow(x - lr * step, params), v


def rmsprop(
    params: ArrayLike,
    grad: ArrayLike,
    state: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    *,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
) -> tuple[NDArray, tuple[NDArray, NDArray, NDArray]]:
    r"""Return the parameters and the state after one step of RMSprop.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    grad : (...) array_like of real numbers
        Derivative of the objective by the parameters, of the shape of `params`.
    state : (mean, mean_square, velocity) arrays of real numbers, optional
        What the last step returned: running mean and mean square of the gradients, and the
        velocity, each of the shape of `params`; None before the first step.
    lr : float >= 0, default 1e-2
        Learning rate.
    alpha : float in [0, 1), default 0.99
        The share of the running means that is kept.
    eps : float >= 0, default 1e-8
        What is added to the root that is divided by.
    weight_decay : float >= 0, default 0.0
        Strength of the pull of the parameters towards 0, twice that of `l2_penalty`.
    momentum : float >= 0, default 0.0
        The share of the velocity that is kept.
    centered : bool, default False
        Whether to divide by the standard deviation of the gradients, not their root mean square.

    Returns
    -------
    params : (...) ndarray
        New parameters, in the shape of `params`.
    state : (mean, mean_square, velocity) ndarrays
        New state, its arrays in the same shape.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, another array real ones, an option is
        not a number, or `state` is not a tuple of three.
    ValueError
        If the shapes differ or an option leaves its domain.

    Notes
    -----
    :eq:`eq-rmsprop-mean-square`, :eq:`eq-rmsprop-velocity` and :eq:`eq-rmsprop` of the book, with
    the gradient g of `gradient_descent`, the learning rate :math:`\eta`, the momentum
    :math:`\mu` and running means that begin at 0 [1]_:

    .. math::

       s' = \alpha\, s + (1 - \alpha)\, g^2

    .. math::

       v' = \mu\, v + \frac{g}{\sqrt{s'} + \epsilon}

    .. math::

       \theta' = \theta - \eta\, v'

    The centred form [2]_ subtracts from :math:`s'` in the root the square of
    :eq:`eq-rmsprop-mean`:

    .. math::

       m' = \alpha\, m + (1 - \alpha)\, g

    The difference is a variance, at least 0.  Where rounding makes it negative, as gradients that
    hardly change do, PyTorch's step is NaN; here it is taken as 0, and
    the step is large, as g is divided by :math:`\epsilon` alone.

    References
    ----------
    .. [1] T. Tieleman and G. Hinton (2012), "Lecture 6.5-rmsprop: Divide the gradient by a running
       average of its recent magnitude", COURSERA: Neural Networks for Machine Learning 4, 26-31.
    .. [2] A. Graves (2013), "Generating Sequences With Recurrent Neural Networks",
       arXiv:1308.0850, section 4.2.

    Examples
    --------
    >>> x, state = rmsprop([1.0, -2.0], [2.0, -4.0], lr=0.1)
    >>> print(x.round(4))
    [ 0. -1.]
    >>> x, state = rmsprop(x, [0.0, -2.0], state, lr=0.1)
    >>> print(x.round(4))
    [ 0.    -0.551]
    """
    moments = _checks.state(state, ["mean", "mean_square", "velocity"])
    x, g, m, s, v = _ready(weight_decay, params, grad, **moments)
    lr = _checks.number(lr, "lr", least=0)
    alpha = _checks.number(alpha, "alpha", least=0, below=1)
    eps = _checks.eps(eps, x, least=0)
    mu = _checks.number(momentum, "momentum", least=0)
    with quiet():
        m = _mean(alpha, m, g)
        s = _mean(alpha, s, np.square(g))
        variance = np.maximum(s - np.square(m), 0) if centered else s
        v = mu * v + g / (np.sqrt(variance) + eps)
        return narrow(x - lr * v, params), (m, s, v)


def adam(
    params: ArrayLike,
    grad: ArrayLike,
    state: tuple[ArrayLike, ArrayLike, int] | None = None,
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[NDArray, tuple[NDArray, NDArray, int]]:
    r"""Return the parameters and the state after one step of Adam.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    grad : (...) array_like of real numbers
        Derivative of the objective by the parameters, of the shape of `params`.
    state : (mean, mean_square, steps) arrays of real numbers and an int >= 0, optional
        What the last step returned: running mean and mean square of the gradients, each of the
        shape of `params`, and the number of steps taken; None before the first step.
    lr : float >= 0, default 1e-3
        Learning rate.
    betas : tuple of two floats in [0, 1), default (0.9, 0.999)
        The shares of the running mean and mean square that are kept.
    eps : float >= 0, default 1e-8
        What is added to the root that is divided by.
    weight_decay : float >= 0, default 0.0
        Strength of the pull of the parameters towards 0, twice that of `l2_penalty`.

    Returns
    -------
    params : (...) ndarray
        New parameters, in the shape of `params`.
    state : (mean, mean_square, steps) ndarrays and an int
        New state, its arrays in the same shape.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, another array real ones, an option is
        not a number, `betas` are not two, or `state` is not a tuple of three.
    ValueError
        If the shapes differ, an option leaves its domain or the number of steps is negative.

    Notes
    -----
    :eq:`eq-adam-mean`, :eq:`eq-adam-mean-square` and :eq:`eq-adam` of the book, with the gradient
    g of `gradient_descent`, the learning rate :math:`\eta`, and running means that begin at
    0 [1]_:

    .. math::

       m' = \beta_1 m + (1 - \beta_1)\, g

    .. math::

       s' = \beta_2 s + (1 - \beta_2)\, g^2

    After t steps they hold the shares :math:`1 - \beta_1^t` and :math:`1 - \beta_2^t` of a full
    mean, and are divided by them:

    .. math::

       \theta' = \theta - \eta\, \frac{m' / (1 - \beta_1^t)}{\sqrt{s' / (1 - \beta_2^t)} + \epsilon}

    Weight decay is part of the gradient here, as in ``torch.optim.Adam``; ``AdamW`` keeps them
    apart.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba (2015), "Adam: A Method for Stochastic Optimization", 3rd
       International Conference on Learning Representations, arXiv:1412.6980.

    Examples
    --------
    >>> x, state = adam([1.0, -2.0], [2.0, -4.0], lr=0.1)
    >>> print(x)
    [ 0.9 -1.9]
    >>> x, state = adam(x, [0.0, -2.0], state, lr=0.1)
    >>> print(x.round(4))
    [ 0.833  -1.8068]
    """
    moments = _checks.state(state, ["mean", "mean_square", "steps"])
    t = 1 + _checks.steps(moments.pop("steps"))
    x, g, m, s = _ready(weight_decay, params, grad, **moments)
    lr = _checks.number(lr, "lr", least=0)
    eps = _checks.eps(eps, x, least=0)
    beta1, beta2 = _checks.betas(betas)
    with quiet():
        m = _mean(beta1, m, g)
        s = _mean(beta2, s, np.square(g))
        root = np.sqrt(s / (1 - beta2**t))
        x = x - lr * m / (1 - beta1**t) / (root + eps)
    return narrow(x, params), (m, s, t)


def l1_penalty(params: ArrayLike, *, strength: float = 1.0) -> ArrayOrScalar:
    r"""Return the penalty on the absolute values of parameters.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    strength : float >= 0, default 1.0
        The factor of the penalty.

    Returns
    -------
    scalar
        The penalty, at least 0, in the unit of the objective.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, or `strength` is not a number.
    ValueError
        If `strength` is below 0 or infinite.

    Notes
    -----
    The strength :math:`\lambda` times :eq:`eq-l1-penalty` of the book, the penalty of the lasso
    [1]_ on the parameters :math:`\theta`:

    .. math::

       \Omega_1(\theta) = \sum_{j=1}^{d} |\theta_j|

    It presses some of the parameters to exactly 0.

    References
    ----------
    .. [1] R. Tibshirani (1996), "Regression Shrinkage and Selection via the Lasso", Journal of
       the Royal Statistical Society, Series B 58(1), 267-288.

    Examples
    --------
    >>> print(l1_penalty([1.5, 0.0, -2.0], strength=0.5))
    1.75
    """
    x = _checks.floating(params, "params")
    scale = _checks.number(strength, "strength", least=0)
    penalty = lambda x: scale * np.abs(x)
    return _reduction.elements(penalty, x, reduction="sum")


def l1_penalty_grad(params: ArrayLike, *, strength: float = 1.0) -> ArrayOrScalar:
    r"""Return the derivative of `l1_penalty` with respect to `params`.

    Parameters and errors are those of `l1_penalty`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `params`.

    Notes
    -----
    :eq:`eq-l1-penalty-grad` of the book:

    .. math::

       \lambda\, \frac{\partial \Omega_1(\theta)}{\partial \theta_j} = \lambda \operatorname{sgn}(\theta_j)

    At the kink, where a parameter is 0, it is 0 as in PyTorch.

    Examples
    --------
    >>> print(l1_penalty_grad([1.5, 0.0, -2.0], strength=0.5))
    [ 0.5  0.  -0.5]
    """
    x = _checks.floating(params, "params")
    scale = _checks.number(strength, "strength", least=0)
    slope = lambda x: scale * np.sign(x)
    return _reduction.elements_grad(slope, x, reduction="sum")


def l2_penalty(params: ArrayLike, *, strength: float = 1.0) -> ArrayOrScalar:
    r"""Return the penalty on the squares of parameters.

    Parameters
    ----------
    params : (...) array_like of floating-point numbers
        Parameters.
    strength : float >= 0, default 1.0
        The factor of the penalty.

    Returns
    -------
    scalar
        The penalty, at least 0, in the unit of the objective.

    Raises
    ------
    TypeError
        If `params` does not hold floating-point numbers, or `strength` is not a number.
    ValueError
        If `strength` is below 0 or infinite.

    Notes
    -----
    The strength :math:`\lambda` times :eq:`eq-l2-penalty` of the book, the penalty of Tikhonov
    [1]_ and of ridge regression [2]_ on the parameters :math:`\theta`:

    .. math::

       \Omega_2(\theta) = \sum_{j=1}^{d} \theta_j^2

    There is no factor of one half.  PyTorch's `weight_decay` adds itself times the parameters to
    the gradient, which is the derivative of a penalty with the half: a weight decay of
    :math:`2 \lambda` is a penalty of strength :math:`\lambda`.

    References
    ----------
    .. [1] A. N. Tikhonov (1963), "Solution of incorrectly formulated problems and the
       regularization method", Soviet Mathematics Doklady 4, 1035-1038.
    .. [2] A. E. Hoerl and R. W. Kennard (1970), "Ridge Regression: Biased Estimation for
       Nonorthogonal Problems", Technometrics 12(1), 55-67.

    Examples
    --------
    >>> print(l2_penalty([1.5, 0.0, -2.0], strength=0.5))
    3.125
    """
    x = _checks.floating(params, "params")
    scale = _checks.number(strength, "strength", least=0)
    penalty = lambda x: scale * np.square(x)
    return _reduction.elements(penalty, x, reduction="sum")


def l2_penalty_grad(params: ArrayLike, *, strength: float = 1.0) -> ArrayOrScalar:
    r"""Return the derivative of `l2_penalty` with respect to `params`.

    Parameters and errors are those of `l2_penalty`.

    Returns
    -------
    (...) ndarray
        Derivatives, in the shape of `params`.

    Notes
    -----
    :eq:`eq-l2-penalty-grad` of the book:

    .. math::

       \lambda\, \frac{\partial \Omega_2(\theta)}{\partial \theta_j} = 2 \lambda\, \theta_j

    Examples
    --------
    >>> print(l2_penalty_grad([1.5, 0.0, -2.0], strength=0.5))
    [ 1.5  0.  -2. ]
    """
    x = _checks.floating(params, "params")
    scale = _checks.number(strength, "strength", least=0)
    slope = lambda x: 2 * scale * x
    return _reduction.elements_grad(slope, x, reduction="sum")


def _ready(weight_decay, params, grad, **state):
    """Return parameters, derivatives with weight decay and what is remembered, 0 at first."""
    x, *others = _checks.alike(state, params=params, grad=grad)
    x = wide(x)
    g, *moments = (
        np.zeros_like(x) if a is None else _checks.at_precision_of(x, a)
        for a in others
    )
    if _checks.number(weight_decay, "weight_decay", least=0) > 0:
        with quiet():
            g = g + l2_penalty_grad(x, strength=weight_decay / 2)
    return x, g, *moments


def _mean(kept, mean, x):
    return kept * mean + (1 - kept) * x
