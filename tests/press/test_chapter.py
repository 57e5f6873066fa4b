"""The reader of a chapter: what it tells at a glance is what it reads in full."""

import pytest

from press import LANGUAGES
from press.chapter import book, equations, labels, sections, titles

PAGES = pytest.mark.parametrize("page", book(), ids=lambda page: page.name)


@PAGES
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_glance_sees_what_is_read_in_full(page, language):
    facts = [facts for _, facts in page.facts(language)]
    displays = {label: tex for f in facts for label, tex in f.displays if label}
    assert equations(page.markdown, language) == {
        label: " ".join(tex.split()) for label, tex in displays.items()
    }
    assert labels(page.markdown) == list(displays)
    assert len(titles(page.markdown, language)) == sum(len(f.headings) for f in facts)
    named = {name for name, _ in sections(page.markdown, language)}
    assert named <= {name for f in facts for name in f.labels}
