"""Vectorize: a thread-level function over W lanes at a time (SPMD on SIMD).

Uniform values stay scalar, varying ones become tiles of W lanes, varying control flow becomes masks behind branches, and
barriers split the loop over the block's threads. Reading order:

    a vector of threads    `lanes` (what a value becomes), `body` (ops under a mask), `memory`, `subgroup`, `rounds` (of a loop, as
                           one), `again` (what a loop's condition computed)
    a function             `plan` (cutting at barriers), `blocks` (all of it), `rows` and `block_rows` (the loops over threads),
                           `row` (one of them), `narrow` (the first threads only), `team` (several vectors side by side), `in_turn`
                           (threads one by one), `of_rows` (what is done for a row), `kept` (what loops change in memory)
    kernels that see       `windows` (tiles that are none), `fills` (tiles that threads share out), `merge` (neighbouring blocks as
    their blocks           one), `pool` (their tables as one), `runs` (what they count), `strides` (loops that threads share out),
                           `in_order` (loads a block's length apart)
    what is chosen         `choices` (in which order, and why), then `places` (rows that threads find by division), `folded`
                           (numbers of points), `tables` (of what atomics count), `along` (rounds as lanes), `parts` (of what they
                           carry), `single` (one lane), `jam` (several rows), `width` (how many lanes), `stores_last` (of
                           points), `packed` (bytes), `shared_places` (of neighbours), `march` (loops down columns), `joined`
                           (rows that follow one another)
    loops around it all    `grid_strides`

Kernels that see their blocks are made other ones before anything is chosen. `windows` comes first: barriers as they are written
say what a tile holds. `fills` gives a tile's elements two counters before `strides` looks for loops with one. `merge` is asked by
`strides`, which rewrites loops as those of all blocks that run as one; `pool` and `runs` are questions of `merge`. `in_order` comes
last, as what `merge` makes has an order of its own.

The idea is ISPC's (Pharr and Mark, "ispc: A SPMD compiler for high-performance CPU programming", 2012); cutting at
barriers is that of Karrenberg and Hack, "Improving performance of OpenCL on CPUs" (2012).
"""

from __future__ import annotations

from copy import copy

from ... import types as T
from ...analysis.ids import IDS_OF_BLOCKS, written_ids
from ...core import Function, Op, walk
from ...opdef import Level
from ..opt_loads import opt_loads
from . import memory, subgroup
from .blocks import Blocks
from .choices import Choices, needs_linear_order
from .fills import spread
from .grid_strides import grid_strides
from .in_order import in_order
from .joined import JOINED_ROWS
from .kept import either, kept_in_registers
from .merge import merged_axis
from .single import ALONE
from .strides import in_step
from .windows import one_by_one, windows

__all__ = ["grid_strides", "in_blocks_of", "is_flat", "needs_linear_order", "vectorize"]

_BLOCK_FACTS = {
    "simt.thread_id", "simt.block_id", "simt.block_dim", "simt.grid_dim", "simt.barrier", "simt.lane_id", "memory.alloc",
}  # fmt: skip


def is_flat(f: Function) -> bool:
    """Whether a kernel cannot tell which threads share a block, so that any piece of a row may run as one piece; or sees it only to
    stride by the grid."""
    return _is_plain(f) or grid_strides(f) is not None


def _is_plain(f: Function) -> bool:
    """Whether it cannot tell by anything at all."""
    own: dict[Op, int] | None = None  # global ids that it makes itself, once they are asked for
    for op in walk(f.body):
        if op.defn.convergent:
            return False
        if op.defn.name in _BLOCK_FACTS and not _is_private(op):
            own = written_ids(f) if own is None else own
            if not own or op.defn.name not in IDS_OF_BLOCKS:
                return False
    return True


def _is_private(op: Op) -> bool:
    t = op.results[0].type
    return isinstance(t, T.ArrayType) and t.space is T.Space.PRIVATE


