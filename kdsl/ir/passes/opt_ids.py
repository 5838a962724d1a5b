"""Global ids that a kernel makes of those of blocks and threads become `simt.global_id`, which rows of any length have.

One idea: blocks are short rows, and each costs a beginning and an end; what does not see its block needs none (`is_flat`). Where
blocks are known to be rows, or single threads, a block's number along another axis is that of a thread: a row's, a channel's.
"""

from __future__ import annotations

from .. import types as T
from ..analysis.ids import IDS_OF_BLOCKS, written_ids
from ..builder import Rebuilder, with_ids
from ..core import Function, Op, walk
from ..ops import simt
from .vectorize import is_flat

__all__ = ["opt_ids"]


def opt_ids(f: Function) -> Function:
    """An equal function; `f` itself where it sees its block in another way, or makes no ids. Attribute "launched": the shape of
    blocks for which it is equal, of whose threads it knows no more than before."""
    single = _singles(f)
    if single is not None and is_flat(single):
        f = single
    written = written_ids(f)
    if not written:
        return _launched(f) if f is single else f
    new = with_ids(f, {op: (simt.GLOBAL_ID, axis) for op, axis in written.items()})
    return _launched(new) if is_flat(f) else new


def _launched(f: Function) -> Function:
    """The same function, which its blocks' shape says nothing more to."""
    if "block" in f.attributes:
        f.attributes["launched"] = f.attributes.pop("block")
    return f


def _singles(f: Function) -> Function | None:
    """An equal function that looks at no axis with one thread in each block; None where `f` does not. Blocks of two axes stay: they
    are for pictures, whose rows may be as short as theirs, and take 1.2 times as long one after the other."""
    block = f.attributes.get("block")
    if block is None or sum(n > 1 for n in block) > 1:
        return None
    if not any(op.name in IDS_OF_BLOCKS and block[op.attributes["axis"]] == 1 for op in walk(f.body)):
        return None
    made = _Singles(f)
    made.fill(f.body)
    return made.new


class _Singles(Rebuilder):
    def changes(self, op: Op) -> bool:
        if op.name not in IDS_OF_BLOCKS or self.new.attributes["block"][op.attributes["axis"]] != 1:
            return False
        if op.defn is simt.BLOCK_ID:
            made = self.b.emit(simt.GLOBAL_ID, type=T.index, axis=op.attributes["axis"])
        else:
            made = self.b.constant(int(op.defn is simt.BLOCK_DIM), T.index)
        made.name = op.results[0].name
        self.mapping[op.results[0]] = made
        return True
