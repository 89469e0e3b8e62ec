// Convolution modules around the products: dropout, first convolution, pooling, batch norm, last convolution.
#define VECTORS (CK_CHANNELS / 16)
#define EACH(v) _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++)

// Elements that dropout drops: `product` is element · 0x9E3779B1 in each lane.
INLINE mask16 dropped(const ck_dropout *mask, ivec product) {
  ivec draw = i_xor(product, i_set((int)mask->first));
  draw = i_mul(i_xor(draw, i_right(draw, 16)), i_set((int)0x85EBCA6Bu));
  draw = i_xor(draw, i_set((int)mask->second));
  draw = i_mul(i_xor(draw, i_right(draw, 13)), i_set((int)0xC2B2AE35u));
  draw = i_xor(draw, i_right(draw, 16));
  return i_below(draw, i_set((int)mask->threshold));
}

INLINE ivec products_from(uint32_t element) {
  return i_mul(i_add(i_set((int)element), i_lanes()), i_set((int)0x9E3779B1u));
}

INLINE double lanes_sum(dvec v) {
  double lane[8];
  d_store(lane, v);
  double a = (lane[0] + lane[4]) + (lane[2] + lane[6]);
  double b = (lane[1] + lane[5]) + (lane[3] + lane[7]);
  return a + b;
}

static void window_sums(const float *x, long d, double *sums) {
  dvec all = d_zero(), squares = d_zero(), next = d_zero(), second = d_zero();
  long t = 0;
  for (; t + 10 <= d; t += 8) {
    dvec v = d_load(x + t);
    all = d_add(all, v);
    squares = d_fma(v, v, squares);
    next = d_fma(v, d_load(x + t + 1), next);
    second = d_fma(v, d_load(x + t + 2), second);
  }
  for (; t < d; t += 8) {
    float tail[10] = {0};
    for (long i = 0; i < 10 && t + i < d; i++) tail[i] = x[t + i];
    dvec v = d_load(tail);
    all = d_add(all, v);
    squares = d_fma(v, v, squares);
    next = d_fma(v, d_load(tail + 1), next);
    second = d_fma(v, d_load(tail + 2), second);
  }
  double a = x[0], b = x[1], y = x[d - 2], z = x[d - 1];
  double total = lanes_sum(all), square = lanes_sum(squares), one = lanes_sum(next);
  sums[0] += total - y - z;
  sums[1] += total - a - z;
  sums[2] += total - a - b;
  sums[3] += square - y * y - z * z;
  sums[4] += one - y * z;
  sums[5] += lanes_sum(second);
  sums[6] += square - a * a - z * z;
  sums[7] += one - a * b;
  sums[8] += square - a * a - b * b;
}

static void first_module(
  const float *x, long pooled, const float *taps, const float *offset, const ck_dropout *mask, uint32_t element,
  float *a, uint8_t *code) {
  vec keep = v_set(mask ? mask->scale : 1);
  ivec step = i_set((int)(CK_CHANNELS * 0x9E3779B1u)), product[VECTORS];
  EACH(v) product[v] = products_from(element + 16 * v);
  for (long p = 0; p < pooled; p++) {
    vec w[5];
    for (int i = 0; i < 5; i++) w[i] = v_set(x[3 * p + i]);
    EACH(v) {
      vec t0 = v_load(taps + 16 * v), t1 = v_load(taps + CK_CHANNELS + 16 * v);
      vec t2 = v_load(taps + 2 * CK_CHANNELS + 16 * v), base = v_load(offset + 16 * v);
      vec best = v_fma(w[2], t2, v_fma(w[1], t1, v_fma(w[0], t0, base)));
      vec y1 = v_fma(w[3], t2, v_fma(w[2], t1, v_fma(w[1], t0, base)));
      vec y2 = v_fma(w[4], t2, v_fma(w[3], t1, v_fma(w[2], t0, base)));
      mask16 one = v_greater(y1, best);
      best = v_select(one, y1, best);
      mask16 two = v_greater(y2, best);
      best = v_select(two, y2, best);
      mask16 off = v_atMostZero(best);
      if (mask) {
        off = m_or(off, dropped(mask, product[v]));
        product[v] = i_add(product[v], step);
        best = v_mul(best, keep);
      }
      v_store(a + p * CK_CHANNELS + 16 * v, v_clear(off, best));
      if (code)
        i_store_bytes(
          code + p * CK_CHANNELS + 16 * v,
          i_select(off, CK_INACTIVE, i_select(two, 2, i_select(one, 1, i_set(0)))));
    }
  }
}

