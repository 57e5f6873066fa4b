"""What the symbols of a chapter's equations stand for: `<chapter>.py` beside `<chapter>.md`, one binding a label.

A binding is a function that draws values for the symbols of one equation.
The tests read the equation from the LaTeX of each language and evaluate it with these values.
Which equations are bound, and what each is held against, is read from the text alone: the site needs no more.
"""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from . import ROOT
from .chapter import book, labels


@dataclass(frozen=True)
class Check:
    label: str
    against: str  # what the equation is held against, "中文 | English" where words are needed
    run: Callable
    accepted: tuple[str, ...] = ()  # mutants that leave the equation true


READING: dict[str, Check] = {}  # the bindings of the chapter that is being read


def equation(label, against, *, accepted=()):
    """Bind the symbols of an equation: the function decorated maps a random generator to their values."""

    def decorate(draw):
        if label in READING:
            raise ValueError(f"two bindings for the equation {label}")
        READING[label] = Check(label, against, draw, tuple(accepted))
        return draw

    return decorate


def read(path):
    """The bindings of a chapter by label; one that binds an equation of another chapter is refused."""
    READING.clear()
    specification = importlib.util.spec_from_file_location(f"bindings_{path.stem}", path)
    specification.loader.exec_module(importlib.util.module_from_spec(specification))
    refuse_others(path, READING)
    return dict(READING)


def refuse_others(path, bound):
    own = labels(path.with_suffix(".md").read_text(encoding="utf-8"))
    others = [label for label in bound if label not in own]
    if others:
        raise ValueError(f"{path} binds what is not in its chapter: {', '.join(others)}")


def paths():
    """Where there are bindings, in the order of the chapters."""
    beside = (ROOT / chapter.name for chapter in book())
    return [path for path in (x.with_suffix(".py") for x in beside) if path.exists()]


@cache
def checks():
    """All bindings of the book by label."""
    return {label: check for path in paths() for label, check in read(path).items()}


@cache
def held_against():
    """What each equation is held against, by label, without running a binding."""
    return {label: text for path in paths() for label, text in told(path).items()}


def told(path):
    """The first two arguments of every call of `equation`: texts, made of those the module names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = names(tree)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    bound = [call.args[:2] for call in calls if getattr(call.func, "id", "") == "equation"]
    return {text(label, known, path): text(against, known, path) for label, against in bound}


def names(tree):
    """The texts that a module gives names to."""
    known = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            known |= dict(texts(node.targets[0], node.value))
    return known


def texts(target, value):
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from texts(one, other)
    elif isinstance(target, ast.Name) and isinstance(value, ast.Constant):
        yield target.id, value.value


def text(node, known, path):
    """The value of a text, a name, a sum of texts or an f-string of names."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    if isinstance(node, ast.BinOp):
        return text(node.left, known, path) + text(node.right, known, path)
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part, known, path) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text(node.value, known, path)
    raise ValueError(f"{path}, line {node.lineno}: write the label and what it is held against out")
