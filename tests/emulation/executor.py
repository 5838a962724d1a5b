"""The executor of blocks as a library, and a launch on it.

One idea: a launch is a function of C that takes pointers to arguments, the memory that it may reach, and a geometry; which
language the function was written in does not matter here.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .building import HERE, built, run

__all__ = ["EmulationError", "Memory", "launch", "library", "library_path", "mapped_constants"]

_SOURCES = ("runtime.cpp", "simt.h")


class EmulationError(Exception):
    """What the executor found: a race, an access out of bounds, barriers that threads reach apart."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a kernel may reach."""

    address: int
    size: int
    read_only: bool = False


@cache
def library_path(cxx: str = "g++") -> Path:
    source = HERE / "simt" / "runtime.cpp"
    texts = [(HERE / "simt" / name).read_text() for name in _SOURCES]
    return built(".so", ["executor", cxx, *texts],
                 lambda out: void(run([cxx, "-std=c++17", "-O2", "-fPIC", "-shared", "-w", source, "-o", out])))  # fmt: skip


def void(_: object) -> None:
    return None


@cache
def library() -> ctypes.CDLL:
    lib = ctypes.CDLL(str(library_path()), mode=ctypes.RTLD_GLOBAL)
    lib.simt_launch.restype = ctypes.c_char_p
    lib.simt_launch.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
    return lib


def launch(entry: int, grid: Sequence[int], block: Sequence[int], arguments: Sequence[int], *, lanes: int,
           memory: Sequence[Memory] = (), shared: Sequence[Memory] = (), check: bool = False, order: int = 0,
           dynamic: int = 0, module: str = "") -> None:  # fmt: skip
    """Run a function on a grid. arguments: addresses of the arguments. Raises EmulationError with the kernel's line."""
    lib = library()
    known = [*shared, *memory]
    count = len(known)
    begin = (ctypes.c_size_t * count)(*[m.address for m in known])
    sizes = (ctypes.c_size_t * count)(*[m.size for m in known])
    protected = (ctypes.c_ubyte * count)(*[m.read_only for m in known])
    lib.simt_memory(count, len(shared), begin, sizes, protected, int(check))
    geometry = (ctypes.c_uint * 6)(*grid, *block)
    given = (ctypes.c_void_p * max(len(arguments), 1))(*arguments)
    wrong = lib.simt_launch(geometry, lanes, dynamic, order, entry, given)
    if wrong:
        raise EmulationError(_with_line(wrong.decode(), module))


def mapped_constants(path: str) -> list[Memory]:
    """The parts of a loaded module that hold constants: tables, and literals."""
    out = []
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.split()
            if fields[-1] == path and fields[1].startswith("r-"):
                begin, end = [int(x, 16) for x in fields[0].split("-")]
                out.append(Memory(begin, end - begin, read_only=True))
    return out


def _with_line(text: str, module: str) -> str:
    """The text with the place of the code that it names, if the module was compiled with lines."""
    head, found, code = text.partition(", pc 0x")
    if not found or not module:
        return text
    base = _base_of(module)
    where = subprocess.run(["addr2line", "-e", module, hex(int(code, 16) - 1 - base)], capture_output=True, text=True).stdout
    return f"{head} at {where.strip().rpartition('/')[2]}"


def _base_of(module: str) -> int:
    with open("/proc/self/maps") as maps:
        for line in maps:
            if line.rstrip().endswith(module):
                return int(line.split("-")[0], 16)
    return 0
