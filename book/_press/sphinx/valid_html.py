"""What Sphinx and its extensions leave wrong in the HTML: ids that occur twice on a page, roles, sizes of pictures."""

import re
from html import escape
from pathlib import Path

from docutils import nodes

from . import connect

LEADS_ON = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="_static/favicon.svg">
<meta http-equiv="refresh" content="0; url={page}">
</head>
<body><p><a href="{page}">{title}</a></p></body>
</html>
"""


SIZE = re.compile(r'style="width: (\d+)px; height: (\d+)px;?"')


def make_ids_unique(app, document):
    """numpydoc and sphinx-exercise give the same ids again and again; a section cannot be without one."""
    seen = set()
    for node in document.findall(nodes.Element):
        repeated = [name for name in node["ids"] if name in seen]
        node["ids"] = [name for name in node["ids"] if name not in seen]
        if repeated and isinstance(node, nodes.section):
            node["ids"].append(f"{repeated[0]}-{len(seen)}")
        seen.update(node["ids"])


def mend_body(app, pagename, templatename, context, doctree):
    """docutils calls the citations a list, but none of them an item; a fixed height does not fit a phone."""
    body = context.get("body", "").replace('<div role="list" class=', "<div class=")
    body = SIZE.sub(r'width="\1" height="\2"', body)
    source = pagename.startswith("_modules/")
    context["body"] = re.sub("<pre>.*?</pre>", spans, body, flags=re.S) if source else body


def spans(match):
    """viewcode marks the functions of a source file by <div>, which cannot stand in <pre>."""
    return match[0].replace("<div", "<span").replace("</div>", "</span>")


def write_root(app, exception):
    if exception is None and app.builder.format == "html":
        page = app.builder.get_target_uri(app.config.root_doc)
        values = {
            "title": escape(app.config.html_title),
            "language": app.config.language.replace("_", "-"),
        }
        text = LEADS_ON.format(page=page, **values)
        Path(app.outdir, "index.html").write_text(text, encoding="utf-8")


def setup(app):
    return connect(app, make_ids_unique, mend_body, write_root)
