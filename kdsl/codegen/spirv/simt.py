"""What a thread knows of its place, and how threads meet: ids, barriers, fences, subgroups.

One idea: the environments number the threads of a block along axis 0 first, but how they cut a block of several axes into
subgroups is theirs. A kernel that sees subgroups is therefore launched as a block of one axis, whose subgroups are runs of
its threads, and computes its ids from the place in that line.

A Vulkan device may take no more than 65,535 blocks along an axis. Longer launches are given in parts of PART_BLOCKS blocks, to
code that asks how many threads there are anyway (attribute "cut"), with the number of the part along each axis as an argument.
"""

from __future__ import annotations

from ...diagnostics import InternalError
from ...ir.core import Op
from ...ir.passes.tail import HIDDEN_THREADS
from .emitter import Emitter, lowering
from .grammar import BUILT_IN, MEMORY_SEMANTICS, SCOPE
from .number import to_register

__all__ = ["PART_BLOCKS", "block_of", "built_in_id", "local_size", "sees_subgroups", "semantics"]

Triple = tuple[int, int, int]

_PART_SHIFT = 15
PART_BLOCKS = 1 << _PART_SHIFT


def block_of(e: Emitter) -> Triple:
    """Threads of a full block: code is always made for one shape."""
    block = e.function.attributes.get("block")
    if block is None:
        raise InternalError("a function without a block shape", where="SPIR-V code generation", state=str(e.function))
    x, y, z = block
    return x, y, z


def sees_subgroups(e: Emitter) -> bool:
    """Whether it matters to the kernel how blocks are cut into subgroups."""
    return any(name.startswith("subgroup.") or name in ("simt.lane_id", "simt.subgroup_size") for name in e.contains)


def _is_line(e: Emitter) -> bool:
    block = block_of(e)
    return sees_subgroups(e) and block[1] * block[2] > 1


def local_size(e: Emitter) -> Triple:
    """The block as the environment sees it."""
    x, y, z = block_of(e)
    return (x * y * z, 1, 1) if _is_line(e) else (x, y, z)


def _builtin(e: Emitter, name: str, count: int, register: str) -> int:
    """The value of a built-in variable of `count` numbers."""

    def variable() -> int:
        type_ = e.type(register) if count == 1 else e.module.vector(e.type(register), count)
        made = e.global_variable("Input", type_)
        e.module.decorate(made, "BuiltIn", BUILT_IN[name])
        return e.do("Load", type_, made)

    return e.once(("builtin", name), variable)


def built_in_id(e: Emitter, name: str, axis: int) -> int:
    """A built-in id along one axis, as the environment counts it."""
    register = "w" if e.flavour.id_bits == 32 else "l"
    whole = _builtin(e, name, 3, register)
    return e.once((name, axis), lambda: e.do("CompositeExtract", e.type(register), whole, axis))


def _wide_id(e: Emitter, name: str, axis: int) -> int:
    found = built_in_id(e, name, axis)
    if e.flavour.id_bits == 64:
        return found
    return e.once((name, axis, 64), lambda: to_register(e, found, "l", signed=False))


def _thread_id(e: Emitter, axis: int) -> int:
    block = block_of(e)
    if block[axis] == 1:
        return e.module.long(0)
    if not _is_line(e):
        return _wide_id(e, "LocalInvocationId", axis)

    def make() -> int:
        place = built_in_id(e, "LocalInvocationId", 0)
        if e.flavour.id_bits == 64:
            place = to_register(e, place, "w", signed=False)
        below = 1
        for extent in block[:axis]:
            below *= extent
        if below > 1:
            place = e.i32("UDiv", place, e.word(below))
        if any(extent > 1 for extent in block[axis + 1 :]):
            place = e.i32("UMod", place, e.word(block[axis]))
        return to_register(e, place, "l", signed=False)

    return e.once(("thread", axis), make)


def _part(e: Emitter, axis: int) -> int:
    """Which part of the launch along an axis this is, in 32 bits."""

    def make() -> int:
        word = e.arguments.part(e)
        if axis == 2:
            return e.i32("UConvert", e.i64("ShiftRightLogical", word, e.module.long(32)))
        low = e.once(("part",), lambda: e.i32("UConvert", word))
        return e.i32("BitwiseAnd", low, e.word(0xFFFF)) if axis == 0 else e.i32("ShiftRightLogical", low, e.word(16))

    return e.once(("part", axis), make)


def _block_id(e: Emitter, axis: int) -> int:
    if not e.in_parts:
        return _wide_id(e, "WorkgroupId", axis)

    def make() -> int:
        first = e.i32("ShiftLeftLogical", _part(e, axis), e.word(_PART_SHIFT))
        return to_register(e, e.i32("IAdd", built_in_id(e, "WorkgroupId", axis), first), "l", signed=False)

    return e.once(("block", axis), make)


