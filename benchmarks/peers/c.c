/* The kernels in C, as its users write them: OpenMP for the cores, `omp simd` for the vectors, streaming stores where a
   large array is only written. Built twice by c.py: as it stands, and with -ffast-math (suffix _fast below). */
#include <math.h>
#include <string.h>

#include "vectors.h"

void saxpy(int64_t n, float a, const float *restrict x, float *restrict y) {
#pragma omp parallel for simd schedule(static)
    for (int64_t i = 0; i < n; i++)
        y[i] = a * x[i] + y[i];
}

/* Stores past the caches, since what is written is not read before it would have been evicted; gcc has no pragma for it. One
   static piece for each thread; the first and last few elements of a piece bring the stores to 64 bytes. */
void triad(int64_t n, float a, const float *restrict x, const float *restrict y, float *restrict out) {
#pragma omp parallel
    {
        int64_t begin = 0, end = 0;
#pragma omp for schedule(static)
        for (int64_t part = 0; part < 64; part++) {
            begin = n * part / 64, end = n * (part + 1) / 64;
            int64_t i = begin;
            for (; i < end && ((uintptr_t)(out + i) & 63); i++)
                out[i] = x[i] + a * y[i];
            for (; i + LANES <= end; i += LANES)
                STREAM(out + i, FMA(SET(a), LOAD(y + i), LOAD(x + i)));
            for (; i < end; i++)
                out[i] = x[i] + a * y[i];
        }
        _mm_sfence();
    }
}

void heat(int64_t width, int64_t height, float k, const float *restrict a, float *restrict b) {
#pragma omp parallel for schedule(static)
    for (int64_t y = 1; y < height - 1; y++)
#pragma omp simd
        for (int64_t x = 1; x < width - 1; x++) {
            int64_t i = y * width + x;
            b[i] = a[i] + k * (a[i - width] + a[i + width] + a[i - 1] + a[i + 1] - 4.0f * a[i]);
        }
}

void stencil7(int64_t n, float k, const float *restrict a, float *restrict b) {
    const int64_t row = n, plane = n * n;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t z = 1; z < n - 1; z++)
        for (int64_t y = 1; y < n - 1; y++)
#pragma omp simd
            for (int64_t x = 1; x < n - 1; x++) {
                int64_t i = z * plane + y * row + x;
                b[i] = a[i] + k * (a[i - plane] + a[i + plane] + a[i - row] + a[i + row] + a[i - 1] + a[i + 1] - 6.0f * a[i]);
            }
}

void blur(int64_t height, int64_t width, const float *restrict image, float *restrict out) {
    const int64_t w = width + 2; /* of the image; height and width are those of out */
#pragma omp parallel for schedule(static)
    for (int64_t y = 0; y < height; y++) {
        const float *p = image + y * w, *q = p + w, *r = q + w;
#pragma omp simd
        for (int64_t x = 0; x < width; x++)
            out[y * width + x] = (p[x] + p[x + 2] + r[x] + r[x + 2] + 2.0f * (p[x + 1] + q[x] + q[x + 2] + r[x + 1]) +
                                  4.0f * q[x + 1]) * (1.0f / 16.0f);
    }
}

void conv7(int64_t height, int64_t width, const float *restrict image, const float *restrict weights, float *restrict out) {
    const int64_t w = width + 6;
#pragma omp parallel for schedule(static)
    for (int64_t y = 0; y < height; y++)
#pragma omp simd
        for (int64_t x = 0; x < width; x++) {
            float total = 0.0f;
#pragma GCC unroll 7
            for (int i = 0; i < 7; i++)
#pragma GCC unroll 7
                for (int j = 0; j < 7; j++)
                    total += weights[i * 7 + j] * image[(y + i) * w + x + j];
            out[y * width + x] = total;
        }
}

/* gcc vectorises no loop with an exit of its own, so lanes are written out: an inner loop of 16 that `omp simd` takes. */
void mandelbrot(int64_t width, int64_t height, float x0, float y0, float step, int32_t limit, int32_t *restrict out) {
#pragma omp parallel for schedule(dynamic, 4)
    for (int64_t py = 0; py < height; py++)
        for (int64_t first = 0; first < width; first += 16) {
            float cx[16], zx[16] = {0}, zy[16] = {0}, cy = y0 + step * (float)py;
            int32_t count[16] = {0};
#pragma omp simd
            for (int l = 0; l < 16; l++)
                cx[l] = x0 + step * (float)(first + l);
            for (int32_t k = 0; k < limit; k++) {
                int32_t alive = 0;
#pragma omp simd reduction(+ : alive)
                for (int l = 0; l < 16; l++) {
                    float xx = zx[l] * zx[l], yy = zy[l] * zy[l];
                    int32_t in = xx + yy <= 4.0f;
                    zy[l] = 2.0f * zx[l] * zy[l] + cy;
                    zx[l] = xx - yy + cx[l];
                    count[l] += in;
                    alive += in;
                }
                if (!alive)
                    break;
            }
            for (int64_t l = 0; l < 16 && first + l < width; l++)
                out[py * width + first + l] = count[l];
        }
}

