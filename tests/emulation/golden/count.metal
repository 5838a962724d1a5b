// count for metal:3.1, in blocks of 64 x 1 x 1 threads. Made by kdsl.
#include <metal_stdlib>
using namespace metal;
#pragma METAL fp contract(off)

struct arguments_of_kdsl_count {
    int steps;
};

[[max_total_threads_per_threadgroup(64)]]
kernel void kdsl_count(device const int* x [[buffer(0)]],
                       device int* bins [[buffer(1)]],
                       constant arguments_of_kdsl_count& arguments [[buffer(2)]],
                       uint3 local_id [[thread_position_in_threadgroup]],
                       uint3 block_id [[threadgroup_position_in_grid]]) {
    const long i = long(block_id.x) * 64 + local_id.x;
    int value = x[i];
    int n = 0;
    while (value != 1 && n < arguments.steps) {
        if ((value & 1) == 0) {
            value >>= 1;
        } else {
            value = int(uint(value) * 3u + 1u);
        }
        n = int(uint(n) + 1u);
    }
    atomic_fetch_add_explicit((device atomic_int*)&bins[n], 1, memory_order_relaxed);
}
