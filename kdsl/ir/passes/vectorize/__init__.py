"""Vectorize: a thread-level function over W lanes at a time (SPMD on SIMD).

Uniform values stay scalar, varying ones become tiles of W lanes, varying control flow becomes masks behind branches, and
barriers split the loop over the block's threads. Reading order: `lanes` (what a value becomes), `body` (ops under a mask),
`memory`, `subgroup`, `plan` (cutting at barriers), `blocks` (the function), `rows` (the loops over threads), `team` (several
vectors side by side), `jam` (several rows), `narrow` (the first threads only), `in_turn` (threads one by one), `strides` (loops
that threads share out), `march` (loops down columns), `merge` (neighbouring blocks as one), `pool` (their tables as one),
`runs` (what they count), `width` (how many lanes), `single` (one lane), `packed` (bytes), `shared_places` (of neighbours),
`tables` (of what atomics count), `along` (rounds as lanes), `parts` (of what they carry), `fills` (tiles that threads share
out), `windows` (that are none), `stores_last` (of points), `folded` (their numbers), `places` (rows that threads find by
division).

The idea is ISPC's (Pharr and Mark, "ispc: A SPMD compiler for high-performance CPU programming", 2012); cutting at
barriers is that of Karrenberg and Hack, "Improving performance of OpenCL on CPUs" (2012).
"""

from __future__ import annotations

from copy import copy
from math import prod

from ...analysis.combining import combined_atomics, seen_through, tabled_atomics
from ...analysis.ids import IDS_OF_BLOCKS, written_ids
from ...analysis.streams import streamed_stores
from ...analysis.uniformity import BLOCK, Uniformity, uniformity
from ...core import Function, Op, Value, walk
from ...opdef import Level
from . import memory, subgroup
from .along import lanes_along, loops_along
from .blocks import Blocks
from .fills import spread
from .folded import fold_of
from .jam import CROSSED_LANES, Jam, rows_at_once
from .march import march_of
from .merge import merged_axis
from .packed import MOST_LANES, NOTHING, packed, sharing
from .places import places_of
from .plan import Planner
from .single import ALONE, TOGETHER, how_threads_run, long_reductions, meets
from .stores_last import stores_last
from .strides import in_step
from .width import fits_twice
from .windows import one_by_one, windows

__all__ = ["in_blocks_of", "is_flat", "needs_linear_order", "vectorize"]

_BLOCK_FACTS = {
    "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim", "simt.barrier", "simt.lane_id", "memory.alloc",
}  # fmt: skip


def is_flat(f: Function) -> bool:
    """Whether a kernel cannot tell which threads share a block, so that any piece of a row may run as one piece."""
    own: dict[Op, int] | None = None  # global ids that it makes itself, once they are asked for
    for op in walk(f.body):
        if op.defn.convergent:
            return False
        if op.defn.name in _BLOCK_FACTS and not _private_alloc(op):
            own = written_ids(f) if own is None else own
            if not own or op.defn.name not in IDS_OF_BLOCKS:
                return False
    return True


def _private_alloc(op: object) -> bool:
    from ...types import ArrayType, Space

    t = op.results[0].type if getattr(op, "results", ()) else None  # type: ignore[attr-defined]
    return isinstance(t, ArrayType) and t.space is Space.PRIVATE


def needs_linear_order(f: Function) -> bool:
    """Whether a kernel sees subgroups, which are runs of threads in the block's linear order."""
    return any(op.defn.name.startswith("subgroup.") or op.defn.name == "simt.lane_id" for op in walk(f.body))


def in_blocks_of(f: Function, block: tuple[int, int, int] | None) -> Function:
    """The same function as one that is only launched with full blocks of that shape: attribute "block" says so."""
    if block is None:
        return f
    known = copy(f)
    known.attributes = {**f.attributes, "block": tuple(block)}
    return known


def _uses(f: Function) -> dict[Value, int]:
    uses: dict[Value, int] = {}
    for op in walk(f.body):
        for v in op.operands:
            uses[v] = uses.get(v, 0) + 1
    return uses


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


