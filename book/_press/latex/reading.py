r"""From tokens to a tree by recursive descent: a method for each construct.

equation    part (\quad part)*
part        expression (relation expression)+
expression  [+-] term ([+-] term)*
term        factor ((\cdot | / | nothing) factor)*
factor      primary (_ indices | !)* [^ argument]
primary     symbol | number | command
"""

import re

from .tokens import CLOSING, CONSTANTS, ENDS, OPENING, RELATIONS, Cursor
from .tree import Node


class Reading(Cursor):
    """An equation read with an environment {key: value}, which tells arrays from functions."""

    def __init__(self, latex, env):
        super().__init__(latex)
        self.env, self.longest = env, max(map(len, [*env, "_"]))
        self.read, self.scope = set(), []  # the symbols met, the running indices in force
        self.bar, self.derived = False, False  # whether | closes, whether a function may be bare
        self.parts = []
        while not self.parts or self.accept("\\quad"):
            self.parts.append(self.chain("part", RELATIONS | {"\\approx"}))
            self.accept(",", ".")
        if self.peek:
            self.fail()

    def name(self):
        """Pass over the longest bound symbol or running index that stands here; None if none."""
        for length in range(self.longest, 0, -1):
            key = tuple(token.text for token in self.tokens[self.at : self.at + length])
            if key in self.scope or key in self.env:
                self.at += length
                self.read |= {key} - {*self.scope}
                return key
        return None

    def conditions(self):
        found = []
        while not found or self.accept(","):
            found.append(self.chain("condition", RELATIONS | {"\\in", "\\notin"}))
        return Node("and", tuple(found))

    def chain(self, op, relations):
        """Expressions and relations by turns; its value is how they stand in the LaTeX."""
        first, parts, sources = self.at, [self.expression()], []
        sources.append(self.since(first).text)
        while self.peek in relations:
            mark = self.take()
            first = self.at
            parts += [Node("relation", (), mark, mark.text), self.expression()]
            sources += [mark.text, self.since(first).text]
        if len(parts) == 1:
            self.fail(f"{sources[0]}: a {op} without a relation")
        return Node(op, tuple(parts), value=tuple(sources))

    # Arithmetic

    def expression(self):
        value = () if self.peek in ("+", "-") else (self.term(),)
        while sign := self.accept("+", "-"):
            value = (Node(sign.text, (*value, self.term()), sign),)
        return value[0]

    def term(self):
        value, slashed = self.factor(), False
        while self.peek in ("\\cdot", "/") or self.starts_factor():
            mark = self.accept("\\cdot", "/")
            op = mark.text if mark else "beside"
            if op == "beside":
                self.refuse_beside(slashed)
            slashed = slashed or op == "/"
            value = Node(op, (value, self.factor()), mark)
        return value

    def refuse_beside(self, slashed):
        if slashed:
            self.fail("divided or not? write brackets or \\frac")
        if self.peek[0].isdigit():
            self.fail("a number after a factor: write \\cdot")

    def starts_factor(self):
        here, named = self.at, self.name()
        self.at = here
        closes = self.bar and self.peek == "|"
        ends = self.peek in ENDS or self.at_text
        return named or not (closes or ends)

    @property
    def at_text(self):
        return self.peek.startswith("\\text{")

    def factor(self):
        base = self.primary()
        while mark := self.accept("_", "!"):
            base = Node(mark.text, (base, *(self.indices() if mark.text == "_" else ())), mark)
            if mark.text == self.peek == "!":
                self.fail("a double factorial, or twice? write brackets")
        if self.accept("^"):
            if self.accept("\\top"):
                return Node("\\top", (base, self.factor()))
            base = Node("^", (base, self.argument()))
            if self.peek in ("_", "^", "!"):
                self.fail("of the power or of its base? write x_i^2, or brackets")
        return base

    def primary(self):
        first = self.at
        if key := self.name():
            return self.symbol(first, key)
        text = self.peek
        if text in ENDS or self.at_text:
            self.fail("an expression is missing here")
        mark = self.take()
        if text in CONSTANTS or text[0].isdigit():
            value = CONSTANTS[text] if text in CONSTANTS else (float if "." in text else int)(text)
            return Node("number", (), mark, value)
        if text not in COMMANDS:
            self.fail("no such symbol is bound, and it is not in the notation", back=1)
        return COMMANDS[text](self, mark)

    def symbol(self, first, key):
        if key in self.scope or not callable(self.env[key]):
            return Node("symbol", (), self.since(first), key)
        if self.peek not in OPENING and not self.derived:
            self.fail("a function needs its arguments in brackets", back=1)
        arguments = self.arguments() if self.peek in OPENING else (Node("variable"),)
        return Node("call", arguments, self.since(first), key)

    def arguments(self):
        return self.enclosed(self.take(), self.listed)

    def listed(self):
        found = [self.expression()]
        while self.accept(",", ";", "\\mid", "\\|"):
            found.append(self.expression())
        return tuple(found)

    def enclosed(self, opening, read):
        """What `read` reads between a bracket and its partner."""
        outer, self.bar = self.bar, opening.text == "|"
        value = read()
        self.expect(CLOSING[opening.text])
        self.bar = outer
        return value

    def argument(self):
        """What a command or a script takes: a group or one token."""
        first, number = self.at, re.fullmatch(r"\d[\d.]+", self.peek)
        braced, found = self.peek == "{", self.primary()
        if number or not (braced or self.at == first + 1):
            self.fail("TeX takes only the first sign: write braces", back=self.at - first)
        return found

    def indices(self):
        found = self.arguments() if self.peek == "{" else (self.argument(),)
        inside = [inner for node in found for inner in (node, *node.parts)]
        products = [node for node in inside if node.op == "beside"]
        if any(node.parts[0].op != "number" for node in products):
            self.fail("one index or two? write i,k or i \\cdot k", back=1)
        return found

    # Constructs that begin with a token of their own: `mark`, which has been passed

    def bracket(self, mark):
        inner = self.enclosed(mark, self.expression)
        order = (self.argument(),) if mark.text == "\\lVert" and self.accept("_") else ()
        return Node(mark.text, (inner, *order), mark)

    def root(self, mark):
        return Node(mark.text, (self.argument(),), mark)

    def function(self, mark):
        base = (self.argument(),) if mark.text == "\\log" and self.accept("_") else ()
        bracketed = self.peek in OPENING
        inner = self.primary() if bracketed else self.factor()
        if bracketed and self.peek in ("_", "^", "!"):
            self.fail("of the function or its bracket? write (\\log x)^2 or \\log((x)^2)")
        return Node(mark.text, (inner, *base), mark)

    # What an index or a variable runs over

    def operator(self, mark):
        if self.peek in OPENING and mark.text in ("\\max", "\\min"):
            return Node(mark.text, (Node("list", self.arguments()),), mark)
        return Node(mark.text, (self.over("each", self.term, "=", "\\in"),), mark)

    def expectation(self, mark):
        return self.over("mean", lambda: self.enclosed(self.expect("["), self.expression), "\\sim")

    def over(self, op, body, *signs):
        """The index or variable in _{..}, where it ranges, conditions on it, then the body."""
        if not (self.accept("_") and self.accept("{")):
            self.fail("an index without its range")
        key = (self.take().text,)
        sign = self.accept(*signs) or self.fail("an index without its range", back=1)
        values = self.expression()
        self.scope.append(key)
        conditions = (self.conditions(),) if self.accept(",") else ()
        self.expect("}")
        self.scope.pop()
        if sign.text == "=":
            self.expect("^")
            values = Node("span", (values, self.argument()))
        self.scope.append(key)
        parts = (body(), values, *conditions)
        self.scope.pop()
        return Node(op, parts, value=key)

    # Conditions

    def indicator(self, mark):
        return Node("indicator", (self.enclosed(self.expect("["), self.conditions),))

    def cases(self, mark):
        rows = []
        while not rows or self.accept("\\\\"):
            value = self.expression()
            self.expect("&")
            text = self.take() if self.at_text else None
            otherwise = text and self.peek in ("\\\\", "\\end{cases}")
            rows.append(Node("row", (value,) if otherwise else (value, self.conditions())))
        self.expect("\\end{cases}")
        return Node("cases", tuple(rows))

    # Calculus

    def fraction(self, mark):
        braced = self.accept("{")
        if sign := self.accept("\\mathrm d", "\\partial"):
            return self.derivative(sign.text, braced)
        self.at -= bool(braced)
        return Node(mark.text, (self.argument(), self.argument()), mark)

    def derivative(self, sign, braced):
        """The body is the rest of the numerator, or the following term if there is none."""
        power, outer, self.derived = self.order(), self.derived, True
        body = self.expression() if braced and self.peek != "}" else None
        if braced:
            self.expect("}")
        self.expect("{")
        self.expect(sign)
        key = self.name() or self.fail("no such symbol is bound")
        indices = self.indices() if self.accept("_") else ()
        if self.order() != power:
            self.fail("the orders of the derivative differ", back=1)
        self.expect("}")
        body, self.derived = body or self.term(), outer
        for _ in range(power):
            body = Node("derivative", (body, *indices), value=key)
        return body

    def order(self):
        return 2 if self.accept("^") and self.expect("2") else 1

    def integral(self, mark):
        self.expect("_")
        lower = self.argument()
        self.expect("^")
        upper, rest = self.argument(), [token.text for token in self.tokens[self.at :]]
        if "\\mathrm d" not in rest:
            self.fail("an integral without \\mathrm{d}x")
        self.scope.append(key := (rest[rest.index("\\mathrm d") + 1],))
        body = self.expression()
        self.expect("\\mathrm d")
        self.take()
        self.scope.pop()
        return Node("\\int", (lower, upper, body), value=key)


COMMANDS = {
    **dict.fromkeys(CLOSING, Reading.bracket),
    **dict.fromkeys(["\\sum", "\\prod", "\\max", "\\min"], Reading.operator),
    **dict.fromkeys(["\\log", "\\exp"], Reading.function),
    **{"\\frac": Reading.fraction, "\\sqrt": Reading.root, "\\int": Reading.integral},
    **{"\\mathbb E": Reading.expectation, "\\mathbb 1": Reading.indicator},
    "\\begin{cases}": Reading.cases,
}
