"""Every topic, worked number and slip of the source texts is where `book/sources.yml` says."""

import re
from functools import cache

import pytest
import yaml

from lossbook_extensions import source_rows
from press.chapter import SECTION, book
from press.checks import agrees, decimals

SOURCES = yaml.safe_load(source_rows.SOURCES.read_text(encoding="utf-8"))
ROWS = [(number, row) for kind in SOURCES.values() for number, row in kind.items()]


@cache
def section(label):
    """The page with a label, and its code cells from there to the next section of that rank."""
    for page in book():
        cells, rank = [], None
        for cell in page.notebook.cells:
            if cell.cell_type == "code":
                cells += [cell] if rank else []
            if cell.metadata.get("lang") != "en":
                continue
            for name, marks in SECTION.findall(cell.source):
                if rank and len(marks) <= rank and name != label:
                    return page, cells
                rank = len(marks) if name == label else rank
        if rank:
            return page, cells
    raise LookupError(f"no page has the section {label}")


@cache
def linked_from(name):
    """The functions to which a page links."""
    page = next(page for page in book() if page.name == name)
    cells = [facts for _, facts in page.facts("en")]
    return {target for facts in cells for role, target in facts.references if role == "py:func"}


def test_no_row_is_lost():
    assert list(SOURCES) == ["systems", "numbers", "slips"]
    assert list(SOURCES["systems"]) == list(range(1, 42))
    assert list(SOURCES["numbers"]) == [f"n{i}" for i in range(1, 8)]
    assert list(SOURCES["slips"]) == [*(f"e{i}" for i in range(1, 17)), "b1", "b2"]


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[str(number) for number, _ in ROWS])
def test_the_cell_is_in_the_section(number, row):
    _, cells = section(row["at"][0])
    assert any(row["cell"] in cell.source for cell in cells)
    assert row["topic"].count(" | ") == 1


@pytest.mark.parametrize(("number", "row"), ROWS, ids=[str(number) for number, _ in ROWS])
def test_the_sections_exist_and_the_functions_are_linked_there(number, row):
    linked = {target for label in row["at"] for target in linked_from(section(label)[0].name)}
    assert {source_rows.full_name(name) for name in row["functions"]} <= linked


@pytest.mark.parametrize(
    ("number", "row"), SOURCES["numbers"].items(), ids=list(SOURCES["numbers"])
)
def test_worked_numbers_are_printed(number, row):
    """In the outputs of the section, to the last digit of the source."""
    _, cells = section(row["at"][0])
    outputs = "\n".join(output.get("text", "") for cell in cells for output in cell.outputs)
    integers = re.findall(r"-\d+", outputs)
    printed = [*decimals(outputs), *integers]
    missing = [x for x in row["printed"] if not any(agrees(x, y) for y in printed)]
    assert missing == []
