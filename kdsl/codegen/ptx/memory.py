"""Loads, stores and where things lie: arguments, global, shared and private arrays.

One idea: an address is a register and a constant. Constants in the indices go into the constant (which the instruction adds for
nothing), one register serves all accesses whose indices differ by constants, and what a loop does not change stands before
it. Shared addresses have 32 bits, global ones 64. A private array that is only indexed with constants is registers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Op, Value, walk
from ...ir.ops import arith
from ..layout import array_bytes, name_beside
from .emitter import Emitter, lowering
from .text import CLASS, MEMORY
from .together import Together, split, static_strides, widest

STATIC_SHARED = 48 * 1024  # more must be asked for at the launch (CUDA C++ programming guide, "Shared memory")

__all__ = ["Array", "STATIC_SHARED", "address", "bind_parameters"]


@dataclass
class Array:
    """Where an array lies. base: register or symbol of its first byte, plus `offset`. cells: the registers of an array that
    lives in them, by (index, offset, type)."""

    space: str
    base: str
    offset: int
    strides: tuple[str | int, ...]
    cells: dict[tuple[object, ...], str] | None = None


def array_type(v: Value) -> T.ArrayType:
    assert isinstance(v.type, T.ArrayType)
    return v.type


def bind_parameters(e: Emitter) -> None:
    """Scalars come from parameter memory when the kernel starts; of arrays, what is used."""
    for v in e.function.params:
        if v not in e.uses:
            continue
        slot = e.slots[v]
        if isinstance(v.type, T.ArrayType):
            continue
        t = T.element_of(v.type)
        e.names[v] = _load_argument(e, t, slot.offset)


def _load_argument(e: Emitter, t: T.ScalarType, offset: int) -> str:
    at = f"[{e.symbol}_args+{offset}]"
    if t.is_bool:
        byte = e.once(("argument", offset), "r", "ld.param.u8", at)
        return e.once(("flag", offset), "p", "setp.ne.s32", byte, "0")
    return e.once(("argument", offset, t.name), CLASS[t.name], f"ld.param.{MEMORY[t.name]}", at)


def array_of(e: Emitter, v: Value) -> Array:
    found = e.arrays.get(v)
    if found is None:
        found = e.arrays[v] = _parameter(e, v)
    assert isinstance(found, Array)
    return found


def _parameter(e: Emitter, v: Value) -> Array:
    slot = e.slots.get(v)
    if slot is None:
        raise InternalError(f"{v!r} is no parameter", where="PTX code generation")
    t = array_type(v)
    size = T.size_and_align(t.element)[0]
    base = e.once(("pointer", slot.offset), "d", "ld.param.u64", f"[{e.symbol}_args+{slot.offset}]")
    strides: list[str | int] = []
    for axis, at in enumerate(slot.strides):
        if axis == t.unit_axis:
            strides.append(size)
        else:
            strides.append(f"[{e.symbol}_args+{at}]")
    return Array("global", base, 0, tuple(strides))


def _stride(e: Emitter, stride: str | int) -> str:
    if isinstance(stride, int):
        return str(stride)
    return e.once(("argument", stride), "d", "ld.param.u64", stride)


@lowering("memory.extent")
def _extent(e: Emitter, op: Op) -> str | None:
    array = op.operands[0]
    t = array_type(array)
    axis = op.attributes["axis"]
    if t.shape is not None:
        e.narrow[op.results[0]] = str(t.shape[axis])
        return None
    at = e.slots[array].extents[axis]
    e.names[op.results[0]] = e.once(("argument", at), "d", "ld.param.u64", f"[{e.symbol}_args+{at}]")
    return None


@lowering("memory.alloc")
def _alloc(e: Emitter, op: Op) -> None:
    v = op.results[0]
    t = array_type(v)
    if t.space is T.Space.SHARED:
        e.arrays[v] = Array("shared", name_beside(e.symbol, "shared"), e.shared[op], static_strides(t))
        return
    if _is_registers(e, v):
        e.arrays[v] = Array("registers", "", 0, (), {})
        return
    name = f"{e.symbol}_own{len(e.locals)}"
    e.locals.append(f".local .align 16 .b8 {name}[{max(array_bytes(t), 1)}]")
    e.arrays[v] = Array("local", name, 0, static_strides(t))


def _is_registers(e: Emitter, array: Value) -> bool:
    """Whether every access is a load or store of one known element, each always of one type."""
    t = array_type(array)
    types: dict[tuple[object, ...], str] = {}
    for op in walk(e.function.body):
        if array not in op.operands:
            continue
        if op.defn.name == "memory.extent":
            continue
        if op.defn.name not in ("memory.load", "memory.store"):
            return False
        indices = op.operands[1 : 1 + t.rank]
        place: list[object] = [v.constant for v in indices]
        if any(x is None for x in place) or len(types) > 64:
            return False
        if not all(0 <= x < n for x, n in zip(place, t.shape or (), strict=True)):  # type: ignore[operator]
            return False
        value = op.results[0] if op.results else op.operands[-1]
        key = (*place, op.attributes["offset"])
        if types.setdefault(key, str(value.type)) != str(value.type):
            return False
    return True


def _cell(e: Emitter, array: Array, op: Op, t: T.ScalarType) -> str:
    rank = array_type(op.operands[0]).rank
    key = (*[v.constant for v in op.operands[1 : 1 + rank]], op.attributes["offset"])
    assert array.cells is not None
    found = array.cells.get(key)
    if found is None:
        found = array.cells[key] = e.register(CLASS[t.name])
        # An element that is read before it is written holds anything; the assembler wants it to hold something.
        zero = {"f": "0f00000000", "g": "0d0000000000000000"}.get(CLASS[t.name], "0")
        e.entry.append(f"{_MOVES[CLASS[t.name]]} {found}, {zero};")
    return found


_MOVES = {"p": "mov.pred", "h": "mov.b16", "r": "mov.b32", "d": "mov.b64", "f": "mov.f32", "g": "mov.f64"}


# Addresses


def address(e: Emitter, array: Array, indices: Sequence[Value], offset: int) -> str:
    """The address operand of an element: `[register+constant]`."""
    constant = array.offset + offset
    terms: list[tuple[Value, str | int]] = []
    for v, stride in zip(indices, array.strides, strict=True):
        if isinstance(stride, int):
            part, more = split(v)
            constant += more * stride
        else:
            part = v
            if v.constant == 0:
                continue
        if part is not None:
            terms += [(v, stride) for v in _parts(e, part)] if isinstance(stride, int) and e.loops else [(part, stride)]
    # What changes in fewer loops is added first, so that it can stand before them.
    terms.sort(key=lambda term: e.depth_of(term[0]))
    wide = array.space == "global"
    base, key, depth = array.base, (array.space, array.base), 0
    for v, stride in terms:
        depth = max(depth, e.depth_of(v))
        key = (*key, v, stride)
        before = base
        base = e.kept(key, lambda v=v, stride=stride, before=before: _add(e, before, v, stride, wide=wide), depth)
    # The immediate has 32 bits with a sign.
    if not -(1 << 31) <= constant < 1 << 31:
        far, cls, add = str(constant), *(("d", "add.s64") if wide else ("r", "add.s32"))
        base = e.kept((*key, constant), lambda: e.do(cls, add, base, far), depth)
        constant = 0
    return f"[{base}+{constant}]" if constant else f"[{base}]"


def _parts(e: Emitter, v: Value) -> list[Value]:
    """What an index is the sum of, if that changes in loops of different depth: `row * n` and `k` of x[row * n + k]."""
    op = v.op
    if op is None or op.defn is not arith.ADD:
        return [v]
    a, b = op.operands
    if e.depth_of(a) == e.depth_of(b):
        return [v]
    return [*_parts(e, a), *_parts(e, b)]


def _add(e: Emitter, base: str, v: Value, stride: str | int, *, wide: bool) -> str:
    if not wide:
        word = e.low_word(v)
        start = base if base[0] == "%" else e.once(("address", base), "r", "mov.u32", base)
        if stride == 1:
            return e.do("r", "add.s32", word, start)
        return e.do("r", "mad.lo.s32", word, str(stride), start)
    if isinstance(stride, int):
        word = e.word(v)
        if word is not None and word[0] == "%" and stride < 1 << 31:
            return e.do("d", "mad.wide.s32", word, str(stride), base)
        if stride == 1:
            return e.do("d", "add.s64", base, e.value(v))
        if stride & (stride - 1) == 0:
            shift = str(stride.bit_length() - 1)
            scaled = e.kept(("scaled", v, stride), lambda: e.do("d", "shl.b64", e.in_register(v), shift), e.depth_of(v))
            return e.do("d", "add.s64", base, scaled)
    if v.constant == 1:
        return e.do("d", "add.s64", base, _stride(e, stride))
    return e.do("d", "mad.lo.s64", e.value(v), _stride(e, stride), base)


# Loads and stores


def _place(e: Emitter, op: Op) -> tuple[Array, str]:
    v = op.operands[0]
    array = array_of(e, v)
    rank = array_type(v).rank
    return array, address(e, array, op.operands[1 : 1 + rank], op.attributes["offset"])


@lowering("memory.load")
def _load(e: Emitter, op: Op) -> str | None:
    t = T.element_of(op.results[0].type)
    array = array_of(e, op.operands[0])
    if array.cells is not None:
        cls = CLASS[t.name]
        return e.do(cls, _MOVES[cls], _cell(e, array, op, t))
    together = e.together.get(op)
    if together is not None:
        if together.leader is op:
            _load_several(e, together)
        return None
    piece = _alignment(op, t)
    if piece < t.size_bytes:
        return _load_in_pieces(e, op, t, piece)
    _, at = _place(e, op)
    path = ".nc" if op in e.read_only else ""
    text = e.do("r" if t.is_bool else CLASS[t.name], f"ld.{array.space}{path}.{MEMORY[t.name]}", at)
    return e.do("p", "setp.ne.s32", text, "0") if t.is_bool else text


@lowering("memory.store")
def _store(e: Emitter, op: Op) -> None:
    value = op.operands[-1]
    t = T.element_of(value.type)
    array = array_of(e, op.operands[0])
    if array.cells is not None:
        cls = CLASS[t.name]
        source = e.in_register(value) if cls in "hp" else e.value(value)
        e.lines.append(f"{_MOVES[cls]} {_cell(e, array, op, t)}, {source};")
        return
    together = e.together.get(op)
    if together is not None:
        if together.leader is op:
            _store_several(e, together)
        return
    piece = _alignment(op, t)
    if piece < t.size_bytes:
        _store_in_pieces(e, op, t, piece)
        return
    _, at = _place(e, op)
    e.act(f"st.{array.space}.{_stored(t)} {at}, {_outgoing(e, value, t)}")


def _stored(t: T.ScalarType) -> str:
    return {"s8": "u8", "s16": "u16"}.get(MEMORY[t.name], MEMORY[t.name])


def _outgoing(e: Emitter, v: Value, t: T.ScalarType) -> str:
    if t.is_bool:
        return e.do("r", "selp.u32", "1", "0", e.value(v))
    return e.in_register(v) if t.bits < 32 else e.value(v)


# Fields of packed structs, which lie anywhere: an instruction takes only what is aligned to its size.


def _alignment(op: Op, t: T.ScalarType) -> int:
    """What the place of an access is known to be a multiple of, up to its size."""
    element = array_type(op.operands[0]).element
    if not isinstance(element, T.StructType):
        return t.size_bytes
    return math.gcd(element.align, op.attributes["offset"], t.size_bytes)


def _pieces(e: Emitter, op: Op, t: T.ScalarType, piece: int) -> list[tuple[str, str]]:
    """The address of each piece, and the suffix of its instruction."""
    array = array_of(e, op.operands[0])
    rank, offset = array_type(op.operands[0]).rank, op.attributes["offset"]
    places = range(offset, offset + t.size_bytes, piece)
    return [(address(e, array, op.operands[1 : 1 + rank], at), f"{array.space}.u{8 * piece}") for at in places]


def _load_in_pieces(e: Emitter, op: Op, t: T.ScalarType, piece: int) -> str:
    words: list[str] = []
    for k, (at, kind) in enumerate(_pieces(e, op, t, piece)):
        got, shift = e.do("r", f"ld.{kind}", at), k * piece % 4 * 8
        if shift:
            words[-1] = e.do("r", "or.b32", words[-1], e.do("r", "shl.b32", got, str(shift)))
        else:
            words.append(got)
    if t.size_bytes == 8:
        return e.do(CLASS[t.name], "mov.b64", f"{{{words[0]}, {words[1]}}}")
    if CLASS[t.name] == "h":
        return e.do("h", "cvt.u16.u32", words[0])
    if t.size_bytes == 2:
        return e.do("r", "cvt.s32.s16", words[0]) if t.is_signed else words[0]
    return words[0] if CLASS[t.name] == "r" else e.do(CLASS[t.name], "mov.b32", words[0])


def _store_in_pieces(e: Emitter, op: Op, t: T.ScalarType, piece: int) -> None:
    x = e.in_register(op.operands[-1])
    if t.size_bytes == 8:
        words = [e.register("r"), e.register("r")]
        e.act(f"mov.b64 {{{words[0]}, {words[1]}}}, {x}")
    elif CLASS[t.name] == "h":
        words = [e.do("r", "cvt.u32.u16", x)]
    else:
        words = [x if CLASS[t.name] == "r" else e.do("r", "mov.b32", x)]
    for k, (at, kind) in enumerate(_pieces(e, op, t, piece)):
        word, shift = words[k * piece // 4], k * piece % 4 * 8
        e.act(f"st.{kind} {at}, {e.do('r', 'shr.u32', word, str(shift)) if shift else word}")


def _runs(group: Sequence[Op], t: T.ScalarType) -> list[Sequence[Op]]:
    """A group cut into vectors."""
    most = widest(t)
    return [group[k : k + most] for k in range(0, len(group), most)]


def _load_several(e: Emitter, group: Together) -> None:
    """Elements that lie side by side, in instructions of up to 128 bits."""
    t = T.element_of(group.leader.results[0].type)
    for run in _runs(group.ops, t):
        array, at = _place(e, run[0])
        path = ".nc" if group.leader in e.read_only else ""  # it is at the leader's place that all are loaded
        if len(run) == 8:
            pairs = [e.register("r") for _ in range(4)]
            e.act(f"ld.{array.space}{path}.v4.b32 {{{', '.join(pairs)}}}, {at}")
            halves = [e.register("h") for _ in run]
            for k, pair in enumerate(pairs):
                e.act(f"mov.b32 {{{halves[2 * k]}, {halves[2 * k + 1]}}}, {pair}")
            for op, r in zip(run, halves, strict=True):
                e.bind(op.results[0], r)
            continue
        registers = [e.register("r" if t.is_bool else CLASS[t.name]) for _ in run]
        if len(run) == 1:  # that is there again
            e.act(f"ld.{array.space}{path}.{MEMORY[t.name]} {registers[0]}, {at}")
            e.bind(run[0].results[0], e.do("p", "setp.ne.s32", registers[0], "0") if t.is_bool else registers[0])
            continue
        e.act(f"ld.{array.space}{path}.v{len(run)}.{MEMORY[t.name]} {{{', '.join(registers)}}}, {at}")
        for op, r in zip(run, registers, strict=True):
            e.bind(op.results[0], e.do("p", "setp.ne.s32", r, "0") if t.is_bool else r)
    for op, k in group.again:
        e.bind(op.results[0], e.value(group.ops[k].results[0]))


def _store_several(e: Emitter, group: Together) -> None:
    t = T.element_of(group.leader.operands[-1].type)
    for run in _runs(group.ops, t):
        array, at = _place(e, run[0])
        given = [_outgoing(e, op.operands[-1], t) for op in run]
        given = [x if x[0] == "%" else e.load_number(t, x) for x in given]
        if len(run) == 8:
            given = [e.do("r", "mov.b32", f"{{{given[k]}, {given[k + 1]}}}") for k in range(0, 8, 2)]
        kind = "b32" if len(run) == 8 else _stored(t)
        e.act(f"st.{array.space}.v{len(given)}.{kind} {at}, {{{', '.join(given)}}}")


@lowering("memory.prefetch")
def _prefetch(e: Emitter, op: Op) -> None:
    array = array_of(e, op.operands[0])
    if array.space != "global":
        return
    at = address(e, array, op.operands[1:], 0)
    e.act(f"prefetch.global.L2 {at}")
