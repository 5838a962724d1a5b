"""Casts between all scalar types.

One idea: every cast is total. A float outside an integer's range is put inside before LLVM converts it (which would be
undefined otherwise), then patched; AArch64 saturates in hardware, x86 does not.
"""

from __future__ import annotations

from ...ir import types as T
from ...ir.core import Op, Value
from .emitter import Emitter, by_registers, lowering
from .narrow import from_memory, round_narrow, to_memory
from .text import MEMORY, REGISTER, lanes_of, splat, suffix, vector


@lowering("arith.cast")
def _cast(e: Emitter, op: Op) -> str:
    source, to = T.element_of(op.operands[0].type), T.element_of(op.results[0].type)
    x, lanes = e.value(op.operands[0]), lanes_of(op.operands[0].type)
    if op.attributes.get("inside") and source.is_float and to.is_integer and to.bits >= 32:
        # Outside the range any integer will do, but it must be one: poison would spread to lanes that do not use it.
        out = vector(REGISTER[to.name], lanes)
        how = "fptosi" if to.is_signed else "fptoui"
        return e.do(f"freeze {out} {e.do(f'{how} {vector(REGISTER[source.name], lanes)} {x} to {out}')}")
    first = _counts_from(op) if to.is_float and to.bits <= _NO_LONG_TO_FLOAT.get(e.target.arch, 0) else None
    return convert(e, source, to, x, lanes) if first is None else _counted(e, source, to, x, e.value(first), lanes)


# An id is 64 bits wide, and these take a vector of such numbers apart to convert them one by one, to floats of so many bits.
_NO_LONG_TO_FLOAT = {"x86-64-v2": 64, "x86-64-v3": 64, "aarch64": 32}


def _counts_from(op: Op) -> Value | None:
    """first, where a cast's operand is a tile of first, first + 1, ... in 64 bits."""
    counted = op.operands[0].op
    if counted is None or counted.name != "arith.add" or T.element_of(op.operands[0].type) not in (T.index, T.i64):
        return None
    spread, iota = [v.op for v in counted.operands]
    if spread is None or iota is None or spread.name != "tile.splat" or iota.name != "tile.iota":
        return None
    return spread.operands[0]


def _counted(e: Emitter, source: T.ScalarType, to: T.ScalarType, x: str, first: str, lanes: int) -> str:
    """The float of such a tile: counted in 32 bits where all of it fits, as ids do."""
    narrow, wide, join = e.fresh("narrow"), e.fresh("wide"), e.fresh("join")
    fits = e.do(f"icmp ult i64 {e.do(f'add i64 {first}, {1 << 31}')}, {(1 << 32) - lanes}")
    e.branch(fits, narrow, wide, ", !prof !0")
    e.begin(narrow)
    start = e.spread(e.do(f"trunc i64 {first} to i32"), "i32", lanes)
    steps = "<" + ", ".join(f"i32 {k}" for k in range(lanes)) + ">"
    near = convert(e, T.i32, to, e.do(f"add {vector('i32', lanes)} {start}, {steps}"), lanes)
    from_narrow = e.label
    e.jump(join)
    e.begin(wide)
    far = convert(e, source, to, x, lanes)
    from_wide = e.label
    e.jump(join)
    e.begin(join)
    return e.phi(vector(REGISTER[to.name], lanes), [(near, from_narrow), (far, from_wide)])


@lowering("arith.bitcast")
def _bitcast(e: Emitter, op: Op) -> str:
    (x,) = op.operands
    source, to = T.element_of(x.type), T.element_of(op.results[0].type)
    lanes = lanes_of(x.type)
    if source is to:
        return e.value(x)
    bits = to_memory(e, source, e.value(x), lanes)
    a, b = MEMORY[source.name], MEMORY[to.name]
    if a != b:
        bits = e.do(f"bitcast {vector(a, lanes)} {bits} to {vector(b, lanes)}")
    return from_memory(e, to, bits, lanes)


