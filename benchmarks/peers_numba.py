"""The numba side: the same loops with `parallel=True, fastmath=True`, as its users write them.

One idea: nothing that numba would not do by itself; what is compiled is compiled before anything is timed.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable

from problems import Case

__all__ = ["runners", "unavailable"]


def unavailable() -> str | None:
    """Why this peer cannot run here, or None."""
    return None if importlib.util.find_spec("numba") else "numba is not installed (pip install .[bench])"


def runners(problem: str) -> dict[str, Callable[[Case], None]]:
    """The function that solves `problem`, by the name of its column."""
    return {"numba": _MAKERS[problem]()}


def _saxpy() -> Callable[[Case], None]:
    import numba
    import numpy as np

    @numba.njit(parallel=True, fastmath=True)
    def saxpy(a, x, y):
        for i in numba.prange(x.size):
            y[i] = a * x[i] + y[i]

    return lambda c: saxpy(np.float32(c["a"]), c["x"], c["y"])


def _mandelbrot() -> Callable[[Case], None]:
    import numba
    import numpy as np

    f32 = np.float32

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

    return lambda c: mandelbrot(f32(c["x0"]), f32(c["y0"]), f32(c["step"]), c["limit"], c["out"])


def _nbody() -> Callable[[Case], None]:
    import numba
    import numpy as np

    f32 = np.float32

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

    return lambda c: nbody(f32(c["soft2"]), c["x"], c["y"], c["z"], c["m"], c["ax"], c["ay"], c["az"])


def _heat() -> Callable[[Case], None]:
    import numba
    import numpy as np

    @numba.njit(parallel=True, fastmath=True)
    def heat(k, a, b):
        for y in numba.prange(1, a.shape[0] - 1):
            for x in range(1, a.shape[1] - 1):
                around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
                b[y, x] = a[y, x] + k * (around - np.float32(4) * a[y, x])

    def run(c: Case) -> None:
        a, b = c["a"], c["b"]
        for _ in range(c["sweeps"]):
            heat(np.float32(c["k"]), a, b)
            a, b = b, a

    return run


_MAKERS = {"saxpy": _saxpy, "mandelbrot": _mandelbrot, "nbody": _nbody, "heat": _heat}
