"""Mathematics as MathML made when the book is built: no script, no web font, no network."""

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from . import connect
from .equation_checks import check_mark

logger = logging.getLogger(__name__)
convert = LatexToMathML(annotation=False).convert_with_local_state


def to_mathml(latex, node, display):
    try:
        return convert(latex, displaystyle=display)
    except LatexError as error:
        logger.warning("LaTeX that MathML cannot show: %s: %s", error, latex, location=node)
        return f"<code>{latex}</code>"


def visit_math(self, node):
    self.body.append(to_mathml(node.astext(), node, display=False))
    raise nodes.SkipNode


def visit_display(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math equation"))
    self.body.append(f'<div class="formula">{to_mathml(node.astext(), node, display=True)}</div>')
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.body.append(check_mark(self, node["label"]))
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_display, None))
    return connect(app)
