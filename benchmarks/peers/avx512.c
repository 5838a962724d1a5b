/* The kernels by hand, for AVX-512 and nothing else: what somebody writes who has the time. OpenMP shares out the rows. */
#include <immintrin.h>
#include <stdint.h>

#define V __m512
#define SET _mm512_set1_ps
#define LOAD _mm512_loadu_ps

/* Two vectors of pixels at a time hide each other's latencies; a pixel that has escaped leaves the mask. */
void mandelbrot(int64_t width, int64_t height, float x0, float y0, float step, int32_t limit, int32_t *restrict out) {
    const V four = SET(4.0f), two = SET(2.0f);
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), one = _mm512_set1_epi32(1);
#pragma omp parallel for schedule(dynamic, 4)
    for (int64_t py = 0; py < height; py++) {
        const V cy = SET(y0 + step * (float)py);
        for (int64_t px = 0; px + 64 <= width; px += 64) {
            V cx[4], zx[4], zy[4];
            __m512i count[4];
            for (int u = 0; u < 4; u++) {
                V at = _mm512_cvtepi32_ps(_mm512_add_epi32(lanes, _mm512_set1_epi32((int32_t)px + 16 * u)));
                cx[u] = _mm512_fmadd_ps(SET(step), at, SET(x0));
                zx[u] = zy[u] = _mm512_setzero_ps();
                count[u] = _mm512_setzero_si512();
            }
            for (int32_t k = 0; k < limit; k++) {
                __mmask16 any = 0;
#pragma GCC unroll 4
                for (int u = 0; u < 4; u++) {
                    V xx = _mm512_mul_ps(zx[u], zx[u]), norm = _mm512_fmadd_ps(zy[u], zy[u], xx);
                    __mmask16 in = _mm512_cmp_ps_mask(norm, four, _CMP_LE_OQ);
                    V x = _mm512_add_ps(_mm512_fnmadd_ps(zy[u], zy[u], xx), cx[u]);
                    zy[u] = _mm512_fmadd_ps(_mm512_mul_ps(two, zx[u]), zy[u], cy);
                    zx[u] = x;
                    count[u] = _mm512_mask_add_epi32(count[u], in, count[u], one);
                    any |= in;
                }
                if (!any)
                    break;
            }
            for (int u = 0; u < 4; u++)
                _mm512_storeu_si512(out + py * width + px + 16 * u, count[u]);
        }
    }
}

/* Four vectors of bodies against one other body at a time: no reduction at the end, and each load serves 64 pairs. The root
   is the processor's estimate and one step of Newton's. n is a multiple of 64. */
void nbody(int64_t n, float soft2, const float *restrict x, const float *restrict y, const float *restrict z,
           const float *restrict m, float *restrict ax, float *restrict ay, float *restrict az) {
    const V half = SET(0.5f), three_halves = SET(1.5f);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i += 64) {
        V xi[4], yi[4], zi[4], sx[4], sy[4], sz[4];
        for (int u = 0; u < 4; u++) {
            xi[u] = LOAD(x + i + 16 * u), yi[u] = LOAD(y + i + 16 * u), zi[u] = LOAD(z + i + 16 * u);
            sx[u] = sy[u] = sz[u] = _mm512_setzero_ps();
        }
        for (int64_t j = 0; j < n; j++) {
            const V xj = SET(x[j]), yj = SET(y[j]), zj = SET(z[j]), mj = SET(m[j]);
#pragma GCC unroll 4
            for (int u = 0; u < 4; u++) {
                V dx = _mm512_sub_ps(xj, xi[u]), dy = _mm512_sub_ps(yj, yi[u]), dz = _mm512_sub_ps(zj, zi[u]);
                V d2 = _mm512_fmadd_ps(dx, dx, _mm512_fmadd_ps(dy, dy, _mm512_fmadd_ps(dz, dz, SET(soft2))));
                V e = _mm512_rsqrt14_ps(d2);
                V inv = _mm512_mul_ps(e, _mm512_fnmadd_ps(_mm512_mul_ps(half, d2), _mm512_mul_ps(e, e), three_halves));
                V s = _mm512_mul_ps(_mm512_mul_ps(mj, inv), _mm512_mul_ps(inv, inv));
                sx[u] = _mm512_fmadd_ps(s, dx, sx[u]);
                sy[u] = _mm512_fmadd_ps(s, dy, sy[u]);
                sz[u] = _mm512_fmadd_ps(s, dz, sz[u]);
            }
        }
        for (int u = 0; u < 4; u++) {
            _mm512_storeu_ps(ax + i + 16 * u, sx[u]);
            _mm512_storeu_ps(ay + i + 16 * u, sy[u]);
            _mm512_storeu_ps(az + i + 16 * u, sz[u]);
        }
    }
}

/* Streaming stores: the array written is larger than the cache, and reading it first is a third of the traffic. The first
   elements of a row bring the stores to 64 bytes. */
