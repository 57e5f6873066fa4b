"""Every public function documents itself in the house form, and its examples run."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

import lossbook
from lossbook import _checks
from press import ROOT
from press.chapter import book, plain

SECTIONS = ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"]
# numpydoc's own checks of layout and order, summary, parameters and returns.
HOUSE_RULES = re.compile("GL|SS|PR|RT0[2-5]")
# "(N, K) array_like ..." states a shape; "int", "bool", "float > 0", "{'none', 'sum'}" a domain.
SHAPE_OR_DOMAIN = re.compile(r"^\(.*\) (array|ndarray)|\b(int|bool|Generator)\b|[{\[<>]")
GRADIENT_RULES = re.compile("GL|SS|RT0[2-5]")
EQUATION_LINK = re.compile(r":eq:`eq-[a-z0-9-]+`")


def public_modules():
    names = [module.name for module in pkgutil.iter_modules(lossbook.__path__)]
    modules = [importlib.import_module(f"lossbook.{n}") for n in names if not n.startswith("_")]
    return [lossbook, *modules]


def public_functions():
    exported = [getattr(module, name) for module in public_modules() for name in module.__all__]
    return sorted({f for f in exported if inspect.isfunction(f)}, key=full_name)


def full_name(func):
    return f"{func.__module__}.{func.__qualname__}"


def problems(func):
    """Return what the docstring of a function lacks of the house form, one line a problem."""
    if not inspect.getdoc(func):
        return [f"{full_name(func)}: no docstring"]
    doc = get_doc_object(func)
    found = [f"no section {section}" for section in sections_of(func) if not doc[section]]
    rules = GRADIENT_RULES if is_gradient(func) else HOUSE_RULES
    found += [message for code, message in validate(doc)["errors"] if rules.match(code)]
    found += [
        f"parameter {parameter.name} states neither shape nor domain: '{parameter.type}'"
        for parameter in doc["Parameters"]
        if not SHAPE_OR_DOMAIN.search(parameter.type)
    ]
    notes, references = "\n".join(doc["Notes"]), "\n".join(doc["References"])
    if ".. math::" not in notes:
        found.append("no formula (.. math::) in Notes")
    if not EQUATION_LINK.search(notes):
        found.append("no link to an equation of the book (:eq:`eq-...`) in Notes")
    found += [
        f"reference [{number}] is not cited in Notes"
        for number in re.findall(r"^\.\. \[(\d+)\]", references, flags=re.M)
        if f"[{number}]_" not in notes
    ]
    if is_gradient(func) and gradient_refers_to(func) not in inspect.getdoc(func):
        found.append(f"it does not say '{gradient_refers_to(func)}'")
    if ">>>" not in "\n".join(doc["Examples"]):
        found.append("no example (>>>) in Examples")
    return [f"{full_name(func)}: {message}" for message in found]


def is_gradient(func):
    return func.__name__.endswith("_grad")


def gradient_refers_to(func):
    return f"Parameters and errors are those of `{func.__name__.removesuffix('_grad')}`."


def sections_of(func):
    if is_gradient(func):
        return ["Returns", "Notes", "Examples"]
    checks = "_checks" in inspect.unwrap(func).__code__.co_names
    return [section for section in SECTIONS if checks or section != "Raises"]


@pytest.mark.parametrize("func", public_functions(), ids=full_name)
def test_docstring_has_the_house_form(func):
    assert not problems(func)


def formulas(func):
    """The displayed formulas of a docstring."""
    blocks = re.findall(r"\.\. math::\n\n((?:   .*\n)+)", inspect.getdoc(func))
    return [plain(block) for block in blocks]


def linked_equations(func, language="en"):
    """The LaTeX of the equations of the book that a docstring links to."""
    labels = re.findall(r":eq:`([^`]+)`", inspect.getdoc(func))
    cells = [facts for page in book() for _, facts in page.facts(language)]
    return [plain(tex) for facts in cells for label, tex in facts.displays if label in labels]


@pytest.mark.parametrize("func", public_functions(), ids=full_name)
def test_every_formula_of_a_docstring_is_an_equation_of_the_book(func):
    """So it was evaluated too."""
    assert formulas(func)
    assert set(formulas(func)) <= set(linked_equations(func))


@pytest.mark.parametrize("module", public_modules(), ids=lambda module: module.__name__)
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_examples_of_the_readme_run(readme):
    failed, tried = doctest.testfile(str(ROOT / readme), module_relative=False, encoding="utf-8")
    assert tried and not failed


@pytest.mark.parametrize("name", lossbook.__all__)
def test_every_name_of_the_index_exists_and_is_documented(name):
    assert inspect.getdoc(getattr(lossbook, name))


def test_the_index_knows_every_function_but_the_measures_of_distributions():
    functions = {func.__name__ for func in public_functions()}
    assert functions - set(lossbook.__all__) <= set(lossbook.information.__all__)


@pytest.mark.parametrize("module", public_modules(), ids=lambda module: module.__name__)
def test_all_is_sorted_and_complete(module):
    defined = {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }
    assert {name for name in defined if not name.startswith("_")} <= set(module.__all__)
    if module is not lossbook:  # where they stand by family
        assert module.__all__ == sorted(module.__all__)


# the check itself, on docstrings that are wrong


def undocumented(p):
    return p


def poor(p, q, *, axis=-1):
    """returns something

    Examples
    --------
    None yet.

    Parameters
    ----------
    p : array_like
        The first one.
    axis : int
        Axis

    Returns
    -------
    float

    Notes
    -----
    It is p log q.

    References
    ----------
    .. [1] Nobody (1900), "Nothing".
    """
    return _checks.real(p, "p")


def good(p, *, axis=-1):
    r"""Return the entropy.

    Parameters
    ----------
    p : (..., n) array_like, each in [0, 1]
        The distribution.
    axis : int, default -1
        The axis of the outcomes.

    Returns
    -------
    (...) ndarray
        Entropy in nats.

    Notes
    -----
    :eq:`eq-entropy` of the book [1]_:

    .. math:: H(P) = -\sum_i p_i \log p_i

    References
    ----------
    .. [1] C. E. Shannon (1948), "A Mathematical Theory of Communication".

    Examples
    --------
    >>> 1 + 1
    2
    """
    return p


def test_a_missing_docstring_is_a_problem():
    assert problems(undocumented) == [f"{__name__}.undocumented: no docstring"]


@pytest.mark.parametrize(
    "missing",
    [
        "no section Raises",
        "Sections are in the wrong order",
        "Summary does not start with a capital letter",
        "Summary does not end with a period",
        "Parameters {'q'} not documented",
        'Parameter "axis" description should finish with "."',
        "parameter p states neither shape nor domain: 'array_like'",
        "Return value has no description",
        "no formula (.. math::) in Notes",
        "no link to an equation of the book (:eq:`eq-...`) in Notes",
        "reference [1] is not cited in Notes",
        "no example (>>>) in Examples",
    ],
)
def test_each_problem_names_the_function_and_what_is_missing(missing):
    assert any(p.startswith(f"{__name__}.poor: {missing}") for p in problems(poor))


def test_a_good_docstring_has_no_problems():
    assert problems(good) == []


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "Raises"])
def test_each_section_is_required(section):
    def lacking(p, *, axis=-1):
        return p

    start = good.__doc__.index(f"    {section}\n")
    following = [good.__doc__.find(f"    {name}\n", start + 1) for name in SECTIONS]
    end = min((at for at in following if at > 0), default=len(good.__doc__))
    lacking.__doc__ = good.__doc__[:start] + good.__doc__[end:].rstrip() + "\n    "
    assert f"{full_name(lacking)}: no section {section}" in problems(lacking)
