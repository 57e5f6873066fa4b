"""A figure as a notebook stores it: the same picture on every machine, and what it shows as text.

The tests compare the text, so that it says what was drawn whatever version of matplotlib drew it; the
picture is written without anything that depends on the last bit of a number.
"""

import io
import re

import numpy as np
from matplotlib import colors
from matplotlib.collections import PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator

DATA = "text/x-figure-data"  # the text's type beside image/svg+xml in a notebook


def store_in_notebooks(display):
    """Have IPython's display formatter store figures so."""
    display.formatters["image/svg+xml"].for_type(Figure, picture)
    display.mimebundle_formatter.for_type(
        Figure, lambda figure, **_: {DATA: data(figure)}
    )


def rounded(value, places):
    """The value to so many places; a grid beside the usual one, so that no round number stands on an edge."""
    scale = 10.0**places
    return round(value * scale + 0.1234) / scale + 0.0


# --- the picture --------------------------------------------------------------------------------------------

LENGTH = re.compile(
    r'\b(?:d|x|y|width|height|viewBox|points)="[^"]*"|translate\([^)]*\)'
)
NUMBER = re.compile(r"-?\d+\.\d*(?:e-?\d+)?|-?\d+e-?\d+|-0\b")
CURVE = re.compile(r"M [-\d. ]+\n(?:L [-\d. ]+\n){9,}(?:z\n)?")
HASHED = re.compile(r'id="((\w*[a-zA-Z_])[0-9a-f]{10})"')
CLIP = re.compile(r'\s*<clipPath id="(\w+)">\s*(.*?)\s*</clipPath>', re.DOTALL)


def picture(figure):
    """The figure as SVG: coordinates to a hundredth of a point, ids numbered in order."""
    file = io.StringIO()
    figure.savefig(
        file,
        format="svg",
        bbox_inches="tight",
        metadata={"Date": None, "Creator": None},
    )
    return canonical(file.getvalue())


def canonical(svg):
    """An SVG of matplotlib without what differs between machines: digits no eye sees, ids that hash them."""
    svg = LENGTH.sub(lambda found: NUMBER.sub(_hundredths, found[0]), svg)
    svg = CURVE.sub(lambda found: _thinned(found[0]), svg)
    return _number_ids(_one_of_each_clip(svg))


def _hundredths(number):
    return f"{rounded(float(number[0]), 2):.2f}".rstrip("0").rstrip(".")


