"""Losses of sequences: token by token, or over all alignments.

Names, order of arguments and defaults of `ctc_loss` are those of `torch.nn.functional`.  The
precision of the first argument is kept; inputs are never modified; NaN propagates.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lossbook import _checks, _reduction
from lossbook._reduction import Reduction
from lossbook.classification import cross_entropy, cross_entropy_grad

__all__ = [
    "ctc_loss",
    "ctc_loss_grad",
    "ctc_loss_grad_by_logits",
    "perplexity",
    "perplexity_grad",
    "sequence_cross_entropy",
    "sequence_cross_entropy_grad",
]


def ctc_loss(
    log_probs: ArrayLike,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    *,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> NDArray:
    r"""Return the connectionist temporal classification loss, over all alignments of a target.

    Parameters
    ----------
    log_probs : (T, N, C) or (T, C) array_like of floating-point numbers
        Logarithms of the probabilities of C classes at T times, for N sequences or for one.
        That they sum to 1 is not checked.
    targets : (N, S) or (sum of target_lengths,) array_like of int, each in [0, C) but not `blank`
        The labels of each sequence, padded with anything or one sequence after the other.
    input_lengths : (N,), (1,) or () array_like of int, each in [0, T]
        The number of times of each sequence: what follows is not looked at.
    target_lengths : (N,), (1,) or () array_like of int, each in [0, S]
        The number of labels of each sequence.
    blank : int in [0, C), default 0
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
        [0, C) or is found among the labels, or `reduction` is unknown.
    IndexError
        If a label is not in [0, C).

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

    At the first time only the first blank and the first label are reached, :math:`a_{1,1} = x_{1,y'_1}`
    and :math:`a_{1,2} = x_{1,y'_2}`, the logarithm of any other state is -inf, and the last label
    and the last blank end the target (:eq:`eq-ctc-loss`):

    .. math::

       \ell(x, y) = -\log \left( \mathrm{e}^{a_{T,2S}} + \mathrm{e}^{a_{T,2S+1}} \right)

    All is computed with logarithms, from which the largest of each time is taken out, so
    `log_probs` may be -1e4 or -inf.  The value holds but a few rows of states, whatever T is.

    PyTorch lets `blank` stand among the labels, takes a label outside [0, C) for whatever lies
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
    x, labels, steps, sizes = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    states = _ctc_states(labels, sizes, blank, x)
    lattice = [np.empty(states[0].shape, x.dtype)] * len(x)  # the value needs but one row at a time
    with np.errstate(all="ignore"):
        loss, _ = _ctc_forward(x, *states, _ctc_ends(steps, sizes), lattice)
    return _reduction.elements(
        lambda loss: _ctc_finite(loss, loss, zero_infinity),
        loss.reshape(np.shape(log_probs)[1:-1]),
        weight=_ctc_weight(sizes, reduction),
        reduction=reduction,
    )


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
    r"""Return the derivative of `ctc_loss` by `log_probs`.

    Parameters and errors are those of `ctc_loss`.

    Returns
    -------
    (T, N, C) or (T, C) ndarray
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

       g_{t-1,s} = \mathrm{e}^{a_{t-1,s}} \left(
       \frac{g_{t,s}}{b_{t,s}} + \frac{g_{t,s+1}}{b_{t,s+1}} + \frac{r_{s+2}\, g_{t,s+2}}{b_{t,s+2}}
       \right)

    .. math::

       b_{t,s} = \mathrm{e}^{a_{t-1,s}} + \mathrm{e}^{a_{t-1,s-1}} + r_s\, \mathrm{e}^{a_{t-1,s-2}}

    The shares of a time sum to 1, so none of them overflows and rounding does not grow.

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
    x, labels, steps, sizes = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    grad = _ctc_slope(np.zeros_like, x, labels, steps, sizes, blank, reduction, zero_infinity)
    return grad.reshape(np.shape(log_probs))


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
    r"""Return the derivative of `ctc_loss` by logits, given the log_softmax of these.

    This is what PyTorch returns as the gradient of `log_probs`.

    Parameters
    ----------
    log_probs : (T, N, C) or (T, C) array_like of floating-point numbers
        The log_softmax of the logits, over the classes.
    targets : (N, S) or (sum of target_lengths,) array_like of int, each in [0, C) but not `blank`
        The labels of each sequence, padded with anything or one sequence after the other.
    input_lengths : (N,), (1,) or () array_like of int, each in [0, T]
        The number of times of each sequence: what follows is not looked at.
    target_lengths : (N,), (1,) or () array_like of int, each in [0, S]
        The number of labels of each sequence.
    blank : int in [0, C), default 0
        The class that stands for no label.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the sequences.
    zero_infinity : bool, default False
        Whether an infinite loss becomes 0.

    Returns
    -------
    (T, N, C) or (T, C) ndarray
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
    x, labels, steps, sizes = _checks.alignable(
        log_probs, targets, input_lengths, target_lengths, blank
    )
    grad = _ctc_slope(np.exp, x, labels, steps, sizes, blank, reduction, zero_infinity)
    return grad.reshape(np.shape(log_probs))


