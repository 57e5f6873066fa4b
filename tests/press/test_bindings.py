"""The bindings beside a chapter: its own equations alone, and told alike by running and by reading."""

import pytest

from press import bindings

CHAPTER = "+++ {}\n\n$$\na = b\n$$ (eq-own)\n"
BINDINGS = """
from press.bindings import equation

WAY, OTHER = "one", "two"
SUM = "NumPy"


@equation("eq-own", {against})
def _(rng):
    return {{"a": 1, "b": 1}}
"""


@pytest.fixture
def bound(tmp_path):
    """`bound(text)`: the file of bindings beside a small chapter."""

    def write(text):
        (tmp_path / "chapter.md").write_text(CHAPTER, encoding="utf-8")
        (tmp_path / "chapter.py").write_text(text, encoding="utf-8")
        return tmp_path / "chapter.py"

    return write


@pytest.mark.parametrize(
    ("against", "wanted"),
    [
        ('"NumPy"', "NumPy"),
        ('OTHER + ".a"', "two.a"),
        ('f"{WAY}.{OTHER}"', "one.two"),
        ("SUM", "NumPy"),
    ],
)
def test_running_and_reading_tell_the_same(bound, against, wanted):
    path = bound(BINDINGS.format(against=against))
    assert bindings.told(path) == {"eq-own": wanted}
    assert {label: check.against for label, check in bindings.read(path).items()} == {
        "eq-own": wanted
    }


def test_what_is_not_written_out_cannot_be_read(bound):
    with pytest.raises(ValueError, match=r"chapter\.py, line 8: write the label and what"):
        bindings.told(bound(BINDINGS.format(against="str(1)")))


def test_an_equation_of_another_chapter_is_refused(bound):
    path = bound(BINDINGS.format(against='"NumPy"').replace("eq-own", "eq-other"))
    with pytest.raises(ValueError, match="binds what is not in its chapter: eq-other"):
        bindings.read(path)


def test_an_equation_is_bound_once(bound):
    text = BINDINGS.format(against='"NumPy"')
    with pytest.raises(ValueError, match="two bindings for the equation eq-own"):
        bindings.read(bound(text + text))
