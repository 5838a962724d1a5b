"""Gathers by narrow numbers, as of a table of 256 entries for the bytes of a picture: an address from the number itself.

One idea: no instruction gathers elements of 8 and 16 bits, and a vector of addresses has 64 bits for each lane, which are
taken apart again one by one. Where the numbers have just been loaded side by side, each is a load of its own that widens, and
all of the address. So they are for longer elements: AMD's processors gather those in 22 cycles for 16 lanes, and so in 12.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...ir import types as T
from ...ir.analysis.masks import is_on
from ...ir.core import Op, Value
from .emitter import Emitter
from .memory import INLINED_GATHERS, scalar_pointer, strides
from .text import MEMORY, lanes_of, vector

__all__ = ["kept_by_casts", "looked_up", "narrow_number"]


def kept_by_casts(v: Value) -> Iterator[Value]:
    """The integers that a value is the wide form of, from itself on: what casts on the way were given and keep. Of 64 bits they
    keep all, whatever the sign: an address has no more."""
    yield v
    types = list[T.ScalarType]()
    while v.op is not None and v.op.name == "arith.cast":
        types.append(T.element_of(v.type))
        (v,) = v.op.operands
        t = T.element_of(v.type)
        if not t.is_integer:
            return
        if all(T.holds(to, t) or to.bits == t.bits == 64 for to in types):
            yield v


def narrow_number(index: Value) -> Value | None:
    """The innermost number of 8 or 16 bits without a sign that an index is the wide form of."""
    found = None
    for v in kept_by_casts(index):
        t = T.element_of(v.type)
        found = v if t.is_integer and not t.is_signed and t.bits <= 16 else found
    return found


def looked_up(e: Emitter, op: Op) -> str | None:
    """A `tile.gather` by narrow numbers, as it is in memory; None of any other."""
    array, *indices, mask = op.operands
    t, lanes = T.element_of(op.results[0].type), lanes_of(op.results[0].type)
    if not is_on(mask) or e.lane_gathers >= INLINED_GATHERS:
        return None
    differ = [axis for axis, v in enumerate(indices) if lanes_of(v.type)]
    number = narrow_number(indices[differ[0]]) if len(differ) == 1 else None
    load = None if number is None else number.op
    if number is None or load is None or load.name != "tile.load":
        return None
    narrow, (source, step) = T.element_of(number.type), e.still_in_memory(load) or ("", 0)
    if step != narrow.size_bytes:
        return None
    e.lane_gathers += 1
    pointer, stride = scalar_pointer(e, array, indices, op.attributes["offset"]), strides(e, array)[differ[0]]
    base, out = MEMORY[t.name], "poison"
    for k in range(lanes):
        at = e.do(f"getelementptr [{narrow.size_bytes} x i8], ptr {source}, i64 {k}")
        index = e.do(f"zext i{narrow.bits} {e.do(f'load i{narrow.bits}, ptr {at}, align {narrow.size_bytes}')} to i64")
        if isinstance(stride, int):
            place = e.do(f"getelementptr [{stride} x i8], ptr {pointer}, i64 {index}")
        else:
            place = e.do(f"getelementptr i8, ptr {pointer}, i64 {e.do(f'mul i64 {index}, {stride}')}")
        one = e.do(f"load {base}, ptr {place}, align {t.size_bytes}")
        out = e.do(f"insertelement {vector(base, lanes)} {out}, {base} {one}, i64 {k}")
    return out
