"""Memory through which the host and the device pass data: contents of arrays on their way, and arguments.

One idea: a ring of mapped memory for each queue. A part of it is taken for a submission and is free again when that submission
is done; submissions end in order, so the oldest part is always the next to be free.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Ring"]


class Ring:
    """Which parts of `capacity` bytes are in use, by the serial number of the submission that uses them."""

    __slots__ = ("_head", "_used", "_users", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._head = 0
        self._used = 0
        self._users: deque[tuple[int, int]] = deque()  # (serial, bytes), oldest first

    def take(self, size: int, serial: int, align: int = 256) -> int | None:
        """The offset of `size` bytes for a submission; None where older ones must be waited for first."""
        size = (size + align - 1) & -align
        wraps = self._head + size > self.capacity
        wasted = self.capacity - self._head if wraps else 0
        if self._used + wasted + size > self.capacity:
            return None
        offset = 0 if wraps else self._head
        self._head = offset + size
        self._used += wasted + size
        self._users.append((serial, wasted + size))
        return offset

    def release(self, done: int) -> None:
        """Every submission up to `done` has ended."""
        while self._users and self._users[0][0] <= done:
            self._used -= self._users.popleft()[1]
        if not self._users:
            self._head = 0

    @property
    def oldest(self) -> int:
        """The serial number of the submission to wait for; 0 where nothing is in use."""
        return self._users[0][0] if self._users else 0
