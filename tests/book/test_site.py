"""The site, built afresh in both languages: complete, linked, local, each page in its own language."""

import re
import shutil
import subprocess
import sys
import zipfile
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml

from press import LANGUAGES, ROOT, SPHINX_NAMES
from press.chapter import book
from press.make.build import arguments

from ..pages import Page, Reader

CJK = re.compile("[\u4e00-\u9fff]")
# joiners, signs of application and product, the choice of a script letter's shape
INVISIBLE = set("\u2060\u2061\u2062\u2063\u2064\ufe00")
UNTRANSLATED = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Both languages, built from nothing with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, folder)
    run = partial(subprocess.run, check=True, capture_output=True)
    run([Path(sys.executable).with_name("jupyter-book"), "config", "sphinx", "."], cwd=folder)
    settings = (folder / "conf.py").read_bytes()
    if not (ROOT / "conf.py").exists() or (ROOT / "conf.py").read_bytes() != settings:
        # left alone where it stands: make goes by its time
        (ROOT / "conf.py").write_bytes(settings)
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    builds = {
        language: subprocess.Popen(
            [
                *(sys.executable, "-m", "sphinx"),
                *arguments("html", language, folder / language, folder / "doctrees" / language),
            ],
            **piped,
        )
        for language in LANGUAGES
    }
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    run([sys.executable, "-m", "pip", *wheel, str(folder), str(ROOT)])
    run([sys.executable, "-m", "press.make.pdf_page", str(folder)])
    said = {language: build.communicate(timeout=300)[0] for language, build in builds.items()}
    for language, build in builds.items():
        assert build.returncode == 0, f"the {language} site: {said[language]}"
    return folder


@cache
def pages_of(folder):
    pages = [
        Page(path, path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))
    ]
    for page in pages:
        Reader(page)
    return [page for page in pages if 'http-equiv="refresh"' not in page.html]


def pages(site, *languages):
    return [page for language in languages or LANGUAGES for page in pages_of(site / language)]


def contents(site, language):
    """The pages that were written as chapters."""
    return [
        page for page in pages(site, language) if page.path.is_relative_to(site / language / "book")
    ]


def test_every_chapter_is_there_in_both_languages(site):
    for language in LANGUAGES:
        for chapter in book():
            assert (site / language / chapter.name).with_suffix(".html").exists()


def test_nothing_is_loaded_from_elsewhere(site):
    for page in pages(site):
        for url in page.loads:
            assert (
                not urlsplit(url).netloc
                and (page.path.parent / unquote(urlsplit(url).path)).exists()
            ), f"{page.path} loads {url}"
        for script in page.scripts:
            assert not re.search(r"https?://", script), (
                f"{page.path}: an inline script names {script[:200]}"
            )


def test_styles_and_scripts_name_no_other_host(site):
    for path in [*site.rglob("_static/**/*.css"), *site.rglob("_static/**/*.js")]:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        for url in (
            re.findall(r"(?:@import|url\()\s*[\"']?([^\"')\s]+)", text)
            if path.suffix == ".css"
            else []
        ):
            assert url.startswith("data:") or (path.parent / urlsplit(url).path).exists(), (
                f"{path}: {url}"
            )
        assert not re.search(r"unpkg|jsdelivr|cdnjs|googleapis|gstatic", text), path


def test_every_link_inside_the_site_leads_somewhere(site):
    by_path = {page.path: page for page in pages(site)}
    for page in by_path.values():
        for href in page.links:
            url, anchor = urldefrag(href)
            if urlsplit(url).scheme or href in ("#", ""):
                continue
            target = (
                (page.path.parent / unquote(urlsplit(url).path)).resolve() if url else page.path
            )
            assert target.exists(), f"{page.path} links to {href}"
            if anchor and target in by_path:
                assert unquote(anchor) in by_path[target].ids, f"{page.path} links to {href}"


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_every_page_leads_to_itself_in_the_other_language(site, language, other):
    for page in pages(site, language):
        assert page.language == SPHINX_NAMES[language].replace("_", "-")
        same = site / other / page.path.relative_to(site / language)
        alternates = {
            name: (page.path.parent / url).resolve() for name, url in page.alternates.items()
        }
        assert alternates == {language: page.path, other: same}, page.path
        assert [(page.path.parent / url).resolve() for url in page.switches] == [same], page.path
        assert same.exists()


