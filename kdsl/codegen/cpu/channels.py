"""The elements that lanes have side by side, taken apart from vectors and put together: channels of points, bytes of numbers.

One idea: which shuffles are cheap the processor decides. AVX-512 moves elements of two bytes and more from anywhere in two vectors
to anywhere, but bytes with VBMI only, so that without they are those of a number; AVX2 moves bytes within 16, so that it takes
segments of these.
"""

from __future__ import annotations

from collections.abc import Sequence

from .emitter import Emitter
from .memory import pick
from .text import splat, vector

__all__ = ["SEGMENT", "as_words", "concatenated", "goes_by_segments", "parts_of", "points", "taken_apart"]

_TWICE = {"i8": "i16", "i16": "i32", "i32": "i64"}
_NARROW = ("i8", "i16")
SEGMENT = 16  # bytes that PSHUFB moves to anywhere among them


def concatenated(e: Emitter, base: str, parts: list[str], lanes: int) -> str:
    """Vectors of so many lanes each, one behind the other."""
    while len(parts) > 1:
        t, order = vector(base, lanes), ", ".join([f"i32 {k}" for k in range(2 * lanes)])
        pairs = zip(parts[::2], parts[1::2], strict=True)
        parts = [e.do(f"shufflevector {t} {x}, {t} {y}, <{2 * lanes} x i32> <{order}>") for x, y in pairs]
        lanes *= 2
    return parts[0]


