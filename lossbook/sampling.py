"""Losses for many classes that are trained on a sample of them, and what draws the sample.

Samplers, and the losses of what was sampled, have the names and keywords of `tf.random` and
`tf.nn`: labels come before inputs and nothing is reduced.  Where TensorFlow takes a seed these
take `rng`, a `numpy.random.Generator`.  The precision of the first argument that is learnt is
kept and the others are taken at it; inputs are never modified; NaN propagates.
"""

from __future__ import (
    annotations,
)  # so that numpy.random is not imported for its name

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook import _blocks, _checks
from lossbook._blocks import narrow, quiet
from lossbook._types import ArrayOrScalar
from lossbook.classification import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_grad,
    cross_entropy,
    cross_entropy_grad,
)

__all__ = [
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
    y = _checks.candidates(
        true_classes, num_true, num_sampled, unique, range_max, rng
    )
    draw = lambda size: rng.integers(range_max, size=size)
    probability = lambda c: np.full(c.shape, 1 / range_max)
    return _candidates(draw, probability, y, num_sampled, unique)


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
    y = _checks.candidates(
        true_classes, num_true, num_sampled, unique, range_max, rng
    )
    log_end = np.log1p(range_max)
    # TensorFlow's safeguard, too: rounded, the largest of all could be range_max.
    power = lambda size: np.exp(rng.random(size) * log_end)
    draw = lambda size: (power(size).astype(np.intp) - 1) % range_max
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
    y = _checks.candidates(
        true_classes, num_true, num_sampled, unique, range_max, rng
    )
    weights = _checks.unigrams(unigrams, distortion, num_reserved_ids, range_max)
    _checks.enough(num_sampled, unique, int(np.count_nonzero(weights)))
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
    y = _checks.candidates(
        true_classes, num_true, num_sampled, unique, range_max, rng
    )
    counts = _checks.class_counts(counts, range_max)
    values = _by_weight(counts, y, num_sampled, unique, rng)
    seen = np.bincount(y.reshape(-1).astype(np.intp), minlength=range_max)
    most = np.iinfo(counts.dtype).max  # where a count stays
    return values, np.minimum(counts, most - seen) + seen


def _by_weight(weights, true, num_sampled, unique, rng):
    """Return what `_candidates` draws in proportion to weights."""
    # As floats, for counts may add up to more than an integer holds.
    ends = np.cumsum(weights, dtype=float)
    point = lambda size: rng.random(size) * ends[-1]
    # A sum so small that a point of it is rounded to its end: there the last class begins.
    last = np.searchsorted(ends, ends[-1])
    draw = lambda size: np.searchsorted(ends[:last], point(size), side="right")
    probability = lambda c: weights[c] / ends[-1]
    return _candidates(draw, probability, true, num_sampled, unique)


# --- shared by all samplers


def _candidates(draw, probability, true, num_sampled, unique):
    """Return candidates, and the expected counts of true classes and of candidates."""
    if unique:
        sampled, tries = _distinct(draw, num_sampled)
    else:
        sampled, tries = draw(num_sampled), num_sampled
    expected = lambda c: _expected_count(probability(c), num_sampled, tries)
    return sampled, expected(true), expected(sampled)


def _distinct(draw, wanted):
    """Return the classes that are first drawn, and the number of draws it takes to see them."""
    found, tries, size = draw(0), 0, wanted
    while len(found) < wanted:
        _checks.patience(tries, MOST_TRIES, len(found), wanted)
        seen = np.concatenate([found, draw(size)])
        _, first = np.unique(seen, return_index=True)
        first = np.sort(first)[:wanted]
        looked_at = first[-1] + 1 if len(first) == wanted else len(seen)
        tries += looked_at - len(found)
        found = seen[first]
        size = max(size, min(2 * size, DRAWS))
    return found, tries


def _expected_count(p, num_sampled, tries):
    if tries == num_sampled:
        return p * num_sampled
    with quiet():
        return -np.expm1(tries * np.log1p(-p))


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

    times.  A softmax over the true class and the candidates needs each class once [1]_, so hits are
    taken out of it.  TensorFlow's quirks are kept: of equal candidates only the last is a hit, and
    a true class that a sample has twice is a hit twice.

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
    hit = y[indices, columns]
    ids = order[np.searchsorted(s, hit, side="right", sorter=order) - 1]
    lowest = np.finfo(np.float32).min
    return indices, ids, np.full(len(ids), lowest)


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
) -> ArrayOrScalar:
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
    layer = _checks.sampled_layer(
        weights, biases, labels, inputs, num_classes, num_true
    )
    values = _values(layer, sampled_values, num_sampled, num_classes, rng)
    z, t = _sampled_logits(layer, values, remove_accidental_hits)
    return narrow(cross_entropy(z, t, reduction="none"), weights)


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
    r"""Return the derivatives of `sampled_softmax_loss` with respect to weights, biases and inputs.

    Parameters and errors are those of `sampled_softmax_loss`.

    Returns
    -------
    weights_grad : (K, D) ndarray
        Derivatives of the sum of the losses by the weights, all of them: 0 for a class that is
        neither true nor a candidate.
    biases_grad : (K,) ndarray
        Derivatives with respect to the bias of the layer.
    inputs_grad : (N, D) ndarray
        Derivatives by what enters the layer.

    Notes
    -----
    :eq:`eq-sampled-softmax-slope` and :eq:`eq-sampled-softmax-loss-grad` of the book, for one
    sample.  With the softmax :math:`\rho` over T true classes and S candidates, of which column m
    stands for class :math:`a_m` and has the target :math:`t_m`, which is 1 / T for a true class and
    0 for a candidate:

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
    layer = _checks.sampled_layer(
        weights, biases, labels, inputs, num_classes, num_true
    )
    values = _values(layer, sampled_values, num_sampled, num_classes, rng)
    z, t = _sampled_logits(layer, values, remove_accidental_hits)
    slope = cross_entropy_grad(z, t, reduction="sum")
    return _through_layer(slope, layer, values.candidates, weights)


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
) -> ArrayOrScalar:
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
    layer = _checks.sampled_layer(
        weights, biases, labels, inputs, num_classes, num_true
    )
    values = _values(layer, sampled_values, num_sampled, num_classes, rng)
    z, t = _sampled_logits(layer, values, remove_accidental_hits)
    losses = binary_cross_entropy_with_logits(z, t, reduction="none")
    with quiet():
        return narrow(losses.sum(axis=1), weights)


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
    r"""Return the derivatives of `nce_loss` with respect to weights, biases and inputs.

    Parameters and errors are those of `nce_loss`.

    Returns
    -------
    weights_grad : (K, D) ndarray
        Derivatives of the sum of the losses by the weights, all of them: 0 for a class that is
        neither true nor a candidate.
    biases_grad : (K,) ndarray
        Derivatives with respect to the bias of the layer.
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
    layer = _checks.sampled_layer(
        weights, biases, labels, inputs, num_classes, num_true
    )
    values = _values(layer, sampled_values, num_sampled, num_classes, rng)
    z, t = _sampled_logits(layer, values, remove_accidental_hits)
    slope = binary_cross_entropy_with_logits_grad(z, t, reduction="sum")
    return _through_layer(slope, layer, values.candidates, weights)


