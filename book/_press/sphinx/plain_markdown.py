"""A page as Markdown that any notebook viewer shows, numbered and worded as on the site.

It is written from the page's doctree, in which roles and directives have become text, numbers and tables.
"""

import re
from itertools import chain

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

from .interactive import interactive_figure

logger = logging.getLogger(__name__)
MARKUP = re.compile(r"[\\`*]|<(?=[A-Za-z/!])|(?<!\w)_|_(?!\w)")
MARKS = {nodes.strong: "**", nodes.emphasis: "*", nodes.title_reference: "*"}
SILENT = (nodes.target, nodes.comment, nodes.image, addnodes.index, addnodes.toctree)
SILENT += (interactive_figure,)
INSIDE = (nodes.container, nodes.compound, addnodes.glossary)


class Page:
    """Turns the nodes of a page into Markdown.

    `inline` gives the Markdown of what stands in a line.
    `blocks` gives that of what stands by itself, a string each; the number of a cell stands for the code in it,
    None for the beginning of a section.
    `url`, where the site's address is known, makes an absolute link of one that leads from the page.
    """

    def __init__(self, builder, url=None):
        self.builder, self.url, self.depth = builder, url, 0

    def inline(self, node):
        if isinstance(node, nodes.Text):
            return MARKUP.sub(r"\\\g<0>", node.astext())
        if isinstance(node, nodes.math):
            return f"${node.astext().strip()}$"
        if isinstance(node, nodes.literal):
            return code(node.astext())
        text = "".join(map(self.inline, node.children))
        mark = MARKS.get(type(node), "")
        return self.link(node, text) if isinstance(node, nodes.reference) else mark + text + mark

    def link(self, node, text):
        address = node.get("refuri") or "#" + node.get("refid", "")
        if node.get("internal") or address.startswith("#"):
            address = self.url and self.url(address)
        return f"[{text}]({address})" if address else text

    def blocks(self, node):
        return chain.from_iterable(map(self.block, node.children))

    def block(self, node):
        """The blocks of a node, from the method that is named after its class."""
        if isinstance(node, SILENT):
            return []
        if node.get("nb_element") == "cell_code":
            return [node["cell_index"]]
        if isinstance(node, INSIDE):
            return self.blocks(node)
        method = getattr(self, type(node).__name__, None)
        if method is None:
            logger.warning("a notebook has no Markdown for %s", type(node).__name__, location=node)
        return method(node) if method else []

    def number(self, kind, node):
        numbers = self.builder.fignumbers.get(kind, {}).get(node["ids"][0], ())
        return ".".join(map(str, numbers))

    def paragraph(self, node):
        yield self.inline(node)

    def rubric(self, node):
        yield f"**{self.inline(node)}**"

    def section(self, node):
        """A new cell, and the blocks of a level below; a section without a title is a mere box."""
        titled = isinstance(node[0], nodes.title)
        self.depth += titled
        yield from [None] * titled
        yield from self.blocks(node)
        self.depth -= titled

    def title(self, node):
        place = "" if self.depth == 1 else f"#{node.parent['ids'][0]}"
        number = "".join(f"{n}." for n in self.builder.secnumbers.get(place, ()))
        yield f"{'#' * self.depth} {number} {self.inline(node)}".replace("  ", " ")

    def math_block(self, node):
        tag = f" \\tag{{{self.number('displaymath', node)}}}" if node["number"] else ""
        yield f"$$\n{node.astext().strip()}{tag}\n$$"

    def literal_block(self, node):
        language = node.get("language", "")
        yield f"```{language}\n{node.astext()}\n```"

    def figure(self, node):
        for caption in node.findall(nodes.caption):
            yield f"**{self.numbered('figure', node)}** {self.inline(caption)}"

    def numbered(self, kind, node):
        return self.builder.config.numfig_format[kind] % self.number(kind, node)

    def admonition(self, node):
        """Quoted, with its title in bold; where there are cells in it, only the title is marked."""
        title, *content = node.children
        blocks = [f"**{self.inline(title).strip()}**"]
        blocks += chain.from_iterable(map(self.block, content))
        return [quote(blocks)] if all(isinstance(block, str) for block in blocks) else blocks

    details = admonition  # a folded solution

    def exercise_enumerable_node(self, node):
        title, content = node.children
        heading = f"**{self.numbered('exercise', node)}** {self.inline(title).strip()}"
        return [quote([heading, *self.blocks(content)])]

    def bullet_list(self, node):
        yield self.items(node, ("-" for _ in node))

    def enumerated_list(self, node):
        yield self.items(node, (f"{n}." for n, _ in enumerate(node, node.get("start", 1))))

    def items(self, node, marks):
        items = [(mark, list(self.blocks(item))) for mark, item in zip(marks, node, strict=True)]
        between = "\n" if all(len(blocks) == 1 for _, blocks in items) else "\n\n"
        return between.join(f"{mark} {indent(blocks, len(mark) + 1)}" for mark, blocks in items)

    def definition_list(self, node):
        yield "\n\n".join(map(self.definition, node))

    def definition(self, node):
        terms = [self.inline(child) for child in node if isinstance(child, nodes.term)]
        return f"- **{', '.join(terms)}**\n\n  {indent(self.blocks(node[-1]), 2)}"

    def citation(self, node):
        label, *content = node.children
        yield f"{label.astext()}. {' '.join(map(self.inline, content))}"

    def desc(self, node):
        """A function of the reference: its name and its first sentence, `help()` has the rest."""
        signature, content = node.children
        yield f"`{signature['module']}.{signature['fullname']}`: {self.inline(content[0])}"

    def table(self, node):
        """The first row is the head; what a high cell covers stays empty."""
        rows, covered = [], {}
        for row in node.findall(nodes.row):
            cells, entries = [], iter(row)
            for column in range(node[0]["cols"]):
                if covered.get(column, 0):
                    covered[column] -= 1
                    cells.append("")
                else:
                    entry = next(entries)
                    covered[column] = entry.get("morerows", 0)
                    cells.append(table_cell("<br>".join(self.blocks(entry))))
            rows.append(f"| {' | '.join(cells)} |")
        rows.insert(1, "|" + " --- |" * node[0]["cols"])
        yield "\n".join(rows)


def code(text):
    """A code span; one that holds a backtick needs two around it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def indent(blocks, width):
    return "\n\n".join(blocks).replace("\n", "\n" + " " * width)


def quote(blocks):
    return "> " + "\n\n".join(blocks).replace("\n", "\n> ")


def table_cell(text):
    """A bar would end the cell."""
    bars = {r"\|": r"\Vert ", "|": r"\vert "}
    math = re.compile(r"\$[^$]*\$")
    text = math.sub(lambda found: re.sub(r"\\?\|", lambda bar: bars[bar[0]], found[0]), text)
    return text.replace("|", r"\|")
