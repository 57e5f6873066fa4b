"""Each check, on a small chapter broken on purpose: it must fail, and name file, cell and value."""

import nbformat
import pytest

from press import checks, notebooks, terms
from press.chapter import Chapter

from .header import HEADER

SOUND = (
    HEADER
    + """
+++ {"lang": "zh"}

(coin)=
# 硬币的熵

熵是 $H(P)$，见式 {eq}`eq-coin` 与 [出处](https://example.org)，以及 {cite}`shannon1948`。

$$
H(P) = 0.6931 \\quad \\text{奈特}
$$ (eq-coin)

:::{admonition} 目标
:class: goals
用 {py:func}`lossbook.information.entropy` 计算 $2$ 个结果的熵，得到 $0.6931$。
:::

+++ {"lang": "en"}

(coin)=
# The entropy of a coin

The entropy is $H(P)$, see {eq}`eq-coin` and [the source](https://example.org), and {cite}`shannon1948`.

$$
H(P) = 0.6931 \\quad \\text{nat}
$$ (eq-coin)

:::{admonition} Goals
:class: goals
Compute with {py:func}`lossbook.information.entropy` the entropy of $2$ outcomes, which is $0.6931$.
:::

```{code-cell} ipython3
from lossbook.information import entropy

print(f"{entropy([0.5, 0.5]):.4f}")
```

+++ {"lang": "zh"}

```{figure}
:name: fig-coin
:alt: 一条高 0.6931 的线
熵。
```

+++ {"lang": "en"}

```{figure}
:name: fig-coin
:alt: a line of height 0.6931
Entropy.
```
"""
)


def chapter(markdown=SOUND, printed="0.6931\n", stored_from=None, edit=lambda cells: None):
    """A chapter whose notebook was stored from the text given and printed what is given."""
    notebook = notebooks.from_markdown(stored_from or markdown)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            picture = {"image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
            cell.execution_count = 1
            cell.outputs = [
                nbformat.v4.new_output("stream", text=printed),
                nbformat.v4.new_output("display_data", data=picture),
            ]
    edit(notebook.cells)
    return Chapter("book/coin.md", markdown, nbformat.writes(notebook))


def altered(old, new, count=1):
    assert old in SOUND
    return chapter(SOUND.replace(old, new, count))


def set_cell(index, **values):
    def edit(cells):
        for name, value in values.items():
            setattr(cells[index], name, value)

    return edit


def stored_error(cells):
    cells[2].outputs = [
        nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="by zero")
    ]


