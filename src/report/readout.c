/* Each part of a text has a function, which writes nothing if its number is not known. The bar and the plain line are
 * tables of parts. Numbers are written as integers, because printf's decimal point depends on the locale. */
#include "report/readout.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

#include "base/text.h"

/* ---- numbers ---- */

/* Writes a value >= 0, rounded to `decimals` digits after the point, at most 12. */
static void put_fixed(ens_text *to, double value, int decimals) {
  uint64_t unit = 1;
  for (int i = 0; i < decimals; i++) unit *= 10;
  double scaled = round(value * (double)unit);
  if (scaled >= 1e18) {
    ens_text_add(to, "%.0f", value);
    return;
  }
  uint64_t rounded = (uint64_t)scaled;
  ens_text_add(to, "%" PRIu64, rounded / unit);
  if (decimals > 0) ens_text_add(to, ".%0*" PRIu64, decimals, rounded % unit);
}

/* Writes a value >= 0 with so many significant digits, and always all digits before the point. */
static void put_significant(ens_text *to, double value, int digits) {
  int decimals = value > 0 ? digits - 1 - (int)floor(log10(value)) : 0;
  /* 9.999 rounded to two digits is 10, which has one more digit before the point. */
  if (decimals > 0 && round(value * pow(10, decimals)) >= pow(10, digits)) decimals--;
  put_fixed(to, value, decimals < 0 ? 0 : decimals > 12 ? 12 : decimals);
}

/* Writes three digits and the prefix k or M. */
static void put_short(ens_text *to, double value) {
  if (value >= 1e6) {
    put_significant(to, value / 1e6, 3);
    ens_text_add(to, "M");
  } else if (value >= 1e4) {
    put_significant(to, value / 1e3, 3);
    ens_text_add(to, "k");
  } else {
    put_significant(to, value, 3);
  }
}

/* Writes 0:07, 2:03:59 or 3d 04:05. */
static void put_duration(ens_text *to, double seconds) {
  if (!(seconds < 1e12)) seconds = 1e12;
  uint64_t whole = (uint64_t)seconds, minutes = whole / 60, hours = minutes / 60;
  if (hours >= 48) {
    ens_text_add(to, "%" PRIu64 "d %02u:%02u", hours / 24, (unsigned)(hours % 24), (unsigned)(minutes % 60));
  } else if (hours > 0) {
    ens_text_add(to, "%" PRIu64 ":%02u:%02u", hours, (unsigned)(minutes % 60), (unsigned)(whole % 60));
  } else {
    ens_text_add(to, "%" PRIu64 ":%02u", minutes, (unsigned)(whole % 60));
  }
}

/* ---- parts ---- */

typedef void part(const ens_readout *readout, ens_text *to);

static void part_steps(const ens_readout *readout, ens_text *to) {
  if (readout->tuned < readout->tune)
    ens_text_add(to, "tuning %" PRIu64 "/%" PRIu64 ", ", readout->tuned, readout->tune);
  ens_text_add(to, "%" PRIu64, readout->step);
  if (readout->steps) {
    ens_text_add(to, "/%" PRIu64, readout->steps);
  } else {
    ens_text_add(to, " steps");
  }
}

/* Rounds down, so that 100 % means finished. */
static void part_percent(const ens_readout *readout, ens_text *to) {
  if (!readout->steps) return;
  bool fits = readout->step <= UINT64_MAX / 100;
  uint64_t percent = fits ? readout->step * 100 / readout->steps : readout->step / (readout->steps / 100 + 1);
  ens_text_add(to, "%" PRIu64 "%%", percent);
}

static void part_rate(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->rate)) return;
  put_short(to, readout->rate < 1 ? 1 / readout->rate : readout->rate);
  ens_text_add(to, readout->rate < 1 ? " s/step" : " steps/s");
}

static void part_evaluations(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->evaluations)) return;
  put_short(to, readout->evaluations);
  ens_text_add(to, " evaluations/s");
}

static void part_acceptance(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->acceptance)) return;
  ens_text_add(to, "acceptance ");
  put_fixed(to, readout->acceptance, 2);
}

static void part_tau(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->tau)) return;
  ens_text_add(to, "tau ");
  put_significant(to, readout->tau, 3);
}

static void part_n_over_tau(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->tau)) return;
  ens_text_add(to, "N/tau ");
  put_significant(to, (double)readout->step / readout->tau, 2);
}

static void part_waits(const ens_readout *readout, ens_text *to) {
  if (readout->waits && *readout->waits) ens_text_add(to, "until %s", readout->waits);
}

static void part_eta(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->eta)) return;
  ens_text_add(to, "ETA ");
  put_duration(to, readout->eta);
}

static void part_elapsed(const ens_readout *readout, ens_text *to) {
  if (isnan(readout->elapsed)) return;
  ens_text_add(to, "elapsed ");
  put_duration(to, readout->elapsed);
}

/* ---- bar ---- */

enum { GRAPHIC_LEAST = 12, GRAPHIC_MOST = 32, GAP = 2 };

