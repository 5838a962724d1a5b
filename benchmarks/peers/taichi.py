"""Taichi: kernels over NumPy arrays (`ti.types.ndarray`), whose outermost loop runs in parallel on its CPU backend."""

import importlib.util
import os
from collections.abc import Callable

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]


def unavailable() -> str | None:
    if not importlib.util.find_spec("taichi"):
        return "taichi is not installed"
    import taichi as ti

    ti.init(arch=ti.cpu, cpu_max_num_threads=int(os.environ.get("KDSL_BENCH_THREADS", "2")), log_level=ti.WARN)
    return None


def version() -> str:
    import taichi as ti

    return f"Taichi {ti.__version__[0]}.{ti.__version__[1]}.{ti.__version__[2]}"


def _call(name: str, names: str) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        from peers import taichi_kernels

        kernel, arguments = getattr(taichi_kernels, name), [c[n] for n in names.split()]
        return lambda: kernel(*arguments)

    return make


def _sweeps(name: str) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        from peers import taichi_kernels

        kernel = getattr(taichi_kernels, name)

        def go() -> None:
            a, b = c["a"], c["b"]
            for _ in range(c["sweeps"]):
                kernel(c["k"], a, b)
                a, b = b, a

        return go

    return make


def _reduction(name: str, names: str) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        from peers import taichi_kernels

        kernel, arguments = getattr(taichi_kernels, name), [c[n] for n in names.split()]
        return lambda: c["out"].fill(kernel(*arguments))

    return make


def _launch(c: Case) -> Go:
    go = _call("triad", "a x y out")(c)

    def calls() -> None:
        for _ in range(c["calls"]):
            go()

    return calls


KERNELS = {
    "saxpy": _call("saxpy", "a x y"), "triad": _call("triad", "a x y out"), "heat": _sweeps("heat"),
    "stencil7": _sweeps("stencil7"), "blur": _call("blur", "image out"), "conv7": _call("conv7", "image weights out"),
    "mandelbrot": _call("mandelbrot", "x0 y0 step limit out"), "nbody": _call("nbody", "soft2 x y z m ax ay az"),
    "math-default": _call("functions", "x out"), "sum": _reduction("total", "x"), "dot": _reduction("dot", "x y"),
    "histogram": _call("histogram", "values counts"), "launch_parallel": _launch,
}  # fmt: skip