/* Called from the -ffast-math build: the root is estimated and refined, and the sums are kept in vectors. */
void nbody(int64_t n, float soft2, const float *restrict x, const float *restrict y, const float *restrict z,
           const float *restrict m, float *restrict ax, float *restrict ay, float *restrict az) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++) {
        float xi = x[i], yi = y[i], zi = z[i], sx = 0.0f, sy = 0.0f, sz = 0.0f;
#pragma omp simd reduction(+ : sx, sy, sz)
        for (int64_t j = 0; j < n; j++) {
            float dx = x[j] - xi, dy = y[j] - yi, dz = z[j] - zi;
            float inv = 1.0f / sqrtf(dx * dx + dy * dy + dz * dz + soft2);
            float s = m[j] * inv * inv * inv;
            sx += s * dx;
            sy += s * dy;
            sz += s * dz;
        }
        ax[i] = sx;
        ay[i] = sy;
        az[i] = sz;
    }
}

/* In the -ffast-math build glibc's libmvec is called, a vector at a time. */
void math_functions(int64_t n, const float *restrict x, float *restrict out) {
#pragma omp parallel for simd schedule(static)
    for (int64_t i = 0; i < n; i++)
        out[i] = expf(sinf(x[i])) + log1pf(x[i] * x[i]);
}

/* Sums of pieces: 16 million floats added up in a vector of 8 lanes are off by 5e-4. */
#define PIECE 4096

float sum(int64_t n, const float *restrict x) {
    float total = 0.0f;
#pragma omp parallel for schedule(static) reduction(+ : total)
    for (int64_t first = 0; first < n; first += PIECE) {
        const int64_t end = first + PIECE < n ? first + PIECE : n;
        float part = 0.0f;
#pragma omp simd reduction(+ : part)
        for (int64_t i = first; i < end; i++)
            part += x[i];
        total += part;
    }
    return total;
}

float dot(int64_t n, const float *restrict x, const float *restrict y) {
    float total = 0.0f;
#pragma omp parallel for schedule(static) reduction(+ : total)
    for (int64_t first = 0; first < n; first += PIECE) {
        const int64_t end = first + PIECE < n ? first + PIECE : n;
        float part = 0.0f;
#pragma omp simd reduction(+ : part)
        for (int64_t i = first; i < end; i++)
            part += x[i] * y[i];
        total += part;
    }
    return total;
}

/* Four private histograms for each thread: neighbouring bytes are often equal, and would wait for each other's store. */
void histogram(int64_t n, const uint8_t *restrict values, int32_t *restrict counts) {
    memset(counts, 0, 256 * sizeof *counts);
#pragma omp parallel
    {
        int32_t mine[4][256] = {{0}};
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < n / 8; i++) {
            uint64_t eight;
            memcpy(&eight, values + 8 * i, 8);
            mine[0][eight & 255]++;
            mine[1][eight >> 8 & 255]++;
            mine[2][eight >> 16 & 255]++;
            mine[3][eight >> 24 & 255]++;
            mine[0][eight >> 32 & 255]++;
            mine[1][eight >> 40 & 255]++;
            mine[2][eight >> 48 & 255]++;
            mine[3][eight >> 56]++;
        }
#pragma omp critical
        for (int k = 0; k < 256; k++)
            counts[k] += mine[0][k] + mine[1][k] + mine[2][k] + mine[3][k];
    }
    for (int64_t i = n / 8 * 8; i < n; i++)
        counts[values[i]]++;
}

/* The loop itself, without and with threads; `launches` calls it again and again so that no call from Python is timed. */
__attribute__((noinline)) static void small(int64_t n, float a, const float *restrict x, const float *restrict y,
                                            float *restrict out) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i] + a * y[i];
}

__attribute__((noinline)) static void small_parallel(int64_t n, float a, const float *restrict x, const float *restrict y,
                                                     float *restrict out) {
#pragma omp parallel for simd schedule(static)
    for (int64_t i = 0; i < n; i++)
        out[i] = x[i] + a * y[i];
}

void launches(int64_t calls, int64_t n, float a, const float *x, const float *y, float *out) {
    for (int64_t k = 0; k < calls; k++) {
        small(n, a, x, y, out);
        __asm__ volatile("" ::: "memory");
    }
}

void launches_parallel(int64_t calls, int64_t n, float a, const float *x, const float *y, float *out) {
    for (int64_t k = 0; k < calls; k++) {
        small_parallel(n, a, x, y, out);
        __asm__ volatile("" ::: "memory");
    }
}
