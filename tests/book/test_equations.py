"""The formula you read is the formula that ran: every labelled equation, in each language, is evaluated."""

from collections import Counter

import pytest

from press.bindings import checks, held_against
from press.chapter import book
from press.proof import holds, labelled_equations, unnoticed

CHECKS = checks()
EQUATIONS = labelled_equations(book())
READ = [equation for equation in EQUATIONS if equation[0] in CHECKS]


def test_every_label_stands_once_in_each_language():
    counts = Counter((label, language) for label, language, _, _ in EQUATIONS)
    assert {key for key, n in counts.items() if n > 1} == set()


def test_every_equation_has_a_binding_and_every_binding_an_equation():
    labels = {label for label, _, _, _ in EQUATIONS}
    assert labels - set(CHECKS) == set(), "equations without a binding beside their chapter"
    assert set(CHECKS) - labels == set(), "bindings without an equation in the book"


def test_what_is_told_without_running_is_what_runs():
    assert held_against() == {label: binding.against for label, binding in CHECKS.items()}


@pytest.mark.parametrize(
    ("label", "language", "tex", "name"), READ, ids=[f"{e[0]}-{e[1]}" for e in READ]
)
def test_equation_holds(label, language, tex, name):
    try:
        holds(tex, CHECKS[label])
    except (AssertionError, ValueError) as error:
        error.add_note(f"equation {label} in {name} ({language}): {tex.strip()}")
        raise


@pytest.mark.parametrize("label", sorted({label for label, *_ in READ}))
def test_every_mistake_in_the_equation_would_be_noticed(label):
    """Each sign, number, index, bound, factor and function of it is changed in turn."""
    tex = next(tex for name, language, tex, _ in READ if (name, language) == (label, "zh"))
    assert unnoticed(tex, CHECKS[label]) == set()
