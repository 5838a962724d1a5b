// What the executor is tested on: kernels.ptx is `nvcc -O3 -arch=sm_75 -ptx kernels.cu` (CUDA 13.0), unchanged.

extern "C" __global__ void saxpy(int n, float a, const float* __restrict__ x, float* y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void transpose(const float* in, float* out, int width, int height) {
    __shared__ float tile[16][17];
    int x = blockIdx.x * 16 + threadIdx.x, y = blockIdx.y * 16 + threadIdx.y;
    if (x < width && y < height) tile[threadIdx.y][threadIdx.x] = in[y * width + x];
    __syncthreads();
    x = blockIdx.y * 16 + threadIdx.x;
    y = blockIdx.x * 16 + threadIdx.y;
    if (x < height && y < width) out[y * height + x] = tile[threadIdx.x][threadIdx.y];
}

extern "C" __global__ void block_sum(const double* x, double* sums, unsigned* votes) {
    extern __shared__ double part[];
    double v = x[blockIdx.x * blockDim.x + threadIdx.x];
    unsigned positive = __ballot_sync(0xffffffff, v > 0.0);
    for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
    if (threadIdx.x % 32 == 0) {
        part[threadIdx.x / 32] = v;
        atomicAdd(votes, __popc(positive));
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        double total = 0;
        for (int k = 0; k < blockDim.x / 32; ++k) total += part[k];
        sums[blockIdx.x] = total;
    }
}

extern "C" __global__ void histogram(const unsigned char* x, long long n, unsigned* bins) {
    __shared__ unsigned mine[256];
    for (int k = threadIdx.x; k < 256; k += blockDim.x) mine[k] = 0;
    __syncthreads();
    for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x)
        atomicAdd(&mine[x[i]], 1u);
    __syncthreads();
    for (int k = threadIdx.x; k < 256; k += blockDim.x)
        if (mine[k]) atomicAdd(&bins[k], mine[k]);
}

extern "C" __global__ void collatz(const unsigned* x, int* steps, unsigned n) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned long long v = x[i];
    int count = 0;
    while (v != 1) {
        v = v % 2 ? 3 * v + 1 : v / 2;
        if (++count == 1000) break;
    }
    steps[i] = count;
}

extern "C" __global__ void numbers(const int* a, const int* b, const float* x, int* quot, int* rest, int* bits, float* root,
                                   int* whole, short* narrow) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    quot[i] = a[i] / b[i];
    rest[i] = a[i] % b[i];
    bits[i] = __clz(a[i]) * 1000000 + __ffs(a[i]) * 1000 + __popc(a[i]);
    root[i] = sqrtf(fabsf(x[i])) + fminf(x[i], 2.0f) / 3.0f;
    whole[i] = (int)floorf(x[i]) + (int)rintf(x[i] * 4.0f);
    narrow[i] = (short)(a[i] * 7 >> 3);
}
