"""A compiled text, and what a launch of its kernel binds: buffers, and the structure of everything else.

One idea: the artifact says which slots of the argument block are buffers and where the others go in the structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError

if TYPE_CHECKING:
    from .driver import MetalDriver

__all__ = ["MetalFunction", "MetalModule"]


class MetalModule:
    """A library of Metal's."""

    __slots__ = ("artifact", "functions", "handle", "metal")

    def __init__(self, driver: MetalDriver, artifact: Artifact) -> None:
        self.metal = driver.metal
        self.artifact = artifact
        self.functions: list[MetalFunction] = []
        if artifact.format == "metallib":
            self.handle = driver.metal.new_library_of(driver.device, artifact.binary)
        else:
            version: Any = artifact.metadata["version"]
            self.handle = driver.metal.new_library(driver.device, artifact.binary.decode(), version)

    def unload(self) -> None:
        for function in self.functions:
            self.metal.release(function.pipeline)
        self.metal.release(self.handle)


class MetalFunction:
    """A kernel with its pipeline."""

    __slots__ = ("buffers", "driver", "entry", "facts", "members", "pipeline", "pointers", "structure_bytes")

    def __init__(self, driver: MetalDriver, module: MetalModule, entry: Entry) -> None:
        facts: Any = module.artifact.metadata
        self.driver = driver
        self.entry = entry
        self.buffers: tuple[int, ...] = tuple(facts["buffers"])
        self.members = [tuple(row) for row in facts["members"]]
        self.pointers = [tuple(row) for row in facts["pointers"]]
        self.structure_bytes = facts["structure_bytes"]
        self.pipeline = driver.metal.new_pipeline(driver.device, module.handle, entry.symbol)
        self.facts = driver.metal.pipeline_facts(self.pipeline)
        module.functions.append(self)
        x, y, z = entry.block or (1, 1, 1)
        if x * y * z > self.facts[0]:
            raise DeviceError(f"{entry.name}: blocks of {x * y * z} threads, and {self.facts[0]} have room on this GPU\n"
                              "  = help: use smaller blocks: there are not registers enough for so many threads")  # fmt: skip
        if entry.subgroup_size not in (0, 1, self.facts[1]):
            raise DeviceError(f"{entry.name} was compiled for SIMD groups of {entry.subgroup_size}, and here they have "
                              f"{self.facts[1]}")  # fmt: skip

    def bound(self, arguments: bytes) -> tuple[list[tuple[int, int]], bytes, list[int]]:
        """(buffers with offsets, the structure's bytes, buffers that the structure points to)."""
        find = self.driver.buffer_at
        given = [find(int.from_bytes(arguments[at : at + 8], "little")) for at in self.buffers]
        structure = bytearray(self.structure_bytes)
        for at, size, to in self.members:
            structure[to : to + size] = arguments[at : at + size]
        named: list[int] = []
        for at, to in self.pointers:
            buffer, offset = find(int.from_bytes(arguments[at : at + 8], "little"))
            structure[to : to + 8] = (self.driver.metal.gpu_address(buffer) + offset).to_bytes(8, "little")
            named.append(buffer)
        return given, bytes(structure), named

    def explain(self) -> str:
        threads, lanes, shared = self.facts
        return f"{self.entry.name}: blocks of up to {threads} threads, SIMD groups of {lanes}, {shared} bytes of shared memory"
