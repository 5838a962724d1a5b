"""OpenCL C: `opencl.cl` on the platform that KDSL_BENCH_OPENCL names, Intel's runtime for CPUs or PoCL.

One idea: buffers are the case's own memory (USE_HOST_PTR), as runtimes for CPUs ask for, so nothing is copied; outputs are
read through a mapping, as the standard asks for.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from problems import SCAN_BLOCK, SORT_BLOCK, Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]
BLOCK, BLOCKS, TILE = 256, 64, 16
_WANTED = os.environ.get("KDSL_BENCH_OPENCL", "")


def _tell_loader() -> None:
    """Names the drivers to the loader: the system's, and Intel's, whose package leaves a path of its maker's."""
    found = [file.read_text().strip() for file in sorted(Path("/etc/OpenCL/vendors").glob("*.icd"))]
    intel = Path(sys.prefix, "lib", "libintelocl.so")
    vendors = tempfile.mkdtemp(prefix="kdsl-bench-icd-")
    for k, library in enumerate([str(intel)] * intel.exists() + [f for f in found if "intelocl" not in f]):
        Path(vendors, f"{k}.icd").write_text(library + "\n")
    os.environ["OCL_ICD_VENDORS"] = os.environ["OPENCL_VENDOR_PATH"] = vendors


def _platform():
    import pyopencl as cl

    try:
        return next((p for p in cl.get_platforms() if _WANTED in p.name), None)
    except cl.LogicError:  # there is no platform at all
        return None


def unavailable() -> str | None:
    if not importlib.util.find_spec("pyopencl"):
        return "pyopencl is not installed"
    _tell_loader()
    if _platform() is None:
        return f"no OpenCL platform {_WANTED!r}: " + (
            "pip install intel-opencl-rt" if _WANTED == "Intel" else "install pocl-opencl-icd"
        )
    return None


def version() -> str:
    platform = _platform()
    assert platform is not None
    return f"{platform.name}, {platform.version}; driver {platform.get_devices()[0].driver_version}"


class Mapped:
    """A buffer that NumPy may read, by mapping it."""

    def __init__(self, device: Device, buffer, like: np.ndarray):
        self.device, self.buffer, self.like = device, buffer, like

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        import pyopencl as cl

        array, _ = cl.enqueue_map_buffer(
            self.device.queue, self.buffer, cl.map_flags.READ, 0, self.like.shape, self.like.dtype, is_blocking=True
        )
        return array


class Device:
    """Context, queue and program; `device()` makes the one of this process."""

    def __init__(self):
        import pyopencl as cl

        platform = _platform()
        assert platform is not None
        self.cl = cl
        self.context = cl.Context(platform.get_devices())
        self.queue = cl.CommandQueue(self.context)
        text = Path(__file__).with_suffix(".cl").read_text()
        self.programs = {
            fast: cl.Program(self.context, text).build(["-cl-fast-relaxed-math"] if fast else ["-cl-mad-enable"])
            for fast in (False, True)
        }

    def run(self, case: Case, name: str, threads: tuple, block: tuple | None, arguments: list, outputs: str,
            fast: bool = False) -> Go:  # fmt: skip
        """arguments: names of arrays, and values."""
        cl = self.cl
        flags = cl.mem_flags.READ_WRITE | cl.mem_flags.USE_HOST_PTR
        buffers = {a: cl.Buffer(self.context, flags, hostbuf=case[a]) for a in arguments if isinstance(a, str)}
        kernel = cl.Kernel(self.programs[fast], name)
        kernel.set_args(*(buffers[a] if isinstance(a, str) else a for a in arguments))
        result = {o: Mapped(self, buffers[o], case[o]) for o in outputs.split()}
        queue, enqueue = self.queue, cl.enqueue_nd_range_kernel

        def go() -> object:
            enqueue(queue, kernel, threads, block)
            queue.finish()
            return result

        go.kernel, go.buffers = kernel, buffers  # type: ignore[attr-defined]
        return go


_devices: list[Device] = []


def device() -> Device:
    if not _devices:
        _devices.append(Device())
    return _devices[0]


def _i(value) -> np.int32:
    return np.int32(value)


def _f(value) -> np.float32:
    return np.float32(value)


def _saxpy(c: Case) -> Go:
    return device().run(c, "saxpy", (c["x"].size,), None, [_f(c["a"]), "x", "y"], "y")


