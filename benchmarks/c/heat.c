/* One sweep of the five-point stencil; the rim keeps its value. */
#include <stdint.h>

void heat(int64_t width, int64_t height, float k, const float *restrict a, float *restrict b) {
#pragma omp parallel for schedule(static)
    for (int64_t y = 1; y < height - 1; y++)
        for (int64_t x = 1; x < width - 1; x++) {
            int64_t i = y * width + x;
            b[i] = a[i] + k * (a[i - width] + a[i + width] + a[i - 1] + a[i + 1] - 4.0f * a[i]);
        }
}
