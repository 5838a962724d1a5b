"""Every op that computes has a fate on every GPU target, on every type that the target has: no backend has a hole."""

from __future__ import annotations

import pytest

from kdsl.codegen.registry import spells_of
from kdsl.ir import (
    ops,
    types as T,
)
from kdsl.ir.opdef import OPS, Level, OpDef
from kdsl.ir.ops import arith
from kdsl.ir.passes.legalize.fate import fate
from kdsl.target import GPU_DEFAULTS, GPU_TARGETS, Target

_ = ops  # importing it fills OPS
COMPUTING = [d for d in OPS.values() if d.elementwise and d.level is not Level.BLOCK and d is not arith.CONSTANT]
_WIDE = frozenset((T.i32, T.u32, T.i64, T.u64, T.index, T.f32, T.f64))


def _types(defn: OpDef, target: Target) -> list[T.ScalarType]:
    """The types that an op may be asked about: `machine` ops are made on wide ones only."""
    found = [t for t in T.SCALARS.values() if t in defn.operands[0].allowed]
    if defn.name.startswith("machine."):
        found = [t for t in found if t in _WIDE]
    return [t for t in found if t is not T.f64 or "f64" in target.has]


@pytest.mark.parametrize("name", sorted(GPU_DEFAULTS))
def test_no_op_is_without_a_way(name: str):
    target = GPU_TARGETS[GPU_DEFAULTS[name]]
    spells = spells_of(target)
    holes = [f"{d.name} on {t}" for d in COMPUTING for t in _types(d, target) if not fate(d, t, spells)]
    assert not holes


@pytest.mark.parametrize("name", sorted(GPU_DEFAULTS))
def test_what_all_others_are_made_of_is_spelled(name: str):
    target = GPU_TARGETS[GPU_DEFAULTS[name]]
    if "subgroups" in target.has:
        assert all(spells_of(target)("subgroup.shuffle", t) for t in (T.i32, T.u32, T.f32))
        assert spells_of(target)("subgroup.ballot", T.bool_)
    for kind in ("add", "or", "exchange", "compare_exchange"):
        assert spells_of(target)(f"atomic.{kind}", T.u32), kind
