"""`pytest --nbval book` notices what must be noticed, tells it shortly, and passes what no eye sees."""

import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lossbook._figures import DATA
from press import ROOT
from press.chapter import book

SVG = "image/svg+xml"
DRAW = "from lossbook.plotting import plt\nplt.plot([0, 1], [0, 1], label='one')\nplt.plot([0, 1], [1, 0.5])\nplt.legend()\nplt.show()"


@pytest.fixture
def chapter(tmp_path):
    """Runs a chapter of given cells in a book of its own: (code, what pytest says)."""
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "book" / "conftest.py", tmp_path / "book")
    shutil.copy(ROOT / "requirements.lock", tmp_path)

    def run(*cells, options=()):
        path = tmp_path / "book" / "chapter.ipynb"
        nbformat.write(new_notebook(cells=list(cells)), path)
        command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-rs", "-p", "no:cacheprovider"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        result = subprocess.run(
            [*command, *options, "book"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        return result.returncode, result.stdout + result.stderr

    return run


def cell(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata=metadata)


def printed(text):
    return new_output("stream", name="stdout", text=text)


@pytest.fixture(scope="session")
def figure(tmp_path_factory):
    """The output of the cell that draws, as a kernel gives it."""
    from nbclient import NotebookClient

    notebook = new_notebook(cells=[new_code_cell(DRAW)])
    NotebookClient(notebook).execute()
    return notebook.cells[0].outputs[0]


def changed(figure, kind, old, new):
    assert old in figure.data[kind]
    output = nbformat.from_dict(figure)
    output.data = {**figure.data, kind: figure.data[kind].replace(old, new, 1)}
    return output


def test_what_agrees_passes(chapter, figure):
    code, said = chapter(
        cell("print(0.5)", printed("0.5\n")), cell(DRAW, figure), options=["--same-bytes"]
    )
    assert code == 0 and "2 passed" in said, said


def test_a_wrong_number_is_told_with_its_line(chapter):
    code, said = chapter(cell("print(1)\nprint(0.6931)", printed("1\n0.6932\n")))
    assert code == 1
    assert "book/chapter.ipynb, cell 0:" in said and "line 2:" in said
    assert "stored 0.6932" in said and "now    0.6931" in said


def test_an_output_that_is_missing_or_more_is_told(chapter):
    code, said = chapter(cell("print(1)"), cell("1", printed("1\n")))
    assert code == 1 and "2 failed" in said
    assert "stored []" in said and "now    ['stdout']" in said


def test_a_wrong_figure_is_told_by_its_series(chapter, figure):
    faults = [
        ("    y 0.000 1.000", "    y 0.000 0.990", "y, value 2: stored 0.990, now 1.000"),
        ("#0b5cad", "#0b5cae", 'stored   line #0b5cae - None 2 "one"'),
        ('"one"', '"two"', 'stored   line #0b5cad - None 2 "two"'),
        ('  legend "one" #0b5cad\n', "", "stored (nothing)"),
        ("    y 1.000 0.500", "    y 1.000 0.497", "axes 1, line #c8501e -- None 2:"),
    ]
    cells = [cell(DRAW, changed(figure, DATA, old, new)) for old, new, _ in faults]
    code, said = chapter(*cells)
    assert code == 1 and f"{len(faults)} failed" in said
    for _, _, told in faults:
        assert told in said


def test_what_no_eye_sees_passes_unless_the_same_bytes_are_asked_for(chapter, figure):
    height = re.search(r' height="(\d+\.\d+)pt"', figure.data[SVG])[1]
    close = changed(figure, SVG, f'height="{height}pt"', f'height="{float(height) + 0.01:.2f}pt"')
    close = changed(close, DATA, "    y 0.000 1.000", "    y 0.001 0.999")
    assert chapter(cell(DRAW, close))[0] == 0
    code, said = chapter(cell(DRAW, close), options=["--same-bytes"])
    assert code == 1 and "the picture differs in line" in said


def test_a_picture_that_was_edited_is_noticed(chapter, figure):
    code, said = chapter(cell(DRAW, changed(figure, SVG, "#0b5cad", "#0b5cae")))
    assert code == 1 and "the picture differs in line" in said and len(said.splitlines()) < 40


def test_the_picture_of_another_matplotlib_is_not_compared(chapter, figure, tmp_path):
    lock = tmp_path / "requirements.lock"
    lock.write_text(re.sub(r"(?m)^matplotlib==.*$", "matplotlib==3.0", lock.read_text()))
    other = changed(figure, SVG, "#0b5cad", "#0b5cae")
    assert chapter(cell(DRAW, other))[0] == 0
    assert chapter(cell(DRAW, changed(other, DATA, '"one"', '"two"')))[0] == 1


def test_a_cell_that_raises_is_told_in_a_few_lines(chapter):
    deep = "def f(n):\n    return f(n - 1) if n else 1 / 0\nf(60)"
    code, said = chapter(cell(deep))
    assert code == 1 and "ZeroDivisionError" in said and len(said.splitlines()) < 40


@pytest.mark.parametrize("kind", ["stdout", DATA])
def test_a_long_output_that_differs_everywhere_is_told_at_once(chapter, kind):
    """Where two long texts differ, pytest's own comparison can take hours."""
    code = "for i in range(100_000):\n    print(i / 7)"
    if kind == DATA:
        code = f"from IPython.display import display\ndisplay({{{kind!r}: 'x {{}}\\n' * 100_000}}, raw=True)"
    stored = "\n".join(f"{i / 3:.4f}" for i in range(100_000))
    output = printed(stored) if kind != DATA else new_output("display_data", data={DATA: stored})
    code, said = chapter(cell(code, output))
    assert code == 1 and len(said.splitlines()) < 40 and "stored 0.3333" in said, said


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("numpy>=1.0", ""),
        ("numpy>=1.0 scikit-learn>=1000", "scikit-learn>=1000, found "),
        ("no-such-package>=1", "no-such-package>=1, which is not installed"),
    ],
)
def test_what_a_cell_depends_on(comparison, asked, says):
    assert comparison.unmet(asked).startswith(says) and bool(comparison.unmet(asked)) == bool(says)


