"""Public names, their parameters and defaults are a contract: `signatures.txt` is what it says."""

import inspect
from pathlib import Path

import lossbook
from lossbook import information

SNAPSHOT = Path(__file__).with_name("signatures.txt")


def signature(prefix, module, name):
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(getattr(module, name)).parameters.values()
    ]
    return f"{prefix}{name}{inspect.Signature(parameters)}"


def signatures():
    names = [name for name in lossbook.__all__ if callable(getattr(lossbook, name))]
    of_all = [signature("", lossbook, name) for name in names]
    of_measures = [signature("information.", information, name) for name in information.__all__]
    return sorted(of_all) + sorted(of_measures)


def test_signatures_are_those_of_the_snapshot():
    """On purpose: change the snapshot along with the code, and say so in the notes of a version."""
    assert signatures() == SNAPSHOT.read_text(encoding="utf-8").splitlines()