def sequence_cross_entropy(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
) -> NDArray:
    r"""Return the cross-entropy of each token of padded sequences.

    Parameters
    ----------
    input : (N, T, C) or (T, C) array_like of floating-point numbers
        Logits of C classes for each token.
    target : (N, T) or (T,) array_like of int, each in [0, C) where it is kept
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
        If the class of a token that is kept is not in [0, C).

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
    r"""Return the derivative of `sequence_cross_entropy` by `input`.

    Parameters and errors are those of `sequence_cross_entropy`.

    Returns
    -------
    (N, T, C) or (T, C) ndarray
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
    grad = cross_entropy_grad(z, y, label_smoothing=label_smoothing, reduction=reduction)
    return grad.reshape(np.shape(input))


def perplexity(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> NDArray:
    r"""Return the perplexity of padded sequences: among how many tokens the model seems to guess.

    Parameters
    ----------
    input : (N, T, C) or (T, C) array_like of floating-point numbers
        Logits of C classes for each token.
    target : (N, T) or (T,) array_like of int, each in [0, C) where it is kept
        The class of each token.
    mask : (N, T) or (T,) array_like of bool or of numbers in {0, 1}, optional
        Whether a token is kept, which all are by default, or is padding.

    Returns
    -------
    scalar
        Perplexity, at least 1: that of equal logits is C.  It is NaN if no token is kept.

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
    loss = sequence_cross_entropy(input, target, mask=mask)
    with np.errstate(over="ignore"):
        return np.exp(loss)


def perplexity_grad(
    input: ArrayLike,
    target: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> NDArray:
    r"""Return the derivative of `perplexity` by `input`.

    Parameters and errors are those of `perplexity`.

    Returns
    -------
    (N, T, C) or (T, C) ndarray
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
    grad = sequence_cross_entropy_grad(input, target, mask=mask)
    with np.errstate(all="ignore"):
        grad *= perplexity(input, target, mask=mask)
    return grad


def _ctc_finite(loss, x, zero_infinity):
    """Return x, or 0 where the loss is infinite if this is wanted."""
    return np.where(loss == np.inf, 0, x) if zero_infinity else x


def _ctc_weight(sizes, reduction):
    """Return the weights of losses: in a mean each is divided by its number of labels."""
    return 1 / np.maximum(sizes, 1) if reduction == "mean" else None


def _ctc_slope(start, x, labels, steps, sizes, blank, reduction, zero_infinity):
    """Return what `start` makes of x less the shares of the classes, weighed as the losses are."""
    states, ends = _ctc_states(labels, sizes, blank, x), _ctc_ends(steps, sizes)
    lattice = np.zeros((len(x) + 1, *states[0].shape), x.dtype)  # nothing comes after the last time
    with np.errstate(all="ignore"):
        grad = start(x, order="C")
        loss, found = _ctc_forward(x, *states, ends, lattice)
        _ctc_backward(x, *states, ends, lattice, *found, grad)
        scale = _reduction.elements_grad(
            lambda loss: _ctc_finite(loss, loss - loss + 1, zero_infinity),  # inf - inf is NaN
            loss,
            weight=_ctc_weight(sizes, reduction),
            reduction=reduction,
        )
        grad *= scale[:, np.newaxis]
    for n, length in enumerate(steps):
        grad[length:, n] = 0
    return grad


def _ctc_states(labels, sizes, blank, x) -> tuple[NDArray, NDArray]:
    """Return where in x[t] each state finds its class, and 0 or -inf for three moves to it.

    A row of states is (2S+1, N), so that all N are moved along together.  They are reached from
    two states before, from one before, and from themselves.
    """
    state = np.full((2 * labels.shape[1] + 1, len(labels)), blank)
    state[1::2] = labels.T
    moves = np.zeros((3, *state.shape), x.dtype)
    moves[0, 2:][state[2:] == state[:-2]] = -np.inf
    moves[:, np.arange(len(state))[:, np.newaxis] > 2 * sizes] = -np.inf
    return state + x.shape[2] * np.arange(len(labels)), moves


def _ctc_ends(steps, sizes):
    """Return by length which sequences end there: their last two places in a row, and they."""
    last = 2 * sizes + [[1], [2]]
    ending = {length: np.flatnonzero(steps == length) for length in set(steps.tolist())}
    return {length: (last[:, n], n) for length, n in ending.items()}


def _ctc_row(state, x):
    """Return an empty row of states behind two places more, and a view of three states before."""
    a = np.full((len(state) + 2, state.shape[1]), -np.inf, x.dtype)
    return a, sliding_window_view(a, 3, axis=0).transpose(2, 0, 1)


def _ctc_forward(x, state, moves, ends, lattice) -> tuple[NDArray, tuple[NDArray, NDArray]]:
    """Return the losses, and what else the way back needs.

    The lattice is filled with the logarithm of what reaches each state, before it emits.  Of each
    time the largest, `top`, is taken out, so that no digits are lost to the length of the way.
    """
    top, last = np.empty(x.shape[:2], x.dtype), np.empty((2, x.shape[1]), x.dtype)
    total = np.empty(x.shape[1], np.promote_types(x.dtype, float))
    for t, a in enumerate(_ctc_rows(x, state, moves, lattice, top)):
        if t in ends:
            n = ends[t][1]
            last[:, n] = a[ends[t]]
            total[n] = top[:t, n].sum(axis=0, dtype=total.dtype)
    both = np.logaddexp(*last)
    return (0 - total - both).astype(x.dtype), (top, np.exp(last - np.maximum(both, _lowest(x))))


def _ctc_rows(x, state, moves, lattice, top):
    """Yield the row of states before the first time and after each."""
    a, before = _ctc_row(state, x)
    a[1] = 0  # the start, one step before the first blank and a leap before the first label
    terms, m = np.empty_like(moves), np.empty_like(a[2:])
    yield a
    for now, reached, largest in zip(x, lattice, top, strict=False):
        np.add(before, moves, out=terms)
        terms.max(axis=0, initial=_lowest(x), out=m)
        terms -= m
        np.exp(terms, out=terms)
        terms.sum(axis=0, out=reached)
        np.log(reached, out=reached)
        reached += m
        now.take(state, out=a[2:], mode="clip")  # "raise" would go through a buffer
        np.add(a[2:], reached, out=m).max(axis=0, initial=_lowest(x), out=largest)
        _ctc_add(a, reached, largest)
        a[1] = -np.inf
        yield a


def _ctc_backward(x, state, moves, ends, lattice, top, shares, grad):
    """Take from grad the share of each class at each time, from the last to the first.

    `shares` are those of the last two states.  What a state hands on is exact however small: it
    is a product of numbers in [0, 1].
    """
    a, before = _ctc_row(state, x)
    g, terms, index = np.zeros_like(a), np.empty_like(moves), state.ravel()
    np.maximum(lattice, _lowest(x), out=lattice)
    for t in reversed(range(len(x))):
        x[t].take(state, out=a[2:], mode="clip")
        _ctc_add(a, lattice[t], top[t])
        np.add(before, moves, out=terms)
        terms -= lattice[t + 1]
        np.exp(terms, out=terms)
        terms *= g[2:]
        g[2:] = terms[2]
        g[1:-1] += terms[1]
        g[:-2] += terms[0]
        if t + 1 in ends:
            n = ends[t + 1][1]
            g[:, n] = 0  # whatever came from beyond the end
            g[ends[t + 1]] = shares[:, n]
        np.subtract.at(grad[t].reshape(-1), index, g[2:].reshape(-1))


def _ctc_add(a, reached, largest):
    """Add to what the states emit what reached them, and take the largest sum out.

    In this order, so that no digit of what reached them is lost where all emit -1e4.
    """
    a[2:] -= largest
    a[2:] += reached


def _lowest(x):
    """Return what stands for -inf where a difference is taken, as -inf - -inf is NaN."""
    return np.finfo(x.dtype).min
