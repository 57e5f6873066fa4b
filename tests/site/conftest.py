"""The built site in a browser: Debian's Chromium, driven by Playwright, on a server under a sub-path.

`make check-site` builds the site and runs this folder; `make test` does not.
"""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
UNDER = "/some/where/"  # a static host may serve the book under any path
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path):
        if not path.startswith(UNDER):
            return str(SITE / "does-not-exist")
        return super().translate_path("/" + path[len(UNDER) :])

    def log_message(self, *arguments):
        pass


def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.exit("No browser: install Chromium, on Debian `apt-get install chromium`.", 1)


@pytest.fixture(scope="session")
def url():
    """The address of the built site; a path is appended to it."""
    if not (SITE / "zh" / "index.html").exists():
        pytest.exit("No site: run `make html` first.", 1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{UNDER}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), chromium_sandbox=False, args=QUIET
        )
        yield browser
        browser.close()


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
