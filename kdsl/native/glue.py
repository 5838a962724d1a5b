"""The tables and public functions of a library, as LLVM text: what is particular to its kernels.

One idea: a public function only collects the addresses of what it was given; everything that can be wrong with these is looked
at once, in `support.c`, by the tables that stand here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from ..artifact import Entry, Param

__all__ = ["C_TYPES", "Function", "Way", "c_type", "glue_text", "xla_text"]

# kdsl's scalar -> (C, LLVM). Formats that C lacks are passed as their bits.
C_TYPES = {
    "bool": ("bool", "i8"), "i8": ("int8_t", "i8"), "i16": ("int16_t", "i16"), "i32": ("int32_t", "i32"), "i64": ("int64_t", "i64"),
    "u8": ("uint8_t", "i8"), "u16": ("uint16_t", "i16"), "u32": ("uint32_t", "i32"), "u64": ("uint64_t", "i64"),
    "f16": ("uint16_t", "i16"), "bf16": ("uint16_t", "i16"), "f8e4m3": ("uint8_t", "i8"), "f8e5m2": ("uint8_t", "i8"),
    "f32": ("float", "float"), "f64": ("double", "double"), "index": ("int64_t", "i64"),
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One piece of kernel code: its symbol, the processor's level (2, 3, 4), and what the launch must know."""

    symbol: str
    level: int
    strided: bool
    linear: bool
    linear_matters: bool
    block: tuple[int, int, int] | None
    entry: Entry


@dataclass(frozen=True)
class Function:
    """A public function. params: of the contiguous variant; align: of each array's elements."""

    name: str
    doc: str
    params: tuple[Param, ...]
    align: tuple[int, ...]
    ways: tuple[Way, ...]


def c_type(p: Param) -> str:
    """How a parameter is declared in C."""
    if p.kind == "array":
        return "const kdsl_array *"
    return C_TYPES[p.dtype][0] if p.dtype in C_TYPES else "const void *"


def _llvm_type(p: Param) -> str:
    return C_TYPES[p.dtype][1] if p.kind != "array" and p.dtype in C_TYPES else "ptr"


def glue_text(prefix: str, functions: Sequence[Function], triple: str) -> str:
    """The module with a public function for each kernel."""
    lines = [
        f'target triple = "{triple}"',
        "%Param = type { i32, i32, i32, i32, i32, i32 }",
        "%Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32, i32, i32, i32, i32, i32, double }",
        "%Kernel = type { ptr, ptr, i32, i32 }",
        f"declare i32 @{prefix}_launch_kernel(ptr, ptr, ptr)",
    ]
    symbols = dict.fromkeys([w.symbol for f in functions for w in f.ways])
    lines += [f"declare void @{s}(ptr, ptr, i64, i64, i64)" for s in symbols]
    for f in functions:
        lines += _function(prefix, f)
    return "\n".join(lines) + "\n"


def xla_text(prefix: str, functions: Sequence[Function]) -> str:
    """Behind `glue_text`: how XLA calls each kernel (`inside.c`)."""
    lines = [f"declare ptr @{prefix}_xla_call(ptr, ptr)"]
    for f in functions:
        name = f"{prefix}_{f.name}"
        call = f"  %r = call ptr @{prefix}_xla_call(ptr @{name}.kernel, ptr %frame)"
        lines += [f"define ptr @{name}_xla(ptr %frame) {{", call, "  ret ptr %r", "}"]
    return "\n".join(lines) + "\n"


def _function(prefix: str, f: Function) -> list[str]:
    params = [_param(p, align) for p, align in zip(f.params, f.align, strict=True)]
    ways = [_way(w) for w in f.ways]
    name = f"{prefix}_{f.name}"
    # In a segment that is written once: the tables hold addresses.
    lines = [
        f"@{name}.params = internal constant [{len(params)} x %Param] [{', '.join(params)}]",
        f"@{name}.ways = internal constant [{len(ways)} x %Way] [{', '.join(ways)}]",
        f"@{name}.kernel = internal constant %Kernel {{ ptr @{name}.params, ptr @{name}.ways, "
        f"i32 {len(params)}, i32 {len(ways)} }}",
    ]
    given = ", ".join(["ptr %launch", *[f"{_llvm_type(p)} %a{i}" for i, p in enumerate(f.params)]])
    lines += [f"define i32 @{name}({given}) {{", f"  %given = alloca [{max(len(params), 1)} x ptr]"]
    for i, p in enumerate(f.params):
        t, value = _llvm_type(p), f"%a{i}"
        if t != "ptr":
            lines += [f"  %p{i} = alloca {t}", f"  store {t} %a{i}, ptr %p{i}"]
            value = f"%p{i}"
        lines += [f"  %g{i} = getelementptr ptr, ptr %given, i64 {i}", f"  store ptr {value}, ptr %g{i}"]
    call = f"  %r = call i32 @{prefix}_launch_kernel(ptr @{name}.kernel, ptr %launch, ptr %given)"
    return [*lines, call, "  ret i32 %r", "}"]


def _param(p: Param, align: int) -> str:
    unit = -1 if p.unit_axis is None else p.unit_axis
    numbers = (int(p.kind == "array"), p.size_bytes, p.rank, unit, align, int(p.writes))
    return "%Param { " + ", ".join([f"i32 {n}" for n in numbers]) + " }"


def _way(w: Way) -> str:
    e = w.entry
    numbers = (w.level, int(w.strided), int(w.linear), int(e.flat), e.width, int(w.linear_matters))
    block = ", ".join([f"i32 {n}" for n in w.block or (0, 0, 0)])
    longs = ", ".join([f"i64 {n}" for n in (e.shared_bytes, e.thread_bytes, e.stream_bytes)])
    shorts = ", ".join([f"i32 {n}" for n in numbers])
    last = f"[3 x i32] [{block}], i32 {e.rows}, i32 {e.turned}, i32 {int(e.ordered)}"
    last += f", i32 {e.tabled}, i32 {e.counts_to}, i32 {int(e.asks)}, double {_double(e.round_ns)}"
    return f"%Way {{ ptr @{w.symbol}, double {_double(e.cost)}, {longs}, {shorts}, {last} }}"


def _double(x: float) -> str:
    return f"0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X}"
