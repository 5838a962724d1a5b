"""Indices as sums: what is added up to an index, how often, and which comparisons of such sums hold.

One idea: an index is a number and multiples of what cannot be taken apart: ids, extents, counters, and minima, quotients and
remainders of other such sums. Two indices are equal where their sums are, whoever has written them, and a sum may stand for part of
another: what a thread knows of its own elements is known of those that other threads stored. Only of
type index, which does not wrap.

Two passes have sums of another kind, for what these cannot say: `vectorize/runs`, in which a factor may be an argument as well as a
number, and `vectorize/strides`, which wants what a block's threads share apart from what each adds, of small numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, NamedTuple

from .. import types as T
from ..core import Function, Op, Value, walk
from ..ops import arith, memory, scf, simt

__all__ = ["Atom", "Form", "Forms", "added", "holds_surely", "known", "number", "replaced"]

Atom = tuple[Any, ...]  # (kind, ...): see `Forms.atom`


class Form(NamedTuple):
    """A number and what is added to it, each with how often."""

    terms: frozenset[tuple[Atom, int]]
    number: int


def number(n: int) -> Form:
    return Form(frozenset(), n)


def known(atom: Atom) -> Form:
    return Form(frozenset([(atom, 1)]), 0)


def added(a: Form, b: Form, times: int = 1) -> Form:
    """a + times * b."""
    if not b.terms:
        return Form(a.terms, a.number + times * b.number)
    total = dict(a.terms)
    for atom, n in b.terms:
        total[atom] = total.get(atom, 0) + times * n
    return Form(frozenset([(atom, n) for atom, n in total.items() if n]), a.number + times * b.number)


def replaced(form: Form, by: Mapping[Atom, Form]) -> Form:
    """The same with other sums for some of its parts, also where they are in minima, quotients and remainders."""
    out = number(form.number)
    for atom, n in form.terms:
        new = by.get(atom)
        if new is None:
            new = known((*atom[:2], *[replaced(part, by) for part in atom[2:]])) if atom[0] == "of" else known(atom)
        out = added(out, new, n)
    return out


_OF = {arith.MINIMUM: "minimum", arith.MAXIMUM: "maximum", arith.FLOORDIV: "floordiv", arith.MOD: "mod"}
_IDS = {simt.THREAD_ID: "thread", simt.BLOCK_ID: "block"}
_MANY = 1 << 48  # more elements and threads than there are


class Forms:
    """Of the values of one function whose blocks have a known shape."""

    def __init__(self, f: Function) -> None:
        self.block: tuple[int, int, int] = f.attributes["block"]
        self.found: dict[Value, Form] = {}
        self.counters = {op.regions[0].args[0]: op for op in walk(f.body) if op.defn is scf.FOR}

    def of(self, v: Value) -> Form:
        """An atom where a value is no sum: (thread | block, axis), (extent, array, axis), (value, v), or (of, op, sums...)."""
        found = self.found.get(v)
        if found is None:
            found = self.found[v] = self._find(v)
        return found

    def _find(self, v: Value) -> Form:
        op = v.op
        if v.type is not T.index or op is None:
            return known(("value", v))
        if isinstance(v.constant, int):
            return number(v.constant)
        if op.defn is arith.ADD or op.defn is arith.SUB:
            return added(self.of(op.operands[0]), self.of(op.operands[1]), 1 if op.defn is arith.ADD else -1)
        if op.defn is arith.MUL or op.defn is arith.SHL:
            return self._product(v, op)
        if op.defn in _IDS:
            return known((_IDS[op.defn], op.attributes["axis"]))
        if op.defn is simt.GLOBAL_ID:
            axis = op.attributes["axis"]
            return added(known(("thread", axis)), known(("block", axis)), self.block[axis])
        if op.defn is memory.EXTENT:
            return known(("extent", op.operands[0], op.attributes["axis"]))
        if op.defn in _OF:
            return known(("of", _OF[op.defn], *[self.of(x) for x in op.operands]))
        return known(("value", v))

    def _product(self, v: Value, op: Op) -> Form:
        a, b = [self.of(x) for x in op.operands]
        if a.terms and b.terms:
            return known(("value", v))
        form, times = (b, a.number) if not a.terms else (a, b.number)
        if op.defn is arith.SHL:
            if b.terms or not 0 <= b.number < 32:
                return known(("value", v))
            form, times = a, 1 << b.number
        return added(number(0), form, times)

    # --- bounds ---

    def bounds(self, form: Form) -> tuple[float, float]:
        """Between which numbers a sum lies."""
        lo = hi = float(form.number)
        for atom, n in form.terms:
            least, greatest = self._atom(atom)
            lo += n * (least if n > 0 else greatest)
            hi += n * (greatest if n > 0 else least)
        return lo, hi

    def _atom(self, atom: Atom) -> tuple[float, float]:
        kind, what = atom[:2]
        if kind == "thread":
            return 0, self.block[what] - 1
        if kind in ("block", "extent"):
            return 0, _MANY
        if kind == "of":
            a, b = [self.bounds(part) for part in atom[2:]]
            return _BOUNDS[what](a, b)
        if what in self.counters:
            return self._counter(self.counters[what])
        return -inf, inf

    def _counter(self, loop: Op) -> tuple[float, float]:
        lo, hi = [self.bounds(self.of(v)) for v in loop.operands[:2]]
        step = loop.operands[2].constant
        return (lo[0], hi[1] - 1) if isinstance(step, int) and step > 0 else (-inf, inf)


Bounds = tuple[float, float]


def _quotient(a: Bounds, b: Bounds) -> Bounds:
    return (a[0] // b[1], a[1] // b[0]) if a[0] >= 0 and a[1] < inf and b[0] > 0 and b[1] < inf else (-inf, inf)


_BOUNDS: dict[str, Callable[[Bounds, Bounds], Bounds]] = {
    "minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "floordiv": _quotient,
    "mod": lambda a, b: (0, b[1] - 1) if b[0] > 0 else (-inf, inf),
}


def holds_surely(forms: Forms, form: Form, facts: Iterable[Form]) -> bool:
    """Whether a sum is not negative where none of `facts` is, as far as one of them says."""
    return forms.bounds(form)[0] >= 0 or any(forms.bounds(added(form, fact, -1))[0] >= 0 for fact in facts)