def _thinned(path):
    """A polygonal line without the points that lie within a twentieth of a point of it (Douglas and Peucker 1973).

    matplotlib would do so before the coordinates are rounded, so that the last bit decides; it also decides
    whether a line that ends where it began is said to be closed.
    """
    lines = path.removesuffix("z\n").splitlines()
    points = np.array([line.split()[1:] for line in lines], dtype=float)
    closing = (
        "z\n" if path.endswith("z\n") and (points[0] != points[-1]).any() else ""
    )
    kept, spans = {0, len(points) - 1}, [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        distances = _from_line(points[first : last + 1], points[first], points[last])
        if distances.max() > 0.0501:  # no distance between hundredths
            furthest = first + int(distances.argmax())
            kept.add(furthest)
            spans += [(first, furthest), (furthest, last)]
    moves = ["M", *["L"] * len(kept)]
    corners = [(points[i, 0], points[i, 1]) for i in sorted(kept)]
    steps = (
        f"{move} {x:g} {y:g} \n" for move, (x, y) in zip(moves, corners, strict=False)
    )
    return "".join(steps) + closing


def _from_line(points, start, end):
    """How far points are from the segment between two others."""
    along, away = end - start, points - start
    share = np.clip(away @ along / max(along @ along, 1e-9), 0, 1)
    return np.hypot(*(away - share[:, None] * along).T)


def _one_of_each_clip(svg):
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for name, shape in CLIP.findall(svg):
        same[name] = first.setdefault(shape, name)
    svg = CLIP.sub(lambda found: found[0] if same[found[1]] == found[1] else "", svg)
    return re.sub(
        r"url\(#(\w+)\)", lambda found: f"url(#{same.get(found[1], found[1])})", svg
    )


def _number_ids(svg):
    count: dict[str, int] = {}
    names: dict[str, str] = {}
    for name, kind in HASHED.findall(svg):
        if name not in names:
            count[kind] = count.get(kind, 0) + 1
            names[name] = f"{kind}{count[kind]}"
    return re.sub(
        r"(?<=[\"#])\w+(?=[\")])", lambda found: names.get(found[0], found[0]), svg
    )


# --- what it shows ------------------------------------------------------------------------------------------


def data(figure):
    """What a figure shows: a line for each axis, series, bar and text, its numbers to a thousandth of the axis."""
    lines = ["figure " + " x ".join(f"{side:g}" for side in figure.get_size_inches())]
    if figure.get_suptitle():
        lines += [f"title {_quoted(figure.get_suptitle())}"]
    lines += [f"text {_quoted(text.get_text())}" for text in figure.texts]
    for number, axes in enumerate(figure.axes, 1):
        lines += [f"axes {number}", *(f"  {line}" for line in _axes(axes))]
    return "\n".join(lines) + "\n"


def _axes(axes):
    """The lines of one pair of axes."""
    places = _places(axes.xaxis), _places(axes.yaxis)
    yield from _scale("x", axes.xaxis, axes.get_xlim(), places[0])
    yield from _scale("y", axes.yaxis, axes.get_ylim(), places[1])
    yield from _titles(axes)
    if axes.get_label() == "<colorbar>":
        return  # its colours are those of what it explains
    for kind, tell in KINDS.items():
        for artist in getattr(axes, kind):
            yield from tell(artist, axes, places)
    if axes.get_legend() is not None:
        yield from _legend(axes.get_legend())


def _titles(axes):
    titles = [axes.get_title(side) for side in ("left", "center", "right")]
    yield from (f"title {_quoted(title)}" for title in titles if title)
    if not axes.axison:
        yield "no frame"


def _scale(name, axis, limits, places):
    """An axis: its scale, limits, label, and the ticks that somebody set."""
    ends = " ".join(_number(end, places) for end in limits)
    yield f"{name} {axis.get_scale()} {ends} {_quoted(axis.get_label_text())}"
    if isinstance(axis.get_major_locator(), FixedLocator):
        ticks = " ".join(_number(tick, places) for tick in axis.get_majorticklocs())
        names = axis.get_major_formatter()
        yield f"{name} ticks {ticks}" + (
            " " + " ".join(map(_quoted, names.seq))
            if isinstance(names, FixedFormatter)
            else ""
        )


def _line(line, axes, places):
    style = [_color(line.get_color(), line), line.get_linestyle(), line.get_marker()]
    style += [f"{line.get_linewidth():g}"]
    yield _titled(" ".join(["line", *map(str, style)]), line)
    yield from _points(line.get_xydata(), line, axes, places)


def _patch(patch, axes, places):
    kind = type(patch).__name__.lower()
    style = f"{_color(patch.get_facecolor())} {_color(patch.get_edgecolor())}"
    yield _titled(f"{kind} {style} {patch.get_linestyle()}", patch)
    outline = patch.get_patch_transform().transform(patch.get_path().vertices)
    yield from _points(_corners(outline), patch, axes, places)


def _collection(collection, axes, places):
    fill, edge = collection.get_facecolor(), collection.get_edgecolor()
    colours = [_color(colour) for colour in [*fill[:1], *edge[:1]]]
    kind = type(collection).__name__.lower().replace("fillbetween", "")
    yield _titled(" ".join([kind, *colours]), collection)
    for points in _outlines(collection):
        yield from _points(points, collection, axes, places)
    if isinstance(collection, ContourSet):
        yield "  levels " + " ".join(f"{level:#.4g}" for level in collection.levels)
    elif collection.get_array() is not None:
        yield from _shades(collection)


def _outlines(collection):
    """The points of a scatter, the corners of areas, the boxes around contours."""
    outlines = [np.asarray(path.vertices) for path in collection.get_paths()]
    if isinstance(collection, PathCollection):
        return [collection.get_offsets()]
    if isinstance(collection, ContourSet):
        drawn = [outline for outline in outlines if len(outline)]
        return [[outline.min(axis=0), outline.max(axis=0)] for outline in drawn]
    return map(_corners, outlines)


def _shades(collection):
    yield "  shades " + " ".join(
        f"{value:#.3g}" for value in _plain(collection.get_array())
    )
    ends = (f"{end:#.3g}" for end in collection.get_clim())
    yield f"  {collection.get_cmap().name} " + " ".join(ends)


def _image(image, axes, places):
    ends = " ".join(f"{end:#.3g}" for end in image.get_clim())
    yield _titled(f"image {image.get_cmap().name} {ends}", image)
    left, right, bottom, top = image.get_extent()
    corners = zip((left, right), (bottom, top), strict=True)
    yield from _numbers(corners, places)
    for row in np.ma.filled(image.get_array(), np.nan):
        yield "  " + " ".join(f"{value:#.3g}" for value in np.ravel(row))


def _text(text, axes, places):
    where = getattr(
        text, "xy", text.get_position()
    )  # of an annotation: what it points to
    at = _points([where], text, axes, places)
    yield f"text {_quoted(text.get_text())}{''.join(at)}"


KINDS = {
    "lines": _line,
    "patches": _patch,
    "collections": _collection,
    "images": _image,
    "texts": _text,
}


def _legend(legend):
    for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
        colour = getattr(handle, "get_color", None) or handle.get_facecolor
        shade = colour()
        shade = shade[0] if np.ndim(shade) == 2 else shade
        yield f"legend {_quoted(text.get_text())} {_color(shade)}"


def _titled(style, artist):
    """A series' kind and style, and its name if it has one that a legend would show."""
    name = str(artist.get_label())
    shown = "" if artist.get_visible() else " hidden"
    return (
        style
        + shown
        + ("" if name.startswith("_") or not name else f" {_quoted(name)}")
    )


def _quoted(text):
    return '"' + str(text).replace("\n", "\\n") + '"'


def _color(color, artist=None):
    alpha = artist.get_alpha() if artist is not None else None
    return colors.to_hex(colors.to_rgba(color, alpha), keep_alpha=True).removesuffix(
        "ff"
    )


def _points(points, artist, axes, places):
    """A series' points; those that are placed relative to the axes have hundredths of their own."""
    across, up = axes.transData.contains_branch_seperately(artist.get_transform())
    if isinstance(artist, PathCollection):
        across = up = artist.get_offset_transform() == axes.transData
    own = [
        place if data else 3 for place, data in zip(places, (across, up), strict=True)
    ]
    return _numbers(points, own)


def _numbers(points, places):
    columns: np.ndarray = np.ma.filled(np.ma.asarray([*points], dtype=float), np.nan)
    for name, column, place in zip(
        "xy", columns.reshape(-1, 2).T, places, strict=True
    ):
        yield f"  {name} {_row([_number(value, place) for value in column], column, place)}"


def _row(printed, column, places):
    """The numbers of a column, shortly where they are all the same or go in even steps."""
    if len(printed) > 9 and len(set(printed)) == 1:
        return f"{printed[0]}, {len(printed)} times"
    if len(printed) > 9 and _even(column if places is not None else np.log(column)):
        return f"{printed[0]} to {printed[-1]} in {len(printed)} even steps"
    return " ".join(printed)


def _even(column):
    steps = np.diff(column)
    return np.allclose(steps, steps.mean(), rtol=1e-6, atol=0)


def _corners(vertices):
    """The different corners of a shape in one order, wherever matplotlib begins and how often it goes round."""
    seen = {tuple(np.round(vertex, 9) + 0.0): vertex for vertex in vertices}
    return [seen[key] for key in sorted(seen)]


def _plain(values):
    return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()


def _places(axis):
    """How many decimals make a thousandth of an axis, at least; None on an axis that is not linear."""
    if axis.get_scale() != "linear":
        return None
    low, high = axis.get_view_interval()
    return 3 - int(np.floor(np.log10(abs(high - low))))


def _number(value, places):
    if not np.isfinite(value) or places is None:
        return f"{value:#.4g}"
    return f"{rounded(value, places):.{max(places, 0)}f}"
