"""Compiles a C file of this folder with this machine's compiler, once for each text, compiler and set of flags.

One idea: the library's name holds the hash of all that went into it, so nothing is ever stale.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

__all__ = ["at", "build", "compiler", "f32", "function", "i32", "i64", "no_compiler", "pointer"]

HERE = Path(__file__).parent
i64, i32, f32, pointer = ctypes.c_int64, ctypes.c_int32, ctypes.c_float, ctypes.c_void_p
_FLAGS = ["-O3", "-march=native", "-mprefer-vector-width=512", "-fopenmp", "-shared", "-fPIC"]


def compiler() -> str | None:
    return os.environ.get("CC") or shutil.which("gcc")


def no_compiler() -> str | None:
    return None if compiler() else "no gcc on the PATH (set CC to name another compiler)"


def build(name: str, *flags: str) -> ctypes.CDLL:
    """The library of `name`.c."""
    source, cc = HERE / f"{name}.c", compiler()
    assert cc is not None
    version = subprocess.run([cc, "-v"], capture_output=True, check=True).stderr
    cpu = Path("/proc/cpuinfo").read_bytes().split(b"\n\n")[0] if Path("/proc/cpuinfo").exists() else b""
    features = [line for line in cpu.splitlines() if line.startswith((b"flags", b"model name"))]
    command = [cc, *_FLAGS, *flags, str(source), "-lm"]
    texts = [source.read_bytes(), (HERE / "vectors.h").read_bytes(), version, *features, repr(command).encode()]
    key = hashlib.sha256(b"\n".join(texts)).hexdigest()[:12]
    library = HERE / "build" / f"{name}-{key}.so"
    if not library.exists():
        library.parent.mkdir(exist_ok=True)
        part = library.with_suffix(f".{os.getpid()}")
        subprocess.run([*command, "-o", str(part)], check=True)
        part.replace(library)
    return ctypes.CDLL(str(library))


def function(library: ctypes.CDLL, name: str, *arguments: type, result: type | None = None):
    f = getattr(library, name)
    f.argtypes, f.restype = arguments, result
    return f


def at(array: object) -> int:
    """Where the array's elements begin."""
    import numpy as np

    assert isinstance(array, np.ndarray)
    assert array.flags.c_contiguous
    return array.ctypes.data
