"""kdsl: the kernels as its users write them, nothing tuned for this machine.

One idea: each kernel says what one thread does; how threads become vectors, rows and shares of a core is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

import kdsl
from kdsl import Array, f32, i32, u8
from problems import SCAN_BLOCK, SORT_BLOCK, Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], None]
BLOCK = 256  # threads of a block, where they share memory
BINS = 256
BLOCKS = 64  # of the kernels that walk an array with a grid of fixed size
PIECES, FEW = 64, 64  # of the dot product's arrays, each for a block, and its threads: their sums stay in registers
TILE = 16


def unavailable() -> str | None:
    return None


def version() -> str:
    return f"kdsl {kdsl.__version__}"


# --------------------------------------------------------------------------------------------- streams


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def triad(a: f32, x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = x[i] + a * y[i]


# -------------------------------------------------------------------------------------------- stencils


@kdsl.kernel
def heat(k: f32, a: Array[f32, 2], b: Array[f32, 2]):
    x, y = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1
    around = a[y - 1, x] + a[y + 1, x] + a[y, x - 1] + a[y, x + 1]
    b[y, x] = a[y, x] + k * (around - 4.0 * a[y, x])


@kdsl.kernel
def stencil7(k: f32, a: Array[f32, 3], b: Array[f32, 3]):
    x, y, z = kdsl.global_id(0) + 1, kdsl.global_id(1) + 1, kdsl.global_id(2) + 1
    around = a[z - 1, y, x] + a[z + 1, y, x] + a[z, y - 1, x] + a[z, y + 1, x] + a[z, y, x - 1] + a[z, y, x + 1]
    b[z, y, x] = a[z, y, x] + k * (around - 6.0 * a[z, y, x])


@kdsl.kernel
def blur(image: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    corners = image[y, x] + image[y, x + 2] + image[y + 2, x] + image[y + 2, x + 2]
    sides = image[y, x + 1] + image[y + 1, x] + image[y + 1, x + 2] + image[y + 2, x + 1]
    out[y, x] = (corners + 2.0 * sides + 4.0 * image[y + 1, x + 1]) / 16.0


@kdsl.kernel
def conv7(image: Array[f32, 2], weights: Array[f32, 2], out: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    total = f32(0)
    for i in kdsl.static_range(7):
        for j in kdsl.static_range(7):
            total += weights[i, j] * image[y + i, x + j]
    out[y, x] = total


# ------------------------------------------------------------------------------------------ arithmetic


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


# As C's -ffast-math and numba's fastmath=True, which it is compared with: roots are estimated and refined.
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


@kdsl.func
def functions(x):
    return kdsl.exp(kdsl.sin(x)) + kdsl.log1p(x * x)


@kdsl.kernel
def math_default(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = functions(x[i])


@kdsl.kernel(math="fast")
def math_fast(x: Array[f32, 1], out: Array[f32, 1]):
    i = kdsl.global_id(0)
    out[i] = functions(x[i])


# -------------------------------------------------------------------------- sums, with shared memory


@kdsl.func
def add_up_block(mine, out, threads: kdsl.const):
    """Adds every thread's `mine` to out[0]: a tree in shared memory, then one atomic addition."""
    partial = kdsl.shared((threads,), f32)
    t = kdsl.thread_id(0)
    partial[t] = mine
    kdsl.barrier()
    width = kdsl.index(threads // 2)
    while width > 0:
        if t < width:
            partial[t] += partial[t + width]
        kdsl.barrier()
        width //= 2
    if t == 0:
        kdsl.atomic_add(out[0], partial[0])


@kdsl.kernel
def total(x: Array[f32, 1], out: Array[f32, 1]):
    mine = f32(0)
    for i in range(kdsl.global_id(0), x.shape[0], kdsl.grid_dim(0) * BLOCK):
        mine += x[i]
    add_up_block(mine, out, BLOCK)


@kdsl.kernel
def dot(x: Array[f32, 1], y: Array[f32, 1], out: Array[f32, 1]):
    mine = f32(0)
    piece = (x.shape[0] + kdsl.grid_dim(0) - 1) // kdsl.grid_dim(0)
    first = kdsl.block_id(0) * piece
    for i in range(first + kdsl.thread_id(0), kdsl.minimum(first + piece, x.shape[0]), FEW):
        mine += x[i] * y[i]
    add_up_block(mine, out, FEW)


@kdsl.kernel
def histogram(values: Array[u8, 1], counts: Array[i32, 1]):
    mine = kdsl.shared((BINS,), i32)
    t = kdsl.thread_id(0)
    mine[t] = 0
    kdsl.barrier()
    for i in range(kdsl.global_id(0), values.shape[0], kdsl.grid_dim(0) * BINS):
        kdsl.atomic_add(mine[kdsl.index(values[i])], 1)
    kdsl.barrier()
    kdsl.atomic_add(counts[t], mine[t])


# --------------------------------------------------------- blocks that share memory; `opencl.cl` has the same


@kdsl.kernel
def matmul(a: Array[f32, 2], b: Array[f32, 2], c: Array[f32, 2]):
    left, right = kdsl.shared((TILE, TILE), f32), kdsl.shared((TILE, TILE), f32)
    tx, ty = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    result = f32(0)
    for k in range(0, a.shape[1], TILE):
        left[ty, tx] = a[y, k + tx]
        right[ty, tx] = b[k + ty, x]
        kdsl.barrier()
        for j in range(TILE):
            result += left[ty, j] * right[j, tx]
        kdsl.barrier()
    c[y, x] = result


@kdsl.kernel
def sort(x: Array[f32, 1], out: Array[f32, 1]):
    """A bitonic network: each block sorts SORT_BLOCK elements, two for each of its threads."""
    keys = kdsl.shared((SORT_BLOCK,), f32)
    t, first = kdsl.thread_id(0), kdsl.block_id(0) * SORT_BLOCK
    keys[t] = x[first + t]
    keys[t + SORT_BLOCK // 2] = x[first + t + SORT_BLOCK // 2]
    run = i32(2)
    while run <= SORT_BLOCK:
        apart = run // 2
        while apart > 0:
            kdsl.barrier()
            i = i32(t)
            low = 2 * i - (i & (apart - 1))
            ascending = (low & run) == 0
            p, q = keys[low], keys[low + apart]
            if (p > q) == ascending:
                keys[low], keys[low + apart] = q, p
            apart //= 2
        run *= 2
    kdsl.barrier()
    out[first + t] = keys[t]
    out[first + t + SORT_BLOCK // 2] = keys[t + SORT_BLOCK // 2]


@kdsl.kernel
def scan(x: Array[f32, 1], out: Array[f32, 1]):
    """Inclusive sums of each block (Hillis and Steele)."""
    sums = kdsl.shared((SCAN_BLOCK,), f32)
    t, i = kdsl.thread_id(0), kdsl.global_id(0)
    sums[t] = x[i]
    kdsl.barrier()
    step = kdsl.index(1)
    while step < SCAN_BLOCK:
        left = f32(0)
        if t >= step:
            left = sums[t - step]
        kdsl.barrier()  # all have read before any writes
        sums[t] += left
        kdsl.barrier()
        step *= 2
    out[i] = sums[t]


# ---------------------------------------------------------------------------------------------- launches


def _run_saxpy(c: Case) -> Go:
    return lambda: saxpy.over(c["x"].size)(c["a"], c["x"], c["y"])


def _run_triad(c: Case) -> Go:
    return lambda: triad.over(c["x"].size)(c["a"], c["x"], c["y"], c["out"])


def _sweeps(launch: Callable, c: Case) -> Go:
    def go() -> None:
        a, b = c["a"], c["b"]
        for _ in range(c["sweeps"]):
            launch(c["k"], a, b)
            a, b = b, a

    return go


def _run_heat(c: Case) -> Go:
    height, width = c["a"].shape
    return _sweeps(heat.over((width - 2, height - 2)), c)


def _run_stencil7(c: Case) -> Go:
    n = c["a"].shape[0] - 2
    return _sweeps(stencil7.over((n, n, n)), c)


def _run_blur(c: Case) -> Go:
    height, width = c["out"].shape
    return lambda: blur.over((width, height))(c["image"], c["out"])


def _run_conv7(c: Case) -> Go:
    height, width = c["out"].shape
    return lambda: conv7.over((width, height))(c["image"], c["weights"], c["out"])


def _run_mandelbrot(c: Case) -> Go:
    height, width = c["out"].shape
    return lambda: mandelbrot.over((width, height))(c["x0"], c["y0"], c["step"], c["limit"], c["out"])


def _run_nbody(c: Case) -> Go:
    arrays = [c[name] for name in ("x", "y", "z", "m", "ax", "ay", "az")]
    return lambda: nbody.over(c["x"].size)(c["soft2"], *arrays)


def _run_math_default(c: Case) -> Go:
    return lambda: math_default.over(c["x"].size)(c["x"], c["out"])


def _run_math_fast(c: Case) -> Go:
    return lambda: math_fast.over(c["x"].size)(c["x"], c["out"])


def _run_sum(c: Case) -> Go:
    def go() -> None:
        c["out"][0] = 0
        total[BLOCKS, BLOCK](c["x"], c["out"])

    return go


def _run_dot(c: Case) -> Go:
    def go() -> None:
        c["out"][0] = 0
        dot[PIECES, FEW](c["x"], c["y"], c["out"])

    return go


def _run_histogram(c: Case) -> Go:
    def go() -> None:
        c["counts"][:] = 0
        histogram[BLOCKS, BINS](c["values"], c["counts"])

    return go


def _run_matmul(c: Case) -> Go:
    tiles = c["c"].shape[0] // TILE
    return lambda: matmul[(tiles, tiles), (TILE, TILE)](c["a"], c["b"], c["c"])


def _run_sort(c: Case) -> Go:
    return lambda: sort[c["x"].size // SORT_BLOCK, SORT_BLOCK // 2](c["x"], c["out"])


def _run_scan(c: Case) -> Go:
    return lambda: scan[c["x"].size // SCAN_BLOCK, SCAN_BLOCK](c["x"], c["out"])


def _run_launch(c: Case) -> Go:
    launch = triad.over(c["x"].size)

    def go() -> None:
        a, x, y, out = c["a"], c["x"], c["y"], c["out"]
        for _ in repeat(None, c["calls"]):
            launch(a, x, y, out)

    return go


KERNELS = {
    "saxpy": _run_saxpy, "triad": _run_triad, "heat": _run_heat, "stencil7": _run_stencil7, "blur": _run_blur,
    "conv7": _run_conv7, "mandelbrot": _run_mandelbrot, "nbody": _run_nbody, "nbody-rough": _run_nbody,
    "math-default": _run_math_default,
    "math-fast": _run_math_fast, "sum": _run_sum, "dot": _run_dot, "histogram": _run_histogram, "matmul": _run_matmul,
    "sort": _run_sort, "scan": _run_scan, "launch": _run_launch, "launch_parallel": _run_launch,
}  # fmt: skip
