"""The disk cache: what comes back is what was stored, or nothing; many processes; folders that do not take anything."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kdsl.artifact import Artifact, Entry, Param, Site
from kdsl.cache import DiskCache, cache_directory, cache_limit_bytes, make_key
from kdsl.diagnostics import DeviceError
from kdsl.serialize import artifact_from_bytes, artifact_to_bytes, from_json, to_json

KEY = make_key("a kernel")
ROOT = str(Path(__file__).resolve().parents[2])


def sample() -> Artifact:
    params = (Param("a", "scalar", "f32", 4), Param("x", "array", "vec3<f32>", 12, 2, 1, True, True))
    entry = Entry("k", params, False, 16, 128, 8, 4, 2.5)
    site = Site("print", "", ("file ☃.py", 1, 2, 3, "k"), (("text", "x = "), ("value", "f32")))
    return Artifact("cpu:x86-64-v3", "elf", bytes(range(256)) * 9, (entry, Entry("other", ())), (site,),
                    {"ir": "función\n" * 50, "asm": ""}, {"fma": True, "list": [1, None, "x"], "f": 0.1})  # fmt: skip


@pytest.fixture
def cache(tmp_path) -> DiskCache:
    return DiskCache("0.1.0", str(tmp_path / "cache"))


def test_artifacts_come_back(cache) -> None:
    assert cache.load(KEY) is None
    assert cache.store(KEY, sample())
    assert cache.load(KEY) == sample()
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses, stats.stored, stats.damaged) == (1, 1, 1, 1, 0)
    assert cache.entries()[0].key == KEY and cache.status() == cache.directory
    assert cache.clear() == 1 and cache.load(KEY) is None and cache.stats().entries == 0


def test_keys() -> None:
    assert make_key("ab", "c") != make_key("a", "bc") != make_key("abc")
    assert make_key("é") == make_key("é".encode()) and len(make_key()) == 64


def test_every_damage_is_noticed(cache) -> None:
    cache.store(KEY, sample())
    path = Path(cache._path(KEY))
    good = path.read_bytes()
    for at in [*range(140), *range(140, len(good), 61), len(good) - 1]:
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x40]) + good[at + 1 :])
        if 12 <= at < 16:  # padding of the header
            continue
        assert cache.load(KEY) is None, f"byte {at}"
    for n in (0, 1, 50, len(good) - 1):
        path.write_bytes(good[:n])
        assert cache.load(KEY) is None
    path.write_bytes(good + b"x")
    assert cache.load(KEY) is None
    assert cache.store(KEY, sample()) and cache.load(KEY) == sample(), "a damaged entry is replaced"


def test_foreign_entries_are_ignored(cache) -> None:
    cache.store(KEY, sample())
    other = make_key("another kernel")
    target = Path(cache._path(other))
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(Path(cache._path(KEY)).read_bytes())
    assert cache.load(other) is None, "stored under another key"
    assert DiskCache("0.2.0", cache.directory).load(KEY) is None, "another version"
    Path(cache._path(KEY)).unlink()
    Path(cache._path(KEY)).mkdir()
    assert cache.load(KEY) is None and not cache.store(KEY, sample())
    assert "not written" in cache.status()


def test_damaged_artifacts_raise_value_error_only() -> None:
    good = artifact_to_bytes(sample())
    assert artifact_from_bytes(good) == sample()
    for at in range(1200):
        for bit in (0x01, 0x80):
            try:
                artifact_from_bytes(good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :])
            except ValueError:
                pass
    for n in range(0, len(good), 97):
        with pytest.raises(ValueError):
            artifact_from_bytes(good[:n])


def test_a_pipe_in_an_entry_s_place_is_damage(cache) -> None:
    cache.store(KEY, sample())
    path = cache._path(KEY)
    os.unlink(path)
    os.mkfifo(path)
    assert cache.load(KEY) is None and cache.stats().damaged == 1
    writer = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # somebody holds its other end, and writes nothing
    assert cache.load(KEY) is None and cache.stats().damaged == 2
    os.close(writer)
    assert cache.store(KEY, sample()) and cache.load(KEY) == sample(), "it is replaced"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(cache) -> None:
    cache.store(KEY, sample())
    for folder in (Path(cache._path(KEY)).parent, Path(cache.directory)):
        folder.chmod(0o500)
    try:
        fresh = DiskCache("0.1.0", cache.directory)
        assert fresh.load(KEY) == sample()
        assert "read only" in fresh.status()
        assert not fresh.store(make_key("b"), sample()) and "not written" in fresh.status()
    finally:
        Path(cache.directory).chmod(0o700)


def test_a_folder_that_cannot_be_made(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    cache = DiskCache("0.1.0", str(tmp_path / "file" / "cache"))
    assert not cache.store(KEY, sample()) and cache.load(KEY) is None
    assert "not written" in cache.status() and cache.entries() == [] and cache.clear() == 0


def test_a_full_disk(cache, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not cache.store(KEY, sample()) and "No space left" in cache.status()
    monkeypatch.undo()
    assert not list(Path(cache.directory).rglob("*.part")), "the temporary file is removed"
    assert cache.store(KEY, sample()) and cache.status() == cache.directory


def test_least_recently_used_entries_go_first(tmp_path) -> None:
    cache = DiskCache("0.1.0", str(tmp_path), limit_bytes=50_000)
    keys = [make_key(str(i)) for i in range(30)]
    for i, key in enumerate(keys):
        cache.put(key, bytes(4000))
        if os.path.exists(cache._path(key)):
            os.utime(cache._path(key), (i, i))
        if i == 5:
            os.utime(cache._path(keys[0]), (100, 100))
    left = {e.key for e in cache.entries()}
    assert keys[-1] in left and keys[0] in left and keys[1] not in left
    assert cache.stats().size_bytes <= 50_000
    assert cache.trim(0) > 0 and not cache.entries()
    assert not cache.put(KEY, bytes(60_000)), "larger than the whole cache"


def test_a_hit_renews_an_old_entry(cache) -> None:
    cache.store(KEY, sample())
    path = cache._path(KEY)
    os.utime(path, (1000, 1000))
    cache.load(KEY)
    assert os.stat(path).st_mtime > time.time() - 60


def test_leftovers_of_dead_processes_are_removed(cache) -> None:
    cache.store(KEY, sample())
    old, new = (Path(cache._path(KEY)).with_name(n) for n in ("dead.part", "alive.part"))
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (1000, 1000))
    (Path(cache.directory) / "notes.txt").write_text("mine")
    cache.trim()
    assert not old.exists() and new.exists()
    cache.clear()
    assert (Path(cache.directory) / "notes.txt").exists()


def test_environment(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("KDSL_CACHE_DIR", str(tmp_path))
    assert cache_directory() == str(tmp_path) == DiskCache("1").directory
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("KDSL_CACHE_DIR", "~/mine")
    assert cache_directory() == "/home/someone/mine"
    monkeypatch.delenv("KDSL_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_directory() == "/x/kdsl"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_directory() == "/home/someone/.cache/kdsl"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_directory() == "/home/someone/Library/Caches/kdsl"


def test_size_limit(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("KDSL_CACHE_SIZE", raising=False)
    assert cache_limit_bytes() == 1 << 30
    for text, size in [("1000", 1000), ("500M", 500 << 20), ("2GiB", 2 << 30), ("3 kB", 3072), ("1T", 1 << 40)]:
        monkeypatch.setenv("KDSL_CACHE_SIZE", text)
        assert cache_limit_bytes() == size
    for text in ("much", "-1", "1.5G", "G"):
        monkeypatch.setenv("KDSL_CACHE_SIZE", text)
        with pytest.raises(DeviceError, match="KDSL_CACHE_SIZE"):
            cache_limit_bytes()
    monkeypatch.setenv("KDSL_CACHE_SIZE", "0")
    off = DiskCache("1", str(tmp_path))
    assert not off.put(KEY, b"x") and off.get(KEY) is None and off.status().startswith("off")


WRITER = """
import sys
from kdsl.cache import DiskCache, make_key
cache = DiskCache("0.1.0", sys.argv[1], limit_bytes=60_000)
bad = 0
for round in range(40):
    for k in range(8):
        key = make_key(str(k))
        cache.put(key, bytes([k]) * (3000 + 500 * k))
        got = cache.get(make_key(str((k + round) % 8)))
        bad += got is not None and got != bytes([(k + round) % 8]) * len(got)
