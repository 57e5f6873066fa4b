"""`make notebooks`: the same bytes on every run, only what changed, and nothing lost to a failing cell."""

import re

import nbformat
import pytest

from press import notebooks
from press.chapter import book

from .header import HEADER

CHAPTER = (
    HEADER
    + """
+++ {"lang": "zh"}

图

+++ {"lang": "en"}

A figure

```{code-cell} ipython3
from lossbook.plotting import plt

plt.plot([0, 1], [0, 1])
plt.show()
```

```{code-cell} ipython3
print(f"{1 / 3:.4f}")
```
"""
)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A book of one chapter in a folder of its own."""
    (tmp_path / "book").mkdir()
    (tmp_path / "lossbook").mkdir()
    (tmp_path / "lossbook" / "special.py").write_text("one = 1\n")
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6\n")
    (tmp_path / "book" / "chapter.md").write_text(CHAPTER, encoding="utf-8")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(notebooks, "BOOK", tmp_path / "book")
    monkeypatch.setattr(notebooks, "STORE", tmp_path / "_build" / "notebooks")
    return tmp_path


def test_a_second_run_changes_no_byte(tree):
    path = tree / "book" / "chapter.md"
    assert notebooks.make(path) == ""
    first = path.with_suffix(".ipynb").read_bytes()
    assert notebooks.make(path) == ""
    assert path.with_suffix(".ipynb").read_bytes() == first
    assert b"0.3333" in first and b"<svg" in first


@pytest.mark.parametrize(
    "changed", ["book/chapter.md", "lossbook/special.py", "requirements.lock", "book/chapter.ipynb"]
)
def test_a_chapter_runs_again_when_what_it_depends_on_changed(tree, changed):
    path = tree / "book" / "chapter.md"
    assert not notebooks.is_current(path)
    notebooks.make(path)
    assert notebooks.is_current(path)
    with (tree / changed).open("a") as file:
        file.write("\n")
    assert not notebooks.is_current(path)


def test_a_cell_that_raises_leaves_the_stored_notebook_as_it_was(tree):
    path = tree / "book" / "chapter.md"
    notebooks.make(path)
    before = path.with_suffix(".ipynb").read_bytes()
    path.write_text(CHAPTER.replace("1 / 3", "1 / 0"), encoding="utf-8")
    problem = notebooks.make(path)
    assert "book/chapter.md was not stored" in problem and "ZeroDivisionError" in problem
    assert path.with_suffix(".ipynb").read_bytes() == before
    assert not notebooks.is_current(path)


def test_chapters_leaves_out_the_machinery(tree):
    for name in ("_tools/notes.md", ".ipynb_checkpoints/chapter-checkpoint.md"):
        (tree / "book" / name).parent.mkdir()
        (tree / "book" / name).write_text("")
    assert notebooks.chapters(tree / "book") == [tree / "book" / "chapter.md"]


@pytest.mark.parametrize("page", book(), ids=lambda page: page.name)
def test_stored_notebooks_hold_nothing_of_the_host(page):
    notebook = page.notebook
    assert notebook.metadata == notebooks.METADATA
    assert nbformat.writes(notebook) + "\n" == page.stored
    assert not re.search(r"/home/|/root/|/tmp/|site-packages|0x[0-9a-f]{6,}", page.stored)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
