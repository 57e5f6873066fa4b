"""The notebooks of a page, and the package they need, in its download menu.

Each language has its own, `<language>/book/part/chapter.<language>.ipynb`, in Markdown that any viewer shows;
`notebooks/book/part/chapter.ipynb`, beside the two sites, has both. They hold the stored outputs.
"""

import json
import os
import re
from itertools import chain, groupby, zip_longest
from pathlib import Path
from urllib.parse import urljoin

import nbformat

from .. import LANGUAGES, SETTINGS, choose, language_of
from ..make import wheel
from . import connect
from .bilingual import load
from .plain_markdown import Page

WHEEL = wheel()
ORIGIN = "本笔记本出自《{}》。 | This notebook is a page of *{}*."
INSTALL = "运行之前，先安装它用到的包： | Before you run it, install what it needs:"
TAKE = (
    "运行之前，从本书网站的下载菜单取得 `{}`，与本笔记本放在一起，再安装："
    " | Before you run it, take `{}` from the download menu of the book's site, put it beside this"
    " notebook and install it:"
)
BUTTONS = {
    "download-notebook-button": (
        "笔记本（中文） | Notebook (English)",
        "本页的 Jupyter 笔记本 | This page as a Jupyter notebook",
    ),
    "download-bilingual-button": (
        "笔记本（双语） | Notebook (bilingual)",
        "本页的 Jupyter 笔记本，中英对照 | This page as a Jupyter notebook in both languages",
    ),
    "download-package-button": (
        f"{SETTINGS['package']} 包 | {SETTINGS['package']} package",
        "运行笔记本所需的 Python 包 | The Python package that the notebooks need",
    ),
    "download-pdf-button": ("全书 PDF | The book as PDF", "全书的 PDF | The whole book as PDF"),
}
REPLACED = ("download-notebook-button", "download-source-button", "download-pdf-button")


def one_language(docname, language):
    """The notebook in one language, from the folder of that language's site."""
    return f"{docname}.{language}.ipynb"


def both_languages(docname):
    return f"../notebooks/{docname}.ipynb"


def add_downloads(app, pagename, templatename, context, doctree):
    context["offer_downloads"] = offer_downloads
    menu = [b for b in context["header_buttons"] if b.get("label") == "download-buttons"]
    if doctree is None or not menu:
        return
    language = language_of(app.config)
    write(Path(app.outdir) / one_language(pagename, language), notebook(app, pagename, doctree))
    notebooks = one_language(pagename, language), both_languages(pagename)
    addresses = *notebooks, f"../{WHEEL}", "../pdf/index.html"
    added = [
        {
            "type": "link",
            "url": context["pathto"](address, 1),
            "text": choose(text, language),
            "tooltip": choose(tooltip, language),
            "icon": "fas fa-file",
            "label": label,
        }
        for (label, (text, tooltip)), address in zip(BUTTONS.items(), addresses, strict=True)
        if WHEEL or label != "download-package-button"
    ]
    kept = [button for button in menu[0]["buttons"] if button["label"] not in REPLACED]
    menu[0]["buttons"] = added + kept


def offer_downloads(html):
    """The theme opens the links of its menu in a new tab; a notebook is to be saved."""
    return re.sub(r'(<a href="[^"]+\.(?:ipynb|whl)") target="_blank"', r"\1 download", html)


def notebook(app, docname, doctree):
    """A page's code cells with their outputs, and its text between them."""
    language = language_of(app.config)
    stored = load(Path(app.srcdir, f"{docname}.ipynb").read_text(encoding="utf-8"), language)
    runs = any(cell.cell_type == "code" for cell in stored.cells)
    site = app.config.html_baseurl and app.config.html_baseurl.rstrip("/") + "/"
    here = site and urljoin(site, app.builder.get_target_uri(docname))
    page = Page(app.builder, (lambda address: urljoin(here, address)) if site else None)
    texts, cells = [first_text(app.config, here, runs)], []
    for block in [*page.blocks(doctree), None]:
        if isinstance(block, str):
            texts.append(block)
            continue
        if texts:
            cells.append(text_cell(texts, language, len(cells)))
            texts = []
        if block is not None:
            cells.append(stored.cells[block])
    stored.cells = cells
    return stored


def text_cell(texts, language, place):
    name = {"id": f"{language}-{place}", "metadata": {"lang": language}}
    return nbformat.v4.new_markdown_cell("\n\n".join(texts), **name)


def first_text(config, address, runs):
    """Where the notebook comes from, and what makes it run."""
    language = language_of(config)
    title = f"[{config.html_title}]({address})" if address else config.html_title
    lines = [choose(ORIGIN, language).format(title)]
    if not WHEEL:
        return lines[0]
    if runs and address:
        file = f"{SETTINGS['package']}[run] @ {urljoin(config.html_baseurl.rstrip('/'), WHEEL)}"
        lines += [choose(INSTALL, language), f'```bash\npip install "{file}"\n```']
    elif runs:
        take = choose(TAKE, language).format(WHEEL)
        lines += [take, f'```bash\npip install "{WHEEL}[run]"\n```']
    return "\n\n".join(lines)


def join(app, exception):
    """Write the notebooks in both languages: the site that is built last finds those of both."""
    for docname in app.env.found_docs if exception is None else ():
        paths = [Path(app.outdir).parent / name / one_language(docname, name) for name in LANGUAGES]
        if all(path.exists() for path in paths) and stale(app, docname, paths):
            pair = [nbformat.read(path, as_version=4) for path in paths]
            pair[0].cells = side_by_side(*(parts(each.cells) for each in pair))
            write(Path(app.outdir) / both_languages(docname), pair[0])


def stale(app, docname, paths):
    if app.fresh_env_used:
        return True
    target = Path(app.outdir) / both_languages(docname)
    times = [path.stat().st_mtime for path in paths]
    return not target.exists() or target.stat().st_mtime < max(times)


def parts(cells):
    return [list(group) for _, group in groupby(cells, key=lambda cell: cell.cell_type)]


def side_by_side(ours, theirs):
    """Each cell of text before that of the other language; the code is the same."""
    cells = []
    for a, b in zip(ours, theirs, strict=True):
        texts = chain.from_iterable(zip_longest(a, b))
        cells += a if a[0].cell_type == "code" else filter(None, texts)
    return cells


def write(path, content):
    """Without white space; leaves a file that is right already as it is, and never shows half of one."""
    lines = json.loads(nbformat.writes(content))
    text = json.dumps(lines, ensure_ascii=False, separators=(",", ":")) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def setup(app):
    return connect(app, add_downloads, join)
