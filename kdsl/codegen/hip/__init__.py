"""HIP C++ for AMD GPUs: thread-level IR to the text of a kernel, which hiprtc compiles on the user's machine.

In reading order: `rows` (ops that are expressions), `dialect` (those that take more), and the function around the body,
here. What HIP shares with Metal is in `kdsl.codegen.cfamily`.

One idea: the kernel's parameters are the slots of `kdsl.codegen.layout` that it uses, one parameter each, so that a launch
points at the slots and copies nothing. `Artifact.metadata["slots"]` says which.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...ir import types as T
from ...ir.core import Function
from ...target import Target
from ..cfamily import control, exits, functions, memory
from ..cfamily.emitter import HANDLERS, Emitter
from ..cfamily.functions import EXTREMES
from ..layout import Slot, entry_of, layout_of, symbol_of
from .dialect import HIP, SHUFFLED
from .rows import ATOMIC_KINDS, ROWS, TYPES

__all__ = ["OPTIONS", "compile_hip", "emit", "spells"]

_FAMILY = (control, exits, functions, memory)  # importing them registers their ops

# How the text has to be compiled: it relies on integers that wrap and on memory that is read as it was written.
OPTIONS = ("-std=c++17", "-O3", "-ffp-contract=off", "-fwrapv", "-fno-strict-aliasing")

_COMPUTED = frozenset(t for t in TYPES if t not in ("i8", "i16", "u8", "u16", "f16"))


def spells(op: str, t: T.ScalarType, target: Target) -> bool:
    """Whether HIP has an op on operands of that type."""
    op = op.removesuffix(":shared")
    if op in ATOMIC_KINDS:
        return t.name in ATOMIC_KINDS[op]
    if op.startswith("subgroup.shuffle"):  # by a distance: of lanes that are there, and not of those that may not be
        return t.name in SHUFFLED and ("shuffle_" not in op or op.endswith(":there"))
    if op in ("arith.cast", "arith.bitcast", "arith.select", "arith.constant", "memory.load", "memory.store"):
        return t.name in TYPES
    if op in ("arith.lookup", "machine.convert"):
        return t.name in _COMPUTED
    if op.startswith(EXTREMES):
        return t.is_float and t.name in _COMPUTED if op.endswith(":function") else (op, t.name) in ROWS
    return op in HANDLERS or op in HIP.handlers or (op, t.name) in ROWS


def compile_hip(function: Function, target: Target) -> Artifact:
    """The text of a kernel, and where its parameters come from."""
    text, slots, shared = emit(function, target)
    entry = entry_of(function, target, shared_bytes=shared)
    return Artifact(target.name, "hip", text.encode(), (entry,), tuple(function.sites), {"source": text},
                    {"slots": slots, "options": OPTIONS})  # fmt: skip


def emit(function: Function, target: Target) -> tuple[str, tuple[int, ...], int]:
    """(text, the byte offset of each kernel parameter in the arguments, bytes of shared memory)."""
    e = Emitter(function, HIP, target, function.attributes["block"])
    symbol = symbol_of(function)
    e.names.add(symbol)
    parameters: list[str] = []
    slots: list[int] = []
    for slot in layout_of(function):
        _parameter(e, slot, parameters, slots)
    shared = memory.shared_arrays(e, e.plan.shared)
    exits.kernel_body(e, function.body)
    x, y, z = e.block
    head = [
        f"// {function.name} for {target.name}, in blocks of {x} x {y} x {z} threads.",
        f"// Made by kdsl; to be compiled with {' '.join(OPTIONS)}",
        *e.head,
        f'extern "C" __global__ __launch_bounds__({x * y * z}) void {symbol}({", ".join(parameters)}) {{',
        *HIP.body,
    ]
    return "\n".join([*head, *e.first, *e.lines, "}", ""]), tuple(slots), shared


def _parameter(e: Emitter, slot: Slot, parameters: list[str], slots: list[int]) -> None:
    v = slot.value
    if not isinstance(v.type, T.ArrayType):
        if e.uses.get(v, 0):
            name = e.name(v.name, "x")
            e.exprs[v] = memory.Expr(name)
            parameters.append(f"{e.type(v)} {name}")
            slots.append(slot.offset)
        return
    if v not in e.plan.arrays:
        return
    name = e.name(v.name, "a")
    place = memory.array_parameter(e, v, name)
    if e.plan.arrays[v].axes:
        cell = "char" if place.cell is None else HIP.cells[place.cell.name]
        parameters.append(f"{HIP.pointer(cell, T.Space.GLOBAL, place.constant)} {name}")
        slots.append(slot.offset)
    for axis, text in place.extents.items():
        parameters.append(f"long long {text}")
        slots.append(slot.extents[axis])
    for axis, text in place.strides.items():
        parameters.append(f"long long {text}")
        slots.append(slot.strides[axis])
