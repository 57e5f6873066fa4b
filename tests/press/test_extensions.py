"""The Sphinx extensions, each on a page of its own: what they render and what they warn of."""

import io
import re
from types import SimpleNamespace

import jinja2
import nbformat
import pytest
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from press import ROOT, choose, notebooks
from press.sphinx import (
    bilingual,
    light_pages,
    notebook_downloads,
    plain_markdown,
    sharing,
    stored_outputs,
)

from .header import HEADER

# Sphinx looks at every loaded module, PyTorch among them, and one of its names is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:.*reduce_op:FutureWarning")

PAGE = (
    HEADER
    + """
+++ {"lang": "zh"}

# 标题

第一句。
第二句是 $p$。
第三句
*第四句*

$$
a = b
$$ (eq-entropy)

+++ {"lang": "en"}

# Title

First “sentence.”
Second $p$.

$$
a = b
$$ (eq-entropy)

```{code-cell} ipython3
plot()
```

+++ {"lang": "zh"}

```{figure}
:name: fig-a
:alt: 一条线
图注。
```

+++ {"lang": "en"}

```{figure}
:name: fig-a
:alt: a line
The caption.
```
"""
)
EXTENSIONS = [f"press.sphinx.{x}" for x in ("bilingual", "mathml", "cell_figure", "interactive")]
SETTINGS = {
    "extensions": ["myst_nb", "sphinx_external_toc", *EXTENSIONS],
    "project": "书 | Book",
    "myst_enable_extensions": ["dollarmath", "fieldlist"],
    "nb_execution_mode": "off",
    "html_math_renderer": "mathml",
    "numfig": True,
    "suppress_warnings": ["config.cache"],
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'


def build(folder, text=PAGE, language="zh_CN", pictures=1, builder="html"):
    """(HTML or LaTeX, warnings) of one page built with the extensions of the book."""
    notebook = notebooks.from_markdown(text)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            data = {"image/svg+xml": SVG, "text/plain": "<Figure>"}
            cell.execution_count = 1
            cell.outputs = [nbformat.v4.new_output("display_data", data=data)] * pictures
    (folder / "index.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (folder / "conf.py").write_text("")
    (folder / "_toc.yml").write_text("root: index\n")
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            *(folder, folder, folder / builder, folder / "doctrees", builder),
            status=None,
            warning=(warnings := io.StringIO()),
            confoverrides=SETTINGS | {"language": language},
        )
        app.build()
    name = {"html": "index.html", "latex": "*.tex"}[builder]
    html = next((folder / builder).glob(name)).read_text(encoding="utf-8")
    return html, re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())


def test_a_build_keeps_its_own_language(tmp_path):
    html, warnings = build(tmp_path)
    assert "标题" in html and "Title" not in html and "图注" in html and "The caption" not in html
    assert 'alt="一条线"' in html and "Book" not in html
    assert warnings == ""


def test_the_other_build_keeps_the_other_language(tmp_path):
    html, warnings = build(tmp_path, language="en")
    assert "Title" in html and "标题" not in html and "The caption" in html
    assert 'alt="a line"' in html and "First “sentence.”\nSecond" in html
    assert warnings == ""


def test_a_line_break_between_chinese_sentences_is_no_space(tmp_path):
    html, _ = build(tmp_path)
    assert "第一句。第二句是" in html and "第三句<em>第四句</em>" in html
    assert "</math>。</span>第三句" in html


def test_mathematics_is_mathml_with_number_and_mark(tmp_path):
    html, _ = build(tmp_path)
    equation = html[html.index('<div class="math equation"') :]
    assert 'id="equation-eq-entropy"' in equation and "<math" in equation and "(1)" in equation
    assert 'class="checked"' in equation and "checks.html#eq-entropy" in equation
    assert "lossbook.information.entropy" in equation


def test_a_figure_takes_the_picture_of_its_cell(tmp_path):
    html, _ = build(tmp_path)
    figure = html[html.index("<figure") : html.index("</figure>")]
    assert "<img" in figure and "图注" in figure and html.count("<img") == 1


@pytest.mark.parametrize(
    ("old", "new", "pictures", "warning"),
    [
        (":alt: 一条线\n", "", 1, "figure fig-a needs the option :alt:"),
        ("", "", 0, "figure fig-a follows a cell with 0 pictures, not one"),
        ("", "", 2, "figure fig-a follows a cell with 2 pictures, not one"),
        ("$$ (eq-entropy)", "$$ (eq-unbound)", 1, "equation eq-unbound has no binding"),
        ("$p$", r"$\undefinedmacro p$", 1, "LaTeX that MathML cannot show"),
    ],
)
def test_what_is_wrong_is_warned_of(tmp_path, old, new, pictures, warning):
    assert warning in build(tmp_path, PAGE.replace(old, new), pictures=pictures)[1]


