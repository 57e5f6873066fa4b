"""What `lossbook` and TensorFlow have in common, under the same names and under others.

TensorFlow's part is read from a file that `oracles/record_tensorflow.py` wrote, and computed anew
wherever TensorFlow is installed.
"""

import json
import warnings
from functools import cache

import numpy as np
import pytest

import lossbook

from .oracles.record_tensorflow import FILE, SAMPLED_VALUES, array, cases, compute, packed, plain

CASES = cases()
PLAIN = "tf.nn.softmax_cross_entropy_with_logits probabilities (4, 3) float32"
RTOL = {"float64": 1e-12, "float32": 2e-6}
LOOSE = {"tf.nn.ctc_loss": 5}  # it adds up many roundings, all in single precision

every_source = pytest.mark.parametrize("source", ["recorded", "live"])


def every_case(chosen):
    names = [pytest.param(name, id=name) for name, case in CASES.items() if chosen(case)]
    return pytest.mark.parametrize("name", names)


@cache
def recorded():
    return json.loads(FILE.read_text(encoding="utf-8"))


def outputs(source, name):
    """What TensorFlow made, or makes now, of a case."""
    if source == "recorded":
        found = recorded()["cases"][name]["outputs"]
        return {key: array(x, CASES[name].dtype) for key, x in found.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("tensorflow")
        return compute(CASES[name])


# TensorFlow's values and derivatives by ours, for its inputs and options


def both(name, *arrays, **options):
    return (
        getattr(lossbook, name)(*arrays, **options),
        getattr(lossbook, f"{name}_grad")(*arrays, **options),
    )


def of_same_name(name):
    return lambda **given: both(name, **packed(given))


def softmax(labels, logits, axis=-1):
    """TensorFlow's derivative is right where the labels sum to 1, and the same elsewhere."""
    value, grad = both("softmax_cross_entropy_with_logits", labels, logits, axis=axis)
    excess = labels.sum(axis=axis, keepdims=True) - 1
    return value, grad - excess * lossbook.softmax(logits, axis=axis)


def weighted(labels, logits, pos_weight):
    """TensorFlow's derivative is wrong at a logit of exactly 0."""
    value, grad = both("weighted_cross_entropy_with_logits", labels, logits, pos_weight)
    return value, np.where(logits == 0, 1 - labels, grad)


def alignment(labels, logits, label_length, logit_length, blank_index, logits_time_major=True):
    """TensorFlow takes logits, and so do the derivatives."""
    assert logits_time_major
    given = (lossbook.log_softmax(logits), labels, logit_length, label_length)
    options = {"blank": blank_index, "reduction": "none"}
    return lossbook.ctc_loss(*given, **options), lossbook.ctc_loss_grad_by_logits(*given, **options)


def divergence(y_true, y_pred):
    """Keras averages over all vectors, we over the first axis."""
    p = y_pred.reshape(-1, y_pred.shape[-1])
    value, grad = both("kl_div", np.log(p), y_true.reshape(p.shape), reduction="batchmean")
    return value, (grad / p).reshape(y_pred.shape)


def categorical(y_true, y_pred, from_logits=False, axis=-1, ignore_class=-100, label_smoothing=0.0):
    """Probabilities are the softmax of their logarithms."""
    z = np.moveaxis(y_pred if from_logits else np.log(y_pred), axis, 1)
    t = np.moveaxis(y_true, axis, 1) if y_true.ndim == y_pred.ndim else y_true
    options = {"ignore_index": ignore_class, "label_smoothing": label_smoothing}
    value, grad = both("cross_entropy", z, t, **options)
    grad = np.moveaxis(grad, 1, axis)
    return value, grad if from_logits else grad / y_pred


def binary(y_true, y_pred, from_logits=False):
    return both("binary_cross_entropy" + "_with_logits" * from_logits, y_pred, y_true)


def binary_focal(y_true, y_pred, from_logits, apply_class_balancing=False, alpha=0.25, gamma=2.0):
    assert from_logits
    balance = alpha if apply_class_balancing else -1
    return both("focal_loss", y_pred, y_true, alpha=balance, gamma=gamma)


OURS = {
    "tf.nn.softmax_cross_entropy_with_logits": softmax,
    "tf.nn.weighted_cross_entropy_with_logits": weighted,
    "tf.nn.log_poisson_loss": lambda targets, log_input, compute_full_loss=False: both(
        "poisson_nll_loss", log_input, targets, full=compute_full_loss, reduction="none"
    ),
    "tf.nn.l2_loss": lambda t: both("l2_penalty", t, strength=0.5),
    "tf.nn.ctc_loss": alignment,
    "tf.keras.losses.MeanSquaredError": lambda y_true, y_pred: both("mse_loss", y_pred, y_true),
    "tf.keras.losses.MeanAbsoluteError": lambda y_true, y_pred: both("l1_loss", y_pred, y_true),
    "tf.keras.losses.Huber": lambda y_true, y_pred, delta=1.0: both(
        "huber_loss", y_pred, y_true, delta=delta
    ),
    "tf.keras.losses.Poisson": lambda y_true, y_pred: both(
        "poisson_nll_loss", y_pred, y_true, log_input=False, eps=1e-7
    ),
    "tf.keras.losses.KLDivergence": divergence,
    "tf.keras.losses.CategoricalCrossentropy": categorical,
    "tf.keras.losses.SparseCategoricalCrossentropy": categorical,
    "tf.keras.losses.BinaryCrossentropy": binary,
    "tf.keras.losses.BinaryFocalCrossentropy": binary_focal,
}


def assert_close(found, expected, dtype, loose=1):
    """Within rounding, of the number itself or of the largest beside it."""
    expected = np.asarray(expected)
    rtol = loose * RTOL[dtype]
    assert found.dtype == expected.dtype == dtype
    assert found.shape == expected.shape
    largest = max(0, *np.abs(expected[np.isfinite(expected)]))
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * largest / 10)


