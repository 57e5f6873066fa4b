"""The directive `source-rows`: where the book keeps what the source texts name, from `book/sources.yml`."""

from functools import cache

import yaml

import lossbook
from press import BOOK, ROOT, chapter, choose, language_of
from press.sphinx import connect
from press.sphinx.tables import TableDirective

SOURCES = BOOK / "sources.yml"
HEADINGS = (
    "编号 | No.",
    "出处 | Source",
    "内容 | What",
    "章节 | Chapter and section",
    "函数 | Function",
    "代码 | Cell",
)


@cache
def read():
    return yaml.safe_load(SOURCES.read_text(encoding="utf-8"))


def full_name(function):
    """The name of a function of lossbook with its module; one of the package needs no more."""
    module, _, name = function.rpartition(".")
    found = getattr(getattr(lossbook, module) if module else lossbook, name)
    return f"{found.__module__}.{name}"


class SourceRows(TableDirective):
    """`source-rows` systems, numbers or slips."""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(str(SOURCES))
        rows = [self.source_row(*item) for item in read()[self.arguments[0]].items()]
        return [self.table("source-rows", HEADINGS, (5, 9, 22, 22, 22, 20), rows)]

    def chapter(self, label):
        """The page with a label; this page is built anew when that one changes."""
        for name in self.config.external_site_map:
            path = ROOT / f"{name}.md"
            if label in dict(chapter.sections(path.read_text(encoding="utf-8"))):
                self.env.note_dependency(str(path))
                return f"/{name}"
        raise self.error(f"no page has the section {label}")

    def source_row(self, number, row):
        source, topic = (choose(row[field], language_of(self.config)) for field in ("in", "topic"))
        places = (f"{{doc}}`{self.chapter(label)}`: {{ref}}`{label}`" for label in row["at"])
        functions = ", ".join(f"{{py:func}}`~{full_name(name)}`" for name in row["functions"])
        texts = [str(number), source, topic, "; ".join(places), functions, f"`{row['cell']}`"]
        return self.row(texts, label=f"source-{number}")


def setup(app):
    app.add_directive("source-rows", SourceRows)
    return connect(app)
