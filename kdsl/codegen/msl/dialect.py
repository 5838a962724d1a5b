"""The Metal Shading Language as a dialect: literals, casts, pointers, and the ops that take more than a form.

One idea: what a thread knows of itself comes as parameters of the kernel, so an op that asks for it notes that it did, and the
function around the body declares what was asked for.
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

__all__ = ["KNOWN", "MSL", "SHUFFLED", "SUMMED"]

_SUFFIX = {"i64": "L", "index": "L", "u32": "u", "u64": "ul"}
_FLOAT_SUFFIX = {"f32": "f", "f16": "h"}
SHUFFLED = ("i32", "u32", "f32", "f16")
# Of 32-bit integers, whose sums wrap, in whatever order.
SUMMED = {
    "subgroup.sum": "simd_sum", "subgroup.min": "simd_min", "subgroup.max": "simd_max",
    "subgroup.inclusive_sum": "simd_prefix_inclusive_sum", "subgroup.exclusive_sum": "simd_prefix_exclusive_sum",
}  # fmt: skip
_AXES = "xyz"
_SPACES = {T.Space.GLOBAL: "device ", T.Space.SHARED: "threadgroup ", T.Space.PRIVATE: "thread "}

# What a thread can know of itself: the parameter's name, type and attribute.
KNOWN: dict[str, tuple[str, str]] = {
    "local_id": ("uint3", "thread_position_in_threadgroup"),
    "block_id": ("uint3", "threadgroup_position_in_grid"),
    "grid_size": ("uint3", "threadgroups_per_grid"),
    "lane": ("uint", "thread_index_in_simdgroup"),
    "lanes": ("uint", "threads_per_simdgroup"),
}

# C++14's keywords, Metal's types and functions, and the words of the C++ for OpenCL that texts are checked with.
_RESERVED = words(
    """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl const constexpr
    const_cast continue decltype default delete do double dynamic_cast else enum explicit export extern false float for friend
    goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public
    register reinterpret_cast return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
    kernel vertex fragment device constant threadgroup thread threadgroup_imageblock half uchar ushort uint ulong size_t ptrdiff_t
    bfloat atomic atomic_int atomic_uint atomic_bool atomic_float atomic_ulong texture sampler metal simd precise fast
    abs absdiff ceil clamp clz cross ctz distance dot exp exp2 fabs floor fma fmax fmin fmod fract frexp insert_bits isinf isnan
    ldexp length log log2 madsat max min mix mulhi normalize popcount pow rint rotate round rsqrt saturate select sign sin
    smoothstep sqrt step tan trunc cos sincos sinh cosh tanh as_type vec matrix array any all
    global local generic private pipe image event barrier main assert NAN INFINITY NULL
    half2 half3 half4 float2 float3 float4 int2 int3 int4 uint2 uint3 uint4 char2 char3 char4 uchar2 uchar3 uchar4
    """
) | MACROS


def _literal(t: T.ScalarType, value: Any) -> Expr:
    if t.is_bool:
        return Expr("true" if value else "false")
    if not t.is_float:
        return integer(t, int(value), _SUFFIX)
    number = float_text(t, value)
    if number:
        number += _FLOAT_SUFFIX[t.name]
    else:
        number = "NAN" if math.isnan(float(value)) else "-INFINITY" if float(value) < 0 else "INFINITY"
        if t is T.f16:
            return Expr(f"half({number})")
    return Expr(number, UNARY if number.startswith("-") else ATOM)


def _cast(target: str, x: Expr) -> Expr:
    return Expr(f"{target}({x.text})")


def _pointer(cell: str, space: T.Space, const: bool) -> str:
    return f"{_SPACES[space]}{'const ' if const else ''}{cell}*"


# Places and sizes


def _place(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        e.facts.add(name)
        e.give(op.results[0], _widened(f"{name}.{_AXES[op.attributes['axis']]}"))

    return handler


def _widened(text: str) -> Expr:
    made = Expr(f"long({text})")
    made.narrow = Expr(text)
    return made


def _global_id(e: Emitter, op: Op) -> None:
    axis = op.attributes["axis"]
    x, size = _AXES[axis], e.block[axis]
    e.facts.add("block_id")
    if size == 1:
        e.give(op.results[0], _widened(f"block_id.{x}"))
        return
    e.facts.add("local_id")
    e.give_wide(op.results[0], f"long(block_id.{x}) * {size} + local_id.{x}")


def _scalar(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        e.facts.add(name)
        e.give(op.results[0], _widened(name))

    return handler


# Threads together: one statement and one line for each


def _barrier(e: Emitter, op: Op) -> None:
    e.before_effect()
    e.act("threadgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup);")


def _fence(e: Emitter, op: Op) -> None:
    e.before_effect()
    scope = "threadgroup" if op.attributes["scope"] == "block" else "device"
    both = "mem_flags::mem_device | mem_flags::mem_threadgroup"
    e.act(f"atomic_thread_fence({both}, memory_order_seq_cst, thread_scope_{scope});")


def _shuffle(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        x, lane = op.operands
        by = str(lane.constant) if lane.constant is not None else f"ushort({e.take(lane).text})"
        e.give_name(op.results[0], f"{name}({e.take(x).text}, {by})")

    return handler


def _direct(name: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        e.give_name(op.results[0], f"{name}({e.take(op.operands[0]).text})")

    return handler


def _ballot(e: Emitter, op: Op) -> None:
    x = e.take(op.operands[0])
    e.give_name(op.results[0], f"ulong(simd_vote::vote_t(simd_ballot({x.text})))")


# Memory


def _pointer_to(e: Emitter, op: Op, t: T.ScalarType, where: Expr) -> str:
    """The address of an element, as a pointer to an atomic object."""
    space = _SPACES[place_of(e, op.operands[0]).type.space]
    plain = f"*({space}{CELLS[t.name]}*)"  # what it is a pointer to otherwise
    inner = where.text.removeprefix(plain) if where.text.startswith(plain) else f"&{enclosed(where, ATOM)}"
    return f"({space}atomic_{TYPES[t.name]}*){inner}"


def _atomic(kind: str) -> Handler:
    def handler(e: Emitter, op: Op) -> None:
        t = T.element_of(op.operands[-1].type)
        where, _ = address(e, op, t, len(op.operands) - 2)
        value = e.take(op.operands[-1])
        e.before_effect()
        pointer = _pointer_to(e, op, t, where)
        if only_reads(op):
            e.give_name(op.results[0], f"atomic_load_explicit({pointer}, memory_order_relaxed)")
        elif t.bits == 64:  # the least and the greatest, where the GPU has them; they give nothing
            e.act(f"atomic_{kind}_explicit({pointer}, {value.text}, memory_order_relaxed);")
        elif kind == "exchange" and op.results[0] not in e.uses:
            e.act(f"atomic_store_explicit({pointer}, {value.text}, memory_order_relaxed);")
        else:
            call = "atomic_exchange_explicit" if kind == "exchange" else f"atomic_fetch_{kind}_explicit"
            e.give_name(op.results[0], f"{call}({pointer}, {value.text}, memory_order_relaxed)")

    return handler


def _compare_exchange(e: Emitter, op: Op) -> None:
    t = T.element_of(op.operands[-1].type)
    where, _ = address(e, op, t, len(op.operands) - 3)
    expected, value = e.take_atom(op.operands[-2]), e.take(op.operands[-1])
    e.before_effect()
    if only_reads(op):
        e.give_name(op.results[0], f"atomic_load_explicit({_pointer_to(e, op, t, where)}, memory_order_relaxed)")
        return
    if expected.depends:  # it is compared again
        expected = e.named_here(op.operands[-2], expected)
    old = e.name(op.results[0].name, "old")
    e.act(f"{TYPES[t.name]} {old} = {expected.text};")
    order = "memory_order_relaxed, memory_order_relaxed"
    call = f"atomic_compare_exchange_weak_explicit({_pointer_to(e, op, t, where)}, &{old}, {value.text}, {order})"
    # The weak form may fail although the value is the expected one.
    e.act(f"while (!{call} && {old} == {expected.text}) {{")
    e.act("}")
    e.exprs[op.results[0]] = Expr(old)


def _prefetch(e: Emitter, op: Op) -> None:
    """A hint that Metal has no word for: what it was made of is not written."""
    for v in op.operands[1:]:
        e.waiting.pop(v, None)


_HANDLERS: Mapping[str, Handler] = {
    "simt.global_id": _global_id,
    "simt.thread_id": _place("local_id"),
    "simt.block_id": _place("block_id"),
    "simt.grid_dim": _place("grid_size"),
    "simt.lane_id": _scalar("lane"),
    "simt.subgroup_size": _scalar("lanes"),
    "simt.barrier": _barrier,
    "simt.fence": _fence,
    "subgroup.shuffle": _shuffle("simd_shuffle"),
    "subgroup.shuffle_xor": _shuffle("simd_shuffle_xor"),
    "subgroup.shuffle_up": _shuffle("simd_shuffle_up"),
    "subgroup.shuffle_down": _shuffle("simd_shuffle_down"),
    "subgroup.any": _direct("simd_any"),
    "subgroup.all": _direct("simd_all"),
    **{op: _direct(name) for op, name in SUMMED.items()},
    "subgroup.ballot": _ballot,
    "memory.prefetch": _prefetch,
    **{name: _atomic(next(iter(kinds.values()))) for name, kinds in ATOMIC_KINDS.items()},
    "atomic.compare_exchange": _compare_exchange,
}

MSL = Dialect(
    name="Metal",
    types=TYPES,
    cells=CELLS,
    rows=ROWS,
    literal=_literal,
    cast=_cast,
    pointer=_pointer,
    bits="as_type<{type}>({x})",
    fused=FUSED,
    byte="uchar",
    table="constant {type} {name}[{count}]",
    local={T.Space.SHARED: "threadgroup ", T.Space.PRIVATE: ""},
    aligned=lambda size: f"alignas({size}) ",
    function="static ",
    jumps=True,
    reserved=_RESERVED | KNOWN.keys() | {"arguments"},
    handlers=_HANDLERS,
)
