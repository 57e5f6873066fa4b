"""The rows of `lossbook.regression`."""

import numpy as np
import torch

from . import Row, normal, positive

SHAPES = [(), (1,), (5,), (3, 4), (2, 3, 4)]
FAR = {"input": np.array([1e4, -1e4, 3.0, 0.0]), "target": np.array([-1e4, -1e4, 3.0, 1e-30])}


def pair(rng, shape):
    return {"input": normal(rng, shape), "target": normal(rng, shape)}


def at_the_target(arrays):
    return {**arrays, "input": arrays["target"]}


def mean_and_variance(rng, shape):
    return {**pair(rng, shape), "var": positive(rng, shape)}


def one_variance_a_row(rng, shape):
    return {**pair(rng, shape), "var": positive(rng, (*shape[:-1], 1))}


def one_variance_a_row_without_axis(rng, shape):
    return {**pair(rng, shape), "var": positive(rng, shape[:-1])}


def logs_and_counts(rng, shape):
    return {"input": normal(rng, shape), "target": rng.poisson(2, size=shape).astype(float)}


def rates_and_counts(rng, shape):
    return {"input": positive(rng, shape), "target": rng.poisson(2, size=shape).astype(float)}


def pinball(input, target, quantile=0.5, reduction="mean"):
    error = target - input
    loss = torch.where(error > 0, quantile * error, (quantile - 1) * error)
    return {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()


ROWS = [
    Row(
        "mse_loss", pair, SHAPES, [{}, {"weight": positive}], optimum=at_the_target, extremes=[FAR]
    ),
    Row("l1_loss", pair, SHAPES, [{}, {"weight": positive}], optimum=at_the_target, extremes=[FAR]),
    Row(
        "huber_loss",
        pair,
        SHAPES,
        [{}, {"delta": 0.3}, {"delta": 2.5, "weight": positive}],
        refused={"delta": [0.0, -1.0, np.inf]},
        optimum=at_the_target,
        extremes=[FAR],
    ),
    Row(
        "smooth_l1_loss",
        pair,
        SHAPES,
        [{}, {"beta": 0.3}, {"beta": 2.5}, {"beta": 0.0}],
        refused={"beta": [-0.1, np.inf]},
        optimum=at_the_target,
        extremes=[FAR],
    ),
    Row(
        "quantile_loss",
        pair,
        SHAPES,
        [{}, {"quantile": 0.9}, {"quantile": 0.0}, {"quantile": 1.0}],
        refused={"quantile": [-0.1, 1.1]},
        reference=pinball,
        optimum=at_the_target,
        extremes=[{"input": np.array([1e4, -1e4]), "target": np.array([-1e4, 1e4])}],
    ),
]
for draw, shapes in [
    (mean_and_variance, SHAPES[1:]),
    (one_variance_a_row, SHAPES[1:]),
    (one_variance_a_row_without_axis, SHAPES[2:]),
]:
    ROWS += [
        Row(
            "gaussian_nll_loss",
            draw,
            shapes,
            [{}, {"full": True}],
            learnt=("input", "var"),
            refused={"eps": [0.0, -1.0, np.inf]},
        ),
        Row(  # a variance below eps has the derivative at eps
            "gaussian_nll_loss",
            draw,
            shapes,
            [{"eps": 0.7}],
            learnt=("input", "var"),
            true_derivative=False,
        ),
    ]
ROWS += [
    Row(
        "poisson_nll_loss",
        logs_and_counts,
        SHAPES,
        [{}, {"full": True}],
        refused={"eps": [0.0, -1.0, np.inf]},
        optimum=lambda arrays: {
            "input": np.log(arrays["target"] + 1.0),
            "target": arrays["target"] + 1.0,
        },
        extremes=[{"input": np.array([-1e4, 80.0, 0.0]), "target": np.array([0.0, 1.0, 1e4])}],
    ),
    Row(
        "poisson_nll_loss",
        rates_and_counts,
        SHAPES,
        [{"log_input": False}, {"log_input": False, "full": True, "eps": 0.1}],
        extremes=[{"input": np.array([0.0, 1e4]), "target": np.array([3.0, 0.0])}],
    ),
]
