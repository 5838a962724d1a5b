"""Artifacts as bytes and back: for the disk cache and for `kdsl build`.

One idea: the facts are JSON, written from the records' own fields; code and texts follow as raw bytes, so that
reading an artifact copies a few slices and parses a kilobyte. Nothing in a file can make the reader run code (no
pickle); whatever does not fit raises `ValueError`.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from typing import Any

from .artifact import Artifact, Entry, Param, Site
from .records import names_of

__all__ = ["artifact_from_bytes", "artifact_to_bytes", "from_json", "to_json"]

_CLASSES: dict[str, Callable[..., Any]] = {"Entry": Entry, "Param": Param, "Site": Site}
_LENGTH = struct.Struct("<Q")
_RAW = ("binary", "texts", "metadata")  # fields of Artifact that are not written through `_plain`


def _plain(value: Any) -> Any:
    """JSON for a record, a tuple of them, or a plain value."""
    if type(value).__name__ in _CLASSES:
        return {"_": type(value).__name__, **{name: _plain(getattr(value, name)) for name in names_of(value)}}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _value(plain: Any) -> Any:
    """What `_plain` was given: lists are tuples."""
    if isinstance(plain, dict):
        return _CLASSES[plain.pop("_")](**{name: _value(v) for name, v in plain.items()})
    if isinstance(plain, list):
        return tuple([_value(v) for v in plain])
    return plain


def from_json(data: bytes) -> Any:
    """As `json.loads`, but without `json` where its scanner alone will do: importing it takes as long as loading a kernel from the
    cache. `ValueError` when the bytes are no JSON."""
    scan = _scanner()
    if scan is not None:
        try:
            text = data.decode()
            value, end = scan(text, 0)
            if end == len(text):
                return value
        except (StopIteration, SystemError):  # something is wrong; the scanner raises what only `json` has
            pass
    from json import loads

    return loads(data)


@functools.cache
def _scanner() -> Callable[[str, int], tuple[Any, int]] | None:
    try:
        from _json import make_scanner

        return make_scanner(_Reading)  # type: ignore[arg-type]
    except (ImportError, AttributeError):  # another Python
        return None


def to_json(value: Any) -> bytes:
    """As `json.dumps` without spaces, by what it calls itself, for the same reason. `TypeError` where JSON has no words."""
    write = _writer()
    if write is not None:
        return "".join(write(value, 0)).encode()
    from json import dumps

    return dumps(value, separators=(",", ":")).encode()


@functools.cache
def _writer() -> Callable[[Any, int], tuple[str, ...]] | None:
    try:
        from _json import encode_basestring_ascii, make_encoder

        return make_encoder(None, _refuse, encode_basestring_ascii, None, ":", ",", False, False, True)
    except (ImportError, TypeError):  # another Python
        return None


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} is not JSON")


class _Reading:
    """What the scanner asks for, as `json.JSONDecoder` has it."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = parse_constant = float  # also of NaN, Infinity and -Infinity
    parse_int = int


def artifact_to_bytes(artifact: Artifact) -> bytes:
    """The artifact as bytes. `metadata` must be JSON (its tuples come back as lists), else `TypeError`."""
    texts = {stage: text.encode("utf-8", "surrogatepass") for stage, text in artifact.texts.items()}
    head = {
        "fields": {name: _plain(getattr(artifact, name)) for name in names_of(Artifact) if name not in _RAW},
        "metadata": artifact.metadata,
        "binary": len(artifact.binary),
        "texts": {stage: len(data) for stage, data in texts.items()},
    }
    facts = to_json(head)
    return b"".join([_LENGTH.pack(len(facts)), facts, artifact.binary, *texts.values()])


def artifact_from_bytes(data: bytes) -> Artifact:
    """The artifact that `artifact_to_bytes` wrote. `ValueError` when the bytes are not such a file."""
    try:
        (length,) = _LENGTH.unpack_from(data)
        at = _LENGTH.size + length
        head = from_json(data[_LENGTH.size : at])
        binary = data[at : at + head["binary"]]
        at += head["binary"]
        texts = {}
        for stage, size in head["texts"].items():
            texts[stage] = data[at : at + size].decode("utf-8", "surrogatepass")
            at += size
        if at != len(data):
            raise ValueError("the lengths do not add up")
        plain = {name: _value(v) for name, v in head["fields"].items()}
        return Artifact(**plain, binary=binary, texts=texts, metadata=head["metadata"])
    except (struct.error, KeyError, TypeError, AttributeError, IndexError, RecursionError) as e:
        raise ValueError(f"not a kdsl artifact: {e!r}") from e
