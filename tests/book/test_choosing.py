"""The decision tree of `book/practice/choosing.md`, followed literally, reaches each of its leaves.

Its conditions are told here once more as questions to a task; `TASKS` holds a task for every leaf.
"""

import re

import pytest
import yaml

import lossbook
from lossbook_extensions import source_rows
from press.chapter import book

PAGE = next(page for page in book() if page.name.endswith("practice/choosing.md"))
TOP = re.compile(r"^\d+\. \*\*(?P<when>[^*]+)\*\*")
ENTRY = re.compile(r"^   - (?P<when>[^{]+?)[:：]")
FUNCTION = re.compile(r"{py:func}`[^`<]+<lossbook\.\w+\.(\w+)>`")
LINK = re.compile(r"{ref}`[^`<]+<[\w-]+>`")

# What has to be so for an entry to fit, by the first words of its condition.
CONDITIONS = {
    "The target is a sequence": {"sequence"},
    "The target is an order": {"order"},
    "The target is whether things are alike": {"alike"},
    "The target is a distribution": {"distribution"},
    "The target is a class": {"class"},
    "The target is a number": {"number"},
    "nobody knows which part": {"unaligned"},
    "every position has a label": set(),
    "in threes": {"threes"},
    "in pairs, and lengths mean nothing": {"directions"},
    "all other pairs": set(),
    "the model returns log-probabilities": {"log-probabilities"},
    "the model returns logits": set(),
    "a sample may have several classes, and they only": {"several labels", "ranks only"},
    "a sample may have several classes": {"several labels"},
    "tens of thousands of classes, and evaluation": {"many classes", "fast evaluation"},
    "tens of thousands of classes, and only training": {"many classes", "fast training"},
    "tens of thousands of classes, and the logits": {"many classes"},
    "a decision is enough, no probabilities, two": {"decision", "two classes"},
    "a decision is enough, no probabilities, several": {"decision"},
    "two classes, and thousands": {"two classes", "easy samples"},
    "two classes, few positives": {"two classes", "few positives"},
    "two classes": {"two classes"},
    "labels are wrong": {"wrong labels"},
    "everything else": set(),
    "you also want to know how certain": {"certainty"},
    "it is a count": {"count"},
    "you want a quantile": {"quantile"},
    "you want the median": {"median"},
    "the noise is symmetric": {"outliers"},
}
TASKS = {
    "speech to text": ({"sequence", "unaligned", "class"}, "ctc_loss"),
    "a language model": ({"sequence", "class", "many classes"}, "sequence_cross_entropy"),
    "which of two answers is better": ({"order"}, "margin_ranking_loss"),
    "faces, in threes": ({"alike", "threes", "directions"}, "triplet_margin_loss"),
    "texts, in pairs": ({"alike", "directions"}, "cosine_embedding_loss"),
    "signatures, in pairs": ({"alike"}, "hinge_embedding_loss"),
    "a student of log-probabilities": ({"distribution", "log-probabilities"}, "kl_div"),
    "a student of logits": ({"distribution", "class"}, "cross_entropy"),
    "tags to be ranked": ({"class", "several labels", "ranks only"}, "multilabel_margin_loss"),
    "tags": ({"class", "several labels"}, "binary_cross_entropy_with_logits"),
    "words, evaluated often": (
        {"class", "many classes", "fast evaluation", "fast training"},
        "adaptive_log_softmax_with_loss",
    ),
    "words": ({"class", "many classes", "fast training"}, "sampled_softmax_loss"),
    "words and little memory": ({"class", "many classes"}, "linear_cross_entropy"),
    "yes or no, decided": ({"class", "decision", "two classes"}, "margin_ranking_loss"),
    "one of ten, decided": ({"class", "decision"}, "multi_margin_loss"),
    "a detector": ({"class", "two classes", "easy samples", "few positives"}, "focal_loss"),
    "a rare disease": (
        {"class", "two classes", "few positives"},
        "binary_cross_entropy_with_logits",
    ),
    "heads or tails": ({"class", "two classes"}, "binary_cross_entropy_with_logits"),
    "labels by many hands": ({"class", "wrong labels"}, "cross_entropy"),
    "digits": ({"class"}, "cross_entropy"),
    "a forecast with its error": ({"number", "certainty"}, "gaussian_nll_loss"),
    "calls in an hour": ({"number", "count"}, "poisson_nll_loss"),
    "a promise of delivery": ({"number", "quantile"}, "quantile_loss"),
    "a typical income": ({"number", "median"}, "l1_loss"),
    "a sensor that slips": ({"number", "outliers"}, "huber_loss"),
    "a total to be planned": ({"number"}, "mse_loss"),
}
# Losses that compute the same as a leaf from other inputs, or are told of beside it.
BESIDE = {
    "nll_loss": "cross_entropy",
    "log_loss": "cross_entropy",
    "brier_score": "cross_entropy",
    "binary_cross_entropy": "binary_cross_entropy_with_logits",
    "soft_margin_loss": "binary_cross_entropy_with_logits",
    "multilabel_soft_margin_loss": "binary_cross_entropy_with_logits",
    "smooth_l1_loss": "huber_loss",
    "perplexity": "sequence_cross_entropy",
    "triplet_margin_with_distance_loss": "triplet_margin_loss",
    "nce_loss": "sampled_softmax_loss",
}


def tree(language):
    """Each kind of target with its entries: pairs of a condition and the whole line."""
    (text,) = [
        cell.source
        for cell in PAGE.notebook.cells
        if cell.metadata.get("lang") == language and "(choosing-tree)=" in cell.source
    ]
    found = []
    for line in text.split("(choosing-tree)=")[1].splitlines():
        if top := TOP.match(line):
            found.append((top["when"], line, []))
        elif entry := ENTRY.match(line):
            found[-1][2].append((entry["when"], line))
    return found


def leaves(language):
    return [leaf for _, line, below in tree(language) for leaf in [x for _, x in below] or [line]]


def fits(when, task):
    known = [x for x in CONDITIONS if when.startswith(x)]
    assert known, f"no question is known for: {when}"
    return CONDITIONS[max(known, key=len)] <= task


def walk(task):
    """The leaf at which somebody arrives who takes the first entry that fits, twice."""
    line, below = next((line, below) for when, line, below in tree("en") if fits(when, task))
    return next((line for when, line in below if fits(when, task)), line)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_arrives_at_its_loss(name):
    task, loss = TASKS[name]
    assert FUNCTION.findall(walk(task)) == [loss]


def test_every_leaf_is_reached():
    assert {walk(task) for task, _ in TASKS.values()} == set(leaves("en"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_leaf_ends_in_one_function_and_a_link(language):
    for leaf in leaves(language):
        (name,) = FUNCTION.findall(leaf)
        assert hasattr(lossbook, name)
        assert len(LINK.findall(leaf)) == 1


def test_both_languages_have_the_same_tree():
    zh, en = ([FUNCTION.findall(leaf) for leaf in leaves(x)] for x in ("zh", "en"))
    assert zh == en
    assert [len(below) for *_, below in tree("zh")] == [len(below) for *_, below in tree("en")]


def test_no_loss_is_missing():
    reached = {name for leaf in leaves("en") for name in FUNCTION.findall(leaf)}
    listed = yaml.safe_load((source_rows.SOURCES.parent / "losses.yml").read_text("utf-8"))
    assert {loss["loss"] for loss in listed} == reached | BESIDE.keys()
    assert set(BESIDE.values()) <= reached
