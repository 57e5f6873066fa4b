"""One table of losses: a row draws arguments for one function, with all its options and shapes.

`test_losses.py` proves for every row: value and gradient equal PyTorch's, the gradient equals
central differences and vanishes at the optimum, and what holds for every loss.  A new loss is
one more row in the module of its family.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from itertools import product

import numpy as np
import torch

import lossbook

FAMILIES = [
    "adaptive",
    "classification",
    "ctc",
    "margin",
    "optimizers",
    "regression",
    "sampling",
    "sequence",
    "similarity",
    "tensorflow_names",
]
REDUCTIONS = ("mean", "sum", "none")


@dataclass(frozen=True)
class Row:
    """How to call one loss.

    draw(rng, shape) returns the arrays by argument name, in float64 or integers; an option that
    is callable is drawn so too.  The reference takes tensors under the same names; it is
    `torch.nn.functional`'s function of the same name unless given.  `optimum(arrays)` returns the
    arguments at which the gradient is zero; each of `extremes` replaces arguments that were
    drawn, and `empty` is a shape with no sample.
    """

    name: str
    draw: Callable
    shapes: list[tuple]
    options: list[dict] = field(default_factory=lambda: [{}])
    learnt: tuple[str, ...] = ("input",)
    reductions: tuple[str, ...] = REDUCTIONS
    reference: Callable | None = None
    optimum: Callable | None = None
    extremes: list[dict] = field(default_factory=list)
    empty: tuple | None = (0, 3)
    refused: dict[str, list] = field(default_factory=dict)  # numbers outside an option's domain
    text: tuple[str, ...] = ()  # arrays that may hold text
    integers: bool = False  # whether what is learnt may hold integers
    beyond: tuple[str, ...] = ()  # arguments that PyTorch does not have
    true_derivative: bool = True  # False where PyTorch's gradient is not, and ours follows it
    loose: float = 1.0  # by how much more than usual rounding may differ from the reference's

    @property
    def loss(self):
        return getattr(lossbook, self.name)

    @property
    def grad(self):
        return getattr(lossbook, f"{self.name}_grad")


@dataclass(frozen=True)
class Call:
    """One call of the table: arrays by name and options, drawn the same every time."""

    row: Row
    arrays: dict
    options: dict

    def value(self, **changes):
        return self.row.loss(**{**self.arrays, **self.options, **changes})

    def grads(self, **changes):
        """The derivatives by each argument that is learnt, by name."""
        grads = self.row.grad(**{**self.arrays, **self.options, **changes})
        grads = grads if len(self.row.learnt) > 1 else (grads,)
        return dict(zip(self.row.learnt, grads, strict=True))

    def reference(self):
        """The value and the derivatives of its sum that PyTorch computes."""
        arrays = {name: tensor(x) for name, x in self.arrays.items()}
        for name in self.row.learnt:
            arrays[name].requires_grad_()
        options = {
            key: tensor(x) if isinstance(x, np.ndarray) else x for key, x in self.options.items()
        }
        function = self.row.reference or getattr(torch.nn.functional, self.row.name)
        value = function(**arrays, **options)
        value.sum().backward()
        return value.detach().numpy(), {n: arrays[n].grad.numpy() for n in self.row.learnt}


def tensor(x):
    return torch.from_numpy(np.array(x))


def call(row, shape, options, dtype="float64", **changes):
    """Draw the arrays and options of one call; all floats are of one type."""
    rng = np.random.default_rng(sum(shape) + len(shape))
    arrays = {**row.draw(rng, shape), **changes}
    drawn = {key: x(rng, shape) if callable(x) else x for key, x in options.items()}
    return Call(row, cast(arrays, dtype), cast(drawn, dtype))


def cast(arrays, dtype):
    def of(x):
        array = isinstance(x, (np.ndarray, np.floating)) and np.asarray(x).dtype.kind == "f"
        return np.asarray(x, dtype) if array else x

    return {name: of(x) for name, x in arrays.items()}


def rows():
    """All rows of the table."""
    return [row for family in FAMILIES for row in import_module(f".{family}", __name__).ROWS]


def calls():
    """(name, row, shape, options with a reduction) for every call of the table."""
    for row in rows():
        for shape, options, reduction in product(row.shapes, row.options, row.reductions):
            given = {**options, **({"reduction": reduction} if reduction else {})}
            shown = ",".join(f"{key}={'array' if callable(x) else x}" for key, x in given.items())
            yield f"{row.name}-{shape}-{shown}", row, shape, given


# what rows are drawn from


def normal(rng, shape):
    return rng.normal(scale=2, size=shape)


def positive(rng, shape):
    return rng.uniform(0.1, 2, size=shape)


def unit(rng, shape):
    return rng.uniform(0.05, 0.95, size=shape)


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape)


def constant(value):
    """An option whose value is callable itself."""
    return lambda rng, shape: value
