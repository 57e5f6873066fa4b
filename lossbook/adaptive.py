"""The adaptive softmax: frequent classes in a shortlist, rare ones in clusters.

It is that of `torch.nn.AdaptiveLogSoftmaxWithLoss`, whose weights are arguments here.  The
precision of the input is kept and the weights are taken at it; inputs are never modified; NaN
propagates.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks, _reduction
from lossbook._blocks import narrow, quiet
from lossbook._reduction import Reduction
from lossbook._types import ArrayOrScalar
from lossbook.classification import (
    LOGITS_BYTES,
    linear_cross_entropy,
    linear_cross_entropy_grad,
)
from lossbook.special import log_softmax

__all__ = [
    "adaptive_log_prob",
    "adaptive_log_softmax_with_loss",
    "adaptive_log_softmax_with_loss_grad",
    "adaptive_predict",
]


def adaptive_log_softmax_with_loss(
    input: ArrayLike,
    target: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayOrScalar:
    r"""Return the cross-entropy of an adaptive softmax, in which rare classes share clusters.

    Parameters
    ----------
    input : (D,) or (N, D) array_like of floating-point numbers
        What enters the layer.
    target : () or (N,) array_like of int, each in [0, K)
        The class of each sample, frequent classes first.
    head_weight : (c + J, D) array_like of real numbers
        The weights of the first c classes, then of the J clusters.
    tail_weights : [((H, D) array_like, (S, H) array_like), ...]
        A pair of matrices for each cluster: one that projects the input, and the weights of the S
        classes of the cluster, which may differ in H and S from the others.
    cutoffs : [int, ...], each above 0, in increasing order
        The first class of each of the J clusters; the first of all is c, the size of the
        shortlist.
    head_bias : (c + J,) array_like of real numbers, optional
        The bias of the head.
    reduction : {'mean', 'sum', 'none'}
        Whether to average, add or keep the losses of the samples.

    Returns
    -------
    scalar, or () or (N,) ndarray for 'none'
        Cross-entropies in nats, at least 0.  The mean of no samples is NaN.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `target` or `cutoffs` integers, another
        array real numbers, or `tail_weights` pairs.
    ValueError
        If the shapes do not fit each other and the cutoffs, the cutoffs are not in increasing
        order or `reduction` is unknown.
    IndexError
        If a class is not in [0, K).

    Notes
    -----
    :eq:`eq-adaptive-log-softmax-with-loss` of the book, which counts classes and clusters from 1.
    With the cutoffs :math:`c_1 < \dots < c_J`, the input h, its logits :math:`z` in the head and
    :math:`u_j` in cluster j, a class y of the shortlist is one of :math:`c_1 + J` outcomes; a class
    of cluster j is the outcome :math:`c_1 + j`, and then one of the classes of the cluster [1]_:

    .. math::

       \ell(h, y) =
       \begin{cases}
       -\log \operatorname{softmax}(z)_y & \text{if } y \le c_1 \\
       -\log \operatorname{softmax}(z)_{c_1 + j}
       - \log \operatorname{softmax}(u_j)_{y - c_j} & \text{if } c_j < y \le c_{j+1}
       \end{cases}

    with :math:`c_{J+1}` the number K of classes, which follows from the weights.

    PyTorch also returns the log-probabilities of the targets as ``output``: that is minus the
    losses of 'none'.  Its ``div_value`` is what shrinks H from cluster to cluster, so here it
    shows in the shapes.

    References
    ----------
    .. [1] E. Grave, A. Joulin, M. Cissé, D. Grangier and H. Jégou (2017), "Efficient softmax
       approximation for GPUs", Proceedings of the 34th International Conference on Machine
       Learning, 1302-1310.

    Examples
    --------
    Two classes and a cluster of two:

    >>> h = [[1.0, 2.0], [1.0, 0.0]]
    >>> head, tail = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [([[1.0, 0.0]], [[1.0], [-1.0]])]
    >>> losses = adaptive_log_softmax_with_loss(
    ...     h, [1, 3], head, tail, cutoffs=[2], reduction="none"
    ... )
    >>> print(losses.round(4))
    [0.4076 3.6784]
    """
    layers = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    x, head, bias, tails, edges = layers
    y, cluster, outcome = _places(target, input, edges)
    of_outcome = linear_cross_entropy(
        x, head, outcome, linear_bias=bias, reduction="none"
    )
    losses = np.asarray(of_outcome)
    for n, k in _samples_of_clusters(cluster, x, tails):
        projection, weight = tails[k]
        u = _linear(x[n], projection)
        within = linear_cross_entropy(u, weight, y[n] - edges[k], reduction="none")
        with quiet():
            losses[n] += within
    losses = losses.reshape(np.shape(target))
    loss = _reduction.elements(lambda loss: loss, losses, reduction=reduction)
    return narrow(loss, input)


def adaptive_log_softmax_with_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> tuple[NDArray, NDArray, list[tuple[NDArray, NDArray]], *tuple[NDArray, ...]]:
    r"""Return the derivatives of `adaptive_log_softmax_with_loss` with respect to `input` and all weights.

    Parameters and errors are those of `adaptive_log_softmax_with_loss`.

    Returns
    -------
    input_grad : (D,) or (N, D) ndarray
        Derivatives by what enters the layer; with 'none' those of the sum.
    head_weight_grad : (c + J, D) ndarray
        Derivatives with respect to the weights of the head.
    tail_weights_grad : [((H, D) ndarray, (S, H) ndarray), ...]
        Derivatives with respect to the pair of matrices of each cluster, 0 for one without a sample.
    head_bias_grad : (c + J,) ndarray, only if there is a bias
        Derivatives with respect to the bias of the head.

    Notes
    -----
    :eq:`eq-adaptive-slopes`, :eq:`eq-adaptive-head-grad`, :eq:`eq-adaptive-tail-grad` and
    :eq:`eq-adaptive-log-softmax-with-loss-grad` of the book.  A sample has the outcome o in the
    head, whose logits z come from the weights W and the bias b; the logits u of its cluster come
    from the weights B times the projection :math:`v = A h`, and t is its class there, counted from
    1.  Then

    .. math::

       \begin{aligned}
       \delta_k &= \operatorname{softmax}(z)_k - \mathbb{1}[k = o] \\
       \epsilon_s &= \operatorname{softmax}(u)_s - \mathbb{1}[s = t]
       \end{aligned}

    .. math::

       \begin{aligned}
       \frac{\partial \ell(h, y)}{\partial W_{k,d}} &= \delta_k\, h_d \\
       \frac{\partial \ell(h, y)}{\partial b_k} &= \delta_k
       \end{aligned}

    .. math::

       \begin{aligned}
       \frac{\partial \ell(h, y)}{\partial B_{s,r}} &= \epsilon_s\, v_r \\
       \frac{\partial \ell(h, y)}{\partial A_{r,d}} &= \sum_{s=1}^{m} \epsilon_s\, B_{s,r}\, h_d
       \end{aligned}

    .. math::

       \frac{\partial \ell(h, y)}{\partial h_d} = \sum_{k=1}^{n} \delta_k\, W_{k,d}
       + \sum_{r=1}^{H} \sum_{s=1}^{m} \epsilon_s\, B_{s,r}\, A_{r,d}

    with n outcomes in the head and m classes in the cluster; a class of the shortlist has no
    :math:`\epsilon`.

    Examples
    --------
    >>> head, tail = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [([[1.0, 0.0]], [[1.0], [-1.0]])]
    >>> by_input, by_head, by_tail = adaptive_log_softmax_with_loss_grad(
    ...     [[1.0, 0.0]], [3], head, tail, cutoffs=[2]
    ... )
    >>> print(by_input.round(4), by_tail[0][1].round(4), sep="\n")
    [[2.3377 0.2119]]
    [[ 0.8808]
     [-0.8808]]
    """
    layers = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    x, head, bias, tails, edges = layers
    y, cluster, outcome = _places(target, input, edges)
    # Weights that saw no sample have the derivative 0, not 0 / 0.
    over = max(1, len(y))
    scale = _reduction.gradient_scale(reduction, over, len(y), x.dtype)
    by_x, *by_head = linear_cross_entropy_grad(
        x, head, outcome, linear_bias=bias, reduction="sum"
    )
    zeros = lambda tail: (np.zeros_like(tail[0]), np.zeros_like(tail[1]))
    by_tails = [zeros(tail) for tail in tails]
    for n, k in _samples_of_clusters(cluster, x, tails):
        within = y[n] - edges[k]
        _through_cluster(x[n], within, tails[k], by_x, n, by_tails[k])
    scaled = lambda grad: narrow(scale * grad, input)
    by_tails = [(scaled(by_p), scaled(by_w)) for by_p, by_w in by_tails]
    by_weight, *by_bias = map(scaled, by_head)
    return scaled(by_x.reshape(np.shape(input))), by_weight, by_tails, *by_bias


def _places(target, input, edges):
    """Return the class of each sample, its cluster, -1 for none, and its outcome in the head."""
    y = _checks.class_indices(target, "target", edges[-1])
    x = np.asarray(input)
    _checks.shape(y, "target", x.shape[:-1], input=x)
    y = y.reshape(-1)
    cluster = np.searchsorted(edges, y, side="right") - 1
    outcome = np.where(cluster < 0, y, edges[0] + cluster)
    return y, cluster, outcome


def _samples_of_clusters(cluster, x, tails):
    """Yield the samples of each cluster, as many as make a block, and the cluster."""
    for k in range(len(tails)):
        samples = np.flatnonzero(cluster == k)
        for n in _rows(len(samples), x.shape[1]):
            yield samples[n], k


def _through_cluster(x, y, tail, by_x, n, by_tail):
    """Add the derivatives of the samples n of a cluster to those by inputs and by its weights."""
    (projection, weight), (by_projection, by_weight) = tail, by_tail
    u = _linear(x, projection)
    by_u, by_w = linear_cross_entropy_grad(u, weight, y, reduction="sum")
    with quiet():
        by_x[n] += by_u @ projection
        by_projection += by_u.T @ x
        by_weight += by_w


def adaptive_log_prob(
    input: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
) -> NDArray:
    r"""Return the log-probability of every class in an adaptive softmax.

    Parameters
    ----------
    input : (D,) or (N, D) array_like of floating-point numbers
        What enters the layer.
    head_weight : (c + J, D) array_like of real numbers
        The weights of the first c classes, then of the J clusters.
    tail_weights : [((H, D) array_like, (S, H) array_like), ...]
        A projection and the weights of the S classes for each cluster.
    cutoffs : [int, ...], each above 0, in increasing order
        The first class of each of the J clusters.
    head_bias : (c + J,) array_like of real numbers, optional
        The bias of the head.

    Returns
    -------
    (K,) or (N, K) ndarray
        Log-probabilities in nats, each at most 0; the probabilities of a sample sum to 1.

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `cutoffs` integers, another array real
        numbers, or `tail_weights` pairs.
    ValueError
        If the shapes do not fit each other and the cutoffs, or the cutoffs are not in increasing
        order.

    Notes
    -----
    :eq:`eq-adaptive-log-prob` of the book, what `adaptive_log_softmax_with_loss` takes the
    negative of, for each class in turn [1]_:

    .. math::

       \log p_y =
       \begin{cases}
       \log \operatorname{softmax}(z)_y & \text{if } y \le c_1 \\
       \log \operatorname{softmax}(z)_{c_1 + j}
       + \log \operatorname{softmax}(u_j)_{y - c_j} & \text{if } c_j < y \le c_{j+1}
       \end{cases}

    It is ``log_prob`` of PyTorch's module.

    References
    ----------
    .. [1] E. Grave, A. Joulin, M. Cissé, D. Grangier and H. Jégou (2017), "Efficient softmax
       approximation for GPUs", Proceedings of the 34th International Conference on Machine
       Learning, 1302-1310.

    Examples
    --------
    >>> head, tail = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [([[1.0, 0.0]], [[1.0], [-1.0]])]
    >>> print(adaptive_log_prob([1.0, 0.0], head, tail, cutoffs=[2]).round(4))
    [-0.5514 -1.5514 -1.6784 -3.6784]
    """
    layers = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    count, classes = len(layers.inputs), layers.edges[-1]
    result = np.empty((count, classes), layers.inputs.dtype)
    for n in _rows(count, classes):
        _fill_log_prob(result[n], layers, n)
    return narrow(result.reshape(*np.shape(input)[:-1], classes), input)


def adaptive_predict(
    input: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
) -> NDArray | np.integer:
    r"""Return the most probable class of an adaptive softmax.

    Parameters
    ----------
    input : (D,) or (N, D) array_like of floating-point numbers
        What enters the layer.
    head_weight : (c + J, D) array_like of real numbers
        The weights of the first c classes, then of the J clusters.
    tail_weights : [((H, D) array_like, (S, H) array_like), ...]
        A projection and the weights of the S classes for each cluster.
    cutoffs : [int, ...], each above 0, in increasing order
        The first class of each of the J clusters.
    head_bias : (c + J,) array_like of real numbers, optional
        The bias of the head.

    Returns
    -------
    scalar, or (N,) ndarray
        Classes, each in [0, K).

    Raises
    ------
    TypeError
        If `input` does not hold floating-point numbers, `cutoffs` integers, another array real
        numbers, or `tail_weights` pairs.
    ValueError
        If the shapes do not fit each other and the cutoffs, or the cutoffs are not in increasing
        order.

    Notes
    -----
    :eq:`eq-adaptive-predict` of the book: with the log-probabilities of `adaptive_log_prob` [1]_
    the class :math:`\hat{y}` is the first for which

    .. math::

       \log p_{\hat{y}} = \max_{k=1}^{K} \log p_k

    No class of a cluster is more probable than the cluster.  So where the head's largest logit
    is that of a class the clusters need not be looked at.  It is ``predict`` of PyTorch's
    module.

    References
    ----------
    .. [1] E. Grave, A. Joulin, M. Cissé, D. Grangier and H. Jégou (2017), "Efficient softmax
       approximation for GPUs", Proceedings of the 34th International Conference on Machine
       Learning, 1302-1310.

    Examples
    --------
    >>> head, tail = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [([[1.0, 0.0]], [[1.0], [-1.0]])]
    >>> print(adaptive_predict([[1.0, 0.0], [-3.0, -2.0]], head, tail, cutoffs=[2]))
    [0 3]
    """
    layers = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    x, head, bias, _, edges = layers
    best = np.empty(len(x), np.intp)
    for n in _rows(len(x), edges[-1]):
        best[n] = _linear(x[n], head, bias).argmax(axis=1)
        far = n.start + np.flatnonzero(best[n] >= edges[0])
        log_prob = np.empty((len(far), edges[-1]), x.dtype)
        _fill_log_prob(log_prob, layers, far)
        best[far] = log_prob.argmax(axis=1)
    return best.reshape(np.shape(input)[:-1])[()]


# --- shared


def _fill_log_prob(result, layers, n):
    """Fill the log-probabilities of the samples n, (n, K)."""
    x, head, bias, tails, edges = layers
    shortlist = edges[0]
    outcomes = log_softmax(_linear(x[n], head, bias))
    result[:, :shortlist] = outcomes[:, :shortlist]
    for k, (projection, weight) in enumerate(tails):
        u = _linear(x[n], projection)
        within = log_softmax(_linear(u, weight))
        of_cluster = outcomes[:, shortlist + k, np.newaxis]
        with quiet():
            result[:, edges[k] : edges[k + 1]] = of_cluster + within


def _linear(x, w, b=None):
    with quiet():
        return x @ w.T if b is None else x @ w.T + b


def _rows(count, width):
    """Return the slices of rows of `width` numbers that make up blocks."""
    return _blocks.rows(count, 8 * width, LOGITS_BYTES)
