"""Pages are rendered from stored outputs: say so when a chapter's text changed since they were stored.

A page is built anew when its text or its bindings change.
"""

from pathlib import Path

from sphinx.util import logging

from .. import notebooks
from . import connect

logger = logging.getLogger(__name__)


def compare(app, docname, content):
    markdown = Path(app.srcdir, f"{docname}.md")
    for beside in (markdown, *markdown.parent.glob(f"{markdown.stem}.py")):
        app.env.note_dependency(str(beside))
    if not notebooks.same_text(markdown.read_text(encoding="utf-8"), content[0]):
        message = "%s.md changed since its outputs were stored: run 'make notebooks'"
        logger.warning(message, docname, location=docname)


def setup(app):
    return connect(app, compare)
