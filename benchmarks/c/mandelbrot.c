/* Escape counts of z = z*z + c over a rectangle: arithmetic with a trip count that differs from pixel to pixel. */
#include <stdint.h>

void mandelbrot(int64_t width, int64_t height, float x0, float y0, float step, int32_t limit, int32_t *restrict out) {
#pragma omp parallel for schedule(dynamic, 8)
    for (int64_t py = 0; py < height; py++)
        for (int64_t px = 0; px < width; px++) {
            float cx = x0 + step * (float)px, cy = y0 + step * (float)py;
            float zx = 0.0f, zy = 0.0f;
            int32_t k = 0;
            while (k < limit && zx * zx + zy * zy <= 4.0f) {
                float t = zx * zx - zy * zy + cx;
                zy = 2.0f * zx * zy + cy;
                zx = t;
                k++;
            }
            out[py * width + px] = k;
        }
}
