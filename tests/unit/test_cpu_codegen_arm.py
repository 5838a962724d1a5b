"""NEON code executed under emulation: every arithmetic op and cast of every type, and how long a run takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cpu_rows import arith_cases, build, cast_cases, differences, encoded, operands
from emulation_arm import Launch, has_emulator, run_arm
from test_cpu_codegen import saxpy
from test_packed import PACKED, arrays, lowered
from test_shared_places import SHARING, arguments

from kdsl.codegen import cpu
from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS

ARM = CPU_TARGETS["aarch64"]
pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(not has_emulator(), reason="qemu-aarch64 is not installed (Debian package qemu-user)"),
]


@pytest.mark.parametrize("n", [0, 1, 3, 4, 5, 1000])
def test_saxpy(n: int) -> None:
    x, y = np.arange(n, dtype=np.float32), np.ones(n + 1, np.float32)
    run_arm([Launch(cpu.compile_cpu(saxpy(ARM.lanes), ARM), (3.0, x, y), (n,))])
    assert np.array_equal(y[:n], 3 * x + 1)
    assert y[n] == 1


@pytest.mark.parametrize("t", list(T.SCALARS.values()), ids=str)
def test_rows(t: T.ScalarType) -> None:
    """All forms of one type in one emulated process."""
    values = operands(t, np.random.default_rng(7))
    n = len(values["a"])
    launches, judged = [], []
    for family in (arith_cases, cast_cases):
        cases = family(t)
        for lanes in (0, 4, 8):
            outs = [np.zeros(n, case.result.dtype) for case in cases]
            artifact = cpu.compile_cpu(build(t, cases, lanes), ARM)
            launches.append(Launch(artifact, [*encoded(t, values), *outs], (n,), chunk=n + 16))
            judged += list(zip(cases, outs, strict=True))
    run_arm(launches)
    wrong = [differences(case, t, values, out) for case, out in judged]
    assert not any(wrong), "\n".join(filter(None, wrong))


def test_bytes_and_places_that_neighbours_share() -> None:
    launches: list[Launch] = []
    judged: list[tuple[Any, int, np.ndarray, np.ndarray]] = []
    for kernel in (*PACKED, *SHARING):
        artifact = cpu.compile_cpu(lowered(kernel, "aarch64"), ARM)
        for n in (5, 100, 161):
            threads, (a, out) = arguments(kernel, n) if kernel in SHARING else (n, arrays(kernel, n))
            want = out.copy()
            kernel.interpret.over(threads)(a, want)
            launches.append(Launch(artifact, [a, out], threads if isinstance(threads, tuple) else (threads,)))
            judged.append((kernel, n, out, want))
    run_arm(launches)
    for kernel, n, out, want in judged:
        np.testing.assert_array_equal(out, want, f"{kernel.name} {n}")
