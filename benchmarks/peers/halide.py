"""Halide, through its Python bindings: algorithms and schedules as its tutorials and apps write them.

One idea: the outer dimension is parallel in strips, the inner one a vector of the machine's natural width; what is
computed once and used by neighbouring rows (the blur's first pass) is computed per strip.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]
STRIP = 32  # rows of a parallel task


def unavailable() -> str | None:
    return None if importlib.util.find_spec("halide") else "halide is not installed"


def version() -> str:
    from importlib.metadata import version

    import halide as hl

    return f"Halide {version('halide')}, {hl.get_host_target()}"


def _callable(func, out: np.ndarray, **inputs) -> Go:
    """Compiles once; each call then only checks its buffers. `inputs` are parameters and their values."""
    import halide as hl

    target = hl.get_jit_target_from_environment().with_feature(hl.TargetFeature.NoBoundsQuery)
    compiled = func.compile_to_callable([parameter for parameter, _ in inputs.values()], target)
    values = [hl.Buffer(value) if isinstance(value, np.ndarray) else value for _, value in inputs.values()]
    result = hl.Buffer(out)
    return lambda: compiled(*values, result)


def _vector() -> int:
    import halide as hl

    return hl.get_host_target().natural_vector_size(hl.Float(32))


def _elementwise(f, x) -> None:
    """A long array: pieces of it in parallel, vectors within, several of them in flight."""
    import halide as hl

    piece, inner = hl.Var(), hl.Var()
    f.split(x, piece, inner, 1 << 16, hl.TailStrategy.GuardWithIf).parallel(piece).vectorize(inner, 2 * _vector())


def _saxpy(c: Case) -> Go:
    import halide as hl

    i, a, x, y = hl.Var("i"), hl.Param(hl.Float(32)), hl.ImageParam(hl.Float(32), 1), hl.ImageParam(hl.Float(32), 1)
    f = hl.Func("saxpy")
    f[i] = a * x[i] + y[i]  # in place: the output is y's memory, and each element is read before it is written
    _elementwise(f, i)
    return _callable(f, c["y"], a=(a, c["a"]), x=(x, c["x"]), y=(y, c["y"]))


def _triad(c: Case) -> Go:
    import halide as hl

    i, a, x, y = hl.Var("i"), hl.Param(hl.Float(32)), hl.ImageParam(hl.Float(32), 1), hl.ImageParam(hl.Float(32), 1)
    f = hl.Func("triad")
    f[i] = x[i] + a * y[i]
    _elementwise(f, i)
    return _callable(f, c["out"], a=(a, c["a"]), x=(x, c["x"]), y=(y, c["y"]))


def _sweeps(c: Case, make: Callable) -> Go:
    """Two callables, there and back; the output is the interior of the other array."""
    there, back = make(c["a"], c["b"]), make(c["b"], c["a"])

    def go() -> None:
        for k in range(c["sweeps"]):
            (back if k % 2 else there)()

    return go


def _interior(array: np.ndarray):
    """The array without its rim, as a buffer whose coordinates are those of the whole."""
    import halide as hl

    buffer = hl.Buffer(array)
    for axis in range(array.ndim):
        buffer.crop(axis, 1, buffer.dim(axis).extent() - 2)
    return buffer


def _heat(c: Case) -> Go:
    import halide as hl

    x, y, yo, yi = (hl.Var(name) for name in ("x", "y", "yo", "yi"))
    k, a = hl.Param(hl.Float(32)), hl.ImageParam(hl.Float(32), 2)
    f = hl.Func("heat")
    f[x, y] = a[x, y] + k * (a[x, y - 1] + a[x, y + 1] + a[x - 1, y] + a[x + 1, y] - 4.0 * a[x, y])
    f.split(y, yo, yi, STRIP).parallel(yo).vectorize(x, _vector())
    compiled = f.compile_to_callable([k, a])

    def make(source: np.ndarray, target: np.ndarray) -> Go:
        from_, to = hl.Buffer(source), _interior(target)
        return lambda: compiled(c["k"], from_, to)

    return _sweeps(c, make)


def _stencil7(c: Case) -> Go:
    import halide as hl

    x, y, z = (hl.Var(name) for name in ("x", "y", "z"))
    k, a = hl.Param(hl.Float(32)), hl.ImageParam(hl.Float(32), 3)
    f = hl.Func("stencil7")
    around = a[x, y, z - 1] + a[x, y, z + 1] + a[x, y - 1, z] + a[x, y + 1, z] + a[x - 1, y, z] + a[x + 1, y, z]
    f[x, y, z] = a[x, y, z] + k * (around - 6.0 * a[x, y, z])
    f.parallel(z).vectorize(x, _vector())
    compiled = f.compile_to_callable([k, a])

    def make(source: np.ndarray, target: np.ndarray) -> Go:
        from_, to = hl.Buffer(source), _interior(target)
        return lambda: compiled(c["k"], from_, to)

    return _sweeps(c, make)


def _blur(c: Case) -> Go:
    """In two passes, as Halide's first example: along x for the rows that a strip needs, then along y."""
    import halide as hl

    x, y, yo, yi = (hl.Var(name) for name in ("x", "y", "yo", "yi"))
    image = hl.ImageParam(hl.Float(32), 2)
    along_x, f = hl.Func("along_x"), hl.Func("blur")
    along_x[x, y] = image[x, y] + 2.0 * image[x + 1, y] + image[x + 2, y]
    f[x, y] = (along_x[x, y] + 2.0 * along_x[x, y + 1] + along_x[x, y + 2]) * (1.0 / 16.0)
    f.split(y, yo, yi, STRIP).parallel(yo).vectorize(x, _vector())
    along_x.store_at(f, yo).compute_at(f, yi).vectorize(x, _vector())
    return _callable(f, c["out"], image=(image, c["image"]))


