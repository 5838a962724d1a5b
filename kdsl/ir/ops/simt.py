"""What one thread knows and how the threads of a block meet: ids, barriers, subgroup operations, assert and print.

The interpreter holds the meaning of these rows. Axis 0 varies fastest. A subgroup is a run of consecutive threads
of a block in linear order; how many is the target's affair (`subgroup_size`), and the last may be partly filled: absent
threads take no part. Subgroup operations see the threads that reach them together.
"""

from __future__ import annotations

from ..opdef import Effect, Level, Trait, define

_VARYING, _UNIFORM, _TOGETHER = Trait.VARYING_RESULT, Trait.UNIFORM_RESULT, Trait.CONVERGENT


def _id(name: str, doc: str, trait: Trait, level: Level = Level.THREAD):
    return define(f"simt.{name}", "-> out:index", doc, level=level, trait=trait, attributes=("axis",))


GLOBAL_ID = _id("global_id", "block_id * block_dim + thread_id along attribute `axis`.", _VARYING)
THREAD_ID = _id("thread_id", "Place of the thread in its block along `axis`.", _VARYING)
BLOCK_ID = _id("block_id", "Place of the block in the grid along `axis`.", _UNIFORM, Level.ANY)
BLOCK_DIM = _id("block_dim", "Threads of a full block along `axis`.", _UNIFORM, Level.ANY)
GRID_DIM = _id("grid_dim", "Blocks of the grid along `axis`.", _UNIFORM, Level.ANY)

BARRIER = define("simt.barrier", "->", "Waits for every thread of the block; memory written before is seen after.", level=Level.THREAD, effect=Effect.SYNC, trait=_TOGETHER)  # fmt: skip
FENCE = define("simt.fence", "->", "Orders this thread's memory operations as seen by attribute `scope` (block or device).", effect=Effect.SYNC, attributes=("scope",))  # fmt: skip

LANE_ID = define("simt.lane_id", "-> out:index", "Place of the thread in its subgroup.", level=Level.THREAD, trait=_VARYING)  # fmt: skip
SUBGROUP_SIZE = define("simt.subgroup_size", "-> out:index", "Lanes of a full subgroup on this target.", trait=_UNIFORM)


def _subgroup(name: str, signature: str, doc: str):
    return define(f"subgroup.{name}", signature, doc, level=Level.THREAD, trait=_TOGETHER)


SHUFFLE = _subgroup("shuffle", "x:A lane:index -> out:A", "x of the given lane; own x when that lane does not exist.")
SHUFFLE_XOR = _subgroup("shuffle_xor", "x:A mask:index -> out:A", "x of lane (own lane xor mask); own x when it does not exist.")  # fmt: skip
SHUFFLE_UP = _subgroup("shuffle_up", "x:A delta:index -> out:A", "x of lane (own lane - delta); own x when it does not exist.")  # fmt: skip
SHUFFLE_DOWN = _subgroup("shuffle_down", "x:A delta:index -> out:A", "x of lane (own lane + delta); own x when it does not exist.")  # fmt: skip
BROADCAST = _subgroup("broadcast", "x:A lane:index -> out:A", "x of one lane, the same for all.")
BALLOT = _subgroup("ballot", "x:bool -> out:u64", "Bit k is x of lane k; absent lanes give 0.")
ANY = _subgroup("any", "x:bool -> out:bool", "Whether x holds in any lane.")
ALL = _subgroup("all", "x:bool -> out:bool", "Whether x holds in every lane.")
SUM = _subgroup("sum", "x:N -> out:N", "Sum over the lanes, by halves: lane k adds lane k + size/2, then size/4, ... (absent: 0).")
MIN = _subgroup("min", "x:N -> out:N", "Least over the lanes (as arith.minimum).")
MAX = _subgroup("max", "x:N -> out:N", "Greatest over the lanes (as arith.maximum).")
INCLUSIVE_SUM = _subgroup("inclusive_sum", "x:N -> out:N", "Sum over own and lower lanes, adding lanes 1, 2, 4, ... below.")  # fmt: skip
EXCLUSIVE_SUM = _subgroup("exclusive_sum", "x:N -> out:N", "Sum over lower lanes; 0 in lane 0.")

ASSERT = define("simt.assert", "cond:bool ->", "In a debug build reports attribute `message` when cond is false.", effect=Effect.HOST, attributes=("message",))  # fmt: skip
PRINT = define("simt.print", "values:any* ->", "Prints attribute `parts`: literal text, and {} where the next value goes.", effect=Effect.HOST, attributes=("parts",))  # fmt: skip
BREAKPOINT = define("simt.breakpoint", "->", "Stops in the Python debugger when interpreted; nothing elsewhere.", effect=Effect.HOST)  # fmt: skip

# What `lower_checks` makes of assert, print and, in a debug build, of every access and integer division.
CHECK = define("simt.check", "ok:bool payload:any* ->", "Where ok does not hold writes a record of `site` with the payload to the diagnostic buffer.", effect=Effect.HOST, attributes=("site",))  # fmt: skip
LOOKS_AHEAD = define("simt.looks_ahead", "-> out:bool", "Whether this launch asks for what it reads much later (`memory.prefetch`): some processors gain by it, others lose, and launches find out.", trait=Trait.UNIFORM_RESULT)  # fmt: skip
HEALTHY = define("simt.healthy", "-> out:bool", "Whether no check of this launch has failed; always, in the interpreter, which stops at the first.", effect=Effect.READ, trait=Trait.UNIFORM_RESULT)  # fmt: skip
REPORT = define("simt.report", "values:any* ->", "Writes a record of `site` with the values to the diagnostic buffer.", effect=Effect.HOST, attributes=("site",))  # fmt: skip
