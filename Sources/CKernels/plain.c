// The plain kernels: what each one means, one scalar operation at a time.
// The faster ones give the same bits; see CKernels.h for what the arguments are.
#include "CKernels.h"
#pragma STDC FP_CONTRACT OFF
#include "layers.h"

#define C CK_CHANNELS

static float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }

// Eight partial sums, lane t mod 8, added as a tree: the order of the vector versions.
static double lanes_sum(const double *lane) {
  double a = (lane[0] + lane[4]) + (lane[2] + lane[6]);
  double b = (lane[1] + lane[5]) + (lane[3] + lane[7]);
  return a + b;
}

static void window_sums(const float *x, long d, double *sums) {
  double lane[4][8] = {{0}};
  for (long t = 0; t < d; t++) {
    double v = x[t];
    lane[0][t % 8] += v;
    lane[1][t % 8] = __builtin_fma(v, v, lane[1][t % 8]);
    if (t + 1 < d) lane[2][t % 8] = __builtin_fma(v, (double)x[t + 1], lane[2][t % 8]);
    if (t + 2 < d) lane[3][t % 8] = __builtin_fma(v, (double)x[t + 2], lane[3][t % 8]);
  }
  double all = lanes_sum(lane[0]), squares = lanes_sum(lane[1]);
  double next = lanes_sum(lane[2]), second = lanes_sum(lane[3]);
  double a = x[0], b = x[1], y = x[d - 2], z = x[d - 1];
  sums[0] += all - y - z;
  sums[1] += all - a - z;
  sums[2] += all - a - b;
  sums[3] += squares - y * y - z * z;
  sums[4] += next - y * z;
  sums[5] += second;
  sums[6] += squares - a * a - z * z;
  sums[7] += next - a * b;
  sums[8] += squares - a * a - b * b;
}

static void first_module(
  const float *x, long pooled, const float *taps, const float *offset, const ck_dropout *mask, uint32_t element,
  float *a, uint8_t *code) {
  for (long p = 0; p < pooled; p++)
    for (int c = 0; c < C; c++) {
      float best = 0;
      int winner = 0;
      for (int j = 0; j < 3; j++) {
        const float *w = x + 3 * p + j;
        float y = fma32(w[2], taps[2 * C + c], fma32(w[1], taps[C + c], fma32(w[0], taps[c], offset[c])));
        if (j == 0 || y > best) {
          best = y;
          winner = j;
        }
      }
      int off = best <= 0 || (mask && drops(*mask, element + (uint32_t)(p * C + c)));
      a[p * C + c] = off ? 0 : mask ? best * mask->scale : best;
      if (code) code[p * C + c] = off ? CK_INACTIVE : winner;
    }
}

static void first_module_again(
  const float *x, long pooled, const float *taps, const float *offset, float scale, const uint8_t *code, float *a) {
  for (long p = 0; p < pooled; p++)
    for (int c = 0; c < C; c++) {
      int winner = code[p * C + c];
      const float *w = x + 3 * p + (winner < 3 ? winner : 0);
      float y = fma32(w[2], taps[2 * C + c], fma32(w[1], taps[C + c], fma32(w[0], taps[c], offset[c])));
      a[p * C + c] = winner == CK_INACTIVE ? 0 : y * scale;
    }
}

static void first_module_gradient(
  const float *x, long pooled, const float *da, float scale, const uint8_t *code, double *sums) {
  for (int c = 0; c < C; c++) {
    float sum[4] = {0};
    for (long p = 0; p < pooled; p++) {
      int winner = code[p * C + c];
      const float *w = x + 3 * p + (winner < 3 ? winner : 0);
      float g = winner == CK_INACTIVE ? 0 : da[p * C + c] * scale;
      for (int i = 0; i < 3; i++) sum[i] = fma32(g, w[i], sum[i]);
      sum[3] += g;
    }
    for (int i = 0; i < 4; i++) sums[i * C + c] += sum[i];
  }
}

static void first_module_back(
  const float *da, long pooled, const float *taps, const uint8_t *code, int guided, float *dx) {
  // The five values of x that a pooled element may come from; the next one shares the last two.
  float lane[5][16] = {{0}};
  for (long p = 0; p <= pooled; p++) {
    for (int c = 0; p < pooled && c < C; c++) {
      float d = da[p * C + c];
      int winner = code[p * C + c];
      if (winner == CK_INACTIVE || (guided && d <= 0)) d = 0;
      for (int i = 0; i < 5; i++) {
        int tap = i - winner % CK_INACTIVE;
        lane[i][c % 16] = fma32(d, tap < 0 || tap > 2 ? 0 : taps[tap * C + c], lane[i][c % 16]);
      }
    }
    for (int i = 0; i < (p < pooled ? 3 : 2); i++) {
      for (int half = 8; half > 0; half /= 2)
        for (int k = 0; k < half; k++) lane[i][k] += lane[i][k + half];
      dx[3 * p + i] += lane[i][0];
    }
    for (int i = 0; i < 5; i++)
      for (int k = 0; k < 16; k++) lane[i][k] = i < 2 ? lane[i + 3][k] : 0;
  }
}

