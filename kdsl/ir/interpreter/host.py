"""What is seen outside: assert, print, breakpoint, and the records that checked code writes.

One idea: threads speak in order of their number, whatever the order of lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...artifact import Site
from ...diagnostics import Diagnostic, KernelFault, Span
from ...faults import assertion_failed, division_by_zero, out_of_bounds
from ..core import Op
from .memory import Memory

if TYPE_CHECKING:
    from .machine import Machine

__all__ = ["RULES", "Record", "emit_records"]

A = Any


@dataclass(frozen=True)
class Record:
    """What one thread wrote to the diagnostic buffer: the same at thread level and after `vectorize`."""

    site: int
    block: tuple[int, ...]
    thread: tuple[int, ...]
    payload: tuple[Any, ...]


def _assert(m: Machine, op: Op, mask: A) -> None:
    if not m.check:
        return
    failed = mask & ~m.get(op.operands[0])
    if failed.any():
        place = m.place(m.lowest(failed))
        raise KernelFault(assertion_failed(m.function.name, op.span, str(op.attributes["message"]), *place))


def text_of(value: Any, spec: str = "") -> str:
    """A scalar as `print` shows it: by its format, or the shortest digits that give the value back in its own type."""
    return format(value.item(), spec) if spec else str(value)


def _shown(part: str, given: Iterator[A], lane: int) -> str:
    """A part of a print: literal text, or `{}` or `{:spec}` for the next value."""
    is_value = part.startswith("{") and part.endswith("}")
    return text_of(next(given)[lane], part[1:-1].removeprefix(":")) if is_value else part


def _print(m: Machine, op: Op, mask: A) -> None:
    values = [m.get(v) for v in op.operands]
    marked = np.flatnonzero(mask)
    for lane in marked[np.argsort(m.lanes.number[marked], kind="stable")]:
        given = iter(values)
        m.launch.say("".join([_shown(part, given, lane) for part in op.attributes["parts"]]))


def _breakpoint(m: Machine, op: Op, mask: A) -> None:
    """Stops in a frame that claims the user's file and line, with the kernel's values under their names."""
    if not m.launch.options.breakpoints:
        return
    named = {v.name: x for v, x in m.env.items() if v.name.isidentifier()}
    names: dict[str, Any] = {name: x.shown() if isinstance(x, Memory) else x for name, x in named.items()}
    names |= {"active": mask, "block": np.stack(m.lanes.block_ids, 1), "thread": np.stack(m.lanes.thread_ids, 1)}
    code = compile("\n" * max(op.span.line - 1, 0) + "breakpoint()", op.span.file, "exec")
    exec(code, {"__name__": op.span.function or m.function.name}, names)


# --- records of sites (after `lower_checks`, and in vectorized code) ---


def emit_records(m: Machine, op: Op, where: A, payload: list[A], at: Sequence[A] | None = None) -> None:
    """One record per entry of the mask `where` ((lanes,) or (lanes, tile)), in order; a failed check ends the launch.

    at: where the threads are, along each axis (block level): in the grid if the function is flat, else in their block.
    """
    entries = np.argwhere(where)
    if len(entries) == 0:
        return
    site_number: int = op.attributes["site"]
    site = m.function.sites[site_number] if site_number < len(m.function.sites) else None
    wide = [_wide(x, where.shape) for x in payload]
    spots = [_wide(x, where.shape) for x in at] if at is not None else None
    for entry in map(tuple, entries[np.argsort(m.lanes.number[entries[:, 0]], kind="stable")]):
        block, thread = _place(m, int(entry[0]), [int(x[entry]) for x in spots] if spots else None)
        values = [x[entry] for x in wide]
        record = Record(site_number, tuple(block), tuple(thread), tuple(v.item() for v in values))
        m.launch.report.records.append(record)
        if site is not None and site.kind == "print":
            m.launch.say(_site_text(site, values))
        elif site is not None and m.launch.options.check:
            raise KernelFault(_site_fault(m, site, record))


def _wide(x: A, shape: tuple[int, ...]) -> A:
    return np.broadcast_to(x if x.ndim == len(shape) else x[:, None], shape)


def _place(m: Machine, lane: int, spot: list[int] | None) -> tuple[list[int], list[int]]:
    """Block and thread coordinates of a thread, from its lane or (block level) from where it says it is."""
    if spot is None:
        return m.place(lane)
    if not m.lanes.rows:
        return m.place(lane)[0], spot
    size = m.lanes.geometry.block
    return [x // n for x, n in zip(spot, size)], [x % n for x, n in zip(spot, size)]


def _site_text(site: Site, values: list[Any]) -> str:
    """The line of a print site: `parts` are ("text", literal) and ("value", dtype name)."""
    given = iter(values)
    return "".join(text if kind == "text" else text_of(next(given), text.partition(":")[2]) for kind, text in site.parts)


def _site_fault(m: Machine, site: Site, record: Record) -> Diagnostic:
    file, line, end_line, end_col = site.place[0], site.place[1], site.place[1], site.place[3]
    span = Span(file, line, site.place[2], end_line, end_col, site.place[4])
    name, place = m.function.name, (record.block, record.thread)
    if site.kind == "bounds":
        axis, index, extent = (int(x) for x in record.payload[:3])
        return out_of_bounds(name, span, site.text, axis, index, extent, *place)
    if site.kind == "div":
        return division_by_zero(name, span, *place)
    return assertion_failed(name, span, site.text, *place)


def _check(m: Machine, op: Op, mask: A) -> None:
    ok, *payload = op.operands
    emit_records(m, op, mask & ~m.get(ok), [m.get(v) for v in payload])


def _report(m: Machine, op: Op, mask: A) -> None:
    emit_records(m, op, mask, [m.get(v) for v in op.operands])


RULES: dict[str, Callable[[Machine, Op, Any], Any]] = {
    "simt.assert": _assert,
    "simt.print": _print,
    "simt.breakpoint": _breakpoint,
    "simt.check": _check,
    "simt.report": _report,
}
