"""Compiled code on disk, shared by any number of processes.

One idea: the cache may only ever make things faster. An entry is written under a temporary name and moved into place
whole; it carries the hash of its contents, which is checked on every load; whatever is damaged, foreign or of another
version counts as absent, and is replaced when the code has been compiled again. A folder that cannot be written, or a
full disk, means no cache, which `status()` reports, and nothing else.

An entry file is a header (magic, format, kdsl version, key, length, BLAKE2b of the payload) and the payload, mostly an
artifact as `serialize` writes it. Files lie in 256 folders by the first two digits of the key; the least recently
used are deleted when the cache exceeds its size (`KDSL_CACHE_SIZE`, 1 GiB; 0 turns the cache off).
"""

from __future__ import annotations

import os
import stat
import struct
import sys
import time
from _thread import allocate_lock, get_ident  # of `threading`, which takes a millisecond to import
from collections.abc import Iterator

from .artifact import Artifact
from .diagnostics import DeviceError
from .records import record
from .serialize import artifact_from_bytes, artifact_to_bytes

try:
    from _blake2 import blake2b  # where hashlib has it from; importing hashlib loads OpenSSL, too: 4 ms and 3 MB
except ImportError:
    from hashlib import blake2b

__all__ = ["CacheEntry", "CacheStats", "DiskCache", "cache_directory", "cache_limit_bytes", "make_key", "parse_size"]

_HEADER = struct.Struct("<8sI4x24s32sQ32s")  # magic, format, kdsl version, key, payload length, digest of the payload
_MAGIC, _FORMAT = b"kdslART\n", 2
_SUFFIX, _TEMPORARY = ".kdsl", ".part"
_USED_AGAIN_S = 3600  # a hit renews the time of an entry at most this often: a write per load would cost more than it
_STALE_S = 3600  # temporary files older than this were left by a process that died
_RESCAN = 64  # writes between two looks at what other processes have added
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class CacheEntry(metaclass=record):
    """One file: its key, size, and when it was last used (seconds since the epoch, to the hour)."""

    key: str
    size_bytes: int
    used: float


class CacheStats(metaclass=record):
    """What lies in the folder, and what this process did. `damaged`: files found that were not what they should be."""

    entries: int
    size_bytes: int
    limit_bytes: int
    hits: int
    misses: int
    stored: int
    damaged: int


def make_key(*parts: str | bytes) -> str:
    """A digest of the parts, as 64 hex digits. Each part counts with its length, so ("ab", "c") is not ("a", "bc")."""
    digest = blake2b(digest_size=32)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def _digest(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=32).digest()


def cache_directory() -> str:
    """`KDSL_CACHE_DIR`, or the platform's folder for a user's caches; "" when there is none."""
    named = os.environ.get("KDSL_CACHE_DIR")
    if named:
        return os.path.expanduser(named)  # no shell has seen what a container's file says
    home = os.path.expanduser("~")
    if home == "~":
        return ""
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "kdsl")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "kdsl", "cache")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "kdsl")


def cache_limit_bytes() -> int:
    """`KDSL_CACHE_SIZE`, as `parse_size` reads it; 1 GiB by default."""
    text = os.environ.get("KDSL_CACHE_SIZE", "").strip()
    return parse_size(text, "KDSL_CACHE_SIZE is") if text else 1 << 30


def parse_size(text: str, what: str = "the size is") -> int:
    """Bytes from a number, or a number with K, M, G or T (powers of 1024, "500M", "2GiB")."""
    upper = text.strip().upper().removesuffix("IB").removesuffix("B")
    unit = upper[-1:] if upper[-1:] in _UNITS else ""
    number = upper.removesuffix(unit).strip()
    if not number.isdecimal():
        raise DeviceError(f"{what} {text!r}; it must be a number of bytes, such as 500M or 2GiB")
    return int(number) * _UNITS[unit]


