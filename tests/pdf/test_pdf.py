"""The two PDFs, against the site and the chapters: `make check-pdf` builds both and runs this."""

import re
import subprocess
import tomllib
from functools import cache
from html.parser import HTMLParser

import nbformat
import pytest
import yaml
from pypdf import PdfReader

from press import LANGUAGES, ROOT, choose
from press.chapter import of_language, titles
from press.make import typeset

TABLE = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
CHAPTERS = [chapter["file"] for part in TABLE["parts"] for chapter in part["chapters"]]
HANGING = 9  # points: the empty half of a Chinese full stop
MARGIN = 27 / 25.4 * 72  # as in bookstyle.sty
EQUATION = re.compile(r"\\newlabel\{equation:([^:}]+):(eq-[\w-]+)\}\{\{\(([\d.]+)\)")
FIGURE = re.compile(r"\\newlabel\{(book/[^:}]+):(fig-[\w-]+)\}\{\{([\d.]+)\}")
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>')
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)

pytestmark = pytest.mark.parametrize("language", LANGUAGES)


def pdf(language):
    return ROOT / "_build" / "pdf" / f"lossbook-{language}.pdf"


def told(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def reader(language):
    return PdfReader(pdf(language))


@cache
def pages(language):
    """The text of each page, without the white space that line breaks put into Chinese."""
    return [squeeze(page) for page in told("pdftotext", "-layout", pdf(language), "-").split("\f")]


def squeeze(text):
    straight = text.translate(str.maketrans("‘’“”", "''\"\""))
    return re.sub(r"\s+", "", straight)


@cache
def bookmarks(language):
    """Each bookmark with its page, in order."""

    def walk(items):
        for item in items:
            if isinstance(item, list):
                yield from walk(item)
            else:
                yield item.title, reader(language).get_destination_page_number(item)

    return list(walk(reader(language).outline))


@cache
def cells(chapter, language):
    notebook = nbformat.read(ROOT / f"{chapter}.ipynb", as_version=4)
    return of_language(notebook.cells, language)


def headings(chapter, language):
    """The titles of a chapter without mathematics, the chapter's own first."""
    found = titles((ROOT / f"{chapter}.md").read_text(encoding="utf-8"), language)
    return [re.sub(r"[`*]", "", title) for title in found if "$" not in title]


def text_of(chapter, language):
    """The text of the pages from a chapter's bookmark to the next chapter's."""
    starts = [start(name, language) for name in CHAPTERS]
    first = start(chapter, language)
    last = min((page for page in starts if page > first), default=len(pages(language)))
    return "".join(pages(language)[first:last])


@cache
def start(chapter, language):
    title = squeeze(headings(chapter, language)[0])
    found = [
        p for name, p in bookmarks(language) if re.sub(r"^\d+ ", "", name).replace(" ", "") == title
    ]
    assert found, f"no bookmark for {title}"
    return found[0]


class Numbers(HTMLParser):
    """The numbers that a page of the site gives to its equations and figures."""

    def __init__(self, html):
        super().__init__()
        self.equations, self.figures, self.name, self.reading = {}, {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if values.get("id", "").startswith(("equation-eq-", "fig-")):
            self.name = values["id"].removeprefix("equation-")
        self.reading = {"eqno": self.equations, "caption-number": self.figures}.get(
            values.get("class")
        )

    def handle_data(self, data):
        if self.reading is not None and (number := re.search(r"\d+(\.\d+)?", data)) and self.name:
            self.reading[self.name] = number[0]
            self.reading, self.name = None, None


@cache
def site_numbers(language, kind):
    found = {}
    for name in [TABLE["root"], *CHAPTERS]:
        page = ROOT / "_build" / "html" / language / f"{name}.html"
        numbers = getattr(Numbers(page.read_text(encoding="utf-8")), kind)
        found |= {(name, label): number for label, number in numbers.items()}
    return found


def auxiliary(language):
    return (ROOT / "_build" / "latex" / language / f"lossbook-{language}.aux").read_text("utf-8")


def labels(pattern, language):
    return {(match[1], match[2]): match[3] for match in pattern.finditer(auxiliary(language))}


def test_is_newer_than_its_sources(language):
    sources = [ROOT / f"{name}.ipynb" for name in [TABLE["root"], *CHAPTERS]]
    made = pdf(language).stat().st_mtime
    assert [path.name for path in sources if path.stat().st_mtime > made] == []


def test_says_what_it_is(language):
    metadata, catalogue = reader(language).metadata, reader(language).trailer["/Root"]
    assert metadata.title == choose(SETTINGS["title"], language)
    assert metadata.author == choose(SETTINGS["author"], language)
    assert catalogue["/Lang"] == {"zh": "zh-CN", "en": "en"}[language]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert squeeze(version + SETTINGS["copyright"]) in pages(language)[0]


def test_parts_and_chapters_are_in_the_bookmarks_in_order(language):
    """With the numbers of the site before the titles."""
    wanted, number = [], 0
    for part in TABLE["parts"]:
        wanted.append(choose(part["caption"], language))
        for chapter in part["chapters"]:
            number += part.get("numbered", False)
            prefix = f"{number} " if part.get("numbered") else ""
            wanted.append(prefix + headings(chapter["file"], language)[0])
    titles = iter(squeeze(name) for name, _ in bookmarks(language))
    assert [name for name in wanted if squeeze(name) not in titles] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_there_in_its_language(language, chapter):
    """Its titles, and the first line that each of its cells and outputs shows, as text."""
    wanted = headings(chapter, language)
    for cell in cells(chapter, language):
        if cell.cell_type == "code" and "remove-input" not in cell.metadata.get("tags", []):
            wanted.append(cell.source.split("\n")[0])
            streams = [output.text for output in cell.outputs if output.output_type == "stream"]
            wanted += [text.strip().split("\n")[0] for text in streams]
    text = text_of(chapter, language)
    assert [line for line in wanted if squeeze(line) not in text] == []


def test_words_can_be_searched(language):
    terms = {"zh": ["交叉熵", "最大似然", "标签平滑"], "en": ["cross-entropy", "maximumlikelihood"]}
    text = "".join(pages(language))
    assert [term for term in terms[language] if text.count(term) < 5] == []


def test_equations_have_the_numbers_of_the_site(language):
    """And each number stands on the page its label is on."""
    numbers = labels(EQUATION, language)
    assert len(numbers) > 400
    assert numbers == site_numbers(language, "equations")
    destinations = reader(language).named_destinations
    anchors = re.findall(r"\\newlabel\{equation:.*?\{(AMS\.\d+)\}\{\}\}", auxiliary(language))
    assert len(anchors) == len(numbers)
    for number, anchor in zip(numbers.values(), anchors, strict=True):
        page = reader(language).get_destination_page_number(destinations[anchor])
        assert f"({number})" in pages(language)[page]


def test_figures_have_the_numbers_of_the_site_and_are_vectors(language):
    numbers = labels(FIGURE, language)
    assert len(numbers) > 30
    assert numbers == site_numbers(language, "figures")
    pixels = re.findall(r"\d image ", told("pdfimages", "-list", pdf(language)))
    assert len(pixels) == sum(picture.count("<image") for picture in pictures(language))
    drawn = {form for page in reader(language).pages for form in forms(page)}
    assert len(drawn) == len(pictures(language))


def pictures(language):
    """The SVG that the cells drew; a heat map may hold pixels of its own."""
    outputs = (
        out
        for name in CHAPTERS
        for cell in cells(name, language)
        for out in cell.get("outputs", [])
    )
    return [out.data["image/svg+xml"] for out in outputs if "image/svg+xml" in out.get("data", {})]


def forms(page):
    """The numbers of the vector pictures on a page."""
    resources = page["/Resources"]
    objects = resources["/XObject"].values() if "/XObject" in resources else ()
    return [item.idnum for item in objects if item.get_object()["/Subtype"] == "/Form"]


def test_links_lead_somewhere(language):
    destinations, inside = reader(language).named_destinations, 0
    for page in reader(language).pages:
        for annotation in page.get("/Annots") or []:
            action = annotation.get_object()["/A"]
            if action["/S"] == "/GoTo":
                assert action["/D"] in destinations
                inside += 1
            else:
                assert action["/URI"].startswith("https://")
    assert inside > 2000


def test_fonts_are_embedded(language):
    fonts = [line.split()[-5:] for line in told("pdffonts", pdf(language)).splitlines()[2:]]
    assert len(fonts) > 8
    assert {(embedded, unicode) for embedded, _, unicode, *_ in fonts} == {("yes", "yes")}


def test_nothing_reaches_over_the_margin(language):
    over = []
    for page, (width, _, words) in enumerate(
        PAGE.findall(told("pdftotext", "-bbox", pdf(language), "-"))
    ):
        if page and not reader(language).pages[page].get("/Rotate"):
            right = float(width) - MARGIN + HANGING
            over += [(page + 1, word) for _, end, word in WORD.findall(words) if float(end) > right]
    assert over == []


def test_the_log_has_no_complaint(language):
    log = ROOT / "_build" / "latex" / language / f"lossbook-{language}.log"
    assert typeset.flaws(log.read_text(encoding="utf-8", errors="replace")) == []


@pytest.mark.parametrize(
    "line",
    [
        "Missing character: There is no 熵 (U+71B5) in font TeX Gyre Pagella!",
        "LaTeX Warning: Reference `eq' on page 1 undefined on input line 3.",
        "LaTeX Warning: Hyper reference `book/information/entropy:a' on page 31 undefined on input line 4.",
        "LaTeX Warning: Label `a' multiply defined.",
        "Overfull \\hbox (12.5pt too wide) in paragraph at lines 3--4",
        "Overfull \\vbox (12.5pt too high) has occurred while \\output is active",
    ],
)
def test_a_complaint_is_heard(language, line):
    assert (
        len(typeset.flaws(f"This is {language}\n{line}\nOverfull \\hbox (0.5pt too wide)\n")) == 1
    )
