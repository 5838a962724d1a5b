"""Segments that only the first threads of each row take part in.

One idea: `if thread_id(0) < n` around a whole segment, with one n for the block, is a shorter loop over threads: no vector has
to ask, and the vectors beyond n are not visited. A reduction in shared memory halves its threads with every step.

The guard of a flat kernel, `if x < n and y < m`, is the same for a row: its body is made for whole vectors and for the row's end,
and not also for vectors that the guard cuts. `0 < x` lets the row begin later. Where the row is outside, it has no threads.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from ... import types as T
from ...analysis.accesses import split_constant
from ...analysis.uniformity import BLOCK, SUBGROUP
from ...core import Value, walk, with_inner
from ...ops import arith, scf, simt
from .plan import Plan, Segment, Structure

if TYPE_CHECKING:
    from .blocks import Blocks
    from .body import Body

__all__ = ["MIRROR", "Turns", "bound_of", "guard_of", "has_short_ids", "in_turns", "narrowed", "of_first_row", "parts_of",
           "segments_of", "shortened", "whole_segments"]  # fmt: skip


def narrowed(blocks: Blocks, segment: Segment) -> tuple[Segment, Value | None]:
    """The segment without its guard, and the threads along axis 0 that it is for (None: all)."""
    guard = guard_of(blocks, segment)
    found = None if guard is None else bound_of(blocks, *guard.asks, "simt.thread_id")
    return (segment, _needed(blocks, segment)) if guard is None or found is None else (guard.inside, found)


def _needed(blocks: Blocks, segment: Segment) -> Value | None:
    """The threads along axis 0 that need what a segment finds out for others, if each of those is for the first threads only:
    `a = s[t]`, a barrier, and `if t < n: s[t] = a + b`."""
    own = with_inner(segment.ops)
    if segment.stores or not segment.ops or not all(op.defn.pure for op in own):
        return None
    found = [blocks.users.get(r, ()) for op in segment.ops for r in op.results]
    homes = [blocks.homes.get(user) for user in dict.fromkeys(user for users in found for user in users)]
    guards = [None if home is None else guard_of(blocks, home) for home in dict.fromkeys(homes) if home is not segment]
    bounds = [None if guard is None else bound_of(blocks, *guard.asks, "simt.thread_id") for guard in guards]
    known = [bound for bound in bounds if bound is not None]
    if not known or len(known) != len(bounds):
        return None
    return functools.reduce(lambda x, y: blocks.b.emit(arith.MAXIMUM, x, y), known)


def of_first_row(blocks: Blocks, segment: Segment) -> Segment | None:
    """The segment without its guard, if that is for the first of the blocks that run as one (see `merge`)."""
    guard = guard_of(blocks, segment) if blocks.merged is not None else None
    test = None if guard is None or not guard.asks[1] else guard.asks[0].op
    if guard is None or test is None or test.defn is not arith.EQ or test.operands[1].constant != 0:
        return None
    id = test.operands[0].op
    return guard.inside if id is not None and id.defn is simt.THREAD_ID and id.attributes["axis"] == blocks.merged else None


def whole_segments(blocks: Blocks, row: int) -> int:
    """How many segments there are, where one for the first n threads of a row, a number, counts as that part of one: stages of a
    tree of sums are hardly more than one, as their code is."""
    return ceil(sum([_share(blocks, segment, row) for segment in segments_of(blocks.planner.plan)]))


def segments_of(plan: Plan) -> Iterator[Segment]:
    for item in plan:
        if isinstance(item, Segment):
            yield item
        elif isinstance(item, Structure):
            for inner in item.plans:
                yield from segments_of(inner)


def _share(blocks: Blocks, segment: Segment, row: int) -> float:
    guard = guard_of(blocks, segment)
    test = None if guard is None or not guard.asks[1] else guard.asks[0].op
    if test is None or test.defn not in (arith.LT, arith.EQ) or not _is_id(test.operands[0], "simt.thread_id"):
        return 1.0
    n = test.operands[1].constant
    if not isinstance(n, int):
        return 1.0
    return min(max(n if test.defn is arith.LT else 1, 0) / row, 1.0)


def shortened(blocks: Blocks, segment: Segment, lo: Value, hi: Value, make: Callable[[], Body], *,
              if_of_rows: bool = False, short: bool = False) -> tuple[Segment, Value, Value]:  # fmt: skip
    """Of a flat kernel: the segment without its guard, and where a row from lo to hi begins and ends for which the guard holds.
    make: a body for the first vector of the row, which computes what is the same for the row. if_of_rows: also where the guard is
    that for all threads of a row, so that it may be left to a branch. short: also by numbers of threads in 32 bits, which are those
    of rows that end before they wrap."""
    guard = guard_of(blocks, segment)
    parts = [] if guard is None else list(parts_of(*guard.asks))
    ends = _ends(blocks, parts, lo, hi, make, if_of_rows=if_of_rows, short=short) if parts else None
    return (segment, lo, hi) if guard is None or ends is None else (guard.inside, *ends)


def has_short_ids(blocks: Blocks, segment: Segment) -> bool:
    """Whether a flat kernel's guard compares threads' numbers in 32 bits."""
    guard = guard_of(blocks, segment)
    ops = [cond.op for cond, _ in parts_of(*guard.asks)] if guard is not None else []
    compared = [v for op in ops if op is not None and op.defn.name in (*MIRROR, "arith.ne") for v in op.operands]
    return any(v.type is T.i32 and _is_id(v, "simt.global_id", short=True) for v in compared)


def _ends(blocks: Blocks, parts: Sequence[tuple[Value, bool]], lo: Value, hi: Value, make: Callable[[], Body], *,
          if_of_rows: bool, short: bool = False) -> tuple[Value, Value] | None:  # fmt: skip
    """Where a row begins and ends for which all of some conditions hold; None where they do not say so."""
    ends = [bound_of(blocks, cond, holds, "simt.global_id", short=short) for cond, holds in parts]
    begins = [_begin_of(blocks, cond, holds, hi, short=short) for cond, holds in parts]
    others = [part for part, end, begin in zip(parts, ends, begins, strict=True) if end is None and begin is None]
    if len(others) == len(parts) and not if_of_rows:
        return None
    b = blocks.b
    if others:
        if any(blocks.differs.of(cond) > SUBGROUP for cond, _ in others):
            return None
        body = make()
        if not all(body.known(cond) for cond, _ in others):
            return None
        for cond, holds in others:
            inside = body.scalar(cond)
            hi = b.emit(arith.SELECT, inside, hi, lo) if holds else b.emit(arith.SELECT, inside, lo, hi)
    for bound in ends:
        hi = hi if bound is None else b.emit(arith.MINIMUM, hi, bound)
    hi = b.emit(arith.MAXIMUM, hi, lo)
    for bound in begins:
        lo = lo if bound is None else b.emit(arith.MAXIMUM, lo, bound)
    return lo if not any(begins) else b.emit(arith.MINIMUM, lo, hi), hi


class Turns(NamedTuple):
    """Every `step`th thread of a row from `first` on, `many` of them, and what they do."""

    segment: Segment
    first: Value
    many: Value
    step: int


def in_turns(blocks: Blocks, segment: Segment, lo: Value, hi: Value, make: Callable[[Value], Body], *, short: bool) -> Turns | None:
    """The threads of a flat kernel's row that a remainder chooses: `if (x + y) % 2 == colour`, as on a checkerboard. As a mask it
    would be on for one of so many lanes, of vectors that are all visited. make: a body for the thread at a place."""
    guard = guard_of(blocks, segment)
    parts = [] if guard is None else list(parts_of(*guard.asks))
    found = [(part, turn) for part in parts if (turn := _turn_of(blocks, *part)) is not None]
    if guard is None or len(found) != 1:
        return None
    ((chosen, turn),) = found
    rest = [part for part in parts if part is not chosen]
    ends = _ends(blocks, rest, lo, hi, lambda: make(lo), if_of_rows=True, short=short)
    if ends is None:
        return None
    (first, end), b, index = ends, blocks.b, blocks.block.s.index
    one = make(first)
    if not one.known(turn.sum) or not one.known(turn.remainder):
        return None
    at, wanted = [b.emit(arith.CAST, x, type=T.index) if x.type is not T.index else x
                  for x in (one.scalar(turn.sum), one.scalar(turn.remainder))]  # fmt: skip
    further = b.emit(arith.SUB, wanted, at) if turn.grows else b.emit(arith.SUB, at, wanted)
    first = b.emit(arith.ADD, first, b.emit(arith.AND, further, index(turn.step - 1)))
    left = b.emit(arith.ADD, b.emit(arith.SUB, end, first), index(turn.step - 1))
    count = b.emit(arith.MAXIMUM, b.emit(arith.FLOORDIV, left, index(turn.step)), index(0))
    if not isinstance(wanted.constant, int):
        is_one = b.emit(arith.AND, b.emit(arith.GE, wanted, index(0)), b.emit(arith.LT, wanted, index(turn.step)))
        count = b.emit(arith.SELECT, is_one, count, index(0))
    return Turns(guard.inside, first, count, turn.step)


class _Turn(NamedTuple):
    """Threads for which `sum`, that grows or falls by 1 from thread to thread, has a remainder when divided by `step`."""

    sum: Value
    remainder: Value
    step: int
    grows: bool


_MOST_APART = 4  # threads; lanes that are further apart load and store element by element, and masks leave out whole vectors


def _turn_of(blocks: Blocks, cond: Value, holds: bool) -> _Turn | None:
    op = cond.op
    if op is None or op.defn is not (arith.EQ if holds else arith.NE):
        return None
    v, remainder = op.operands if blocks.differs.of(op.operands[0]) > SUBGROUP else op.operands[::-1]
    divided = _without_casts(v).op
    if divided is None or divided.defn not in (arith.MOD, arith.AND) or blocks.differs.of(remainder) > SUBGROUP:
        return None
    n = divided.operands[1].constant
    if not isinstance(n, int) or isinstance(n, bool):
        return None
    step = n if divided.defn is arith.MOD else n + 1
    if step not in (2, _MOST_APART):  # of powers of two the remainder is the same where a sum wraps
        return None
    by = _growth(blocks, divided.operands[0])
    return _Turn(divided.operands[0], remainder, step, by > 0) if by in (1, -1) else None


def _without_casts(v: Value) -> Value:
    while v.op is not None and v.op.defn is arith.CAST and T.element_of(v.op.operands[0].type).is_integer:
        v = v.op.operands[0]
    return v


def _growth(blocks: Blocks, v: Value, depth: int = 8) -> int | None:
    """By how much a sum of numbers grows from thread to thread along a row."""
    v = _without_casts(v)
    op = v.op
    if blocks.differs.of(v) <= SUBGROUP:
        return 0
    if _is_id(v, "simt.global_id"):
        return 1
    if op is None or not depth or op.defn not in (arith.ADD, arith.SUB):
        return None
    a, c = [_growth(blocks, x, depth - 1) for x in op.operands]
    return None if a is None or c is None else a + c if op.defn is arith.ADD else a - c


def _begin_of(blocks: Blocks, cond: Value, holds: bool, hi: Value, *, short: bool = False) -> Value | None:
    """n where the condition (or its contrary) is global_id(0) >= n, as far as rows reach, for an n that the block knows."""
    op = cond.op
    if op is None or op.defn.name not in (*MIRROR, "arith.ne"):
        return None
    name, (a, n) = op.defn.name, op.operands
    if a.constant is not None or _is_id(n, "simt.global_id", short=short):
        name, a, n = MIRROR.get(name, name), n, a
    if not _is_id(a, "simt.global_id", short=short) or not _of_block(blocks, n):
        return None
    b, one = blocks.b, blocks.block.s.index(1)
    if n.constant == 0 and name == ("arith.ne" if holds else "arith.eq"):
        return one
    name = name if holds else _CONTRARY.get(name, "")
    if name == "arith.ge":
        return _index(blocks, n)
    if name == "arith.gt":  # the largest index has none behind it
        return one if n.constant == 0 else b.emit(arith.ADD, b.emit(arith.MINIMUM, _index(blocks, n), hi), one)
    return None


def _index(blocks: Blocks, n: Value) -> Value:
    x = blocks.scalar(n)
    return x if x.type is T.index else blocks.b.emit(arith.CAST, x, type=T.index)


class _Guard(NamedTuple):
    """The `if` around all that a segment does. asks: its condition, and what that must be. inside: the segment without it."""

    asks: tuple[Value, bool]
    inside: Segment


def guard_of(blocks: Blocks, segment: Segment) -> _Guard | None:
    """The `if` around all that a segment does, where nothing of it is kept for other segments."""
    if segment.stores or not segment.ops or any(r in blocks.planner.slots for op in segment.ops for r in op.results):
        return None
    *before, last = segment.ops
    if last.defn is not scf.IF or last.results:
        return None
    holds = len(last.regions[1].ops) == 1
    region = last.regions[0 if holds else 1]
    if not holds and len(last.regions[0].ops) > 1:
        return None
    if any(not op.defn.pure or op.regions for op in before) or any(op.defn.convergent for op in walk(region)):
        return None
    return _Guard((last.operands[0], holds), Segment([*before, *region.ops[:-1]]))


def parts_of(cond: Value, holds: bool) -> Iterator[tuple[Value, bool]]:
    """Conditions, with whether they have to hold, that hold together where `cond` does (holds=False: does not)."""
    op = cond.op
    if op is not None and op.defn is arith.NOT:
        yield from parts_of(op.operands[0], not holds)
    elif op is not None and op.defn is (arith.AND if holds else arith.OR):
        for v in op.operands:
            yield from parts_of(v, holds)
    else:
        yield cond, holds


def bound_of(blocks: Blocks, cond: Value, holds: bool, id: str, *, short: bool = False) -> Value | None:
    """n where the condition (or its contrary) is thread_id(0) < n, or another id, for an n that the block knows. Of thread_id(0)
    a multiple will do, and a sum, if all are numbers. short: see `shortened`."""
    op = cond.op
    if op is None or op.defn.name not in MIRROR:
        return None
    name, (a, n) = op.defn.name, op.operands
    if a.constant is not None or _is_id(n, id, short=short):
        name, a, n = MIRROR[name], n, a
    if not _is_id(a, id, short=short):
        is_end = id == "simt.thread_id" and name == ("arith.lt" if holds else "arith.ge")
        end = _scaled_bound(a, n) if is_end else None
        return None if end is None else blocks.block.s.index(end)
    if not _of_block(blocks, n):
        return None
    if not holds:
        name = _CONTRARY.get(name, "")
    if name == "arith.lt":
        return _index(blocks, n)
    if name == "arith.eq" and n.constant == 0:
        return blocks.block.s.index(1)
    if name == "arith.le" and isinstance(n.constant, int):
        return blocks.block.s.index(n.constant + 1)
    return None


def _scaled_bound(v: Value, n: Value) -> int | None:
    """The end of the threads with thread_id(0) * m + c < n. (A block has 1024 at most: nothing wraps.)"""
    t = T.element_of(v.type)
    v, c = split_constant(v)
    if t.kind is not T.Kind.INT or t.bits < 32 or v.op is None or v.op.defn not in (arith.MUL, arith.SHL):
        return None
    id, m = v.op.operands
    if not _is_id(id, "simt.thread_id") or not isinstance(m.constant, int) or not isinstance(n.constant, int):
        return None
    times = m.constant if v.op.defn is arith.MUL else 1 << min(max(m.constant, 0), 31)
    if not 0 < times < _NEAR or max(abs(n.constant), abs(c)) >= _NEAR:
        return None
    return max(-(-(n.constant - c) // times), 0)


def _of_block(blocks: Blocks, n: Value) -> bool:
    """Whether the block knows a number. (One that is computed inside of a guard around this one is made here.)"""
    return blocks.levels.of(n) == BLOCK and n not in blocks.planner.threaded and blocks.block.known(n)


def _is_id(v: Value, id: str, *, short: bool = False) -> bool:
    if short and v.op is not None and v.op.defn is arith.CAST and v.type is T.i32:
        v = v.op.operands[0]
    return v.op is not None and v.op.defn.name == id and v.op.attributes["axis"] == 0


_NEAR = 1 << 20
MIRROR = {"arith.lt": "arith.gt", "arith.gt": "arith.lt", "arith.le": "arith.ge", "arith.ge": "arith.le", "arith.eq": "arith.eq"}
_CONTRARY = {"arith.lt": "arith.ge", "arith.ge": "arith.lt", "arith.gt": "arith.le", "arith.le": "arith.gt"}  # of integers
