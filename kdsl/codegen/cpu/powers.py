"""Powers of reciprocal square roots under math="fast": m * rsqrt(x)**3, m / (r*r*r) with r = sqrt(x), m / (x * sqrt(x)).

One idea: with y the processor's estimate of 1/sqrt(x) and h = 1 - x*y*y its error, x**(-p/2) is y**p * (1 + p/2*h) up to
terms of h*h, which are below half a unit in the last place. So one refinement serves the whole power, and where the other
factor is the same in all lanes it goes into that refinement for nothing: the force of an n-body problem is five operations
behind the estimate instead of seven. The products are found when their last multiplication is emitted; LLVM drops the others.

RSQRTPS of x86-64-v3 knows 12 bits. Behind it only third powers pay, within the 12 units that three factors of 4 units each may
be off by. What is spelled with a root of its own and one division, m / (x * sqrt(x)), stays so: it is nearly as fast.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import Emitter
from .estimate import estimate_12, estimate_14, has_estimate_12, has_estimate_14, nearer_to_0
from .text import REGISTER, lanes_of, splat, suffix, vector

__all__ = ["power_of_root"]

# The estimate is off by e <= 1.5 * 2**-12 to either side, and what is left of third powers by 7.5*e*e, always to the same: half
# of it is given back, so that at most 5e-7 remain, 4.2 units of 2**-23. 5/2 - 3/2*x*y*y is 1 - 3*1.5 * 2**-12 at least.
_CENTRE = 5.03e-7
_LEAST = 0.998
# 1 + p/2*h stays positive for the h that is let through.
_MOST = 3


class _Product:
    """others * base**(-power/2). is_divided: by a product, of correctly rounded roots."""

    __slots__ = ("base", "is_divided", "others", "power")

    def __init__(self) -> None:
        self.base: Value | None = None
        self.power = 0
        self.is_divided = False
        self.others: list[Value] = []


def power_of_root(e: Emitter, op: Op) -> str | None:
    """A product or quotient of f32 with 1/sqrt(x) in it at least twice, or None. Only for math="fast"."""
    lanes = lanes_of(op.operands[0].type)
    if not lanes or T.element_of(op.results[0].type) is not T.f32 or op.attributes.get("exact"):
        return None
    is_rough = has_estimate_12(e, lanes)
    if not is_rough and not has_estimate_14(e, lanes):
        return None
    found = _Product()
    if not _collect(e, op, found) or found.base is None or not 2 <= found.power <= _MOST or _is_there(e, op, found):
        return None
    if is_rough:
        return _emit_cube(e, found, lanes) if found.power == _MOST and not found.is_divided else None
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
        found.is_divided |= not _is_root(b)
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
    half = found.power / 2
    scale, slope = one, splat(base, half, lanes)
    factor, varying = _others(e, found)
    if factor is not None:
        scale = e.spread(factor, base, lanes)
        slope = e.spread(e.do(f"fmul {base} {factor}, {half}"), base, lanes)
    for v in varying:
        power = e.do(f"fmul {e.flags}{t} {power}, {e.value(v)}")
    refined = e.do(f"call {t} {fma}({t} {h}, {t} {slope}, {t} {scale})")
    return e.do(f"fmul {e.flags}{t} {power}, {refined}")


def _others(e: Emitter, found: _Product) -> tuple[str | None, list[Value]]:
    """The product of the factors that are the same in all lanes, a scalar, and the factors that are not."""
    factor: str | None = None
    varying: list[Value] = []
    for v in found.others:
        if v.op is None or not _is_same(v):
            varying.append(v)
        else:
            given = e.value(v.op.operands[0])
            factor = given if factor is None else e.do(f"fmul {e.flags}{REGISTER['f32']} {factor}, {given}")
    return factor, varying


def _emit_cube(e: Emitter, found: _Product, lanes: int) -> str:
    """others * base**-1.5 from an estimate y of 12 bits: others*y * y*y * (5/2 - (3/2*x)*y*y). The chain behind the estimate is
    what takes the time: all but the refinement is multiplied beside it. What others * r * r * r does not lose, this does not, but
    for an x above 2**127 * 4/3, of which 3/2 is no number: there the result, if not 0, is that of the estimate, within 2**-8."""
    assert found.base is not None
    base = REGISTER["f32"]
    t, fma = vector(base, lanes), f"@llvm.fma.{suffix(base, lanes)}"
    x = e.value(found.base)
    y = estimate_12(e, x, lanes)
    square = e.do(f"fmul {t} {y}, {y}")
    minus = e.do(f"fmul {t} {x}, {splat(base, -1.5, lanes)}")
    h = e.do(f"call {t} {fma}({t} {minus}, {t} {square}, {t} {splat(base, 2.5 + _CENTRE, lanes)})")
    # 1 where the estimate is good, a NaN at 0 and at infinity, -inf where a denormal counts as 0 and where 3/2*x overflows: MAXPS
    # makes of them what is a little less than the refinement can be.
    least = splat(base, _LEAST, lanes)
    h = e.select(e.do(f"fcmp ogt {t} {h}, {least}"), t, h, least, lanes)
    factor, varying = _others(e, found)
    power = y if factor is None else e.do(f"fmul {t} {e.spread(factor, base, lanes)}, {y}")
    for v in varying:
        power = e.do(f"fmul {t} {power}, {e.value(v)}")
    # Without flags: LLVM is not to multiply in another order.
    return e.do(f"fmul {t} {e.do(f'fmul {t} {power}, {square}')}, {h}")
