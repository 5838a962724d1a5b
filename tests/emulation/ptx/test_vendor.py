"""The executor on what NVIDIA's compiler prints (`vendor/kernels.ptx`), against NumPy and plain Python."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from . import arithmetic as ar
from .machine import Fault, Module

TEXT = (Path(__file__).parent / "vendor" / "kernels.ptx").read_text()
ORDERS = ("together", "backwards", "alone")


class Launch:
    """A kernel with its arguments, packed as C does."""

    def __init__(self, name: str, order: str = "together") -> None:
        self.module = Module(TEXT)
        self.name = name
        self.order = order
        self.bytes = b""
        self.arrays: list[tuple[np.ndarray, int]] = []

    def add(self, code: str, value: object) -> Launch:
        size = struct.calcsize(code)
        self.bytes += bytes(-len(self.bytes) % size) + struct.pack("<" + code, value)
        return self

    def array(self, a: np.ndarray) -> Launch:
        address = self.module.memory.put(a)
        self.arrays.append((a, address))
        return self.add("Q", address)

    def run(self, grid: object, block: object, shared_bytes: int = 0) -> None:
        g, b = [(*(x if isinstance(x, tuple) else (x,)), 1, 1)[:3] for x in (grid, block)]
        self.module.launch(self.name, g, b, self.bytes, shared_bytes=shared_bytes, order=self.order)
        for a, address in self.arrays:
            a[...] = np.frombuffer(self.module.memory.get(address, a.nbytes), a.dtype).reshape(a.shape)


@pytest.mark.parametrize("order", ORDERS)
def test_saxpy(order):
    x, y = np.arange(1000, dtype=np.float32), np.ones(1000, np.float32)
    Launch("saxpy", order).add("i", 1000).add("f", 2.0).array(x).array(y).run(8, 128)
    assert np.array_equal(y, 2 * np.arange(1000, dtype=np.float32) + 1)


@pytest.mark.parametrize("order", ORDERS)
def test_shared_memory_and_barriers(order):
    a = np.random.default_rng(1).random((37, 50)).astype(np.float32)
    out = np.zeros((50, 37), np.float32)
    Launch("transpose", order).array(a).array(out).add("i", 50).add("i", 37).run((4, 3), (16, 16))
    assert np.array_equal(out, a.T)


@pytest.mark.parametrize("order", ORDERS)
def test_shuffles_votes_and_dynamic_shared_memory(order):
    x = np.random.default_rng(2).normal(size=3 * 128)
    sums, votes = np.zeros(3), np.zeros(1, np.uint32)
    Launch("block_sum", order).array(x).array(sums).array(votes).run(3, 128, shared_bytes=4 * 8)
    assert np.allclose(sums, x.reshape(3, 128).sum(1), rtol=1e-14)
    assert votes[0] == (x > 0).sum()


@pytest.mark.parametrize("order", ORDERS)
def test_atomics(order):
    x = np.random.default_rng(3).integers(0, 40, 5000).astype(np.uint8)
    bins = np.zeros(256, np.uint32)
    Launch("histogram", order).array(x).add("q", 5000).array(bins).run(4, 96)
    assert np.array_equal(bins, np.bincount(x, minlength=256))


def test_threads_that_part_and_loops_of_many_lengths():
    x = np.arange(1, 400, dtype=np.uint32)
    steps = np.zeros(399, np.int32)
    Launch("collatz").array(x).array(steps).add("I", 399).run(7, 64)

    def count(v: int) -> int:
        n = 0
        while v != 1:
            v, n = (3 * v + 1 if v % 2 else v // 2), n + 1
        return n

    assert steps.tolist() == [count(int(v)) for v in x]


def test_integers_floats_and_conversions():
    rng = np.random.default_rng(4)
    a, b = rng.integers(-(2**31), 2**31, 256).astype(np.int32), rng.integers(-1000, 1000, 256).astype(np.int32)
    b[b == 0], a[:3] = 7, (0, -1, 1)
    x = rng.normal(0, 50, 256).astype(np.float32)
    quot, rest, bits, whole = (np.zeros(256, np.int32) for _ in range(4))
    root, narrow = np.zeros(256, np.float32), np.zeros(256, np.int16)
    launch = Launch("numbers")
    for array in (a, b, x, quot, rest, bits, root, whole, narrow):
        launch.array(array)
    launch.run(2, 128)
    wide, by = a.astype(np.int64), b.astype(np.int64)
    toward_zero = (np.abs(wide) // np.abs(by)) * np.sign(wide) * np.sign(by)
    assert np.array_equal(quot, toward_zero.astype(np.int32))
    assert np.array_equal(rest, (wide - toward_zero * by).astype(np.int32))
    texts = [format(int(v) & 0xFFFFFFFF, "032b") for v in a]
    lowest = [32 - t.rindex("1") if "1" in t else 0 for t in texts]
    expected = [(t.index("1") if "1" in t else 32) * 1000000 + f * 1000 + t.count("1") for t, f in zip(texts, lowest)]
    assert bits.tolist() == expected
    assert np.array_equal(root, np.sqrt(np.abs(x)) + np.minimum(x, np.float32(2)) / np.float32(3))
    assert np.array_equal(whole, np.floor(x).astype(np.int32) + np.rint(x * 4).astype(np.int32))
    assert np.array_equal(narrow, ((a * np.int32(7)) >> 3).astype(np.int16))


def test_an_access_past_the_end_is_found():
    launch = Launch("saxpy").add("i", 1001).add("f", 2.0).array(np.zeros(1000, np.float32)).array(np.zeros(1001, np.float32))
    with pytest.raises(Fault, match=r"global memory out of bounds: address 0x\w+ of lane 1000 in line \d+: ld.global"):
        launch.run(8, 128)


def test_a_shape_of_blocks_that_needs_more_shared_memory_is_found():
    launch = Launch("block_sum").array(np.zeros(128)).array(np.zeros(1)).array(np.zeros(1, np.uint32))
    with pytest.raises(Fault, match="shared memory out of bounds"):
        launch.run(1, 128, shared_bytes=16)


HEAD = """.version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 k_out)
{
	.reg .pred %p<4>;
	.reg .b32 %r<8>;
	.reg .b64 %rd<4>;
	.shared .align 4 .b8 s[128];
	mov.u32 %r1, %tid.x;
	mov.u32 %r4, s;
	mad.lo.s32 %r4, %r1, 4, %r4;
"""


TAIL = """
	ld.param.u64 %rd1, [k_out];
	mad.wide.u32 %rd2, %r1, 4, %rd1;
	st.global.u32 [%rd2], %r2;
	ret;
}
"""


def run_by_hand(body: str, block: int = 32) -> np.ndarray:
    module = Module(HEAD + body + TAIL)
    at = module.memory.put(bytes(4 * block))
    module.launch("k", (1, 1, 1), (block, 1, 1), struct.pack("<Q", at))
    return np.frombuffer(module.memory.get(at, 4 * block), np.uint32)


def test_shared_memory_that_nobody_wrote_is_found():
    with pytest.raises(Fault, match="shared memory read before anything was written"):
        run_by_hand("ld.shared.u32 %r2, [%r4];")


def test_a_barrier_that_some_threads_never_reach_is_found():
    body = "setp.lt.u32 %p1, %r1, 7;\n@%p1 bra OTHER;\nbar.sync 0;\nmov.u32 %r2, 1;\nbra END;\nOTHER:\nbar.sync 0;\nEND:\n"
    with pytest.raises(Fault, match="wait at different barriers"):
        run_by_hand(body)


def test_an_exchange_without_all_its_members_is_found():
    body = "setp.lt.u32 %p1, %r1, 7;\n@%p1 bra OTHER;\nshfl.sync.bfly.b32 %r2, %r1, 1, 31, 0xffffffff;\nOTHER:\n"
    with pytest.raises(Fault, match=r"threads wait at an exchange|have ended"):
        run_by_hand(body)


def test_an_exchange_among_those_who_are_there():
    body = "mov.u32 %r2, 99;\nsetp.lt.u32 %p1, %r1, 8;\n@!%p1 bra OTHER;\nshfl.sync.bfly.b32 %r2, %r1, 1, 31, 0xff;\nOTHER:\n"
    assert run_by_hand(body).tolist() == [1, 0, 3, 2, 5, 4, 7, 6] + [99] * 24


def test_an_operand_of_another_width_is_refused():
    from .translate import UnknownInstruction

    with pytest.raises(UnknownInstruction, match=r"line \d+: add.f32"):
        run_by_hand("add.f32 %r2, %rd1, %r1;")


def test_sums_of_bf16_are_rounded_once():
    def of(name: str, *numbers: float) -> float:
        bits = [(np.array([x], np.float32).view(np.uint32) >> 16).astype(np.uint16) for x in numbers]
        with np.errstate(all="ignore"):
            return float(ar.of_brain(ar.brain(name, *bits))[0])

    assert of("add", 1, 2.0**-8) == 1  # halfway: to even
    assert of("fma", 1, 2.0**-8, 1) == 1
    assert of("fma", 1 + 2.0**-7, 2.0**-8, 1) == 1 + 2.0**-7  # a little more than halfway
    assert of("fma", 2.0**-20, 2.0**-20, 1 + 2.0**-7) == 1 + 2.0**-7
    assert of("mul", 2.0**-126, 0.5) == 2.0**-127  # subnormals are kept
    assert of("add", 3.0e38, 3.0e38) == np.inf
    assert np.isnan(of("sub", np.inf, np.inf))


def test_all_sums_and_products_of_bf16_are_those_of_f32_rounded():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 1 << 16, (2, 100_000), np.uint16)
    b[::3] = a[::3] + rng.integers(-600, 600, len(b[::3])).astype(np.uint16)
    x, y = [(v.astype(np.uint32) << 16).view(np.float32) for v in (a, b)]
    for name, wide in (("add", np.add), ("sub", np.subtract), ("mul", np.multiply)):
        with np.errstate(all="ignore"):
            assert np.array_equal(ar.brain(name, a, b), ar.to_brain(wide(x, y))), name
    one, minus, zero = [np.full_like(a, bits) for bits in (0x3F80, 0xBF80, 0x8000)]
    with np.errstate(all="ignore"):
        for name, fused in (("add", (a, one, b)), ("sub", (b, minus, a)), ("mul", (a, b, zero))):
            assert np.array_equal(ar.brain(name, a, b), ar.brain("fma", *fused)), name
