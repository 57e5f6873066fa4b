"""JupyterLab as `make lab` starts it: in the folder of the book, asking nothing of the network.

Saving changes what was edited and nothing else: no byte of a chapter that was only opened and run.
"""

import re
from importlib.resources import files

from press import BOOK
from press.notebooks import METADATA

KERNEL = "".join(f"  {key}: {value}\n" for key, value in METADATA["kernelspec"].items())
HEADER = re.compile(r"\A(---\n(?:.*\n)*?kernelspec:\n)(?:  .*\n)+")


def keep_metadata(model, **_):
    """What the kernel tells of itself differs from machine to machine."""
    content = model.get("content")
    if model["type"] == "notebook" and content:
        model["content"] = {**content, "metadata": METADATA}
    elif model["type"] == "file" and isinstance(content, str):
        model["content"] = HEADER.sub(lambda found: found[1] + KERNEL, content)


LOOK = str(files("press.make") / "lab")  # a style sheet, and settings other than JupyterLab's own

c = get_config()  # noqa: F821
c.ServerApp.root_dir = str(BOOK)
c.FileContentsManager.pre_save_hook = keep_metadata
c.ServerApp.tornado_settings = {"static_custom_path": [LOOK]}
c.LabApp.custom_css = True
c.LabApp.app_settings_dir = LOOK
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"
