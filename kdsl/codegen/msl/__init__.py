"""The Metal Shading Language: thread-level IR to the text of a kernel, which Metal compiles on the user's machine.

In reading order: `rows` (ops that are expressions), `dialect` (those that take more), `parameters` (where arguments come from),
and the function around the body, here. What Metal shares with HIP is in `kdsl.codegen.cfamily`.

One idea: only the language is used that every version has; a target's version adds, and what none has is refused.
"""

from __future__ import annotations

from ...artifact import Artifact
from ...diagnostics import refuse
from ...ir import types as T
from ...ir.core import Function, walk
from ...target import Target
from ..cfamily import control, exits, functions, memory
from ..cfamily.emitter import HANDLERS, Emitter
from ..cfamily.functions import EXTREMES
from ..layout import entry_of, symbol_of
from .dialect import KNOWN, MSL, SHUFFLED, SUMMED
from .parameters import Parameters, parameters_of
from .rows import ATOMIC_KINDS, ROWS, TYPES

__all__ = ["compile_msl", "emit", "spells"]

_FAMILY = (control, exits, functions, memory)  # importing them registers their ops

_COMPUTED = frozenset(t for t in TYPES if t not in ("i8", "i16", "u8", "u16", "f16", "bf16"))


def spells(op: str, t: T.ScalarType, target: Target) -> bool:
    """Whether Metal has an op on operands of that type."""
    if op in ("atomic.add:shared", "atomic.sub:shared"):
        return False  # of floats, in threadgroup memory
    if op in ATOMIC_KINDS:
        is_sum = op in ("atomic.add", "atomic.sub") and t is T.f32
        return t.name in ATOMIC_KINDS[op] or (is_sum and "atomic_f32_add" in target.has)
    if op.startswith("subgroup.shuffle"):  # by a distance: of lanes that are there, and not of those that may not be
        return t.name in SHUFFLED and ("shuffle_" not in op or op.endswith(":there"))
    if op in SUMMED:
        return t.name in ("i32", "u32")
    if op == "simt.fence":
        return target.arch >= "3.2"
    if op in ("arith.cast", "arith.bitcast", "arith.select", "arith.constant", "memory.load", "memory.store"):
        return t.name in TYPES and (t is not T.bf16 or "bf16" in target.has)
    if op in ("arith.lookup", "machine.convert"):
        return t.name in _COMPUTED
    if op.startswith(EXTREMES):
        return t.is_float and t.name in _COMPUTED if op.endswith(":function") else (op, t.name) in ROWS
    return op in HANDLERS or op in MSL.handlers or (op, t.name) in ROWS


def compile_msl(function: Function, target: Target) -> Artifact:
    """The text of a kernel, and where its arguments come from."""
    text, parameters, shared = emit(function, target)
    entry = entry_of(function, target, shared_bytes=shared)
    return Artifact(target.name, "msl", text.encode(), (entry,), tuple(function.sites), {"source": text},
                    parameters.metadata(target))  # fmt: skip


def emit(function: Function, target: Target) -> tuple[str, Parameters, int]:
    """(text, where arguments come from, bytes of shared memory)."""
    _check(function, target)
    e = Emitter(function, MSL, target, function.attributes["block"])
    symbol = symbol_of(function)
    e.names.add(symbol)
    parameters = parameters_of(e, symbol, target)
    shared = memory.shared_arrays(e, e.plan.shared)
    exits.kernel_body(e, function.body)
    x, y, z = e.block
    known = [f"{KNOWN[name][0]} {name} [[{KNOWN[name][1]}]]" for name in KNOWN if name in e.facts]
    indent = ",\n" + " " * len(f"kernel void {symbol}(")
    head = [
        f"// {function.name} for {target.name}, in blocks of {x} x {y} x {z} threads. Made by kdsl.",
        "#include <metal_stdlib>",
        "using namespace metal;",
        "#pragma METAL fp contract(off)",
        *(["#pragma METAL fp math_mode(safe)"] if target.arch >= "3.2" else []),
        "",
        *parameters.structure,
        *e.head,
        f"[[max_total_threads_per_threadgroup({x * y * z})]]",
        f"kernel void {symbol}({indent.join([*parameters.declared, *known])}) {{",
    ]
    return "\n".join([*head, *e.first, *e.lines, "}", ""]), parameters, shared


def _check(function: Function, target: Target) -> None:
    """Refuse what no row says: fences before the version that has them, more arguments than buffers before it has pointers."""
    if target.arch >= "3.2":
        return
    for op in walk(function.body):
        if op.defn.name == "simt.fence":
            refuse("K511", op.span, f"{target} has no fence, which came with Metal 3.2",
                   caret="this orders memory without a barrier",
                   help="choose metal:3.2, or write kdsl.barrier() where every thread of the block gets to it")  # fmt: skip
