r"""Evaluate a displayed equation from its own LaTeX: the formula you read is the formula that ran.

`check(latex, symbols)` reads both sides of every relation and compares them; `unbroken_mutants`
makes small mistakes on purpose and reports those no draw notices.

=============  =====================================================================================
symbols        keys are LaTeX, compared without spacing, `\left`-like sizes and needless braces; the
               longest key wins, so `x_{\max}`, `H(P, Q)` or `\frac{\partial L}{\partial z}` may be
               bound as a phrase.  Unbound: `e`, `\mathrm{e}`, `\pi`, `\infty`
values         number | array, subscripts from 1: `p_i`, `p_{i-1}`, `q_{i,k}`, `w_{y_i}`; without
               subscript elementwise | callable: `f(x)`, `p(x, y)`, `p(y \mid x)`, `f(z)_k`,
               `f_k(z)`, `\sigma'(z)` | list, tuple, range: a set | Distribution
arithmetic     `+ - \cdot \times /`, juxtaposition, `x^{..}`, `n!`, `\frac`, `\sqrt[n]{x}`,
               `(x)_+` = max(x, 0), `x^\top y`; 0 log 0 = 0: an exact zero times infinity is zero
brackets       `( ) [ ] \{ \}`, `|x|` (`|S|` counts a set), `\|x\|`, `\|x\|_1`, `\lVert x \rVert_p`,
               `\lfloor x \rfloor`, `\lceil x \rceil`
functions      `\log \ln \lg \log_b \exp \sin .. \tanh`: one factor or bracket; `\log^2 x`
big operators  `\sum \prod \max \min` over `_{i=1}^{n}`, `_{i \in S}`, `_{i,j=1}^{n}`,
               `_{j=1,\, j \ne y}^{K}`, `\substack`, or `_j`, `_{j \ne y}` when `j` is bound to a
               set; their body is the following term, up to the next + or -.  Sets: a bound name,
               `\{0, 1\}`, `\{1, \dots, K\}`, `S \setminus \{y\}`.  An infinite sum takes 150 terms.
               Also `\max(a, b)`, `\max\{a, b\}`, `\max(z)`
expectation    `\mathbb{E}_{x \sim P}[..]`, P a Distribution
conditions     `\mathbb{1}[..]`, `\mathbb{1}\{..\}`, `\mathbf{1}_{..}`, `\begin{cases} a & .. \\ ..`
               with relations chained (`0 < p < 1`) or joined by `,`; `\text` is skipped, and text
               alone means otherwise; rows that overlap must agree
calculus       `\frac{\mathrm{d}}{\mathrm{d}x} TERM`, `\frac{\partial f(z)}{\partial z_k}` (or a bare
               callable `f` of z), `\frac{\partial^2}{\partial z_i \partial z_j}`: numerically, to a
               relative 1e-6; `\int_a^b .. \mathrm{d}x`, smooth inside the interval
relations      `= \ne < > \le \ge \approx` (to 1e-3), chained; `aligned` continues a chain; parts
               divided by `\quad` or by a new line hold each on its own
transparent    `\underbrace{x}_{..}`, `\overbrace`, `\boxed`, a unit in `\text` after a side
refused        what has two readings: `a / b c`, `\log(x)^2`, `y_{ik}` (write `y_{i,k}`), `x 2`
=============  =====================================================================================
"""

import functools
import math
import operator
import re
from typing import NamedTuple

import numpy as np


class EquationError(AssertionError):
    """The equation was read, and it is false."""


class UnreadableError(ValueError):
    """The equation is not in the notation of this module, or a binding does not fit it."""


class Distribution(NamedTuple):
    """Outcomes with their probabilities; called with an outcome it gives its probability."""

    values: list
    probs: list

    def __call__(self, outcome):
        return sum(p for v, p in zip(self.values, self.probs, strict=True) if v == outcome)


class Token(NamedTuple):
    text: str
    start: int
    end: int


