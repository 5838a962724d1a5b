"""Runs of memory of all lanes, a vector for each, turned into a vector for each element: loads and stores of small matrices.

One idea: with 16 bytes of each lane (4 elements, or 2) as the segments of vectors, all exchanges stay inside of segments, which
is what processors shuffle fastest, and bringing segments together costs a load. 8 lanes of 4 floats on x86-64-v3 are 8 loads
and 8 shuffles, where an element at a time takes 32 loads, each with an instruction that inserts it. Of elements of 1 and 2 bytes
a lane's run is a word of 4 bytes: a vector of words, of which each element is a part.
"""

from __future__ import annotations

from collections.abc import Sequence

from .emitter import Emitter
from .memory import fenced, load_vector, store_vector
from .text import vector

__all__ = ["load_pairs", "load_runs", "run_of", "store_runs"]

_SEGMENT = 16  # bytes
_WORD = 4


def run_of(size: int) -> int:
    """How many elements of so many bytes a lane's run has."""
    return (_WORD if size < _WORD else _SEGMENT) // size


def load_runs(e: Emitter, base: str, size: int, pointers: Sequence[str], lanes: int, some: int = 0) -> list[str]:
    """The first run_of(size) elements behind each lane's pointer: a vector of all lanes for each. some: only so many of them."""
    count = run_of(size)
    if size < _WORD:
        return _parted(e, base, count, _load_words(e, pointers, lanes), lanes)
    rows, some = [], some or count
    for k in range(count):
        parts = [load_vector(e, base, size, pointers[lane], None, some) for lane in range(k, lanes, count)]
        if some < count:
            parts = [_shuffled(e, base, x, [*range(some), *[-1] * (count - some)], some) for x in parts]
        rows.append(_joined(e, base, parts, count))
    return _exchanged(e, base, rows, lanes)[:some]


def load_pairs(e: Emitter, base: str, pointers: Sequence[str], lanes: int) -> list[str]:
    """The first two elements of 4 bytes behind each lane's pointer: each lane's are a number of 8, and four lanes' numbers lie in
    two vectors, so that one exchange inside of segments gives each element of all."""
    pairs, t, wide = [], vector(base, lanes), vector("double", lanes // 2)
    for half in (0, 2):
        v = "poison"
        for k, lane in enumerate([n for n in range(lanes) if n % 4 in (half, half + 1)]):
            pair = e.do(f"load double, ptr {pointers[lane]}, align 4")
            v = e.do(f"insertelement {wide} {v}, double {pair}, i64 {k}")
        pairs.append(e.do(f"bitcast {wide} {v} to {t}"))
    out = []
    for place in (0, 1):
        order = [half + first + k for first in range(0, lanes, 4) for half in (0, lanes) for k in (place, place + 2)]
        out.append(e.do(f"shufflevector {t} {pairs[0]}, {t} {pairs[1]}, {_order(order)}"))
    return out


def store_runs(e: Emitter, base: str, size: int, values: Sequence[str], pointers: Sequence[str], lanes: int) -> None:
    """The same for storing: `values` has a vector of all lanes for each of run_of(size) elements, or of some."""
    if size < _WORD:
        _store_words(e, _united(e, base, values, lanes), pointers, lanes)
        return
    count, some = run_of(size), len(values)
    rows = _exchanged(e, base, [*values, *["poison"] * (count - some)], lanes)
    for lane in range(lanes):
        first, row = lane // count * count, rows[lane % count]
        part = row if lanes == some else _shuffled(e, base, row, range(first, first + some), lanes)
        store_vector(e, base, size, part, pointers[lane], None, some)


def _load_words(e: Emitter, pointers: Sequence[str], lanes: int) -> str:
    words = "poison"
    for lane in range(lanes):
        word = e.do(f"load i32, ptr {pointers[lane]}, align 1")
        words = e.do(f"insertelement {vector('i32', lanes)} {words}, i32 {word}, i64 {lane}")
    return words


def _store_words(e: Emitter, words: str, pointers: Sequence[str], lanes: int) -> None:
    for lane in range(lanes):
        word = e.do(f"extractelement {vector('i32', lanes)} {words}, i64 {lane}")
        e.act(f"store i32 {word}, ptr {pointers[lane]}, align 1")


def _parted(e: Emitter, base: str, count: int, words: str, lanes: int) -> list[str]:
    """The elements of words: for each of a word's, a vector of all lanes."""
    elements = count * lanes
    if e.target.vector_bytes == 64:  # else LLVM puts together a vector of lower halves as well, from the same words
        words = fenced(e, "i32", words, lanes)
    apart = e.do(f"bitcast {vector('i32', lanes)} {words} to {vector(base, elements)}")
    return [_shuffled(e, base, apart, range(place, elements, count), elements) for place in range(count)]


def _united(e: Emitter, base: str, values: Sequence[str], lanes: int) -> str:
    """The words of such elements."""
    count = len(values)
    places = [place * lanes + lane for lane in range(lanes) for place in range(count)]
    mixed = _shuffled(e, base, _joined(e, base, list(values), lanes), places, count * lanes)
    return e.do(f"bitcast {vector(base, count * lanes)} {mixed} to {vector('i32', lanes)}")


def _joined(e: Emitter, base: str, parts: list[str], count: int) -> str:
    while len(parts) > 1:
        t, order = vector(base, count), _order(range(2 * count))
        parts = [e.do(f"shufflevector {t} {a}, {t} {b}, {order}") for a, b in zip(parts[::2], parts[1::2], strict=True)]
        count *= 2
    return parts[0]


def _exchanged(e: Emitter, base: str, rows: Sequence[str], lanes: int) -> list[str]:
    """Element k of row j's segments at place j of row k's."""
    if len(rows) == 2:
        return [_zipped(e, base, rows[0], rows[1], 1, k, lanes) for k in range(2)]
    low, high = [[_zipped(e, base, rows[j], rows[j + 1], 1, k, lanes) for j in (0, 2)] for k in range(2)]
    return [_zipped(e, base, a, b, 2, k, lanes) for a, b in (low, high) for k in range(2)]


def _zipped(e: Emitter, base: str, a: str, b: str, run: int, half: int, lanes: int) -> str:
    """Runs of one half of each segment, by turns from `a` and `b`."""
    segment = 2 if base in ("double", "i64") else 4
    places = []
    for first in range(0, lanes, segment):
        start = first + half * segment // 2
        for k in range(0, segment // 2, run):
            places += [start + k + j for j in range(run)] + [lanes + start + k + j for j in range(run)]
    t = vector(base, lanes)
    return e.do(f"shufflevector {t} {a}, {t} {b}, {_order(places)}")


def _shuffled(e: Emitter, base: str, x: str, places: Sequence[int], lanes: int) -> str:
    t = vector(base, lanes)
    return e.do(f"shufflevector {t} {x}, {t} poison, {_order(places)}")


def _order(places: Sequence[int]) -> str:
    return f"<{len(places)} x i32> <" + ", ".join(["i32 poison" if k < 0 else f"i32 {k}" for k in places]) + ">"
