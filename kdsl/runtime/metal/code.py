"""A compiled text, and what a launch of its kernel binds: buffers, and the structure of everything else.

One idea: the artifact says which slots of the argument block are buffers and where the others go in the structure.
"""

from __future__ import annotations

import struct
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ...artifact import Artifact, Entry
from ...diagnostics import DeviceError
from ..api import Geometry

if TYPE_CHECKING:
    from .driver import MetalDriver

__all__ = ["Bound", "MetalFunction", "MetalModule"]

# Buffers with offsets, the structure's bytes, and buffers that the structure points to.
Bound = tuple[list[tuple[int, int]], bytes, list[int]]

_MOST_LAUNCHES = 256  # geometries whose messages are kept


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

    __slots__ = ("_addresses", "_launches", "_pieces", "driver", "entry", "facts", "pipeline", "pointers")

    def __init__(self, driver: MetalDriver, module: MetalModule, entry: Entry) -> None:
        facts: Any = module.artifact.metadata
        self.driver = driver
        self.entry = entry
        self.pointers = [tuple(row) for row in facts["pointers"]]
        self._addresses = _reader(tuple(facts["buffers"]))
        self._pieces = _pieces([tuple(row) for row in facts["members"]], facts["structure_bytes"])
        self._launches: dict[Geometry, tuple[Any, ...]] = {}
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

    def bound(self, arguments: bytes) -> Bound:
        """Where a launch's arguments lie."""
        find = self.driver.buffer_at
        given = [find(address) for address in self._addresses(arguments)]
        structure = b"".join([arguments[at] if type(at) is slice else at for at in self._pieces])
        if not self.pointers:
            return given, structure, []
        whole, named = bytearray(structure), []
        for at, to in self.pointers:
            buffer, offset = find(int.from_bytes(arguments[at : at + 8], "little"))
            whole[to : to + 8] = (self.driver.metal.gpu_address(buffer) + offset).to_bytes(8, "little")
            named.append(buffer)
        return given, bytes(whole), named

    def launch_step(self, geometry: Geometry) -> tuple[Any, ...]:
        """The message that makes a launch."""
        found = self._launches.get(geometry)
        if found is None:
            if len(self._launches) >= _MOST_LAUNCHES:
                self._launches.clear()
            found = self._launches[geometry] = self.driver.metal.step("launch", geometry[:3], geometry[3:6])
        return found

    def explain(self) -> str:
        threads, lanes, shared = self.facts
        return f"{self.entry.name}: blocks of up to {threads} threads, SIMD groups of {lanes}, {shared} bytes of shared memory"


def _reader(at: tuple[int, ...]) -> Any:
    """What takes the addresses at these places out of a block of arguments."""
    if not at:
        return lambda arguments: ()
    read = struct.Struct(f"<{max(at) // 8 + 1}Q").unpack_from
    if len(at) == 1:
        return lambda arguments: (read(arguments)[at[0] // 8],)
    pick = itemgetter(*[a // 8 for a in at])
    return lambda arguments: pick(read(arguments))


def _pieces(members: list[tuple[int, int, int]], size_bytes: int) -> list[slice | bytes]:
    """A structure as what it is joined of: parts of the block of arguments, and zeros where nothing lies. members: (place in the
    block, bytes, place in the structure)."""
    pieces: list[slice | bytes] = []
    done = 0
    for at, size, to in sorted(members, key=lambda row: row[2]):
        if to > done:
            pieces.append(bytes(to - done))
        last = pieces[-1] if pieces else None
        if isinstance(last, slice) and last.stop == at:
            pieces[-1] = slice(last.start, at + size)
        else:
            pieces.append(slice(at, at + size))
        done = to + size
    return [*pieces, bytes(size_bytes - done)] if done < size_bytes else pieces