class Site(NamedTuple):
    """A place where a mistake can be made: each mutant's description, and which must be noticed."""

    labels: list
    need: list  # [any] or [all]: set once the relations next to the site are known


TOKEN = re.compile(
    r"\\\\(?:\[[\d.]+\w+\])?|\\(?:text(?:rm|it|bf)?|mbox)\s*\{[^{}]*\}|\\(?:begin|end)\{\w+\*?\}"
    r"|\\(?:label|tag)\{[^}]*\}|\\(?:left|right)\s*\.|\\operatorname\*|\\[a-zA-Z]+|\\."
    r"|\d+(?:\.\d+)?|:=|\S"
)
SIZE = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?)")
SKIPPED = re.compile(
    r"\\[,;:! >]|~|\\(?:label|tag)\{.*|\\(?:left|right)\s*\.|\\(?:begin|end)\{(?:aligned|split)\}"
    r"|\\(?:displaystyle|textstyle|limits|nolimits|notag|nonumber|substack)"
)
STYLE = re.compile(
    r"\\(?:math[a-z]+|boldsymbol|bm|operatorname|hat|widehat|tilde|widetilde|bar|vec|dot)"
)
SYNONYMS = {
    **dict.fromkeys(["\\leq", "\\leqslant"], "\\le"),
    **dict.fromkeys(["\\geq", "\\geqslant"], "\\ge"),
    **dict.fromkeys(["\\dfrac", "\\tfrac"], "\\frac"),
    **dict.fromkeys([":=", "\\coloneqq", "\\triangleq"], "="),
    **dict.fromkeys(["\\Vert", "\\parallel"], "\\|"),
    **dict.fromkeys(["\\ldots", "\\cdots"], "\\dots"),
    **{"\\neq": "\\ne", "\\lt": "<", "\\gt": ">", "\\vert": "|", "\\times": "\\cdot"},
    **{"\\ln": "\\log", "\\qquad": "\\quad", "\\operatorname*": "\\operatorname"},
}
RELATIONS = {
    **{"=": operator.eq, "\\ne": operator.ne, "<": operator.lt, ">": operator.gt},
    **{"\\le": operator.le, "\\ge": operator.ge, "\\approx": None},
    **{"\\in": lambda a, b: a in b, "\\notin": lambda a, b: a not in b},
}
REVERSED = {"\\le": "\\ge", "\\ge": "\\le", "<": ">", ">": "<", "\\ne": "=", "\\in": "\\notin"}
CLOSING = {
    **{"(": ")", "[": "]", "\\{": "\\}", "{": "}", "|": "|", "\\|": "\\|"},
    **{"\\lvert": "\\rvert", "\\lVert": "\\rVert", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"},
}
ENDS = {*RELATIONS, *CLOSING.values(), *"+-/,;:.&^_!"} - {"|", "\\|"}
ENDS |= {"", "\\\\", "\\cdot", "\\quad", "\\mid", "\\end{cases}", "\\mathrm d", "\\dots"}
FUNCTIONS = {  # each with the one a mutant puts in its place
    **{"\\log": (np.log, np.exp), "\\lg": (np.log10, np.exp), "\\exp": (np.exp, np.log)},
    **{"\\sin": (np.sin, np.cos), "\\cos": (np.cos, np.sin), "\\tan": (np.tan, np.tanh)},
    **{"\\sinh": (np.sinh, np.cosh), "\\cosh": (np.cosh, np.sinh), "\\tanh": (np.tanh, np.tan)},
    **{"\\arcsin": (np.arcsin, np.sin), "\\arccos": (np.arccos, np.cos)},
    "\\arctan": (np.arctan, np.tan),
}
CONSTANTS = {"e": math.e, "\\mathrm e": math.e, "\\pi": math.pi, "\\infty": math.inf}


def tokenize(latex):
    """Cut LaTeX into tokens; what only moves ink is dropped, `{x}` is `x`, `\\hat{y}` is one."""
    tokens, opened, size, broken = [], [], "", False
    for match in TOKEN.finditer(latex):
        text, size, before = match[0], "", size
        text = "\\\\" if text.startswith("\\\\") else SYNONYMS.get(text, text)
        if SIZE.fullmatch(text):
            size = text
            continue
        if text in ("|", "\\|") and (side := re.search("l(?:eft)?$|r(?:ight)?$", before)):
            text = f"\\{side[0][0]}{'vert' if text == '|' else 'Vert'}"
        if text == "{" or text.startswith("\\begin"):
            opened.append(text)
        elif opened and (text == "}" or text.startswith("\\end")):
            opened.pop()
        inside = opened[-1] if opened else ""
        if text == "\\\\" and inside == "{":  # only \substack breaks a line here
            text = ","
        if text in ("\\\\", "\\quad") and inside not in ("{", "\\begin{cases}"):
            broken = bool(tokens)
        elif text != "\\quad" and (text != "&" or inside == "\\begin{cases}"):
            if SKIPPED.fullmatch(text):
                continue
            if broken and not ({text, tokens[-1].text} & {*RELATIONS, "+", "-", "\\cdot"}):
                tokens.append(Token("\\quad", match.start(), match.start()))
            broken = False
            append(tokens, Token(text, *match.span()))
    return tokens


def append(tokens, token):
    if token.text == "}" and len(tokens) > 1 and tokens[-2].text == "{":
        inner = tokens[-1]
        if not re.fullmatch(r"[\d.]{2,}|[{}+*-]", inner.text):
            del tokens[-2:]
            return append(tokens, Token(inner.text, inner.start, token.end))
    if tokens and STYLE.fullmatch(tokens[-1].text) and token.text != "{":
        style = tokens.pop()
        token = Token(f"{style.text} {token.text}", style.start, token.end)
    tokens.append(token)


def excerpt(latex, start, end, width=16):
    before, after = latex[max(0, start - width) : start], latex[end : end + width]
    dots = "..." * (start > width), "..." * (end + width < len(latex))
    return " ".join(f"{dots[0]}{before}[{latex[start:end]}]{after}{dots[1]}".split())


def times(a, b):
    """The product, with 0 * inf = 0: what makes 0 log 0 = 0."""
    product = np.multiply(a, b)
    if not np.any(np.isnan(product)):
        return product
    void = (np.equal(a, 0) & np.isinf(b)) | (np.equal(b, 0) & np.isinf(a))
    return np.where(void, 0.0, product)[()]


def integer(value):
    if np.ndim(value) or int(value) != value:
        raise EquationError(f"{value} is no integer, as an index, a bound or a factorial needs")
    return int(value)


def place(array, indices):
    """The position that 1-based subscripts mean."""
    indices = [integer(i) for i in indices]
    if len(indices) > np.ndim(array) or any(
        not 1 <= i <= n for i, n in zip(indices, np.shape(array), strict=False)
    ):
        raise EquationError(f"no element {indices} in an array of shape {np.shape(array)}")
    return tuple(i - 1 for i in indices)


def factorial(value):
    return np.vectorize(lambda n: float(math.factorial(integer(n))))(value)[()]


def norm(x, order):
    size = np.abs(np.asarray(x, float))
    return np.max(size) if np.isinf(order) else np.sum(size**order) ** (1 / order)


def span(lower, upper):
    lower = integer(lower)
    return range(lower, lower + 150 if upper == math.inf else integer(upper) + 1)


def slope(f, x):
    """f' by central differences of order 8; the step is a power of 2, so that x +- h is exact."""
    h = np.exp2(np.floor(np.log2(np.maximum(np.abs(x), 1 / 16)))) / 1024
    weights = enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), start=1)
    return sum(w * (f(k * h) - f(-k * h)) for k, w in weights) / h


