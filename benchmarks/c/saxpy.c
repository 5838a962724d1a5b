/* y = a x + y over n floats: what memory allows. */
#include <stdint.h>

void saxpy(int64_t n, float a, const float *restrict x, float *restrict y) {
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++)
        y[i] = a * x[i] + y[i];
}
