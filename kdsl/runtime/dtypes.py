"""Element types as memory: kdsl's names ("f32", "vec3<f32>", "struct P {...}") and the NumPy dtypes they lie in.

One idea: a type's name is enough to read and write its memory, so the runtime needs no compiler type. A vector is a
trailing axis of its own in NumPy. bf16 and f8 have no NumPy type: arrays made here use `ml_dtypes` when it is
installed, and otherwise hold the bits as u16 and u8.
"""

from __future__ import annotations

import importlib.util
import re
import struct
import sys
from typing import Any

import numpy as np

__all__ = ["SCALARS", "bits_dtype", "dtype_name", "is_scalar", "item_shape", "name_of", "numpy_dtype", "scalar_bytes",
           "size_bytes"]  # fmt: skip

# name -> (NumPy dtype, struct code of one value; "" where there is none). `index` is how ids and extents are passed.
SCALARS: dict[str, tuple[np.dtype[Any], str]] = {
    "bool": (np.dtype(np.bool_), "?"),
    "i8": (np.dtype(np.int8), "b"),
    "i16": (np.dtype(np.int16), "h"),
    "i32": (np.dtype(np.int32), "i"),
    "i64": (np.dtype(np.int64), "q"),
    "u8": (np.dtype(np.uint8), "B"),
    "u16": (np.dtype(np.uint16), "H"),
    "u32": (np.dtype(np.uint32), "I"),
    "u64": (np.dtype(np.uint64), "Q"),
    "f16": (np.dtype(np.float16), "e"),
    "bf16": (np.dtype(np.uint16), ""),
    "f32": (np.dtype(np.float32), "f"),
    "f64": (np.dtype(np.float64), "d"),
    "f8e4m3": (np.dtype(np.uint8), ""),
    "f8e5m2": (np.dtype(np.uint8), ""),
    "index": (np.dtype(np.int64), "q"),
}
_ML_NAMES = {"bf16": "bfloat16", "f8e4m3": "float8_e4m3fn", "f8e5m2": "float8_e5m2"}
_FROM_ML = {ml: name for name, ml in _ML_NAMES.items()}
_FROM_NUMPY = {dtype: name for name, (dtype, code) in SCALARS.items() if code and name != "index"}
_parsed: dict[str, np.dtype[Any]] = {}


def is_scalar(name: str) -> bool:
    return name in SCALARS


def have_ml_dtypes() -> bool:
    return "ml_dtypes" in sys.modules or importlib.util.find_spec("ml_dtypes") is not None


def bits_dtype(name: str) -> np.dtype[Any] | None:
    """u16 or u8, the bits of a storage type that NumPy lacks: accepted also where `ml_dtypes` gives it a type of its own,
    so that a program does not depend on what is installed."""
    return SCALARS[name][0] if name in _ML_NAMES else None


def numpy_dtype(name: str) -> np.dtype[Any]:
    """The NumPy dtype of one element called `name`; for a vector that of its scalars (see `item_shape`)."""
    found = _parsed.get(name)
    if found is None:
        found = _parsed[name] = _make_dtype(name)
    return found


def _make_dtype(name: str) -> np.dtype[Any]:
    if name in _ML_NAMES and have_ml_dtypes():
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, _ML_NAMES[name]))
    if name in SCALARS:
        return SCALARS[name][0]
    vector = _vector(name)
    if vector is not None:
        return numpy_dtype(vector[0])
    if name.startswith("struct "):
        return _struct_dtype(name)
    raise KeyError(name)


def _vector(name: str) -> tuple[str, int] | None:
    if len(name) < 7 or not name.startswith("vec") or name[4] != "<" or name[3] not in "234" or name[-1] != ">":
        return None
    return (name[5:-1], int(name[3])) if name[5:-1] in SCALARS else None


def item_shape(name: str) -> tuple[int, ...]:
    """Axes that one element takes in a NumPy array: (3,) for "vec3<f32>", () for everything else."""
    vector = _vector(name)
    return (vector[1],) if vector else ()


def size_bytes(name: str) -> int:
    """Bytes from one element to the next in a dense array."""
    vector = _vector(name)
    return numpy_dtype(name).itemsize * (vector[1] if vector else 1)


