"""Draws that the bindings of several chapters share."""

import numpy as np

import lossbook

ELL = r"\ell"


def named(values, names):
    return {name: values[name] for name in names.split()}


def distribution(rng, n):
    return rng.dirichlet(np.full(n, 2.0))


def two_distributions(rng):
    """Two distributions, now and then the same."""
    n = rng.integers(2, 6)
    p = distribution(rng, n)
    return n, p, p if rng.random() < 0.4 else distribution(rng, n)


def coins(rng):
    return rng.uniform(0.1, 0.9, 2)


def sides(p):
    return np.array([p, 1 - p])


def only(values, *names):
    return {name: values[name] for name in names}


def probability(rng, size=None):
    return rng.uniform(0.02, 0.98, size)


def answers(rng, n):
    """Zeros and ones, both of them."""
    return rng.permutation([0, 1, *rng.integers(0, 2, n - 2)])


def loss_of_logit(z, t, **options):
    arrays = np.float64(z), np.float64(t)
    return float(lossbook.binary_cross_entropy_with_logits(*arrays, **options))


def logit_and_target(rng):
    return {"z": rng.normal(scale=2), "t": rng.uniform(0.1, 0.9)}


def loss_of_class(z, y):
    """Cross-entropy of logits and a class that counts from 1."""
    return lossbook.cross_entropy(z, int(y) - 1)


def classified(rng):
    """Probabilities of the classes for each sample, and labels."""
    N, K = rng.integers(2, 5, 2)
    return {
        "q": rng.dirichlet(np.full(K, 2.0), N),
        "y": rng.integers(1, K + 1, N),
        "N": N,
        "K": K,
    }


def scored(rng):
    K = rng.integers(2, 6)
    return {
        ELL: loss_of_class,
        "z": rng.normal(scale=2, size=K),
        "y": rng.integers(1, K + 1),
        "K": K,
    }


def some_class(rng):
    values = scored(rng)
    K, y = values.pop("K"), values["y"]
    return values | {"k": y if rng.random() < 0.5 else rng.integers(1, K + 1)}


def prediction_and_label(rng):
    """A prediction and a label, now and then within 0.1 of each other."""
    y_hat = rng.normal(scale=2)
    return y_hat, y_hat + rng.normal(scale=2 if rng.random() < 0.7 else 0.1)


def loss_of(function, **options):
    return lambda y_hat, y: function(y_hat, y, **options)
