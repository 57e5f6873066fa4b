"""The one place where Sphinx is called, and where its language is named.

    python -m press.make.build html zh            # _build/html/zh, with its search index
    python -m press.make.build pdf zh --anew      # _build/latex/zh and _build/pdf; --anew: every page

A warning is an error.
"""

import argparse
import sys

from sphinx.cmd.build import main as sphinx_build

from .. import LANGUAGES, ROOT, SPHINX_NAMES
from . import search_index, typeset

BUILD = ROOT / "_build"
STRICT = ["-q", "-n", "-W", "--keep-going"]
ANEW = {"html": ["-E", "-a"], "pdf": ["-E"]}


def arguments(kind, language, target, doctrees):
    """What Sphinx is told."""
    builder = ["-b", "html"] if kind == "html" else ["-b", "latex", "-t", "pdf"]
    named = ["-D", f"language={SPHINX_NAMES[language]}", "-d", str(doctrees)]
    return [*builder, *STRICT, *named, str(ROOT), str(target)]


def html(language, options):
    target = BUILD / "html" / language
    told = arguments("html", language, target, BUILD / "doctrees" / language)
    failed = sphinx_build([*options, *told])
    if not failed:
        search_index.index(target)
    return failed


def pdf(language, options):
    told = arguments(
        "pdf", language, BUILD / "latex" / language, BUILD / f"doctrees/pdf-{language}"
    )
    return sphinx_build([*options, *told]) or typeset.typeset(language)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=ANEW)
    parser.add_argument("language", choices=LANGUAGES)
    parser.add_argument("--anew", action="store_true", help="read every page again")
    told = parser.parse_args()
    make = {"html": html, "pdf": pdf}[told.kind]
    return make(told.language, ANEW[told.kind] if told.anew else [])


if __name__ == "__main__":
    sys.exit(main())
