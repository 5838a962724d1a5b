"""The kernels of the GPU benchmarks, in kdsl and in CUDA C++: the same work, written as a person would in each."""

from __future__ import annotations

import kdsl
from kdsl import Array, f32, i32, vec

__all__ = ["BLOCK", "CUDA_SOURCE", "SOFTENING", "accelerate", "copy", "copy_rows", "mandelbrot", "saxpy", "three"]

float3 = vec(f32, 3)
BLOCK = 128
SOFTENING = 0.01


@kdsl.kernel
def saxpy(a: f32, x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = a * x[i] + y[i]


@kdsl.kernel
def copy(x: Array[f32, 1], y: Array[f32, 1]):
    i = kdsl.global_id(0)
    y[i] = x[i]


@kdsl.kernel
def copy_rows(x: Array[f32, 2], y: Array[f32, 2]):
    """Between two arrays whose rows are longer than what is copied of them."""
    i, j = kdsl.global_id(0), kdsl.global_id(1)
    y[j, i] = x[j, i]


@kdsl.kernel
def three(x: Array[f32, 1], y: Array[f32, 1], z: Array[f32, 1]):
    i = kdsl.global_id(0)
    z[i] = x[i] + y[i]


@kdsl.func
def pull(here, there, mass):
    d = there - here
    inv = kdsl.rsqrt(d.x * d.x + d.y * d.y + d.z * d.z + SOFTENING)
    return d * (mass * inv * inv * inv)


@kdsl.kernel
def accelerate(bodies: Array[f32, 2], acceleration: Array[f32, 2]):
    """bodies: (n, 4), x y z mass, n a multiple of BLOCK. acceleration: (n, 3)."""
    cached = kdsl.shared((4, BLOCK), f32)
    i, t = kdsl.global_id(0), kdsl.thread_id(0)
    here = float3(bodies[i, 0], bodies[i, 1], bodies[i, 2])
    total = float3(0.0, 0.0, 0.0)
    for start in range(0, bodies.shape[0], BLOCK):
        for c in kdsl.static_range(4):
            cached[c, t] = bodies[start + t, c]
        kdsl.barrier()
        for k in range(BLOCK):
            total += pull(here, float3(cached[0, k], cached[1, k], cached[2, k]), cached[3, k])
        kdsl.barrier()
    acceleration[i, 0] = total.x
    acceleration[i, 1] = total.y
    acceleration[i, 2] = total.z


@kdsl.kernel
def mandelbrot(x0: f32, y0: f32, step: f32, limit: i32, counts: Array[i32, 2]):
    px, py = kdsl.global_id(0), kdsl.global_id(1)
    cx, cy = x0 + step * f32(px), y0 + step * f32(py)
    zx, zy = f32(0), f32(0)
    k = i32(0)
    while k < limit and zx * zx + zy * zy <= 4.0:
        zx, zy = zx * zx - zy * zy + cx, 2.0 * zx * zy + cy
        k += 1
    counts[py, px] = k


CUDA_SOURCE = r"""
extern "C" __global__ void __launch_bounds__(128) accelerate(const float4* __restrict__ bodies, float* __restrict__ out, int n)
{
    __shared__ float4 cached[128];
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float4 here = bodies[i];
    float ax = 0.0f, ay = 0.0f, az = 0.0f;
    for (int start = 0; start < n; start += 128) {
        cached[threadIdx.x] = bodies[start + threadIdx.x];
        __syncthreads();
        for (int k = 0; k < 128; ++k) {
            float4 there = cached[k];
            float dx = there.x - here.x, dy = there.y - here.y, dz = there.z - here.z;
            float inv = rsqrtf(dx * dx + dy * dy + dz * dz + 0.01f);
            float s = there.w * inv * inv * inv;
            ax += dx * s; ay += dy * s; az += dz * s;
        }
        __syncthreads();
    }
    out[3 * i] = ax; out[3 * i + 1] = ay; out[3 * i + 2] = az;
}

extern "C" __global__ void mandelbrot(float x0, float y0, float step, int limit, int* __restrict__ counts, int width)
{
    int px = blockIdx.x * blockDim.x + threadIdx.x, py = blockIdx.y * blockDim.y + threadIdx.y;
    float cx = x0 + step * px, cy = y0 + step * py, zx = 0.0f, zy = 0.0f;
    int k = 0;
    while (k < limit && zx * zx + zy * zy <= 4.0f) {
        float x = zx * zx - zy * zy + cx;
        zy = 2.0f * zx * zy + cy;
        zx = x;
        ++k;
    }
    counts[(long long)py * width + px] = k;
}

extern "C" __global__ void saxpy(float a, const float* __restrict__ x, float* __restrict__ y, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void three(const float* x, const float* y, float* z, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) z[i] = x[i] + y[i];
}
"""
