/* The kernels in OpenCL C: the same text for every platform. Blocks of the kernels that share memory are those of kdsl.py. */

kernel void saxpy(float a, global const float *restrict x, global float *restrict y) {
    size_t i = get_global_id(0);
    y[i] = a * x[i] + y[i];
}

kernel void triad(float a, global const float *restrict x, global const float *restrict y, global float *restrict out) {
    size_t i = get_global_id(0);
    out[i] = x[i] + a * y[i];
}

kernel void heat(int width, float k, global const float *restrict a, global float *restrict b) {
    int x = get_global_id(0) + 1, y = get_global_id(1) + 1;
    int i = y * width + x;
    b[i] = a[i] + k * (a[i - width] + a[i + width] + a[i - 1] + a[i + 1] - 4.0f * a[i]);
}

kernel void stencil7(int n, float k, global const float *restrict a, global float *restrict b) {
    int x = get_global_id(0) + 1, y = get_global_id(1) + 1, z = get_global_id(2) + 1;
    int plane = n * n, i = z * plane + y * n + x;
    b[i] = a[i] + k * (a[i - plane] + a[i + plane] + a[i - n] + a[i + n] + a[i - 1] + a[i + 1] - 6.0f * a[i]);
}

kernel void blur(int width, global const float *restrict image, global float *restrict out) {
    int x = get_global_id(0), y = get_global_id(1), w = width + 2;
    global const float *p = image + y * w + x, *q = p + w, *r = q + w;
    out[y * width + x] = (p[0] + p[2] + r[0] + r[2] + 2.0f * (p[1] + q[0] + q[2] + r[1]) + 4.0f * q[1]) * (1.0f / 16.0f);
}

kernel void conv7(int width, global const float *restrict image, constant float *weights, global float *restrict out) {
    int x = get_global_id(0), y = get_global_id(1), w = width + 6;
    float total = 0.0f;
#pragma unroll
    for (int i = 0; i < 7; i++)
#pragma unroll
        for (int j = 0; j < 7; j++)
            total += weights[i * 7 + j] * image[(y + i) * w + x + j];
    out[y * width + x] = total;
}

kernel void mandelbrot(float x0, float y0, float step, int limit, global int *restrict out) {
    int px = get_global_id(0), py = get_global_id(1);
    float cx = x0 + step * (float)px, cy = y0 + step * (float)py, zx = 0.0f, zy = 0.0f;
    int k = 0;
    while (k < limit && zx * zx + zy * zy <= 4.0f) {
        float t = zx * zx - zy * zy + cx;
        zy = 2.0f * zx * zy + cy;
        zx = t;
        k++;
    }
    out[py * get_global_size(0) + px] = k;
}

kernel void nbody(int n, float soft2, global const float *restrict x, global const float *restrict y,
                  global const float *restrict z, global const float *restrict m, global float *restrict ax,
                  global float *restrict ay, global float *restrict az) {
    size_t i = get_global_id(0);
    float xi = x[i], yi = y[i], zi = z[i], sx = 0.0f, sy = 0.0f, sz = 0.0f;
    for (int j = 0; j < n; j++) {
        float dx = x[j] - xi, dy = y[j] - yi, dz = z[j] - zi;
        float inv = rsqrt(dx * dx + dy * dy + dz * dz + soft2);
        float s = m[j] * inv * inv * inv;
        sx += s * dx;
        sy += s * dy;
        sz += s * dz;
    }
    ax[i] = sx;
    ay[i] = sy;
    az[i] = sz;
}

kernel void math_default(global const float *restrict x, global float *restrict out) {
    size_t i = get_global_id(0);
    out[i] = exp(sin(x[i])) + log1p(x[i] * x[i]);
}

kernel void math_fast(global const float *restrict x, global float *restrict out) {
    size_t i = get_global_id(0);
    out[i] = native_exp(native_sin(x[i])) + native_log(1.0f + x[i] * x[i]);
}

/* One sum for each block, from a walk with the grid's stride and a tree in local memory; the host adds up the blocks'. */
kernel void sum(int n, global const float *restrict x, global float *restrict sums, local float *partial) {
    int t = get_local_id(0);
    float total = 0.0f;
    for (int i = get_global_id(0); i < n; i += get_global_size(0))
        total += x[i];
    partial[t] = total;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
        if (t < width)
            partial[t] += partial[t + width];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (t == 0)
        sums[get_group_id(0)] = partial[0];
}

kernel void dot_product(int n, global const float *restrict x, global const float *restrict y, global float *restrict sums,
                        local float *partial) {
    int t = get_local_id(0);
    float total = 0.0f;
    for (int i = get_global_id(0); i < n; i += get_global_size(0))
        total += x[i] * y[i];
    partial[t] = total;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int width = get_local_size(0) / 2; width > 0; width /= 2) {
        if (t < width)
            partial[t] += partial[t + width];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (t == 0)
        sums[get_group_id(0)] = partial[0];
}

kernel void histogram(int n, global const uchar *restrict values, global int *restrict counts) {
    local int mine[256];
    int t = get_local_id(0);
    mine[t] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = get_global_id(0); i < n; i += get_global_size(0))
        atomic_inc(&mine[values[i]]);
    barrier(CLK_LOCAL_MEM_FENCE);
    atomic_add(&counts[t], mine[t]);
}

#define TILE 16

kernel __attribute__((reqd_work_group_size(TILE, TILE, 1)))
void matmul(int n, global const float *restrict a, global const float *restrict b, global float *restrict c) {
    local float left[TILE][TILE], right[TILE][TILE];
    int tx = get_local_id(0), ty = get_local_id(1), x = get_global_id(0), y = get_global_id(1);
    float result = 0.0f;
    for (int k = 0; k < n; k += TILE) {
        left[ty][tx] = a[y * n + k + tx];
        right[ty][tx] = b[(k + ty) * n + x];
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int j = 0; j < TILE; j++)
            result += left[ty][j] * right[j][tx];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    c[y * n + x] = result;
}

#define SORT_BLOCK 512

kernel __attribute__((reqd_work_group_size(SORT_BLOCK / 2, 1, 1)))
void sort(global const float *restrict x, global float *restrict out) {
    local float keys[SORT_BLOCK];
    int t = get_local_id(0), first = get_group_id(0) * SORT_BLOCK;
    keys[t] = x[first + t];
    keys[t + SORT_BLOCK / 2] = x[first + t + SORT_BLOCK / 2];
    for (int run = 2; run <= SORT_BLOCK; run *= 2)
        for (int apart = run / 2; apart > 0; apart /= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            int low = 2 * t - (t & (apart - 1));
            int ascending = (low & run) == 0;
            float p = keys[low], q = keys[low + apart];
            if ((p > q) == ascending) {
                keys[low] = q;
                keys[low + apart] = p;
            }
        }
    barrier(CLK_LOCAL_MEM_FENCE);
    out[first + t] = keys[t];
    out[first + t + SORT_BLOCK / 2] = keys[t + SORT_BLOCK / 2];
}

#define SCAN_BLOCK 256

kernel __attribute__((reqd_work_group_size(SCAN_BLOCK, 1, 1)))
void scan(global const float *restrict x, global float *restrict out) {
    local float sums[SCAN_BLOCK];
    int t = get_local_id(0), i = get_global_id(0);
    sums[t] = x[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int step = 1; step < SCAN_BLOCK; step *= 2) {
        float left = 0.0f;
        if (t >= step)
            left = sums[t - step];
        barrier(CLK_LOCAL_MEM_FENCE);
        sums[t] += left;
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    out[i] = sums[t];
}
