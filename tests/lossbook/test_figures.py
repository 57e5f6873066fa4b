"""Figures are stored the same on every machine, and by what they show."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.style
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from lossbook import _figures


@pytest.fixture(autouse=True)
def style():
    """The book's style, for drawing and for storing."""
    ours = Path(_figures.__file__).with_name("lossbook.mplstyle")
    with matplotlib.style.context(["default", ours]):
        yield


def draw(change=None, shake=0.0):
    """A figure with a line, bars, points, an area, an image and texts; `change` may change it."""
    figure = Figure(layout="constrained", figsize=(8, 3))
    left, middle, right = figure.subplots(1, 3)
    x = np.linspace(0, 1, 50) * (1 + shake)
    left.plot(x, np.sin(7 * x), label="sine")
    left.plot(x, x**2, "--", label="square")
    left.plot(0.5, 0.25, "k*")
    left.legend()
    left.set(xlabel="$x$", ylabel="height", title="curves")
    middle.bar(["a", "b"], np.array([1, 2]) * (1 + shake), color="C2")
    middle.fill_between([0, 1], [0, 0.5], alpha=0.3)
    middle.axhline(1.5, color="gray")
    right.scatter([1, 10, 100], [3, 1, 2], c=[0.1, 0.5, 0.9])
    right.set(xscale="log")
    right.annotate("here", (10, 1), (0, 5), textcoords="offset points")
    right.imshow(np.array([[0.2, 0.4], [0.6, np.nan]]), extent=(1, 2, 1, 2), aspect="auto")
    if change:
        change(left, middle, right)
    return figure


