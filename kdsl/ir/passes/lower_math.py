"""Lower elementary functions and random numbers: `math.*` and `random.*` become the arithmetic of `ir/mathlib`.

One idea: the functions are written once against an algebra, so this pass only chooses one and calls it: the short
versions of f32 under math="fast", and for f16 and bf16 those of f32 between two casts. Works at thread and at block
level.

Inlined, a call is scheduled together with what stands around it; but every copy of a hundred ops is compiled anew. So where a
kernel calls much, what it calls often, and what is that long, stays an op, and the target makes one function of it
(`function_body`), or has it ready.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...target import Target
from .. import types as T
from ..analysis.limits import limits_of
from ..builder import Builder, like
from ..core import Function, Op, Region, Value, walk
from ..opdef import Level, OpDef
from ..ops import arith

if TYPE_CHECKING:
    from .ir_algebra import IRAlgebra, Term

__all__ = ["function_body", "function_for", "lower_math"]

# A call weighs one for some fifty ops. Calls of this weight in all are inlined, whatever they are. Where there are more, those that
# are called so often are shared, and those that weigh more than one: what a call costs is little beside them.
_INLINED_WEIGHT = 8
_SHARED_CALLS = 5
_LONG = {
    "math.sin": 4, "math.cos": 4, "math.tan": 4, "math.pow": 4, "random.bits": 2, "random.uniform": 2, "random.normal": 6,
}  # fmt: skip


def lower_math(f: Function, target: Target | None = None, *, share: bool = False) -> Function:
    """`f` without ops of `math` and `random` (share: but for those that one function had better serve); `f` itself when
    it has none."""
    calls = [op for op in walk(f.body) if op.defn.function]
    shared = _repeated(calls) if share else frozenset()
    if all(_called(op) in shared for op in calls):
        return f
    out = like(f)
    free = target if f.math != "strict" else None  # whose bits may be its own
    fuses, wide = free is not None and free.has_fma, free is not None and not free.is_gpu
    _Lowering(f, out, fuses, wide, shared).run()
    return out


_Called = tuple[OpDef, T.Type]


def _called(op: Op) -> _Called:
    return op.defn, op.results[0].type


def _repeated(calls: list[Op]) -> frozenset[_Called]:
    """What a function that calls much had better call: what it calls often, and what is long."""
    if sum([_LONG.get(op.defn.name, 1) for op in calls]) <= _INLINED_WEIGHT:
        return frozenset()
    counts = Counter(map(_called, calls)).items()
    return frozenset([called for called, count in counts if count >= _SHARED_CALLS or called[0].name in _LONG])


def function_body(
    defns: Sequence[OpDef], operands: tuple[T.Type, ...], result: T.Type, math: str, target: Target | None = None
) -> Function:
    """What each of `defns` makes of the same operands, as a function of the block that yields their results."""
    params = tuple([(f"x{k}", t) for k, t in enumerate(operands)])
    f = Function(defns[0].name, params, level=Level.BLOCK, attributes={"math": math})
    b = Builder(f.body)
    b.yield_(*[b.emit_op(defn, f.params, (result,)).result for defn in defns])
    return lower_math(f, target)


class _Lowering:
    def __init__(self, source: Function, out: Function, fuses: bool, wide: bool, shared: frozenset[_Called]) -> None:
        self.source = source
        self.fuses = fuses
        self.wide = wide
        self.shared = shared
        self.b = Builder(out.body, source.span)
        self.map: dict[Value, Value] = dict(zip(source.params, out.params, strict=True))
        # One algebra per shape and open region, so that calls in one region share their constants.
        self.algebras: list[dict[tuple[int, ...], IRAlgebra]] = [{}]

    def run(self) -> None:
        for op in self.source.body.ops:
            self.op(op)

    def op(self, op: Op) -> None:
        if op.defn.function and _called(op) not in self.shared:
            with self.b.at(op.span):
                self.map[op.results[0]] = self.expand(op)
            return
        regions = tuple([self.region(r) for r in op.regions])
        operands = tuple([self.map[v] for v in op.operands])
        new = Op(op.defn, operands, tuple([r.type for r in op.results]), op.attributes, regions, op.span)
        self.b.region.ops.append(new)
        for old, result in zip(op.results, new.results, strict=True):
            result.name = old.name
            self.map[old] = result

    def region(self, region: Region) -> Region:
        new = Region(tuple([a.type for a in region.args]), tuple([a.name for a in region.args]))
        self.map.update(zip(region.args, new.args, strict=True))
        self.algebras.append({})
        with self.b.inside(new):
            for op in region.ops:
                self.op(op)
        self.algebras.pop()
        return new

    def algebra(self, shape: tuple[int, ...]) -> IRAlgebra:
        from .ir_algebra import IRAlgebra  # many kernels have no functions, and then all of `mathlib` need not be imported

        open_here = self.algebras[-1]
        if shape not in open_here:
            m = open_here[shape] = IRAlgebra(self.b, shape, fuses=self.fuses, wide=self.wide, ordered=self.source.math == "fast")
            # Constants of the regions around are visible here.
            m.constants = [outer[shape].constants[-1] for outer in self.algebras if shape in outer]
        return open_here[shape]

    def expand(self, op: Op) -> Value:
        shape = T.shape_of(op.results[0].type)
        m = self.algebra(shape)
        operands = [self.map[v] for v in op.operands]
        element = T.element_of(op.operands[0].type)
        is_narrow = element.is_float and element.bits < 32
        if is_narrow:
            operands = [self.b.emit(arith.CAST, v, type=T.with_element(v.type, T.f32)) for v in operands]
        expand = function_for(op.defn.name, "f32" if is_narrow else element.name, self.source.math)
        terms = [m.wrap(v) for v in operands]
        if self.source.math != "strict":  # there every target has the bits of the interpreter, which knows nothing of limits
            m.limited = {t.value: limits_of(v) for t, v in zip(terms, op.operands, strict=True) if t.element.is_float}
        out: Term = expand(m, *terms)
        if is_narrow:
            return self.b.emit(arith.CAST, out.value, type=op.results[0].type)
        return out.value


def function_for(name: str, type: str, math: str) -> Callable[..., Any]:
    """What expands an op of `math` or `random` on f32 or f64 over an algebra."""
    from ..mathlib import FAST_FUNCTIONS, FUNCTIONS, RANDOM_FUNCTIONS

    family, short = name.split(".")
    if family == "random":
        return RANDOM_FUNCTIONS[f"random_{short}"]
    if math == "fast" and type in FAST_FUNCTIONS.get(short, {}):
        return FAST_FUNCTIONS[short][type]
    return FUNCTIONS[short][type]
