"""The reader of a chapter: at a glance from its text, or in full, cell by cell, as the checks need it.

A glance takes milliseconds, where building a page or its search index asks for one thing alone; both give the same.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, cached_property

import nbformat

from . import ROOT, notebooks

EXTENSIONS = {"colon_fence", "deflist", "dollarmath", "fieldlist"}
CONTAINERS_WITHOUT_PROSE = {"bibliography", "eval-rst", "equation-checks", "solution-end"}
NAMED_BY_ARGUMENT = {"solution-start", "solution-end"}
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?")

# --- at a glance ------------------------------------------------------------------------------------------

CELL = re.compile(r"^\+\+\+ *(.*)\n", re.MULTILINE)
CODE = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
DISPLAY = re.compile(r"^\$\$\n(.*?)\n\$\$ \((eq-[\w-]+)\)$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^\(([\w-]+)\)=\n(#+) ", re.MULTILINE)
TITLE = re.compile(r"^#+ (.*)$", re.MULTILINE)


def text(markdown, language):
    """What a chapter's text says in one language, without code."""
    pieces = CELL.split(CODE.sub("", markdown))
    cells = zip(pieces[1::2], pieces[2::2], strict=True)
    return "".join(words for marks, words in cells if f'"lang": "{language}"' in marks)


def equations(markdown, language):
    """The LaTeX of each labelled equation by its label, in the order of the text."""
    found = DISPLAY.findall(text(markdown, language))
    return {label: " ".join(tex.split()) for tex, label in found}


def labels(markdown):
    """The labels of the equations, in the order of the text."""
    return list(dict.fromkeys(label for _, label in DISPLAY.findall(markdown)))


def titles(markdown, language):
    """The titles of a chapter, its own first."""
    return TITLE.findall(text(markdown, language))


def sections(markdown, language="en"):
    """(label, rank) of each section that has a label."""
    return [(name, len(marks)) for name, marks in SECTION.findall(text(markdown, language))]


def of_language(cells, language):
    """The cells that a reader of one language sees."""
    return [cell for cell in cells if cell.metadata.get("lang", language) == language]


# --- in full ----------------------------------------------------------------------------------------------


@dataclass
class Facts:
    """What one cell holds, apart from the words."""

    labels: list[str] = field(default_factory=list)
    references: Counter = field(default_factory=Counter)  # (role, target)
    displays: list[tuple[str, str]] = field(default_factory=list)  # (label, LaTeX)
    math: list[str] = field(default_factory=list)  # inline LaTeX
    headings: list[int] = field(default_factory=list)
    directives: list[tuple[str, ...]] = field(default_factory=list)
    links: Counter = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)  # runs of prose
    code: list[str] = field(default_factory=list)  # code spans
    literal: list[str] = field(default_factory=list)  # blocks that quote commands or messages

    @property
    def prose(self):
        return "\n".join(self.words)

    @property
    def numerals(self):
        """All text whose numbers must be computed, mathematics and code spans included."""
        return "\n".join([*self.words, *self.math, *self.code, *(tex for _, tex in self.displays)])

    @property
    def numbers(self):
        return Counter(NUMBER.findall("\n".join([self.numerals, *self.literal])))


@cache
def parser():
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def plain(latex):
    """LaTeX without white space and without the words inside \\text, which differ by language."""
    return re.sub(r"\s+", "", re.sub(r"\\text\s*\{[^{}]*\}", r"\\text{}", latex))


def target(content):
    """The target of a role: `words <target>` and `~target` name the same thing as `target`."""
    found = re.search(r"<([^<>]+)>\s*$", content)
    return (found[1] if found else content).lstrip("~")


@cache
def read(markdown):
    """The facts of a Markdown cell, which many checks ask for."""
    facts = Facts()
    _tokens(parser().parse(markdown), facts)
    return facts


