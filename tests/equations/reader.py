r"""Evaluate a displayed equation from its own LaTeX: the formula you read is the formula that ran.

`check(latex, symbols)` reads both sides of every relation and compares them; `unbroken_mutants`
makes small mistakes on purpose and names those that no draw of the symbols notices.

=============  =====================================================================================
symbols        keys are LaTeX, compared without spacing, sizes such as `\left` and needless braces;
               the longest wins, so a phrase (`x_{\max}`, `z^{(i)}`, `H(P, Q)`) may be bound whole
values         number | array, subscripts from 1: `p_i`, `p_{i-1}`, `q_{i,k}`, `w_{y_i}`; without
               subscript elementwise | callable: `f(x)`, `p(x, y)`, `p(y \mid x)`, `f(z)_k`,
               `f_k(z)`; `\sigma'` by its own key | list, tuple, range: a set | Distribution
arithmetic     `+ - \cdot \times /`, juxtaposition, `x^{..}`, `n!`, `\frac`, `\sqrt[n]{x}`,
               `(x)_+` = max(x, 0), `x^\top y`; unless bound `e`, `\mathrm{e}`, `\pi`, `\infty`.
               An exact 0 times an infinity is 0: the book's convention 0 log 0 = 0
brackets       `( ) [ ] \{ \}`, `|x|` (`|S|` counts a set), `\|x\|`, `\|x\|_1`, `\lVert x \rVert_p`,
               `\lfloor x \rfloor`, `\lceil x \rceil`
functions      `\log \ln \lg \log_b \exp \sin .. \tanh` of one factor or bracket; `\log^2 x`
big operators  `\sum \prod \max \min` over `_{i=1}^{n}`, `_{i \in S}`, `_{i,j=1}^{n}`,
               `_{j=1,\, j \ne y}^{K}`, `\substack`, or `_j` and `_{j \ne y}` with `j` bound to a
               set.  The body is the following term, up to the next + or -.  An infinite sum takes
               150 terms.  Also `\max(a, b)`, `\max\{a, b\}`, `\max(z)`
sets           a bound name, `\{0, 1\}`, `\{1, \dots, K\}`, `S \setminus \{y\}`
expectation    `\mathbb{E}_{x \sim P}[..]`, P a Distribution
conditions     `\mathbb{1}[..]`, `\mathbb{1}\{..\}`, `\mathbf{1}_{..}` and the right of `cases`:
               relations chained (`0 < p < 1`) or joined by `,`.  `\text` is skipped; nothing but
               text means otherwise; overlapping rows must agree
calculus       `\frac{\mathrm{d}}{\mathrm{d}x} TERM`, `\frac{\partial f(z)}{\partial z_k}` (or a
               bare callable `f` of z), `\frac{\partial^2}{\partial z_i \partial z_j} TERM`, all
               numerical, so compared to 1e-6; `\int_a^b .. \,\mathrm{d}x`, smooth in between
relations      `= \ne < > \le \ge`, `\approx` (to 1e-3), chained; lines of `aligned` that begin with
               a relation or sign continue; `\quad` or another line begins a part of its own
transparent    `\underbrace{x}_{..}`, `\overbrace`, `\boxed`, a unit in `\text` after a side
refused        two readings: `a/b c`, `\log(x)^2`, `y_{ik}` (write `y_{i,k}`), `x 2`, `x^10`
=============  =====================================================================================
"""

import functools
import math
import operator
import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class EquationError(AssertionError):
    """The equation was read, and it is false."""


class UnreadableError(ValueError):
    """The equation or its bindings are not in the notation of this module."""


@dataclass(frozen=True)
class Distribution:
    """Outcomes and their probabilities; called with an outcome it gives its probability."""

    values: list
    probs: list

    def __call__(self, outcome):
        return sum(p for v, p in zip(self.values, self.probs, strict=True) if v == outcome)


class Token(NamedTuple):
    text: str
    start: int
    end: int


@dataclass
class Site:
    """A place for mistakes: strict if each must be noticed, else one of them suffices."""

    labels: list
    strict: bool = True


def holds(relation, a, b, rtol=1e-9, atol=1e-12):
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.ndim and b.ndim and a.shape != b.shape:
        return False
    rtol = 1e-3 if relation == "\\approx" else rtol
    close = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    close = (a == b) | (close & np.isfinite(a) & np.isfinite(b))
    true = {"=": close, "\\approx": close, "\\ne": ~close.all(), "<": a < b, ">": a > b}
    return bool(np.all({**true, "\\le": close | (a < b), "\\ge": close | (a > b)}[relation]))


# Values


