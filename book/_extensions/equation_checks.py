"""The mark beside a labelled equation, and the page that tells how each one is checked.

Both are written from the bindings in `tests/equations/`, which the tests run.
"""

import re
import sys
from html import escape
from pathlib import Path

from bilingual import choose, language_of
from sphinx.util import logging
from tables import TableDirective

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from equations import CHECKS  # noqa: E402

logger = logging.getLogger(__name__)
PAGE = "book/appendix/checks"
EVALUATED = "由本式的 LaTeX 求值，与 {} 相符 | evaluated from this LaTeX, agrees with {}"
OTHERWISE = "另法核验，对照 {}：{} | checked another way, against {}: {}"
LABEL = re.compile(r"^\$\$ \((eq-[\w-]+)\)$", re.MULTILINE)


def how(check, language):
    """A sentence for the reader: how the equation is checked."""
    against, why = choose(check.against, language), choose(check.why, language)
    return choose(OTHERWISE if why else EVALUATED, language).format(against, why)


def check_mark(translator, label):
    """The small link after an equation's number."""
    if label not in CHECKS:
        logger.warning("equation %s has no binding in tests/equations/", label)
        return ""
    builder = translator.builder
    uri = builder.get_relative_uri(builder.current_docname, PAGE)
    title = escape(how(CHECKS[label], language_of(builder.config)), quote=True)
    return f'<a class="checked" href="{uri}#{label}" title="{title}" aria-label="{title}">✓</a>'


HEADINGS = ("公式 | Equation", "对照 | Held against")


class EquationChecks(TableDirective):
    """`equation-checks`: a table with a row for every labelled equation, in the order of the book."""

    def run(self):
        language = language_of(self.config)
        rows = [self.check_row(CHECKS[label], language) for label in self.labels()]
        return [self.table("equation-checks", HEADINGS, (45, 55), rows)]

    def labels(self):
        """The labels in the order of the book; the page is built anew when a chapter changes."""
        labels = []
        for name in self.config.external_site_map:
            path = ROOT / f"{name}.md"
            self.env.note_dependency(str(path))
            labels += LABEL.findall(path.read_text(encoding="utf-8"))
        return [label for label in dict.fromkeys(labels) if label in CHECKS]

    def check_row(self, check, language):
        against = choose(check.against, language)
        if check.against.startswith("lossbook."):
            against = f"{{py:func}}`{check.against}`"
        if check.why:
            against = choose(OTHERWISE, language).format(against, choose(check.why, language))
        return self.row([f"{{eq}}`{check.label}` `{check.label}`", against], label=check.label)


def setup(app):
    app.add_directive("equation-checks", EquationChecks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
