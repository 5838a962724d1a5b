"""Arrays that end where a page begins which may not be touched, or begin behind one: no vector, whatever it is made of, reaches
outside of an array, writes to one that is only read, or changes what lies between elements. Launches give the interpreter's bits.

One idea: who touches such a page dies, so a process of its own goes through all kernels of an architecture, and says where it is.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lowered import RUNNABLE, runs

import kdsl
from kdsl import Array, bf16, f16, f32, f64, i16, i32, u8, u16, u32
from kdsl.target import CPU_TARGETS

ROOT = Path(__file__).parents[2]
PAGE = mmap.PAGESIZE
NONE, READ, WRITE = 0, mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE
_FILL = 0xA5


@kdsl.kernel(math="strict")
def stencil(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    if 0 < x < w - 1 and 0 < y < h - 1:
        o[y, x] = a[y - 1, x - 1] + a[y - 1, x + 1] + a[y, x] + a[y + 1, x - 1] + a[y + 1, x + 1]


@kdsl.kernel
def clamped(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    s = u32(0)
    for dy in range(-1, 2):
        for dx in range(-1, 2):
            s += u32(a[min(max(y + dy, 0), h - 1), min(max(x + dx, 0), w - 1)])
    o[y, x] = u8(s // 9)


@kdsl.kernel
def reflected(a: Array[i16, 2], o: Array[i16, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    w = a.shape[1]
    s = i16(0)
    for d in range(-2, 3):
        at = abs(x + d)
        if at >= w:
            at = 2 * w - 2 - at
        s += a[y, max(at, 0)]
    o[y, w - 1 - x] = s


@kdsl.kernel
def periodic(a: Array[f64, 2], o: Array[f64, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    o[y, x] = a[y, (x + 1) % w] + a[y, (x - 1) % w] - a[(y + 1) % h, x]


@kdsl.kernel
def halved(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 2 * x + 1 < a.shape[1] and 2 * y + 1 < a.shape[0]:
        o[y, x] = max(max(a[2 * y, 2 * x], a[2 * y, 2 * x + 1]), max(a[2 * y + 1, 2 * x], a[2 * y + 1, 2 * x + 1]))


@kdsl.kernel
def every_third(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if 3 * x + 2 < a.shape[1]:
        o[y, 3 * x + 2] = a[y, 3 * x] + a[y, 3 * x + 2]
        o[y, 3 * x] = a[y, 3 * x + 1]


@kdsl.kernel(math="strict")
def parts(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y, x] * 2.0


@kdsl.kernel
def parts_of_bytes(a: Array[u8, 2], o: Array[u8, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y, x] // 2


@kdsl.kernel
def enlarged(a: Array[u16, 2], o: Array[u16, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y // 2, x // 2] + a[y, x // 3]


@kdsl.kernel
def turned(a: Array[f32, 2], o: Array[f32, 2]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < a.shape[0] and y < a.shape[1]:
        o[x, y] = a[a.shape[0] - 1 - x, y]


@kdsl.kernel
def colours(a: Array[u8, 3], o: Array[u8, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    grey = (77 * u32(a[y, x, 0]) + 150 * u32(a[y, x, 1]) + 29 * u32(a[y, x, 2])) >> 8
    for c in range(3):
        o[y, x, c] = u8((u32(a[y, x, 2 - c]) + grey) // 2)


@kdsl.kernel(math="strict")
def points(a: Array[f32, 3], o: Array[f32, 3]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    s = a[y, x, 0] * a[y, x, 0] + a[y, x, 1] * a[y, x, 1] + a[y, x, 2] * a[y, x, 2]
    for c in range(3):
        o[y, x, c] = a[y, x, c] * s


@kdsl.kernel(math="strict")
def wide_rows(a: Array[f32, 2], o: Array[f32, 2]):
    """Each thread has a row of seven, and not all of it."""
    i = kdsl.global_id(0)
    for k in kdsl.static_range(3):
        o[i, k + 1] = a[i, 6 - k] - a[i, 1]
    o[i, 4] = a[i, 2]
    o[i, 5] = a[i, 3]


@kdsl.kernel(math="strict")
def matrices(a: Array[f32, 3], o: Array[f32, 3]):
    i = kdsl.global_id(0)
    for y in kdsl.static_range(3):
        for x in kdsl.static_range(3):
            o[i, y, x] = a[i, 0, x] * a[i, y, 0] - a[i, 2 - x, y]


@kdsl.kernel
def fifths(a: Array[u8, 1], o: Array[u8, 1]):
    """A run for each thread that ends before the next one's."""
    i = kdsl.global_id(0)
    o[i] = a[5 * i] + a[5 * i + 3]


