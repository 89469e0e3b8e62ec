// The kernels for AVX2 with FMA, whatever the build targets: each function says itself what it needs.
#if defined(__x86_64__)
#include "CKernels.h"
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vector256.h"
#include "products.h"
#include "modules.h"
#include "layers.h"
#include "toom.h"
#pragma clang attribute pop
const ck_kernels ck_avx2 = KERNELS("avx2");
#endif
