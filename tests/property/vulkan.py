"""Random programs as SPIR-V on the Vulkan device, against the interpreter: a module per program, many launches to a submission.

One idea: a program's seed decides everything about its run, as in `cpu`: checks, whether the code is made for launches that
end inside blocks. Every module goes through spirv-val. Arrays lie between guard bytes, as there.

    against_vulkan(case)              # "" or what is wrong
    against_vulkan_many(cases)        # the same for each, together: faster
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from cpu_launch import diagnostic_buffer
from spirv_tools import validated
from vulkan_launch import Job, vulkan, vulkan_target

from kdsl.artifact import Artifact, DiagnosticSlot
from kdsl.codegen.registry import compile_function
from kdsl.compiler import lower
from kdsl.diagnostics import KdslError

from .cpu import Arguments, differences, expected
from .generate import Case

__all__ = ["against_vulkan", "against_vulkan_many"]


def _compiled(case: Case) -> Artifact:
    """The module for the case's launch; one program in four, if it may, has checks on."""
    f, target = case.function, vulkan_target()
    verified = os.environ.pop("KDSL_VERIFY", "")  # of passes: other comparisons look at what each gives, this one at the code
    x, y, z = case.block
    plain = f.attributes
    is_whole = case.threads is None or case.threads == tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    f.attributes = {**plain, "debug": True} if case.checked and case.seed % 4 == 3 else plain
    try:
        return compile_function(lower(f, target, block=(x, y, z), cut=not is_whole or case.seed % 8 == 0), target)
    finally:
        f.attributes = plain
        if verified:
            os.environ["KDSL_VERIFY"] = verified


def _reports(job: Job) -> str:
    if job.diagnostics is None or not job.diagnostics[DiagnosticSlot.COUNT]:
        return ""
    site = job.artifact.sites[int(job.diagnostics[DiagnosticSlot.HEADER])]
    return f"the checks report something that does not happen: {site}"


def _job(case: Case, args: Arguments) -> Job:
    artifact = validated(_compiled(case))
    threads = case.threads or tuple([g * b for g, b in zip(case.grid, case.block, strict=True)])
    diagnostics = diagnostic_buffer() if artifact.sites else None
    return Job(artifact, args.values, tuple(case.grid), (threads[0], threads[1], threads[2]), diagnostics)


def against_vulkan_many(cases: Sequence[Case]) -> list[str]:
    results = [""] * len(cases)
    found = [Arguments(case) for case in cases]
    jobs: dict[int, Job] = {}
    for k, case in enumerate(cases):
        try:
            jobs[k] = _job(case, found[k])
        except (KdslError, AssertionError) as error:
            results[k] = f"{type(error).__name__}: {error}"
    vulkan().run(list(jobs.values()))
    # The device's subgroups are what the interpreter is told of, by way of a target.
    lanes = replace(vulkan_target(), vector_bytes=4 * vulkan().lanes)
    for k, job in jobs.items():
        try:
            results[k] = differences(cases[k], expected(cases[k], lanes), found[k]) or _reports(job)
        except KdslError as error:
            results[k] = f"{type(error).__name__}: {error}"
    return results


def against_vulkan(case: Case) -> str:
    return against_vulkan_many([case])[0]
