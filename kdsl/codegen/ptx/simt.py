"""Ids, barriers, fences, and what the threads of a warp exchange.

One idea: since sm_70 the threads of a warp need not run together, so every exchange names its members. Who they are is never
asked of the hardware (`activemask` says who happens to be there) but followed: all existing threads at the start, and from
there on a ballot, among those who are here, at each branch that leads to an exchange. A subgroup is a warp.
"""

from __future__ import annotations

from ...ir.core import Op, Value
from .emitter import Emitter, lowering
from .number import choose, scalar
from .text import CLASS

_AXES = "xyz"
ALL = "0xffffffff"


def special(e: Emitter, name: str) -> str:
    """A special register, read once."""
    return e.once(("special", name), "r", "mov.u32", f"%{name}")


@lowering("simt.thread_id")
def _thread_id(e: Emitter, op: Op) -> None:
    axis = op.attributes["axis"]
    e.narrow[op.results[0]] = "0" if e.block[axis] == 1 else special(e, f"tid.{_AXES[axis]}")


@lowering("simt.block_id")
def _block_id(e: Emitter, op: Op) -> None:
    e.narrow[op.results[0]] = special(e, f"ctaid.{_AXES[op.attributes['axis']]}")


@lowering("simt.grid_dim")
def _grid_dim(e: Emitter, op: Op) -> None:
    e.narrow[op.results[0]] = special(e, f"nctaid.{_AXES[op.attributes['axis']]}")


@lowering("simt.block_dim")
def _block_dim(e: Emitter, op: Op) -> None:
    e.narrow[op.results[0]] = str(e.block[op.attributes["axis"]])


@lowering("simt.global_id")
def _global_id(e: Emitter, op: Op) -> str | None:
    """block_id * block_dim + thread_id: 64 bits along axis 0, of which grids may have 2**31 blocks."""
    axis = op.attributes["axis"]
    size = e.hardware_block[axis]
    block = special(e, f"ctaid.{_AXES[axis]}")
    if axis:
        if size == 1:
            e.narrow[op.results[0]] = block
            return None
        thread = special(e, f"tid.{_AXES[axis]}")
        e.narrow[op.results[0]] = e.once(("global_id", axis), "r", "mad.lo.s32", block, str(size), thread)
        return None
    thread = e.once("wide tid.x", "d", "cvt.u64.u32", special(e, "tid.x"))
    e.names[op.results[0]] = e.once(("global_id", 0), "d", "mad.wide.u32", block, str(size), thread)
    return None


@lowering("simt.barrier")
def _barrier(e: Emitter, op: Op) -> None:
    e.act("bar.sync 0")


@lowering("simt.fence")
def _fence(e: Emitter, op: Op) -> None:
    e.act(f"fence.sc.{'gpu' if op.attributes['scope'] == 'device' else 'cta'}")


@lowering("simt.lane_id")
def _lane_id(e: Emitter, op: Op) -> None:
    e.narrow[op.results[0]] = special(e, "laneid")


@lowering("simt.subgroup_size")
def _subgroup_size(e: Emitter, op: Op) -> None:
    e.narrow[op.results[0]] = "32"


# Members


