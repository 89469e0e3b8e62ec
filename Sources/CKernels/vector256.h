// Sixteen floats at once, as two vectors of eight, with AVX2 and FMA.
#include <immintrin.h>

#define TILE_ROWS 6
#define TILE_PANELS 1

typedef struct { __m256 a, b; } vec;
typedef struct { __m256i a, b; } ivec;
typedef struct { __m256 a, b; } mask16;

#define INLINE static inline __attribute__((always_inline))
#define BOTH(type, operation, x, y) \
  (type) { operation((x).a, (y).a), operation((x).b, (y).b) }

INLINE vec v_load(const float *p) { return (vec){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
INLINE void v_store(float *p, vec a) {
  _mm256_storeu_ps(p, a.a);
  _mm256_storeu_ps(p + 8, a.b);
}
INLINE vec v_set(float a) { return (vec){_mm256_set1_ps(a), _mm256_set1_ps(a)}; }
INLINE vec v_zero(void) { return (vec){_mm256_setzero_ps(), _mm256_setzero_ps()}; }
INLINE vec v_add(vec a, vec b) { return BOTH(vec, _mm256_add_ps, a, b); }
INLINE vec v_sub(vec a, vec b) { return BOTH(vec, _mm256_sub_ps, a, b); }
INLINE vec v_mul(vec a, vec b) { return BOTH(vec, _mm256_mul_ps, a, b); }
INLINE vec v_fma(vec a, vec b, vec c) {
  return (vec){_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)};
}
// -(a b + c)
INLINE vec v_fnm(vec a, vec b, vec c) {
  return (vec){_mm256_fnmsub_ps(a.a, b.a, c.a), _mm256_fnmsub_ps(a.b, b.b, c.b)};
}

INLINE mask16 v_greater(vec a, vec b) {
  return (mask16){_mm256_cmp_ps(a.a, b.a, _CMP_GT_OQ), _mm256_cmp_ps(a.b, b.b, _CMP_GT_OQ)};
}
INLINE mask16 v_atMostZero(vec a) {
  __m256 zero = _mm256_setzero_ps();
  return (mask16){_mm256_cmp_ps(a.a, zero, _CMP_LE_OQ), _mm256_cmp_ps(a.b, zero, _CMP_LE_OQ)};
}
INLINE mask16 m_or(mask16 a, mask16 b) { return BOTH(mask16, _mm256_or_ps, a, b); }
// m ? a : b
INLINE vec v_select(mask16 m, vec a, vec b) {
  return (vec){_mm256_blendv_ps(b.a, a.a, m.a), _mm256_blendv_ps(b.b, a.b, m.b)};
}
// m ? 0 : a
INLINE vec v_clear(mask16 m, vec a) { return BOTH(vec, _mm256_andnot_ps, m, a); }

INLINE ivec i_load_bytes(const uint8_t *p) {
  return (ivec){
    _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)),
    _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8)))};
}
INLINE void i_store_bytes(uint8_t *p, ivec a) {
  __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a.a, a.b), 0xD8);
  _mm_storeu_si128((__m128i *)p, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
INLINE ivec i_set(int a) { return (ivec){_mm256_set1_epi32(a), _mm256_set1_epi32(a)}; }
INLINE mask16 i_equal(ivec a, int b) {
  __m256i value = _mm256_set1_epi32(b);
  return (mask16){
    _mm256_castsi256_ps(_mm256_cmpeq_epi32(a.a, value)), _mm256_castsi256_ps(_mm256_cmpeq_epi32(a.b, value))};
}
INLINE ivec i_select(mask16 m, int a, ivec b) {
  __m256i value = _mm256_set1_epi32(a);
  return (ivec){
    _mm256_blendv_epi8(b.a, value, _mm256_castps_si256(m.a)), _mm256_blendv_epi8(b.b, value, _mm256_castps_si256(m.b))};
}
INLINE ivec i_add(ivec a, ivec b) { return BOTH(ivec, _mm256_add_epi32, a, b); }
INLINE ivec i_mul(ivec a, ivec b) { return BOTH(ivec, _mm256_mullo_epi32, a, b); }
INLINE ivec i_xor(ivec a, ivec b) { return BOTH(ivec, _mm256_xor_si256, a, b); }
INLINE ivec i_lanes(void) {
  return (ivec){_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)};
}
#define i_right(x, n) ((ivec){_mm256_srli_epi32((x).a, n), _mm256_srli_epi32((x).b, n)})
// Unsigned a < b, as the contrary of max(a, b) = a.
INLINE mask16 i_below(ivec a, ivec b) {
  __m256i ones = _mm256_set1_epi32(-1);
  return (mask16){
    _mm256_castsi256_ps(_mm256_xor_si256(ones, _mm256_cmpeq_epi32(_mm256_max_epu32(a.a, b.a), a.a))),
    _mm256_castsi256_ps(_mm256_xor_si256(ones, _mm256_cmpeq_epi32(_mm256_max_epu32(a.b, b.b), a.b)))};
}

INLINE float v_sum(vec a) {
  __m256 h = _mm256_add_ps(a.a, a.b);
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
// sums[0..<16] += a
INLINE void v_add_double(double *sums, vec a) {
  __m128 quarter[4] = {
    _mm256_castps256_ps128(a.a), _mm256_extractf128_ps(a.a, 1), _mm256_castps256_ps128(a.b),
    _mm256_extractf128_ps(a.b, 1)};
  for (int i = 0; i < 4; i++)
    _mm256_storeu_pd(sums + 4 * i, _mm256_add_pd(_mm256_loadu_pd(sums + 4 * i), _mm256_cvtps_pd(quarter[i])));
}

// Eight doubles.
typedef struct { __m256d a, b; } dvec;
INLINE dvec d_zero(void) { return (dvec){_mm256_setzero_pd(), _mm256_setzero_pd()}; }
INLINE dvec d_load(const float *p) {
  return (dvec){_mm256_cvtps_pd(_mm_loadu_ps(p)), _mm256_cvtps_pd(_mm_loadu_ps(p + 4))};
}
INLINE dvec d_add(dvec a, dvec b) { return BOTH(dvec, _mm256_add_pd, a, b); }
INLINE dvec d_fma(dvec a, dvec b, dvec c) {
  return (dvec){_mm256_fmadd_pd(a.a, b.a, c.a), _mm256_fmadd_pd(a.b, b.b, c.b)};
}
INLINE void d_store(double *p, dvec a) {
  _mm256_storeu_pd(p, a.a);
  _mm256_storeu_pd(p + 4, a.b);
}
