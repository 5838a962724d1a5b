"""What is measured: inputs, the answer that every peer must give, and the ratios that kdsl promises.

One idea: a problem is data that every peer gets alike, so a peer is only a function from `Case` to something to call.
The expected answers are NumPy's, in double precision wherever a sum is long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["PROBLEMS", "Case", "Outputs", "Problem", "Target", "make_photo"]

Case = dict[str, "np.ndarray | float | int"]
Outputs = dict[str, np.ndarray]
f32 = np.float32

C = ("c", "intrinsics")
NUMBA = ("numba", "numba-svml")
HALIDE, INTEL, POCL, TORCH = "halide", "opencl-intel", "opencl-pocl", "torch"

SORT_BLOCK = 512  # elements that a block of the sorting network sorts in shared memory
SCAN_BLOCK = 256


@dataclass(frozen=True)
class Target:
    """kdsl must be at least `ratio` times as fast as the best of `of`."""

    of: tuple[str, ...]
    ratio: float


@dataclass(frozen=True)
class Problem:
    """One row. `make(n, scratch)` gives inputs; `expected` what `outputs` must hold after one run of them.

    kernel: the name under which peers solve it. size and quick: what `make` gets. limit: how far outputs may be from the
    expected ones, relative to their largest magnitude, or with `counts` the share of elements that may differ at all.
    moved and flops: what a run must move between memory and cores at least, in bytes, and compute: together they say how
    fast the machine could be. 0 where that is no bound (the data fits in the cache, or what is counted is no arithmetic).
    calls: launches of one run. mix: which of the measured bandwidths bounds it. share: the part of that bound which kdsl
    must reach. loop: the peer whose time is that of the loop itself, no competitor but what a call's time is compared with.
    at_most: the longest time of a call, in seconds, above `loop` if that is given and `above` is set.
    """

    name: str
    title: str
    kernel: str
    size: int
    quick: int
    make: Callable[[int, Path], Case]
    outputs: tuple[str, ...]
    expected: Callable[[Case], Outputs]
    limit: float
    targets: tuple[Target, ...]
    counts: bool = False
    moved: Callable[[Case], float] = lambda case: 0.0
    flops: Callable[[Case, Outputs], float] = lambda case, out: 0.0
    calls: Callable[[Case], int] = lambda case: 1
    mix: str = "write"
    compute: bool = False  # bound by arithmetic: scaling from one thread to two is measured
    large: bool = False
    share: float = 0.0
    loop: str = ""
    at_most: float = 0.0
    above: bool = False

    @property
    def places(self) -> int:
        """How often arrays are allocated anew, where it matters which pages they get. Large ones are spread over many."""
        return 1 if self.compute or self.loop else 2 if self.large else 5


# ------------------------------------------------------------------------------------------------- inputs


def _random(n: int, *names: str, seed: int = 1) -> Case:
    rng = np.random.default_rng(seed)
    return {name: rng.random(n, f32) for name in names}


def _make_saxpy(n: int, scratch: Path) -> Case:
    return {"a": 0.25, **_random(n, "x", "y")}


def _make_triad(n: int, scratch: Path) -> Case:
    return {"a": 0.25, **_random(n, "x", "y"), "out": np.zeros(n, f32)}


def _make_heat(n: int, scratch: Path) -> Case:
    a = np.random.default_rng(3).random((n, n), f32)
    return {"a": a, "b": a.copy(), "k": 0.2, "sweeps": 10}  # an even number of sweeps leaves the result in a


def _make_stencil7(n: int, scratch: Path) -> Case:
    a = np.random.default_rng(4).random((n, n, n), f32)
    return {"a": a, "b": a.copy(), "k": 0.1, "sweeps": 10}


def _plane(scratch: Path, height: int) -> np.ndarray:
    """The photograph's luminance in 0..1, `height` rows by three quarters as many columns."""
    return np.load(scratch / "photo.npy")[:height, : height * 3 // 4].astype(f32) / f32(255)


def _make_blur(n: int, scratch: Path) -> Case:
    image = _plane(scratch, n)
    return {"image": image, "out": np.zeros((image.shape[0] - 2, image.shape[1] - 2), f32)}


def _make_conv7(n: int, scratch: Path) -> Case:
    image = _plane(scratch, n)
    weights = np.random.default_rng(5).random((7, 7), f32)
    weights /= weights.sum()
    return {"image": image, "weights": weights, "out": np.zeros((image.shape[0] - 6, image.shape[1] - 6), f32)}


def _make_mandelbrot(n: int, scratch: Path) -> Case:
    return {"x0": -2.0, "y0": -1.25, "step": 2.5 / n, "limit": 200, "out": np.zeros((n, n), np.int32)}


def _make_nbody(n: int, scratch: Path) -> Case:
    rng = np.random.default_rng(2)
    case: Case = {name: rng.standard_normal(n).astype(f32) for name in "xyz"}
    case["m"] = (rng.random(n, f32) + f32(0.5)) / f32(n)
    return case | {name: np.zeros(n, f32) for name in ("ax", "ay", "az")} | {"soft2": 0.01}


def _make_math(n: int, scratch: Path) -> Case:
    x = np.random.default_rng(6).standard_normal(n).astype(f32) * f32(3)
    return {"x": x, "out": np.zeros(n, f32)}


def _make_sum(n: int, scratch: Path) -> Case:
    return {**_random(n, "x"), "out": np.zeros(1, f32)}


def _make_dot(n: int, scratch: Path) -> Case:
    return {**_random(n, "x", "y"), "out": np.zeros(1, f32)}


def _make_histogram(n: int, scratch: Path) -> Case:
    """The photograph's bytes, row after row, as often as they are needed: neighbours are alike, as in any picture."""
    return {"values": np.resize(np.load(scratch / "photo.npy").reshape(-1), n), "counts": np.zeros(256, np.int32)}


def _make_matmul(n: int, scratch: Path) -> Case:
    rng = np.random.default_rng(7)
    a, b = (rng.random((n, n), f32) - f32(0.5) for _ in "ab")
    return {"a": a, "b": b, "c": np.zeros((n, n), f32)}


def _make_sort(n: int, scratch: Path) -> Case:
    return {**_random(n, "x"), "out": np.zeros(n, f32)}


def _make_launch(n: int, scratch: Path) -> Case:
    return {"a": 0.25, **_random(n, "x", "y"), "out": np.zeros(n, f32), "calls": 2000}


def make_photo(scratch: Path, height: int = 4000, width: int = 3000) -> None:
    """Leaves the photograph that matplotlib carries, enlarged, as `photo.npy`: luminance, u8."""
    import matplotlib
    from PIL import Image

    picture = Image.open(Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")).convert("L")
    np.save(scratch / "photo.npy", np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)))


