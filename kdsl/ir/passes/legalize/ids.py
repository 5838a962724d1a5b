"""Ids in blocks of a known shape: what is constant is one, and a global id is an affine function of the block's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ... import types as T
from ...core import Op
from ...ops import arith, simt
from ..ir_algebra import Term
from .maker import special

if TYPE_CHECKING:
    from . import Legalizer

__all__: list[str] = []


def _id(s: Legalizer, op: Op, defn: object) -> Term:
    axis = op.attributes["axis"]
    if defn is simt.THREAD_ID and s.block is not None and s.block[axis] == 1:
        return s.m.literal(0, T.index)
    return Term(s.m, T.index, s.m.raw(defn, (), T.index, {"axis": axis}))  # type: ignore[arg-type]


@special(simt.THREAD_ID)
def _thread_id(s: Legalizer, op: Op) -> None:
    s.define(op, _id(s, op, simt.THREAD_ID).value)


@special(simt.BLOCK_DIM)
def _block_dim(s: Legalizer, op: Op) -> None:
    if s.block is None:
        s.copy(op)
    else:
        s.define(op, s.m.literal(s.block[op.attributes["axis"]], T.index).value)


@special(simt.GLOBAL_ID)
def _global_id(s: Legalizer, op: Op) -> None:
    """The product cannot overflow, so it may be had in 32 bits where the target's ids are: that is the backend's affair."""
    if s.block is None or s.m.spelled("simt.global_id", T.index):
        s.copy(op)
        return
    size = s.block[op.attributes["axis"]]
    block = _id(s, op, simt.BLOCK_ID)
    if size == 1:
        s.define(op, block.value)
        return
    first = s.m.binary(arith.MUL, block, size)
    s.define(op, s.m.binary(arith.ADD, first, _id(s, op, simt.THREAD_ID)).value)