@kdsl.kernel(math="strict")
def down(a: Array[f16, 2], o: Array[f16, 2]):
    """All rows of a column, there and back again."""
    x = kdsl.global_id(0)
    if x < a.shape[1] - 1:
        s = f16(0)
        for y in range(1, a.shape[0]):
            s = s * f16(0.5) + a[y, x + 1] - a[y - 1, x]
            o[y, x] = s
        for y in range(a.shape[0] - 1, -1, -1):
            o[y, x] = o[y, x] + a[y, x]


@kdsl.kernel(math="strict")
def sums(a: Array[f32, 2], o: Array[f32, 2]):
    """Of columns, and of rows."""
    x = kdsl.global_id(0)
    s, t = f32(0), f32(0)
    if x < a.shape[1]:
        for y in range(a.shape[0]):
            s += a[y, x]
        o[0, x] = s
    if x < a.shape[0] - 1:
        for k in range(a.shape[1]):
            t += a[x, k]
        o[x + 1, 0] = t


@kdsl.kernel
def some(a: Array[bf16, 2], o: Array[bf16, 2]):
    """Lanes that are off, in branches and in loops that end at different times."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape
    if a[y, x] > bf16(20):
        if x + 3 < w:
            o[y, x] = a[y, x + 3]
    elif y > 0 and x > 1:
        o[y, x] = a[y - 1, x - 2]
    k = x
    while k < w and a[y, k] < bf16(50):
        k += 1
    if k < w:
        o[y, x] = a[y, k]


@kdsl.kernel
def picked(a: Array[u8, 2], o: Array[u8, 2], table: Array[u8, 1], where: Array[i32, 1], wide: Array[u16, 1]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    v = table[a[y, x]]
    if v > 10:
        v ^= a[y, where[x]]
    if where[x] % 3 != 1:
        v += u8(wide[where[x]])
    o[y, x] = v + table[a[y, x] & 15]


@kdsl.kernel
def counted(a: Array[u8, 2], o: Array[u8, 2], bins: Array[u32, 1], columns: Array[i32, 1]):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    kdsl.atomic_add(bins[a[y, x]], 1)
    kdsl.atomic_max(columns[x], i32(a[y, x]))
    o[y, x] = a[y, x]


@kdsl.kernel
def divided(a: Array[u8, 2], o: Array[u8, 2]):
    """Row and column by division; the launch has one axis."""
    i = kdsl.global_id(0)
    w = a.shape[1]
    y, x = i // w, i % w
    if 0 < x < w - 1 and y < a.shape[0]:
        o[y, x] = a[y, x - 1] + a[max(y - 1, 0), x] + a[y, x + 1]


@kdsl.kernel(math="strict")
def strided(a: Array[f32, 1], o: Array[f32, 1]):
    """By the grid's stride, which asks for memory ahead."""
    i = kdsl.global_id(0)
    s = f32(0)
    for j in range(i, a.shape[0], o.shape[0]):
        s += a[j]
    o[i] = s


@kdsl.kernel(math="strict")
def taps(a: Array[f32, 1], o: Array[f32, 1], w: Array[f32, 1]):
    i = kdsl.global_id(0)
    s = f32(0)
    for k in range(w.shape[0]):
        s += a[i + k] * w[k]
    o[i] = s


@kdsl.kernel(math="strict")
def between(a: Array[f32, 1], o: Array[f32, 1], where: Array[f32, 1]):
    """Neighbours in a table, by numbers of 32 bits."""
    i = kdsl.global_id(0)
    v = where[i] * f32(a.shape[0] - 1) / 100.0
    k = min(i32(v), i32(a.shape[0]) - 2)
    o[i] = a[k] * (f32(k + 1) - v) + a[k + 1] * (v - f32(k))


