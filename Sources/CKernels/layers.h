// Layers of any width, one loop an operation: the compiler makes vectors of them for each instruction set. Nothing is
// added across channels and nothing is fused, so that all sets give the same bits.

#include "pairs.h"

// Whether dropout drops an element.
static inline int drops(ck_dropout mask, uint32_t element) {
  uint32_t draw = (element * 0x9E3779B1u) ^ mask.first;
  draw = (draw ^ (draw >> 16)) * 0x85EBCA6Bu;
  draw ^= mask.second;
  draw = (draw ^ (draw >> 13)) * 0xC2B2AE35u;
  draw ^= draw >> 16;
  return draw < mask.threshold;
}

static void column_sums(
  const float *restrict x, const float *restrict counts, long rows, long channels, double *restrict sums) {
  for (long r = 0; counts && r < rows; r++) {
    const double count = counts[r];
    for (long c = 0; c < channels; c++) {
      double value = x[r * channels + c];
      sums[c] += count * value;
      sums[channels + c] += count * value * value;
    }
  }
  for (long r = 0; !counts && r < rows; r++)
    for (long c = 0; c < channels; c++) {
      double value = x[r * channels + c];
      sums[c] += value;
      sums[channels + c] += value * value;
    }
}

static void normalize(
  const float *restrict x, long rows, long channels, const float *restrict mean, const float *restrict deviation,
  const float *restrict weight, const float *restrict bias, float *restrict y) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < channels; c++)
      y[r * channels + c] = (x[r * channels + c] - mean[c]) * (deviation[c] * weight[c]) + bias[c];
}

static void normal_sums(
  const float *restrict x, const float *restrict dy, long rows, long channels, const float *restrict mean,
  const float *restrict deviation, double *restrict sums) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < channels; c++) {
      float d = dy[r * channels + c];
      sums[c] += (double)d;
      sums[channels + c] += (double)(d * ((x[r * channels + c] - mean[c]) * deviation[c]));
    }
}

static void normalize_back(
  const float *restrict x, const float *restrict dy, const float *restrict counts, long rows, long channels,
  const float *restrict mean, const float *restrict deviation, const float *restrict weight,
  const float *restrict plain, const float *restrict weighted, int adding, float *restrict dx) {
  for (long r = 0; counts && r < rows; r++) {
    const float count = counts[r];
    for (long c = 0; c < channels; c++) {
      float normal = (x[r * channels + c] - mean[c]) * deviation[c];
      float centred = dy[r * channels + c] - count * (plain[c] + normal * weighted[c]);
      float held = adding ? dx[r * channels + c] : 0;
      dx[r * channels + c] = held + weight[c] * deviation[c] * centred;
    }
  }
  for (long r = 0; !counts && r < rows; r++)
    for (long c = 0; c < channels; c++) {
      float normal = (x[r * channels + c] - mean[c]) * deviation[c];
      float centred = dy[r * channels + c] - plain[c] - normal * weighted[c];
      float held = adding ? dx[r * channels + c] : 0;
      dx[r * channels + c] = held + weight[c] * deviation[c] * centred;
    }
}

static void greatest(const float *restrict x, long size, long channels, float *restrict y, uint8_t *restrict winner) {
  for (long c = 0; c < channels; c++) y[c] = x[c];
  for (long c = 0; c < channels; c++) winner[c] = 0;
  for (long step = 1; step < size; step++)
    for (long c = 0; c < channels; c++) {
      float value = x[step * channels + c];
      winner[c] = value > y[c] ? (uint8_t)step : winner[c];
      y[c] = value > y[c] ? value : y[c];
    }
}

static void greatest_back(
  const uint8_t *restrict winner, const float *restrict dy, long size, long channels, float *restrict dx) {
  for (long step = 0; step < size; step++)
    for (long c = 0; c < channels; c++) {
      float held = dx[step * channels + c];
      dx[step * channels + c] = winner[c] == step ? held + dy[c] : held;
    }
}

