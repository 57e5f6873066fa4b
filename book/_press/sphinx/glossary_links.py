"""A term set in bold, where a chapter introduces it, leads to the glossary if it stands there."""

from docutils import nodes
from sphinx.addnodes import pending_xref

from .. import SETTINGS
from . import connect


def link_terms(app, document):
    if app.env.docname == SETTINGS["glossary"]:
        return
    for strong in list(document.findall(nodes.strong)):
        if isinstance(strong.parent, nodes.paragraph):
            where = {"refdoc": app.env.docname, "refdomain": "std", "reftype": "term"}
            term = pending_xref(
                "", **where, reftarget=strong.astext(), refexplicit=True, if_known=True
            )
            strong.replace_self(term)
            term += strong


def leave_others(app, env, node, content):
    return content if node.get("if_known") else None


def setup(app):
    return connect(app, link_terms, leave_others)
