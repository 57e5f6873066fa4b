"""The book's figure style: `from lossbook.plotting import plt`.

Needs matplotlib, which `pip install lossbook` alone does not bring.
A notebook stores each figure as SVG, the same on every machine, and as text that says what was drawn,
which the tests compare.
"""

from pathlib import Path

import matplotlib.pyplot as plt

# whatever the reader's own settings are, a figure of the book looks as it is stored
plt.style.use(["default", Path(__file__).with_name("lossbook.mplstyle")])

WIDE = (8.0, 3.2)  # two panels side by side


def _figures_of_notebooks():
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        from . import _figures

        set_matplotlib_formats("svg")
        _figures.store_in_notebooks(get_ipython().display_formatter)


_figures_of_notebooks()
__all__ = ["WIDE", "plt"]