static void relu(const float *restrict x, long count, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

static void relu_back(
  const float *restrict y, const float *restrict dy, long count, int guided, int adding, float *restrict dx) {
  const float least = guided ? 0 : -__builtin_inff();
  for (long i = 0; i < count; i++) {
    float d = dy[i] < least ? 0 : dy[i];
    float held = adding ? dx[i] : 0;
    dx[i] = held + (y[i] > 0 ? d : 0);
  }
}

static void dropout(
  const float *restrict x, long count, const ck_dropout *mask, uint32_t element, int adding, float *restrict y) {
  const ck_dropout own = *mask;
  for (long i = 0; i < count; i++) {
    float value = x[i] * (drops(own, element + (uint32_t)i) ? 0 : own.scale);
    y[i] = adding ? y[i] + value : value;
  }
}

typedef float sixteen __attribute__((vector_size(64), aligned(4), may_alias));

static void add_indexed(
  const float *restrict x, const int32_t *restrict rows, long count, long width, float *restrict y) {
  long c = 0;
  // 64 sums stay in registers.
  for (; c + 64 <= width; c += 64) {
    sixteen *to = (sixteen *)(y + c);
    sixteen s0 = to[0], s1 = to[1], s2 = to[2], s3 = to[3];
    for (long r = 0; r < count; r++) {
      const sixteen *from = (const sixteen *)(x + rows[r] * width + c);
      s0 += from[0], s1 += from[1], s2 += from[2], s3 += from[3];
    }
    to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
  }
  for (; c + 16 <= width; c += 16) {
    sixteen *to = (sixteen *)(y + c), sum = *to;
    for (long r = 0; r < count; r++) sum += *(const sixteen *)(x + rows[r] * width + c);
    *to = sum;
  }
  if (c < width)
    for (long r = 0; r < count; r++)
      for (long k = c; k < width; k++) y[k] += x[rows[r] * width + k];
}

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));

// Pairs of rows, then of pairs, then of fours are exchanged across the diagonal.
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
static inline void transpose_eight(const float *x, long step, int adding, float *y, long out) {
  eight a[8], b[8];
  for (int i = 0; i < 8; i++) a[i] = *(const eight *)(x + i * step);
  for (int i = 0; i < 8; i += 2) {
    b[i] = SHUFFLE(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = SHUFFLE(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = i; j < i + 2; j++) {
      a[j] = SHUFFLE(b[j], b[j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      a[j + 2] = SHUFFLE(b[j], b[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int j = 0; j < 4; j++) {
    b[j] = SHUFFLE(a[j], a[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[j + 4] = SHUFFLE(a[j], a[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int j = 0; j < 8; j++) {
    eight *to = (eight *)(y + j * out);
    *to = adding ? *to + b[j] : b[j];
  }
}

static void transpose(const float *restrict x, long rows, long columns, int adding, float *restrict y) {
  long whole = rows / 8 * 8, wide = columns / 8 * 8;
  for (long r = 0; r < whole; r += 8)
    for (long c = 0; c < wide; c += 8) transpose_eight(x + r * columns + c, columns, adding, y + c * rows + r, rows);
  for (long r = 0; r < rows; r++)
    for (long c = r < whole ? wide : 0; c < columns; c++) {
      float *to = y + c * rows + r;
      *to = adding ? *to + x[r * columns + c] : x[r * columns + c];
    }
}

static void add_columns(const float *restrict x, long rows, long channels, float *restrict sums) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < channels; c++) sums[c] += x[r * channels + c];
}

static void add_rows(
  const float *restrict x, long rows, long width, long step, float *restrict y) {
  for (long r = 0; r < rows; r++)
    for (long i = 0; i < width; i++) y[r * step + i] += x[r * width + i];
}

PAIR_INLINE lanes l_relu(lanes x) { return (lanes)((words)(x > 0) & (words)x); }

static void cell_sums(
  const float *bias, const float *row, const float *columns, long cells, long width, float *y, long step) {
  for (long c = 0; c < width; c += PAIR_LANES) {
    lanes first = l_load(bias + c, width - c) + l_load(row + c, width - c);
    for (long r = 0; r < cells; r++)
      l_store(y + r * step + c, l_relu(first + l_load(columns + r * width + c, width - c)), width - c);
  }
}

static void cell_logits(
  const float *x, long step, const float *row, const float *columns, long cells, long width, int is_sum,
  const float *w, float bias, float *y) {
  for (long r = 0; r < cells; r++) {
    const float *own = x + r * step, *column = columns + r * width;
    lanes sum = l_set(0);
    for (long c = 0; c < width; c += PAIR_LANES) {
      long some = width - c;
      lanes one = l_load(row + c, some), other = l_load(column + c, some);
      lanes value = l_load(own + c, some) + (is_sum ? one + other : one);
      sum = l_fma(l_load(w + c, some), l_relu(value), sum);
      if (is_sum) continue;
      sum = l_fma(l_load(w + width + c, some), l_relu(l_load(own + width + c, some) + other), sum);
    }
    y[r] = bias + l_sum(sum);
  }
}

#define LAYER_KERNELS \
  column_sums, normalize, normal_sums, normalize_back, greatest, greatest_back, relu, relu_back, dropout, add_indexed, transpose, \
    add_columns, add_rows, cell_sums, cell_logits, PAIR_KERNELS