void heat(int64_t width, int64_t height, float k, const float *restrict a, float *restrict b) {
#pragma omp parallel for schedule(static)
    for (int64_t y = 1; y < height - 1; y++) {
        const float *p = a + y * width;
        float *q = b + y * width;
        int64_t x = 1;
        for (; x < width - 1 && ((uintptr_t)(q + x) & 63); x++)
            q[x] = p[x] + k * (p[x - width] + p[x + width] + p[x - 1] + p[x + 1] - 4.0f * p[x]);
        for (; x + 16 <= width - 1; x += 16) {
            V c = LOAD(p + x);
            V around = _mm512_add_ps(_mm512_add_ps(LOAD(p + x - width), LOAD(p + x + width)),
                                     _mm512_add_ps(LOAD(p + x - 1), LOAD(p + x + 1)));
            _mm512_stream_ps(q + x, _mm512_fmadd_ps(SET(k), _mm512_fnmadd_ps(SET(4.0f), c, around), c));
        }
        for (; x < width - 1; x++)
            q[x] = p[x] + k * (p[x - width] + p[x + width] + p[x - 1] + p[x + 1] - 4.0f * p[x]);
    }
}

void stencil7(int64_t n, float k, const float *restrict a, float *restrict b) {
    const int64_t plane = n * n;
#pragma omp parallel for schedule(static)
    for (int64_t z = 1; z < n - 1; z++)
        for (int64_t y = 1; y < n - 1; y++) {
            const float *p = a + z * plane + y * n;
            float *q = b + z * plane + y * n;
            int64_t x = 1;
#define POINT q[x] = p[x] + k * (p[x - plane] + p[x + plane] + p[x - n] + p[x + n] + p[x - 1] + p[x + 1] - 6.0f * p[x])
            for (; x < n - 1 && ((uintptr_t)(q + x) & 63); x++)
                POINT;
            for (; x + 16 <= n - 1; x += 16) {
                V c = LOAD(p + x);
                V around = _mm512_add_ps(_mm512_add_ps(LOAD(p + x - plane), LOAD(p + x + plane)),
                                         _mm512_add_ps(LOAD(p + x - n), LOAD(p + x + n)));
                around = _mm512_add_ps(around, _mm512_add_ps(LOAD(p + x - 1), LOAD(p + x + 1)));
                _mm512_stream_ps(q + x, _mm512_fmadd_ps(SET(k), _mm512_fnmadd_ps(SET(6.0f), c, around), c));
            }
            for (; x < n - 1; x++)
                POINT;
        }
}

/* Rows are summed along x once each and kept in registers while going down a column of 16 pixels. */
static inline V blur_row(const float *p) {
    return _mm512_fmadd_ps(SET(2.0f), LOAD(p + 1), _mm512_add_ps(LOAD(p), LOAD(p + 2)));
}

void blur(int64_t height, int64_t width, const float *restrict image, float *restrict out) {
    const int64_t w = width + 2, strip = 16;
#pragma omp parallel for schedule(static)
    for (int64_t top = 0; top < height; top += strip) {
        const int64_t bottom = top + strip < height ? top + strip : height;
        for (int64_t first = 0; first < width; first += 16) {
            const int64_t x = first + 16 <= width ? first : width - 16; /* the last one overlaps */
            const float *p = image + top * w + x;
            V above = blur_row(p), here = blur_row(p + w);
            for (int64_t y = top; y < bottom; y++) {
                V below = blur_row(image + (y + 2) * w + x);
                V total = _mm512_fmadd_ps(SET(2.0f), here, _mm512_add_ps(above, below));
                _mm512_storeu_ps(out + y * width + x, _mm512_mul_ps(total, SET(1.0f / 16.0f)));
                above = here, here = below;
            }
        }
    }
}

/* A tile of 4 rows by 2 vectors of sums stays in registers; each load of a pixel row serves up to 4 rows of output. */
void conv7(int64_t height, int64_t width, const float *restrict image, const float *restrict weights, float *restrict out) {
    const int64_t w = width + 6;
#pragma omp parallel for schedule(static)
    for (int64_t strip = 0; strip < (height + 3) / 4; strip++) {
        const int64_t y = 4 * strip + 4 <= height ? 4 * strip : height - 4; /* the last one overlaps */
        for (int64_t first = 0; first < width; first += 32) {
            const int64_t x = first + 32 <= width ? first : width - 32;
            V s[4][2];
            for (int r = 0; r < 4; r++)
                s[r][0] = s[r][1] = _mm512_setzero_ps();
#pragma GCC unroll 10
            for (int i = 0; i < 10; i++) /* rows of the image below y */
#pragma GCC unroll 7
                for (int j = 0; j < 7; j++) {
                    const float *p = image + (y + i) * w + x + j;
                    const V left = LOAD(p), right = LOAD(p + 16);
#pragma GCC unroll 4
                    for (int r = 0; r < 4; r++)
                        if (i - r >= 0 && i - r < 7) {
                            const V weight = SET(weights[(i - r) * 7 + j]);
                            s[r][0] = _mm512_fmadd_ps(weight, left, s[r][0]);
                            s[r][1] = _mm512_fmadd_ps(weight, right, s[r][1]);
                        }
                }
            for (int r = 0; r < 4; r++) {
                _mm512_storeu_ps(out + (y + r) * width + x, s[r][0]);
                _mm512_storeu_ps(out + (y + r) * width + x + 16, s[r][1]);
            }
        }
    }
}
