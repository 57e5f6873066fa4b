"""Binding for the equation of the Welcome page."""

from equations import equation
from lossbook import information


@equation("eq-promise", "lossbook.information.entropy")
def _(rng):
    return {"H": information.entropy([0.5, 0.5])}
