"""What others need to link to a page: its description, its place in a repository, the site's map.

The address of the repository and that of the site come from `_config.yml`; where there is none, nothing is shown.
"""

from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from docutils import nodes

from .. import LANGUAGES, language_of
from . import connect

LONGEST = 160  # characters of a description that search engines show


def set_addresses(app, config):
    """Each language is a folder of the site; a repository's buttons need a repository."""
    if config.html_baseurl:
        config.html_baseurl = f"{config.html_baseurl.rstrip('/')}/{language_of(config)}/"
    known = bool(config.html_theme_options.get("repository_url"))
    config.html_theme_options |= {"use_repository_button": known, "use_edit_page_button": known}


def describe(doctree):
    """The first sentences of the first paragraph, as many as fit."""
    text = next((p.astext() for p in doctree.findall(nodes.paragraph)), "").replace("\n", " ")
    ends = [
        i + 1
        for i, (a, b) in enumerate(pairwise(f"{text} "))
        if a in "。！？" or a + b in (". ", "? ")
    ]
    fitting = [end for end in ends if end <= LONGEST]
    return text[: max(fitting)] if fitting else text[: LONGEST - 1] + "…"


def add_description(app, pagename, templatename, context, doctree):
    if doctree is not None:
        context["description"] = describe(doctree)
        context["base"] = app.config.html_baseurl
    for button in context.get("header_buttons", []):
        for link in button.get("buttons", [button]):
            if link.get("label") == "source-edit-button":
                link["url"] = link["url"].replace(".ipynb", ".md")  # what is written by hand


def write_site_map(app, exception):
    """Every page with its place in both languages, as sitemaps.org wants it: with full addresses."""
    base = app.config.html_baseurl
    if exception or app.builder.format != "html" or not base:
        return
    pages = [app.builder.get_target_uri(name) for name in sorted(app.env.found_docs)]
    book = base.removesuffix(f"{language_of(app.config)}/")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += ['<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"']
    lines += [' xmlns:xhtml="http://www.w3.org/1999/xhtml">']
    for page in pages:
        lines += [f"<url><loc>{escape(base + page)}</loc>"]
        for language in LANGUAGES:
            place = escape(f"{book}{language}/{page}")
            lines += [f'<xhtml:link rel="alternate" hreflang="{language}" href="{place}"/>']
        lines += ["</url>"]
    Path(app.outdir, "sitemap.xml").write_text("\n".join([*lines, "</urlset>\n"]), encoding="utf-8")


def setup(app):
    return connect(app, set_addresses, add_description, write_site_map)