BROKEN = [
    (checks.every_code_cell_was_run, chapter(edit=set_cell(2, execution_count=None)), 2, "None"),
    (
        checks.every_output_is_compared,
        altered("print(f", "# NBVAL_IGNORE_OUTPUT\nprint(f"),
        2,
        "NBVAL",
    ),
    (
        checks.every_output_is_compared,
        chapter(edit=set_cell(2, metadata={"tags": ["nbval-skip"]})),
        2,
        "nbval-skip",
    ),
    (checks.no_stored_errors, chapter(edit=stored_error), 2, "ZeroDivisionError"),
    (
        checks.notebook_holds_the_markdown,
        chapter(stored_from=SOUND.replace("[0.5, 0.5]", "[0.5]")),
        2,
        "0.5, 0.5",
    ),
    (
        checks.notebook_holds_the_markdown,
        chapter(stored_from=SOUND.replace("硬币的熵", "熵")),
        0,
        "硬币的熵",
    ),
    (checks.notebook_holds_the_markdown, chapter(edit=lambda cells: cells.pop()), 4, "figure"),
    (checks.cells_come_in_pairs, altered('+++ {"lang": "en"}', '+++ {"lang": "de"}'), 1, "de"),
    (checks.cells_come_in_pairs, altered('+++ {"lang": "en"}', "+++"), 1, "None"),
    (checks.cells_come_in_pairs, chapter(SOUND[: SOUND.rindex("+++")]), 3, "without its en cell"),
    (checks.cells_come_in_pairs, altered("+++", '+++ {"lang": "en"}\n\nalone\n\n+++'), 0, "pairs"),
    (checks.labels_agree, altered("(coin)=\n# The", "(coins)=\n# The"), 0, "coins"),
    (
        checks.labels_agree,
        altered(":name: fig-coin\n:alt: a", ":name: fig-con\n:alt: a"),
        3,
        "fig-con",
    ),
    (checks.references_agree, altered("see {eq}`eq-coin`", "see {eq}`eq-con`"), 0, "eq-con"),
    (checks.references_agree, altered("and {cite}`shannon1948`.", "and others."), 0, "shannon1948"),
    (
        checks.displayed_equations_agree,
        altered("H(P) = 0.6931 \\quad \\text{nat}", "H(P) = -0.6931"),
        0,
        "-0.6931",
    ),
    (checks.inline_formulas_agree, altered("entropy is $H(P)$", "entropy is $H(Q)$"), 0, "H(Q)"),
    (checks.headings_agree, altered("# The entropy", "## The entropy"), 0, "[2]"),
    (checks.numbers_agree, altered("of $2$ outcomes", "of $3$ outcomes"), 0, "3"),
    (checks.numbers_agree, altered("a line of height 0.6931", "a line of height 0.7"), 3, "0.7"),
    (checks.directives_agree, altered(":::{admonition} Goals", ":::{note} Goals"), 0, "note"),
    (
        checks.directives_agree,
        altered(":class: goals\nCompute", ":class: card\nCompute"),
        0,
        "card",
    ),
    (
        checks.links_agree,
        altered("[the source](https://example.org)", "[the source](https://example.com)"),
        0,
        ".com",
    ),
    (checks.numbers_are_computed, altered("which is $0.6931$", "which is $0.6932$"), 1, "0.6932"),
    (checks.numbers_are_computed, altered("得到 $0.6931$", "得到 $0.6921$"), 0, "0.6921"),
    (checks.numbers_are_computed, altered("which is $0.6931$", "which is $-0.6931$"), 1, "-0.6931"),
    (
        checks.numbers_are_computed,
        altered("a line of height 0.6931", "a line of height 0.69312"),
        4,
        "0.69312",
    ),
    (checks.numbers_are_computed, chapter(printed="0.6941\n"), 0, "0.6931"),
    (checks.displayed_equations_are_labelled, altered("$$ (eq-coin)", "$$"), 0, "0.6931"),
    (
        checks.pictures_have_captions,
        altered("```{figure}\n:name: fig-coin\n:alt: a", "```{note}\n:name: fig-coin\n:alt: a"),
        2,
        "en",
    ),
    (checks.code_cells_are_short, altered("print(f", "x = 1\n" * 9 + "print(f"), 2, "12"),
    (checks.code_cells_are_short, altered("print(f", "x = 1" + " + 1" * 20 + "\nprint(f"), 2, "85"),
    (
        checks.functions_are_linked,
        altered("with {py:func}`lossbook.information.entropy` the", "the"),
        None,
        "entropy",
    ),
    (checks.chapter_has_its_parts, altered(":class: goals", ":class: tip"), None, "goals"),
    (checks.chapter_has_its_parts, altered("{cite}`shannon1948`", "Shannon", 2), None, "sources"),
    (checks.chapter_has_its_parts, chapter(), None, "0 exercises"),
    (checks.chinese_typography, altered("熵是 $H(P)$，", "熵是entropy，"), 0, "熵是 entropy"),
    (checks.markdown_is_canonical, altered('{"lang": "zh"}', '{"lang":"zh"}'), None, "lang"),
]


@pytest.mark.parametrize(
    ("check", "broken", "cell", "value"), BROKEN, ids=lambda v: getattr(v, "__name__", None)
)
def test_check_sees_what_is_broken(check, broken, cell, value):
    problems = check(broken)
    assert problems, f"{check.__name__} saw nothing"
    assert all(problem.startswith("book/coin.md") for problem in problems)
    assert any(value in problem for problem in problems), problems
    if cell is not None:
        assert any(f"cell {cell}" in problem for problem in problems), problems


@pytest.mark.parametrize("check", checks.EVERY_PAGE, ids=lambda check: check.__name__)
def test_check_passes_what_is_sound(check):
    assert check(chapter()) == []


