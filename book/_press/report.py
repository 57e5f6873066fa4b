"""What is under test: `make report`."""

import sys

from . import LANGUAGES, bindings
from .chapter import book, labels
from .checks import decimals


def count(chapter):
    """(what, how many) for one page; numbers and equations in both languages."""
    facts = [facts for language in LANGUAGES for _, facts in chapter.facts(language)]
    return {
        "cells": len(chapter.code),
        "outputs": len(chapter.outputs),
        "figures": len(chapter.pictures),
        "numbers": sum(len(decimals(f.numerals)) for f in facts),
        "equations": len(labels(chapter.markdown)),
    }


def main():
    rows = {chapter.name: count(chapter) for chapter in book()}
    columns = list(next(iter(rows.values())))
    rows["all"] = {column: sum(row[column] for row in rows.values()) for column in columns}
    print(f"{'under test':44s}" + "".join(f"{column:>11s}" for column in columns))
    for name, row in rows.items():
        print(f"{name:44s}" + "".join(f"{row[column]:11d}" for column in columns))
    evaluated, equations = len(bindings.checks()), rows["all"]["equations"]
    print(f"\nequations evaluated from their own LaTeX: {evaluated} of {equations}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
