// Steps of embeddings that are learnt from pairs, and the functions and the optimiser of GNE: vectors of sixteen
// floats in one source, from which the compiler makes the code of each instruction set. Additions have one order and
// fused multiply-adds are written as such, so that all sets give the same bits.

#pragma clang diagnostic ignored "-Wpsabi"
#define PAIR_LANES 16
#define PAIR_TARGETS 64
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t words __attribute__((vector_size(64), aligned(4), may_alias));
#define PAIR_INLINE static inline __attribute__((always_inline))

PAIR_INLINE lanes l_set(float a) {
  lanes value = {a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a};
  return value;
}
PAIR_INLINE lanes l_fma(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }
typedef float eight __attribute__((vector_size(32)));
typedef float four __attribute__((vector_size(16)));
// The lanes i and i + 8 are added first, then i and i + 4, and so on.
PAIR_INLINE float l_sum(lanes a) {
  eight b = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7)
    + __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
  four c = __builtin_shufflevector(b, b, 0, 1, 2, 3) + __builtin_shufflevector(b, b, 4, 5, 6, 7);
  return (c[0] + c[2]) + (c[1] + c[3]);
}

// e^x for x in -87 ... 87, to 2 units in the last place: 2^n e^r with |r| at most ln 2 / 2, the series to r^6 / 6!.
PAIR_INLINE lanes l_exp(lanes x) {
  const lanes magic = l_set(12582912.0f);
  lanes n = l_fma(x, l_set(1.44269504f), magic) - magic;
  lanes r = l_fma(n, l_set(-0.693359375f), x);
  r = l_fma(n, l_set(2.12194440e-4f), r);
  lanes p = l_set(1.0f / 720);
  p = l_fma(p, r, l_set(1.0f / 120));
  p = l_fma(p, r, l_set(1.0f / 24));
  p = l_fma(p, r, l_set(1.0f / 6));
  p = l_fma(p, r, l_set(0.5f));
  p = l_fma(p, r, l_set(1));
  p = l_fma(p, r, l_set(1));
  words power = (__builtin_convertvector(n, words) + 127) << 23;
  return p * (lanes)power;
}
PAIR_INLINE lanes l_clamp(lanes x, float limit) {
  words high = x > limit, low = x < -limit;
  x = (lanes)((high & (words)l_set(limit)) | (~high & (words)x));
  return (lanes)((low & (words)l_set(-limit)) | (~low & (words)x));
}
PAIR_INLINE lanes l_sigmoid(lanes x) { return 1 / (1 + l_exp(-l_clamp(x, 87))); }

// One pair: input row h, target rows t[0] (label 1) and t[1 ..< targets] (label 0), each `width` vectors long. Adds
// rate · (label - sigmoid(t · h)) times the other row to each row, all from the values before the pair.
PAIR_INLINE void pair_step(lanes *h, lanes **t, int targets, int width, int distinct, float rate) {
  float factor[PAIR_TARGETS];
  for (int first = 0; first < targets; first += 6) {
    int some = targets - first < 6 ? targets - first : 6;
    lanes sum[6];
    for (int k = 0; k < some; k++) sum[k] = h[0] * t[first + k][0];
    for (int w = 1; w < width; w++)
      for (int k = 0; k < some; k++) sum[k] = l_fma(h[w], t[first + k][w], sum[k]);
    for (int k = 0; k < some; k++) factor[first + k] = l_sum(sum[k]);
  }
  for (int k = targets; k % PAIR_LANES; k++) factor[k] = 0;
  for (int k = 0; k < targets; k += PAIR_LANES) {
    lanes *z = (lanes *)(factor + k);
    lanes label = l_set(0);
    if (k == 0) label[0] = 1;
    *z = rate * (label - l_sigmoid(*z));
  }
  if (distinct) {
    for (int w = 0; w < width; w++) {
      lanes old = h[w], sum = old, row[6];
      for (int k = 0; k < targets; k++) row[k] = t[k][w];
      for (int k = 0; k < targets; k++) sum = l_fma(l_set(factor[k]), row[k], sum);
      for (int k = 0; k < targets; k++) t[k][w] = l_fma(l_set(factor[k]), old, row[k]);
      h[w] = sum;
    }
    return;
  }
  for (int w = 0; w < width; w++) {
    lanes old = h[w], sum = old;
    for (int k = 0; k < targets; k++) sum = l_fma(l_set(factor[k]), t[k][w], sum);
    for (int k = 0; k < targets; k++) t[k][w] = l_fma(l_set(factor[k]), old, t[k][w]);
    h[w] = sum;
  }
}