CHANGES = {
    "a line moved": lambda left, middle, right: left.lines[1].set_ydata(left.lines[1].get_ydata() + 0.02),
    "one point moved": lambda left, middle, right: left.lines[0].set_ydata(np.r_[left.lines[0].get_ydata()[:-1], 0.7]),
    "a point taken away": lambda left, middle, right: left.lines[2].set_data([], []),
    "a colour": lambda left, middle, right: left.lines[0].set_color("#0b5cae"),
    "a dash": lambda left, middle, right: left.lines[1].set_linestyle("-"),
    "a marker": lambda left, middle, right: left.lines[2].set_marker("o"),
    "no legend": lambda left, middle, right: left.get_legend().remove(),
    "labels swapped": lambda left, middle, right: [
        text.set_text(name) for text, name in zip(left.get_legend().get_texts(), ("square", "sine"), strict=True)
    ],
    "axes swapped": lambda left, middle, right: left.set(xlabel="height", ylabel="$x$"),
    "a title": lambda left, middle, right: left.set_title("curve"),
    "a scale": lambda left, middle, right: right.set(xscale="linear"),
    "a limit": lambda left, middle, right: left.set(xlim=(0, 1.2)),
    "a bar": lambda left, middle, right: middle.patches[1].set_height(2.02),
    "the names of bars": lambda left, middle, right: middle.set_xticks([0, 1], ["b", "a"]),
    "an area": lambda left, middle, right: middle.collections[0].set_alpha(0.4),
    "a level": lambda left, middle, right: middle.lines[0].set_ydata([1.6, 1.6]),
    "a shade": lambda left, middle, right: right.collections[0].set_array([0.1, 0.6, 0.9]),
    "a dot": lambda left, middle, right: right.collections[0].set_offsets([[1, 3], [10, 1], [90, 2]]),
    "a word": lambda left, middle, right: right.texts[0].set_text("there"),
    "where a word points": lambda left, middle, right: setattr(right.texts[0], "xy", (20, 1)),
    "a pixel": lambda left, middle, right: right.images[0].set_data([[0.2, 0.5], [0.6, np.nan]]),
    "an axis hidden": lambda left, middle, right: right.set_axis_off(),
    "a line hidden": lambda left, middle, right: left.lines[0].set_visible(False),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_drawn_tells_every_change(change, comparison):
    before, now = _figures.data(draw()), _figures.data(draw(CHANGES[change]))
    told = list(comparison.different_data(before, now))
    assert told and told[0].startswith("axes")


@pytest.mark.parametrize("shake", [0.0, 3e-16, -3e-16, 1e-13])
def test_the_last_bits_of_what_is_drawn_change_neither_picture_nor_data(shake):
    assert _figures.picture(draw(shake=shake)) == _figures.picture(draw())
    assert _figures.data(draw(shake=shake)) == _figures.data(draw())


def test_what_was_drawn_reads_so():
    assert _figures.data(draw()).splitlines()[:14] == [
        "figure 8 x 3",
        "axes 1",
        '  x linear -0.050 1.050 "$x$"',
        '  y linear -1.100 1.100 "height"',
        '  title "curves"',
        '  line #0b5cad - None 2 "sine"',
        "    x 0.000 to 1.000 in 50 even steps",
        _figures.data(draw()).splitlines()[7],
        '  line #c8501e -- None 2 "square"',
        "    x 0.000 to 1.000 in 50 even steps",
        _figures.data(draw()).splitlines()[10],
        "  line #000000 None * 2",
        "    x 0.500",
        "    y 0.250",
    ]


def test_a_picture_keeps_nothing_that_depends_on_the_last_bit():
    svg = _figures.picture(draw())
    assert not re.search(r'id="[a-z]+[0-9a-f]{10}"', svg)
    assert 'id="p1"' in svg and 'id="m1"' in svg
    lengths = " ".join(_figures.LENGTH.findall(svg))
    assert not re.search(r"\.\d{3}|-0\b(?!\.)|e-", lengths)
    referred = set(re.findall(r'(?:url\(|href=")#(\w[\w-]*)', svg))
    assert referred <= set(re.findall(r'id="([^"]+)"', svg))


def test_a_thinned_line_stays_within_a_twentieth_of_a_point():
    x = np.linspace(0, 300, 400)
    y = 100 + 80 * np.sin(x / 30)
    path = "".join(
        f"{'L' if i else 'M'} {a:.2f} {b:.2f} \n" for i, (a, b) in enumerate(zip(x, y, strict=True))
    )
    points = np.array(
        [line.split()[1:] for line in _figures._thinned(path).splitlines()], dtype=float
    )
    assert len(points) < 120 and path.startswith("M")
    assert abs(np.interp(x, *points.T) - y).max() < 0.15


def test_a_line_that_ends_where_it_began_is_the_same_closed_or_not():
    turns = np.linspace(0, 2 * np.pi, 40)
    path = "".join(
        f"{'L' if i else 'M'} {round(np.cos(t), 2)} {round(np.sin(t), 2)} \n"
        for i, t in enumerate(turns)
    )
    assert _figures._thinned(path + "z\n") == _figures._thinned(path)
    half = "".join(f"{line}\n" for line in path.splitlines()[:20])
    assert _figures._thinned(half + "z\n") == _figures._thinned(half) + "z\n"


def test_two_clips_of_one_shape_are_one():
    clip = '<clipPath id="{}">\n <rect x="1.0000{}" y="2"/>\n</clipPath>'
    svg = f'{clip.format("p00000000aa", 1)}{clip.format("p00000000bb", 2)}<a c="url(#p00000000aa)"/><b c="url(#p00000000bb)"/>'
    assert _figures.canonical(svg).count("clipPath id") == 1
    assert re.findall(r"url\(#(\w+)\)", _figures.canonical(svg)) == ["p1", "p1"]


@pytest.mark.parametrize("style", ["normal", "italic"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_fonts_come_with_matplotlib(style, weight):
    font = font_manager.FontProperties(family="DejaVu Sans", style=style, weight=weight)
    assert Path(font_manager.findfont(font)).is_relative_to(matplotlib.get_data_path())


OF_THE_SCREEN = "('backend', 'interactive', 'toolbar', 'timezone', 'tk', 'webagg', 'figure', 'docstring', 'date', 'backend_fallback', 'savefig')"


def test_a_readers_own_settings_do_not_change_a_figure(tmp_path):
    (tmp_path / "matplotlibrc").write_text(
        "lines.linewidth: 9\nfont.family: serif\npath.sketch: 1, 100, 2\n"
    )
    code = f"from lossbook.plotting import plt; ignored = {OF_THE_SCREEN}; print([(k, str(v)) for k, v in sorted(plt.rcParams.items()) if k.split('.')[0] not in ignored])"
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env).stdout
        for env in (environment(), environment(MATPLOTLIBRC=str(tmp_path / "matplotlibrc")))
    ]  # fmt: skip
    assert said[0] == said[1] and "lines.linewidth" in said[0]


def environment(**added):
    return {**os.environ, **added}


def test_a_savefig_of_a_reader_is_not_touched():
    file = io.StringIO()
    draw().savefig(file, format="svg")
    assert re.search(r'id="p[0-9a-f]{10}"', file.getvalue())
