"""Powers of reciprocal square roots under math="fast": m * rsqrt(x)**3, m / (r*r*r) with r = sqrt(x), m / (x * sqrt(x)).

One idea: with y the processor's estimate of 1/sqrt(x) and h = 1 - x*y*y its error, x**(-p/2) is y**p * (1 + p/2*h) up to
terms of h*h, which are below half a unit in the last place. So one refinement serves the whole power, and where the other
factor is the same in all lanes it goes into that refinement for nothing: the force of an n-body problem is five operations
behind the estimate instead of seven. The products are found when their last multiplication is emitted; LLVM drops the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import Emitter
from .estimate import estimate_14, has_estimate_14, nearer_to_0
from .text import REGISTER, lanes_of, splat, suffix, vector

__all__ = ["power_of_root"]

# 1 + p/2*h stays positive for the h that is let through.
_MOST = 3


@dataclass(slots=True)
class _Product:
    """others * base**(-power/2)."""

    base: Value | None = None
    power: int = 0
    others: list[Value] = field(default_factory=list)


def power_of_root(e: Emitter, op: Op) -> str | None:
    """A product or quotient of f32 with 1/sqrt(x) in it at least twice, or None. Only for math="fast"."""
    lanes = lanes_of(op.operands[0].type)
    if not lanes or T.element_of(op.results[0].type) is not T.f32 or op.attributes.get("exact"):
        return None
    if not has_estimate_14(e, lanes):
        return None
    found = _Product()
    if not _collect(e, op, found) or found.base is None or not 2 <= found.power <= _MOST or _is_there(e, op, found):
        return None
    return _emit(e, found, lanes)


def _is_there(e: Emitter, op: Op, found: _Product) -> bool:
    """Whether one operand is all of the power, which was emitted with its own refinement, and the other differs between lanes: of
    a force's three components each is then one fused operation, and not a multiplication more."""
    if op.name != "arith.mul":
        return False
    for power, other in (op.operands, op.operands[::-1]):
        alone = _Product()
        if not _is_same(other) and _factor(e, power, alone) and alone.power == found.power:
            return True
    return False


def _is_same(v: Value) -> bool:
    return v.op is not None and v.op.name == "tile.splat"


def _collect(e: Emitter, op: Op, found: _Product) -> bool:
    a, b = op.operands
    if op.name == "arith.div":
        return _factor(e, a, found) and _divisor(b, found)
    return _factor(e, a, found) and _factor(e, b, found)


def _factor(e: Emitter, v: Value, found: _Product) -> bool:
    op = v.op
    if op is not None and not op.attributes.get("exact"):
        if op.name == "arith.rsqrt":
            return _root(op.operands[0], 1, found)
        if op.name == "arith.mul" or (op.name == "arith.div" and _is_root(op.operands[1])):
            return _collect(e, op, found)
    if not (op is not None and op.name == "tile.splat" and op.operands[0].constant == 1.0):
        found.others.append(v)
    return True


def _is_root(v: Value) -> bool:
    return v.op is not None and v.op.name == "arith.sqrt"


def _divisor(v: Value, found: _Product) -> bool:
    """Whether a divisor is nothing but roots of one number, and that number."""
    leaves = [v]
    roots: list[Value] = []
    plain: list[Value] = []
    while leaves:
        leaf = leaves.pop()
        if leaf.op is not None and leaf.op.name == "arith.mul":
            leaves += leaf.op.operands
        elif leaf.op is not None and leaf.op.name == "arith.sqrt":
            roots.append(leaf.op.operands[0])
        else:
            plain.append(leaf)
        if len(leaves) + len(roots) + len(plain) > _MOST:
            return False
    return bool(roots) and all(_root(x, 1, found) for x in roots) and all(_root(x, 2, found) for x in plain)


def _root(x: Value, power: int, found: _Product) -> bool:
    if found.base is not None and found.base is not x:
        return False
    found.base = x
    found.power += power
    return True


def _emit(e: Emitter, found: _Product, lanes: int) -> str:
    assert found.base is not None
    base = REGISTER["f32"]
    t, fma = vector(base, lanes), f"@llvm.fma.{suffix(base, lanes)}"
    one = splat(base, 1.0, lanes)
    x = e.value(found.base)
    y = estimate_14(e, x, lanes)
    square = e.do(f"fmul {t} {y}, {y}")
    h = e.do(f"call {t} {fma}({t} {e.do(f'fneg {t} {x}')}, {t} {square}, {t} {one})")
    h = nearer_to_0(e, h, 0.5, lanes)  # at 0 and infinity the estimate is exact and h a NaN; where y*y overflows h is -inf
    power = square if found.power == 2 else e.do(f"fmul {t} {square}, {y}")
    same = [v.op.operands[0] for v in found.others if v.op is not None and _is_same(v)]
    varying = [v for v in found.others if not _is_same(v)]
    half = found.power / 2
    scale, slope = one, splat(base, half, lanes)
    if same:
        factor = e.value(same[0])
        for v in same[1:]:
            factor = e.do(f"fmul {e.flags}{base} {factor}, {e.value(v)}")
        scale = e.spread(factor, base, lanes)
        slope = e.spread(e.do(f"fmul {base} {factor}, {half}"), base, lanes)
    for v in varying:
        power = e.do(f"fmul {e.flags}{t} {power}, {e.value(v)}")
    refined = e.do(f"call {t} {fma}({t} {h}, {t} {slope}, {t} {scale})")
    return e.do(f"fmul {e.flags}{t} {power}, {refined}")