def times(a, b):
    product = np.multiply(a, b)
    if not np.any(np.isnan(product)):
        return product
    void = (np.equal(a, 0) & np.isinf(b)) | (np.equal(b, 0) & np.isinf(a))
    return np.where(void, 0.0, product)[()]


def integer(value):
    if np.ndim(value) or int(value) != value:
        raise EquationError(f"{value} should be an integer: an index, a bound or a factorial")
    return int(value)


def place(array, indices):
    """The NumPy index that subscripts counted from 1 mean."""
    found = tuple(integer(i) - 1 for i in indices)
    if len(found) > array.ndim or not all(map(lambda i, n: 0 <= i < n, found, array.shape)):
        raise EquationError(f"no element {[i + 1 for i in found]} in shape {array.shape}")
    return found


def element(array, *indices):
    return np.asarray(array)[place(np.asarray(array), indices)]


def factorial(value):
    return np.vectorize(lambda n: float(math.factorial(integer(n))))(value)[()]


def absolute(x):
    return len(x) if isinstance(x, SETS) else np.abs(x)


def norm(x, order=2):
    x = np.abs(np.asarray(x, float))
    return np.max(x) if order == math.inf else np.sum(x**order) ** (1 / order)


def extremum(function, values):
    return functools.reduce(function, values if len(values) > 1 else np.ravel(values[0]))


def span(lower, upper):
    upper = lower + 149 if upper == math.inf else upper
    return range(integer(lower), integer(upper) + 1)


def listing(*items):
    """The elements of a set in braces; None, written \\dots, is what lies between."""
    found = []
    for n, item in enumerate(items):
        found += [item] if item is not None else range(found[-1] + 1, items[n + 1])
    return found


def without(values, others):
    return [v for v in values if v not in others]


def bind(key, values, env):
    """An environment for each value of a running index or a random variable."""
    found = values(env)
    if isinstance(found, Distribution):
        pairs = zip(found.values, found.probs, strict=True)
        return [env | {key: v, "weight": env["weight"] * p} for v, p in pairs]
    return [env | {key: v, ("set", key): list(found)} for v in found]


def differentiate(key, indices, body, env):
    """Central differences of order 8; the step is a power of 2, so that x + h is exact."""
    array = np.array(env[key], float)
    here = place(array, [index(env) for index in indices])
    h = np.exp2(np.floor(np.log2(np.maximum(np.abs(array[here]), 1 / 16)))) / 1024

    def shifted(step):
        moved = array.copy()
        moved[here] += step
        return body(env | {key: moved[()]})

    weights = enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), start=1)
    return sum(w * (shifted(k * h) - shifted(-k * h)) for k, w in weights) / h


def integrate(f, a, b):
    """Double exponential quadrature: x(t) tends to its bounds as exp(exp(t))."""
    if a >= b:
        return -integrate(f, b, a) if a > b else 0.0
    if np.isinf(a) and not np.isinf(b):
        return integrate(lambda x: f(-x), -b, -a)
    previous = math.nan
    for count in (64, 128, 256, 512, 1024):
        t = np.arange(-count, count + 1) * (4 if np.isinf(b) else 3) / count
        u, weight = math.pi / 2 * np.sinh(t), math.pi / 2 * np.cosh(t) * (t[1] - t[0])
        if not np.isinf(b):
            x, dx = a + (b - a) / (1 + np.exp(-2 * u)), (b - a) / 2 / np.cosh(u) ** 2
        else:
            x, dx = (np.sinh(u), np.cosh(u)) if np.isinf(a) else (a + np.exp(u), np.exp(u))
        total = sum(times(f(xi), wi) for xi, wi in zip(x, dx * weight, strict=True))
        if holds("=", total, previous, 1e-11, 1e-14):
            break
        previous = total
    return total


def nudge(value, sign, size, siblings):
    """Slightly wrong: an integer by 1, a real by `size`, an outcome by its neighbour, a set
    without its first or last element."""
    if isinstance(value, Distribution):
        return Distribution(*(nudge([*part], sign, 0, 0) for part in (value.values, value.probs)))
    if isinstance(value, SETS):
        return value[:-1] if sign > 0 else value[1:]
    kind = np.asarray(value).dtype.kind
    if kind not in "biuf" and siblings:
        return siblings[min(max(siblings.index(value) + sign, 0), len(siblings) - 1)]
    if kind in "biu":
        return np.add(value, sign)
    return np.where(np.isinf(value), sign, value + sign * size * (1 + np.abs(value)))[()]


# The vocabulary

