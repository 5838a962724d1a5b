"""Which variants of a kernel are built: from its annotations, and from what `@kdsl.kernel(export=[...])` says.

One idea: an export is a dictionary from parameter to type, or to value for a `const` parameter; what it does not name, the
annotations and defaults must say. Every export is built twice for processors, for arrays that are contiguous along their last
axis and for arrays of any strides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..diagnostics import refuse
from ..ir import types as T
from ..specialise import declared_signature
from ..target import GPU_DEFAULTS, Target, parse_target

if TYPE_CHECKING:
    from ..kernel import Kernel

__all__ = ["Export", "exports_of"]


@dataclass(frozen=True)
class Export:
    """One choice of types. name: of the function in C. types: IR types of the runtime parameters, arrays contiguous along
    their last axis. blocks: shapes of blocks that GPU code is made for, None where nothing is said. targets: names of targets
    and of backends that it is built for, None for all."""

    name: str
    types: dict[str, Any]
    constants: dict[str, Any]
    blocks: tuple[tuple[int, int, int], ...] | None
    targets: tuple[str, ...] | None = None

    def is_for(self, target: Target) -> bool:
        return self.targets is None or target.name in self.targets or target.backend in self.targets

    @classmethod
    def of(cls, kernel: Kernel, name: str, types: dict[str, Any], constants: dict[str, Any]) -> Export:
        """Of types and constants that are known, with the kernel's own block."""
        return cls(name, types, constants, _blocks(kernel, kernel.block))

    def strided(self) -> Export:
        """The same for arrays of any strides."""
        types = {n: replace(t, unit_axis=None) if isinstance(t, T.ArrayType) else t for n, t in self.types.items()}
        return replace(self, types=types)


def exports_of(kernel: Kernel) -> list[Export]:
    """The kernel's exports, in the order they were written. K677 for one that cannot be; K502 where a type is missing."""
    given = kernel.export if kernel.export is not None else [{}]
    if not isinstance(given, (list, tuple)) or not all(isinstance(row, dict) for row in given):
        _refuse(kernel, f"export={given!r} is not a list of dictionaries")
    found = [_export(kernel, dict(row)) for row in given]
    names = [e.name for e in found]
    if len(set(names)) == len(names):
        return found
    if any("name" in row for row in given):
        twice = next(n for n in names if names.count(n) > 1)
        _refuse(kernel, f"two exports are called {twice!r}")
    names = _told_apart(found)
    if len(set(names)) != len(names):
        _refuse(
            kernel, f"two exports are for the same types and constants ({next(n for n in names if names.count(n) > 1)})"
        )
    return [replace(e, name=n) for e, n in zip(found, names, strict=True)]


def _refuse(kernel: Kernel, why: str) -> None:
    refuse("K677", None, f"{kernel.name}: {why}",
           help='write export=[{"x": Array[f32, 1], "SIZE": 16}, ...]: parameter to type, constant to value; "name", '
                '"block" and "targets" may say what the function is called in C, for which blocks GPU code is made, and for '
                "which targets it is built")  # fmt: skip


def _export(kernel: Kernel, row: dict[str, Any]) -> Export:
    parameters = {s.name: s.kind for s in kernel.specs}
    name = row.pop("name", kernel.name) if "name" not in parameters else kernel.name
    block = row.pop("block", kernel.block) if "block" not in parameters else kernel.block
    targets = row.pop("targets", None) if "targets" not in parameters else None
    wrong = [n for n in row if n not in parameters]
    if wrong:
        _refuse(kernel, f"an export names {wrong[0]!r}; the parameters are {', '.join(parameters) or 'none'}")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        _refuse(kernel, f"an export cannot be called {name!r} in C")
    constants = {n: v for n, v in row.items() if parameters[n] == "const"}
    types = {n: v for n, v in row.items() if parameters[n] != "const"}
    signature, values = declared_signature(kernel, types, constants)
    for n, v in values.items():
        if not isinstance(v, (bool, int, float, str)) or (isinstance(v, float) and not math.isfinite(v)):
            _refuse(
                kernel,
                f"the constant {n}={v!r} cannot be written into a bundle, which holds finite numbers, bools and strings",
            )
    return Export(name, signature, values, _blocks(kernel, block), _targets(kernel, targets))


def _targets(kernel: Kernel, given: Any) -> tuple[str, ...] | None:
    """`["cuda", "x86-64-v3"]`: backends and targets. K501 for what is neither."""
    if given is None:
        return None
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(t, str) for t in given):
        _refuse(kernel, f"targets={given!r} is no list of targets")
    return tuple([t if t == "cpu" or t in GPU_DEFAULTS else parse_target(t).name for t in given])


def _blocks(kernel: Kernel, block: Any) -> tuple[tuple[int, int, int], ...] | None:
    """`256`, `(32, 8)` or a list of such."""
    if block is None:
        return None
    out = []
    for one in block if isinstance(block, list) else [block]:
        axes = [one] if isinstance(one, int) else list(one) if isinstance(one, tuple) else []
        if not 1 <= len(axes) <= 3 or not all(isinstance(a, int) and a > 0 for a in axes):
            _refuse(kernel, f"block={block!r} is no shape of a block")
        x, y, z = [*axes, 1, 1][:3]
        out.append((x, y, z))
    return tuple(out)


def _told_apart(exports: Sequence[Export]) -> list[str]:
    """Names by what differs: `saxpy_f32`, `saxpy_f64`; `scale_2d_SIZE_16`."""
    out: list[str] = []
    for e in exports:
        parts = [_element(t) for n, t in e.types.items() if any(_element(o.types[n]) != _element(t) for o in exports)]
        parts += [f"{_rank(t)}d" for n, t in e.types.items() if any(_rank(o.types[n]) != _rank(t) for o in exports)]
        parts += [f"{n}_{v}" for n, v in e.constants.items() if any(o.constants[n] != v for o in exports)]
        out.append(re.sub(r"\W", "_", "_".join([e.name, *dict.fromkeys(parts)])))
    return out


def _element(t: Any) -> str:
    return str(t.element if isinstance(t, T.ArrayType) else t)


def _rank(t: Any) -> int:
    return t.rank if isinstance(t, T.ArrayType) else 0
