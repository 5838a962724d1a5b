"""The executor and its HIP header, on kernels that a person wrote after HIP's own manual."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from toolbox import require_tool

from emulation.executor import EmulationError, Memory
from emulation.hip import HipModule, compile_hip, signature_of

KERNELS = r"""
#include <hip/hip_runtime.h>

extern "C" __global__ void block_sum(const float* __restrict__ x, float* out, int n) {
    __shared__ float tile[256];
    unsigned t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
    tile[t] = i < (unsigned)n ? x[i] : 0.f;
    __syncthreads();
    for (int s = 128; s > 0; s >>= 1) {
        if (t < (unsigned)s) tile[t] += tile[t + s];
        __syncthreads();
    }
    if (t == 0) atomicAdd(out, tile[0]);
}

extern "C" __global__ void lanes(float* sums, unsigned long long* votes, int* from_below) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float v = i;
    for (int o = warpSize / 2; o > 0; o >>= 1)
        v += __shfl_xor(v, o);
    sums[i] = v;
    votes[i] = __ballot(threadIdx.x % 3 == 0);
    from_below[i] = __shfl_up(i, 1);
}

extern "C" __global__ void in_a_branch(unsigned long long* votes) {
    votes[threadIdx.x] = 0;
    if (threadIdx.x % 2 == 1) {
        votes[threadIdx.x] = __ballot(1);
    }
}

