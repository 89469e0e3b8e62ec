// Hot numeric kernels for networks of three convolution modules (1 → 64 → 64 → 1 channels, kernel 3, pool 3).
//
// Values are packed and channels last: an instance is `positions` rows of 64 floats. A convolution of kernel 3 is then
// a product of overlapping rows, 192 long and 64 apart, with a 192 × 64 matrix.
//
// Every kernel comes in three strengths with one signature: plain C, AVX2 with FMA, and AVX-512. Vectors run over
// channels, additions have one order, and fused multiply-adds are written as such: all three give the same bits.
// Kernels allocate nothing, keep no state and write only where their arguments point. A name says what is read
// (`a`, `x`, `code`) and what is written or added to (`c`, `dw`, `sums`).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

#define CK_CHANNELS 64
// Width of a weight panel: columns 16 j ..< 16 j + 16 of a matrix, one after another in its rows.
#define CK_PANEL 16
// The code of a pooled element whose derivative is 0: the activation was not above 0, or dropout dropped it.
// Other codes, 0 to 2, say which of the three positions won; the first of equals wins.
#define CK_INACTIVE 3

// A dropout mask: element e is kept when the mixed e is at least `threshold`, and multiplied by `scale`.
typedef struct {
  uint32_t first;
  uint32_t second;
  uint32_t threshold;
  float scale;
} ck_dropout;

// A step of Adam on a row of weights: first what the `idle` updates without a gradient since the last step come to,
// then one with a gradient.
typedef struct {
  // Both decays, and what they leave to 1.
  float beta1, rest1, beta2, rest2;
  // The rate and epsilon of this step, with the corrections of bias: weight -= rate · m / (sqrt(v) + epsilon).
  float rate, epsilon;
  // The same for the idle updates together, and what they leave of both moments; 0, 1, 1, 1 for none.
  float idle_rate, idle_epsilon, idle_first, idle_second;
} ck_adam;