static void rows(
  const float *a, long a_stride, long a_group, long groups, long rows, long depth, const float *panels,
  long panel_count, const float *bias, float *c, long c_stride, long c_group) {
  for (long g = 0; g < groups; g++)
    for (long r = 0; r < rows; r++)
      for (long j = 0; j < panel_count; j++) {
        const float *row = a + g * a_group + r * a_stride, *w = panels + j * depth * CK_PANEL;
        float sum[CK_PANEL];
        for (int i = 0; i < CK_PANEL; i++) sum[i] = bias ? bias[j * CK_PANEL + i] : 0;
        for (long k = 0; k < depth; k++)
          for (int i = 0; i < CK_PANEL; i++) sum[i] = fma32(row[k], w[k * CK_PANEL + i], sum[i]);
        for (int i = 0; i < CK_PANEL; i++) c[g * c_group + r * c_stride + j * CK_PANEL + i] = sum[i];
      }
}

static void rows_gradient(
  const float *a, long a_stride, long rows, long depth, const float *b, long b_stride, float *dw) {
  for (long k = 0; k < depth; k++) {
    float sum[C] = {0};
    for (long r = 0; r < rows; r++)
      for (int c = 0; c < C; c++) sum[c] = fma32(a[r * a_stride + k], b[r * b_stride + c], sum[c]);
    for (int c = 0; c < C; c++) dw[k * C + c] += sum[c];
  }
}

static void column_moments(const float *y, long rows, const float *center, double *sums) {
  for (int c = 0; c < C; c++) {
    float sum = 0, squares = 0;
    for (long r = 0; r < rows; r++) {
      float v = y[r * C + c] - center[c];
      sum += v;
      squares = fma32(v, v, squares);
    }
    sums[c] += sum;
    sums[C + c] += squares;
  }
}

static void pool(const float *y, long pooled, const float *sign, float *extreme, uint8_t *code) {
  for (long p = 0; p < pooled; p++)
    for (int c = 0; c < C; c++) {
      float best = y[3 * p * C + c] * sign[c];
      int winner = 0;
      for (int j = 1; j < 3; j++) {
        float v = y[(3 * p + j) * C + c] * sign[c];
        if (v > best) {
          best = v;
          winner = j;
        }
      }
      extreme[p * C + c] = best * sign[c];
      code[p * C + c] = winner;
    }
}

static void activate(
  const float *extreme, long pooled, const float *scale, const float *shift, const ck_dropout *mask,
  uint32_t element, float *a, uint8_t *code) {
  for (long i = 0; i < pooled * C; i++) {
    float y = fma32(extreme[i], scale[i % C], shift[i % C]);
    int off = y <= 0 || (mask && drops(*mask, element + (uint32_t)i));
    a[i] = off ? 0 : mask ? y * mask->scale : y;
    if (code && off) code[i] = CK_INACTIVE;
  }
}

static void activate_again(
  const float *extreme, long pooled, const float *scale, const float *shift, float keep, const uint8_t *code,
  float *a) {
  for (long i = 0; i < pooled * C; i++)
    a[i] = code[i] == CK_INACTIVE ? 0 : fma32(extreme[i], scale[i % C], shift[i % C]) * keep;
}

static void last_convolution(const float *a, long rows, const float *w, float bias, float *y) {
  for (long t = 0; t < rows; t++) {
    float lane[16] = {0};
    for (int i = 0; i < 3 * C; i++) lane[i % 16] = fma32(a[t * C + i], w[i], lane[i % 16]);
    for (int half = 8; half > 0; half /= 2)
      for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    y[t] = lane[0] + bias;
  }
}

static void last_convolution_gradient(const float *a, long rows, const float *dy, float *dw) {
  for (int i = 0; i < 3 * C; i++) {
    float sum = 0;
    for (long t = 0; t < rows; t++) sum = fma32(dy[t], a[t * C + i], sum);
    dw[i] += sum;
  }
}

static void last_convolution_back(
  const float *dy, long pooled, const float *w, float keep, const uint8_t *code, float *g) {
  for (long p = 0; p < pooled; p++)
    for (int c = 0; c < C; c++) {
      const float *d = dy + 2 + p;
      float sum = fma32(d[-2], w[2 * C + c], fma32(d[-1], w[C + c], d[0] * w[c]));
      g[p * C + c] = code[p * C + c] == CK_INACTIVE ? 0 : sum * keep;
    }
}

