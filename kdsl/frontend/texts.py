"""The text that goes by a name now, and whether it may be another than functions were made of.

One idea: `linecache` reads a file once, and a module may be changed and loaded again; what it says is held against the file's size
and time. Loaded with the first kernel, so that it knows which files are older than the program.
"""

from __future__ import annotations

import linecache
import os
import time
from typing import Any

__all__ = ["is_as_imported", "is_read", "lines_of"]

# A file that is older than this is as it was when its module was imported.
_STARTED_S = time.time()


def lines_of(file: str, scope: dict[str, Any] | None = None) -> list[str]:
    """The text that goes by this name now: a file that has changed since it was read, as before a module is reloaded, is read
    again."""
    entry = linecache.cache.get(file)
    if entry is not None and len(entry) == 4 and entry[1] is not None:
        try:
            now = os.stat(entry[3])
        except OSError:  # it is gone: what was read stays
            return entry[2]
        if (now.st_size, now.st_mtime) != entry[:2]:
            linecache.cache.pop(file, None)
    return linecache.getlines(file, scope)


def is_as_imported(file: str) -> bool:
    """Whether a text cannot have changed since functions were made of it; of what is no file, that is believed."""
    entry = linecache.cache.get(file)
    return entry is None or len(entry) != 4 or entry[1] is None or entry[1] < _STARTED_S


def is_read(file: str) -> bool:
    return file in linecache.cache
