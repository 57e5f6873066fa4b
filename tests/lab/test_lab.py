"""`make lab` in a browser, on a copy of the book: a chapter is opened, read, run, edited and saved.

`make check-lab` runs this folder; `make test` does not.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from press import ROOT, notebooks

from ..browser import chromium

CHAPTER = "information/self_information"
RAW = re.compile(r"\{[\w:]+\}`|:::|\$\$|^\([a-z-]{2,}\)=$", re.M)
SHOWN = """wanted => {
  const cells = [...document.querySelectorAll(".jp-MarkdownCell.jp-mod-rendered")];
  return cells.length === wanted && cells.every(cell => cell.querySelector("p, h1, h2"));
}"""
ADDED = "A sentence typed in JupyterLab, with $p$ and {ref}`entropy <entropy>`."
COPIED = ("Makefile", "_toc.yml", "pyproject.toml", "requirements.lock", "README.md", "LICENSE")
# every cell is on the page, not only those in sight
SETTINGS = {"@jupyterlab/notebook-extension/tracker": '{"windowingMode": "none"}'}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the book in which the notebooks are newer than the Markdown, as after `make notebooks`."""
    folder = tmp_path_factory.mktemp("tree")
    for name in COPIED:
        shutil.copy2(ROOT / name, folder)
    for name in ("book", "lossbook"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    for path in notebooks.chapters(folder / "book"):
        os.utime(path, (0, 0))
    return folder


def settings(folder):
    """Where JupyterLab keeps what is the user's: here a folder of its own."""
    for name, text in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    places = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    places |= {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime"}
    places |= {"JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    return {**os.environ, **{key: str(folder / place) for key, place in places.items()}}


@pytest.fixture(scope="module")
def address(tree, tmp_path_factory):
    """JupyterLab as `make lab` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    flags = f"--no-browser --allow-root --port={port} --IdentityProvider.token=book"
    environment = settings(tmp_path_factory.mktemp("settings"))
    command = ["make", "lab", f"LABFLAGS={flags}"]
    server = subprocess.Popen(command, cwd=tree, env=environment, start_new_session=True)
    wait_for(f"http://127.0.0.1:{port}/api", server)
    yield f"http://127.0.0.1:{port}/lab/tree/{CHAPTER}.ipynb?token=book"
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(timeout=30)


def wait_for(url, server):
    for _ in range(120):
        assert server.poll() is None, "make lab has ended"
        try:
            return urlopen(url).close()
        except URLError:
            time.sleep(0.5)
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def lab(address):
    """The chapter, open in JupyterLab."""
    elsewhere = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.on("request", lambda r: elsewhere.append(r.url) if not local(r.url) else None)
        page.goto(address)
        page.wait_for_function(SHOWN, arg=texts())
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        yield page
        browser.close()
    assert elsewhere == []


def texts():
    """How many cells of text the chapter has."""
    return (ROOT / "book" / f"{CHAPTER}.md").read_text(encoding="utf-8").count('{"lang"')


def local(url):
    return re.match(r"(data|blob):|https?://127\.0\.0\.1[:/]", url)


def save(page, path, changed):
    """Save, and wait for the file to be as `changed` says."""
    page.keyboard.press("Control+s")
    for _ in range(60):
        if changed(path):
            return
        page.wait_for_timeout(500)
    raise TimeoutError(f"{path} was not saved")


def test_roles_directives_and_mathematics_are_shown(lab):
    cells = lab.locator(".jp-MarkdownCell.jp-mod-rendered")
    assert cells.count() == texts()
    shown = cells.all_inner_texts()
    assert [found for text in shown for found in RAW.findall(text)] == []
    assert lab.locator(".jp-MarkdownCell .katex").count() > 50
    assert lab.locator(".jp-MarkdownCell .myst-admonition").count() >= 4  # goals and card, twice
    assert lab.locator(".jp-MarkdownCell figcaption").count() == 2
    assert "Unknown Directive" not in " ".join(shown)
    assert "Cover and Thomas" in " ".join(shown)


def test_to_run_and_save_changes_no_byte(lab, tree):
    paths = [tree / "book" / f"{CHAPTER}{suffix}" for suffix in (".md", ".ipynb")]
    before = [path.read_bytes() for path in paths]
    lab.get_by_role("menuitem", name="Edit").click()
    lab.get_by_text("Clear Outputs of All Cells").click()
    assert lab.locator(".jp-CodeCell .jp-OutputArea-output").count() == 0
    lab.get_by_role("menuitem", name="Run", exact=True).click()
    lab.get_by_text("Run All Cells", exact=True).click()
    codes = lab.locator(".jp-CodeCell").count()
    lab.wait_for_selector(f".jp-CodeCell .jp-InputPrompt >> text='[{codes}]:'")
    assert lab.locator(".jp-CodeCell .jp-OutputArea-output").count() >= 3
    save(lab, paths[0], lambda path: path.stat().st_mtime > 0)
    lab.wait_for_timeout(2000)
    assert [path.read_bytes() for path in paths] == before


def test_an_edit_is_saved_in_the_markdown_and_the_tools_accept_it(lab, tree):
    markdown, stored = (tree / "book" / f"{CHAPTER}{suffix}" for suffix in (".md", ".ipynb"))
    text, before = (path.read_text(encoding="utf-8") for path in (markdown, stored))
    lab.locator(".jp-MarkdownCell.jp-mod-rendered").last.dblclick()
    lab.locator(".jp-MarkdownCell:not(.jp-mod-rendered) .cm-content").click()
    lab.keyboard.press("Control+End")
    lab.keyboard.insert_text("\n" + ADDED)
    lab.keyboard.press("Control+Enter")
    save(lab, markdown, lambda path: path.read_text(encoding="utf-8") != text)
    assert markdown.read_text(encoding="utf-8") == f"{text.rstrip()}\n{ADDED}\n"
    assert ADDED in notebooks.nbformat.read(stored, as_version=4).cells[-1].source
    tool = [sys.executable, "-m", "press.notebooks", f"book/{CHAPTER}.md"]
    subprocess.run(tool, cwd=tree, check=True)
    after = stored.read_text(encoding="utf-8")
    assert notebooks.same_text(markdown.read_text(encoding="utf-8"), after)
    cells = [notebooks.nbformat.reads(each, as_version=4) for each in (before, after)]
    assert cells[0].cells[:-1] == cells[1].cells[:-1] and cells[0].metadata == cells[1].metadata
