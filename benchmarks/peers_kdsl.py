"""The kdsl side: the kernels as its users write them, nothing tuned for this machine.

One idea: each kernel is the scalar loop body of `c/*.c`, with the loop over elements replaced by `global_id`.
"""

from collections.abc import Callable

import kdsl
from kdsl import Array, f32, i32
from problems import Case

__all__ = ["runners", "unavailable"]


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def mandelbrot(x0: f32, y0: f32, step: f32, limit: i32, out: Array[i32, 2]):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    cx, cy = x0 + step * f32(px), y0 + step * f32(py)
    zx, zy = f32(0), f32(0)
    k = i32(0)
    while k < limit and zx * zx + zy * zy <= 4.0:
        zx, zy = zx * zx - zy * zy + cx, 2.0 * zx * zy + cy
        k += 1
    out[py, px] = k


# As numba's fastmath=True, which it is compared with: sums may be reordered, roots estimated and refined.
@kdsl.kernel(math="fast")
def nbody(
    soft2: f32,
    x: Array[f32, 1],
    y: Array[f32, 1],
    z: Array[f32, 1],
    m: Array[f32, 1],
    ax: Array[f32, 1],
    ay: Array[f32, 1],
    az: Array[f32, 1],
):
    i = kdsl.global_id(0)
    xi, yi, zi = x[i], y[i], z[i]
    sx, sy, sz = f32(0), f32(0), f32(0)
    for j in range(x.shape[0]):
        dx, dy, dz = x[j] - xi, y[j] - yi, z[j] - zi
        inv = kdsl.rsqrt(dx * dx + dy * dy + dz * dz + soft2)
        s = m[j] * inv * inv * inv
        sx += s * dx
        sy += s * dy
        sz += s * dz
    ax[i], ay[i], az[i] = sx, sy, sz


@kdsl.kernel
def heat(k: f32, a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1
    around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
    b[y, x] = a[y, x] + k * (around - 4.0 * a[y, x])


def unavailable() -> str | None:
    """Why this peer cannot run here, or None."""
    return None


def _run_saxpy(c: Case) -> None:
    saxpy.over(c["x"].size)(c["a"], c["x"], c["y"])


def _run_mandelbrot(c: Case) -> None:
    height, width = c["out"].shape
    mandelbrot.over((width, height))(c["x0"], c["y0"], c["step"], c["limit"], c["out"])


def _run_nbody(c: Case) -> None:
    arrays = [c[name] for name in ("x", "y", "z", "m", "ax", "ay", "az")]
    nbody.over(c["x"].size)(c["soft2"], *arrays)


def _run_heat(c: Case) -> None:
    height, width = c["a"].shape
    launch = heat.over((width - 2, height - 2))
    a, b = c["a"], c["b"]
    for _ in range(c["sweeps"]):
        launch(c["k"], a, b)
        a, b = b, a


_RUNNERS = {"saxpy": _run_saxpy, "mandelbrot": _run_mandelbrot, "nbody": _run_nbody, "heat": _run_heat}


def runners(problem: str) -> dict[str, Callable[[Case], None]]:
    """The function that solves `problem`, by the name of its column."""
    return {"kdsl": _RUNNERS[problem]}
