"""What a launch passes to compiled CPU code, made by hand in tests: argument slots, launch record, scratch,
diagnostics.

One idea: the calling convention of kdsl/artifact.py written a second time, from its text, so that the runtime's
version has something to disagree with.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kdsl.artifact import Artifact, DiagnosticSlot, LaunchSlot, exchanged
from kdsl.runtime.dtypes import scalar_bytes

__all__ = ["diagnostic_buffer", "item_count", "launch_record", "pack_args", "scratch_bytes"]


def pack_args(artifact: Artifact, args: Sequence[Any], address: Callable[[int], int] = lambda host: host) -> bytes:
    """Argument slots; arrays by their address in this process, passed through `address`."""
    out = b""
    for p, a in zip(artifact.entry.params, args, strict=True):
        if p.kind == "array":
            out += struct.pack(f"<Q{2 * p.rank}q", address(a.ctypes.data), *a.shape[: p.rank], *a.strides[: p.rank])
        else:
            out += scalar_slots(p.dtype, a)
    return out


def scalar_slots(dtype: str, value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else scalar_bytes(dtype, value)
    return raw + bytes(-len(raw) % 8)


def launch_record(
    threads: Sequence[int],
    block: Sequence[int] = (64, 1, 1),
    chunk: int = 64,
    scratch: int = 0,
    stride: int = 0,
    diagnostics: int = 0,
    grid: Sequence[int] | None = None,
    turned: int = 0,
) -> np.ndarray:
    """grid: the blocks that hold the threads, unless given. turned: the entry's."""
    record = np.zeros(LaunchSlot.COUNT, np.int64)
    threads, block = [*threads, 1, 1][:3], [*block, 1, 1][:3]
    record[LaunchSlot.GRID : LaunchSlot.GRID + 3] = grid or [-(-n // m) for n, m in zip(threads, block)]
    record[LaunchSlot.BLOCK : LaunchSlot.BLOCK + 3] = block
    record[LaunchSlot.THREADS : LaunchSlot.THREADS + 3] = threads
    for first in (LaunchSlot.GRID, LaunchSlot.BLOCK, LaunchSlot.THREADS):
        record[first : first + 3] = exchanged(tuple(record[first : first + 3].tolist()), turned)
    record[LaunchSlot.CHUNK] = chunk
    record[LaunchSlot.SCRATCH], record[LaunchSlot.SCRATCH_STRIDE] = scratch, stride
    record[LaunchSlot.DIAGNOSTICS] = diagnostics
    return record


def item_count(artifact: Artifact, record: np.ndarray) -> int:
    if not artifact.entry.flat:
        return int(np.prod(record[LaunchSlot.GRID : LaunchSlot.GRID + 3]))
    nx, ny, nz = record[LaunchSlot.THREADS : LaunchSlot.THREADS + 3].tolist()
    return -(-nx // int(record[LaunchSlot.CHUNK])) * -(-ny // artifact.entry.rows) * nz


def scratch_bytes(artifact: Artifact, block: Sequence[int]) -> int:
    e = artifact.entry
    x, y, z = exchanged(tuple([*block, 1, 1][:3]), e.turned)
    return e.shared_bytes + e.thread_bytes * (-(-x // e.width) * e.width) * y * z + 64


def diagnostic_buffer(capacity: int = 64) -> np.ndarray:
    buffer = np.zeros(DiagnosticSlot.HEADER + capacity * DiagnosticSlot.RECORD, np.int64)
    buffer[DiagnosticSlot.CAPACITY] = capacity
    return buffer
