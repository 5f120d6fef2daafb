/* For each of the two texts its writer, then its reader by json.h; both must change together. */
#include "run/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "process/process.h"
#include "process/sources.h"
#include "store/format/codec.h"

/* The name of the random number streams. If their layout changes, the name does, and no older run can be resumed. */
static const char rng_name[] = "philox4x64-10/2";

/* ---- writing: moves ---- */

/* 0.5, [0.5,2] or [[1,0],[0,1]]. */
static void add_matrix(ens_text *t, const ens_move_matrix *matrix) {
  size_t n = matrix->ncols, count = (matrix->nrows ? matrix->nrows : 1) * n;
  const char *open = matrix->nrows > 1 ? "[[" : matrix->nrows ? "[" : "";
  const char *close = matrix->nrows > 1 ? "]]" : matrix->nrows ? "]" : "";
  for (size_t i = 0; i < count; i++)
    ens_text_add(t, "%s%.17g", i == 0 ? open : i % n ? "," : "],[", matrix->element[i]);
  ens_text_add(t, "%s", close);
}

static void add_parameter(ens_text *t, const ens_run_config_move *move, size_t p) {
  const ens_move_parameter *parameter = &move->kind->parameter[p];
  const char *word = ens_move_word(parameter, move->value[p]);
  if (word && strcmp(word, "none") == 0) return;
  ens_text_add(t, ",\"%s\":", parameter->name);
  if (parameter->covariance) {
    ens_move_matrix matrix = ens_move_matrix_at(move->value, p);
    add_matrix(t, &matrix);
  } else if (word) {
    ens_text_add(t, "\"%s\"", word);
  } else {
    ens_text_add(t, "%.17g", move->value[p]);
  }
}

/* [{"move":"stretch","weight":1,"a":2}] */
static char *write_moves(const ens_run_config_sampling *sampling) {
  ens_text t = {0};
  ens_text_add(&t, "[");
  for (size_t i = 0; i < sampling->nmoves; i++) {
    const ens_run_config_move *move = &sampling->move[i];
    ens_text_add(&t, "%s{\"move\":\"%s\",\"weight\":%.17g", i ? "," : "", move->kind->name, move->weight);
    for (size_t p = 0; p < move->kind->nparameters; p++) add_parameter(&t, move, p);
    if (move->fingerprint[0]) ens_text_add(&t, ",\"proposal\":\"%s\"", move->fingerprint);
    ens_text_add(&t, "}");
  }
  ens_text_add(&t, "]");
  return ens_text_take(&t);
}

/* ---- writing: extra ---- */

/* A checksum of the bounds and the periodic parameters. The fingerprint of a model covers them, except if the model is
 * a library. */
static uint32_t domain_crc(const ens_domain *domain) {
  uint32_t crc = ens_codec_crc(0, domain->low, domain->ndim * sizeof *domain->low);
  crc = ens_codec_crc(crc, domain->high, domain->ndim * sizeof *domain->high);
  return ens_codec_crc(crc, domain->periodic, domain->ndim * sizeof *domain->periodic);
}

/* "periodic":[[0,0,6.2831853071795862]]: the parameter, from 0, its low and its high. */
static void add_periodic(ens_text *t, const ens_domain *domain) {
  const char *before = ",\"periodic\":[";
  for (size_t d = 0; d < domain->ndim; d++) {
    if (!domain->periodic[d]) continue;
    char low[ENS_DECIMAL_SIZE], high[ENS_DECIMAL_SIZE];
    ens_decimal_write(domain->low[d], low);
    ens_decimal_write(domain->high[d], high);
    ens_text_add(t, "%s[%zu,%s,%s]", before, d, low, high);
    before = ",";
  }
  if (domain->any_periodic) ens_text_add(t, "]");
}

static char *write_extra(const ens_run_config_sampling *sampling, const ens_model *model) {
  ens_text t = {0};
  ens_text_add(&t, "{\"model\":\"%s\",\"data\":\"%s\",\"nsplits\":%zu,\"tune\":%llu", model->fingerprint,
               model->data_fingerprint, sampling->nsplits, (unsigned long long)sampling->tune);
  if (!sampling->randomize_split) ens_text_add(&t, ",\"split\":\"fixed\"");
  if (model->data_fields) ens_text_add(&t, ",\"fields\":\"%s\"", model->data_fields);
  if (model->domain) ens_text_add(&t, ",\"domain\":\"crc32:%08lx\"", (unsigned long)domain_crc(model->domain));
  if (model->domain) add_periodic(&t, model->domain);
  ens_text_add(&t, "}");
  return ens_text_take(&t);
}

/* ---- the record ---- */

