"""Losses for many classes, which look at a few of them: clusters and samples.

The adaptive softmax is that of `torch.nn.AdaptiveLogSoftmaxWithLoss`, whose weights are arguments
here.  Samplers, and the losses of what was sampled, have the names and keywords of `tf.random` and
`tf.nn`: labels come before inputs and nothing is reduced.  Where TensorFlow takes a seed these
take `rng`, a `numpy.random.Generator`.  The precision of the first argument that is learnt is
kept and the others are taken at it; inputs are never modified; NaN propagates.
"""

from __future__ import annotations  # so that numpy.random is not imported for its name

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks, _reduction
from lossbook._reduction import Reduction
from lossbook.classification import (
    LOGITS_BYTES,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_grad,
    cross_entropy,
    cross_entropy_grad,
    linear_cross_entropy,
    linear_cross_entropy_grad,
)
from lossbook.special import log_softmax

__all__ = [
    "adaptive_log_prob",
    "adaptive_log_softmax_with_loss",
    "adaptive_log_softmax_with_loss_grad",
    "adaptive_predict",
    "compute_accidental_hits",
    "fixed_unigram_candidate_sampler",
    "learned_unigram_candidate_sampler",
    "log_uniform_candidate_sampler",
    "nce_loss",
    "nce_loss_grad",
    "sampled_softmax_loss",
    "sampled_softmax_loss_grad",
    "uniform_candidate_sampler",
]

MOST_TRIES = 2**31 - 1  # after which TensorFlow ends the process
DRAWS = 1 << 16  # at a time, at most, while candidates must differ


