"""lossbook.sampling and lossbook.adaptive against plain loops, enumeration, simulation and PyTorch's module."""

import math
import re
import tracemalloc
from itertools import permutations, product

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from lossbook import (
    adaptive,
    adaptive_log_prob,
    adaptive_log_softmax_with_loss,
    adaptive_log_softmax_with_loss_grad,
    adaptive_predict,
    compute_accidental_hits,
    cross_entropy,
    cross_entropy_grad,
    fixed_unigram_candidate_sampler,
    learned_unigram_candidate_sampler,
    log_uniform_candidate_sampler,
    nce_loss,
    nce_loss_grad,
    sampled_softmax_loss,
    sampled_softmax_loss_grad,
    sampling,
    uniform_candidate_sampler,
)

from .losses.adaptive import adaptive_layer, module, nested

CLASSES = 6
UNIGRAMS = [4.0, 0.5, 3.0, 1.0, 2.0, 2.5]
COUNTS = [3, 1, 2, 5, 1, 4]
SIGMAS = 4.5  # what simulation may be off by chance
LEVEL = math.erfc(SIGMAS / math.sqrt(2))  # and how often it is off by more


# the adaptive softmax

LAYERS = {
    "one cluster": {"cutoffs": [3], "classes": 8},
    "two clusters": {"cutoffs": [3, 5], "classes": 9, "head_bias": True},
    "classes alone in a cluster": {"cutoffs": [1, 2, 6], "classes": 7, "div_value": 1.5},
    "no hidden unit left": {"cutoffs": [4, 6], "classes": 12, "div_value": 4.0},
}
every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
every_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])
LOSS_AND_GRAD = [adaptive_log_softmax_with_loss, adaptive_log_softmax_with_loss_grad]
OF_WEIGHTS = [adaptive_log_prob, adaptive_predict]
every_adaptive = pytest.mark.parametrize("function", LOSS_AND_GRAD + OF_WEIGHTS)


def drawn(layer, shape=(40, 8), dtype="float64", **changes):
    """Arguments of the loss, and the targets apart."""
    arrays = adaptive_layer(**layer)(np.random.default_rng(0), shape)
    arrays = {n: x if n == "target" else x.astype(dtype) for n, x in arrays.items()}
    arguments = {**nested(arrays), "cutoffs": layer["cutoffs"], **changes}
    return arguments.pop("target"), arguments


def called(function, **changes):
    """What a function makes of a layer of three classes and two clusters, or of changes to it."""
    target, arguments = drawn(LAYERS["two clusters"], (4, 8))
    given = {**arguments, **({"target": target} if function in LOSS_AND_GRAD else {}), **changes}
    return function(**given)


def theirs(arguments):
    """PyTorch's module with the weights copied over, and the input."""
    tensors = {
        name: torch.tensor(x)
        for name, x in arguments.items()
        if name not in ("cutoffs", "tail_weights")
    }
    tails = [tuple(map(torch.tensor, pair)) for pair in arguments["tail_weights"]]
    layer, weights = module(arguments["cutoffs"], tail_weights=tails, **tensors)
    layer.to(tensors["input"].dtype)
    for name, x in weights.items():
        part, _, last = name.rpartition(".")
        setattr(layer.get_submodule(part), last, torch.nn.Parameter(x))
    return layer, tensors["input"]


@every_layer
@every_dtype
def test_adaptive_log_prob_and_predict_are_those_of_the_module(layer, dtype):
    _, arguments = drawn(layer, dtype=dtype)
    module, x = theirs(arguments)
    found = adaptive_log_prob(**arguments)
    assert found.dtype == dtype
    expected, rtol = module.log_prob(x).detach().numpy(), {"float64": 1e-12, "float32": 2e-6}[dtype]
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol / 10 * abs(expected).max())
    best = adaptive_predict(**arguments)
    assert best.dtype == np.intp
    np.testing.assert_array_equal(best, module.predict(x).numpy())
    np.testing.assert_array_equal(best, found.argmax(axis=1))
    assert len(set(best.tolist())) > 1


@every_layer
def test_the_module_copied_over_has_our_loss(layer):
    target, arguments = drawn(layer)
    module, x = theirs(arguments)
    output, loss = module(x, torch.tensor(target))
    found = adaptive_log_softmax_with_loss(**arguments, target=target)
    np.testing.assert_allclose(found, loss.item(), rtol=1e-13)
    losses = adaptive_log_softmax_with_loss(**arguments, target=target, reduction="none")
    np.testing.assert_allclose(losses, -output.detach().numpy(), rtol=1e-13)


@every_layer
def test_adaptive_probabilities_sum_to_one(layer):
    _, arguments = drawn(layer)
    p = np.exp(adaptive_log_prob(**arguments))
    assert p.shape == (40, layer["classes"])
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-13)


@every_layer
def test_the_adaptive_loss_is_minus_the_log_probability_of_the_target(layer):
    target, arguments = drawn(layer)
    losses = adaptive_log_softmax_with_loss(**arguments, target=target, reduction="none")
    log_prob = adaptive_log_prob(**arguments)
    np.testing.assert_allclose(losses, -log_prob[np.arange(40), target], rtol=1e-13)


@every_layer
def test_the_expected_adaptive_gradient_is_zero_under_the_model(layer):
    """The score has the mean 0: each class as target, weighed by its probability."""
    _, arguments = drawn(layer, (8,))
    total = [0, 0]
    for y, p in enumerate(np.exp(adaptive_log_prob(**arguments))):
        by_input, by_head, by_tails, *_ = adaptive_log_softmax_with_loss_grad(**arguments, target=y)
        total[0] += p * np.concatenate([by_input, by_head.ravel()])
        total[1] += p * np.concatenate([x.ravel() for pair in by_tails for x in pair])
    np.testing.assert_allclose(np.concatenate(total), 0, atol=1e-14)


@every_layer
def test_one_sample_without_an_axis_is_a_batch_of_one(layer):
    target, arguments = drawn(layer, (8,))
    batch = {**arguments, "input": arguments["input"][np.newaxis]}
    assert target.shape == ()
    for function in LOSS_AND_GRAD:
        one = function(**arguments, target=target)
        many = function(**batch, target=target[np.newaxis])
        if function in LOSS_AND_GRAD[1:]:
            assert one[0].shape == (8,)
            one, many = one[1], many[1]
        np.testing.assert_array_equal(one, many)
    np.testing.assert_array_equal(adaptive_log_prob(**arguments), adaptive_log_prob(**batch)[0])
    assert adaptive_predict(**arguments) == adaptive_predict(**batch)[0]


