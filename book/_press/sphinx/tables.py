"""A table whose cells are MyST: what the directives that write tables from data have in common."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from .. import choose, language_of


class TableDirective(SphinxDirective):
    def table(self, name, headings, widths, rows):
        """A table with the headings "中文 | English", of the class `name`."""
        table = nodes.table(classes=[name])
        group = nodes.tgroup(cols=len(widths))
        table += group
        group += [nodes.colspec(colwidth=width) for width in widths]
        language = language_of(self.config)
        group += nodes.thead("", self.row([choose(heading, language) for heading in headings]))
        group += nodes.tbody("", *rows)
        return table

    def row(self, texts, label=None):
        """A row of cells; a pair (text, n) is a cell n rows high, None one that is covered so."""
        row = nodes.row(ids=[label] if label else [])
        for text in texts:
            if text is not None:
                row += self.cell(*text) if isinstance(text, tuple) else self.cell(text)
        return row

    def cell(self, text, height=1):
        entry = nodes.entry(morerows=height - 1) if height > 1 else nodes.entry()
        source, _ = self.get_source_info()
        self.state.nested_parse(StringList([text], source), self.content_offset, entry)
        return entry
