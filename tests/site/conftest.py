"""The built site in a browser: Debian's Chromium, driven by Playwright, on a server under a sub-path.

`make check-site` builds the site and runs this folder; `make test` does not.
"""

from urllib.parse import urlsplit

import pytest

from ..browser import DESKTOP, chromium, served


@pytest.fixture(scope="session")
def url():
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser, url):
    """`open_page("zh/index.html", viewport=PHONE, ...)`: any error or request elsewhere fails the test."""
    contexts, complaints = [], []

    def open_page(path, viewport=DESKTOP, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda r: "ABORTED" in r.failure or complaints.append(r.url))
        page.on("response", lambda r: r.status >= 400 and complaints.append(f"{r.status} {r.url}"))
        page.on("request", lambda r: complaints.extend(elsewhere(r.url, url)))
        page.goto(url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def elsewhere(request, url):
    parts = urlsplit(request)
    if parts.scheme in ("data", "blob", "about") or parts.netloc == urlsplit(url).netloc:
        return []
    return [f"asked elsewhere: {request}"]