extern "C" __global__ void reverse(double* x) {
    extern __shared__ double held[];
    held[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = held[blockDim.x - 1 - threadIdx.x];
}

extern "C" __global__ void halves(const _Float16* x, _Float16* y) {
    int i = threadIdx.x;
    y[i] = x[i] * x[i] + (_Float16)1.0f;
}

extern "C" __global__ void atomics(unsigned* cells, unsigned long long* wide, int* least) {
    atomicAdd(&cells[threadIdx.x % 4], 1u);
    atomicMax(wide, (unsigned long long)threadIdx.x << 33);
    __hip_atomic_fetch_min(least, -(int)threadIdx.x, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
    unsigned old = 0, seen;
    do {
        seen = old;
        old = atomicCAS(&cells[8], seen, seen + 2);
    } while (old != seen);
}

extern "C" __global__ void axes(int* out) {
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    out[y * gridDim.x * blockDim.x + x] = 100 * y + x;
}

extern "C" __global__ void race(float* x) {
    __shared__ float t[64];
    t[threadIdx.x] = threadIdx.x;
    x[threadIdx.x] = t[63 - threadIdx.x];
}

extern "C" __global__ void written_after_read(float* x) {
    __shared__ float t[64];
    t[threadIdx.x] = 1;
    __syncthreads();
    float s = t[(threadIdx.x + 40) % 64];
    t[threadIdx.x] = s + 1;
    __syncthreads();
    x[threadIdx.x] = t[threadIdx.x];
}

extern "C" __global__ void blocks_meet(float* x) { x[0] = blockIdx.x; }
extern "C" __global__ void atomic_and_plain(int* x) {
    if (threadIdx.x < 40) atomicAdd(&x[0], 1);
    else x[0] = 3;
}
extern "C" __global__ void overrun(float* x) { x[threadIdx.x + 1] = 1; }
extern "C" __global__ void shared_overrun(float* x) {
    __shared__ float t[64];
    t[threadIdx.x + 1] = 1;
    x[threadIdx.x] = 0;
}
extern "C" __global__ void writes_what_is_read(const float* x) { ((float*)x)[threadIdx.x] = 0; }
extern "C" __global__ void some_at_the_barrier(float* x) {
    if (threadIdx.x < 10) __syncthreads();
    x[threadIdx.x] = 1;
}
extern "C" __global__ void two_barriers(float* x) {
    if (threadIdx.x < 10) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    x[threadIdx.x] = 1;
}
extern "C" __global__ void never_written(float* x) {
    __shared__ float t[64];
    if (threadIdx.x) t[threadIdx.x] = 1;
    __syncthreads();
    x[threadIdx.x] = t[threadIdx.x];
}
"""


@cache
def module(checked: bool) -> HipModule:
    require_tool("g++")
    # One text for each kernel, so that each has shared memory of its own.
    parts = re.split(r"(?m)^(?=extern \"C\" __global__)", KERNELS)
    return compile_hip([p for p in parts if "__global__" in p], checked=checked)


def launch(name: str, grid, block, *args, checked: bool = True, lanes: int = 64, order: int = 0, dynamic: int = 0) -> None:
    m = module(checked)
    held = [np.array([a.ctypes.data], np.uint64) if a.ndim else a.reshape(1) for a in args]
    memory = [Memory(a.ctypes.data, a.nbytes, p.is_constant) for a, p in zip(args, m.kernels[name], strict=True) if a.ndim]
    memory += [Memory(h.ctypes.data, h.nbytes, read_only=True) for h in held]
    grid, block = [*grid, 1, 1][:3], [*block, 1, 1][:3]
    m.launch(name, grid, block, [h.ctypes.data for h in held], lanes=lanes, memory=memory, order=order, dynamic=dynamic)


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("checked", [False, True])
def test_shared_memory_and_barriers(checked, order):
    x, out = np.arange(5000, dtype=np.float32), np.zeros(1, np.float32)
    launch("block_sum", (20,), (256,), x, out, np.array(5000, np.int32), checked=checked, order=order)
    assert out[0] == x.sum()


@pytest.mark.parametrize("lanes", [32, 64])
@pytest.mark.parametrize("order", [0, 1, 3])
def test_lanes_of_a_subgroup(lanes, order):
    n = 256
    sums, votes, below = np.zeros(n, np.float32), np.zeros(n, np.uint64), np.zeros(n, np.int32)
    launch("lanes", (2,), (128,), sums, votes, below, lanes=lanes, order=order)
    i = np.arange(n)
    assert np.array_equal(sums, i.reshape(-1, lanes).sum(1).repeat(lanes).astype(np.float32))
    assert np.array_equal(below, np.where(i % lanes == 0, i, i - 1))
    for first in range(0, n, lanes):
        wanted = sum(1 << k for k in range(lanes) if (first + k) % 128 % 3 == 0)
        assert (votes[first : first + lanes] == wanted).all()


def test_active_lanes_are_those_that_came():
    votes = np.zeros(64, np.uint64)
    launch("in_a_branch", (1,), (64,), votes)
    assert (votes[1::2] == 0xAAAAAAAAAAAAAAAA).all() and not votes[::2].any()


def test_dynamic_shared_memory():
    x = np.arange(100.0)
    launch("reverse", (1,), (100,), x, dynamic=800)
    assert np.array_equal(x, np.arange(100.0)[::-1])
    with pytest.raises(EmulationError, match="out of bounds"):
        launch("reverse", (1,), (100,), np.arange(100.0), dynamic=792)


def test_halves_round_after_every_operation():
    x = np.linspace(0, 3, 64).astype(np.float16)
    y = np.zeros_like(x)
    launch("halves", (1,), (64,), x, y)
    assert np.array_equal(y, x * x + np.float16(1))


def test_atomics():
    cells, wide, least = np.zeros(9, np.uint32), np.zeros(1, np.uint64), np.zeros(1, np.int32)
    launch("atomics", (3,), (64,), cells, wide, least, order=2)
    assert cells.tolist() == [48] * 4 + [0] * 4 + [384]
    assert wide[0] == 63 << 33 and least[0] == -63


def test_three_axes():
    out = np.zeros((6, 12), np.int32)
    launch("axes", (3, 2), (4, 3), out)
    assert np.array_equal(out, 100 * np.arange(6)[:, None] + np.arange(12))


@pytest.mark.parametrize(
    ("name", "grid", "says"),
    [
        ("race", 1, "race on shared memory"),
        ("written_after_read", 1, "race on shared memory"),
        ("blocks_meet", 3, "race on global memory with a write of thread 0 of block 0"),
        ("overrun", 1, "out of bounds: write of 4 bytes by thread 63"),
        ("shared_overrun", 1, "out of bounds"),
        ("writes_what_is_read", 1, "write to a read-only array"),
        ("some_at_the_barrier", 1, "barrier divergence: 54 threads ended, 10 wait"),
        ("two_barriers", 1, "barrier divergence: thread 0 waits at line"),
    ],
)
def test_mistakes_are_found(name, grid, says):
    with pytest.raises(EmulationError, match=says):
        launch(name, (grid,), (64,), np.zeros(64, np.float32))


def test_an_atomic_and_a_plain_access_meet():
    with pytest.raises(EmulationError, match="race on global memory"):
        launch("atomic_and_plain", (1,), (64,), np.zeros(64, np.int32), lanes=32)


def test_a_report_names_the_line():
    with pytest.raises(EmulationError, match=r"at race:\d+"):
        launch("race", (1,), (64,), np.zeros(64, np.float32))


def test_what_nobody_wrote_is_no_number():
    x = np.zeros(64, np.float32)
    launch("never_written", (1,), (64,), x)
    assert np.isnan(x[0]) and (x[1:] == 1).all()


def test_signatures():
    found = signature_of('extern "C" __global__ __launch_bounds__(256) void k(const float* x, unsigned long long n) {')
    assert [(p.type, p.name, p.is_pointer, p.is_constant) for p in found["k"]] == [
        ("const float*", "x", True, True),
        ("unsigned long long", "n", False, False),
    ]
