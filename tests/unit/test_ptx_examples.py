"""The PTX of the examples: taken by the assembler for every architecture, without local memory and without spills."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest
from ptx_tools import ARCHITECTURES, assemble, resources

from kdsl.codegen.ptx import compile_many
from kdsl.compiler import lower
from kdsl.kernel import Kernel
from kdsl.specialise import declared_signature
from kdsl.target import GPU_TARGETS

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("heat", "mandelbrot", "nbody", "photo", "raytrace", "reduce")


@cache
def kernels_of(name: str) -> tuple[Kernel, ...]:
    sys.path.insert(0, str(EXAMPLES))
    try:
        spec = importlib.util.spec_from_file_location(f"ptx_of_{name}", EXAMPLES / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(EXAMPLES))
    return tuple([k for k in vars(module).values() if isinstance(k, Kernel)])


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
