"""What a kernel took from the program around it, and whether it is still so.

One idea: every read is kept as (namespace, key, value): a dict and a key, a class or a function (whose defaults were read) and an
attribute, or a closure's cell. Constants are looked at again by every launch; bindings, which are modules and names that nothing
hides, only by another process that finds the code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..records import record

__all__ = ["ABSENT", "Outside", "Read", "captures_changed", "is_ours", "told_apart"]

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "<nothing>"})()  # as a value: there is nothing under the key
Read = tuple[Any, str, Any]
_KEPT = {"kdsl", "math", "numpy"}  # modules whose names are taken to mean what they always mean


@record
class Outside:
    """What was read while a kernel was lowered, in the order of the first read of each."""

    captured: list[Read]
    bindings: list[Read]


def is_ours(module: Any) -> bool:
    """Whether a module's functions are those that the front end knows by heart."""
    return module.__name__.partition(".")[0] in _KEPT


def captures_changed(captured: list[Read]) -> bool:
    """Whether any constant that a compiled kernel took from outside is another one now."""
    for space, key, value in captured:
        now = space.get(key, ABSENT) if isinstance(space, dict) else getattr(space, key, ABSENT)
        if now is not value and not _same_constant(now, value):
            return True
    return False


def _same_constant(a: Any, b: Any) -> bool:
    return type(a) is type(b) and isinstance(a, (int, float, str, tuple)) and told_apart(a) == told_apart(b)


def told_apart(value: Any) -> Any:
    """A constant as a key in which those differ that kernels tell apart and Python does not: 1, 1.0 and True, 0.0 and -0.0, also
    in tuples. Hashable where the constant is."""
    if isinstance(value, tuple):
        return (type(value), *map(told_apart, value))
    if isinstance(value, (float, np.floating)):
        return (type(value), repr(value))
    return (type(value), value)
