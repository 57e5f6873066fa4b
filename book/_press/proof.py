"""The proof of a book: `python -m press.proof` names what its checks and its equations find wrong.

The same, chapter by chapter and equation by equation, are the tests of a book that has tests of its own.
"""

import sys
from zlib import crc32

from . import LANGUAGES, bindings, checks
from .chapter import book
from .latex import check, unbroken_mutants

DRAWS = 16


def labelled_equations(chapters):
    """(label, language, LaTeX, chapter) for every labelled equation."""
    return [
        (label, language, tex, chapter.name)
        for chapter in chapters
        for language in LANGUAGES
        for _, facts in chapter.facts(language)
        for label, tex in facts.displays
        if label
    ]


def draws(binding, n=DRAWS):
    import numpy as np

    rng = np.random.default_rng(crc32(binding.label.encode()))
    return [binding.run(rng) for _ in range(n)]


def holds(tex, binding):
    """Raise what is wrong with an equation in any of its draws."""
    for symbols in draws(binding):
        check(tex, symbols)


def unnoticed(tex, binding):
    """The mistakes that the draws do not notice though they should, or do though they should not."""
    return set(unbroken_mutants(tex, draws(binding))) ^ set(binding.accepted)


def problems_of(label, language, tex, name):
    binding = bindings.checks().get(label)
    if binding is None:
        return [f"{name}: equation {label} has no binding"]
    try:
        holds(tex, binding)
    except (AssertionError, ValueError) as error:
        return [f"{name}: equation {label} ({language}): {error}"]
    return [f"{name}: equation {label}: {change}" for change in unnoticed(tex, binding)]


def main():
    pages = book()
    found = [problem for page in pages for check in checks.EVERY_PAGE for problem in check(page)]
    equations = labelled_equations(pages)
    found += [problem for equation in equations for problem in problems_of(*equation)]
    print(*found, sep="\n")
    print(f"{len(pages)} pages, {len(equations)} equations, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
