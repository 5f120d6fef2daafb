#include "run/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "data/text/number.h"
#include "process/sources.h"
#include "run/fields.h"
#include "store/format/codec.h"

/* Changes whenever streams are laid out otherwise: then no older run can be continued. */
static char rng_name[] = "philox4x64-10/2";

/* ---- growing text ---- */

typedef struct text {
  char *bytes;
  size_t size, capacity;
  bool failed;
} text;

static void __attribute__((format(printf, 2, 3))) add(text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (t->failed || n < 0) return;
  if (t->size + (size_t)n + 1 > t->capacity) {
    size_t capacity = t->capacity * 2 + (size_t)n + 64;
    char *grown = realloc(t->bytes, capacity);
    if (!grown) {
      t->failed = true;
      return;
    }
    t->bytes = grown;
    t->capacity = capacity;
  }
  va_start(args, format);
  vsnprintf(t->bytes + t->size, (size_t)n + 1, format, args);
  va_end(args);
  t->size += (size_t)n;
}

static char *finish(text *t) {
  if (!t->failed) return t->bytes;
  free(t->bytes);
  return NULL;
}

/* 0.5, [0.5,2] or [[1,0],[0,1]]. */
static void add_matrix(text *t, const ens_move_matrix *matrix) {
  size_t n = matrix->ncols, count = (matrix->nrows ? matrix->nrows : 1) * n;
  const char *open = matrix->nrows > 1 ? "[[" : matrix->nrows ? "[" : "";
  const char *close = matrix->nrows > 1 ? "]]" : matrix->nrows ? "]" : "";
  for (size_t i = 0; i < count; i++) add(t, "%s%.17g", i == 0 ? open : i % n ? "," : "],[", matrix->element[i]);
  add(t, "%s", close);
}

static void add_parameter(text *t, const ens_run_move *move, size_t p) {
  const ens_move_parameter *parameter = &move->kind->parameter[p];
  const char *word = ens_move_word(parameter, move->value[p]);
  if (word && strcmp(word, "none") == 0) return;
  add(t, ",\"%s\":", parameter->name);
  if (parameter->covariance) {
    ens_move_matrix matrix = ens_move_matrix_at(move->value, p);
    add_matrix(t, &matrix);
  } else if (word) {
    add(t, "\"%s\"", word);
  } else {
    add(t, "%.17g", move->value[p]);
  }
}

/* [{"move":"stretch","weight":1,"a":2}] */
static char *describe_moves(const ens_run_config *config) {
  text t = {0};
  add(&t, "[");
  for (size_t i = 0; i < config->nmoves; i++) {
    const ens_run_move *move = &config->move[i];
    add(&t, "%s{\"move\":\"%s\",\"weight\":%.17g", i ? "," : "", move->kind->name, move->weight);
    for (size_t p = 0; p < move->kind->nparameters; p++) add_parameter(&t, move, p);
    if (move->fingerprint[0]) add(&t, ",\"proposal\":\"%s\"", move->fingerprint);
    add(&t, "}");
  }
  add(&t, "]");
  return finish(&t);
}

/* Of the bounds and the periodic parameters: a model's own text has them, too, but not that of a library. */
static uint32_t domain_crc(const ens_domain *domain) {
  uint32_t crc = ens_codec_crc(0, domain->low, domain->ndim * sizeof *domain->low);
  crc = ens_codec_crc(crc, domain->high, domain->ndim * sizeof *domain->high);
  return ens_codec_crc(crc, domain->periodic, domain->ndim * sizeof *domain->periodic);
}

static void add_number(text *t, double x) {
  char digits[ENS_DECIMAL_SIZE];
  ens_decimal_write(x, digits);
  add(t, "%s", digits);
}

/* "periodic":[[0,0,6.2831853071795862]]: place from 0, low, high. */
static void add_periodic(text *t, const ens_domain *domain) {
  const char *before = ",\"periodic\":[";
  for (size_t d = 0; d < domain->ndim; d++) {
    if (!domain->periodic[d]) continue;
    add(t, "%s[%zu,", before, d);
    add_number(t, domain->low[d]);
    add(t, ",");
    add_number(t, domain->high[d]);
    add(t, "]");
    before = ",";
  }
  if (domain->any_periodic) add(t, "]");
}

static char *describe_extra(const ens_run_config *config, const ens_model *model) {
  text t = {0};
  add(&t, "{\"model\":\"%s\",\"data\":\"%s\",\"nsplits\":%zu,\"tune\":%llu", model->fingerprint,
      model->data_fingerprint, config->nsplits, (unsigned long long)config->tune);
  if (!config->randomize_split) add(&t, ",\"split\":\"fixed\"");
  if (model->data_fields) add(&t, ",\"fields\":\"%s\"", model->data_fields);
  if (model->domain) add(&t, ",\"domain\":\"crc32:%08lx\"", (unsigned long)domain_crc(model->domain));
  if (model->domain) add_periodic(&t, model->domain);
  add(&t, "}");
  return finish(&t);
}

