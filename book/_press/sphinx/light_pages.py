"""Light pages: one style sheet for all of them, no script that is not used, none that holds up the first sight."""

import hashlib
import re
import shutil
from functools import cache
from pathlib import Path, PurePosixPath

from myst_nb import sphinx_ext

from .. import LOCK
from . import connect

# the theme's own sheets, in its order
FIRST = ["basic.css", "styles/theme.css", "styles/pydata-sphinx-theme.css"]
SHEET = "book.css"
UNUSED = ["fontawesome", "searchtools", "language_data", "searchindex", "design-tabs"]
UNUSED += ["doctools", "sphinx_highlight", "translations"]
NOT_SERVED = ["vendor", "locales", "styles", "*.html", "scripts/*.map", "scripts/fontawesome.js*"]
NOT_SERVED += ["sphinx-thebe*"]
LOADING = re.compile(r'[ \t]*<script[^>]* src="[^"]*"[^>]*></script>\n?')
INLINE_OPTIONS = re.compile(r"[ \t]*<script>DOCUMENTATION_OPTIONS\..*?</script>\n?")
AT_HEAD = re.compile(r"@(import|charset)[^;]*;")
ICON_FONT = re.compile(
    r"@font-face\s*{[^}]*Font ?Awesome[^}]*}"
    r'|(?:\.fa-[\w-]+:{1,2}before,?)+{content:"[^"]*"}'
)
PRELOADED_SCRIPT = re.compile(r'<link rel="preload" as="script"[^>]*>\n?')
VIEWPORT = re.compile(r'\s*<meta name="(?:viewport|docsearch:\w+)"[^>]*>')


def style_sheet(static, names):
    """The text of the sheets one after the other, with addresses from the static folder."""
    return "\n".join(
        ICON_FONT.sub("", AT_HEAD.sub("", from_static((static / name).read_text("utf-8"), name)))
        for name in names
    )


def from_static(css, name):
    """CSS in which an address is no longer seen from the sheet's own folder."""

    def address(match):
        parts = []
        for part in (PurePosixPath(name).parent / match[1]).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        return f'url("{"/".join(parts)}")'

    return re.sub(r"url\(\s*[\"']?(?!data:|#|[\"'])([^\"')]+)[\"']?\s*\)", address, css)


def write_sheet(app, exception):
    """Write the one sheet, whenever Sphinx has copied what it is made of."""
    static = Path(app.outdir, "_static")
    if exception is None and app.builder.format == "html" and (static / FIRST[-1]).exists():
        names = [PurePosixPath(str(sheet.filename)) for sheet in app.builder._css_files]
        local = [str(name.relative_to("_static")) for name in names if name.parts[0] == "_static"]
        (static / SHEET).write_text(style_sheet(static, [*FIRST, *local]), encoding="utf-8")


@cache
def sheet_address(root):
    """The sheet's address, with a digest of what it depends on: our own sheets and the packages."""
    own = sorted(Path(root, "book", "_static").glob("*.css"))
    parts = [path.read_bytes() for path in [*own, *LOCK]]
    return f"_static/{SHEET}?v={hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"


def lean(head):
    """The theme's head or foot without what is not used; the scripts that stay wait for the page."""

    def script(match):
        tag = match[0]
        if any(name in tag for name in UNUSED):
            return ""
        return tag if " defer" in tag else tag.replace("<script", "<script defer", 1)

    for pattern in (INLINE_OPTIONS, PRELOADED_SCRIPT, VIEWPORT):
        head = pattern.sub("", head)
    return LOADING.sub(script, head)


def add_tools(app, pagename, templatename, context, doctree):
    context["lean"] = lean
    context["style_sheet"] = sheet_address(app.srcdir)


def no_search_index(app):
    """Pagefind indexes the pages; Sphinx need not."""
    if app.builder.format == "html":
        app.builder.search = False


def search_page(app):
    yield "search", {}, "search.html"


def drop_what_is_not_served(app, exception):
    if exception is None and app.builder.format == "html":
        for pattern in NOT_SERVED:
            for path in Path(app.outdir, "_static").glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def setup(app):
    sphinx_ext.OUTPUT_FOLDER = "../jupyter_execute"  # myst-nb's pictures, not among what is served
    return connect(
        app, no_search_index, add_tools, search_page, write_sheet, drop_what_is_not_served
    )
