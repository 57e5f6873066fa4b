"""The site's page of the PDFs: links to those that were made, or how to make them.

python -m press.make.pdf_page _build/html
"""

import shutil
import sys
from pathlib import Path

from .. import BOOK, ROOT, SETTINGS

MADE = ROOT / "_build" / "pdf"
NAMES = {"zh": "中文", "en": "English"}
NONE = (
    "<p>还没有生成：运行 <code>make pdf</code>。</p>"
    '<p lang="en">Not made yet: run <code>make pdf</code>.</p>'
)


def link(path, language):
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    return f'<p><a href="{path.name}" lang="{language}">{NAMES[language]}</a> (PDF, {size})</p>'


def main(site):
    page = Path(site, "pdf")
    page.mkdir(parents=True, exist_ok=True)
    files = [(MADE / f"{SETTINGS['name']}-{language}.pdf", language) for language in NAMES]
    made = [(path, language) for path, language in files if path.exists()]
    for path, _ in made:
        shutil.copy2(path, page)
    template = (BOOK / "_templates" / "pdf.html").read_text(encoding="utf-8")
    links = "\n".join(link(*file) for file in made) or NONE
    text = template.replace("<!-- files -->", links)
    (page / "index.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
