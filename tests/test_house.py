"""The shape of the code of lossbook: short functions, one index, light to import."""

import ast
import subprocess
import sys
from pathlib import Path

import lossbook

PACKAGE = Path(lossbook.__file__).parent


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


def test_import_needs_numpy_only():
    heavy = ["scipy", "torch", "sklearn", "matplotlib", "pandas", "IPython"]
    code = f"import sys, lossbook; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
