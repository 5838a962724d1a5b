"""Arguments that live on the host, as arrays of an asynchronous device: copied in before a launch, and out if written.

One idea: arrays on the host become arrays on the device that differ in nothing a kernel can see. An array that is passed
twice is there once. Views that share memory, where one of them is written, become views of one piece of device memory
that is laid out as the host's is, so that they share it there as well; all others become dense. Where the device can use
the host's memory in place (`Driver.in_place`), nothing is copied.
"""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..artifact import Param
from .api import Buffer
from .arrays import DeviceArray, dense_strides
from .driver import IN_PLACE, Memory
from .dtypes import item_shape, size_bytes

if TYPE_CHECKING:
    from .asynchronous import AsyncDevice
    from .timeline import Line

__all__ = ["Host", "Stage", "dense_layout", "stage"]

View = np.ndarray[Any, Any]


class Host(NamedTuple):
    """An argument on the host, and the parameter that it is for."""

    view: View
    param: Param


class _Piece(ABC):
    """One piece of device memory that stands for memory of the host."""

    buffer: Any  # a `Buffer` with its `raw` memory
    is_written: bool

    @abstractmethod
    def source(self) -> View:
        """The bytes to copy in."""

    @abstractmethod
    def download(self, line: Line) -> None:
        """Bring back what was written; waits for it."""


class _Dense(_Piece):
    """One host array. Its copy is dense; the axes lie in the order in which they lie on the host."""

    def __init__(self, device: AsyncDevice, view: View, order: Sequence[int], *, is_written: bool) -> None:
        self.view = view.transpose(*order, *range(len(order), view.ndim))  # the components of vectors stay last
        self.is_written = is_written
        self.buffer = device.allocate(view.nbytes)

    def source(self) -> View:
        return _bytes(np.ascontiguousarray(self.view))

    def download(self, line: Line) -> None:
        is_direct = self.view.flags.c_contiguous
        into = self.view if is_direct else np.empty(self.view.shape, self.view.dtype)
        line.download(self.buffer.raw, 0, _bytes(into))
        if not is_direct:
            self.view[...] = into


class _Shared(_Piece):
    """Views of the host that share memory: all bytes from the first to the last. Only elements of the written views are
    copied back, so what lies between them may be changed meanwhile by others."""

    def __init__(self, device: AsyncDevice, views: Sequence[View], written: Sequence[View]) -> None:
        bounds = [_bounds(v) for v in views]
        self.low, self.high = min(b[0] for b in bounds), max(b[1] for b in bounds)
        self.views = list(views)
        self.written = list(written)
        self.is_written = True
        self.buffer = device.allocate(self.high - self.low)

    def source(self) -> View:
        memory: Any = (ctypes.c_uint8 * (self.high - self.low)).from_address(self.low)
        return np.frombuffer(memory, np.uint8)

    def download(self, line: Line) -> None:
        data = np.empty(self.high - self.low, np.uint8)
        line.download(self.buffer.raw, 0, data)
        for view in self.written:
            view[...] = np.ndarray(view.shape, view.dtype, data, _address(view) - self.low, view.strides)


class _Placed(Buffer):
    """Memory of the host's that a device uses in place. Given up with the last array of it, once the work is done."""

    __slots__ = ("raw",)

    def __init__(self, device: AsyncDevice, raw: Memory) -> None:
        self.device = device
        self.memory = raw.name
        self.raw = raw
        self.size_bytes = raw.size_bytes
        self.address = raw.address

    def free(self) -> None:
        """Now: its work is done."""
        if self.address and self.raw.name == IN_PLACE:
            self.device.driver.free(self.raw)  # type: ignore[attr-defined]
        self.address = 0

    def __del__(self) -> None:
        if getattr(self, "address", 0):
            self.device.discard_in_place(self.raw)  # type: ignore[attr-defined]


class Stage:
    """Host arrays on a device. `arrays`: what to launch with, in the order in which they were given."""

    __slots__ = ("_pieces", "_placed", "arrays")

    def __init__(self, arrays: Sequence[DeviceArray], pieces: Sequence[_Piece], placed: Sequence[_Placed]) -> None:
        self.arrays = arrays
        self._pieces = pieces
        self._placed = placed

    @property
    def must_finish(self) -> bool:
        """Whether the host's memory is used by the work itself, or by what comes after it."""
        return bool(self._placed) or any(piece.is_written for piece in self._pieces)

    def upload(self, line: Line) -> None:
        for piece in self._pieces:
            line.upload(piece.buffer.raw, 0, piece.source())

    def download(self, line: Line) -> None:
        """Bring back what was written. Waits for the line."""
        for piece in self._pieces:
            if piece.is_written:
                piece.download(line)

    def close(self) -> None:
        """The work is done, and there will be no other."""
        for buffer in self._placed:
            buffer.free()


