"""SPIR-V for Vulkan and for OpenCL: thread-level IR that `legalize` has prepared, to a binary module.

In reading order: `grammar` (the numbers of the specification), `module` (sections, types, constants), `flavour` (what differs
between the two environments), `emitter` (values, blocks, dispatch), `rows` (ops that are one instruction), `number` (those that
take more), `exact` (quotients and roots), `subnormal` (where a device drops such numbers), `zeros` (where one folds them wrongly),
`fused` (products into sums), `control`, `memory`, `atomics`, `simt` (ids, barriers, subgroups), `entry` (the function around the
body).

One idea: the same words for both environments, but for a table of differences; no tool is needed to make them.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...ir.core import Function
from ...target import Target
from ..layout import entry_of
from . import atomics, control, exact, fused, memory, number, rows, simt, subnormal, zeros
from .emitter import Emitter
from .entry import emit_entry, facts_of
from .rows import prepare, spells

__all__ = ["compile_spirv", "spells"]

_FAMILIES = (atomics, control, exact, fused, memory, number, rows, simt)  # importing them registers their ops


def compile_spirv(function: Function, target: Target) -> Artifact:
    """A module with one entry point; metadata: see `facts_of`."""
    e = Emitter(function, target, prepare)
    if target.has_fma and "fast_fma" in target.has:
        e.fused, e.products = fused.find_fused(function)
        e.apart, e.fuse = e.products | e.fused.keys(), fused.emit_fused
    e.careful = subnormal.careful(e)
    folded = zeros.hidden_zeros(e)
    if folded:
        e.apart = e.apart | folded
        e.careful |= {op.defn.name: zeros.emit_hidden for op in folded}
    emit_entry(e)
    entry = entry_of(function, target, shared_bytes=e.shared_bytes, accesses=e.accesses)
    return Artifact(target.name, "spirv", e.module.binary(), (entry,), tuple(function.sites), {}, facts_of(e))
