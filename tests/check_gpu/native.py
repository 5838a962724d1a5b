"""NVIDIA's own compiler and a bare launch, to hold kdsl against: nvcc, or NVRTC by ctypes, whichever is there.

One idea: a reference that cannot be made is left out of the table, which says so.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kdsl.diagnostics import DeviceError

from .kernels import BLOCK, CUDA_SOURCE

__all__ = ["Compiled", "bare_launch_seconds", "compile_cuda"]

_LOOP = r"""
#include <stddef.h>
#include <time.h>
typedef int (*launch_t)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
double kdsl_bare(launch_t launch, void* function, void** params, long count)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < count; ++i)
        if (launch(function, 1, 1, 1, 256, 1, 1, 0, NULL, params, NULL)) return -1.0;
    clock_gettime(CLOCK_MONOTONIC, &b);
    return ((b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec)) / count;
}
"""


def _nvcc() -> str:
    return shutil.which("nvcc") or next(iter(sorted(glob.glob("/usr/local/cuda*/bin/nvcc"))), "")


def _nvrtc() -> Any:
    """The library, from the loader's path or a package beside this Python; None where there is none."""
    names = ["libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12"]
    for folder in sys.path:
        names += sorted(glob.glob(os.path.join(folder, "nvidia", "*", "lib", "libnvrtc.so.*")))
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def compile_cuda(source: str, arch: str) -> tuple[bytes, str]:
    """(cubin or PTX, which compiler), or (b"", why not)."""
    program = _nvcc()
    if program:
        with tempfile.TemporaryDirectory(prefix="kdsl-check-") as folder:
            text, result = Path(folder, "k.cu"), Path(folder, "k.cubin")
            text.write_text(source)
            command = [program, "-O3", f"-arch={arch}", "-cubin", "-o", str(result), str(text)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=240)
            if done.returncode == 0:
                said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
                return result.read_bytes(), f"against nvcc {said.split('release ')[-1].split(',')[0]}"
    library = _nvrtc()
    if library is None:
        return b"", "no nvcc and no NVRTC here"
    program_handle, size = ctypes.c_void_p(), ctypes.c_size_t()
    library.nvrtcCreateProgram(ctypes.byref(program_handle), source.encode(), b"k.cu", 0, None, None)
    options = (ctypes.c_char_p * 1)(f"--gpu-architecture={arch}".encode())
    if library.nvrtcCompileProgram(program_handle, 1, options):
        return b"", "NVRTC does not compile the reference"
    library.nvrtcGetCUBINSize(program_handle, ctypes.byref(size))
    cubin = ctypes.create_string_buffer(size.value)
    library.nvrtcGetCUBIN(program_handle, cubin)
    return cubin.raw, "against NVRTC"


class Compiled:
    """The CUDA C++ kernels on the device's context."""

    def __init__(self, d: Any) -> None:
        self.context = d.device.driver.context
        image, self.note = compile_cuda(CUDA_SOURCE, d.device.target.arch)
        self.works = bool(image)
        if self.works:
            handle = ctypes.c_void_p()
            self.context.call("cuModuleLoadDataEx", ctypes.byref(handle), image, 0, None, None)
            self.module = handle

    def function(self, name: str) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        self.context.call("cuModuleGetFunction", ctypes.byref(handle), self.module, name.encode())
        return handle

    def seconds(self, name: str, grid: tuple[int, int, int], block: tuple[int, int, int], values: list[Any], d: Any) -> float:
        """Device time of a launch with these ctypes values."""
        function = self.function(name)
        params = (ctypes.c_void_p * len(values))(*[ctypes.addressof(v) for v in values])

        def launch() -> None:
            self.context.call("cuLaunchKernel", function, *grid, *block, 0, d.stream.native, params, None)

        return d.seconds(launch, 7)

    def accelerate(self, bodies: Any, out: Any, n: int, d: Any) -> float:
        values = [ctypes.c_uint64(bodies.address), ctypes.c_uint64(out.address), ctypes.c_int(n)]
        return self.seconds("accelerate", (n // BLOCK, 1, 1), (BLOCK, 1, 1), values, d)

    def mandelbrot(self, counts: Any, size: int, limit: int, d: Any) -> float:
        values = [ctypes.c_float(-2.0), ctypes.c_float(-1.25), ctypes.c_float(2.5 / size), ctypes.c_int(limit),
                  ctypes.c_uint64(counts.address), ctypes.c_int(size)]  # fmt: skip
        return self.seconds("mandelbrot", (size // 32, size // 8, 1), (32, 8, 1), values, d)


def bare_launch_seconds(d: Any) -> tuple[float, str]:
    """What the driver itself takes for a launch of 3 arrays: called in a loop of C, or of ctypes where there is no compiler."""
    try:
        native = Compiled(d)
    except DeviceError as e:
        return 0.0, str(e)
    if not native.works:
        return 0.0, native.note
    cuda, n = native.context.cuda, ctypes.c_longlong(256)
    arrays = [d.random(256) for _ in range(3)]
    values = [*[ctypes.c_uint64(a.address) for a in arrays], n]
    params = (ctypes.c_void_p * 4)(*[ctypes.addressof(v) for v in values])
    function = native.function("three")
    loop = _c_loop()
    times = []
    with native.context.current():
        for _ in range(15):
            if loop is not None:
                times.append(loop(cuda.address("cuLaunchKernel"), function, params, 100))
            else:
                times.append(_ctypes_loop(cuda, function, params))
            native.context.check(cuda.cuCtxSynchronize(), "the bare launches")
    return statistics.median(times[3:]), "in a loop of C" if loop is not None else "through ctypes"


def _ctypes_loop(cuda: Any, function: Any, params: Any) -> float:
    import time

    numbers = [ctypes.c_uint(v) for v in (1, 1, 1, 256, 1, 1, 0)]
    launch = cuda.cuLaunchKernel
    start = time.perf_counter()
    for _ in range(100):
        launch(function, *numbers, None, params, None)
    return (time.perf_counter() - start) / 100


def _c_loop() -> Any:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    folder = tempfile.mkdtemp(prefix="kdsl-check-")
    source, library = Path(folder, "loop.c"), Path(folder, "loop.so")
    source.write_text(_LOOP)
    if subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)], capture_output=True).returncode:
        return None
    loop = ctypes.CDLL(str(library)).kdsl_bare
    shutil.rmtree(folder, ignore_errors=True)
    loop.restype, loop.argtypes = ctypes.c_double, [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long]
    return loop
