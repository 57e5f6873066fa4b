"""A formula as a tree, and its value in an environment {key: value}."""

import functools
import math
import operator
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad

from .tokens import Token


class EquationError(AssertionError):
    """The equation was read, and it is false."""


class Node(NamedTuple):
    op: str  # the token of the operation, or a word where it has none
    parts: tuple = ()
    mark: Token | None = None  # where it stands
    value: object = None  # a number, a relation, the key of a symbol


def evaluate(node, env):
    """A form decides itself which of its parts it evaluates, and in which environments."""
    if node.op in FORMS:
        return FORMS[node.op](node, env)
    return FUNCTIONS[node.op](*[evaluate(part, env) for part in node.parts])


def verify(part, env, rtol=1e-9, atol=1e-12):
    """Raise EquationError if a relation is false; the numbers of the inequalities attained."""
    if numerical(part):
        rtol, atol = max(rtol, 1e-6), max(atol, 1e-9)
    attained = set()
    with np.errstate(all="ignore"):
        values = [evaluate(side, env) for side in part.parts]
    for n in range(1, len(values), 2):
        left, sign, right = values[n - 1 : n + 2]
        if not holds(left, sign, right, rtol, atol):
            shown = [np.array2string(np.asarray(value), precision=12) for value in (left, right)]
            sides = f"false: {part.value[n - 1]} {sign} {part.value[n + 1]}"
            raise EquationError("{}\n left: {}\nright: {}".format(sides, *shown))
        near = (1e-3, 1e-3) if sign in STRICT else (rtol, atol)
        if sign in INEQUALITIES and np.any(close(left, right, *near)):
            attained.add(n)
    return attained


def numerical(node):
    return node.op in ("derivative", "\\int") or any(map(numerical, node.parts))


# Relations

STRICT = {"<": operator.lt, ">": operator.gt}
INEQUALITIES = {**STRICT, "\\le": operator.lt, "\\ge": operator.gt}


def close(a, b, rtol=1e-9, atol=1e-12):
    """Where a and b are equal to tolerance; an infinity equals only itself."""
    near = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    return (a == b) | (near & np.isfinite(a) & np.isfinite(b))


def holds(a, relation, b, rtol=1e-9, atol=1e-12):
    """Whether a relation is true, in every element where there are several."""
    if relation in ("\\in", "\\notin"):
        return (a in b) == (relation == "\\in")
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.ndim and b.ndim and a.shape != b.shape:
        return False
    same = close(a, b, 1e-3 if relation == "\\approx" else rtol, atol)
    if relation == "\\ne":
        return not same.all()
    if relation in INEQUALITIES:
        beyond = INEQUALITIES[relation](a, b)
        same = beyond if relation in STRICT else beyond | same
    return bool(same.all())


# Functions: of the values of their parts


def times(a, b):
    """The product, where an exact 0 times an infinity is 0: the convention 0 log 0 = 0."""
    product = np.multiply(a, b)
    if not np.any(np.isnan(product)):
        return product
    void = (np.equal(a, 0) & np.isinf(b)) | (np.equal(b, 0) & np.isinf(a))
    return np.where(void, 0.0, product)[()]


def integer(value):
    if np.ndim(value) or int(value) != value:
        raise EquationError(f"{value} should be an integer: an index, a bound or a factorial")
    return int(value)


def place(array, indices):
    """The NumPy index that subscripts counted from 1 mean."""
    found, shape = tuple(integer(i) - 1 for i in indices), np.shape(array)
    if len(found) > len(shape) or not all(map(lambda i, n: 0 <= i < n, found, shape)):
        raise EquationError(f"no element {[i + 1 for i in found]} in shape {shape}")
    return found


def span(lower, upper):
    return range(integer(lower), integer(lower + 149 if upper == math.inf else upper) + 1)


def extremum(function, values):
    return functools.reduce(function, values if len(values) > 1 else np.ravel(values[0]))