# --- shared by both losses


def _values(layer, sampled_values, num_sampled, num_classes, rng):
    """Return candidates and expected counts as they were given, or else draw them."""
    y = layer.labels
    if sampled_values is None:
        options = {
            "num_true": y.shape[1],
            "num_sampled": num_sampled,
            "range_max": num_classes,
        }
        sampled_values = log_uniform_candidate_sampler(
            y, **options, unique=True, rng=rng
        )
    return _checks.sampled_values(sampled_values, y, num_sampled, num_classes)


def _sampled_logits(layer, values, remove_accidental_hits):
    """Return the logits of true classes and of candidates, and their targets."""
    y, num_true = layer.labels, layer.labels.shape[1]
    z = _corrected_logits(*layer, *values)
    if remove_accidental_hits:
        indices, ids, _ = compute_accidental_hits(
            y, values.candidates, num_true=num_true
        )
        # Finite, as 0 times infinity is NaN, and so that a logit can be taken from it.
        z[indices, num_true + ids] = np.finfo(z.dtype).min / 2
    t = np.zeros_like(z)
    t[:, :num_true] = 1 / num_true
    return z, t


def _corrected_logits(w, b, x, y, s, expected_of_true, expected_of_sampled):
    """Return the logits of true classes and of candidates, less the logs of expected counts."""
    columns = y.shape[1] + len(s)
    z = np.empty((len(x), columns), w.dtype)
    true, sampled = _true_and_sampled(z, y)
    with quiet():
        for n in _rows(x, y):
            true[n] = np.einsum("nd,ntd->nt", x[n], w[y[n]])
        np.matmul(x, w[s].T, out=sampled)
        # No class of the expected count 0 is ever right or wrong: NaN, as in TensorFlow.
        expected = np.where(expected_of_true == 0, np.nan, expected_of_true)
        of_true = b[y] - np.log(expected)
        of_sampled = b[s] - np.log(expected_of_sampled)
        true += of_true.astype(w.dtype)
        sampled += of_sampled.astype(w.dtype)
    return z


def _through_layer(slope, layer, s, weights):
    """Return derivatives by weights, biases and inputs from those by the logits."""
    w, _, x, y = layer
    true, sampled = _true_and_sampled(slope, y)
    by_w = np.zeros(w.shape, w.dtype)
    by_b = np.zeros(len(w), w.dtype)
    with quiet():
        by_x = sampled @ w[s]
        np.add.at(by_w, s, sampled.T @ x)
        for n in _rows(x, y):
            by_x[n] += np.einsum("nt,ntd->nd", true[n], w[y[n]])
            by_rows = true[n, :, np.newaxis] * x[n, np.newaxis]
            np.add.at(by_w, y[n], by_rows)
        np.add.at(by_b, s, sampled.sum(axis=0))
        np.add.at(by_b, y, true)
    return tuple(narrow(grad, weights) for grad in (by_w, by_b, by_x))


def _true_and_sampled(z, y):
    """Return views of the columns of true classes and of candidates."""
    num_true = y.shape[1]
    return z[:, :num_true], z[:, num_true:]


def _rows(x, y):
    """Return the slices of samples whose true classes have weights of a block."""
    weights = 8 * y.shape[1] * x.shape[1]
    return _blocks.rows(len(y), weights, _blocks.BYTES)
