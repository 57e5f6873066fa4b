"""How each labelled equation of the book is checked: one binding a label.

A binding is a function that draws values for the symbols of one equation.
`test_equations.py` reads the equation from the LaTeX of each language and evaluates it with these values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path


@dataclass(frozen=True)
class Check:
    label: str
    against: str  # what the equation is held against, "中文 | English" where words are needed
    run: Callable
    why: str = ""  # why the reader of LaTeX can't evaluate it; empty where it can
    accepted: tuple[str, ...] = ()  # mutants that leave the equation true


CHECKS: dict[str, Check] = {}


def _register(check):
    if check.label in CHECKS:
        raise ValueError(f"two bindings for the equation {check.label}")
    CHECKS[check.label] = check


def equation(label, against, *, accepted=()):
    """Bind the symbols of an equation: the function decorated maps a random generator to their values."""

    def decorate(draw):
        _register(Check(label, against, draw, accepted=tuple(accepted)))
        return draw

    return decorate


def checked_otherwise(label, against, *, why):
    """Check an equation that can't be read: the function decorated maps a random generator to two values."""

    def decorate(compute):
        _register(Check(label, against, compute, why=why))
        return compute

    return decorate


for _path in sorted(Path(__file__).parent.glob("*.py")):
    if _path.stem != "__init__":
        import_module(f"{__name__}.{_path.stem}")