@lowering("simt.thread_id")
def _thread(e: Emitter, op: Op) -> int:
    return _thread_id(e, op.attributes["axis"])


@lowering("simt.block_id")
def _block(e: Emitter, op: Op) -> int:
    return _block_id(e, op.attributes["axis"])


@lowering("simt.block_dim")
def _block_dim(e: Emitter, op: Op) -> int:
    return e.module.long(block_of(e)[op.attributes["axis"]])


@lowering("simt.grid_dim")
def _grid_dim(e: Emitter, op: Op) -> int:
    axis = op.attributes["axis"]
    return _blocks(e, axis) if e.in_parts else _wide_id(e, "NumWorkgroups", axis)


def _blocks(e: Emitter, axis: int) -> int:
    """Of the whole launch: as many as its threads need."""

    def make() -> int:
        extent = block_of(e)[axis]
        slot = next(slot for slot in e.slots.values() if slot.name == HIDDEN_THREADS[axis])
        threads = e.argument(slot.offset)
        if extent == 1:
            return threads
        return e.i64("UDiv", e.i64("IAdd", threads, e.module.long(extent - 1)), e.module.long(extent))

    return e.once(("blocks", axis), make)


@lowering("simt.global_id")
def _global(e: Emitter, op: Op) -> int:
    """From the two others, in 64 bits: the built-in one has 32, and a grid may have more threads."""
    axis = op.attributes["axis"]
    block, thread = _block_id(e, axis), _thread_id(e, axis)
    extent = block_of(e)[axis]
    if extent == 1:
        return block

    def make() -> int:
        return e.i64("IAdd", e.i64("IMul", block, e.module.long(extent)), thread)

    return e.once(("global", axis), make)


# Memory


def semantics(e: Emitter, *more: str) -> int:
    """The id of the memory semantics that order all that was written with all that is read."""
    names = ["AcquireRelease", "WorkgroupMemory", *more]
    names += ["UniformMemory", "MakeAvailable", "MakeVisible"] if e.flavour.pushes else ["CrossWorkgroupMemory"]
    value = 0
    for name in names:
        value |= MEMORY_SEMANTICS[name]
    return e.word(value)


@lowering("simt.barrier")
def _barrier(e: Emitter, op: Op) -> None:
    block = e.word(SCOPE["Workgroup"])
    e.act("ControlBarrier", block, block, semantics(e))


@lowering("simt.fence")
def _fence(e: Emitter, op: Op) -> None:
    scope = device_scope(e) if op.attributes["scope"] == "device" else e.word(SCOPE["Workgroup"])
    e.act("MemoryBarrier", scope, semantics(e))


def device_scope(e: Emitter) -> int:
    """All threads of a launch: in Vulkan those of a queue family, which needs no feature of the device."""
    return e.word(SCOPE["QueueFamily" if e.flavour.pushes else "Device"])


# Subgroups


def _need_subgroups(e: Emitter, *capabilities: str) -> int:
    """Declares them; gives the scope."""
    m = e.module
    if not e.flavour.pushes:
        m.version = max(m.version, (1, 3))
        m.need("SubgroupDispatch")
        m.need("Groups")
    for name in ("GroupNonUniform", *capabilities):
        m.need(name)
    return e.word(SCOPE["Subgroup"])


@lowering("simt.lane_id")
def _lane(e: Emitter, op: Op) -> int:
    _need_subgroups(e)
    found = _builtin(e, "SubgroupLocalInvocationId", 1, "w")
    return e.once(("lane",), lambda: to_register(e, found, "l", signed=False))


@lowering("simt.subgroup_size")
def _size(e: Emitter, op: Op) -> int:
    if e.target.subgroup_size:
        return e.module.long(e.target.subgroup_size)
    _need_subgroups(e)
    # Of a full subgroup: OpenCL's SubgroupSize is that of this one.
    found = _builtin(e, "SubgroupSize" if e.flavour.pushes else "SubgroupMaxSize", 1, "w")
    return e.once(("size",), lambda: to_register(e, found, "l", signed=False))


@lowering("subgroup.shuffle")
def _shuffle(e: Emitter, op: Op) -> int:
    scope = _need_subgroups(e, "GroupNonUniformShuffle")
    x, lane = [e.value(v) for v in op.operands]
    narrow = to_register(e, lane, "w", signed=False)
    return e.do("GroupNonUniformShuffle", e.type_of(op.result.type), scope, x, narrow)


@lowering("subgroup.ballot")
def _ballot(e: Emitter, op: Op) -> int:
    scope = _need_subgroups(e, "GroupNonUniformBallot")
    four = e.do("GroupNonUniformBallot", e.module.vector(e.type("w"), 4), scope, e.value(op.operands[0]))
    low, high = [e.i64("UConvert", e.i32("CompositeExtract", four, k)) for k in range(2)]
    return e.i64("BitwiseOr", low, e.i64("ShiftLeftLogical", high, e.module.long(32)))
