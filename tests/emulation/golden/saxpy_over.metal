// saxpy for metal:3.1, in blocks of 256 x 1 x 1 threads. Made by kdsl.
#include <metal_stdlib>
using namespace metal;
#pragma METAL fp contract(off)

struct arguments_of_kdsl_saxpy {
    float a;
    long kdsl_threads_0;
};

[[max_total_threads_per_threadgroup(256)]]
kernel void kdsl_saxpy(device const float* x [[buffer(0)]],
                       device float* y [[buffer(1)]],
                       constant arguments_of_kdsl_saxpy& arguments [[buffer(2)]],
                       uint3 local_id [[thread_position_in_threadgroup]],
                       uint3 block_id [[threadgroup_position_in_grid]]) {
    const long i = long(block_id.x) * 256 + local_id.x;
    if (i < arguments.kdsl_threads_0) {
        y[i] = fma(arguments.a, x[i], y[i]);
    }
}
