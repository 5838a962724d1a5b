"""Expressions with their binding strength, and the forms that spell an op as one.

One idea: an expression is text that knows how strongly it binds, so parentheses stand where they are needed and nowhere
else; and what it depends on, so that it is never moved past a change of that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ADDITIVE", "AND", "ATOM", "CHOICE", "COMPARISON", "EQUALITY", "Expr", "Form", "LOGICAL_AND", "LOGICAL_OR",
    "MULTIPLICATIVE", "OR", "Rows", "SHIFT", "UNARY", "XOR", "atom", "binary", "call", "changed", "enclosed", "prefix", "spell",
]  # fmt: skip

# How strongly C's operators bind, from the outside in.
ANY, CHOICE, LOGICAL_OR, LOGICAL_AND, OR, XOR, AND, EQUALITY, COMPARISON, SHIFT, ADDITIVE, MULTIPLICATIVE, UNARY, ATOM = range(14)

NOTHING: frozenset[str] = frozenset()


class Expr:
    """text: C. level: how strongly its outermost operator binds. depends: variables that may change. reads: memory.

    factors: of a product that may become part of a fused multiply-add, the two factors. narrow: of an integer cast to a wider type,
    what is cast, where C would do it unasked. unsigned: of arithmetic that wraps, the same before it is signed again.
    """

    __slots__ = ("depends", "factors", "level", "narrow", "reads", "text", "unsigned")

    def __init__(self, text: str, level: int = ATOM, depends: frozenset[str] = NOTHING, reads: bool = False) -> None:
        self.text = text
        self.level = level
        self.depends = depends
        self.reads = reads
        self.factors: tuple[Expr, Expr] | None = None
        self.narrow: Expr | None = None
        self.unsigned: Expr | None = None

    @property
    def is_atom(self) -> bool:
        """A name or a literal: written twice it costs nothing."""
        return self.level == ATOM and self.text[-1] not in ")]"

    def __repr__(self) -> str:
        return f"<{self.text}>"


def atom(text: str) -> Expr:
    return Expr(text)


def enclosed(e: Expr, least: int) -> str:
    """Its text as an operand that must bind at least so strongly."""
    return e.text if e.level >= least else f"({e.text})"


# The operators of a level that assign what they give to their left side.
_COMPOUND = {
    ADDITIVE: ("+", "-"), MULTIPLICATIVE: ("*", "/", "%"), SHIFT: ("<<", ">>"), AND: ("&",), XOR: ("^",), OR: ("|",),
}  # fmt: skip


def changed(place: str, value: Expr) -> str:
    """The statement that gives a variable or an element a value: `x += y` rather than `x = x + y`."""
    text = value.text
    if text.startswith(place) and value.level in _COMPOUND:
        operators = _COMPOUND[value.level]
        operator, _, rest = text[len(place) + 1 :].partition(" ")
        # Of a + b - c the first operator is not the last one to be applied.
        if text[len(place)] == " " and operator in operators and not any(f" {x} " in _outermost(rest) for x in operators):
            return f"{place} {operator}= {rest[1:-1] if _outermost(rest) == '()' else rest};"
    return f"{place} = {text};"


def _outermost(text: str) -> str:
    """What is in no parentheses or brackets, and those that are in none."""
    if "(" not in text and "[" not in text:
        return text
    depth, out = 0, ""
    for c in text:
        depth -= c in ")]"
        out += "" if depth else c
        depth += c in "(["
    return out


@dataclass(frozen=True, slots=True)
class Form:
    """A spelling: text with {0}, {1}, ... for operands, its level, and the least level of each operand.

    repeats: an operand stands in the text more than once, so each must be a name or a literal. wraps: of arithmetic that is done in
    an unsigned type, as signed overflow is undefined: that type, its literals' suffix, the operator and its level.
    """

    text: str
    level: int
    inner: tuple[int, ...]
    repeats: bool = False
    wraps: tuple[str, str, str, int] | None = None


def binary(operator: str, level: int, *, tight: bool = False) -> Form:
    """`a operator b`, grouping to the left. tight: operands are enclosed unless they bind as strongly as arithmetic, because
    few readers know how these operators group."""
    inner = (UNARY, UNARY) if tight else (level, level + 1)
    return Form(f"{{0}} {operator} {{1}}", level, inner)


def prefix(operator: str) -> Form:
    return Form(f"{operator}{{0}}", UNARY, (ATOM,))


def call(name: str, count: int = 1) -> Form:
    return Form(f"{name}({', '.join([f'{{{k}}}' for k in range(count)])})", ATOM, (ANY,) * count)


Rows = dict[tuple[str, str], Form]


def spell(rows: Rows, op: str, types: str | Iterable[str], form: Form) -> None:
    """Enter a form for an op on operands of these types; a cell may be filled only once."""
    for name in types.split() if isinstance(types, str) else types:
        assert (op, name) not in rows, (op, name)
        rows[op, name] = form
