"""The GPU pipeline held against the interpreter: what `legalize` and `tail` make of a program means the same.

One idea: the result is thread-level IR, so the interpreter runs it, too. A launch that ends inside of a block is run as whole
blocks with the number of threads as hidden arguments, as a GPU does. Which ops a target spells changes from seed to seed.

    python -m tests.property.run --count 5000 --compare tests.property.gpu:against_legalize
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kdsl.ir import formats, types as T
from kdsl.ir.core import Function, Op, walk
from kdsl.ir.interpreter import interpret
from kdsl.ir.passes.legalize import Spells
from kdsl.ir.passes.vectorize import in_blocks_of
from kdsl.ir.pipeline import run_pipeline
from kdsl.ir.verify import errors_of
from kdsl.target import GPU_TARGETS, Target

from .generate import Case, compare

__all__ = ["SPELLS", "TARGETS", "against_debug", "against_legalize", "arguments", "illegal", "lowered"]

_CUDA = GPU_TARGETS["cuda:sm_80"]
TARGETS: dict[str, Target] = {
    "all": _CUDA,
    "storage": replace(_CUDA, has=_CUDA.has - {"f16"}, subgroup_size=0),  # f16 in memory alone; a subgroup of any size
    "neither": replace(_CUDA, has=_CUDA.has - {"f16", "f16_storage", "bf16"}, has_fma=False),
}
_NARROW = frozenset(("i8", "u8", "i16", "u16", "f16", "bf16", "f8e4m3", "f8e5m2"))


def _everything(name: str, t: T.ScalarType) -> bool:
    return t.name not in _NARROW and ":" not in name


def _halves(name: str, t: T.ScalarType) -> bool:
    """f16 and casts of bf16, some ops, and of atomics only the least."""
    if t is T.f16 or (t is T.bf16 and name == "arith.cast"):
        return not name.startswith("atomic.")
    return _least(name, t) or (t.bits >= 32 and name in ("arith.fma", "arith.minimum", "arith.shl", "subgroup.sum"))


def _least(name: str, t: T.ScalarType) -> bool:
    """The one atomic that all others can be made of."""
    return name == "atomic.compare_exchange" and t in (T.u16, T.u32, T.u64)


SPELLS: dict[str, Spells] = {"least": _least, "everything": _everything, "halves": _halves}

# What a backend must spell, as (op, types); kdsl's contract with its backends.
_WIDE = "i32 u32 i64 u64 index"
_MOVED = f"{_WIDE} i8 u8 i16 u16 f16 f32 f64"
_REQUIRED = {
    **dict.fromkeys(("arith.add", "arith.sub", "arith.mul", "arith.neg", "arith.lt", "arith.le", "arith.gt", "arith.ge"),
                    f"{_WIDE} f32 f64"),
    **dict.fromkeys(("arith.eq", "arith.ne"), f"bool {_MOVED}"),
    **dict.fromkeys(("arith.and", "arith.or", "arith.xor", "arith.not"), f"bool {_WIDE}"),
    **dict.fromkeys(("machine.quot", "machine.rem", "machine.shl", "machine.shr"), _WIDE),
    **dict.fromkeys(("arith.div", "arith.floor", "arith.ceil", "arith.trunc", "arith.round", "arith.sqrt"), "f32 f64"),
    "machine.convert": "f32 f64", "arith.lookup": "i32", "arith.select": "bool", "arith.cast": _MOVED + " bf16",
    "arith.bitcast": _MOVED, "arith.constant": f"bool {_MOVED}", "subgroup.shuffle": "i32 u32 f32", "subgroup.ballot": "bool",
    **dict.fromkeys(("memory.load", "memory.store"), _MOVED + " bf16"),
    **dict.fromkeys(("atomic.add", "atomic.or", "atomic.exchange"), "u32"),
}  # fmt: skip
_REQUIRED_SETS = {name: frozenset(types.split()) for name, types in _REQUIRED.items()}


def _type_of(op: Op) -> T.ScalarType | None:
    if op.name in ("memory.load", "memory.store") or op.name.startswith("atomic."):
        t = op.results[0].type if op.results else op.operands[-1].type
    else:
        values = [v for v in (*op.operands, *op.results) if isinstance(v.type, T.ScalarType)]
        t = values[0].type if values else None
    return t if isinstance(t, T.ScalarType) else None


def illegal(f: Function, spells: Spells) -> list[str]:
    """Ops that no backend has to have and that this one does not spell."""
    wrong: list[str] = []
    for op in walk(f.body):
        t = _type_of(op)
        if op.name.startswith(("simt.", "scf.", "memory.alloc", "memory.extent", "memory.prefetch")):
            if op.name.removeprefix("simt.") in ("assert", "print", "breakpoint", "check", "report", "healthy"):
                wrong.append(f"{op.name} is left")
        elif t is None or not (t.name in _REQUIRED_SETS.get(op.name, ()) or spells(op.name, t)):
            wrong.append(f"{op.name} on {t} is not spelled")
        wrong += [f"{op.name} gives {r.type}" for r in op.results if str(r.type).startswith("f8") or _is_stray(op, r.type)]
    return wrong


def _is_stray(op: Op, t: T.Type) -> bool:
    """A bf16 stands only between a cast and memory."""
    return t is T.bf16 and op.name not in ("memory.load", "arith.cast")


def lowered(f: Function, target: Target, spells: Spells, block: Sequence[int], *, cut: bool) -> Function:
    g = in_blocks_of(f, (block[0], block[1], block[2]))
    g.attributes["cut"] = cut
    return run_pipeline(g, "gpu", target, spells=spells)


def arguments(f: Function, g: Function, args: Sequence[Any], threads: Sequence[int]) -> list[Any]:
    """The arguments of `f` as those of what the pipeline made of it: scalars as bits, then the hidden ones."""
    out: list[Any] = []
    for old, new, value in zip(f.params, g.params, args):
        if isinstance(old.type, T.ScalarType) and isinstance(new.type, T.ScalarType) and old.type is not new.type:
            bits = formats.encode(old.type, np.asarray(value, old.type.value_dtype))
            value = bits.view(new.type.dtype)[()] if new.type is not T.bf16 else value
        out.append(value)
    for p in g.params[len(f.params) :]:
        if p.name.startswith("kdsl_threads_"):
            out.append(threads[int(p.name[-1])])
        else:
            out.append(np.zeros(2 * (3 + 16 * 64), np.uint32))
    return out


def against_debug(case: Case) -> str:
    """The same of a debug build, whose checks find nothing and leave everything as it was."""
    f = case.function
    plain = f.attributes
    f.attributes = {**plain, "debug": case.checked}
    try:
        return against_legalize(case)
    finally:
        f.attributes = plain


def against_legalize(case: Case) -> str:
    """One target and one set of spelled ops, by seed, in a launch that may end inside of blocks."""
    target = tuple(TARGETS.values())[case.seed % len(TARGETS)]
    spells = tuple(SPELLS.values())[case.seed // len(TARGETS) % len(SPELLS)]
    is_cut = case.threads is not None or case.seed % 2 == 0
    g = lowered(case.function, target, spells, case.block, cut=is_cut)
    wrong = errors_of(g) or illegal(g, spells)
    if wrong:
        return "\n".join(wrong)
    before, after = case.args(), case.args()
    threads = case.threads or tuple(n * b for n, b in zip(case.grid, case.block))
    options: dict[str, Any] = {"step_limit": 100_000, "subgroup_size": 32}
    interpret(case.function, before, case.grid, case.block, threads=case.threads, check=case.checked, **options)
    given = arguments(case.function, g, after, threads)
    interpret(g, given, case.grid, case.block, check=False, **options)
    if g.sites and given[-1].any():
        return f"something was reported: {given[-1][:48].view(np.int64).tolist()}"
    return compare(case, before, after)
