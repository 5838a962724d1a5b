"""Two ways through a part of a kernel: where arguments lie at multiples of 16, neighbours that one thread accesses are one access.

One idea: of an argument nobody promises more than that its elements are aligned, and nearly all are aligned to 256. So the kernel
asks, of pointers and strides alone, and all threads of a launch go the same way; the other way is the ops as they are. Asked is no
more than what `together` needs to join something, and emitted twice are whole loops, but else only from the first access that
is joined to the last.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from ...ir import types as T
from ...ir.core import Op, Region, Value, with_inner
from ...ir.ops import arith, memory, scf
from .control import in_register, move
from .emitter import Emitter, Lines
from .number import all_aligned
from .text import CLASS
from .together import ASKED, split, worth_asking

__all__ = ["plan_ways"]

_MOST_OPS = 400  # that are emitted twice


def plan_ways(e: Emitter) -> None:
    """Note in `e.twice` which parts of a kernel are emitted twice, and in `e.aligned` what is asked for that."""
    f = e.function
    if f.debug or f.sites:
        return
    arguments = {v: ASKED for v in f.params if isinstance(v.type, T.ArrayType)}
    question = worth_asking(f.body, arguments, e.uses)
    if question.ops:
        e.aligned = question.asked
        _find(e, f.body, _holding(f.body, question.ops.keys()))


def _holding(region: Region, joined: Set[Op]) -> set[Op]:
    """Ops that are joined, and those with such ops inside."""
    holding = set(joined & frozenset(region.ops))
    for op in region.ops:
        for inner in op.regions:
            more = _holding(inner, joined)
            if more:
                holding |= more
                holding.add(op)
    return holding


def _find(e: Emitter, region: Region, holding: set[Op]) -> None:
    ops = region.ops[:-1]
    found = [k for k, op in enumerate(ops) if op in holding]
    if not found:
        return
    first, last = found[0], found[-1]
    if first == last and ops[first].defn is scf.IF:
        for inner in ops[first].regions:
            _find(e, inner, holding)
        return
    part = ops[first : last + 1]
    inside = with_inner(part)
    if len(inside) > _MOST_OPS or any(x.defn is memory.ALLOC for x in inside):
        return
    needed: set[Value] = set()
    for op in region.ops[last + 1 :]:
        for x in with_inner([op]):
            needed.update(x.operands)
            needed.update([w for v in x.operands for w in _behind(v)])
    results = [v for op in part for v in op.results if v in needed and v.constant is None]
    e.twice[region] = Ways(ops[:first], part, ops[last + 1 :], results)


def _behind(v: Value) -> list[Value]:
    """What the emitter takes in the place of an operand: of an index that is a sum, what is added; of a bf16 that became an f32,
    the bf16."""
    found: list[Value] = []
    op = v.op
    if v.type is T.index:
        base, _ = split(v)
        if base is not None:
            found.append(base)
            if base.op is not None and base.op.defn is arith.ADD:
                found += [x for operand in base.op.operands for x in (operand, *_behind(operand))]
    if op is not None and op.defn is arith.CAST:
        found.append(op.operands[0])
    return found


class Ways:
    """A part of a region, what comes before and after it, and the values that are made in it and used after it."""

    def __init__(self, before: list[Op], part: list[Op], after: list[Op], results: list[Value]) -> None:
        self.before, self.part, self.after, self.results = before, part, after, results

    def emit(self, e: Emitter) -> None:
        e.run(self.before)
        p = all_aligned(e, e.aligned)
        other, done = e.label("unaligned"), e.label("join")
        fast, slow = self.way(e, is_fast=True), self.way(e, is_fast=False)
        classes = [cls for cls, _ in fast[1]]
        registers = [e.register(cls) for cls in classes]
        e.act(f"@!{p} bra {other}")
        self.leave(e, fast, registers)
        e.act(f"bra {done}")
        e.begin(other)
        self.leave(e, slow, registers)
        e.begin(done)
        for v, cls, r in zip(self.results, classes, registers, strict=True):
            if v in e.narrow and cls == "r":
                e.bind_narrow(v, r)
            else:
                e.bind(v, r)
        e.place = ("", 0)
        e.run(self.after)

    def way(self, e: Emitter, *, is_fast: bool) -> tuple[Lines, list[tuple[str, str]]]:
        """The lines of a way, and the class and the operand of each result."""
        lines: Lines = []
        outer, e.lines = e.lines, lines
        around, e.together = e.together, dict(e.together)
        e.is_fast, e.place = is_fast, ("", 0)
        e.open_region()
        e.run(self.part)
        found = [_in_words(e, v) or (CLASS[T.element_of(v.type).name], in_register(e, v)) for v in self.results]
        e.close_region()
        e.is_fast, e.lines, e.together = False, outer, around
        return lines, found

    def leave(self, e: Emitter, way: tuple[Lines, Sequence[tuple[str, str]]], registers: list[str]) -> None:
        lines, found = way
        e.lines += lines
        for (cls, text), r in zip(found, registers, strict=True):
            move(e, cls, r, text)


def _in_words(e: Emitter, v: Value) -> tuple[str, str] | None:
    found = e.narrow.get(v)
    return None if found is None or T.element_of(v.type).bits != 64 else ("r", found)
