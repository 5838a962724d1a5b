"""C with OpenMP: `c.c`, compiled by gcc for this machine and called through ctypes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from peers.building import at, build, f32, function, i32, i64, no_compiler as unavailable, pointer
from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], None]


def version() -> str:
    import subprocess

    from peers.building import compiler

    cc = compiler()
    assert cc is not None
    return subprocess.run([cc, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def _plain():
    return build("c")


def _fast():
    return build("c", "-ffast-math")


def _saxpy(c: Case) -> Go:
    f = function(_plain(), "saxpy", i64, f32, pointer, pointer)
    return functools.partial(f, c["x"].size, c["a"], at(c["x"]), at(c["y"]))


def _triad(c: Case) -> Go:
    f = function(_plain(), "triad", i64, f32, pointer, pointer, pointer)
    return functools.partial(f, c["x"].size, c["a"], at(c["x"]), at(c["y"]), at(c["out"]))


def sweeps(f: Callable, c: Case) -> Go:
    """Runs f(from, to) again and again, the arrays changing places."""
    a, b = at(c["a"]), at(c["b"])

    def go() -> None:
        now, then = a, b
        for _ in range(c["sweeps"]):
            f(now, then)
            now, then = then, now

    return go


def _heat(c: Case) -> Go:
    f = function(_plain(), "heat", i64, i64, f32, pointer, pointer)
    height, width = c["a"].shape
    return sweeps(functools.partial(f, width, height, c["k"]), c)


def _stencil7(c: Case) -> Go:
    f = function(_plain(), "stencil7", i64, f32, pointer, pointer)
    return sweeps(functools.partial(f, c["a"].shape[0], c["k"]), c)


def _blur(c: Case) -> Go:
    f = function(_plain(), "blur", i64, i64, pointer, pointer)
    return functools.partial(f, *c["out"].shape, at(c["image"]), at(c["out"]))


def _conv7(c: Case) -> Go:
    f = function(_plain(), "conv7", i64, i64, pointer, pointer, pointer)
    return functools.partial(f, *c["out"].shape, at(c["image"]), at(c["weights"]), at(c["out"]))


def _mandelbrot(c: Case) -> Go:
    f = function(_plain(), "mandelbrot", i64, i64, f32, f32, f32, i32, pointer)
    height, width = c["out"].shape
    return functools.partial(f, width, height, c["x0"], c["y0"], c["step"], c["limit"], at(c["out"]))


def _nbody(c: Case) -> Go:
    f = function(_fast(), "nbody", i64, f32, *[pointer] * 7)
    return functools.partial(f, c["x"].size, c["soft2"], *(at(c[name]) for name in ("x", "y", "z", "m", "ax", "ay", "az")))


def _math(library: Callable) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        f = function(library(), "math_functions", i64, pointer, pointer)
        return functools.partial(f, c["x"].size, at(c["x"]), at(c["out"]))

    return make


def _sum(c: Case) -> Go:
    f, out = function(_plain(), "sum", i64, pointer, result=f32), c["out"]
    n, x = c["x"].size, at(c["x"])
    return lambda: out.fill(f(n, x))


def _dot(c: Case) -> Go:
    f, out = function(_plain(), "dot", i64, pointer, pointer, result=f32), c["out"]
    n, x, y = c["x"].size, at(c["x"]), at(c["y"])
    return lambda: out.fill(f(n, x, y))


def _histogram(c: Case) -> Go:
    f = function(_plain(), "histogram", i64, pointer, pointer)
    return functools.partial(f, c["values"].size, at(c["values"]), at(c["counts"]))


def _launches(name: str) -> Callable[[Case], Go]:
    def make(c: Case) -> Go:
        f = function(_plain(), name, i64, i64, f32, pointer, pointer, pointer)
        return functools.partial(f, c["calls"], c["x"].size, c["a"], at(c["x"]), at(c["y"]), at(c["out"]))

    return make


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "nbody-rough": _nbody, "math-default": _math(_plain), "math-fast": _math(_fast),
    "sum": _sum, "dot": _dot, "histogram": _histogram,
    "launch": _launches("launches"), "launch_parallel": _launches("launches_parallel"),
}  # fmt: skip
