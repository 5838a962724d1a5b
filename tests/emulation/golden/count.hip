// count for hip:gfx942, in blocks of 64 x 1 x 1 threads.
// Made by kdsl; to be compiled with -std=c++17 -O3 -ffp-contract=off -fwrapv -fno-strict-aliasing
extern "C" __global__ __launch_bounds__(64) void kdsl_count(const int* x, int* bins, int steps) {
#pragma clang fp contract(off)
    const long long i = (long long)blockIdx.x * 64 + threadIdx.x;
    int value = x[i];
    int n = 0;
    while (value != 1 && n < steps) {
        if ((value & 1) == 0) {
            value >>= 1;
        } else {
            value = value * 3 + 1;
        }
        n += 1;
    }
    __hip_atomic_fetch_add(&bins[n], 1, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