def _conv7(c: Case) -> Go:
    import halide as hl

    x, y, xi, yo, yi, yii = (hl.Var(name) for name in ("x", "y", "xi", "yo", "yi", "yii"))
    image, weights = hl.ImageParam(hl.Float(32), 2), hl.ImageParam(hl.Float(32), 2)
    r = hl.RDom([(0, 7), (0, 7)])
    total, f = hl.Func("total"), hl.Func("conv7")
    total[x, y] = 0.0
    total[x, y] += weights[r.x, r.y] * image[x + r.x, y + r.y]
    f[x, y] = total[x, y]
    # a tile of 4 vectors by 4 rows of sums stays in registers while the taps pass by
    wide, v = 2 * _vector(), _vector()
    f.split(y, yo, yi, STRIP).parallel(yo)
    f.tile(x, yi, xi, yii, wide, 4).vectorize(xi, v).unroll(xi).unroll(yii)
    total.compute_at(f, x).vectorize(x, v).unroll(x).unroll(y)
    total.update().reorder(x, y, r.x, r.y).vectorize(x, v).unroll(x).unroll(y).unroll(r.x)
    return _callable(f, c["out"], image=(image, c["image"]), weights=(weights, c["weights"]))


def _mandelbrot(c: Case) -> Go:
    """As apps/ and the tests have it: the iterations are a reduction over tuples, kept in registers, all lanes to the end."""
    import halide as hl

    x, y = hl.Var("x"), hl.Var("y")
    names = ("x0", "y0", "step")
    x0, y0, step = (hl.Param(hl.Float(32)) for _ in names)
    limit = hl.Param(hl.Int(32))
    t = hl.RDom([(0, limit)])
    orbit, out = hl.Func("orbit"), hl.Func("mandelbrot")
    cx, cy = x0 + step * hl.f32(x), y0 + step * hl.f32(y)
    orbit[x, y] = (hl.f32(0), hl.f32(0), hl.i32(0))
    zx, zy, k = orbit[x, y][0], orbit[x, y][1], orbit[x, y][2]
    inside = zx * zx + zy * zy <= 4.0
    orbit[x, y] = (
        hl.select(inside, zx * zx - zy * zy + cx, zx), hl.select(inside, 2.0 * zx * zy + cy, zy), hl.select(inside, t.x + 1, k),
    )  # fmt: skip
    out[x, y] = orbit[x, y][2]
    out.parallel(y, 4).vectorize(x, _vector())
    orbit.compute_at(out, x).vectorize(x)
    orbit.update().reorder(x, t.x).vectorize(x)
    return _callable(out, c["out"], x0=(x0, c["x0"]), y0=(y0, c["y0"]), step=(step, c["step"]), limit=(limit, c["limit"]))


def _math(fast: bool) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        import halide as hl

        i, x = hl.Var("i"), hl.ImageParam(hl.Float(32), 1)
        f = hl.Func("functions")
        exp, log = (hl.fast_exp, hl.fast_log) if fast else (hl.exp, hl.log)
        sine = hl.fast_sin(x[i]) if fast else hl.sin(x[i])
        f[i] = exp(sine) + log(1.0 + x[i] * x[i])
        _elementwise(f, i)
        return _callable(f, c["out"], x=(x, c["x"]))

    return make


