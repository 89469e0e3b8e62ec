// Which kernels this processor can run.
#include "CKernels.h"

#if defined(__x86_64__)
extern const ck_kernels ck_avx2, ck_avx512;

int ck_strongest(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
  int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
    && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  return wide ? 2 : 1;
}

const ck_kernels *ck_kernels_of(int strength) {
  if (strength > ck_strongest() || strength < 1) return &ck_plain;
  return strength == 1 ? &ck_avx2 : &ck_avx512;
}
#else
int ck_strongest(void) { return 0; }

const ck_kernels *ck_kernels_of(int strength) {
  (void)strength;
  return &ck_plain;
}
#endif
