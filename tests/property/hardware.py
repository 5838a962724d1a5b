"""Random programs on a GPU of this machine, against the interpreter, through the whole runtime.

One idea: a program's seed decides everything about its run (checks, whether the code is made for launches that end inside of
blocks), as in `ptx` and `vulkan`. The device is that of KDSL_CHECK_GPU.

    KDSL_CHECK_GPU=cuda:0 python -m tests.property.run --count 20000 --compare hardware --jobs 12
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from conformance.hardware import hardware

from kdsl.compiler import compile_function
from kdsl.diagnostics import CompileError, KdslError
from kdsl.runtime.launcher import launcher_of

from .cpu import Arguments, differences, expected
from .generate import Case

__all__ = ["against_hardware", "run"]


def run(case: Case, device: Any, values: list[Any]) -> None:
    """The program's launch; what its arrays hold is copied there and back. A report of the checks raises."""
    f = case.function
    f.name = f"random_{case.seed}"
    x, y, z = [*case.block, 1, 1][:3]
    whole = tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    threads = case.threads or whole
    cut = threads != whole or case.seed % 2 == 0
    plain = f.attributes
    if case.checked and case.seed // 3 % 8 == 0:
        f.attributes = {**plain, "debug": True}
    try:
        artifact = compile_function(f, device.target, block=(x, y, z), cut=cut)
    finally:
        f.attributes = plain
    executable = device.load(artifact)
    launcher_of(f.name, executable, artifact.entry, values)(values, (*case.grid, *case.block, *threads))
    device.synchronize()


def against_hardware(case: Case) -> str:
    device = hardware()[0].device
    found = Arguments(case)
    lanes: Any = SimpleNamespace(lanes=device.target.subgroup_size)
    try:
        run(case, device, found.values)
        return differences(case, expected(case, lanes), found)
    except KdslError as error:
        lacks = isinstance(error, CompileError) and error.code == "K511"
        return "" if lacks else f"{type(error).__name__}: {error}"
