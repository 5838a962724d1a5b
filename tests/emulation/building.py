"""Where what the emulators are made of is built: once per run of the suite, whoever of its processes comes first.

One idea: a file's name is the hash of everything that it is made from, so processes share a folder and never wait for more than
the one that builds the same thing.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

__all__ = ["HERE", "BuildError", "built", "folder", "run"]

HERE = Path(__file__).parent


class BuildError(Exception):
    """A compiler refused a text; what it said."""


@cache
def folder() -> Path:
    """The folder of this run: that of all workers of one run of pytest, or of this process alone."""
    run_id = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run_id is None:
        own = Path(tempfile.mkdtemp(prefix="kdsl-emulation-"))
        owner = os.getpid()
        atexit.register(lambda: shutil.rmtree(own, ignore_errors=True) if os.getpid() == owner else None)
        return own
    shared = Path(tempfile.gettempdir()) / f"kdsl-emulation-{run_id[:16]}"
    shared.mkdir(exist_ok=True)
    return shared


def run(command: Sequence[str | Path]) -> str:
    """What the command printed; BuildError with what it complained about."""
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"{' '.join(map(str, command[:3]))} ...\n{done.stderr[:6000]}")
    return done.stdout


def built(suffix: str, key: Sequence[str], make: Callable[[Path], None]) -> Path:
    """The file that `make` writes, made once for a key."""
    name = hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
    path = folder() / f"{name}{suffix}"
    if path.exists():
        return path
    with open(folder() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}{suffix}")
            make(fresh)
            fresh.rename(path)
    return path
