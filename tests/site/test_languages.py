"""The switch of language keeps the place; both languages stand side by side, each beside its own."""

import pytest

from ..browser import CHAPTERS, DESKTOP, PHONE

CHAPTER = "book/information/entropy.html"
OTHER = {"zh": "en", "en": "zh"}


@pytest.mark.parametrize("language", OTHER)
@pytest.mark.parametrize("place", ["#equation-eq-entropy", "#fig-binary-entropy", "#entropy-card"])
def test_switch_keeps_the_place(open_page, language, place):
    page = open_page(f"{language}/{CHAPTER}{place}")
    page.wait_for_timeout(300)
    page.locator(".language-switch").evaluate("link => link.click()")  # Playwright's would scroll
    page.wait_for_url(f"**/{OTHER[language]}/{CHAPTER}#*")
    assert page.url.endswith(place)
    assert page.locator(place).evaluate("x => Math.abs(x.getBoundingClientRect().top)") < 300


def test_switch_is_remembered(open_page, url):
    page = open_page(f"zh/{CHAPTER}", locale="zh-CN")
    page.locator(".language-switch").click()
    page.wait_for_url("**/en/**")
    page.goto(url + "index.html")
    page.wait_for_url("**/en/**")


@pytest.mark.parametrize("path", [page for page in CHAPTERS if page.startswith("zh")])
def test_every_page_stands_beside_its_other_language(open_page, path):
    """All that is said twice has its partner; weaving complains on the console where one is missing."""
    page = open_page(path)
    blocks = page.locator("article p").count()
    page.locator(".parallel-switch").click()
    page.wait_for_selector("html.parallel")
    assert page.locator(".pair > [lang=en]").count() == page.locator(".pair").count() > 1
    assert page.locator("article p").count() > 1.5 * blocks
    ids = page.eval_on_selector_all("[id]", "nodes => nodes.map(node => node.id)")
    assert len(ids) == len(set(ids))
    page.wait_for_timeout(100)


def tops(page):
    return page.locator(".pair").first.evaluate(
        "row => [...row.children].map(x => [x.getBoundingClientRect().left, x.getBoundingClientRect().top])"
    )


def test_side_by_side_on_wide_screens_and_beneath_on_phones(open_page):
    page = open_page(f"en/{CHAPTER}", DESKTOP)
    page.locator(".parallel-switch").click()
    page.wait_for_selector("html.parallel")
    (left, top), (other_left, other_top) = tops(page)
    assert other_left > left + 200 and abs(top - other_top) < 2
    page.set_viewport_size(PHONE)
    (left, top), (other_left, other_top) = tops(page)
    assert abs(other_left - left) < 30 and other_top > top
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


def test_parallel_view_is_remembered_and_left_again(open_page):
    page = open_page(f"en/{CHAPTER}")
    page.locator(".parallel-switch").click()
    page.wait_for_selector("html.parallel")
    page.locator("a.right-next").click()
    page.wait_for_selector("html.parallel")
    assert page.locator("article").is_visible()
    page.locator(".parallel-switch").click()
    page.wait_for_selector("html:not(.parallel)")
    page.reload()
    page.wait_for_timeout(300)
    assert page.locator(".pair").count() == 0


def test_parallel_view_links_within_the_other_language(open_page):
    page = open_page(f"zh/{CHAPTER}")
    page.locator(".parallel-switch").click()
    page.wait_for_selector("html.parallel")
    hrefs = page.eval_on_selector_all(
        '.pair > [lang=en] a.internal:not([href^="#"])', "nodes => nodes.map(node => node.href)"
    )
    assert hrefs and all("/en/book/" in href for href in hrefs)


@pytest.mark.parametrize("language", OTHER)
def test_equations_and_terms_show_on_hover(open_page, language):
    page = open_page(f"{language}/book/information/cross_entropy.html")
    for kind in ("#equation-eq-", "entropy.html#equation-eq-", "#term-"):
        link = page.locator(f'article a.internal[href*="{kind}"]').first
        link.hover()
        page.wait_for_selector(".preview")
        assert page.locator(".preview").text_content().strip()
        page.keyboard.press("Escape")
        assert page.locator(".preview").count() == 0
        page.mouse.move(0, 0)