def convert(e: Emitter, source: T.ScalarType, to: T.ScalarType, x: str, lanes: int) -> str:
    """The number `x` of type `source` in type `to`."""
    if source is to:
        return x
    if to.is_bool:
        compare = "fcmp une" if source.is_float else "icmp ne"
        return e.do(f"{compare} {vector(REGISTER[source.name], lanes)} {x}, zeroinitializer")
    if to.is_float:
        return _to_float(e, source, to, x, lanes)
    if source.is_float:
        return _float_to_int(e, source, to, x, lanes)
    a, b = REGISTER[source.name], REGISTER[to.name]
    if a == b:
        return x
    how = "trunc" if source.bits > to.bits else "sext" if source.is_signed else "zext"
    return e.do(f"{how} {vector(a, lanes)} {x} to {vector(b, lanes)}")


def _to_float(e: Emitter, source: T.ScalarType, to: T.ScalarType, x: str, lanes: int) -> str:
    a, b = REGISTER[source.name], REGISTER[to.name]
    if not source.is_float:
        how = "sitofp" if source.is_signed else "uitofp"
        x = e.do(f"{how} {vector(a, lanes)} {x} to {vector(b, lanes)}")
    elif a != b:
        how = "fpext" if b == "double" else "fptrunc"
        x = e.do(f"{how} {vector(a, lanes)} {x} to {vector(b, lanes)}")
    if to.bits >= 32 or (to is T.bf16 and source.name.startswith("f8")):
        return x
    return round_narrow(e, to, x, lanes)


def _float_to_int(e: Emitter, source: T.ScalarType, to: T.ScalarType, x: str, lanes: int) -> str:
    base = REGISTER[source.name]
    if e.target.triple.startswith("aarch64"):
        return _saturate(e, base, to, x, lanes)
    if to.bits <= 16 or (to.bits == 32 and base == "double" and to.is_signed):
        return _clamp_first(e, base, to, x, lanes)
    if to.bits == 32 and base == "float" and to.is_signed and _truncates(e, lanes):
        return _turn_over(e, x, lanes)
    return _patch_after(e, base, to, x, lanes)


def _saturate(e: Emitter, base: str, to: T.ScalarType, x: str, lanes: int) -> str:
    """By LLVM's saturating conversion, to at least 32 bits; narrower results are clamped as integers."""
    wide = f"i{max(to.bits, 32)}"
    name = "fptosi.sat" if to.is_signed or to.bits < 32 else "fptoui.sat"
    out = vector(wide, lanes)
    text = f"call {out} @llvm.{name}.{suffix(wide, lanes)}.{suffix(base, lanes)}({vector(base, lanes)} {x})"
    whole = e.do(text)
    if to.bits >= 32:
        return whole
    low, high = T.limits(to)
    whole = e.intrinsic("smax", "i32", lanes, whole, splat("i32", low, lanes))
    whole = e.intrinsic("smin", "i32", lanes, whole, splat("i32", high, lanes))
    return e.do(f"trunc {out} {whole} to {vector(REGISTER[to.name], lanes)}")