@kdsl.kernel(math="strict")
def chosen(a: Array[f32, 2], o: Array[f32, 2], where: Array[i32, 1]):
    """Points by their numbers."""
    i = kdsl.global_id(0)
    for c in range(3):
        o[i, c] = a[where[i], c]


@kdsl.kernel
def around(a: Array[u8, 3], o: Array[u8, 3]):
    """Colours with clamped edges."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    h, w = a.shape[0], a.shape[1]
    for c in range(3):
        s = u32(0)
        for dx in range(-1, 2):
            s += u32(a[min(y + 1, h - 1), min(max(x + dx, 0), w - 1), c])
        o[y, x, c] = u8(s // 3)


@kdsl.kernel
def bits(a: Array[u8, 1], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    o[i] = (a[i // 8] >> u8(i % 8)) & 1


@kdsl.kernel
def window(a: Array[f32, 2], o: Array[f32, 2]):
    """A tile with its halo."""
    s = kdsl.shared((10, 18), f32)
    h, w = a.shape
    for k in range(kdsl.thread_id(1) * 16 + kdsl.thread_id(0), 180, 128):
        x, y = kdsl.block_id(0) * 16 + k % 18 - 1, kdsl.block_id(1) * 8 + k // 18 - 1
        s[k // 18, k % 18] = a[y, x] if 0 <= x < w and 0 <= y < h else 0.0
    kdsl.barrier()
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x < w and y < h:
        i, j = kdsl.thread_id(0) + 1, kdsl.thread_id(1) + 1
        o[y, x] = s[j, i - 1] + s[j, i + 1] - s[j - 1, i] - s[j + 1, i]


@kdsl.kernel
def tile(a: Array[f32, 2], o: Array[f32, 2]):
    """One that changes places."""
    s = kdsl.shared((16, 17), f32)
    i, j = kdsl.thread_id(0), kdsl.thread_id(1)
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for k in range(0, 16, 8):
        if x < a.shape[1] and kdsl.block_id(1) * 16 + j + k < a.shape[0]:
            s[j + k, i] = a[kdsl.block_id(1) * 16 + j + k, x]
    kdsl.barrier()
    for k in range(0, 16, 8):
        at = kdsl.block_id(0) * 16 + j + k
        if kdsl.block_id(1) * 16 + i < a.shape[0] and at < a.shape[1] and y >= 0:
            o[at, kdsl.block_id(1) * 16 + i] = s[i, j + k]


@kdsl.kernel(math="strict")
def grey(a, o):
    """Three colours, of points that have three numbers or four, or more."""
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    o[y, x] = a[y, x, 0] // 2 + a[y, x, 1] // 4 + a[y, x, 2] // 3


@kdsl.kernel
def channel(a, o, k: kdsl.const):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    if x % 5 != 2 or o.shape[1] < 50:
        o[y, x] = a[y, x, k]


@kdsl.kernel
def planes(a, o):
    x, y = kdsl.global_id(0), kdsl.global_id(1)
    for c in range(3):
        o[c, y, x] = a[y, x, c]


@kdsl.kernel
def unpacked(a: Array[u8, 1], o: Array[u8, 2]):
    i = kdsl.global_id(0)
    for k in range(8):
        o[i, k] = (a[i] >> u8(k)) & 1


@kdsl.kernel
def packed(a: Array[u8, 2], o: Array[u8, 1]):
    i = kdsl.global_id(0)
    v = u8(0)
    for k in kdsl.static_range(8):
        v |= (a[i, k] & 1) << u8(k)
    o[i] = v


SHAPES = [(1, 1), (3, 2), (5, 17), (4, 33), (7, 70), (3, 300)]
Launch = Callable[..., None]


def _launches(rng: np.random.Generator) -> Iterator[tuple[Any, Callable[[Any], Launch], list[np.ndarray]]]:
    """A kernel, how it is launched (or interpreted), and its arguments: what it reads, what it writes."""
    def numbers(shape: tuple[int, ...], like: Any) -> np.ndarray:
        return (rng.random(shape) * 100).astype(like)

    import ml_dtypes

    of_rows = {stencil: np.float32, clamped: np.uint8, reflected: np.int16, periodic: np.float64, halved: np.uint8,
               every_third: np.float32, enlarged: np.uint16, some: ml_dtypes.bfloat16}  # fmt: skip
    for h, w in SHAPES:
        all_threads: Callable[[Any], Launch] = lambda k, w=w, h=h: k.over((w, h))
        for kernel, t in of_rows.items():
            yield kernel, all_threads, [numbers((h, w), t), numbers((h, w), t)]
        yield clamped, all_threads, [numbers((h, w + 3), np.uint8)[:, 1:-2], numbers((h, 2 * w), np.uint8)[:, ::2]]
        yield stencil, all_threads, [numbers((h, w), np.float32)[::-1, ::-1], numbers((h, 3 * w), np.float32)[:, ::-3]]
        for step in (2, 3, 4, -2, 5):
            for kernel, t in ((parts, np.float32), (parts_of_bytes, np.uint8)):
                part = numbers((h, abs(step) * (w - 1) + 1), t)[:, ::step]
                yield kernel, all_threads, [part, numbers((h, w), t)]
        yield turned, lambda k, w=w, h=h: k.over((h + 3, w)), [numbers((h, w), np.float32), numbers((h, w), np.float32)]
        for kernel, t in ((colours, np.uint8), (points, np.float32), (around, np.uint8)):
            yield kernel, all_threads, [numbers((h, w, 3), t), numbers((h, w, 3), t)]
        for t in (np.uint8, np.int16, np.float32):
            wide = [numbers((h, w, n), t) for n in (3, 4, 5)]
            for picture in (*wide, wide[1][:, :, 1:], wide[1][::-1, ::-1, :3]):
                yield grey, all_threads, [picture, numbers((h, w), t)]
                yield planes, all_threads, [picture, numbers((3, h, w), t)]
                for at in range(picture.shape[2] if w > 20 else 0):
                    yield channel, lambda k, w=w, h=h, at=at: lambda a, o: k.over((w, h))(a, o, at), [picture, numbers((h, w), t)]
        yield down, lambda k, w=w: k.over(w + 5), [numbers((h, w), np.float16), numbers((h, w), np.float16)]
        yield sums, lambda k, w=w, h=h: k.over(max(h, w) + 9), [numbers((h, w), np.float32), numbers((h, w), np.float32)]
        table, where = numbers((100,), np.uint8), rng.integers(0, w, w).astype(np.int32)
        bytes_of = numbers((h, w), np.uint8)
        yield picked, all_threads, [bytes_of, bytes_of.copy(), table, where, numbers((w,), np.uint16)]
        yield counted, all_threads, [bytes_of, bytes_of.copy(), np.zeros(100, np.uint32), np.zeros(w, np.int32)]
        yield divided, lambda k, w=w, h=h: k.over(w * h), [bytes_of, bytes_of.copy()]
        blocks = kdsl.cdiv(w, 16), kdsl.cdiv(h, 8)
        yield window, lambda k, grid=blocks: k[grid, (16, 8)], [numbers((h, w), np.float32), numbers((h, w), np.float32)]
        blocks = kdsl.cdiv(w, 16), kdsl.cdiv(h, 16)
        yield tile, lambda k, grid=blocks: k[grid, (16, 8)], [numbers((h, w), np.float32), numbers((w, h), np.float32)]
    for n in (1, 15, 64, 131):
        every: Callable[[Any], Launch] = lambda k, n=n: k.over(n)
        for rows, to in ((numbers((n, 7), np.float32), (n, 6)), (numbers((n, 9), np.float32)[::-1, 1:-1], (n, 8))):
            yield wide_rows, every, [rows, numbers(to, np.float32)]
        for rows in (numbers((n, 3, 3), np.float32), numbers((n, 4, 5), np.float32)[:, 1:, 2:]):
            yield matrices, every, [rows, numbers((n, 4, 3), np.float32)[:, ::-1][:, :3]]
            yield matrices, every, [rows, numbers((n, 3, 3), np.float32)]
        yield fifths, every, [numbers((5 * n - 1,), np.uint8), numbers((n,), np.uint8)]
        yield strided, every, [numbers((n * 1100 - n // 2,), np.float32), numbers((n,), np.float32)]
        yield taps, every, [numbers((n + 4,), np.float32), numbers((n,), np.float32), numbers((5,), np.float32)]
        yield between, every, [numbers((n + 1,), np.float32), numbers((n,), np.float32), numbers((n,), np.float32)]
        at = rng.integers(0, n, n).astype(np.int32)
        yield chosen, every, [numbers((n, 3), np.float32), numbers((n, 3), np.float32), at]
        yield chosen, every, [numbers((n, 5), np.float32)[::-1, 1:-1], numbers((n, 3), np.float32), at]
        for eights in (numbers((n, 8), np.uint8), numbers((n, 9), np.uint8)[:, 1:], numbers((n, 8), np.uint8)[::-1]):
            yield packed, every, [eights, numbers((n,), np.uint8)]
            yield unpacked, every, [numbers((n,), np.uint8), eights.copy() if eights.flags.c_contiguous else eights]
        yield bits, every, [numbers((kdsl.cdiv(n, 8),), np.uint8), numbers((n,), np.uint8)]


WRITTEN = {counted: (1, 2, 3)}  # numbers of arguments; of others the second


class _Placed:
    """An array's copy at an end of memory whose neighbouring pages may not be touched."""

    def __init__(self, a: np.ndarray, *, at_end: bool, access: int) -> None:
        low, high = np.lib.array_utils.byte_bounds(a)
        size = high - low
        pages = kdsl.cdiv(size, PAGE)
        self.size, self.memory = pages * PAGE, mmap.mmap(-1, (pages + 2) * PAGE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        start = PAGE + (self.size - size if at_end else 0)
        self.array = np.ndarray(a.shape, a.dtype, self.memory, start + a.__array_interface__["data"][0] - low, a.strides)
        self.memory[PAGE : PAGE + self.size] = bytes([_FILL]) * self.size
        self.array[...] = a
        self.protect(NONE, access)

    def protect(self, around: int, inside: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        for at, size, access in ((0, PAGE, around), (PAGE, self.size, inside), (PAGE + self.size, PAGE, around)):
            assert libc.mprotect(ctypes.c_void_p(self.address + at), ctypes.c_size_t(size), access) == 0

    def check(self, want: np.ndarray) -> None:
        """That it has the elements that are wanted, and that nothing else has changed."""
        self.protect(NONE, WRITE)
        np.testing.assert_array_equal(self.array, want)
        self.array[...] = np.frombuffer(bytes([_FILL]) * want.itemsize, want.dtype)[0]
        assert self.memory[PAGE : PAGE + self.size] == bytes([_FILL]) * self.size, "memory outside of an array has changed"


def _try_all(arch: str) -> None:
    os.environ["KDSL_TARGET"] = f"cpu:{arch}"
    with runs(CPU_TARGETS[arch]):
        for kernel, launch, arguments in _launches(np.random.default_rng(1)):
            want = [a.copy(order="K") for a in arguments]
            launch(kernel.interpret)(*want)
            for at_end in (True, False):
                print(kernel.__name__, [a.shape for a in arguments], "at the end" if at_end else "at the beginning", flush=True)
                written = WRITTEN.get(kernel, (1,))
                placed = [_Placed(a, at_end=at_end, access=WRITE if k in written else READ) for k, a in enumerate(arguments)]
                launch(kernel)(*[p.array for p in placed])
                for p, a in zip(placed, want, strict=True):
                    p.check(a)
    print("done")


@pytest.mark.parametrize("arch", RUNNABLE)
def test_nothing_outside_of_arrays_is_touched(arch: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TEST_AVX512"}  # what that emulates sees whole arrays
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    run = subprocess.run([sys.executable, __file__, arch], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0 and run.stdout.endswith("done\n"), f"{run.stdout[-200:]}\n{run.stderr[-2000:]}"


if __name__ == "__main__":
    _try_all(sys.argv[1])