static void first_module_again(
  const float *x, long pooled, const float *taps, const float *offset, float scale, const uint8_t *code, float *a) {
  vec keep = v_set(scale);
  for (long p = 0; p < pooled; p++) {
    vec w[5];
    for (int i = 0; i < 5; i++) w[i] = v_set(x[3 * p + i]);
    EACH(v) {
      ivec winner = i_load_bytes(code + p * CK_CHANNELS + 16 * v);
      mask16 one = i_equal(winner, 1), two = i_equal(winner, 2);
      vec y = v_load(offset + 16 * v);
      for (int i = 0; i < 3; i++) {
        vec value = v_select(two, w[i + 2], v_select(one, w[i + 1], w[i]));
        y = v_fma(value, v_load(taps + i * CK_CHANNELS + 16 * v), y);
      }
      v_store(a + p * CK_CHANNELS + 16 * v, v_clear(i_equal(winner, CK_INACTIVE), v_mul(y, keep)));
    }
  }
}

static void first_module_gradient(
  const float *x, long pooled, const float *da, float scale, const uint8_t *code, double *sums) {
  vec keep = v_set(scale), sum[4][VECTORS];
  for (int i = 0; i < 4; i++) EACH(v) sum[i][v] = v_zero();
  for (long p = 0; p < pooled; p++) {
    vec w[5];
    for (int i = 0; i < 5; i++) w[i] = v_set(x[3 * p + i]);
    EACH(v) {
      ivec winner = i_load_bytes(code + p * CK_CHANNELS + 16 * v);
      mask16 one = i_equal(winner, 1), two = i_equal(winner, 2);
      vec g = v_clear(i_equal(winner, CK_INACTIVE), v_mul(v_load(da + p * CK_CHANNELS + 16 * v), keep));
      for (int i = 0; i < 3; i++)
        sum[i][v] = v_fma(g, v_select(two, w[i + 2], v_select(one, w[i + 1], w[i])), sum[i][v]);
      sum[3][v] = v_add(sum[3][v], g);
    }
  }
  for (int i = 0; i < 4; i++) EACH(v) v_add_double(sums + i * CK_CHANNELS + 16 * v, sum[i][v]);
}

static void first_module_back(
  const float *da, long pooled, const float *taps, const uint8_t *code, int guided, float *dx) {
  // The five values of x that a pooled element may come from; the next one shares the last two.
  vec sum[5];
  for (int i = 0; i < 5; i++) sum[i] = v_zero();
  for (long p = 0; p < pooled; p++) {
    EACH(v) {
      ivec winner = i_load_bytes(code + p * CK_CHANNELS + 16 * v);
      mask16 one = i_equal(winner, 1), two = i_equal(winner, 2);
      vec d = v_load(da + p * CK_CHANNELS + 16 * v);
      if (guided) d = v_clear(v_atMostZero(d), d);
      d = v_clear(i_equal(winner, CK_INACTIVE), d);
      vec t0 = v_load(taps + 16 * v), t1 = v_load(taps + CK_CHANNELS + 16 * v);
      vec t2 = v_load(taps + 2 * CK_CHANNELS + 16 * v), zero = v_zero();
      sum[0] = v_fma(d, v_clear(m_or(one, two), t0), sum[0]);
      sum[1] = v_fma(d, v_select(two, zero, v_select(one, t0, t1)), sum[1]);
      sum[2] = v_fma(d, v_select(two, t0, v_select(one, t1, t2)), sum[2]);
      sum[3] = v_fma(d, v_select(two, t1, v_select(one, t2, zero)), sum[3]);
      sum[4] = v_fma(d, v_select(two, t2, zero), sum[4]);
    }
    for (int i = 0; i < 3; i++) dx[3 * p + i] += v_sum(sum[i]);
    for (int i = 0; i < 5; i++) sum[i] = i < 2 ? sum[i + 3] : v_zero();
  }
  for (int i = 0; i < 2; i++) dx[3 * pooled + i] += v_sum(sum[i]);
}

