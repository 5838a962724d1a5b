"""The PTX of the examples: taken by the assembler for every architecture, without local memory and without spills."""

from __future__ import annotations

from functools import cache

import pytest
from example_files import example
from ptx_tools import ARCHITECTURES, assemble, resources

from kdsl.codegen.ptx import compile_many
from kdsl.compiler import lower
from kdsl.kernel import Kernel
from kdsl.specialise import declared_signature
from kdsl.target import GPU_TARGETS

NAMES = ("heat", "mandelbrot", "nbody", "photo", "raytrace", "reduce")


@cache
def kernels_of(name: str) -> tuple[Kernel, ...]:
    return tuple([k for k in vars(example(name)).values() if isinstance(k, Kernel)])


def text_of(name: str, arch: str, *, cut: bool) -> str:
    target = GPU_TARGETS[f"cuda:{arch}"]
    made = []
    for kernel in kernels_of(name):
        types, values = declared_signature(kernel, None, {})
        made.append(lower(kernel.ir(types, values), target, cut=cut))
    return compile_many(made, target).texts["asm"]


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_no_local_memory_and_no_spills(name, arch):
    found = resources(assemble(text_of(name, arch, cut=ARCHITECTURES.index(arch) % 2 == 0), arch))
    assert len(found) == len(kernels_of(name))
    for kernel, r in found.items():
        assert r.stack_bytes == r.spill_bytes == 0, f"{kernel}: {r}"
