/* Softened gravity of all bodies on each: arithmetic with a square root and a division per pair. */
#include <math.h>
#include <stdint.h>

void nbody(int64_t n, float soft2, const float *restrict x, const float *restrict y, const float *restrict z,
           const float *restrict m, float *restrict ax, float *restrict ay, float *restrict az) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++) {
        float xi = x[i], yi = y[i], zi = z[i];
        float sx = 0.0f, sy = 0.0f, sz = 0.0f;
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
