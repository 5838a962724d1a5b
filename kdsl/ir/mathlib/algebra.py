"""The abstract algebra that elementary functions are written against, and its NumPy implementation.

One idea: a function such as ``exp(m, x)`` only ever combines values with Python operators and with the
few functions of ``m``.  Giving it a ``NumpyAlgebra`` computes numbers (the reference interpreter), giving it
an IR-building algebra records the same operations for a code generator.  Every operation below is exactly
defined by IEEE 754 or by two's complement arithmetic, hence both give the same bits in strict mode.

The protocol
------------
Types are the strings ``"bool" "f32" "f64" "i32" "u32" "i64" "u64"``; ``"bool"`` is the type of masks.

Values support, with a value *of the same type* or a Python literal (which takes the type of the value):

* floats: ``+ - * /`` and unary ``-``, correctly rounded; ``+ -`` may be fused with a product (contracted);
* integers: ``+ - *`` and unary ``-`` (wrapping), ``& | ^ ~``, ``<< >>`` (count in range; ``>>`` is
  arithmetic for signed types, logical for unsigned ones); integer literals wrap to the type;
* comparisons ``< <= > >= == !=`` (ordered IEEE comparisons; ``!=`` is true on NaN), giving masks;
* masks: ``& | ~``.

Functions of the algebra are the methods of ``Algebra``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

Literal = int | float
"""A Python number standing for a constant of the type of the value it is combined with."""


class Value(Protocol):
    """A value of one type inside an algebra: a number per lane, or a mask."""

    def __add__(self, other: Value | Literal) -> Value: ...
    def __radd__(self, other: Literal) -> Value: ...
    def __sub__(self, other: Value | Literal) -> Value: ...
    def __rsub__(self, other: Literal) -> Value: ...
    def __mul__(self, other: Value | Literal) -> Value: ...
    def __rmul__(self, other: Literal) -> Value: ...
    def __truediv__(self, other: Value | Literal) -> Value: ...
    def __rtruediv__(self, other: Literal) -> Value: ...
    def __neg__(self) -> Value: ...
    def __and__(self, other: Value | Literal) -> Value: ...
    def __or__(self, other: Value | Literal) -> Value: ...
    def __xor__(self, other: Value | Literal) -> Value: ...
    def __invert__(self) -> Value: ...
    def __lshift__(self, other: Value | Literal) -> Value: ...
    def __rshift__(self, other: Value | Literal) -> Value: ...
    def __lt__(self, other: Value | Literal) -> Value: ...
    def __le__(self, other: Value | Literal) -> Value: ...
    def __gt__(self, other: Value | Literal) -> Value: ...
    def __ge__(self, other: Value | Literal) -> Value: ...
    def __eq__(self, other: Value | Literal) -> Value: ...  # type: ignore[override]
    def __ne__(self, other: Value | Literal) -> Value: ...  # type: ignore[override]


class Algebra(Protocol):
    """The operations an elementary function may use besides the operators of its values."""

    @property
    def wide(self) -> bool:
        """Whether f64 is no slower than its width says, and bits may be others than those that the interpreter has."""
        ...

    def const(self, value: Literal, type: str) -> Value:
        """The constant ``value`` in every lane (floats are rounded to the type, integers wrap)."""
        ...

    def select(self, mask: Value, a: Value | Literal, b: Value | Literal) -> Value:
        """``a`` where the mask holds, else ``b``; at most one of the two is a literal."""
        ...

    def bitcast(self, x: Value, type: str) -> Value:
        """The same bits seen as another type of the same width."""
        ...

    def convert(self, x: Value, type: str) -> Value:
        """Numeric conversion.

        int -> int wraps or extends by the signedness of the source; int -> float and f64 -> f32 round to
        nearest even; float -> int truncates, and gives an unspecified (but non-trapping) integer for NaN and
        for values outside the range: functions never let such an integer reach their result, except times NaN.
        """
        ...

    def exact_add(self, x: Value, y: Value | Literal) -> Value:
        """``x + y`` rounded once, never fused with a product nor reassociated."""
        ...

    def exact_sub(self, x: Value, y: Value | Literal) -> Value:
        """``x - y`` rounded once, never fused with a product nor reassociated."""
        ...

    def exact_mul(self, x: Value, y: Value | Literal) -> Value:
        """``x * y`` rounded once, never fused into a following addition."""
        ...

    def product_error(self, x: Value, y: Value, product: Value) -> Value | None:
        """The exact ``x*y - product``, for targets that have it in one operation: ``fma(x, y, -product)``.

        None asks for the sequence of other operations that gives the same number.
        """
        ...

    def limits(self, x: Value) -> tuple[float, float]:
        """The least and the greatest number that the float x is known to be, unless it is NaN: what functions need not care for."""
        ...

    def abs(self, x: Value) -> Value:
        """A float with its sign bit cleared (NaN stays NaN)."""
        ...

    def floor(self, x: Value) -> Value:
        """The largest integral float <= x (infinities, NaN and -0 unchanged)."""
        ...

    def rint(self, x: Value) -> Value:
        """x rounded to the nearest integral float, ties to even."""
        ...

    def sqrt(self, x: Value) -> Value:
        """The correctly rounded square root; NaN below zero; sqrt(-0) = -0."""
        ...

    def isnan(self, x: Value) -> Value:
        """A mask of the lanes holding NaN; must survive value-changing optimisations."""
        ...

    def lookup(self, table: Sequence[Literal], index: Value, type: str) -> Value:
        """Element ``index`` (an i32 in range) of a constant table, as a value of ``type``."""
        ...

    def huge(self, ax: Value, expand: Callable[[], Sequence[Value]]) -> Sequence[Value]:
        """What ``expand`` gives, the reduction of a huge ax (`reduction.huge`); a target may have it once, as a function."""
        ...

    def rarely(self, mask: Value, slow: Callable[[], Sequence[Value]], fast: Sequence[Value]) -> Sequence[Value]:
        """``slow()`` where the mask holds, else ``fast``, value by value; a target may skip slow() if no lane needs it."""
        ...


_DTYPES = {
    "bool": np.dtype(np.bool_),
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
    "i32": np.dtype(np.int32),
    "u32": np.dtype(np.uint32),
    "i64": np.dtype(np.int64),
    "u64": np.dtype(np.uint64),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def _constant(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """A 0-d array holding a literal, wrapping integers so that bit patterns can be written in hexadecimal."""
    if dtype.kind in "iu":
        bits = 8 * dtype.itemsize
        wrapped = int(value) & ((1 << bits) - 1)
        if dtype.kind == "i" and wrapped >> (bits - 1):
            wrapped -= 1 << bits
        return np.array(wrapped, dtype)
    with np.errstate(all="ignore"):
        return np.array(value).astype(dtype)


class NumpyValue:
    """An array of one of the algebra's types; ``factors`` remembers the product it is, for contraction."""

    __slots__ = ("algebra", "data", "factors")
    __array_ufunc__ = None  # NumPy arrays on the left defer to the reflected operators here

    def __init__(self, algebra: NumpyAlgebra, data: Any, factors: tuple[Any, Any] | None = None) -> None:
        self.algebra = algebra
        self.data: np.ndarray[Any, Any] = np.asarray(data)
        self.factors = factors

    @property
    def type(self) -> str:
        """The algebra's name of the element type."""
        return _NAMES[self.data.dtype]

    def __repr__(self) -> str:
        return f"{self.type}({self.data!r})"

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Any:
        return self.algebra.apply("neg", np.negative, self)

    def __invert__(self) -> Any:
        return self.algebra.apply("not", np.invert, self)


