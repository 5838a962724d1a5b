"""From an Artifact to launched work. Imports only L0 (`diagnostics`, `target`, `artifact`) and NumPy.

Reading order: `api` (the contract, in prose), `dtypes` and `views` (element types and foreign arrays as memory),
`arrays` (the array a user holds), `geometry` and `checked` (every check of a launch, once, in front of any device),
`signature` and `launcher` (the same launch again, fast), `commands` (recorded launches), `faults` (what a debug
kernel reports), `pool` (the caching allocator), `host` (what devices in host memory share), `null`, `cpu/`, `registry`
(names to devices).

What the runtime needs and cannot make itself, code for the native call path and a place on disk, it is given here: it knows
neither the compiler nor the cache, so whoever has them registers functions, once. (The code of the thread pool is given to
`cpu/threads`.)
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
