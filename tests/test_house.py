"""The shape of the code of lossbook: short functions, one index, light to import."""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from pathlib import Path
from statistics import mean, median

import pytest
import yaml

import lossbook
from press.chapter import book, labels

PACKAGE = Path(lossbook.__file__).parent
ROOT = PACKAGE.parent


NEAR = 60  # lines between a helper and its loss, or what calls it
NO_TOKENS = {getattr(tokenize, name) for name in ("NL", "NEWLINE", "INDENT", "DEDENT", "COMMENT")}


def sources():
    """The text of each module of lossbook, by its name."""
    paths = sorted(PACKAGE.glob("*.py"))
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


SOURCES = sources()


def bodies(source):
    """The first and the last line of each function, after its docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                yield body[0].lineno, body[-1].end_lineno


def tokens(source):
    """How many tokens each line has that is part of a function, but for its docstring."""
    read = tokenize.generate_tokens(io.StringIO(source).readline)
    count = Counter(token.start[0] for token in read if token.type not in NO_TOKENS)
    lines = {line for first, last in bodies(source) for line in range(first, last + 1)}
    return [count[line] for line in sorted(lines) if count[line]]


def test_functions_are_short():
    lengths = [last - first + 1 for text in SOURCES.values() for first, last in bodies(text)]
    assert median(lengths) <= 4
    assert sum(length <= 12 for length in lengths) >= 0.95 * len(lengths)


def test_lines_are_not_dense():
    density = mean(count for text in SOURCES.values() for count in tokens(text))
    assert round(density, 1) <= 11


# a helper stands beneath its loss


def functions(source):
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def pair(name):
    """The loss, whose gradient or gradients stand beneath it."""
    return re.sub("_grad(_by_logits)?$", "", name)


def named(node):
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def called(source):
    """The functions of the module that each of its functions names, by name."""
    nodes = functions(source)
    names = {node.name for node in nodes}
    return {node.name: named(node) & names - {node.name} for node in nodes}


def helpers(source):
    """Each helper of a module, and the losses that lead to it."""
    calls = called(source)

    def reached(name, seen=()):
        following = [other for other in calls[name] if other.startswith("_")]
        new = [other for other in following if other not in seen]
        return {*new, *(far for other in new for far in reached(other, (*seen, *new)))}

    losses = {name: reached(name) for name in calls if not name.startswith("_")}
    return {
        helper: {pair(loss) for loss, found in losses.items() if helper in found}
        for helper in calls
        if helper.startswith("_")
    }


def astray(source):
    """What does not stand beneath what uses it, one line each."""
    nodes = {node.name: node for node in functions(source)}
    public = [name for name in nodes if not name.startswith("_")]
    calls = called(source)
    alone = len({pair(name) for name in public}) == 1  # a module of one loss is all beneath it
    for helper, losses in helpers(source).items():
        line = nodes[helper].lineno
        users = [name for name in public if pair(name) in losses]
        above = [name for name in public if nodes[name].lineno < line]
        callers = [name for name, found in calls.items() if helper in found]
        away = [line - nodes[name].end_lineno for name in {*callers, *users}]
        if not losses:
            yield f"{helper} is used by no function of its module"
        elif set(users) - set(above):
            yield f"{helper} stands above {max(users, key=lambda name: nodes[name].lineno)}"
        elif len(losses) == 1 and above[-1] not in users:
            yield f"{helper}, of {users[0]}, stands beneath {above[-1]}"
        elif len(losses) == 1 and not alone and min(map(abs, away)) > NEAR:
            yield f"{helper} is more than {NEAR} lines from {users[-1]}"


FAMILIES = [name for name in SOURCES if not name.startswith("_") and name != "plotting"]


@pytest.mark.parametrize("family", FAMILIES)
def test_helpers_stand_beneath_their_losses(family):
    assert list(astray(SOURCES[family])) == []


def test_a_helper_that_is_astray_is_noticed():
    pairs = "def a(): _h()\n\ndef a_grad(): _h()\n\ndef b(): pass\n\n"
    helper = "def _h(): pass\n\n"
    assert list(astray(pairs.replace("def b", helper + "def b"))) == []
    assert list(astray(pairs + helper)) == ["_h, of a, stands beneath b"]
    assert list(astray(helper + pairs)) == ["_h stands above a_grad"]
    assert list(astray(helper)) == ["_h is used by no function of its module"]
    assert list(astray(pairs.replace("b(): pass", "b(): _h()") + helper)) == []
    far = pairs.replace("def b", "\n" * NEAR + helper + "def b")
    assert list(astray(far)) == ["_h is more than 60 lines from a_grad"]


def test_helpers_are_near_their_losses():
    """The way down from the end of a loss to a helper that it calls, over its gradient."""
    ways = []
    for family in FAMILIES:
        nodes = {node.name: node for node in functions(SOURCES[family])}
        for name, found in called(SOURCES[family]).items():
            helpers = [each for each in found if each.startswith("_")]
            if not name.startswith("_"):
                ways += [nodes[helper].lineno - nodes[name].end_lineno for helper in helpers]
    assert median(ways) <= NEAR


# from a loss to its formula


def hops(source, name):
    """How many calls lead from a loss to its formula: 0 where the loss writes it itself.

    The formula is what is returned or handed to `_reduction`; what only calls a helper, with names
    for arguments, is none.
    """
    nodes = {node.name: node for node in functions(source)}

    def delegate(node):
        value = node.body if isinstance(node, ast.Lambda) else node
        plain = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
        plain = plain and value.func.id in nodes and value.func.id.startswith("_")
        simple = (ast.Name, ast.Starred, ast.Attribute)
        return value.func.id if plain and all(isinstance(x, simple) for x in value.args) else None

    def way(node):
        given = [each for each in ast.walk(node) if isinstance(each, ast.Lambda)]
        handed = [
            each.args[0].id
            for each in ast.walk(node)
            if isinstance(each, ast.Call)
            and ast.unparse(each.func).startswith("_reduction.")
            and each.args
            and isinstance(each.args[0], ast.Name)
        ]
        made = {
            target.id: each.value.func.id
            for each in ast.walk(node)
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call)
            for target in each.targets
            if isinstance(target, ast.Name) and isinstance(each.value.func, ast.Name)
        }
        handed = [each for name in handed if (each := made.get(name, name)) in nodes]
        returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
        following = [delegate(each) for each in given] if given else handed
        following = following or [delegate(each) for each in returned]
        return max((1 + way(nodes[each]) if each else 0 for each in following), default=0)

    return way(nodes[name])


def test_formulas_are_at_most_one_call_away():
    found = {
        name: hops(SOURCES[family], name)
        for family in FAMILIES
        for name in called(SOURCES[family])
        if not name.startswith("_")
    }
    far = [name for name, count in found.items() if count > 1]
    assert len(far) <= 0.1 * len(found), far


def test_hops_are_counted():
    source = "def _g(x): return x + 1\n\ndef _f(x): return _g(x)\n\n"
    for count, body in enumerate(["x * 2", "_g(x)", "_f(x)"]):
        assert hops(f"{source}def loss(x): return {body}\n", "loss") == count
        reduced = f"def loss(x): return _reduction.elements(lambda x: {body}, x)\n"
        assert hops(source + reduced, "loss") == count
    assert hops(f"{source}def loss(x): return _reduction.elements(_f, x)\n", "loss") == 2


# what imports what

FLOORS = [
    {"_types"},
    {"_blocks"},
    {"_checks", "_special"},
    {"_reduction", "special"},
    {"classification", "information", "margin", "optimizers", "regression", "similarity", "ctc"},
    {"adaptive", "sampling", "sequence", "tensorflow_names", "plotting"},
    {"__init__"},
]


def imported(source):
    """The modules of lossbook that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "lossbook":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("lossbook."):
            yield node.module.removeprefix("lossbook.")


