// Sixteen floats at once with AVX-512.
#include <immintrin.h>

#define TILE_ROWS 6
#define TILE_PANELS 4

typedef __m512 vec;
typedef __m512i ivec;
typedef __mmask16 mask16;

#define INLINE static inline __attribute__((always_inline))

INLINE vec v_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void v_store(float *p, vec a) { _mm512_storeu_ps(p, a); }
INLINE vec v_set(float a) { return _mm512_set1_ps(a); }
INLINE vec v_zero(void) { return _mm512_setzero_ps(); }
INLINE vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
INLINE vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
INLINE vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
INLINE vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
// -(a b + c)
INLINE vec v_fnm(vec a, vec b, vec c) { return _mm512_fnmsub_ps(a, b, c); }

INLINE mask16 v_greater(vec a, vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE mask16 v_atMostZero(vec a) { return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_LE_OQ); }
INLINE mask16 m_or(mask16 a, mask16 b) { return (mask16)(a | b); }
// m ? a : b
INLINE vec v_select(mask16 m, vec a, vec b) { return _mm512_mask_blend_ps(m, b, a); }
// m ? 0 : a
INLINE vec v_clear(mask16 m, vec a) { return _mm512_maskz_mov_ps((mask16)~m, a); }

INLINE ivec i_load_bytes(const uint8_t *p) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)); }
INLINE void i_store_bytes(uint8_t *p, ivec a) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(a)); }
INLINE ivec i_set(int a) { return _mm512_set1_epi32(a); }
INLINE mask16 i_equal(ivec a, int b) { return _mm512_cmpeq_epi32_mask(a, _mm512_set1_epi32(b)); }
INLINE ivec i_select(mask16 m, int a, ivec b) { return _mm512_mask_mov_epi32(b, m, _mm512_set1_epi32(a)); }
INLINE ivec i_add(ivec a, ivec b) { return _mm512_add_epi32(a, b); }
INLINE ivec i_mul(ivec a, ivec b) { return _mm512_mullo_epi32(a, b); }
INLINE ivec i_xor(ivec a, ivec b) { return _mm512_xor_si512(a, b); }
INLINE ivec i_lanes(void) { return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
#define i_right(a, n) _mm512_srli_epi32(a, n)
INLINE mask16 i_below(ivec a, ivec b) { return _mm512_cmplt_epu32_mask(a, b); }

INLINE float v_sum(vec a) {
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
// sums[0..<16] += a
INLINE void v_add_double(double *sums, vec a) {
  __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a)), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
  _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), low));
  _mm512_storeu_pd(sums + 8, _mm512_add_pd(_mm512_loadu_pd(sums + 8), high));
}

// Eight doubles.
typedef __m512d dvec;
INLINE dvec d_zero(void) { return _mm512_setzero_pd(); }
INLINE dvec d_load(const float *p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
INLINE dvec d_add(dvec a, dvec b) { return _mm512_add_pd(a, b); }
INLINE dvec d_fma(dvec a, dvec b, dvec c) { return _mm512_fmadd_pd(a, b, c); }
INLINE void d_store(double *p, dvec a) { _mm512_storeu_pd(p, a); }
