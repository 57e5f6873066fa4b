"""What the symbols of the equations of `intro.md` stand for."""

from lossbook import information
from press.bindings import equation


@equation("eq-promise", "lossbook.information.entropy")
def _(rng):
    return {"H": information.entropy([0.5, 0.5])}
