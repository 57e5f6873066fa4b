"""The interactive figures: every number they show is lossbook's, to four decimals."""

import re

import numpy as np
import pytest
from scipy.optimize import brentq

import lossbook
from lossbook import information as info

from ..browser import DESKTOP, PHONE

TINY = 1e-9  # a shown number is off by half a unit of its last digit, and by rounding


def bernoulli(p, q):
    P, Q = np.array([[p, 1 - p], [q, 1 - q]], dtype=float)
    return {
        "entropy": info.entropy(P),
        "cross-entropy": info.cross_entropy(P, Q),
        "kl": info.kl_divergence(P, Q),
        "reverse": info.kl_divergence(Q, P),
    }


def softmax(z1, z2, z3, factor, y):
    z, target = factor * np.array([z1, z2, z3], dtype=float), int(y) - 1
    slopes = lossbook.cross_entropy_grad(z, target)
    columns = {"z": z, "q": lossbook.softmax(z), "g": slopes}
    numbers = {f"{name}{k + 1}": v[k] for name, v in columns.items() for k in range(3)}
    return {"loss": lossbook.cross_entropy(z, target), **numbers}


def slopes(c, y, delta):
    """The derivative of each loss by the constant c, at each y."""
    c = np.full_like(y, c)
    return {
        "squared": lossbook.mse_loss_grad(c, y, reduction="sum") / 2,
        "absolute": lossbook.l1_loss_grad(c, y, reduction="sum"),
        "huber": lossbook.huber_loss_grad(c, y, reduction="sum", delta=delta),
    }


def huber(outlier, delta):
    y, delta = np.array([-4, -3, -2.2, -1.5, 0.5, 1, outlier]), 2.0**delta

    def balance(name):
        return brentq(lambda c: slopes(c, y, delta)[name].sum(), -12, 12, xtol=1e-13)

    fitted = {"squared": balance("squared"), "absolute": np.median(y), "huber": balance("huber")}
    pulls = {f"{name}-pull": -slopes(c, y, delta)[name][-1] for name, c in fitted.items()}
    return fitted | pulls


KINDS = {
    "bernoulli": ("information/kl_divergence", "fig-binary-kl", bernoulli),
    "softmax": ("classification/multiclass_cross_entropy", "fig-cross-entropy-grad", softmax),
    "huber": ("regression/huber", "fig-huber-outliers", huber),
}
POSITIONS = {
    "bernoulli": [
        *({"p": p, "q": q} for p in (0, 0.01, 0.37, 1) for q in (0, 0.01, 0.37, 0.99, 1)),
    ],
    "softmax": [
        {"z1": 0.3, "z2": -0.7, "z3": 1.9, "factor": 1.5, "y": 2},
        {"z1": 1.2, "z2": 1.2, "z3": 1.2, "y": 3},
        {"z1": 5, "z2": -5, "z3": 0, "factor": 10, "y": 1},
        {"factor": 3},
        {"z1": 5, "z2": -5, "z3": 5, "factor": 10, "y": 2},
        {"factor": 0},
    ],
    "huber": [
        *({"outlier": x, "delta": d} for x in (-12, -1.5, 0.2, 4.7, 12) for d in (-7, 0, 1.75, 7)),
    ],
}
both_languages = pytest.mark.parametrize("language", ["zh", "en"])
every_kind = pytest.mark.parametrize("kind", KINDS)


def open_figure(open_page, language, kind, **options):
    page = open_page(f"{language}/book/{KINDS[kind][0]}.html", **options)
    page.wait_for_function("document.querySelector('loss-figure svg')?.children.length")
    return page


def sliders(page):
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('loss-figure input')]"
        ".map((slider) => [slider.dataset.name, Number(slider.value)]))"
    )


def move(page, positions):
    page.evaluate(
        """(positions) => Object.entries(positions).forEach(([name, value]) => {
          const slider = document.querySelector(`loss-figure input[data-name=${name}]`);
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        })""",
        positions,
    )


def number(text):
    assert re.fullmatch(r"−?\d+\.\d{4}|∞", text) and text != "−0.0000", text
    return float("inf") if text == "∞" else float(text.replace("−", "-"))


def check(page, kind):
    """What the figure shows at this position of its sliders is what lossbook computes."""
    shown = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('loss-figure [data-value]')]"
        ".map((slot) => [slot.dataset.value, slot.textContent]))"
    )
    wanted = KINDS[kind][2](**sliders(page))
    assert shown.keys() == wanted.keys()
    for name, text in shown.items():
        assert number(text) == pytest.approx(wanted[name], rel=0, abs=0.5e-4 + TINY), name
    assert not re.search("NaN|Infinity|undefined", page.inner_html("loss-figure"))


