"""Ids, barriers, fences, subgroup operations and debugging stops."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ...ir import types as T
from ...ir.core import Value
from ...ir.opdef import OpDef
from ...ir.ops import simt
from ..lowering import Lowering
from ..operators import lift, truth
from ..promote import arithmetic_type
from ..values import describe
from .table import row

__all__: list[str] = []

_IDS = {
    "global_id": simt.GLOBAL_ID, "thread_id": simt.THREAD_ID, "block_id": simt.BLOCK_ID,
    "block_dim": simt.BLOCK_DIM, "grid_dim": simt.GRID_DIM,
}  # fmt: skip
_REDUCTIONS = {
    "subgroup_sum": simt.SUM, "subgroup_min": simt.MIN, "subgroup_max": simt.MAX,
    "subgroup_inclusive_sum": simt.INCLUSIVE_SUM, "subgroup_exclusive_sum": simt.EXCLUSIVE_SUM,
}  # fmt: skip
_SHUFFLES = {
    "shuffle": (simt.SHUFFLE, "lane"), "shuffle_xor": (simt.SHUFFLE_XOR, "mask"), "broadcast": (simt.BROADCAST, "lane"),
    "shuffle_up": (simt.SHUFFLE_UP, "delta"), "shuffle_down": (simt.SHUFFLE_DOWN, "delta"),
}  # fmt: skip
_VOTES = {"ballot": simt.BALLOT, "any": simt.ANY, "all": simt.ALL}


def _id(defn: OpDef) -> Callable[..., Value]:
    def lower(L: Lowering, node: ast.AST, axis: Any) -> Value:
        k = L.const_int(axis, node, "the axis")
        if not 0 <= k <= 2:
            L.refuse("K401", node, f"axis {k} does not exist: a launch has the axes 0, 1 and 2", help="use 0, 1 or 2")
        return L.emit(node, defn, axis=k)

    return lower


def _plain(defn: OpDef) -> Callable[..., Any]:
    def lower(L: Lowering, node: ast.AST) -> Any:
        result = L.emit(node, defn)
        return result if defn.results else None

    return lower


def _fence(L: Lowering, node: ast.AST, scope: Any) -> None:
    if scope not in ("block", "device"):
        L.refuse("K120", node, "the scope of a fence is 'block' or 'device'", help="write kdsl.fence('device')")
    L.emit(node, simt.FENCE, scope=scope)


def _reduction(name: str, defn: OpDef) -> Callable[..., Any]:
    def one(L: Lowering, node: ast.AST, v: Any) -> Any:
        x = L.value(v, node)
        if x.type is T.bool_:
            L.refuse(
                "K203",
                node,
                f"{name} works on numbers, this is a mask (bool)",
                help="write i32(mask), or use kdsl.ballot",
            )
        assert isinstance(x.type, T.ScalarType)
        return L.emit(node, defn, L.cast(x, arithmetic_type(x.type), node))

    return lambda L, node, x: lift(L, node, [x], lambda v: one(L, node, v))


def _lane(L: Lowering, v: Any, node: ast.AST) -> Value:
    v = L.number(v, node)
    if L.type_of(v) is T.bool_ or L.type_of(v).is_float:
        L.refuse(
            "K205", node, f"a lane is counted by an integer, this is {describe(v)}", help="write i32(...) around it"
        )
    return L.cast(v, T.index, node)


def _shuffle(defn: OpDef) -> Callable[..., Any]:
    def lower(L: Lowering, node: ast.AST, x: Any, lane: Any) -> Any:
        which = _lane(L, lane, node)
        return lift(L, node, [x], lambda v: L.emit(node, defn, L.value(v, node), which))

    return lower


def _vote(defn: OpDef) -> Callable[..., Any]:
    def lower(L: Lowering, node: ast.AST, x: Any) -> Any:
        return L.emit(node, defn, L.value(truth(L, x, node), node))

    return lower


for _name, _defn in _IDS.items():
    row(f"{_name}(axis: any = 0)", _id(_defn))
row("barrier()", _plain(simt.BARRIER))
row("lane_id()", _plain(simt.LANE_ID))
row("subgroup_size()", _plain(simt.SUBGROUP_SIZE))
row("breakpoint()", _plain(simt.BREAKPOINT))
row("fence(scope: any = 'device')", _fence)
for _name, _defn in _REDUCTIONS.items():
    row(f"{_name}(x)", _reduction(_name, _defn))
for _name, (_defn, _second) in _SHUFFLES.items():
    row(f"{_name}(x, {_second})", _shuffle(_defn))
for _name, _defn in _VOTES.items():
    row(f"{_name}(x)", _vote(_defn))
