// product for hip:gfx942, in blocks of 16 x 16 x 1 threads.
// Made by kdsl; to be compiled with -std=c++17 -O3 -ffp-contract=off -fwrapv -fno-strict-aliasing
extern "C" __global__ __launch_bounds__(256) void kdsl_product(const char* a, long long a_size_1, long long a_stride_0, const char* b, long long b_stride_0, char* c, long long c_stride_0) {
#pragma clang fp contract(off)
    __shared__ float shared0[16][16];
    __shared__ float shared1[16][16];
    const long long x = threadIdx.x;
    const long long y = threadIdx.y;
    const long long column = (long long)blockIdx.x * 16 + threadIdx.x;
    const long long row = (long long)blockIdx.y * 16 + threadIdx.y;
    float total = 0.0f;
    for (long long first = 0; first < a_size_1; first += 16) {
        shared0[y][x] = *(const float*)(a + row * a_stride_0 + (first + x) * 4);
        shared1[y][x] = *(const float*)(b + (first + y) * b_stride_0 + column * 4);
        __syncthreads();
        for (long long k = 0; k < 16; k++) {
            total = fmaf(shared0[y][k], shared1[k][x], total);
        }
        __syncthreads();
    }
    *(float*)(c + row * c_stride_0 + column * 4) = total;
}