static void pair_steps(
  const int32_t *pairs, long count, const int32_t *negatives, long group, long drawn, int skips_input, float *inputs,
  float *outputs, long width, float rate) {
  lanes *t[PAIR_TARGETS];
  int distinct = 1;
  for (long p = 0; p < count; p++) {
    int32_t input = pairs[2 * p], output = pairs[2 * p + 1];
    const int32_t *other = negatives + p / group * drawn;
    int targets = 1;
    if (p % group == 0) {
      distinct = 1;
      for (long k = 1; k < drawn; k++)
        for (long l = 0; l < k; l++) distinct &= other[k] != other[l];
    }
    t[0] = (lanes *)(outputs + (long)output * width * PAIR_LANES);
    for (long k = 0; k < drawn; k++) {
      if (other[k] == output || (skips_input && other[k] == input)) continue;
      t[targets++] = (lanes *)(outputs + (long)other[k] * width * PAIR_LANES);
    }
    lanes *h = (lanes *)(inputs + (long)input * width * PAIR_LANES);
    if (width == 8 && targets == 6 && distinct) pair_step(h, t, 6, 8, 1, rate);
    else if (width == 4 && targets == 6 && distinct) pair_step(h, t, 6, 4, 1, rate);
    else pair_step(h, t, targets, (int)width, 0, rate);
  }
}

// Loads and stores of up to 16 floats.
PAIR_INLINE lanes l_load(const float *x, long size) {
  if (size >= PAIR_LANES) return *(const lanes *)x;
  lanes v = l_set(0);
  __builtin_memcpy(&v, x, (unsigned long)size * sizeof(float));
  return v;
}
PAIR_INLINE void l_store(float *x, lanes v, long size) {
  if (size >= PAIR_LANES) *(lanes *)x = v;
  else __builtin_memcpy(x, &v, (unsigned long)size * sizeof(float));
}

#define PAIR_FUNCTION(name, formula) \
  static void name(const float *x, long count, float *y) { \
    for (long i = 0; i < count; i += PAIR_LANES) { \
      lanes v = l_load(x + i, count - i); \
      l_store(y + i, formula, count - i); \
    } \
  }

PAIR_INLINE lanes l_elu(lanes x) {
  words positive = x > 0;
  lanes below = l_exp(l_clamp(x, 87)) - 1;
  return (lanes)((positive & (words)x) | (~positive & (words)below));
}
PAIR_FUNCTION(fast_tanh, l_fma(l_set(2), l_sigmoid(2 * v), l_set(-1)))
PAIR_FUNCTION(fast_elu, l_elu(v))
PAIR_FUNCTION(fast_sigmoid, l_sigmoid(v))

static void adam_row(
  const float *gradient, long count, const ck_adam *step, float *first, float *second, float *weight) {
  const ck_adam s = *step;
  for (long i = 0; i < count; i += PAIR_LANES) {
    lanes m = l_load(first + i, count - i), v = l_load(second + i, count - i), w = l_load(weight + i, count - i);
    if (s.idle_rate > 0) {
      w -= s.idle_rate * m / (__builtin_elementwise_sqrt(v) + s.idle_epsilon);
      m *= s.idle_first;
      v *= s.idle_second;
    }
    if (gradient) {
      lanes g = l_load(gradient + i, count - i);
      m = s.beta1 * m + s.rest1 * g;
      v = s.beta2 * v + s.rest2 * (g * g);
      w -= s.rate * m / (__builtin_elementwise_sqrt(v) + s.epsilon);
    }
    l_store(weight + i, w, count - i);
    l_store(first + i, m, count - i);
    l_store(second + i, v, count - i);
  }
}

typedef uint16_t halves __attribute__((vector_size(32), aligned(2), may_alias));
static double squares_dot(const uint16_t *d, long count, const float *x) {
  double sum = 0;
  for (long block = 0; block < count; block += 1024) {
    long end = block + 1024 < count ? block + 1024 : count, i = block;
    lanes part = l_set(0);
    for (; i + PAIR_LANES <= end; i += PAIR_LANES) {
      lanes v = __builtin_convertvector(*(const halves *)(d + i), lanes);
      part = l_fma(v * v, *(const lanes *)(x + i), part);
    }
    float rest = 0;
    for (; i < end; i++) rest += (float)d[i] * (float)d[i] * x[i];
    sum += (double)l_sum(part) + (double)rest;
  }
  return sum;
}

#define PAIR_KERNELS squares_dot, pair_steps, fast_tanh, fast_elu, fast_sigmoid, adam_row