# ----------------------------------------------------------------------------------------------- answers


def _array(case: Case, name: str) -> np.ndarray:
    value = case[name]
    assert isinstance(value, np.ndarray)
    return value


def _expect_saxpy(c: Case) -> Outputs:
    return {"y": f32(c["a"]) * _array(c, "x") + _array(c, "y")}


def _expect_triad(c: Case) -> Outputs:
    return {"out": _array(c, "x") + f32(c["a"]) * _array(c, "y")}


def _expect_heat(c: Case) -> Outputs:
    a, b, k = _array(c, "a").copy(), _array(c, "b").copy(), f32(c["k"])
    for _ in range(int(c["sweeps"])):
        around = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
        b[1:-1, 1:-1] = a[1:-1, 1:-1] + k * (around - f32(4) * a[1:-1, 1:-1])
        a, b = b, a
    return {"a": a}


def _expect_stencil7(c: Case) -> Outputs:
    a, b, k = _array(c, "a").copy(), _array(c, "b").copy(), f32(c["k"])
    m = slice(1, -1)
    for _ in range(int(c["sweeps"])):
        around = a[:-2, m, m] + a[2:, m, m] + a[m, :-2, m] + a[m, 2:, m] + a[m, m, :-2] + a[m, m, 2:]
        b[m, m, m] = a[m, m, m] + k * (around - f32(6) * a[m, m, m])
        a, b = b, a
    return {"a": a}


