"""Warp: kernels of one thread, launched over a shape, on its CPU device.

One idea: arrays share NumPy's memory. Warp's CPU device runs a launch on one thread; that is what its users get.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]

Go = Callable[[], object]


def unavailable() -> str | None:
    if not importlib.util.find_spec("warp"):
        return "warp is not installed"
    import warp as wp

    wp.config.quiet = True
    wp.init()
    return None


def version() -> str:
    import warp as wp

    return f"Warp {wp.__version__}"


def _launcher(kernel, shape, arguments: list) -> Go:
    """A recorded launch, as Warp advises for launching again and again."""
    import warp as wp

    return wp.launch(kernel, dim=shape, inputs=arguments, device="cpu", record_cmd=True).launch


def _wrap(c: Case, names: str) -> list:
    import warp as wp

    types = {"f": wp.float32, "i": wp.int32}
    return [wp.array(c[n], dtype=types[c[n].dtype.kind], device="cpu", copy=False) if hasattr(c[n], "dtype") else c[n]
            for n in names.split()]  # fmt: skip


def _saxpy(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.saxpy, c["x"].size, _wrap(c, "a x y"))


def _triad(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.triad, c["x"].size, _wrap(c, "a x y out"))


def _sweeps(c: Case, kernel) -> Go:
    shape = tuple(extent - 2 for extent in c["a"].shape)
    there, back = (_launcher(kernel, shape, _wrap(c, names)) for names in ("k a b", "k b a"))

    def go() -> None:
        for k in range(c["sweeps"]):
            (back if k % 2 else there)()

    return go


def _heat(c: Case) -> Go:
    from peers import warp_kernels

    return _sweeps(c, warp_kernels.heat)


def _stencil7(c: Case) -> Go:
    from peers import warp_kernels

    return _sweeps(c, warp_kernels.stencil7)


def _blur(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.blur, c["out"].shape, _wrap(c, "image out"))


def _conv7(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.conv7, c["out"].shape, _wrap(c, "image weights out"))


def _mandelbrot(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.mandelbrot, c["out"].shape, _wrap(c, "x0 y0 step limit out"))


def _nbody(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.nbody, c["x"].size, _wrap(c, "soft2 x y z m ax ay az"))


def _math(c: Case) -> Go:
    from peers import warp_kernels

    return _launcher(warp_kernels.functions, c["x"].size, _wrap(c, "x out"))


def _launch(c: Case) -> Go:
    go = _triad(c)

    def calls() -> None:
        for _ in range(c["calls"]):
            go()

    return calls


KERNELS = {
    "saxpy": _saxpy, "triad": _triad, "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
    "mandelbrot": _mandelbrot, "nbody": _nbody, "math-default": _math, "launch": _launch,
}  # fmt: skip