// One strength of every kernel.
typedef struct {
  // "plain", "avx2" or "avx512".
  const char *name;

  // Adds to sums[0..<9] the sums over t in 0 ..< d - 2 of x[t + i] (i = 0, 1, 2) and of x[t + i] · x[t + j]
  // (ij = 00, 01, 02, 11, 12, 22).
  void (*window_sums)(const float *x, long d, double *sums);

  // First module: a[p] = dropout(relu(max over j < 3 of offset + taps[0] x[3p + j] + taps[1] x[3p + j + 1] + …)).
  // taps is 3 × 64, a and code are pooled × 64; mask and code may be null. The first element has the number `element`.
  void (*first_module)(
    const float *x, long pooled, const float *taps, const float *offset, const ck_dropout *mask, uint32_t element,
    float *a, uint8_t *code);
  // The same values again, from the codes.
  void (*first_module_again)(
    const float *x, long pooled, const float *taps, const float *offset, float scale, const uint8_t *code, float *a);
  // Adds to sums (4 × 64) the sums of g · x[winner + i], i = 0, 1, 2, and of g = scale · da where active.
  void (*first_module_gradient)(
    const float *x, long pooled, const float *da, float scale, const uint8_t *code, double *sums);
  // Back to x: dx[3p + winner + i] += the sum over channels of da[p] · taps[i], i = 0, 1, 2, where active; `guided`
  // lets only da > 0 pass.
  void (*first_module_back)(
    const float *da, long pooled, const float *taps, const uint8_t *code, int guided, float *dx);

  // c[r] = bias + a[r] · w for groups of rows: row r of group g starts at a + g · a_group + r · a_stride, is `depth`
  // long, and goes to c + g · c_group + r · c_stride. w is depth × (16 · panel_count) in panels; bias may be null.
  void (*rows)(
    const float *a, long a_stride, long a_group, long groups, long rows, long depth, const float *panels,
    long panel_count, const float *bias, float *c, long c_stride, long c_group);
  // dw[k] += sum over rows r of a[r · a_stride + k] · b[r · b_stride ..< + 64], k < depth; dw is depth × 64.
  void (*rows_gradient)(
    const float *a, long a_stride, long rows, long depth, const float *b, long b_stride, float *dw);

  // Toom–Cook F(3, 3): three outputs of a convolution of kernel 3 from five products in place of nine, through the
  // values of polynomials at 0, 1, -1, 1/2 and infinity. A window p is the rows 3p ..< 3p + 5; value i of it goes to
  // d[(i · all + p) · 64] for the input, and comes from m in the same places for the output.
  void (*toom_input)(const float *a, long windows, long all, float *d);
  // Rows 3p ..< 3p + 3 of y.
  void (*toom_output)(const float *m, long windows, long all, float *y);
  // The same, with what `pool` and `column_moments` give for those rows.
  void (*toom_output_pool)(
    const float *m, long windows, long all, const float *sign, const float *center, float *y, float *extreme,
    uint8_t *code, double *sums);
  // a[p] = relu(the greatest of scale · y + shift in the window); code may be null.
  void (*toom_output_activate)(
    const float *m, long windows, long all, const float *scale, const float *shift, float *a, uint8_t *code);
  // Values at 1, -1 and 1/2 of the rows 3p ..< 3p + 3 of dy; those at 0 and infinity are its first and last.
  void (*toom_gradient_input)(const float *dy, long windows, long all, float *e);

  // Adds to sums (2 × 64) the sums over rows of y - center and of (y - center)².
  void (*column_moments)(const float *y, long rows, const float *center, double *sums);

  // Of each three rows of y the one with the greatest sign[c] · y, and which it was. sign is ±1.
  void (*pool)(const float *y, long pooled, const float *sign, float *extreme, uint8_t *code);
  // a = dropout(relu(scale · extreme + shift)); marks what is not active in code. mask and code may be null.
  void (*activate)(
    const float *extreme, long pooled, const float *scale, const float *shift, const ck_dropout *mask,
    uint32_t element, float *a, uint8_t *code);
  // The same values again, from the codes; keep is the scale of dropout.
  void (*activate_again)(
    const float *extreme, long pooled, const float *scale, const float *shift, float keep, const uint8_t *code,
    float *a);

  // Last convolution, 64 → 1 channels: y[t] = bias + sum over k < 3 of a[t + k] · w[k]; w is 3 × 64.
  void (*last_convolution)(const float *a, long rows, const float *w, float bias, float *y);
  // dw[k] += sum over t < rows of dy[t] a[t + k].
  void (*last_convolution_gradient)(const float *a, long rows, const float *dy, float *dw);
  // g[p] = keep · sum over k < 3 of dy[p - k] w[k] where active, else 0; dy has two zeros before its first
  // and after its last value.
  void (*last_convolution_back)(
    const float *dy, long pooled, const float *w, float keep, const uint8_t *code, float *g);

  // Adds to sums (2 × 64) the sums over p of g and of g · (extreme - center).
  void (*norm_sums)(const float *g, const float *extreme, long pooled, const float *center, double *sums);
  // dy[t] = a · G[t] - (b + c · y[t]) over `rows` rows, where G[3p + code] = g[p] and 0 elsewhere.
  void (*norm_back)(
    const float *y, long rows, long pooled, const float *g, const uint8_t *code, const float *a, const float *b,
    const float *c, float *dy);
  // The same for a norm with constant statistics: dy[3p + code] = scale · g[p], all other rows 0; `guided` lets only
  // g > 0 pass.
  void (*pool_back)(
    const float *g, long pooled, const uint8_t *code, const float *scale, int guided, float *dy);

  // y[i] += factor · x[i].
  void (*add_scaled)(const float *x, long count, float factor, float *y);

  // Layers of any width; x, y and their derivatives are rows × channels.
  //
  // Adds to sums (2 × channels) the sums over rows of x and of x²; a row counts as often as `counts` (null: once) says.
  void (*column_sums)(const float *x, const float *counts, long rows, long channels, double *sums);
  // y = (x - mean) · (deviation · weight) + bias.
  void (*normalize)(
    const float *x, long rows, long channels, const float *mean, const float *deviation, const float *weight,
    const float *bias, float *y);
  // Adds to sums (2 × channels) the sums over rows of dy and of dy · n, n = (x - mean) · deviation.
  void (*normal_sums)(
    const float *x, const float *dy, long rows, long channels, const float *mean, const float *deviation,
    double *sums);
  // dx = weight · deviation · (dy - count · (plain + n · weighted)), added to dx if `adding`; counts as above.
  void (*normalize_back)(
    const float *x, const float *dy, const float *counts, long rows, long channels, const float *mean,
    const float *deviation, const float *weight, const float *plain, const float *weighted, int adding, float *dx);
  // y = the greatest of the `size` rows of x, and which it was, the first of equals.
  void (*greatest)(const float *x, long size, long channels, float *y, uint8_t *winner);
  // dx[winner] += dy.
  void (*greatest_back)(const uint8_t *winner, const float *dy, long size, long channels, float *dx);
  // y = max(x, 0), and dx = dy where y > 0, else 0, added to dx if `adding`; `guided` lets only dy > 0 pass.
  void (*relu)(const float *x, long count, float *y);
  void (*relu_back)(const float *y, const float *dy, long count, int guided, int adding, float *dx);
  // y = x · mask, added to y if `adding`; the first element has the number `element`.
  void (*dropout)(const float *x, long count, const ck_dropout *mask, uint32_t element, int adding, float *y);
  // y += the rows of x with these numbers, in their order; rows are `width` long.
  void (*add_indexed)(const float *x, const int32_t *rows, long count, long width, float *y);
  // y [columns][rows] = x [rows][columns], added to y if `adding`.
  void (*transpose)(const float *x, long rows, long columns, int adding, float *y);
  // sums += the rows of x.
  void (*add_columns)(const float *x, long rows, long channels, float *sums);
  // Row r of x, `width` long, is added to y[r · step ...]; these overlap where step < width.
  void (*add_rows)(const float *x, long rows, long width, long step, float *y);
  // Cells of a row of a grid of node pairs: y = relu(bias + row + column), all `width` long, a row of `columns` for each
  // cell; y has `step` numbers a cell.
  void (*cell_sums)(
    const float *bias, const float *row, const float *columns, long cells, long width, float *y, long step);
  // y = bias + w · relu(x + [row, column]), or with `is_sum` x + (row + column); x has `step` numbers a cell.
  void (*cell_logits)(
    const float *x, long step, const float *row, const float *columns, long cells, long width, int is_sum,
    const float *w, float bias, float *y);

  // The sum of d² · x.
  double (*squares_dot)(const uint16_t *d, long count, const float *x);
  // Embeddings of pairs with negative sampling. Pair p is the input row pairs[2p] and the output row pairs[2p + 1],
  // rows of `width` times 16 floats; each `group` pairs in a row share `drawn` (at most 63) negatives, rows of outputs.
  // Adds rate · (label - sigmoid(output · input)) times the other row to each row, all from the values before the
  // pair; a negative that is the pair's output, or with `skips_input` its input, is left out.
  void (*pair_steps)(
    const int32_t *pairs, long count, const int32_t *negatives, long group, long drawn, int skips_input, float *inputs,
    float *outputs, long width, float rate);
  // y = tanh x, elu x, sigmoid x, to 2e-7.
  void (*fast_tanh)(const float *x, long count, float *y);
  void (*fast_elu)(const float *x, long count, float *y);
  void (*fast_sigmoid)(const float *x, long count, float *y);
  // A step of Adam; without a gradient (null) only the idle updates.
  void (*adam_row)(
    const float *gradient, long count, const ck_adam *step, float *first, float *second, float *weight);
} ck_kernels;

// Asks for memory that is read soon, while other rows are at work.
static inline void ck_prefetch(const void *start, long bytes) {
  for (long at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)start + at);
}

// The strengths that this processor can run, weakest first: 0 plain, 1 AVX2 and FMA, 2 AVX-512.
int ck_strongest(void);
// The kernels of a strength; the plain ones where this processor cannot run it.
const ck_kernels *ck_kernels_of(int strength);

extern const ck_kernels ck_plain;

#endif
