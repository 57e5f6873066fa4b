"""Index the built pages of each language for search: part of `make html`.

A page is found by its title in the other language too; a result leads to the section that has the words.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import LANGUAGES, ROOT, SETTINGS, chapter

LEFT_OUT = ".headerlink, .eqno, .cell_output, nav"
UNUSED = ["*-ui.*", "pagefind-highlight.js", "pagefind-playground*", "playground*"]
SECTION = re.compile(r'<section id="([^"]+)">((?:\s*<span id="[^"]+"></span>)*)\s*<h([1-6])>')
ENTRY = re.compile(r'<dt class="sig sig-object py" id="([^"]+)">(.*?)</dt>', re.S)
SOURCE = re.compile(r'<a [^>]*><span class="viewcode-link">.*?</a>', re.S)


def titles(page):
    """The title of a chapter in each language."""
    markdown = (ROOT / page).with_suffix(".md").read_text(encoding="utf-8")
    return [chapter.titles(markdown, language)[0] for language in LANGUAGES]


def searchable(html, page):
    """The page with ids at its headings, where Pagefind looks for them, and its title in each language."""
    html = SECTION.sub(r'<section><h\3 id="\1">', html)
    html = SOURCE.sub("", html)
    html = ENTRY.sub(r'<h4 id="\1">\2</h4>', html)
    html = html.replace(
        '<div class="cell_input', '<div data-pagefind-weight="0.3" class="cell_input'
    )
    names = " | ".join(titles(page)).replace("-", " ")
    weight = SETTINGS["weights"].get(page.stem, 1)
    html = html.replace("<article ", f'<article data-pagefind-weight="{weight}" ', 1)
    return html.replace("</article>", f'<i data-pagefind-meta="names:{names}"></i></article>', 1)


def index(site):
    """Pagefind's own command on copies of the pages: its Python interface waits a tenth of a second for each."""
    with tempfile.TemporaryDirectory() as folder:
        for path in site.glob("book/**/*.html"):
            page = path.relative_to(site)
            if not (ROOT / page).with_suffix(".md").exists():
                path.unlink()  # of a chapter that is no more
                continue
            copy = Path(folder, page)
            copy.parent.mkdir(parents=True, exist_ok=True)
            html = searchable(path.read_text(encoding="utf-8"), page)
            copy.write_text(html, encoding="utf-8")
        command = [sys.executable, "-m", "pagefind", "--silent", "--site", folder]
        command += ["--output-path", site / "pagefind", "--root-selector", "article.bd-article"]
        subprocess.run([*command, "--exclude-selectors", LEFT_OUT], check=True)
    for pattern in UNUSED:
        for path in (site / "pagefind").glob(pattern):
            path.unlink()
