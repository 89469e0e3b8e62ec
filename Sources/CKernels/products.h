// Products of rows with a matrix, in register tiles. The tile of TILE_ROWS rows × TILE_PANELS panels keeps its sums in
// registers; the panels of a matrix of 64 × 64 stay in the first cache while all rows pass by.
#define TILE_HEIGHTS(one) one(1) one(2) one(3) one(4) one(5) one(6)

INLINE void tile(
  const int height, const int width, const float *a, long stride, long depth, const float *w, const float *bias,
  float *c, long c_stride) {
  vec sum[TILE_ROWS][TILE_PANELS];
#pragma clang loop unroll(full)
  for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < width; j++) sum[r][j] = bias ? v_load(bias + CK_PANEL * j) : v_zero();
#pragma clang loop unroll_count(2)
  for (long k = 0; k < depth; k++) {
    vec column[TILE_PANELS];
#pragma clang loop unroll(full)
    for (int j = 0; j < width; j++) column[j] = v_load(w + j * depth * CK_PANEL + k * CK_PANEL);
#pragma clang loop unroll(full)
    for (int r = 0; r < height; r++) {
      vec value = v_set(a[r * stride + k]);
#pragma clang loop unroll(full)
      for (int j = 0; j < width; j++) sum[r][j] = v_fma(value, column[j], sum[r][j]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < width; j++) v_store(c + r * c_stride + CK_PANEL * j, sum[r][j]);
}

#define TILE_CASE(n) \
  case n: \
    tile(n, width, a, stride, depth, w, bias, c, c_stride); \
    break;

INLINE void tile_of(
  long height, const int width, const float *a, long stride, long depth, const float *w, const float *bias, float *c,
  long c_stride) {
  switch (height) { TILE_HEIGHTS(TILE_CASE) }
}

// Rows in as few tiles as will do, of nearly equal height: the first `more` tiles have one row more than `least`.
struct heights { long tiles, least, more; };

INLINE struct heights heights_of(long rows) {
  unsigned tiles = ((unsigned)rows + TILE_ROWS - 1) / TILE_ROWS;
  if (tiles == 0) return (struct heights){0, 0, 0};
  return (struct heights){tiles, (unsigned)rows / tiles, (unsigned)rows % tiles};
}

// All rows of all groups against `width` panels, in tiles of nearly equal height.
INLINE void panel_rows(
  const int width, const float *a, long stride, long a_group, long groups, long rows, long depth, const float *w,
  const float *bias, float *c, long c_stride, long c_group) {
  const struct heights heights = heights_of(rows);
  for (long g = 0; g < groups; g++) {
    long row = 0;
    for (long i = 0; i < heights.tiles; i++) {
      long height = heights.least + (i < heights.more);
      tile_of(
        height, width, a + g * a_group + row * stride, stride, depth, w, bias, c + g * c_group + row * c_stride,
        c_stride);
      row += height;
    }
  }
}

static void rows(
  const float *a, long a_stride, long a_group, long groups, long rows, long depth, const float *panels,
  long panel_count, const float *bias, float *c, long c_stride, long c_group) {
  for (long j = 0; j < panel_count;) {
    const float *w = panels + j * depth * CK_PANEL, *b = bias ? bias + j * CK_PANEL : 0;
    float *to = c + j * CK_PANEL;
    long width = panel_count - j < TILE_PANELS ? 1 : TILE_PANELS;
#if TILE_PANELS > 2
    if (width == 1 && panel_count - j >= 2) {
      width = 2;
      panel_rows(2, a, a_stride, a_group, groups, rows, depth, w, b, to, c_stride, c_group);
    } else
#endif
    if (width == 1)
      panel_rows(1, a, a_stride, a_group, groups, rows, depth, w, b, to, c_stride, c_group);
    else if (a_stride == CK_CHANNELS)
      panel_rows(TILE_PANELS, a, CK_CHANNELS, a_group, groups, rows, depth, w, b, to, c_stride, c_group);
    else
      panel_rows(TILE_PANELS, a, a_stride, a_group, groups, rows, depth, w, b, to, c_stride, c_group);
    j += width;
  }
}

INLINE void gradient_tile(
  const int height, const float *a, long stride, long rows, const float *b, long b_stride, float *dw) {
  vec sum[TILE_ROWS][TILE_PANELS];
#pragma clang loop unroll(full)
  for (int k = 0; k < height; k++)
#pragma clang loop unroll(full)
    for (int j = 0; j < TILE_PANELS; j++) sum[k][j] = v_zero();
  for (long r = 0; r < rows; r++) {
    vec row[TILE_PANELS];
#pragma clang loop unroll(full)
    for (int j = 0; j < TILE_PANELS; j++) row[j] = v_load(b + r * b_stride + CK_PANEL * j);
#pragma clang loop unroll(full)
    for (int k = 0; k < height; k++) {
      vec value = v_set(a[r * stride + k]);
#pragma clang loop unroll(full)
      for (int j = 0; j < TILE_PANELS; j++) sum[k][j] = v_fma(value, row[j], sum[k][j]);
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < height; k++)
#pragma clang loop unroll(full)
    for (int j = 0; j < TILE_PANELS; j++) {
      float *to = dw + k * CK_CHANNELS + CK_PANEL * j;
      v_store(to, v_add(v_load(to), sum[k][j]));
    }
}

#define GRADIENT_CASE(n) \
  case n: \
    gradient_tile(n, a, stride, rows, b, b_stride, dw); \
    break;

INLINE void gradient_tile_of(
  long height, const float *a, long stride, long rows, const float *b, long b_stride, float *dw) {
  switch (height) { TILE_HEIGHTS(GRADIENT_CASE) }
}

static void rows_gradient(
  const float *a, long a_stride, long rows, long depth, const float *b, long b_stride, float *dw) {
  const struct heights heights = heights_of(depth);
  for (long n = 0; n < CK_CHANNELS; n += TILE_PANELS * CK_PANEL) {
    long k = 0;
    for (long i = 0; i < heights.tiles; i++) {
      long height = heights.least + (i < heights.more);
      gradient_tile_of(height, a + k, a_stride, rows, b + n, b_stride, dw + k * CK_CHANNELS + n);
      k += height;
    }
  }
}

static void add_scaled(const float *x, long count, float factor, float *y) {
  vec f = v_set(factor);
  long i = 0;
  for (; i + 16 <= count; i += 16) v_store(y + i, v_fma(f, v_load(x + i), v_load(y + i)));
  for (; i < count; i++) y[i] = __builtin_fmaf(factor, x[i], y[i]);
}
