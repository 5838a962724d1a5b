"""Segments that only the first threads of each row take part in.

One idea: `if thread_id(0) < n` around a whole segment, with one n for the block, is a shorter loop over threads: no vector has
to ask, and the vectors beyond n are not visited. A reduction in shared memory halves its threads with every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...analysis.uniformity import BLOCK
from ...core import Op, Value, walk
from .plan import Segment

if TYPE_CHECKING:
    from .blocks import Blocks

__all__ = ["narrowed"]


def narrowed(blocks: Blocks, segment: Segment) -> tuple[Segment, Value | None]:
    """The segment without its guard, and the threads along axis 0 that it is for (None: all)."""
    if segment.stores or not segment.ops or any(r in blocks.planner.slots for op in segment.ops for r in op.results):
        return segment, None
    *before, guard = segment.ops
    if guard.defn.name != "scf.if" or guard.results or len(guard.regions[1].ops) > 1:
        return segment, None
    if any(not op.defn.pure or op.regions for op in before) or any(_convergent(op) for op in walk(guard.regions[0])):
        return segment, None
    found = _bound(blocks, guard.operands[0])
    if found is None:
        return segment, None
    return Segment([*before, *guard.regions[0].ops[:-1]]), found


def _convergent(op: Op) -> bool:
    return op.defn.convergent


def _bound(blocks: Blocks, cond: Value) -> Value | None:
    """n where the condition is thread_id(0) < n, for an n that the block knows."""
    op = cond.op
    if op is None or op.defn.name not in _MIRROR:
        return None
    name, (a, n) = op.defn.name, op.operands
    if not _is_thread(a):
        name, a, n = _MIRROR[name], n, a
    if not _is_thread(a) or blocks.levels.of(n) != BLOCK or n in blocks.planner.threaded:
        return None
    if name == "arith.lt":
        return blocks.scalar(n)
    if name == "arith.eq" and n.constant == 0:
        return blocks.block.s.index(1)
    if name == "arith.le" and isinstance(n.constant, int):
        return blocks.block.s.index(n.constant + 1)
    return None


def _is_thread(v: Value) -> bool:
    return v.op is not None and v.op.defn.name == "simt.thread_id" and v.op.attributes["axis"] == 0


_MIRROR = {"arith.lt": "arith.gt", "arith.gt": "arith.lt", "arith.le": "arith.ge", "arith.ge": "arith.le", "arith.eq": "arith.eq"}
