"""The C side: `c/*.c` compiled here, with this machine's compiler, and called through ctypes.

One idea: each file is built twice from the same text, as `-O3 -march=native -fopenmp` makes it ("c") and the same
without vectorisation ("c-scalar"), so that what vectors give can be told from what the loop costs.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from problems import Case

__all__ = ["runners", "unavailable"]

_HERE = Path(__file__).parent / "c"
_FLAGS = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
_VARIANTS = {
    "c": [],
    "c-scalar": ["-fno-tree-vectorize", "-fno-tree-slp-vectorize"],
}
_I64, _I32, _F32, _POINTER = ctypes.c_int64, ctypes.c_int32, ctypes.c_float, ctypes.c_void_p


def _compiler() -> str | None:
    return os.environ.get("CC") or shutil.which("gcc")


def unavailable() -> str | None:
    """Why this peer cannot run here, or None."""
    return None if _compiler() else "no gcc on the PATH (set CC to name another compiler)"


def _build(name: str, variant: str) -> ctypes.CDLL:
    source = _HERE / f"{name}.c"
    compiler = _compiler()
    assert compiler is not None
    version = subprocess.run([compiler, "-v"], capture_output=True, check=True).stderr
    command = [compiler, *_FLAGS, *_VARIANTS[variant], str(source), "-lm"]
    key = hashlib.sha256(source.read_bytes() + version + repr(command).encode()).hexdigest()[:12]
    library = _HERE / "build" / f"{name}-{variant}-{key}.so"
    if not library.exists():
        library.parent.mkdir(exist_ok=True)
        part = library.with_suffix(f".{os.getpid()}")
        subprocess.run([*command, "-o", str(part)], check=True)
        part.replace(library)
    return ctypes.CDLL(str(library))


def _at(array: object) -> int:
    assert isinstance(array, np.ndarray)
    assert array.flags.c_contiguous
    return array.ctypes.data


def _saxpy(library: ctypes.CDLL) -> Callable[[Case], None]:
    f = library.saxpy
    f.argtypes, f.restype = [_I64, _F32, _POINTER, _POINTER], None
    return lambda c: f(c["x"].size, c["a"], _at(c["x"]), _at(c["y"]))


def _mandelbrot(library: ctypes.CDLL) -> Callable[[Case], None]:
    f = library.mandelbrot
    f.argtypes, f.restype = [_I64, _I64, _F32, _F32, _F32, _I32, _POINTER], None
    return lambda c: f(c["out"].shape[1], c["out"].shape[0], c["x0"], c["y0"], c["step"], c["limit"], _at(c["out"]))


def _nbody(library: ctypes.CDLL) -> Callable[[Case], None]:
    f = library.nbody
    f.argtypes, f.restype = [_I64, _F32] + [_POINTER] * 7, None
    arrays = ("x", "y", "z", "m", "ax", "ay", "az")
    return lambda c: f(c["x"].size, c["soft2"], *(_at(c[name]) for name in arrays))


def _heat(library: ctypes.CDLL) -> Callable[[Case], None]:
    f = library.heat
    f.argtypes, f.restype = [_I64, _I64, _F32, _POINTER, _POINTER], None

    def run(c: Case) -> None:
        height, width = c["a"].shape
        a, b = _at(c["a"]), _at(c["b"])
        for _ in range(c["sweeps"]):
            f(width, height, c["k"], a, b)
            a, b = b, a

    return run


_BINDERS = {"saxpy": _saxpy, "mandelbrot": _mandelbrot, "nbody": _nbody, "heat": _heat}


def runners(problem: str) -> dict[str, Callable[[Case], None]]:
    """The functions that solve `problem`, by the name of their column."""
    return {variant: _BINDERS[problem](_build(problem, variant)) for variant in _VARIANTS}
