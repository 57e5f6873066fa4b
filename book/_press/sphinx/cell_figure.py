"""The directive `figure` without a path: the picture a code cell drew, with number, caption and alt text.

    ```{figure}
    :name: fig-name
    :alt: what the picture shows, for those who cannot see it
    The caption.
    ```

It stands in the Markdown cell of each language and takes the picture of the nearest code cell before it.
JupyterLab shows it too: the caption, with a number.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from . import connect

logger = logging.getLogger(__name__)


class CellFigure(SphinxDirective):
    has_content = True
    option_spec = dict.fromkeys(("name", "alt"), directives.unchanged_required)

    def run(self):
        self.assert_has_content()
        for option in self.option_spec.keys() - self.options:
            raise self.error(f"figure {self.options.get('name', '')} needs the option :{option}:")
        figure = nodes.figure(alt=self.options["alt"], from_cell=True, align="center")
        self.set_source_info(figure)
        self.add_name(figure)
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        figure += nodes.caption("", "", *caption[0].children)
        if len(caption) > 1:
            figure += nodes.legend("", *caption[1:])
        return [figure]


def is_output(node):
    return isinstance(node, nodes.container) and "cell_output" in node["classes"]


def take_pictures(app, document):
    """Move each picture from the output of its code cell into the figure that follows."""
    output = None
    for node in list(document.findall(lambda n: is_output(n) or isinstance(n, nodes.figure))):
        if is_output(node):
            output = node
        elif node.get("from_cell"):
            pictures = list(output.findall(nodes.image)) if output else []
            if len(pictures) != 1:
                message = "figure %s follows a cell with %d pictures, not one"
                logger.warning(message, node["names"][0], len(pictures), location=node)
                continue
            pictures[0].parent.remove(pictures[0])
            pictures[0]["alt"] = node.attributes.pop("alt")
            node.insert(0, pictures[0])


BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
POINT = 4 / 3  # pixels


class GiveSize(SphinxPostTransform):
    """A page leaves room for its pictures before they come, so that nothing moves."""

    formats = ("html",)

    def run(self):
        for picture in self.document.findall(nodes.image):
            if picture["uri"].endswith(".svg"):
                head = Path(self.app.srcdir, picture["uri"]).read_text(encoding="utf-8")[:2000]
                sides = (round(float(points) * POINT) for points in BOX.search(head).groups())
                picture["width"], picture["height"] = map(str, sides)


def setup(app):
    app.add_directive("figure", CellFigure, override=True)
    return connect(app, take_pictures, GiveSize)
