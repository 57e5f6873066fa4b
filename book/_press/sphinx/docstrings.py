"""References in docstrings: numpydoc numbers them `[Rabc-1]` and, inside MyST, leaves it at that."""

import re

from docutils import nodes

from . import connect

MANGLED = re.compile(r"\[R[0-9a-f]+-(\d+)\]")


def restore_numbers(app, document):
    for text in list(document.findall(nodes.Text)):
        if MANGLED.fullmatch(text):
            text.parent.replace(text, nodes.Text(MANGLED.sub(r"[\1]", text)))


def setup(app):
    return connect(app, restore_numbers)
