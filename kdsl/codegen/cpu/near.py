"""Gathers from a block's memory whose lanes are near each other: two vectors of neighbours, whose elements change places.

One idea: places that are arithmetic on threads' numbers, as a sorting network's `2 * t - (t & (apart - 1))` with a distance that
the code learns when it runs, mostly lie within two vectors. One comparison says so, and then two loads and a permutation take the
place of a load for each lane, or of an instruction that AMD's processors make of four micro-ops for each. What data decide is left
alone: there the comparison would be in vain.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op, Value
from .each_lane import pointers_of_lanes
from .emitter import Emitter
from .lookups import looked_up
from .memory import INLINED_GATHERS, element_bytes, load_each, load_vector, loaded_gather, mask_of, scalar_pointer
from .text import MEMORY, lanes_of, splat, vector

__all__ = ["near_gather"]

_MOST_OPS = 24  # that an index is made of, as far as it is looked at


def near_gather(e: Emitter, op: Op) -> str:
    """A `tile.gather` by itself, as it is in memory."""
    array, *indices, mask = op.operands
    t, lanes = T.element_of(op.results[0].type), lanes_of(op.results[0].type)
    base = MEMORY[t.name]
    known = looked_up(e, op)
    if known is not None:
        return known
    length = _length(array)
    is_register = lanes * 4 == e.target.vector_bytes and lanes >= 8
    if not (is_register and base in ("float", "i32") and length >= 2 * lanes and mask.constant is True):
        return _alone(e, op)
    if op.attributes["offset"] or not lanes_of(indices[0].type) or not _is_of_threads(indices[0]):
        return _alone(e, op)
    index, v = vector("i64", lanes), vector("i32", lanes)
    lowest = e.do(f"extractelement {index} {e.value(indices[0])}, i64 0")
    # All that two vectors from here on hold is in the array.
    before_end = e.do(f"icmp slt i64 {lowest}, {length - 2 * lanes}")
    first = e.do(f"select i1 {before_end}, i64 {lowest}, i64 {length - 2 * lanes}")
    narrow = e.do(f"trunc {index} {e.value(indices[0])} to {v}")
    place = e.do(f"sub {v} {narrow}, {e.spread(e.do(f'trunc i64 {first} to i32'), 'i32', lanes)}")
    inside = e.do(f"icmp ult {v} {place}, {splat('i32', 2 * lanes, lanes)}")
    bits = e.do(f"bitcast {vector('i1', lanes)} {inside} to i{lanes}")
    yes, no, join = e.fresh("near"), e.fresh("far"), e.fresh("gathered")
    e.branch(e.do(f"icmp eq i{lanes} {bits}, -1"), yes, no)
    e.begin(yes)
    pointer = e.do(f"getelementptr [4 x i8], ptr {scalar_pointer(e, array, indices, 0)}, i64 {first}")
    behind = e.do(f"getelementptr i8, ptr {pointer}, i64 {4 * lanes}")
    low, high = [load_vector(e, base, 4, at, None, lanes) for at in (pointer, behind)]
    a = of_two(e, base, low, high, place, lanes)
    e.jump(join)
    e.begin(no)
    c = loaded_gather(e, op)
    from_far = e.label
    e.jump(join)
    e.begin(join)
    return e.phi(vector(base, lanes), [(a, yes), (c, from_far)])


def _alone(e: Emitter, op: Op) -> str:
    """Lane by lane, as long as the code is short, or what `loaded_gather` does."""
    array, *indices, mask = op.operands
    t, lanes = T.element_of(op.results[0].type), lanes_of(op.results[0].type)
    found = None
    if e.lane_gathers < INLINED_GATHERS and not (e.target.has_gather and t.size_bytes >= 4):
        found = pointers_of_lanes(e, array, indices, op.attributes["offset"], lanes, mask_of(e, mask, lanes))
    if found is None:
        return loaded_gather(e, op)
    e.lane_gathers += 1
    return load_each(e, MEMORY[t.name], t.size_bytes, found, lanes)


def _length(array: Value) -> int:
    """Elements of a block's array of one axis, one behind the other (not a field of structs); 0 of any other."""
    t = array.type
    is_block = isinstance(t, T.ArrayType) and t.space is T.Space.SHARED and t.shape is not None and t.rank == 1
    return t.shape[0] if is_block and element_bytes(t) == 4 else 0  # type: ignore[union-attr, index]


def _is_of_threads(v: Value) -> bool:
    """Whether lanes differ by arithmetic on their numbers alone."""
    open_, seen = [v], set[Value]()
    while open_:
        w = open_.pop()
        if w in seen or not lanes_of(w.type):
            continue
        seen.add(w)
        if w.op is None or len(seen) > _MOST_OPS or not (w.op.defn.elementwise or w.op.name in ("tile.splat", "tile.iota")):
            return False
        open_ += w.op.operands
    return True


def of_two(e: Emitter, base: str, low: str, high: str, place: str, lanes: int) -> str:
    """Elements `place` of two vectors that lie one behind the other."""
    t, v = vector(base, lanes), vector("i32", lanes)
    if lanes == 16:
        name = f"llvm.x86.avx512.vpermi2var.{'ps' if base == 'float' else 'd'}.512"
        e.declare(name, f"declare {t} @{name}({t}, {v}, {t})")
        return e.do(f"call {t} @{name}({t} {low}, {v} {place}, {t} {high})")
    name = f"llvm.x86.avx2.perm{'ps' if base == 'float' else 'd'}"
    e.declare(name, f"declare {t} @{name}({t}, {v})")
    a, c = [e.do(f"call {t} @{name}({t} {x}, {v} {place})") for x in (low, high)]
    return e.select(e.do(f"icmp ult {v} {place}, {splat('i32', lanes, lanes)}"), t, a, c, lanes)