def test_weights_of_a_cluster_without_samples_have_the_derivative_zero():
    _, arguments = drawn(LAYERS["two clusters"], (4, 8))
    grads = adaptive_log_softmax_with_loss_grad(**arguments, target=[0, 3, 4, 1])
    for first, second in [[pair[0].any() for pair in grads[2]], [p[1].any() for p in grads[2]]]:
        assert first and not second


def test_an_empty_batch_leaves_all_weights_alone():
    target, arguments = drawn(LAYERS["two clusters"], (0, 8))
    _, by_head, by_tails, by_bias = adaptive_log_softmax_with_loss_grad(**arguments, target=target)
    for grad in [by_head, by_bias, *(x for pair in by_tails for x in pair)]:
        assert not grad.any()
    assert adaptive_log_prob(**arguments).shape == (0, 9)
    assert adaptive_predict(**arguments).shape == (0,)


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_the_size_of_a_block_of_an_adaptive_softmax_does_not_matter(size, monkeypatch):
    target, arguments = drawn(LAYERS["two clusters"])
    whole = [function(**arguments, target=target) for function in LOSS_AND_GRAD]
    log_prob, best = adaptive_log_prob(**arguments), adaptive_predict(**arguments)
    monkeypatch.setattr(adaptive, "LOGITS_BYTES", size)
    loss, grads = [function(**arguments, target=target) for function in LOSS_AND_GRAD]
    np.testing.assert_allclose(loss, whole[0], rtol=1e-14)
    for place in (0, 1, 3):
        np.testing.assert_allclose(grads[place], whole[1][place], rtol=1e-12, atol=1e-15)
    for found, expected in zip(grads[2], whole[1][2], strict=True):
        for place in (0, 1):
            np.testing.assert_allclose(found[place], expected[place], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(adaptive_log_prob(**arguments), log_prob, rtol=1e-13)
    np.testing.assert_array_equal(adaptive_predict(**arguments), best)


@pytest.mark.parametrize("function", LOSS_AND_GRAD + OF_WEIGHTS)
def test_memory_of_an_adaptive_softmax_does_not_grow_with_the_batch(function):
    rng = np.random.default_rng(0)
    tail = [(rng.normal(size=(8, 32)), rng.normal(size=(3000, 8)))]
    arguments = {"head_weight": rng.normal(size=(101, 32)), "tail_weights": tail, "cutoffs": [100]}
    arguments["input"] = rng.normal(size=(8_000, 32))
    if function is adaptive_log_prob:
        arguments["input"] = arguments["input"][:2_000]
    if function in LOSS_AND_GRAD:
        arguments["target"] = rng.integers(100, 3100, size=8_000)
    tracemalloc.start()
    result = function(**arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    own = sum(x.nbytes for x in result[:2]) if isinstance(result, tuple) else result.nbytes
    assert peak - own < 64e6  # the logits of all would be 192 MB


def test_nan_in_one_sample_stays_there():
    target, arguments = drawn(LAYERS["two clusters"], (4, 8))
    arguments["input"][2] = np.nan
    losses = adaptive_log_softmax_with_loss(**arguments, target=target, reduction="none")
    np.testing.assert_array_equal(np.isnan(losses), [False, False, True, False])
    log_prob = adaptive_log_prob(**arguments)
    np.testing.assert_array_equal(np.isnan(log_prob).all(axis=1), np.isnan(losses))
    assert np.isfinite(log_prob[[0, 1, 3]]).all()
    adaptive_predict(**arguments)


@every_adaptive
def test_no_warning_escapes_an_adaptive_softmax(function):
    _, arguments = drawn(LAYERS["two clusters"], (4, 8))
    called(function, input=np.full((4, 8), np.inf))
    called(function, input=np.full((4, 8), 1e300), head_weight=1e300 * arguments["head_weight"])


def test_no_warning_escapes_a_loss_that_only_its_two_parts_make_infinite():
    head, tail = [[0.6], [-0.6]], [([[1.0]], [[0.6], [-0.6]])]
    parts = {"head_weight": head, "tail_weights": tail, "cutoffs": [1]}
    assert adaptive_log_softmax_with_loss([1e308], 2, **parts) == np.inf


ADAPTIVE_ERRORS = [
    (TypeError, {"input": np.ones((4, 8), int)}, "input must hold floating-point numbers: "),
    (ValueError, {"input": np.ones((1, 4, 8))}, "input must have shape (N, D) or (D,): "),
    (TypeError, {"head_weight": np.full((5, 8), "a")}, "head_weight must hold real numbers: "),
    (
        ValueError,
        {"head_weight": np.ones((4, 8))},
        "head_weight must have shape (5, 8) for input of shape (4, 8): found (4, 8)",
    ),
    (
        ValueError,
        {"head_bias": np.ones(4)},
        "head_bias must have shape (5,) for head_weight of shape (5, 8): found (4,)",
    ),
    (TypeError, {"cutoffs": [1.5]}, "cutoffs must hold integers: found dtype float64"),
    *(
        (
            ValueError,
            {"cutoffs": cutoffs},
            f"cutoffs must be one or more integers above 0 in increasing order: found {cutoffs!r}",
        )
        for cutoffs in ([], [0, 5], [-1], [5, 3], [3, 3], 3, [[3, 5]])
    ),
    (
        ValueError,
        {"tail_weights": [(np.ones((4, 8)), np.ones((2, 4)))]},
        "tail_weights must be 2 pairs for cutoffs [3, 5]: found 1",
    ),
    (TypeError, {"tail_weights": None}, "tail_weights must be pairs of matrices: found None"),
    (TypeError, {"tail_weights": [(1, 2, 3)] * 2}, "tail_weights must be pairs of matrices: "),
]
TAIL = [(np.ones((4, 8)), np.ones((2, 4))), (np.ones((2, 8)), np.ones((4, 2)))]
for pair, place, shape, found in [
    (0, 0, "(H, 8) for input of shape (4, 8)", (4, 7)),
    (1, 0, "(H, 8) for input of shape (4, 8)", (8,)),
    (0, 1, "(2, 4) for cutoffs and tail_weights[0][0] of shape (4, 8)", (3, 4)),
    (0, 1, "(2, 4) for cutoffs and tail_weights[0][0] of shape (4, 8)", (2, 3)),
    (1, 1, "(S, 2) for cutoffs and tail_weights[1][0] of shape (2, 8)", (4, 3)),
    (1, 1, "(S, 2) for cutoffs and tail_weights[1][0] of shape (2, 8)", (0, 2)),
    (1, 1, "(S, 2) for cutoffs and tail_weights[1][0] of shape (2, 8)", (2,)),
]:
    tail = [list(matrices) for matrices in TAIL]
    tail[pair][place] = np.ones(found)
    message = f"tail_weights[{pair}][{place}] must have shape {shape}: found {found}"
    ADAPTIVE_ERRORS.append((ValueError, {"tail_weights": tail}, message))


@every_adaptive
@pytest.mark.parametrize(("error", "changes", "message"), ADAPTIVE_ERRORS)
def test_errors_of_an_adaptive_softmax(function, error, changes, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        called(function, **changes)


@pytest.mark.parametrize("function", LOSS_AND_GRAD)
@pytest.mark.parametrize(
    ("error", "target", "message"),
    [
        (IndexError, [0, 9, 3, 8], "target must lie in [0, 9): found 9 at index (1,)"),
        (IndexError, [0, 8, 3, -1], "target must lie in [0, 9): found -1 at index (3,)"),
        (TypeError, [0.0, 1.0, 2.0, 3.0], "target must hold integers: found dtype float64"),
        (
            ValueError,
            [0, 1, 2],
            "target must have shape (4,) for input of shape (4, 8): found (3,)",
        ),
        (ValueError, 2, "target must have shape (4,) for input of shape (4, 8): found ()"),
    ],
)
def test_errors_of_adaptive_targets(function, error, target, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        called(function, target=target)


# the samplers


def uniform(true, **options):
    return uniform_candidate_sampler(true, **options)


def log_uniform(true, **options):
    return log_uniform_candidate_sampler(true, **options)


def fixed(true, **options):
    return fixed_unigram_candidate_sampler(true, UNIGRAMS, distortion=0.75, **options)


def learned(true, **options):
    return learned_unigram_candidate_sampler(true, COUNTS, **options)[0]


def share(weights):
    return np.array(weights) / np.sum(weights)


PROBABILITIES = {
    uniform: np.full(CLASSES, 1 / CLASSES),
    log_uniform: np.diff([math.log(c + 1) for c in range(CLASSES + 1)]) / math.log(CLASSES + 1),
    fixed: share([w**0.75 for w in UNIGRAMS]),
    learned: share(COUNTS),
}
SAMPLERS = list(PROBABILITIES)
ALL = np.arange(CLASSES).reshape(CLASSES // 2, 2)  # every class as a true one
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: sampler.__name__)
unique_or_not = pytest.mark.parametrize("unique", [False, True])


def sample(sampler, num_sampled, unique, rng=0, true=ALL, **changes):
    options = {
        "num_true": np.shape(true)[-1],
        "num_sampled": num_sampled,
        "unique": unique,
        "range_max": CLASSES,
        "rng": np.random.default_rng(rng),
    }
    return sampler(true, **{**options, **changes})


def first_seen(draws, wanted):
    """The classes that are first drawn and how many draws it takes: one after the other."""
    found = []
    for tries, c in enumerate(draws, start=1):
        if c not in found:
            found.append(int(c))
        if len(found) == wanted:
            return found, tries
    raise AssertionError("too few draws")


def inclusion(q, k):
    """The probability of each class to be among the first k that are seen, from all orders."""
    total = np.zeros(len(q))
    for order in permutations(range(len(q)), k):
        left = 1 - np.cumsum([0, *q[list(order)]])[:-1]
        total[list(order)] += np.prod(q[list(order)] / left)
    return total


class Recorder(np.random.Generator):
    """A generator that remembers what it gave."""

    def __init__(self, seed):
        super().__init__(np.random.PCG64(seed))
        self.given = []

    def integers(self, high, size):
        self.given.append(super().integers(high, size=size))
        return self.given[-1]

    def random(self, size):
        self.given.append(super().random(size))
        return self.given[-1]


class Constant(np.random.Generator):
    """A generator of one number."""

    def __init__(self, number):
        super().__init__(np.random.PCG64(0))
        self.number = number

    def random(self, size):
        return np.full(size, self.number)


@every_sampler
def test_candidates_have_the_stated_distribution(sampler):
    candidates, _, _ = sample(sampler, 200_000, False)
    assert candidates.dtype == np.intp
    counts = np.bincount(candidates, minlength=CLASSES)
    assert chisquare(counts, 200_000 * PROBABILITIES[sampler]).pvalue > LEVEL


@every_sampler
def test_expected_counts_with_replacement_are_those_of_simulation(sampler):
    q, runs, size = PROBABILITIES[sampler], 4000, 5
    counts, rng = np.zeros(CLASSES), np.random.default_rng(0)
    for _ in range(runs):
        candidates, of_true, of_sampled = sample(sampler, size, False, rng=rng)
        counts += np.bincount(candidates, minlength=CLASSES)
    np.testing.assert_allclose(of_true, (size * q)[ALL], rtol=1e-14)
    np.testing.assert_allclose(of_sampled, (size * q)[candidates], rtol=1e-14)
    sigma = np.sqrt(runs * size * q * (1 - q))
    assert (np.abs(counts - runs * of_true.ravel()) < SIGMAS * sigma).all()


@every_sampler
@pytest.mark.parametrize("size", [1, 3, 5])
def test_candidates_that_differ_are_those_drawn_one_after_the_other(sampler, size):
    """How often each class is among them, from all orders in which they can be drawn."""
    p, runs = inclusion(PROBABILITIES[sampler], size), 8000
    counts, rng = np.zeros(CLASSES), np.random.default_rng(1)
    for _ in range(runs):
        candidates, _, _ = sample(sampler, size, True, rng=rng)
        assert len(set(candidates.tolist())) == size
        counts[candidates] += 1
    assert (np.abs(counts - runs * p) < SIGMAS * np.sqrt(runs * p * (1 - p))).all()


@every_sampler
@pytest.mark.parametrize("size", [1, 2, 4, CLASSES])
def test_tries_are_counted_as_in_a_loop_of_single_draws(sampler, size):
    q = PROBABILITIES[sampler]
    ends, tried = np.cumsum(q), set()
    for seed in range(40):
        rng = Recorder(seed)
        candidates, of_true, of_sampled = sample(sampler, size, True, rng=rng)
        given = np.concatenate(rng.given)
        draws = given if sampler is uniform else np.searchsorted(ends, given, side="right")
        expected, tries = first_seen(draws, size)
        assert candidates.tolist() == expected
        counts = size * q if tries == size else 1 - (1 - q) ** tries
        np.testing.assert_allclose(of_true, counts[ALL], rtol=1e-13)
        np.testing.assert_allclose(of_sampled, counts[candidates], rtol=1e-13)
        tried.add(tries)
    assert size == 1 or len(tried) > 2


def test_many_rounds_of_draws_count_tries_too(monkeypatch):
    """Rare classes take more draws than are made at a time."""
    monkeypatch.setattr(sampling, "DRAWS", 8)
    q = share([1000.0, 1.0, 2.0])
    for seed in range(20):
        rng = Recorder(seed)
        candidates, of_true, _ = fixed_unigram_candidate_sampler(
            [[0], [1], [2]], 1000 * q, num_true=1, num_sampled=3, unique=True, range_max=3, rng=rng
        )
        given = np.concatenate(rng.given)
        expected, tries = first_seen(np.searchsorted(np.cumsum(q), given, side="right"), 3)
        assert max(map(len, rng.given)) <= 8 < len(given)
        assert candidates.tolist() == expected
        np.testing.assert_allclose(of_true.ravel(), 1 - (1 - q) ** tries, rtol=1e-10)


def test_quirk_a_count_of_candidates_that_differ_may_exceed_one():
    """TensorFlow's: if no draw was in vain the counts are those with replacement."""
    q = share([9.0, 1.0])
    for seed in range(20):
        rng = Recorder(seed)
        _, of_true, _ = fixed_unigram_candidate_sampler(
            [[0, 1]], q, num_true=2, num_sampled=2, unique=True, range_max=2, rng=rng
        )
        _, tries = first_seen(np.searchsorted(np.cumsum(q), np.concatenate(rng.given)), 2)
        if tries == 2:
            np.testing.assert_allclose(of_true, [[1.8, 0.2]])
            break
    else:
        raise AssertionError("no such case was drawn")


@every_sampler
@unique_or_not
def test_the_same_generator_draws_the_same_candidates(sampler, unique):
    one, two = sample(sampler, 4, unique, rng=5), sample(sampler, 4, unique, rng=5)
    for found, expected in zip(one, two, strict=True):
        np.testing.assert_array_equal(found, expected)
    rng = np.random.default_rng(5)
    draws = {tuple(sample(sampler, 4, unique, rng=rng)[0].tolist()) for _ in range(10)}
    assert len(draws) > 5  # it moves on


@every_sampler
@unique_or_not
def test_true_classes_do_not_influence_what_is_drawn(sampler, unique):
    candidates, _, of_sampled = sample(sampler, 4, unique)
    other, of_true, of_other = sample(sampler, 4, unique, true=np.zeros((0, 3), int))
    np.testing.assert_array_equal(candidates, other)
    np.testing.assert_array_equal(of_sampled, of_other)
    assert of_true.shape == (0, 3)


@every_sampler
def test_all_classes_can_be_drawn_once_each(sampler):
    candidates, _, _ = sample(sampler, CLASSES, True)
    assert sorted(candidates.tolist()) == list(range(CLASSES))


@every_sampler
@unique_or_not
def test_inputs_of_samplers_are_left_alone(sampler, unique):
    true = ALL.copy()
    true.flags.writeable = False
    sample(sampler, 4, unique, true=true)
    np.testing.assert_array_equal(true, ALL)


@pytest.mark.parametrize("sampler", [uniform, log_uniform])
@unique_or_not
def test_a_sampler_of_many_classes_holds_nothing_of_their_number(sampler, unique):
    tracemalloc.start()
    found, _, _ = sample(sampler, 10, unique, range_max=10**12, true=[[10**12 - 1]])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1e5
    assert (found < 10**12).all()


def test_the_largest_random_number_is_still_a_class():
    largest, smallest = Constant(1 - 2**-53), Constant(0.0)
    for classes in range(1, 500):
        options = {"num_sampled": 1, "unique": False, "range_max": classes, "true": [[0]]}
        for rng in (largest, smallest):
            assert 0 <= sample(log_uniform, rng=rng, **options)[0][0] < classes
        # 1 stands for an exponential that is rounded up
        assert sample(log_uniform, rng=Constant(1.0), **options)[0][0] < classes
    assert sample(log_uniform, 1, False, rng=smallest)[0] == 0
    for sampler in (fixed, learned):
        assert sample(sampler, 1, False, rng=smallest)[0] == 0
        assert sample(sampler, 1, False, rng=largest)[0] == CLASSES - 1


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53, 0.5])
def test_a_class_of_weight_zero_is_never_drawn(number):
    candidates, of_true, _ = fixed_unigram_candidate_sampler(
        [[0, 1, 2, 3]],
        [0.0, 1.0, 0.0, 1.0, 0.0],
        num_true=4,
        num_sampled=1,
        unique=False,
        range_max=5,
        rng=Constant(number),
    )
    assert candidates[0] in (1, 3)
    np.testing.assert_array_equal(of_true, [[0, 0.5, 0, 0.5]])


@pytest.mark.parametrize("distortion", [1.0, 0.75, 0.0, -1.0])
@pytest.mark.parametrize("reserved", [0, 2])
def test_reserved_ids_and_distortion(distortion, reserved):
    classes = CLASSES + reserved
    q = np.concatenate([np.zeros(reserved), share([w**distortion for w in UNIGRAMS])])
    candidates, of_true, of_sampled = fixed_unigram_candidate_sampler(
        np.arange(classes)[:, np.newaxis],
        UNIGRAMS,
        num_true=1,
        num_sampled=100_000,
        unique=False,
        range_max=classes,
        distortion=distortion,
        num_reserved_ids=reserved,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_allclose(of_true.ravel(), 100_000 * q, rtol=1e-13)
    np.testing.assert_allclose(of_sampled, 100_000 * q[candidates], rtol=1e-13)
    counts = np.bincount(candidates, minlength=classes)
    assert not counts[:reserved].any()
    assert chisquare(counts[reserved:], 100_000 * q[reserved:]).pvalue > LEVEL


def test_without_distortion_even_a_count_of_zero_can_be_drawn():
    options = {"num_true": 1, "num_sampled": 6, "unique": False, "range_max": 4}
    _, of_true, _ = fixed_unigram_candidate_sampler(
        [[0], [1], [2], [3]],
        [16.0, 0.0, 1.0],
        distortion=0,
        num_reserved_ids=1,
        rng=np.random.default_rng(0),
        **options,
    )
    np.testing.assert_allclose(of_true.ravel(), [0, 2, 2, 2], rtol=1e-15)


def test_the_learned_sampler_counts_the_true_classes_of_earlier_calls():
    rng, counts, seen = np.random.default_rng(0), None, np.ones(CLASSES, int)
    for _ in range(5):
        true = rng.integers(CLASSES, size=(7, 2))
        (_, of_true, _), counts = learned_unigram_candidate_sampler(
            true, counts, num_true=2, num_sampled=3, unique=False, range_max=CLASSES, rng=rng
        )
        np.testing.assert_allclose(of_true, 3 * share(seen)[true], rtol=1e-14)
        for c in true.flat:
            seen[c] += 1
        assert counts.dtype == np.intp
        np.testing.assert_array_equal(counts, seen)


def test_the_learned_sampler_takes_counts_whose_sum_is_beyond_integers():
    (_, of_true, _), _ = learned_unigram_candidate_sampler(
        ALL,
        np.full(CLASSES, 2**62),
        num_true=2,
        num_sampled=3,
        unique=False,
        range_max=CLASSES,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_allclose(of_true, 3 / CLASSES)


def test_the_counts_given_to_the_learned_sampler_are_left_alone():
    counts = np.array(COUNTS)
    counts.flags.writeable = False
    _, new = learned_unigram_candidate_sampler(
        ALL,
        counts,
        num_true=2,
        num_sampled=3,
        unique=True,
        range_max=CLASSES,
        rng=np.random.default_rng(0),
    )
    np.testing.assert_array_equal(counts, COUNTS)
    np.testing.assert_array_equal(new, counts + 1)


SAMPLER_ERRORS = [
    (TypeError, {"rng": 0}, "rng must be a numpy.random.Generator: found 0"),
    (TypeError, {"rng": None}, "rng must be a numpy.random.Generator: found None"),
    (TypeError, {"num_sampled": 2.0}, "num_sampled must be an integer: found 2.0"),
    (ValueError, {"num_sampled": 0}, "num_sampled must be at least 1: found 0"),
    (TypeError, {"range_max": 6.0}, "range_max must be an integer: found 6.0"),
    (ValueError, {"range_max": 0}, "range_max must be at least 1"),
    (ValueError, {"range_max": 2**63}, "range_max must be at least 1 and at most 9.22337e+18"),
    (
        ValueError,
        {"num_sampled": 7, "unique": True},
        "num_sampled must be at most 6, the number of classes that can be drawn, if unique: found 7",
    ),
    (TypeError, {"num_true": "2"}, "num_true must be an integer: found '2'"),
    (ValueError, {"num_true": 0}, "num_true must be at least 1: found 0"),
    (ValueError, {"num_true": 3}, "true_classes must have shape (N, 3) for num_true: found (3, 2)"),
    (
        ValueError,
        {"true": [1, 2], "num_true": 2},
        "true_classes must have shape (N, 2) for num_true: found (2,)",
    ),
    (TypeError, {"true": [[1.0]]}, "true_classes must hold integers: found dtype float64"),
    (IndexError, {"true": [[6]]}, "true_classes must lie in [0, 6): found 6 at index (0, 0)"),
    (IndexError, {"true": [[-1]]}, "true_classes must lie in [0, 6): found -1 at index (0, 0)"),
]


@every_sampler
@pytest.mark.parametrize(("error", "changes", "message"), SAMPLER_ERRORS)
def test_errors_of_samplers(sampler, error, changes, message):
    options = {
        "true": ALL,
        "num_sampled": 2,
        "unique": False,
        "range_max": CLASSES,
        "rng": np.random.default_rng(0),
    }
    given = {**options, **changes}
    true = given.pop("true")
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        sampler(true, **{"num_true": np.shape(true)[-1], **given})


@pytest.mark.parametrize(
    ("error", "changes", "message"),
    [
        (
            ValueError,
            {"unigrams": [1.0, 2.0]},
            "unigrams must have shape (3,) for range_max 3 and num_reserved_ids 0: found (2,)",
        ),
        (
            ValueError,
            {"num_reserved_ids": 1},
            "unigrams must have shape (2,) for range_max 3 and num_reserved_ids 1: found (3,)",
        ),
        (ValueError, {"unigrams": [1, -2, 1]}, "unigrams must be at least 0: found -2.0 at "),
        (TypeError, {"unigrams": ["a", "b", "c"]}, "unigrams must hold real numbers: "),
        *(
            (
                ValueError,
                {"unigrams": unigrams, **options},
                "unigrams to the power of distortion must have a finite sum above 0: "
                f"found {total}",
            )
            for unigrams, options, total in [
                ([0.0, 0.0, 0.0], {}, "0.0"),
                ([1.0, np.nan, 1.0], {}, "nan"),
                ([1.0, np.inf, 1.0], {}, "inf"),
                ([1.0, 0.0, 1.0], {"distortion": -1}, "inf"),
                ([1e200, 1.0, 1.0], {"distortion": 2}, "inf"),
            ]
        ),
        (TypeError, {"distortion": "1"}, "distortion must be a real number: found '1'"),
        (ValueError, {"distortion": np.nan}, "distortion must be finite: found nan"),
        (TypeError, {"num_reserved_ids": 1.0}, "num_reserved_ids must be an integer: found 1.0"),
        (ValueError, {"num_reserved_ids": -1}, "num_reserved_ids must be at least 0 and at most 3"),
        (ValueError, {"num_reserved_ids": 4}, "num_reserved_ids must be at least 0 and at most 3"),
        (
            ValueError,
            {"unigrams": [1.0, 0.0, 1.0], "num_sampled": 3, "unique": True},
            "num_sampled must be at most 2, the number of classes that can be drawn, if unique",
        ),
    ],
)
def test_errors_of_the_fixed_sampler(error, changes, message):
    options = {"num_true": 1, "num_sampled": 2, "unique": False, "range_max": 3}
    given = {"unigrams": [1.0, 2.0, 3.0], **options, **changes}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        fixed_unigram_candidate_sampler([[0]], rng=np.random.default_rng(0), **given)


@pytest.mark.parametrize(
    ("error", "counts", "message"),
    [
        (ValueError, [1, 2], "counts must have shape (3,): found (2,)"),
        (ValueError, [1, 0, 2], "counts must be at least 1: found 0 at index (1,)"),
        (TypeError, [1.0, 2.0, 3.0], "counts must hold integers: found dtype float64"),
    ],
)
def test_errors_of_the_learned_sampler(error, counts, message):
    options = {"num_true": 1, "num_sampled": 2, "unique": False, "range_max": 3}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        learned_unigram_candidate_sampler([[0]], counts, rng=np.random.default_rng(0), **options)


def test_candidates_that_are_all_but_impossible_are_not_awaited_for_ever(monkeypatch):
    monkeypatch.setattr(sampling, "MOST_TRIES", 10_000)
    message = "num_sampled must be drawn in 10000 tries: found 1 of 2 classes"
    with pytest.raises(ValueError, match=message):
        fixed_unigram_candidate_sampler(
            [[0]],
            [1.0, 1e-30],
            num_true=1,
            num_sampled=2,
            unique=True,
            range_max=2,
            rng=np.random.default_rng(0),
        )


def test_a_class_that_is_all_but_certain_is_expected_once():
    """Its probability rounds to 1."""
    count = sampling._expected_count(np.array([1.0, 1e-20]), 2, 10)
    np.testing.assert_allclose(count, [1, 1e-19])


# accidental hits


def test_accidental_hits_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    for num_true, size in product([1, 2, 3], [1, 4, 10]):
        y, s = rng.integers(12, size=(20, num_true)), rng.permutation(12)[:size]
        hits = [(n, s.tolist().index(c)) for n, row in enumerate(y.tolist()) for c in row if c in s]
        indices, ids, weights = compute_accidental_hits(y, s, num_true=num_true)
        assert list(zip(indices.tolist(), ids.tolist(), strict=True)) == hits
        assert weights.dtype == np.float32
        np.testing.assert_array_equal(weights, np.full(len(hits), np.finfo(np.float32).min))


def test_quirk_of_equal_candidates_only_the_last_is_a_hit():
    """As TensorFlow 2.21 returns them."""
    indices, ids, _ = compute_accidental_hits([[5, 5], [2, 7], [1, 5]], [5, 2, 5, 1, 9], num_true=2)
    assert indices.tolist() == [0, 0, 1, 2, 2]
    assert ids.tolist() == [2, 2, 1, 3, 2]


@pytest.mark.parametrize(
    ("true", "candidates"), [([[1], [2]], []), (np.zeros((0, 1), int), [1]), ([[1]], [2, 3])]
)
def test_there_may_be_no_accidental_hit(true, candidates):
    for found in compute_accidental_hits(true, candidates, num_true=1):
        assert found.shape == (0,)


@pytest.mark.parametrize(
    ("error", "arguments", "message"),
    [
        (ValueError, ([[1, 2]], [3], 1), "true_classes must have shape (N, 1) for num_true: "),
        (ValueError, ([[1]], [3], 0), "num_true must be at least 1: found 0"),
        (TypeError, ([[1]], [3], 1.0), "num_true must be an integer: found 1.0"),
        (ValueError, ([[1]], [[3]], 1), "sampled_candidates must have shape (S,): found (1, 1)"),
        (TypeError, ([[1.0]], [3], 1), "true_classes must hold integers: found dtype float64"),
        (TypeError, ([[1]], [3.0], 1), "sampled_candidates must hold integers: found dtype flo"),
        (IndexError, ([[-1]], [3], 1), "true_classes must lie in [0, inf): found -1 at "),
    ],
)
def test_errors_of_accidental_hits(error, arguments, message):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        compute_accidental_hits(*arguments[:2], num_true=arguments[2])


# sampled softmax and noise-contrastive estimation

LOSSES = [sampled_softmax_loss, nce_loss]
GRADS = [sampled_softmax_loss_grad, nce_loss_grad]
every_loss = pytest.mark.parametrize("function", LOSSES)
every_function = pytest.mark.parametrize("function", LOSSES + GRADS)


def layer(samples=5, width=3, classes=CLASSES, num_true=1, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "weights": rng.normal(size=(classes, width)),
        "biases": rng.normal(size=classes),
        "labels": rng.integers(classes, size=(samples, num_true)),
        "inputs": rng.normal(size=(samples, width)),
        "num_true": num_true,
        "num_classes": classes,
    }


def counts(arguments, candidates, of_true=1.0, of_sampled=1.0):
    """Candidates and their number, with the same expected count for all."""
    return {
        "num_sampled": len(candidates),
        "sampled_values": (
            candidates,
            np.full(arguments["labels"].shape, of_true),
            np.full(len(candidates), of_sampled),
        ),
    }


@pytest.mark.parametrize("order", [range(CLASSES), [3, 1, 5, 0, 4, 2]])
def test_sampled_softmax_of_all_classes_is_softmax(order):
    arguments = layer()
    everything = counts(arguments, list(order))
    z = arguments["inputs"] @ arguments["weights"].T + arguments["biases"]
    y = arguments["labels"][:, 0]
    np.testing.assert_allclose(
        sampled_softmax_loss(**arguments, **everything),
        cross_entropy(z, y, reduction="none"),
        rtol=1e-13,
    )
    by_weights, by_biases, by_inputs = sampled_softmax_loss_grad(**arguments, **everything)
    slope = cross_entropy_grad(z, y, reduction="sum")
    np.testing.assert_allclose(by_weights, slope.T @ arguments["inputs"], rtol=1e-11)
    np.testing.assert_allclose(by_biases, slope.sum(axis=0), rtol=1e-11)
    np.testing.assert_allclose(by_inputs, slope @ arguments["weights"], rtol=1e-11)


def test_equal_expected_counts_cancel_out_of_sampled_softmax():
    arguments = layer()
    one = sampled_softmax_loss(**arguments, **counts(arguments, [1, 4]))
    other = sampled_softmax_loss(**arguments, **counts(arguments, [1, 4], 0.3, 0.3))
    np.testing.assert_allclose(one, other, rtol=1e-13)


def test_the_sum_over_candidates_is_an_unbiased_estimate_of_that_over_all_classes():
    """Importance sampling: the mean over all draws with replacement, each by its probability."""
    arguments, k = layer(samples=2, classes=4), 3
    q = share([4.0, 3.0, 2.0, 1.0])
    z = arguments["inputs"] @ arguments["weights"].T + arguments["biases"]
    true = np.exp(np.take_along_axis(z, arguments["labels"], axis=1)[:, 0])
    mean = 0
    for draw in product(range(4), repeat=k):
        s = list(draw)
        loss = sampled_softmax_loss(
            **arguments,
            num_sampled=k,
            sampled_values=(s, np.ones((2, 1)), k * q[s]),
            remove_accidental_hits=False,
        )
        # exp(loss) is one more than the sum over candidates by the exponential of the true logit
        mean += np.prod(q[s]) * np.expm1(loss) * true
    np.testing.assert_allclose(mean, np.exp(z).sum(axis=1), rtol=1e-12)


def test_sampled_softmax_reads_lower_than_softmax_in_the_mean():
    """Jensen: with the true class beside unbiased candidates of the others."""
    arguments, k = layer(samples=2, classes=4), 2
    z = arguments["inputs"] @ arguments["weights"].T + arguments["biases"]
    y = arguments["labels"][:, 0]
    mean = np.zeros(2)
    for n in range(2):
        others = [c for c in range(4) if c != y[n]]
        for draw in product(others, repeat=k):
            one = {**arguments, "labels": [[y[n]]], "inputs": arguments["inputs"][[n]]}
            values = list(draw), [[1.0]], np.full(k, k / 3)
            mean[n] += sampled_softmax_loss(**one, num_sampled=k, sampled_values=values)[0] / 3**k
    assert (mean < cross_entropy(z, y, reduction="none")).all()


def test_the_gradient_of_nce_is_zero_in_expectation_at_the_true_model():
    """Gutmann and Hyvärinen: over all true classes and draws with replacement, exactly."""
    p, q, k = share([1.0, 5.0, 3.0]), share([4.0, 2.0, 2.0]), 2
    model = {"weights": np.zeros((3, 2)), "biases": np.log(p), "inputs": [[0.7, -1.3]]}
    total = [0, 0, 0]
    for y, *s in product(range(3), repeat=1 + k):
        grads = nce_loss_grad(
            **model,
            labels=[[y]],
            num_sampled=k,
            num_classes=3,
            sampled_values=(s, [[k * q[y]]], k * q[s]),
        )
        assert all(grad.any() for grad in grads[:2])
        total = [t + p[y] * np.prod(q[s]) * grad for t, grad in zip(total, grads, strict=True)]
    for grad in total:
        np.testing.assert_allclose(grad, 0, atol=1e-15)


def test_the_expected_nce_loss_is_least_at_the_true_model():
    """Normalised without being asked to be: to scale all probabilities does not pay either."""
    p, q, k = share([1.0, 5.0, 3.0]), share([4.0, 2.0, 2.0]), 2

    def expected(biases):
        model = {"weights": np.zeros((3, 1)), "biases": biases, "inputs": [[1.0]]}
        options = {"num_sampled": k, "num_classes": 3}
        return sum(
            p[y]
            * np.prod(q[s])
            * nce_loss(
                **model, labels=[[y]], sampled_values=(s, [[k * q[y]]], k * q[s]), **options
            )[0]
            for y, *s in product(range(3), repeat=1 + k)
        )

    least = expected(np.log(p))
    for step in [[0.1, 0, 0], [0, -0.1, 0], [0, 0, 0.1], [0.1, 0.1, 0.1], [-0.1, -0.1, -0.1]]:
        assert expected(np.log(p) + step) > least + 1e-5


@every_loss
def test_taking_hits_out_is_leaving_those_candidates_out(function):
    arguments = layer(samples=1)
    y = int(arguments["labels"][0, 0])
    others = [c for c in range(CLASSES) if c != y][:3]
    with_hit = function(
        **arguments, **counts(arguments, [others[0], y, *others[1:]]), remove_accidental_hits=True
    )
    without = function(**arguments, **counts(arguments, others), remove_accidental_hits=True)
    np.testing.assert_allclose(with_hit, without, rtol=1e-13)
    kept = function(
        **arguments, **counts(arguments, [others[0], y, *others[1:]]), remove_accidental_hits=False
    )
    assert (kept > with_hit + 1e-3).all()


def test_defaults_of_hits_are_tensorflow_s():
    arguments = layer()
    hit = counts(arguments, [int(arguments["labels"][0, 0]), 2])
    for function, default in [(sampled_softmax_loss, True), (nce_loss, False)]:
        default, other = (
            function(**arguments, **hit, **options)
            for options in ({}, {"remove_accidental_hits": not default})
        )
        assert default[0] != other[0]
        expected = function is nce_loss
        assert (default[0] > other[0]) == expected


@every_loss
def test_quirk_only_the_last_of_equal_candidates_is_taken_out(function):
    arguments = layer(samples=1)
    y = int(arguments["labels"][0, 0])
    options = {"remove_accidental_hits": True}
    twice = function(**arguments, **counts(arguments, [y, y]), **options)
    once = function(**arguments, **counts(arguments, [y]), remove_accidental_hits=False)
    np.testing.assert_allclose(twice, once, rtol=1e-13)


def test_quirk_several_true_classes_of_nce_are_each_said_to_be_false_in_part():
    arguments = layer(num_true=2)
    found = nce_loss(**arguments, **counts(arguments, [0]))
    z = arguments["inputs"] @ arguments["weights"].T + arguments["biases"]
    true = np.take_along_axis(z, arguments["labels"], axis=1)
    softplus = lambda x: np.log1p(np.exp(x))
    expected = (softplus(-true) + softplus(true)).sum(axis=1) / 2 + softplus(z[:, 0])
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@every_loss
def test_a_true_class_that_no_sampler_draws_makes_nan(function):
    """As in TensorFlow: the logarithm of its expected count is infinite."""
    arguments = layer()
    assert np.isnan(function(**arguments, **counts(arguments, [1, 2], of_true=0.0))).all()


@every_function
def test_candidates_are_drawn_by_the_log_uniform_sampler(function):
    arguments = layer(num_true=2)
    drawn = log_uniform_candidate_sampler(
        arguments["labels"],
        num_true=2,
        num_sampled=4,
        unique=True,
        range_max=CLASSES,
        rng=np.random.default_rng(3),
    )
    expected = function(**arguments, num_sampled=4, sampled_values=drawn)
    found = function(**arguments, num_sampled=4, rng=np.random.default_rng(3))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@every_function
def test_a_layer_may_have_more_rows_than_there_are_classes(function):
    arguments = layer(classes=4)
    more = {
        **arguments,
        "weights": np.vstack([arguments["weights"], np.full((2, 3), np.nan)]),
        "biases": np.append(arguments["biases"], [np.nan, np.nan]),
    }
    expected = function(**arguments, num_sampled=3, rng=np.random.default_rng(0))
    found = function(**more, num_sampled=3, rng=np.random.default_rng(0))
    if function in LOSSES:
        np.testing.assert_array_equal(found, expected)
    else:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one[: len(other)], other)
            assert not one[len(other) :].any()


@every_function
def test_sampled_values_are_left_alone_and_taken_at_the_precision_of_the_weights(function):
    arguments = layer()
    arguments = {n: x.astype("f4") if n == "weights" else x for n, x in arguments.items()}
    values = np.array([1, 4, 5]), np.full((5, 1), 0.3), np.array([0.7, 0.2, 0.1])
    for x in values:
        x.flags.writeable = False
    found = function(**arguments, num_sampled=3, sampled_values=values)
    for x in found if function in GRADS else [found]:
        assert x.dtype == np.float32
    wide = {**arguments, "weights": arguments["weights"].astype(float)}
    rounded = tuple(x.astype("f4") if x.dtype.kind == "f" else x for x in values)
    expected = function(**wide, num_sampled=3, sampled_values=rounded)
    for x, y in zip(found, expected, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-5)


@every_function
def test_float32_counts_are_worth_their_own_logarithm(function):
    """It is taken in float64, whatever the counts are stored in."""
    arguments, values = layer(), ([1, 4], np.full((5, 1), 0.3, "f4"), np.array([0.7, 0.2], "f4"))
    wide = tuple(np.asarray(x, float) if np.asarray(x).dtype.kind == "f" else x for x in values)
    one = function(**arguments, num_sampled=2, sampled_values=values)
    other = function(**arguments, num_sampled=2, sampled_values=wide)
    for x, y in zip(one, other, strict=True):
        np.testing.assert_array_equal(x, y)


@every_loss
def test_half_precision_survives_what_is_taken_out(function):
    """The lowest number less a large logit would be infinite, and 0 times it NaN."""
    arguments = layer()
    arguments["weights"] = np.float16(20 * arguments["weights"])
    hit = counts(arguments, sorted(set(arguments["labels"].ravel().tolist())))
    found = function(**arguments, **hit, remove_accidental_hits=True)
    assert found.dtype == np.float16
    assert np.isfinite(found).all()


@every_function
def test_no_warning_escapes_a_sampled_loss(function):
    arguments = layer()
    for number in (np.inf, np.nan, 1e300, 1e308):
        arguments["inputs"] = np.full((5, 3), number)
        function(**arguments, **counts(arguments, [0, 2], 0.0, 0.0))
        function(**arguments, **counts(arguments, [0, 2], np.inf, np.nan))
    arguments["weights"], arguments["inputs"] = np.ones((6, 3)), np.full((5, 3), 5e307)
    function(**arguments, **counts(arguments, [0, 2]))


@every_function
def test_memory_of_a_sampled_loss_is_that_of_its_logits(function):
    arguments = layer(samples=10_000, width=64, classes=500, num_true=4)
    tracemalloc.start()
    found = function(**arguments, num_sampled=20, rng=np.random.default_rng(0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    own = sum(x.nbytes for x in found) if function in GRADS else found.nbytes
    assert peak - own < 6 * 10_000 * 24 * 8  # the weights of all labels would be 20 MB


SAMPLED_ERRORS = [
    (TypeError, {"weights": np.ones((6, 3), int)}, "weights must hold floating-point numbers: "),
    (
        ValueError,
        {"weights": np.ones((6, 4))},
        "weights and inputs must have shapes (K, D) and (N, D): found (6, 4) and (5, 3)",
    ),
    (
        ValueError,
        {"inputs": np.ones(3)},
        "weights and inputs must have shapes (K, D) and (N, D): found (6, 3) and (3,)",
    ),
    (
        ValueError,
        {"biases": np.ones(5)},
        "biases must have shape (6,) for weights of shape (6, 3): found (5,)",
    ),
    (ValueError, {"num_classes": 7}, "num_classes must be at least 1 and at most 6: found 7"),
    (ValueError, {"num_classes": 0}, "num_classes must be at least 1 and at most 6: found 0"),
    (TypeError, {"num_classes": 6.0}, "num_classes must be an integer: found 6.0"),
    (ValueError, {"num_true": 2}, "labels must have shape (N, 2) for num_true: found (5, 1)"),
    (ValueError, {"num_true": 0}, "num_true must be at least 1: found 0"),
    (
        ValueError,
        {"labels": [[0]] * 4},
        "labels must have shape (5, 1) for inputs of shape (5, 3): found (4, 1)",
    ),
    (IndexError, {"labels": [[6]] * 5}, "labels must lie in [0, 6): found 6 at index (0, 0)"),
    (IndexError, {"num_classes": 1, "labels": [[1]] * 5}, "labels must lie in [0, 1): found 1"),
    (TypeError, {"labels": [[1.0]] * 5}, "labels must hold integers: found dtype float64"),
    (TypeError, {"sampled_values": None}, "rng must be a numpy.random.Generator: found None"),
    (
        TypeError,
        {"sampled_values": [1, 2]},
        "sampled_values must be a tuple (sampled_candidates, true_expected_count, "
        "sampled_expected_count): found [1, 2]",
    ),
    (
        ValueError,
        {"num_sampled": 3},
        "sampled_candidates must have shape (3,) for num_sampled: found (2,)",
    ),
    (ValueError, {"num_sampled": 0}, "num_sampled must be at least 1: found 0"),
    (TypeError, {"num_sampled": 2.0}, "num_sampled must be an integer: found 2.0"),
]
for place, value, error, message in [
    (0, [1, 6], IndexError, "sampled_candidates must lie in [0, 6): found 6 at index (1,)"),
    (0, [1.0, 2.0], TypeError, "sampled_candidates must hold integers: found dtype float64"),
    (1, [1.0], ValueError, "true_expected_count must have shape (5, 1) for labels of shape"),
    (1, [["a"]] * 5, TypeError, "true_expected_count must hold real numbers: "),
    (1, [[-1.0]] * 5, ValueError, "true_expected_count must be at least 0: found -1.0 at"),
    (2, [1.0], ValueError, "sampled_expected_count must have shape (2,) for sampled_candidates"),
    (2, [1.0, -0.5], ValueError, "sampled_expected_count must be at least 0: found -0.5 at"),
]:
    sampled_values = [[1, 2], np.ones((5, 1)), [1.0, 1.0]]
    sampled_values[place] = value
    SAMPLED_ERRORS.append((error, {"sampled_values": tuple(sampled_values)}, message))


@every_function
@pytest.mark.parametrize(("error", "changes", "message"), SAMPLED_ERRORS)
def test_errors_of_sampled_losses(function, error, changes, message):
    arguments = layer()
    given = {**arguments, **counts(arguments, [1, 2]), **changes}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        function(**given)