static void column_moments(const float *y, long rows, const float *center, double *sums) {
  vec sum[VECTORS], squares[VECTORS], middle[VECTORS];
  EACH(v) sum[v] = squares[v] = v_zero();
  EACH(v) middle[v] = v_load(center + 16 * v);
  for (long r = 0; r < rows; r++) EACH(v) {
    vec value = v_sub(v_load(y + r * CK_CHANNELS + 16 * v), middle[v]);
    sum[v] = v_add(sum[v], value);
    squares[v] = v_fma(value, value, squares[v]);
  }
  EACH(v) v_add_double(sums + 16 * v, sum[v]);
  EACH(v) v_add_double(sums + CK_CHANNELS + 16 * v, squares[v]);
}

static void pool(const float *y, long pooled, const float *sign, float *extreme, uint8_t *code) {
  vec turn[VECTORS];
  EACH(v) turn[v] = v_load(sign + 16 * v);
  for (long p = 0; p < pooled; p++) EACH(v) {
    const float *from = y + 3 * p * CK_CHANNELS + 16 * v;
    vec best = v_mul(v_load(from), turn[v]);
    vec y1 = v_mul(v_load(from + CK_CHANNELS), turn[v]), y2 = v_mul(v_load(from + 2 * CK_CHANNELS), turn[v]);
    mask16 one = v_greater(y1, best);
    best = v_select(one, y1, best);
    mask16 two = v_greater(y2, best);
    best = v_select(two, y2, best);
    v_store(extreme + p * CK_CHANNELS + 16 * v, v_mul(best, turn[v]));
    i_store_bytes(code + p * CK_CHANNELS + 16 * v, i_select(two, 2, i_select(one, 1, i_set(0))));
  }
}

static void activate(
  const float *extreme, long pooled, const float *scale, const float *shift, const ck_dropout *mask,
  uint32_t element, float *a, uint8_t *code) {
  vec keep = v_set(mask ? mask->scale : 1);
  for (long p = 0; p < pooled; p++) EACH(v) {
    long at = p * CK_CHANNELS + 16 * v;
    vec y = v_fma(v_load(extreme + at), v_load(scale + 16 * v), v_load(shift + 16 * v));
    mask16 off = v_atMostZero(y);
    if (mask) {
      off = m_or(off, dropped(mask, products_from(element + (uint32_t)at)));
      y = v_mul(y, keep);
    }
    v_store(a + at, v_clear(off, y));
    if (code) i_store_bytes(code + at, i_select(off, CK_INACTIVE, i_load_bytes(code + at)));
  }
}

static void activate_again(
  const float *extreme, long pooled, const float *scale, const float *shift, float keep, const uint8_t *code,
  float *a) {
  vec factor = v_set(keep);
  for (long p = 0; p < pooled; p++) EACH(v) {
    long at = p * CK_CHANNELS + 16 * v;
    vec y = v_fma(v_load(extreme + at), v_load(scale + 16 * v), v_load(shift + 16 * v));
    v_store(a + at, v_clear(i_equal(i_load_bytes(code + at), CK_INACTIVE), v_mul(y, factor)));
  }
}

static void last_convolution(const float *a, long rows, const float *w, float bias, float *y) {
  vec weight[3 * VECTORS];
  for (int i = 0; i < 3 * VECTORS; i++) weight[i] = v_load(w + 16 * i);
  for (long t = 0; t < rows; t++) {
    vec sum = v_zero();
    for (int i = 0; i < 3 * VECTORS; i++) sum = v_fma(v_load(a + t * CK_CHANNELS + 16 * i), weight[i], sum);
    y[t] = v_sum(sum) + bias;
  }
}

