"""What a code generator gives and a runtime loads: code, entry points and the facts needed to launch them.

One idea: everything a launch needs to know is data in here, so that the runtime never imports the compiler.

CPU calling convention (`Artifact.format == "elf"`): every entry is a C function

    void entry(const uint64_t *args, const int64_t *launch, int64_t begin, int64_t end, int64_t worker)

that runs work items [begin, end). `args` holds 8-byte slots in the order of `Entry.params`: an array is
(data pointer, extent of each axis, byte stride of each axis); a scalar is its bytes at the start of its own
slot(s) (`Param.size_bytes` rounded up to 8). `launch` holds the 8-byte slots named by `LaunchSlot`.
"""

from __future__ import annotations

from .records import made, record

__all__ = ["USUAL_ROUNDS", "Artifact", "DiagnosticSlot", "Entry", "LaunchSlot", "Param", "Site", "exchanged"]


class LaunchSlot:
    """Indices of the int64 slots of the CPU launch record."""

    GRID = 0  # blocks per axis, 3 slots
    BLOCK = 3  # threads of a block per axis, 3 slots
    THREADS = 6  # threads that exist per axis, 3 slots: `over(n)` may end inside the last block
    CHUNK = 9  # flat entries: how many threads along axis 0 one work item covers; a multiple of Entry.width
    SCRATCH = 10  # address of worker 0's scratch memory, 64-byte aligned
    SCRATCH_STRIDE = 11  # bytes between the scratch memories of two workers
    DIAGNOSTICS = 12  # address of the diagnostic buffer, or 0
    # 1: what the launch writes is better kept out of the caches (`Entry.stream_bytes`), and what it reads is asked for long before
    # (`Entry.asks`); else 0
    STREAM = 13
    COUNT = 16


class DiagnosticSlot:
    """The diagnostic buffer: int64 slots [count, capacity, failed, records...]; a record is
    RECORD slots. `failed` is not 0 once a check has failed: loops of a debug build then end.

    A record is (site, block 0..2, thread 0..2, payload 0..8). A site that needs more payload claims further
    records at once, right behind the first, whose slots are all payload.
    """

    COUNT = 0
    CAPACITY = 1
    FAILED = 2
    HEADER = 3
    RECORD = 16
    PAYLOAD = 7


class Param(metaclass=record):
    """One kernel parameter as the launch sees it.

    kind: "array" or "scalar". dtype: kdsl's name of the element or scalar type ("f32", "vec3<f32>", a struct's
    text). rank: axes of an array. unit_axis: the axis whose byte stride the code takes to be `item_bytes`, or
    None when every stride is read at run time. reads / writes: what the kernel does with the array.
    """

    name: str
    kind: str
    dtype: str
    size_bytes: int
    rank: int = 0
    unit_axis: int | None = None
    reads: bool = True
    writes: bool = False

    @property
    def slots(self) -> int:
        """8-byte argument slots."""
        return 1 + 2 * self.rank if self.kind == "array" else (self.size_bytes + 7) // 8


class Site(metaclass=record):
    """A place in the kernel that may write a diagnostic record, and how to read it back.

    kind: "bounds" (payload: axis index extent), "assert", "div" (division by zero), "print". text: the array's name
    ("bounds"), the message ("assert"), or unused. parts: for "print", ("text", literal) and ("value", dtype or
    dtype:format) in order; a value takes one slot (integers extended to 64 bits, floats as f64); nothing is put between the parts.
    place: (file, line, col, end_col, function).
    """

    kind: str
    text: str
    place: tuple[str, int, int, int, str]
    parts: tuple[tuple[str, str], ...] = ()


USUAL_ROUNDS = 16  # of a loop whose length is not known


class Entry(metaclass=record):
    """One launchable function.

    flat: work items are pieces of rows of the whole grid (see LaunchSlot.CHUNK), otherwise blocks in linear order,
    axis 0 fastest. rows: how many rows, side by side along axis 1, such a piece has; of blocks, how many neighbours
    the code can run as one, where a worker has as many. width: lanes that run together.
    shared_bytes: scratch for shared memory per worker.
    thread_bytes: further scratch per thread of a block (threads rounded up to a multiple of width per row).
    block: where the code was made for full blocks of one shape, that shape. cut (GPUs): the launch may end inside of blocks,
    and the code takes how many threads there are (`kdsl/codegen/layout.py`). coarsen (GPUs): threads along axis 0 that one of
    the machine does; blocks of the launch have block[0] / coarsen threads along it, and the grid stays as it is.
    turned (CPU): the axis of the launch that is axis 0 of the code, and the other way round, where it is not 0 too: the launch
    record, and how the launch is cut, have grid, block and threads with these two exchanged; 3: axes 1 and 2 are. `block` is the
    launch's.
    ordered (CPU): a block may wait for one before it, so workers begin with the first of theirs.
    tabled (CPU): elements for which a worker counts by itself, in tables that it brings behind each of its grains: those had better
    be long.
    counts_to (CPU): the argument slot of a number that loops go to, an extent or one that is given, or -1. `cost` takes it for 16;
    each more is round_ns nanoseconds for each thread.
    asks (CPU): asks for memory that it reads much later, in launches whose `LaunchSlot.STREAM` says so.
    """

    symbol: str
    params: tuple[Param, ...]
    flat: bool = True
    width: int = 1
    shared_bytes: int = 0
    thread_bytes: int = 0
    subgroup_size: int = 1
    stream_bytes: int = 0  # bytes that a thread writes with stores that may go past the caches
    cost: float = 1.0  # rough nanoseconds a thread takes; the runtime picks its grain size from it
    block: tuple[int, int, int] | None = None
    cut: bool = False
    coarsen: int = 1
    rows: int = 1
    turned: int = 0
    ordered: bool = False
    tabled: int = 0
    counts_to: int = -1
    round_ns: float = 0.0
    asks: bool = False

    def cost_at(self, number: int) -> float:
        """`cost` where loops go to that number."""
        return max(self.cost + self.round_ns * (number - USUAL_ROUNDS), 0.01)

    @property
    def name(self) -> str:
        """The kernel's name, as messages say it."""
        return self.symbol.removeprefix("kdsl_")


def exchanged(three: tuple[int, int, int], axis: int) -> tuple[int, int, int]:
    """What a launch has along each axis, with axis 0 and `axis` in each other's place (`Entry.turned`); 3: axes 1 and 2."""
    x, y, z = three
    return ((x, y, z), (y, x, z), (z, y, x), (x, z, y))[axis]


class Artifact(metaclass=record):
    """Compiled code for one target. `texts` maps a stage ("source", "ir", "asm", ...) to what it looked like."""

    target: str
    format: str
    binary: bytes
    entries: tuple[Entry, ...]
    sites: tuple[Site, ...] = ()
    texts: dict[str, str] = made(default_factory=dict)
    metadata: dict[str, object] = made(default_factory=dict)

    @property
    def entry(self) -> Entry:
        return self.entries[0]
