/* What kernels use of HIP's device library, for AMD's compiler without ROCm: its built-in functions under HIP's names. */
#pragma once
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(threads) __attribute__((launch_bounds(threads)))
#define SIMT_DEVICE static inline __attribute__((device, always_inline))

struct simt_dim { unsigned x, y, z; };
#define threadIdx (simt_dim{__builtin_amdgcn_workitem_id_x(), __builtin_amdgcn_workitem_id_y(), __builtin_amdgcn_workitem_id_z()})
#define blockIdx (simt_dim{__builtin_amdgcn_workgroup_id_x(), __builtin_amdgcn_workgroup_id_y(), __builtin_amdgcn_workgroup_id_z()})
#define gridDim (simt_dim{__builtin_amdgcn_grid_size_x(), __builtin_amdgcn_grid_size_y(), __builtin_amdgcn_grid_size_z()})
#define warpSize ((int)__AMDGCN_WAVEFRONT_SIZE)

SIMT_DEVICE unsigned __lane_id() {
#if __AMDGCN_WAVEFRONT_SIZE == 64
    return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0u));
#else
    return __builtin_amdgcn_mbcnt_lo(~0u, 0u);
#endif
}
SIMT_DEVICE unsigned long long __ballot(int holds) {
#if __AMDGCN_WAVEFRONT_SIZE == 64
    return __builtin_amdgcn_ballot_w64(holds != 0);
#else
    return __builtin_amdgcn_ballot_w32(holds != 0);
#endif
}
SIMT_DEVICE void __syncthreads() {
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
SIMT_DEVICE void __threadfence() { __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent"); }
SIMT_DEVICE void __threadfence_block() { __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup"); }

SIMT_DEVICE int __shfl(int x, int lane) { return __builtin_amdgcn_ds_bpermute(lane << 2, x); }
SIMT_DEVICE unsigned __shfl(unsigned x, int lane) { return (unsigned)__shfl((int)x, lane); }
SIMT_DEVICE float __shfl(float x, int lane) { return __builtin_bit_cast(float, __shfl(__builtin_bit_cast(int, x), lane)); }
SIMT_DEVICE unsigned long long __shfl(unsigned long long x, int lane) {
    return (unsigned long long)__shfl((unsigned)(x >> 32), lane) << 32 | __shfl((unsigned)x, lane);
}
SIMT_DEVICE long long __shfl(long long x, int lane) { return (long long)__shfl((unsigned long long)x, lane); }
SIMT_DEVICE double __shfl(double x, int lane) {
    return __builtin_bit_cast(double, __shfl(__builtin_bit_cast(unsigned long long, x), lane));
}
template <class T> SIMT_DEVICE T __shfl_xor(T x, int mask) { return __shfl(x, (int)__lane_id() ^ mask); }
template <class T> SIMT_DEVICE T __shfl_up(T x, unsigned by) {
    int own = (int)__lane_id(), from = own - (int)by;
    return __shfl(x, from < 0 ? own : from);
}
template <class T> SIMT_DEVICE T __shfl_down(T x, unsigned by) {
    int own = (int)__lane_id();
    return __shfl(x, own % warpSize + (int)by < warpSize ? own + (int)by : own);
}
SIMT_DEVICE int __any(int holds) { return __ballot(holds) != 0; }
SIMT_DEVICE int __all(int holds) { return __ballot(!holds) == 0; }

SIMT_DEVICE int __popc(unsigned x) { return __builtin_popcount(x); }
SIMT_DEVICE int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
SIMT_DEVICE int __clz(int x) { return x ? __builtin_clz(x) : 32; }
SIMT_DEVICE int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }

#define fmaf __builtin_fmaf
#define fma __builtin_fma
#define sqrtf __builtin_sqrtf
#define sqrt __builtin_sqrt
#define floorf __builtin_floorf
#define floor __builtin_floor
#define ceilf __builtin_ceilf
#define ceil __builtin_ceil
#define truncf __builtin_truncf
#define trunc __builtin_trunc
#define rintf __builtin_rintf
#define rint __builtin_rint
#define fabsf __builtin_fabsf
#define fabs __builtin_fabs
