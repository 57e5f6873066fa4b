"""The directive `interactive`: a figure with sliders, drawn by `_static/interactive.js`.

    ```{interactive} bernoulli
    :sliders: p 0 1 0.01 0.6, q 0 1 0.01 0.2
    :alt: what the picture shows, for those who cannot see it

    What to try.

    :p: the label of the slider p
    :q: the label of the slider q

    - {series}`a` words before a number: {value}`entropy`
    ```

Picture and sliders stand where the labels do.  A slider is a name, the smallest and the largest value,
the step and the start; a sixth word, `log2`, makes the value a power of two.  `:data:` are numbers that
do not move.  All words are the chapter's, in its language; the roles show a number that the script
computes and a sample of the line it draws.
Without a script, on paper and in LaTeX there is nothing to see; the figure before it stands in.
"""

from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

from . import connect


class interactive_figure(nodes.General, nodes.Element):
    pass


class interactive_slider(nodes.General, nodes.Element):
    pass


class Interactive(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {
        "sliders": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "data": directives.unchanged,
    }

    def run(self):
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        sliders = [words.split() for words in self.options.get("sliders", "").split(",")]
        labels = list(body.findall(nodes.field))
        names = [label[0].astext() for label in labels]
        if names != [name for name, *_ in sliders] or "alt" not in self.options:
            raise self.error("interactive: needs :alt: and :sliders:, and a label for each slider")
        made = [
            interactive_slider("", *label[1][0].children, numbers=numbers)
            for label, numbers in zip(labels, sliders, strict=True)
        ]
        picture = f'<svg role="img" aria-label="{escape(self.options["alt"])}"></svg>\n'
        made.insert(0, nodes.raw("", picture, format="html"))
        figure = interactive_figure(kind=self.arguments[0], data=self.options.get("data", ""))
        for child in body:
            figure += made if isinstance(child, nodes.field_list) else child
        return [figure]


class Slot(SphinxRole):
    """An element that the script or the style sheet fills."""

    def __init__(self, html):
        super().__init__()
        self.html = html

    def run(self):
        return [nodes.raw("", self.html.format(self.text), format="html")], []


def visit_figure(self, node):
    kind, data = escape(node["kind"]), escape(node["data"])
    self.body.append(
        f'<loss-figure class="interactive pst-js-only" kind="{kind}" data-points="{data}">\n'
    )


def depart_figure(self, node):
    self.body.append("</loss-figure>\n")


def visit_slider(self, node):
    self.body.append('<div class="slider"><label><span>')


def depart_slider(self, node):
    name, low, high, step, start, *scale = node["numbers"]
    self.body.append(
        f'</span><input type="range" data-name="{name}" min="{low}" max="{high}" step="{step}"'
        f' value="{start}" data-scale="{"".join(scale)}" autocomplete="off">'
        '</label><output aria-live="off"></output></div>\n'
    )


def skip(self, node):
    raise nodes.SkipNode


def add_script(app, pagename, templatename, context, doctree):
    """The script comes with the pages that have such a figure."""
    if doctree is not None and any(doctree.findall(interactive_figure)):
        app.add_js_file("interactive.js", loading_method="defer")


def setup(app):
    nothing = {builder: (skip, None) for builder in ("latex", "text", "man", "texinfo")}
    app.add_node(interactive_figure, html=(visit_figure, depart_figure), **nothing)
    app.add_node(interactive_slider, html=(visit_slider, depart_slider), **nothing)
    app.add_directive("interactive", Interactive)
    app.add_role("value", Slot('<span class="value" data-value="{}"></span>'))
    app.add_role("series", Slot('<i class="series {}"></i>'))
    return connect(app, add_script)