def _weighted(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    rows, columns = weights.shape
    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    total = np.zeros((height, width), f32)
    for i in range(rows):
        for j in range(columns):
            total += weights[i, j] * image[i : i + height, j : j + width]
    return total


def _expect_blur(c: Case) -> Outputs:
    taps = np.array([1, 2, 1], f32)
    return {"out": _weighted(_array(c, "image"), np.outer(taps, taps) / f32(16))}


def _expect_conv7(c: Case) -> Outputs:
    return {"out": _weighted(_array(c, "image"), _array(c, "weights"))}


def _expect_mandelbrot(c: Case) -> Outputs:
    height, width = _array(c, "out").shape
    cx = np.broadcast_to(f32(c["x0"]) + f32(c["step"]) * np.arange(width, dtype=f32), (height, width)).reshape(-1)
    cy = np.repeat(f32(c["y0"]) + f32(c["step"]) * np.arange(height, dtype=f32), width)
    counts, alive = np.zeros(height * width, np.int32), np.arange(height * width)
    zx, zy = np.zeros_like(cx), np.zeros_like(cy)
    for _ in range(int(c["limit"])):
        stay = zx * zx + zy * zy <= 4
        alive, zx, zy, cx, cy = alive[stay], zx[stay], zy[stay], cx[stay], cy[stay]
        counts[alive] += 1
        zx, zy = zx * zx - zy * zy + cx, f32(2) * zx * zy + cy
    return {"out": counts.reshape(height, width)}


def _expect_nbody(c: Case) -> Outputs:
    x, y, z, m = (_array(c, name).astype(np.float64) for name in "xyzm")
    out = {name: np.empty(x.size, f32) for name in ("ax", "ay", "az")}
    for i in range(0, x.size, 256):
        part = slice(i, i + 256)
        dx, dy, dz = (v[None, :] - v[part, None] for v in (x, y, z))
        s = m * (dx * dx + dy * dy + dz * dz + float(c["soft2"])) ** -1.5
        for name, d in (("ax", dx), ("ay", dy), ("az", dz)):
            out[name][part] = (s * d).sum(axis=1)
    return out


def _expect_math(c: Case) -> Outputs:
    x = _array(c, "x").astype(np.float64)
    return {"out": (np.exp(np.sin(x)) + np.log1p(x * x)).astype(f32)}


def _expect_sum(c: Case) -> Outputs:
    return {"out": np.array([_array(c, "x").sum(dtype=np.float64)])}


def _expect_dot(c: Case) -> Outputs:
    return {"out": np.array([np.sum(_array(c, "x") * _array(c, "y"), dtype=np.float64)])}


def _expect_histogram(c: Case) -> Outputs:
    return {"counts": np.bincount(_array(c, "values"), minlength=256).astype(np.int32)}


def _expect_matmul(c: Case) -> Outputs:
    return {"c": _array(c, "a") @ _array(c, "b")}


def _expect_sort(c: Case) -> Outputs:
    return {"out": np.sort(_array(c, "x").reshape(-1, SORT_BLOCK), axis=1).reshape(-1)}


def _expect_scan(c: Case) -> Outputs:
    return {"out": np.cumsum(_array(c, "x").reshape(-1, SCAN_BLOCK), axis=1, dtype=np.float64).astype(f32).reshape(-1)}


# -------------------------------------------------------------------------------------------- the table


def _bytes(names: str, times: Callable[[Case], float] = lambda c: 1.0) -> Callable[[Case], float]:
    return lambda c: sum(_array(c, name).nbytes for name in names.split()) * times(c)


def _sweeps(c: Case) -> float:
    return float(c["sweeps"])


def _per(name: str, flops: float) -> Callable[[Case, Outputs], float]:
    return lambda c, out: flops * _array(c, name).size


def _row(name: str, title: str, size: int, quick: int, make: Callable, outputs: str, expected: Callable, limit: float,
         *targets: Target, **more) -> Problem:  # fmt: skip
    kernel = more.pop("kernel", name)
    return Problem(name, title, kernel, size, quick, make, tuple(outputs.split()), expected, limit, targets, **more)


_M = 1 << 20

# Limits: u = 2**-24 is one rounding; half a million terms added one after the other lose some 1e-4 of the whole. The n-body
# rows ask for a root that is refined, and allow a bare estimate. A last-bit difference grows along an orbit of the
# Mandelbrot set, so pixels at its rim leave some steps apart.
_ROWS = (
    _row("saxpy-16M", "saxpy, 16M", 16 * _M, _M, _make_saxpy, "y", _expect_saxpy, 2e-7, Target(C, 1.0),
         kernel="saxpy", moved=_bytes("x y y")),
    _row("saxpy-128M", "saxpy, 128M", 128 * _M, 2 * _M, _make_saxpy, "y", _expect_saxpy, 2e-7, Target(C, 1.0),
         kernel="saxpy", moved=_bytes("x y y"), large=True),
    _row("triad-16M", "triad, 16M", 16 * _M, _M, _make_triad, "out", _expect_triad, 2e-7, Target(C, 1.0),
         kernel="triad", moved=_bytes("x y out")),
    _row("triad-128M", "triad, 128M", 128 * _M, 2 * _M, _make_triad, "out", _expect_triad, 2e-7, Target(C, 1.0),
         kernel="triad", moved=_bytes("x y out"), large=True),
    _row("heat", "heat, 5 points, 4096², 10 sweeps", 4096, 512, _make_heat, "a", _expect_heat, 2e-6,
         Target((*C, HALIDE, *NUMBA), 1.0), moved=_bytes("a b", _sweeps)),
    _row("stencil7", "3-D, 7 points, 256³, 10 sweeps", 256, 64, _make_stencil7, "a", _expect_stencil7, 2e-6,
         Target((*C, HALIDE, *NUMBA), 1.0), moved=_bytes("a b", _sweeps)),
    _row("blur", "3 × 3 blur of a photograph", 4000, 400, _make_blur, "out", _expect_blur, 1e-6,
         Target((*C, HALIDE), 1.0), moved=_bytes("image out")),
    _row("conv7", "7 × 7 convolution of a photograph", 4000, 400, _make_conv7, "out", _expect_conv7, 4e-6,
         Target((*C, HALIDE), 1.0), moved=_bytes("image out"), flops=_per("out", 98), compute=True),
    _row("mandelbrot", "Mandelbrot, 1024², 200 steps", 1024, 256, _make_mandelbrot, "out", _expect_mandelbrot, 0.01,
         Target(("intrinsics", INTEL), 1.0), counts=True, compute=True,
         flops=lambda c, out: 8.0 * float(np.sum(out["out"], dtype=np.float64))),
    _row("nbody", "n-body, 4096", 4096, 1024, _make_nbody, "ax ay az", _expect_nbody, 2e-5,
         Target((*C, *NUMBA, INTEL), 1.0), compute=True, share=0.7, flops=lambda c, out: 20.0 * _array(c, "x").size ** 2),
    _row("nbody-rough", "the same, to 2e-4", 4096, 1024, _make_nbody, "ax ay az", _expect_nbody, 2e-4,
         Target((*C, *NUMBA, INTEL), 1.0), compute=True, flops=lambda c, out: 20.0 * _array(c, "x").size ** 2),
    _row("math-default", "exp(sin x) + log1p(x²), 4M", 4 * _M, _M // 4, _make_math, "out", _expect_math, 2e-6,
         Target((*NUMBA, INTEL, TORCH), 1.0), compute=True),
    _row("math-fast", "the same under fast math", 4 * _M, _M // 4, _make_math, "out", _expect_math, 2e-4,
         Target((*NUMBA, INTEL, TORCH), 1.5), compute=True),
    _row("sum", "sum of 16M", 16 * _M, _M, _make_sum, "out", _expect_sum, 2e-4, Target(C, 1.0), moved=_bytes("x"), mix="read"),
    _row("dot", "dot product of 16M", 16 * _M, _M, _make_dot, "out", _expect_dot, 2e-4, Target(C, 1.0),
         moved=_bytes("x y"), mix="read"),
    _row("histogram", "histogram of 16M bytes", 16 * _M, _M, _make_histogram, "counts", _expect_histogram, 0.0,
         Target(C, 1.0), counts=True),
    _row("matmul", "matmul 1024, 16 × 16 tiles", 1024, 256, _make_matmul, "c", _expect_matmul, 1e-5,
         Target((POCL,), 3.0), compute=True, flops=lambda c, out: 2.0 * _array(c, "a").shape[0] ** 3),
    _row("sort", "bitonic sort of blocks of 512", 4 * _M, _M // 4, _make_sort, "out", _expect_sort, 0.0,
         Target((POCL,), 2.0), compute=True),
    _row("scan", "scan of blocks of 256", 4 * _M, _M // 4, _make_sort, "out", _expect_scan, 1e-6, Target((POCL,), 2.0)),
    _row("launch", "a launch, 3 arrays of 4K", 4096, 4096, _make_launch, "out", _expect_triad, 2e-7,
         Target(("numba",), 1.0), kernel="launch", calls=lambda c: int(c["calls"]), loop="c", at_most=150e-9,
         above=True),
    _row("launch-parallel", "the same, parallel", 4096, 4096, _make_launch, "out", _expect_triad, 2e-7,
         Target(("numba",), 1.0), kernel="launch_parallel", calls=lambda c: int(c["calls"]), loop="c", at_most=3e-6),
    _row("launch-64K", "parallel, 3 arrays of 64K", 1 << 16, 1 << 16, _make_launch, "out", _expect_triad, 2e-7,
         Target(("numba",), 1.0), kernel="launch_parallel", calls=lambda c: int(c["calls"]), loop="c"),
)  # fmt: skip
PROBLEMS = {problem.name: problem for problem in _ROWS}
