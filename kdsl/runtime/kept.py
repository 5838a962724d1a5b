"""What devices keep on disk from one process to the next: through functions of whoever has a cache.

One idea: the runtime does not know where things are kept, as it does not know the compiler; `keep_with` is told both ways once.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["get", "keep_with", "put"]

_get: Callable[[str], bytes | None] | None = None
_put: Callable[[str, bytes], None] | None = None


def keep_with(get: Callable[[str], bytes | None], put: Callable[[str, bytes], None]) -> None:
    """Register how to read and write what is kept, by name."""
    global _get, _put
    _get, _put = get, put


def get(name: str) -> bytes | None:
    """What was kept under a name; None where nothing was, or nobody keeps anything."""
    return _get(name) if _get is not None else None


def put(name: str, data: bytes) -> None:
    if _put is not None:
        _put(name, data)
