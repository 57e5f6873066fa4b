"""Pictures of the pages, kept in `_build/screenshots/` to be looked at: both languages, wide and narrow, light and dark."""

import pytest

from press import ROOT

from ..browser import DESKTOP, PHONE

FOLDER = ROOT / "_build" / "screenshots"
PAGES = ["intro", "information/kl_divergence", "sequence/ctc", "practice/choosing", "appendix/card"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_picture(open_page, language, screen, scheme, name):
    page = open_page(f"{language}/book/{name}.html", screen, color_scheme=scheme)
    width = "desktop" if screen is DESKTOP else "phone"
    path = FOLDER / f"{language}-{name.replace('/', '-')}-{width}-{scheme}.png"
    page.screenshot(path=path)
    assert path.stat().st_size > 10_000  # not a blank page
