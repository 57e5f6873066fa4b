"""The press prints and proves a book that is not about losses: one chapter, in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from press import LANGUAGES, ROOT

from .header import HEADER

CHAPTER = (
    HEADER
    + """
+++ {"lang": "zh"}

(dice)=
# 两枚骰子

掷 $n$ 枚骰子，点数之和的期望是

$$
\\mu = \\frac{7 n}{2}
$$ (eq-mean)

从 8 倒数的一枚：

$$
\\frac{1}{6} \\sum_{k=1}^{6} (8 - k) = 4.5
$$ (eq-one)

由式 {eq}`eq-mean`，三枚骰子是 10.5。

+++ {"lang": "en"}

(dice)=
# Two dice

The sum of $n$ dice has the expectation

$$
\\mu = \\frac{7 n}{2}
$$ (eq-mean)

One of them, counted down from 8:

$$
\\frac{1}{6} \\sum_{k=1}^{6} (8 - k) = 4.5
$$ (eq-one)

By {eq}`eq-mean`, three dice have 10.5.

```{code-cell} ipython3
import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats

set_matplotlib_formats("svg")
print(f"{9 / 2:.1f}, {7 * 3 / 2:.1f}")
```

```{code-cell} ipython3
plt.plot([1, 6], [1, 1])
plt.show()
```

+++ {"lang": "zh"}

```{figure}
:name: fig-dice
:alt: 一条水平线
每个点数机会均等。
```

+++ {"lang": "en"}

```{figure}
:name: fig-dice
:alt: a level line
All faces are equally likely.
```
"""
)
BINDINGS = """
from press.bindings import equation


@equation("eq-mean", "算术 | arithmetic")
def _(rng):
    n = int(rng.integers(1, 9))
    return {"n": n, r"\\mu": sum(range(1, 7)) * n / 6}


@equation("eq-one", "算术 | arithmetic")
def _(rng):
    return {}
"""
OF_THIS_BOOK = ("lossbook_extensions", "sphinxcontrib.bibtex")


def settings():
    """Those of this book, with another title, and without what only this book has."""
    text = (ROOT / "_config.yml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    found |= {"title": "骰子之书 | The Book of Dice", "author": "无名 | Nobody"}
    del found["bibtex_bibfiles"]
    sphinx = found["sphinx"]["config"]
    sphinx["extensions"] = [x for x in sphinx["extensions"] if not x.startswith(OF_THIS_BOOK)]
    sphinx["html_context"]["wide_pages"] = []
    return found


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dice")
    page = folder / "book" / "dice.md"
    for name in ("_templates", "_static", "_locale"):
        shutil.copytree(ROOT / "book" / name, folder / "book" / name)
    page.write_text(CHAPTER, encoding="utf-8")
    page.with_suffix(".py").write_text(BINDINGS, encoding="utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/dice\n")
    (folder / "book" / "press.toml").write_text('name = "dice"\nchecks = "book/dice"\n')
    text = yaml.safe_dump(settings(), allow_unicode=True)
    (folder / "_config.yml").write_text(text, encoding="utf-8")
    return folder


def press(folder, module, *arguments):
    command = [sys.executable, "-m", f"press.{module}", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def printed(other):
    ran = press(other, "notebooks")
    assert ran.returncode == 0, ran.stderr
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    subprocess.run([jupyter_book, "config", "sphinx", "."], cwd=other, check=True)
    for language in LANGUAGES:
        built = press(other, "make.build", "html", language)
        assert built.returncode == 0, built.stderr + built.stdout
    return other / "_build" / "html"


@pytest.mark.parametrize(
    ("language", "here", "elsewhere"),
    [
        ("zh", ["两枚骰子", "骰子之书", 'alt="一条水平线"', "与 算术 相符"], "Two dice"),
        ("en", ["Two dice", "The Book of Dice", 'alt="a level line"', "arithmetic"], "骰子"),
    ],
)
def test_it_is_printed_in_both_languages(printed, language, here, elsewhere):
    html = (printed / language / "book" / "dice.html").read_text(encoding="utf-8")
    assert [words for words in here if words not in html] == []
    article = html[html.index("<article") : html.index("</article>")]
    assert elsewhere not in article and "loss" not in article
    assert article.count("<math") == 3 and 'class="checked"' in article and "<img" in article
    assert (printed / language / "pagefind").exists()


def test_its_notebooks_need_no_package(printed):
    text = (printed / "en" / "book" / "dice.en.ipynb").read_text(encoding="utf-8")
    assert "The Book of Dice" in text and "pip" not in text
    assert (printed / "notebooks" / "book" / "dice.ipynb").exists()


def test_it_is_proved(printed):
    proved = press(printed.parent.parent, "proof")
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert proved.stdout.split("\n")[-2] == "1 pages, 4 equations, 0 problems"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (r"\frac{7 n}{2}", r"\frac{6 n}{2}", "equation eq-mean (zh): false"),
        ("three dice have 10.5", "three dice have 10.6", "10.6 is in no output of this chapter"),
        ("(eq-one)", "(eq-two)", "binds what is not in its chapter: eq-one"),
    ],
)
def test_what_is_wrong_in_it_is_named(printed, tmp_path, old, new, found):
    folder = printed.parent.parent
    shutil.copytree(folder / "book", tmp_path / "book")
    shutil.copy(folder / "_toc.yml", tmp_path)
    page = tmp_path / "book" / "dice.md"
    page.write_text(CHAPTER.replace(old, new), encoding="utf-8")
    proved = press(tmp_path, "proof")
    assert proved.returncode == 1 and found in proved.stdout + proved.stderr
