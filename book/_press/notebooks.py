"""Run the chapters and store their outputs: book/**/*.md -> book/**/*.ipynb.

    python -m press.notebooks [--force] [chapter.md ...]

A chapter runs again when its text, the book's package or the lock file changed since its outputs were stored.
The result is the same byte for byte on every run: no time stamps, no random ids, nothing of the host.
"""

import argparse
import hashlib
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jupytext
import nbformat

from . import BOOK, ROOT, SETTINGS

STORE = ROOT / "_build" / "notebooks"  # what each notebook was made from
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def chapters(folder=BOOK):
    """The Markdown sources of the book, in a fixed order."""
    hidden = ("_", ".")
    return sorted(
        path
        for path in folder.rglob("*.md")
        if not any(part.startswith(hidden) for part in path.relative_to(folder).parts)
    )


def from_markdown(text):
    """The notebook, without outputs, that a chapter's text describes."""
    notebook = jupytext.reads(text, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(METADATA)
    seen = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return notebook


def same_text(markdown, notebook):
    """Whether a stored notebook holds exactly the cells of its Markdown."""

    def text(nb):
        return [(c.id, c.cell_type, c.source, dict(c.metadata)) for c in nb.cells]

    return text(from_markdown(markdown)) == text(nbformat.reads(notebook, as_version=4))


def run(path):
    """Execute a chapter and write its notebook; a cell that raises leaves the stored one as it was."""
    notebook = from_markdown(path.read_text(encoding="utf-8"))
    if any(cell.cell_type == "code" for cell in notebook.cells):
        from nbclient import NotebookClient

        folder = {"metadata": {"path": str(path.parent)}}
        NotebookClient(
            notebook, timeout=120, record_timing=False, coalesce_streams=True, resources=folder
        ).execute()
        for cell in notebook.cells:
            for output in cell.get("outputs", ()):
                if output.output_type == "error":  # of something displayed, which stops no cell
                    raise RuntimeError("\n".join(output.traceback))
        notebook.metadata = nbformat.from_dict(METADATA)
    path.with_suffix(".ipynb").write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def inputs(path):
    """A digest of all that a chapter's outputs depend on."""
    package = sorted((ROOT / SETTINGS["package"]).glob("[!.]*.*")) if SETTINGS["package"] else []
    digest = hashlib.sha256()
    for source in [path, *package, *ROOT.glob("requirements.lock")]:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def is_current(path):
    stamp, notebook = stamp_of(path), path.with_suffix(".ipynb")
    if not (stamp.exists() and notebook.exists()):
        return False
    return stamp.read_text() == inputs(path) + hashlib.sha256(notebook.read_bytes()).hexdigest()


def stamp_of(path):
    return (
        STORE / f"{path.relative_to(BOOK).with_suffix('').as_posix().replace('/', '.')}.made-from"
    )


def make(path):
    """Run one chapter; returns what to tell, empty when all went well."""
    made_from = inputs(path)  # as it is now: the text may change while it runs
    try:
        run(path)
    except Exception as error:
        return f"{path.relative_to(ROOT)} was not stored: {error}"
    digest = hashlib.sha256(path.with_suffix(".ipynb").read_bytes()).hexdigest()
    STORE.mkdir(parents=True, exist_ok=True)
    stamp_of(path).write_text(made_from + digest)
    return ""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", type=Path, help="Markdown files (default: all)")
    parser.add_argument("--force", action="store_true", help="run even what did not change")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.chapters] or chapters()
    todo = [path for path in paths if options.force or not is_current(path)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        problems = []
        for path, problem in zip(todo, pool.map(make, todo), strict=True):
            print(f"{'FAILED' if problem else 'ran'} {path.relative_to(ROOT)}", flush=True)
            problems += [problem] if problem else []
    print(f"{len(todo)} run, {len(paths) - len(todo)} unchanged")
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
