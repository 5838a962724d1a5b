"""What Vulkan code for devices that drop subnormal f32 computes, on one that keeps them: the interpreter's bits.

On a device that does drop them the whole suite shows it (`make check-gpu`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conformance import matrix
from conformance.base import expand_threads
from conformance.test_ops import complaints, expected, launch
from spirv_tools import validated
from toolbox import missing
from vulkan_launch import launch as launch_on_vulkan, missing_vulkan, vulkan_target

from kdsl.codegen.registry import compile_function
from kdsl.compiler import lower

GROUPS = {g.name: g for g in matrix.groups("strict")}


class Flushing:
    """Vulkan, told that the device drops subnormal numbers."""

    batches = False
    thin = 1

    def run(self, function, args, grid, block, threads=None, subgroup_size=0) -> None:
        target = replace(vulkan_target(), has=vulkan_target().has | {"flushes_f32"}, has_fma=True)
        wanted = expand_threads(grid, block, threads)
        lowered = lower(function, target, block=block, cut=wanted != expand_threads(grid, block, None))
        artifact = validated(compile_function(lowered, target))
        launch_on_vulkan(artifact, args, grid, wanted)


@pytest.mark.parametrize("name", ["arith-f32", "arith-f32-f32", "arith-f32-f32-f32", "cast-f32", "math-f32-f32"])
def test_bits(name: str) -> None:
    if missing_vulkan():
        missing(missing_vulkan())
    group = GROUPS[name]
    given, wanted = expected(name, "strict")
    got = [np.zeros_like(w) for w in wanted]
    launch(Flushing(), group.function("vector"), [*given, *got], len(given[0]))  # type: ignore[arg-type]
    wrong = complaints(group, given, got, wanted, 0)
    assert not wrong, "\n".join(wrong)