@every_source
@every_case(lambda case: case.learnt)
def test_values_and_gradients_equal_tensorflow_s(name, source):
    case, theirs = CASES[name], outputs(source, name)
    ours = OURS.get(case.function, of_same_name(case.function.removeprefix("tf.nn.")))
    value, grads = ours(**case.inputs, **case.options)
    assert_close(value, theirs["value"], case.dtype, LOOSE.get(case.function, 1))
    for key, grad in zip(case.learnt, grads if len(case.learnt) > 1 else [grads], strict=True):
        assert_close(grad, theirs[f"{key}_grad"], case.dtype, LOOSE.get(case.function, 1))


# where TensorFlow's derivatives are not those of its values


def summed_differences(function, z, h=1e-5):
    """The derivative of the sum of losses, each of which depends on one vector or number of z."""
    grad = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[place] = h
        grad[place] = (function(z + step) - function(z - step)).sum() / (2 * h)
    return grad


@every_source
def test_tensorflow_s_derivative_takes_the_labels_to_sum_to_1(source):
    name = "tf.nn.softmax_cross_entropy_with_logits no_probabilities (4, 3) float64"
    t, z = CASES[name].inputs.values()
    theirs = outputs(source, name)["logits_grad"]
    np.testing.assert_allclose(theirs, lossbook.softmax(z) - t, rtol=1e-12)
    true = summed_differences(lambda z: lossbook.softmax_cross_entropy_with_logits(t, z), z)
    ours = lossbook.softmax_cross_entropy_with_logits_grad(t, z)
    np.testing.assert_allclose(ours, true, rtol=1e-7)
    assert abs(theirs - true).max() > 0.5


