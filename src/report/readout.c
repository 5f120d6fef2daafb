/* A part of a text is a function that writes nothing when its number is not known. Bar and plain line are tables of
 * parts. Numbers are written with integers: printf's decimal point is the locale's. */
#include "report/readout.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct text {
  char *out;
  size_t length;
} text;

__attribute__((format(printf, 2, 3))) static void put(text *to, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int count = vsnprintf(to->out + to->length, ENS_READOUT_SIZE - to->length, format, args);
  va_end(args);
  if (count > 0) to->length += (size_t)count;
  if (to->length > ENS_READOUT_SIZE - 1) to->length = ENS_READOUT_SIZE - 1;
}

/* ---- numbers ---- */

/* value >= 0, rounded to that many digits after the point, at most 12. */
static void put_fixed(text *to, double value, int decimals) {
  uint64_t unit = 1;
  for (int i = 0; i < decimals; i++) unit *= 10;
  double scaled = round(value * (double)unit);
  if (scaled >= 1e18) {
    put(to, "%.0f", value);
    return;
  }
  uint64_t rounded = (uint64_t)scaled;
  put(to, "%" PRIu64, rounded / unit);
  if (decimals > 0) put(to, ".%0*" PRIu64, decimals, rounded % unit);
}

/* value >= 0 with that many significant digits; all digits before the point are written. */
static void put_significant(text *to, double value, int digits) {
  int decimals = value > 0 ? digits - 1 - (int)floor(log10(value)) : 0;
  /* 9.999 to two digits is 10, which has one before the point more. */
  if (decimals > 0 && round(value * pow(10, decimals)) >= pow(10, digits)) decimals--;
  put_fixed(to, value, decimals < 0 ? 0 : decimals > 12 ? 12 : decimals);
}

/* Three digits and a unit's prefix. */
static void put_short(text *to, double value) {
  if (value >= 1e6) {
    put_significant(to, value / 1e6, 3);
    put(to, "M");
  } else if (value >= 1e4) {
    put_significant(to, value / 1e3, 3);
    put(to, "k");
  } else {
    put_significant(to, value, 3);
  }
}

/* 0:07, 2:03:59, 3d 04:05 */
static void put_duration(text *to, double seconds) {
  if (!(seconds < 1e12)) seconds = 1e12;
  uint64_t whole = (uint64_t)seconds, minutes = whole / 60, hours = minutes / 60;
  if (hours >= 48) {
    put(to, "%" PRIu64 "d %02u:%02u", hours / 24, (unsigned)(hours % 24), (unsigned)(minutes % 60));
  } else if (hours > 0) {
    put(to, "%" PRIu64 ":%02u:%02u", hours, (unsigned)(minutes % 60), (unsigned)(whole % 60));
  } else {
    put(to, "%" PRIu64 ":%02u", minutes, (unsigned)(whole % 60));
  }
}

/* ---- parts ---- */

typedef void part(const ens_readout *readout, text *to);

static void part_steps(const ens_readout *readout, text *to) {
  if (readout->tuned < readout->tune) put(to, "tuning %" PRIu64 "/%" PRIu64 ", ", readout->tuned, readout->tune);
  put(to, "%" PRIu64, readout->step);
  if (readout->steps) {
    put(to, "/%" PRIu64, readout->steps);
  } else {
    put(to, " steps");
  }
}

/* Rounded down: 100 % is when all is done. */
static void part_percent(const ens_readout *readout, text *to) {
  if (!readout->steps) return;
  bool fits = readout->step <= UINT64_MAX / 100;
  uint64_t percent = fits ? readout->step * 100 / readout->steps : readout->step / (readout->steps / 100 + 1);
  put(to, "%" PRIu64 "%%", percent);
}

static void part_rate(const ens_readout *readout, text *to) {
  if (isnan(readout->rate)) return;
  put_short(to, readout->rate < 1 ? 1 / readout->rate : readout->rate);
  put(to, readout->rate < 1 ? " s/step" : " steps/s");
}

static void part_evaluations(const ens_readout *readout, text *to) {
  if (isnan(readout->evaluations)) return;
  put_short(to, readout->evaluations);
  put(to, " evaluations/s");
}

static void part_acceptance(const ens_readout *readout, text *to) {
  if (isnan(readout->acceptance)) return;
  put(to, "acceptance ");
  put_fixed(to, readout->acceptance, 2);
}

static void part_tau(const ens_readout *readout, text *to) {
  if (isnan(readout->tau)) return;
  put(to, "tau ");
  put_significant(to, readout->tau, 3);
}

static void part_n_over_tau(const ens_readout *readout, text *to) {
  if (isnan(readout->tau)) return;
  put(to, "N/tau ");
  put_significant(to, (double)readout->step / readout->tau, 2);
}

static void part_waits(const ens_readout *readout, text *to) {
  if (readout->waits && *readout->waits) put(to, "until %s", readout->waits);
}

static void part_eta(const ens_readout *readout, text *to) {
  if (isnan(readout->eta)) return;
  put(to, "ETA ");
  put_duration(to, readout->eta);
}

static void part_elapsed(const ens_readout *readout, text *to) {
  if (isnan(readout->elapsed)) return;
  put(to, "elapsed ");
  put_duration(to, readout->elapsed);
}

