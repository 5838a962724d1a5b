/* The widest vectors of floats that this machine has, under names that hold for both: AVX-512, or AVX2 with FMA. */
#include <immintrin.h>
#include <stdint.h>

#ifdef __AVX512F__
#define LANES 16
#define AT_ONCE 4 /* vectors that a body with a dozen values for each keeps in the registers */
typedef __m512 V;
typedef __m512i VI;
typedef __mmask16 M;
#define SET _mm512_set1_ps
#define ZERO _mm512_setzero_ps
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define STREAM _mm512_stream_ps
#define ADD _mm512_add_ps
#define SUB _mm512_sub_ps
#define MUL _mm512_mul_ps
#define FMA _mm512_fmadd_ps   /* a b + c */
#define FNMA _mm512_fnmadd_ps /* c - a b */
#define SUM _mm512_reduce_add_ps
#define NO_LANES 0
#define LE(a, b) _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ)
#define OR(a, b) ((M)((a) | (b)))
#define ANY(m) ((m) != 0)
#define COUNT(i, m) _mm512_mask_add_epi32(i, m, i, _mm512_set1_epi32(1)) /* one more where m */
#define ZEROS _mm512_setzero_si512
#define STORE_I(p, i) _mm512_storeu_si512(p, i)
#define LANE_NUMBERS _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define RSQRT_ESTIMATE _mm512_rsqrt14_ps
#else
#define LANES 8
#define AT_ONCE 2
typedef __m256 V;
typedef __m256i VI;
typedef __m256 M;
#define SET _mm256_set1_ps
#define ZERO _mm256_setzero_ps
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define STREAM _mm256_stream_ps
#define ADD _mm256_add_ps
#define SUB _mm256_sub_ps
#define MUL _mm256_mul_ps
#define FMA _mm256_fmadd_ps
#define FNMA _mm256_fnmadd_ps
static inline float sum_of_lanes(V v) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
#define SUM sum_of_lanes
#define NO_LANES _mm256_setzero_ps()
#define LE(a, b) _mm256_cmp_ps(a, b, _CMP_LE_OQ)
#define OR _mm256_or_ps
#define ANY(m) (!_mm256_testz_ps(m, m))
#define COUNT(i, m) _mm256_sub_epi32(i, _mm256_castps_si256(m)) /* a lane that holds is -1 */
#define ZEROS _mm256_setzero_si256
#define STORE_I(p, i) _mm256_storeu_si256((__m256i *)(p), i)
#define LANE_NUMBERS _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7)
#define RSQRT_ESTIMATE _mm256_rsqrt_ps
#endif
