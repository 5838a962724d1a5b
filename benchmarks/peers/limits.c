/* What this machine can do at most, on all threads of OpenMP: bandwidth of three mixes of reads and writes, and the rate of
   fused multiply-adds. Each function returns seconds of its fastest run. */
#include <immintrin.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

#define RUNS 7

/* Sums of both arrays, read side by side, for reading alone. */
static float read_part(const float *x, const float *y, int64_t begin, int64_t end) {
    __m512 s[8];
    for (int k = 0; k < 8; k++)
        s[k] = _mm512_setzero_ps();
    for (int64_t i = begin; i + 64 <= end; i += 64)
        for (int k = 0; k < 4; k++) {
            s[k] = _mm512_add_ps(s[k], _mm512_loadu_ps(x + i + 16 * k));
            s[k + 4] = _mm512_add_ps(s[k + 4], _mm512_loadu_ps(y + i + 16 * k));
        }
    for (int k = 1; k < 8; k++)
        s[0] = _mm512_add_ps(s[0], s[k]);
    return _mm512_reduce_add_ps(s[0]);
}

static void triad_part(const float *x, const float *y, float *out, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + 16 <= end; i += 16)
        _mm512_stream_ps(out + i, _mm512_fmadd_ps(_mm512_set1_ps(0.25f), _mm512_loadu_ps(y + i), _mm512_loadu_ps(x + i)));
    _mm_sfence();
}

static void copy_part(const float *x, float *out, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + 16 <= end; i += 16)
        _mm512_stream_ps(out + i, _mm512_loadu_ps(x + i));
    _mm_sfence();
}

static void update_part(const float *x, float *y, int64_t begin, int64_t end) {
    for (int64_t i = begin; i + 16 <= end; i += 16)
        _mm512_storeu_ps(y + i, _mm512_fmadd_ps(_mm512_set1_ps(0.25f), _mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i)));
}

/* mix 0: read x and y; 1: triad with streaming stores; 2: copy with streaming stores; 3: y = a x + y. All aligned. */
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

/* `rounds` rounds of 16 independent fused multiply-adds of 16 floats, on each thread: 512 floating-point operations. */
double fma_peak(int64_t rounds) {
    double best = 1e9;
    volatile float sink;
    for (int run = 0; run < RUNS; run++) {
        double start = omp_get_wtime();
#pragma omp parallel
        {
            __m512 s[16], a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
            for (int k = 0; k < 16; k++)
                s[k] = _mm512_set1_ps((float)k);
            for (int64_t i = 0; i < rounds; i++) {
#pragma GCC unroll 16
                for (int k = 0; k < 16; k++)
                    s[k] = _mm512_fmadd_ps(s[k], a, b);
            }
            for (int k = 1; k < 16; k++)
                s[0] = _mm512_add_ps(s[0], s[k]);
            sink = _mm512_reduce_add_ps(s[0]);
        }
        double seconds = omp_get_wtime() - start;
        best = seconds < best ? seconds : best;
    }
    (void)sink;
    return best;
}