ens_status ens_identity_make(const ens_run_config *config, const ens_model *model, ens_store_record *out,
                             ens_error *error) {
  const ens_run_config_origin *origin = &config->origin;
  *out = (ens_store_record){.nwalkers = config->sampling.nwalkers,
                            .ndim = model->ndim,
                            .parameters = model->parameters,
                            .blobs = model->blobs,
                            .thin_by = config->sampling.thin_by,
                            .seed = config->sampling.seed,
                            .rng = (char *)rng_name,
                            .engine = (char *)origin->engine,
                            .version = (char *)ens_process_version(),
                            .script_name = origin->script_name,
                            .script = origin->script,
                            .argv = origin->argv,
                            .folder = origin->folder,
                            .output = origin->output_name};
  out->moves = write_moves(&config->sampling);
  out->extra = write_extra(&config->sampling, model);
  ens_status status = out->moves && out->extra ? ens_sources_collect(out, error) : ens_error_memory(error);
  if (status) ens_identity_clear(out);
  return status;
}

void ens_identity_clear(ens_store_record *record) {
  ens_sources_clear(record);
  free(record->moves);
  free(record->extra);
  *record = (ens_store_record){0};
}

/* ---- reading ---- */

static ens_status damaged(const ens_identity *identity, const char *what, ens_error *error) {
  return ens_error_set(error, ENS_IO, "'%s' is damaged: %s", identity->path, what);
}

ens_status ens_identity_read(const ens_store_record *record, const char *path, ens_identity *out, ens_error *error) {
  *out = (ens_identity){.path = path, .ndim = record->ndim};
  if (record->moves && !ens_json_check(record->moves, &out->moves))
    return damaged(out, "the text that describes its moves is not JSON", error);
  if (record->extra && (!ens_json_check(record->extra, &out->extra) || !ens_json_is_object(out->extra)))
    return damaged(out, "the text that describes its model and data is not a JSON object", error);
  return ENS_OK;
}

ens_json ens_identity_field(const ens_identity *identity, const char *name) {
  ens_json value = ens_json_member(identity->extra, name), text;
  return ens_json_text(value, &text) ? text : value;
}

/* False: a form that this version does not know. */
static bool read_move(ens_json item, ens_moves *out, size_t i) {
  ens_json name;
  double weight = 0;
  if (!ens_json_text(ens_json_member(item, "move"), &name)) return false;
  if (!ens_json_number(ens_json_member(item, "weight"), &weight) || !(weight > 0)) return false;
  ens_moves_set(out, i, name.at, name.size, weight);
  return true;
}

ens_status ens_identity_read_moves(const ens_identity *identity, ens_moves *out, ens_error *error) {
  size_t n = 0, i = 0;
  for (ens_json at = ens_json_first(identity->moves); at.size; at = ens_json_next(identity->moves, at)) n++;
  ens_status status = ens_moves_create(n, out, error);
  if (status) return status;
  for (ens_json at = ens_json_first(identity->moves); i < n && read_move(at, out, i); i++)
    at = ens_json_next(identity->moves, at);
  if (i < n) out->n = 0;
  return ENS_OK;
}

ens_status ens_identity_read_tune(const ens_identity *identity, uint64_t *out, ens_error *error) {
  ens_json tune = ens_json_member(identity->extra, "tune");
  *out = 0;
  if (!tune.size || ens_json_count(tune, out)) return ENS_OK;
  return damaged(identity, "its number of tuning steps is no number", error);
}

/* [place, low, high] */
static bool read_periodic(ens_json entry, ens_domain *domain) {
  ens_json place = ens_json_first(entry), low = ens_json_next(entry, place), high = ens_json_next(entry, low);
  uint64_t d;
  if (!ens_json_count(place, &d) || d >= domain->ndim) return false;
  if (!ens_json_number(low, &domain->low[d]) || !ens_json_number(high, &domain->high[d])) return false;
  domain->periodic[d] = domain->any_periodic = true;
  return domain->low[d] < domain->high[d];
}

ens_status ens_identity_read_domain(const ens_identity *identity, ens_domain **out, ens_error *error) {
  ens_json list = ens_json_member(identity->extra, "periodic");
  *out = NULL;
  if (!list.size) return ENS_OK;
  *out = ens_domain_create(identity->ndim);
  if (!*out) return ens_error_memory(error);
  bool fine = ens_json_is_array(list);
  for (ens_json at = ens_json_first(list); fine && at.size; at = ens_json_next(list, at))
    fine = read_periodic(at, *out);
  if (fine) return ENS_OK;
  ens_domain_destroy(*out);
  *out = NULL;
  return damaged(identity, "its periodic parameters cannot be read", error);
}
