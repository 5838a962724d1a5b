"""The reference of the ops, as Markdown, from the rows: `docs/OPS.md`.

One idea: a row says all there is to say about an op, so its documentation is a view of the table and is never out of
date (a test compares the file). Ops are grouped by the file that defines them, under that file's own words.
"""

from __future__ import annotations

import inspect
from types import ModuleType

from .opdef import CLASSES, OPS, Effect, Level, OpDef, Trait
from .ops import arith, machine, math, memory, scf, simt, tile

__all__ = ["ops_markdown"]

_FILES: tuple[ModuleType, ...] = (arith, math, simt, memory, scf, tile, machine)
_LEVELS = {Level.ANY: "any", Level.THREAD: "thread", Level.BLOCK: "block"}
_TRAITS = {
    Trait.COMMUTATIVE: "commutes",
    Trait.UNIFORM_RESULT: "uniform",
    Trait.VARYING_RESULT: "varying",
    Trait.CONVERGENT: "threads meet",
    Trait.DISTINCT: "always another",
    Trait.EXACT_FLAG: "`exact=True`, `ordered=True`",
}
_EFFECTS = {Effect.READ: "reads", Effect.WRITE: "writes", Effect.SYNC: "orders memory", Effect.HOST: "seen by the host"}

_HEAD = """\
# The operations of the IR

This file is generated from the op rows in `kdsl/ir/ops/` by `make docs`; change the rows, not this file.
How to read a signature: `name:rule`, where a rule is

| rule | means |
| --- | --- |
{rules}
| `bool`, `index`, `u64`, ... | that type exactly |
| `array` | a reference to an array |
| `index*`, `any*` | any number of these |

The same letter means the same element type. *Shapes*: an elementwise op (**e**) takes scalars, or tiles of one shape,
and gives the same shape. *Level*: `thread` ops stand in code of one thread, `block` ops in vectorized code, `any` in
both.
"""

_COLUMNS = """\
| op | signature | attributes | level | effects and traits | meaning |
| --- | --- | --- | --- | --- | --- |"""


def ops_markdown() -> str:
    """The whole of docs/OPS.md."""
    rules = "\n".join([f"| `{letter}` | {_members(letter)} |" for letter in CLASSES])
    parts = [_HEAD.format(rules=rules)]
    for module in _FILES:
        rows = [d for d in OPS.values() if _defined_in(d, module)]
        title, _, text = (inspect.getdoc(module) or "").partition("\n")
        text = text.replace("**", "\\*\\*")  # powers, not emphasis
        parts.append(f"## {module.__name__.rpartition('.')[2]}\n\n{title}\n{text.rstrip()}\n")
        parts.append(_COLUMNS)
        parts.append("\n".join(map(_row, rows)) + "\n")
    return "\n".join(parts)


def _members(letter: str) -> str:
    """The types of a class, in words where it has a common name."""
    names = [t.name for t in CLASSES[letter]]
    return "any scalar" if letter in "AXY" else " ".join(names)


def _defined_in(d: OpDef, module: ModuleType) -> bool:
    return any(value is d for value in vars(module).values())


def _row(d: OpDef) -> str:
    signature = f"`{d.signature.strip()}`" + (" **e**" if d.elementwise else "")
    facts = [word for flag, word in _EFFECTS.items() if flag & d.effect]
    facts += [word for flag, word in _TRAITS.items() if flag & d.trait]
    attributes = ", ".join(f"`{a}`" for a in d.attributes)
    doc = d.doc.replace("|", "\\|").replace("*", "\\*")
    return f"| `{d.name}` | {signature} | {attributes} | {_LEVELS[d.level]} | {', '.join(facts)} | {doc} |"