def satisfied(*chain):
    """Whether all relations of a condition such as 0 < p < 1 hold: sides and signs by turns."""
    return all(map(holds, chain[::2], chain[1::2], chain[2::2]))


FUNCTIONS = {
    **dict.fromkeys(["(", "[", "\\{", "{"], lambda x: x),
    **{"|": np.abs, "\\lvert": np.abs, "\\lVert": np.linalg.norm},
    **{"\\lfloor": np.floor, "\\lceil": np.ceil, "!": lambda n: math.factorial(integer(n))},
    **{"+": lambda *x: sum(x), "-": lambda *x: x[0] - x[1] if x[1:] else -x[0]},
    **{"\\cdot": times, "beside": times, "/": np.divide, "\\frac": np.divide},
    **{"^": np.float_power, "\\sqrt": np.sqrt, "\\top": lambda a, b: np.transpose(a) @ b},
    **{"_": lambda x, *indices: np.asarray(x)[place(x, indices)]},
    **{"\\log": lambda x, base=math.e: np.log(x) / np.log(base), "\\exp": np.exp},
    **{"\\sum": sum, "\\prod": lambda values: functools.reduce(times, values, 1)},
    **{"\\max": functools.partial(extremum, np.maximum), "list": lambda *items: items},
    **{"\\min": functools.partial(extremum, np.minimum), "span": span},
    **{"condition": satisfied, "and": lambda *conditions: all(conditions), "indicator": int},
}

# Forms: of a node and an environment


def call(node, env):
    return env[node.value](*[evaluate(part, env) for part in node.parts])


def each(node, env):
    """The values of the body wherever the index runs and the conditions hold."""
    body, values, *conditions = node.parts
    envs = [env | {node.value: value} for value in evaluate(values, env)]
    return [evaluate(body, e) for e in envs if all(evaluate(c, e) for c in conditions)]


def mean(node, env):
    body, variable = node.parts
    outcomes = evaluate(variable, env).items()
    return sum(times(p, evaluate(body, env | {node.value: outcome})) for outcome, p in outcomes)


def cases(node, env):
    rows = [row.parts for row in node.parts]
    conditioned = [row for row in rows if len(row) == 2]
    otherwise = [row for row in rows if len(row) == 1]
    chosen = [row for row in conditioned if evaluate(row[1], env)] or otherwise
    found = [evaluate(row[0], env) for row in chosen]
    agree = all(holds(found[0], "=", other) for other in found)
    if not found or not agree:
        raise EquationError(f"no case applies, or cases that overlap disagree: {found}")
    return found[0]


def derivative(node, env):
    """Central differences of order 8; the step is a power of 2, so that x + h is exact."""
    body, *indices = node.parts
    x, step = np.asarray(env[node.value], float), np.zeros(np.shape(env[node.value]))
    here = place(x, [evaluate(index, env) for index in indices])
    step[here] = h = np.exp2(np.floor(np.log2(np.maximum(np.abs(x[here]), 1 / 16)))) / 1024

    def f(x):
        return evaluate(body, env | {node.value: x, "variable": x})

    weights = enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), start=1)
    return sum(w * (f(x + k * step) - f(x - k * step)) for k, w in weights) / h


def integral(node, env):
    lower, upper, body = node.parts
    bounds = evaluate(lower, env), evaluate(upper, env)
    f = lambda x: evaluate(body, env | {node.value: x})
    return quad(f, *bounds, epsabs=1e-10, epsrel=1e-10, limit=200)[0]


FORMS = {
    **dict.fromkeys(["number", "relation"], lambda node, env: node.value),
    **{"symbol": lambda node, env: env[node.value], "variable": lambda node, env: env["variable"]},
    **{"call": call, "each": each, "mean": mean, "cases": cases},
    **{"derivative": derivative, "\\int": integral},
    "changed": lambda node, env: node.value(evaluate(node.parts[0], env)),  # by mutants.py
}