class DiskCache:
    """The cache in one folder. Every method may be called from any thread, and none raises because of the disk."""

    def __init__(self, version: str, directory: str | None = None, limit_bytes: int | None = None) -> None:
        """`version`: of kdsl; entries of another version are not used. Folder and limit as the environment says."""
        self.directory = cache_directory() if directory is None else directory
        self.limit_bytes = cache_limit_bytes() if limit_bytes is None else limit_bytes
        self._version = version.encode()[:24]
        self._lock = allocate_lock()
        self._why_not_written = ""
        self._known_bytes = -1  # what the folder holds, as far as this process knows; -1 before the first look
        self._since_scan = 0
        self._hits = self._misses = self._stored = self._damaged = 0

    # Artifacts.

    def load(self, key: str) -> Artifact | None:
        """The artifact stored under `key`, or None. Takes about 0.1 ms."""
        payload = self.get(key)
        if payload is None:
            return None
        try:
            return artifact_from_bytes(payload)
        except ValueError:  # written by a kdsl with other fields but the same version: a development state
            self._damaged += 1
            return None

    def store(self, key: str, artifact: Artifact) -> bool:
        """Write an artifact; False when the folder does not take it (`status` says why)."""
        return self.put(key, artifact_to_bytes(artifact))

    # Bytes.

    def get(self, key: str) -> bytes | None:
        """The payload stored under `key`, checked, or None."""
        if not self.limit_bytes or not self.directory:
            return None
        path = self._path(key)
        try:
            with open(path, "rb", opener=_at_once) as f:
                facts = os.fstat(f.fileno())
                data = f.read() if stat.S_ISREG(facts.st_mode) else b""
        except OSError:
            self._misses += 1
            return None
        payload = self._checked(key, data)
        if payload is None:
            self._damaged += 1
            self._misses += 1
            return None
        self._hits += 1
        if time.time() - facts.st_mtime > _USED_AGAIN_S:
            _renew(path)
        return payload

    def _checked(self, key: str, data: bytes) -> bytes | None:
        if len(data) < _HEADER.size:
            return None
        magic, form, version, raw_key, length, digest = _HEADER.unpack_from(data)
        if (magic, form, version.rstrip(b"\0"), raw_key.hex()) != (_MAGIC, _FORMAT, self._version, key):
            return None
        payload = data[_HEADER.size :]
        if length != len(payload):
            return None
        return payload if _digest(payload) == digest else None

    def put(self, key: str, payload: bytes) -> bool:
        """Write `payload` under `key` (64 hex digits), replacing what is there. False when that is not possible."""
        if not self.limit_bytes or not self.directory or len(payload) + _HEADER.size > self.limit_bytes:
            return False
        header = _HEADER.pack(_MAGIC, _FORMAT, self._version, bytes.fromhex(key), len(payload), _digest(payload))
        path = self._path(key)
        unique = f"{os.getpid():x}-{get_ident():x}-{time.monotonic_ns():x}"
        temporary = os.path.join(os.path.dirname(path), f"{unique}{_TEMPORARY}")
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with open(temporary, "xb") as f:
                f.write(header)
                f.write(payload)
            os.replace(temporary, path)
        except OSError as e:
            self._why_not_written = f"{e.strerror or e} ({self.directory})"
            _remove(temporary)
            return False
        self._stored += 1
        self._why_not_written = ""
        self._account(len(header) + len(payload))
        return True

    def _path(self, key: str) -> str:
        return os.path.join(self.directory, key[:2], key + _SUFFIX)

    # Size.

    def _account(self, size_bytes: int) -> None:
        """Remember what was added; look at the folder when it may have grown too large."""
        if not self._lock.acquire(blocking=False):
            return  # another thread is looking right now; in a forked child, a thread that no longer exists
        try:
            self._since_scan += 1
            if self._known_bytes >= 0:
                self._known_bytes += size_bytes
            if self._known_bytes < 0 or self._since_scan >= _RESCAN or self._known_bytes > self.limit_bytes:
                self._trim(self.limit_bytes)
        finally:
            self._lock.release()

    def trim(self, limit_bytes: int | None = None) -> int:
        """Delete least recently used entries until at most `limit_bytes` are left; gives the number deleted."""
        with self._lock:
            return self._trim(self.limit_bytes if limit_bytes is None else limit_bytes)

    def _trim(self, limit_bytes: int) -> int:
        entries = sorted(self._scan(), key=lambda e: e[1].used)
        total = sum(e.size_bytes for _, e in entries)
        # A little below the limit, so that the next few writes need no trimming.
        goal = limit_bytes if total <= limit_bytes else limit_bytes * 9 // 10
        deleted = 0
        for path, entry in entries:
            if total <= goal:
                break
            _remove(path)
            total -= entry.size_bytes
            deleted += 1
        self._known_bytes = total
        self._since_scan = 0
        return deleted

    def _scan(self) -> Iterator[tuple[str, CacheEntry]]:
        """(path, entry) of every entry; removes what dead processes left half written."""
        for folder in _listing(self.directory):
            if len(folder.name) != 2 or not folder.is_dir(follow_symlinks=False):
                continue
            for file in _listing(folder.path):
                try:
                    facts = file.stat(follow_symlinks=False)
                except OSError:  # another process deleted it
                    continue
                if file.name.endswith(_SUFFIX):
                    key = file.name.removesuffix(_SUFFIX)
                    yield file.path, CacheEntry(key, facts.st_size, facts.st_mtime)
                elif file.name.endswith(_TEMPORARY) and time.time() - facts.st_mtime > _STALE_S:
                    _remove(file.path)

    # For people: `kdsl cache`, `kdsl doctor`.

    def entries(self) -> list[CacheEntry]:
        """What is stored, the most recently used first."""
        return sorted((e for _, e in self._scan()), key=lambda e: -e.used) if self.directory else []

    def clear(self) -> int:
        """Delete every entry; gives how many there were. Other files in the folder are left alone."""
        if not self.directory:
            return 0
        with self._lock:
            paths = [path for path, _ in self._scan()]
            for path in paths:
                _remove(path)
            self._known_bytes = 0
        return len(paths)

    def stats(self) -> CacheStats:
        entries = self.entries()
        size = sum(e.size_bytes for e in entries)
        return CacheStats(len(entries), size, self.limit_bytes, self._hits, self._misses, self._stored, self._damaged)

    def status(self) -> str:
        """One line: where the cache is, and whether it works."""
        if not self.limit_bytes:
            return "off (KDSL_CACHE_SIZE is 0)"
        if not self.directory:
            return "off: there is no home folder; set KDSL_CACHE_DIR"
        if self._why_not_written:
            return f"not written: {self._why_not_written}"
        if os.path.isdir(self.directory) and not os.access(self.directory, os.W_OK | os.X_OK):
            return f"read only: {self.directory}"
        return self.directory


def _at_once(path: str, flags: int) -> int:
    """Opens a file; a pipe that lies in its place is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _listing(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return list(found)
    except OSError:
        return []


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # gone already, or not ours to delete


def _renew(path: str) -> None:
    try:
        os.utime(path)
    except OSError:
        pass  # a read-only cache has no order of use
