"""Every arithmetic op and cast, on every type, as tiles and as scalars, on every x86-64 level, against the rows."""

from __future__ import annotations

import numpy as np
import pytest
from cpu_rows import arith_cases, build, cast_cases, differences, encoded, operands
from cpu_run import X86, run

from kdsl.ir import types as T
from kdsl.target import CPU_TARGETS


def check(t: T.ScalarType, cases: list, lanes: int, target: str) -> None:
    values = operands(t, np.random.default_rng(7))
    n = len(values["a"])
    outs = [np.zeros(n, case.result.dtype) for case in cases]
    run(build(t, cases, lanes), target, [*encoded(t, values), *outs], (n,), chunk=n + 16)
    wrong = [differences(case, t, values, out) for case, out in zip(cases, outs, strict=True)]
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("target", X86)
@pytest.mark.parametrize("t", list(T.SCALARS.values()), ids=str)
@pytest.mark.parametrize("form", ["tile", "scalar"])
@pytest.mark.parametrize("family", [arith_cases, cast_cases], ids=["arith", "cast"])
def test_rows(family, form: str, t: T.ScalarType, target: str) -> None:
    lanes = CPU_TARGETS[target].lanes if form == "tile" else 0
    check(t, family(t), lanes, target)


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("t", [T.f16, T.bf16, T.i8, T.u32, T.index, T.f64], ids=str)
def test_widths_that_are_not_the_targets(t: T.ScalarType, lanes: int) -> None:
    check(t, arith_cases(t), lanes, "x86-64-v3")
