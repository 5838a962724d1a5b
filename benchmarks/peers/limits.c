/* What this machine can do at most, on all threads of OpenMP: bandwidth of three mixes of reads and writes, and the rate of
   fused multiply-adds. Of several runs, the fastest counts. */
#include <omp.h>
#include <stdlib.h>

#include "vectors.h"

#define RUNS 7

/* Sums of both arrays, read side by side, for reading alone. */
static float read_part(const float *x, const float *y, int64_t begin, int64_t end) {
    V s[8];
    for (int k = 0; k < 8; k++)
        s[k] = ZERO();
    for (int64_t i = begin; i + 4 * LANES <= end; i += 4 * LANES)
        for (int k = 0; k < 4; k++) {
            s[k] = ADD(s[k], LOAD(x + i + LANES * k));
            s[k + 4] = ADD(s[k + 4], LOAD(y + i + LANES * k));
        }
    for (int k = 1; k < 8; k++)
        s[0] = ADD(s[0], s[k]);
    return SUM(s[0]);
}

static void triad_part(const float *x, const float *y, float *out, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + LANES <= end; i += LANES)
        STREAM(out + i, FMA(SET(0.25f), LOAD(y + i), LOAD(x + i)));
    _mm_sfence();
}

static void copy_part(const float *x, float *out, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + LANES <= end; i += LANES)
        STREAM(out + i, LOAD(x + i));
    _mm_sfence();
}

static void update_part(const float *x, float *y, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + LANES <= end; i += LANES)
        STORE(y + i, FMA(SET(0.25f), LOAD(x + i), LOAD(y + i)));
}

/* mix 0: read x and y; 1: triad with streaming stores; 2: copy with streaming stores; 3: y = a x + y. All aligned. Gives seconds. */
double stream(int mix, int64_t n, const float *x, float *y, float *out) {
    double best = 1e9;
    volatile float sink = 0.0f;
    for (int run = 0; run < RUNS; run++) {
        double start = omp_get_wtime();
#pragma omp parallel
        {
            int64_t share = n / omp_get_num_threads() / 128 * 128, begin = share * omp_get_thread_num(), end = begin + share;
            if (mix == 0)
                sink = read_part(x, y, begin, end);
            else if (mix == 1)
                triad_part(x, y, out, begin, end);
            else if (mix == 2)
                copy_part(x, out, begin, end);
            else
                update_part(x, y, begin, end);
        }
        double seconds = omp_get_wtime() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

#define CHAINS (LANES == 16 ? 16 : 12) /* and two values beside them in the registers */

/* `rounds` rounds of CHAINS independent fused multiply-adds of a vector on each thread; gives operations a second of all threads. */
double fma_rate(int64_t rounds) {
    double best = 1e9;
    volatile float sink;
    for (int run = 0; run < RUNS; run++) {
        double start = omp_get_wtime();
#pragma omp parallel
        {
            V s[CHAINS], a = SET(0.999f), b = SET(0.001f);
            for (int k = 0; k < CHAINS; k++)
                s[k] = SET((float)k);
            for (int64_t i = 0; i < rounds; i++) {
#pragma GCC unroll 16
                for (int k = 0; k < CHAINS; k++)
                    s[k] = FMA(s[k], a, b);
            }
            for (int k = 1; k < CHAINS; k++)
                s[0] = ADD(s[0], s[k]);
            sink = SUM(s[0]);
        }
        double seconds = omp_get_wtime() - start;
        best = seconds < best ? seconds : best;
    }
    (void)sink;
    return 2.0 * LANES * CHAINS * (double)rounds * omp_get_max_threads() / best;
}
