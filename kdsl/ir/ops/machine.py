"""Partial arithmetic: what a machine's instruction does, defined only where the instruction is.

`legalize` makes these of total ops (`arith.floordiv`, `arith.shl`, a cast from float), with the operands put into range
before and the result patched after; the front end makes none. Outside of its range an op gives some number, never a
trap. A target must spell them on i32, u32, i64, u64 and index.

`payne_hanek` is no instruction: a target that spells it has it as a function of its own, and calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import formats, types as T
from ..core import Value
from ..opdef import define

A = Any


def _quot(a: A, b: A) -> A:
    """Toward zero, from the quotient and remainder that round down."""
    safe = np.where(b == 0, b.dtype.type(1), b)
    down = np.floor_divide(a, safe)
    up = (np.mod(a, safe) != 0) & ((a < 0) != (safe < 0))
    return np.where(b == 0, a.dtype.type(0), down + up.astype(a.dtype)).astype(a.dtype)


def _rem(a: A, b: A) -> A:
    return (a - _quot(a, b) * b).astype(a.dtype)


def _amount(a: A, b: A) -> A:
    return (b & b.dtype.type(a.dtype.itemsize * 8 - 1)).astype(a.dtype)


def _shl(a: A, b: A) -> A:
    return np.left_shift(a, _amount(a, b)).astype(a.dtype)


def _shr(a: A, b: A) -> A:
    return np.right_shift(a, _amount(a, b)).astype(a.dtype)


def _reduced(x: A) -> tuple[A, ...]:
    from ..mathlib import huge_numpy

    return huge_numpy(x)


def _reduced_types(operands: Sequence[Value], attributes: dict[str, Any]) -> tuple[T.Type, ...]:
    t = operands[0].type
    return (T.i64 if t is T.f64 else T.i32), t, t


QUOT = define("machine.quot", "lhs:I rhs:I -> out:I", "Quotient rounded toward zero; rhs is not 0, and not -1 where lhs is the smallest value.", eval=_quot, elementwise=True)  # fmt: skip
REM = define("machine.rem", "lhs:I rhs:I -> out:I", "lhs - quot * rhs: the sign is that of lhs. The same limits.", eval=_rem, elementwise=True)  # fmt: skip
SHL = define("machine.shl", "lhs:I rhs:I -> out:I", "Left shift by less than the width.", eval=_shl, elementwise=True)
SHR = define("machine.shr", "lhs:I rhs:I -> out:I", "Right shift by less than the width, of signed types by copies of the sign.", eval=_shr, elementwise=True)  # fmt: skip
CONVERT = define("machine.convert", "x:F -> out:I", "The integer nearest to x toward zero; x is a number and the result in range.", eval=formats.convert, typed=True, elementwise=True)  # fmt: skip
PAYNE_HANEK = define("machine.payne_hanek", "x:F -> quadrant:X rest:F tail:F", "x >= 0, huge: (quadrant + 4*any)*pi/2 + rest + tail, with rest at most pi/4, and a NaN where x is infinite.", eval=_reduced, infer=_reduced_types)  # fmt: skip
