"""The glossary as a check: a term used on one side of a pair is used, in its approved form, on the other.

The pairs of terms are read from the `{glossary}` directives of the glossary page itself.
English terms match whole words, singular and plural, in any case; a longer term hides a shorter
one inside it, in both languages.  A term that is not translated (logit, softmax) is not checked.
"""

import re
from collections import Counter

from . import LANGUAGES, SETTINGS
from .chapter import parser
from .checks import pairs

# Other English forms that answer the Chinese term; they do not ask for it.
ANSWERS = SETTINGS["answers"]
# Words in which the letters of a term occur by chance; they are passed over.
CHANCE = re.compile("|".join(SETTINGS["chance"]) or r"(?!)")


def glossary(chapter, language="zh"):
    """(zh, en) terms of the glossary, as the directives of one language's cells list them."""
    return [
        tuple(terms if language == "zh" else reversed(terms))
        for terms in glossary_entries(chapter, language)
        if len(terms) == 2
    ]


def glossary_entries(chapter, language):
    """The lines above each definition; one line where a term is not translated."""
    entries = []
    for cell in chapter.cells:
        if cell.metadata.get("lang") == language:
            for token in parser().parse(cell.source):
                if token.type in ("fence", "colon_fence") and token.info.startswith("{glossary}"):
                    found = re.finditer(r"((?:^\S[^\n]*\n)+)(?=[ ]+\S)", token.content, flags=re.M)
                    entries += [match[1].splitlines() for match in found]
    return entries


def glossary_agrees(chapter):
    """Both languages list the same terms, each its own first, and none twice."""
    zh, en = (glossary_entries(chapter, language) for language in LANGUAGES)
    problems = [
        f"{chapter.name}: an entry has one or two terms, not {terms}"
        for terms in zh + en
        if len(terms) > 2
    ]
    problems += [
        f"{chapter.name}: zh lists {a}, en lists {b}"
        for a, b in zip(zh, en, strict=False)
        if a != b[::-1]
    ]
    if len(zh) != len(en):
        problems.append(f"{chapter.name}: zh has {len(zh)} entries, en has {len(en)}")
    counts = Counter(term.lower() for terms in zh for term in terms)
    return problems + [
        f"{chapter.name}: {term} stands twice" for term, n in counts.items() if n > 1
    ]


def _chinese(term):
    return re.escape(re.sub(r"\s+", "", term))


def _english(term):
    """The term in the singular and plural, as whole words."""
    plurals = [("(?<=[^aeiou])y$", "(?:y|ies)"), ("(?<=s|x)$|(?<=[cs]h)$", "(?:es)?"), ("$", "s?")]
    form = re.escape(term.lower())
    end, plural = next((end, plural) for end, plural in plurals if re.search(end, form))
    return _words(re.sub(end, plural, form, count=1))


def _words(form):
    return rf"(?<!\w)(?:{form})(?!\w)".replace(r"\ ", "[ -]").replace("'", "['’]")


def _terms(text, patterns):
    """Which terms occur; a longer one hides a shorter one inside it."""
    found, text = set(), CHANCE.sub("\0", text)
    for term in sorted(patterns, key=len, reverse=True):
        text, n = re.subn(patterns[term], "\0", text)
        found |= {term} if n else set()
    return found


def terms_agree(chapter, entries):
    """A term of the glossary on one side of a pair is there, in its approved form, on the other."""
    problems = []
    chinese = {zh: _chinese(zh) for zh, _ in entries}
    english = {en: _english(en) for _, en in entries}
    answers = {en: _words(ANSWERS[en]) for _, en in entries if en in ANSWERS}
    for i, zh, en in pairs(chapter):
        in_zh = _terms(re.sub(r"\s+", "", zh.prose), chinese)
        text = re.sub(r" (?=-\w)", "", " ".join(en.prose.lower().split()))
        in_en, answered = _terms(text, english), _terms(text, answers)
        for one, other in entries:
            if one in in_zh and other not in in_en | answered:
                problems.append(f"{chapter.name}, cell {i}: zh says {one}, en does not say {other}")
            if other in in_en and one not in in_zh:
                problems.append(f"{chapter.name}, cell {i}: en says {other}, zh does not say {one}")
    return problems
