"""What several tests need."""

import importlib.util

import pytest

from press import ROOT


@pytest.fixture(scope="session")
def comparison():
    """The module that compares the outputs of a chapter."""
    spec = importlib.util.spec_from_file_location("comparison", ROOT / "book" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
