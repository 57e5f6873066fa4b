"""Search finds the right chapter, in Chinese too, fast, by keyboard, and in each language its own."""

import pytest

SHOULD = {
    "zh": {
        "熵": "information/entropy",
        "交叉熵": "information/cross_entropy",
        "KL 散度": "information/kl_divergence",
        "标签平滑": "classification/cross_entropy_loss",
        "cross entropy": "information/cross_entropy",
        "ctc_loss": "sequence/ctc",
        "多分类交叉熵": "classification/multiclass_cross_entropy",
        "困惑度": "sequence/sequence_cross_entropy",
        "三元组损失": "margin/embeddings",
    },
    "en": {
        "entropy": "information/entropy",
        "cross entropy": "information/cross_entropy",
        "KL divergence": "information/kl_divergence",
        "label smoothing": "classification/cross_entropy_loss",
        "ctc_loss": "sequence/ctc",
        "交叉熵": "information/cross_entropy",
        "perplexity": "sequence/sequence_cross_entropy",
        "huber": "regression/huber",
        "huber vs mse outliers": "regression/huber",
    },
}
CASES = [(language, query) for language, queries in SHOULD.items() for query in queries]


def results(page):
    page.wait_for_selector(".search-results > li")
    return page.eval_on_selector_all(".search-results > li > a", "nodes => nodes.map(x => x.href)")


@pytest.mark.parametrize(("language", "query"), CASES)
def test_the_right_chapter_is_among_the_first_three(open_page, language, query):
    page = open_page(f"{language}/book/intro.html")
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill(query)
    wanted = f"/{language}/book/{SHOULD[language][query]}.html"
    assert any(href.endswith(wanted) for href in results(page)[:3]), results(page)[:3]


@pytest.mark.parametrize("language", SHOULD)
def test_a_result_opens_at_its_section(open_page, language):
    page = open_page(f"{language}/book/intro.html")
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill("softmax")
    results(page)
    link = page.locator(".search-results ul a").first
    href = link.get_attribute("href")
    link.click()
    page.wait_for_url(href)
    assert page.locator("#" + href.split("#")[1]).count() == 1


def test_results_are_walked_by_keyboard(open_page):
    page = open_page("en/book/intro.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("entropy")
    first = results(page)[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(first)


@pytest.mark.parametrize("language", SHOULD)
def test_search_page_shows_what_was_asked(open_page, language):
    page = open_page(f"{language}/search.html?q=softmax")
    assert len(results(page)) >= 5
    assert page.locator(".search-page .search-status").text_content()


def test_nothing_found_is_said(open_page):
    page = open_page("zh/search.html?q=ЖЖЖ")
    page.wait_for_function(
        "document.querySelector('.search-page .search-status').textContent === '没有找到'"
    )


def test_without_script_search_leads_on(open_page):
    page = open_page("en/search.html", java_script_enabled=False)
    assert page.locator("noscript a").count() == 2 or page.locator("article a").count() >= 2