def integrate(f, a, b):
    """The integral of f by the double exponential rule (tanh-, exp- or sinh-sinh)."""
    if np.isinf(a) and not np.isinf(b):
        return integrate(lambda x: f(-x), -b, -a)
    t = np.arange(-128, 129) / 32 * (1 if np.isinf(b) else 3 / 4)
    u, du = math.pi / 2 * np.sinh(t), math.pi / 2 * np.cosh(t) * (t[1] - t[0])
    if not np.isinf(b):
        x, dx = a + (b - a) / (1 + np.exp(-2 * u)), (b - a) / 2 / np.cosh(u) ** 2
    elif np.isinf(a):
        x, dx = np.sinh(u), np.cosh(u)
    else:
        x, dx = a + np.exp(u), np.exp(u)
    return sum(times(f(xi), wi) for xi, wi in zip(x, dx * du, strict=True))


def nudge(value, sign, size, siblings):
    """A value slightly wrong: an integer by 1, a real by `size`, a set by one end of it."""
    if isinstance(value, Distribution):
        return Distribution(*(nudge(list(part), sign, size, None) for part in value))
    if isinstance(value, (list, tuple, range)):
        return value[:-1] if sign > 0 else value[1:]
    if np.asarray(value).dtype.kind not in "biuf" and siblings:
        return siblings[min(max(siblings.index(value) + sign, 0), len(siblings) - 1)]
    if np.asarray(value).dtype.kind in "biu":
        return np.add(value, sign)
    return np.where(np.isinf(value), sign, value + sign * size * (1 + np.abs(value)))[()]


