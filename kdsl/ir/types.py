"""Types of the IR: scalars, the aggregates that memory may hold, arrays in memory, and tiles of lanes.

One idea: a type is a small immutable thing compared by content whose `str` is its text in the IR. SSA values are
scalars, tiles of scalars, or references to arrays; vectors and structs exist only as element types of arrays
(the front end works on their components), so no pass ever has to take one apart.
"""

from __future__ import annotations

import functools
import sys
from typing import Any, ClassVar, NoReturn

import numpy as np

from ..records import record

__all__ = [
    "ArrayType", "ElementType", "Kind", "SCALARS", "SPACES", "ScalarType", "Space", "StructType", "TileType", "Type", "VectorType",
    "bf16", "bool_", "element_of", "f16", "f32", "f64", "f8e4m3", "f8e5m2", "i16", "i32", "i64", "i8", "index",
    "holds", "limits", "shape_of", "size_and_align", "u16", "u32", "u64", "u8", "with_element",
]  # fmt: skip


class _Choice:
    """One of a few, by its name in the IR. There is one object for each, so identity is equality.

    An enumeration takes five times as long to make, which every program that imports kdsl would pay for.
    """

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value
        setattr(type(self), name, self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        return (getattr, (type(self), self.name))


class Kind(_Choice):
    """What the bits of a scalar mean."""

    __slots__ = ()
    BOOL: ClassVar[Kind]
    INT: ClassVar[Kind]
    UINT: ClassVar[Kind]
    FLOAT: ClassVar[Kind]


for _kind in ("bool", "int", "uint", "float"):
    Kind(_kind.upper(), _kind)


class ScalarType(metaclass=record, eq=False):
    """One machine number. There is exactly one object per name, so identity is equality.

    bits: width. mantissa: explicit mantissa bits of a float. storage: arithmetic happens in f32 and is rounded back.
    dtype: the NumPy type that holds the *bits* in memory; value_dtype: the one the interpreter computes in.
    """

    name: str
    kind: Kind
    bits: int
    dtype: np.dtype
    value_dtype: np.dtype
    mantissa: int = 0
    storage: bool = False
    # Of its kind. Fields, since passes ask some hundred thousand times.
    is_float: bool = False
    is_integer: bool = False
    is_signed: bool = False
    is_bool: bool = False

    @property
    def size_bytes(self) -> int:
        return max(self.bits // 8, 1)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"kdsl.{self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_scalar_called, (self.name,))

    def __call__(self, x: object = 0) -> Any:
        """`f32(x)` on the host: a NumPy scalar, converted as a cast in a kernel is (storage types: rounded, as f32)."""
        from .formats import convert

        return convert(self, np.asarray(x))[()]

    def __getitem__(self, item: object) -> NoReturn:
        """`f32[:]` is numba's way to say an array."""
        from ..diagnostics import Span, refuse

        frame = sys._getframe(1)
        rank = len(item) if isinstance(item, tuple) else 1
        refuse("K127", Span(frame.f_code.co_filename, frame.f_lineno), f"{self} is the type of a number, and has no axes",
               help=f"an array of such numbers is kdsl.Array[{self}, {rank}]")  # fmt: skip


def _scalar(name: str, kind: Kind, bits: int, dtype: str, value: str = "", mantissa: int = 0, storage: bool = False) -> ScalarType:
    return ScalarType(name, kind, bits, np.dtype(dtype), np.dtype(value or dtype), mantissa, storage, kind is Kind.FLOAT,
                      kind in (Kind.INT, Kind.UINT), kind in (Kind.INT, Kind.FLOAT), kind is Kind.BOOL)  # fmt: skip


bool_ = _scalar("bool", Kind.BOOL, 1, "bool")
i8 = _scalar("i8", Kind.INT, 8, "int8")
i16 = _scalar("i16", Kind.INT, 16, "int16")
i32 = _scalar("i32", Kind.INT, 32, "int32")
i64 = _scalar("i64", Kind.INT, 64, "int64")
u8 = _scalar("u8", Kind.UINT, 8, "uint8")
u16 = _scalar("u16", Kind.UINT, 16, "uint16")
u32 = _scalar("u32", Kind.UINT, 32, "uint32")
u64 = _scalar("u64", Kind.UINT, 64, "uint64")
f16 = _scalar("f16", Kind.FLOAT, 16, "float16", mantissa=10)
bf16 = _scalar("bf16", Kind.FLOAT, 16, "uint16", "float32", mantissa=7, storage=True)
f32 = _scalar("f32", Kind.FLOAT, 32, "float32", mantissa=23)
f64 = _scalar("f64", Kind.FLOAT, 64, "float64", mantissa=52)
f8e4m3 = _scalar("f8e4m3", Kind.FLOAT, 8, "uint8", "float32", mantissa=3, storage=True)
f8e5m2 = _scalar("f8e5m2", Kind.FLOAT, 8, "uint8", "float32", mantissa=2, storage=True)
# `index` is the type of ids, extents and loop counters: signed, 64 bits, but not the same type as i64.
index = _scalar("index", Kind.INT, 64, "int64")

SCALARS: dict[str, ScalarType] = {
    t.name: t
    for t in (bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, f8e4m3, f8e5m2, index)
}


def _scalar_called(name: str) -> ScalarType:
    return SCALARS[name]


def _word(name: str) -> str:
    """A name as the IR's text spells it: NumPy allows any string as the name of a field, so odd ones are quoted."""
    return name if name.isidentifier() else repr(name)


class VectorType(metaclass=record):
    """`count` (2, 3 or 4) scalars side by side in memory, aligned like one of them."""

    element: ScalarType
    count: int

    def __str__(self) -> str:
        return f"vec{self.count}<{self.element}>"

    def __repr__(self) -> str:
        return f"kdsl.vec({self.element!r}, {self.count})"

    def __call__(self, *parts: object) -> Any:
        """`vec3(x, y, z)` on the host: a NumPy array of its scalars; one number is repeated, vectors are joined."""
        flat = np.concatenate([np.asarray(p).reshape(-1) for p in parts])
        return np.broadcast_to(self.element(flat), (self.count,)).copy()


class StructType(metaclass=record):
    """Named fields at byte offsets, as in a NumPy structured dtype. `fields` holds (name, type, offset in bytes)."""

    name: str
    fields: tuple[tuple[str, ScalarType | VectorType | StructType, int], ...]
    size_bytes: int
    align: int

    def __str__(self) -> str:
        inner = ", ".join(f"{_word(name)}: {t} @{offset}" for name, t, offset in self.fields)
        return f"struct {_word(self.name)} {{{inner}}} [{self.size_bytes}, {self.align}]"


ElementType = ScalarType | VectorType | StructType


class Space(_Choice):
    """Where an array lives and who shares it."""

    __slots__ = ()
    GLOBAL: ClassVar[Space]  # every thread of the launch
    SHARED: ClassVar[Space]  # the threads of one block
    PRIVATE: ClassVar[Space]  # one thread
    SLOTS: ClassVar[Space]  # one element for every thread of the block: what a value lives in across a barrier


SPACES: dict[str, Space] = {name: Space(name.upper(), name) for name in ("global", "shared", "private", "slots")}


class ArrayType(metaclass=record):
    """A reference to an array in memory.

    shape: static extents (shared and private arrays) or None (global: read with `memory.extent`).
    unit_axis: the axis whose elements are known to lie side by side, None when any stride is possible.
    whole: what a global array is to its user, whose elements the last axis takes apart into scalars; None: this is it.
    """

    element: ElementType
    rank: int
    space: Space = Space.GLOBAL
    shape: tuple[int, ...] | None = None
    unit_axis: int | None = None
    whole: ArrayType | None = None

    @property
    def given(self) -> ArrayType:
        """The array as its user has it."""
        return self.whole or self

    @property
    def parts(self) -> int:
        """Of how many of its elements the user's has one."""
        return size_and_align(self.given.element)[0] // size_and_align(self.element)[0]

    def stride_bytes(self, axis: int) -> int | None:
        """From one element of a global array to the next along an axis; None where only the launch knows."""
        if axis == self.unit_axis:
            return size_and_align(self.element)[0]
        return None if self.whole is None else self.whole.stride_bytes(axis)

    def __str__(self) -> str:
        extents = str(self.rank) if self.shape is None else "[" + ", ".join(map(str, self.shape)) + "]"
        unit = "" if self.unit_axis is None else f", unit={self.unit_axis}"
        whole = "" if self.whole is None else f", of={self.whole}"
        return f"array<{self.element}, {extents}, {self.space.value}{unit}{whole}>"


class TileType:
    """Scalars of one block in a static shape; vectorized code uses the shape (lanes,). There is one object per content, so
    identity is equality: passes make and compare them thousands of times."""

    __slots__ = ("element", "shape")
    __match_args__ = ("element", "shape")

    element: ScalarType
    shape: tuple[int, ...]

    def __new__(cls, element: ScalarType, shape: tuple[int, ...]) -> TileType:
        known = _tiles.get((element, shape))
        if known is None:
            made = object.__new__(cls)
            object.__setattr__(made, "element", element)
            object.__setattr__(made, "shape", shape)
            known = _tiles.setdefault((element, shape), made)  # another thread may have been first
        return known

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __reduce__(self) -> tuple[object, ...]:
        return (TileType, (self.element, self.shape))

    def __repr__(self) -> str:
        return f"TileType(element={self.element!r}, shape={self.shape!r})"

    def __str__(self) -> str:
        return f"tile<{'x'.join(map(str, self.shape))}x{self.element}>"


_tiles: dict[tuple[ScalarType, tuple[int, ...]], TileType] = {}

Type = ScalarType | ArrayType | TileType


def element_of(t: Type) -> ScalarType:
    """The scalar that an SSA value of type `t` is made of (arrays have none: use their `element`)."""
    if type(t) is ScalarType:
        return t
    assert isinstance(t, TileType), t
    return t.element


def shape_of(t: Type) -> tuple[int, ...]:
    """() for a scalar, the tile's shape for a tile."""
    return t.shape if isinstance(t, TileType) else ()


def with_element(t: Type, element: ScalarType) -> ScalarType | TileType:
    """The type of the same shape as `t` made of `element`."""
    return TileType(element, t.shape) if isinstance(t, TileType) else element


@functools.cache  # range analyses ask thousands of times
def limits(t: ScalarType) -> tuple[int, int]:
    """The least and the greatest number of an integer type; bool has 0 and 1."""
    low = -(1 << (t.bits - 1)) if t.is_signed else 0
    return low, low + (1 << t.bits) - 1


def holds(outer: ScalarType, inner: ScalarType) -> bool:
    """Whether each number of one integer type is one of another, so that a cast keeps it."""
    (low, high), (least, greatest) = limits(outer), limits(inner)
    return low <= least and greatest <= high


def size_and_align(t: ElementType) -> tuple[int, int]:
    """Bytes an element takes in memory, and its alignment."""
    if isinstance(t, ScalarType):
        return t.size_bytes, t.size_bytes
    if isinstance(t, VectorType):
        return t.element.size_bytes * t.count, t.element.size_bytes
    return t.size_bytes, t.align
