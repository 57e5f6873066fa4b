"""Solutions are folded by the browser itself (<details>): no script, and nothing moves while a page loads."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import solution_node

from . import connect


class details(nodes.General, nodes.Element):
    pass


class summary(nodes.General, nodes.TextElement):
    pass


class Fold(SphinxPostTransform):
    formats = ("html",)

    def run(self):
        for solution in list(self.document.findall(solution_node)):
            title, *content = solution.children
            folded = details("", ids=solution["ids"], classes=["admonition", "solution"])
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)  # no link in a button
            folded += summary("", "", *title.children, classes=["admonition-title"])
            folded += content
            solution.replace_self(folded)


def visit(name):
    return lambda self, node: self.body.append(self.starttag(node, name))


def depart(name):
    return lambda self, node: self.body.append(f"</{name}>\n")


def setup(app):
    for node in (details, summary):
        name = node.__name__
        app.add_node(node, html=(visit(name), depart(name)))
    return connect(app, Fold)
