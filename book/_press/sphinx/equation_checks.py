"""The mark beside a labelled equation, and the page that tells how each one is checked.

Both are written from the bindings beside the chapters, which the tests run.
"""

from html import escape

from sphinx.util import logging

from .. import ROOT, SETTINGS, bindings, chapter, choose, language_of
from . import connect
from .tables import TableDirective

logger = logging.getLogger(__name__)
EVALUATED = "由本式的 LaTeX 求值，与 {} 相符 | evaluated from this LaTeX, agrees with {}"
HEADINGS = ("公式 | Equation", "对照 | Held against")


def check_mark(translator, label):
    """The small link after an equation's number."""
    against = bindings.held_against().get(label)
    if against is None:
        logger.warning("equation %s has no binding beside its chapter", label)
        return ""
    builder = translator.builder
    language = language_of(builder.config)
    uri = builder.get_relative_uri(builder.current_docname, SETTINGS["checks"])
    title = escape(choose(EVALUATED, language).format(choose(against, language)), quote=True)
    return f'<a class="checked" href="{uri}#{label}" title="{title}" aria-label="{title}">✓</a>'


class EquationChecks(TableDirective):
    """`equation-checks`: a table with a row for every labelled equation, in the order of the book."""

    def run(self):
        bound = bindings.held_against()
        rows = [self.check_row(label, bound[label]) for label in self.labels() if label in bound]
        return [self.table("equation-checks", HEADINGS, (45, 55), rows)]

    def labels(self):
        """The labels in the order of the book; the page is built anew when one or its binding changes."""
        for path in bindings.paths():
            self.env.note_dependency(str(path))
        for name in self.config.external_site_map:
            path = ROOT / f"{name}.md"
            self.env.note_dependency(str(path))
            yield from chapter.labels(path.read_text(encoding="utf-8"))

    def check_row(self, label, against):
        if against.startswith(f"{SETTINGS['package']}."):
            against = f"{{py:func}}`{against}`"
        against = choose(against, language_of(self.config))
        return self.row([f"{{eq}}`{label}` `{label}`", against], label=label)


def setup(app):
    app.add_directive("equation-checks", EquationChecks)
    return connect(app)