static void norm_sums(const float *g, const float *extreme, long pooled, const float *center, double *sums) {
  for (int c = 0; c < C; c++) {
    float plain = 0, weighted = 0;
    for (long p = 0; p < pooled; p++) {
      plain += g[p * C + c];
      weighted = fma32(g[p * C + c], extreme[p * C + c] - center[c], weighted);
    }
    sums[c] += plain;
    sums[C + c] += weighted;
  }
}

static void norm_back(
  const float *y, long rows, long pooled, const float *g, const uint8_t *code, const float *a, const float *b,
  const float *c, float *dy) {
  for (long t = 0; t < rows; t++)
    for (int i = 0; i < C; i++) {
      long p = t / 3;
      float base = -fma32(c[i], y[t * C + i], b[i]);
      int won = p < pooled && code[p * C + i] == t % 3;
      dy[t * C + i] = won ? fma32(a[i], g[p * C + i], base) : base;
    }
}

static void pool_back(
  const float *g, long pooled, const uint8_t *code, const float *scale, int guided, float *dy) {
  for (long t = 0; t < 3 * pooled; t++)
    for (int c = 0; c < C; c++) {
      float value = g[t / 3 * C + c];
      if (guided && value <= 0) value = 0;
      dy[t * C + c] = code[t / 3 * C + c] == t % 3 ? value * scale[c] : 0;
    }
}

static void toom_input(const float *a, long windows, long all, float *d) {
  for (long i = 0; i < windows * C; i++) {
    const float *at = a + i / C * 3 * C + i % C;
    float d0 = at[0], d1 = at[C], d2 = at[2 * C], d3 = at[3 * C], d4 = at[4 * C];
    float e = d3 - d1;
    d[i] = fma32(0.5f, d0 - d2, e);
    d[all * C + i] = fma32(0.5f, d2 - d1, d3);
    d[2 * all * C + i] = fma32(0.5f, d1, fma32(-1.5f, d2, d3));
    d[3 * all * C + i] = e;
    d[4 * all * C + i] = fma32(-0.5f, e, d4 - d2);
  }
}

static void toom_output(const float *m, long windows, long all, float *y) {
  for (long i = 0; i < windows * C; i++) {
    float m0 = m[i], m1 = m[all * C + i], m2 = m[2 * all * C + i], m3 = m[3 * all * C + i], m4 = m[4 * all * C + i];
    float *at = y + i / C * 3 * C + i % C, s = m1 + m2;
    at[0] = m0 + (s + m3);
    at[C] = fma32(0.5f, m3, m1 - m2);
    at[2 * C] = fma32(0.25f, m3, s + m4);
  }
}

static void toom_output_pool(
  const float *m, long windows, long all, const float *sign, const float *center, float *y, float *extreme,
  uint8_t *code, double *sums) {
  toom_output(m, windows, all, y);
  pool(y, windows, sign, extreme, code);
  column_moments(y, 3 * windows, center, sums);
}

static void toom_output_activate(
  const float *m, long windows, long all, const float *scale, const float *shift, float *a,
  uint8_t *code) {
  for (long i = 0; i < windows * C; i++) {
    float y[3], best = 0;
    int winner = 0;
    const float one[5] = {m[i], m[all * C + i], m[2 * all * C + i], m[3 * all * C + i], m[4 * all * C + i]};
    y[0] = one[0] + ((one[1] + one[2]) + one[3]);
    y[1] = fma32(0.5f, one[3], one[1] - one[2]);
    y[2] = fma32(0.25f, one[3], (one[1] + one[2]) + one[4]);
    for (int j = 0; j < 3; j++) {
      float value = fma32(y[j], scale[i % C], shift[i % C]);
      if (j == 0 || value > best) {
        best = value;
        winner = j;
      }
    }
    a[i] = best <= 0 ? 0 : best;
    if (code) code[i] = best <= 0 ? CK_INACTIVE : winner;
  }
}

static void toom_gradient_input(const float *dy, long windows, long all, float *e) {
  for (long i = 0; i < windows * C; i++) {
    const float *at = dy + i / C * 3 * C + i % C;
    float s = at[0] + at[2 * C];
    e[i] = s + at[C];
    e[all * C + i] = s - at[C];
    e[2 * all * C + i] = fma32(0.25f, at[2 * C], fma32(0.5f, at[C], at[0]));
  }
}

static void add_scaled(const float *x, long count, float factor, float *y) {
  for (long i = 0; i < count; i++) y[i] = fma32(factor, x[i], y[i]);
}

const ck_kernels ck_plain = {
  "plain",
  window_sums,
  first_module,
  first_module_again,
  first_module_gradient,
  first_module_back,
  rows,
  rows_gradient,
  toom_input,
  toom_output,
  toom_output_pool,
  toom_output_activate,
  toom_gradient_input,
  column_moments,
  pool,
  activate,
  activate_again,
  last_convolution,
  last_convolution_gradient,
  last_convolution_back,
  norm_sums,
  norm_back,
  pool_back,
  add_scaled,
  LAYER_KERNELS,
};
