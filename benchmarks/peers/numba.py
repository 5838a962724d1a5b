"""numba: the same loops with `prange`, as its documentation writes them; `fastmath` where the row allows it.

One idea: nothing that numba would not do by itself. The same file serves numba with and without Intel's SVML, which
differ in what is installed beside it. Importing numba is left to the functions, so that a missing one is only a reason.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable
from itertools import repeat

import numpy as np

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]
f32 = np.float32


def unavailable() -> str | None:
    if not importlib.util.find_spec("numba"):
        return "numba is not installed"
    if os.environ.get("KDSL_BENCH_SVML"):
        from numba import config

        if not config.USING_SVML:
            return "this numba does not find SVML, or its llvmlite is not built for it"
    return None


def version() -> str:
    import numba

    return f"numba {numba.__version__}"


def _saxpy(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True)
    def saxpy(a, x, y):
        for i in numba.prange(x.size):
            y[i] = a * x[i] + y[i]

    return lambda: saxpy(f32(c["a"]), c["x"], c["y"])


def _triad(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True)
    def triad(a, x, y, out):
        for i in numba.prange(x.size):
            out[i] = x[i] + a * y[i]

    return lambda: triad(f32(c["a"]), c["x"], c["y"], c["out"])


def _sweeps(f: Callable, c: Case) -> Go:
    k = f32(c["k"])

    def go() -> None:
        a, b = c["a"], c["b"]
        for _ in range(c["sweeps"]):
            f(k, a, b)
            a, b = b, a

    return go


def _heat(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def heat(k, a, b):
        for y in numba.prange(1, a.shape[0] - 1):
            for x in range(1, a.shape[1] - 1):
                around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
                b[y, x] = a[y, x] + k * (around - f32(4) * a[y, x])

    return _sweeps(heat, c)


def _stencil7(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def stencil7(k, a, b):
        for z in numba.prange(1, a.shape[0] - 1):
            for y in range(1, a.shape[1] - 1):
                for x in range(1, a.shape[2] - 1):
                    around = a[z - 1, y, x] + a[z + 1, y, x] + a[z, y - 1, x] + a[z, y + 1, x] + a[z, y, x - 1] + a[z, y, x + 1]
                    b[z, y, x] = a[z, y, x] + k * (around - f32(6) * a[z, y, x])

    return _sweeps(stencil7, c)


def _blur(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def blur(image, out):
        for y in numba.prange(out.shape[0]):
            for x in range(out.shape[1]):
                corners = image[y, x] + image[y, x + 2] + image[y + 2, x] + image[y + 2, x + 2]
                sides = image[y, x + 1] + image[y + 1, x] + image[y + 1, x + 2] + image[y + 2, x + 1]
                out[y, x] = (corners + f32(2) * sides + f32(4) * image[y + 1, x + 1]) * f32(1 / 16)

    return lambda: blur(c["image"], c["out"])


def _conv7(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def conv7(image, weights, out):
        for y in numba.prange(out.shape[0]):
            for x in range(out.shape[1]):
                total = f32(0)
                for i in range(7):
                    for j in range(7):
                        total += weights[i, j] * image[y + i, x + j]
                out[y, x] = total

    return lambda: conv7(c["image"], c["weights"], c["out"])


def _mandelbrot(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def mandelbrot(x0, y0, step, limit, out):
        for py in numba.prange(out.shape[0]):
            for px in range(out.shape[1]):
                cx, cy = x0 + step * f32(px), y0 + step * f32(py)
                zx, zy = f32(0), f32(0)
                k = 0
                while k < limit and zx * zx + zy * zy <= f32(4):
                    zx, zy = zx * zx - zy * zy + cx, f32(2) * zx * zy + cy
                    k += 1
                out[py, px] = k

    return lambda: mandelbrot(f32(c["x0"]), f32(c["y0"]), f32(c["step"]), c["limit"], c["out"])


def _nbody(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def nbody(soft2, x, y, z, m, ax, ay, az):
        for i in numba.prange(x.size):
            sx, sy, sz = f32(0), f32(0), f32(0)
            for j in range(x.size):
                dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
                inv = f32(1) / math.sqrt(dx * dx + dy * dy + dz * dz + soft2)
                s = m[j] * inv * inv * inv
                sx += s * dx
                sy += s * dy
                sz += s * dz
            ax[i], ay[i], az[i] = sx, sy, sz

    return lambda: nbody(f32(c["soft2"]), c["x"], c["y"], c["z"], c["m"], c["ax"], c["ay"], c["az"])


def _math(fast: bool) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        import numba

        @numba.njit(parallel=True, fastmath=fast)
        def functions(x, out):
            for i in numba.prange(x.size):
                out[i] = math.exp(math.sin(x[i])) + math.log1p(x[i] * x[i])

        return lambda: functions(c["x"], c["out"])

    return make


def _sum(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def total(x):
        result = f32(0)
        for i in numba.prange(x.size):
            result += x[i]
        return result

    return lambda: c["out"].fill(total(c["x"]))


def _dot(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def dot(x, y):
        result = f32(0)
        for i in numba.prange(x.size):
            result += x[i] * y[i]
        return result

    return lambda: c["out"].fill(dot(c["x"], c["y"]))


def _histogram(c: Case) -> Go:
    import numba

    @numba.njit(parallel=True)
    def histogram(values, counts):
        parts = numba.get_num_threads()
        private = np.zeros((parts, 256), np.int32)
        for part in numba.prange(parts):
            for i in range(part * values.size // parts, (part + 1) * values.size // parts):
                private[part, values[i]] += 1
        counts[:] = private.sum(axis=0)

    return lambda: histogram(c["values"], c["counts"])


def _launch(parallel: bool) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        import numba

        @numba.njit(parallel=parallel)
        def triad(a, x, y, out):
            for i in numba.prange(x.size):
                out[i] = x[i] + a * y[i]

        def go() -> None:
            a, x, y, out = f32(c["a"]), c["x"], c["y"], c["out"]
            for _ in repeat(None, c["calls"]):
                triad(a, x, y, out)

        return go

    return make


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "nbody-rough": _nbody,
    "math-default": _math(False), "math-fast": _math(True), "sum": _sum,
    "dot": _dot, "histogram": _histogram, "launch": _launch(False), "launch_parallel": _launch(True),
}  # fmt: skip
