// product for metal:3.1, in blocks of 16 x 16 x 1 threads. Made by kdsl.
#include <metal_stdlib>
using namespace metal;
#pragma METAL fp contract(off)

struct arguments_of_kdsl_product {
    long a_size_1;
    long a_stride_0;
    long b_stride_0;
    long c_stride_0;
};

[[max_total_threads_per_threadgroup(256)]]
kernel void kdsl_product(device const char* a [[buffer(0)]],
                         device const char* b [[buffer(1)]],
                         device char* c [[buffer(2)]],
                         constant arguments_of_kdsl_product& arguments [[buffer(3)]],
                         uint3 local_id [[thread_position_in_threadgroup]],
                         uint3 block_id [[threadgroup_position_in_grid]]) {
    threadgroup float shared0[16][16];
    threadgroup float shared1[16][16];
    const long x = local_id.x;
    const long y = local_id.y;
    const long column = long(block_id.x) * 16 + local_id.x;
    const long row = long(block_id.y) * 16 + local_id.y;
    float total = 0.0f;
    for (long first = 0; first < arguments.a_size_1; first += 16) {
        shared0[y][x] = *(device const float*)(a + row * arguments.a_stride_0 + (first + x) * 4);
        shared1[y][x] = *(device const float*)(b + (first + y) * arguments.b_stride_0 + column * 4);
        threadgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup);
        for (long k = 0; k < 16; k++) {
            total = fma(shared0[y][k], shared1[k][x], total);
        }
        threadgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup);
    }
    *(device float*)(c + row * arguments.c_stride_0 + column * 4) = total;
}