print(bad, cache.stats().damaged, cache.status() == sys.argv[1])
"""


def test_many_processes_share_a_folder(tmp_path) -> None:
    env = {**os.environ, "PYTHONPATH": ROOT}
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) for _ in range(4)]
    assert [p.communicate(timeout=60)[0] for p in started] == ["0 0 True\n"] * 4
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("text", ['{"a": [1, -2.5, true, null, "\\u00e4\\n"], "b": {}}', "[1e400, NaN, -Infinity]", " [1] ", "7"])
def test_json_is_read_as_json_does(text: str) -> None:
    assert repr(from_json(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize("value", [{"a": [1, -2.5, True, None, "\u00e4\n\ud800"], "b": {}}, ("x", (), 1e300), math.inf, 7, ""])
def test_json_is_written_as_json_does(value: object) -> None:
    assert to_json(value) == json.dumps(value, separators=(",", ":")).encode()


def test_what_json_cannot_say_is_not_written() -> None:
    with pytest.raises(TypeError, match="set"):
        to_json({"a": {1}})


def test_what_is_no_json_is_refused() -> None:
    """Also in a process that has not imported json: its scanner alone cannot say what is wrong."""
    code = """
import sys, kdsl.serialize
assert "json" not in sys.modules
for data in [b"", b"{", b'{"a" 1}', b"nul", b"[1] 2", b'"\\0"', b"\\xff", b"[" * 9]:
    try:
        print(kdsl.serialize.from_json(data))
    except ValueError:
        pass
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout == ""