def _clamp_first(e: Emitter, base: str, to: T.ScalarType, x: str, lanes: int) -> str:
    """Both ends of the range are floats: clamp, then convert."""
    low, high = T.limits(to)
    f, i32 = vector(base, lanes), vector("i32", lanes)
    bottom, top = splat(base, low, lanes), splat(base, high, lanes)
    if low:  # else NaN is not above, and becomes the 0 that it is to be
        x = e.select(e.do(f"fcmp uno {f} {x}, zeroinitializer"), f, "zeroinitializer", x, lanes)
    if to.bits <= 16 and base == "float" and _truncates(e, lanes):
        # What lies too low, and NaN, which MINPS lets through, become the lowest integer, which packing clamps.
        x = e.select(e.do(f"fcmp ogt {f} {x}, {top}"), f, top, x, lanes)
        whole = by_registers(e, truncated, x, lanes, e.target.vector_bytes // 4, ("float", "i32"))
    else:
        x = e.select(e.do(f"fcmp ogt {f} {x}, {bottom}"), f, x, bottom, lanes)
        x = e.select(e.do(f"fcmp olt {f} {x}, {top}"), f, x, top, lanes)
        whole = e.do(f"fptosi {f} {x} to {i32}")
    if to.bits == 32:
        return whole
    if lanes > 1:
        # Where nothing is left to clamp, LLVM does not know, and clears upper halves before it packs what it takes as not inside.
        whole = e.intrinsic("smax", "i32", lanes, whole, splat("i32", low, lanes))
        whole = e.intrinsic("smin", "i32", lanes, whole, splat("i32", high, lanes))
    return e.do(f"trunc {i32} {whole} to {vector(REGISTER[to.name], lanes)}")


# CVTTPS2DQ by lanes, and what it takes behind x: the lowest integer for what does not fit, where `fptosi` gives anything.
_TRUNCATE = {
    4: ("llvm.x86.sse2.cvttps2dq", "", ""),
    8: ("llvm.x86.avx.cvtt.ps2dq.256", "", ""),
    16: ("llvm.x86.avx512.mask.cvttps2dq.512", ", <16 x i32>, i16, i32", ", <16 x i32> zeroinitializer, i16 -1, i32 4"),
}


def _truncates(e: Emitter, lanes: int) -> bool:
    return e.is_x86 and lanes >= 4 and lanes & (lanes - 1) == 0


def truncated(e: Emitter, x: str, lanes: int) -> str:
    """f32 to i32, what does not fit to the lowest one."""
    name, types, given = _TRUNCATE[lanes]
    t, out = vector("float", lanes), vector("i32", lanes)
    e.declare(name, f"declare {out} @{name}({t}{types})")
    return e.do(f"call {out} @{name}({t} {x}{given})")


def _turn_over(e: Emitter, x: str, lanes: int) -> str:
    """f32 to i32. What does not fit becomes the lowest integer, whose bits turned over are the highest."""
    f, i32, mask = vector("float", lanes), vector("i32", lanes), vector("i1", lanes)
    whole = by_registers(e, truncated, x, lanes, e.target.vector_bytes // 4, ("float", "i32"))
    above = e.do(f"fcmp oge {f} {x}, {splat('float', 2.0**31, lanes)}")
    if e.target.vector_bytes == 64:
        whole = e.select(above, i32, splat("i32", 2**31 - 1, lanes), whole, lanes)
    else:
        whole = e.do(f"xor {i32} {whole}, {e.do(f'sext {mask} {above} to {i32}')}")
    return e.select(e.do(f"fcmp ord {f} {x}, zeroinitializer"), i32, whole, "zeroinitializer", lanes)


def _patch_after(e: Emitter, base: str, to: T.ScalarType, x: str, lanes: int) -> str:
    """The upper end is no float: convert what lies inside, then put the ends in."""
    low, high = T.limits(to)
    f, out, mask = vector(base, lanes), vector(REGISTER[to.name], lanes), vector("i1", lanes)
    above = e.do(f"fcmp oge {f} {x}, {splat(base, float(high + 1), lanes)}")
    if not to.is_signed:
        not_below = e.do(f"fcmp oge {f} {x}, zeroinitializer")
    else:
        not_below = e.do(f"fcmp oge {f} {x}, {splat(base, float(low), lanes)}")
    # NaN compares false: it is not inside and becomes 0.
    inside = e.do(f"and {mask} {not_below}, {e.do(f'fcmp olt {f} {x}, {splat(base, float(high + 1), lanes)}')}")
    safe = e.select(inside, f, x, "zeroinitializer", lanes)
    whole = e.do(f"{'fptosi' if to.is_signed else 'fptoui'} {f} {safe} to {out}")
    whole = e.select(above, out, splat(REGISTER[to.name], high, lanes), whole, lanes)
    if not to.is_signed:
        return whole
    below = e.do(f"fcmp olt {f} {x}, {splat(base, float(low), lanes)}")
    return e.select(below, out, splat(REGISTER[to.name], low, lanes), whole, lanes)
