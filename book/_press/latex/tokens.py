r"""From LaTeX to tokens, and a cursor that moves over them.

What only moves ink is dropped: `\,`, `\left`, `aligned`, the braces of `{x}`.
"""

import math
import re
from typing import NamedTuple


class UnreadableError(ValueError):
    """The equation or its bindings are not in the notation of this package."""


class Token(NamedTuple):
    text: str
    start: int
    end: int


TOKEN = re.compile(
    r"(?:\\(left|right|middle|[bB]igg?[lr]?)(?![a-zA-Z])\s*)?"  # a size goes with its bracket
    r"(\\text\{[^{}]*\}|\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S)"
)
SPACE = re.compile(r"\\[,;:! ]|\\(?:begin|end)\{aligned\}")
STYLE = re.compile(r"\\(?:math[a-z]+|boldsymbol|operatorname|hat|tilde|bar)")
BARS = {"|": "vert", "\\|": "Vert"}
RELATIONS = {"=", "\\ne", "<", ">", "\\le", "\\ge"}
CONTINUING = {*RELATIONS, "\\approx", "+", "-", "\\cdot"}  # the line before goes on
OPENING = {"(", "[", "\\{"}
CLOSING = {
    **{"(": ")", "[": "]", "\\{": "\\}", "{": "}", "|": "|", "\\lvert": "\\rvert"},
    **{"\\lVert": "\\rVert", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"},
}
# no factor begins with one of these
ENDS = {*RELATIONS, *CLOSING.values(), *"+-/,;:.&^_!", "", "\\\\", "\\end{cases}"} - {"|"}
ENDS |= {"\\approx", "\\in", "\\notin", "\\sim", "\\cdot", "\\quad", "\\mid", "\\|", "\\mathrm d"}
CONSTANTS = {"\\mathrm e": math.e, "\\pi": math.pi, "\\infty": math.inf}
INSTEAD = {  # one way to write a thing: what to write for what is refused
    **{"\\leq": "\\le", "\\geq": "\\ge", "\\leqslant": "\\le", "\\geqslant": "\\ge"},
    **{"\\neq": "\\ne", "\\lt": "<", "\\gt": ">", ":": "= for :=", "\\coloneqq": "="},
    **{"\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\times": "\\cdot", "\\ln": "\\log"},
    **{"\\lg": "\\log_{10}", "e": "\\mathrm{e}", "d": "\\mathrm{d}", "\\|": "\\lVert x \\rVert"},
    **{"\\mathbf 1": "\\mathbb{1}[..]", "\\mathbb I": "\\mathbb{1}[..]"},
    "\\substack": "commas, as in _{j=1,\\, j \\ne y}",
}


def tokenize(latex):
    tokens, cases, broken = [], False, False
    for match in TOKEN.finditer(latex):
        text = with_side(*match.groups())
        if text.endswith("{cases}"):
            cases = text.startswith("\\begin")
        if is_break(text, cases):
            broken = not cases
        elif not is_space(text, cases):
            if broken and begins_part(text, tokens):
                tokens.append(Token("\\quad", *match.span()))
            broken = False
            append(tokens, Token(text, *match.span()))
    return tokens


def with_side(size, text):
    """A bar of a size says whether it opens or closes."""
    if not size or text not in BARS:
        return text
    side = {"left": "l", "right": "r"}.get(size, size[-1])
    return f"\\{side}{BARS[text]}" if side in "lr" else text


def is_break(text, cases):
    """Whether a part may end here; the lines of cases are rows of one part."""
    if text == "\\\\":
        return not cases
    return text in ("\\quad", "\\qquad")


def is_space(text, cases):
    """What only moves ink; in cases `&` stands before the condition."""
    if text == "&":
        return not cases
    return bool(SPACE.fullmatch(text))


def begins_part(text, tokens):
    """Whether what stands after a break does not continue what stands before it."""
    return bool(tokens) and not {text, tokens[-1].text} & CONTINUING


def append(tokens, token):
    """Add a token: `{x}` becomes `x`, except where braces change the meaning, `\\hat{y}` is one."""
    if token.text == "}" and needs_no_braces(tokens):
        inner = tokens[-1]
        del tokens[-2:]
        return append(tokens, inner)
    if token.text != "{" and is_styled(tokens):
        style = tokens.pop()
        token = Token(f"{style.text} {token.text}", style.start, token.end)
    tokens.append(token)


def needs_no_braces(tokens):
    """Whether the last token stands alone after a brace, and means the same without."""
    before = [token.text for token in tokens[-2:-1]]
    return before == ["{"] and not re.fullmatch(r"[\d.]{2,}|[{}+*-]", tokens[-1].text)


def is_styled(tokens):
    return bool(tokens) and bool(STYLE.fullmatch(tokens[-1].text))


def key_of(symbol):
    """What a bound symbol is compared by."""
    return tuple(token.text for token in tokenize(symbol))


def excerpt(latex, start, end, width=16):
    before, after = latex[max(0, start - width) : start], latex[end : end + width]
    left, right = "..." * (start > width), "..." * (end + width < len(latex))
    return " ".join(f"{left}{before}[{latex[start:end]}]{after}{right}".split())


class Cursor:
    """A place in the tokens of an equation."""

    def __init__(self, latex):
        self.latex, self.at = latex, 0
        self.tokens = [*tokenize(latex), Token("", len(latex), len(latex))]

    @property
    def peek(self):
        return self.tokens[self.at].text

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *texts):
        return self.take() if self.peek and self.peek in texts else None

    def expect(self, text):
        return self.accept(text) or self.fail(f"expected {text}")

    def since(self, first):
        """What has been passed since the token number `first`, as one token."""
        start, end = self.tokens[first].start, self.tokens[self.at - 1].end
        return Token(self.latex[start:end], start, end)

    def fail(self, why="not in the notation", back=0):
        text, start, end = self.tokens[self.at - back]
        why = f"write {INSTEAD[text]}" if text in INSTEAD else why
        what = repr(self.latex[start:end]) if start < end else "the end"
        where = excerpt(self.latex, start, end)
        raise UnreadableError(f"cannot read {what} at position {start}: {where}: {why}")
