"""HIP C++ as a dialect: literals, casts, pointers, and the ops that take more than a form.

One idea: only the language and the compiler's own functions are used, no header, so that the text compiles under hiprtc of any
version as it does under hipcc.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...ir import types as T
from ...ir.analysis.effects import only_reads
from ...ir.core import Op
from ..cfamily.emitter import MACROS, Dialect, Emitter, Handler, words
from ..cfamily.forms import ATOM, UNARY, Expr, enclosed
from ..cfamily.literals import float_text, integer
from ..cfamily.memory import address, place_of
from .rows import ATOMIC_KINDS, CELLS, FUSED, ROWS, TYPES

__all__ = ["HIP", "SHUFFLED"]

_SUFFIX = {"i64": "LL", "index": "LL", "u32": "u", "u64": "ull"}
_FLOAT_SUFFIX = {"f32": "f", "f16": "f", "f64": ""}
# Types that __shfl takes on every version of HIP.
SHUFFLED = ("i32", "u32", "f32", "i64", "u64", "f64", "index")
_AXES = "xyz"

# C++20's keywords, HIP's names, and functions that a kernel calls.
_RESERVED = words(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl concept
    const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default delete do double
    dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept
    not not_eq nullptr operator or or_eq private protected public register reinterpret_cast requires return short signed sizeof
    static static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename union
    unsigned using virtual void volatile wchar_t while xor xor_eq
    threadIdx blockIdx blockDim gridDim warpSize hipThreadIdx_x dim3 half half2 float2 float3 float4 int2 int3 int4 uint uint2
    uint3 uint4 uchar ushort ulong size_t ptrdiff_t linux unix i386
    abs fabs fabsf floor floorf ceil ceilf trunc truncf rint rintf sqrt sqrtf fma fmaf min max exp expf log logf sin sinf cos
    cosf tan tanf pow powf isnan isinf y0 y1 yn j0 j1 jn gamma NULL INFINITY NAN assert printf memcpy memset atomicAdd
    atomicSub atomicMin atomicMax atomicAnd atomicOr atomicXor atomicExch atomicCAS clock main
    """
) | MACROS


def _literal(t: T.ScalarType, value: Any) -> Expr:
    if t.is_bool:
        return Expr("true" if value else "false")
    if not t.is_float:
        return integer(t, int(value), _SUFFIX)
    number = float_text(t, value)
    if not number:
        suffix = "" if t is T.f64 else "f"
        number = f'__builtin_nan{suffix}("")' if math.isnan(float(value)) else f"__builtin_inf{suffix}()"
        number = f"-{number}" if float(value) < 0 else number
    else:
        number += _FLOAT_SUFFIX[t.name]
    e = Expr(number, UNARY if number.startswith("-") else ATOM)
    return _cast(TYPES["f16"], e) if t is T.f16 else e


def _cast(target: str, x: Expr) -> Expr:
    return Expr(f"({target}){enclosed(x, UNARY)}", UNARY)


def _pointer(cell: str, space: T.Space, const: bool) -> str:
    return f"const {cell}*" if const else f"{cell}*"


# Places and sizes


