"""`[tool.kdsl.build]` of a pyproject.toml: what is built, where to, and for which targets.

One idea: a table says what the command line says, under the same names, so that `kdsl build` without arguments, a build backend's
hook and a person's call make the same bundle.

    [tool.kdsl.build]
    kernels = ["mylib/kernels.py"]
    output = "mylib/_kernels"
    targets = ["x86-64-v3", "aarch64", "cuda:sm_80"]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..diagnostics import refuse
from ..programs import UsageError, kernels_of

if TYPE_CHECKING:
    from ..kernel import Kernel

__all__ = ["DEFAULT_TARGETS", "Settings", "kernels_in", "read_settings"]

DEFAULT_TARGETS = ("x86-64-v2", "x86-64-v3", "x86-64-v4", "aarch64")
_KEYS = ("binary", "kernels", "library", "output", "prefix", "skip-refused", "targets")


@dataclass(frozen=True)
class Settings:
    """kernels: Python files. output: the bundle, a folder or a .kdsl file. targets: names. library: the name of a C library, "" for
    none. prefix: the folder that it is put below. binary, skip_refused: as `kdsl.build` has them."""

    kernels: tuple[str, ...]
    output: str
    targets: tuple[str, ...] = DEFAULT_TARGETS
    library: str = ""
    prefix: str = "."
    binary: bool = False
    skip_refused: bool = False


def _toml(path: str) -> dict[str, Any]:
    tomllib = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    with open(path, "rb") as file:
        return tomllib.load(file)


def _table(whole: Any, *names: str) -> Any:
    for name in names:
        whole = whole.get(name) if isinstance(whole, dict) else None
    return whole


def read_settings(folder: str = ".") -> Settings:
    """The table of `folder`/pyproject.toml, its paths relative to there. K679 where it is missing or wrong."""
    path = os.path.join(folder, "pyproject.toml")
    try:
        table = _table(_toml(path), "tool", "kdsl", "build")
    except FileNotFoundError:
        table = None
    except ValueError as error:
        refuse("K679", None, f"{path} is not TOML: {error}", help="correct the file")
    if not isinstance(table, dict):
        refuse("K679", None, f"{path} has no table [tool.kdsl.build]",
               help="name the file, as in `kdsl build kernels.py -o kernels.kdsl`, or add the table: "
                    'kernels = ["mylib/kernels.py"], output = "mylib/_kernels", targets = ["x86-64-v3"]')  # fmt: skip
    wrong = next((k for k in table if k not in _KEYS), None)
    if wrong is not None:
        refuse("K679", None, f"{path}: [tool.kdsl.build] has no key {wrong!r}", help=f"the keys are {', '.join(_KEYS)}")
    kernels, output = table.get("kernels"), table.get("output")
    if not _is_list(kernels) or not kernels or not isinstance(output, str):
        refuse("K679", None, f"{path}: [tool.kdsl.build] must say what is built and where to",
               help='kernels = ["mylib/kernels.py"] and output = "mylib/_kernels"')  # fmt: skip
    targets = table.get("targets", list(DEFAULT_TARGETS))
    if not _is_list(targets) or not targets:
        refuse(
            "K679",
            None,
            f"{path}: targets of [tool.kdsl.build] is no list of names",
            help='targets = ["x86-64-v3", "cuda:sm_80"]',
        )
    wrong = next((k for k in ("library", "prefix") if not isinstance(table.get(k, ""), str)), None)
    if wrong is not None:
        refuse("K679", None, f"{path}: {wrong} of [tool.kdsl.build] is no text", help=f'{wrong} = "mylib"')
    there = tuple([os.path.join(folder, k) for k in kernels])
    prefix = os.path.join(folder, str(table.get("prefix", ".")))
    flags = [table.get(key, False) for key in ("binary", "skip-refused")]
    if not all(isinstance(flag, bool) for flag in flags):
        refuse("K679", None, f"{path}: binary and skip-refused of [tool.kdsl.build] are true or false", help="binary = true")
    return Settings(there, os.path.join(folder, output), tuple(targets), str(table.get("library", "")), prefix, *flags)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def kernels_in(files: Sequence[str]) -> list[Kernel]:
    """Every kernel at the top level of the files, in order; a file is run for it, under another name than "__main__"."""
    found: list[Kernel] = []
    for file in files:
        here = kernels_of(file)
        if not here:
            raise UsageError(f"{file} has no kernel", "kernels are @kdsl.kernel functions at the top level of the file")
        found += [k for k in here if k not in found]
    return found