def test_every_check_was_seen_to_fail():
    assert {check for check, *_ in BROKEN} == {*checks.EVERY_PAGE, *checks.EVERY_CHAPTER}


def test_a_chapter_without_its_notebook_is_named():
    assert (
        "has no notebook"
        in checks.notebook_holds_the_markdown(Chapter("book/coin.md", SOUND, ""))[0]
    )


# the rules for numbers in prose


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about 0.69 nat", ["0.69"]),
        ("it is -0.5, or −0.5", ["-0.5", "-0.5"]),
        ("$1 - 0.5$", ["0.5"]),
        ("$x-0.5$", ["0.5"]),
        ("$p_{0.5}$ and $2^{-0.5}$", ["0.5", "-0.5"]),
        ("step 1e-7", ["1e-7"]),
        ("in 1948, page 42 of 97", []),
        ("Python 3.11, NumPy >= 2.4 and PyTorch 2.13.0", []),
        ("version 1.0.4.post1", []),
        ("见 0.6931。", ["0.6931"]),
    ],
)
def test_decimals(text, found):
    assert checks.decimals(text) == found


@pytest.mark.parametrize(
    ("written", "computed", "same"),
    [
        ("0.69", "0.6931", True),
        ("0.70", "0.6931", False),
        ("0.6931", "0.693147", True),
        ("0.6931", "0.69", False),
        ("0.5", "-0.5", False),
        ("0.5", "0.5000", True),
        ("2.5", "2.45", True),
        ("2.4", "2.45", True),
        ("2.3", "2.45", False),
        ("1e-7", "0.0000001", True),
    ],
)
def test_agrees(written, computed, same):
    assert checks.agrees(written, computed) is same


# the glossary

ENTRIES = [
    ("交叉熵", "cross-entropy"),
    ("熵", "entropy"),
    ("期望", "expectation"),
    ("比特", "bit"),
    ("奈特", "nat"),
    ("损失", "loss"),
    ("对数似然", "log-likelihood"),
    ("困惑度", "perplexity"),
    ("吉布斯不等式", "Gibbs' inequality"),
    ("均匀分布", "uniform distribution"),
]


def pair(zh, en):
    return chapter(HEADER + f'\n+++ {{"lang": "zh"}}\n\n{zh}\n\n+++ {{"lang": "en"}}\n\n{en}\n')


@pytest.mark.parametrize(
    ("zh", "en", "problem"),
    [
        ("交叉熵很小。", "The cross-entropy is small.", None),
        ("熵与交叉熵。", "Entropies and cross-entropies.", None),
        ("交叉熵很小。", "The entropy is small.", "cross-entropy"),
        ("熵很小。", "The cross-entropy is small.", "交叉熵"),
        ("它很小。", "The entropy is small.", "熵"),
        ("熵很小。", "It is small.", "entropy"),
        ("一点", "a bit arbitrary, natural, national", None),
        ("一个比特，许多奈特", "one bit, many nats", None),
        ("**对数**似然", "the **log**-likelihood", None),
        ("困惑度", "perplexities", None),
        ("吉布斯不等式", "Gibbs’ inequality", None),
        ("期望损失", "the expected loss", None),
        ("如你所料", "as expected", None),
        ("损失", "glosses, lossy", "loss"),
        ("均匀分布", "uniform on this", None),
    ],
)
def test_terms(zh, en, problem):
    problems = terms.terms_agree(pair(zh, en), ENTRIES)
    assert bool(problems) is bool(problem), problems
    assert problem is None or any("cell 0: " in p and problem in p for p in problems)
    assert all(p.startswith("book/coin.md") for p in problems)


ENTRY = '\n+++ {"lang": "%s"}\n\n```{glossary}\n%s\n%s\n  x\n```\n'


@pytest.mark.parametrize(
    ("en", "problem"),
    [(("entropy", "熵"), None), (("entropie", "熵"), "entropie"), (("熵", "entropy"), "lists")],
)
def test_glossary_agrees(en, problem):
    page = chapter(HEADER + ENTRY % ("zh", "熵", "entropy") + ENTRY % ("en", *en))
    problems = terms.glossary_agrees(page)
    assert bool(problems) is bool(problem)
    assert problem is None or problem in problems[0]