FIGURE = """
```{interactive} bernoulli
:sliders: p 0 1 0.01 0.6, delta -7 7 0.25 1 log2
:alt: 拱形 "曲线"

:p: 概率 $p$
:delta: 转折点

- {series}`a` 熵：{value}`entropy`
```
"""
SLIDER = (
    '<input type="range" data-name="p" min="0" max="1" step="0.01" value="0.6" data-scale=""'
    ' autocomplete="off"></label><output aria-live="off"></output></div>'
)


def test_an_interactive_figure_has_its_words_from_the_chapter(tmp_path):
    html, warnings = build(tmp_path, PAGE.replace("图注。\n```", "图注。\n```\n" + FIGURE))
    assert warnings == ""
    figure = html[html.index("<loss-figure") : html.index("</loss-figure>")]
    assert figure.startswith('<loss-figure class="interactive pst-js-only" kind="bernoulli"')
    assert '<svg role="img" aria-label="拱形 &quot;曲线&quot;"></svg>' in figure
    assert re.search("<label><span>概率 <math.*</span>" + re.escape(SLIDER), figure)
    assert "<span>转折点</span>" in figure and 'data-scale="log2"' in figure
    assert re.search(r'<i class="series a">.*熵：<span class="value" data-value="entropy">', figure)
    assert '<script defer="defer" src="_static/interactive.js' in html


def test_a_page_without_an_interactive_figure_has_no_script_of_it(tmp_path):
    assert "interactive.js" not in build(tmp_path)[0]


def test_an_interactive_figure_is_nothing_in_latex(tmp_path):
    text = PAGE.replace("第一句。", "第一句。\n" + FIGURE)
    latex, warnings = build(tmp_path, text, builder="latex")
    assert "第一句" in latex and not re.search("概率|转折点|熵：|拱形", latex)
    assert "interactive" not in warnings


@pytest.mark.parametrize("line", [':alt: 拱形 "曲线"\n', ":p: 概率 $p$\n", ":delta: 转折点\n"])
def test_an_interactive_figure_without_words_is_an_error(tmp_path, line):
    text = PAGE.replace("图注。\n```", "图注。\n```\n" + FIGURE.replace(line, ""))
    wanted = "interactive: needs :alt: and :sliders:, and a label for each slider"
    assert wanted in build(tmp_path, text)[1]


def test_choose():
    assert choose("书 | Book", "zh") == "书"
    assert choose("书 | Book", "en") == "Book"
    assert choose("2026", "en") == "2026"
    assert choose(True, "en") is True


def test_stale_outputs_are_warned_of(tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    warned, depended = [], []
    record = SimpleNamespace(warning=lambda message, *values, **_: warned.append(message % values))
    monkeypatch.setattr(stored_outputs, "logger", record)
    app = SimpleNamespace(srcdir=tmp_path, env=SimpleNamespace(note_dependency=depended.append))
    stored = nbformat.writes(notebooks.from_markdown(PAGE))
    stored_outputs.compare(app, "page", [stored])
    assert warned == [] and depended == [str(tmp_path / "page.md")]
    (tmp_path / "page.py").write_text("")
    stored_outputs.compare(app, "page", [stored.replace("First", "Last")])
    assert depended[1:] == [str(tmp_path / "page.md"), str(tmp_path / "page.py")]
    assert warned == ["page.md changed since its outputs were stored: run 'make notebooks'"]


def test_equal_words_in_a_paragraph_are_told_apart():
    """Of equal texts the first must not be taken for the last: "。。" and a sentence without its end."""
    first, last = nodes.Text("。"), nodes.Text("。")
    formula = nodes.math("", "p")
    block = nodes.paragraph("", "", nodes.strong("", "甲"), first, formula, last)
    bilingual.keep_together(block, formula, last)
    assert block[1] is first and block.astext() == "甲。p。"


@pytest.mark.parametrize(
    ("baseurl", "wanted"),
    [
        ("", 'pip install "{wheel}[run]"'),
        ("https://a.org/b/en/", 'pip install "lossbook[run] @ https://a.org/b/{wheel}"'),
    ],
)
def test_a_notebook_says_what_to_install(baseurl, wanted):
    config = SimpleNamespace(language="en", html_title="The Book", html_baseurl=baseurl)
    page = baseurl and f"{baseurl}page.html"
    text = notebook_downloads.first_text(config, page, runs=True)
    assert wanted.format(wheel=notebook_downloads.WHEEL) in text.splitlines()
    assert (f"[The Book]({page})" in text) == bool(baseurl)
    assert "pip" not in notebook_downloads.first_text(config, page, runs=False)


def test_a_bar_does_not_end_the_cell_of_a_table():
    assert plain_markdown.table_cell(r"$|a| \| b$ or `a|b`") == (
        r"$\vert a\vert  \Vert  b$ or `a\|b`"
    )


def test_a_notebook_keeps_to_what_it_can_show(monkeypatch):
    """A kind of node without Markdown is a warning, and so an error."""
    warned = []
    record = SimpleNamespace(warning=lambda message, *values, **_: warned.append(message % values))
    monkeypatch.setattr(plain_markdown, "logger", record)
    page = plain_markdown.Page(None)
    assert list(page.block(nodes.line_block())) == []
    assert warned == ["a notebook has no Markdown for line_block"]
    boxed = nodes.admonition("", nodes.title("", "A box"), nodes.paragraph("", "with a_b and *"))
    assert list(page.block(boxed)) == ["> **A box**\n> \n> with a_b and \\*"]


def paragraphs(*texts):
    return nodes.section("", *(nodes.paragraph("", text) for text in texts))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two? Three.", "One. Two? Three."),
        ("损失为零。\n再说一句。", "损失为零。 再说一句。"),
        ("A first sentence. " + "word " * 60, "A first sentence."),
        ("字" * 300, "字" * 159 + "…"),
    ],
)
def test_a_description_is_the_first_sentences(text, wanted):
    assert sharing.describe(paragraphs(text, "Another paragraph.")) == wanted


