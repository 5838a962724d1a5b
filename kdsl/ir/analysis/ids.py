"""Ids that a kernel makes itself: `block_id(k) * block_dim(k) + thread_id(k)` is `global_id(k)`.

One idea: who comes from CUDA writes it so, and a kernel that looks at its block for nothing else does not know its block. In code
that is only launched with blocks of one shape (attribute "block"), `block_id(k) * 16 + thread_id(k)` is one, too, if 16 is theirs.
"""

from __future__ import annotations

from ..core import Function, Op, Value, walk
from .liveness import liveness
from .uses import use_counts

__all__ = ["IDS_OF_BLOCKS", "id_axis", "written_ids"]

IDS_OF_BLOCKS = frozenset({"simt.thread_id", "simt.block_id", "simt.block_dim"})


def written_ids(f: Function) -> dict[Op, int]:
    """The sums that are global ids, with their axes, where ids of threads and blocks serve nothing else; else none. What nobody
    looks at does not count: later on it is not there."""
    block = f.attributes.get("block")
    found: dict[Op, int] = {}
    parts: dict[Value, int] = {}
    ids: list[Value] = []
    for op in walk(f.body):
        name = op.defn.name
        if name in IDS_OF_BLOCKS:
            ids.append(op.results[0])
        elif name == "arith.add" and (axis := id_axis(op, block)) is not None:
            found[op] = axis
            for v in _parts(op):
                parts[v] = parts.get(v, 0) + 1
    if not found:
        return {}
    # A product that sums share counts its ids once.
    products = [v for v in parts if v.op is not None and v.op.defn.name == "arith.mul"]
    for v in products:
        for w in v.op.operands if v.op is not None else ():
            parts[w] = parts.get(w, 0) + 1
    uses = use_counts(f, among=liveness(f).ops)
    return found if all(uses.get(v, 0) == parts.get(v, 0) for v in (*ids, *products)) else {}


def _parts(op: Op) -> tuple[Value, Value]:
    """The block's first thread and the place in the block."""
    a, b = op.operands
    return (b, a) if b.op is not None and b.op.defn.name == "arith.mul" else (a, b)


def id_axis(op: Op, block: tuple[int, int, int] | None) -> int | None:
    """Of a sum that is a global id: its axis. block: its shape, where it is known."""
    first, thread = _parts(op)
    if first.op is None or first.op.defn.name != "arith.mul" or thread.op is None or thread.op.defn.name != "simt.thread_id":
        return None
    axis = thread.op.attributes["axis"]
    extent = None if block is None else block[axis]
    found = {_part(v, extent): None if v.op is None else v.op.attributes.get("axis", axis) for v in first.op.operands}
    return axis if found == {"simt.block_id": axis, "simt.block_dim": axis} else None


def _part(v: Value, extent: int | None) -> str:
    """What a factor is; a number may be the block's extent."""
    if extent is not None and v.constant == extent:
        return "simt.block_dim"
    return "" if v.op is None else v.op.defn.name