def _triad(c: Case) -> Go:
    return device().run(c, "triad", (c["x"].size,), None, [_f(c["a"]), "x", "y", "out"], "out")


def _sweeps(c: Case, name: str, n: int) -> Go:
    threads = tuple(extent - 2 for extent in reversed(c["a"].shape))
    first = device().run(c, name, threads, None, [_i(n), _f(c["k"]), "a", "b"], "a")
    d, cl = device(), device().cl
    back = cl.Kernel(d.programs[False], name)
    back.set_args(_i(n), _f(c["k"]), first.buffers["b"], first.buffers["a"])
    result = {"a": Mapped(d, first.buffers["a"], c["a"])}

    def go() -> object:
        for k in range(c["sweeps"]):
            cl.enqueue_nd_range_kernel(d.queue, back if k % 2 else first.kernel, threads, None)
        d.queue.finish()
        return result

    return go


def _heat(c: Case) -> Go:
    return _sweeps(c, "heat", c["a"].shape[1])


def _stencil7(c: Case) -> Go:
    return _sweeps(c, "stencil7", c["a"].shape[0])


def _blur(c: Case) -> Go:
    height, width = c["out"].shape
    return device().run(c, "blur", (width, height), None, [_i(width), "image", "out"], "out")


def _conv7(c: Case) -> Go:
    height, width = c["out"].shape
    return device().run(c, "conv7", (width, height), None, [_i(width), "image", "weights", "out"], "out")


def _mandelbrot(c: Case) -> Go:
    height, width = c["out"].shape
    arguments = [_f(c["x0"]), _f(c["y0"]), _f(c["step"]), _i(c["limit"]), "out"]
    return device().run(c, "mandelbrot", (width, height), None, arguments, "out")


def _nbody(c: Case, rough: bool = False) -> Go:
    n = c["x"].size
    arguments = [_i(n), _f(c["soft2"]), "x", "y", "z", "m", "ax", "ay", "az"]
    return device().run(c, "nbody", (n,), None, arguments, "ax ay az", fast=rough)


def _math_default(c: Case) -> Go:
    return device().run(c, "math_default", (c["x"].size,), None, ["x", "out"], "out")


def _math_fast(c: Case) -> Go:
    return device().run(c, "math_fast", (c["x"].size,), None, ["x", "out"], "out", fast=True)


def _reduction(name: str, inputs: str) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        sums = np.zeros(BLOCKS, np.float32)
        partial = device().cl.LocalMemory(4 * BLOCK)
        arguments = [_i(c["x"].size), *inputs.split(), "sums", partial]
        f = device().run({**c, "sums": sums}, name, (BLOCKS * BLOCK,), (BLOCK,), arguments, "sums", fast=True)
        return lambda: {"out": np.asarray(f()["sums"]).sum(keepdims=True)}

    return make


def _histogram(c: Case) -> Go:
    f = device().run(c, "histogram", (BLOCKS * BLOCK,), (BLOCK,), [_i(c["values"].size), "values", "counts"], "counts")
    d, counts = device(), c["counts"]

    def go() -> object:
        d.cl.enqueue_fill_buffer(d.queue, f.buffers["counts"], np.int32(0), 0, counts.nbytes)
        return f()

    return go


def _matmul(c: Case) -> Go:
    n = c["a"].shape[0]
    return device().run(c, "matmul", (n, n), (TILE, TILE), [_i(n), "a", "b", "c"], "c")


def _sort(c: Case) -> Go:
    return device().run(c, "sort", (c["x"].size // 2,), (SORT_BLOCK // 2,), ["x", "out"], "out")


def _scan(c: Case) -> Go:
    return device().run(c, "scan", (c["x"].size,), (SCAN_BLOCK,), ["x", "out"], "out")


def _launch(c: Case) -> Go:
    f = _triad(c)

    def go() -> object:
        for _ in range(c["calls"] - 1):
            f()
        return f()

    return go


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "nbody-rough": lambda c: _nbody(c, rough=True),
    "math-default": _math_default, "math-fast": _math_fast,
    "sum": _reduction("sum", "x"), "dot": _reduction("dot_product", "x y"), "histogram": _histogram, "matmul": _matmul,
    "sort": _sort, "scan": _scan, "launch_parallel": _launch,
}  # fmt: skip
