"""A kernel as a function in C of this process, for other compilers whose code calls it: numba's, XLA's.

One idea: what `kdsl build --library` gives a C program is what such a compiler needs, too; so the kernel's library is made for this
machine alone, loaded at once, and given the threads that kdsl has anyway. Function and library stay for good, since nobody
knows how long code that calls them does.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import tempfile
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..artifact import Param
from ..bundle.building import build, plan_export
from ..bundle.exports import Export
from ..diagnostics import refuse
from ..kernel import Kernel, provide_pool
from ..native.library import library_for_process
from ..runtime.cpu import threads
from ..specialise import declared_signature
from ..target import cpu_target_of_host

if TYPE_CHECKING:
    from ..runtime.api import Geometry

__all__ = ["NativeFunction", "check_kernel", "geometry_of", "native_function", "sample_array"]


class NativeFunction:
    """params: in the order of the kernel's runtime parameters. address: of `int32_t f(const kdsl_launch *, ...)`, as
    docs/BUNDLES.md describes it. xla_address: of the same as XLA calls it. digest: of the code."""

    def __init__(self, name: str, data: bytes, params: tuple[Param, ...]) -> None:
        self.name = name
        self.params = params
        self.digest = hashlib.sha256(data).hexdigest()
        self.library = _loaded(data)
        self.address = self._address(f"kdsl_{name}")
        self.xla_address = self._address(f"kdsl_{name}_xla")
        self._text = self.library.kdsl_error_text
        self._text.restype = ctypes.c_char_p

    def _address(self, symbol: str) -> int:
        return ctypes.cast(getattr(self.library, symbol), ctypes.c_void_p).value or 0

    def error_text(self, error: int) -> str:
        """What a number that the function returned means."""
        return self._text(ctypes.c_int32(error)).decode()


def _loaded(data: bytes) -> ctypes.CDLL:
    """A shared library from memory: the loader wants a file, though only while it loads."""
    handle, path = tempfile.mkstemp(prefix="kdsl-", suffix=".so")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        library = ctypes.CDLL(path)
    finally:
        os.unlink(path)
    provide_pool()
    _share(library, threads.shared_pool())
    _libraries.append(library)
    return library


_libraries: list[ctypes.CDLL] = []


def _share(library: ctypes.CDLL, pool: threads.ThreadPool | None) -> None:
    library.kdsl_share_pool(ctypes.c_uint64(pool.run_address if pool else 0), ctypes.c_int32(pool.workers if pool else 1))


def _share_with_all(pool: threads.ThreadPool | None) -> None:
    for library in _libraries:
        _share(library, pool)


threads.tell_of_pools(_share_with_all)
_made: dict[Any, NativeFunction] = {}
_lock = threading.Lock()


def check_kernel(kernel: object) -> Kernel:
    """K683 for what is no kernel with its source."""
    if not isinstance(kernel, Kernel):
        refuse("K683", None, f"{kernel!r} is no kernel that can be compiled here",
               help="give the function under @kdsl.kernel itself; kernels of a bundle hold code for launches from Python, and a "
                    "library made by `kdsl build --library` that for other languages")  # fmt: skip
    return kernel


def native_function(kernel: Kernel, samples: Mapping[str, Any], constants: Mapping[str, Any]) -> NativeFunction:
    """The function for arguments such as the samples (types, arrays or numbers), made once. Raises K1xx to K6xx for what cannot be
    compiled or does not fit the annotations, K680 for debug builds and kernels that print."""
    types, values = declared_signature(kernel, dict(samples), dict(constants))
    threads.shared_pool()  # started anew where it was stopped
    key = (kernel, tuple(types.items()), tuple([(n, type(v).__name__, repr(v)) for n, v in values.items()]))
    with _lock:
        found = _made.get(key)
        if found is None:
            name = re.sub(r"\W", "_", kernel.name)
            built = build(plan_export(kernel, Export.of(kernel, name, types, values), [cpu_target_of_host()]))
            machine = "aarch64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
            made = library_for_process(built.manifest, built.files, machine)
            found = _made[key] = NativeFunction(name, made.data, made.params[name])
    return found


def geometry_of(kernel: Kernel, threads: Any, block: Any) -> Geometry:
    """The nine numbers of `kernel.over(threads, block)`."""
    return kernel.over(threads, block).geometry


def sample_array(dtype: Any, rank: int) -> np.ndarray[Any, Any]:
    """An array of a type that `native_function` takes for a sample."""
    return np.empty((0,) * rank, dtype)
