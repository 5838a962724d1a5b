"""Arrays: where elements lie, loads, stores.

One idea: an element of a global array is an address in bytes that becomes a pointer at the access, with the alignment that
the element's type promises; what is aligned less than its own size is read and written in pieces. Neighbouring components of
one element go together, as one vector. A shared or private array is one variable for each component that is accessed,
because nobody outside sees how it is laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Op, Value
from ...ir.opdef import Effect
from .emitter import REGISTER, Emitter, lowering
from .grammar import MEMORY_ACCESS
from .number import extend, to_register

__all__ = ["Place", "address", "array_slot", "global_pointer", "place_of"]

_ALIGNED, _NON_PRIVATE = MEMORY_ACCESS["Aligned"], MEMORY_ACCESS["NonPrivatePointer"]
_MOST = 4  # components of a vector


def array_type(v: Value) -> T.ArrayType:
    assert isinstance(v.type, T.ArrayType), v
    return v.type


def element_bytes(t: T.ArrayType) -> int:
    return T.size_and_align(t.element)[0]


@lowering("memory.extent")
def _extent(e: Emitter, op: Op) -> int:
    array, axis = op.operands[0], op.attributes["axis"]
    t = array_type(array)
    if t.shape is not None:
        return e.module.long(t.shape[axis])
    return e.argument(e.slots[array].extents[axis])


def array_slot(e: Emitter, array: Value) -> int:
    """The address of a global array: a number, or a pointer to bytes."""
    return e.argument(e.slots[array].offset, pointer=True)


# Memory types: what a register is in memory

# name of the scalar type -> bits of the integer it is stored as; those that are not here are stored as their register
_STORED = {"bool": 8, "i8": 8, "u8": 8, "i16": 16, "u16": 16, "f16": 16}
_NARROW_CAPABILITY = {8: "StorageBuffer8BitAccess", 16: "StorageBuffer16BitAccess"}


def stored_type(e: Emitter, t: T.ScalarType) -> int:
    """The type of `t` in global memory."""
    bits = _STORED.get(t.name)
    if bits is None:
        return e.type_of(t)
    return narrow_type(e, bits)


def narrow_type(e: Emitter, bits: int) -> int:
    if e.flavour.pushes:
        e.module.need(_NARROW_CAPABILITY[bits])
    return e.module.int_(bits)


def from_memory(e: Emitter, t: T.ScalarType, x: int) -> int:
    """What was loaded, as a value."""
    if t.name not in _STORED:
        return x
    signed = t.is_signed and not t.is_float
    wide = to_register(e, x, "w", signed=signed)
    return e.bool_("INotEqual", wide, e.word(0)) if t.is_bool else wide


def to_memory(e: Emitter, t: T.ScalarType, x: int, stored: int) -> int:
    """A value as what is stored."""
    if t.name not in _STORED:
        return x
    wide = e.select(e.type("w"), x, e.word(1), e.word(0)) if t.is_bool else x
    return e.do("UConvert", stored, wide)


# Global memory


def address(e: Emitter, array: Value, indices: Sequence[Value]) -> int:
    """Bytes from the array's data to an element, 0 where there are none; computed once for several accesses."""
    t = array_type(array)
    slot = e.slots[array]

    def stride(axis: int) -> int:
        return e.argument(slot.strides[axis])

    def make() -> int:
        total = 0
        for axis, index in enumerate(indices):
            if index.constant == 0:
                continue
            step = _scaled(e, index, element_bytes(t)) if axis == t.unit_axis else e.i64("IMul", e.value(index), stride(axis))
            total = e.i64("IAdd", total, step) if total else step
        return total

    steps = [element_bytes(t) if axis == t.unit_axis else -at for axis, at in enumerate(slot.strides)]
    return e.reuse(("bytes", *steps, *indices), make)


def _scaled(e: Emitter, index: Value, size: int) -> int:
    if index.constant is not None:
        return e.module.long(index.constant * size)
    if size & (size - 1):
        return e.i64("IMul", e.value(index), e.module.long(size))
    return e.i64("ShiftLeftLogical", e.value(index), e.module.long(size.bit_length() - 1)) if size > 1 else e.value(index)


def global_pointer(e: Emitter, array: Value, indices: Sequence[Value], offset: int, type: int) -> int:
    """A pointer to something of that type in an element."""
    kind = e.storage_pointer(e.flavour.global_storage, type)
    bytes_ = address(e, array, indices)

    def make() -> int:
        base = array_slot(e, array)
        if not bytes_:
            return base
        if e.flavour.pushes:
            return e.i64("IAdd", base, bytes_)
        return e.do("InBoundsPtrAccessChain", e.bytes_pointer(), base, bytes_)

    start = e.reuse(("element", array, *indices), make)
    if e.flavour.pushes:
        at = e.i64("IAdd", start, e.module.long(offset)) if offset else start
        return e.do("ConvertUToPtr", kind, at)
    at = e.do("InBoundsPtrAccessChain", e.bytes_pointer(), start, e.module.long(offset)) if offset else start
    return e.do("Bitcast", kind, at)