TOKEN = re.compile(
    r"\\\\(?:\[[\d.]+\w+\])?|\\(?:text(?:rm|it|bf)?|mbox)\s*\{[^{}]*\}|\\(?:begin|end)\{\w+\*?\}"
    r"|\\(?:label|tag)\{[^}]*\}|\\(?:left|right)\s*\.|\\operatorname\*|\\[a-zA-Z]+|\\."
    r"|(?<=frac)\d|\d+(?:\.\d+)?|:=|\S"
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
    **{"\\leq": "\\le", "\\leqslant": "\\le", "\\geq": "\\ge", "\\geqslant": "\\ge"},
    **{"\\neq": "\\ne", "\\lt": "<", "\\gt": ">", ":=": "=", "\\coloneqq": "="},
    **{"\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\times": "\\cdot", "\\ln": "\\log"},
    **{"\\vert": "|", "\\Vert": "\\|", "\\parallel": "\\|", "\\operatorname*": "\\operatorname"},
    **{"\\ldots": "\\dots", "\\cdots": "\\dots", "\\qquad": "\\quad"},
}
TEXT = ("\\text", "\\mbox")
SETS = (list, tuple, range)
EXACT = {
    **{"=": operator.eq, "\\ne": operator.ne, "<": operator.lt, ">": operator.gt},
    **{"\\le": operator.le, "\\ge": operator.ge},
    **{"\\in": lambda a, b: a in b, "\\notin": lambda a, b: a not in b},
}
RELATIONS = {"=", "\\ne", "<", ">", "\\le", "\\ge", "\\approx"}
REVERSED = {"\\le": "\\ge", "\\ge": "\\le", "<": ">", ">": "<", "\\ne": "=", "\\in": "\\notin"}
OPENING = {"(", "[", "\\{"}
CLOSING = {
    **{"(": ")", "[": "]", "\\{": "\\}", "{": "}", "|": "|", "\\|": "\\|"},
    **{"\\lvert": "\\rvert", "\\lVert": "\\rVert", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"},
}
ENDS = {*RELATIONS, *EXACT, *CLOSING.values(), *"+-/,;:.&^_!", "", "\\\\", "\\end{cases}"}
ENDS |= {"\\cdot", "\\quad", "\\mid", "\\dots", "\\mathrm d", "\\sim", "\\setminus"}
ENDS -= {"|", "\\|"}
CONSTANTS = {"e": math.e, "\\mathrm e": math.e, "\\pi": math.pi, "\\infty": math.inf}
FUNCTIONS = {  # each with the one a mutant puts in its place
    **{"\\log": (np.log, np.exp), "\\lg": (np.log10, np.exp), "\\exp": (np.exp, np.log)},
    **{"\\sin": (np.sin, np.cos), "\\cos": (np.cos, np.sin), "\\tan": (np.tan, np.tanh)},
    **{"\\sinh": (np.sinh, np.cosh), "\\cosh": (np.cosh, np.sinh), "\\tanh": (np.tanh, np.tan)},
    **{"\\arcsin": (np.arcsin, np.sin), "\\arccos": (np.arccos, np.cos)},
    "\\arctan": (np.arctan, np.tan),
}
REDUCTIONS = {
    "\\sum": (sum, "\\prod"),
    "\\prod": (lambda values: functools.reduce(times, values, 1), "\\sum"),
    "\\max": (functools.partial(extremum, np.maximum), "\\min"),
    "\\min": (functools.partial(extremum, np.minimum), "\\max"),
}

# Tokens


def tokenize(latex):
    """Cut LaTeX into tokens; what only moves ink is dropped, `{x}` is `x`, `\\hat{y}` is one."""
    tokens, opened, size, broken = [], [""], "", False
    for match in TOKEN.finditer(latex):
        before, size = size, match[0] if SIZE.fullmatch(match[0]) else ""
        text = SYNONYMS.get(match[0], match[0])
        if text in ("|", "\\|") and (side := re.search(r"l(?=eft$)|r(?=ight$)|[lr]$", before)):
            text = f"\\{side[0]}{'vert' if text == '|' else 'Vert'}"
        if text == "{" or text.startswith("\\begin"):
            opened.append(text)
        elif len(opened) > 1 and (text == "}" or text.startswith("\\end")):
            opened.pop()
        if text.startswith("\\\\"):  # in braces only \substack breaks a line
            text = {"{": ",", "\\begin{cases}": "\\\\"}.get(opened[-1], "\\quad")
        if text == "\\quad":
            broken = broken or (len(tokens) > 0 and opened[-1] not in ("{", "\\begin{cases}"))
        elif not (size or SKIPPED.fullmatch(text) or (text == "&" and "cases" not in opened[-1])):
            if broken and not {text, tokens[-1].text} & {*RELATIONS, "+", "-", "\\cdot"}:
                tokens.append(Token("\\quad", *match.span()))
            broken = False
            append(tokens, Token(text, *match.span()))
    return tokens


def append(tokens, token):
    if token.text == "}" and [t.text for t in tokens[-2:-1]] == ["{"]:
        inner = tokens[-1]
        if not re.fullmatch(r"[\d.]{2,}|[{}+*-]", inner.text):
            del tokens[-2:]
            return append(tokens, inner)
    if tokens and STYLE.fullmatch(tokens[-1].text) and token.text != "{":
        style = tokens.pop()
        token = Token(f"{style.text} {token.text}", style.start, token.end)
    tokens.append(token)


def excerpt(latex, start, end, width=16):
    before, after = latex[max(0, start - width) : start], latex[end : end + width]
    left, right = "..." * (start > width), "..." * (end + width < len(latex))
    return " ".join(f"{left}{before}[{latex[start:end]}]{after}{right}".split())


def shown(value):
    return np.array2string(np.asarray(value), precision=12)


def lift(function, *readers):
    """The function of the environment that applies `function` to what the readers return."""
    return lambda env: function(*[read(env) for read in readers])


class Reading:
    """One equation read with one set of symbols: a recursive descent from tokens to closures.

    A method named for a construct reads it at `self.at` and returns its value as a function of the
    environment {name: value}; `choose` puts another function there when its mutant is active.
    """

    def __init__(self, latex, symbols):
        self.latex, self.at, self.sites, self.active = latex, 0, [], None
        self.tokens = [*tokenize(latex), Token("", len(latex), len(latex))]
        self.keys = {symbol: tuple(t.text for t in tokenize(symbol)) for symbol in symbols}
        self.env = {key: symbols[symbol] for symbol, key in self.keys.items()}
        if len(self.env) < len(symbols):
            raise UnreadableError(f"two bindings for one symbol among {', '.join(symbols)}")
        self.longest = max([2, *map(len, self.env)])
        self.read, self.scope = set(), []  # the symbols met, the running indices in force
        self.stops, self.indexing, self.size = frozenset(), False, 0.01
        self.variable_value, self.numeric = None, False
        self.parts = [self.part()]
        while self.accept("\\quad"):
            self.parts.append(self.part())
        if self.peek:
            self.fail()

    def verify(self, rtol=1e-9, atol=1e-12):
        with np.errstate(all="ignore"):
            for sides, relations in self.parts:
                values = [value(self.env) for value, _, _ in sides]
                for n, relation in enumerate(relations):
                    (_, left, loose), (_, right, looser) = sides[n : n + 2]
                    slack = (max(rtol, 1e-6), max(atol, 1e-9)) if loose + looser else (rtol, atol)
                    if not holds(sign := relation(self.env), *values[n : n + 2], *slack):
                        raise EquationError(
                            f"false: {left} {sign} {right}"
                            f"\n left: {shown(values[n])}\nright: {shown(values[n + 1])}"
                        )

    def survives(self, *mutant):
        self.active = mutant
        try:
            self.verify()
        except Exception:  # whatever goes wrong, the mistake is noticed
            return False
        finally:
            self.active = None
        return True

    @property
    def peek(self):
        return self.tokens[self.at].text

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1].text

    def accept(self, *texts):
        return self.next() if self.peek and self.peek in texts else None

    def expect(self, text):
        return self.accept(text) or self.fail(f"expected {text}")

    def fail(self, why="not in the notation", at=None):
        _, start, end = self.tokens[self.at if at is None else at]
        what = repr(self.latex[start:end]) if start < end else "the end"
        where = excerpt(self.latex, start, end)
        raise UnreadableError(f"cannot read {what} at position {start}: {where}: {why}")

    def source(self, first):
        return self.latex[self.tokens[first].start : self.tokens[self.at - 1].end]

    def name(self):
        """Pass over the longest bound symbol or running index that stands here; None if none."""
        for length in range(self.longest, 0, -1):
            key = tuple(t.text for t in self.tokens[self.at : self.at + length])
            if key in self.scope or key in self.env:
                self.at += length
                self.read |= {key} - {*self.scope}
                return key
        return None

    def skip_text(self):
        while self.peek.startswith(TEXT):
            self.next()

    def skip_group(self, depth=0):
        while self.peek:
            depth += {"{": 1, "}": -1}.get(self.next(), 0)
            if not depth:
                break

    # Mutants

    def choose(self, first, plain, *mutants, last=None):
        """`plain`, or one of the mutants (change, function) of this site when it is active."""
        start, end = self.tokens[first].start, self.tokens[last or first].end
        where = f"at token {first + 1}: {excerpt(self.latex, start, end)}"
        number = len(self.sites)
        self.sites.append(Site([f"{change} {where}" for change, _ in mutants]))

        def chosen(env):
            active = self.active and self.active[0] == number
            return (mutants[self.active[1]][1] if active else plain)(env)

        return chosen

    def leaf(self, first, get, key=None):
        def nudged(sign, size=self.size):
            return lambda env: nudge(get(env), sign, size, env.get(("set", key)))

        text = f"'{self.source(first)}' nudged"
        mutants = (f"{text} up", nudged(1)), (f"{text} down", nudged(-1))
        return self.choose(first, get, *mutants, last=self.at - 1)

    # Relations

    def part(self):
        """A chain: [(value, source, whether numerical) of each side], [relations]."""
        start, sides, relations, around, sites = self.at, [], [], [], []
        while not sides or self.peek in RELATIONS:
            if sides:
                around.append(self.peek)
                relations.append(self.relation())
            first, before, self.numeric = self.at, len(self.sites), False
            value = self.expression()
            sides.append((value, self.source(first), self.numeric))
            sites.append(self.sites[before:])
            self.skip_text()
        if not relations:
            self.fail("a part without a relation", start)
        for n, inside in enumerate(sites):
            for site in inside:
                site.strict = bool({"=", "\\approx"} & {*around[max(n - 1, 0) : n + 1]})
        self.accept(",", ";", ".")
        return sides, relations

    def relation(self):
        first, text = self.at, self.next()
        if (other := REVERSED.get(text)) is None:
            return lambda env: text
        return self.choose(first, lambda env: text, (f"{text} -> {other}", lambda env: other))

    def conditions(self):
        """Relations joined by commas, text skipped; None if there is only text."""
        found = []
        self.skip_text()
        while self.peek not in ENDS - {"+", "-"}:
            found.append(self.condition())
            self.skip_text()
            if not self.accept(","):
                break
            self.skip_text()
        return (lambda env: all(true(env) for true in found)) if found else None

    def condition(self):
        outer, self.size = self.size, 0.5  # only a wide nudge is noticed away from the border
        sides, relations = [self.expression()], []
        while self.peek in EXACT:
            right = self.set if "in" in self.peek else self.expression
            relations.append(self.relation())
            sides.append(right())
        self.size = outer
        if not relations:
            self.fail("a condition needs a relation")

        def true(env):
            values = [side(env) for side in sides]
            signs = [EXACT[relation(env)] for relation in relations]
            return all(map(lambda sign, a, b: sign(a, b), signs, values, values[1:]))

        return true

    # Arithmetic

    def expression(self):
        value = None if self.peek in ("+", "-") else self.term()
        while self.peek in ("+", "-"):
            first, sign = self.at, self.next()
            right = self.term()
            plus = lift(operator.add, value, right) if value else right
            minus = lift(operator.sub, value, right) if value else lift(operator.neg, right)
            plain, other = (plus, minus) if sign == "+" else (minus, plus)
            value = self.choose(first, plain, (f"{sign} -> {'-' if sign == '+' else '+'}", other))
        return value

    def term(self):
        start, value, slashed = self.at, self.factor(), False
        while self.peek in ("\\cdot", "/") or self.starts_factor():
            first = self.at
            if self.accept("/"):
                right, slashed = self.factor(), True
                other = "/ -> \\cdot", lift(times, value, right)
                value = self.choose(first, lift(np.divide, value, right), other)
            else:
                if not self.accept("\\cdot"):
                    self.refuse_ambiguous(start, slashed)
                value = lift(times, value, self.factor())
        return value

    def starts_factor(self):
        here, named = self.at, self.name()
        self.at = here
        return named or not (self.peek in ENDS | self.stops or self.peek.startswith(TEXT))

    def refuse_ambiguous(self, start, slashed):
        if slashed:
            self.fail("divided or not? write brackets or \\frac")
        if self.peek[0].isdigit():
            self.fail("a number after a factor: write \\cdot")
        if self.indexing and not self.tokens[start].text.isdigit():
            self.fail("one index or two? write i,k or i \\cdot k")

    def factor(self):
        return self.postfix(self.primary())

    def primary(self):
        first, text = self.at, self.peek
        if key := self.name():
            return self.symbol(first, key)
        if text[:1].isdigit() or text in CONSTANTS:
            self.next()
            value = CONSTANTS[text] if text in CONSTANTS else (float if "." in text else int)(text)
            return self.leaf(first, lambda env: value)
        if text in ENDS or text.startswith(TEXT):
            self.fail("an expression is missing here")
        if text not in HANDLERS:
            self.fail("no such symbol is bound, and it is not in the notation")
        return HANDLERS[text](self)

    def symbol(self, first, key):
        value = None if key in self.scope else self.env[key]
        if not callable(value) or (isinstance(value, Distribution) and self.peek != "("):
            return self.leaf(first, lambda env: env[key], key)
        last, indices = self.at - 1, self.indices() if self.accept("_") else []
        if self.peek not in OPENING and not self.variable_value:
            self.fail("a function needs its arguments in brackets", last)
        arguments = self.arguments() if self.peek in OPENING else [self.variable_value]
        result = self.leaf(first, lift(value, *arguments))
        return lift(element, result, *indices) if indices else result

    def arguments(self):
        return self.enclosed(lambda: self.listed(self.expression), {"|", "\\|"})

    def listed(self, read):
        found = [read()]
        while self.accept(",", ";", "\\mid", *self.stops):
            found.append(read())
        return found

    def enclosed(self, read, stops=frozenset(), indexing=False):
        """What `read` reads between the bracket that stands here and its partner."""
        outer = self.stops, self.indexing
        self.stops, self.indexing, close = stops, indexing, CLOSING[self.next()]
        value = read()
        self.expect(close)
        self.stops, self.indexing = outer
        return value

    def argument(self):
        """What a command or a script takes: a group or one token."""
        if re.fullmatch(r"\d[\d.]+", self.peek):
            self.fail("TeX takes only the first digit: write braces")
        return self.group() if self.peek == "{" else self.primary()

    def indices(self):
        if self.peek == "{":
            return self.enclosed(lambda: self.listed(self.expression), indexing=True)
        return [self.argument()]

    def postfix(self, base):
        power = None
        while self.peek in ("_", "^", "!"):
            first, mark = self.at, self.next()
            if mark == "_" and self.accept("+"):
                positive = lift(lambda x: np.maximum(x, 0), base)
                base = self.choose(first, positive, ("_+ dropped", base))
            elif mark == "_":
                base = lift(element, base, *self.indices())
            elif power:
                self.fail("of the power or of its base? write brackets", first)
            elif mark == "!":
                base = self.choose(first, lift(factorial, base), ("! dropped", base))
            elif self.accept("\\top"):
                return lift(operator.matmul, lift(np.transpose, base), self.factor())
            else:
                power = self.argument()
        return lift(np.float_power, base, power) if power else base

    # Brackets, fractions, functions

    def group(self):
        return self.enclosed(self.expression)

    def absolute(self):
        first, inner = self.at, self.enclosed(self.expression, {"|"})
        return self.choose(first, lift(absolute, inner), ("|..| dropped", inner))

    def norm(self):
        first, inner = self.at, self.enclosed(self.expression, {"\\|"})
        power = self.argument() if self.accept("^") else None
        if self.accept("_"):
            value = lift(norm, inner, self.argument())
        else:
            other = "2-norm -> 1-norm", lift(norm, inner, lambda env: 1)
            value = self.choose(first, lift(norm, inner), other)
        return lift(np.float_power, value, power) if power else value

    def rounded(self):
        first, floor = self.at, self.peek == "\\lfloor"
        inner = self.enclosed(self.expression)
        plain, other = (np.floor, np.ceil) if floor else (np.ceil, np.floor)
        return self.choose(first, lift(plain, inner), ("floor <-> ceil", lift(other, inner)))

    def fraction(self):
        first, _ = self.at, self.next()
        if derivative := self.derivative():
            return derivative
        top, bottom = self.argument(), self.argument()
        other = "\\frac upside down", lift(np.divide, bottom, top)
        return self.choose(first, lift(np.divide, top, bottom), other)

    def root(self):
        first, _ = self.at, self.next()
        degree = self.group() if self.peek == "[" else lambda env: 2
        inner = self.argument()
        root = lift(lambda x, n: np.float_power(x, 1 / n), inner, degree)
        return self.choose(first, root, ("\\sqrt dropped", inner))

    def function(self):
        first, text, scripts = self.at, self.next(), {}
        while self.peek in ("_", "^"):
            mark = self.next()
            inverse = [t.text for t in self.tokens[self.at : self.at + 2]] == ["{", "-"]
            if mark in scripts or inverse or (mark == "_" and text != "\\log"):
                self.fail("a script that this function does not take", self.at - 1)
            scripts[mark] = self.argument()
        bracketed = self.peek in OPENING
        inner = self.primary() if bracketed else self.factor()
        if bracketed and self.peek in ("_", "^", "!"):
            self.fail("of the function or its bracket? write \\log^2 x or \\log((x)^2)")
        plain, other = FUNCTIONS[text]
        value = self.choose(first, lift(plain, inner), (f"{text} replaced", lift(other, inner)))
        if "_" in scripts:
            value = lift(np.divide, value, lift(np.log, scripts["_"]))
        return lift(np.float_power, value, scripts["^"]) if "^" in scripts else value

    def labelled(self):
        self.next()
        value = self.argument()
        while self.accept("_", "^"):
            self.skip_group()
        return value

    # Ranges and what runs over them

    def operator(self):
        first, text = self.at, self.next()
        plain, opposite = REDUCTIONS[text]
        if self.peek in OPENING and text in ("\\max", "\\min"):
            values = lift(lambda *found: found, *self.arguments())
        else:
            values = self.over(self.term)
        other = f"{text} -> {opposite}", lift(REDUCTIONS[opposite][0], values)
        return self.choose(first, lift(plain, values), other)

    def expectation(self):
        self.next()

        def weighted():
            body = self.group() if self.peek in OPENING else self.term()
            return lift(times, operator.itemgetter("weight"), body)

        return lift(sum, self.over(weighted))

    def over(self, read):
        """The list of the values of what `read` reads, over the ranges _{..}^{..} before it."""
        outer, steps, braces, bounds, pending = len(self.scope), [], 0, {}, []
        if self.accept("^"):
            bounds["upper"] = self.argument()
        self.expect("_")
        while self.accept("{"):
            braces += 1
        steps += self.range(bounds, pending, alone=not braces)
        while braces and self.accept(",", ":", ";", "\\mid", "|"):
            steps += self.range(bounds, pending)
        for _ in range(braces):
            self.expect("}")
        if self.accept("^"):
            bounds["upper"] = self.argument()
        if pending or len(bounds) == 1:
            self.fail("an index without its range")
        body = read()
        del self.scope[outer:]

        def values(env):
            envs = [env | {"weight": 1}]
            for step in steps:
                envs = [new for old in envs for new in step(old)]
            return [body(env) for env in envs]

        return values

    def range(self, bounds, pending, alone=False):
        """An entry below an operator, as functions env -> the environments to go on with."""
        first, key, running = self.at, self.index_name(), None
        if key not in self.scope:
            if self.accept("="):
                bounds["lower"] = True
                running = lift(span, self.expression(), lambda env: bounds["upper"](env))
            elif self.accept("\\in", "\\sim"):
                running = self.set()
            elif isinstance(self.env.get(key), SETS) and self.peek not in ("_", "^"):
                self.read.add(key)
                running = self.leaf(first, lambda env: env[key])
            elif self.peek == ",":
                pending.append(key)
                return []
        if not running and alone:
            self.fail("an index without its range", first)
        steps = []
        if running:
            names = [*pending, key]
            self.scope += names
            pending.clear()
            steps = [functools.partial(bind, name, running) for name in names]
        if not running or self.peek in EXACT:
            self.at = first
            true = self.condition()
            steps.append(lambda env: [env] * true(env))
        return steps

    def index_name(self):
        text = self.next()
        return (text, self.next()) if self.peek == "'" else (text,)

    def set(self):
        if self.peek == "\\{":
            read = lambda: None if self.accept("\\dots") else self.expression()  # noqa: E731
            items = self.enclosed(lambda: self.listed(read))
            value = lift(listing, *(item or (lambda env: None) for item in items))
        else:
            first, key = self.at, self.name() or self.fail("no such set is bound")
            value = self.leaf(first, lambda env: env[key])
        return lift(without, value, self.set()) if self.accept("\\setminus") else value

    # Conditions

    def indicator(self):
        self.next()
        self.accept("_")
        if self.peek not in {"{", *OPENING}:
            self.fail("an indicator needs its condition")
        true = self.enclosed(
            lambda: self.enclosed(self.conditions) if self.peek == "\\{" else self.conditions()
        )
        return lambda env: 1 if true(env) else 0

    def cases(self):
        self.next()
        rows = []
        while not self.accept("\\end{cases}"):
            value = self.expression()
            self.accept(",", ";")
            self.expect("&")
            rows.append((value, self.conditions()))
            self.accept(";", ".")
            if self.peek != "\\end{cases}":
                self.expect("\\\\")

        def value(env):
            found = [value(env) for value, true in rows if true and true(env)]
            found = found or [value(env) for value, true in rows if not true]
            if not found or not all(holds("=", found[0], other) for other in found):
                raise EquationError(f"no case applies, or cases that overlap disagree: {found}")
            return found[0]

        return value

    # Calculus

    def differential(self):
        bare = () if ("d",) in self.env or ("d",) in self.scope else ("d",)
        return self.accept("\\partial", "\\mathrm d", *bare)

    def derivative(self):
        """What follows \\frac, if it is a derivative; else None."""
        start, braced = self.at, self.accept("{")
        if not self.differential():
            self.at = start
            return None
        order = int(self.next()) if self.accept("^") else 1
        body_at, variables = self.at, []
        if braced:
            self.skip_group(1)
        self.expect("{")
        while self.differential():
            key = self.name() or self.fail("no such symbol is bound")
            indices = self.indices() if self.accept("_") else []
            variables += [(key, indices)] * (int(self.next()) if self.accept("^") else 1)
        if len(variables) != order:
            self.fail("the orders of the derivative differ")
        self.expect("}")
        outer, self.variable_value = self.variable_value, lambda env: env[variables[0][0]]
        body = self.differentiated(body_at if braced else None)
        self.variable_value, self.numeric = outer, True
        for key, indices in variables:
            body = functools.partial(differentiate, key, indices, body)
        return body

    def differentiated(self, body_at):
        """The rest of the numerator, or the following term if there is none."""
        if body_at is None or self.tokens[body_at].text == "}":
            return self.term()
        after, self.at = self.at, body_at
        body = self.expression()
        self.expect("}")
        self.at = after
        return body

    def integral(self):
        self.next()
        bounds = {self.next(): self.argument() for _ in range(2) if self.peek in ("_", "^")}
        if len(bounds) < 2:
            self.fail("an integral needs two bounds")
        end = self.closing_differential()
        self.scope.append(key := (self.tokens[end + 1].text,))
        body = self.expression()
        if self.at != end:
            self.fail("expected the end of the integrand")
        self.at += 2
        self.scope.remove(key)
        return lambda env: integrate(
            lambda x: body(env | {key: x}), bounds["_"](env), bounds["^"](env)
        )

    def closing_differential(self):
        here, depth = self.at, 1
        while self.peek:
            depth += self.peek == "\\int"
            end = self.at
            if self.differential():
                depth -= 1
                if not depth:
                    self.at = here
                    self.tokens[end] = self.tokens[end]._replace(text="\\mathrm d")
                    return end
            else:
                self.at += 1
        return self.fail("an integral without \\mathrm{d}x")


