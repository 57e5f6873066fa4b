"""Every page in a browser: no complaint, nothing from elsewhere, no serious barrier, valid HTML."""

import re
import subprocess
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe

from press import ROOT

from ..browser import CHAPTERS, DESKTOP, PHONE, SITE

PAGES = sorted(
    str(path.relative_to(SITE))
    for path in [*SITE.glob("*/*.html"), *SITE.glob("*/book/**/*.html")]
    if path.name != "index.html"
)
# a chapter with all kinds of boxes, one with wide tables, one with wide equations
SAMPLE = ["information/entropy", "practice/choosing", "sequence/ctc"]
SAMPLES = [f"{language}/book/{page}.html" for language in ("zh", "en") for page in SAMPLE]
SHIFT = """() => new Promise(done => {
  let shift = 0;
  const add = list => list.getEntries().forEach(entry => shift += entry.value);
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(shift), 500);
})"""
SQUEEZED = """images => images.filter(image => Math.abs(
  image.width / image.height - image.getAttribute("width") / image.getAttribute("height")
) > 0.05).map(image => image.outerHTML)"""
EXCEPT = r".*scriptlevel.*mtable.*"  # MathML Core allows it on every element


def test_there_are_pages_in_both_languages():
    zh, en = ([p[3:] for p in CHAPTERS if p.startswith(lang)] for lang in ("zh", "en"))
    assert zh == en and len(zh) >= 40


def test_html_validates():
    jar = ROOT / "_build/node/node_modules/vnu-jar/build/dist/vnu.jar"
    command = ["java", "-Xss4m", "-jar", jar, "--errors-only", "--skip-non-html"]
    found = subprocess.run(
        [*command, "--format", "gnu", "--filterpattern", EXCEPT, SITE],
        capture_output=True,
        text=True,
    )
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_open_to_all(open_page, path, scheme):
    """axe-core finds no barrier, formulas aside, which it cannot read; opening a page fails on any complaint."""
    page = open_page(path, color_scheme=scheme)
    options = {"resultTypes": ["violations"]}
    found = Axe().run(page, {"exclude": [["math"]]}, options).response["violations"]
    serious = [
        (rule["id"], node["html"][:200], node["failureSummary"][:300])
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
    assert serious == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_phone(open_page, path):
    page = open_page(path, PHONE)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    assert page.eval_on_selector_all("article figure img", SQUEEZED) == []


@pytest.mark.parametrize(
    "path", [*SAMPLES, "zh/book/appendix/card.html", "en/book/appendix/card.html"]
)
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_while_a_page_loads(open_page, path, screen):
    page = open_page(path, screen)
    assert page.evaluate(SHIFT) < 0.001


@pytest.mark.parametrize("path", SAMPLES)
def test_page_is_readable_without_scripts(open_page, path):
    page = open_page(path, java_script_enabled=False)
    assert page.locator("article math").count() > 10
    assert page.locator("article p").first.is_visible()
    assert (
        page.locator("article details").count() == 0 or page.locator("summary").first.is_visible()
    )
    assert not page.locator(".pst-js-only:visible").count()
    page.locator(".language-switch").click()
    assert page.locator("html").get_attribute("lang")[:2] != path[:2]


@pytest.mark.parametrize("path", SAMPLES)
def test_wide_things_scroll_in_their_box(open_page, path):
    page = open_page(path, PHONE)
    wide = page.evaluate(
        """() => [...document.querySelectorAll("article .formula, article pre, article table")]
        .filter(node => node.getClientRects().length && node.getBoundingClientRect().right > innerWidth + 1)
        .filter(node => { for (let box = node.parentNode; box; box = box.parentNode)
            if (box.nodeType === 1 && /auto|scroll/.test(getComputedStyle(box).overflowX)) return false;
            return true; }).map(node => node.outerHTML.slice(0, 200))"""
    )
    assert wide == []


@pytest.mark.parametrize("path", [*SAMPLES, "en/book/practice/libraries.html"])
def test_paper_shows_all_of_it(open_page, path):
    """As wide as A4 with a browser's margins: nothing is left out that would have to be scrolled."""
    page = open_page(path, {"width": 718, "height": 1000})
    page.emulate_media(media="print")
    boxes = "article .formula, article pre, article .pst-scrollable-table-container"
    hidden = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.outerHTML)"
    assert page.eval_on_selector_all(boxes, hidden) == []


def test_keyboard_reaches_text_search_and_switches(open_page):
    page = open_page(SAMPLES[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.className.split(' ')[0]"))
    assert {"language-switch", "parallel-switch"} <= reached
    page.keyboard.press("Control+k")
    assert page.locator("#pst-search-dialog input").evaluate("x => x === document.activeElement")


def test_dark_mode_follows_the_system_and_the_button(open_page):
    page = open_page(SAMPLES[0], color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", ground)[:3])) < 120
    figure = page.locator("article figure img").first
    assert "invert" in figure.evaluate("x => getComputedStyle(x).filter")
    while page.evaluate("document.documentElement.dataset.mode") != "light":
        page.locator(".theme-switch-button:visible").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_code_is_copied(open_page):
    page = open_page(SAMPLES[0], permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator(".cell_input .highlight").first
    cell.hover()
    cell.locator("button.copybtn").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == cell.locator("pre").text_content().strip()


def test_anchors_of_equations_and_figures_are_visible(open_page):
    page = open_page(SAMPLES[0])
    for kind in (".equation", "figure"):
        box = page.locator(f"article {kind}[id]").first
        box.hover()
        anchor = box.locator(".headerlink").first
        assert anchor.is_visible()
        assert anchor.get_attribute("href").startswith("#")


def test_solutions_open_and_close(open_page):
    page = open_page(SAMPLES[0])
    solution = page.locator("article details").first
    inner = solution.locator("p, pre").first
    assert not inner.is_visible()
    solution.locator("summary").press("Enter")
    assert inner.is_visible()


def test_long_pages_have_a_table_of_contents(open_page):
    for path in CHAPTERS:
        if re.search(r"<h2.*<h2.*<h2", (SITE / path).read_text("utf-8"), re.S):
            assert 'class="bd-sidebar-secondary' in (SITE / path).read_text("utf-8"), path


def test_every_link_leads_somewhere(url, open_page):
    """Links as the browser resolves them, on a server under a sub-path."""
    page = open_page("zh/book/intro.html")
    links = page.eval_on_selector_all("a[href]", "nodes => nodes.map(node => node.href)")
    inside = {link.split("#")[0] for link in links if link.startswith(url)}
    assert len(inside) > 40
    for link in inside:
        assert page.request.get(link).ok, link
    assert page.request.get(urljoin(url, "index.html")).ok


def test_landing_page_goes_by_the_language_of_the_reader(open_page):
    for locale, language in [("zh-CN", "zh"), ("en-GB", "en"), ("fr-FR", "en")]:
        page = open_page("index.html", DESKTOP, locale=locale)
        page.wait_for_url(f"**/{language}/**")