def upwards(sources):
    """The imports that do not lead to a floor further down."""
    floor = {name: n for n, names in enumerate(FLOORS) for name in names}
    return [
        f"{name} imports {other}"
        for name, text in sources.items()
        for other in imported(text)
        if floor[other] >= floor[name]
    ]


def test_imports_lead_downwards():
    """So there is no circle."""
    assert set(SOURCES) == set().union(*FLOORS)
    assert upwards(SOURCES) == []
    planted = {**SOURCES, "_blocks": "from lossbook import _checks\n" + SOURCES["_blocks"]}
    assert upwards(planted) == ["_blocks imports _checks"]


# the door


def checks_by_section():
    """The checks under each heading of `_checks.py`, but for its helpers."""
    parts = re.split(r"^# --- (.*)$", SOURCES["_checks"], flags=re.M)
    names = (re.findall(r"^def ([a-z]\w*)", text, flags=re.M) for text in parts[2::2])
    return dict(zip(parts[1::2], names, strict=True))


def test_checks_of_one_family_stand_under_its_name():
    users = {family: set(re.findall(r"_checks\.(\w+)", SOURCES[family])) for family in FAMILIES}
    sections = checks_by_section()
    of_families = [title for title in sections if title in FAMILIES]
    assert list(sections)[-len(of_families) :] == sorted(of_families)
    for title in of_families:
        for check in sections[title]:
            others = {family for family, used in users.items() if check in used} - {title}
            assert not others, f"{check} stands under {title}"