def members_at_start(e: Emitter) -> str:
    """The threads of this warp that exist: all, unless it is the last of a block that does not fill it."""
    x, y, z = e.hardware_block
    total = x * y * z
    if total % 32 == 0:
        return ALL
    if total < 32:
        return f"0x{(1 << total) - 1:x}"
    lines, e.lines = e.lines, e.entry
    number = special(e, "tid.x")
    if y * z > 1:
        row = special(e, "tid.y")
        if z > 1:
            row = e.do("r", "mad.lo.s32", special(e, "tid.z"), str(y), row)
        number = e.do("r", "mad.lo.s32", row, str(x), number)
    in_last = e.do("p", "setp.ge.u32", number, str(total // 32 * 32))
    members = e.do("r", "selp.b32", f"0x{(1 << total % 32) - 1:x}", ALL, in_last)
    e.lines = lines
    return members


def ballot(e: Emitter, p: str) -> str:
    return e.do("r", "vote.sync.ballot.b32", p, e.members)


@lowering("subgroup.ballot")
def _ballot(e: Emitter, op: Op) -> str:
    return e.do("d", "cvt.u64.u32", ballot(e, e.value(op.operands[0])))


@lowering("subgroup.any", "subgroup.all")
def _vote(e: Emitter, op: Op) -> str:
    return e.do("p", f"vote.sync.{op.defn.name[9:]}.pred", e.value(op.operands[0]), e.members)


@lowering("subgroup.sum", "subgroup.min", "subgroup.max")
def _reduce(e: Emitter, op: Op) -> str:
    """Of 32-bit integers, whose sums wrap, in whatever order."""
    (x,) = op.operands
    kind = op.defn.name.removeprefix("subgroup.").replace("sum", "add")
    return e.do("r", f"redux.sync.{kind}.{scalar(x).name.replace('i', 's')}", e.in_register(x), e.members)


# Shuffles: own x where the other lane does not exist.


def _exchange(e: Emitter, x: Value, mode: str, by: str, source: str, inside: str) -> str:
    """shfl, kept where the lane exists. source: the lane asked for; inside: a predicate that it is one at all, or ""."""
    t = scalar(x)
    own = e.in_register(x)
    got = e.do(CLASS[t.name], f"shfl.sync.{mode}.b32", own, by, "0" if mode == "up" else "31", e.members)
    if e.members == ALL:
        return choose(e, t, inside, got, own) if inside else got
    bit = e.do("r", "and.b32", e.do("r", "shr.u32", e.members, source), "1")
    there = e.do("p", "setp.ne.s32", bit, "0")
    if inside:
        there = e.do("p", "and.pred", there, inside)
    return choose(e, t, there, got, own)


def _amount(e: Emitter, v: Value) -> tuple[str, str]:
    """A lane or distance as 32 bits, and a predicate that it is below 32 ("": it always is)."""
    low, high = e.ranges.of(v)
    if low >= 0 and high < 32:
        return e.low_word(v), ""
    word = e.word(v)
    if word is not None:
        return word, e.do("p", "setp.lt.u32", word, "32")
    return e.low_word(v), e.do("p", "setp.lt.u64", e.value(v), "32")


@lowering("subgroup.shuffle", "subgroup.broadcast")
def _shuffle(e: Emitter, op: Op) -> str:
    """The lane is one that is there: `legalize` sees to it."""
    x, lane = op.operands
    return e.do(CLASS[scalar(x).name], "shfl.sync.idx.b32", e.in_register(x), e.low_word(lane), "31", e.members)


@lowering("subgroup.shuffle_xor")
def _xor(e: Emitter, op: Op) -> str:
    x, mask = op.operands
    by, inside = _amount(e, mask)
    source = by if e.members == ALL else e.do("r", "xor.b32", special(e, "laneid"), by)
    return _exchange(e, x, "bfly", by, source, inside)


@lowering("subgroup.shuffle_up", "subgroup.shuffle_down")
def _along(e: Emitter, op: Op) -> str:
    """A negative distance goes the other way: any distance is a lane, asked for by its number."""
    x, delta = op.operands
    is_up = op.defn.name.endswith("up")
    low, high = e.ranges.of(delta)
    if e.members == ALL and low >= 0 and high < 32:
        return _exchange(e, x, "up" if is_up else "down", e.low_word(delta), "", "")
    lane = e.once("wide laneid", "d", "cvt.u64.u32", special(e, "laneid"))
    source = e.do("d", "sub.s64" if is_up else "add.s64", lane, e.value(delta))
    inside = e.do("p", "setp.lt.u64", source, "32")
    word = e.do("r", "cvt.u32.u64", source)
    return _exchange(e, x, "idx", word, word, inside)

