"""A user's Python file for the command line: run it as a program, or take one kernel out of it.

One idea: a file is run as `python FILE` runs it (its own folder first on `sys.path`, its own `sys.argv`), except that
to take a kernel out of it `__name__` is not "__main__", so what is guarded by that does not happen.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import runpy
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .diagnostics import CompileError, Diagnostic, KdslError, LaunchError
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


def _names_in(file: str) -> dict[str, Any]:
    """The global names of a file that is run for its kernels; `UsageError` where that fails for a reason that is not kdsl's."""
    try:
        place = _module_of(file)
        if place is None:
            return run_program(file, name="__kdsl__")
        with _as_program(file, ()), _packages(*place):
            return runpy.run_module(place[1], run_name="__kdsl__", alter_sys=True)
    except KdslError:
        raise
    except (Exception, SystemExit) as error:  # what a program raises is the program's; its own line is the place
        frames = traceback.extract_tb(error.__traceback__)
        # A SyntaxError has its place in itself: there is no frame of it.
        line = getattr(error, "lineno", None) or next(
            (f.lineno for f in reversed(frames) if os.path.abspath(f.filename) == os.path.abspath(file)), 1
        )
        raise UsageError(f"{file}:{line}: running the file raises {type(error).__name__}: {error}",
                         f"`python {file}` shows the whole traceback; what only a program does belongs under "
                         'if __name__ == "__main__"') from error  # fmt: skip


def _module_of(file: str) -> tuple[str, str] | None:
    """The folder above the outermost package that a file with relative imports lies in, and the file's name as a module;
    None for a file that is run as a program."""
    if not os.path.isfile(file):
        return None
    with open(file, "rb") as source:
        tree = ast.parse(source.read(), file)
    if not any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(tree)):
        return None
    folder, name = os.path.split(os.path.abspath(file))
    parts = [name.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return (folder, ".".join(parts)) if len(parts) > 1 else None


@contextmanager
def _packages(folder: str, module: str) -> Iterator[None]:
    """The packages around a module, imported. They may load the very bundle that is being built, and fail: then they stay as
    far as they got. What was not there before is gone afterwards, since another project may have a package of the same name."""
    before = set(sys.modules)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    parts = module.split(".")[:-1]
    try:
        for i in range(len(parts)):
            name = ".".join(parts[: i + 1])
            spec = None if name in sys.modules else importlib.util.find_spec(name)
            if spec is None or spec.loader is None:
                continue
            package = sys.modules[name] = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(package)
            except LaunchError as error:
                if error.code not in _NOT_BUILT:
                    raise
        sys.modules.pop(module, None)  # where a package imported it already: runpy would warn
        yield
    finally:
        for name in set(sys.modules) - before:
            if name.split(".")[0] == parts[0]:
                del sys.modules[name]


_NOT_BUILT = ("K670", "K671", "K672")  # no bundle, one of another version, a damaged one


def kernels_of(file: str) -> list[Kernel]:
    """Every kernel at the top level of a Python file, in the order in which the file names them. A file with relative imports
    is run as the module of its package."""
    names = _names_in(file)
    return list(dict.fromkeys([k for k in names.values() if isinstance(k, Kernel)]))


def find_kernel(file: str, name: str = "") -> tuple[Kernel, dict[str, Any]]:
    """The kernel called `name` (or the only one) of a Python file, and the file's global names."""
    names = _names_in(file)
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
