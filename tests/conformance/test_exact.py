"""Quotients and roots of f32 where a device promises no rounding: corrected by integers, they are NumPy's to the last bit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from spirv_tools import validated
from toolbox import missing

from kdsl.codegen.spirv import compile_spirv
from kdsl.codegen.spirv.emitter import Emitter
from kdsl.ir import types as T
from kdsl.ir.core import Function
from kdsl.ir.parse import parse

_TEXT = """
kernel @exact(ARRAYS) {math = 'strict', block = (64, 1, 1)} {
  %i = simt.global_id {axis = 0} : index
  %x = memory.load %a, %i {offset = 0} : f32
  %y = memory.load %b, %i {offset = 0} : f32
  %z = arith.div %x, %y : f32
  memory.store %q, %i, %z {offset = 0}
  %w = arith.sqrt %x : f32
  memory.store %r, %i, %w {offset = 0}
  scf.yield
}
"""


@cache
def _function() -> Function:
    arrays = ", ".join([f"%{name}: array<f32, 1, global, unit=0>" for name in "abqr"])
    return parse(_TEXT.replace("ARRAYS", arrays))


def _operands() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    corners = np.array([0, 1, 2, 0x7FFFFF, 0x800000, 0x800001, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x7F7FFFFF, 0x7F800000,
                        0x7FC00000, 0x40490FDB, 0x34000000], np.uint32)  # fmt: skip
    corners = np.concatenate([corners, corners | 0x80000000])
    a, b = [x.reshape(-1) for x in np.meshgrid(corners, corners)]
    more = rng.integers(0, 2**32, (2, 40000), np.uint32)
    near = rng.integers(0x3F000000, 0x40800000, (2, 40000), np.uint32)
    tiny = rng.integers(0, 0x1000000, (2, 20000), np.uint32)  # subnormal results and operands
    first = np.concatenate([a, more[0], near[0], tiny[0], near[0]])
    second = np.concatenate([b, more[1], near[1], near[0][:20000], tiny[1].repeat(2)])
    whole = len(first) // 64 * 64
    return first[:whole].view(np.float32), second[:whole].view(np.float32)


def _run(backend: str, args: list[np.ndarray]) -> None:
    if backend == "vulkan":
        from vulkan_launch import launch, missing_vulkan as reason, vulkan_target as target
    else:
        from opencl_launch import launch, missing_opencl as reason, opencl_target as target
    if reason():
        missing(reason())
    made = validated(compile_spirv(_function(), replace(target(), has=target().has - {"exact_f32"})))
    blocks = (len(args[0]) // 64, 1, 1)
    launch(made, args, blocks, (len(args[0]), 1, 1))


def _loosen(monkeypatch, units: int) -> None:
    """A device whose quotients and roots are so many units in the last place too large."""
    strict = Emitter.do

    def do(e: Emitter, opcode: str, type: int, *operands: int) -> int:
        made = strict(e, opcode, type, *operands)
        roots = (e.flavour.instructions["Sqrt" if e.pushes else "sqrt"],)
        if opcode == "FDiv" or (opcode == "ExtInst" and operands[1:2] == roots):
            made = strict(e, "FMul", type, made, e.number(float(np.float32(1 + units * 2.0**-23)), T.f32))
        return made

    monkeypatch.setattr(Emitter, "do", do)


@pytest.mark.parametrize("units", [0, 4, -5])
@pytest.mark.parametrize("backend", ["vulkan", "opencl"])
def test_integers_make_guesses_exact(backend, units, monkeypatch):
    if units:
        _loosen(monkeypatch, units)
    a, b = _operands()
    quotients, roots = np.zeros_like(a), np.zeros_like(a)
    _run(backend, [a, b, quotients, roots])
    with np.errstate(all="ignore"):
        wanted = {"div": (a / b, quotients), "sqrt": (np.sqrt(a), roots)}
    for name, (right, got) in wanted.items():
        same = (right.view(np.uint32) == got.view(np.uint32)) | (np.isnan(right) & np.isnan(got))
        k = int(np.argmin(same))
        assert same.all(), f"{name}: {np.sum(~same)} wrong, e.g. of {a[k]!r}, {b[k]!r}: {got[k]!r}, not {right[k]!r}"