def alignment(t: T.ArrayType, offset: int) -> int:
    """What the address of byte `offset` of any element is a multiple of."""
    return gcd(T.size_and_align(t.element)[1], offset) if offset else T.size_and_align(t.element)[1]


def access(e: Emitter, align: int) -> tuple[int, ...]:
    """Memory operands of a global access. Where threads of a launch talk to each other, accesses take part in their order."""
    if not e.meets or not e.flavour.pushes:
        return (_ALIGNED, align)
    return (_ALIGNED | _NON_PRIVATE, align)


def _pieces(e: Emitter, t: T.ScalarType, align: int) -> int:
    """In how many pieces a scalar is accessed: OpenCL takes any alignment, Vulkan not less than the size."""
    return max(t.size_bytes // align, 1) if e.flavour.pushes else 1


@lowering("memory.load")
def _load(e: Emitter, op: Op) -> int | None:
    array, *indices = op.operands
    t = array_type(array)
    x = T.element_of(op.result.type)
    if t.space is not T.Space.GLOBAL:
        return _load_variable(e, op, array, indices, x)
    if op in e.ids_of_ops:
        return e.ids_of_ops.pop(op)
    offset = op.attributes["offset"]
    align = alignment(t, offset)
    count = _pieces(e, x, align)
    if count > 1:
        return _load_pieces(e, array, indices, offset, x, align, count)
    together = e.groups.get(op)
    if together is not None:
        return _load_vector(e, op, together, array, indices, x)
    stored = stored_type(e, x)
    pointer = global_pointer(e, array, indices, offset, stored)
    return from_memory(e, x, e.do("Load", stored, pointer, *access(e, align)))


def _load_vector(e: Emitter, op: Op, ops: Sequence[Op], array: Value, indices: Sequence[Value], x: T.ScalarType) -> int:
    """Several components at once; those of the other ops wait until their turn comes."""
    align = alignment(array_type(array), ops[0].attributes["offset"])
    stored = stored_type(e, x)
    vector = e.module.vector(stored, len(ops))
    pointer = global_pointer(e, array, indices, ops[0].attributes["offset"], vector)
    whole = e.do("Load", vector, pointer, *access(e, align))
    part = stored
    if x.name in _STORED:  # what may only be stored narrow may not be taken apart
        part = e.type("w")
        signed = x.is_signed and not x.is_float
        whole = e.do("SConvert" if signed else "UConvert", e.module.vector(part, len(ops)), whole)
    parts = [e.do("CompositeExtract", part, whole, k) for k in range(len(ops))]
    if x.is_bool:
        parts = [e.bool_("INotEqual", k, e.word(0)) for k in parts]
    e.ids_of_ops.update(zip(ops, parts, strict=True))
    return e.ids_of_ops.pop(op)


def _load_pieces(e: Emitter, array: Value, indices: Sequence[Value], offset: int, x: T.ScalarType, align: int,
                 count: int) -> int:  # fmt: skip
    """A scalar put together from integers of `align` bytes, the lowest first."""
    unit = e.type("w") if align == 4 else narrow_type(e, align * 8)
    register = "l" if x.size_bytes == 8 else "w"
    total = 0
    for k in range(count):
        pointer = global_pointer(e, array, indices, offset + k * align, unit)
        part = e.do("Load", unit, pointer, *access(e, align))
        if align < 4 or register == "l":
            part = to_register(e, part, register, signed=False)
        if k:
            places = k * align * 8
            part = e.do("ShiftLeftLogical", e.type(register), part, e.whole(register, places))
            part = e.do("BitwiseOr", e.type(register), total, part)
        total = part
    if x.size_bytes < 4:
        return total if x is T.f16 else extend(e, x, total)
    return total if REGISTER[x.name] == register else e.do("Bitcast", e.type_of(x), total)


@lowering("memory.store")
def _store(e: Emitter, op: Op) -> None:
    array, *indices, value = op.operands
    t = array_type(array)
    x = T.element_of(value.type)
    if t.space is not T.Space.GLOBAL:
        _store_variable(e, op, array, indices, value)
        return
    if op in e.later:
        return
    offset = op.attributes["offset"]
    align = alignment(t, offset)
    count = _pieces(e, x, align)
    if count > 1:
        _store_pieces(e, array, indices, offset, e.value(value), x, align, count)
        return
    together = e.groups.get(op)
    stored = stored_type(e, x)
    if together is None:
        pointer = global_pointer(e, array, indices, offset, stored)
        e.act("Store", pointer, to_memory(e, x, e.value(value), stored), *access(e, align))
        return
    vector = e.module.vector(stored, len(together))
    first = together[0].attributes["offset"]
    parts = [e.value(o.operands[-1]) for o in together]
    if x.is_bool:
        parts = [e.select(e.type("w"), k, e.word(1), e.word(0)) for k in parts]
    wide = e.module.vector(e.type("w" if x.is_bool else REGISTER[x.name]), len(together))
    whole = _vector_of(e, wide, parts)
    if wide != vector:
        whole = e.do("UConvert", vector, whole)
    pointer = global_pointer(e, array, indices, first, vector)
    e.act("Store", pointer, whole, *access(e, alignment(t, first)))


def _vector_of(e: Emitter, type: int, parts: Sequence[int]) -> int:
    """llvm-spirv (15), through which PoCL takes SPIR-V, constructs vectors of constants only, and inserts anything."""
    if e.flavour.pushes:
        return e.do("CompositeConstruct", type, *parts)
    whole = e.do("Undef", type)
    for k, part in enumerate(parts):
        whole = e.do("CompositeInsert", type, part, whole, k)
    return whole


def _store_pieces(e: Emitter, array: Value, indices: Sequence[Value], offset: int, value: int, x: T.ScalarType, align: int,
                  count: int) -> None:  # fmt: skip
    unit = e.type("w") if align == 4 else narrow_type(e, align * 8)
    register = "l" if x.size_bytes == 8 else "w"
    if x.size_bytes >= 4 and REGISTER[x.name] != register:
        value = e.do("Bitcast", e.type(register), value)
    for k in range(count):
        part = value
        if k:
            part = e.do("ShiftRightLogical", e.type(register), value, e.whole(register, k * align * 8))
        if align < 4 or register == "l":
            part = e.do("UConvert", unit, part)
        pointer = global_pointer(e, array, indices, offset + k * align, unit)
        e.act("Store", pointer, part, *access(e, align))


@lowering("memory.prefetch")
def _prefetch(e: Emitter, op: Op) -> None:
    """Nothing: no instruction says it in Vulkan, and OpenCL's wants an address inside of the array."""


# Components that go together


def groups_of(e: Emitter) -> None:
    """Finds runs of loads, and of stores, of neighbouring components of one element with nothing in between that may change
    memory: the first load stands for the others, the last store for those before it."""
    if not any(isinstance(p.type, T.ArrayType) and not isinstance(p.type.element, T.ScalarType) for p in e.function.params):
        return
    _groups_in(e, e.function.body.ops)
    for op in e.ops:
        for region in op.regions:
            _groups_in(e, region.ops)


def _key(op: Op) -> tuple[object, ...] | None:
    """What accesses that may go together have in common."""
    is_store = op.defn.name == "memory.store"
    if not is_store and op.defn.name != "memory.load":
        return None
    array = op.operands[0]
    t = array_type(array)
    if t.space is not T.Space.GLOBAL or isinstance(t.element, T.ScalarType):
        return None
    x = op.operands[-1].type if is_store else op.result.type
    assert isinstance(x, T.ScalarType)
    if x.size_bytes > alignment(t, op.attributes["offset"]):
        return None
    return (is_store, x, *(op.operands[:-1] if is_store else op.operands))


def _groups_in(e: Emitter, ops: Sequence[Op]) -> None:
    open_: dict[tuple[object, ...], list[Op]] = {}
    for op in ops:
        key = _key(op)
        if key is None:
            reads_only = op.defn.effect is Effect.READ and not any(other[0] for other in open_)
            if op.regions or (op.defn.effect and not reads_only):
                _close(e, open_)
            continue
        changes = bool(key[0])
        if any(bool(other[0]) != changes or (changes and other != key) for other in open_):
            _close(e, open_)  # a store ends all loads, and stores wait for nothing but each other
        open_.setdefault(key, []).append(op)
    _close(e, open_)


def _close(e: Emitter, open_: dict[tuple[object, ...], list[Op]]) -> None:
    for key, ops in open_.items():
        size = key[1].size_bytes  # type: ignore[attr-defined]
        by_offset = {op.attributes["offset"]: op for op in ops}
        run: list[Op] = []
        for offset in [*sorted(by_offset), -1]:
            if run and (offset != run[-1].attributes["offset"] + size or len(run) == _MOST):
                _group(e, run, ops, is_store=bool(key[0]))
                run = []
            if offset >= 0:
                run.append(by_offset[offset])
    open_.clear()


def _group(e: Emitter, run: list[Op], order: list[Op], *, is_store: bool) -> None:
    """`run`: by offset; `order`: as they stand in the region. Twice the same store would be two stores."""
    if len(run) < 2 or len({op.attributes["offset"] for op in order}) != len(order):
        return
    places = sorted(run, key=order.index)
    if is_store:
        e.later.update(places[:-1])
        e.groups[places[-1]] = run
    else:
        e.groups[places[0]] = run


# Shared and private memory


@dataclass(frozen=True, slots=True)
class Place:
    """The variable that holds one component of every element of an array. type: its elements'; register: theirs."""

    variable: int
    type: int
    storage: str
    bits: int
    register: str


@lowering("memory.alloc")
def _alloc(e: Emitter, op: Op) -> None:
    """Variables are made for what is accessed (`place_of`)."""


def _components(e: Emitter) -> dict[tuple[Value, int], set[T.ScalarType]]:
    """(array, byte offset in an element) -> the types it is accessed as, and u32 or u64 where atomics need integers."""
    found = e.components
    if found:
        return found
    for op in e.ops:
        if "offset" not in op.attributes or not op.operands or array_type(op.operands[0]).space is T.Space.GLOBAL:
            continue
        t = op.results[0].type if op.results else op.operands[-1].type
        assert isinstance(t, T.ScalarType)
        found.setdefault((op.operands[0], op.attributes["offset"]), set()).add(t)
    return found


def place_of(e: Emitter, array: Value, offset: int) -> Place:
    """The variable of a component; made when it is first accessed."""
    found: Place | None = e.places.get((array, offset))
    if found is not None:
        return found
    t = array_type(array)
    types = _components(e)[array, offset]
    bits = {x.size_bytes * 8 for x in types}
    if len(bits) > 1:
        raise InternalError(f"{array!r} is accessed with different widths at byte {offset}", where="SPIR-V code generation")
    registers = {REGISTER[x.name] for x in types}
    width = bits.pop()
    is_float = registers <= {"f"} or registers <= {"d"}
    register = registers.pop() if is_float else "l" if width == 64 else "w"
    # Numbers of 8 and 16 bits take as much room as their register: no feature of a device is needed to hold them.
    type_ = e.type(register)
    count = 1
    for extent in t.shape or ():
        count *= extent
    storage = "Workgroup" if t.space is T.Space.SHARED else "Function"
    whole = e.module.array_(type_, max(count, 1))
    if storage == "Workgroup":
        variable = e.global_variable(storage, whole)
        e.shared_bytes += max(count, 1) * (8 if register in "ld" else 4)
    else:
        variable = e.function_variable(whole)
    e.module.name(variable, array.name + (f"_{offset}" if offset else ""))
    e.places[array, offset] = made = Place(variable, type_, storage, width, register)
    return made


def variable_pointer(e: Emitter, place: Place, array: Value, indices: Sequence[Value]) -> int:
    """A pointer to one element's component: row by row, in 32 bits, which is more than there is of such memory."""
    t = array_type(array)
    assert t.shape is not None

    def make() -> int:
        total, step = 0, 1
        fixed = 0
        for index, extent in zip(reversed(indices), reversed(t.shape or ()), strict=True):
            if index.constant is not None:
                fixed += index.constant * step
            else:
                part = e.reuse(("narrow", index), lambda index=index: to_register(e, e.value(index), "w", signed=False))
                part = part if step == 1 else e.i32("IMul", part, e.word(step))
                total = e.i32("IAdd", total, part) if total else part
            step *= extent
        if not total:
            return e.word(fixed)
        return e.i32("IAdd", total, e.word(fixed)) if fixed else total

    index = e.reuse(("place", t.shape, *indices), make)
    return e.do("AccessChain", e.storage_pointer(place.storage, place.type), place.variable, index)


def _variable_access(e: Emitter, place: Place) -> tuple[int, ...]:
    """Shared memory is what threads talk through: in the Vulkan memory model each access says so."""
    if place.storage != "Workgroup" or not e.flavour.pushes:
        return ()
    return (_NON_PRIVATE,)


def _load_variable(e: Emitter, op: Op, array: Value, indices: Sequence[Value], x: T.ScalarType) -> int:
    place = place_of(e, array, op.attributes["offset"])
    pointer = variable_pointer(e, place, array, indices)
    made = e.do("Load", place.type, pointer, *_variable_access(e, place))
    if x.is_bool:
        return e.bool_("INotEqual", made, e.word(0))
    if REGISTER[x.name] != place.register:
        return e.do("Bitcast", e.type_of(x), made)
    return extend(e, x, made) if x.bits < 32 else made


def _store_variable(e: Emitter, op: Op, array: Value, indices: Sequence[Value], value: Value) -> None:
    place = place_of(e, array, op.attributes["offset"])
    x = T.element_of(value.type)
    stored = e.value(value)
    if x.is_bool:
        stored = e.select(e.type("w"), stored, e.word(1), e.word(0))
    elif REGISTER[x.name] != place.register:
        stored = e.do("Bitcast", place.type, stored)
    pointer = variable_pointer(e, place, array, indices)
    e.act("Store", pointer, stored, *_variable_access(e, place))

