"""The shape of the code of lossbook: short functions, one index, light to import."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import yaml

import lossbook
from press.chapter import book, labels

PACKAGE = Path(lossbook.__file__).parent
ROOT = PACKAGE.parent


def bodies():
    """The number of lines of each function of lossbook, after its docstring."""
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    yield body[-1].end_lineno - body[0].lineno + 1


def test_functions_are_short():
    lengths = sorted(bodies())
    assert lengths[len(lengths) // 2] <= 6
    assert lengths[3 * len(lengths) // 4] <= 12


def branches(path):
    """How often each line of a file branches, by its number."""
    counts = Counter()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.If, ast.IfExp, ast.For, ast.While)):
            counts[node.lineno] += 1
        elif isinstance(node, ast.BoolOp):
            counts[node.lineno] += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            counts[node.target.lineno] += 1 + len(node.ifs)
    return counts


def test_a_line_of_the_press_branches_three_times_at_most():
    paths = [
        path for house in ("_press", "_extensions") for path in ROOT.glob(f"book/{house}/**/*.py")
    ]
    lines = [(path.name, line, n) for path in paths for line, n in branches(path).items()]
    assert [found for found in lines if found[2] > 3] == []


def imported_with(module, names):
    """Which of the names are imported along with the module."""
    code = f"import sys; import {module}; print([x for x in {names} if x in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_import_needs_numpy_only():
    heavy = ["scipy", "torch", "sklearn", "matplotlib", "pandas", "IPython"]
    assert imported_with("lossbook", heavy) == "[]"


def test_the_site_is_built_without_what_runs_the_chapters():
    heavy = ["scipy", "torch", "sklearn", "matplotlib", "ipykernel", "pytest"]
    modules = [f"press.sphinx.{path.stem}" for path in ROOT.glob("book/_press/sphinx/*.py")]
    modules += [f"lossbook_extensions.{path.stem}" for path in ROOT.glob("book/_extensions/*.py")]
    for module in sorted(modules):
        assert imported_with(module.removesuffix(".__init__"), heavy) == "[]", module


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])


def test_the_readme_counts_the_chapters():
    parts = {path.parent.name for path in ROOT.glob("book/*/*.md")} - {"appendix"}
    count = sum(len(list(ROOT.glob(f"book/{part}/*.md"))) for part in parts)
    for name, words in {"README.md": "Its {} chapters", "README.zh.md": "全书 {} 章"}.items():
        assert words.format(count) in (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_counts_the_equations():
    count = sum(len(labels(page.markdown)) for page in book())
    for name, words in {"README.md": "all {} numbered", "README.zh.md": "全部 {} 个"}.items():
        assert words.format(count) in (ROOT / name).read_text(encoding="utf-8")
