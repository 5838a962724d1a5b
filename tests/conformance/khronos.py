"""Vulkan and OpenCL as backends: SPIR-V that spirv-val has looked at, run by a device of software where there is no other.

One idea: Vulkan goes through the whole runtime, as a user's launch does; on Debian, lavapipe is its device. OpenCL's code runs on
PoCL, which takes SPIR-V by way of llvm-spirv.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from conformance.base import Backend, Triple, Unsupported, expand_threads
from conformance.hardware import Hardware
from conformance.refusals import refusal

from kdsl.artifact import Artifact
from kdsl.diagnostics import CompileError
from kdsl.ir.core import Function

__all__ = ["OpenCL", "Vulkan", "khronos"]


def _artifact_of(compile: Callable[[], Any]) -> Any:
    """What `compile` gives; what the target lacks is `Unsupported`."""
    try:
        return compile()
    except CompileError as error:
        if error.code != "K511":
            raise
        raise Unsupported(error.diagnostic.message) from None


def _refusal(target: str, op: str, operands: Sequence[str], result: str) -> str:
    return next((why for why in [refusal(target, op, t) for t in (*operands, result)] if why), "")


class Vulkan(Hardware):
    """The first Vulkan device."""

    target = "vulkan:1.3"  # what the report says of it

    def __init__(self) -> None:
        super().__init__("vulkan")

    def missing(self) -> str:
        from vulkan_launch import missing_vulkan

        return missing_vulkan()

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        return _refusal(self.target, op, operands, result)

    def _loaded(self, function: Function, block: Triple, *, cut: bool) -> tuple[Function, Artifact, Any]:
        from spirv_tools import validated

        found = super()._loaded(function, block, cut=cut)
        validated(found[1])
        return found


class OpenCL(Backend):
    """PoCL. There are no subgroups."""

    name = "opencl"
    lanes = 8
    target = "opencl:2.2"

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[Function, Artifact]] = {}

    def missing(self) -> str:
        from opencl_launch import missing_opencl

        return missing_opencl()

    def run(
        self,
        function: Function,
        args: Sequence[Any],
        grid: Triple,
        block: Triple,
        threads: Triple | None = None,
        subgroup_size: int = 0,
    ) -> None:
        from opencl_launch import launch
        from spirv_tools import validated

        wanted = expand_threads(grid, block, threads)
        artifact = self._artifact(function, block, cut=wanted != expand_threads(grid, block, None))
        launch(validated(artifact), args, grid, wanted)

    def refusal(self, op: str, operands: Sequence[str], result: str) -> str:
        return _refusal(self.target, op, operands, result)

    def _artifact(self, function: Function, block: Triple, *, cut: bool) -> Artifact:
        from opencl_launch import opencl_target

        from kdsl.compiler import compile_function

        key = (id(function), block, cut)
        found = self._made.get(key)
        if found is None:
            if len(self._made) > 256:
                self._made.clear()
            artifact = _artifact_of(lambda: compile_function(function, opencl_target(), block=block, cut=cut))
            found = self._made[key] = (function, artifact)
        return found[1]


def khronos() -> tuple[Backend, ...]:
    return Vulkan(), OpenCL()