def height(page):
    return page.locator("loss-figure").bounding_box()["height"]


@both_languages
@every_kind
def test_the_numbers_are_those_of_lossbook(open_page, language, kind):
    page = open_figure(open_page, language, kind)
    check(page, kind)
    before = height(page)
    for position in POSITIONS[kind]:
        move(page, position)
        assert sliders(page).items() >= position.items()
        check(page, kind)
        assert height(page) == before, position


@both_languages
@every_kind
def test_every_slider_is_moved_by_the_keyboard(open_page, language, kind):
    page = open_figure(open_page, language, kind)
    inputs = page.locator("loss-figure input").all()
    inputs[0].focus()
    assert page.locator("loss-figure [aria-live=polite] .value").count() > 0
    for slider in inputs:
        assert slider.evaluate("slider => slider === document.activeElement")
        assert slider.evaluate("slider => slider.matches(':focus-visible')")
        assert slider.evaluate("slider => getComputedStyle(slider).outlineStyle") == "solid"
        places = []
        for key in ["ArrowRight", "ArrowUp", "ArrowLeft", "End", "Home", "PageUp"]:
            page.keyboard.press(key)
            places.append(slider.input_value())
            output = slider.locator("xpath=../following-sibling::output").inner_text()
            assert output == slider.get_attribute("aria-valuetext")
            assert re.sub("^−", "-", output)[:3] in (f"{shown_value(slider):.4f}")
            check(page, kind)
        assert len(set(places)) >= 3
        page.keyboard.press("Tab")


def shown_value(slider):
    value = float(slider.input_value())
    return 2**value if slider.get_attribute("data-scale") == "log2" else value


@pytest.mark.parametrize(
    ("kind", "name", "x", "value"),
    [("bernoulli", "p", 0.25, 0.25), ("huber", "outlier", 0.75, 6.5)],
)
def test_a_drag_in_the_picture_moves_its_slider(open_page, kind, name, x, value):
    page = open_figure(open_page, "en", kind)
    page.locator("loss-figure").scroll_into_view_if_needed()
    box = page.locator("loss-figure .grid").first.bounding_box()  # a line across the panel
    page.mouse.move(box["x"] + 10, box["y"] - 40)
    page.mouse.down()
    page.mouse.move(box["x"] + x * box["width"], box["y"] - 50)
    page.mouse.up()
    page.mouse.move(box["x"] + 20, box["y"] - 40)
    assert sliders(page)[name] == pytest.approx(value, abs=0.1)
    check(page, kind)


def marks(page, selector, attribute):
    """The numbers in an attribute of the marks, as fractions of their panel's width and height."""
    found = page.locator(f"loss-figure svg svg {selector}").evaluate_all(
        f"marks => marks.map(m => [m.getAttribute('{attribute}'), m.parentNode.getAttribute('width'),"
        " m.parentNode.getAttribute('height')])"
    )
    for text, width, high in found:
        xy = np.array([float(n) for n in re.findall(r"-?[\d.]+", text)]).reshape(-1, 2)
        yield xy / [float(width), float(high)]


def heights(page, selector, at, x, y):
    """The heights of a line at some places, in the numbers of the axes."""
    ((across, down),) = (line.T for line in marks(page, f".line{selector}", "d"))
    return np.interp(at, x[0] + across * (x[1] - x[0]), y[1] - down * (y[1] - y[0]))


@pytest.mark.parametrize("position", [{}, {"p": 0.9, "q": 0.35}])
def test_entropy_and_its_tangent_are_drawn(open_page, position):
    page = open_figure(open_page, "en", "bernoulli")
    move(page, position)
    at = np.linspace(0, 1, 21)
    for selector, name in {".a": "entropy", ".b": "cross-entropy"}.items():
        wanted = [bernoulli(p, sliders(page)["q"])[name] for p in at]
        drawn = heights(page, selector, at, (0, 1), (0, 1.6))
        np.testing.assert_allclose(drawn, wanted, atol=1e-3)


@pytest.mark.parametrize("position", [{}, {"outlier": 4.7, "delta": 1.75}])
def test_the_pulls_are_drawn(open_page, position):
    page = open_figure(open_page, "en", "huber")
    move(page, position)
    fitted, delta = huber(**sliders(page)), 2.0 ** sliders(page)["delta"]
    at = np.linspace(-12.7, 12.7, 41)  # not where a pull jumps
    for kind, name in zip("abc", ("squared", "absolute", "huber"), strict=True):
        drawn = heights(page, f".{kind}:not(.fitted)", at, (-13, 13), (-8, 8))
        np.testing.assert_allclose(drawn, -slopes(fitted[name], at, delta)[name], atol=5e-3)