@every_source
def test_tensorflow_s_weighted_derivative_is_wrong_at_a_logit_of_0(source):
    name = "tf.nn.weighted_cross_entropy_with_logits extreme_weighted_events (3, 3) float64"
    t, z, w = CASES[name].inputs.values()
    theirs = outputs(source, name)["logits_grad"]
    ours = lossbook.weighted_cross_entropy_with_logits_grad(t, z, w)
    ((row, column),) = np.argwhere(z == 0)
    assert (t[row, column], w) == (1, 3)
    assert (theirs[row, column], ours[row, column]) == (0, -1.5)


# what is refused, and what is not


def names(name):
    """A loss and its derivative."""
    return pytest.mark.parametrize(
        "function", [getattr(lossbook, name), getattr(lossbook, f"{name}_grad")]
    )


every_soft_loss = names("softmax_cross_entropy_with_logits")
every_sparse_loss = names("sparse_softmax_cross_entropy_with_logits")
every_weighted_loss = names("weighted_cross_entropy_with_logits")


@every_sparse_loss
@pytest.mark.parametrize("label", [3, -1, -100])
def test_a_label_out_of_range_is_refused_none_is_ignored(function, label):
    """TensorFlow's CPU refuses it too, its GPU returns NaN."""
    with pytest.raises(
        IndexError, match=rf"labels must lie in \[0, 3\): found {label} at .*\(1,\)"
    ):
        function([0, label], np.zeros((2, 3)))


@every_sparse_loss
def test_labels_that_are_no_classes_are_refused(function):
    with pytest.raises(TypeError, match="labels must hold integers: found dtype float64"):
        function([0.0, 1.0], np.zeros((2, 3)))
    with pytest.raises(
        ValueError,
        match=r"labels must have shape \(2,\) for logits of shape \(2, 3\): found \(2, 1\)",
    ):
        function([[0], [1]], np.zeros((2, 3)))


@every_soft_loss
def test_labels_tensorflow_would_repeat_are_refused(function):
    with pytest.raises(ValueError, match=r"logits and labels .*same shape: \(2, 3\) and \(1, 3\)"):
        function(np.ones((1, 3)), np.ones((2, 3)))


@every_soft_loss
def test_an_axis_of_classes_is_needed(function):
    with pytest.raises(ValueError, match=r"logits has no axis 2: shape \(2, 3\)"):
        function(np.ones((2, 3)), np.ones((2, 3)), axis=2)
    with pytest.raises(ValueError, match=r"logits has no axis -1: shape \(\)"):
        function(1.0, 1.0)
    with pytest.raises(ValueError, match=r"logits must not be empty along axis 1: shape \(2, 0\)"):
        function(np.ones((2, 0)), np.ones((2, 0)), axis=1)
    with pytest.raises(TypeError, match=r"axis must be an integer: found 0\.5"):
        function(np.ones((2, 3)), np.ones((2, 3)), axis=0.5)


@every_sparse_loss
def test_sparse_labels_need_an_axis_of_classes(function):
    with pytest.raises(ValueError, match=r"logits has no axis -1: shape \(\)"):
        function(0, 1.0)
    with pytest.raises(ValueError, match=r"logits must not be empty along axis -1: shape \(2, 0\)"):
        function([0, 0], np.ones((2, 0)))


@every_weighted_loss
def test_a_weight_of_events_is_needed_and_must_broadcast(function):
    with pytest.raises(TypeError, match="pos_weight must hold real numbers: found dtype object"):
        function(np.ones(3), np.ones(3), None)
    with pytest.raises(
        ValueError, match=r"pos_weight must broadcast to the shape of logits: \(2,\) and \(3,\)"
    ):
        function(np.ones(3), np.ones(3), np.ones(2))


@every_soft_loss
def test_labels_may_be_whole_or_of_another_precision(function):
    t, z = np.eye(3), CASES[PLAIN].inputs["logits"][:3]
    expected = function(t.astype("float32"), z)
    assert expected.dtype == "float32"
    for labels in [t, t.astype(int), t.astype(bool), t.astype(int).tolist()]:
        found = function(labels, z)
        assert found.dtype == "float32"
        np.testing.assert_array_equal(found, expected)
    too_large = function([[1e300, 0.0]], np.zeros((1, 2), "float32"))
    assert not np.isfinite(too_large).any()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