def _operator(name: str, ufunc: Any) -> tuple[Any, Any]:
    """The operator method and its reflection for one NumPy function."""

    def forward(self: NumpyValue, other: Any) -> Any:
        return self.algebra.apply(name, ufunc, self, other)

    def reflected(self: NumpyValue, other: Any) -> Any:
        return self.algebra.apply(name, ufunc, other, self)

    return forward, reflected


for _method, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "lshift": np.left_shift, "rshift": np.right_shift,
}.items():  # fmt: skip
    _forward, _reflected = _operator(_method, _ufunc)
    setattr(NumpyValue, f"__{_method}__", _forward)
    setattr(NumpyValue, f"__r{_method}__", _reflected)
for _method, _ufunc in {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}.items():  # fmt: skip
    setattr(NumpyValue, f"__{_method}__", _operator(_method, _ufunc)[0])


class NumpyAlgebra:
    """Evaluates functions on NumPy arrays: the reference meaning of every operation.

    ``contract`` simulates a target that fuses ``a*b + c`` wherever it is allowed to: ``"left"`` fuses the
    left product of ``a*b + c*d``, ``"right"`` the right one, ``None`` (the default, strict) fuses nothing.
    """

    wide = False

    def __init__(self, contract: str | None = None) -> None:
        if contract not in (None, "left", "right"):
            raise ValueError(f"contract must be None, 'left' or 'right', not {contract!r}")
        self.contract = contract

    def wrap(self, data: Any) -> Any:
        """A value of this algebra for an array or NumPy scalar of one of the algebra's types."""
        array = np.asarray(data)
        if array.dtype not in _NAMES:
            raise TypeError(f"the algebra has no type for {array.dtype}")
        return NumpyValue(self, array)

    def apply(self, name: str, ufunc: Any, *operands: Any) -> Any:
        """One operation; literals take the type of the first operand that is a value."""
        dtype = next(x.data.dtype for x in operands if isinstance(x, NumpyValue))
        values = [x if isinstance(x, NumpyValue) else NumpyValue(self, _constant(x, dtype)) for x in operands]
        if any(v.data.dtype != dtype for v in values):
            raise TypeError(f"{name} needs operands of one type, got {', '.join(v.type for v in values)}")
        with np.errstate(all="ignore"):
            if self.contract and dtype.kind == "f":
                return self._contracted(name, ufunc, values)
            return NumpyValue(self, ufunc(*(v.data for v in values)))

    def _contracted(self, name: str, ufunc: Any, values: list[NumpyValue]) -> NumpyValue:
        if name in ("add", "sub"):
            order = (0, 1) if self.contract == "left" else (1, 0)
            for i in order:
                factors = values[i].factors
                if factors is not None:
                    return NumpyValue(self, _fused(name, factors, values[1 - i].data, i))
        result = NumpyValue(self, ufunc(*(v.data for v in values)))
        if name == "mul":
            result.factors = (values[0].data, values[1].data)
        elif name == "neg" and values[0].factors is not None:
            result.factors = (-values[0].factors[0], values[0].factors[1])
        return result

    def const(self, value: Literal, type: str) -> Any:
        return NumpyValue(self, _constant(value, _DTYPES[type]))

    def select(self, mask: Any, a: Any, b: Any) -> Any:
        return self.apply("select", lambda x, y: np.where(mask.data, x, y), a, b)

    def bitcast(self, x: Any, type: str) -> Any:
        return NumpyValue(self, np.ascontiguousarray(x.data).reshape(x.data.shape).view(_DTYPES[type]))

    def convert(self, x: Any, type: str) -> Any:
        return self.apply("convert", lambda a: a.astype(_DTYPES[type]), x)

    def exact_add(self, x: Any, y: Any) -> Any:
        return self.apply("exact_add", np.add, x, y)

    def exact_sub(self, x: Any, y: Any) -> Any:
        return self.apply("exact_sub", np.subtract, x, y)

    def exact_mul(self, x: Any, y: Any) -> Any:
        return self.apply("exact_mul", np.multiply, x, y)

    def product_error(self, x: Any, y: Any, product: Any) -> Any:
        if self.contract is None:
            return None
        return NumpyValue(self, _fused("sub", (x.data, y.data), product.data, 0))

    def limits(self, x: Any) -> tuple[float, float]:
        return -np.inf, np.inf

    def abs(self, x: Any) -> Any:
        return self.apply("abs", np.abs, x)

    def floor(self, x: Any) -> Any:
        return self.apply("floor", np.floor, x)

    def rint(self, x: Any) -> Any:
        return self.apply("rint", np.rint, x)

    def sqrt(self, x: Any) -> Any:
        return self.apply("sqrt", np.sqrt, x)

    def isnan(self, x: Any) -> Any:
        return self.apply("isnan", np.isnan, x)

    def lookup(self, table: Sequence[Literal], index: Any, type: str) -> Any:
        return self.apply("lookup", lambda i: np.array(table, _DTYPES[type])[i], index)

    def huge(self, ax: Any, expand: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        return expand()

    def rarely(self, mask: Any, slow: Callable[[], Sequence[Any]], fast: Sequence[Any]) -> Sequence[Any]:
        if not mask.data.any():
            return fast
        return [self.select(mask, a, b) for a, b in zip(slow(), fast, strict=True)]


def evaluate(function: Callable[..., Any], *arrays: Any, contract: str | None = None) -> np.ndarray[Any, Any]:
    """The result of ``function(m, *values)`` on NumPy arrays."""
    m = NumpyAlgebra(contract)
    return function(m, *(m.wrap(a) for a in arrays)).data


def _fused(name: str, factors: tuple[Any, Any], other: Any, product_at: int) -> Any:
    """``a*b + c``, ``a*b - c`` or ``c - a*b`` with (nearly) one rounding."""
    a, b = factors
    if name == "sub" and product_at == 1:
        a = -a
    elif name == "sub":
        other = -other
    if a.dtype == np.float32:  # the product is exact in f64; the sum is rounded twice, which hardly matters
        return (a.astype(np.float64) * b.astype(np.float64) + other.astype(np.float64)).astype(np.float32)
    return _fused_f64(a, b, other)


def _fused_f64(a: Any, b: Any, c: Any) -> Any:
    """An f64 fused multiply-add by error-free transformations; falls back to two roundings near overflow."""
    a, b, c = np.broadcast_arrays(a, b, c)
    a_high, b_high = _upper_half(a), _upper_half(b)
    a_low, b_low = a - a_high, b - b_high
    product = a * b
    product_error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = product + c
    carried = total - product
    total_error = (product - (total - carried)) + (c - carried)
    error = total_error + product_error
    return np.where((error != 0) & np.isfinite(error), total + error, total)  # keeps the sign of zero


def _upper_half(x: Any) -> Any:
    bits = np.ascontiguousarray(x).view(np.uint64) & np.uint64(0xFFFF_FFFF_F800_0000)
    return bits.view(np.float64).reshape(np.shape(x))
