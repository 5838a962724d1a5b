"""Numbers as C writes them.

One idea: a decimal that reads back as the same bits. Suffixes differ between dialects and are given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...ir import formats, types as T
from .forms import ADDITIVE, ATOM, UNARY, Expr

__all__ = ["float_text", "integer"]


def integer(t: T.ScalarType, value: int, suffix: Mapping[str, str]) -> Expr:
    """An integer literal; the smallest signed value has none and is a difference."""
    end = suffix.get(t.name, "")
    if t.is_signed and value == -(1 << (t.bits - 1)) and t.bits >= 32:
        return Expr(f"-{(1 << (t.bits - 1)) - 1}{end} - 1", ADDITIVE)
    return Expr(f"{value}{end}", ATOM if value >= 0 else UNARY)


def float_text(t: T.ScalarType, value: Any) -> str:
    """The shortest decimal of a finite number of a type, with a point or an exponent; "" of infinities and NaN."""
    number = float(value)  # of 32 and 64 bits it is one of the type
    if t.bits < 32:
        with np.errstate(over="ignore"):
            number = float(formats.convert(t, np.float64(value)))
    if not math.isfinite(number):
        return ""
    if number == int(number) and abs(number) < 1e7 and (number != 0):
        return f"{int(number)}.0"
    text = str(np.float32(number)) if t.bits < 64 else repr(number)
    return text if "." in text or "e" in text else f"{text}.0"
