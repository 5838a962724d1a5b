"""The arguments of a launch as bytes: which parameter stands where.

One idea: every target takes the same 8-byte slots. An array is its data pointer, the extent of each axis, the byte stride of
each axis; a scalar is its bytes at the start of its own slots; the leaves of an aggregate lie at their offsets in the slots
of the whole. Behind what the user gives stand, in the same form, the parameters that passes have added (`hidden`): how many
threads there are along each axis, where launches may end inside of blocks, and the diagnostic buffer, where there are sites.
"""

from __future__ import annotations

from ..artifact import Entry, Param
from ..ir import types as T
from ..ir.core import Function, Op, Value, all_ops
from ..records import record
from ..target import Target

__all__ = [
    "SLOT_BYTES", "Slot", "array_bytes", "entry_of", "hidden_names", "layout_of", "make_params", "name_beside",
    "shared_offsets", "size_bytes", "symbol_of",
]  # fmt: skip

SLOT_BYTES = 8
Accesses = tuple[set[Value], set[Value]]
_NOT_ASKED: Accesses = (set(), set())  # where a parameter stands does not hang on who reads it


class Slot(metaclass=record):
    """Where one IR parameter stands, in bytes from the start of the arguments.

    offset: of its data pointer or its value. extents, strides: of an array's 64-bit extents and byte strides, axis by
    axis. hidden: the runtime gives it, not the user.
    """

    value: Value
    offset: int
    extents: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    hidden: bool = False

    @property
    def name(self) -> str:
        return self.value.name

    @property
    def type(self) -> T.Type:
        return self.value.type

    @property
    def size_bytes(self) -> int:
        """Bytes of the slots of the parameter itself."""
        return SLOT_BYTES * (1 + len(self.extents) + len(self.strides))


def hidden_names(f: Function) -> frozenset[str]:
    """The parameters that passes have added."""
    return frozenset(f.attributes.get("hidden", ()))


def make_params(f: Function, accesses: Accesses | None = None) -> tuple[Param, ...]:
    """The launch's view of the user's parameters: leaves of an aggregate are one parameter. accesses: the arrays that are
    read, and those that are written, where somebody knows."""
    reads, writes = accesses or _accesses(f)
    hidden = hidden_names(f)
    declared = dict(f.attributes.get("declared", ()))  # types that `legalize` took the bits of
    aggregates = f.attributes.get("aggregates", ())
    leaf_of = {leaf: row for row in aggregates for leaf, _ in row[3]}
    out: list[Param] = []
    for p in f.params:
        if p.name in hidden:
            continue
        if p.name in leaf_of:
            name, dtype, size, leaves = leaf_of[p.name]
            if leaves[0][0] == p.name:
                out.append(Param(name, "scalar", dtype, size))
        elif isinstance(p.type, T.ArrayType):
            t = p.type.given
            size = T.size_and_align(t.element)[0]
            out.append(Param(p.name, "array", str(t.element), size, t.rank, t.unit_axis, p in reads, p in writes))
        else:
            t = T.element_of(p.type)
            out.append(Param(p.name, "scalar", declared.get(p.name, t.name), t.size_bytes))
    return tuple(out)


def _accesses(f: Function) -> Accesses:
    """Arrays that are read, arrays that are written."""
    reads: set[Value] = set()
    writes: set[Value] = set()
    for op in all_ops(f.body):
        defn = op.defn
        if defn.touches and op.operands and isinstance(op.operands[0].type, T.ArrayType):
            if defn.reads:
                reads.add(op.operands[0])
            if defn.writes:
                writes.add(op.operands[0])
    return reads, writes


def layout_of(f: Function) -> list[Slot]:
    """Each parameter's place, in the order of `f.params`."""
    aggregates = f.attributes.get("aggregates", ())
    leaves = {leaf: (row[0], offset) for row in aggregates for leaf, offset in row[3]}
    starts: dict[str, int] = {}
    at = 0
    for p in make_params(f, _NOT_ASKED):
        starts[p.name] = at
        at += p.slots * SLOT_BYTES
    hidden = hidden_names(f)
    out: list[Slot] = []
    for v in f.params:
        is_hidden = v.name in hidden
        if is_hidden:
            slot = _slot(v, at, hidden=True)
            at += slot.size_bytes
        else:
            owner, offset = leaves.get(v.name, (v.name, 0))
            slot = _slot(v, starts[owner] + offset)
        out.append(slot)
    return out


def _slot(v: Value, at: int, *, hidden: bool = False) -> Slot:
    rank = v.type.given.rank if isinstance(v.type, T.ArrayType) else 0
    extents = tuple([at + SLOT_BYTES * (1 + axis) for axis in range(rank)])
    strides = tuple([at + SLOT_BYTES * (1 + rank + axis) for axis in range(rank)])
    return Slot(v, at, extents, strides, hidden)


def size_bytes(f: Function) -> int:
    """Bytes of all arguments, hidden ones too."""
    user = sum(p.slots for p in make_params(f, _NOT_ASKED)) * SLOT_BYTES
    return user + sum(slot.size_bytes for slot in layout_of(f) if slot.hidden)


def symbol_of(f: Function) -> str:
    """The entry's symbol: never the name of a function that compiled code may call."""
    return "kdsl_" + "".join([c if c.isascii() and c.isalnum() else "_" for c in f.name])


def name_beside(symbol: str, what: str) -> str:
    """The name of what stands beside a kernel in a text: no kernel's, and no other kernel's, since those begin with `kdsl_`."""
    return f"{what}_of_{symbol}"


def array_bytes(t: T.ArrayType) -> int:
    """Bytes of an array of static shape."""
    size = T.size_and_align(t.element)[0]
    for extent in t.shape or ():
        size *= extent
    return size


def _shared(f: Function) -> list[Op]:
    found = [op for op in all_ops(f.body) if op.defn.name == "memory.alloc"]
    return [op for op in found if isinstance(op.result.type, T.ArrayType) and op.result.type.space is T.Space.SHARED]


def shared_offsets(f: Function) -> tuple[dict[Op, int], int]:
    """Where each shared array lies in one stretch of memory of the block, 16-byte aligned, and how long that is."""
    offsets: dict[Op, int] = {}
    at = 0
    for op in _shared(f):
        t = op.result.type
        assert isinstance(t, T.ArrayType)
        offsets[op] = at
        at += -(-array_bytes(t) // 16) * 16
    return offsets, at


def entry_of(f: Function, target: Target, *, shared_bytes: int | None = None, accesses: Accesses | None = None) -> Entry:
    """The launch facts of a function that the pipeline "gpu" made. shared_bytes: where the code lays it out otherwise."""
    return Entry(
        symbol=symbol_of(f),
        params=make_params(f, accesses),
        flat=False,
        shared_bytes=shared_offsets(f)[1] if shared_bytes is None else shared_bytes,
        subgroup_size=target.subgroup_size,
        block=tuple(f.attributes["block"]),
        cut=f.attributes.get("cut", False),
    )
