"""Each call of `book/losses.yml` computes, in its library, what lossbook computes."""

import json
import re
from importlib.util import find_spec

import pytest

import lossbook
from press import ROOT

from .oracles.record_libraries import FILE, MODULES, calls, losses, value

LOSSES = losses()
RECORDED = json.loads(FILE.read_text(encoding="utf-8"))
FIELDS = {"loss", "title", "equation", "gradient", "range", "minimum", "learns"}
FIELDS |= {"task", "output", "robust"}
ids = [f"{library}: {call}" for _, library, call in calls()]


@pytest.mark.parametrize(("number", "library", "call"), calls(), ids=ids)
def test_every_library_computes_the_same(number, library, call):
    expected = value("lossbook", LOSSES[number]["calls"]["lossbook"])
    exact = library in ("lossbook", "PyTorch", "scikit-learn")
    if exact or find_spec(MODULES[library]):
        assert value(library, call) == pytest.approx(expected, rel=1e-12 if exact else 1e-5)
    if not exact:
        assert RECORDED["values"][f"{library}: {call}"] == pytest.approx(expected, rel=1e-5)


def test_what_is_recorded_is_what_is_called():
    recorded = [x for x in ids if x.split(":")[0] in ("TensorFlow", "Keras", "optax")]
    assert list(RECORDED["values"]) == recorded
    assert set(RECORDED["versions"]) == {"TensorFlow", "Keras", "optax"}


def test_the_table_holds_every_loss():
    """Those with a gradient, under their own names."""
    gradients = {name.removesuffix("_grad") for name in dir(lossbook) if name.endswith("_grad")}
    aliases = set(lossbook.tensorflow_names.__all__)
    measures = {"cosine_similarity", "pairwise_distance", "l1_penalty", "l2_penalty"}
    assert {loss["loss"] for loss in LOSSES} == gradients - aliases - measures


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss["title"].split(" | ")[1])
def test_every_entry_is_complete(loss):
    assert set(loss) - {"calls", "names"} == FIELDS
    assert ("calls" in loss) != ("names" in loss)
    for field in ("title", "minimum", "learns", "output", "robust"):
        assert loss[field].count(" | ") == 1, field


def test_names_exist_where_no_call_is_shown():
    import torch

    from .oracles.record_tensorflow import LEARNT

    for loss in LOSSES:
        for library, name in loss.get("names", {}).items():
            known = (
                hasattr(torch.nn, name.split(".")[-1]) if library == "PyTorch" else name in LEARNT
            )
            assert known, name


def test_the_page_names_the_versions_that_were_run():
    page = (ROOT / "book" / "practice" / "libraries.md").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = {"PyTorch": "torch", "scikit-learn": "scikit-learn"}
    pinned = {x: re.search(rf"^{y}==([\d.]+)", lock, re.M)[1] for x, y in names.items()}
    for library, version in (RECORDED["versions"] | pinned).items():
        assert page.count(f"{library} {version}") == 2  # once in either language
