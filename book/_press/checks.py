"""What a chapter must be: each check takes a chapter and returns what is wrong, naming file, cell and value."""

import ast
import inspect
import re
from collections import Counter
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from . import LANGUAGES, SETTINGS, notebooks
from .chapter import NUMBER, plain, read

MAX_LINES, MAX_WIDTH = 10, 84  # of a code cell: what a page shows without scrolling


def every_code_cell_was_run(chapter):
    """nbval compares nothing for a cell without an execution count."""
    return [
        f"{chapter.name}, cell {i}: never run (execution_count is {cell.execution_count})"
        for i, cell in chapter.code
        if cell.source.strip() and cell.execution_count is None
    ]


def no_stored_errors(chapter):
    return [
        f"{chapter.name}, cell {i}: the stored output is an error, {output.ename}: {output.evalue}"
        for i, cell in chapter.code
        for output in cell.outputs
        if output.output_type == "error"
    ]


EVASIONS = re.compile(r"nbval[-_](?:ignore|skip|raises|test)|raises[-_]exception", re.I)


def every_output_is_compared(chapter):
    """No tag or comment tells nbval to pass over a cell."""
    return [
        f"{chapter.name}, cell {i}: {found[0]} keeps nbval from comparing its output"
        for i, cell in chapter.code
        if (found := EVASIONS.search(f"{cell.source} {cell.metadata}"))
    ]


def notebook_holds_the_markdown(chapter):
    if not chapter.stored:
        return [f"{chapter.name}: has no notebook; run 'make notebooks'"]
    if notebooks.same_text(chapter.markdown, chapter.stored):
        return []
    ours, theirs = (
        [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in cells]
        for cells in (chapter.cells, chapter.notebook.cells)
    )
    different = (i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1])
    i = next(different, min(len(ours), len(theirs)))
    text = ours[i][1][:80] if i < len(ours) else "no such cell in the Markdown"
    return [
        f"{chapter.name}, cell {i}: the notebook does not hold it; run 'make notebooks': {text!r}"
    ]


def markdown_is_canonical(chapter):
    """Saving in JupyterLab writes the Markdown anew: it must come out as it went in."""
    import jupytext

    notebook = jupytext.reads(chapter.markdown, fmt="md:myst")
    again = jupytext.writes(notebook, fmt="md:myst")
    again = re.sub(r"^ +(format_version|jupytext_version): .*\n", "", again, flags=re.M)
    pairs = zip(chapter.markdown.splitlines(), again.splitlines(), strict=False)
    wrong = next(
        (f"line {n}: {a!r} becomes {b!r}" for n, (a, b) in enumerate(pairs, 1) if a != b),
        "at the end",
    )
    return [] if again == chapter.markdown else [f"{chapter.name}, {wrong} when jupytext writes it"]


def cells_come_in_pairs(chapter):
    """zh, en, zh, en, ...: each pair about one thing, no text without a language."""
    problems, waiting = [], None
    for i, cell in enumerate(chapter.cells):
        language = cell.metadata.get("lang") if cell.cell_type == "markdown" else "code"
        if language not in (*LANGUAGES, "code"):
            problems.append(
                f"{chapter.name}, cell {i}: a Markdown cell needs lang zh or en, not {language!r}"
            )
        if (waiting is None) == (language == "en"):
            problems.append(
                f"{chapter.name}, cell {i}: {language} cell, but zh and en come in pairs, zh first"
            )
        waiting = i if language == "zh" else None
    if waiting is not None:
        problems.append(f"{chapter.name}, cell {waiting}: zh cell without its en cell")
    if not any(cell.cell_type == "markdown" for cell in chapter.cells):
        problems.append(f"{chapter.name}: has no text")
    return problems


def pairs(chapter):
    """(cell number, zh facts, en facts); only meaningful where the cells do come in pairs."""
    return [
        (i, zh, en)
        for (i, zh), (_, en) in zip(chapter.facts("zh"), chapter.facts("en"), strict=False)
    ]


