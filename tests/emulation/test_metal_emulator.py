"""The executor and its Metal library, on kernels that a person wrote after Apple's specification; and what the check rejects."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from toolbox import require_tool

import kdsl
from emulation.backends import Metal
from emulation.building import BuildError
from emulation.executor import EmulationError, Memory
from emulation.msl import MslModule, compile_msl, kernels_of
from kdsl import Array, i64
from kdsl.ir.interpreter import interpret
from kdsl.specialise import signature_of
from kdsl.target import GPU_TARGETS

KERNELS = r"""
#include <metal_stdlib>
using namespace metal;

struct Params { uint n; float a; };
constant float weights[3] = {1.0f, 2.0f, 4.0f};

kernel void saxpy(device const float* x [[buffer(0)]],
                  device float* y [[buffer(1)]],
                  constant Params& p [[buffer(2)]],
                  uint gid [[thread_position_in_grid]]) {
    if (gid < p.n) { y[gid] = fma(p.a, x[gid], y[gid]) * weights[gid % 3]; }
}

kernel void block_sum(device const float* x [[buffer(0)]],
                      device atomic_float* out [[buffer(1)]],
                      constant uint& n [[buffer(2)]],
                      uint3 tid [[thread_position_in_threadgroup]],
                      uint3 bid [[threadgroup_position_in_grid]]) {
    threadgroup float tile[256];
    uint t = tid.x;
    uint i = bid.x * 256u + t;
    tile[t] = i < n ? x[i] : 0.0f;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint s = 128u; s > 0u; s >>= 1) {
        if (t < s) { tile[t] += tile[t + s]; }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    if (t == 0u) { atomic_fetch_add_explicit(out, tile[0], memory_order_relaxed); }
}

kernel void lanes(device float* sums [[buffer(0)]],
                  device ulong* votes [[buffer(1)]],
                  uint gid [[thread_position_in_grid]],
                  uint lane [[thread_index_in_simdgroup]]) {
    float v = float(gid);
    for (ushort o = 16; o > 0; o >>= 1) {
        v += simd_shuffle_xor(v, o);
    }
    sums[gid] = v;
    votes[gid] = ulong(simd_vote::vote_t(simd_ballot(lane % 3 == 0)));
}

kernel void halves(device const half* a [[buffer(0)]], device half* b [[buffer(1)]], uint gid [[thread_position_in_grid]]) {
    b[gid] = a[gid] * a[gid] + 1.0h;
}

kernel void brains(device const bfloat* a [[buffer(0)]], device bfloat* b [[buffer(1)]], device float* c [[buffer(2)]],
                   uint gid [[thread_position_in_grid]]) {
    c[gid] = float(a[gid]);
    b[gid] = bfloat(c[gid] * 1.01f);
    if (gid == 63) b[gid] = as_type<bfloat>(ushort(0x7fc0));
}

kernel void histogram(device const uchar* x [[buffer(0)]],
                      device atomic_uint* bins [[buffer(1)]],
                      uint gid [[thread_position_in_grid]],
                      uint t [[thread_index_in_threadgroup]]) {
    threadgroup atomic_uint own[16];
    if (t < 16u) { atomic_store_explicit(&own[t], 0u, memory_order_relaxed); }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    atomic_fetch_add_explicit(&own[x[gid] & 15], 1u, memory_order_relaxed);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (t < 16u) {
        atomic_fetch_add_explicit(&bins[t], atomic_load_explicit(&own[t], memory_order_relaxed), memory_order_relaxed);
    }
}

kernel void exchanged(device atomic_uint* cell [[buffer(0)]], uint gid [[thread_position_in_grid]]) {
    uint seen = 0;
    while (!atomic_compare_exchange_weak_explicit(cell, &seen, seen + 2u, memory_order_relaxed, memory_order_relaxed)) {
    }
}

kernel void race(device float* x [[buffer(0)]], uint t [[thread_index_in_threadgroup]]) {
    threadgroup float tile[64];
    tile[t] = 1.0f;
    x[t] = tile[63 - t];
}

kernel void overrun(device float* x [[buffer(0)]], uint t [[thread_index_in_threadgroup]]) {
    x[t + 1] = 1.0f;
}

kernel void shared_overrun(device float* x [[buffer(0)]], uint t [[thread_index_in_threadgroup]]) {
    threadgroup float tile[64];
    tile[t + 1] = 1.0f;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    x[t] = tile[t];
}

