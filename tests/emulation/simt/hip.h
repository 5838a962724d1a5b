/* The device side of HIP over the executor: what the HIP programming manual says of each name, as far as kernels here use it.
   Compiled by g++ in front of a kernel's unchanged text. */
#pragma once
#include "simt.h"

/* Declared here, because <math.h> in C++ takes longer to read than a kernel to compile. */
extern "C" {
float fmaf(float, float, float), sqrtf(float), floorf(float), ceilf(float), truncf(float), rintf(float), fabsf(float);
double fma(double, double, double), sqrt(double), floor(double), ceil(double), trunc(double), rint(double), fabs(double);
}

#define SIMT_PLAIN __attribute__((no_sanitize_thread)) static inline
#define SIMT_LINE long line = __builtin_LINE()

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __constant__

struct simt_dim { unsigned x, y, z; };
__attribute__((no_sanitize_thread)) static inline simt_dim simt_dim_of(int what) {
    return {simt_place(what, 0), simt_place(what, 1), simt_place(what, 2)};
}
#define threadIdx (simt_dim_of(0))
#define blockIdx (simt_dim_of(1))
#define blockDim (simt_dim_of(2))
#define gridDim (simt_dim_of(3))
#define warpSize ((int)simt_lanes())
SIMT_PLAIN unsigned __lane_id() { return simt_lane(); }

SIMT_PLAIN void __syncthreads(SIMT_LINE) { simt_barrier(line); }
SIMT_PLAIN void __threadfence() {}
SIMT_PLAIN void __threadfence_block() {}
SIMT_PLAIN simt_u64 __ballot(int holds, SIMT_LINE) { return simt_ballot(holds, line); }
SIMT_PLAIN int __any(int holds, SIMT_LINE) { return simt_ballot(holds, line) != 0; }
SIMT_PLAIN int __all(int holds, SIMT_LINE) { return simt_ballot(!holds, line) == 0; }

/* A lane outside of the width is the own one; one that is not there gives anything. */
template <class T> SIMT_PLAIN T simt_from(T x, int lane, long line) {
    simt_u64 bits = 0;
    __builtin_memcpy(&bits, &x, sizeof x);
    bits = simt_shuffle(bits, lane, line);
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}
#define SIMT_SHUFFLES(T)                                                                                        \
    SIMT_PLAIN T __shfl(T x, int lane, int width = 0, SIMT_LINE) {                                               \
        int w = width ? width : warpSize, own = simt_lane();                                                     \
        return simt_from(x, own / w * w + (lane & (w - 1)), line);                                               \
    }                                                                                                           \
    SIMT_PLAIN T __shfl_xor(T x, int mask, int width = 0, SIMT_LINE) {                                           \
        int w = width ? width : warpSize, own = simt_lane(), from = own ^ mask;                                  \
        return simt_from(x, from / w == own / w ? from : own, line);                                             \
    }                                                                                                           \
    SIMT_PLAIN T __shfl_up(T x, unsigned by, int width = 0, SIMT_LINE) {                                         \
        int w = width ? width : warpSize, own = simt_lane();                                                     \
        return simt_from(x, own % w >= (int)by ? own - (int)by : own, line);                                     \
    }                                                                                                           \
    SIMT_PLAIN T __shfl_down(T x, unsigned by, int width = 0, SIMT_LINE) {                                       \
        int w = width ? width : warpSize, own = simt_lane();                                                     \
        return simt_from(x, own % w + (int)by < w ? own + (int)by : own, line);                                  \
    }
SIMT_SHUFFLES(int) SIMT_SHUFFLES(unsigned) SIMT_SHUFFLES(long long) SIMT_SHUFFLES(unsigned long long) SIMT_SHUFFLES(float)
SIMT_SHUFFLES(double)

