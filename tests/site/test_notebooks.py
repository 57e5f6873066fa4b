"""The notebooks of the download menu: what is in them, and that they run after what they say to install."""

import re
import shlex
import shutil
import subprocess
import venv
from collections import Counter
from functools import cache
from itertools import zip_longest
from pathlib import Path

import nbformat
import pytest

from press import ROOT, chapter
from press.chapter import book, plain

SITE = ROOT / "_build" / "html"
LANGUAGES = ("zh", "en")
PAGES = [
    pytest.param(page, language, id=f"{language}/{page.name}")
    for page in book()
    for language in LANGUAGES
]
MYST = re.compile(
    r"\{[\w:+-]+\}`|^[\s>]*(?:`{3,}|:{3,})\s*\{|^:[\w-]+:|^\([\w-]+\)=|\$\$ *\(|^\+\+\+", re.M
)
# alt texts, the output has the picture; which rows a table takes from its data
UNSEEN = re.compile(r"^(?::alt:|```\{(?:loss-choice|library-calls|source-rows)\}) (.*)$", re.M)
INTERACTIVE = re.compile(r"^```\{interactive\}.*?^```$", re.M | re.S)  # the site alone has these
INSTALL = re.compile(r"^pip install .*$", re.M)


def downloaded(page, language=None):
    """The notebook of a page in one language, or in both."""
    name = page.name.removesuffix(".md")
    path = f"{language}/{name}.{language}.ipynb" if language else f"notebooks/{name}.ipynb"
    return at(SITE / path)


@cache
def at(path):
    return nbformat.read(path, as_version=4)


def texts(notebook, language):
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    return [cell for cell in cells if cell.metadata["lang"] == language]


def words_of(page, language):
    return "\n\n".join(cell.source for cell in texts(downloaded(page, language), language))


def code(notebook):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(cell.id, cell.source, cell.outputs, cell.execution_count) for cell in cells]


@pytest.mark.parametrize(("page", "language"), PAGES)
def test_code_and_outputs_are_those_of_the_page(page, language):
    assert code(downloaded(page, language)) == code(downloaded(page)) == code(page.notebook)
    nbformat.validate(downloaded(page, language))
    nbformat.validate(downloaded(page))


@pytest.mark.parametrize(("page", "language"), PAGES)
def test_the_text_is_plain_and_in_one_language(page, language):
    notebook, other = downloaded(page, language), LANGUAGES[language == "zh"]
    assert texts(notebook, language) and not texts(notebook, other)
    assert texts(downloaded(page), language) == texts(notebook, language)
    words = words_of(page, language)
    assert MYST.findall(words) == []
    chinese = bool(re.search("[\u4e00-\u9fff]", words))
    assert chinese == (language == "zh") or page.name.endswith("glossary.md")


@pytest.mark.parametrize("page", book(), ids=lambda page: page.name)
def test_both_languages_stand_side_by_side(page):
    """zh, en, zh, en, ... between the cells of code."""
    kinds = [cell.metadata.get("lang", "code") for cell in downloaded(page).cells]
    assert all((a == "zh") == (b == "en") for a, b in zip_longest(kinds, kinds[1:]))


def letters(text):
    return re.sub(r"\W", "", text)


def formula(tex):
    """Without white space, the words in it and its number; a bar is written out in a table."""
    tex = re.sub(r"\\tag\{[\d.]+\}", "", tex)
    return plain(tex).replace(r"\Vert", r"\|").replace(r"\vert", "|")


@pytest.mark.parametrize(("page", "language"), PAGES)
def test_no_word_or_formula_is_lost(page, language):
    words = words_of(page, language)
    sources = [INTERACTIVE.sub("", page.cells[i].source) for i, _ in page.facts(language)]
    wanted, found = list(map(chapter.read, sources)), chapter.read(words)
    unseen = {found[1] for found in UNSEEN.finditer(page.markdown)}
    prose = [text for facts in wanted for text in facts.words if text not in unseen]
    assert [text for text in prose if letters(text) not in letters(words)] == []
    displays = re.findall(r"\$\$\n(.*?)\n[> ]*\$\$$", words.replace("\n> ", "\n"), re.M | re.S)
    assert list(map(formula, displays)) == [formula(t) for f in wanted for _, t in f.displays]
    missing = Counter(formula(tex) for facts in wanted for tex in facts.math)
    missing -= Counter(formula(tex) for tex in found.math)
    assert missing == Counter()


NUMBERS = {  # how the site shows them, and the notebook
    "equations": (r'class="eqno">\(([\d.]+)\)', r"\\tag\{([\d.]+)\}"),
    "sections": (r'<h\d><span class="section-number">([\d.]+) ', r"^#+ ([\d.]+) "),
    "figures and exercises": (
        r'class="caption-number">(.*?) </span>',
        r"^[> ]*\*\*(\S+ [\d.]+)\*\* ",
    ),
}


@pytest.mark.parametrize("what", NUMBERS)
@pytest.mark.parametrize(("page", "language"), PAGES)
def test_numbers_are_those_of_the_site(page, language, what):
    html = (SITE / language / page.name).with_suffix(".html").read_text(encoding="utf-8")
    on_site, in_notebook = NUMBERS[what]
    shown = re.findall(on_site, html.partition("</article>")[0])
    assert re.findall(in_notebook, words_of(page, language), re.M) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_offers_them(browser, url, tmp_path, language):
    page = browser.new_page()
    page.goto(f"{url}{language}/book/likelihood/logits.html")
    for label, name in [
        ("notebook", f"{language}/book/likelihood/logits.{language}.ipynb"),
        ("bilingual", "notebooks/book/likelihood/logits.ipynb"),
        ("package", next(SITE.glob("*.whl")).name),
    ]:
        page.click(".dropdown-download-buttons > button")
        with page.expect_download() as download:
            page.click(f".btn-download-{label}-button")
        assert download.value.suggested_filename == Path(name).name
        download.value.save_as(tmp_path / "file")
        assert (tmp_path / "file").read_bytes() == (SITE / name).read_bytes()
    page.close()


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A folder with the package, and an environment made as the notebooks say; gives its Python."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copy(next(SITE.glob("*.whl")), folder)
    firsts = [
        texts(downloaded(page, language), language)[0] for page in book() for language in LANGUAGES
    ]
    commands = {found for first in firsts for found in INSTALL.findall(first.source)}
    assert len(commands) == 1
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    wanted = [*shlex.split(commands.pop())[1:], "nbclient"]
    pinned = ["--quiet", "--constraint", ROOT / "requirements.lock"]
    subprocess.run([python, "-m", "pip", *wanted, *pinned], cwd=folder, check=True)
    return python


def compared(output):
    """An output without the places where a stream was cut."""
    return output.get("name"), output.get("data"), output.get("text")


@pytest.mark.parametrize("page", [page for page in book() if page.code], ids=lambda page: page.name)
def test_it_runs_in_a_fresh_environment(reader, tmp_path, page):
    """The code is the same in both languages, see above: each chapter runs in one of them."""
    language = LANGUAGES[len(page.name) % 2]
    path = tmp_path / "notebook.ipynb"
    nbformat.write(downloaded(page, language), path)
    run = (
        "import nbformat, nbclient, sys; book = nbformat.read(sys.argv[1], 4);"
        "nbclient.NotebookClient(book, record_timing=False, coalesce_streams=True).execute();"
        "nbformat.write(book, sys.argv[1])"
    )
    subprocess.run([reader, "-I", "-c", run, path], cwd=tmp_path, check=True, timeout=300)
    assert code(nbformat.read(path, as_version=4)) == code(page.notebook)
