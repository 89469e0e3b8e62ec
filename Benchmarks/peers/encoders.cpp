// Peers of seqfeat: plain loops that write the same bytes as `seqfeat --encode ct343` and `--encode paac`.
//
//   encoders ct343|paac FILE.fasta > FILE.tsv      (paac-z: the same numbers to 1e-12, by arithmetic in place of a table)
//
// For proteins whose records are long enough for the encoder, without ids that come again: what seqfeat checks beside
// that is not done here. Reads blocks of 256 KB and holds one sequence. Numbers are std::to_chars' shortest; a row of
// ct343 has few distinct counts, and each is made into text once a row.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>
#include <fcntl.h>
#include <unistd.h>

static const char letters[] = "ACDEFGHIKLMNPQRSTVWY", columns[] = "ARNDCQEGHILKMFPSTWYV";
static const int none = 20, lambda = 20;
static uint8_t code_of[256];

struct Output {
  std::vector<char> bytes = std::vector<char>(1 << 20);
  size_t used = 0;
  char *room(size_t most) {
    if (used + most > bytes.size()) flush();
    return bytes.data() + used;
  }
  void flush() {
    for (size_t done = 0; done < used;) {
      ssize_t wrote = write(1, bytes.data() + done, used - done);
      if (wrote <= 0) exit(1);
      done += size_t(wrote);
    }
    used = 0;
  }
};

// The shortest digits as seqfeat writes them: with a point from 1e-4 to below 1e16.
static char *number(char *p, double value) {
  if (value == 0) { *p = '0'; return p + 1; }
  char text[40];
  char *end = std::to_chars(text, text + 40, value, std::chars_format::scientific).ptr;
  *end = 0;
  char *mark = end;
  while (*--mark != 'e') {}
  int order = atoi(mark + 1), digits = 0;
  char digit[20] = {};
  for (char *q = text; q < mark; q++)
    if (*q != '.') digit[digits++] = *q;
  if (order < -4 || order >= 16) {
    *p++ = digit[0];
    if (digits > 1) { *p++ = '.'; memcpy(p, digit + 1, size_t(digits - 1)); p += digits - 1; }
    return p + snprintf(p, 8, "e%d", order);
  }
  if (order < 0) {
    memcpy(p, "0.000", 5);
    p += 1 - order;
    memcpy(p, digit, size_t(digits));
    return p + digits;
  }
  for (int i = 0; i <= order || i < digits; i++) {
    if (i == order + 1) *p++ = '.';
    *p++ = i < digits ? digit[i] : '0';
  }
  return p;
}

// ct343

static const char *classes[] = {"AGV", "ILFP", "YMTS", "HNQW", "RK", "DE", "C"};
static uint8_t class_of[32];

static char *triads(char *p, const uint8_t *codes, size_t length) {
  static uint32_t counts[343];
  static struct { uint64_t row; int length; char text[32]; } known[4096];
  static uint64_t row = 0;
  memset(counts, 0, sizeof counts);
  long words = 0;
  for (size_t i = 2; i < length; i++) {
    unsigned a = class_of[codes[i - 2]], b = class_of[codes[i - 1]], c = class_of[codes[i]];
    if ((a | b | c) < 8) { counts[49 * a + 7 * b + c]++; words++; }
  }
  row++;
  for (uint32_t count : counts) {
    *p++ = '\t';
    if (count == 0) { *p++ = '0'; continue; }
    if (count >= 4096) { p = number(p, double(count) / double(words)); continue; }
    auto &text = known[count];
    if (text.row != row) {
      text.row = row;
      text.length = int(number(text.text, double(count) / double(words)) - text.text);
    }
    memcpy(p, text.text, 24);
    p += text.length;
  }
  return p;
}

// paac

static double z[3][32], theta_of[32][32];

static void standardize() {
  static const double properties[3][20] = {
      {0.62, -2.53, -0.78, -0.9, 0.29, -0.85, -0.74, 0.48, -0.4, 1.38, 1.06, -1.5, 0.64, 1.19, 0.12, -0.18, -0.05, 0.81,
       0.26, 1.08},
      {-0.5, 3, 0.2, 3, -1, 0.2, 3, 0, -0.5, -1.8, -1.8, 3, -1.3, -2.5, 0, 0.3, -0.4, -3.4, -2.3, -1.5},
      {15, 101, 58, 59, 47, 72, 73, 1, 82, 57, 57, 73, 75, 91, 42, 31, 45, 130, 107, 43}};
  for (int p = 0; p < 3; p++) {
    double sum = 0, squares = 0;
    for (double x : properties[p]) sum += x;
    for (double x : properties[p]) squares += (x - sum / 20) * (x - sum / 20);
    for (int i = 0; i < 20; i++) z[p][code_of[uint8_t(columns[i])]] = (properties[p][i] - sum / 20) / sqrt(squares / 20);
  }
  for (int a = 0; a < 20; a++)
    for (int b = 0; b < 20; b++)
      for (int p = 0; p < 3; p++) theta_of[a][b] += (z[p][a] - z[p][b]) * (z[p][a] - z[p][b]);
}

static double theta_by_table(const uint8_t *codes, size_t length, size_t lag, long *pairs) {
  double sum = 0;
  long valid = 0;
  for (size_t i = 0; i + lag < length; i++) {
    sum += theta_of[codes[i]][codes[i + lag]];
    valid += codes[i] < none && codes[i + lag] < none;
  }
  *pairs = valid;
  return sum;
}