def _struct_dtype(text: str) -> np.dtype[Any]:
    """`struct P {x: f32 @0, v: vec3<f32> @4} [16, 4]` as an (unaligned, exact) NumPy structured dtype."""
    inner, tail = text[text.index("{") + 1 :].rsplit("}", 1)
    names, formats, offsets = [], [], []
    for part in _split_fields(inner):
        quoted = _quoted_name(part)
        field, rest = (quoted[1], part[quoted.end() :]) if quoted else part.split(":", 1)
        kind, offset = rest.rsplit("@", 1)
        kind = kind.strip()
        names.append(_read_quoted(field) if quoted else field.strip())
        formats.append((numpy_dtype(kind), item_shape(kind)))
        offsets.append(int(offset))
    size = int(tail.strip(" []").split(",")[0])
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def _split_fields(inner: str) -> list[str]:
    """Split at the commas of this level: a nested struct has its own, and so may a name in quotes."""
    parts, depth, start, quoted_to = [], 0, 0, 0
    for at, c in enumerate(inner):
        if at < quoted_to:
            continue
        if c in "'\"" and (quoted := _quoted_name(inner, at)):
            quoted_to = quoted.end()
        depth += c in "{[<"
        depth -= c in "}]>"
        if c == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    return [p for p in [*parts, inner[start:]] if p.strip()]


def _quoted_name(text: str, at: int = 0) -> re.Match[str] | None:
    """A field's name that is no identifier, as repr gives it, and the colon after it."""
    return re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*:""").match(text, at)


def _read_quoted(text: str) -> str:
    from ast import literal_eval

    return literal_eval(text)


def name_of(dtype: np.dtype[Any]) -> str | None:
    """kdsl's name of a NumPy dtype; None when kernels cannot hold it (object, complex, strings, foreign byte order)."""
    name = _FROM_NUMPY.get(dtype)
    if name is not None:
        return name
    if not dtype.isnative:
        return None
    if dtype.fields is not None:
        return _struct_name(dtype)
    if dtype.subdtype is not None:
        return None
    return _FROM_ML.get(dtype.name)


def _struct_name(dtype: np.dtype[Any]) -> str | None:
    parts = []
    for field in dtype.names or ():
        kind, offset = dtype.fields[field][:2]  # type: ignore[index]
        base, shape = kind.subdtype or (kind, ())
        inner = name_of(base)
        if inner is None or (shape and (len(shape) != 1 or shape[0] not in (2, 3, 4) or inner not in SCALARS)):
            return None
        word = field if field.isidentifier() else repr(field)
        parts.append(f"{word}: {f'vec{shape[0]}<{inner}>' if shape else inner} @{offset}")
    return f"struct _ {{{', '.join(parts)}}} [{dtype.itemsize}, {dtype.alignment}]"


def dtype_name(dtype: object) -> str:
    """kdsl's name of anything that means an element type: a name, a kdsl type, a NumPy dtype. `KeyError` otherwise."""
    text = dtype if isinstance(dtype, str) else str(dtype)
    if text in _FROM_ML:
        return _FROM_ML[text]
    if text in SCALARS or _vector(text) or text.startswith("struct "):
        return text
    try:
        name = name_of(np.dtype(dtype))  # type: ignore[call-overload]
    except TypeError:
        name = None
    if name is None:
        raise KeyError(text)
    return name


def scalar_bytes(name: str, value: object) -> bytes:
    """The bytes of one scalar, vector (a sequence) or struct (a NumPy record, or a tuple of its fields).

    `struct.error`, `OverflowError`, `TypeError` or `ValueError` when the value does not fit.
    """
    vector = _vector(name)
    if vector is not None:
        parts = tuple(value)  # type: ignore[call-overload]
        if len(parts) != vector[1]:
            raise ValueError(f"{vector[1]} values are needed")
        return b"".join(scalar_bytes(vector[0], p) for p in parts)
    code = SCALARS[name][1] if name in SCALARS else ""
    if code:
        return struct.pack("<" + code, value)
    if name == "bf16":
        return _bf16_bits(float(value)).to_bytes(2, "little")  # type: ignore[arg-type]
    return np.asarray(value, dtype=numpy_dtype(name)).tobytes()


def _bf16_bits(value: float) -> int:
    """Round to nearest even; a NaN stays a quiet NaN."""
    bits = int.from_bytes(struct.pack("<f", value), "little")
    if value != value:
        return (bits >> 16) | 0x40
    return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