def _tokens(tokens, facts):
    for token in tokens:
        if token.type == "myst_target":
            facts.labels.append(token.content)
        elif token.type == "heading_open":
            facts.headings.append(int(token.tag[1]))
        elif token.type in ("math_block", "math_block_label"):
            label = token.info if token.type == "math_block_label" else ""
            facts.displays.append((label, token.content))
            facts.labels += [label] if label else []
        elif token.type in ("fence", "colon_fence"):
            _fence(token, facts)
        elif token.type == "code_block":
            facts.literal.append(token.content)
        elif token.type == "inline":
            _inline(token.children, facts)


def _inline(children, facts):
    for token in children:
        if token.type == "math_inline":
            facts.math.append(token.content)
        elif token.type == "code_inline":
            facts.code.append(token.content)
        elif token.type == "myst_role":
            role = token.meta["name"]
            # a term has a name in each language
            named = "" if role == "term" else target(token.content)
            facts.references[role, named] += 1
            words = re.match(r"(.*)<[^<>]+>\s*$", token.content)
            facts.words += [words[1]] if words else []
        elif token.type == "link_open":
            facts.links[token.attrs["href"]] += 1
        elif token.type == "image":
            facts.links[token.attrs["src"]] += 1
            facts.words.append(token.content)
        elif token.type == "text":
            facts.words.append(token.content)


def _fence(token, facts):
    found = re.match(r"\{([\w:-]+)\}\s*(.*)", token.info)
    if not found:
        facts.literal.append(token.content)
        return
    name, argument = found.groups()
    options, body = split_options(token.content)
    named = (argument,) if name in NAMED_BY_ARGUMENT else ()
    facts.directives.append(
        (name, *named, *(f":{k}: {v}" for k, v in options.items() if k != "alt"))
    )
    facts.labels += [options[key] for key in ("label", "name") if key in options]
    facts.words += [options["alt"]] if "alt" in options else []
    if not named and argument:
        _tokens(parser().parse(argument), facts)
    if name not in CONTAINERS_WITHOUT_PROSE:
        _tokens(parser().parse(body), facts)


def split_options(content):
    """The `:key: value` lines at the head of a directive, and the rest."""
    options, lines = {}, content.splitlines()
    while lines and (found := re.match(r":([\w-]+):\s*(.*)", lines[0])):
        options[found[1]] = found[2]
        lines.pop(0)
    return options, "\n".join(lines)


@dataclass
class Chapter:
    """A chapter's Markdown and the notebook that was stored with its outputs."""

    name: str
    markdown: str
    stored: str

    @cached_property
    def notebook(self):
        return (
            nbformat.reads(self.stored, as_version=4) if self.stored else nbformat.v4.new_notebook()
        )

    @cached_property
    def cells(self):
        return notebooks.from_markdown(self.markdown).cells

    def facts(self, language):
        """(cell number, facts) for each Markdown cell of a language."""
        return [
            (i, read(cell.source))
            for i, cell in enumerate(self.cells)
            if cell.cell_type == "markdown" and cell.metadata.get("lang") == language
        ]

    @property
    def code(self):
        """(cell number, cell) for each code cell as it was stored."""
        return [(i, c) for i, c in enumerate(self.notebook.cells) if c.cell_type == "code"]

    @property
    def outputs(self):
        return [output for _, cell in self.code for output in cell.outputs]

    @property
    def pictures(self):
        return [output for output in self.outputs if "image/svg+xml" in output.get("data", {})]

    @property
    def printed(self):
        """All text that the code cells printed."""
        texts = (x.get("text") or x.get("data", {}).get("text/plain", "") for x in self.outputs)
        return "\n".join(texts)


def load(path):
    stored = path.with_suffix(".ipynb")
    return Chapter(
        path.relative_to(ROOT).as_posix(),
        path.read_text(encoding="utf-8"),
        stored.read_text(encoding="utf-8") if stored.exists() else "",
    )


@cache
def book():
    """All chapters of the book."""
    return [load(path) for path in notebooks.chapters()]
