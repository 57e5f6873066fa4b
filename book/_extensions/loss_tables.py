"""The card of all losses, the tables for choosing and those of the five libraries, written from
`book/losses.yml`.

Their formulas are taken from the chapters, where the tests evaluate them, by the equations' labels.
"""

import re
from functools import cache

import yaml
from sphinx.util import logging

import lossbook
from press import BOOK, ROOT, chapter, choose, language_of
from press.sphinx import connect
from press.sphinx.tables import TableDirective

logger = logging.getLogger(__name__)
LOSSES = BOOK / "losses.yml"
# The libraries of the card, and where their losses are.
LIBRARIES = {
    "PyTorch": "",
    "TensorFlow": "",
    "Keras": "keras.losses.",
    "scikit-learn": "sklearn.metrics.",
    "optax": "optax.losses.",
}
NAME = re.compile(r"(?:tf\.nn\.)?\b[A-Za-z][\w.]*\w(?=\()")
WRAPPERS = re.compile(r"(?:np|torch|jnp|jax|keras\.ops|F\.log_softmax|softmax|log_softmax)\b")


@cache
def read():
    return yaml.safe_load(LOSSES.read_text(encoding="utf-8"))


def ends(tex):
    """The first and the last side of a chain of equations, or nothing and what is none."""
    chain = re.sub(r"\\(?:begin|end){aligned}", "", tex).replace(r"\\ &=", "=").replace("&=", "=")
    sides, depth = [""], 0
    for token in re.findall(r"\\[a-zA-Z]+|\\.|.", chain):
        depth += (token in ("\\begin", *"{[(")) - (token in ("\\end", *"}])"))
        if token in (r"\\", r"\qquad") and depth == 0:
            return "", tex
        sides[-1] += token
        if token == "=" and depth == 0:
            sides[-1] = sides[-1][:-1].strip()
            sides.append("")
    return sides[0], sides[-1].strip()


def module_of(loss):
    return getattr(lossbook, loss["loss"]).__module__


def linked(loss, language):
    function = f"{module_of(loss)}.{loss['loss']}"
    return f"{choose(loss['title'], language)} {{py:func}}`~{function}`"


def name_in(loss, library):
    """The function of a library, without what stands around it in the call."""
    if library in loss.get("names", {}):
        return loss["names"][library]
    found = NAME.findall(loss.get("calls", {}).get(library, ""))
    own = [name for name in found if not WRAPPERS.match(name)]
    return LIBRARIES[library] + own[0] if own else None


class LibraryCalls(TableDirective):
    """`library-calls` family: how each loss of a module is computed in every library."""

    required_arguments = 1
    headings = ("损失 | Loss", "库 | Library", "调用 | Call")

    def run(self):
        self.env.note_dependency(str(LOSSES))
        losses = [x for x in read() if module_of(x) == f"lossbook.{self.arguments[0]}"]
        rows = [row for loss in losses for row in self.rows(loss)]
        return [self.table("library-calls", self.headings, (25, 15, 60), rows)]

    def rows(self, loss):
        calls = loss.get("calls") or loss["names"]
        title = linked(loss, language_of(self.config)), len(calls)
        for library, call in calls.items():
            yield self.row([title, library, f"`{call}`"])
            title = None


class LossTable(TableDirective):
    """A table of losses with formulas from the book."""

    def losses(self):
        self.env.note_dependency(str(LOSSES))
        return read()

    def equations(self):
        """The LaTeX of each labelled equation, in the language of the page."""
        found = {}
        for name in self.config.external_site_map:
            path = ROOT / f"{name}.md"
            self.env.note_dependency(str(path))
            markdown = path.read_text(encoding="utf-8")
            found |= chapter.equations(markdown, language_of(self.config))
        return found

    def formula(self, label, equations):
        """Its symbol, and the formula with a link."""
        if label not in equations:
            logger.warning("equation %s of losses.yml is in no chapter", label)
        symbol, formula = ends(equations.get(label, ""))
        return f"${symbol}$" if symbol else "", f"${formula}$ {{eq}}`{label}`"

    def names(self, loss):
        names = [name_in(loss, library) for library in LIBRARIES]
        return ", ".join(f"`{name}`" for name in names if name)

    def facts(self, loss, *fields):
        return [choose(loss[field], language_of(self.config)) for field in fields]


class LossCard(LossTable):
    """`loss-card`: a row for every loss."""

    headings = (
        "损失 | Loss",
        "公式 | Formula",
        "梯度 | Gradient",
        "值域 | Range",
        "最小值 | Minimum",
        "学到什么 | What is learnt",
        "各个库中的名称 | Names in the libraries",
    )

    def run(self):
        equations = self.equations()
        rows = [self.loss_row(loss, equations) for loss in self.losses()]
        return [self.table("loss-card", self.headings, (14, 22, 22, 8, 12, 10, 12), rows)]

    def loss_row(self, loss, equations):
        kinds = "equation", "gradient"
        formulas = [self.formula(loss[kind], equations)[1] for kind in kinds]
        title = linked(loss, language_of(self.config))
        facts = self.facts(loss, "range", "minimum", "learns")
        return self.row([title, *formulas, *facts, self.names(loss)])


class LossChoice(LossTable):
    """`loss-choice` task: the losses for a task, with the symbol and the formula apart."""

    required_arguments = 1
    headings = (
        "损失 | Loss",
        "符号 | Symbol",
        "公式 | Formula",
        "输出层 | Output layer",
        "学到什么 | What is learnt",
        "稳健吗 | Robust?",
        "各个库中的名称 | Names in the libraries",
    )

    def run(self):
        equations = self.equations()
        losses = [loss for loss in self.losses() if loss["task"] == self.arguments[0]]
        rows = [self.loss_row(loss, equations) for loss in losses]
        return [self.table("loss-choice", self.headings, (16, 10, 26, 12, 12, 12, 12), rows)]

    def loss_row(self, loss, equations):
        title = linked(loss, language_of(self.config))
        facts = self.facts(loss, "output", "learns", "robust")
        formula = self.formula(loss["equation"], equations)
        return self.row([title, *formula, *facts, self.names(loss)])


def setup(app):
    app.add_directive("library-calls", LibraryCalls)
    app.add_directive("loss-card", LossCard)
    app.add_directive("loss-choice", LossChoice)
    return connect(app)
