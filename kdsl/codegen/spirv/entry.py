"""The function around the body, and what a module says of its entry point: arguments, block size, float behaviour.

One idea: arguments are 8-byte slots (`codegen/layout`), in three places: a block of push constants, memory that a push
constant points at where they are too many, or parameters of the kernel in OpenCL. What is not used is not loaded.
"""

from __future__ import annotations

from typing import Protocol

from ...diagnostics import InternalError
from ...ir import types as T
from ...ir.core import Value
from ..layout import SLOT_BYTES, Slot, symbol_of
from .emitter import REGISTER, Emitter
from .grammar import ADDRESSING_MODEL, EXECUTION_MODE, EXECUTION_MODEL, MEMORY_ACCESS, MEMORY_MODEL, OPCODES
from .memory import groups_of
from .module import append, text_words
from .number import extend
from .simt import PART_BLOCKS, local_size, sees_subgroups

__all__ = ["PARAMETER_BYTES", "PUSH_BYTES", "Arguments", "emit_entry", "facts_of"]

PUSH_BYTES = 128  # of push constants, the least that a device may have (Vulkan 1.3, table "Required Limits")

PARAMETER_BYTES = 1024  # of a kernel's parameters, the least that a device may have (OpenCL 3.0 API, CL_DEVICE_MAX_PARAMETER_SIZE)


class Arguments(Protocol):
    """Where argument slots come from. where: as the artifact tells the runtime."""

    where: str

    def load(self, e: Emitter, slot: int) -> int:
        """The id of a slot's 8 bytes; emitted at the start of the function."""
        ...

    def part(self, e: Emitter) -> int:
        """The id of the 8 bytes that say which part of its launch a dispatch is."""
        ...


class _Pushed:
    """A block of push constants that is an array of slots. The part of a launch is the last one."""

    where = "push constants"

    def __init__(self, e: Emitter, count: int) -> None:
        m = e.module
        self.variable = 0
        self.count = count
        if not count:
            return
        slots = m.array_(e.type("l"), count)
        m.decorate(slots, "ArrayStride", SLOT_BYTES)
        block = m.type("TypeStruct", slots)
        m.decorate(block, "Block")
        m.decorate_member(block, 0, "Offset", 0)
        self.variable = e.global_variable("PushConstant", block)
        m.name(self.variable, "arguments")

    def load(self, e: Emitter, slot: int) -> int:
        kind = e.storage_pointer("PushConstant", e.type("l"))
        pointer = e.do("AccessChain", kind, self.variable, e.word(0), e.word(slot))
        return e.do("Load", e.type("l"), pointer)

    def part(self, e: Emitter) -> int:
        return self.load(e, self.count - 1)


class _Spilled:
    """Memory whose address is a push constant; a second one is the part of a launch."""

    where = "buffer"

    def __init__(self, e: Emitter) -> None:
        self.address = _Pushed(e, 2 if e.in_parts else 1)

    def load(self, e: Emitter, slot: int) -> int:
        base = e.once(("arguments",), lambda: self.address.load(e, 0))
        at = e.i64("IAdd", base, e.module.long(slot * SLOT_BYTES)) if slot else base
        pointer = e.do("ConvertUToPtr", e.storage_pointer("PhysicalStorageBuffer", e.type("l")), at)
        return e.do("Load", e.type("l"), pointer, MEMORY_ACCESS["Aligned"], SLOT_BYTES)

    def part(self, e: Emitter) -> int:
        return self.address.part(e)


