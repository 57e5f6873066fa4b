"""Solutions are folded by the browser itself (<details>): no script, and nothing moves while a page loads."""

from docutils import nodes
from sphinx_exercise.nodes import solution_node


class details(nodes.General, nodes.Element):
    pass


class summary(nodes.General, nodes.TextElement):
    pass


def fold(app, doctree, docname):
    if app.builder.format != "html":
        return
    for solution in list(doctree.findall(solution_node)):
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
    app.connect("doctree-resolved", fold, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
