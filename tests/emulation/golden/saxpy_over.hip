// saxpy for hip:gfx942, in blocks of 256 x 1 x 1 threads.
// Made by kdsl; to be compiled with -std=c++17 -O3 -ffp-contract=off -fwrapv -fno-strict-aliasing
extern "C" __global__ __launch_bounds__(256) void kdsl_saxpy(float a, const float* x, float* y, long long kdsl_threads_0) {
#pragma clang fp contract(off)
    const long long i = (long long)blockIdx.x * 256 + threadIdx.x;
    if (i < kdsl_threads_0) {
        y[i] = fmaf(a, x[i], y[i]);
    }
}
