#include "Peaks.h"

void cblas_sgemm(
  int order, int turn_a, int turn_b, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
  float beta, float *c, int ldc);
char *openblas_get_corename(void);
void openblas_set_num_threads(int count);

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx512f"), noinline)) static float run512(long rounds) {
  __m512 sum[12], b = _mm512_set1_ps(0.999f), c = _mm512_set1_ps(0.001f);
  for (int i = 0; i < 12; i++) sum[i] = _mm512_set1_ps((float)i);
  for (long k = 0; k < rounds; k++)
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) sum[i] = _mm512_fmadd_ps(sum[i], b, c);
  for (int i = 1; i < 12; i++) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  return _mm512_cvtss_f32(sum[0]);
}

__attribute__((target("avx2,fma"), noinline)) static float run256(long rounds) {
  __m256 sum[12], b = _mm256_set1_ps(0.999f), c = _mm256_set1_ps(0.001f);
  for (int i = 0; i < 12; i++) sum[i] = _mm256_set1_ps((float)i);
  for (long k = 0; k < rounds; k++)
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) sum[i] = _mm256_fmadd_ps(sum[i], b, c);
  for (int i = 1; i < 12; i++) sum[0] = _mm256_add_ps(sum[0], sum[i]);
  return _mm256_cvtss_f32(sum[0]);
}

double peak_fma512(long rounds, float *sink) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f")) return 0;
  *sink = run512(rounds);
  return 12.0 * 16 * 2 * (double)rounds;
}

double peak_fma256(long rounds, float *sink) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("fma")) return 0;
  *sink = run256(rounds);
  return 12.0 * 8 * 2 * (double)rounds;
}
#else
double peak_fma512(long rounds, float *sink) { return (void)rounds, (void)sink, 0; }
double peak_fma256(long rounds, float *sink) { return (void)rounds, (void)sink, 0; }
#endif

double peak_sgemm(int side, const float *a, const float *b, float *c) {
  openblas_set_num_threads(1);
  cblas_sgemm(101, 111, 111, side, side, side, 1, a, side, b, side, 0, c, side);
  return 2.0 * side * side * side;
}

const char *peak_blas_name(void) { return openblas_get_corename(); }