def taken_apart(e: Emitter, base: str, parts: list[str], wanted: Sequence[int], lanes: int) -> list[str]:
    """The elements at some places of all lanes. Of four, first those at even and at odd places: halves that two of them share. Of
    two narrow ones each is half of a number: where it is widened next, that is a mask or a shift, and no shuffle."""
    if len(parts) == 2 and base in _NARROW and e.is_x86:
        order = ", ".join([f"i32 {k}" for k in range(2 * lanes)])
        t, wide = vector(base, lanes), vector(_TWICE[base], lanes)
        both = e.do(f"shufflevector {t} {parts[0]}, {t} {parts[1]}, <{2 * lanes} x i32> <{order}>")
        pairs = e.do(f"bitcast {vector(base, 2 * lanes)} {both} to {wide}")
        shift = splat(_TWICE[base], int(base[1:]), lanes)
        return [e.do(f"trunc {wide} {e.do(f'lshr {wide} {pairs}, {shift}') if place else pairs} to {t}") for place in wanted]
    if base == "i8" and len(parts) in (4, 8) and e.target.vector_bytes == 64:
        return _bytes_apart(e, parts, wanted, lanes)
    if goes_by_segments(e, base, len(parts), lanes):
        count = len(parts)
        segments = [x for part in parts for x in _segments_of(e, part, lanes)]
        made = [_channels(e, segments[k : k + count], wanted) for k in range(0, len(segments), count)]
        return [concatenated(e, base, list(x), SEGMENT) for x in zip(*made, strict=True)]
    if len(parts) != 4 or len(wanted) < 3:
        return [pick(e, base, parts, [k * len(parts) + place for k in range(lanes)], lanes) for place in wanted]
    halves = [[pick(e, base, parts[k : k + 2], list(range(odd, 2 * lanes, 2)), lanes) for k in (0, 2)] for odd in (0, 1)]
    return [pick(e, base, halves[place % 2], list(range(place // 2, 2 * lanes, 2)), lanes) for place in wanted]


def _bytes_apart(e: Emitter, parts: list[str], wanted: Sequence[int], lanes: int) -> list[str]:
    """The bytes at some places of lanes that have four or eight. Without VBMI, where no shuffle moves single ones from anywhere to
    anywhere, they are those of a number."""
    if "avx512vbmi" not in e.target.features:
        word = f"i{8 * len(parts)}"
        whole = concatenated(e, "i8", parts, lanes)
        made = _narrowed(e, word, e.do(f"bitcast {vector('i8', len(parts) * lanes)} {whole} to {vector(word, lanes)}"), lanes)
    elif len(parts) == 4:
        return [pick(e, "i8", parts, [4 * k + place for k in range(lanes)], lanes) for place in wanted]
    else:
        width = max(lanes, 64)
        together = width // lanes
        joined = [concatenated(e, "i8", parts[k : k + together], lanes) for k in range(0, len(parts), together)]
        made = _halved(e, joined, width, lanes)
    return [made[place] for place in wanted]


def _narrowed(e: Emitter, base: str, words: str, lanes: int) -> list[str]:
    """The bytes of each lane's number: the lower half's, and the upper one's."""
    if base == "i8":
        return [words]
    t, half = vector(base, lanes), next(narrow for narrow, wide in _TWICE.items() if wide == base)
    upper = e.do(f"lshr {t} {words}, {splat(base, int(half[1:]), lanes)}")
    halves = [e.do(f"trunc {t} {x} to {vector(half, lanes)}") for x in (words, upper)]
    return [x for part in halves for x in _narrowed(e, half, part, lanes)]


def _halved(e: Emitter, parts: list[str], width: int, lanes: int) -> list[str]:
    """Every byte of lanes, from vectors of `width` bytes: those at even places, and those at odd ones, are bytes of lanes that have
    half as many, from half as many vectors."""
    if len(parts) == 1 and width == lanes:
        return parts
    if len(parts) == 1:
        both = pick(e, "i8", parts, [*range(0, width, 2), *range(1, width, 2)], width)
        t, width = vector("i8", width), width // 2
        orders = [", ".join([f"i32 {first + k}" for k in range(width)]) for first in (0, width)]
        halves = [[e.do(f"shufflevector {t} {both}, {t} poison, <{width} x i32> <{order}>")] for order in orders]
    else:
        pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
        halves = [[pick(e, "i8", pair, list(range(odd, 2 * width, 2)), width) for pair in pairs] for odd in (0, 1)]
    even, odd = [_halved(e, half, width, lanes) for half in halves]
    return [x for pair in zip(even, odd, strict=True) for x in pair]


def goes_by_segments(e: Emitter, base: str, count: int, lanes: int) -> bool:
    """Whether lanes' four bytes are moved segment by segment, of which 16 lanes have as many. From anywhere in two vectors of 32
    bytes to anywhere takes AVX2 several times as many instructions. (Of three bytes LLVM's way takes as long as this one.)"""
    return base == "i8" and count == 4 and e.is_x86 and e.target.vector_bytes < 64 and lanes % SEGMENT == 0


def _segments_of(e: Emitter, x: str, lanes: int) -> list[str]:
    if lanes == SEGMENT:
        return [x]
    t, firsts = vector("i8", lanes), range(0, lanes, SEGMENT)
    orders = [", ".join([f"i32 {first + k}" for k in range(SEGMENT)]) for first in firsts]
    return [e.do(f"shufflevector {t} {x}, {t} poison, <{SEGMENT} x i32> <{order}>") for order in orders]


def _channels(e: Emitter, segments: Sequence[str], wanted: Sequence[int]) -> list[str]:
    """The bytes at some places of 16 lanes, which have four each: in four segments."""
    # Each segment's bytes by their place, four of each; then fours are exchanged.
    fours = [_mixed(e, "i8", (x, x), [4 * (k % 4) + k // 4 for k in range(SEGMENT)]) for x in segments]
    pairs = [[_mixed(e, "i32", fours[k : k + 2], order) for k in (0, 2)] for order in ([0, 4, 1, 5], [2, 6, 3, 7])]
    return [_mixed(e, "i64", pairs[place // 2], [place % 2, 2 + place % 2]) for place in wanted]


def points(e: Emitter, values: Sequence[str], lanes: int) -> list[str]:
    """The other way round: in segments, the bytes that lanes have in four vectors."""
    rows = zip(*[_segments_of(e, x, lanes) for x in values], strict=True)
    return [x for row in rows for x in _points(e, row)]


def _points(e: Emitter, values: Sequence[str]) -> list[str]:
    halves = [[k // 2 + k % 2 * SEGMENT + first for k in range(SEGMENT)] for first in (0, 8)]
    pairs = [[_mixed(e, "i8", values[k : k + 2], order) for order in halves] for k in (0, 2)]
    orders = [[k // 2 + k % 2 * 8 + first for k in range(8)] for first in (0, 4)]
    return [_mixed(e, "i16", [pair[half] for pair in pairs], order) for half in (0, 1) for order in orders]


def _mixed(e: Emitter, base: str, two: Sequence[str], order: Sequence[int]) -> str:
    """Elements of a type of two segments of bytes, as a segment of bytes."""
    segment, t = vector("i8", SEGMENT), vector(base, len(order))
    x, y = [v if base == "i8" else e.same(f"bitcast {segment} {v} to {t}") for v in two]
    x = e.do(f"shufflevector {t} {x}, {t} {y}, <{len(order)} x i32> <{', '.join([f'i32 {k}' for k in order])}>")
    return x if base == "i8" else e.do(f"bitcast {t} {x} to {segment}")


def as_words(e: Emitter, base: str, values: Sequence[str], lanes: int) -> tuple[str, str]:
    """Each lane's narrow elements as one number, and its type: widened and shifted, as no shuffle of a vector of 64 bytes moves
    single ones from anywhere to anywhere."""
    parts = list(values)
    while len(parts) > 1:
        wide = _TWICE[base]
        t, shift = vector(wide, lanes), splat(wide, int(base[1:]), lanes)
        parts = [e.do(f"zext {vector(base, lanes)} {x} to {t}") for x in parts]
        parts = [e.do(f"or {t} {a}, {e.do(f'shl {t} {b}, {shift}')}") for a, b in zip(parts[::2], parts[1::2], strict=True)]
        base = wide
    return parts[0], base


def parts_of(e: Emitter, base: str, words: str, lanes: int) -> list[str]:
    """The bytes of lanes' numbers of 64 bits, one after the other, as vectors of all lanes."""
    t = vector(base, 8 * lanes)
    whole = e.do(f"bitcast {vector('i64', lanes)} {words} to {t}")
    orders = [", ".join([f"i32 {k * lanes + n}" for n in range(lanes)]) for k in range(8)]
    return [e.do(f"shufflevector {t} {whole}, {t} poison, <{lanes} x i32> <{order}>") for order in orders]
