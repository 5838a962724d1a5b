"""How a launch is cut into work items, and items into grains: a function of the entry, the geometry and the threads.

One idea: a grain is what a thread claims at once. It must be long enough to hide the claim (10 us), short enough that a
slow thread does not hold up the rest (at least 16 per thread, 200 us at most: of a Mandelbrot set, whose rounds nobody can
foresee, 4 were 1.12 times as slow), and a launch too short to share runs on the calling thread.
"""

from __future__ import annotations

import functools
import struct

from ...artifact import Entry, LaunchSlot, exchanged
from ...records import record, replace
from ..api import Geometry

__all__ = ["Plan", "launch_record", "make_plan", "make_short_plan", "scratch_bytes", "threads_in_all"]

INLINE_NS = 15_000.0  # launches estimated below this do not touch the pool: waking a thread costs as much
SHORT_NS = 4_000.0  # from here on they do while its workers are awake, as between launches that follow one upon the other
SHORT_GRAIN_NS = 1_500.0  # the shortest grain of such launches
GRAIN_NS = (10_000.0, 200_000.0)  # shortest and longest grain
GRAINS_PER_WORKER = 16
BROUGHT_NS = 10.0  # what bringing an element of a worker's table takes: a locked update
BRINGING = 0.25  # of a grain's time, at most
MAX_CHUNK = 65_536  # threads of one work item: each aligns itself anew, and fences what it streamed (16K took 2 to 7 % longer)
STREAMED_ROW = 448  # bytes that a row writes at least where stores may go past the caches: of less, no kernel measured gained
LINE_BYTES = 64
_RECORD = struct.Struct(f"={LaunchSlot.COUNT}q")


class Plan(metaclass=record):
    """items: work items in all, 0 for nothing to do. grain: items per claim. chunk: see `LaunchSlot.CHUNK`. shared:
    whether the pool takes part. brief: whether the launch is too short to let go of Python's lock for. streams:
    whether stores go past the caches. ordered: see `Entry`."""

    items: int
    grain: int
    chunk: int
    shared: bool
    brief: bool
    streams: bool = False
    ordered: bool = False

    @property
    def claim(self) -> int:
        """The grain, as the pool is told (see `kdsl/codegen/cpu/pool.py`)."""
        return -self.grain if self.ordered else self.grain


@functools.cache
def cache_bytes() -> int:
    """Size of the largest cache of the first processor; 32 MiB where the system does not say."""
    largest = 0
    for level in range(5):
        try:
            with open(f"/sys/devices/system/cpu/cpu0/cache/index{level}/size") as file:
                largest = max(largest, int(file.read().strip().removesuffix("K")) << 10)
        except (OSError, ValueError):
            break
    return largest or 32 << 20


def _streams(entry: Entry, row: int, rows: int) -> bool:
    """Whether what a launch writes is too much to be found in a cache afterwards. What it reads takes as much, so half
    the cache is the limit. Rows that are short have too large a share of lines that are written in two pieces; where some
    kernels gain and others lose, the first launches find out (`executable`), as of launches that may ask for what they read.
    Libraries, which do not try, want 4 KB, and ask."""
    if entry.asks:
        return True
    written = row * entry.stream_bytes
    return written >= STREAMED_ROW and written * rows > cache_bytes() // 2


def threads_in_all(geometry: Geometry) -> int:
    return geometry[6] * geometry[7] * geometry[8]