static void last_convolution_gradient(const float *a, long rows, const float *dy, float *dw) {
  vec sum[3 * VECTORS];
  for (int i = 0; i < 3 * VECTORS; i++) sum[i] = v_zero();
  for (long t = 0; t < rows; t++) {
    vec d = v_set(dy[t]);
    for (int i = 0; i < 3 * VECTORS; i++) sum[i] = v_fma(d, v_load(a + t * CK_CHANNELS + 16 * i), sum[i]);
  }
  for (int i = 0; i < 3 * VECTORS; i++) v_store(dw + 16 * i, v_add(v_load(dw + 16 * i), sum[i]));
}

static void last_convolution_back(
  const float *dy, long pooled, const float *w, float keep, const uint8_t *code, float *g) {
  vec factor = v_set(keep), weight[3 * VECTORS];
  for (int i = 0; i < 3 * VECTORS; i++) weight[i] = v_load(w + 16 * i);
  for (long p = 0; p < pooled; p++) {
    vec d0 = v_set(dy[2 + p]), d1 = v_set(dy[1 + p]), d2 = v_set(dy[p]);
    EACH(v) {
      long at = p * CK_CHANNELS + 16 * v;
      vec sum = v_fma(d2, weight[2 * VECTORS + v], v_fma(d1, weight[VECTORS + v], v_mul(d0, weight[v])));
      v_store(g + at, v_clear(i_equal(i_load_bytes(code + at), CK_INACTIVE), v_mul(sum, factor)));
    }
  }
}

static void norm_sums(const float *g, const float *extreme, long pooled, const float *center, double *sums) {
  vec plain[VECTORS], weighted[VECTORS], middle[VECTORS];
  EACH(v) plain[v] = weighted[v] = v_zero();
  EACH(v) middle[v] = v_load(center + 16 * v);
  for (long p = 0; p < pooled; p++) EACH(v) {
    vec value = v_load(g + p * CK_CHANNELS + 16 * v);
    plain[v] = v_add(plain[v], value);
    weighted[v] = v_fma(value, v_sub(v_load(extreme + p * CK_CHANNELS + 16 * v), middle[v]), weighted[v]);
  }
  EACH(v) v_add_double(sums + 16 * v, plain[v]);
  EACH(v) v_add_double(sums + CK_CHANNELS + 16 * v, weighted[v]);
}

static void norm_back(
  const float *y, long rows, long pooled, const float *g, const uint8_t *code, const float *a, const float *b,
  const float *c, float *dy) {
  vec base[VECTORS], slope[VECTORS], lead[VECTORS];
  EACH(v) base[v] = v_load(b + 16 * v);
  EACH(v) slope[v] = v_load(c + 16 * v);
  EACH(v) lead[v] = v_load(a + 16 * v);
  for (long p = 0; p < pooled; p++) EACH(v) {
    ivec winner = i_load_bytes(code + p * CK_CHANNELS + 16 * v);
    vec value = v_load(g + p * CK_CHANNELS + 16 * v);
    for (int j = 0; j < 3; j++) {
      long at = (3 * p + j) * CK_CHANNELS + 16 * v;
      vec rest = v_fnm(slope[v], v_load(y + at), base[v]);
      v_store(dy + at, v_select(i_equal(winner, j), v_fma(lead[v], value, rest), rest));
    }
  }
  for (long t = 3 * pooled; t < rows; t++) EACH(v) {
    long at = t * CK_CHANNELS + 16 * v;
    v_store(dy + at, v_fnm(slope[v], v_load(y + at), base[v]));
  }
}

static void pool_back(
  const float *g, long pooled, const uint8_t *code, const float *scale, int guided, float *dy) {
  vec lead[VECTORS];
  EACH(v) lead[v] = v_load(scale + 16 * v);
  for (long p = 0; p < pooled; p++) EACH(v) {
    ivec winner = i_load_bytes(code + p * CK_CHANNELS + 16 * v);
    vec value = v_load(g + p * CK_CHANNELS + 16 * v);
    if (guided) value = v_clear(v_atMostZero(value), value);
    value = v_mul(value, lead[v]);
    for (int j = 0; j < 3; j++)
      v_store(dy + (3 * p + j) * CK_CHANNELS + 16 * v, v_select(i_equal(winner, j), value, v_zero()));
  }
}