static void put_graphic(ens_text *to, const ens_readout *readout, size_t columns) {
  double done = fmin(1, (double)readout->step / (double)readout->steps);
  size_t inside = columns - 2, filled = (size_t)(done * (double)inside);
  ens_text_add(to, "[");
  for (size_t i = 0; i < inside; i++) ens_text_add(to, "%c", i < filled ? '=' : i == filled ? '>' : ' ');
  ens_text_add(to, "]");
}

/* The part function for the narrowest graphic. */
static void part_graphic(const ens_readout *readout, ens_text *to) {
  if (readout->steps) put_graphic(to, readout, GRAPHIC_LEAST);
}

/* From left to right. The part with the lowest rank gets its columns first. */
static const struct bar_part {
  part *write;
  int rank;
} bar_parts[] = {{part_steps, 0},       {part_percent, 1},    {part_graphic, 5}, {part_rate, 4},
                 {part_evaluations, 9}, {part_acceptance, 6}, {part_tau, 8},     {part_n_over_tau, 7},
                 {part_waits, 3},       {part_eta, 2},        {part_elapsed, 10}};
enum { NPARTS = sizeof bar_parts / sizeof *bar_parts };

static size_t width_of(part *write, const ens_readout *readout) {
  char out[ENS_READOUT_SIZE];
  ens_text scratch = ens_text_in(out, sizeof out);
  write(readout, &scratch);
  return scratch.size;
}

/* Chooses the parts that fit into `width` columns. Returns the number of free columns. */
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
  ens_text bar = ens_text_in(out, ENS_READOUT_SIZE);
  if (width > ENS_READOUT_SIZE - 1) width = ENS_READOUT_SIZE - 1;
  size_t spare = choose(readout, width, chosen);
  if (spare > GRAPHIC_MOST - GRAPHIC_LEAST) spare = GRAPHIC_MOST - GRAPHIC_LEAST;
  for (size_t i = 0; i < NPARTS; i++) {
    if (!chosen[i]) continue;
    if (bar.size) ens_text_add(&bar, "%*s", GAP, "");
    if (bar_parts[i].write == part_graphic) {
      put_graphic(&bar, readout, GRAPHIC_LEAST + spare);
    } else {
      bar_parts[i].write(readout, &bar);
    }
  }
  return bar.size;
}

/* ---- plain line and JSON ---- */

size_t ens_readout_plain(const ens_readout *readout, char out[ENS_READOUT_SIZE]) {
  static part *const parts[] = {part_percent,    part_rate,  part_evaluations, part_acceptance, part_tau,
                                part_n_over_tau, part_waits, part_eta,         part_elapsed};
  ens_text line = ens_text_in(out, ENS_READOUT_SIZE);
  part_steps(readout, &line);
  if (readout->steps) ens_text_add(&line, " steps");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t before = line.size;
    ens_text_add(&line, ", ");
    parts[i](readout, &line);
    if (line.size == before + 2) out[line.size = before] = '\0'; /* nothing to show */
  }
  return line.size;
}

static void put_number(ens_text *to, double value) {
  if (isfinite(value)) {
    put_significant(to, value, 3);
  } else {
    ens_text_add(to, "-");
  }
}

size_t ens_readout_number(double value, char out[ENS_READOUT_SIZE]) {
  ens_text number = ens_text_in(out, ENS_READOUT_SIZE);
  put_number(&number, value);
  return number.size;
}

size_t ens_readout_time(double seconds, char out[ENS_READOUT_SIZE]) {
  double unit = seconds < 1e-3 ? 1e-6 : seconds < 1 ? 1e-3 : 1;
  ens_text time = ens_text_in(out, ENS_READOUT_SIZE);
  put_number(&time, seconds / unit);
  ens_text_add(&time, unit < 1e-3 ? " us" : unit < 1 ? " ms" : " s");
  return time.size;
}

static void put_member(ens_text *to, const char *key, double value) {
  ens_text_add(to, ", \"%s\": ", key);
  if (isnan(value) || isinf(value)) {
    ens_text_add(to, "null");
  } else {
    put_significant(to, value, 6);
  }
}

size_t ens_readout_json(const ens_readout *readout, char out[ENS_READOUT_SIZE]) {
  ens_text object = ens_text_in(out, ENS_READOUT_SIZE);
  ens_text_add(&object, "{\"step\": %" PRIu64 ", \"steps\": ", readout->step);
  if (readout->steps) {
    ens_text_add(&object, "%" PRIu64, readout->steps);
  } else {
    ens_text_add(&object, "null");
  }
  put_member(&object, "rate", readout->rate);
  put_member(&object, "acceptance", readout->acceptance);
  put_member(&object, "tau", readout->tau);
  put_member(&object, "n_over_tau", (double)readout->step / readout->tau);
  put_member(&object, "eta_s", readout->eta);
  put_member(&object, "elapsed_s", readout->elapsed);
  if (readout->waits) ens_text_add(&object, ", \"until\": \"%s\"", readout->waits);
  ens_text_add(&object, "}");
  return object.size;
}
