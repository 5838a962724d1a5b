"""Kernels built by hand: a little notation over the builder, so that tests of the IR need no front end.

One idea: `V` wraps an SSA value with Python operators, and `Kernel.line` is the line that the next ops stand on, so a
test can say which line a fault must point at.
"""

from __future__ import annotations

from kdsl.diagnostics import Span
from kdsl.ir import types as T
from kdsl.ir.builder import Builder
from kdsl.ir.core import Function, Region
from kdsl.ir.opdef import OPS, Level

FILE = "handbuilt_kernel.py"


def parse_type(text):
    """ "f32" is a scalar, "f32[2]" a global array of rank 2."""
    if isinstance(text, str) and text.endswith("]"):
        element, rank = text[:-1].split("[")
        return T.ArrayType(T.SCALARS[element], int(rank))
    return T.SCALARS[text] if isinstance(text, str) else text


class V:
    """An SSA value with operators; Python numbers take its type."""

    def __init__(self, kernel, value):
        self.kernel, self.value = kernel, value

    @property
    def type(self):
        return self.value.type

    def cast(self, name):
        return self.kernel.op("arith.cast", self, type=T.with_element(self.type, T.SCALARS[name]))


def _operator(name):
    def forward(self, other):
        return self.kernel.op(name, self, other)

    def reflected(self, other):
        return self.kernel.op(name, self.kernel.number(other, self.type), self)

    return forward, reflected


for _symbol, _name in {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "floordiv": "floordiv", "mod": "mod", "and": "and",
    "or": "or", "xor": "xor", "lshift": "shl", "rshift": "shr",
}.items():  # fmt: skip
    _f, _r = _operator(f"arith.{_name}")
    setattr(V, f"__{_symbol}__", _f)
    setattr(V, f"__r{_symbol}__", _r)
for _symbol in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(V, f"__{_symbol}__", _operator(f"arith.{_symbol}")[0])
V.__invert__ = lambda self: self.kernel.op("arith.not", self)
V.__neg__ = lambda self: self.kernel.op("arith.neg", self)
V.__hash__ = object.__hash__


class Kernel:
    """A function being built. Parameters by keyword: `Kernel("f", x="f32[1]", n="i32")`; then `k.x`, `k.n`."""

    def __init__(self, kernel_name="kernel", level=Level.THREAD, attributes=None, **params):
        types = tuple((n, parse_type(t)) for n, t in params.items())
        self.function = Function(kernel_name, types, level=level, attributes=attributes)
        self.builder = Builder(self.function.body)
        self.line = 1
        for p in self.function.params:
            setattr(self, p.name, V(self, p))

    def done(self):
        self.builder.yield_()
        return self.function

    # --- ops ---

    def number(self, x, t):
        return V(self, self.builder.constant(x, t))

    def index(self, x):
        return x if isinstance(x, V) else self.number(x, T.index)

    def op(self, name, /, *operands, type=None, **attributes):
        """Emits an op; numbers among the operands take the type of the first value that is not an array."""
        like = next((v.type for v in operands if isinstance(v, V) and not isinstance(v.type, T.ArrayType)), T.index)
        values = [(v if isinstance(v, V) else self.number(v, like)).value for v in operands]
        span = Span(FILE, self.line, 1)
        return V(self, self.builder.emit(OPS[name], *values, type=type, span=span, **attributes))

    def gid(self, axis=0):
        return self.op("simt.global_id", axis=axis)

    def tid(self, axis=0):
        return self.op("simt.thread_id", axis=axis)

    def bid(self, axis=0):
        return self.op("simt.block_id", axis=axis)

    def dim(self, axis=0):
        return self.op("simt.block_dim", axis=axis)

    def extent(self, array, axis=0):
        return self.op("memory.extent", array, axis=axis)

    def _place(self, array, indices):
        indices = indices if isinstance(indices, tuple) else (indices,)
        return (array, *map(self.index, indices))

    def load(self, array, indices, type=None, offset=0):
        return self.op("memory.load", *self._place(array, indices), type=type or array.type.element, offset=offset)

    def store(self, array, indices, x, offset=0, type=None):
        x = x if isinstance(x, V) else self.number(x, type or array.type.element)
        self.op("memory.store", *self._place(array, indices), x, offset=offset)

    def atomic(self, kind, array, indices, *x, offset=0, type=None):
        x = [v if isinstance(v, V) else self.number(v, type or array.type.element) for v in x]
        return self.op(f"atomic.{kind}", *self._place(array, indices), *x, offset=offset)

    def barrier(self):
        self.op("simt.barrier")

    def shared(self, name, shape, element="f32"):
        return self._alloc(name, shape, element, T.Space.SHARED)

    def local(self, name, shape, element="f32"):
        return self._alloc(name, shape, element, T.Space.PRIVATE)

    def _alloc(self, name, shape, element, space):
        shape = shape if isinstance(shape, tuple) else (shape,)
        t = T.ArrayType(parse_type(element), len(shape), space, shape)
        return self.op("memory.alloc", type=t, name=name)

    # --- control flow: bodies are functions that give the values they yield ---

    def _region(self, types, body):
        region = Region(tuple(types))
        with self.builder.inside(region):
            out = body(*[V(self, a) for a in region.args])
            out = () if out is None else out if isinstance(out, tuple) else (out,)
            self.builder.yield_(*[v.value for v in out])
        return region, [v.type for v in out]

    def _results(self, op):
        out = [V(self, r) for r in op.results]
        return out[0] if len(out) == 1 else tuple(out)

    def if_(self, cond, then, otherwise=lambda: None):
        span = Span(FILE, self.line, 1)
        a, types = self._region((), then)
        b, _ = self._region((), otherwise)
        with self.builder.at(span):
            return self._results(self.builder.if_(cond.value, types, a, b))

    def for_(self, lo, hi, body, init=(), step=1):
        span = Span(FILE, self.line, 1)
        bounds = [self.index(x).value for x in (lo, hi, step)]
        region, _ = self._region([T.index, *[v.type for v in init]], body)
        with self.builder.at(span):
            return self._results(self.builder.for_(*bounds, [v.value for v in init], region))

    def while_(self, cond, body, init):
        span = Span(FILE, self.line, 1)
        types = [v.type for v in init]
        a, _ = self._region(types, cond)
        b, _ = self._region(types, body)
        with self.builder.at(span):
            return self._results(self.builder.while_([v.value for v in init], a, b))