ens_status ens_run_record_make(const ens_run_config *config, const ens_model *model, ens_store_record *out,
                               ens_error *error) {
  *out = (ens_store_record){.nwalkers = config->nwalkers,
                            .ndim = model->ndim,
                            .parameters = model->parameters,
                            .blobs = model->blobs,
                            .thin_by = config->thin_by,
                            .seed = config->seed,
                            .rng = rng_name,
                            .engine = (char *)config->engine,
                            .version = (char *)ens_run_version(),
                            .script_name = config->script_name,
                            .script = config->script,
                            .argv = config->argv,
                            .folder = config->folder,
                            .output = config->output_name};
  out->moves = describe_moves(config);
  out->extra = describe_extra(config, model);
  ens_status status = out->moves && out->extra ? ens_run_sources_collect(out, error) : ens_error_memory(error);
  if (status) ens_run_record_clear(out);
  return status;
}

void ens_run_record_clear(ens_store_record *record) {
  ens_run_sources_clear(record);
  free(record->moves);
  free(record->extra);
  *record = (ens_store_record){0};
}

/* The number that `at` begins with, and what comes behind it; NULL where there is none. */
static const char *read_number(const char *at, locale_t c_locale, double *out) {
  size_t length = at ? strcspn(at, ",]") : 0;
  if (!length || ens_number_parse(at, length, c_locale, out) != ENS_NUMBER_VALUE) return NULL;
  return at + length + 1;
}

/* Takes entries as long as they are what add_periodic() writes. */
static void read_periodic(const char *at, locale_t c_locale, ens_domain *domain) {
  while (at && *at++ == '[') {
    double place = -1, low = 0, high = 0;
    at = read_number(read_number(read_number(at, c_locale, &place), c_locale, &low), c_locale, &high);
    if (!at || !(place >= 0 && place < (double)domain->ndim) || !(low < high)) return;
    size_t d = (size_t)place;
    domain->low[d] = low;
    domain->high[d] = high;
    domain->periodic[d] = domain->any_periodic = true;
    at += *at == ',';
  }
}

ens_status ens_run_record_domain(const ens_store_record *record, ens_domain **out, ens_error *error) {
  static const char key[] = "\"periodic\":[";
  const char *at = record->extra ? strstr(record->extra, key) : NULL;
  *out = NULL;
  if (!at) return ENS_OK;
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  *out = c_locale ? ens_domain_create(record->ndim) : NULL;
  if (*out) read_periodic(at + strlen(key), c_locale, *out);
  if (c_locale) freelocale(c_locale);
  return *out ? ENS_OK : ens_error_memory(error);
}

/* ---- differences ---- */

static void compare_number(text *t, const char *what, uint64_t stored, uint64_t wanted) {
  if (stored != wanted)
    add(t, "\n  %s: %llu there, %llu here", what, (unsigned long long)stored, (unsigned long long)wanted);
}

static void compare_text(text *t, const char *what, const char *stored, const char *wanted) {
  if (strcmp(stored ? stored : "", wanted ? wanted : "") != 0)
    add(t, "\n  %s: %s there, %s here", what, stored ? stored : "nothing", wanted ? wanted : "nothing");
}

static void compare_names(text *t, const char *what, char **stored, size_t nstored, char **wanted, size_t nwanted) {
  bool same = nstored == nwanted;
  for (size_t i = 0; same && i < nstored; i++) same = strcmp(stored[i], wanted[i]) == 0;
  if (same) return;
  add(t, "\n  %s:", what);
  for (size_t i = 0; i < nstored; i++) add(t, " %s", stored[i]);
  add(t, " there,");
  for (size_t i = 0; i < nwanted; i++) add(t, " %s", wanted[i]);
  add(t, " here");
}

/* " log_prior flux[5] label (text of 16)" */
static void add_blobs(text *t, const ens_blobs *blobs) {
  for (size_t i = 0; i < blobs->count; i++) {
    const ens_blob_def *def = &blobs->def[i];
    add(t, " %s", def->name);
    if (def->kind == ENS_BLOB_VECTOR) add(t, "[%zu]", def->length);
    if (def->kind == ENS_BLOB_TEXT) add(t, " (text of %zu)", def->length);
  }
}

static void compare_blobs(text *t, const ens_blobs *stored, const ens_blobs *wanted) {
  if (ens_blobs_are_equal(stored, wanted)) return;
  add(t, "\n  blobs:");
  add_blobs(t, stored);
  add(t, " there,");
  add_blobs(t, wanted);
  add(t, " here");
}

/* The value of "field":"value" or "field":value in a record's extra; the texts are our own. */
static bool find_extra(const char *extra, const char *field, char *out, size_t size) {
  char key[32];
  snprintf(key, sizeof key, "\"%s\":", field);
  const char *at = extra ? strstr(extra, key) : NULL;
  if (!at) return false;
  at += strlen(key);
  at += *at == '"';
  snprintf(out, size, "%.*s", (int)strcspn(at, "\",}"), at);
  return true;
}

