"""The mark beside a labelled equation, and the page that tells how each one is checked.

Both are written from the bindings in `tests/equations/`, which the tests run.
"""

import sys
from html import escape
from pathlib import Path

from bilingual import choose, language_of
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from equations import CHECKS  # noqa: E402

logger = logging.getLogger(__name__)
PAGE = "book/appendix/checks"
TEXT = {
    "evaluated": "由本式的 LaTeX 求值，与 {} 相符 | evaluated from this LaTeX, agrees with {}",
    "otherwise": "另法核验：{} | checked another way: {}",
}


def how(check, language):
    kind = "otherwise" if check.why else "evaluated"
    return choose(TEXT[kind], language).format(choose(check.against, language))


def check_mark(translator, label):
    """The small link after an equation's number."""
    if label not in CHECKS:
        logger.warning("equation %s has no binding in tests/equations/", label)
        return ""
    builder = translator.builder
    uri = builder.get_relative_uri(builder.current_docname, PAGE)
    title = escape(how(CHECKS[label], language_of(builder.config)), quote=True)
    return f'<a class="checked" href="{uri}#{label}" title="{title}" aria-label="{title}">✓</a>'


HEADINGS = ("公式 | Equation", "方式 | How", "对照 | Held against")
WAYS = {"evaluated": "由 LaTeX 求值 | evaluated from its LaTeX", "otherwise": "另法 | another way"}


class EquationChecks(SphinxDirective):
    """`equation-checks`: a table with a row for every labelled equation of the book."""

    def run(self):
        for path in sorted((ROOT / "tests" / "equations").glob("*.py")):
            self.env.note_dependency(str(path))
        language = language_of(self.config)
        table = nodes.table(classes=["equation-checks"])
        group = nodes.tgroup(cols=3)
        table += group
        group += [nodes.colspec(colwidth=width) for width in (20, 30, 50)]
        group += nodes.thead("", self.row([choose(heading, language) for heading in HEADINGS]))
        group += nodes.tbody("", *(self.check_row(check, language) for check in CHECKS.values()))
        return [table]

    def check_row(self, check, language):
        way = choose(WAYS["otherwise" if check.why else "evaluated"], language)
        against = choose(check.against, language)
        if check.against.startswith("lossbook."):
            against = f"{{py:func}}`{check.against}`"
        why = f" ({choose(check.why, language)})" if check.why else ""
        row = self.row([f"{{eq}}`{check.label}` `{check.label}`", way + why, against])
        row["ids"].append(check.label)
        return row

    def row(self, texts):
        row = nodes.row()
        for text in texts:
            entry = nodes.entry()
            self.state.nested_parse(
                StringList([text], self.get_source_info()[0]), self.content_offset, entry
            )
            row += entry
        return row


def setup(app):
    app.add_directive("equation-checks", EquationChecks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