// With -O3 and -ffast-math for this function alone the compiler makes vectors of it.
__attribute__((optimize("O3", "fast-math"), target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
static double theta_by_z(const double *x, const double *y, const double *w, const double *valid, size_t count, size_t lag,
                         double *pairs) {
  double sum = 0, both = 0;
  for (size_t i = 0; i < count; i++) {
    double a = x[i] - x[i + lag], b = y[i] - y[i + lag], c = w[i] - w[i + lag], v = valid[i] * valid[i + lag];
    sum += v * (a * a + b * b + c * c);
    both += v;
  }
  *pairs = both;
  return sum;
}

static char *pseudo(char *p, const uint8_t *codes, size_t length, bool by_table) {
  static std::vector<double> tracks[4];
  double features[20 + lambda] = {}, counts[32] = {}, total = 0, terms = 0;
  for (size_t i = 0; i < length; i++) counts[codes[i]]++;
  for (int i = 0; i < 20; i++) total += features[i] = counts[code_of[uint8_t(columns[i])]];
  if (!by_table)
    for (int t = 0; t < 4; t++) {
      tracks[t].resize(length);
      for (size_t i = 0; i < length; i++) tracks[t][i] = t == 3 ? codes[i] < none : z[t][codes[i]];
    }
  for (size_t lag = 1; lag <= lambda; lag++) {
    double sum;
    if (by_table) {
      long pairs;
      sum = theta_by_table(codes, length, lag, &pairs);
      sum /= 3 * double(pairs);
    } else {
      double pairs;
      sum = theta_by_z(tracks[0].data(), tracks[1].data(), tracks[2].data(), tracks[3].data(), length - lag, lag, &pairs);
      sum /= 3 * pairs;
    }
    terms += features[20 + lag - 1] = sum;
  }
  double divisor = 1 + 0.05 * terms;
  for (int i = 0; i < 20 + lambda; i++) {
    if (i < 20) features[i] /= total * divisor; else features[i] *= 0.05 / divisor;
    *p++ = '\t';
    p = number(p, features[i]);
  }
  return p;
}

// FASTA

struct Record {
  std::string id;
  std::vector<uint8_t> codes;
};

static void finish(Record &record, Output &out, const char *what) {
  size_t length = record.codes.size(), valid = 0;
  if (length && record.codes[length - 1] == none + 1) length--;  // a stop at the end
  for (size_t i = 0; i < length; i++) valid += record.codes[i] < none;
  char *start = out.room(record.id.size() + 343 * 34), *p = start;
  memcpy(p, record.id.data(), record.id.size());
  p += record.id.size();
  p += snprintf(p, 48, "\t%zu\t%zu", length, valid);
  p = *what == 'c' ? triads(p, record.codes.data(), length) : pseudo(p, record.codes.data(), length, !what[4]);
  *p++ = '\n';
  out.used += size_t(p - start);
}

static void header(Output &out, const char *what) {
  std::string line = "id\tlength\tvalid";
  for (int i = 0; *what == 'c' && i < 343; i++)
    line += "\tct343.freq." + std::to_string(i / 49 + 1) + std::to_string(i / 7 % 7 + 1) + std::to_string(i % 7 + 1);
  for (int i = 0; *what == 'p' && i < 20; i++) line += std::string("\tpaac.freq.") + columns[i];
  for (int i = 1; *what == 'p' && i <= lambda; i++) line += "\tpaac.freq.lambda" + std::to_string(i);
  line += "\n";
  memcpy(out.room(line.size()), line.data(), line.size());
  out.used += line.size();
}

int main(int count, char **words) {
  if (count != 3) { fprintf(stderr, "usage: encoders ct343|paac|paac-z FILE.fasta\n"); return 64; }
  memset(code_of, none, sizeof code_of);
  code_of[uint8_t('*')] = none + 1;
  for (int i = 0; i < 20; i++) code_of[uint8_t(letters[i])] = code_of[uint8_t(letters[i] | 0x20)] = uint8_t(i);
  memset(class_of, 0xFF, sizeof class_of);
  for (int c = 0; c < 7; c++)
    for (const char *q = classes[c]; *q; q++) class_of[code_of[uint8_t(*q)]] = uint8_t(c);
  standardize();
  int file = open(words[2], O_RDONLY);
  if (file < 0) { perror(words[2]); return 66; }
  std::vector<char> block(1 << 18);
  Record record;
  Output out;
  header(out, words[1]);
  bool in_header = false, in_id = false, has_record = false, at_start = true;
  for (ssize_t got; (got = read(file, block.data(), block.size())) > 0;) {
    for (char *p = block.data(), *end = p + got; p < end;) {
      char *stop = static_cast<char *>(memchr(p, '\n', size_t(end - p))), *last = stop ? stop : end;
      if (at_start && *p == '>') {
        if (has_record) finish(record, out, words[1]);
        has_record = in_header = in_id = true;
        record.id.clear();
        record.codes.clear();
        p++;
      }
      if (in_header) {
        for (; in_id && p < last; p++)
          if (*p == ' ' || *p == '\t') in_id = false; else record.id += *p;
      } else {
        size_t held = record.codes.size();
        record.codes.resize(held + size_t(last - p));
        for (uint8_t *code = record.codes.data() + held; p < last; p++) *code++ = code_of[uint8_t(*p)];
      }
      at_start = stop != nullptr;
      if (stop) in_header = false;
      p = stop ? stop + 1 : end;
    }
  }
  if (has_record) finish(record, out, words[1]);
  out.flush();
  close(file);
}
