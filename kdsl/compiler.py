"""The compiler on one page: what happens to a kernel between its IR and code for a target.

One idea: the order of the passes, with its reasons, is in `kdsl.ir.pipeline`; this module adds the two ends, the front end's
IR and the target's backend, and the disk cache around them. Whoever compiles calls `compile_function`.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import _BEGAN_NS  # pyright: ignore[reportPrivateUsage]
from .diagnostics import refuse
from .forks import undivided
from .target import Target, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from .artifact import Artifact
    from .cache import DiskCache
    from .calltable import ObjectLayout
    from .ir.core import Function

__all__ = ["VERSION", "Known", "artifact_cache", "call_object", "compile_function", "compiler_state", "freeze", "frozen",
           "has_pool_object", "is_still", "keep", "kept", "known", "lower", "pool_object", "uncollected"]  # fmt: skip

VERSION = "0.1.0"
GPU_BLOCK = (256, 1, 1)  # the block that code for a GPU is made for where none is given

_frozen = False
_compiling = 0  # how many threads are in `uncollected`
_collects = False
_lock = allocate_lock()
_cache: DiskCache | None = None


def freeze() -> None:
    """From here on anything that would compile is refused with K661; what is in memory or on disk still runs."""
    global _frozen
    _frozen = True


def frozen() -> bool:
    return _frozen


@contextmanager
def uncollected() -> Iterator[None]:
    """Undivided, and without the garbage collector: compiling makes tens of thousands of objects that live until it ends, and
    looking for cycles among them again and again took a tenth of its time."""
    global _compiling, _collects
    with undivided():
        with _lock:
            if _compiling == 0:
                _collects = gc.isenabled()
                gc.disable()
            _compiling += 1
        try:
            yield
        finally:
            with _lock:
                _compiling -= 1
                if _compiling == 0 and _collects:
                    gc.enable()


def lower(f: Function, target: Target, *, linear: bool = False, block: tuple[int, int, int] | None = None,
          cut: bool = False, beside: int | None = None, folded: int = 0, near: bool = False) -> Function:  # fmt: skip
    """A checked thread-level function as the function that `target`'s backend emits: block-level for a CPU."""
    from .ir.passes.opt_axes import with_beside
    from .ir.passes.vectorize import in_blocks_of
    from .ir.pipeline import run_pipeline

    if target.is_gpu:
        from .codegen.registry import backend_of, spells_of

        launched = in_blocks_of(f, block or GPU_BLOCK)
        launched.attributes["cut"] = cut
        return run_pipeline(launched, backend_of(target).pipeline, target, spells=spells_of(target.under(launched.math)))
    from .ir.passes.near_ids import near_ids

    launched = in_blocks_of(near_ids(f, few=near, block=block), block)
    if beside is not None:
        launched = with_beside(launched, beside, folded)
    return run_pipeline(launched, "cpu_linear" if linear else "cpu", target)


def artifact_cache() -> DiskCache:
    """The disk cache of this version of kdsl."""
    global _cache
    if _cache is None:
        from .cache import DiskCache

        _cache = DiskCache(VERSION)
    return _cache


def reset_cache() -> None:
    """Look at the environment again (KDSL_CACHE_DIR) at the next use."""
    global _cache
    _cache = None


class Known:
    """A kernel's IR by the digest of its text, which is what code is kept under. The IR itself is made when it is wanted."""

    __slots__ = ("_function", "_make", "digest")

    def __init__(self, digest: str, function: Function | None, make: Callable[[], Function] | None = None) -> None:
        """One of `function` and `make` is given."""
        self.digest = digest
        self._function = function
        self._make = make

    def function(self) -> Function:
        if self._function is None:
            assert self._make is not None
            self._function = self._make()
            self.digest = known(self._function).digest  # the text may have changed since the digest was written down
        return self._function


def known(f: Function) -> Known:
    """A function with the digest of its text. Lines matter only where the code reports them."""
    from .cache import make_key
    from .ir.text import print_function

    return Known(make_key(print_function(f, with_spans=_reports(f))), f)


def _key(state: str, digest: str, target: Target, order: str) -> str:
    """Everything the artifact depends on."""
    from .cache import make_key

    return make_key(VERSION, state, target.key, order, _llvm_version(), digest)


_TIME = "st_mtime_ns" if os.name == "nt" else "st_ctime_ns"  # of the last change of a file; ctime is no one's to set
_states: dict[bool, str] = {}  # by whether code for GPUs is asked about
_files: dict[bool, dict[str, tuple[int, int]]] = {}  # the compiler's files then, with their sizes and times
_as_then: dict[bool, set[str]] = {}  # modules whose text is that of the files then


