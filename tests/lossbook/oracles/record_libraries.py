"""One loss, five libraries: the calls of `book/losses.yml`, and what each of them computes.

In an environment with TensorFlow 2.21, Keras 3 and optax,

    python -m tests.lossbook.oracles.record_libraries

writes `libraries.json` beside this file: the versions, and the mean of what each call returns.
`test_libraries.py` holds `lossbook` against them, and runs each library that is installed.
"""

import importlib
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import yaml

from press import BOOK

FILE = Path(__file__).with_name("libraries.json")
LOSSES = BOOK / "losses.yml"
MODULES = {
    "lossbook": "lossbook",
    "PyTorch": "torch",
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "scikit-learn": "sklearn",
    "optax": "optax",
}


def losses():
    return yaml.safe_load(LOSSES.read_text(encoding="utf-8"))


def calls():
    """(number of the loss, library, call) of each call."""
    return [(i, *call) for i, loss in enumerate(losses()) for call in loss.get("calls", {}).items()]


def arrays():
    """The arrays that the head of `losses.yml` names."""
    rng = np.random.default_rng(2026)
    normal, uniform = (
        (lambda *shape: rng.normal(size=shape)),
        (lambda *shape: rng.uniform(size=shape)),
    )
    distributions = [x / x.sum(axis=-1, keepdims=True) for x in (uniform(5, 3), uniform(5, 3))]
    letters = np.exp(normal(7, 2, 4))
    return {
        **{"z": normal(5, 3), "y": np.array([0, 2, 1, 1, 2])},
        **dict(zip("tq", distributions, strict=True)),
        **{"s": normal(6), "p": uniform(6), "r": uniform(6), "u": np.array([0.0, 1, 1, 0, 1, 0])},
        **{"m": np.array([-1.0, 1, 1, -1, 1, -1]), "a": normal(6), "b": normal(6)},
        **{"v": uniform(6), "c": np.array([0.0, 2, 1, 4, 0, 3])},
        **{"d": normal(6, 4), "e": normal(6, 4), "f": normal(6, 4)},
        **{"h": normal(5, 4), "w": normal(3, 4), "o": np.array([[2, 0, -1]] * 5)},
        **{"l": np.log(letters / letters.sum(axis=-1, keepdims=True))},
        **{"g": np.array([[1, 2, 2], [3, 1, 0]]), "k": np.array([7, 7]), "n": np.array([3, 2])},
    }


def names(library):
    """What a call of the library may name, and how it takes an array."""
    module = importlib.import_module(MODULES[library])
    if library == "lossbook":
        from lossbook import special

        return {**vars(special), **vars(module), "np": np}, np.asarray
    if library == "PyTorch":
        return {"torch": module, "F": module.nn.functional}, module.tensor
    if library == "TensorFlow":
        return {"tf": module}, lambda x: module.constant(
            x, "float32" if x.dtype.kind == "f" else "int32"
        )
    if library == "Keras":
        module.config.set_floatx("float64")
        return {"keras": module, **vars(module.losses)}, np.asarray
    if library == "scikit-learn":
        from scipy.special import softmax
        from sklearn import metrics

        return {**vars(metrics), **vars(metrics.pairwise), "softmax": softmax}, np.asarray
    import jax

    jax.config.update("jax_enable_x64", True)
    return {**vars(module.losses), "jax": jax, "jnp": jax.numpy}, jax.numpy.asarray


def value(library, call):
    """The mean of what the call returns."""
    scope, taken = names(library)
    result = eval(call, {**scope, **{name: taken(x) for name, x in arrays().items()}})
    return float(np.mean(np.asarray(result)))


def main():
    found = {"versions": {}, "values": {}}
    for _, library, call in calls():
        if library in ("TensorFlow", "Keras", "optax"):
            found["versions"][library] = version(MODULES[library])
            found["values"][f"{library}: {call}"] = value(library, call)
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