/* ---- bar ---- */

enum { GRAPHIC_LEAST = 12, GRAPHIC_MOST = 32, GAP = 2 };

static void put_graphic(text *to, const ens_readout *readout, size_t columns) {
  double done = fmin(1, (double)readout->step / (double)readout->steps);
  size_t inside = columns - 2, filled = (size_t)(done * (double)inside);
  put(to, "[");
  for (size_t i = 0; i < inside; i++) put(to, "%c", i < filled ? '=' : i == filled ? '>' : ' ');
  put(to, "]");
}

/* As a part: as narrow as it may be. */
static void part_graphic(const ens_readout *readout, text *to) {
  if (readout->steps) put_graphic(to, readout, GRAPHIC_LEAST);
}

/* From left to right; `rank` says who has room first. */
static const struct bar_part {
  part *write;
  int rank;
} bar_parts[] = {{part_steps, 0},       {part_percent, 1},    {part_graphic, 5}, {part_rate, 4},
                 {part_evaluations, 9}, {part_acceptance, 6}, {part_tau, 8},     {part_n_over_tau, 7},
                 {part_waits, 3},       {part_eta, 2},        {part_elapsed, 10}};
enum { NPARTS = sizeof bar_parts / sizeof *bar_parts };

static size_t width_of(part *write, const ens_readout *readout) {
  char out[ENS_READOUT_SIZE];
  text scratch = {out, 0};
  write(readout, &scratch);
  return scratch.length;
}

/* Says which parts fit into `width` columns. Returns the columns that stay free. */
static size_t choose(const ens_readout *readout, size_t width, bool chosen[NPARTS]) {
  size_t used = 0;
  for (int rank = 0; rank < NPARTS; rank++) {
    size_t i = 0;
    while (bar_parts[i].rank != rank) i++;
    size_t length = width_of(bar_parts[i].write, readout), gap = used ? GAP : 0;
    chosen[i] = length > 0 && used + gap + length <= width;
    if (chosen[i]) used += gap + length;
  }
  return width - used;
}

size_t ens_readout_bar(const ens_readout *readout, size_t width, char out[ENS_READOUT_SIZE]) {
  bool chosen[NPARTS];
  text bar = {out, 0};
  if (width > ENS_READOUT_SIZE - 1) width = ENS_READOUT_SIZE - 1;
  size_t spare = choose(readout, width, chosen);
  if (spare > GRAPHIC_MOST - GRAPHIC_LEAST) spare = GRAPHIC_MOST - GRAPHIC_LEAST;
  out[0] = '\0';
  for (size_t i = 0; i < NPARTS; i++) {
    if (!chosen[i]) continue;
    if (bar.length) put(&bar, "%*s", GAP, "");
    if (bar_parts[i].write == part_graphic) {
      put_graphic(&bar, readout, GRAPHIC_LEAST + spare);
    } else {
      bar_parts[i].write(readout, &bar);
    }
  }
  return bar.length;
}

/* ---- plain line and JSON ---- */

size_t ens_readout_plain(const ens_readout *readout, char out[ENS_READOUT_SIZE]) {
  static part *const parts[] = {part_percent,    part_rate,  part_evaluations, part_acceptance, part_tau,
                                part_n_over_tau, part_waits, part_eta,         part_elapsed};
  text line = {out, 0};
  part_steps(readout, &line);
  if (readout->steps) put(&line, " steps");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t before = line.length;
    put(&line, ", ");
    parts[i](readout, &line);
    if (line.length == before + 2) out[line.length = before] = '\0';
  }
  return line.length;
}

size_t ens_readout_number(double value, char out[ENS_READOUT_SIZE]) {
  text number = {out, 0};
  if (isfinite(value)) {
    put_significant(&number, value, 3);
  } else {
    put(&number, "-");
  }
  return number.length;
}

size_t ens_readout_time(double seconds, char out[ENS_READOUT_SIZE]) {
  double unit = seconds < 1e-3 ? 1e-6 : seconds < 1 ? 1e-3 : 1;
  text time = {out, ens_readout_number(seconds / unit, out)};
  put(&time, unit < 1e-3 ? " us" : unit < 1 ? " ms" : " s");
  return time.length;
}

static void put_member(text *to, const char *key, double value) {
  put(to, ", \"%s\": ", key);
  if (isnan(value) || isinf(value)) {
    put(to, "null");
  } else {
    put_significant(to, value, 6);
  }
}

size_t ens_readout_json(const ens_readout *readout, char out[ENS_READOUT_SIZE]) {
  text object = {out, 0};
  put(&object, "{\"step\": %" PRIu64 ", \"steps\": ", readout->step);
  if (readout->steps) {
    put(&object, "%" PRIu64, readout->steps);
  } else {
    put(&object, "null");
  }
  put_member(&object, "rate", readout->rate);
  put_member(&object, "acceptance", readout->acceptance);
  put_member(&object, "tau", readout->tau);
  put_member(&object, "n_over_tau", (double)readout->step / readout->tau);
  put_member(&object, "eta_s", readout->eta);
  put_member(&object, "elapsed_s", readout->elapsed);
  if (readout->waits) put(&object, ", \"until\": \"%s\"", readout->waits);
  put(&object, "}");
  return object.length;
}