def stage(device: AsyncDevice, hosts: Sequence[Host]) -> Stage:
    """Device memory for these arrays; nothing is copied yet."""
    arrays: dict[int, DeviceArray] = {}
    pieces: list[_Piece] = []
    placed: list[_Placed] = []
    for members in _groups(hosts):
        views = [hosts[i].view for i in members]
        written = [hosts[i].view for i in members if hosts[i].param.writes]
        first = hosts[members[0]]
        shared = _in_place(device, [hosts[i] for i in members], is_written=bool(written))
        if shared is not None:
            placed.append(shared[0])
            arrays |= {i: _view_of(device, *shared, hosts[i]) for i in members}
            continue
        if all(_is_same(view, first.view) for view in views):
            shape, strides, order = dense_layout(first)
            piece = _Dense(device, first.view, order, is_written=bool(written))
            arrays |= {i: DeviceArray(device, piece.buffer, hosts[i].param.dtype, shape, strides) for i in members}
        else:
            piece = _Shared(device, views, written)
            arrays |= {i: _view_of(device, piece.buffer, piece.low, hosts[i]) for i in members}
        pieces.append(piece)
    return Stage([arrays[i] for i in range(len(hosts))], [p for p in pieces if p.buffer.size_bytes], placed)


def _in_place(device: AsyncDevice, hosts: Sequence[Host], *, is_written: bool) -> tuple[_Placed, int] | None:
    """The host's own memory of some arrays as a buffer, and the address of its first byte; None where it must be copied."""
    if not all(_is_as_copied(host) for host in hosts):
        return None  # the code was made for the layout of a copy
    bounds = [_bounds(host.view) for host in hosts]
    low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
    found = device.in_place(hosts[0].view, low, high, is_written=is_written) if low < high else None
    return None if found is None else (_Placed(device, found[0]), low - found[1])


def _is_as_copied(host: Host) -> bool:
    """Whether an array lies as its dense copy would."""
    strides, rank = dense_layout(host)[1], host.view.ndim - len(item_shape(host.param.dtype))
    return host.view.strides[:rank] == strides


def dense_layout(host: Host) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(shape and byte strides in elements, order of the axes, slowest first) of an array's dense copy. Axes lie as they do on
    the host, and the one that the code takes to be contiguous lies closest."""
    view, param = host
    rank = view.ndim - len(item_shape(param.dtype))
    shape, strides = view.shape[:rank], view.strides[:rank]
    order = sorted(range(rank), key=lambda axis: (axis == param.unit_axis, -abs(strides[axis]), axis))
    along = dense_strides(tuple(shape[axis] for axis in order), size_bytes(param.dtype))
    stride_of = dict(zip(order, along, strict=True))
    return shape, tuple(stride_of[axis] for axis in range(rank)), tuple(order)


def _view_of(device: AsyncDevice, buffer: Buffer, low: int, host: Host) -> DeviceArray:
    """An array in memory that stands for the host's from the address `low` on."""
    rank = host.view.ndim - len(item_shape(host.param.dtype))
    at = _address(host.view) - low
    return DeviceArray(device, buffer, host.param.dtype, host.view.shape[:rank], host.view.strides[:rank], at)


def _groups(hosts: Sequence[Host]) -> list[list[int]]:
    """Which arrays go into one piece of memory: the same ones, and those that share memory of which one is written."""
    groups: list[list[int]] = []
    for i, host in enumerate(hosts):
        mine = [g for g in groups if any(_go_together(host, hosts[k]) for k in g)]
        groups = [g for g in groups if g not in mine]
        groups.append([k for g in mine for k in g] + [i])
    return groups


def _go_together(a: Host, b: Host) -> bool:
    if _is_same(a.view, b.view) and _unit(a) == _unit(b):
        return True
    return (a.param.writes or b.param.writes) and np.may_share_memory(a.view, b.view)


def _unit(host: Host) -> tuple[int | None, int]:
    """What of a parameter decides how an array's copy is laid out."""
    return host.param.unit_axis, host.param.rank


def _is_same(a: View, b: View) -> bool:
    if a is b:
        return True
    return _address(a) == _address(b) and a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype


def _address(view: View) -> int:
    return view.__array_interface__["data"][0]


def _bounds(view: View) -> tuple[int, int]:
    """The addresses of an array's first byte, and behind its last one."""
    low = high = _address(view)
    if not view.size:
        return low, high
    for extent, stride in zip(view.shape, view.strides, strict=True):
        low, high = low + min(0, stride * (extent - 1)), high + max(0, stride * (extent - 1))
    return low, high + view.itemsize


def _bytes(dense: View) -> View:
    return dense.reshape(-1).view(np.uint8)
