"""How a book like this is read, proved and printed: chapters in two languages, their numbers and formulas tests.

The book is the one in whose folder a command is given; `book/press.toml` holds what the press must know of it.
"""

import tomllib
from pathlib import Path

LANGUAGES = ("zh", "en")
SPHINX_NAMES = {"zh": "zh_CN", "en": "en"}
DEFAULTS = {
    "name": "book",  # of the PDFs
    "package": "",  # that the chapters use; its sources are among what their outputs depend on
    "not_derived": [],  # modules of it that no chapter derives
    "products": [],  # names whose numbers are versions
    "checks": "",  # the page that tells how each equation is checked
    "glossary": "",  # the page of the terms
    "weights": {},  # of pages in the search
    "answers": {},  # other English forms that answer a Chinese term
    "chance": [],  # words in which the letters of a term occur by chance
    "long_tables": [],  # that break over pages
    "unstriped_tables": [],
    "wide_tables": {},  # that need a page across, and how wide their columns are there
    "motto": "",  # on the title page
}


def root_of(folder):
    """The nearest folder, this one or one around it, with the order of a book."""
    return next((x for x in (folder, *folder.parents) if (x / "_toc.yml").exists()), folder)


def toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


ROOT = root_of(Path.cwd())
BOOK = ROOT / "book"
LOCK = sorted(ROOT.glob("requirements.lock"))  # the versions, where a book fixes them
SETTINGS = DEFAULTS | toml(BOOK / "press.toml")


def language_of(config):
    """'zh' for zh_CN, 'en' for en and for no language at all."""
    return (config.language or "en")[:2]


def choose(text, language):
    """The part of "中文 | English" in the given language; other values are returned as they are."""
    if not isinstance(text, str) or " | " not in text:
        return text
    return text.split(" | ")[LANGUAGES.index(language)]
