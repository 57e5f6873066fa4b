"""nbval must fail a notebook with one wrong number, or all that it passes means nothing."""

import os
import subprocess
import sys

import pytest

from press import ROOT

CANARY = ROOT / "tests" / "book" / "canary"


@pytest.mark.parametrize(
    ("notebook", "passes"),
    [("right_number.ipynb", True), ("wrong_number.ipynb", False), ("wrong_figure.ipynb", False)],
)
def test_nbval_compares_outputs(notebook, passes):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        str(CANARY / notebook),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == (0 if passes else 1), run.stdout + run.stderr
    if not passes:
        assert "mismatch" in run.stdout and notebook in run.stdout
