"""Multiply-adds that are rounded once: those that the user writes, and those that math="default" allows.

One idea: drivers are told to contract nothing, because what lets them contract lets them rearrange too; so where a product may
go into a sum, and the device is quick at it, the fused instruction is written here.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

from ...ir import types as T
from ...ir.core import Function, Op, Value, all_ops
from ...ir.ops import arith
from .emitter import Emitter, lowering

__all__ = ["emit_fused", "find_fused"]


@lowering("arith.fma")
def _fma(e: Emitter, op: Op) -> int:
    return _emit(e, T.element_of(op.result.type), *[e.value(v) for v in op.operands])


def _emit(e: Emitter, t: T.ScalarType, a: int, b: int, c: int) -> int:
    return e.exact(e.library("Fma" if e.pushes else "fma", e.type_of(t), a, b, c))


def _is_free(op: Op) -> bool:
    """Whether an op may be rounded together with another, on a type that has the instruction."""
    return op.result.type in (T.f32, T.f64) and not op.attributes.get("exact", False)


def find_fused(f: Function) -> tuple[dict[Op, Op], set[Op]]:
    """(sum or difference -> the product that goes into it, those products): products that nothing else uses."""
    if f.math == "strict":
        return {}, set()
    uses: Counter[Value] = Counter()
    sums: list[Op] = []
    ops = all_ops(f.body)
    uses.update(chain.from_iterable([op.operands for op in ops]))
    for op in ops:
        if op.defn in (arith.ADD, arith.SUB) and _is_free(op):
            sums.append(op)
    found: dict[Op, Op] = {}
    products: set[Op] = set()
    for op in sums:
        for v in op.operands:
            product = v.op
            if product is not None and product.defn is arith.MUL and _is_free(product) and uses[v] == 1:
                found[op] = product
                products.add(product)
                break
    return found, products


def emit_fused(e: Emitter, op: Op, product: Op) -> int:
    """a*b + c, a*b - c or c - a*b."""
    t = T.element_of(op.result.type)
    a, b = [e.value(v) for v in product.operands]
    first, second = op.operands
    is_first = first is product.result
    c = e.value(second if is_first else first)
    if op.defn is arith.SUB:
        type_ = e.type_of(t)
        if is_first:
            c = e.exact(e.do("FNegate", type_, c))
        else:
            a = e.exact(e.do("FNegate", type_, a))
    return _emit(e, t, a, b, c)
