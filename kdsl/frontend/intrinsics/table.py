"""The table of what a kernel may call: name, parameters, lowering.

One idea: a row is a signature in text, `name(a, b: const = 0)`, and a function that emits ops for it. Kinds of
parameters:

    value   (the default) a number or vector, evaluated     any     whatever the expression gives, evaluated
    place   an array element that is not read first
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["REQUIRED", "ROWS", "Parameter", "Row", "row"]

REQUIRED: Any = object()


class Parameter(NamedTuple):
    """One parameter of an intrinsic."""

    name: str
    kind: str
    default: Any


class Row(NamedTuple):
    """An intrinsic. A variadic one is given the call itself and evaluates its arguments."""

    name: str
    params: tuple[Parameter, ...]
    lower: Callable[..., Any]
    variadic: bool = False


ROWS: dict[str, Row] = {}


def _parameter(text: str) -> Parameter:
    text, _, default = text.partition("=")
    name, _, kind = text.partition(":")
    default = default.strip()
    value: Any = REQUIRED if not default else default.strip("'") if default.startswith("'") else int(default)
    return Parameter(name.strip(), kind.strip() or "value", value)


def row(signature: str, lower: Callable[..., Any]) -> None:
    """Add an intrinsic: `row("fma(a, b, c)", lower)`; `name(*)` is variadic."""
    name, _, inside = signature.rstrip(")").partition("(")
    assert name not in ROWS, name
    if inside == "*":
        ROWS[name] = Row(name, (), lower, variadic=True)
        return
    ROWS[name] = Row(name, tuple([_parameter(p) for p in inside.split(",") if p.strip()]), lower)