class _Parameters:
    """Parameters of the kernel, one for each slot: 64-bit integers, but where an array's data stands two, a pointer to bytes
    and how many bytes behind it the data begins: buffers of OpenCL have no addresses to calculate with on the host."""

    where = "parameters"

    def __init__(self, e: Emitter, count: int) -> None:
        self.pointers = _pointer_slots(e)
        self.types: list[int] = []
        self.ids: list[int] = []
        self.first: list[int] = []  # of each slot's ids
        for slot in range(count):
            self.first.append(len(self.ids))
            self.add(e.bytes_pointer(), e, times=slot in self.pointers)
            self.add(e.type("l"), e)

    def add(self, type: int, e: Emitter, *, times: int = 1) -> None:
        self.types += [type] * times
        self.ids += [e.fresh() for _ in range(times)]

    def load(self, e: Emitter, slot: int) -> int:
        first = self.first[slot]
        return self.element(e, first, self.ids[first + 1]) if slot in self.pointers else self.ids[first]

    def part(self, e: Emitter) -> int:
        raise InternalError("OpenCL has no launches in parts", where="SPIR-V code generation", state=str(e.function))

    def element(self, e: Emitter, place: int, offset: int) -> int:
        """Where data begins: so many bytes behind the pointer that is parameter `place`."""
        return e.do("InBoundsPtrAccessChain", e.bytes_pointer(), self.ids[place], offset)


class _SpilledParameters(_Parameters):
    """The first parameter is a pointer to the slots, where an array's data stands by its offset in its buffer; the others are
    the buffers, in the order of their slots."""

    where = "buffer"

    def __init__(self, e: Emitter, count: int) -> None:
        super().__init__(e, 0)
        self.add(e.bytes_pointer(), e, times=1 + len(self.pointers))
        self.places = {slot: 1 + k for k, slot in enumerate(sorted(self.pointers))}

    def load(self, e: Emitter, slot: int) -> int:
        at = e.do("InBoundsPtrAccessChain", e.bytes_pointer(), self.ids[0], e.module.long(slot * SLOT_BYTES))
        kind = e.storage_pointer(e.flavour.global_storage, e.type("l"))
        value = e.do("Load", e.type("l"), e.do("Bitcast", kind, at), MEMORY_ACCESS["Aligned"], SLOT_BYTES)
        return self.element(e, self.places[slot], value) if slot in self.places else value


