"""Record what TensorFlow computes, for `test_tensorflow.py` to hold `lossbook` against.

In an environment with TensorFlow 2.21,

    python -m tests.lossbook.oracles.record_tensorflow

writes `tensorflow.json` beside this file: the version and, for every case, its inputs, options,
values and gradients.  A number is written with as many digits as bring it back exactly.  The
inputs are drawn here, without TensorFlow, so that a test can see that file and script agree.
"""

import inspect
import json
import zlib
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("tensorflow.json")
SAMPLED_VALUES = ["sampled_candidates", "true_expected_count", "sampled_expected_count"]
LOGITS = np.array([[1e4, -1e4, 3.0], [0.0, -80.0, 1e4], [80.0, 50.0, -50.0]])

# The inputs by which a value is differentiated.
LEARNT = {
    "tf.nn.softmax_cross_entropy_with_logits": ["logits"],
    "tf.nn.sparse_softmax_cross_entropy_with_logits": ["logits"],
    "tf.nn.sigmoid_cross_entropy_with_logits": ["logits"],
    "tf.nn.weighted_cross_entropy_with_logits": ["logits"],
    "tf.nn.log_poisson_loss": ["log_input"],
    "tf.nn.l2_loss": ["t"],
    "tf.nn.ctc_loss": ["logits"],
    "tf.nn.sampled_softmax_loss": ["weights", "biases", "inputs"],
    "tf.nn.nce_loss": ["weights", "biases", "inputs"],
    "tf.nn.compute_accidental_hits": [],
    "tf.random.uniform_candidate_sampler": [],
    "tf.random.log_uniform_candidate_sampler": [],
    "tf.random.learned_unigram_candidate_sampler": [],
    "tf.random.fixed_unigram_candidate_sampler": [],
}

# What TensorFlow computes in single precision only.
SINGLE = ["tf.nn.ctc_loss", *(name for name, learnt in LEARNT.items() if not learnt)]


@dataclass(frozen=True)
class Case:
    """One call of a function: its inputs by name, floats of one type, and its options."""

    function: str
    dtype: str
    inputs: dict
    options: dict

    @property
    def learnt(self):
        return LEARNT.get(self.function, ["y_pred"])

    def as_json(self):
        return {
            "function": self.function,
            "dtype": self.dtype,
            "inputs": {name: plain(x) for name, x in self.inputs.items()},
            "options": self.options,
        }


def cases():
    """All cases by name."""
    found = {}
    for function, draw, several in TABLE:
        for shape, options in several:
            shown = ", ".join(f"{key}={value}" for key, value in options.items())
            for dtype in ["float32"] if function in SINGLE else ["float32", "float64"]:
                name = " ".join(filter(None, [function, draw.__name__, f"{shape}", shown, dtype]))
                rng = np.random.default_rng(zlib.crc32(name.removesuffix(dtype).encode()))
                inputs = {key: cast(x, dtype) for key, x in draw(rng, shape).items()}
                found[name] = Case(function, dtype, inputs, options)
    return found


def cast(x, dtype):
    x = np.asarray(x)
    return x.astype(dtype if x.dtype.kind == "f" else "int64")


# what inputs are drawn from: few decimals, the same whatever the version of NumPy's generators


def normal(rng, shape):
    return rng.normal(scale=2, size=shape).round(3)


def unit(rng, shape):
    return rng.uniform(0.05, 0.95, size=shape).round(3)


def distribution(rng, shape):
    """Whole sixty-fourths, at least one each, whose sum is exactly 1 whatever the precision."""
    size = shape[-1]
    return (1 + rng.multinomial(64 - size, np.full(size, 1 / size), size=shape[:-1])) / 64


def probabilities(rng, shape):
    """Labels that sum to 1 along the last axis."""
    return {"labels": distribution(rng, shape), "logits": normal(rng, shape)}


def no_probabilities(rng, shape):
    """Labels that sum to anything."""
    return {"labels": (4 * unit(rng, shape)).round(3), "logits": normal(rng, shape)}


def extreme_probabilities(rng, shape):
    return {"labels": np.array([[0, 1, 0], [0.5, 0, 0.5], [0, 0, 1.0]]), "logits": LOGITS}


def classes(rng, shape):
    return {"labels": rng.integers(shape[-1], size=shape[:-1]), "logits": normal(rng, shape)}


