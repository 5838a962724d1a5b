"""Ids that a kernel makes itself: `block_id(k) * block_dim(k) + thread_id(k)` is `global_id(k)`.

One idea: who comes from CUDA writes it so, and a kernel that looks at its block for nothing else does not know its block.
"""

from __future__ import annotations

from ..core import Function, Op, Value, walk
from .uses import use_counts

__all__ = ["IDS_OF_BLOCKS", "written_ids"]

IDS_OF_BLOCKS = frozenset({"simt.thread_id", "simt.block_id", "simt.block_dim"})


def written_ids(f: Function) -> dict[Op, int]:
    """The sums that are global ids, with their axes, where ids of threads and blocks serve nothing else; else none."""
    found: dict[Op, int] = {}
    parts: dict[Value, int] = {}
    ids: list[Value] = []
    for op in walk(f.body):
        name = op.defn.name
        if name in IDS_OF_BLOCKS:
            ids.append(op.results[0])
        elif name == "arith.add" and (axis := _axis(op)) is not None:
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
    uses = use_counts(f)
    return found if all(uses.get(v, 0) == parts.get(v, 0) for v in (*ids, *products)) else {}


def _parts(op: Op) -> tuple[Value, Value]:
    """The block's first thread and the place in the block."""
    a, b = op.operands
    return (b, a) if b.op is not None and b.op.defn.name == "arith.mul" else (a, b)


def _axis(op: Op) -> int | None:
    first, thread = _parts(op)
    if first.op is None or first.op.defn.name != "arith.mul" or thread.op is None or thread.op.defn.name != "simt.thread_id":
        return None
    axis = thread.op.attributes["axis"]
    of_block = {v.op.defn.name: v.op.attributes.get("axis") for v in first.op.operands if v.op is not None}
    return axis if of_block == {"simt.block_id": axis, "simt.block_dim": axis} else None