def test_the_gap_is_drawn_where_it_is(open_page):
    page = open_figure(open_page, "en", "bernoulli")
    h = info.binary_entropy([0.2, 0.6])
    top = info.cross_entropy([0.6, 0.4], [0.2, 0.8])
    wanted = [[0.2, h[0]], [0.6, h[1]], [0.6, top]]
    drawn = np.concatenate(list(marks(page, ".dot", "transform")))
    np.testing.assert_allclose(drawn, [[x, 1 - y / 1.6] for x, y in wanted], atol=1e-3)


def test_the_bars_are_as_high_as_their_numbers(open_page):
    page = open_figure(open_page, "en", "softmax")
    z = np.array([2.0, 1.0, -1.0])
    bars = {".a": lossbook.softmax(z), ".b": lossbook.cross_entropy_grad(z, 0) / 2}
    for selector, wanted in {**bars, ".target": [1, 0, 0]}.items():
        drawn = [bar[0, 1] - bar[1, 1] for bar in marks(page, f".bar{selector}", "d")]
        np.testing.assert_allclose(drawn, wanted, atol=1e-3)


def test_the_fitted_constants_are_drawn_where_they_are(open_page):
    page = open_figure(open_page, "en", "huber")
    numbers = huber(**sliders(page))
    wanted = [(numbers[name] + 13) / 26 for name in ("squared", "absolute", "huber")]
    drawn = [line[0, 0] for line in marks(page, ".fitted", "d")]
    np.testing.assert_allclose(drawn, wanted, atol=1e-3)


@both_languages
@every_kind
def test_without_a_script_the_static_figure_stands_in(open_page, language, kind):
    path, label, _ = KINDS[kind]
    page = open_page(f"{language}/book/{path}.html", java_script_enabled=False)
    assert not page.locator("loss-figure").is_visible()
    picture = page.locator(f"#{label} img")
    assert picture.is_visible() and picture.bounding_box()["height"] > 100


def places(page):
    """Where the parts of the figure are, seen from its corner, and how large."""
    page.evaluate("() => document.fonts.ready.then(() => 1)")
    return page.locator("loss-figure, loss-figure > *, loss-figure .value").evaluate_all(
        """parts => parts.map(part => {
          const [box, figure] = [part, parts[0]].map(part => part.getBoundingClientRect());
          return [box.x - figure.x, box.y - figure.y, box.width, box.height];
        })"""
    )


@both_languages
@every_kind
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_nothing_moves_when_the_script_draws(open_page, url, language, kind, viewport):
    held = []
    page = open_page(f"{language}/book/appendix/references.html", viewport=viewport)
    page.wait_for_load_state("networkidle")
    page.route("**/interactive.js*", lambda route: held.append(route))
    page.goto(f"{url}{language}/book/{KINDS[kind][0]}.html", wait_until="commit")
    page.wait_for_selector(".prev-next-footer", state="attached")
    assert page.locator("loss-figure svg > *").count() == 0
    before = places(page)
    held[0].continue_()
    page.wait_for_selector("loss-figure svg > *", state="attached")
    np.testing.assert_allclose(places(page), before, atol=0.1)


@both_languages
@every_kind
def test_a_phone_shows_all_of_it(open_page, language, kind):
    page = open_figure(open_page, language, kind, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for part in page.locator("loss-figure :is(svg, input, output, .value)").all():
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert all(
        slider.bounding_box()["width"] > 150 for slider in page.locator("input[type=range]").all()
    )


@every_kind
def test_both_languages_have_words_of_their_own(open_page, kind):
    words = {}
    for language in ("zh", "en"):
        page = open_figure(open_page, language, kind)
        labels = page.locator("loss-figure label").all_inner_texts()
        words[language] = page.locator("loss-figure svg[role=img]").get_attribute("aria-label")
        assert all(labels) and bool(re.search("[一-鿿]", "".join([*labels, words[language]]))) == (
            language == "zh"
        )
    assert all(len(alt) > 30 for alt in words.values())


@every_kind
def test_the_script_is_loaded_where_it_is_used(open_page, kind):
    page = open_figure(open_page, "zh", kind)
    assert page.locator("script[defer][src*='interactive.js']").count() == 1
    other = open_page("zh/book/information/entropy.html")
    assert other.locator("script[src*='interactive.js']").count() == 0
