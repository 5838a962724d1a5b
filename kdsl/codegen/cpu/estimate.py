"""Reciprocal square roots from the processor's estimate, refined by Newton's method: a third of the time of a root and
a division, and within 2 ULP.

One idea: with y the estimate and h = 1 - x*y*y its error, y + y*h/2 has an error of 3/8 h*h. At 0 and infinity the
estimate is exact already and h is NaN; a minimum that prefers the number turns that NaN into a harmless 1, so special
values cost one instruction and no branch. Only for math="default" and "fast": "strict" has the root and the division.
"""

from __future__ import annotations

from functools import partial

from .emitter import Emitter, by_registers
from .text import splat, suffix, vector

__all__ = ["estimate_12", "estimate_14", "has_estimate_12", "has_estimate_14", "nearer_to_0", "refined_rsqrt"]

# VRSQRT14PS knows 14 bits and takes denormals as they are: one step gives 28. Not used for the RSQRTPS of v2 and v3:
# its 12 bits leave 3.4 ULP after a step, and denormals count as 0.
_WIDTHS = {16: "512", 8: "256", 4: "128"}
_NEARER = 0b0110  # of VRANGEPS: the lesser magnitude, with its own sign


def refined_rsqrt(e: Emitter, x: str, lanes: int) -> str | None:
    """1 / sqrt(x) of f32 values, or None where the target has no estimate that is good enough."""
    if has_estimate_14(e, lanes):
        return _step(e, x, estimate_14(e, x, lanes), lanes)
    if e.target.triple.startswith("aarch64") and lanes == 4:
        name = "llvm.aarch64.neon.frsqrte.v4f32"
        e.declare(name, f"declare <4 x float> @{name}(<4 x float>)")
        y = e.do(f"call <4 x float> @{name}(<4 x float> {x})")  # 8 bits, then 16, then 32
        return _step(e, x, _step(e, x, y, lanes), lanes)
    return None


def has_estimate_14(e: Emitter, lanes: int) -> bool:
    return e.target.vector_bytes == 64 and lanes in (4, 8, 16, 32, 64)


def estimate_14(e: Emitter, x: str, lanes: int) -> str:
    """1 / sqrt(x) to a relative error of 2**-14: exact at 0 and infinity, NaN below 0."""
    return by_registers(e, _estimate, x, lanes, 16)


def has_estimate_12(e: Emitter, lanes: int) -> bool:
    """Whether there is RSQRTPS for whole registers of eight lanes, and nothing better."""
    return e.target.vector_bytes == 32 and e.is_x86 and lanes in (8, 16, 32)


def estimate_12(e: Emitter, x: str, lanes: int) -> str:
    """1 / sqrt(x) to a relative error of 1.5 * 2**-12: 0 at infinity, infinity at 0 and for denormals, NaN below 0."""
    return by_registers(e, _rough, x, lanes, 8)


def _rough(e: Emitter, x: str, lanes: int) -> str:
    name = "llvm.x86.avx.rsqrt.ps.256"
    e.declare(name, f"declare <8 x float> @{name}(<8 x float>)")
    return e.do(f"call <8 x float> @{name}(<8 x float> {x})")


def _estimate(e: Emitter, x: str, lanes: int) -> str:
    t, bits = vector("float", lanes), max(lanes, 8)
    name = f"llvm.x86.avx512.rsqrt14.ps.{_WIDTHS[lanes]}"
    e.declare(name, f"declare {t} @{name}({t}, {t}, i{bits})")
    return e.do(f"call {t} @{name}({t} {x}, {t} zeroinitializer, i{bits} -1)")


def nearer_to_0(e: Emitter, x: str, limit: float, lanes: int) -> str:
    """Of x and the limit what is nearer to 0, and the limit for a NaN: VRANGEPS, one instruction. Where there is `estimate_14`."""
    return by_registers(e, partial(_nearer_to_0, limit=limit), x, lanes, 16)


def _nearer_to_0(e: Emitter, x: str, lanes: int, limit: float) -> str:
    t, bits = vector("float", lanes), max(lanes, 8)
    name = f"llvm.x86.avx512.mask.range.ps.{_WIDTHS[lanes]}"
    rounding = [", i32", " 4"] if lanes == 16 else ["", ""]
    e.declare(name, f"declare {t} @{name}({t}, {t}, i32, {t}, i{bits}{rounding[0]})")
    given = f"{t} {x}, {t} {splat('float', limit, lanes)}, i32 {_NEARER}, {t} zeroinitializer, i{bits} -1"
    return e.do(f"call {t} @{name}({given}{''.join(rounding)})")


def _step(e: Emitter, x: str, y: str, lanes: int) -> str:
    t, fma = vector("float", lanes), f"@llvm.fma.{suffix('float', lanes)}"
    one, half = splat("float", 1.0, lanes), splat("float", 0.5, lanes)
    minus = e.do(f"fneg {t} {e.do(f'fmul {t} {x}, {y}')}")
    h = e.do(f"call {t} {fma}({t} {minus}, {t} {y}, {t} {one})")
    h = e.select(e.do(f"fcmp olt {t} {h}, {one}"), t, h, one, lanes)  # x86: MINPS, which gives the 1 for a NaN
    return e.do(f"call {t} {fma}({t} {e.do(f'fmul {t} {y}, {half}')}, {t} {h}, {t} {y})")
