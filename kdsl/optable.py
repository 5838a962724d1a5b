"""The table of ops for people: `kdsl ops`, and `docs/OPS.md`.

One idea: everything shown is read off the op rows and the targets' rows, so it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Sequence

from .ir import (
    ops,
    types as T,
)
from .ir.opdef import CLASSES, OPS, Effect, Level, OpDef, Trait
from .target import GPU_DEFAULTS, GPU_TARGETS

__all__ = ["describe", "markdown", "matching", "table"]

_ = ops  # importing it fills OPS

def markdown() -> str:
    """docs/OPS.md."""
    from .ir.docs import ops_markdown

    return ops_markdown()


def matching(name: str) -> list[OpDef]:
    """The ops that a name means: one exactly, a family, one without its family, or those that contain the text."""
    rows = list(OPS.values())
    if not name:
        return rows
    if name in OPS:
        return [OPS[name]]
    family = [d for d in rows if d.name.startswith(name.rstrip(".") + ".")]
    bare = [d for d in rows if d.name.partition(".")[2] == name]
    return family or bare or [d for d in rows if name in d.name]


def table(rows: Sequence[OpDef]) -> str:
    """One line per op."""
    width = max(len(d.name) for d in rows)
    wide = min(max(len(d.signature) for d in rows), 44)
    return "\n".join(f"{d.name:{width}}  {d.signature:{wide}}  {d.doc}" for d in rows)


def describe(d: OpDef) -> str:
    """All that is known of one op."""
    lines = [f"{d.name}  {d.signature}", "", f"  {d.doc}", ""]
    lines += [f"  level       {_LEVELS[d.level]}"]
    lines += [f"  {'attributes':11} {', '.join(d.attributes)}"] if d.attributes else []
    lines += [f"  {'regions':11} {', '.join(d.regions)}"] if d.regions else []
    lines += [f"  {'effects':11} {', '.join(e.name.lower() for e in Effect if e & d.effect and e.name) or 'none'}"]
    traits = [t.name.lower().replace("_", " ") for t in Trait if t & d.trait and t.name]
    lines += [f"  {'traits':11} {', '.join(traits)}"] if traits else []
    lines += [f"  {'shapes':11} scalars, and tiles element by element"] if d.elementwise else []
    for letter, members in _classes(d).items():
        lines.append(f"  {letter:11} any of {' '.join(t.name for t in members)}")
    meaning = "evaluated on NumPy arrays by the row itself" if d.eval else "held by the interpreter"
    lines += [f"  {'meaning':11} {meaning}"]
    lines += [f"  {'on cpu':11} {text}" for text in _fates(d)]
    for backend in GPU_DEFAULTS:
        lines += [f"  {'on ' + backend:11} {text}" for text in _gpu_fates(d, backend)]
    return "\n".join(lines)


_LEVELS = {Level.ANY: "thread and block", Level.THREAD: "thread", Level.BLOCK: "block: after vectorize"}


def _classes(d: OpDef) -> dict[str, tuple[T.ScalarType, ...]]:
    return {o.letter: CLASSES[o.letter] for o in (*d.operands, *d.results) if o.letter}


def _fates(d: OpDef) -> list[str]:
    """What the CPU backend makes of it, types with the same fate together."""
    from .codegen.cpu import fate
    from .codegen.rows import Refused

    by_fate: dict[str, list[str]] = {}
    classes = _classes(d)
    members = next(iter(classes.values()), ()) if d.elementwise else ()
    for t in members or (None,):
        got = fate(d.name, t)
        text = f"refused: {got.reason}" if isinstance(got, Refused) else _WORDS[got]
        by_fate.setdefault(text, []).append("" if t is None else t.name)
    return _by_type(by_fate)


def _gpu_fates(d: OpDef, backend: str) -> list[str]:
    """What a GPU backend makes of it, for the target that its bare name means."""
    from .codegen.registry import spells_of
    from .ir.passes.legalize.fate import fate

    target = GPU_TARGETS[GPU_DEFAULTS[backend]]
    if not d.name.startswith(_VALUES) or d.name == "arith.constant":
        return []
    first = next((o for o in (*d.operands, *d.results) if o.rule not in ("array", "index")), d.operands[0])
    types = _ATOMIC if d.name.startswith("atomic.") else [t for t in T.SCALARS.values() if t in first.allowed]
    by_fate: dict[str, list[str]] = {}
    for t in types:
        if t is T.f64 and "f64" not in target.has:
            by_fate.setdefault("refused: it has no f64", []).append(t.name)
        elif d.name.startswith("subgroup.") and "subgroups" not in target.has:
            by_fate.setdefault("refused: it has no subgroups, but for devices that say so", []).append(t.name)
        else:
            by_fate.setdefault(fate(d, t, spells_of(target)) or "refused", []).append(t.name)
    return _by_type(by_fate)


_VALUES = ("arith.", "math.", "random.", "machine.", "atomic.", "subgroup.")
_ATOMIC = (T.i32, T.u32, T.i64, T.u64, T.f16, T.bf16, T.f32, T.f64)


def _by_type(by_fate: dict[str, list[str]]) -> list[str]:
    if len(by_fate) == 1:
        return list(by_fate)
    return [f"{text}: {' '.join(names)}" for text, names in by_fate.items()]


_WORDS = {
    "spelled": "one LLVM instruction or intrinsic",
    "lowered": "lowered to simpler ops or to several instructions",
}