def in_blocks_of(f: Function, block: tuple[int, int, int] | None) -> Function:
    """The same function as one that is only launched with full blocks of that shape: attribute "block" says so."""
    if block is None:
        return f
    known = copy(f)
    known.attributes = {**f.attributes, "block": tuple(block)}
    return known


def vectorize(f: Function, width: int, *, linear: bool = False, registers: int = 0,
              streams: bool = False, slow_masks: bool = False) -> Function:  # fmt: skip
    """The block-level function that runs `width` threads at a time.

    registers: with so many vector registers, twice as many threads where they fit (see `width`); 0: never.

    streams: whether stores that go past the caches are worth their while (see `analysis/streams`).

    slow_masks: whether loads and stores of some lanes take much longer than those of all.

    linear: walk the block in linear order instead of row by row; needed for subgroups where the length of a row is no
    multiple of `width`.
    """
    if (strided := grid_strides(f)) is not None:
        return strided.around(vectorize(strided.function, width, registers=registers, streams=streams, slow_masks=slow_masks))
    flat = _is_plain(f)
    kept = kept_in_registers(f) if flat and not linear and width > 1 else None
    if kept is not None:
        fast = vectorize(opt_loads(kept.function), width, registers=registers, streams=streams, slow_masks=slow_masks)
        return either(kept, fast, vectorize(f, 1)) if kept.apart or kept.rounds else fast
    seen = None if flat or linear else windows(f)
    if not flat:
        f = in_order(in_step(f if linear else spread(f), ahead=width >= _WIDE))
    if seen is not None and (merged_axis(f) is not None or not _is_plain(seen.function) or f.attributes["block"][_NTH] > 1):
        seen = None
    if seen is not None:
        f = one_by_one(f, _NTH)
    made = Choices(f, width, flat=flat, linear=linear, registers=registers, slow_masks=slow_masks)
    made.choose(has_windows=seen is not None, streams=streams)
    if seen is not None:
        made.apart = [(f.params[one], f.params[other]) for one, other in seen.apart]
    out = _to_fill(made)
    blocks = Blocks(made, out)
    if blocks.planner.barriers:
        out.attributes["barriers"] = True  # which are gone: between stores that follow one another there may have been one
    if seen is not None:
        direct = Choices(seen.function, width, flat=True, registers=made.registers, slow_masks=slow_masks)
        direct.without_blocks(streams=streams and made.how != ALONE)
        blocks.direct = Blocks(direct, out), _NTH
        out.attributes["neighbours"] = _NTH, max(_ROW // f.attributes["block"][0], 1), direct.width
    blocks.run()
    if blocks.tables:
        out.attributes["tabled"] = sum([table.room for table in blocks.tables.values()])
    return out


def _to_fill(made: Choices) -> Function:
    """A function at block level with nothing in it yet; its attributes say to code generation and launches what was chosen."""
    f = made.source
    attributes = {**f.attributes, "flat": made.flat, "width": made.width}
    params = tuple((p.name, p.type) for p in f.params[: len(f.params) - attributes.pop("places", 0)])
    if made.places is not None:
        attributes["pieces"] = True
    if made.jam is not None:
        attributes["rows"] = made.jam.rows
    if made.march is not None:
        attributes["rows"], attributes["march"] = made.march.rows, True
    if made.joined:
        attributes["rows"], attributes["joined"] = JOINED_ROWS, True
    if made.few:
        attributes["few"] = made.few  # lanes of the vectors that do the rest
    out = Function(f.name, params, level=Level.BLOCK, attributes=attributes, span=f.span)
    out.sites = list(f.sites)
    return out


# Neighbouring blocks whose threads need no blocks have rows of so many threads at most, and are counted along an axis of their own.
# (With 2048 a stencil of 4096 x 4096 took 1.25 times as long: each of a block's rows is another page of memory.)
_ROW, _NTH = 8192, 2
# Lanes of processors with AVX-512, whose second cache has a megabyte (Zen 4, Ice Lake and later of servers).
_WIDE = 16


_ = (memory, subgroup)  # they register how their ops are vectorized