def _parity(chapter, what, of):
    problems = []
    for i, zh, en in pairs(chapter):
        a, b = of(zh), of(en)
        if a != b:
            if isinstance(a, (Counter, set)):
                a, b = (sorted(map(str, a - b)), sorted(map(str, b - a)))
            problems.append(f"{chapter.name}, cell {i}: {what} differ: zh has {a}, en has {b}")
    return problems


def labels_agree(chapter):
    return _parity(chapter, "labels", lambda facts: facts.labels)


def references_agree(chapter):
    return _parity(chapter, "references", lambda facts: facts.references)


def displayed_equations_agree(chapter):
    return _parity(
        chapter, "displayed equations", lambda facts: [plain(tex) for _, tex in facts.displays]
    )


def inline_formulas_agree(chapter):
    return _parity(
        chapter, "formulas in the text", lambda facts: {plain(tex) for tex in facts.math}
    )


def headings_agree(chapter):
    return _parity(chapter, "heading levels", lambda facts: facts.headings)


def numbers_agree(chapter):
    return _parity(chapter, "numbers", lambda facts: facts.numbers)


def directives_agree(chapter):
    return _parity(chapter, "directives", lambda facts: facts.directives)


def links_agree(chapter):
    return _parity(chapter, "links", lambda facts: facts.links)


# numbers in prose

SIGNED = re.compile(r"(?P<minus>(?<![\w.)}\]])[-−]|)(?P<number>" + NUMBER.pattern + ")")
PRODUCTS = "|".join(map(re.escape, ["Python", *SETTINGS["products"]]))
VERSION = re.compile(rf"(?:{PRODUCTS})\s*(?:>=|≥)?\s*\d+(?:\.\d+)+|\d+\.\d+\.\d+[\w.]*")


def decimals(text):
    """The decimal numbers in a text, with their sign; the numbers of versions are not among them."""
    found = SIGNED.finditer(VERSION.sub("", text))
    numbers = (match["minus"].replace("−", "-") + match["number"] for match in found)
    return [number for number in numbers if "." in number or "e" in number]


def agrees(written, computed):
    """Whether a number in prose is a computed one to its printed precision."""
    written, computed = Decimal(written), Decimal(computed)
    if computed.is_signed() != written.is_signed() and written != 0:
        return False
    exponent = Decimal((0, (1,), written.as_tuple().exponent))
    if computed.as_tuple().exponent > written.as_tuple().exponent:
        return computed == written
    return written in {
        computed.quantize(exponent, mode) for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP)
    }


def numbers_are_computed(chapter):
    """Every decimal number in prose stands, to its printed precision, in an output or input cell."""
    outputs = decimals(chapter.printed)
    inputs = {Decimal(n) for _, cell in chapter.code for n in decimals(cell.source)}
    written = (
        (i, language, number)
        for language in LANGUAGES
        for i, facts in chapter.facts(language)
        for number in decimals(facts.numerals)
    )
    return [
        f"{chapter.name}, cell {i} ({language}): {number} is in no output of this chapter"
        for i, language, number in written
        if Decimal(number) not in inputs and not any(agrees(number, other) for other in outputs)
    ]


# equations, figures, functions


def displayed_equations_are_labelled(chapter):
    return [
        f"{chapter.name}, cell {i} ({language}): a displayed equation without a label is not tested: {tex.strip()}"
        for language in LANGUAGES
        for i, facts in chapter.facts(language)
        for label, tex in facts.displays
        if not label
    ]


def pictures_have_captions(chapter):
    """A cell that draws is followed, in both languages, by one `figure` with alt text."""
    problems, cells = [], chapter.notebook.cells
    for i, cell in enumerate(cells):
        if cell.cell_type != "code" or not any(
            "image/svg+xml" in output.get("data", {}) for output in cell.outputs
        ):
            continue
        following = {c.metadata.get("lang"): c.source for c in cells[i + 1 : i + 3]}
        for language in LANGUAGES:
            directives = read(following.get(language, "")).directives
            if sum(d[0] == "figure" for d in directives) != 1:
                problems.append(
                    f"{chapter.name}, cell {i}: no single figure follows it in {language}"
                )
    return problems


