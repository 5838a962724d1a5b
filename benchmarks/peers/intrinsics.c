/* The kernels by hand, in intrinsics: what somebody writes who has the time. OpenMP shares out the rows. */
#include "vectors.h"

/* Several vectors of pixels at a time hide each other's latencies; a pixel that has escaped leaves the mask. */
void mandelbrot(int64_t width, int64_t height, float x0, float y0, float step, int32_t limit, int32_t *restrict out) {
    const V four = SET(4.0f), two = SET(2.0f);
#pragma omp parallel for schedule(dynamic, 4)
    for (int64_t py = 0; py < height; py++) {
        const V cy = SET(y0 + step * (float)py);
        for (int64_t px = 0; px + AT_ONCE * LANES <= width; px += AT_ONCE * LANES) {
            V cx[AT_ONCE], zx[AT_ONCE], zy[AT_ONCE];
            VI count[AT_ONCE];
            for (int u = 0; u < AT_ONCE; u++) {
                cx[u] = FMA(SET(step), ADD(LANE_NUMBERS, SET((float)(px + LANES * u))), SET(x0));
                zx[u] = zy[u] = ZERO();
                count[u] = ZEROS();
            }
            for (int32_t k = 0; k < limit; k++) {
                M any = NO_LANES;
#pragma GCC unroll 4
                for (int u = 0; u < AT_ONCE; u++) {
                    V xx = MUL(zx[u], zx[u]), norm = FMA(zy[u], zy[u], xx);
                    M in = LE(norm, four);
                    V x = ADD(FNMA(zy[u], zy[u], xx), cx[u]);
                    zy[u] = FMA(MUL(two, zx[u]), zy[u], cy);
                    zx[u] = x;
                    count[u] = COUNT(count[u], in);
                    any = OR(any, in);
                }
                if (!ANY(any))
                    break;
            }
            for (int u = 0; u < AT_ONCE; u++)
                STORE_I(out + py * width + px + LANES * u, count[u]);
        }
    }
}

/* Several vectors of bodies against one other body at a time: no reduction at the end, and each load serves all of them. The
   root is the processor's estimate and one step of Newton's. n is a multiple of 64. */
void nbody(int64_t n, float soft2, const float *restrict x, const float *restrict y, const float *restrict z,
           const float *restrict m, float *restrict ax, float *restrict ay, float *restrict az) {
    const V half = SET(0.5f), three_halves = SET(1.5f);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i += AT_ONCE * LANES) {
        V xi[AT_ONCE], yi[AT_ONCE], zi[AT_ONCE], sx[AT_ONCE], sy[AT_ONCE], sz[AT_ONCE];
        for (int u = 0; u < AT_ONCE; u++) {
            xi[u] = LOAD(x + i + LANES * u), yi[u] = LOAD(y + i + LANES * u), zi[u] = LOAD(z + i + LANES * u);
            sx[u] = sy[u] = sz[u] = ZERO();
        }
        for (int64_t j = 0; j < n; j++) {
            const V xj = SET(x[j]), yj = SET(y[j]), zj = SET(z[j]), mj = SET(m[j]);
#pragma GCC unroll 4
            for (int u = 0; u < AT_ONCE; u++) {
                V dx = SUB(xj, xi[u]), dy = SUB(yj, yi[u]), dz = SUB(zj, zi[u]);
                V d2 = FMA(dx, dx, FMA(dy, dy, FMA(dz, dz, SET(soft2))));
                V e = RSQRT_ESTIMATE(d2);
                V inv = MUL(e, FNMA(MUL(half, d2), MUL(e, e), three_halves));
                V s = MUL(MUL(mj, inv), MUL(inv, inv));
                sx[u] = FMA(s, dx, sx[u]);
                sy[u] = FMA(s, dy, sy[u]);
                sz[u] = FMA(s, dz, sz[u]);
            }
        }
        for (int u = 0; u < AT_ONCE; u++) {
            STORE(ax + i + LANES * u, sx[u]);
            STORE(ay + i + LANES * u, sy[u]);
            STORE(az + i + LANES * u, sz[u]);
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
        for (; x + LANES <= width - 1; x += LANES) {
            V c = LOAD(p + x);
            V around = ADD(ADD(LOAD(p + x - width), LOAD(p + x + width)),
                                     ADD(LOAD(p + x - 1), LOAD(p + x + 1)));
            STREAM(q + x, FMA(SET(k), FNMA(SET(4.0f), c, around), c));
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
            for (; x + LANES <= n - 1; x += LANES) {
                V c = LOAD(p + x);
                V around = ADD(ADD(LOAD(p + x - plane), LOAD(p + x + plane)),
                                         ADD(LOAD(p + x - n), LOAD(p + x + n)));
                around = ADD(around, ADD(LOAD(p + x - 1), LOAD(p + x + 1)));
                STREAM(q + x, FMA(SET(k), FNMA(SET(6.0f), c, around), c));
            }
            for (; x < n - 1; x++)
                POINT;
        }
}

/* Rows are summed along x once each and kept in registers while going down a column of pixels. */
static inline V blur_row(const float *p) {
    return FMA(SET(2.0f), LOAD(p + 1), ADD(LOAD(p), LOAD(p + 2)));
}

void blur(int64_t height, int64_t width, const float *restrict image, float *restrict out) {
    const int64_t w = width + 2, strip = 16;
#pragma omp parallel for schedule(static)
    for (int64_t top = 0; top < height; top += strip) {
        const int64_t bottom = top + strip < height ? top + strip : height;
        for (int64_t first = 0; first < width; first += LANES) {
            const int64_t x = first + LANES <= width ? first : width - LANES; /* the last one overlaps */
            const float *p = image + top * w + x;
            V above = blur_row(p), here = blur_row(p + w);
            for (int64_t y = top; y < bottom; y++) {
                V below = blur_row(image + (y + 2) * w + x);
                V total = FMA(SET(2.0f), here, ADD(above, below));
                STORE(out + y * width + x, MUL(total, SET(1.0f / 16.0f)));
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
        for (int64_t first = 0; first < width; first += 2 * LANES) {
            const int64_t x = first + 2 * LANES <= width ? first : width - 2 * LANES;
            V s[4][2];
            for (int r = 0; r < 4; r++)
                s[r][0] = s[r][1] = ZERO();
#pragma GCC unroll 10
            for (int i = 0; i < 10; i++) /* rows of the image below y */
#pragma GCC unroll 7
                for (int j = 0; j < 7; j++) {
                    const float *p = image + (y + i) * w + x + j;
                    const V left = LOAD(p), right = LOAD(p + LANES);
#pragma GCC unroll 4
                    for (int r = 0; r < 4; r++)
                        if (i - r >= 0 && i - r < 7) {
                            const V weight = SET(weights[(i - r) * 7 + j]);
                            s[r][0] = FMA(weight, left, s[r][0]);
                            s[r][1] = FMA(weight, right, s[r][1]);
                        }
                }
            for (int r = 0; r < 4; r++) {
                STORE(out + (y + r) * width + x, s[r][0]);
                STORE(out + (y + r) * width + x + LANES, s[r][1]);
            }
        }
    }
}