SIMT_PLAIN int __popc(unsigned x) { return __builtin_popcount(x); }
SIMT_PLAIN int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
SIMT_PLAIN int __clz(int x) { return x ? __builtin_clz(x) : 32; }
SIMT_PLAIN int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
SIMT_PLAIN int __ffs(int x) { return __builtin_ffs(x); }
SIMT_PLAIN int __ffsll(long long x) { return __builtin_ffsll(x); }

/* Atomics: nobody else runs, so they are plain operations that the checker is told about. */
#define __HIP_MEMORY_SCOPE_WORKGROUP 3
#define __HIP_MEMORY_SCOPE_AGENT 4
template <class T> struct simt_same { typedef T type; };
#define SIMT_ATOMIC(name, is)                                                                       \
    template <class T> SIMT_PLAIN T simt_atomic_##name(T *p, typename simt_same<T>::type x) {        \
        simt_access(p, sizeof(T), 1, 1, __builtin_return_address(0));                               \
        T old = *p;                                                                                 \
        *p = is;                                                                                    \
        return old;                                                                                 \
    }
SIMT_ATOMIC(add, old + x) SIMT_ATOMIC(sub, old - x) SIMT_ATOMIC(min, x < old ? x : old) SIMT_ATOMIC(max, x > old ? x : old)
SIMT_ATOMIC(and, old &x) SIMT_ATOMIC(or, old | x) SIMT_ATOMIC(xor, old ^ x) SIMT_ATOMIC(exchange, x)
template <class T> SIMT_PLAIN T simt_atomic_load(T const *p) {
    simt_access((void *)p, sizeof(T), 0, 1, __builtin_return_address(0));
    return *p;
}
template <class T> SIMT_PLAIN void simt_atomic_store(T *p, typename simt_same<T>::type x) {
    simt_access(p, sizeof(T), 1, 1, __builtin_return_address(0));
    *p = x;
}
template <class T> SIMT_PLAIN bool simt_atomic_cas(T *p, T *expected, typename simt_same<T>::type x) {
    simt_access(p, sizeof(T), 1, 1, __builtin_return_address(0));
    T old = *p;
    bool same = __builtin_memcmp(&old, expected, sizeof old) == 0;
    if (same) *p = x;
    *expected = old;
    return same;
}
#define __hip_atomic_load(p, memory_order, scope) simt_atomic_load(p)
#define __hip_atomic_store(p, x, memory_order, scope) simt_atomic_store(p, x)
#define __hip_atomic_fetch_add(p, x, memory_order, scope) simt_atomic_add(p, x)
#define __hip_atomic_fetch_sub(p, x, memory_order, scope) simt_atomic_sub(p, x)
#define __hip_atomic_fetch_min(p, x, memory_order, scope) simt_atomic_min(p, x)
#define __hip_atomic_fetch_max(p, x, memory_order, scope) simt_atomic_max(p, x)
#define __hip_atomic_fetch_and(p, x, memory_order, scope) simt_atomic_and(p, x)
#define __hip_atomic_fetch_or(p, x, memory_order, scope) simt_atomic_or(p, x)
#define __hip_atomic_fetch_xor(p, x, memory_order, scope) simt_atomic_xor(p, x)
#define __hip_atomic_exchange(p, x, memory_order, scope) simt_atomic_exchange(p, x)
#define __hip_atomic_compare_exchange_strong(p, expected, x, success, failure, scope) simt_atomic_cas(p, expected, x)
#define atomicAdd simt_atomic_add
#define atomicSub simt_atomic_sub
#define atomicMin simt_atomic_min
#define atomicMax simt_atomic_max
#define atomicAnd simt_atomic_and
#define atomicOr simt_atomic_or
#define atomicXor simt_atomic_xor
#define atomicExch simt_atomic_exchange
template <class T> SIMT_PLAIN T atomicCAS(T *p, typename simt_same<T>::type expected, typename simt_same<T>::type x) {
    simt_atomic_cas(p, &expected, x);
    return expected;
}
