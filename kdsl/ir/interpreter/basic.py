"""Constants, ids, memory, barriers, and integer division (which is checked): the rules most kernels need.

One idea: a rule takes (machine, op, mask of active lanes) and gives the result, an array with one entry per lane.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ...diagnostics import InternalError, KernelFault, Label
from ...faults import division_by_zero
from .. import formats, types as T
from ..core import Op
from .lanes import IDS
from .memory import Memory, allocate, pick, read, write

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["RULES", "array_and_indices"]

A = Any


def _constant(m: Machine, op: Op, mask: A) -> A:
    t = T.element_of(op.result.type)
    value = np.full((m.count, *T.shape_of(op.result.type)), op.attributes["value"], t.value_dtype)
    return formats.round_to(t, value) if t.storage else value


def _id(m: Machine, op: Op, mask: A) -> A:
    return IDS[op.defn.name](m.lanes, op.attributes.get("axis", 0))


def _subgroup_size(m: Machine, op: Op, mask: A) -> A:
    return np.full(m.count, m.launch.options.subgroup_size, np.int64)


def _divide(m: Machine, op: Op, mask: A) -> A:
    if m.check:
        zero = (m.get(op.operands[1]) == 0) & mask
        if zero.any():
            place = m.place(m.lowest(zero))
            raise KernelFault(division_by_zero(m.function.name, op.span, *place))
    return m.evaluate(op)


# --- memory ---


def _alloc(m: Machine, op: Op, mask: A) -> Memory:
    type = op.result.type
    assert isinstance(type, T.ArrayType)
    memory = m.allocated.get(op)
    if memory is None:
        memory = m.allocated[op] = _make(m, op, type)
    elif memory.stretch.written is not None and type.space is T.Space.PRIVATE:
        # In a loop: each round is a new array, whose contents are undefined again.
        memory.stretch.written.reshape(m.count, -1)[mask] = False
    return memory


def _make(m: Machine, op: Op, type: T.ArrayType) -> Memory:
    name = op.attributes.get("name", "")
    blocks = len(m.lanes.blocks)
    if type.space is T.Space.SLOTS:
        return allocate(name, type, (_slots(m) * op.attributes.get("count", 1),), blocks, m.lanes.slot, undefined=False)
    assert type.shape is not None
    if type.space is T.Space.SHARED:
        memory = allocate(name, type, type.shape, blocks, m.lanes.slot, undefined=m.check)
        if m.launch.watch_races:
            memory.stretch.shadow = m.launch.new_shadow(memory.stretch)
        return memory
    if type.space is T.Space.PRIVATE:
        return allocate(name, type, type.shape, m.count, m.lane_numbers, undefined=m.check)
    raise InternalError(f"memory.alloc in {type.space}", where="interpreter")


def _slots(m: Machine) -> int:
    """Threads of a full block, rows along axis 0 rounded up to whole tiles, so that a last tile stays inside. Where subgroups
    are seen, threads keep their places also in a block that is not full."""
    x, y, z = m.lanes.geometry.block
    width = m.launch.tile_width
    return prod((-(-x // width) * width, y, z))


def _extent(m: Machine, op: Op, mask: A) -> A:
    memory: Memory = m.get(op.operands[0])
    return np.full(m.count, memory.extents[op.attributes["axis"]], np.int64)


def array_and_indices(m: Machine, op: Op) -> tuple[Memory, list[A]]:
    """The array an op accesses and its scalar indices."""
    memory: Memory = m.get(op.operands[0])
    rank = len(memory.extents)
    return memory, [m.get(v) for v in op.operands[1 : 1 + rank]]


def _load(m: Machine, op: Op, mask: A) -> A:
    memory, indices = array_and_indices(m, op)
    picked = pick(m, op, memory, indices, mask)
    return read(m, op, memory, picked, (m.count,), T.element_of(op.result.type), op.attributes["offset"])


def _store(m: Machine, op: Op, mask: A) -> None:
    memory, indices = array_and_indices(m, op)
    value = op.operands[-1]
    picked = pick(m, op, memory, indices, mask)
    write(m, op, memory, picked, picked.take(m.get(value)), T.element_of(value.type), op.attributes["offset"])


# --- order between threads ---


def _barrier(m: Machine, op: Op, mask: A) -> None:
    if mask is not m.everyone:
        arrived = np.bincount(m.lanes.slot[mask], minlength=len(m.phases))
        partly = (arrived != 0) & (arrived != m.lanes.population)
        if partly.any():
            raise _divergent(m, op, mask, partly[m.lanes.slot] & ~mask)
        m.phases[arrived != 0] += 1
    else:
        m.phases += 1


def _divergent(m: Machine, op: Op, mask: A, missing: A) -> KernelFault:
    lane = m.lowest(missing)
    slot = m.lanes.slot[lane]
    there, all_of_it = int(mask[m.lanes.slot == slot].sum()), int(m.lanes.population[slot])
    return m.fault(
        "K447", op, lane,
        f"only {there} of the {all_of_it} threads of the block reach this barrier; one that does not is",
        caret="every thread of the block must reach this", labels=parting(m, mask, lane),
        help="move the barrier to where every thread comes by, and guard the work around it instead")  # fmt: skip


def parting(m: Machine, mask: A, lane: int) -> tuple[Label, ...]:
    """A label at the control flow op that an active and an inactive lane took differently."""
    inside = [op for op, entered in m.entered if entered[lane]]
    return (Label(inside[-1].span, "threads part here"),) if inside and inside[-1].span.line else ()


def _nothing(m: Machine, op: Op, mask: A) -> None:
    return None


RULES: dict[str, Callable[[Machine, Op, Any], Any]] = {
    "arith.constant": _constant,
    "arith.floordiv": _divide,
    "arith.mod": _divide,
    "memory.alloc": _alloc,
    "memory.extent": _extent,
    "memory.load": _load,
    "memory.store": _store,
    "simt.barrier": _barrier,
    "memory.prefetch": _nothing,
    "simt.fence": _nothing,  # lanes run in step: every access is seen by all at once
    "simt.subgroup_size": _subgroup_size,
    "simt.looks_ahead": lambda m, op, mask: np.ones(m.lanes.count, bool),
    "simt.healthy": lambda m, op, mask: np.ones(m.lanes.count, bool),
    **dict.fromkeys(IDS, _id),
}
