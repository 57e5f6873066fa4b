"""What the tests and benchmarks want to know of an HTML page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
# where the browser loads something by itself
LOADS = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
}

ELSEWHERE = ("alternate", "next", "prev", "index", "search")  # links to pages, which load nothing
LABELS = ("title", "aria-label", "placeholder", "data-bs-title")


@dataclass
class Page:
    """What the tests want to know of an HTML page."""

    path: Path
    html: str
    ids: set = field(default_factory=set)
    links: list = field(default_factory=list)
    loads: list = field(default_factory=list)
    labels: list = field(
        default_factory=list
    )  # (attribute, words) that tools tips and readers show
    images: list = field(default_factory=list)  # alt texts
    scripts: list = field(default_factory=list)  # inline ones
    navigation: list = field(default_factory=list)  # words of menus
    headings: str = ""
    mathematics: str = ""
    alternates: dict = field(default_factory=dict)
    switches: list = field(default_factory=list)
    language: str = ""
    checks: int = 0


class Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.page, self.stack = page, []
        self.feed(page.html)

    def inside(self, *tags):
        return any(tag in tags for tag in self.stack)

    def handle_starttag(self, tag, attributes):
        """What every tag may have, and then what the method named after the tag looks for."""
        values = dict(attributes)
        if tag not in VOID:
            self.stack.append(tag)
        if "id" in values:
            self.page.ids.add(values["id"])
        if values.get("rel") not in ELSEWHERE:
            self.page.loads += [value for name, value in attributes if (tag, name) in LOADS]
        if tag != "link":
            kind = values.get("class") or tag
            self.page.labels += [(kind, value) for name, value in attributes if name in LABELS]
        getattr(self, f"see_{tag}", lambda values: None)(values)

    def see_a(self, values):
        kind = values.get("class") or ""
        self.page.checks += kind == "checked"
        if "href" in values:
            self.page.links.append(values["href"])
        if "language-switch" in kind:
            self.page.switches.append(values["href"])

    def see_img(self, values):
        self.page.images.append((values["src"], values.get("alt")))

    def see_link(self, values):
        if values.get("rel") == "alternate":
            self.page.alternates[values["hreflang"]] = values["href"]

    def see_html(self, values):
        self.page.language = values["lang"]

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if self.inside("script", "style"):
            self.page.scripts.append(data)
        elif self.inside("math"):
            self.page.mathematics += data
        elif self.inside("h1", "h2", "h3", "dt"):
            self.page.headings += data
        elif self.inside("nav", "button", "footer") and not self.inside(
            "code", "style", "noscript"
        ):
            self.page.navigation += [data.strip()] if data.strip() else []
