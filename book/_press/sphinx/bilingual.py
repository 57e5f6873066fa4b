"""One source, two languages: a build keeps the cells, captions and titles of its own language.

A Markdown cell names its language in its metadata (`+++ {"lang": "zh"}`); a cell without one belongs to both.
A string "中文 | English" in `_config.yml` or `_toc.yml` gives both languages in that order.
"""

import re
from itertools import pairwise

import nbformat
from docutils import nodes
from sphinx.locale import _

from .. import LANGUAGES, choose, language_of
from ..chapter import of_language
from . import connect

FIGURE_DATA = "text/x-figure-data"  # what a figure shows, as text: for the tests


def load(text, language):
    """A notebook without the cells of the other language."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells = of_language(notebook.cells, language)
    return notebook


def read(text, language):
    """A notebook as a page shows it: in one language, without what only the tests read."""
    notebook = load(text, language)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(FIGURE_DATA, None)
    return notebook


def set_language(app, config):
    language = language_of(config)
    config.nb_custom_formats = {
        ".ipynb": ["press.sphinx.bilingual.read", {"language": language}, False]
    }
    for setting in config:
        config[setting.name] = choose(setting.value, language)
    for name in ("html_theme_options", "html_context"):
        config[name] = {key: choose(value, language) for key, value in config[name].items()}


def set_captions(app, config):
    for document in config.external_site_map.values():
        for subtree in document.subtrees:
            subtree.caption = choose(subtree.caption, language_of(config))


PUNCTUATION = "\u3000-\u303f\uff00-\uffef\u2018-\u201d\u2026"
CHINESE = "\u2e80-\u9fff\uf900-\ufaff" + PUNCTUATION
CLOSING = "，。；：！？、）”"
NO_SPACE = re.compile(f"[{PUNCTUATION}]\n|[{CHINESE}]\n[{CHINESE}]|\n[{PUNCTUATION}]")


def join_lines(app, document):
    """Chinese is written a sentence a line: the line break must not become a space on the page."""
    if language_of(app.config) != "zh":
        return
    for block in list(document.findall(nodes.TextElement)):
        if not isinstance(block, nodes.FixedTextElement):
            children = [child for child in block if child.astext()]
            drop_breaks(block, children)
            hold_closing(block, children)


def drop_breaks(block, children):
    for before, text, after in zip(children, children[1:], children[2:], strict=False):
        around = before.astext()[-1:] + text.astext() + after.astext()[:1]
        if text.astext() == "\n" and NO_SPACE.search(around):
            put(block, text)


def hold_closing(block, children):
    for before, text in pairwise(children):
        follows = isinstance(before, nodes.math) and isinstance(text, nodes.Text)
        if follows and text[0] in CLOSING:
            keep_together(block, before, text)


def keep_together(block, formula, text):
    """No line begins with the punctuation after a formula."""
    together = nodes.inline("", "", classes=["together"])
    put(block, formula, together)
    together += [formula, nodes.Text(text[0])]
    put(block, text, nodes.Text(text[1:]))


def put(block, old, *new):
    """Put new children in the place of an old one: docutils would take the first that is equal to it."""
    place = next(i for i, child in enumerate(block) if child is old)
    block[place : place + 1] = new


def add_switch(app, pagename, templatename, context, doctree):
    """Give the templates the other language and this page's place in it."""
    language = language_of(app.config)
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    path = app.builder.get_target_uri(pagename) if doctree is not None else pagename + ".html"
    up = "../" * (pagename.count("/") + 1)
    context["page_in"] = {name: f"{up}{name}/{path}" for name in LANGUAGES}
    context["other_language"] = other
    context["has_parallel"] = doctree is not None
    context["translate_hard_coded"] = translate_hard_coded
    context["other_language_url"] = context["page_in"][other]


HARD_CODED = r'(title|aria-label)="(Toggle primary sidebar|Toggle secondary sidebar|Main|Page)"'


def translate_hard_coded(html):
    """Labels that the theme's templates write in English only."""
    return re.sub(HARD_CODED, lambda match: f'{match[1]}="{_(match[2])}"', html)


def setup(app):
    return connect(app, set_language, set_captions, join_lines, add_switch)
