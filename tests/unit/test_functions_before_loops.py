"""Elementary functions of what a loop does not change are computed before it."""

from __future__ import annotations

import numpy as np

import kdsl
from kdsl import Array, f32, i32
from kdsl.ir import types as T
from kdsl.ir.core import Region
from kdsl.ir.passes.opt_simplify import simplify
from kdsl.ir.verify import errors_of


@kdsl.kernel
def waves(x: Array[f32, 1], a: f32, n: i32):
    i = kdsl.global_id(0)
    total = f32(0)
    for j in range(n):
        for k in range(n):
            total += kdsl.sin(3.0 * a + 1.0) * f32(k)
            total += kdsl.exp(f32(j))
            total += kdsl.cos(total)
    if total > 2.0:
        total -= kdsl.sin(3.0 * a + 1.0)
    x[i] = total


@kdsl.kernel
def sometimes(x: Array[f32, 1], a: f32):
    i = kdsl.global_id(0)
    v = x[i]
    while v < kdsl.log(a):
        if v < 0.5:
            v += kdsl.tan(a)
        v += kdsl.exp(a)
    x[i] = v


def places(region: Region, loops: int = 0) -> dict[str, list[int]]:
    """How many loops are around each function."""
    found: dict[str, list[int]] = {}
    for op in region.ops:
        if op.defn.function:
            found.setdefault(op.name, []).append(loops)
        for inner in op.regions:
            for name, depths in places(inner, loops + (op.name != "scf.if")).items():
                found.setdefault(name, []).extend(depths)
    return found


def of(kernel: kdsl.Kernel, **scalars: T.Type) -> dict[str, list[int]]:
    f = simplify(kernel.ir({"x": T.ArrayType(T.f32, 1, unit_axis=0), **scalars}))
    assert not errors_of(f)
    return places(f.body)


def test_what_no_loop_changes_is_before_all() -> None:
    found = of(waves, a=T.f32, n=T.i32)
    assert found == {"math.sin": [0], "math.exp": [1], "math.cos": [2]}


def test_what_a_branch_computes_stays_there() -> None:
    found = of(sometimes, a=T.f32)
    assert found == {"math.log": [0], "math.exp": [0], "math.tan": [1]}


def test_no_trips_and_special_values() -> None:
    for a in (0.25, float("inf"), float("nan")):
        for n in (0, 3):
            x = np.ones(4, np.float32)
            waves[1, 4](x, a, n)
            total = 0.0
            for j in range(n):
                for k in range(n):
                    total += np.sin(3.0 * a + 1.0) * k if np.isfinite(a) else np.nan
                    total += np.exp(j)
                    total += np.cos(total)
            total -= np.sin(3.0 * a + 1.0) if total > 2.0 else 0.0
            assert np.allclose(x, total, rtol=1e-5, equal_nan=True)
