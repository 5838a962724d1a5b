"""Atomic operations: what a device has as instructions.

One idea: integers of 32 bits are had by all, those of 64 bits and float sums where a feature says so; everything else is a
loop of compare-exchanges that `legalize` writes. What changes nothing is a load. Floats are exchanged and compared as the
integers of their bits.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.analysis.effects import only_reads
from ...ir.core import Op
from ...target import Target
from .emitter import Emitter, lowering
from .memory import array_type, global_pointer, place_of, variable_pointer
from .number import bits_as
from .simt import device_scope

__all__ = ["has_atomic"]

_INTEGER = {
    "atomic.add": ("AtomicIAdd", "AtomicIAdd"), "atomic.sub": ("AtomicISub", "AtomicISub"),
    "atomic.min": ("AtomicSMin", "AtomicUMin"), "atomic.max": ("AtomicSMax", "AtomicUMax"),
    "atomic.and": ("AtomicAnd", "AtomicAnd"), "atomic.or": ("AtomicOr", "AtomicOr"), "atomic.xor": ("AtomicXor", "AtomicXor"),
}  # fmt: skip
_BY_BITS = ("atomic.exchange", "atomic.compare_exchange")


def has_atomic(op_name: str, t: T.ScalarType, target: Target) -> bool:
    """Whether there is an instruction: in global memory, or, with ":shared" behind the name of a float's, in shared memory."""
    kind, _, where = op_name.partition(":")
    if t.bits < 32 or t.is_bool:
        return False
    if t.is_integer or (kind in _BY_BITS and not where):
        return t.bits == 32 or "atomic_i64" in target.has
    # In shared memory a variable has one type, and other updates of the same element need integers.
    return kind == "atomic.add" and not where and target.backend == "vulkan" and f"atomic_{t}_add" in target.has


def _pointer(e: Emitter, op: Op, t: T.ScalarType, operands: int, *, bits: bool) -> tuple[int, T.ScalarType]:
    """A pointer to what the op changes, and the type it is changed as."""
    array, indices = op.operands[0], op.operands[1 : len(op.operands) - operands]
    offset = op.attributes["offset"]
    if array_type(array).space is T.Space.GLOBAL:
        seen = _integer_of(t) if bits and t.is_float else t
        return global_pointer(e, array, indices, offset, e.type_of(seen)), seen
    place = place_of(e, array, offset)
    seen = t if place.register in "fd" else _integer_of(t) if t.is_float else t
    return variable_pointer(e, place, array, indices), seen


def _integer_of(t: T.ScalarType) -> T.ScalarType:
    return T.u64 if t.bits == 64 else T.u32


def _scope(e: Emitter, t: T.ScalarType) -> tuple[int, int]:
    """Scope and memory semantics: relaxed, as seen by all threads of the launch."""
    if t.bits == 64 and t.is_integer:
        e.module.need("Int64Atomics")
    return device_scope(e), e.word(0)


@lowering(*_INTEGER)
def _change(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    pointer, _ = _pointer(e, op, t, 1, bits=False)
    scope, relaxed = _scope(e, t)
    if only_reads(op):
        return e.do("AtomicLoad", e.type_of(t), pointer, scope, relaxed)
    if t.is_float:
        e.module.need(f"AtomicFloat{t.bits}AddEXT", "SPV_EXT_shader_atomic_float_add")
        return e.do("AtomicFAddEXT", e.type_of(t), pointer, scope, relaxed, e.value(op.operands[-1]))
    signed, unsigned = _INTEGER[op.defn.name]
    opcode = signed if t.is_signed else unsigned
    return e.do(opcode, e.type_of(t), pointer, scope, relaxed, e.value(op.operands[-1]))


@lowering("atomic.exchange")
def _exchange(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    pointer, seen = _pointer(e, op, t, 1, bits=True)
    scope, relaxed = _scope(e, seen)
    new = bits_as(e, t, seen, e.value(op.operands[-1]))
    return bits_as(e, seen, t, e.do("AtomicExchange", e.type_of(seen), pointer, scope, relaxed, new))


@lowering("atomic.compare_exchange")
def _compare_exchange(e: Emitter, op: Op) -> int:
    t = T.element_of(op.result.type)
    pointer, seen = _pointer(e, op, t, 2, bits=True)
    scope, relaxed = _scope(e, seen)
    if only_reads(op):
        return bits_as(e, seen, t, e.do("AtomicLoad", e.type_of(seen), pointer, scope, relaxed))
    expected, new = [bits_as(e, t, seen, e.value(v)) for v in op.operands[-2:]]
    old = e.do("AtomicCompareExchange", e.type_of(seen), pointer, scope, relaxed, relaxed, new, expected)
    return bits_as(e, seen, t, old)