def _pointer_slots(e: Emitter) -> frozenset[int]:
    return frozenset(slot.offset // SLOT_BYTES for v, slot in e.slots.items() if isinstance(v.type, T.ArrayType))


def bind_arguments(e: Emitter) -> None:
    """Decides where the arguments come from, and gives parameters that are numbers their values."""
    ends = [slot.offset + (slot.size_bytes if isinstance(v.type, T.ArrayType) else 8) for v, slot in e.slots.items()]
    count = -(-max(ends, default=0) // SLOT_BYTES)
    if not e.flavour.pushes:
        fits = (count + len(_pointer_slots(e))) * SLOT_BYTES <= PARAMETER_BYTES
        e.arguments = _Parameters(e, count) if fits else _SpilledParameters(e, count)
    elif (count + e.in_parts) * SLOT_BYTES <= PUSH_BYTES:
        e.arguments = _Pushed(e, count + e.in_parts)
    else:
        e.arguments = _Spilled(e)
    for v, slot in e.slots.items():
        if v in e.used and not isinstance(v.type, T.ArrayType):
            e.ids[v] = _scalar(e, v, slot)


def _scalar(e: Emitter, v: Value, slot: Slot) -> int:
    """A number out of its slot, or, for a leaf of an aggregate, out of the middle of one."""
    t = T.element_of(v.type)
    register = "l" if t.size_bytes == 8 else "w"
    shift = slot.offset % SLOT_BYTES * 8

    def make() -> int:
        whole = e.argument(slot.offset)
        if shift:
            whole = e.i64("ShiftRightLogical", whole, e.module.long(shift))
        if shift + t.bits > 64:
            above = e.argument(slot.offset + SLOT_BYTES)
            whole = e.i64("BitwiseOr", whole, e.i64("ShiftLeftLogical", above, e.module.long(64 - shift)))
        bits = whole if register == "l" else e.do("UConvert", e.type("w"), whole)
        if t.is_bool:
            return e.bool_("INotEqual", e.i32("BitwiseAnd", bits, e.word(0xFF)), e.word(0))
        if t.bits < 32:
            return extend(e, t, bits)
        return bits if REGISTER[t.name] == register else e.do("Bitcast", e.type_of(t), bits)

    return e.once(("scalar", v), make)


# What Vulkan devices may be asked for, by type: feature of the target -> (capability, execution mode)
_FLOAT_CONTROLS = {
    "denorm_preserve": ("DenormPreserve", "DenormPreserve"),
    "signed_zero_inf_nan_preserve": ("SignedZeroInfNanPreserve", "SignedZeroInfNanPreserve"),
    "rounding_rte": ("RoundingModeRTE", "RoundingModeRTE"),
}


def _float_behaviour(e: Emitter, function: int) -> None:
    """Subnormals stay, infinities, NaN and the sign of zero count, rounding is to nearest even: said where a device takes it.
    Devices that do not take it are not known to do otherwise."""
    m = e.module
    if not e.flavour.pushes:
        append(m.execution_modes, "ExecutionMode", function, EXECUTION_MODE["ContractionOff"])
        return
    for bits, register in ((32, "f"), (64, "d")):
        if register not in e.registers:
            continue
        for feature, (capability, mode) in _FLOAT_CONTROLS.items():
            if f"{feature}_f{bits}" in e.target.has:
                m.need(capability)
                append(m.execution_modes, "ExecutionMode", function, EXECUTION_MODE[mode], bits)


def facts_of(e: Emitter) -> dict[str, object]:
    """What the runtime must know of the module besides its entry. arguments: "push constants"; "buffer", of which the one push
    constant is the address; or "parameters", of which the slots in `pointers` are two, a buffer and bytes from its start. In
    OpenCL, "buffer" is a parameter that points at the slots, with bytes from the start in those of `pointers`, and the
    buffers behind it. local_size: the block as the environment is told of it. subgroups: whether it matters how blocks are cut
    into subgroups. part_blocks: 0, or the blocks along each axis of one part of a launch: then another push constant stands
    behind those, with the numbers of the part along the three axes, 16 bits each."""
    facts: dict[str, object] = {"arguments": e.arguments.where, "local_size": local_size(e), "subgroups": sees_subgroups(e),
                                "part_blocks": PART_BLOCKS if e.in_parts else 0}  # fmt: skip
    if isinstance(e.arguments, _Parameters):
        facts["pointers"] = tuple(sorted(e.arguments.pointers))
    return facts


def emit_entry(e: Emitter) -> None:
    """The whole module of `e.function`."""
    m, f = e.module, e.function
    for name in e.flavour.capabilities:
        m.need(name)
    model = MEMORY_MODEL["Vulkan" if e.flavour.pushes else "OpenCL"]
    append(m.memory_model, "MemoryModel", ADDRESSING_MODEL[e.flavour.addressing], model)
    function, symbol = e.fresh(), symbol_of(f)
    bind_arguments(e)
    groups_of(e)
    e.label = start = e.fresh()
    e.region(f.body)
    parameters = e.arguments if isinstance(e.arguments, _Parameters) else None
    types = parameters.types if parameters else []
    kind = m.type("TypeFunction", m.void(), *types)
    out = m.functions
    append(out, "Function", m.void(), function, 0, kind)
    for type_, id_ in zip(types, parameters.ids if parameters else [], strict=True):
        append(out, "FunctionParameter", type_, id_)
    append(out, "Label", start)
    out += e.variables
    out += e.entry
    out += e.code
    out += (1 << 16 | OPCODES["Return"], 1 << 16 | OPCODES["FunctionEnd"])
    m.name(function, symbol)
    append(m.entry_points, "EntryPoint", EXECUTION_MODEL[e.flavour.model], function, *text_words(symbol), *e.interface)
    append(m.execution_modes, "ExecutionMode", function, EXECUTION_MODE["LocalSize"], *local_size(e))
    _float_behaviour(e, function)
