"""CPU code: block-level IR to LLVM text, to an object file.

In reading order: `text` (atoms of LLVM text), `emitter` (lines, names, dispatch), `rows` (ops that LLVM spells),
`number` `extremes` `casts` `narrow` (arithmetic that takes more than one instruction), `functions` (elementary ones that are
called), `written` (those that stand ready as machine code), `memory` `lookups` `near` `transposed` `groups` `interleaved` `atomics`
`tile` `control` `report`, `entry` (the function around the body), `llvm` (driving LLVM).
`pool` is the thread pool, which is code too.

One idea: vectors are explicit and as wide as the tiles of the IR; LLVM selects instructions and allocates registers,
and neither vectorises nor unrolls.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...artifact import Artifact, Entry, Site, exchanged
from ...diagnostics import InternalError
from ...ir.core import Function, inner_ops, walk
from ...target import Target
from ..layout import SLOT_BYTES, layout_of, make_params, symbol_of
from . import atomics, casts, control, entry, extremes, functions, interleaved, memory, number, report, tile
from .cost import dearest_number, thread_nanoseconds
from .emitter import Emitter
from .llvm import assembly_of, object_of
from .rows import fate

__all__ = ["TAIL", "assembly", "compile_cpu", "compile_many", "emit", "fate"]

# Importing them registers their ops.
_FAMILIES = (atomics, casts, control, extremes, functions, interleaved, memory, number, report, tile)

TAIL = """\
attributes #0 = { nounwind "no-builtins" "stackrealign" }
attributes #1 = { noinline nounwind willreturn memory(none) "no-builtins" }
attributes #2 = { noinline nounwind willreturn memory(read) "no-builtins" }
attributes #3 = { noinline nounwind willreturn memory(read) "no-builtins" "stackrealign" }
attributes #4 = { noinline nounwind willreturn "no-builtins" }
!0 = !{!"branch_weights", i32 2000, i32 1}
!1 = !{!"branch_weights", i32 1, i32 2000}
!2 = !{i32 1}
!3 = distinct !{!3, !4}
!4 = !{!"llvm.loop.align", i32 64}
"""


def emit(function: Function, target: Target) -> str:
    """LLVM text of a block-level function for one of the CPU targets."""
    return _module(Emitter(function, target))


def _module(e: Emitter) -> str:
    body = entry.emit_entry(e)
    return "\n".join([body, *e.tail.values(), TAIL])


def _entry_of(e: Emitter) -> Entry:
    """The launch facts of what `e` has emitted."""
    layout = entry.layout_of(e)
    turned = e.function.attributes.get("turned", 0)
    cost, counts_to, round_ns = _cost(e)
    return Entry(
        symbol=symbol_of(e.function),
        params=make_params(e.function),
        flat=e.is_flat,
        width=e.threads,
        shared_bytes=layout.shared_bytes,
        thread_bytes=layout.thread_bytes * entry.blocks_at_once(e),
        subgroup_size=e.lanes,
        stream_bytes=sum(e.streamed.values()),
        cost=cost,
        block=e.function.attributes.get("launched") if e.block is None else exchanged(e.block, turned),
        rows=e.rows if e.merged is None else e.merged[1],
        turned=turned,
        ordered=_may_wait(e.function),
        tabled=e.function.attributes.get("tabled", 0),
        counts_to=counts_to,
        round_ns=round_ns,
        asks=e.asks,
    )


def _cost(e: Emitter) -> tuple[float, int, float]:
    """What a thread costs; the slot of the number that most of its rounds go to, or -1, and what each takes."""
    found = dearest_number(e.function, e.threads, e.target.vector_bytes)
    if found is not None:
        param, axis = found.number
        slot = next(slot for slot in layout_of(e.function) if slot.value is param)
        if not slot.hidden and (axis is None or axis < len(slot.extents)):
            return found.cost, (slot.offset if axis is None else slot.extents[axis]) // SLOT_BYTES, found.round_ns
    return thread_nanoseconds(e.function, e.threads, e.target.vector_bytes), -1, 0.0


def _may_wait(f: Function) -> bool:
    """Whether threads may wait for others: a loop that ends when it ends has an atomic."""
    loops = [op for op in walk(f.body) if op.defn.name == "scf.while"]
    inside = [inner for op in loops for inner in inner_ops(op)]
    return any(op.defn.name.startswith(("atomic.", "tile.atomic")) for op in inside)


def compile_cpu(function: Function, target: Target, *, opt: str = "default") -> Artifact:
    """An ELF object with one entry. opt: "default", or "none" for the least compile time."""
    return compile_many([function], target, opt=opt)


def compile_many(functions: Sequence[Function], target: Target, *, opt: str = "default") -> Artifact:
    """One ELF object with an entry for each function, in order; their names must differ."""
    bodies: list[str] = []
    entries: list[Entry] = []
    sites: list[Site] = []
    tail: dict[str, str] = {}
    for function in functions:
        e = Emitter(function, target, tail, len(sites))
        e.takes_written = True
        bodies.append(entry.emit_entry(e))
        entries.append(_entry_of(e))
        sites += function.sites
    symbols = [made.symbol for made in entries]
    if len(set(symbols)) != len(symbols):
        raise InternalError(f"two functions of one module have one name: {symbols}", where="cpu code generation")
    text = "\n".join([*bodies, *tail.values(), TAIL])
    return Artifact(target.name, "elf", object_of(text, target, opt), tuple(entries), tuple(sites), {"llvm": text})


def assembly(function: Function, target: Target) -> str:
    """What `compile_cpu` encodes, for people to read."""
    return assembly_of(emit(function, target), target)
