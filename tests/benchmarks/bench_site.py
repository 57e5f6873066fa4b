"""Measure what a reader waits for, in Chromium with a processor four times slower: `make bench-site`.

The largest contentful paint and what moves while a page loads, and how long the search takes to answer.
"""

import statistics
import sys

from ..browser import chromium, served

PAGES = ["information/entropy", "sequence/ctc", "practice/pitfalls", "appendix/card"]
QUERIES = {"zh": ["熵", "交叉熵", "标签平滑"], "en": ["entropy", "label smoothing", "ctc_loss"]}
PAINT = """() => new Promise(done => {
  let paint = 0, shift = 0;
  new PerformanceObserver(list => list.getEntries().forEach(x => { paint = x.startTime; }))
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver(list => list.getEntries().forEach(x => { shift += x.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done([paint, shift]), 1500);
})"""
ANSWER = """query => new Promise(done => {
  const field = document.querySelector("#pst-search-dialog input");
  const list = document.querySelector("#pst-search-dialog .search-results");
  const start = performance.now();
  new MutationObserver(() => list.children.length && done(performance.now() - start))
    .observe(list, { childList: true });
  field.value = query;
  field.dispatchEvent(new Event("input"));
})"""


def paint(browser, url):
    """(largest contentful paint in milliseconds, layout shift) of a page opened for the first time."""
    page = browser.new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url)
    measured = page.evaluate(PAINT)
    page.close()
    return measured


def answers(browser, url, language):
    """Milliseconds from the last letter to the results, once the index is there."""
    page = browser.new_page()
    page.goto(f"{url}{language}/book/intro.html")
    page.keyboard.press("Control+k")
    page.evaluate(ANSWER, "loss")
    times = [page.evaluate(ANSWER, query) for query in QUERIES[language]]
    page.close()
    return times


def main():
    with served() as url, chromium() as browser:
        for language in QUERIES:
            for name in PAGES:
                runs = [paint(browser, f"{url}{language}/book/{name}.html") for _ in range(3)]
                time, shift = map(statistics.median, zip(*runs, strict=True))
                print(f"{language} {name:24s} paint {time:6.0f} ms (1000), shift {shift:.4f} (0)")
            slowest = max(answers(browser, url, language))
            print(f"{language} slowest answer of the search {slowest:11.0f} ms (200)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
