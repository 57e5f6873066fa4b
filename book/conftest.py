"""How `pytest --nbval book` compares a chapter: what was printed to the letter, what was drawn by its data.

A figure is stored as a picture and as text that says what it shows. Numbers of the text may differ by two
units of their last digit, a difference no eye sees; the picture is compared where matplotlib is the version
that drew it. A cell that says what it depends on, `:depends_on: scikit-learn>=1.9`, is run but not compared
where that is not installed. A difference is told in a few lines.
"""

import re
from importlib.metadata import PackageNotFoundError, version
from itertools import islice, zip_longest
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError
from packaging.requirements import Requirement

LOCK = Path(__file__).parent.with_name("requirements.lock")
FIGURE = "text/x-figure-data"
PICTURE = "image/svg+xml"
NUMBER = re.compile(r"(?<![\w#])-?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
LINES = 20  # of a report


def pytest_addoption(parser):
    parser.addoption(
        "--same-bytes",
        action="store_true",
        help="of the book's figures: the picture must be the stored one byte for byte",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    found = yield
    return [
        Chapter.from_parent(parent, path=file_path) if isinstance(node, IPyNbFile) else node
        for node in found
    ]


class Chapter(IPyNbFile):
    """A notebook whose cells are compared as this module says."""

    def collect(self):
        for cell in super().collect():
            yield Cell.from_parent(
                self,
                name=cell.name,
                cell_num=cell.cell_num,
                cell=cell.cell,
                options=cell.options,
            )


class Cell(IPyNbCell):
    """A cell of a chapter."""

    def runtest(self):
        missing = unmet(self.cell.metadata.get("depends_on", ""))
        if missing:
            self.options.update(check=False, check_exception=True)
        super().runtest()
        if missing:
            pytest.skip(f"its output depends on {missing}")

    def compare_outputs(self, test, ref, skip_compare=None):
        exactly = self.config.getoption("--same-bytes")
        stored, found = (
            [part for output in outputs for part in parts(output)] for outputs in (ref, test)
        )
        self.comparison_traceback = [*islice(differences(stored, found, exactly), LINES)]
        return not self.comparison_traceback

    def repr_failure(self, excinfo):
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super().repr_failure(excinfo)
        where = f"{self.path.relative_to(self.config.rootpath).as_posix()}, cell {self.cell_num}"
        told = re.sub(r"\x1b\[[\d;]*m", "", error.inner_traceback or str(error)).splitlines()
        source = self.cell.source.splitlines()
        return "\n".join([f"{where}:", *(f"    {line}" for line in source[:8]), *told[-LINES:]])


def unmet(requirements):
    """Which of the comma-free requirements, separated by blanks, is not installed as it asks."""
    for requirement in map(Requirement, requirements.split()):
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            return f"{requirement}, which is not installed"
        if not requirement.specifier.contains(found, prereleases=True):
            return f"{requirement}, found {found}"
    return ""


def drawn_by():
    """The version of matplotlib that the stored pictures were drawn by."""
    return re.search(r"^matplotlib==(\S+)$", LOCK.read_text(encoding="utf-8"), re.MULTILINE)[1]


def parts(output):
    """The parts of an output that are compared, each with its kind."""
    if output.output_type == "stream":
        yield output.name, output.text
    elif output.output_type == "error":
        yield "error", f"{output.ename}: {output.evalue}"
    else:
        yield from sorted(output.data.items())


def differences(stored, found, exactly=False):
    """What differs between a cell's outputs, in a few lines; nothing where they agree."""
    kinds = [kind for kind, _ in stored], [kind for kind, _ in found]
    if kinds[0] != kinds[1]:
        yield from (f"stored {kinds[0]}", f"now    {kinds[1]}")
        yield from (line for _, text in found for line in str(text).splitlines()[:LINES])
        return
    for (kind, before), (_, now) in zip(stored, found, strict=True):
        if kind == FIGURE:
            yield from different_data(before, now)
        elif kind != PICTURE:
            yield from different_text(before, now)
        elif exactly or version("matplotlib") == drawn_by():
            yield from different_picture(before, now, exactly)


def different_text(before, now):
    """The lines that differ, the stored one over what was printed now."""
    for number, (old, new) in enumerate(lines_of(before, now), 1):
        if old != new:
            yield from (f"line {number}:", f"  stored {shown(old)}", f"  now    {shown(new)}")


def different_picture(before, now, exactly):
    """Where two pictures differ by more than an eye sees."""
    for number, (old, new) in enumerate(lines_of(before, now), 1):
        if old != new and (exactly or not near(old, new)):
            yield f"the picture differs in line {number} of its SVG:"
            yield from (f"  stored {shown(old)}", f"  now    {shown(new)}")
            return


def different_data(before, now):
    """The series that differ, with the first values that do."""
    place = series = ""
    for old, new in lines_of(before, now):
        line = old if old is not None else new
        if line.startswith("axes"):
            place = line
        elif not re.match(r"\s+[xy] -?[\dni]|\s+-?[\dn]", line):
            series = line.strip()
        if old != new and not near(old, new):
            yield f"{place or 'figure'}, {series or line}:"
            yield from first_difference(old, new)


def first_difference(old, new):
    """The first value of a series that differs, or both lines where they are not two lists of values."""
    values = [NUMBER.findall(line or "") for line in (old, new)]
    if len(values[0]) == len(values[1]) > 1 and NUMBER.sub("", old) == NUMBER.sub("", new):
        index = next(i for i, pair in enumerate(zip(*values, strict=True)) if not close(*pair))
        yield f"  {old.split()[0]}, value {index + 1}: stored {values[0][index]}, now {values[1][index]}"
    else:
        yield from (f"  stored {shown(old)}", f"  now    {shown(new)}")


def lines_of(before, now):
    return zip_longest(str(before).splitlines(), str(now).splitlines())


def near(old, new):
    """Whether two lines are the same but for digits no eye sees."""
    if old is None or new is None or NUMBER.sub("", old) != NUMBER.sub("", new):
        return False
    numbers = NUMBER.findall(old), NUMBER.findall(new)
    return len(numbers[0]) == len(numbers[1]) and all(map(close, *numbers))


def close(old, new):
    """Whether two printed numbers differ by at most two units of the last digit of either."""
    return abs(float(old) - float(new)) <= 2.001 * max(last_digit(old), last_digit(new))


def last_digit(number):
    mantissa, _, exponent = number.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals) if "." in mantissa else 0.0


def shown(line):
    """A line as a report shows it, cut where it is long."""
    return "(nothing)" if line is None else line if len(line) <= 110 else line[:107] + "..."
