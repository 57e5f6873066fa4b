"""Who may import whom: the package and the press know nothing of the rest, and nothing knows the tests."""

import ast
import re
from collections import Counter
from functools import cache

import pytest

from press import ROOT
from press.sphinx import ORDER, name_of, place

# what is in a folder, and what it may import of the rest
HOUSES = {
    "lossbook/": ("lossbook", set()),
    "book/_press/": ("press", set()),
    "book/_extensions/": ("lossbook_extensions", {"press", "lossbook"}),
    "book/": ("", {"press", "lossbook", "lossbook_extensions"}),  # the bindings of the chapters
    "tests/": ("tests", {"press", "lossbook", "lossbook_extensions"}),
}
NAMES = {name for name, _ in HOUSES.values()} - {""}
BY_PATH = ("sys" + ".path", "PYTHON" + "PATH", "parents" + "[", "python" + "path")


@cache
def sources(*endings):
    inside = (
        path for folder in ("lossbook", "book", "tests") for path in ROOT.glob(f"{folder}/**/*")
    )
    found = [path for path in (*ROOT.glob("*"), *inside) if path.name.endswith(endings)]
    return sorted(path for path in found if path.name != "conf.py" and path.is_file())


def house(path):
    name = path.relative_to(ROOT).as_posix()
    return next(folder for folder in HOUSES if name.startswith(folder))


@cache
def modules():
    """The file of each module, by its full name."""
    found = {}
    for path in sources(".py"):
        folder = house(path)
        parts = path.relative_to(ROOT / folder).with_suffix("").parts
        if HOUSES[folder][0]:
            name = ".".join([HOUSES[folder][0], *parts]).removesuffix(".__init__")
            found[name] = path
    return found


def around(name, path):
    """The package that a relative import of a module begins at."""
    return name if path.stem == "__init__" else name.rpartition(".")[0]


def imports(path, name=""):
    """The full names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = around(name, path).split(".")[: 1 - node.level or None] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{source}.{alias.name}" for alias in node.names)


def module_of(name):
    """The module of ours that a full name is in."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name


def arrows():
    """{module: the modules of ours that it imports}"""
    return {
        name: {module_of(target) for target in imports(path, name)} - {"", name}
        for name, path in modules().items()
    }


@pytest.mark.parametrize("path", sources(".py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_alone(path):
    own, allowed = HOUSES[house(path)]
    names = {target.split(".")[0] for target in imports(path)}
    assert names & NAMES - {own} <= allowed


def test_no_test_is_imported_by_another():
    targets = {target for found in arrows().values() for target in found}
    assert [x for x in targets if re.search(r"\.(test_\w+|conftest)$", x)] == []


def test_there_is_no_circle():
    """A package that holds its parts together is beneath them: nothing it imports comes back to it."""
    left = arrows()
    while free := [name for name, found in left.items() if not found & left.keys()]:
        for name in free:
            del left[name]
    assert left == {}


def test_nothing_is_found_by_a_path():
    """No folder is put on the way by which modules are found, and none is counted from a file."""
    files = [*sources(".py", ".toml", ".yml", "Makefile"), ROOT / ".ci" / "run"]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    assert [
        f"{path.relative_to(ROOT)}: {way}"
        for path, text in texts.items()
        for way in BY_PATH
        if way in text
    ] == []


def test_each_language_is_named_in_one_place():
    other = re.compile(r"""\(\s*["']zh["'],\s*["']en["']\s*\)|["']zh_CN["']""")
    used = [path for path in sources(".py") if house(path) != "tests/"]
    named = [path for path in used if other.search(path.read_text(encoding="utf-8"))]
    assert named == [ROOT / "book" / "_press" / "__init__.py"]


def connected():
    """The hooks that the extensions hand to `connect`, by file and name."""
    for path in sources(".py"):
        if path.parent == ROOT / "book" / "_press" / "sphinx":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "connect":
                    yield from (f"{path.stem}.{hook.id}" for hook in node.args[1:])


def test_every_hook_has_its_place():
    listed = [hook for hooks in ORDER.values() for hook in hooks]
    assert Counter(listed) == Counter(connected())
    assert all(why for hooks in ORDER.values() for _, why in hooks.values())


def test_a_hook_runs_where_it_stands():
    for event, hooks in ORDER.items():
        places = [place(hook) for hook in hooks]
        assert places == sorted(places) and {event} == {name for name, _ in places}
        assert len(set(places)) == len(hooks)


def test_a_hook_without_a_place_is_refused():
    with pytest.raises(LookupError, match=r"test_arrows\.connected is not in press\.sphinx\.ORDER"):
        place(name_of(connected))
