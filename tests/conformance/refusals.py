"""What GPU targets refuse, cell by cell: asked of the compiler's own check, with a kernel of one op.

One idea: the tests and the report ask the same question, so what is skipped is what the report shows.
"""

from __future__ import annotations

from functools import cache

from kdsl.diagnostics import CompileError
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function
from kdsl.ir.opdef import OPS, OpDef
from kdsl.ir.passes.legalize.needs import check_needs
from kdsl.target import GPU_TARGETS

__all__ = ["refusal"]


def _one_op(op: OpDef, t: T.ScalarType) -> Function:
    """A function with the op on an array of `t`, or on values of it."""
    f = Function("one", (("a", T.ArrayType(t, 1, unit_axis=0)), ("i", T.index), ("x", t)), attributes={"block": (64, 1, 1)})
    b = Builder(f.body)
    a, i, x = f.params
    if op.operands and op.operands[0].rule == "array":
        wanted = [v for v in op.operands[1:] if not v.variadic]
        results = () if not op.results else (t,)
        attributes = {"offset": 0, "axis": 0, "name": "a"}
        b.emit_op(op, (a, i, *[x] * len(wanted)), results, {k: attributes[k] for k in op.attributes})
    else:
        b.emit_op(op, tuple([i if v.rule == "index" else x for v in op.operands]), tuple([t for _ in op.results]))
    b.yield_()
    return f


@cache
def refusal(target: str, op_name: str, type_name: str) -> str:
    """Why a target of that name cannot do an op on a type; "" where it can."""
    op = OPS[op_name]
    if op_name.startswith(("scf.", "memory.alloc", "memory.extent")) or op_name == "simt.fence":
        return ""
    try:
        check_needs(_one_op(op, T.SCALARS.get(type_name, T.i32)), GPU_TARGETS[target])
    except CompileError as error:
        return error.diagnostic.message
    return ""