def adaptive_log_softmax_with_loss(
    input: ArrayLike,
    target: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> NDArray:
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
    x, head, bias, tails, edges = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    y, cluster, outcome = _places(target, input, edges)
    losses = linear_cross_entropy(x, head, outcome, linear_bias=bias, reduction="none")
    for n, k in _samples_of_clusters(cluster, x, tails):
        projection, weight = tails[k]
        u = _linear(x[n], projection)
        within = linear_cross_entropy(u, weight, y[n] - edges[k], reduction="none")
        with np.errstate(over="ignore"):
            losses[n] += within
    losses = losses.reshape(np.shape(target))
    return _reduction.elements(lambda loss: loss, losses, reduction=reduction)


def adaptive_log_softmax_with_loss_grad(
    input: ArrayLike,
    target: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> tuple:
    r"""Return the derivatives of `adaptive_log_softmax_with_loss` by `input` and all weights.

    Parameters and errors are those of `adaptive_log_softmax_with_loss`.

    Returns
    -------
    input_grad : (D,) or (N, D) ndarray
        Derivatives by what enters the layer; with 'none' those of the sum.
    head_weight_grad : (c + J, D) ndarray
        Derivatives by the weights of the head.
    tail_weights_grad : [((H, D) ndarray, (S, H) ndarray), ...]
        Derivatives by the pair of matrices of each cluster, 0 for one without a sample.
    head_bias_grad : (c + J,) ndarray, only if there is a bias
        Derivatives by the bias of the head.

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
    x, head, bias, tails, edges = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    y, cluster, outcome = _places(target, input, edges)
    # Weights that saw no sample have the derivative 0, not 0 / 0.
    scale = _reduction.gradient_scale(reduction, max(1, len(y)), len(y), x.dtype)
    by_x, *by_head = linear_cross_entropy_grad(x, head, outcome, linear_bias=bias, reduction="sum")
    by_tails = [(np.zeros_like(projection), np.zeros_like(weight)) for projection, weight in tails]
    for n, k in _samples_of_clusters(cluster, x, tails):
        _through_cluster(x[n], y[n] - edges[k], tails[k], by_x, n, by_tails[k])
    for grad in [by_x, *by_head, *(grad for pair in by_tails for grad in pair)]:
        grad *= scale
    return (by_x.reshape(np.shape(input)), by_head[0], by_tails, *by_head[1:])


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
    x, head, bias, tails, edges = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    result = np.empty((len(x), edges[-1]), x.dtype)
    for n in _rows(len(x), edges[-1], LOGITS_BYTES):
        _fill_log_prob(result[n], x[n], head, bias, tails, edges)
    return result.reshape(*np.shape(input)[:-1], edges[-1])


def adaptive_predict(
    input: ArrayLike,
    head_weight: ArrayLike,
    tail_weights: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    cutoffs: Sequence[int],
    head_bias: ArrayLike | None = None,
) -> NDArray:
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
    x, head, bias, tails, edges = _checks.adaptive_layers(
        input, head_weight, tail_weights, head_bias, cutoffs
    )
    best = np.empty(len(x), np.intp)
    for n in _rows(len(x), edges[-1], LOGITS_BYTES):
        best[n] = _linear(x[n], head, bias).argmax(axis=1)
        far = n.start + np.flatnonzero(best[n] >= edges[0])
        log_prob = np.empty((len(far), edges[-1]), x.dtype)
        best[far] = _fill_log_prob(log_prob, x[far], head, bias, tails, edges).argmax(axis=1)
    return best.reshape(np.shape(input)[:-1])[()]


def uniform_candidate_sampler(
    true_classes: ArrayLike,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    rng: np.random.Generator,
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Draw candidate classes, each as probable as any other.

    Parameters
    ----------
    true_classes : (N, num_true) array_like of int, each in [0, range_max)
        The classes of each sample: nothing is drawn from them, but their counts are returned.
    num_true : int >= 1
        The number of true classes of each sample.
    num_sampled : int >= 1
        The number of candidates, which all samples share.
    unique : bool
        Whether all candidates differ; then `num_sampled` is at most `range_max`.
    range_max : int >= 1
        The number of classes.
    rng : numpy.random.Generator
        What to draw with.

    Returns
    -------
    sampled_candidates : (num_sampled,) ndarray of int
        Candidates in the order they were drawn, true classes perhaps among them.
    true_expected_count : (N, num_true) ndarray
        How often each true class is expected among the candidates.
    sampled_expected_count : (num_sampled,) ndarray
        How often each candidate is expected among the candidates.

    Raises
    ------
    TypeError
        If `true_classes` or a number is not of integers, or `rng` is no generator.
    ValueError
        If `true_classes` has another shape, a number is below 1, there are fewer classes than
        candidates that must differ, or these are not found in 2147483647 tries.
    IndexError
        If a true class is not in [0, range_max).

    Notes
    -----
    :eq:`eq-uniform-candidate-sampler`, :eq:`eq-expected-count` and :eq:`eq-expected-count-unique`
    of the book.  Of K classes, class k is drawn with the probability

    .. math::

       q_k = \frac{1}{K}

    as in one of the first uses of noise-contrastive estimation for words [1]_.  With replacement,
    S candidates are expected to hold class k

    .. math::

       Q_k = S\, q_k

    times.  If they must differ, candidates are drawn until S different ones were seen, in M tries,
    and as though the number of tries were given,

    .. math::

       Q_k = 1 - (1 - q_k)^M

    Two quirks are TensorFlow's: this is an approximation, as M depends on what is drawn; and where
    the first S tries all differ it is the :math:`S\, q_k` of above, which is larger and may
    exceed 1.  TensorFlow counts in float32, here it is float64.

    References
    ----------
    .. [1] A. Mnih and Y. W. Teh (2012), "A fast and simple algorithm for training neural
       probabilistic language models", Proceedings of the 29th International Conference on
       Machine Learning, arXiv 1206.6426.

    Examples
    --------
    >>> sampled, of_true, of_sampled = uniform_candidate_sampler(
    ...     [[0], [7]],
    ...     num_true=1,
    ...     num_sampled=5,
    ...     unique=False,
    ...     range_max=10,
    ...     rng=np.random.default_rng(0),
    ... )
    >>> print(sampled, of_true.ravel(), of_sampled)
    [8 6 5 2 3] [0.5 0.5] [0.5 0.5 0.5 0.5 0.5]
    """
    y = _checks.candidates(true_classes, num_true, num_sampled, unique, range_max, rng)
    draw = lambda size: rng.integers(range_max, size=size)
    return _candidates(draw, lambda c: np.full(c.shape, 1 / range_max), y, num_sampled, unique)


def log_uniform_candidate_sampler(
    true_classes: ArrayLike,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    rng: np.random.Generator,
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Draw candidate classes as if class c were word c of a language, by frequency.

    Parameters
    ----------
    true_classes : (N, num_true) array_like of int, each in [0, range_max)
        The classes of each sample: nothing is drawn from them, but their counts are returned.
    num_true : int >= 1
        The number of true classes of each sample.
    num_sampled : int >= 1
        The number of candidates, which all samples share.
    unique : bool
        Whether all candidates differ; then `num_sampled` is at most `range_max`.
    range_max : int >= 1
        The number of classes.
    rng : numpy.random.Generator
        What to draw with.

    Returns
    -------
    sampled_candidates : (num_sampled,) ndarray of int
        Candidates in the order they were drawn, true classes perhaps among them.
    true_expected_count : (N, num_true) ndarray
        How often each true class is expected among the candidates.
    sampled_expected_count : (num_sampled,) ndarray
        How often each candidate is expected among the candidates.

    Raises
    ------
    TypeError
        If `true_classes` or a number is not of integers, or `rng` is no generator.
    ValueError
        If `true_classes` has another shape, a number is below 1, there are fewer classes than
        candidates that must differ, or these are not found in 2147483647 tries.
    IndexError
        If a true class is not in [0, range_max).

    Notes
    -----
    :eq:`eq-log-uniform-candidate-sampler` of the book, which counts classes from 1.  Of K classes,
    class k is drawn with the probability

    .. math::

       q_k = \frac{\log(k + 1) - \log k}{\log(K + 1)}

    about in proportion to :math:`1 / k`, Zipf's law for the frequency of a word by its rank [1]_.
    So the classes must be sorted by frequency, the most frequent first: nothing checks it.  It is
    the whole part of :math:`\mathrm{e}^x` with x uniform in :math:`[0, \log(K + 1))`, less 1 where
    classes count from 0.

    Expected counts are those of `uniform_candidate_sampler`.  To draw all or nearly all classes,
    each once, takes many times as many tries.

    References
    ----------
    .. [1] G. K. Zipf (1949), "Human Behavior and the Principle of Least Effort", Addison-Wesley.

    Examples
    --------
    >>> sampled, of_true, _ = log_uniform_candidate_sampler(
    ...     [[0], [7]],
    ...     num_true=1,
    ...     num_sampled=5,
    ...     unique=False,
    ...     range_max=10,
    ...     rng=np.random.default_rng(0),
    ... )
    >>> print(sampled, of_true.ravel().round(4))
    [3 0 0 0 6] [1.4453 0.2456]
    """
    y = _checks.candidates(true_classes, num_true, num_sampled, unique, range_max, rng)
    log_end = np.log1p(range_max)
    # TensorFlow's safeguard, too: rounded, the largest of all could be range_max.
    draw = lambda size: (np.exp(rng.random(size) * log_end).astype(np.intp) - 1) % range_max
    probability = lambda c: np.log1p(1 / (c + 1)) / log_end
    return _candidates(draw, probability, y, num_sampled, unique)


def fixed_unigram_candidate_sampler(
    true_classes: ArrayLike,
    unigrams: ArrayLike,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    rng: np.random.Generator,
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Draw candidate classes in proportion to a power of given counts.

    Parameters
    ----------
    true_classes : (N, num_true) array_like of int, each in [0, range_max)
        The classes of each sample: nothing is drawn from them, but their counts are returned.
    unigrams : (range_max - num_reserved_ids,) array_like of real numbers, each at least 0
        Counts or probabilities of the classes that are not reserved.
    num_true : int >= 1
        The number of true classes of each sample.
    num_sampled : int >= 1
        The number of candidates, which all samples share.
    unique : bool
        Whether all candidates differ; then there are at least `num_sampled` classes of a weight
        above 0.
    range_max : int >= 1
        The number of classes.
    distortion : -inf < float < inf, default 1.0
        The power of the counts: 1 leaves them as they are, 0 makes them equal.
    num_reserved_ids : int in [0, range_max], default 0
        The number of first classes that are never drawn.
    rng : numpy.random.Generator
        What to draw with.

    Returns
    -------
    sampled_candidates : (num_sampled,) ndarray of int
        Candidates in the order they were drawn, true classes perhaps among them.
    true_expected_count : (N, num_true) ndarray
        How often each true class is expected among the candidates.
    sampled_expected_count : (num_sampled,) ndarray
        How often each candidate is expected among the candidates.

    Raises
    ------
    TypeError
        If `true_classes` or a number is not of integers, `unigrams` not of real numbers,
        `distortion` no number or `rng` no generator.
    ValueError
        If the shapes do not fit, a number or a count leaves its domain, the weights have no finite
        sum above 0, there are fewer classes of a weight above 0 than candidates that must differ,
        or these are not found in 2147483647 tries.
    IndexError
        If a true class is not in [0, range_max).

    Notes
    -----
    :eq:`eq-fixed-unigram-candidate-sampler` of the book, which counts classes from 1: with r
    reserved classes, the counts n of the others and the distortion :math:`\alpha`

    .. math::

       q_k =
       \begin{cases}
       0 & \text{if } k \le r \\
       \frac{n_k^{\alpha}}{\sum_{j=r+1}^{K} n_j^{\alpha}} & \text{if } k > r
       \end{cases}

    A distortion of 0.75 raises rare words; it served best for word vectors [1]_.  Of 0 it raises
    counts of 0 too, as :math:`0^0 = 1`.  Expected counts are those of `uniform_candidate_sampler`.

    A true class that is never drawn has the expected count 0, and from its logarithm
    `sampled_softmax_loss` and `nce_loss` make NaN, as in TensorFlow.  Where too few classes can be
    drawn TensorFlow tries on until it ends the process: here it is refused.  Its ``vocab_file``,
    ``num_shards`` and ``shard`` are left out.

    References
    ----------
    .. [1] T. Mikolov, I. Sutskever, K. Chen, G. S. Corrado and J. Dean (2013), "Distributed
       Representations of Words and Phrases and their Compositionality", Advances in Neural
       Information Processing Systems 26, 3111-3119.

    Examples
    --------
    >>> sampled, of_true, _ = fixed_unigram_candidate_sampler(
    ...     [[1], [3]],
    ...     [16.0, 1.0, 1.0],
    ...     num_true=1,
    ...     num_sampled=6,
    ...     unique=False,
    ...     range_max=4,
    ...     distortion=0.5,
    ...     num_reserved_ids=1,
    ...     rng=np.random.default_rng(0),
    ... )
    >>> print(sampled, of_true.ravel())
    [1 1 1 1 2 3] [4. 1.]
    """
    y = _checks.candidates(true_classes, num_true, num_sampled, unique, range_max, rng)
    weights = _checks.unigrams(unigrams, distortion, num_reserved_ids, range_max)
    _checks.enough(num_sampled, unique, np.count_nonzero(weights))
    return _by_weight(weights, y, num_sampled, unique, rng)


def learned_unigram_candidate_sampler(
    true_classes: ArrayLike,
    counts: ArrayLike | None = None,
    *,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    rng: np.random.Generator,
) -> tuple[tuple[NDArray, NDArray, NDArray], NDArray]:
    r"""Draw candidate classes in proportion to how often each was a true class before.

    Parameters
    ----------
    true_classes : (N, num_true) array_like of int, each in [0, range_max)
        The classes of each sample: nothing is drawn from them, but their counts are returned.
    counts : (range_max,) array_like of int, each at least 1, optional
        What the last call returned; None before the first one, which stands for 1 each.
    num_true : int >= 1
        The number of true classes of each sample.
    num_sampled : int >= 1
        The number of candidates, which all samples share.
    unique : bool
        Whether all candidates differ; then `num_sampled` is at most `range_max`.
    range_max : int >= 1
        The number of classes.
    rng : numpy.random.Generator
        What to draw with.

    Returns
    -------
    sampled_values : ((num_sampled,) ndarray of int, (N, num_true) ndarray, (num_sampled,) ndarray)
        Candidates in the order they were drawn, and how often each true class and each candidate
        is expected among them: what the other samplers return.
    counts : (range_max,) ndarray of int
        The counts for the next call, these true classes among them.

    Raises
    ------
    TypeError
        If `true_classes`, `counts` or a number is not of integers, or `rng` is no generator.
    ValueError
        If the shapes do not fit, a number or a count is below 1, there are fewer classes than
        candidates that must differ, or these are not found in 2147483647 tries.
    IndexError
        If a true class is not in [0, range_max).

    Notes
    -----
    :eq:`eq-learned-unigram-candidate-sampler` of the book.  With the counts n of K classes, a
    unigram distribution as in the first importance sampling for language models [1]_, here learnt
    while it is used:

    .. math::

       \begin{aligned}
       q_k &= \frac{n_k}{\sum_{j=1}^{K} n_j} \\
       n'_k &= n_k + \sum_{i=1}^{N} \sum_{j=1}^{T} \mathbb{1}[y_{i,j} = k]
       \end{aligned}

    with T the number of true classes of a sample.  The true classes of a call count from the next
    call on, as in TensorFlow, whose sampler hides its counts, and stops learning when they sum to
    2147483647.  Expected counts are those of `uniform_candidate_sampler`.

    References
    ----------
    .. [1] Y. Bengio and J.-S. Senécal (2003), "Quick Training of Probabilistic Neural Nets by
       Importance Sampling", Proceedings of the Ninth International Workshop on Artificial
       Intelligence and Statistics, 17-24.

    Examples
    --------
    >>> rng, counts = np.random.default_rng(0), None
    >>> options = {"num_true": 1, "num_sampled": 4, "unique": False, "range_max": 3, "rng": rng}
    >>> for labels in ([[2], [2], [2]], [[2], [0], [2]]):
    ...     (sampled, of_true, _), counts = learned_unigram_candidate_sampler(
    ...         labels, counts, **options
    ...     )
    ...     print(sampled, of_true.ravel().round(4), counts)
    [1 0 0 0] [1.3333 1.3333 1.3333] [1 1 4]
    [2 2 2 2] [2.6667 0.6667 2.6667] [2 1 6]
    """
    y = _checks.candidates(true_classes, num_true, num_sampled, unique, range_max, rng)
    counts = _checks.class_counts(counts, range_max)
    values = _by_weight(counts, y, num_sampled, unique, rng)
    return values, counts + np.bincount(y.reshape(-1), minlength=range_max)


def compute_accidental_hits(
    true_classes: ArrayLike, sampled_candidates: ArrayLike, *, num_true: int
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Return where a candidate is one of the true classes of a sample.

    Parameters
    ----------
    true_classes : (N, num_true) array_like of int, each at least 0
        The classes of each sample.
    sampled_candidates : (S,) array_like of int
        Candidates, which should differ.
    num_true : int >= 1
        The number of true classes of each sample.

    Returns
    -------
    indices : (hits,) ndarray of int
        The sample of each hit, in increasing order.
    ids : (hits,) ndarray of int
        The place of each hit among the candidates, in the order of the sample's true classes.
    weights : (hits,) ndarray of float32
        What to add to the logit of each hit: the lowest finite number.

    Raises
    ------
    TypeError
        If an array does not hold integers, or `num_true` is no integer.
    ValueError
        If an array has another shape, or `num_true` is below 1.
    IndexError
        If a true class is below 0.

    Notes
    -----
    :eq:`eq-compute-accidental-hits` of the book: with the true classes :math:`y_{i,j}` of sample i
    and the candidates s, sample i meets candidate m

    .. math::

       r_{i,m} = \sum_{j=1}^{T} \mathbb{1}[s_m = y_{i,j}]

    times.  A softmax over the true class and the candidates needs each class once [1]_, so hits are taken
    out of it.  TensorFlow's quirks are kept: of equal candidates only the last is a hit, and a
    true class that a sample has twice is a hit twice.

    References
    ----------
    .. [1] S. Jean, K. Cho, R. Memisevic and Y. Bengio (2015), "On Using Very Large Target
       Vocabulary for Neural Machine Translation", Proceedings of the 53rd Annual Meeting of the
       Association for Computational Linguistics and the 7th International Joint Conference on
       Natural Language Processing, 1-10.

    Examples
    --------
    >>> indices, ids, weights = compute_accidental_hits([[5], [9], [2]], [2, 3, 5], num_true=1)
    >>> print(indices, ids, weights)
    [0 2] [2 0] [-3.4028235e+38 -3.4028235e+38]
    """
    y, s = _checks.hits(true_classes, sampled_candidates, num_true)
    order = np.argsort(s, kind="stable")
    indices, columns = np.nonzero(np.isin(y, s))
    ids = order[np.searchsorted(s, y[indices, columns], side="right", sorter=order) - 1]
    return indices, ids, np.full(len(ids), np.finfo(np.float32).min)


def sampled_softmax_loss(
    weights: ArrayLike,
    biases: ArrayLike,
    labels: ArrayLike,
    inputs: ArrayLike,
    *,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    remove_accidental_hits: bool = True,
    rng: np.random.Generator | None = None,
) -> NDArray:
    r"""Return the cross-entropy of a softmax over the true classes and sampled candidates.

    Parameters
    ----------
    weights : (K, D) array_like of floating-point numbers
        The weights of the layer, a row for each class.
    biases : (K,) array_like of real numbers
        The bias of the layer.
    labels : (N, num_true) array_like of int, each in [0, num_classes)
        The true classes of each sample.
    inputs : (N, D) array_like of real numbers
        What enters the layer.
    num_sampled : int >= 1
        The number of candidates.
    num_classes : int in [1, K]
        The number of classes: rows of the weights beyond it belong to none.
    num_true : int >= 1, default 1
        The number of true classes of each sample.
    sampled_values : ((num_sampled,) array_like of int, (N, num_true) array_like, (num_sampled,) array_like), optional
        What a candidate sampler returned: candidates, and the expected counts of true classes and
        of candidates, at least 0.  If None, `log_uniform_candidate_sampler` draws candidates that
        differ.
    remove_accidental_hits : bool, default True
        Whether to take out candidates that are a true class of the sample.
    rng : numpy.random.Generator, optional
        What to draw candidates with if `sampled_values` is None.

    Returns
    -------
    (N,) ndarray
        Losses in nats, one for each sample.

    Raises
    ------
    TypeError
        If `weights` does not hold floating-point numbers, another array real numbers, `labels` or
        candidates integers, a number is no integer, or `rng` no generator where one is needed.
    ValueError
        If the shapes do not fit, or a number or an expected count leaves its domain.
    IndexError
        If a label or a candidate is not in [0, num_classes).

    Notes
    -----
    :eq:`eq-corrected-logit` and :eq:`eq-sampled-softmax-loss` of the book.  Of the input h, the
    logit of class k less the logarithm of its expected count :math:`Q_k` is

    .. math::

       \tilde{z}_k = \sum_{d=1}^{D} W_{k,d}\, h_d + b_k - \log Q_k

    With the T true classes y of a sample and the candidates :math:`\mathcal{S}`, those that are
    among y taken out, the loss is [1]_

    .. math::

       \ell(h, y) = -\frac{1}{T} \sum_{j=1}^{T} \log
       \frac{\mathrm{e}^{\tilde{z}_{y_j}}}
       {\sum_{i=1}^{T} \mathrm{e}^{\tilde{z}_{y_i}}
       + \sum_{k \in \mathcal{S}} \mathrm{e}^{\tilde{z}_k}}

    As class k is a candidate :math:`Q_k` times on average, the sum over candidates is an unbiased
    estimate of that over all classes, the device of importance sampling [2]_.  The loss is not: without
    replacement it reads on average no higher than that of the full softmax, by
    :eq:`eq-sampled-softmax-low`, and with replacement it may read higher.  So train with it, but
    measure with `linear_cross_entropy`.

    TensorFlow computes at the precision of the inputs, this at that of the weights.  Equal
    candidates are all counted, and only the last of them is taken out as a hit, as in
    TensorFlow.  A true class of the expected count 0 makes NaN.

    References
    ----------
    .. [1] S. Jean, K. Cho, R. Memisevic and Y. Bengio (2015), "On Using Very Large Target
       Vocabulary for Neural Machine Translation", Proceedings of the 53rd Annual Meeting of the
       Association for Computational Linguistics and the 7th International Joint Conference on
       Natural Language Processing, 1-10.
    .. [2] Y. Bengio and J.-S. Senécal (2008), "Adaptive Importance Sampling to Accelerate
       Training of a Neural Probabilistic Language Model", IEEE Transactions on Neural Networks
       19(4), 713-722.

    Examples
    --------
    >>> W, b = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]], [0.0, 0.0, 0.0, 0.0]
    >>> labels, inputs = [[0], [1]], [[1.0, 2.0], [1.0, 3.0]]
    >>> sampled_values = [0, 2], [[0.5], [0.5]], [0.5, 0.5]
    >>> loss = sampled_softmax_loss(
    ...     W, b, labels, inputs, num_sampled=2, num_classes=4, sampled_values=sampled_values
    ... )
    >>> print(loss.round(4))
    [0.3133 0.1698]
    """
    z, t, _ = _sampled_logits(
        *(weights, biases, labels, inputs, num_sampled, num_classes, num_true),
        *(sampled_values, remove_accidental_hits, rng),
    )
    return cross_entropy(z, t, reduction="none")


def sampled_softmax_loss_grad(
    weights: ArrayLike,
    biases: ArrayLike,
    labels: ArrayLike,
    inputs: ArrayLike,
    *,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    remove_accidental_hits: bool = True,
    rng: np.random.Generator | None = None,
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Return the derivatives of `sampled_softmax_loss` by weights, biases and inputs.

    Parameters and errors are those of `sampled_softmax_loss`.

    Returns
    -------
    weights_grad : (K, D) ndarray
        Derivatives of the sum of the losses by the weights, all of them: 0 for a class that is
        neither true nor a candidate.
    biases_grad : (K,) ndarray
        Derivatives by the bias of the layer.
    inputs_grad : (N, D) ndarray
        Derivatives by what enters the layer.

    Notes
    -----
    :eq:`eq-sampled-softmax-slope` and :eq:`eq-sampled-softmax-loss-grad` of the book, for one
    sample.  With the softmax :math:`\rho` over T true classes and S candidates, of which column m stands for
    class :math:`a_m` and has the target :math:`t_m`, which is 1 / T for a true class and 0 for a
    candidate:

    .. math::

       \delta_m = \rho_m - t_m

    .. math::

       \begin{aligned}
       \frac{\partial \ell(h, y)}{\partial W_{k,d}}
       &= \sum_{m=1,\, a_m = k}^{T + S} \delta_m\, h_d \\
       \frac{\partial \ell(h, y)}{\partial b_k} &= \sum_{m=1,\, a_m = k}^{T + S} \delta_m \\
       \frac{\partial \ell(h, y)}{\partial h_d} &= \sum_{m=1}^{T + S} \delta_m\, W_{a_m,d}
       \end{aligned}

    Expected counts are constants.  For the gradient of a loss that was computed give both the same
    `sampled_values`: `rng` would draw others.  For the mean divide by N.

    Examples
    --------
    >>> W, b = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [0.0, 0.0, 0.0]
    >>> sampled_values = [0, 2], [[0.5]], [0.5, 0.5]
    >>> by_weights, by_biases, by_inputs = sampled_softmax_loss_grad(
    ...     W, b, [[0]], [[1.0, 2.0]], num_sampled=2, num_classes=3, sampled_values=sampled_values
    ... )
    >>> print(by_weights.round(4), by_inputs.round(4), sep="\n")
    [[-0.2689 -0.5379]
     [ 0.      0.    ]
     [ 0.2689  0.5379]]
    [[-0.2689  0.    ]]
    """
    z, t, layer = _sampled_logits(
        *(weights, biases, labels, inputs, num_sampled, num_classes, num_true),
        *(sampled_values, remove_accidental_hits, rng),
    )
    return _through_sampled_layer(cross_entropy_grad(z, t, reduction="sum"), *layer)


def nce_loss(
    weights: ArrayLike,
    biases: ArrayLike,
    labels: ArrayLike,
    inputs: ArrayLike,
    *,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    remove_accidental_hits: bool = False,
    rng: np.random.Generator | None = None,
) -> NDArray:
    r"""Return the loss of telling true classes from sampled ones: noise-contrastive estimation.

    Parameters
    ----------
    weights : (K, D) array_like of floating-point numbers
        The weights of the layer, a row for each class.
    biases : (K,) array_like of real numbers
        The bias of the layer.
    labels : (N, num_true) array_like of int, each in [0, num_classes)
        The true classes of each sample.
    inputs : (N, D) array_like of real numbers
        What enters the layer.
    num_sampled : int >= 1
        The number of candidates.
    num_classes : int in [1, K]
        The number of classes: rows of the weights beyond it belong to none.
    num_true : int >= 1, default 1
        The number of true classes of each sample.
    sampled_values : ((num_sampled,) array_like of int, (N, num_true) array_like, (num_sampled,) array_like), optional
        What a candidate sampler returned: candidates, and the expected counts of true classes and
        of candidates, at least 0.  If None, `log_uniform_candidate_sampler` draws candidates that
        differ.
    remove_accidental_hits : bool, default False
        Whether to take out candidates that are a true class of the sample.
    rng : numpy.random.Generator, optional
        What to draw candidates with if `sampled_values` is None.

    Returns
    -------
    (N,) ndarray
        Losses in nats, one for each sample, at least 0.

    Raises
    ------
    TypeError
        If `weights` does not hold floating-point numbers, another array real numbers, `labels` or
        candidates integers, a number is no integer, or `rng` no generator where one is needed.
    ValueError
        If the shapes do not fit, or a number or an expected count leaves its domain.
    IndexError
        If a label or a candidate is not in [0, num_classes).

    Notes
    -----
    :eq:`eq-nce-loss` and :eq:`eq-nce-loss-several` of the book.  With the logits
    :math:`\tilde{z}` of `sampled_softmax_loss`, less the logarithms of the expected counts, the
    true class y, the candidates :math:`\mathcal{S}` and the sigmoid :math:`\sigma` [1]_ [2]_:

    .. math::

       \ell(h, y) = -\log \sigma(\tilde{z}_y)
       - \sum_{k \in \mathcal{S}} \log(1 - \sigma(\tilde{z}_k))

    Each is the cross-entropy of a guess whether a class was the true one or a candidate.  By
    :eq:`eq-nce-risk-grad` the expected loss is least where :math:`\tilde{z}_k + \log Q_k` is the
    log-probability of class k, so the layer learns to be normalised, though nothing ever sums over
    all classes [3]_.  For that expected counts must be exact, as they are with replacement, and
    hits must stay; with hits taken out, it is the logistic regression that TensorFlow calls
    "sampled logistic".

    With T true classes the loss is

    .. math::

       \ell(h, y) = \sum_{j=1}^{T} \left( -\frac{1}{T} \log \sigma(\tilde{z}_{y_j})
       - \left( 1 - \frac{1}{T} \right) \log(1 - \sigma(\tilde{z}_{y_j})) \right)
       - \sum_{k \in \mathcal{S}} \log(1 - \sigma(\tilde{z}_k))

    A quirk of TensorFlow: for T above 1 each true class is also said to be false, as its target is
    1 / T.  TensorFlow computes at the precision of the inputs, this at that of the weights.  A
    true class of the expected count 0 makes NaN.

    References
    ----------
    .. [1] M. Gutmann and A. Hyvärinen (2010), "Noise-contrastive estimation: A new estimation
       principle for unnormalized statistical models", Proceedings of the Thirteenth International
       Conference on Artificial Intelligence and Statistics, 297-304.
    .. [2] M. U. Gutmann and A. Hyvärinen (2012), "Noise-Contrastive Estimation of Unnormalized
       Statistical Models, with Applications to Natural Image Statistics", Journal of Machine
       Learning Research 13, 307-361.
    .. [3] A. Mnih and Y. W. Teh (2012), "A fast and simple algorithm for training neural
       probabilistic language models", Proceedings of the 29th International Conference on
       Machine Learning, arXiv 1206.6426.

    Examples
    --------
    >>> W, b = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]], [0.0, 0.0, 0.0, 0.0]
    >>> labels, inputs = [[0], [1]], [[1.0, 2.0], [1.0, 3.0]]
    >>> sampled_values = [0, 2], [[0.5], [0.5]], [0.5, 0.5]
    >>> loss = nce_loss(
    ...     W, b, labels, inputs, num_sampled=2, num_classes=4, sampled_values=sampled_values
    ... )
    >>> print(loss.round(4))
    [3.1295 2.9852]
    """
    z, t, _ = _sampled_logits(
        *(weights, biases, labels, inputs, num_sampled, num_classes, num_true),
        *(sampled_values, remove_accidental_hits, rng),
    )
    losses = binary_cross_entropy_with_logits(z, t, reduction="none")
    with np.errstate(over="ignore"):
        return losses.sum(axis=1)


def nce_loss_grad(
    weights: ArrayLike,
    biases: ArrayLike,
    labels: ArrayLike,
    inputs: ArrayLike,
    *,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
    remove_accidental_hits: bool = False,
    rng: np.random.Generator | None = None,
) -> tuple[NDArray, NDArray, NDArray]:
    r"""Return the derivatives of `nce_loss` by weights, biases and inputs.

    Parameters and errors are those of `nce_loss`.

    Returns
    -------
    weights_grad : (K, D) ndarray
        Derivatives of the sum of the losses by the weights, all of them: 0 for a class that is
        neither true nor a candidate.
    biases_grad : (K,) ndarray
        Derivatives by the bias of the layer.
    inputs_grad : (N, D) ndarray
        Derivatives by what enters the layer.

    Notes
    -----
    :eq:`eq-nce-loss-grad` of the book.  They are those of `sampled_softmax_loss`, but with the
    sigmoid of each logit in place of the softmax:

    .. math::

       \delta_m = \sigma(\tilde{z}_{a_m}) - t_m

    For the gradient of a loss that was computed give both the same `sampled_values`: `rng` would
    draw others.  For the mean divide by N.

    Examples
    --------
    >>> W, b = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [0.0, 0.0, 0.0]
    >>> sampled_values = [1, 2], [[0.5]], [0.5, 0.5]
    >>> by_weights, by_biases, by_inputs = nce_loss_grad(
    ...     W, b, [[0]], [[1.0, 2.0]], num_sampled=2, num_classes=3, sampled_values=sampled_values
    ... )
    >>> print(by_weights.round(4), by_inputs.round(4), sep="\n")
    [[-0.1554 -0.3107]
     [ 0.9366  1.8732]
     [ 0.6667  1.3333]]
    [[-0.1554  0.9366]]
    """
    z, t, layer = _sampled_logits(
        *(weights, biases, labels, inputs, num_sampled, num_classes, num_true),
        *(sampled_values, remove_accidental_hits, rng),
    )
    return _through_sampled_layer(
        binary_cross_entropy_with_logits_grad(z, t, reduction="sum"), *layer
    )


def _rows(count, width, size):
    """Return the slices of rows of `width` numbers that make blocks of `size` bytes."""
    return _blocks.slices(count, max(1, size // (8 * max(1, width))))


def _places(target, input, edges):
    """Return the class of each sample, its cluster, -1 for none, and its outcome in the head."""
    y = _checks.class_indices(target, "target", edges[-1])
    _checks.shape(y, "target", np.shape(input)[:-1], input=np.asarray(input))
    y = y.reshape(-1)
    cluster = np.searchsorted(edges, y, side="right") - 1
    return y, cluster, np.where(cluster < 0, y, edges[0] + cluster)


def _samples_of_clusters(cluster, x, tails):
    """Yield the samples of each cluster, as many as make a block, and the cluster."""
    for k in range(len(tails)):
        samples = np.flatnonzero(cluster == k)
        for n in _rows(len(samples), x.shape[1], LOGITS_BYTES):
            yield samples[n], k


def _linear(x, w, b=None):
    with np.errstate(all="ignore"):
        return x @ w.T if b is None else x @ w.T + b


def _through_cluster(x, y, tail, by_x, n, by_tail):
    """Add the derivatives of the samples n of a cluster to those by inputs and by its weights."""
    (projection, weight), (by_projection, by_weight) = tail, by_tail
    by_u, by_w = linear_cross_entropy_grad(_linear(x, projection), weight, y, reduction="sum")
    with np.errstate(all="ignore"):
        by_x[n] += by_u @ projection
        by_projection += by_u.T @ x
        by_weight += by_w


def _fill_log_prob(result, x, head, bias, tails, edges):
    """Fill (N, C) log-probabilities and return them."""
    outcomes = log_softmax(_linear(x, head, bias))
    result[:, : edges[0]] = outcomes[:, : edges[0]]
    for k, (projection, weight) in enumerate(tails):
        within = log_softmax(_linear(_linear(x, projection), weight))
        result[:, edges[k] : edges[k + 1]] = outcomes[:, edges[0] + k, np.newaxis] + within
    return result


def _candidates(draw, probability, true, num_sampled, unique):
    """Return candidates, and the expected counts of true classes and of candidates."""
    sampled, tries = _distinct(draw, num_sampled) if unique else (draw(num_sampled), num_sampled)
    expected = lambda c: _expected_count(probability(c), num_sampled, tries)
    return sampled, expected(true), expected(sampled)


def _distinct(draw, wanted):
    """Return the classes that are first drawn, and the number of draws it takes to see them."""
    found, tries, size = draw(0), 0, wanted
    while len(found) < wanted:
        _checks.patience(tries, MOST_TRIES, len(found), wanted)
        seen = np.concatenate([found, draw(size)])
        first = np.sort(np.unique(seen, return_index=True)[1])[:wanted]
        tries += (first[-1] + 1 if len(first) == wanted else len(seen)) - len(found)
        found, size = seen[first], max(size, min(2 * size, DRAWS))
    return found, tries


def _expected_count(p, num_sampled, tries):
    if tries == num_sampled:
        return p * num_sampled
    with np.errstate(divide="ignore"):
        return -np.expm1(tries * np.log1p(-p))


def _by_weight(weights, true, num_sampled, unique, rng):
    """Return what `_candidates` draws in proportion to weights."""
    ends = np.cumsum(weights, dtype=float)  # counts may add up to more than an integer holds
    draw = lambda size: np.searchsorted(ends, rng.random(size) * ends[-1], side="right")
    return _candidates(draw, lambda c: weights[c] / ends[-1], true, num_sampled, unique)


def _sampled_logits(
    weights,
    biases,
    labels,
    inputs,
    num_sampled,
    num_classes,
    num_true,
    sampled_values,
    remove_accidental_hits,
    rng,
):
    """Return logits of true classes and of candidates, their targets, and what makes the logits."""
    w, b, x, y = _checks.sampled_layer(weights, biases, labels, inputs, num_classes, num_true)
    options = {"num_true": num_true, "num_sampled": num_sampled, "range_max": num_classes}
    if sampled_values is None:
        sampled_values = log_uniform_candidate_sampler(y, **options, unique=True, rng=rng)
    s, *expected = _checks.sampled_values(sampled_values, y, num_sampled, num_classes)
    z = _corrected_logits(w, b, x, y, s, *expected)
    if remove_accidental_hits:
        indices, ids, _ = compute_accidental_hits(y, s, num_true=num_true)
        # Finite, as 0 times infinity is NaN, and so that a logit can be taken from it.
        z[indices, num_true + ids] = np.finfo(w.dtype).min / 2
    t = np.zeros_like(z)
    t[:, :num_true] = 1 / num_true
    return z, t, (w, x, y, s)


def _corrected_logits(w, b, x, y, s, expected_of_true, expected_of_sampled):
    """Return the logits of true classes and of candidates, less the logs of expected counts."""
    z = np.empty((len(x), y.shape[1] + len(s)), w.dtype)
    true, sampled = z[:, : y.shape[1]], z[:, y.shape[1] :]
    with np.errstate(all="ignore"):
        for n in _rows(len(y), y.shape[1] * x.shape[1], _blocks.BYTES):
            true[n] = np.einsum("nd,ntd->nt", x[n], w[y[n]])
        np.matmul(x, w[s].T, out=sampled)
        true += (b[y] - np.log(expected_of_true)).astype(w.dtype)
        sampled += (b[s] - np.log(expected_of_sampled)).astype(w.dtype)
    return z


def _through_sampled_layer(slope, w, x, y, s):
    """Return derivatives by weights, biases and inputs from those by the logits."""
    true, sampled = slope[:, : y.shape[1]], slope[:, y.shape[1] :]
    by_w, by_b = np.zeros(w.shape, w.dtype), np.zeros(len(w), w.dtype)
    with np.errstate(all="ignore"):
        by_x = sampled @ w[s]
        np.add.at(by_w, s, sampled.T @ x)
        for n in _rows(len(y), y.shape[1] * x.shape[1], _blocks.BYTES):
            by_x[n] += np.einsum("nt,ntd->nd", true[n], w[y[n]])
            np.add.at(by_w, y[n], true[n, :, np.newaxis] * x[n, np.newaxis])
        np.add.at(by_b, s, sampled.sum(axis=0))
        np.add.at(by_b, y, true)
    return by_w, by_b, by_x