kernel void some_at_the_barrier(device float* x [[buffer(0)]], uint t [[thread_index_in_threadgroup]]) {
    if (t < 10) { threadgroup_barrier(mem_flags::mem_threadgroup); }
    x[t] = 1.0f;
}
"""


@cache
def module(checked: bool) -> MslModule:
    require_tool("g++")
    return compile_msl([KERNELS], checked=checked, clang=require_tool("clang-19"))


def launch(name: str, grid: int, block: int, *args: np.ndarray, checked: bool = True, order: int = 0) -> None:
    m = module(checked)
    memory = [Memory(a.ctypes.data, a.nbytes) for a in args]
    m.launch(name, (grid, 1, 1), (block, 1, 1), [a.ctypes.data for a in args], memory=memory, order=order)


def test_a_structure_of_arguments_and_a_table():
    x, y = np.arange(100, dtype=np.float32), np.ones(100, np.float32)
    launch("saxpy", 2, 64, x, y, np.array([(90, 2.0)], "u4, f4"))
    i = np.arange(100)
    assert np.array_equal(y, np.where(i < 90, (2 * i + 1) * np.array([1, 2, 4])[i % 3], 1).astype(np.float32))


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("checked", [False, True])
def test_threadgroup_memory_and_barriers(checked, order):
    x, out = np.arange(5000, dtype=np.float32), np.zeros(1, np.float32)
    launch("block_sum", 20, 256, x, out, np.array([5000], np.uint32), checked=checked, order=order)
    assert out[0] == x.sum()


def test_lanes_of_a_simd_group():
    sums, votes = np.zeros(128, np.float32), np.zeros(128, np.uint64)
    launch("lanes", 2, 64, sums, votes)
    assert np.array_equal(sums, np.arange(128).reshape(4, 32).sum(1).repeat(32).astype(np.float32))
    assert (votes == sum(1 << k for k in range(0, 32, 3))).all()


def test_halves_round_after_every_operation():
    a, b = np.linspace(0, 3, 64).astype(np.float16), np.zeros(64, np.float16)
    launch("halves", 1, 64, a, b)
    assert np.array_equal(b, a * a + np.float16(1))


def test_a_bfloat_is_rounded_to_nearest_even():
    a = np.arange(64, dtype=np.uint16) * 0x0173 + 0x3f00
    b, c = np.zeros(64, np.uint16), np.zeros(64, np.float32)
    launch("brains", 1, 64, a, b, c)
    wide = (a.astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(c, wide)
    bits = (wide * np.float32(1.01)).view(np.uint32).astype(np.uint64)
    wanted = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    assert np.array_equal(b[:63], wanted[:63]) and b[63] == 0x7FC0


def test_atomics():
    x = np.random.default_rng(1).integers(0, 256, 1024).astype(np.uint8)
    bins, cell = np.zeros(16, np.uint32), np.zeros(1, np.uint32)
    launch("histogram", 4, 256, x, bins, order=2)
    assert np.array_equal(bins, np.bincount(x & 15, minlength=16))
    launch("exchanged", 2, 64, cell)  # the weak form fails now and then
    assert cell[0] == 256


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("race", "race on shared memory"),
        ("overrun", "out of bounds: write of 4 bytes by thread 63"),
        ("shared_overrun", "out of bounds: write of 4 bytes by thread 63"),
        ("some_at_the_barrier", "barrier divergence: 54 threads ended, 10 wait"),
    ],
)
def test_mistakes_are_found(name, says):
    with pytest.raises(EmulationError, match=says):
        launch(name, 1, 64, np.zeros(64, np.float32))


def body(text: str) -> str:
    return f"""
#include <metal_stdlib>
using namespace metal;
kernel void k(device float* x [[buffer(0)]], constant uint& n [[buffer(1)]], uint t [[thread_position_in_grid]]) {{
    {text}
}}
"""


@pytest.mark.parametrize(
    "wrong",
    [
        "x[t] = y;",
        "x[t] = erff(1.0f);",
        "x[t] = 1.0f",
        "threadgroup float s[4]; device float* p = s; p[0] = 1.0f;",
        "float* p = x; p[0] = 1.0f;",
        "double d = 1.0; x[t] = d;",
        "n = 3u;",
        "x[t] = as_type<float>(1ul);",
        "atomic_fetch_add_explicit(x, 1.0f, memory_order_relaxed);",
        "x[t] = get_global_id(0);",
        "if (uint k = t; k > 3) { x[t] = 1.0f; }",
        "x[t] = min(t, 3.0f, 1);",
    ],
)
def test_what_metal_rejects_is_rejected(wrong):
    clang = require_tool("clang-19")
    with pytest.raises(BuildError):
        compile_msl([body(wrong)], clang=clang)


def test_attributes_are_checked():
    assert [p.attribute for p in kernels_of(body("x[t] = 1.0f;"))["k"]] == ["buffer", "buffer", "thread_position_in_grid"]
    for old, new in (("buffer(1)", "buffer(0)"), ("[[buffer(1)]]", ""), ("thread_position_in_grid", "thread_position")):
        with pytest.raises(ValueError, match="k: "):
            kernels_of(body("x[t] = 1.0f;").replace(old, new))


@kdsl.kernel
def hashed(x: Array[i64, 1], y: Array[i64, 1]):
    i = kdsl.global_id(0)
    g = i * 100_000_000 + 3
    x[i] = (g * g) // 1_000_003
    h = i
    for _ in range(4):
        h = h * 6364136223846793005 + 1442695040888963407
    y[i] = h if h - 1 < h else 0


def test_products_of_ids_wrap():
    """Signed numbers that overflow are undefined in Metal: clang took the square above for not negative."""
    x, y = np.zeros(64, np.int64), np.zeros(64, np.int64)
    expected = np.zeros(64, np.int64), np.zeros(64, np.int64)
    f = hashed.ir(signature_of(hashed, (x, y))[0])
    interpret(f, expected, (1, 1, 1), (64, 1, 1))
    Metal(GPU_TARGETS["metal:3.1"]).run(f, (x, y), (1, 1, 1), (64, 1, 1))
    assert (expected[0] < 0).any()
    np.testing.assert_array_equal(x, expected[0])
    np.testing.assert_array_equal(y, expected[1])
