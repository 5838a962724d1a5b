"""Memory of the host's, and arrays of other libraries on the GPU, that kernels use in place.

One idea: on a Mac all memory is seen by the CPU, so each of these arrays is a NumPy array first, as anywhere else (`host_view`),
and a launch with it has finished when it returns, which is all that its library need know. What is left to ask is whether there
is a buffer of Metal's over that memory: the library's own (MLX, torch and others say it by DLPack), or one that Metal makes of
pages that are there already, so they must be pages of the array's own. Everything else is copied, in and out.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any, NamedTuple

import numpy as np

from ...diagnostics import DeviceError
from ..bindings.metal import load
from ..dlpack import METAL, contents, element_dtype

__all__ = ["Pages", "buffer_of", "host_view", "pages_of"]


class Pages(NamedTuple):
    """Memory as Metal may have it: its address, and bytes. owner: what keeps it. buffer: of Metal's over it, or 0."""

    start: int
    size_bytes: int
    owner: object
    buffer: int = 0


class _Lent:
    """An array of another library as NumPy takes it: over the contents of its buffer."""

    def __init__(self, capsule: object, value: object, pages: Pages, interface: dict[str, Any]) -> None:
        self.capsule = capsule  # gives the memory up when it goes
        self.value = value
        self.pages = pages
        self.__array_interface__ = interface


def _capsule_on_metal(value: Any) -> Any:
    """The DLPack capsule of a library's own buffer; None where the library gives none, or its words why not."""
    try:
        if value.__dlpack_device__()[0] != METAL:
            return None
        try:
            return value.__dlpack__(dl_device=(METAL, 0))
        except TypeError:  # the argument came with version 1
            return value.__dlpack__()
    except (AttributeError, BufferError, RuntimeError, ValueError) as e:
        return str(e)


def host_view(value: Any) -> np.ndarray[Any, Any] | str:
    """An array on Metal whose library does not let the CPU see it itself, as a NumPy array over its memory; or why not."""
    try:
        metal = load()
    except DeviceError as e:
        return str(e)
    torch: Any = sys.modules.get("torch") if type(value).__module__.startswith("torch") else None
    if torch is not None:
        torch.mps.synchronize()  # MLX and others have done their work when they give a capsule; torch has not
    capsule = _capsule_on_metal(value)
    if isinstance(capsule, str):
        return capsule
    tensor = None if capsule is None else contents(capsule)
    if tensor is None or tensor.device[0] != METAL:
        return "its library gives no buffer of Metal's with elements that kernels can hold"
    if torch is not None and value.storage_offset() and not tensor.byte_offset:
        return "this version of torch says of a slice that it is the whole: pass x.clone()"
    start = metal.contents(tensor.data)
    if not start:
        return "its memory is the GPU's alone (MTLStorageModePrivate)"
    dtype = element_dtype(tensor.dtype)
    plain = dtype if dtype.isbuiltin == 1 else np.dtype(f"V{dtype.itemsize}")  # the interface cannot name others
    interface = {"version": 3, "shape": tensor.shape, "strides": tensor.strides, "typestr": plain.str,
                 "data": (start + tensor.byte_offset, tensor.is_read_only)}  # fmt: skip
    pages = Pages(start, metal.buffer_bytes(tensor.data), value, tensor.data)
    return np.asarray(_Lent(capsule, value, pages, interface)).view(dtype)


def _root(view: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], object]:
    """The array that was made first of a memory, and what has that memory, None where it is the array's own."""
    while isinstance(view.base, np.ndarray):
        view = view.base
    owner = view.base
    while isinstance(owner, memoryview):
        owner = owner.obj
    return view, owner


def buffer_of(metal: Any, view: np.ndarray[Any, Any], low: int, high: int) -> Pages | None:
    """Another library's buffer that has all from the address `low` to before `high`; None where it says of none."""
    owner: Any = _root(view)[1]
    if isinstance(owner, _Lent):
        found = owner.pages._replace(owner=owner)
    elif hasattr(owner, "__dlpack_device__"):  # MLX, whose arrays the CPU sees by the buffer protocol
        capsule = _capsule_on_metal(owner)
        tensor = None if capsule is None or isinstance(capsule, str) else contents(capsule)
        if tensor is None or tensor.device[0] != METAL:  # older versions of MLX give an address, whatever its device
            return None
        found = Pages(metal.contents(tensor.data), metal.buffer_bytes(tensor.data), (capsule, owner), tensor.data)
    else:
        return None
    return found if found.start and found.start <= low and high <= found.start + found.size_bytes else None


def pages_of(view: np.ndarray[Any, Any], low: int, high: int, page_bytes: int, *, is_written: bool) -> Pages | None:
    """The pages that have all from the address `low` to before `high`; None where they are not the array's alone.

    A file or memory that is mapped (`np.memmap`, `mmap`) is pages throughout, and so is a buffer of Metal's that begins at one
    (metalcompute's); but a kernel cannot write to the copies that a memmap of mode "c" makes as it is written to.
    """
    root, owner = _root(view)
    if not (root.flags.c_contiguous or root.flags.f_contiguous):
        return None
    start = root.__array_interface__["data"][0]
    end = start + root.nbytes
    if low < start or high > end:
        return None
    if isinstance(owner, mmap.mmap):
        if is_written and getattr(root, "mode", "") == "c":
            return None
        start, end = start // page_bytes * page_bytes, -(-end // page_bytes) * page_bytes
    elif type(owner).__module__ == "metalcompute":
        end = -(-end // page_bytes) * page_bytes
    if start % page_bytes or end % page_bytes:
        return None
    return Pages(start, end - start, root)