HANDLERS = {
    **dict.fromkeys(["(", "[", "\\{", "{"], Reading.group),
    **dict.fromkeys(["|", "\\lvert"], Reading.absolute),
    **dict.fromkeys(["\\|", "\\lVert"], Reading.norm),
    **dict.fromkeys(["\\lfloor", "\\lceil"], Reading.rounded),
    **dict.fromkeys(["\\underbrace", "\\overbrace", "\\boxed"], Reading.labelled),
    **dict.fromkeys(["\\mathbb 1", "\\mathbf 1", "\\mathbb I"], Reading.indicator),
    **dict.fromkeys(REDUCTIONS, Reading.operator),
    **dict.fromkeys(FUNCTIONS, Reading.function),
    **{"\\frac": Reading.fraction, "\\sqrt": Reading.root, "\\int": Reading.integral},
    **{"\\mathbb E": Reading.expectation, "\\begin{cases}": Reading.cases},
}


def check(latex, symbols, rtol=1e-9, atol=1e-12, optional=()):
    """Raise EquationError if the equation is false, UnreadableError if it cannot be read or never
    reads a symbol that is not in `optional`."""
    reading = Reading(latex, symbols)
    stale = [s for s, key in reading.keys.items() if key not in reading.read and s not in optional]
    if stale:
        raise UnreadableError(f"bound but never read: {', '.join(stale)}; in {latex}")
    reading.verify(rtol, atol)


def unbroken_mutants(latex, draws):
    """Descriptions of the mutants of a true equation that hold on every draw of its symbols.

    Beside a relation = or \\approx every mutant must fail on some draw.  Beside an inequality a
    nudge up or a nudge down must, so that the draws have to include the case of equality.
    """
    readings = [Reading(latex, symbols) for symbols in draws]
    for reading in readings:
        reading.verify()
    found = []
    for n, site in enumerate(readings[0].sites):
        labels = enumerate(site.labels)
        alive = [text for v, text in labels if all(r.survives(n, v) for r in readings)]
        if site.strict or len(alive) == len(site.labels):
            found += alive
    return found
