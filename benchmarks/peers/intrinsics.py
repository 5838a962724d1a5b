"""Intrinsics of AVX-512, or of AVX2 where there is no more: `intrinsics.c`, compiled by gcc; the rows where writing them by hand
promises something."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from peers.building import at, build, f32, function, i32, i64, no_compiler, pointer
from peers.c import Go, sweeps, version as compiler_version
from problems import Case

__all__ = ["KERNELS", "unavailable", "version"]


def _features() -> set[str]:
    cpu = Path("/proc/cpuinfo")
    return set(cpu.read_text().split()) if cpu.exists() else set()


def unavailable() -> str | None:
    return no_compiler() if {"avx2", "fma"} <= _features() else "this processor has no AVX2"


def version() -> str:
    return f"{'AVX-512' if 'avx512f' in _features() else 'AVX2'}, {compiler_version()}"


def _library():
    return build("intrinsics")


def _mandelbrot(c: Case) -> Go:
    f = function(_library(), "mandelbrot", i64, i64, f32, f32, f32, i32, pointer)
    height, width = c["out"].shape
    return functools.partial(f, width, height, c["x0"], c["y0"], c["step"], c["limit"], at(c["out"]))


def _nbody(c: Case) -> Go:
    f = function(_library(), "nbody", i64, f32, *[pointer] * 7)
    return functools.partial(f, c["x"].size, c["soft2"], *(at(c[name]) for name in ("x", "y", "z", "m", "ax", "ay", "az")))


def _heat(c: Case) -> Go:
    f = function(_library(), "heat", i64, i64, f32, pointer, pointer)
    height, width = c["a"].shape
    return sweeps(functools.partial(f, width, height, c["k"]), c)


def _stencil7(c: Case) -> Go:
    f = function(_library(), "stencil7", i64, f32, pointer, pointer)
    return sweeps(functools.partial(f, c["a"].shape[0], c["k"]), c)


def _blur(c: Case) -> Go:
    f = function(_library(), "blur", i64, i64, pointer, pointer)
    return functools.partial(f, *c["out"].shape, at(c["image"]), at(c["out"]))


def _conv7(c: Case) -> Go:
    f = function(_library(), "conv7", i64, i64, pointer, pointer, pointer)
    return functools.partial(f, *c["out"].shape, at(c["image"]), at(c["weights"]), at(c["out"]))


KERNELS: dict[str, Callable[[Case], Go]] = {
    "mandelbrot": _mandelbrot, "nbody": _nbody, "nbody-rough": _nbody,
    "heat": _heat, "stencil7": _stencil7, "blur": _blur, "conv7": _conv7,
}  # fmt: skip
