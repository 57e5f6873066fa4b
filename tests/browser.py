"""What the tests and benchmarks in a browser share: Debian's Chromium, and a server for the built site."""

import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright

from press import ROOT

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
SITE = ROOT / "_build" / "html"
UNDER = "/some/where/"  # a static host may serve the book under any path
CHAPTERS = sorted(str(path.relative_to(SITE)) for path in SITE.glob("*/book/**/*.html"))
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path):
        if not path.startswith(UNDER):
            return str(SITE / "does-not-exist")
        return super().translate_path("/" + path[len(UNDER) :])

    def log_message(self, *arguments):
        pass


@contextmanager
def served():
    """The address of the built site; a path is appended to it."""
    if not (SITE / "zh" / "index.html").exists():
        pytest.exit("No site: run `make html` first.", 1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{UNDER}"
    server.shutdown()
    server.server_close()


@contextmanager
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.exit("No browser: install Chromium, on Debian `apt-get install chromium`.", 1)
    with sync_playwright() as playwright:
        options = {"executable_path": path, "chromium_sandbox": False, "args": QUIET}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
