"""CPU code: block-level IR to LLVM text, to an object file.

In reading order: `text` (atoms of LLVM text), `emitter` (lines, names, dispatch), `rows` (ops that LLVM spells),
`number` `casts` `narrow` (arithmetic that takes more than one instruction), `memory` `atomics` `tile` `control`
`report`, `entry` (the function around the body), `llvm` (driving LLVM). `pool` is the thread pool, which is code too.

One idea: vectors are explicit and as wide as the tiles of the IR; LLVM selects instructions and allocates registers,
and neither vectorises nor unrolls.
"""

from __future__ import annotations

from ...artifact import Artifact, Entry
from ...ir.core import Function
from ...target import Target
from . import atomics, casts, control, entry, memory, number, report, tile
from .cost import thread_nanoseconds
from .emitter import Emitter
from .llvm import assembly_of, object_of
from .rows import fate

__all__ = ["assembly", "compile_cpu", "emit", "fate"]

_FAMILIES = (atomics, casts, control, memory, number, report, tile)  # importing them registers their ops

_TAIL = """\
attributes #0 = { nounwind "no-builtins" }
!0 = !{!"branch_weights", i32 2000, i32 1}
!1 = !{!"branch_weights", i32 1, i32 2000}
"""


def emit(function: Function, target: Target) -> str:
    """LLVM text of a block-level function for one of the CPU targets."""
    return _module(Emitter(function, target))


def _module(e: Emitter) -> str:
    body = entry.emit_entry(e)
    return "\n".join([body, *e.tail.values(), _TAIL])


def compile_cpu(function: Function, target: Target, *, opt: str = "default") -> Artifact:
    """An ELF object with one entry. opt: "default", or "none" for the least compile time."""
    e = Emitter(function, target)
    text = _module(e)
    layout = entry.layout_of(e)
    made = Entry(
        symbol=entry.symbol_of(function),
        params=entry.make_params(function),
        flat=e.is_flat,
        width=e.lanes,
        shared_bytes=layout.shared_bytes,
        thread_bytes=layout.thread_bytes,
        subgroup_size=e.lanes,
        cost=thread_nanoseconds(function, e.lanes),
    )
    binary = object_of(text, target, opt)
    return Artifact(target.name, "elf", binary, (made,), tuple(function.sites), {"llvm": text})


def assembly(function: Function, target: Target) -> str:
    """What `compile_cpu` encodes, for people to read."""
    return assembly_of(emit(function, target), target)