@every_sparse_loss
def test_classes_may_be_integers_of_any_kind(function, dtype):
    z = CASES[PLAIN].inputs["logits"]
    y = np.array([2, 0, 1, 1])
    np.testing.assert_array_equal(function(y.astype(dtype), z), function(y, z))


def test_the_four_losses_are_two():
    t, z = CASES[PLAIN].inputs.values()
    y = np.array([2, 0, 1, 1])
    sparse = lossbook.sparse_softmax_cross_entropy_with_logits(y, z)
    soft = lossbook.softmax_cross_entropy_with_logits(np.eye(3)[y], z)
    np.testing.assert_allclose(sparse, soft, rtol=RTOL["float32"])
    plainly = lossbook.sigmoid_cross_entropy_with_logits(t, z)
    np.testing.assert_array_equal(lossbook.weighted_cross_entropy_with_logits(t, z, 1.0), plainly)
    two = np.stack([z, np.zeros_like(z)], axis=-1)
    of_two = lossbook.softmax_cross_entropy_with_logits(np.stack([t, 1 - t], axis=-1), two)
    np.testing.assert_allclose(of_two, plainly, rtol=RTOL["float32"])


# candidates


@every_source
@every_case(lambda case: case.function == "tf.nn.compute_accidental_hits")
def test_accidental_hits_are_tensorflow_s(name, source):
    case = CASES[name]
    ours = lossbook.compute_accidental_hits(*case.inputs.values(), **case.options)
    for found, expected in zip(ours, outputs(source, name).values(), strict=True):
        np.testing.assert_array_equal(found, expected)


@every_source
@every_case(lambda case: case.function.endswith("sampler"))
def test_expected_counts_are_tensorflow_s(name, source):
    """TensorFlow does not tell how many tries it took: some run of ours takes as many."""
    case, theirs = CASES[name], outputs(source, name)
    sampler = getattr(lossbook, case.function.removeprefix("tf.random."))
    options = dict(case.options)
    weights = [options.pop("unigrams")] if "unigrams" in options else []
    for n, true in enumerate(case.inputs["true_classes"]):
        drawn, *counts = (theirs[f"{part} {n}"] for part in SAMPLED_VALUES)
        assert len(drawn) == len(set(drawn.tolist())) or not options["unique"]
        classes = np.concatenate([true.ravel(), drawn])[:, np.newaxis]
        expected = np.concatenate([counts[0].ravel(), counts[1]])
        assert any(
            np.allclose(of_true.ravel(), expected, rtol=RTOL["float32"], atol=0)
            for of_true in expected_counts(sampler, classes, weights, {**options, "num_true": 1})
        )
        if sampler is lossbook.learned_unigram_candidate_sampler:
            rng = np.random.default_rng(0)
            weights = [sampler(true, *weights, **options, rng=rng)[1]]


def expected_counts(sampler, classes, weights, options):
    """The expected counts of the classes in one run after the other."""
    for seed in range(3000 if options["unique"] else 1):
        values = sampler(classes, *weights, **options, rng=np.random.default_rng(seed))
        yield values[1] if len(values) == 3 else values[0][1]


# the file


def test_what_was_recorded_is_what_the_script_computes():
    cases = {name: {**case, "outputs": None} for name, case in recorded()["cases"].items()}
    assert cases == {name: {**case.as_json(), "outputs": None} for name, case in CASES.items()}


def test_numbers_come_back_from_the_file_exactly():
    for dtype in RTOL:
        x = np.array([0.1, 1 / 3, 1e-40, -np.inf, 16777217, 5.0], dtype)
        found = array(json.loads(json.dumps(plain(x))), dtype)
        assert found.tobytes() == x.tobytes()
    assert array(plain(np.array([[1, 2]])), "float32").dtype == "int64"


def test_the_version_is_recorded():
    assert recorded()["tensorflow"] == "2.21.0"
