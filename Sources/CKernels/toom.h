// Toom–Cook F(3, 3) around the products: values at 0, 1, -1, 1/2 and infinity, and back to three rows.

static void toom_input(const float *a, long windows, long all, float *d) {
  const long point = all * CK_CHANNELS;
  const vec half = v_set(0.5f), minus = v_set(-0.5f), more = v_set(-1.5f);
  for (long p = 0; p < windows; p++) EACH(v) {
    const float *from = a + 3 * p * CK_CHANNELS + 16 * v;
    float *to = d + p * CK_CHANNELS + 16 * v;
    vec d0 = v_load(from), d1 = v_load(from + CK_CHANNELS), d2 = v_load(from + 2 * CK_CHANNELS);
    vec d3 = v_load(from + 3 * CK_CHANNELS), d4 = v_load(from + 4 * CK_CHANNELS);
    vec e = v_sub(d3, d1);
    v_store(to, v_fma(half, v_sub(d0, d2), e));
    v_store(to + point, v_fma(half, v_sub(d2, d1), d3));
    v_store(to + 2 * point, v_fma(half, d1, v_fma(more, d2, d3)));
    v_store(to + 3 * point, e);
    v_store(to + 4 * point, v_fma(minus, e, v_sub(d4, d2)));
  }
}

// The three outputs of sixteen channels of a window.
INLINE void toom_three(const float *m, long point, vec *y) {
  vec m1 = v_load(m + point), m2 = v_load(m + 2 * point), m3 = v_load(m + 3 * point);
  vec s = v_add(m1, m2);
  y[0] = v_add(v_load(m), v_add(s, m3));
  y[1] = v_fma(v_set(0.5f), m3, v_sub(m1, m2));
  y[2] = v_fma(v_set(0.25f), m3, v_add(s, v_load(m + 4 * point)));
}

static void toom_output(const float *m, long windows, long all, float *y) {
  for (long p = 0; p < windows; p++) EACH(v) {
    vec three[3];
    toom_three(m + p * CK_CHANNELS + 16 * v, all * CK_CHANNELS, three);
    for (int j = 0; j < 3; j++) v_store(y + (3 * p + j) * CK_CHANNELS + 16 * v, three[j]);
  }
}

static void toom_output_pool(
  const float *m, long windows, long all, const float *sign, const float *center, float *y, float *extreme,
  uint8_t *code, double *sums) {
  vec sum[VECTORS], squares[VECTORS], middle[VECTORS], turn[VECTORS];
  EACH(v) sum[v] = squares[v] = v_zero();
  EACH(v) middle[v] = v_load(center + 16 * v);
  EACH(v) turn[v] = v_load(sign + 16 * v);
  for (long p = 0; p < windows; p++) EACH(v) {
    vec three[3];
    toom_three(m + p * CK_CHANNELS + 16 * v, all * CK_CHANNELS, three);
    for (int j = 0; j < 3; j++) {
      v_store(y + (3 * p + j) * CK_CHANNELS + 16 * v, three[j]);
      vec value = v_sub(three[j], middle[v]);
      sum[v] = v_add(sum[v], value);
      squares[v] = v_fma(value, value, squares[v]);
    }
    vec best = v_mul(three[0], turn[v]), y1 = v_mul(three[1], turn[v]), y2 = v_mul(three[2], turn[v]);
    mask16 one = v_greater(y1, best);
    best = v_select(one, y1, best);
    mask16 two = v_greater(y2, best);
    best = v_select(two, y2, best);
    v_store(extreme + p * CK_CHANNELS + 16 * v, v_mul(best, turn[v]));
    i_store_bytes(code + p * CK_CHANNELS + 16 * v, i_select(two, 2, i_select(one, 1, i_set(0))));
  }
  EACH(v) v_add_double(sums + 16 * v, sum[v]);
  EACH(v) v_add_double(sums + CK_CHANNELS + 16 * v, squares[v]);
}

static void toom_output_activate(
  const float *m, long windows, long all, const float *scale, const float *shift, float *a,
  uint8_t *code) {
  vec slope[VECTORS], base[VECTORS];
  EACH(v) slope[v] = v_load(scale + 16 * v);
  EACH(v) base[v] = v_load(shift + 16 * v);
  for (long p = 0; p < windows; p++) EACH(v) {
    vec three[3];
    toom_three(m + p * CK_CHANNELS + 16 * v, all * CK_CHANNELS, three);
    vec best = v_fma(three[0], slope[v], base[v]);
    vec y1 = v_fma(three[1], slope[v], base[v]), y2 = v_fma(three[2], slope[v], base[v]);
    mask16 one = v_greater(y1, best);
    best = v_select(one, y1, best);
    mask16 two = v_greater(y2, best);
    best = v_select(two, y2, best);
    mask16 off = v_atMostZero(best);
    v_store(a + p * CK_CHANNELS + 16 * v, v_clear(off, best));
    if (code)
      i_store_bytes(
        code + p * CK_CHANNELS + 16 * v,
        i_select(off, CK_INACTIVE, i_select(two, 2, i_select(one, 1, i_set(0)))));
  }
}

static void toom_gradient_input(const float *dy, long windows, long all, float *e) {
  const long point = all * CK_CHANNELS;
  for (long p = 0; p < windows; p++) EACH(v) {
    const float *from = dy + 3 * p * CK_CHANNELS + 16 * v;
    float *to = e + p * CK_CHANNELS + 16 * v;
    vec y0 = v_load(from), y1 = v_load(from + CK_CHANNELS), y2 = v_load(from + 2 * CK_CHANNELS);
    vec s = v_add(y0, y2);
    v_store(to, v_add(s, y1));
    v_store(to + point, v_sub(s, y1));
    v_store(to + 2 * point, v_fma(v_set(0.25f), y2, v_fma(v_set(0.5f), y1, y0)));
  }
}

// The table of this instruction set; one more file includes this one for each.
#define KERNELS(name) \
  { \
    name, window_sums, first_module, first_module_again, first_module_gradient, first_module_back, rows, \
      rows_gradient, toom_input, toom_output, toom_output_pool, toom_output_activate, toom_gradient_input, \
      column_moments, pool, activate, activate_again, last_convolution, last_convolution_gradient, \
      last_convolution_back, norm_sums, norm_back, pool_back, add_scaled, LAYER_KERNELS, \
  }