def code_cells_are_short(chapter):
    problems = []
    for i, cell in chapter.code:
        lines = cell.source.splitlines()
        if len(lines) > MAX_LINES:
            problems.append(
                f"{chapter.name}, cell {i}: {len(lines)} lines of code, at most {MAX_LINES}"
            )
        problems += [
            f"{chapter.name}, cell {i}: {len(line)} characters, at most {MAX_WIDTH}: {line.strip()}"
            for line in lines
            if len(line) > MAX_WIDTH
        ]
    return problems


def public_functions(package):
    """The full names of the public functions of the package that the book derives."""
    modules = [package, *(getattr(package, name) for name in package.__all__)]
    return {
        f"{function.__module__}.{function.__name__}"
        for module in modules
        if inspect.ismodule(module)
        for name in module.__all__
        if inspect.isfunction(function := getattr(module, name))
    }


def is_derived(module):
    """Whether a module is of the book's package, and one that chapters derive."""
    own = module.split(".")[0] == SETTINGS["package"]
    return own and module not in SETTINGS["not_derived"]


def functions_used(chapter):
    """The public functions of the book's package that a chapter's code imports."""
    imported = [node for _, cell in chapter.code for node in imports(cell)]
    derived = [node for node in imported if is_derived(node.module)]
    return {alias.name for node in derived for alias in node.names}


def imports(cell):
    """What a code cell imports from where; a line that IPython alone understands is passed over."""
    source = re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.M)
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]


def functions_are_linked(chapter):
    """A chapter links to each function of the book's package that it uses."""
    problems = []
    for language in LANGUAGES:
        linked = {
            target.split(".")[-1]
            for _, facts in chapter.facts(language)
            for role, target in facts.references
            if role in ("py:func", "py:mod")
        }
        linked |= {f"{name}_grad" for name in linked}  # the gradient stands beneath the loss
        for name in sorted(functions_used(chapter) - linked):
            problems.append(
                f"{chapter.name} ({language}): uses {name} but has no {{py:func}} link to it"
            )
    return problems


PARTS = {
    "goals": lambda facts: ("admonition", ":class: goals") in facts.directives,
    "a summary card": lambda facts: ("admonition", ":class: card") in facts.directives,
    "primary sources": lambda facts: any(role.startswith("cite") for role, _ in facts.references),
}


def chapter_has_its_parts(chapter):
    """Goals, card, two or three exercises with solutions, sources."""
    problems = []
    for language in LANGUAGES:
        cells = [facts for _, facts in chapter.facts(language)]
        problems += [
            f"{chapter.name} ({language}): lacks {part}"
            for part, holds in PARTS.items()
            if not any(holds(facts) for facts in cells)
        ]
        names = Counter(d[0] for facts in cells for d in facts.directives)
        if not 2 <= names["exercise"] <= 4 or names["solution-start"] != names["exercise"]:
            problems.append(
                f"{chapter.name} ({language}): {names['exercise']} exercises and"
                f" {names['solution-start']} solutions, wanted two to four of each"
            )
    return problems


def chinese_typography(chapter):
    """Spaces between Chinese and Latin, full-width punctuation: as autocorrect would write it."""
    from autocorrect_py import lint_for

    return [
        f"{chapter.name}, cell {i}: {line.old!r} should be {line.new!r}"
        for i, cell in enumerate(chapter.cells)
        if cell.metadata.get("lang") == "zh"
        for line in lint_for(cell.source, "markdown").lines
    ]


EVERY_PAGE = [
    every_code_cell_was_run,
    every_output_is_compared,
    no_stored_errors,
    notebook_holds_the_markdown,
    markdown_is_canonical,
    cells_come_in_pairs,
    labels_agree,
    references_agree,
    displayed_equations_agree,
    inline_formulas_agree,
    headings_agree,
    numbers_agree,
    directives_agree,
    links_agree,
    numbers_are_computed,
    displayed_equations_are_labelled,
    pictures_have_captions,
    code_cells_are_short,
    functions_are_linked,
    chinese_typography,
]
EVERY_CHAPTER = [chapter_has_its_parts]
