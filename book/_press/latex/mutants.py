"""Mistakes made on purpose: what a slip of the pen does to one node of the tree.

A mistake is noticed where a relation becomes false, and where an inequality that some draw attains
is attained no more: `log x <= x + 1` is true, but nothing reaches it.  What goes unnoticed leaves
the formula true, or the draws are too poor.
"""

import numpy as np

from .tokens import excerpt
from .tree import INEQUALITIES, Node, verify

OTHER = {"+": "-", "\\log": "\\exp", "\\sum": "\\prod", "\\max": "\\min", "\\lfloor": "\\lceil"}
OTHER |= {"\\le": "\\ge", "<": ">", "\\in": "\\notin"}
OTHER |= {other: op for op, other in OTHER.items()} | {"/": "\\cdot", "\\ne": "="}
DROPPED = {"|", "\\lvert", "\\sqrt", "!"}


def unnoticed(latex, parts, envs):
    """Descriptions of the mistakes that no environment notices, part by part."""
    for part in parts:
        attained = attained_by(part, envs)
        for n, relation in enumerate(part.parts):
            if relation.value in INEQUALITIES and n not in attained:
                yield f"never attained: {' '.join(part.value[n - 1 : n + 2])}"
        for change, node, mutant in mutants(part):
            if survives(mutant, envs, attained):
                _, start, end = node.mark
                yield f"{change} at position {start}: {excerpt(latex, start, end)}"


def attained_by(part, envs):
    return set().union(*(verify(part, env) for env in envs))


def survives(mutant, envs, attained):
    try:
        return attained_by(mutant, envs) >= attained
    except Exception:  # whatever goes wrong, the mistake is noticed
        return False


def mutants(node, size=0.01):
    """(change, the node changed, the whole tree with the change)."""
    if node.op == "condition":
        size = 0.5  # only a wide nudge is noticed away from the border
    for change, mutant in mistakes(node, size):
        yield change, node, mutant
    for n, part in enumerate(node.parts):
        if is_unequal(node, n):
            continue  # nearly anything differs from the other side
        for change, changed, mutant in mutants(part, size):
            parts = (*node.parts[:n], mutant, *node.parts[n + 1 :])
            yield change, changed, node._replace(parts=parts)


def is_unequal(node, n):
    """Whether a part is a side of `\\ne`, and of no other relation."""
    if node.op != "part" or node.parts[n].op == "relation":
        return False
    around = node.parts[max(n - 1, 0) : n + 2]
    return {part.value for part in around if part.op == "relation"} == {"\\ne"}


def mistakes(node, size):
    """(change, what to put in the place of the node)."""
    op, parts = node.op, node.parts
    if op in ("symbol", "number", "call"):
        for word, sign in (("up", 1), ("down", -1)):
            yield (
                f"'{node.mark.text}' nudged {word}",
                Node("changed", (node,), value=nudge(sign * size)),
            )
    elif op == "relation" and node.value in OTHER:
        yield f"{node.value} -> {OTHER[node.value]}", node._replace(value=OTHER[node.value])
    elif op in OTHER:
        yield f"{op} -> {OTHER[op]}", node._replace(op=OTHER[op])
    elif op == "\\frac":
        yield "\\frac upside down", node._replace(parts=parts[::-1])
    elif op in DROPPED:
        yield f"{op} dropped", parts[0]
    elif op == "\\lVert" and len(parts) == 1:
        yield "2-norm -> 1-norm", node._replace(parts=(*parts, Node("number", value=1)))


def nudge(size):
    """Slightly wrong: an integer by 1, a set by its first or last element, a distribution by its
    outcomes, other numbers by `size`."""

    def nudged(value):
        if isinstance(value, dict):
            return {nudged(outcome): p for outcome, p in value.items()}
        if isinstance(value, (list, tuple, range)):
            return value[:-1] if size > 0 else value[1:]
        if np.asarray(value).dtype.kind in "biu":
            return np.add(value, 1 if size > 0 else -1)
        return np.where(np.isinf(value), np.sign(size), value + size * (1 + np.abs(value)))[()]

    return nudged
