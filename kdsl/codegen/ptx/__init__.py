"""PTX, NVIDIA's assembly, straight from thread-level IR: text that every driver assembles, for sm_70 to sm_121a.

In reading order: `text` (atoms of PTX text), `ranges` `alignment` `bounds` (which integers fit in 32 bits, which addresses are
multiples of 16, which floats are no subnormals), `together` (accesses that are one instruction), `emitter` (lines, registers,
dispatch), `rows` (ops that are one instruction), `number` `brain` (arithmetic that takes more), `memory` `atomics` `simt`
`control`, `functions` (that kernels call), `unroll` (loops over neighbours), `coarsen` (several elements to a thread), `twofold` (a
way for aligned arguments).
No compiler library and no toolkit is needed: the driver takes the text.

One idea: PTX is emitted as a careful programmer would write it, since the assembler optimises but does not know what the
IR knows: ranges of indices, which arrays nothing is written to, who takes part in an exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...artifact import Artifact, Entry, Site
from ...ir.core import Function
from ...target import Target
from ..layout import entry_of, name_beside, size_bytes
from . import atomics, brain, control, functions, memory, number, simt
from .coarsen import coarsen
from .emitter import Emitter, flatten
from .rows import fate, spells
from .text import PREFIX, version_of
from .twofold import plan_ways
from .unroll import unroll

__all__ = ["compile_many", "compile_ptx", "emit", "fate", "spells"]

_RESIDENT = 512  # threads that a multiprocessor should hold at least: leaves each 128 registers
_SMALL = 64

_FAMILIES = (atomics, brain, control, functions, memory, number, simt)  # importing them registers their ops


def emit(function: Function, target: Target) -> str:
    """PTX of a legal function for an architecture."""
    return compile_ptx(function, target).texts["asm"]


def compile_ptx(function: Function, target: Target) -> Artifact:
    """PTX with one entry."""
    return compile_many([function], target)


def compile_many(functions: Sequence[Function], target: Target) -> Artifact:
    """One PTX module with an entry for each function, in order; their names must differ."""
    files: dict[str, int] = {}
    module: list[str] = []
    bodies: list[str] = []
    entries: list[Entry] = []
    sites: list[Site] = []
    for function in functions:
        block = _block_of(function)
        coarse = coarsen(function, block)
        e = Emitter(coarse.function if coarse else unroll(function), target, block, coarse, files)
        if not coarse:
            plan_ways(e)
        bodies.append(_kernel(e))
        module += [part for part in e.module if part not in module]
        entry = entry_of(function, target, shared_bytes=e.shared_bytes)
        entries.append(replace(entry, coarsen=coarse.factor) if coarse else entry)
        sites += function.sites
    major, minor = version_of(target.arch)
    head = [f".version {major}.{minor}", f".target {target.arch}", ".address_size 64"]
    head += [f'.file {n} "{_escaped(name)}"' for name, n in files.items()]
    text = "\n".join([*head, *module, *bodies, ""])
    return Artifact(target.name, "ptx", text.encode(), tuple(entries), tuple(sites), {"asm": text})


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _block_of(function: Function) -> tuple[int, int, int]:
    x, y, z = [*function.attributes.get("block", (256, 1, 1)), 1, 1][:3]
    return x, y, z


def _kernel(e: Emitter) -> str:
    e.members = simt.members_at_start(e)
    memory.bind_parameters(e)
    e.region(e.function.body)
    body = [*flatten(e.entry), *flatten(e.lines), "ret;"]
    x, y, z = e.hardware_block
    bytes_ = max(size_bytes(e.function), 8)
    out = [f".visible .entry {e.symbol}(.param .align 8 .b8 {e.symbol}_args[{bytes_}])", f".reqntid {x}, {y}, {z}"]
    # Without this the assembler aims at more threads and rather spills than takes a 41st register.
    if x * y * z >= _SMALL:  # of smaller ones a multiprocessor holds as many as it can in any case
        out.append(f".minnctapersm {max(_RESIDENT // (x * y * z), 1)}")
    out.append("{")
    out += [f"\t.reg .{type_} {prefix}<{e.counts[cls] + 1}>;" for cls, (prefix, type_) in PREFIX.items() if e.counts[cls]]
    shared = name_beside(e.symbol, "shared")
    if e.shared_bytes > memory.STATIC_SHARED:
        e.module.append(f".extern .shared .align 16 .b8 {shared}[];")
    elif e.shared_bytes:
        out.append(f"\t.shared .align 16 .b8 {shared}[{e.shared_bytes}];")
    out += [f"\t{line};" for line in e.locals]
    text = "\n\t".join(["", *body]).replace("\n\t$", "\n$")  # labels stand out
    return "\n".join(out) + text + "\n}"
