"""Tiles of lanes: what vectorized code is made of.

After `vectorize` a function runs one block (or one row piece of a flat launch) and is written over uniform scalars and tiles
of shape (lanes,): lane k is thread base + k along axis 0. A tile of bool is a mask. Masked ops touch only lanes whose
mask holds; other lanes of a result are unspecified (the interpreter gives 0).
"""

from __future__ import annotations

from typing import Any

from .. import types as T
from ..opdef import Effect, Level, Trait, define

_B = Level.BLOCK
_RW = Effect.READ | Effect.WRITE


def _tile(element: T.ScalarType | None = None):
    """The result has the operand's tile shape, and its own element type when one is given."""

    def infer(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
        t = operands[0].type
        return (T.with_element(t, element) if element else t,)

    return infer


def _halves(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
    return (T.TileType(T.i32, (operands[0].type.shape[0] // 2,)),)


def _longer(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
    t = operands[0].type
    return (T.TileType(T.element_of(t), (t.shape[0] * attributes["times"],)),)


def _scalar(operands: Any, attributes: Any) -> tuple[T.Type, ...]:
    return (T.element_of(operands[0].type),)


SPLAT = define("tile.splat", "x:X -> out:X", "Every lane is the scalar x.", level=_B)
IOTA = define("tile.iota", "-> out:I", "Lane k is k.", level=_B)
EXTRACT = define("tile.extract", "x:A lane:index -> out:A", "One lane of a tile as a scalar.", level=_B, infer=_scalar)
INSERT = define("tile.insert", "x:A value:A lane:index -> out:A", "The tile with one lane replaced.", level=_B, infer=_tile())  # fmt: skip
ANY = define("tile.any", "mask:bool -> out:bool", "Whether any lane of a mask holds.", level=_B, infer=_scalar)
ALL = define("tile.all", "mask:bool -> out:bool", "Whether every lane of a mask holds.", level=_B, infer=_scalar)
FIRST = define("tile.first", "mask:bool -> out:index", "The lowest lane whose mask holds; the lane count when none does.", level=_B, infer=lambda o, a: (T.index,))  # fmt: skip
BITS = define("tile.bits", "mask:bool -> out:u64", "Bit k is lane k of a mask.", level=_B, infer=lambda o, a: (T.u64,))
PERMUTE = define("tile.permute", "x:A lane:index -> out:A", "Lane k is x of lane[k], modulo the lane count; lane is a tile of index.", level=_B, infer=_tile())  # fmt: skip
COMPACT = define("tile.compact", "x:A mask:bool -> out:A", "The lanes of x whose mask holds, in their order; behind them 0.", level=_B, infer=_tile())  # fmt: skip
PAIRS = define("tile.pairs", "x:i16 y:i16 -> out:i32", "Of half as many lanes: lane k is x[2k] * y[2k] + x[2k + 1] * y[2k + 1], which wraps.", level=_B, infer=_halves)  # fmt: skip
REPEAT = define("tile.repeat", "x:X -> out:Y", "Of `times` as many lanes: lane k is x of lane k // times.", level=_B, infer=_longer, attributes=("times",))  # fmt: skip

LOAD = define("tile.load", "a:array i:index* mask:bool -> out:X", "Lane k is a[i..., with axis `axis` advanced by k * `step`]; i are scalars. mask: a tile, or the scalar true. With attributes `points` and `count`, what counts `count` elements along `axis` goes on with the next place along `points`; count 0: as many as it has.", level=_B, effect=Effect.READ, attributes=("axis", "step", "offset"))  # fmt: skip
STORE = define("tile.store", "a:array i:index* mask:bool x:X ->", "Writes lane k of x to a[i..., with axis `axis` advanced by k * `step`], which goes on as a load does.", level=_B, effect=Effect.WRITE, attributes=("axis", "step", "offset"))  # fmt: skip
STREAM = define("tile.stream", "a:array i:index* mask:bool x:X ->", "Writes lane k of x to a[i..., with axis `axis` advanced by k] where the mask holds, which nobody will look at soon: in a launch that writes more than caches hold, what is whole lines of memory may go past them.", level=_B, effect=Effect.WRITE, attributes=("axis", "offset"))  # fmt: skip
GATHER = define("tile.gather", "a:array i:index* mask:bool -> out:X", "Lane k is a[i[k]...]; each index is a tile or a scalar.", level=_B, effect=Effect.READ, attributes=("offset",))  # fmt: skip
SCATTER = define("tile.scatter", "a:array i:index* mask:bool x:X ->", "Writes lane k of x to a[i[k]...], lower lanes first.", level=_B, effect=Effect.WRITE, attributes=("offset",))  # fmt: skip
ATOMIC = define("tile.atomic", "a:array i:index* mask:bool x:X -> old:X", "Atomic attribute `kind` (add, sub, min, max, and, or, xor, exchange) on a[i[k]...] lane by lane; gives old values.", level=_B, effect=_RW, attributes=("kind", "offset"))  # fmt: skip
ATOMIC_CAS = define("tile.atomic_cas", "a:array i:index* mask:bool expected:X x:X -> old:X", "Compare-exchange lane by lane; gives old values.", level=_B, effect=_RW, attributes=("offset",))  # fmt: skip

# x, y, z: where the threads are, in the grid (flat functions) or in their block; scalars or tiles.
CHECK = define("tile.check", "ok:bool mask:bool x:any y:any z:any payload:any* ->", "Lanes where mask holds and ok does not write a record of `site` with their place and the payload to the diagnostic buffer.", level=_B, effect=Effect.HOST, attributes=("site",))  # fmt: skip
PRINT = define("tile.print", "mask:bool x:any y:any z:any values:any* ->", "Lanes where mask holds write a record of `site` with their place and the values.", level=_B, effect=Effect.HOST, attributes=("site",))  # fmt: skip

ROW_BEGIN = define("block.row_begin", "-> out:index", "First thread along axis 0 of the piece of work.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
ROW_END = define("block.row_end", "-> out:index", "One past the last thread along axis 0 of the piece of work.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
IS_FIRST = define("block.is_first", "-> out:bool", "Whether the piece of work is the first of those that one call runs one after the other.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
IS_LAST = define("block.is_last", "-> out:bool", "Whether it is the last of them.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
THREADS = define("block.threads", "-> out:index", "Threads of all of them, or somewhat more: for each the same.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
WORKER = define("block.worker", "-> out:index", "Number of the worker that runs this piece of work.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
STREAMS = define("block.streams", "-> out:bool", "Whether stores of this launch may go past the caches.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
LEAD = define("block.lead", "a:array i:index* -> out:index", "Threads that a piece of a row should run ahead of its vectors, so that those which start at a[i...] and stream write whole cache lines: fewer than `lanes`, which those have. Any such number is right.", level=_B, attributes=("axis", "lanes"))  # fmt: skip
WRITE_AHEAD = define("block.write_ahead", "a:array i:index* threads:index ->", "Elements a[i...] and on along axis `axis` will be written by a streaming row of so many threads, the lines of memory at its ends in part: those of the row after next will be soon. The indices may lie outside the array.", level=_B, effect=Effect.HOST, attributes=("axis", "lanes"))  # fmt: skip
AHEAD = define("block.ahead", "a:array i:index* ->", "Elements a[i...] and on along the last axis, `lanes` of them, `rows` places further along axis `axis`, will be accessed soon: they come into the second cache. The indices may lie outside the array.", level=_B, effect=Effect.HOST, attributes=("axis", "rows", "lanes"))  # fmt: skip
DISJOINT = define("block.disjoint", "a:array b:array -> out:bool", "Whether two arrays share no byte of memory.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
SAME = define("block.same", "a:array b:array -> out:bool", "Whether equal indices lead to the same memory in two arrays of one rank and element.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
FOLLOWS = define("block.follows", "a:array n:index -> out:bool", "Whether an array's places along attribute `axis` are n places of axis `along` apart.", level=_B, trait=Trait.UNIFORM_RESULT, attributes=("axis", "along"))  # fmt: skip
DENSE = define("block.dense", "a:array -> out:bool", "Whether an array's places along attribute `axis` are `count` elements of its unit axis apart; 0: as many as that has.", level=_B, trait=Trait.UNIFORM_RESULT, attributes=("axis", "count"))  # fmt: skip
ROW = define("block.row", "-> out:index", "Place of a flat piece of work along attribute `axis` (1 or 2).", level=_B, trait=Trait.UNIFORM_RESULT, attributes=("axis",))  # fmt: skip
ROWS_END = define("block.rows_end", "-> out:index", "One past the last place along axis 1 of a flat piece of work, which has several rows where the function's attribute `rows` says so.", level=_B, trait=Trait.UNIFORM_RESULT)  # fmt: skip
EXTENT = define("block.extent", "-> out:index", "Threads of this block that exist along attribute `axis`: fewer than block_dim at the end of over(n).", level=_B, trait=Trait.UNIFORM_RESULT, attributes=("axis",))  # fmt: skip