def _reduction(two: bool) -> Callable[[Case], Go]:
    """Partial sums of vectors by `rfactor`, as lesson 18 has it: pieces in parallel, lanes within."""

    def make(c: Case) -> Go:
        import halide as hl

        x, y = hl.ImageParam(hl.Float(32), 1), hl.ImageParam(hl.Float(32), 1)
        n = c["x"].size
        r, i = hl.RDom([(0, n)]), hl.Var("i")
        f, u, v = hl.Func("total"), hl.Var("u"), hl.Var("v")
        f[i] = 0.0
        f[i] += x[r.x] * y[r.x] if two else x[r.x]
        lanes, pieces = 8 * _vector(), 64
        ro, ri, rp, rq = hl.RVar("ro"), hl.RVar("ri"), hl.RVar("rp"), hl.RVar("rq")
        f.update().split(r.x, ro, ri, lanes).split(ro, rp, rq, n // lanes // pieces)
        part = f.update().rfactor([(rp, u)])
        part.compute_root().update().parallel(u)
        part_lanes = part.update().rfactor([(ri, v)])
        part_lanes.compute_at(part, u).vectorize(v, _vector()).unroll(v).update().reorder(v, rq).vectorize(v, _vector()).unroll(v)
        inputs = {"x": (x, c["x"])} | ({"y": (y, c["y"])} if two else {})
        return _callable(f, c["out"], **inputs)

    return make


def _histogram(c: Case) -> Go:
    """A histogram for each piece of the input, in parallel, then their sum (lesson 18's rfactor)."""
    import halide as hl

    values = hl.ImageParam(hl.UInt(8), 1)
    n, pieces = c["values"].size, 2
    r, i, u = hl.RDom([(0, n)]), hl.Var("i"), hl.Var("u")
    f = hl.Func("histogram")
    f[i] = 0
    f[hl.i32(values[r.x])] += 1
    ro, ri = hl.RVar("ro"), hl.RVar("ri")
    f.update().split(r.x, ro, ri, n // pieces)
    part = f.update().rfactor([(ro, u)])
    part.compute_root().vectorize(i, _vector()).update().parallel(u)
    return _callable(f, c["counts"], values=(values, c["values"]))


def _nbody(c: Case, rough: bool = False) -> Go:
    import halide as hl

    i = hl.Var("i")
    soft2 = hl.Param(hl.Float(32))
    x, y, z, m = (hl.ImageParam(hl.Float(32), 1) for _ in "xyzm")
    j = hl.RDom([(0, c["x"].size)])
    dx, dy, dz = x[j.x] - x[i], y[j.x] - y[i], z[j.x] - z[i]
    d2 = dx * dx + dy * dy + dz * dz + soft2
    inv = hl.fast_inverse_sqrt(d2) if rough else 1.0 / hl.sqrt(d2)
    s = m[j.x] * inv * inv * inv
    total, f = hl.Func("total"), hl.Func("nbody")
    total[i] = (hl.f32(0), hl.f32(0), hl.f32(0))
    total[i] = (total[i][0] + s * dx, total[i][1] + s * dy, total[i][2] + s * dz)
    f[i] = (total[i][0], total[i][1], total[i][2])
    piece, inner = hl.Var(), hl.Var()
    wide = 2 * _vector()
    f.split(i, piece, inner, 256).parallel(piece).vectorize(inner, wide)
    total.compute_at(f, inner).vectorize(i, wide).update().reorder(i, j.x).vectorize(i, wide)
    compiled = f.compile_to_callable([soft2, x, y, z, m])
    buffers = [hl.Buffer(c[name]) for name in ("x", "y", "z", "m", "ax", "ay", "az")]
    return lambda: compiled(c["soft2"], *buffers)


def _launch(c: Case) -> Go:
    import halide as hl

    i, a, x, y = hl.Var("i"), hl.Param(hl.Float(32)), hl.ImageParam(hl.Float(32), 1), hl.ImageParam(hl.Float(32), 1)
    f = hl.Func("triad")
    f[i] = x[i] + a * y[i]
    f.vectorize(i, _vector())
    go = _callable(f, c["out"], a=(a, c["a"]), x=(x, c["x"]), y=(y, c["y"]))

    def calls() -> None:
        for _ in range(c["calls"]):
            go()

    return calls


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "nbody-rough": lambda c: _nbody(c, rough=True),
    "math-default": _math(False), "math-fast": _math(True),
    "sum": _reduction(False), "dot": _reduction(True), "histogram": _histogram, "launch": _launch,
}  # fmt: skip
