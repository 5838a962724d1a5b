"""Work that a fork waits for.

One idea: a child process has one thread, and a copy of everything else as it was: a lock that another thread held stays held, a
module that it was importing stays half imported, LLVM stays in the middle of a text, and whoever wants them waits for ever. So what
compiles or starts something is `undivided`, and a fork waits until no other thread is in the middle of such work.
"""

from __future__ import annotations

import os
import time
from _thread import RLock, get_ident  # of `threading`, which takes a millisecond to import
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["undivided"]

_PATIENCE_S = 60.0  # a fork that waits for longer than any work takes goes on: the child may not need what is held

_POLL_S = 0.001  # forks beside such work are rare

_gate = RLock()
_inside: dict[int, int] = {}  # how many pieces of such work a thread is in, one within the other
_forks = 0  # that wait, or happen


@contextmanager
def undivided() -> Iterator[None]:
    """In here no other thread forks the process."""
    me = get_ident()
    with _gate:
        while _forks and me not in _inside:
            _let_go()
        _inside[me] = _inside.get(me, 0) + 1
    try:
        yield
    finally:
        with _gate:
            _inside[me] -= 1
            if not _inside[me]:
                del _inside[me]


def _let_go() -> None:
    """Open the gate for others for a moment."""
    _gate.release()
    time.sleep(_POLL_S)
    _gate.acquire()


def _others() -> bool:
    return any(thread != get_ident() for thread in _inside)


def _before() -> None:
    """The gate is held from here until the process is two."""
    global _forks
    _gate.acquire()
    _forks += 1
    until = time.monotonic() + _PATIENCE_S
    while _others() and time.monotonic() < until:
        _let_go()


def _after_in_parent() -> None:
    global _forks
    _forks -= 1
    _gate.release()


def _after_in_child() -> None:
    global _gate, _forks
    _gate, _forks = RLock(), 0
    for thread in [t for t in _inside if t != get_ident()]:
        del _inside[thread]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
