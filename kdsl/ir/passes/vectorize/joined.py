"""Rows that follow one another in memory are one: `o[y, x] = f(a[y, x], b[y, x])` in pictures without gaps.

One idea: a kernel that looks at its thread's numbers only to find its own element does not mind which row that is in. Where each
row of all arrays begins behind the end of the one before it, and threads are there for all of it, the elements of several rows are
those of one that is so many times as long, whose begin and end are paid for once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ...analysis.accesses import indices_of, is_argument
from ...analysis.uniformity import SUBGROUP, Uniformity
from ...core import Function, Op, Value, walk
from ...ops import arith, memory, scf, simt, tile
from .narrow import parts_of

if TYPE_CHECKING:
    from .blocks import Blocks
    from .plan import Segment

__all__ = ["JOINED_ROWS", "Follows", "join_rows", "joined_rows"]

JOINED_ROWS = 16  # of a piece, at most
_MOST_ARRAYS = 8  # that are asked about for each piece
_MOST_OPS = 60  # of a thread: a row's begin and end are nothing beside more
_ORDERED = (arith.LT, arith.LE, arith.GT, arith.GE)


class Follows(NamedTuple):
    """An array whose axis `rows` is that of rows, of elements along axis `along`."""

    array: Value
    rows: int
    along: int


def joined_rows(f: Function, levels: Uniformity) -> list[Follows]:
    """What must follow one another for rows of a flat function to be one; empty where threads look at their numbers otherwise."""
    ids = {op.results[0]: op.attributes["axis"] for op in walk(f.body) if op.defn is simt.GLOBAL_ID}
    if not {0, 1} <= set(ids.values()) or len(list(walk(f.body))) > _MOST_OPS:
        return []
    asked = _asked(f)
    found: dict[Follows, None] = {}
    for op in walk(f.body):
        own = [v for v in op.operands if v in ids]
        if op.defn is memory.LOAD or op.defn is memory.STORE:
            follows = _follows(op, ids, levels)
            if follows is None and own:
                return []
            if follows is not None:
                found[follows] = None
            elif op.defn is memory.STORE or any(levels.of(v) > SUBGROUP for v in indices_of(op)):
                return []  # a place that data choose
        elif op.defn.touches and op.defn is not memory.EXTENT:
            return []
        elif len(own) > 1 or (own and op not in asked):
            return []
    return list(found) if len(found) <= _MOST_ARRAYS else []


def _asked(f: Function) -> set[Op]:
    """The comparisons of threads' numbers that the guard around all that a thread does asks for: where they hold for the first row
    and for the last, they do for those between."""
    last = f.body.ops[-2] if len(f.body.ops) > 1 else None
    if last is None or last.defn is not scf.IF or last.results or len(last.regions[1].ops) > 1:
        return set()
    return {v.op for v, holds in parts_of(last.operands[0], holds=True) if holds and v.op is not None and v.op.defn in _ORDERED}


def _follows(op: Op, ids: dict[Value, int], levels: Uniformity) -> Follows | None:
    """Of an access to the thread's own element."""
    places = {ids[v]: axis for axis, v in enumerate(indices_of(op)) if v in ids}
    if not is_argument(op.operands[0]) or not {0, 1} <= set(places) or sum(v in ids for v in indices_of(op)) != len(places):
        return None
    if any(v not in ids and levels.of(v) > SUBGROUP for v in indices_of(op)) or (not op.results and op.operands[-1] in ids):
        return None
    return Follows(op.operands[0], places[1], places[0])


def join_rows(blocks: Blocks, first: Value, safe: Value | None, guarded: Callable[[Value], tuple[Segment, Value, Value]],
              run: Callable[[Segment, Value, Value, Value], None]) -> None:  # fmt: skip
    """The rows of a piece from `first` on, each by itself or all as one. safe: whether they may be, for what else is known.
    guarded: what a row does, and where it begins and ends. run: a row, from where to where, and its number."""
    b, s = blocks.b, blocks.block.s
    end, one = b.emit(tile.ROWS_END), s.index(1)
    inside, begin, stop = guarded(first)
    _, other_begin, other_stop = guarded(b.emit(arith.SUB, end, one))
    length = b.emit(arith.SUB, stop, begin)
    together = b.emit(arith.LT, begin, stop)
    together = together if safe is None else b.emit(arith.AND, safe, together)
    for x, y in ((begin, other_begin), (stop, other_stop)):
        together = b.emit(arith.AND, together, b.emit(arith.EQ, x, y))
    for follows in blocks.joined:
        array = blocks.block.array(follows.array)
        together = b.emit(arith.AND, together, b.emit(tile.FOLLOWS, array, length, axis=follows.rows, along=follows.along))
    count = b.emit(arith.SUB, end, first)
    step = b.emit(arith.SELECT, together, count, one)
    further = b.emit(arith.MUL, b.emit(arith.SUB, step, one), length)

    def row(y: Value) -> None:
        _, low, high = guarded(y)
        run(inside, low, b.emit(arith.ADD, high, further), y)

    b.count(first, end, step, "y", row)
