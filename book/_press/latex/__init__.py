r"""Evaluate a displayed equation from its own LaTeX: the formula you read is the formula that ran.

`check(latex, symbols)` reads both sides of every relation and compares them; `unbroken_mutants`
makes small mistakes on purpose and names those that no draw of the symbols notices.

    tokens.py   from LaTeX to tokens          tree.py      from the tree to its value
    reading.py  from tokens to a tree         mutants.py   from the tree to trees with a mistake

=============  =====================================================================================
symbols        keys are LaTeX, compared without spacing, sizes such as `\left` and needless braces;
               the longest wins, so a phrase (`x_{\max}`, `z^{(i)}`, `H(P, Q)`) may be bound whole
values         number | array, subscripts from 1: `p_i`, `p_{i-1}`, `q_{i,k}`, `w_{y_i}`; without
               subscript elementwise | callable: `f(x)`, `p(x, y)`, `p(y \mid x)`, `f(z)_k`;
               `\sigma'` and `\tanh` by their own keys | list, tuple, range: a set |
               dict {outcome: probability}: a distribution
arithmetic     `+ - \cdot /`, juxtaposition, `x^{..}`, `n!`, `\frac`, `\sqrt`, `x^\top y`; unless
               bound `\mathrm{e}`, `\pi`, `\infty`.
               An exact 0 times an infinity is 0: the book's convention 0 log 0 = 0
brackets       `( ) [ ] \{ \}`, `|x|`, `\lVert x \rVert`, `\lVert x \rVert_p`, `\lfloor x \rfloor`,
               `\lceil x \rceil`
functions      `\log`, `\log_b`, `\exp` of one factor or bracket
big operators  `\sum \prod \max \min` over `_{i=1}^{n}` or `_{i \in S}` (S bound), with conditions
               after commas: `_{j=1,\, j \ne y}^{K}`.  The body is the following term, up to the
               next + or -.  An infinite sum takes 150 terms.  Also `\max(a, b)`, `\max(z)`
expectation    `\mathbb{E}_{x \sim P}[..]`, P a distribution
conditions     `\mathbb{1}[..]` and, after `\text`, the right of `cases`: relations, also `\in` and
               `\notin`, chained (`0 < p < 1`) or joined by commas.  Nothing but `\text` means
               otherwise; overlapping rows must agree
calculus       `\frac{\mathrm{d}}{\mathrm{d}x} TERM`, `\frac{\partial f(z)}{\partial z_k}` (or a
               bare callable `f` of z), `\frac{\partial^2 f(z)}{\partial z_k^2}`,
               `\int_{a}^{b} .. \,\mathrm{d}x`: numerical, so compared to 1e-6
relations      `= \ne < > \le \ge`, `\approx` (to 1e-3), chained; lines of `aligned` that begin with
               a relation or sign continue; `\quad` or another line begins a part of its own
refused        two readings: `a/b c`, `\log(x)^2`, `y_{ik}` (write `y_{i,k}`), `x 2`, `x^10`;
               second spellings: `\leq`, `\tfrac`, `\ln`, `\times`, `\|x\|`, ..
=============  =====================================================================================
"""

from .mutants import unnoticed
from .reading import Reading
from .tokens import UnreadableError, key_of
from .tree import EquationError, verify

__all__ = ["EquationError", "UnreadableError", "check", "unbroken_mutants"]


def check(latex, symbols, rtol=1e-9, atol=1e-12, optional=()):
    """Raise EquationError if the equation is false, UnreadableError if it cannot be read or never
    reads a symbol that is not in `optional`."""
    env = environment(symbols)
    reading = Reading(latex, env)
    stale = [s for s in symbols if key_of(s) not in reading.read and s not in optional]
    if stale:
        raise UnreadableError(f"bound but never read: {', '.join(stale)}; in {latex}")
    for part in reading.parts:
        verify(part, env, rtol, atol)


def unbroken_mutants(latex, draws):
    r"""Descriptions of the mistakes that no draw of the symbols of a true equation notices.

    Every change must make a relation false on some draw, or must keep an inequality from being
    attained.  So some draws have to reach equality for `\le` and `\ge`, and to come within 1e-3 of
    it for `<` and `>`; an inequality that none of them attains is named too.  The sides of `\ne`
    are left alone, only the sign itself is changed.
    """
    envs = [environment(symbols) for symbols in draws]
    if any(env.keys() != envs[0].keys() for env in envs):
        raise UnreadableError("the draws bind different symbols")
    return list(unnoticed(latex, Reading(latex, envs[0]).parts, envs))


def environment(symbols):
    env = {key_of(symbol): value for symbol, value in symbols.items()}
    if len(env) < len(symbols):
        raise UnreadableError(f"two bindings for one symbol among {', '.join(symbols)}")
    return env
