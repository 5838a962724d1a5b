"""What a launch has that may be made natively once it has been called a few times: see `kdsl.runtime.quick`.

One idea: most programs launch a kernel a few times or very often, and only the latter need `quick`. So that module is loaded when
a launch is due, and this one holds what every launch has, and where the native call path comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..calltable import ObjectLayout

__all__ = ["Repeated", "call_provider", "set_call_provider"]

_FIRST_OFFER, _LATER = 8, 2  # a table is made at the 8th call; the 16th, 32nd, ... where calls still come this way

_provider: Callable[[ObjectLayout], bytes] | None = None


def set_call_provider(provider: Callable[[ObjectLayout], bytes] | None) -> None:
    """Register the function that gives the call path's object code. It is called at most once per process."""
    global _provider
    _provider = provider


def call_provider() -> Callable[[ObjectLayout], bytes] | None:
    return _provider


class Repeated:
    """Base of what is called again and again. `_tables`: the state that compiled code reads, as `ObjectLayout` says."""

    __slots__ = ("_calls", "_offer_at", "_tables")

    def __init__(self) -> None:
        self._calls = 0
        self._offer_at = _FIRST_OFFER
        self._tables: tuple[Any, ...] | None = None

    def _is_due(self) -> bool:
        """Count a call that came through Python; whether a table should be made for it."""
        self._calls += 1
        if self._calls < self._offer_at:
            return False
        self._offer_at = self._calls * _LATER
        return True
