"""Random programs as PTX on the executor, against the interpreter.

One idea: a program's seed decides everything about its run: architecture, order of threads, whether the code is made for launches
that end inside of blocks. A failure is seen again from its seed alone.

    python -m tests.property.run --count 20000 --compare ptx --jobs 2
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from emulation.ptx import Fault
from emulation.ptx.launch import launch
from emulation.ptx.translate import UnknownInstruction

from kdsl.artifact import Artifact, DiagnosticSlot
from kdsl.codegen.ptx import compile_ptx
from kdsl.compiler import lower
from kdsl.diagnostics import KdslError
from kdsl.ir.core import Function
from kdsl.target import GPU_TARGETS, Target

from .cpu import Arguments, differences, expected
from .generate import Case

__all__ = ["against_ptx", "against_ptx_many", "artifact_of", "lowered", "target_of"]

TARGETS = tuple([GPU_TARGETS[f"cuda:{arch}"] for arch in ("sm_90", "sm_75", "sm_80")])
ORDERS = ("together", "backwards", "alone")
_WARPS: Any = SimpleNamespace(lanes=32)


def target_of(case: Case) -> Target:
    return TARGETS[case.seed // 7 % 3]


def is_cut(case: Case) -> bool:
    return case.threads is not None or case.seed % 2 == 0


def lowered(case: Case) -> Function:
    """The program in legal ops, under a name of its own; now and then with checks of every access."""
    f = case.function
    f.name = f"random_{case.seed}"
    plain = f.attributes
    if case.checked and case.seed // 3 % 8 == 0:
        f.attributes = {**plain, "debug": True}
    x, y, z = [*case.block, 1, 1][:3]
    try:
        return lower(f, target_of(case), block=(x, y, z), cut=is_cut(case))
    finally:
        f.attributes = plain


def artifact_of(case: Case) -> Artifact:
    return compile_ptx(lowered(case), target_of(case))


def against_ptx(case: Case) -> str:
    found = Arguments(case)
    whole = tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    try:
        artifact = artifact_of(case)
        report = launch(artifact, found.values, case.grid, case.block, case.threads or whole, order=ORDERS[case.seed % 3])  # type: ignore[arg-type]
        wrong = differences(case, expected(case, _WARPS), found)
    except (KdslError, Fault, UnknownInstruction) as error:
        return f"{type(error).__name__}: {error}"
    if not wrong and report is not None and report[DiagnosticSlot.COUNT]:
        site = artifact.sites[int(report[DiagnosticSlot.HEADER])]
        wrong = f"the checks report something that does not happen: {site}"
    return wrong


def against_ptx_many(cases: Sequence[Case]) -> list[str]:
    return [against_ptx(case) for case in cases]