def _place(text: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        e.give(op.results[0], _widened(Expr(f"{text}.{_AXES[op.attributes['axis']]}")))

    return handler


def _widened(x: Expr) -> Expr:
    made = _cast("long long", x)
    made.narrow = x
    return made


def _global_id(e: Emitter, op: Op) -> None:
    axis = op.attributes["axis"]
    x, size = _AXES[axis], e.block[axis]
    block = _widened(Expr(f"blockIdx.{x}"))
    if size == 1:
        e.give(op.results[0], block)
        return
    e.give_wide(op.results[0], f"{block.text} * {size} + threadIdx.{x}")


def _lane_id(e: Emitter, op: Op) -> None:
    e.give(op.results[0], _cast("long long", Expr("__lane_id()")))


def _subgroup_size(e: Emitter, op: Op) -> None:
    e.give(op.results[0], _cast("long long", Expr("warpSize")))


# Threads together: one statement and one line for each


def _barrier(e: Emitter, op: Op) -> None:
    e.before_effect()
    e.act("__syncthreads();")


def _fence(e: Emitter, op: Op) -> None:
    e.before_effect()
    e.act("__threadfence_block();" if op.attributes["scope"] == "block" else "__threadfence();")


def _shuffle(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        x, lane = op.operands
        by = str(lane.constant) if lane.constant is not None else _cast("int", e.take(lane)).text
        e.give_name(op.results[0], f"{name}({e.take(x).text}, {by})")

    return handler


def _ballot(e: Emitter, op: Op) -> None:
    e.give_name(op.results[0], f"__ballot({e.take(op.operands[0]).text})")


def _vote(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        e.give_name(op.results[0], f"{name}({e.take(op.operands[0]).text}) != 0")

    return handler


# Memory


def _atomic(kind: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        t = T.element_of(op.operands[-1].type)
        where, _ = address(e, op, t, len(op.operands) - 2)
        value = e.take(op.operands[-1])
        e.before_effect()
        pointer, order = _pointer_to(e, op, t, where), f"__ATOMIC_RELAXED, {_scope(e, op)}"
        if only_reads(op):
            e.give_name(op.results[0], f"__hip_atomic_load({pointer}, {order})")
        elif kind == "exchange" and op.results[0] not in e.uses:
            e.act(f"__hip_atomic_store({pointer}, {value.text}, {order});")
        else:
            call = "__hip_atomic_exchange" if kind == "exchange" else f"__hip_atomic_fetch_{kind}"
            e.give_name(op.results[0], f"{call}({pointer}, {value.text}, {order})")

    return handler


def _pointer_to(e: Emitter, op: Op, t: T.ScalarType, where: Expr) -> str:
    """The address of an element, as a pointer to the type of the operation."""
    place = place_of(e, op.operands[0])
    if where.text.startswith(f"*({CELLS[t.name]}*)"):
        return where.text[1:]
    if place.cell is not None and CELLS[place.cell.name] != CELLS[t.name]:
        return f"({CELLS[t.name]}*)&{where.text}"
    return f"&{enclosed(where, ATOM)}"


def _scope(e: Emitter, op: Op) -> str:
    shared = place_of(e, op.operands[0]).type.space is T.Space.SHARED
    return "__HIP_MEMORY_SCOPE_WORKGROUP" if shared else "__HIP_MEMORY_SCOPE_AGENT"


def _compare_exchange(e: Emitter, op: Op) -> None:
    t = T.element_of(op.operands[-1].type)
    where, _ = address(e, op, t, len(op.operands) - 3)
    expected, value = e.take(op.operands[-2]), e.take(op.operands[-1])
    e.before_effect()
    if only_reads(op):
        e.give_name(op.results[0], f"__hip_atomic_load({_pointer_to(e, op, t, where)}, __ATOMIC_RELAXED, {_scope(e, op)})")
        return
    old = e.name(op.results[0].name, "old")
    e.act(f"{TYPES[t.name]} {old} = {expected.text};")
    orders = f"__ATOMIC_RELAXED, __ATOMIC_RELAXED, {_scope(e, op)}"
    e.act(f"__hip_atomic_compare_exchange_strong({_pointer_to(e, op, t, where)}, &{old}, {value.text}, {orders});")
    e.exprs[op.results[0]] = Expr(old)


def _prefetch(e: Emitter, op: Op) -> None:
    where, _ = address(e, op, T.u8, len(op.operands) - 1, const=True)
    e.act(f"__builtin_prefetch(&{enclosed(where, ATOM)});")


_HANDLERS: Mapping[str, Handler] = {
    "simt.global_id": _global_id,
    "simt.thread_id": _place("threadIdx"),
    "simt.block_id": _place("blockIdx"),
    "simt.grid_dim": _place("gridDim"),
    "simt.lane_id": _lane_id,
    "simt.subgroup_size": _subgroup_size,
    "simt.barrier": _barrier,
    "simt.fence": _fence,
    "subgroup.shuffle": _shuffle("__shfl"),
    "subgroup.shuffle_xor": _shuffle("__shfl_xor"),
    "subgroup.shuffle_up": _shuffle("__shfl_up"),
    "subgroup.shuffle_down": _shuffle("__shfl_down"),
    "subgroup.ballot": _ballot,
    "subgroup.any": _vote("__any"),
    "subgroup.all": _vote("__all"),
    "memory.prefetch": _prefetch,
    **{name: _atomic(next(iter(kinds.values()))) for name, kinds in ATOMIC_KINDS.items()},
    "atomic.compare_exchange": _compare_exchange,
}

HIP = Dialect(
    name="HIP",
    types=TYPES,
    cells=CELLS,
    rows=ROWS,
    literal=_literal,
    cast=_cast,
    pointer=_pointer,
    bits="__builtin_bit_cast({type}, {x})",
    fused=FUSED,
    byte="unsigned char",
    table="static __device__ const {type} {name}[{count}]",
    local={T.Space.SHARED: "__shared__ ", T.Space.PRIVATE: ""},
    aligned=lambda size: f"alignas({size}) ",
    function="static __device__ ",
    # AMD's compiler keeps masks for each way out of a loop that threads leave one by one: a search of 17 instructions a round
    # takes 30 with `break`, whose branch is no select then (clang 19, gfx942).
    jumps=False,
    body=("#pragma clang fp contract(off)",),
    reserved=_RESERVED,
    handlers=_HANDLERS,
)