def test_no_setting_shows_both_languages(site):
    for page in pages(site):
        assert not re.search(r"[\u4e00-\u9fff] \| [A-Za-z]", page.html), page.path


NAME = re.compile(r"lossbook\.|[A-Z].* \d{4}\b")  # of a function, of a citation


def is_foreign(words):
    """Whether a Chinese page says something in another language."""
    return bool(UNTRANSLATED.search(words)) and not CJK.search(words)


def test_theme_speaks_the_language_of_the_page(site):
    for page in contents(site, "zh"):
        foreign = [words for _, words in page.labels if is_foreign(words)]
        assert [words for words in foreign if not NAME.match(words)] == [], page.path
        menus = {words for words in page.navigation if is_foreign(words)}
        named = {words for words in menus if words in page.headings}
        assert menus - named <= {"English", "lossbook", "Ctrl", ".ipynb", ".pdf"}, page.path
    for page in contents(site, "en"):
        assert [words for _, words in page.labels if CJK.search(words)] == [], page.path
        assert {words for words in page.navigation if CJK.search(words)} <= {"中文", "中 En"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_have_alt_text_in_the_language_of_the_page(site, language):
    images = [image for page in contents(site, language) for image in page.images]
    drawn = [(src, alt) for src, alt in images if "_images/" in src]
    assert len(drawn) == sum(len(chapter.pictures) for chapter in book())
    for src, alt in drawn:
        assert alt and bool(CJK.search(alt)) == (language == "zh"), (src, alt)


@pytest.mark.parametrize("language", LANGUAGES)
def test_mathematics_is_mathml(site, language):
    by_path = {page.path: page for page in contents(site, language)}
    for chapter in book():
        page = by_path[(site / language / chapter.name).with_suffix(".html")]
        facts = [facts for _, facts in chapter.facts(language)]
        wanted = sum(len(f.math) + len(f.displays) for f in facts)
        assert page.html.count("<math") >= wanted, page.path
        assert page.checks == sum(bool(label) for f in facts for label, _ in f.displays), page.path
        assert "MathJax" not in page.html and "\\(" not in re.sub(
            r"<pre>.*?</pre>", "", page.html, flags=re.S
        )


def test_every_mathematical_character_is_in_our_font(site):
    from fontTools.ttLib import TTFont

    font = TTFont(ROOT / "book" / "_static" / "math.woff2").getBestCmap()
    used = {character for page in pages(site) for character in page.mathematics}
    missing = {
        c
        for c in used
        if ord(c) not in font and not CJK.match(c) and not c.isspace() and ord(c) > 31
    }
    assert missing - INVISIBLE == set(), [f"U+{ord(c):04X} {c}" for c in missing]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_from_data_have_a_row_for_each_entry(site, language):
    def rows(page):
        return (site / language / f"{page}.html").read_text(encoding="utf-8").count("<tr ")

    sources = yaml.safe_load((ROOT / "book" / "sources.yml").read_text(encoding="utf-8"))
    losses = yaml.safe_load((ROOT / "book" / "losses.yml").read_text(encoding="utf-8"))
    wanted = sum(len(kind) for kind in sources.values()) + len(sources)
    assert rows("book/appendix/sources") == wanted
    assert rows("book/appendix/card") == len(losses) + 1
    assert rows("book/practice/choosing") >= len(losses) + len({x["task"] for x in losses})
    calls = sum(len(loss.get("calls") or loss["names"]) for loss in losses)
    assert rows("book/practice/libraries") >= calls


def test_landing_page_offers_both_languages():
    page = Page(ROOT, (ROOT / "book" / "_templates" / "landing.html").read_text(encoding="utf-8"))
    Reader(page)
    assert {"zh/index.html", "en/index.html"} <= set(page.links)
    assert not re.search(r"(?:https?:)?//\w", page.html)


def test_every_page_offers_its_notebooks_and_the_package(site):
    """What is in them is tested in `tests/site/test_notebooks.py`."""
    package = next(site.glob("lossbook-*.whl")).name
    for language in LANGUAGES:
        for page in contents(site, language):
            found = [Path(href).name for href in page.links if href.endswith((".ipynb", ".whl"))]
            assert found == [
                f"{page.path.stem}.{language}.ipynb",
                f"{page.path.stem}.ipynb",
                package,
            ]


def test_the_wheel_holds_the_package_alone(site):
    names = zipfile.ZipFile(next(site.glob("lossbook-*.whl"))).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"lossbook"}
