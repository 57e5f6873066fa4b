"""Typeset the LaTeX that Sphinx wrote: _build/latex/<language> -> _build/pdf/<name>-<language>.pdf.

    python -m press.make.typeset     # is LaTeX here? if not, what to install

A character without a glyph, a reference that leads nowhere or a line that is too long is an error.
"""

import ctypes.util
import os
import re
import shutil
import subprocess
import sys

from .. import BOOK, ROOT, SETTINGS

PACKAGES = BOOK / "_latex" / "packages.txt"
OUTPUT = ROOT / "_build" / "pdf"
PROGRAMS = ("latexmk", "xelatex", "kpsewhich", "fc-list", "pdftotext")
FILES = (
    "tcolorbox.sty",
    "xeCJK.sty",
    "ctexhook.sty",
    "pzdr.tfm",
    "texgyrepagella-regular.otf",
    "texgyrepagella-math.otf",
)
FONTS = ("Noto Serif CJK SC", "JetBrains Mono")
LIMIT = 1  # point: how far a line or a page may reach over its margin
OVERFULL = re.compile(r"Overfull \\[hv]box \(([\d.]+)pt too [^\n]*")
FLAWS = re.compile(
    r"^(?:Missing character|! |LaTeX Warning: [^\n]*(?:undefined|multiply))[^\n]*", re.MULTILINE
)


def missing():
    """What `make pdf` needs and this machine has not."""
    absent = [name for name in PROGRAMS if not shutil.which(name)]
    if not absent:
        absent = [name for name in FILES if not run(["kpsewhich", name]).strip()]
        absent += [name for name in FONTS if not run(["fc-list", name])]
    if not ctypes.util.find_library("cairo"):
        absent.append("libcairo")
    return absent


def run(command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def ready():
    if absent := missing():
        packages = " ".join(PACKAGES.read_text().split())
        print("The PDF needs LaTeX, but there is no", ", ".join(absent))
        print(f"On Debian and Ubuntu: apt-get install --no-install-recommends {packages}")
        return 1
    return 0


def flaws(log):
    """What a log complains of, each once."""
    overfull = [match[0] for match in OVERFULL.finditer(log) if float(match[1]) > LIMIT]
    return list(dict.fromkeys([*FLAWS.findall(log), *overfull]))


def typeset(language):
    folder, name = ROOT / "_build" / "latex" / language, f"{SETTINGS['name']}-{language}"
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
    whole_lines = {**os.environ, "max_print_line": "10000"}
    done = subprocess.run(
        command, cwd=folder, env=whole_lines, capture_output=True, text=True, errors="replace"
    )
    log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    if done.returncode or (complaints := flaws(log)):
        print(done.stdout[-2000:] if done.returncode else "\n".join(complaints))
        print(f"The {language} PDF was not made: see {folder.relative_to(ROOT) / name}.log")
        return 1
    OUTPUT.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / f"{name}.pdf", OUTPUT)
    return 0


if __name__ == "__main__":
    sys.exit(ready())
