"""A user's Python file for the command line: run it as a program, or take one kernel out of it.

One idea: a file is run as `python FILE` runs it (its own folder first on `sys.path`, its own `sys.argv`), except that
to take a kernel out of it `__name__` is not "__main__", so what is guarded by that does not happen.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .diagnostics import CompileError, Diagnostic
from .ir import types as T
from .kernel import Kernel

__all__ = ["UsageError", "constants", "find_kernel", "kernels_of", "parse_signature", "run_program", "split_place"]

_PLACE = re.compile(r"(?P<file>.+\.py)(?::(?P<name>\w+))?")
_ARRAY = re.compile(r"(?:kdsl\.)?Array\[\s*(?P<element>.+?)\s*,\s*(?P<rank>\d)\s*\]")
_VECTOR = re.compile(r"(?:kdsl\.)?vec\(\s*(?:kdsl\.)?(?P<element>\w+)\s*,\s*(?P<count>[234])\s*\)")


class UsageError(CompileError):
    """What was asked for on the command line cannot be: without a place in a source file."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(Diagnostic("", message, help=help))

    def __str__(self) -> str:
        help = self.diagnostic.help
        return f"error: {self.diagnostic.message}" + (f"\n  = help: {help}" if help else "")


def split_place(text: str) -> tuple[str, str] | None:
    """("FILE.py", "kernel" or "") of `FILE.py:kernel`; None when `text` does not look like that."""
    found = _PLACE.fullmatch(text)
    return (found["file"], found["name"] or "") if found else None


@contextmanager
def _as_program(file: str, arguments: Sequence[str]) -> Iterator[None]:
    argv, path = sys.argv, list(sys.path)
    sys.argv = [file, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    try:
        yield
    finally:
        sys.argv = argv
        sys.path[:] = path


def run_program(file: str, arguments: Sequence[str] = (), *, name: str = "__main__") -> dict[str, Any]:
    """Run a Python file; gives its global names."""
    if not os.path.isfile(file):
        raise UsageError(f"there is no file {file}", "give the path of a Python file")
    with _as_program(file, arguments):
        return runpy.run_path(file, run_name=name)


def kernels_of(file: str) -> list[Kernel]:
    """Every kernel at the top level of a Python file, in the order in which the file names them."""
    names = run_program(file, name="__kdsl__")
    return list(dict.fromkeys([k for k in names.values() if isinstance(k, Kernel)]))


def find_kernel(file: str, name: str = "") -> tuple[Kernel, dict[str, Any]]:
    """The kernel called `name` (or the only one) of a Python file, and the file's global names."""
    names = run_program(file, name="__kdsl__")
    kernels = {n: k for n, k in names.items() if isinstance(k, Kernel)}
    if name in kernels:
        return kernels[name], names
    known = ", ".join(kernels)
    if name:
        raise UsageError(f"{file} has no kernel {name!r}", f"its kernels are: {known}" if known else "it has none")
    if len(kernels) != 1:
        if not kernels:
            raise UsageError(f"{file} has no kernel", "kernels are @kdsl.kernel functions at the top level of the file")
        help = f"name one, as in {file}:{next(iter(kernels))}; there are {known}"
        raise UsageError(f"{file} has {len(kernels)} kernels", help)
    return next(iter(kernels.values())), names


# --- types and constants as text ---


def parse_signature(text: str) -> dict[str, T.Type] | list[T.Type]:
    """IR types from `x: Array[f32, 1], a: f32` (by name) or `Array[f32, 1], f32` (in order)."""
    parts = _split(text)
    named = [re.fullmatch(r"\s*(\w+)\s*[:=]\s*(.+?)\s*", p) for p in parts]
    if parts and all(named):
        return {m[1]: _type(m[2]) for m in named if m}
    return [_type(p.strip()) for p in parts]


def _split(text: str) -> list[str]:
    """Split at commas that are not inside brackets."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "[(") - (c in "])")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [p for p in parts if p.strip()]


def _type(text: str) -> Any:
    array = _ARRAY.fullmatch(text)
    if array is None:
        return _element(text)
    rank = int(array["rank"])
    return T.ArrayType(_element(array["element"]), rank, unit_axis=rank - 1 if rank else None)


def _element(text: str) -> T.ScalarType | T.VectorType:
    vector = _VECTOR.fullmatch(text)
    name = (vector["element"] if vector else text).removeprefix("kdsl.")
    if name not in T.SCALARS:
        help = "write f32, Array[f32, 1] or vec(f32, 3); scalar types are " + ", ".join(T.SCALARS)
        raise UsageError(f"{text!r} is not a type", help)
    return T.VectorType(T.SCALARS[name], int(vector["count"])) if vector else T.SCALARS[name]


def constants(settings: Sequence[str], names: dict[str, Any]) -> dict[str, Any]:
    """Values from `NAME=VALUE`: a Python literal, a scalar type, or a name of the program."""
    values = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"{setting!r} is not NAME=VALUE", "for example --const BLOCK=256")
        values[name] = _value(text, names)
    return values


def _value(text: str, names: dict[str, Any]) -> Any:
    if text in T.SCALARS:
        return T.SCALARS[text]
    if text in names:
        return names[text]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise UsageError(f"{text!r} is neither a Python literal, a type nor a name of the program") from None