static bool extra_differs(const char *field, const char *stored, const char *wanted) {
  char a[128] = "", b[128] = "";
  find_extra(stored, field, a, sizeof a);
  find_extra(wanted, field, b, sizeof b);
  return strcmp(a, b) != 0;
}

static void compare_extra(text *t, const char *field, const char *what, const char *stored, const char *wanted) {
  if (extra_differs(field, stored, wanted)) add(t, "\n  %s", what);
}

static void compare_data(text *t, const char *stored, const char *wanted) {
  if (!extra_differs("data", stored, wanted)) return;
  char *which = ens_run_fields_differ(stored, wanted);
  add(t, "\n  the data have changed%s", which ? which : "");
  free(which);
}

/* The one file of a model that the store has; NULL where there is none, or no telling which one it was. */
static const char *stored_model(const ens_store_record *stored) {
  const char *name = NULL;
  for (size_t i = 0; i < stored->nsources; i++) {
    if (strcmp(stored->source[i].role, "model") != 0) continue;
    if (name) return NULL;
    name = stored->source[i].name;
  }
  return name;
}

static void compare_model(text *t, const ens_store_record *stored, const ens_store_record *wanted, const char *model) {
  const char *before = stored_model(stored);
  if (!extra_differs("model", stored->extra, wanted->extra)) return;
  add(t, "\n  the model has changed: ");
  if (before && strcmp(before, model) != 0) add(t, "%s there, ", before);
  add(t, "%s%s", model, before && strcmp(before, model) != 0 ? " here" : "");
}

/* Modules that a model required are part of it. */
static void compare_modules(text *t, const ens_store_record *stored, const ens_store_record *wanted) {
  for (size_t i = 0; i < stored->nsources; i++)
    for (size_t j = 0; j < wanted->nsources; j++) {
      const ens_store_record_source *a = &stored->source[i], *b = &wanted->source[j];
      if (strcmp(a->role, "model module") == 0 && strcmp(a->role, b->role) == 0 && strcmp(a->name, b->name) == 0 &&
          strcmp(a->text, b->text) != 0)
        add(t, "\n  the model's module %s has changed", a->name);
    }
}

/* What even a forced continuation cannot do with: the chain would have another shape. */
static void compare_shape(text *t, const ens_store_record *stored, const ens_store_record *wanted) {
  compare_names(t, "parameters", stored->parameters, stored->ndim, wanted->parameters, wanted->ndim);
  compare_blobs(t, &stored->blobs, &wanted->blobs);
  compare_number(t, "walkers", stored->nwalkers, wanted->nwalkers);
  compare_number(t, "thin_by", stored->thin_by, wanted->thin_by);
}

static void compare_meaning(text *t, const ens_store_record *stored, const ens_store_record *wanted,
                            const char *model) {
  compare_number(t, "seed", stored->seed, wanted->seed);
  compare_text(t, "moves", stored->moves, wanted->moves);
  compare_text(t, "random numbers", stored->rng, wanted->rng);
  compare_model(t, stored, wanted, model);
  compare_modules(t, stored, wanted);
  compare_data(t, stored->extra, wanted->extra);
  compare_extra(t, "tune", "tune, the number of steps before the chain, has changed", stored->extra, wanted->extra);
  compare_extra(t, "domain", "the bounds or the periodic parameters have changed", stored->extra, wanted->extra);
  compare_extra(t, "nsplits", "nsplits, the number of sets, has changed", stored->extra, wanted->extra);
  compare_extra(t, "split", "randomize_split has changed", stored->extra, wanted->extra);
}

/* Not a difference by itself: but an inline model, and numbers that are integers in Lua 5.4 alone, look like others. */
static void explain_by_engine(text *t, const ens_store_record *stored, const ens_store_record *wanted) {
  if (t->size && strcmp(stored->engine, wanted->engine) != 0)
    add(t,
        "\n  the engine: %s there, %s here, where inline models and whole numbers in data count as others (--engine %s "
        "is the one there)",
        stored->engine, wanted->engine, strncmp(stored->engine, "LuaJIT", 6) == 0 ? "luajit" : "lua");
}

static ens_status refuse(const text *t, const char *path, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' holds a run that this one cannot continue:%s\nbring back what has changed, or give "
                       "another output, or move the file away",
                       path, t->bytes);
}

ens_status ens_run_record_compare(const ens_store_record *stored, const ens_store_record *wanted, const char *model,
                                  const char *path, char **forced, ens_error *error) {
  text t = {0};
  compare_shape(&t, stored, wanted);
  bool can_be_forced = t.size == 0;
  compare_meaning(&t, stored, wanted, model);
  explain_by_engine(&t, stored, wanted);
  ens_status status = t.failed ? ens_error_memory(error) : ENS_OK;
  if (!status && t.size && forced && can_be_forced) {
    free(*forced);
    *forced = t.bytes;
    return ENS_OK;
  }
  if (!status && t.size) status = refuse(&t, path, error);
  free(t.bytes);
  return status;
}
