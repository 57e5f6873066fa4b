"""What the symbols of the equations of `objective.md` stand for."""

import numpy as np

from press.bindings import equation


def squared_error(prediction, label):
    return (prediction - label) ** 2


@equation("eq-cost", "numpy.mean")
def _(rng):
    n = rng.integers(3, 6)
    y_hat, y = rng.normal(size=(2, n))
    cost = np.mean((y_hat - y) ** 2)
    return {r"\hat{y}": y_hat, "y": y, "N": n, r"\ell": squared_error, r"J(\theta)": cost}


def ridge(rng):
    """Features, targets, parameters, strength, and the objective as NumPy computes it."""
    a, y, theta = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)
    strength = rng.uniform(0.1, 2)

    def objective(theta):
        return np.mean((a @ theta - y) ** 2) + strength * np.linalg.norm(theta) ** 2

    return a, y, theta, strength, objective


@equation("eq-objective", "NumPy")
def _(rng):
    a, y, theta, strength, objective = ridge(rng)
    return {
        r"F(\theta)": objective(theta),
        r"J(\theta)": np.mean((a @ theta - y) ** 2),
        r"\lambda": strength,
        r"\Omega(\theta)": theta @ theta,
    }


@equation("eq-l1-penalty", "numpy.linalg.norm")
def _(rng):
    theta = rng.normal(size=3)
    return {r"\Omega_1(\theta)": np.linalg.norm(theta, 1), r"\theta": theta, "d": 3}


@equation("eq-l2-penalty", "numpy.linalg.norm")
def _(rng):
    theta = rng.normal(size=3)
    return {r"\Omega_2(\theta)": np.linalg.norm(theta) ** 2, r"\theta": theta, "d": 3}


@equation("eq-ridge-objective", "NumPy")
def _(rng):
    a, y, theta, strength, objective = ridge(rng)
    values = {"a": a, "y": y, r"\theta": theta, r"\lambda": strength, "N": 4, "d": 3}
    return values | {r"F(\theta)": objective(theta)}


@equation("eq-ridge-gradient", "中心差分 | central differences")
def _(rng):
    a, y, theta, strength, objective = ridge(rng)
    values = {"a": a, "y": y, r"\theta": theta, r"\lambda": strength, "N": 4, "d": 3}
    return values | {"F": objective, "k": rng.integers(1, 4)}
