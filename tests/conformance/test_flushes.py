"""What Vulkan code for devices that drop subnormal f32 computes, on one that keeps them: the interpreter's bits.

On a device that does drop them the whole suite shows it (`make check-gpu`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conformance import matrix
from conformance.base import expand_threads
from conformance.corners import corners, wrong_at
from conformance.test_ops import complaints, expected, launch
from spirv_tools import validated
from toolbox import missing
from vulkan_launch import launch as launch_on_vulkan, missing_vulkan, vulkan_target

from kdsl.codegen.registry import compile_function
from kdsl.compiler import lower
from kdsl.ir import types as T
from kdsl.ir.parse import parse

GROUPS = {g.name: g for g in matrix.groups("strict")}


class Flushing:
    """Vulkan, told that the device drops subnormal numbers and rounds quotients and roots as it likes."""

    batches = False
    thin = 1

    def run(self, function, args, grid, block, threads=None, subgroup_size=0) -> None:
        has = (vulkan_target().has | {"flushes_f32"}) - {"exact_f32"}
        target = replace(vulkan_target(), has=has, has_fma=True)
        wanted = expand_threads(grid, block, threads)
        lowered = lower(function, target, block=block, cut=wanted != expand_threads(grid, block, None))
        artifact = validated(compile_function(lowered, target))
        launch_on_vulkan(artifact, args, grid, wanted)


@pytest.mark.parametrize("name", ["arith-i64-i64", "arith-f32", "arith-f32-f32", "arith-f32-f32-f32", "cast-f32", "math-f32-f32"])
def test_bits(name: str) -> None:
    if missing_vulkan():
        missing(missing_vulkan())
    group = GROUPS[name]
    given, wanted = expected(name, "strict")
    got = [np.zeros_like(w) for w in wanted]
    launch(Flushing(), group.function("vector"), [*given, *got], len(given[0]))  # type: ignore[arg-type]
    wrong = complaints(group, given, got, wanted, 0)
    assert not wrong, "\n".join(wrong)


def test_roots_and_their_reciprocals_under_default() -> None:
    """1 / sqrt(x) is the device's own there, but where it says nothing of the argument."""
    if missing_vulkan():
        missing(missing_vulkan())
    x = np.concatenate([corners(T.f32), np.geomspace(1e-45, 3e38, 999).astype(np.float32)]).view(np.float32)
    f = parse("""
kernel @f(%x: array<f32, 1, global, unit=0>, %y: array<f32, 1, global, unit=0>) {math = 'default'} {
  %i = simt.global_id {axis = 0} : index
  %a = memory.load %x, %i {offset = 0} : f32
  %b = arith.rsqrt %a : f32
  memory.store %y, %i, %b {offset = 0}
  scf.yield
}
""")
    y = np.zeros_like(x)
    Flushing().run(f, [x.copy(), y], (-(-len(x) // 64), 1, 1), (64, 1, 1), (len(x), 1, 1))
    with np.errstate(all="ignore"):
        wanted = (1 / np.sqrt(x.astype(np.float64))).astype(np.float32)
    wanted[x == 0] = np.copysign(np.float32(np.inf), x[x == 0])
    assert not len(wrong_at(T.f32, y, wanted, 4))


def test_quotients_of_small_constants() -> None:
    """By a 64-bit number of any size and sign, zero apart."""
    if missing_vulkan():
        missing(missing_vulkan())
    constants = (0, 1, 7, -7, 16, 257269009, -2147483648, 4294967295, -4294967295)
    body = ""
    for k, c in enumerate(constants):
        body += f"  %c{k} = arith.constant {{value = {c}}} : index\n"
        for at, (letter, op) in enumerate((("q", "floordiv"), ("r", "mod")), 2 * k):
            body += f"  %{letter}{k} = arith.{op} %c{k}, %n : index\n  %k{at} = arith.constant {{value = {at}}} : index\n"
            body += f"  memory.store %y, %i, %k{at}, %{letter}{k} {{offset = 0}}\n"
    f = parse("kernel @f(%x: array<index, 1, global, unit=0>, %y: array<index, 2, global, unit=1>) {math = 'default'} {\n"
              "  %i = simt.global_id {axis = 0} : index\n  %n = memory.load %x, %i {offset = 0} : index\n"
              + body + "  scf.yield\n}\n")  # fmt: skip
    x = np.array([1, -1, 2, 5, -5, 8, 2**31, -(2**31), 2**32, 2**32 + 1, -(2**32) - 1, 2**63 - 1, -(2**63), 257269009], np.int64)
    y = np.zeros((len(x), 2 * len(constants)), np.int64)
    Flushing().run(f, [x, y], (1, 1, 1), (len(x), 1, 1), (len(x), 1, 1))
    assert y.tolist() == [[v for c in constants for v in divmod(c, n)] for n in x.tolist()]
