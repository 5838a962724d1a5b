"""The two environments that SPIR-V is written for, and what differs between them.

One idea: whatever differs is a field here, so that the rest of this folder asks the flavour and never its name.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import InternalError
from ...target import Target
from .grammar import GLSL_STD_450, OPENCL_STD

__all__ = ["FLAVOURS", "Flavour", "flavour_of"]


@dataclass(frozen=True, slots=True)
class Flavour:
    """version: of SPIR-V. capabilities: what every kernel needs. library: the set of extended instructions, and its numbers.

    global_storage: storage class of arrays in global memory. id_bits: width of the built-in ids. pushes: arguments are a block
    of push constants and addresses are numbers; otherwise arguments are parameters and addresses pointers.
    lists_globals: an entry point names every global variable it uses, not only input (from SPIR-V 1.4 on).
    environments: what spirv-val calls it, by the target's arch.
    """

    name: str
    version: tuple[int, int]
    capabilities: tuple[str, ...]
    model: str
    addressing: str
    library: str
    instructions: dict[str, int]
    global_storage: str
    id_bits: int
    pushes: bool
    lists_globals: bool
    environments: dict[str, str]


VULKAN = Flavour(
    "vulkan", (1, 5), ("Shader", "PhysicalStorageBufferAddresses", "VulkanMemoryModel"), "GLCompute",
    "PhysicalStorageBuffer64", "GLSL.std.450", GLSL_STD_450, "PhysicalStorageBuffer", 32, True, True,
    {"1.2": "vulkan1.2", "1.3": "vulkan1.3"},
)  # fmt: skip
OPENCL = Flavour(
    "opencl", (1, 2), ("Kernel", "Addresses", "Int64", "Int8", "Int16"), "Kernel", "Physical64", "OpenCL.std", OPENCL_STD,
    "CrossWorkgroup", 64, False, False, {"2.2": "opencl2.2", "3.0": "opencl2.2"},
)  # fmt: skip

FLAVOURS = {f.name: f for f in (VULKAN, OPENCL)}


def flavour_of(target: Target) -> Flavour:
    if target.backend not in FLAVOURS:
        raise InternalError(f"{target} is no target of SPIR-V", where="SPIR-V code generation")
    return FLAVOURS[target.backend]
