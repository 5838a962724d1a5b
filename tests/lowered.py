"""Code for AVX-512 on a machine without: what the compiler decides for x86-64-v4, in LLVM's instructions for x86-64-v3.

One idea: to LLVM a vector of 512 bits is two of 256. Only what is asked for by name is put otherwise, by
what they compute; everything else that is special about the target (16 lanes, masks, gathers, what stays in registers) is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from entries import EMULATES

from kdsl import target as targets
from kdsl.codegen.cpu import casts, estimate, extremes, functions, llvm, near, number, powers, tile
from kdsl.codegen.cpu.emitter import Emitter, by_registers
from kdsl.codegen.cpu.text import splat, suffix, vector
from kdsl.ir.core import Value
from kdsl.kernel import Kernel
from kdsl.target import CPU_TARGETS, Target, why_not

__all__ = ["RUNNABLE", "V4", "launch_on", "runs", "why_not_even_lowered"]

V3, V4 = CPU_TARGETS["x86-64-v3"], CPU_TARGETS["x86-64-v4"]


def why_not_even_lowered(target: Target) -> str:
    """As `why_not`; of x86-64-v4, why the machine cannot run what x86-64-v3 has either."""
    return why_not(V3 if target == V4 else target)


@contextmanager
def runs(target: Target) -> Iterator[None]:
    """In here, code for the target is made and run on this machine, if `why_not_even_lowered` says nothing."""
    if target is not V4 or EMULATES or not why_not(V4):
        yield
        return
    machines = {key: machine for key, machine in llvm._machines.items() if key[0] != V4.arch}
    object.__setattr__(V4, "cpu", V3.cpu)
    try:
        with (
            mock.patch.dict(targets._NEEDS, {V4.arch: targets._V3}),
            mock.patch.object(llvm, "_machines", machines),
            mock.patch.object(estimate, "estimate_14", _quotient),
            mock.patch.object(powers, "estimate_14", _quotient),
            mock.patch.object(powers, "nearer_to_0", _nearer_to_0),
            mock.patch.object(extremes, "greater", _greater),
            mock.patch.object(number, "unknown_one", return_value=None),
            mock.patch.object(functions, "written", return_value=None),  # machine code is what it is
            mock.patch.object(tile, "_permute_16", _through_memory),
            mock.patch.object(tile, "_compresses", return_value=False),
            mock.patch.object(near, "of_two", _of_two),
            mock.patch.object(casts, "truncated", _by_halves),
        ):
            yield
    finally:
        object.__setattr__(V4, "cpu", V4.arch)


def launch_on(arch: str, monkeypatch: pytest.MonkeyPatch, *kernels: Kernel) -> None:
    """From here to the test's end, launches of the kernels run code for that architecture: what there was is forgotten."""
    monkeypatch.setenv("KDSL_TARGET", f"cpu:{arch}")
    for kernel in kernels:
        kernel._fast.clear()
        kernel._specialisations.clear()


def _quotient(e: Emitter, x: str, lanes: int) -> str:
    """1 / sqrt(x), which is better than an estimate of 14 bits."""
    t = vector("float", lanes)
    name = f"llvm.sqrt.{suffix('float', lanes)}"
    e.declare(name, f"declare {t} @{name}({t})")
    root = e.do(f"call {t} @{name}({t} {x})")
    return e.do(f"fdiv {t} {splat('float', 1.0, lanes)}, {root}")


def _nearer_to_0(e: Emitter, x: str, limit: float, lanes: int) -> str:
    t = vector("float", lanes)
    name = f"llvm.fabs.{suffix('float', lanes)}"
    e.declare(name, f"declare {t} @{name}({t})")
    size, most = e.do(f"call {t} @{name}({t} {x})"), splat("float", limit, lanes)
    return e.select(e.do(f"fcmp olt {t} {size}, {most}"), t, x, most, lanes)


def _greater(e: Emitter, a: str, b: str, base: str, lanes: int) -> str:
    return e.intrinsic("maximum", base, lanes, a, b)


def _through_memory(e: Emitter, x: str, lane: Value, base: str) -> str:
    """Each lane loads its own, as on other targets."""
    t = vector(base, 16)
    place = e.alloca(f"{t}, align 64")
    e.act(f"store {t} {x}, ptr {place}, align 64")
    wrapped = e.do(f"and {vector('i64', 16)} {e.value(lane)}, splat (i64 15)")
    return tile.gather_from(e, place, wrapped, base, 16)


def _of_two(e: Emitter, base: str, low: str, high: str, place: str, lanes: int) -> str:
    """The same of two vectors."""
    t = vector(base, lanes)
    both = e.alloca(f"[2 x {t}], align 64")
    e.act(f"store {t} {low}, ptr {both}, align 64")
    e.act(f"store {t} {high}, ptr {e.do(f'getelementptr {t}, ptr {both}, i64 1')}, align 64")
    return tile.gather_from(e, both, e.do(f"zext {vector('i32', lanes)} {place} to {vector('i64', lanes)}"), base, lanes)


# The CPU targets whose code is run here, by name.
RUNNABLE = [arch for arch, target in CPU_TARGETS.items() if not why_not_even_lowered(target)]


def _by_halves(e: Emitter, x: str, lanes: int, *, truncated=casts.truncated) -> str:
    return by_registers(e, truncated, x, lanes, 8, ("float", "i32"))
