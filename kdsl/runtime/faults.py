"""What a kernel wrote to its diagnostic buffer, as printed lines and a `KernelFault`.

One idea: the buffer is the same on every target (`artifact.DiagnosticSlot`), so this is the only reader. Records
come in whatever order threads ran; they are sorted by block and thread, so a program prints the same text on every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..artifact import DiagnosticSlot, Site
from ..diagnostics import KernelFault, Span
from ..faults import assertion_failed, division_by_zero, out_of_bounds
from ..records import record

__all__ = ["Record", "new_buffer", "read_records", "report"]

CAPACITY = 1024  # records of 128 bytes; a kernel that needs more is told how many were lost


class Record(metaclass=record):
    """One diagnostic: its site, the block and thread (axis 0 first), and the payload slots."""

    site: Site
    block: tuple[int, int, int]
    thread: tuple[int, int, int]
    payload: np.ndarray[Any, Any]


def new_buffer(capacity: int = CAPACITY) -> np.ndarray[Any, Any]:
    """An empty diagnostic buffer of `capacity` records (int64)."""
    buffer = np.empty(DiagnosticSlot.HEADER + capacity * DiagnosticSlot.RECORD, np.int64)
    buffer[DiagnosticSlot.COUNT] = 0
    buffer[DiagnosticSlot.CAPACITY] = capacity
    buffer[DiagnosticSlot.FAILED] = 0
    return buffer


def _payload_slots(site: Site) -> int:
    """8-byte slots that a record of this site carries."""
    if site.kind != "print":
        return 3
    return sum(kind == "value" for kind, _ in site.parts)


def read_records(buffer: np.ndarray[Any, Any], sites: Sequence[Site]) -> tuple[list[Record], int]:
    """The records in order of block and thread, and how many did not fit the buffer."""
    count, capacity = int(buffer[DiagnosticSlot.COUNT]), int(buffer[DiagnosticSlot.CAPACITY])
    first = DiagnosticSlot.RECORD - DiagnosticSlot.PAYLOAD  # payload slots of the first record
    out: list[Record] = []
    at = 0
    while at < min(count, capacity):
        start = DiagnosticSlot.HEADER + at * DiagnosticSlot.RECORD
        head = buffer[start : start + DiagnosticSlot.PAYLOAD]
        if not 0 <= int(head[0]) < len(sites):
            break  # a site that claimed records beyond the end wrote nothing
        site = sites[int(head[0])]
        slots = _payload_slots(site)
        further = max(0, -(-(slots - first) // DiagnosticSlot.RECORD))
        if at + 1 + further > capacity:
            break
        at += 1 + further
        payload = buffer[start + DiagnosticSlot.PAYLOAD : start + DiagnosticSlot.PAYLOAD + slots]
        block, thread = head[1:4].tolist(), head[4:7].tolist()
        out.append(Record(site, (block[0], block[1], block[2]), (thread[0], thread[1], thread[2]), payload))
    out.sort(key=lambda r: (r.block[::-1], r.thread[::-1]))
    return out, max(count - at, 0)


def format_print(record: Record) -> str:
    """The text of a print: its parts one after the other (the front end puts spaces and line ends into the literal parts)."""
    payload = iter(record.payload)
    return "".join(text if kind == "text" else _shown(text, next(payload)) for kind, text in record.site.parts)


def _shown(what: str, slot: np.int64) -> str:
    """A payload slot as Python would print it; `what` is a dtype, or dtype:format."""
    dtype, _, spec = what.partition(":")
    value = _value(dtype, slot)
    return format(value.item(), spec) if spec else str(value)


def _value(dtype: str, slot: np.int64) -> np.generic:
    """Floats come as f64, integers extended to 64 bits, bools as 0 or 1."""
    if dtype == "bool":
        return np.bool_(slot)
    if dtype[0] in "fb":
        narrow = {"f32": np.float32, "bf16": np.float32, "f16": np.float16}.get(dtype, np.float64)
        return narrow(slot.view(np.float64))
    return slot.view(np.uint64) if dtype == "u64" else slot


def report(kernel: str, buffer: np.ndarray[Any, Any], sites: Sequence[Site]) -> None:
    """Print what the kernel printed, then raise the first fault (`KernelFault`, K440 to K442) if there was one."""
    if not buffer[DiagnosticSlot.COUNT]:
        return
    records, lost = read_records(buffer, sites)
    faults = [r for r in records if r.site.kind != "print"]
    for r in records:
        if r.site.kind == "print":
            print(format_print(r), end="")
    if lost:
        print(f"[{kernel}: {lost} more records did not fit the diagnostic buffer]")
    if faults:
        raise _fault(kernel, faults[0], len(faults))


def _fault(kernel: str, record: Record, count: int) -> KernelFault:
    site, block, thread = record.site, record.block, record.thread
    file, line, col, end_col, function = site.place
    span = Span(file, line, col, end_col=end_col, function=function) if line else None
    if site.kind == "bounds":
        axis, index, extent = record.payload.tolist()
        diagnostic = out_of_bounds(kernel, span, site.text, axis, index, extent, block, thread)
    elif site.kind == "assert":
        diagnostic = assertion_failed(kernel, span, site.text, block, thread)
    else:
        diagnostic = division_by_zero(kernel, span, block, thread)
    if count > 1:
        diagnostic.notes += (f"{count - 1} further faults were recorded",)
    return KernelFault(diagnostic)
