// Peers of our reading and writing of numbers: plain loops over the same files, each value one number.
//
//   text strtof|fast_float FILE.tsv     reads the fields of every line after the first that are numbers
//   text simdjson FILE.ndjson           reads the arrays under "x" of every line
//   text snprintf|to_chars FILE.tsv     reads the values first, then writes them, with tabs, to /dev/null
//
// Prints one JSON line: values, their sum, seconds of the processor and of the wall. to_chars is the shortest text of a
// double, as ours; snprintf takes 17 digits, the fewest that always read back.
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>
#include <fcntl.h>
#include <unistd.h>
#if __has_include(<fast_float/fast_float.h>)
#include <fast_float/fast_float.h>
#define HAS_FAST_FLOAT
#endif
#if __has_include(<simdjson.h>)
#include <simdjson.h>
#define HAS_SIMDJSON
#endif

static double seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

struct Seen {
  long values = 0;
  double sum = 0;
};

// Calls `body` with every line of a file; the byte behind the line is a 0 for its time.
template <class Body> static void each_line(const char *path, Body body) {
  int file = open(path, O_RDONLY);
  if (file < 0) { perror(path); exit(1); }
  std::vector<char> buffer(1 << 20);
  size_t held = 0;
  for (;;) {
    if (held == buffer.size()) buffer.resize(2 * held);
    ssize_t got = read(file, buffer.data() + held, buffer.size() - held);
    if (got <= 0) break;
    held += size_t(got);
    char *start = buffer.data(), *end = start + held;
    while (char *stop = static_cast<char *>(memchr(start, '\n', size_t(end - start)))) {
      *stop = 0;
      body(start, stop);
      start = stop + 1;
    }
    held = size_t(end - start);
    memmove(buffer.data(), start, held);
  }
  close(file);
}

// Calls `body` with every field that is a number, behind the id of the line.
template <class Number> static void each_number(const char *path, Number number) {
  bool is_header = true;
  each_line(path, [&](char *start, char *stop) {
    if (is_header || *start == '#') { is_header = *start == '#'; return; }
    char *field = static_cast<char *>(memchr(start, '\t', size_t(stop - start)));
    while (field && field < stop) field = number(field + 1, stop);
  });
}

// A reader of fields by `parse`, which returns the end of the number.
template <class Parse> static Seen tabbed(const char *path, std::vector<double> *keep, Parse parse) {
  Seen seen;
  each_number(path, [&](char *field, char *stop) {
    double value = 0;
    char *end = parse(field, stop, value);
    if (end != field) {
      seen.values++;
      seen.sum += value;
      if (keep) keep->push_back(value);
    }
    while (end < stop && *end != '\t') end++;
    return end;
  });
  return seen;
}

static char *by_strtof(char *field, char *, double &value) {
  char *end;
  value = strtof(field, &end);
  return end;
}

static char *by_strtod(char *field, char *, double &value) {
  char *end;
  value = strtod(field, &end);
  return end;
}

#ifdef HAS_FAST_FLOAT
static char *by_fast_float(char *field, char *stop, double &value) {
  return const_cast<char *>(fast_float::from_chars(field, stop, value).ptr);
}
#endif

#ifdef HAS_SIMDJSON
static Seen by_simdjson(const char *path) {
  Seen seen;
  simdjson::ondemand::parser parser;
  std::string padded;
  each_line(path, [&](char *start, char *stop) {
    padded.assign(start, stop);
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    auto document = parser.iterate(padded);
    simdjson::ondemand::array values;
    if (document["x"].get(values)) return;
    for (auto value : values) {
      double number;
      if (value.get_double().get(number)) exit(2);
      seen.values++;
      seen.sum += number;
    }
  });
  return seen;
}
#endif

template <class Format> static void write_all(const std::vector<double> &values, Format format) {
  int null = open("/dev/null", O_WRONLY);
  std::vector<char> buffer(1 << 16);
  size_t held = 0;
  for (double value : values) {
    if (held + 64 > buffer.size()) {
      if (write(null, buffer.data(), held) < 0) exit(1);
      held = 0;
    }
    held += format(buffer.data() + held, value);
    buffer[held++] = '\t';
  }
  if (write(null, buffer.data(), held) < 0) exit(1);
}

int main(int count, char **words) {
  if (count != 3) { fputs("usage: text strtof|fast_float|simdjson|snprintf|to_chars FILE\n", stderr); return 64; }
  const std::string way = words[1];
  const char *path = words[2];
  std::vector<double> values;
  if (way == "snprintf" || way == "to_chars") tabbed(path, &values, by_strtod);
  double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
  Seen seen;
  seen.values = long(values.size());
  if (way == "strtof") seen = tabbed(path, nullptr, by_strtof);
#ifdef HAS_FAST_FLOAT
  else if (way == "fast_float") seen = tabbed(path, nullptr, by_fast_float);
#endif
#ifdef HAS_SIMDJSON
  else if (way == "simdjson") seen = by_simdjson(path);
#endif
  else if (way == "snprintf")
    write_all(values, [](char *to, double value) { return size_t(snprintf(to, 32, "%.17g", value)); });
  else if (way == "to_chars")
    write_all(values, [](char *to, double value) { return size_t(std::to_chars(to, to + 32, value).ptr - to); });
  else { fprintf(stderr, "text: %s is not built in\n", words[1]); return 69; }
  cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  wall = seconds(CLOCK_MONOTONIC) - wall;
  printf("{\"values\":%ld,\"sum\":%.17g,\"cpu_s\":%.4f,\"wall_s\":%.4f}\n", seen.values, seen.sum, cpu, wall);
}
