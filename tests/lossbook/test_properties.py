"""Theorems that tie the losses of classification to one another, on examples hypothesis makes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import lossbook
from lossbook import information

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
numbers = st.floats(-30, 30)
fractions = st.floats(0, 1)


def logits_of(n, k):
    return hnp.arrays(float, (n, k), elements=numbers)


sizes = st.tuples(st.integers(1, 4), st.integers(2, 6))
logits = sizes.flatmap(lambda size: logits_of(*size))
logits_and_classes = sizes.flatmap(
    lambda size: st.tuples(
        logits_of(*size), hnp.arrays(int, size[0], elements=st.integers(0, size[1] - 1))
    )
)
pairs_of_logits = sizes.flatmap(lambda size: st.tuples(logits_of(*size), logits_of(*size)))


def near(x):
    return pytest.approx(x, rel=1e-12, abs=1e-12)


@deterministic
@given(logits_and_classes, numbers)
def test_cross_entropy_is_invariant_to_a_shift_of_the_logits(both, c):
    z, y = both
    assert lossbook.cross_entropy(z + c, y) == near(lossbook.cross_entropy(z, y))
    np.testing.assert_allclose(lossbook.cross_entropy_grad(z, y).sum(axis=1), 0, atol=1e-15)


@deterministic
@given(pairs_of_logits)
def test_cross_entropy_is_entropy_plus_kl(both):
    z, t = both[0], lossbook.softmax(both[1])
    value = lossbook.cross_entropy(z, t, reduction="none")
    kl = lossbook.kl_div(lossbook.log_softmax(z), t, reduction="none").sum(axis=1)
    np.testing.assert_allclose(value, information.entropy(t) + kl, rtol=1e-10, atol=1e-12)


@deterministic
@given(pairs_of_logits)
def test_cross_entropy_of_logits_is_that_of_distributions(both):
    p, q = lossbook.softmax(both[0]), lossbook.softmax(both[1])
    value = lossbook.cross_entropy(both[1], p, reduction="none")
    np.testing.assert_allclose(value, information.cross_entropy(p, q), rtol=1e-10, atol=1e-14)


@deterministic
@given(pairs_of_logits)
def test_kl_divergence_as_a_loss_is_that_of_distributions(both):
    p, q = lossbook.softmax(both[0]), lossbook.softmax(both[1])
    value = lossbook.kl_div(lossbook.log_softmax(both[1]), p, reduction="batchmean")
    assert value == pytest.approx(information.kl_divergence(p, q).mean(), rel=1e-9, abs=1e-12)


@deterministic
@given(pairs_of_logits)
def test_kl_divergence_takes_the_target_s_logarithm_too(both):
    log_q, log_p = map(lossbook.log_softmax, both)
    value = lossbook.kl_div(log_q, log_p, log_target=True)
    assert value == near(lossbook.kl_div(log_q, np.exp(log_p)))


@deterministic
@given(hnp.arrays(float, 5, elements=numbers), hnp.arrays(float, 5, elements=fractions))
def test_two_classes_are_binary_cross_entropy(z, t):
    pair = np.stack([np.zeros(5), z], axis=1)
    value = lossbook.binary_cross_entropy_with_logits(z, t)
    assert lossbook.cross_entropy(pair, np.stack([1 - t, t], axis=1)) == near(value)
    assert lossbook.binary_cross_entropy(lossbook.sigmoid(z), t) == pytest.approx(value, rel=1e-2)


@deterministic
@given(hnp.arrays(float, 5, elements=st.floats(-10, 10)), hnp.arrays(float, 5, elements=fractions))
def test_binary_cross_entropy_of_the_sigmoid_is_that_with_logits(z, t):
    value = lossbook.binary_cross_entropy(lossbook.sigmoid(z), t)
    assert value == pytest.approx(lossbook.binary_cross_entropy_with_logits(z, t), rel=1e-10)


@deterministic
@given(hnp.arrays(float, 5, elements=numbers), hnp.arrays(float, 5, elements=fractions))
def test_exchanging_the_classes_turns_the_sign_of_the_logit(z, t):
    value = lossbook.binary_cross_entropy_with_logits(z, t)
    assert lossbook.binary_cross_entropy_with_logits(-z, 1 - t) == near(value)


@deterministic
@given(hnp.arrays(float, 5, elements=numbers), st.floats(0.1, 10))
def test_pos_weight_is_a_weight_of_the_positive_targets(z, w):
    t = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    value = lossbook.binary_cross_entropy_with_logits(z, t, pos_weight=w)
    weighted = lossbook.binary_cross_entropy_with_logits(z, t, weight=np.where(t == 1, w, 1))
    assert value == near(weighted)


@deterministic
@given(logits_and_classes)
def test_nll_of_log_softmax_is_cross_entropy(both):
    z, y = both
    assert lossbook.nll_loss(lossbook.log_softmax(z), y) == near(lossbook.cross_entropy(z, y))


@deterministic
@given(logits_and_classes)
def test_log_loss_is_cross_entropy_on_hard_labels(both):
    z, y = both
    z = np.clip(z, -10, 10)  # log loss clips probabilities
    value = lossbook.log_loss(y, lossbook.softmax(z), labels=np.arange(z.shape[1]))
    assert value == pytest.approx(lossbook.cross_entropy(z, y), rel=1e-6, abs=1e-12)


@deterministic
@given(logits_and_classes)
def test_a_class_is_the_one_hot_distribution(both):
    z, y = both
    one_hot = np.eye(z.shape[1])[y]
    assert lossbook.cross_entropy(z, one_hot) == near(lossbook.cross_entropy(z, y))
    p = lossbook.softmax(z)
    assert lossbook.brier_score(p, one_hot) == near(lossbook.brier_score(p, y))


@deterministic
@given(logits_and_classes, fractions)
def test_label_smoothing_mixes_with_the_uniform_distribution(both, e):
    z, y = both
    smooth = (1 - e) * np.eye(z.shape[1])[y] + e / z.shape[1]
    value = lossbook.cross_entropy(z, y, label_smoothing=e)
    assert value == pytest.approx(lossbook.cross_entropy(z, smooth), rel=1e-10, abs=1e-12)


@deterministic
@given(logits_and_classes, st.integers(0, 100), fractions)
def test_cross_entropy_is_convex_along_a_line(both, seed, t):
    z, y = both
    other = np.random.default_rng(seed).normal(scale=10, size=z.shape)
    middle = lossbook.cross_entropy(t * z + (1 - t) * other, y)
    chord = t * lossbook.cross_entropy(z, y) + (1 - t) * lossbook.cross_entropy(other, y)
    assert middle <= chord + 1e-10


@deterministic
@given(
    hnp.arrays(float, 5, elements=numbers),
    hnp.arrays(float, 5, elements=st.sampled_from([0.0, 1.0])),
)
def test_focal_loss_without_focus_is_half_of_binary_cross_entropy(z, t):
    value = lossbook.focal_loss(z, t, alpha=0.5, gamma=0.0)
    assert value == near(lossbook.binary_cross_entropy_with_logits(z, t) / 2)


@deterministic
@given(sizes, st.integers(0, 1000), st.integers(1, 5))
def test_linear_cross_entropy_is_cross_entropy_of_the_linear_layer(size, seed, d):
    rng = np.random.default_rng(seed)
    (n, c), w, b = size, rng.normal(size=(size[1], d)), rng.normal(size=size[1])
    x, y = rng.normal(size=(n, d)), rng.integers(c, size=n)
    value = lossbook.linear_cross_entropy(x, w, y, linear_bias=b)
    grad = lossbook.cross_entropy_grad(x @ w.T + b, y)
    by_x, by_w, by_b = lossbook.linear_cross_entropy_grad(x, w, y, linear_bias=b)
    assert value == near(lossbook.cross_entropy(x @ w.T + b, y))
    np.testing.assert_allclose(by_x, grad @ w, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(by_w, grad.T @ x, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(by_b, grad.sum(axis=0), rtol=1e-12, atol=1e-14)


# the numbers that the source texts print

Z, Y = np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 3.0]]), np.array([0, 1, 1])
SCORES = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0], [4.0, 5.0]])
LABELS = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
N4 = [[0.3133, 2.1269], [0.1269, 2.1269], [3.0486, 0.0181], [4.0181, 0.0067]]
N6 = [[0.9398, 2.1269], [0.3808, 2.1269], [3.0486, 0.0544], [4.0181, 0.0201]]


def printed(x, digits=4):
    return np.round(x, digits).tolist()


@pytest.mark.parametrize(
    ("function", "arrays", "options", "none", "total", "mean"),
    [
        ("cross_entropy", (Z, Y), {}, [1.3133, 0.1269, 0.1269], 1.5671, 0.5224),
        ("cross_entropy", (Z, Y), {"weight": [1, 2]}, [1.3133, 0.2539, 0.2539], 1.8210, 0.3642),
        ("nll_loss", (Z, Y), {}, [-1, -3, -3], -7, -2.3333),
        ("binary_cross_entropy", (lossbook.sigmoid(SCORES), LABELS), {}, N4, 11.7856, 1.4732),
        ("binary_cross_entropy_with_logits", (SCORES, LABELS), {}, N4, 11.7856, 1.4732),
        (
            "binary_cross_entropy_with_logits",
            (SCORES, LABELS),
            {"pos_weight": 3.0},
            N6,
            12.7158,
            1.5895,
        ),
    ],
    ids=["n1", "n2", "n3", "n4", "n5", "n6"],
)
def test_worked_numbers_are_reproduced(function, arrays, options, none, total, mean):
    loss = getattr(lossbook, function)
    assert printed(loss(*arrays, **options, reduction="none")) == none
    assert printed(loss(*arrays, **options, reduction="sum")) == total
    assert printed(loss(*arrays, **options)) == mean


def test_worked_numbers_by_hand():
    assert printed(lossbook.cross_entropy(Z[0], Y[0]), 7) == 1.3132617
    in_single_precision = lossbook.cross_entropy(Z.astype(np.float32), Y, weight=[1, 2])
    assert in_single_precision == pytest.approx(0.36419477, abs=3e-8)
    assert printed(information.binary_entropy(0.5)) == 0.6931