def addresses(language="en", repository="", site=""):
    config = SimpleNamespace(
        language=language, html_baseurl=site, html_theme_options={"repository_url": repository}
    )
    sharing.set_addresses(None, config)
    return config


def test_a_repository_has_buttons_and_none_has_none():
    for repository in ("", "https://example.org/who/lossbook"):
        options = addresses(repository=repository).html_theme_options
        assert options["use_edit_page_button"] == options["use_repository_button"]
        assert options["use_edit_page_button"] == bool(repository)


def test_what_is_edited_is_the_markdown():
    link = {"label": "source-edit-button", "url": "https://example.org/edit/main/book/a.ipynb"}
    sharing.add_description(None, "", "", {"header_buttons": [{"buttons": [link]}]}, None)
    assert link["url"].endswith("/book/a.md")


def test_the_map_of_the_site_has_every_page_in_both_languages(tmp_path):
    config = addresses("zh_CN", site="https://example.org/zh/book/")
    builder = SimpleNamespace(format="html", get_target_uri=lambda name: f"{name}.html")
    env = SimpleNamespace(found_docs={"a", "b/c"})
    app = SimpleNamespace(config=config, builder=builder, env=env, outdir=tmp_path)
    sharing.write_site_map(app, None)
    found = re.findall(r"https://example[^<\"]+", (tmp_path / "sitemap.xml").read_text())
    assert found == [
        f"https://example.org/zh/book/{language}/{page}.html"
        for page in ("a", "b/c")
        for language in ("zh", "zh", "en")
    ]


def test_without_an_address_there_is_no_map(tmp_path):
    app = SimpleNamespace(
        config=addresses(), builder=SimpleNamespace(format="html"), outdir=tmp_path
    )
    sharing.write_site_map(app, None)
    assert list(tmp_path.iterdir()) == []


def test_one_sheet_for_all_pages(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "a.css").write_text(
        '@charset "UTF-8";@import "b.css";i{background:url(../p.png) url("data:x")}'
        '.fa-x:before{content:"\\f001"}@font-face{font-family:"Font Awesome 6"}'
    )
    (tmp_path / "b.css").write_text("b{}")
    sheet = light_pages.style_sheet(tmp_path, ["styles/a.css", "b.css"])
    assert sheet == 'i{background:url("p.png") url("data:x")}\nb{}'


def test_no_script_holds_up_a_page():
    head = '<script src="a.js"></script><script src="x/searchtools.js"></script><script defer src="b"></script>'
    assert (
        light_pages.lean(head)
        == '<script defer src="a.js"></script><script defer src="b"></script>'
    )


@pytest.mark.parametrize("site", ["", "https://example.org/book"])
def test_a_page_shows_its_card_where_the_site_has_an_address(site):
    app = SimpleNamespace(config=addresses(site=site))
    context = {"title": "A & B"}
    sharing.add_description(app, "", "", context, paragraphs("First."))
    templates = jinja2.FileSystemLoader(ROOT / "book" / "_templates")
    html = jinja2.Environment(loader=templates).get_template("open-graph.html").render(context)
    assert ('content="https://example.org/book/en/_static/card.png"' in html) == bool(site)
    assert 'og:title" content="A &amp; B"' in html and 'og:description" content="First."' in html