def vectorize(f: Function, width: int, *, linear: bool = False, registers: int = 0,
              streams: bool = False, slow_masks: bool = False) -> Function:  # fmt: skip
    """The block-level function that runs `width` threads at a time.

    registers: with so many vector registers, twice as many threads where they fit (see `width`); 0: never.

    streams: whether stores that go past the caches are worth their while (see `analysis/streams`).

    slow_masks: whether loads and stores of some lanes take much longer than those of all.

    linear: walk the block in linear order instead of row by row; needed for subgroups where the length of a row is no
    multiple of `width`.
    """
    flat = is_flat(f)
    seen = None if flat or linear else windows(f)
    f = f if flat else in_step(f if linear else spread(f), ahead=width >= _WIDE)
    if seen is not None and (merged_axis(f) is not None or not is_flat(seen.function) or f.attributes["block"][_NTH] > 1):
        seen = None
    if seen is not None:
        f = one_by_one(f, _NTH)
    full_width = width
    levels = uniformity(f, rows=not linear or flat)
    places = places_of(f, levels) if flat and width > 1 else None
    if places is not None:
        f = places.function
        levels = uniformity(f, rows=True)
    combined = combined_atomics(f, levels) if flat else []
    tabled = {} if combined or linear or seen is not None else tabled_atomics(f, levels)
    updates = combined or [op for ops in tabled.values() for op in ops]
    fold = fold_of(f, f.attributes["folded"], width) if flat and width > 1 and "folded" in f.attributes else None
    may_run_alone = not combined and fold is None and (flat or not (linear or meets(f)))
    along = loops_along(f, width, updates) if may_run_alone else {}
    how = how_threads_run(f, levels, width, along, updates) if may_run_alone else TOGETHER
    long = long_reductions(along, levels) if how == TOGETHER and flat and width > 1 else {}
    lanes_of_long = lanes_along(long, width, registers or 16)
    along = {} if how == TOGETHER else along
    differs, rounds, alone = levels, lanes_along(along, width, registers or 16), how == ALONE
    if alone:
        width, levels, registers, streams = 1, levels.alone(), 0, False
    if fold is not None:
        jam = Jam(fold.few, 1, set(), {}, fold=fold)
    else:
        jam = rows_at_once(f, levels, registers) if flat and registers and not combined and not tabled else None
    if flat and registers and (jam.fits_twice(registers) if jam else fits_twice(f, levels, registers, combined, width=width)):
        width = width * 2 if not along else rounds
    if jam is not None and jam.is_crossed:
        width = min(width, CROSSED_LANES)
    if not (flat or alone):
        width = width if needs_linear_order(f) else _fitting(width, f.attributes.get("block"))
        combined = _combined_in_blocks(f, levels, width)
    later = stores_last(f) if flat and how == TOGETHER and jam is None and not updates else None
    plain = places.plain if places is not None else None if later is None or not later.apart else f
    asked = later.apart if later else seen_through(f, updates) if updates else ()
    if later is not None:
        f = later.function
        levels = differs = uniformity(f, rows=True)
    is_plain = flat and registers > 0 and not (along or jam or combined or tabled)
    few, full = 0, packed(f, levels, slow_masks=slow_masks) if is_plain else None
    if full is not None and width < (most := min(width * full.times, MOST_LANES)):
        few, width = width if slow_masks or full.asks else 0, most
    elif is_plain:
        full = sharing(f, levels, width)
        few = width if full else 0
    march = march_of(f, levels) if is_plain and how == TOGETHER and not few and places is None and plain is None else None
    attributes = {**f.attributes, "flat": flat, "width": width}
    params = tuple((p.name, p.type) for p in f.params[: len(f.params) - attributes.pop("places", 0)])
    if places is not None:
        attributes["pieces"] = True
    if jam is not None:
        attributes["rows"] = jam.rows
    if march is not None:
        attributes["rows"], attributes["march"] = march.rows, True
    if few:
        attributes["few"] = few  # lanes of the vectors that do the rest
    planner = Planner(f, levels, linear=linear)
    if planner.barriers:
        attributes["barriers"] = True  # which are gone: between stores that follow one another there may have been one
    out = Function(f.name, params, level=Level.BLOCK, attributes=attributes, span=f.span)
    out.sites = list(f.sites)
    blocks = Blocks(f, out, width, levels, planner, _uses(f), flat=flat, linear=linear, registers=registers or 16,
                    streams=streamed_stores(f) if flat and streams and not jam else (), combining=combined, tabled=tabled,
                    apart=asked, plain=plain, jam=jam, places=places,
                    march=march, few=few, sure=full or NOTHING, slow_masks=slow_masks,
                    differs=differs, along=along or ({} if jam else long),
                    lanes_along=rounds if alone else lanes_of_long if long else width)  # fmt: skip
    if seen is not None:
        blocks.apart = [(f.params[one], f.params[other]) for one, other in seen.apart]
        direct = _direct(seen.function, out, full_width, registers, streams, slow_masks)
        blocks.direct = direct, _NTH
        out.attributes["neighbours"] = _NTH, max(_ROW // f.attributes["block"][0], 1), direct.width
    blocks.run()
    return out


# Neighbouring blocks whose threads need no blocks have rows of so many threads at most, and are counted along an axis of their own.
# (With 2048 a stencil of 4096 x 4096 took 1.25 times as long: each of a block's rows is another page of memory.)
_ROW, _NTH = 8192, 2
# Lanes of processors with AVX-512, whose second cache has a megabyte (Zen 4, Ice Lake and later of servers).
_WIDE = 16


def _direct(f: Function, out: Function, width: int, registers: int, streams: bool, slow_masks: bool) -> Blocks:
    """What a flat function does, to be put into `out`."""
    levels = uniformity(f, rows=True)
    if registers and fits_twice(f, levels, registers):
        width *= 2
    return Blocks(f, out, width, levels, Planner(f, levels), _uses(f), flat=True, linear=False, registers=registers or 16,
                  streams=streamed_stores(f) if streams else (), combining=(), tabled={}, apart=(), plain=None, jam=None,
                  places=None, march=None, few=0, sure=NOTHING, slow_masks=slow_masks, differs=levels, along={},
                  lanes_along=width)  # fmt: skip


_ = (memory, subgroup)  # they register how their ops are vectorized
