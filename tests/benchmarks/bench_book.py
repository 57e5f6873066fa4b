"""Measure the builds, the tests and the weight of the pages: `make bench`.

Builds are timed in a copy of the repository, so that nothing in this one changes.
"""

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import nbformat

from press import ROOT, notebooks
from press.chapter import book

from ..pages import Page, Reader

RUNS = 3
KB, MB = 1000, 1_000_000


def main():
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_the_repository(Path(folder) / "lossbook")
        rows = [*time_builds(copy), *time_tests(), *weigh(copy / "_build" / "html")]
        rows += time_pdfs(copy) if shutil.which("latexmk") else []
    print(f"{'what':58s} {'measured':>10s} {'target':>10s}")
    for what, measured, target, unit in rows:
        mark = "" if measured <= target else "  over"
        print(f"{what:58s} {measured:8.1f} {unit:2s} {target:6d} {unit:2s}{mark}")
    return 0


def copy_of_the_repository(target):
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    for name in filter(None, files.stdout.split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)  # with its time, which make goes by
    (target / ".venv").symlink_to(ROOT / ".venv")
    return target


def make(folder, command):
    start = time.perf_counter()
    environment = {
        k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    subprocess.run(
        ["make", command], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def median_of(prepare, run):
    times = []
    for n in range(RUNS):
        prepare(n)
        times.append(run())
    return statistics.median(times)


def time_builds(copy):
    def nothing(n):
        pass

    def clean(n):
        make(copy, "clean")

    def change(n):
        """A new heading in a chapter, with its outputs as they were stored."""
        page = book()[-2]
        text = page.markdown.replace("\n## ", f"\n## {n} ", 1)
        notebook = notebooks.from_markdown(text)
        for cell, stored in zip(notebook.cells, page.notebook.cells, strict=True):
            cell.update(
                {key: stored[key] for key in ("outputs", "execution_count") if key in stored}
            )
        (copy / page.name).write_text(text, encoding="utf-8")
        path = (copy / page.name).with_suffix(".ipynb")
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")

    def build():
        return make(copy, "html")

    yield "both languages built from nothing", median_of(clean, build), 60, "s"
    yield "both languages after one chapter changed", median_of(change, build), 6, "s"
    yield "both languages with nothing changed", median_of(nothing, build), 2, "s"


def time_tests():
    yield "make test", make(ROOT, "test"), 60, "s"


def time_pdfs(copy):
    make(ROOT, ".venv/pdf.installed")  # or the copy would put itself into the environment
    yield "both PDFs from nothing", make(copy, "pdf"), 180, "s"
    site = copy / "_build" / "html"
    files = [path for path in site.rglob("*") if path.is_file()]
    yield "site of both languages with its PDFs", sum(map(size, files)) / MB, 40, "MB"


def size(path):
    return path.stat().st_size


def sent(path):
    """Bytes over the wire: fonts and pictures are packed already, text is sent as gzip."""
    data = path.read_bytes()
    return len(data) if path.suffix in (".woff2", ".png") else len(gzip.compress(data, 9))


def needs(path):
    """The files that a page loads, and those that its style sheets load."""
    page = Page(path, path.read_text(encoding="utf-8"))
    Reader(page)
    files = {(path.parent / urlsplit(url).path).resolve() for url in page.loads}
    for sheet in [file for file in files if file.suffix == ".css"]:
        urls = re.findall(r"url\([\"']?([^\"')]+)", sheet.read_text(encoding="utf-8"))
        named = {
            (sheet.parent / urlsplit(url).path).resolve() for url in urls if url[:5] != "data:"
        }
        files |= {file for file in named if file.with_suffix(".woff2") not in named - {file}}
    return files


def weigh(html):
    for what, target in [("on a first visit", 500), ("further", 100)]:
        heaviest = max(weight(html / language, what) for language in ("zh", "en"))
        yield f"heaviest chapter page, {what}", heaviest / KB, target, "KB"


def weight(site, what):
    """Bytes for the heaviest page; a further one finds in the cache what all pages share."""
    loads = {page: needs(page) for page in site.glob("book/**/*.html")}
    shared = set.intersection(*loads.values()) if what == "further" else set()
    return max(sent(page) + sum(map(sent, files - shared)) for page, files in loads.items())


if __name__ == "__main__":
    sys.exit(main())