# light to import


def branches(path):
    """How often each line of a file branches, by its number."""
    counts = Counter()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.If, ast.IfExp, ast.For, ast.While)):
            counts[node.lineno] += 1
        elif isinstance(node, ast.BoolOp):
            counts[node.lineno] += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            counts[node.target.lineno] += 1 + len(node.ifs)
    return counts


def test_a_line_of_the_press_branches_three_times_at_most():
    paths = [
        path for house in ("_press", "_extensions") for path in ROOT.glob(f"book/{house}/**/*.py")
    ]
    lines = [(path.name, line, n) for path in paths for line, n in branches(path).items()]
    assert [found for found in lines if found[2] > 3] == []


def imported_with(module, names):
    """Which of the names are imported along with the module."""
    code = f"import sys; import {module}; print([x for x in {names} if x in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_import_needs_numpy_only():
    heavy = ["scipy", "torch", "sklearn", "matplotlib", "pandas", "IPython"]
    assert imported_with("lossbook", heavy) == "[]"


def test_the_site_is_built_without_what_runs_the_chapters():
    heavy = ["scipy", "torch", "sklearn", "matplotlib", "ipykernel", "pytest"]
    modules = [f"press.sphinx.{path.stem}" for path in ROOT.glob("book/_press/sphinx/*.py")]
    modules += [f"lossbook_extensions.{path.stem}" for path in ROOT.glob("book/_extensions/*.py")]
    for module in sorted(modules):
        assert imported_with(module.removesuffix(".__init__"), heavy) == "[]", module


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])


def test_the_readme_counts_the_chapters():
    parts = {path.parent.name for path in ROOT.glob("book/*/*.md")} - {"appendix"}
    count = sum(len(list(ROOT.glob(f"book/{part}/*.md"))) for part in parts)
    for name, words in {"README.md": "Its {} chapters", "README.zh.md": "全书 {} 章"}.items():
        assert words.format(count) in (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_counts_the_equations():
    count = sum(len(labels(page.markdown)) for page in book())
    for name, words in {"README.md": "all {} numbered", "README.zh.md": "全部 {} 个"}.items():
        assert words.format(count) in (ROOT / name).read_text(encoding="utf-8")
