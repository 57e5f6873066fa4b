"""What makes the site, its search and the PDF, and JupyterLab's settings."""

from .. import ROOT, SETTINGS, toml


def wheel():
    """The file of the package that the chapters use, beside the sites; nothing where they use none."""
    if not SETTINGS["package"]:
        return ""
    project = toml(ROOT / "pyproject.toml")["project"]
    return f"{project['name']}-{project['version']}-py3-none-any.whl"
