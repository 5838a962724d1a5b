"""Global ids that a kernel makes of those of blocks and threads become `simt.global_id`, which rows of any length have.

One idea: blocks are short rows, and each costs a beginning and an end; what does not see its block needs none (`is_flat`).
"""

from __future__ import annotations

from .. import types as T
from ..analysis.ids import written_ids
from ..builder import Builder, clone_op, like, rebuild_op
from ..core import Function, Region, Value
from ..ops import simt

__all__ = ["opt_ids"]


def opt_ids(f: Function) -> Function:
    """An equal function; `f` itself where it sees its block in another way, or makes no ids."""
    written = written_ids(f)
    if not written:
        return f
    new = like(f)
    b = Builder(new.body)
    mapping: dict[Value, Value] = dict(zip(f.params, new.params, strict=True))

    def fill(region: Region) -> None:
        for op in region.ops[:-1]:
            b.span = op.span
            if op in written:
                made = b.emit(simt.GLOBAL_ID, type=T.index, axis=written[op])
                made.name = op.results[0].name
                mapping[op.results[0]] = made
            elif op.regions:
                rebuild_op(b, op, mapping, fill)
            else:
                clone_op(b, op, mapping)
        b.yield_(*[mapping[v] for v in region.yielded])

    fill(f.body)
    return new
