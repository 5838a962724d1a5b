"""Addresses of lanes, each computed by itself.

One idea: where no instruction gathers, every lane's address has to leave its vector. A number of 32 bits is half of that, and an
address is two instructions of scalars then, where vectors have no product of 64 bits. So indices of 32 bits, as most that data hold
are, are handed out before they become addresses.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import types as T
from ...ir.core import Value
from .emitter import Emitter
from .memory import element_bytes, scalar_pointer, strides
from .text import MEMORY, lanes_of, vector

__all__ = ["index_type", "pointers_of_lanes", "split", "unit_axis"]


def unit_axis(t: T.ArrayType) -> int | None:
    return t.unit_axis if t.space is T.Space.GLOBAL else t.rank - 1


def split(v: Value) -> tuple[tuple[Value, ...], int]:
    """An index as values, of 32 bits some, and a number that are added up. What all lanes have alike is told apart from what
    differs."""
    if isinstance(v.constant, int):
        return (), v.constant
    op = v.op
    if op is not None and op.name == "arith.add":
        (a, m), (b, n) = split(op.operands[0]), split(op.operands[1])
        return (*a, *b), m + n
    if op is not None and op.name == "tile.splat":
        return split(op.operands[0])
    if op is not None and op.name == "arith.cast" and T.element_of(op.operands[0].type) is T.i32:
        terms, n = split(op.operands[0])
        if len(terms) < 2:  # of indices that are all in the array none has wrapped: it would be below 0
            return terms, n
    return (v,), 0


def index_type(v: Value) -> str:
    """LLVM's type of an index. What moves a pointer is widened with its sign."""
    base, lanes = MEMORY[T.element_of(v.type).name], lanes_of(v.type)
    return vector(base, lanes) if lanes else base


def pointers_of_lanes(e: Emitter, array: Value, indices: Sequence[Value], offset: int, lanes: int,
                      mask: str | None = None) -> list[str] | None:  # fmt: skip
    """Of each lane's element; None where no index that differs between lanes has 32 bits. Lanes that a mask leaves out have 0,
    as an array in which others have elements has that one. Where all are out they read the launch record, which is always there.
    """
    t = array.type
    assert isinstance(t, T.ArrayType)
    unit = unit_axis(t)
    rows = list(zip(indices, strides(e, array), strict=True))
    parted = split if mask is None else _whole
    moving = [(*parted(v), stride) for axis, (v, stride) in enumerate(rows) if lanes_of(v.type) and axis != unit]
    terms, behind = parted(indices[unit]) if unit is not None else ((), 0)
    own = [v for parts in (terms, *[parts for parts, _, _ in moving]) for v in parts if lanes_of(v.type)]
    if any(len(parts) != 1 for parts, _, _ in moving) or not any(T.element_of(v.type).bits == 32 for v in own):
        return None
    pointer, whole = scalar_pointer(e, array, indices, offset, without=unit), element_bytes(t)
    for v in terms:
        if not lanes_of(v.type):
            pointer = e.same(f"getelementptr [{whole} x i8], ptr {pointer}, {index_type(v)} {e.value(v)}")
    pointer = e.same(f"getelementptr i8, ptr {pointer}, i64 {behind * whole}") if behind else pointer
    if mask is not None:
        bits = e.same(f"bitcast {vector('i1', lanes)} {mask} to i{lanes}")
        some = e.same(f"icmp ne i{lanes} {bits}, 0")
        pointer = e.same(f"select i1 {some}, ptr {pointer}, ptr %launch")
    each = [pointer] * lanes
    for (v,), n, stride in moving:
        for k, index in enumerate(_lanes_of(e, v, mask)):
            place = e.same(f"add i64 {index}, {n}") if n else index
            each[k] = e.same(f"getelementptr i8, ptr {each[k]}, i64 {e.same(f'mul i64 {place}, {stride}')}")
    for v in terms:
        if lanes_of(v.type):
            places = _lanes_of(e, v, mask)
            each = [e.same(f"getelementptr [{whole} x i8], ptr {p}, i64 {i}") for p, i in zip(each, places, strict=True)]
    return each


def _whole(v: Value) -> tuple[tuple[Value, ...], int]:
    """An index as a value of 32 bits, if it is one, or as it is."""
    if isinstance(v.constant, int):
        return (), v.constant
    is_short = v.op is not None and v.op.name == "arith.cast" and T.element_of(v.op.operands[0].type) is T.i32
    return (v.op.operands[0] if is_short and v.op is not None else v,), 0


def _lanes_of(e: Emitter, v: Value, mask: str | None) -> list[str]:
    base, lanes = MEMORY[T.element_of(v.type).name], lanes_of(v.type)
    x, t = e.value(v), vector(base, lanes)
    if mask is not None:
        x = e.same(f"select {vector('i1', lanes)} {mask}, {t} {x}, {t} zeroinitializer")
    each = [e.same(f"extractelement {t} {x}, i64 {k}") for k in range(lanes)]
    return each if base == "i64" else [e.same(f"sext {base} {one} to i64") for one in each]
