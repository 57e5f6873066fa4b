"""Every page of the book passes every check of `checks.py`."""

import pytest

import lossbook
from press import ROOT, checks, terms
from press.chapter import Chapter, book, load

PAGES = book()
CHAPTERS = [
    page for page in PAGES if "/appendix/" not in page.name and not page.name.endswith("intro.md")
]
GLOSSARY = load(ROOT / "book" / "appendix" / "glossary.md")
ENTRIES = terms.glossary(GLOSSARY)


def name(value):
    return getattr(value, "__name__", None) or value.name


@pytest.mark.parametrize("page", PAGES, ids=name)
@pytest.mark.parametrize("check", checks.EVERY_PAGE, ids=name)
def test_page(page, check):
    assert check(page) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=name)
@pytest.mark.parametrize("check", checks.EVERY_CHAPTER, ids=name)
def test_chapter(chapter, check):
    assert check(chapter) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_terms_follow_the_glossary(page):
    assert terms.terms_agree(page, ENTRIES) == []


def test_glossary_lists_the_same_terms_in_both_languages():
    assert ("交叉熵", "cross-entropy") in ENTRIES
    assert terms.glossary_agrees(GLOSSARY) == []


def test_every_public_function_is_linked_from_a_chapter():
    linked = {
        target
        for page in CHAPTERS + [page for page in PAGES if page.name.endswith("notation.md")]
        for language in ("zh", "en")
        for _, facts in page.facts(language)
        for role, target in facts.references
        if role == "py:func"
    }
    assert checks.public_functions(lossbook) - linked == set()


def test_cells_are_short_in_the_median():
    lengths = sorted(len(cell.source.splitlines()) for page in PAGES for _, cell in page.code)
    assert lengths[len(lengths) // 2] <= 5


def test_every_page_is_in_the_table_of_contents():
    import yaml

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {toc["root"]} | {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    assert listed == {page.name.removesuffix(".md") for page in PAGES}


def test_the_welcome_page_shows_what_the_check_says():
    page = load(ROOT / "book" / "intro.md")
    shown = next(
        line for line in page.markdown.splitlines() if line.startswith("book/intro.md, cell")
    )
    wrong = page.markdown.replace("$0.6931$ 奈特", "$0.6932$ 奈特", 1)
    assert checks.numbers_are_computed(Chapter(page.name, wrong, page.stored)) == [shown]
