/* A writer, and a strict reader of that format; the reader ends the list at the first text that differs. */
#include "store/format/workers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_ROOM 256

/* Writes seconds as whole seconds, a point and microseconds, in any locale. */
static int format_worker(char *out, const ens_evaluator_stats *worker, bool first) {
  double seconds = worker->busy_s > 0 && worker->busy_s < 9e12 ? worker->busy_s : 0;
  unsigned long long micro = (unsigned long long)(seconds * 1e6 + 0.5);
  return snprintf(out, ENTRY_ROOM, "%s{\"rank\":%u,\"worker\":%u%s%s%s,\"evaluations\":%llu,\"busy_s\":%llu.%06llu}",
                  first ? "" : ",", worker->rank, worker->worker, *worker->host ? ",\"host\":\"" : "", worker->host,
                  *worker->host ? "\"" : "", (unsigned long long)worker->evaluations, micro / 1000000, micro % 1000000);
}

char *ens_workers_format(const ens_evaluator_stats *worker, size_t nworkers) {
  char *text = malloc(nworkers * ENTRY_ROOM + 3);
  if (!text) return NULL;
  size_t length = 0;
  text[length++] = '[';
  for (size_t i = 0; i < nworkers; i++) length += (size_t)format_worker(text + length, worker + i, i == 0);
  text[length++] = ']';
  text[length] = '\0';
  return text;
}

/* These functions read a text. After a mismatch, `at` stays NULL. */
static const char *expect(const char *at, const char *word) {
  size_t n = strlen(word);
  return at && !strncmp(at, word, n) ? at + n : NULL;
}

static const char *take_whole(const char *at, uint64_t limit, uint64_t *out) {
  *out = 0;
  if (!at || !isdigit((unsigned char)*at)) return NULL;
  for (; isdigit((unsigned char)*at); at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (*out > (limit - digit) / 10) return NULL;
    *out = *out * 10 + digit;
  }
  return at;
}

static const char *take_seconds(const char *at, double *out) {
  uint64_t seconds, micro;
  at = take_whole(at, INT64_MAX, &seconds);
  at = expect(at, ".");
  const char *end = take_whole(at, 999999, &micro);
  if (!end || end - at != 6) return NULL;
  *out = (double)seconds + 1e-6 * (double)micro;
  return end;
}

/* The host is missing if it is not known. */
static const char *take_host(const char *at, char *out, size_t size) {
  const char *text = expect(at, ",\"host\":\"");
  if (!text) return at;
  size_t length = strcspn(text, "\"");
  snprintf(out, size, "%.*s", (int)(length < size ? length : size - 1), text);
  return expect(text + length, "\"");
}

static const char *take_worker(const char *at, ens_evaluator_stats *out) {
  uint64_t rank, worker;
  at = take_whole(expect(at, "{\"rank\":"), UINT32_MAX, &rank);
  at = take_whole(expect(at, ",\"worker\":"), UINT32_MAX, &worker);
  at = take_host(at, out->host, sizeof out->host);
  at = take_whole(expect(at, ",\"evaluations\":"), UINT64_MAX, &out->evaluations);
  at = take_seconds(expect(at, ",\"busy_s\":"), &out->busy_s);
  out->rank = (unsigned)rank;
  out->worker = (unsigned)worker;
  return expect(at, "}");
}

static size_t count_objects(const char *text) {
  size_t count = 0;
  for (; *text; text++) count += *text == '{';
  return count;
}

ens_status ens_workers_parse(const char *text, ens_evaluator_stats **out, size_t *nworkers, ens_error *error) {
  *out = NULL;
  *nworkers = 0;
  size_t room = text ? count_objects(text) : 0;
  if (!room) return ENS_OK;
  *out = calloc(room, sizeof **out);
  if (!*out) return ens_error_memory(error);
  const char *at = expect(text, "[");
  while (at && *nworkers < room && (at = take_worker(at, *out + *nworkers))) {
    ++*nworkers;
    at = expect(at, ",");
  }
  return ENS_OK;
}