def compiler_state(*, gpu: bool = False) -> str:
    """What tells this compiler from another of the same version: its files' sizes and times. Between two releases the
    version stands still and the code that kernels become does not. A millisecond, when kdsl is imported; gpu: with what makes code
    for GPUs, which IR and code for CPUs do not depend on; looked at when it is first asked about.

    Modules are read when they are first wanted. Where a file has changed since kdsl was imported, nobody knows which of them
    this process has: it is a compiler of its own, and shares code with no other.
    """
    if gpu not in _states:
        try:
            _files[gpu], lines, changed_ns = _look(gpu)
        except (FileNotFoundError, NotADirectoryError):  # in a zip file, or frozen into a program
            _files[gpu], lines, changed_ns = _look_at_archive()
        _states[gpu] = "\n".join(sorted(lines)) if changed_ns < _BEGAN_NS - _CLOCK_NS else _of_its_own()
        _as_then[gpu] = set(sys.modules)
    return _states[gpu]


_CLOCK_NS = 20_000_000  # the clock of a file system may be this much behind


def is_still(state: str, *, gpu: bool = False) -> bool:
    """Whether this process is the compiler that `compiler_state` gave, to be asked before anything is kept under it. Once a module
    was read whose file had changed, it is a compiler of its own. Each is looked at once, after it was read."""
    if not compiler_state(gpu=gpu).startswith(_OWN):
        files, known = _files[gpu], _as_then[gpu]
        for name in set(sys.modules) - known:
            module: Any = sys.modules.get(name)
            facts = files.get(getattr(module, "__file__", ""))
            if facts is not None:
                if not _is_unchanged(module.__file__, *facts):
                    _states[gpu] = _of_its_own()
                    break
                if getattr(getattr(module, "__spec__", None), "_initializing", False):  # by another thread
                    continue
            known.add(name)
    return state == _states[gpu]


def _is_unchanged(path: str, size: int, mtime_ns: int) -> bool:
    try:
        facts = os.stat(path)
    except OSError:
        return False
    return facts.st_mtime_ns == mtime_ns and facts.st_size == size


_OWN = "changed while it ran"


def _of_its_own() -> str:
    return f"{_OWN} {os.getpid()} {time.time_ns()}"


# Each file takes some microseconds of every process's first launch, so those that show, check and explain do not count. What is
# not named does.
_MAKES_NO_CODE = {
    "__pycache__", "interpreter", "__main__.py", "cli.py", "codes.py", "docs.py", "doctor.py", "error_docs.py", "error_examples.py",
    "explain.py", "packaging.py", "packaging_hatch.py", "side_by_side.py", "timing.py",
}  # fmt: skip
_FOR_GPUS = {"cfamily", "hip", "legalize", "msl", "ptx", "spirv"}


def _look(gpu: bool) -> tuple[dict[str, tuple[int, int]], list[str], int]:
    """The compiler's files with their sizes and times, the same as lines, and when the last of them changed (ns)."""
    left_out = _MAKES_NO_CODE if gpu else _MAKES_NO_CODE | _FOR_GPUS
    root, last = os.path.dirname(__file__), 0
    seen: dict[str, tuple[int, int]] = {}
    lines: list[str] = []
    folders = [root, *[os.path.join(root, part) for part in ("ir", "codegen", "frontend", "language")]]
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as found:
            for entry in found:
                name = entry.name
                if name in left_out:
                    continue
                if name.endswith((".py", ".ll")):
                    facts = entry.stat()
                    size, ns = facts.st_size, facts.st_mtime_ns
                    seen[entry.path] = size, ns
                    lines.append(f"{name} {size} {ns}")
                    if (changed := getattr(facts, _TIME)) > last:
                        last = changed
                elif folder is not root and entry.is_dir():
                    folders.append(entry.path)
    return seen, lines, last


def _look_at_archive() -> tuple[dict[str, tuple[int, int]], list[str], int]:
    """As `_look`, of the one file that holds the compiler: the archive, or the program."""
    path = os.path.dirname(__file__)
    while path != os.path.dirname(path) and not os.path.exists(path):
        path = os.path.dirname(path)
    path = path if os.path.isfile(path) else sys.executable
    facts = os.stat(path)
    return {}, [f"{path} {facts.st_size} {facts.st_mtime_ns}"], getattr(facts, _TIME)


def _reports(f: Function) -> bool:
    from .ir.core import walk

    return f.debug or any(op.defn.name in ("simt.print", "simt.assert") for op in walk(f.body))


