"""The rows of `lossbook.optimizers`: its penalties."""

import numpy as np

from . import Row, normal

SHAPES = [(), (5,), (3, 4), (2, 3, 4)]
FAR = np.array([1e4, -1e4, 0.0, 1e-30])


def parameters(rng, shape):
    return {"params": normal(rng, shape)}


ROWS = [
    Row(
        name,
        parameters,
        SHAPES,
        [{}, {"strength": 0.3}, {"strength": 0}],
        learnt=("params",),
        reductions=(None,),
        reference=reference,
        optimum=lambda arrays: {"params": np.zeros_like(arrays["params"])},
        extremes=[{"params": FAR}],
        refused={"strength": [-0.1, np.inf]},
    )
    for name, reference in [
        ("l1_penalty", lambda params, strength=1.0: strength * params.abs().sum()),
        ("l2_penalty", lambda params, strength=1.0: strength * params.square().sum()),
    ]
]
