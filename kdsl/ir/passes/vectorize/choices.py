"""How the threads of a function become lanes: all that is decided before any of it is made.

One idea: each method of `Choices` makes one choice, and what it gives is fields that stay. Later ones look at what earlier ones
have chosen, and two of them put another function in place of the given one, so their order is theirs by demand:

    pieces     threads that find their row by dividing go in pieces of rows. First: it replaces the function that all others see
    updates    atomics that are put by. Before `lanes`: what is put by keeps no loop's rounds from being lanes
    lanes      of threads, or of rounds where a thread goes along a row, or none. What one lane does leaves no more to choose
    rows       of threads, several side by side; not where updates wait. They share registers, so it stands before `tiles`
    tiles      how many lanes there are: one register or two, or no more than rows fill
    stores     those of points wait for their threads' ends, where single rows go side by side. It replaces the function, too
    bytes      fill registers with more lanes, where neither updates, nor rounds, nor rows are special
    march      loops go outside of threads: where nothing at all is special
    long rows  that threads only sum up, whose rounds are lanes as well: found with `lanes`, and in the way of nothing else
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from ...analysis.axes import sees_lanes
from ...analysis.combining import combined_atomics, seen_through, tabled_atomics
from ...analysis.streams import streamed_stores
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...core import Function, Op, Value, walk
from .along import Along, lanes_along, loops_along, with_masks
from .edges import at_points
from .folded import Fold, fold_of
from .jam import CROSSED_LANES, Jam, rows_at_once
from .joined import Follows, joined_rows
from .march import March, march_of
from .packed import MOST_LANES, NOTHING, Packed, packed, sharing
from .places import Places, places_of
from .single import ALONE, TOGETHER, how_threads_run, long_reductions, meets
from .stores_last import stores_last
from .width import fits_twice, has_many_rows, waits_in_loops

__all__ = ["USUAL_REGISTERS", "Choices", "needs_linear_order"]

USUAL_REGISTERS = 16  # to count on, where it was not said how many there are, or that there is to be one vector at a time


class Choices:
    """What `Blocks` is to make of `source`, `width` threads at a time. It begins as what is made where nothing is special."""

    def __init__(self, source: Function, width: int, *, flat: bool, linear: bool = False, registers: int = 0,
                 slow_masks: bool = False) -> None:  # fmt: skip
        """See `vectorize`."""
        self.source = source
        self.width = self.usual = width
        self.flat = flat
        self.linear = linear
        self.slow_masks = slow_masks
        self.levels: Uniformity = uniformity(source, rows=not linear or flat)
        self.differs = self.levels  # between threads, also where each runs by itself and `levels` knows of no lanes
        self.registers = registers
        self.places: Places | None = None  # divisions that pieces of rows spare
        self.combining: Sequence[Op] = ()  # updates that are summed up for a piece of a row, or for a block,
        self.tabled: Mapping[Value, Sequence[Op]] = {}  # and those that go to a table, by array
        self.apart: Sequence[tuple[Value, Value]] = ()  # arrays that must not overlap where updates, or stores, are put by,
        self.plain: Function | None = None  # and what a thread does where some do
        self.how = TOGETHER
        self.along: Mapping[Op, Along] = {}  # loops whose rounds are lanes,
        self.lanes_along = width  # and how many
        self.jam: Jam | None = None
        self.few = 0  # lanes of vectors that are left to do what those of `width` lanes cannot; 0: there are none
        self.sure: Packed = NOTHING  # what must hold for the latter
        self.march: March | None = None
        self.joined: Sequence[Follows] = ()  # what must follow one another for several rows to be one
        self.streams: Sequence[Op] = ()  # stores that go past the caches

    def choose(self, *, has_windows: bool, streams: bool) -> None:
        """has_windows: what threads do without their blocks is made beside this (see `windows`)."""
        self._pieces()
        updates = self._updates(has_windows=has_windows)
        fold = self._fold()
        long, lanes = self._lanes(updates, fold), self.width
        self._rows(fold)
        self._tiles()
        self._stores(updates)
        self._bytes()
        self._march()
        if not long:
            self._chains()
            self._joined()
        if long and self.jam is None:
            self.along, self.lanes_along = long, lanes_along(long, lanes, self.registers or USUAL_REGISTERS)
        if self.flat and streams and self.how != ALONE and self.jam is None:
            self.streams = streamed_stores(self.source)

    def without_blocks(self, *, streams: bool) -> None:
        """Nothing special but loops down columns, for what the threads of neighbouring blocks do together."""
        if self.registers and fits_twice(self.source, self.levels, self.registers):
            self.width *= 2
        march = march_of(self.source, self.levels)
        if march is not None:
            self.march = march._replace(rows=self.source.attributes["block"][1])
        self.streams = streamed_stores(self.source) if streams else ()

    def _sees(self, f: Function) -> None:
        """From here on it is this function that threads do."""
        self.source = f
        self.levels = self.differs = uniformity(f, rows=True)

    def _pieces(self) -> None:
        if self.flat and self.width > 1:
            self.places = places_of(self.source, self.levels)
        if self.places is not None:
            self.plain = self.places.plain
            self._sees(self.places.function)
            of_pieces = self.source.attributes["places"]
            self.levels.are_ids(self.source.params[len(self.source.params) - of_pieces :])

    def _updates(self, *, has_windows: bool) -> Sequence[Op]:
        """Gives all of them, but those that a block puts by (see `_tiles`)."""
        if self.flat:
            self.combining = combined_atomics(self.source, self.levels)
        if not (self.combining or self.linear or has_windows):
            self.tabled = tabled_atomics(self.source, self.levels)
        return self.combining or [op for ops in self.tabled.values() for op in ops]

    def _fold(self) -> Fold | None:
        few = self.source.attributes.get("folded")
        return fold_of(self.source, few, self.width) if self.flat and self.width > 1 and few is not None else None

    def _lanes(self, updates: Sequence[Op], fold: Fold | None) -> Mapping[Op, Along]:
        """Gives the loops that all threads go through one after the other behind all other choices, as they touch none."""
        f, long = self.source, dict[Op, Along]()
        if not self.combining and fold is None and (self.flat or not (self.linear or meets(f))):
            along = loops_along(f, self.width, updates)
            self.how = how_threads_run(f, self.levels, self.width, along, updates)
            if self.how != TOGETHER:
                self.along = along if self.slow_masks else with_masks(along)
            elif self.flat and self.width > 1:
                long = long_reductions(along, self.levels)
        self.lanes_along = lanes_along(self.along, self.width, self.registers or USUAL_REGISTERS)
        if self.how == ALONE:
            self.width, self.levels, self.registers = 1, self.levels.alone(), 0
        return long

    def _rows(self, fold: Fold | None) -> None:
        if fold is not None:
            self.jam = Jam(fold.few, 1, set(), {}, fold=fold)
        elif self.flat and self.registers and not self.combining and not self.tabled:
            self.jam = rows_at_once(self.source, self.levels, self.registers)

    def _tiles(self) -> None:
        f, jam, registers = self.source, self.jam, self.registers
        if self.flat and registers:
            if jam:
                twice = jam.fits_twice(registers) and not has_many_rows(f, self.levels, 2 * self.width)
            else:
                twice = fits_twice(f, self.levels, registers, self.combining, width=self.width)
            if twice:
                self.width = self.lanes_along if self.along else 2 * self.width
        if jam is not None and jam.is_crossed:
            self.width = min(self.width, CROSSED_LANES)
        if not self.flat and self.how != ALONE:
            if not needs_linear_order(f):
                self.width = _fitting(self.width, f.attributes.get("block"))
            self.combining = _combined_in_blocks(f, self.levels, self.width)
        if self.how != ALONE:
            self.lanes_along = self.width

    def _stores(self, updates: Sequence[Op]) -> None:
        later = stores_last(self.source) if self.flat and self.how == TOGETHER and self.jam is None and not updates else None
        if later is None:
            self.apart = seen_through(self.source, updates) if updates else ()
            return
        self.apart = later.apart
        if self.places is None and later.apart:
            self.plain = self.source
        self._sees(later.function)

    @property
    def _is_plain(self) -> bool:
        return self.flat and self.registers > 0 and not (self.along or self.jam or self.combining or self.tabled)

    def _bytes(self) -> None:
        if not self._is_plain:
            return
        full = packed(self.source, self.levels, slow_masks=self.slow_masks)
        if full is not None and self.width < (most := min(self.width * full.times, MOST_LANES)):
            self.few, self.width = self.width if self.slow_masks or full.asks else 0, most
        else:
            full = sharing(self.source, self.levels, self.width)
            if full is None and self.how == TOGETHER and self.width > 1 and self.places is None:
                full = at_points(self.source, self.levels)
                # Twice as many lanes meet an edge twice as often: in rows of 256, 3 x 3 means took 1.3 to 1.5 times as long.
                self.width = self.usual if full else self.width
            self.few = self.width if full else 0
        self.sure = full or NOTHING

    def _march(self) -> None:
        if self._is_plain and self.how == TOGETHER and not self.few and self.places is None and self.plain is None:
            self.march = march_of(self.source, self.levels)

    def _joined(self) -> None:
        if self._is_plain and self.how == TOGETHER and self.march is None and self.places is None:
            self.joined = joined_rows(self.source, self.levels)

    def _chains(self) -> None:
        """Two vectors more, where two wait; what they leave is for two."""
        is_alone = self.how == TOGETHER and not self.few and self.march is None and self.places is None and self.plain is None
        if not self._is_plain or not is_alone or self.width != 2 * self.usual:
            return
        if waits_in_loops(self.source, self.levels, self.registers, slow_masks=self.slow_masks):
            self.few, self.width = self.width, 2 * self.width


def needs_linear_order(f: Function) -> bool:
    """Whether a kernel sees subgroups, which are runs of threads in the block's linear order."""
    return any(sees_lanes(op) for op in walk(f.body))


def _fitting(width: int, block: tuple[int, int, int] | None) -> int:
    """No more lanes than short rows of a known length fill: two halves of a vector would be masks."""
    while block is not None and width > 4 and block[0] <= width // 2:
        width //= 2
    return width


def _combined_in_blocks(f: Function, levels: Uniformity, width: int) -> list[Op]:
    """Atomics that a block puts by until its end, where it has more threads than a vector."""
    if prod(f.attributes.get("block") or (0,)) <= width:
        return []
    found = combined_atomics(f, levels, BLOCK)
    return [] if seen_through(f, found) else found
