"""The bundle on disk: a folder, or one `.kdsl` file, which is a ZIP archive of the same files without compression.

One idea: a file is given out only after its bytes were compared with the manifest's checksum, so that no damage reaches a
loader; and archives hold no times and no owners, so that two builds of the same sources are the same bytes.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol

from ..diagnostics import refuse

__all__ = ["MANIFEST", "Files", "checked", "files_of", "open_files", "sha256", "write_bundle", "write_tree"]

MANIFEST = "manifest.json"
_UNREADABLE = (OSError, KeyError, ValueError)  # what reading a folder or a damaged archive raises
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive can say


class Files(Protocol):
    """Where a bundle's files are read from. path: of the whole, for messages."""

    path: str

    def read(self, name: str) -> bytes:
        """The bytes of a file; `OSError` or `KeyError` where there is none."""
        ...


def _hash_function() -> Callable[..., Any]:
    """Python's own SHA-256. hashlib has it from OpenSSL, which takes milliseconds to load: too long for a first launch."""
    for module, name in (("_sha2", "sha256"), ("_sha256", "sha256")):  # of Python 3.12, and before
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            pass
    return import_module("hashlib").sha256


_sha256 = _hash_function()


def sha256(data: bytes) -> str:
    return _sha256(data).hexdigest()


def checked(files: Files, name: str, size_bytes: int, digest: str) -> bytes:
    """A file's bytes, if they are those that the manifest tells of. K672."""
    try:
        data = files.read(name)
    except _UNREADABLE as error:
        refuse("K672", None, f"{files.path}: the file {name} cannot be read: {error}", help=_AGAIN)
    if len(data) != size_bytes or sha256(data) != digest:
        refuse("K672", None, f"{files.path}: the file {name} is damaged: its checksum does not match", help=_AGAIN)
    return data


_AGAIN = "build or install the bundle again"


class _Folder:
    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, name: str) -> bytes:
        if os.path.basename(name) != name:
            raise ValueError("the name leaves the bundle")
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()


class _Archive:
    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, name: str) -> bytes:
        with open(self.path, "rb") as file:
            found = _stored(file, name)
        if found is not None:
            return found
        import zipfile  # loads much; for archives that somebody packed again, and for what is damaged

        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(name)
        except (zipfile.BadZipFile, NotImplementedError) as error:  # the latter of a compression that it does not know
            raise ValueError(str(error)) from None


_END, _ROW, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")  # PKWARE APPNOTE 6.3, 4.3


def _stored(file: Any, name: str) -> bytes | None:
    """A file of an archive as `write_bundle` makes it, uncompressed and without a comment; None where it is another."""
    wanted = name.encode()
    try:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _END.size, 0))
        magic, *_, count, rows_bytes, rows_at, comment = _END.unpack(file.read())
        if magic != b"PK\5\6" or comment or rows_at + rows_bytes + _END.size != size:
            return None
        file.seek(rows_at)
        rows, at = file.read(rows_bytes), 0
        for _ in range(count):
            row = _ROW.unpack_from(rows, at)
            magic, method, packed, whole, name_bytes, extra, note = row[0], row[4], *row[8:13]
            if rows[at + _ROW.size : at + _ROW.size + name_bytes] == wanted:
                if magic != b"PK\1\2" or method or packed != whole:
                    return None
                file.seek(row[16])
                local = _LOCAL.unpack(file.read(_LOCAL.size))
                file.seek(local[9] + local[10], os.SEEK_CUR)
                data = file.read(whole)
                return data if local[0] == b"PK\3\4" and len(data) == whole else None
            at += _ROW.size + name_bytes + extra + note
    except struct.error:
        pass
    return None


def open_files(path: str | os.PathLike[str]) -> tuple[Files, bytes]:
    """A bundle's files, and its manifest. K670 where there is no bundle."""
    where = _path(path)
    files: Files = _Folder(where) if os.path.isdir(where) else _Archive(where)
    try:
        return files, files.read(MANIFEST)
    except FileNotFoundError:
        what = "has no manifest.json" if os.path.isdir(where) else "does not exist"
        refuse("K670", None, f"{where} {what}", help="`kdsl build FILE.py -o BUNDLE --target ...` makes a bundle")
    except _UNREADABLE as error:
        refuse("K670", None, f"{where} is not a bundle of kernels: {error}",
               help="a bundle is a folder or a .kdsl file that `kdsl build` made")  # fmt: skip


def _path(path: Any) -> str:
    try:
        return os.fsdecode(path)
    except (TypeError, ValueError):
        kind = type(path)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    if hasattr(path, "joinpath"):  # `importlib.resources.files` of a package inside a zip gives one
        refuse("K670", None, f"kdsl.load reads bundles from files, and {path!r:.120} ({name}) is none on disk",
               help="build one file, NAME.kdsl, and load importlib.resources.as_file(...) of it, see docs/BUNDLES.md")  # fmt: skip
    refuse("K670", None, f"kdsl.load takes the path of a bundle, this is {path!r:.60} ({name})",
           help='write for example kdsl.load("mylib/_kernels"), a folder or .kdsl file that `kdsl build` made')  # fmt: skip


def write_bundle(path: str, files: Mapping[str, bytes]) -> None:
    """Write a bundle: an archive where the path ends in .kdsl, else a folder. Of what is in the folder, the files of an older
    bundle go, and nothing else: it may be a folder that holds other things. K670 as `files_of`; K685 where it cannot be written."""
    if path.endswith(".kdsl"):
        with _writing(path):
            _write_archive(path, files)
        return
    old = files_of(path)
    with _writing(path):
        os.makedirs(path, exist_ok=True)
        for name in old - files.keys():
            if os.path.isfile(os.path.join(path, name)):
                os.unlink(os.path.join(path, name))
        for name, data in files.items():
            _write(os.path.join(path, name), data)


@contextmanager
def _writing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        refuse("K685", None, f"{path} cannot be written: {error.strerror or error}",
               help="name a place that may be written to: a folder, or a file NAME.kdsl")  # fmt: skip


def files_of(path: str) -> set[str]:
    """The files of the bundle in a folder, by its own manifest; none where there is no bundle yet. K670 where the folder's
    manifest.json is something else's."""
    try:
        with open(os.path.join(path, MANIFEST), "rb") as file:
            data = file.read()
    except OSError:
        return set()
    if b"kdsl-bundle" not in data:
        refuse("K670", None, f"{os.path.join(path, MANIFEST)} is there already, and is not that of a bundle of kernels",
               help="name another folder, or remove it")  # fmt: skip
    return {os.path.basename(m[1].decode(errors="surrogateescape")) for m in re.finditer(rb'"file": "([^"\\]+)"', data)}


def write_tree(root: str, files: Mapping[str, bytes]) -> None:
    """Write files at paths below a folder, beside what is there. K685."""
    with _writing(root):
        for name, data in files.items():
            path = os.path.join(root, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write(path, data)


def _write_archive(path: str, files: Mapping[str, bytes]) -> None:
    import zipfile

    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with _whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda n: (n != MANIFEST, n)):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, files[name])


def _write(path: str, data: bytes) -> None:
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return
    except OSError:
        pass
    with _whole(path) as file:
        file.write(data)


@contextmanager
def _whole(path: str) -> Iterator[Any]:
    """A file that is there whole or not at all: somebody may be reading."""
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
