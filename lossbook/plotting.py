"""The book's figure style: `from lossbook.plotting import plt`.

Needs matplotlib, which `pip install lossbook` alone does not bring.
Figures come out as SVG, byte for byte the same on every run, so that the tests can compare them.
"""

from pathlib import Path

import matplotlib.pyplot as plt

plt.style.use(Path(__file__).with_name("lossbook.mplstyle"))

WIDE = (8.0, 3.2)  # two panels side by side


def _svg_in_notebooks():
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None, "Creator": None})


_svg_in_notebooks()
__all__ = ["WIDE", "plt"]
