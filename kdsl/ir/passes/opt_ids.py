"""Global ids that a kernel makes of those of blocks and threads become `simt.global_id`, which rows of any length have.

One idea: blocks are short rows, and each costs a beginning and an end; what does not see its block needs none (`is_flat`).
"""

from __future__ import annotations

from ..analysis.ids import written_ids
from ..builder import with_ids
from ..core import Function
from ..ops import simt
from .vectorize import is_flat

__all__ = ["opt_ids"]


def opt_ids(f: Function) -> Function:
    """An equal function; `f` itself where it sees its block in another way, or makes no ids. Attribute "launched": the shape of
    blocks for which it is equal, of whose threads it knows no more than before."""
    written = written_ids(f)
    if not written:
        return f
    new = with_ids(f, {op: (simt.GLOBAL_ID, axis) for op, axis in written.items()})
    if "block" in f.attributes and is_flat(f):
        new.attributes["launched"] = new.attributes.pop("block")
    return new
