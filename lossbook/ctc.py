"""Connectionist temporal classification: the loss of a sequence over all its alignments.

Names, order of arguments and defaults of `ctc_loss` are those of `torch.nn.functional`.  The
precision of the first argument is kept; inputs are never modified; NaN propagates.
"""

from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._blocks import narrow, quiet
from lossbook._reduction import Reduction
from lossbook._special import lowest
from lossbook._types import ArrayOrScalar

__all__ = [
    "ctc_loss",
    "ctc_loss_grad",
    "ctc_loss_grad_by_logits",
]

# To a state lead a leap from two before, a step from the one before, a stay in itself.
LEAP, STEP, STAY = range(3)


def ctc_loss(
    log_probs: ArrayLike,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> ArrayOrScalar:
    r"""Return the connectionist temporal classification loss, over all alignments of a target.

    Parameters
    ----------
    log_probs : (T, N, K) or (T, K) array_like of floating-point numbers
        Logarithms of the probabilities of K classes at T times, for N sequences or for one.
        That they sum to 1 is not checked.
    targets : (N, S) or (sum of target_lengths,) array_like of int, each in [0, K) but not `blank`
        The labels of each sequence, padded with anything or one sequence after the other.
    input_lengths : (N,), (1,) or () array_like of int, each in [0, T]
        The number of times of each sequence: what follows is not looked at.
    target_lengths : (N,), (1,) or () array_like of int, each in [0, S]
        The number of labels of each sequence.
    blank : int in [0, K), default 0
        The class that stands for no label.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the sequences.  The mean divides each loss
        by its number of labels, or by 1 if it has none, and then their sum by N.
    zero_infinity : bool, default False
        Whether an infinite loss, that of a target too long for its times, becomes 0.  The mean
        still counts it.

    Returns
    -------
    scalar, or (N,) ndarray for 'none', () for one sequence
        Losses in nats, at least 0 for probabilities that sum to 1.  The mean of no sequences is
        NaN.

    Raises
    ------
    TypeError
        If `log_probs` does not hold floating-point numbers, another array does not hold integers
        or `blank` is not an integer.
    ValueError
        If the shapes do not fit, a length is negative or beyond the array, `blank` is not in
        [0, K) or is found among the labels, or `reduction` is unknown.
    IndexError
        If a label is not in [0, K).

    Notes
    -----
    An alignment names one class at each of the T times.  It spells the target if the target is
    what remains when each run of one class is taken for a single one and the blanks are
    struck out.  The loss is the negative logarithm of the probability of all alignments that
    spell it [1]_.  They are counted along the states :math:`y'`, the S labels with a blank
    before, between and after them: a state is reached from itself and from the state before it,
    and a label also from the label before it, if that is another one.  With the logarithms x of
    the probabilities and :math:`r_s` in {0, 1} for this leap, the probability of reaching the
    state s at the time t has the logarithm (:eq:`eq-ctc-forward-log`)

    .. math::

       a_{t,s} = x_{t,y'_s} + \log \left( \mathrm{e}^{a_{t-1,s}} + \mathrm{e}^{a_{t-1,s-1}} + r_s\, \mathrm{e}^{a_{t-1,s-2}} \right)

    At the first time only the first blank and the first label are reached,
    :math:`a_{1,1} = x_{1,y'_1}` and :math:`a_{1,2} = x_{1,y'_2}`, the logarithm of any other state
    is -inf, and the last label and the last blank end the target (:eq:`eq-ctc-loss`):

    .. math::

       \ell(x, y) = -\log \left( \mathrm{e}^{a_{T,2S}} + \mathrm{e}^{a_{T,2S+1}} \right)

    All is computed with logarithms, from which the largest of each time is taken out, so
    `log_probs` may be -1e4 or -inf.  The value holds but a few rows of states, whatever T is.

    PyTorch lets `blank` stand among the labels, takes a label outside [0, K) for whatever lies
    there in memory and refuses an empty batch: here the first two are refused, the last is not.

    References
    ----------
    .. [1] A. Graves, S. Fernández, F. Gomez and J. Schmidhuber (2006), "Connectionist Temporal
       Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks",
       Proceedings of the 23rd International Conference on Machine Learning, 369-376.

    Examples
    --------
    Of two times with three classes, the alignments (1, 1), (1, 0) and (0, 1) spell the target (1).

    >>> x = np.log([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    >>> print(np.exp(-ctc_loss(x, [1], 2, 1)).round(4))
    0.42
    >>> print(ctc_loss(x, [1, 1], 2, 2))  # two equal labels need a blank between them
    inf
    """
    given = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    x, states = given.log_probs, _states(given)
    # The value needs one row of the lattice at a time: each is written over the one before.
    row = np.empty(states.place.shape, x.dtype)
    with quiet():
        loss = _forward(x, states, repeat(row, len(x))).loss
    value = _reduction.elements(
        lambda loss: _finite(loss, loss, zero_infinity),
        loss.reshape(np.shape(log_probs)[1:-1]),
        weight=_weight(given, reduction),
        reduction=reduction,
    )
    return narrow(value, log_probs)


def ctc_loss_grad(
    log_probs: ArrayLike,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> NDArray:
    r"""Return the derivative of `ctc_loss` with respect to `log_probs`.

    Parameters and errors are those of `ctc_loss`.

    Returns
    -------
    (T, N, K) or (T, K) ndarray
        Derivatives, in the shape of `log_probs`; with 'none' those of the sum.

    Notes
    -----
    With :math:`g_{t,s}`, the share of the alignments that are in the state s at the time t, by
    probability, among all that spell the target (:eq:`eq-ctc-loss-grad`):

    .. math::

       \frac{\partial \ell(x, y)}{\partial x_{t,k}} = -\sum_{s=1}^{2S+1} g_{t,s}\, \mathbb{1}[y'_s = k]

    The shares are found from the last time, where those of the last two states are in proportion
    to what they contribute to the target, to the first.  Each state hands its share on to the
    states that it was reached from (:eq:`eq-ctc-shares`), in proportion to what they brought
    (:eq:`eq-ctc-arrivals`):

    .. math::

       g_{t-1,s} = g_{t,s}\, \mathrm{e}^{a_{t-1,s} - \log b_{t,s}}
       + g_{t,s+1}\, \mathrm{e}^{a_{t-1,s} - \log b_{t,s+1}}
       + r_{s+2}\, g_{t,s+2}\, \mathrm{e}^{a_{t-1,s} - \log b_{t,s+2}}

    .. math::

       b_{t,s} = \mathrm{e}^{a_{t-1,s}} + \mathrm{e}^{a_{t-1,s-1}} + r_s\, \mathrm{e}^{a_{t-1,s-2}}

    As b contains the exponential of a, no exponent is positive and nothing overflows.

    This is the derivative by `log_probs`.  What PyTorch calls so is `ctc_loss_grad_by_logits`,
    the derivative by the logits beneath: the two agree once the derivative of `log_softmax` is
    applied to this one.  Beyond the length of a sequence it is 0.  An infinite loss has no
    derivative: it is NaN as in PyTorch, or 0 with `zero_infinity`.  Besides the derivatives, the
    (T, N, 2S+1) lattice of states is held in memory and no more.

    Examples
    --------
    >>> x = np.log([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    >>> print(ctc_loss_grad(x, [1], 2, 1).round(4))
    [[-0.3571 -0.6429  0.    ]
     [-0.4286 -0.5714  0.    ]]
    """
    given = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    grad = np.zeros_like(given.log_probs, order="C")
    _take_shares(grad, given, reduction, zero_infinity)
    return narrow(grad.reshape(np.shape(log_probs)), log_probs)


def ctc_loss_grad_by_logits(
    log_probs: ArrayLike,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> NDArray:
    r"""Return the derivative of `ctc_loss` with respect to logits, given the log_softmax of these.

    This is what PyTorch returns as the gradient of `log_probs`.

    Parameters
    ----------
    log_probs : (T, N, K) or (T, K) array_like of floating-point numbers
        The log_softmax of the logits, over the classes.
    targets : (N, S) or (sum of target_lengths,) array_like of int, each in [0, K) but not `blank`
        The labels of each sequence, padded with anything or one sequence after the other.
    input_lengths : (N,), (1,) or () array_like of int, each in [0, T]
        The number of times of each sequence: what follows is not looked at.
    target_lengths : (N,), (1,) or () array_like of int, each in [0, S]
        The number of labels of each sequence.
    blank : int in [0, K), default 0
        The class that stands for no label.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the sequences.
    zero_infinity : bool, default False
        Whether an infinite loss becomes 0.

    Returns
    -------
    (T, N, K) or (T, K) ndarray
        Derivatives, in the shape of `log_probs`; with 'none' those of the sum.

    Raises
    ------
    TypeError, ValueError, IndexError
        As `ctc_loss` does.

    Notes
    -----
    With x the log_softmax of the logits z, and the shares g of `ctc_loss_grad`, of which those
    of one time sum to 1 (:eq:`eq-ctc-loss-grad-by-logits`):

    .. math::

       \frac{\partial \ell}{\partial z_{t,k}} = \mathrm{e}^{x_{t,k}} - \sum_{s=1}^{2S+1} g_{t,s}\, \mathbb{1}[y'_s = k]

    It is equation 16 of Graves et al. [1]_.  PyTorch returns it because log_softmax, through
    which it is then passed back, leaves it as it is: its elements sum to 0 over the classes.  So
    the logits get the right gradient in the end, but log_probs that were no log_softmax do not.
    A log-probability of -inf gives NaN in PyTorch, here what the formula says.

    References
    ----------
    .. [1] A. Graves, S. Fernández, F. Gomez and J. Schmidhuber (2006), "Connectionist Temporal
       Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks",
       Proceedings of the 23rd International Conference on Machine Learning, 369-376.

    Examples
    --------
    >>> x = np.log([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]])
    >>> print(ctc_loss_grad_by_logits(x, [1], 2, 1).round(4))
    [[ 0.1429 -0.3429  0.2   ]
     [ 0.1714 -0.2714  0.1   ]]
    """
    given = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    with quiet():
        grad = np.exp(given.log_probs, order="C")
    _take_shares(grad, given, reduction, zero_infinity)
    return narrow(grad.reshape(np.shape(log_probs)), log_probs)


class _States(NamedTuple):
    """The states of all sequences, (2S+1, N), so that all N are moved along together."""

    place: NDArray  # where in the row of classes of a time each state finds its own
    moves: NDArray  # (3, 2S+1, N): 0 for a LEAP, STEP or STAY that leads to it, -inf for none
    ends: dict[int, tuple[NDArray, NDArray]]  # see `_ends`


class _Found(NamedTuple):
    """What the way forward finds, and the way back needs."""

    loss: NDArray  # (N,)
    top: NDArray  # (T, N): the largest of each time, which was taken out of it
    shares: NDArray  # (2, N): of the last label and the last blank in the whole


def _take_shares(grad, given, reduction, zero_infinity):
    """Take the shares of the classes from grad, and weigh what is left as the losses are."""
    x, states = given.log_probs, _states(given)
    # One row more than there are times, for nothing comes after the last.
    lattice = np.zeros((len(x) + 1, *states.place.shape), x.dtype)
    with quiet():
        found = _forward(x, states, lattice)
        _backward(x, states, lattice, found, grad)
        scale = _scale(found.loss, given, reduction, zero_infinity)
        grad *= scale[:, np.newaxis]
        grad[:, scale == 0] = 0  # whatever the derivative of what was infinite
    for n, length in enumerate(given.input_lengths):
        grad[length:, n] = 0


def _scale(loss, given, reduction, zero_infinity):
    """Return the factor of the derivative of each loss, NaN or 0 where the loss is infinite."""
    one = np.where(np.isfinite(loss), 1, np.nan).astype(loss.dtype)
    return _reduction.elements_grad(
        lambda loss, one: _finite(loss, one, zero_infinity),
        loss,
        one,
        weight=_weight(given, reduction),
        reduction=reduction,
    )


def _finite(loss, x, zero_infinity):
    """Return x, or 0 where the loss is infinite if this is wanted."""
    if not zero_infinity:
        return x
    return np.where(loss == np.inf, 0, x)


def _weight(given, reduction):
    """Return the weights of losses: in a mean each is divided by its number of labels."""
    if reduction != "mean":
        return None
    return 1 / np.maximum(given.target_lengths, 1)


def _states(given):
    """Return the states: the labels of each sequence, with a blank before, between and after."""
    x, labels, _, sizes, blank = given
    count, most = labels.shape
    classes = np.full((2 * most + 1, count), blank)
    classes[1::2] = labels.T
    moves = np.zeros((3, *classes.shape), x.dtype)
    # No leap between equal classes: blanks, or labels that need a blank between them.
    equal = classes[2:] == classes[:-2]
    moves[LEAP, 2:][equal] = -np.inf
    beyond = np.arange(2 * most + 1)[:, np.newaxis] > 2 * sizes
    moves[:, beyond] = -np.inf
    row_of_classes = x.shape[2] * np.arange(count)
    return _States(row_of_classes + classes, moves, _ends(given))


def _ends(given):
    """Return by length which sequences end there: their last two places in a row, and they."""
    steps = given.input_lengths
    last = 2 * given.target_lengths + [[1], [2]]
    ends = {}
    for length in set(steps.tolist()):
        n = np.flatnonzero(steps == length)
        ends[length] = last[:, n], n
    return ends


def _row(states, x):
    """Return an empty row of states behind two places more, and a view of three states before."""
    count, width = states.place.shape
    a = np.full((count + 2, width), -np.inf, x.dtype)
    before = sliding_window_view(a, 3, axis=0)
    return a, before.transpose(2, 0, 1)


def _forward(x, states, lattice):
    """Return the losses, and what else the way back needs.

    The lattice is filled with the logarithm of what reaches each state, before it emits.  Of each
    time the largest, `top`, is taken out, so that no digits are lost to the length of the way.
    """
    top = np.empty(x.shape[:2], x.dtype)
    last = np.empty((2, x.shape[1]), x.dtype)
    double = np.promote_types(x.dtype, float)
    total = np.empty(x.shape[1], double)
    for t, a in enumerate(_rows(x, states, lattice, top)):
        if t in states.ends:
            n = states.ends[t][1]
            last[:, n] = a[states.ends[t]]
            total[n] = top[:t, n].sum(axis=0, dtype=double)
    both = np.logaddexp(*last)
    loss = (0 - total - both).astype(x.dtype)
    both = np.maximum(both, lowest(x))
    shares = np.exp(last - both)
    return _Found(loss, top, shares)


def _rows(x, states, lattice, top):
    """Yield the row of states before the first time and after each."""
    a, before = _row(states, x)
    # The start: a step before the first blank and a leap before the first label.
    a[1] = 0
    terms, m = np.empty_like(states.moves), np.empty_like(a[2:])
    yield a
    for now, reached, largest in zip(x, lattice, top, strict=False):
        # a leap, a step or a stay: the logarithm of the sum of what the three bring
        np.add(before, states.moves, out=terms)
        _log_sum(terms, m, reached)
        # Not "raise", which would go through a buffer.
        now.take(states.place, out=a[2:], mode="clip")
        np.add(a[2:], reached, out=m)
        m.max(axis=0, initial=lowest(x), out=largest)
        _arrive(a, reached, largest)
        a[1] = -np.inf
        yield a


def _log_sum(terms, m, result):
    """Fill the logarithm of the sum of exp(terms), by the largest of them; terms are lost."""
    terms.max(axis=0, initial=lowest(terms), out=m)
    terms -= m
    np.exp(terms, out=terms)
    terms.sum(axis=0, out=result)
    np.log(result, out=result)
    result += m


def _backward(x, states, lattice, found, grad):
    """Take from grad the share of each class at each time, from the last to the first.

    What a state hands on is exact however small: it is a product of numbers in [0, 1].
    """
    a, before = _row(states, x)
    g, terms = np.zeros_like(a), np.empty_like(states.moves)
    index = states.place.ravel()
    np.maximum(lattice, lowest(x), out=lattice)
    for t in reversed(range(len(x))):
        x[t].take(states.place, out=a[2:], mode="clip")
        _arrive(a, lattice[t], found.top[t])
        np.add(before, states.moves, out=terms)
        terms -= lattice[t + 1]
        np.exp(terms, out=terms)
        _hand_on(g, terms)
        if t + 1 in states.ends:
            _end(g, states.ends[t + 1], found.shares)
        shares = g[2:].reshape(-1)
        np.subtract.at(grad[t].reshape(-1), index, shares)


def _arrive(a, reached, largest):
    """Add to what the states emit what reached them, and take the largest sum out.

    In this order, so that no digit of what reached them is lost where all emit -1e4.
    """
    a[2:] -= largest
    a[2:] += reached


def _hand_on(g, terms):
    """Replace the shares of the states of one time by those of the time before."""
    terms *= g[2:]
    g[2:] = terms[STAY]  # what stayed was in the state itself,
    g[1:-1] += terms[STEP]  # what took a step in the one before,
    g[:-2] += terms[LEAP]  # what leapt in the one before that


def _end(g, ends, shares):
    """Start the sequences that end here from the shares of their last two states."""
    _, n = ends
    g[:, n] = 0  # whatever came from beyond the end
    g[ends] = shares[:, n]