def make_plan(entry: Entry, geometry: Geometry, workers: int) -> Plan:
    gx, gy, gz, bx, by, bz, tx, ty, tz = _turned(entry, geometry)
    if not (gx and gy and gz and tx and ty and tz):
        return Plan(0, 1, entry.width, False, True)
    threads = tx * ty * tz
    cost_ns = max(entry.cost, 0.01)
    total_ns = threads * cost_ns
    brief = total_ns < INLINE_NS
    alone = brief or workers == 1
    wanted = _grain_threads(threads, cost_ns, workers, tabled=entry.tabled)
    if not entry.flat:
        items = gx * gy * gz
        grain = max(1, min(items, int(wanted / (bx * by * bz))))
        if entry.rows > grain:  # neighbours read memory as one stream: worth more than pieces that are all as small
            grain = max(grain, min(entry.rows, -(-items // workers)))
        return Plan(items, grain, entry.width, not alone and items > grain, brief, _streams(entry, tx, ty * tz), entry.ordered)
    row, rows = _round_up(tx, entry.width), -(-ty // entry.rows) * tz
    if alone:
        return Plan(rows, rows, row, False, brief, _streams(entry, tx, ty * tz))
    chunk = min(row, _round_up(min(int(wanted / entry.rows) + 1, MAX_CHUNK), entry.width))
    chunk = _even(tx, rows, chunk, entry.width, workers)
    items = -(-tx // chunk) * rows
    grain = max(1, int(wanted / (min(chunk, tx) * entry.rows)))
    return Plan(items, grain, chunk, items > grain, brief, _streams(entry, tx, ty * tz), entry.ordered)


def make_short_plan(entry: Entry, geometry: Geometry, workers: int) -> Plan | None:
    """Of a launch planned as brief, how workers that are awake share it; None where it is too short for that, or of one piece."""
    cost_ns = max(entry.cost, 0.01)
    total_ns = threads_in_all(geometry) * cost_ns
    if total_ns < SHORT_NS or workers == 1:
        return None
    # As a launch that takes longer is cut into the shortest grains: one for each worker, if they are long enough.
    longer = GRAIN_NS[0] / max(SHORT_GRAIN_NS, total_ns / workers)
    plan = make_plan(replace(entry, cost=cost_ns * longer), geometry, workers)
    return plan if plan.shared else None


def _turned(entry: Entry, geometry: Geometry) -> Geometry:
    """As the code sees it."""
    if not entry.turned:
        return geometry
    gx, gy, gz, bx, by, bz, tx, ty, tz = geometry
    axis = entry.turned
    return *exchanged((gx, gy, gz), axis), *exchanged((bx, by, bz), axis), *exchanged((tx, ty, tz), axis)


def _grain_threads(threads: int, cost_ns: float, workers: int, *, tabled: int) -> float:
    shortest, longest = GRAIN_NS
    even = threads / (workers * GRAINS_PER_WORKER)
    if tabled:
        even = min(max(even, tabled * BROUGHT_NS / BRINGING / cost_ns), threads / workers)
    else:
        even = min(even, longest / cost_ns)
    return max(shortest / cost_ns, even)


def _even(length: int, rows: int, chunk: int, width: int, workers: int) -> int:
    """A chunk of at most this size that leaves every worker about the same where there are few of them: 19 equal pieces
    keep the second of two workers waiting for a tenth of the time."""
    pieces = -(-length // chunk)
    if pieces * rows > 16 * workers or workers == 1:
        return chunk

    def longest(size: int) -> int:
        """What the busiest worker gets."""
        return -(-(-(-length // size) * rows) // workers) * size

    sizes = [_round_up(-(-length // k), width) for k in range(pieces, 2 * pieces + 1)]
    return min(sizes, key=lambda size: (longest(size), -size))


def _round_up(value: int, to: int) -> int:
    return -(-value // to) * to


def scratch_bytes(entry: Entry, geometry: Geometry) -> int:
    """Scratch memory of one worker, in whole lines: shared memory, then what each thread of a block keeps over barriers."""
    if not (entry.shared_bytes or entry.thread_bytes):
        return 0
    row, rows, planes = _turned(entry, geometry)[3:6]
    threads = _round_up(row, entry.width) * rows * planes
    return _round_up(entry.shared_bytes, LINE_BYTES) + _round_up(entry.thread_bytes * threads, LINE_BYTES)


def launch_record(entry: Entry, geometry: Geometry, chunk: int, scratch: int = 0, stride: int = 0, diagnostics: int = 0,
                  streams: bool = False) -> bytes:  # fmt: skip
    """The launch record of `LaunchSlot`; `scratch` and `diagnostics` are addresses."""
    return _RECORD.pack(*_turned(entry, geometry), chunk, scratch, stride, diagnostics, int(streams), 0, 0)