def test_a_cell_that_depends_on_another_version_is_run_but_not_compared(chapter):
    wrong = printed("another\n")
    code, said = chapter(
        cell("x = 1; print(x)", wrong, depends_on="numpy>=1000"),
        cell("print(x)", printed("1\n")),
        cell("raise TypeError", depends_on="numpy>=1000"),
    )
    assert code == 0 and "1 passed, 2 skipped" in said and "numpy>=1000, found" in said
    assert chapter(cell("print(1)", wrong, depends_on="numpy>=1.0"))[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("0.500", "0.502", True),
        ("0.500", "0.503", False),
        ("1.000e-05", "1.002e-05", True),
        ("1.000e-05", "1.000e-04", False),
        ("3", "4", False),
        ("nan", "nan", True),
    ],
)
def test_numbers_may_differ_by_two_units_of_their_last_digit(comparison, old, new, same):
    assert comparison.near(f"  y {old}", f"  y {new}") == same


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_names_the_cells_that_depend_on_a_version(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(book/\S+)` \| (\S+>=\S+) \|", text, re.MULTILINE))
    marked = {
        (page.name.removesuffix(".md"), cell.metadata["depends_on"])
        for page in book()
        for _, cell in page.code
        if "depends_on" in cell.metadata
    }
    assert rows == marked


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_says_from_which_versions_on(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"] + project["optional-dependencies"]["run"]:
        name, _, least = requirement.partition(">=")
        if least:
            assert re.search(rf"\b{name} {re.escape(least)}\b", text, re.IGNORECASE), requirement
