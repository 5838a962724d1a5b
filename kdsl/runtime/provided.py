"""What the runtime needs and cannot make itself: code for the native call path, and a place on disk.

One idea: the runtime knows neither the compiler nor the cache, so whoever has them registers functions here, once. The thread
pool's code is `kdsl.runtime.cpu.threads`' own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..calltable import ObjectLayout

__all__ = ["call_provider", "keep", "keep_with", "kept", "set_call_provider"]

_call_object: Callable[[ObjectLayout], bytes] | None = None
_get: Callable[[str], bytes | None] | None = None
_put: Callable[[str, bytes], None] | None = None


def set_call_provider(provider: Callable[[ObjectLayout], bytes] | None) -> None:
    """Register the function that gives the call path's object code. It is called at most once per process."""
    global _call_object
    _call_object = provider


def call_provider() -> Callable[[ObjectLayout], bytes] | None:
    return _call_object


def keep_with(get: Callable[[str], bytes | None], put: Callable[[str, bytes], None]) -> None:
    """Register how to read and write what devices keep from one process to the next, by name."""
    global _get, _put
    _get, _put = get, put


def kept(name: str) -> bytes | None:
    """What was kept under a name; None where nothing was, or nobody keeps anything."""
    return _get(name) if _get is not None else None


def keep(name: str, data: bytes) -> None:
    if _put is not None:
        _put(name, data)
