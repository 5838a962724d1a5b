"""Arrays at run time: arguments, shared and private memory, and the one way to read and write their elements.

One idea: memory is addresses. An array is a pointer, extents and byte strides, whatever NumPy array, view or dtype it
came from; a field of an element is the same array seen at an offset. So views, broadcasts and overlaps need no case
of their own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...diagnostics import InternalError, KernelFault
from ...faults import out_of_bounds
from .. import formats, types as T
from ..core import Op
from .shadow import Access, Shadow

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["Memory", "Picked", "Stretch", "allocate", "argument_memories", "pick", "read", "write"]

A = Any


class Stretch:
    """A run of bytes with its shadow: overlapping arguments share one, so a race through two views is seen.

    granule: bytes per cell of the shadow. written: per cell whether anyone wrote it (memory that starts undefined).
    """

    __slots__ = ("granule", "shadow", "size", "start", "written")

    def __init__(self, start: int, size: int, granule: int) -> None:
        self.start = start
        self.size = size
        self.granule = granule
        self.shadow: Shadow | None = None
        self.written: A = None

    @property
    def cells(self) -> int:
        return -(-self.size // self.granule)


class _Pointer:
    """What `np.asarray` turns into an array over given memory; `owner` stays alive with it."""

    def __init__(self, address: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any],
                 writable: bool, owner: object) -> None:  # fmt: skip
        self.owner = owner
        self.__array_interface__ = {
            "data": (address, not writable), "shape": shape, "strides": strides, "typestr": dtype.str, "version": 3,
        }  # fmt: skip


class Memory:
    """One array. `copies`: how many of it lie side by side (one per block or lane); `copy`: which is each lane's."""

    __slots__ = (
        "address", "copies", "copy", "extents", "name", "owner", "stretch", "strides", "type", "views", "writable",
    )  # fmt: skip

    def __init__(self, name: str, type: T.ArrayType, address: int, extents: tuple[int, ...], strides: tuple[int, ...],
                 owner: object, writable: bool, stretch: Stretch, copies: int = 0, copy: A = None) -> None:  # fmt: skip
        self.name = name
        self.type = type
        self.address = address
        self.extents = extents
        self.strides = strides
        self.owner = owner
        self.writable = writable
        self.stretch = stretch
        self.copies = copies
        self.copy = copy
        self.views: dict[tuple[T.ScalarType, int], A] = {}

    def view(self, t: T.ScalarType, offset: int) -> A:
        """The scalars of type `t` at byte `offset` of the elements; the axis of the copies, if any, first."""
        view = self.views.get((t, offset))
        if view is None:
            shape, strides = self.extents, self.strides
            if self.copy is not None:
                shape, strides = (self.copies, *shape), (self.copy_bytes, *strides)
            elif not shape:
                shape, strides = (1,), (0,)
            view = np.asarray(_Pointer(self.address + offset, shape, strides, t.dtype, self.writable, self.owner))
            self.views[t, offset] = view
        return view

    def shown(self) -> A:
        """The contents for a person in a debugger: one array, with an axis of copies where there are several."""
        element = self.type.element
        if isinstance(element, T.ScalarType):
            return formats.decode(element, self.view(element, 0))
        return self.owner  # a struct's or vector's array as it was given; the bytes of one made by a kernel

    @property
    def copy_bytes(self) -> int:
        return self.stretch.size // max(self.copies, 1)

    @property
    def span(self) -> tuple[int, int]:
        """Addresses of the first byte and behind the last."""
        reach = [(extent - 1) * stride for extent, stride in zip(self.extents, self.strides, strict=True)]
        size = T.size_and_align(self.type.element)[0]
        return self.address + sum([min(r, 0) for r in reach]), self.address + sum([max(r, 0) for r in reach]) + size

    def cells(self, picked: Picked, offset: int, size: int) -> A:
        """The cells that an access of `size` bytes at `offset` touches: shape (n,), or (n, k) when it takes several."""
        byte = np.full(picked.count, self.address + offset - self.stretch.start, np.int64)
        for i, stride in zip(picked.indices, self.strides):
            byte += i * stride
        if self.copy is not None:
            byte += self.copy[picked.lanes] * self.copy_bytes
        granule = self.stretch.granule
        cell = byte // granule
        return cell if size <= granule else cell[:, None] + np.arange(-(-size // granule))


class Picked:
    """The entries of an access that really happen: which lanes, which indices, where in a view."""

    __slots__ = ("at", "count", "indices", "lanes", "where")

    def __init__(self, where: A, lanes: A, indices: list[A], at: tuple[A, ...]) -> None:
        self.where = where  # coordinates in the result (a tuple of arrays), or None: everywhere, in order
        self.lanes = lanes
        self.indices = indices
        self.at = at
        self.count = len(lanes)

    def take(self, values: A) -> A:
        """The values of the entries, flat."""
        return values.reshape(-1) if self.where is None else values[self.where]


def pick(m: Machine, op: Op, memory: Memory, indices: list[A], where: A) -> Picked:
    """The entries of an access where the mask `where` holds, bounds checked; indices are arrays of the mask's shape."""
    if where is m.everyone:
        at_lanes, lanes = None, m.lane_numbers
    else:
        at_lanes = np.nonzero(where)
        lanes = at_lanes[0]
        indices = [i[at_lanes] for i in indices]
    for axis, (index, extent) in enumerate(zip(indices, memory.extents)):
        outside = index.view(np.uint64) >= extent  # a negative index is a huge unsigned one
        if outside.any():
            raise _out_of_bounds(m, op, memory, axis, index, outside, lanes)
    at = tuple(indices)
    if memory.copy is not None:
        at = (memory.copy[lanes], *at)
    elif not at:
        at = (np.zeros(len(lanes), np.int64),)
    return Picked(at_lanes, lanes, indices, at)


def _out_of_bounds(m: Machine, op: Op, memory: Memory, axis: int, index: A, outside: A, lanes: A) -> KernelFault:
    marked = np.flatnonzero(outside)
    worst = marked[np.argmin(m.lanes.number[lanes[marked]])]
    block, thread = m.place(int(lanes[worst]))
    extent = int(memory.extents[axis])
    return KernelFault(
        out_of_bounds(m.function.name, op.span, memory.name, axis, int(index[worst]), extent, block, thread)
    )


def read(m: Machine, op: Op, memory: Memory, picked: Picked, shape: tuple[int, ...], t: T.ScalarType, offset: int) -> A:
    """The values read, of the result's shape; 0 where nothing was."""
    m.track(op, Access.READ, memory, picked, offset, t.size_bytes)
    values = formats.decode(t, memory.view(t, offset)[picked.at])
    if picked.where is None:
        return values.reshape(shape)
    out = np.zeros(shape, t.value_dtype)
    out[picked.where] = values
    return out


def write(m: Machine, op: Op, memory: Memory, picked: Picked, values: A, t: T.ScalarType, offset: int) -> None:
    """Stores the entries' values (flat, in order: of two to the same place the later stays)."""
    m.track(op, Access.WRITE, memory, picked, offset, t.size_bytes)
    memory.view(t, offset)[picked.at] = formats.encode(t, values)


# --- where arrays come from ---


def _leaves(element: T.ElementType, offset: int = 0) -> list[tuple[int, int]]:
    """(offset, size) of every scalar in an element."""
    if isinstance(element, T.ScalarType):
        return [(offset, element.size_bytes)]
    if isinstance(element, T.VectorType):
        size = element.element.size_bytes
        return [(offset + k * size, size) for k in range(element.count)]
    return [leaf for _, t, at in element.fields for leaf in _leaves(t, offset + at)]


def _granule(type: T.ArrayType, *distances: int) -> int:
    """The most bytes that every access covers whole: the greatest common divisor of all sizes, offsets and strides."""
    return max(math.gcd(*[n for leaf in _leaves(type.element) for n in leaf], *distances), 1)


def argument_memories(params: list[tuple[str, T.ArrayType, A]]) -> list[Memory]:
    """The memories of array arguments; those that overlap share a stretch."""
    found: list[tuple[int, int, Memory]] = []
    for name, type, array in params:
        (item, _), rank = T.size_and_align(type.given.element), type.given.rank
        extents, strides = tuple(array.shape[:rank]), tuple(array.strides[:rank])
        held = math.prod(array.shape[rank:]) * array.itemsize
        if len(extents) != rank or held != item:
            raise InternalError(f"argument {name}: {array.dtype} {array.shape} is no {type}", where="interpreter")
        if type.whole is not None:
            extents, strides = (*extents, type.parts), (*strides, item // type.parts)
        address = array.__array_interface__["data"][0]
        memory = Memory(name, type, address, extents, strides, array, array.flags.writeable, Stretch(address, 0, 1))
        reach = [(n - 1) * s for n, s in zip(extents, strides)] if 0 not in extents else []
        low = address + sum(r for r in reach if r < 0)
        high = address + sum(r for r in reach if r > 0) + (item // type.parts if 0 not in extents else 0)
        found.append((low, high, memory))
    _share_stretches(found)
    return [memory for _, _, memory in found]


def _share_stretches(found: list[tuple[int, int, Memory]]) -> None:
    groups: list[tuple[int, int, list[Memory]]] = []
    for low, high, memory in sorted(found, key=lambda f: f[0]):
        if groups and low < groups[-1][1]:
            start, end, members = groups[-1]
            groups[-1] = (start, max(end, high), [*members, memory])
        else:
            groups.append((low, high, [memory]))
    for low, high, members in groups:
        granule = math.gcd(*[_granule(x.type, x.address - low, *x.strides) for x in members])
        stretch = Stretch(low, high - low, max(granule, 1))
        for memory in members:
            memory.stretch = stretch


def allocate(name: str, type: T.ArrayType, shape: tuple[int, ...], copies: int, copy: A, *, undefined: bool) -> Memory:
    """Fresh memory, one array per copy, all bytes 0; `undefined`: reading what nobody wrote is a fault."""
    item, _ = T.size_and_align(type.element)
    strides = tuple(item * math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
    size = max(item * math.prod(shape), 1)
    storage = np.zeros(size * copies, np.uint8)
    address = storage.__array_interface__["data"][0]
    stretch = Stretch(address, size * copies, _granule(type, size, *strides))
    if undefined:
        stretch.written = np.zeros(stretch.cells, bool)
    return Memory(name, type, address, shape, strides, storage, True, stretch, copies, copy)