def extreme_classes(rng, shape):
    return {"labels": np.array([1, 2, 0]), "logits": LOGITS}


def infinite_logits(rng, shape):
    return {"labels": np.array([1, 1]), "logits": np.array([[-np.inf, 1, 2], [1, -np.inf, 2]])}


def events(rng, shape):
    return {"labels": unit(rng, shape), "logits": normal(rng, shape)}


def extreme_events(rng, shape):
    return {"labels": np.array([[0, 1, 0.5], [1, 0, 0], [1, 0, 2]]), "logits": LOGITS}


def weighted_events(rng, shape):
    return {**events(rng, shape), "pos_weight": 3.0}


def events_weighted_by_class(rng, shape):
    return {**events(rng, shape), "pos_weight": unit(rng, shape[-1:]) * 4}


def extreme_weighted_events(rng, shape):
    return {**extreme_events(rng, shape), "pos_weight": 3.0}


def counts(rng, shape):
    return {"targets": rng.poisson(2, size=shape).astype(float), "log_input": normal(rng, shape)}


def parameters(rng, shape):
    return {"t": normal(rng, shape)}


def alignments(rng, shape):
    """Logits of T times, N sequences and C classes, with targets of several lengths."""
    times, count, size = shape
    return {
        "labels": rng.integers(1, size, size=(count, times // 2)),
        "logits": normal(rng, shape),
        "label_length": np.minimum(np.arange(count) + 1, times // 2),
        "logit_length": times - np.arange(count) % 2,
    }


def repeated_labels(rng, shape):
    """A label and itself again, between which there must be a blank."""
    return {**alignments(rng, shape), "labels": np.full((shape[1], shape[0] // 2), 2)}


def sampled(rng, shape):
    """N rows of D numbers, T true and S sampled ones of C classes, with expected counts."""
    count, width, size, true, drawn = shape
    return {
        "weights": normal(rng, (size, width)),
        "biases": normal(rng, size),
        "labels": rng.integers(size, size=(count, true)),
        "inputs": normal(rng, (count, width)),
        "sampled_candidates": rng.integers(size, size=drawn),
        "true_expected_count": unit(rng, (count, true)),
        "sampled_expected_count": unit(rng, drawn),
    }


def true_classes(rng, shape):
    """Several batches of N rows of T classes, for one call each."""
    batches, count, true, size = shape
    return {"true_classes": rng.integers(size, size=(batches, count, true))}


def hits(rng, shape):
    count, true, drawn, size = shape
    return {
        "true_classes": rng.integers(size, size=(count, true)),
        "sampled_candidates": rng.integers(size, size=drawn),
    }


def numbers(rng, shape):
    return {"y_true": normal(rng, shape), "y_pred": normal(rng, shape)}


def rates(rng, shape):
    return {"y_true": rng.poisson(2, size=shape).astype(float), "y_pred": 4 * unit(rng, shape)}


def distributions(rng, shape):
    return {"y_true": distribution(rng, shape), "y_pred": distribution(rng, shape)}


def soft_scores(rng, shape):
    return {"y_true": distribution(rng, shape), "y_pred": normal(rng, shape)}


def soft_scores_of_axis_1(rng, shape):
    first, size, *rest = shape
    p = distribution(rng, (first, *rest, size))
    return {"y_true": np.moveaxis(p, -1, 1), "y_pred": normal(rng, shape)}


def scores(rng, shape):
    return {"y_true": rng.integers(shape[-1], size=shape[:-1]), "y_pred": normal(rng, shape)}


def class_and_distribution(rng, shape):
    return {**scores(rng, shape), "y_pred": distribution(rng, shape)}


def coins(rng, shape):
    return {"y_true": rng.integers(2, size=shape).astype(float), "y_pred": unit(rng, shape)}


def coins_and_logits(rng, shape):
    return {**coins(rng, shape), "y_pred": normal(rng, shape)}


def plainly(*shapes, **options):
    return [(shape, options) for shape in shapes]


LAST, PLANES, MATRIX = (4,), (2, 3, 4), (4, 3)
ROWS = plainly(LAST, MATRIX, PLANES)
SAMPLES = [((3, 4, 7, 1, 5), 1), ((3, 4, 7, 2, 5), 2), ((4, 2, 5, 1, 8), 1)]
SAMPLED = [
    (
        shape,
        {
            "num_sampled": shape[-1],
            "num_classes": shape[2],
            "num_true": true,
            "remove_accidental_hits": remove,
        },
    )
    for shape, true in SAMPLES
    for remove in (False, True)
]
SAMPLERS = [
    ((3, 2, 1, 12), {"num_true": 1, "num_sampled": 5, "unique": False, "range_max": 12}),
    ((3, 3, 2, 12), {"num_true": 2, "num_sampled": 9, "unique": True, "range_max": 12}),
    ((2, 2, 1, 12), {"num_true": 1, "num_sampled": 12, "unique": True, "range_max": 12}),
    ((2, 2, 1, 1000), {"num_true": 1, "num_sampled": 4, "unique": True, "range_max": 1000}),
]
UNIGRAMS = [1.0, 3.0, 2.0, 5.0, 8.0, 1.0, 1.0, 4.0, 2.0]
TABLE = [
    ("tf.nn.softmax_cross_entropy_with_logits", probabilities, ROWS),
    (
        "tf.nn.softmax_cross_entropy_with_logits",
        no_probabilities,
        [
            (MATRIX, {}),
            (MATRIX, {"axis": 0}),
            (PLANES, {"axis": 0}),
            (PLANES, {"axis": 1}),
            (PLANES, {"axis": -1}),
        ],
    ),
    ("tf.nn.softmax_cross_entropy_with_logits", extreme_probabilities, plainly((3, 3))),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits", classes, ROWS),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits", extreme_classes, plainly((3, 3))),
    ("tf.nn.sparse_softmax_cross_entropy_with_logits", infinite_logits, plainly((2, 3))),
    ("tf.nn.sigmoid_cross_entropy_with_logits", events, plainly((), LAST, PLANES)),
    ("tf.nn.sigmoid_cross_entropy_with_logits", extreme_events, plainly((3, 3))),
    ("tf.nn.weighted_cross_entropy_with_logits", weighted_events, plainly((), LAST, PLANES)),
    ("tf.nn.weighted_cross_entropy_with_logits", events_weighted_by_class, plainly(MATRIX, PLANES)),
    ("tf.nn.weighted_cross_entropy_with_logits", extreme_weighted_events, plainly((3, 3))),
    (
        "tf.nn.log_poisson_loss",
        counts,
        plainly(MATRIX) + plainly(MATRIX, compute_full_loss=True),
    ),
    ("tf.nn.l2_loss", parameters, plainly(LAST, PLANES)),
    ("tf.nn.ctc_loss", alignments, plainly((6, 4, 5), (9, 2, 3), blank_index=0)),
    ("tf.nn.ctc_loss", alignments, plainly((6, 4, 5), blank_index=0, logits_time_major=True)),
    ("tf.nn.ctc_loss", repeated_labels, plainly((6, 3, 4), blank_index=0)),
    ("tf.nn.sampled_softmax_loss", sampled, SAMPLED),
    ("tf.nn.nce_loss", sampled, SAMPLED),
    (
        "tf.nn.compute_accidental_hits",
        hits,
        [((3, 1, 5, 4), {"num_true": 1}), ((4, 2, 6, 8), {"num_true": 2})],
    ),
    ("tf.random.uniform_candidate_sampler", true_classes, SAMPLERS),
    ("tf.random.log_uniform_candidate_sampler", true_classes, SAMPLERS),
    ("tf.random.learned_unigram_candidate_sampler", true_classes, SAMPLERS),
    (
        "tf.random.fixed_unigram_candidate_sampler",
        true_classes,
        [
            (shape, {**options, **more})
            for shape, options in SAMPLERS[:2]
            for more in [
                {"unigrams": UNIGRAMS + UNIGRAMS[:3]},
                {"unigrams": UNIGRAMS, "num_reserved_ids": 3, "distortion": 0.75},
            ]
        ],
    ),
    ("tf.keras.losses.MeanSquaredError", numbers, plainly(MATRIX, PLANES)),
    ("tf.keras.losses.MeanAbsoluteError", numbers, plainly(MATRIX, PLANES)),
    ("tf.keras.losses.Huber", numbers, plainly(MATRIX) + plainly(PLANES, delta=2.5)),
    ("tf.keras.losses.Poisson", rates, plainly(MATRIX, PLANES)),
    ("tf.keras.losses.KLDivergence", distributions, plainly(MATRIX, PLANES)),
    ("tf.keras.losses.CategoricalCrossentropy", distributions, plainly(MATRIX, PLANES)),
    (
        "tf.keras.losses.CategoricalCrossentropy",
        soft_scores,
        plainly(MATRIX, from_logits=True)
        + plainly(PLANES, from_logits=True, label_smoothing=0.125),
    ),
    (
        "tf.keras.losses.CategoricalCrossentropy",
        soft_scores_of_axis_1,
        plainly(PLANES, from_logits=True, axis=1),
    ),
    (
        "tf.keras.losses.SparseCategoricalCrossentropy",
        class_and_distribution,
        plainly(MATRIX, PLANES),
    ),
    (
        "tf.keras.losses.SparseCategoricalCrossentropy",
        scores,
        plainly(MATRIX, from_logits=True) + plainly(PLANES, from_logits=True, ignore_class=1),
    ),
    ("tf.keras.losses.BinaryCrossentropy", coins, plainly(MATRIX, PLANES)),
    ("tf.keras.losses.BinaryCrossentropy", coins_and_logits, plainly(PLANES, from_logits=True)),
    (
        "tf.keras.losses.BinaryFocalCrossentropy",
        coins_and_logits,
        plainly(MATRIX, from_logits=True)
        + plainly(PLANES, from_logits=True, apply_class_balancing=True, alpha=0.75, gamma=1.5),
    ),
]


# TensorFlow's part


def compute(case):
    """What TensorFlow makes of a case: values, and derivatives of their sum."""
    import tensorflow as tf

    if case.function.endswith("sampler"):
        return draw_candidates(tf, case)
    inputs = {name: tf.constant(x) for name, x in case.inputs.items()}
    with tf.GradientTape() as tape:
        tape.watch([inputs[name] for name in case.learnt])
        value = call(attrgetter(case.function.removeprefix("tf."))(tf), inputs, case)
    if not case.learnt:
        return {f"value {n}": part.numpy() for n, part in enumerate(value)}
    grads = tape.gradient(value, {name: inputs[name] for name in case.learnt})
    dense = {name: tf.convert_to_tensor(grad).numpy() for name, grad in grads.items()}
    return {"value": value.numpy(), **{f"{name}_grad": grad for name, grad in dense.items()}}


def call(function, inputs, case):
    if inspect.isclass(function):  # of Keras, which would work in single precision
        return function(**case.options, dtype=case.dtype)(**inputs)
    return function(**packed(inputs), **case.options)


def packed(inputs):
    """The inputs, what a candidate sampler returns as one of them."""
    if not set(SAMPLED_VALUES) <= inputs.keys():
        return inputs
    rest = {name: x for name, x in inputs.items() if name not in SAMPLED_VALUES}
    return {**rest, "sampled_values": tuple(inputs[name] for name in SAMPLED_VALUES)}


def draw_candidates(tf, case):
    """Candidates and expected counts for one batch after the other; a sampler may learn from them."""
    outputs = {}
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        batch = tf.compat.v1.placeholder("int64", case.inputs["true_classes"].shape[1:])
        function = attrgetter(case.function.removeprefix("tf."))(tf)
        drawn = function(batch, **case.options, seed=1)
        for n, given in enumerate(case.inputs["true_classes"]):
            for name, x in session.run(drawn, {batch: given})._asdict().items():
                outputs[f"{name} {n}"] = x
    return outputs


# the file


def plain(x):
    """An array as lists that JSON writes exactly, and as JSON."""
    x = np.asarray(x)
    if x.ndim:
        return [plain(part) for part in x]
    # NumPy writes a float32 in few digits, Python would write out the double it is equal to.
    return int(x) if x.dtype.kind in "iu" else float(str(x)) if np.isfinite(x) else str(x)


def array(x, dtype):
    """The array again."""
    whole = all(isinstance(part, int) for part in np.ravel(np.array(x, object)))
    return np.array(x, "int64" if whole else dtype)


def text(value, indent=""):
    """A dictionary as JSON, with a line for each array."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    inner = indent + " "
    lines = [f"{inner}{json.dumps(key)}: {text(part, inner)}" for key, part in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def record():
    import tensorflow as tf

    recorded = {
        name: {**case.as_json(), "outputs": {key: plain(x) for key, x in compute(case).items()}}
        for name, case in cases().items()
    }
    versions = {"tensorflow": tf.__version__, "keras": tf.keras.__version__}
    FILE.write_text(text({**versions, "cases": recorded}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