def holds(relation, a, b, rtol=1e-9, atol=1e-12):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape and a.ndim and b.ndim:
        return False
    rtol = 1e-3 if relation == "\\approx" else rtol
    close = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    close = (a == b) | (close & np.isfinite(a) & np.isfinite(b))
    whole = {"=": close, "\\approx": close, "\\ne": ~close.all(), "<": a < b, ">": a > b}
    return bool(np.all({**whole, "\\le": close | (a < b), "\\ge": close | (a > b)}[relation]))


class Reading:
    """One equation read with one set of symbols: a recursive descent from tokens to closures.

    Every method below the first few reads one construct at `self.at` and returns a function of the
    environment {name: value}; `choose` lets a mutant put another function in its place.
    """

    def __init__(self, latex, symbols):
        self.latex = latex
        self.tokens = [*tokenize(latex), Token("", len(latex), len(latex))]
        self.names = {name: tuple(t.text for t in tokenize(name)) for name in symbols}
        self.env = {key: symbols[name] for name, key in self.names.items()}
        if len(self.env) < len(symbols):
            raise UnreadableError("two bindings are the same symbol")
        self.longest = max(map(len, self.env.values() and self.env), default=1)
        self.at, self.read, self.scope, self.sites, self.active = 0, set(), [], [], None
        self.stops, self.indexing, self.size, self.wrt, self.numeric = (), False, 0.01, None, False
        self.parts = []
        while self.peek:
            self.parts.append(self.part())
            self.accept(",", ";", ".")
            if self.peek and not self.accept("\\quad"):
                self.fail()
        if not self.parts:
            self.fail("an empty equation")

    # Tokens

    @property
    def peek(self):
        return self.tokens[self.at].text

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *texts):
        return self.next() if self.peek and self.peek in texts else None

    def expect(self, text):
        return self.accept(text) or self.fail(f"expected {text}")

    def fail(self, why="not in the notation", at=None):
        token = self.tokens[self.at if at is None else at]
        where = excerpt(self.latex, token.start, token.end)
        what = repr(self.latex[token.start : token.end]) if token.text else "the end"
        raise UnreadableError(f"cannot read {what} at position {token.start}: {where}: {why}")

    def source(self, first):
        return self.latex[self.tokens[first].start : self.tokens[self.at - 1].end]

    def name(self):
        """The longest bound symbol or running index that stands here, passed over, or None."""
        for length in range(self.longest, 0, -1):
            key = tuple(t.text for t in self.tokens[self.at : self.at + length])
            if key in self.scope or key in self.env:
                self.at += length
                self.read |= {key} - {*self.scope}
                return key
        return None

    def skip_text(self):
        while self.peek.startswith(("\\text", "\\mbox")):
            self.next()

    def skip_group(self):
        depth = 0
        while True:
            text = self.next().text or self.fail("a brace is not closed")
            depth += (text == "{") - (text == "}")
            if not depth:
                return

    # Mutants

    def choose(self, first, plain, *mutants):
        """`plain`, unless the mutant of this place is active; mutants are (change, function)."""
        start, end = self.tokens[first].start, self.tokens[max(first, self.at - 1)].end
        where = f" at token {first + 1}: {excerpt(self.latex, start, end)}"
        number = len(self.sites)
        self.sites.append(Site([change + where for change, _ in mutants], [any]))

        def chosen(env):
            here = self.active is not None and self.active[0] == number
            return (mutants[self.active[1]][1] if here else plain)(env)

        return chosen

    def leaf(self, first, get, key=None):
        size, text = self.size, self.source(first)

        def nudged(sign):
            return lambda env: nudge(get(env), sign, size, env.get(("set", key)))

        return self.choose(first, get, (f"{text} up", nudged(1)), (f"{text} down", nudged(-1)))

    # Relations

    def relation(self):
        first, text = self.at, self.next().text
        if text not in REVERSED:
            return lambda env: text
        other = REVERSED[text]
        return self.choose(first, lambda env: text, (f"{text} -> {other}", lambda env: other))

    def part(self):
        """A chain of relations: [(closure, source, numeric) of each side], [relation closures]."""
        sides, relations, marks, start = [], [], [], self.at
        while True:
            first, marks, self.numeric = self.at, [*marks, len(self.sites)], False
            value = self.expression()
            sides.append((value, self.source(first), self.numeric))
            self.skip_text()
            marks.append(len(self.sites))
            if self.peek not in RELATIONS or self.peek in ("\\in", "\\notin"):
                break
            relations.append((self.peek, self.relation()))
        if not relations:
            self.fail("no relation in this part", start)
        for number in range(len(sides)):
            around = {text for text, _ in relations[max(0, number - 1) : number + 1]}
            if not around & {"=", "\\approx"}:
                for site in self.sites[marks[2 * number] : marks[2 * number + 1]]:
                    site.need[:] = [all]
        return sides, [closure for _, closure in relations]

    def conditions(self):
        """Relations joined by commas, text skipped; None when there is only text."""
        outer, self.size = self.size, 0.5  # near a border only a wide nudge is noticed
        self.skip_text()
        found = []
        while self.peek not in ENDS:
            found.append(self.condition())
            self.skip_text()
            if not self.accept(","):
                break
            self.skip_text()
        self.size = outer
        return (lambda env: all(condition(env) for condition in found)) if found else None

    def condition(self):
        sides, relations = [self.expression()], []
        while self.peek in RELATIONS and self.peek != "\\approx":
            is_set = self.peek in ("\\in", "\\notin")
            relations.append(self.relation())
            sides.append(self.set() if is_set else self.expression())
        if not relations:
            self.fail("a condition needs a relation")

        def true(env):
            values = [side(env) for side in sides]
            signs = [RELATIONS[relation(env)] for relation in relations]
            return all(map(lambda sign, a, b: sign(a, b), signs, values[:-1], values[1:]))

        return true

    # Arithmetic

    def expression(self):
        value = self.term() if self.peek not in ("+", "-") else None
        while self.peek in ("+", "-"):
            first, sign = self.at, self.next().text
            value = self.plus(first, sign, value, self.term())
        return value

    def plus(self, first, sign, left, right):
        def add(env):
            return right(env) if left is None else left(env) + right(env)

        def subtract(env):
            return -right(env) if left is None else left(env) - right(env)

        here = self.at
        self.at = first + 1  # so that the mutant shows the sign alone
        plain, other = (add, subtract) if sign == "+" else (subtract, add)
        value = self.choose(first, plain, (f"{sign} -> {'-' if sign == '+' else '+'}", other))
        self.at = here
        return value

    def term(self):
        start, value, slashed = self.at, self.factor(), False
        while True:
            first = self.at
            if self.accept("\\cdot"):
                value = self.product(value, self.factor())
            elif self.accept("/"):
                value, slashed = self.quotient(first, value, self.factor(), "/ -> \\cdot"), True
            elif not self.starts_factor():
                return value
            else:
                self.refuse_ambiguous(start, slashed)
                value = self.product(value, self.factor())

    def starts_factor(self):
        text, here = self.peek, self.at
        named, self.at = self.name(), here
        return named or not (
            text in ENDS or text in self.stops or text.startswith(("\\text", "\\mbox"))
        )

    def refuse_ambiguous(self, start, slashed):
        if slashed:
            self.fail("what is divided? write brackets or \\frac")
        if self.peek[0].isdigit():
            self.fail("a number after a factor: write \\cdot")
        if self.indexing and not self.tokens[start].text.isdigit():
            self.fail("one index or two? write i,k or i \\cdot k")

    def product(self, a, b):
        return lambda env: times(a(env), b(env))

    def quotient(self, first, a, b, change):
        def divide(env):
            return np.divide(a(env), b(env))

        def other(env):
            return times(a(env), b(env)) if "cdot" in change else np.divide(b(env), a(env))

        return self.choose(first, divide, (change, other))

    def factor(self):
        return self.postfix(self.primary())

    def primary(self):
        first, text = self.at, self.peek
        if key := self.name():
            return self.symbol(first, key)
        if text[:1].isdigit():
            number = float(text) if "." in text else int(text)
            self.next()
            return self.leaf(first, lambda env: number)
        if text in CONSTANTS:
            self.next()
            return self.leaf(first, lambda env: CONSTANTS[text])
        if text in FUNCTIONS:
            return self.function()
        if text not in HANDLERS:
            known = text in ENDS or not re.fullmatch(r"\\?[A-Za-z]+( .*)?", text)
            self.fail("an expression is missing here" if known else "no such symbol is bound")
        return HANDLERS[text](self)

    def symbol(self, first, key):
        value = None if key in self.scope else self.env[key]
        if not callable(value) or (isinstance(value, Distribution) and self.peek not in "(["):
            return self.leaf(first, lambda env: env[key], key)
        indices = self.indices() if self.accept("_") else []
        if self.peek in ("(", "[", "\\{"):
            arguments = self.arguments()
        elif self.wrt:
            arguments = [self.wrt]
        else:
            self.fail("a function needs its arguments in brackets", first)
        result = self.leaf(first, lambda env: value(*(argument(env) for argument in arguments)))
        return self.element(result, indices) if indices else result

    def arguments(self):
        close = CLOSING[self.next().text]
        return self.enclosed(close, lambda: self.listed(self.expression), stops=("|", "\\|"))

    def listed(self, read):
        found = [read()]
        while self.accept(",", ";", "\\mid", "|", "\\|"):
            found.append(read())
        return found

    def enclosed(self, close, read, stops=()):
        outer = self.stops, self.indexing
        self.stops, self.indexing = stops, False
        value = read()
        self.expect(close)
        self.stops, self.indexing = outer
        return value

    def argument(self):
        """What a command or a script takes: a group or one token, of `12` only the `1`."""
        if self.accept("{"):
            return self.enclosed("}", self.expression)
        token = self.tokens[self.at]
        if re.fullmatch(r"\d[\d.]+", token.text):
            digits = Token(token.text[0], token.start, token.start + 1)
            rest = Token(token.text[1:], token.start + 1, token.end)
            self.tokens[self.at : self.at + 1] = [digits, rest]
        return self.primary()

    def postfix(self, base, subscript=None):
        power = None
        while self.peek in ("_", "^", "!"):
            first, mark = self.at, self.next().text
            if mark == "_":
                base = (subscript or self.subscript)(base)
            elif power is not None:
                self.fail("a second power needs brackets", first)
            elif mark == "!":
                base = self.applied(first, factorial, base, "! dropped")
            elif self.accept("\\top"):
                return self.dot(base, self.factor())
            else:
                power = self.argument()
        return base if power is None else self.power(base, power)

    def power(self, base, exponent):
        return lambda env: np.float_power(base(env), exponent(env))

    def dot(self, a, b):
        return lambda env: np.asarray(a(env)).T @ np.asarray(b(env))

    def applied(self, first, function, inner, change):
        """function(inner), which a mutant leaves out."""
        return self.choose(first, lambda env: function(inner(env)), (change, inner))

    def subscript(self, base):
        if self.accept("+"):
            return self.applied(self.at - 1, lambda x: np.maximum(x, 0), base, "_+ dropped")
        return self.element(base, self.indices())

    def element(self, base, indices):
        def value(env):
            array = np.asarray(base(env))
            return array[place(array, [index(env) for index in indices])]

        return value

    def indices(self):
        if not self.accept("{"):
            return [self.argument()]
        outer, self.indexing = self.indexing, True
        found = self.listed(self.expression)
        self.expect("}")
        self.indexing = outer
        return found

    # Brackets, fractions, functions

    def group(self):
        return self.enclosed(CLOSING[self.next().text], self.expression)

    def absolute(self):
        first, close = self.at, CLOSING[self.next().text]
        inner = self.enclosed(close, self.expression, stops=("|",))
        sets = (list, tuple, range)
        return self.applied(
            first, lambda x: len(x) if isinstance(x, sets) else np.abs(x), inner, "|..| dropped"
        )

    def norm(self):
        first, close = self.at, CLOSING[self.next().text]
        inner = self.enclosed(close, self.expression, stops=("\\|",))
        if self.peek != "_" and not (self.peek == "^" and self.tokens[self.at + 2].text == "_"):
            return self.postfix(
                self.choose(
                    first,
                    lambda env: norm(inner(env), 2),
                    ("2-norm -> 1-norm", lambda env: norm(inner(env), 1)),
                )
            )

        def ordered(_):
            order = self.argument()
            return lambda env: norm(inner(env), order(env))

        return self.postfix(None, ordered)

    def rounded(self):
        first, text = self.at, self.next().text
        inner = self.enclosed(CLOSING[text], self.expression)
        functions = [np.floor, np.ceil] if text == "\\lfloor" else [np.ceil, np.floor]
        plain, other = (functools.partial(self.apply, f, inner) for f in functions)
        return self.choose(first, plain, ("floor <-> ceil", other))

    @staticmethod
    def apply(function, inner, env):
        return function(inner(env))

    def fraction(self):
        first = self.at
        self.next()
        if derivative := self.derivative():
            return derivative
        top = self.argument()
        return self.quotient(first, top, self.argument(), "\\frac upside down")

    def root(self):
        first = self.at
        self.next()
        degree = self.enclosed("]", self.expression) if self.accept("[") else lambda env: 2
        inner = self.argument()
        return self.choose(
            first,
            lambda env: np.float_power(inner(env), 1 / degree(env)),
            ("\\sqrt dropped", inner),
        )

    def function(self):
        first, name = self.at, self.next().text
        scripts = {}
        while (mark := self.peek) in ("_", "^") and mark not in scripts:
            self.next()
            if (mark == "_" and name != "\\log") or [t.text for t in self.tokens[self.at :][:2]] == [
                "{",
                "-",
            ]:
                self.fail("a script no function has here", self.at - 1)
            scripts[mark] = self.argument()
        bracketed = self.peek in ("(", "[", "\\{")
        inner = self.primary() if bracketed else self.factor()
        if bracketed and self.peek in ("^", "_", "!"):
            self.fail(f"of the bracket or of {name}? write {name}^2 x or more brackets")
        here, self.at = self.at, first + 1
        plain, other = (functools.partial(self.apply, f, inner) for f in FUNCTIONS[name])
        value = self.choose(first, plain, (f"{name} -> another function", other))
        self.at = here
        if base := scripts.get("_"):
            natural = value
            value = lambda env: natural(env) / np.log(base(env))  # noqa: E731
        return self.power(value, scripts["^"]) if "^" in scripts else value