@functools.cache
def _llvm_version() -> str:
    """What tells one llvmlite from another, without importing it: `importlib.metadata` would take 20 ms."""
    for folder in sys.path:  # as `find_spec` would, in a quarter of the time
        try:
            with open(os.path.join(folder, "llvmlite", "_version.py"), "rb", 0) as file:
                return file.read(4096).decode()
        except (OSError, ValueError):
            continue
    from importlib.util import find_spec

    found = find_spec("llvmlite")
    if found is None or not found.origin:
        return "none"
    try:
        with open(os.path.join(os.path.dirname(found.origin), "_version.py"), encoding="utf-8") as file:
            return file.read(4096)
    except (OSError, ValueError):  # another layout: its files' place and time
        return f"{found.origin} {os.stat(found.origin).st_mtime_ns}"


def compile_function(f: Function | Known, target: Target | str | None = None, *, linear: bool = False,
                     block: tuple[int, int, int] | None = None, cut: bool = False,
                     beside: int | None = None, folded: int = 0, near: bool = False) -> Artifact:  # fmt: skip
    """Code for a kernel's IR, from the disk cache when it is there.

    linear (CPU): for kernels with subgroup operations in blocks whose rows are no multiple of the target's lanes. block: the
    code is only launched with blocks of this shape (CPU: of kernels that can tell, see `is_flat`; GPU: (256, 1, 1) where it
    is not given). cut (GPU): launches may end inside of blocks, and the code asks which threads there are. beside (CPU): the
    axis whose threads are side by side, even if those along another lie along memory: for launches that have few along that one.
    folded: how few, if those are along axis 1 of the code. near (CPU): launches have at most `FEW_THREADS` threads along each axis.
    Raises K301 to K303 (barriers where threads part), K5 (what the target
    cannot do), K661 (compiling after `kdsl.freeze()`), InternalError.
    """
    target = parse_target(target)
    cache = artifact_cache()
    given = f if isinstance(f, Known) else known(f)
    order, state = f"{linear} {block} {cut} {beside} {folded} {near}", compiler_state(gpu=target.is_gpu)
    key = _key(state, given.digest, target, order)
    found = cache.load(key) if not os.environ.get("KDSL_DUMP") else None  # dumps are of passes that run
    if found is not None:
        return found
    f = given.function()
    key = _key(state, given.digest, target, order)
    if _frozen:
        refuse("K661", f.span, f"kernel {f.name!r} would have to be compiled for {target}, after kdsl.freeze()",
               help="launch it (or call its .compile) once with these argument types before kdsl.freeze()")  # fmt: skip
    from .codegen import registry

    with uncollected():
        lowered = lower(f, target, linear=linear, block=block, cut=cut, beside=beside, folded=folded, near=near)
        artifact = registry.compile_function(lowered, target)
        if is_still(state, gpu=target.is_gpu):
            cache.store(key, artifact)
    return artifact


def pool_object() -> bytes:
    """The CPU thread pool as an object file, compiled once and then kept on disk."""
    return _kept("pool", parse_target(None), _compile_pool)


def has_pool_object() -> bool:
    """Whether `pool_object` need not compile."""
    return artifact_cache().get(_kept_key("pool", parse_target(None))) is not None


def call_object(layout: ObjectLayout) -> bytes:
    """The native call path as an object file, compiled once and then kept on disk."""
    target = parse_target(None)
    return _kept(f"call {layout}", target, functools.partial(_compile_call, layout))


def _kept(what: str, target: Target, make: Callable[[Target], bytes]) -> bytes:
    """What `make` gives for the target, from the cache when it is there. The compiler's state stands for its text."""
    cache = artifact_cache()
    key, state = _kept_key(what, target), compiler_state()
    found = cache.get(key)
    if found is None:
        with undivided():
            found = make(target)
            if is_still(state):
                cache.put(key, found)
    return found


def _kept_key(what: str, target: Target) -> str:
    from .cache import make_key

    return make_key(VERSION, compiler_state(), what, target.name, _llvm_version())


def kept(name: str) -> bytes | None:
    """What a device put into the cache under a name: see `kdsl.runtime`."""
    from .cache import make_key

    return artifact_cache().get(make_key("kept by a device", name))


def keep(name: str, data: bytes) -> None:
    from .cache import make_key

    artifact_cache().put(make_key("kept by a device", name), data)


def _compile_pool(target: Target) -> bytes:
    from .codegen.cpu.pool import compile_pool

    return compile_pool(target)


def _compile_call(layout: ObjectLayout, target: Target) -> bytes:
    from .codegen.cpu.call import compile_call

    return compile_call(target, layout)
