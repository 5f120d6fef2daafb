/* Fills the same structure from a live run or from a store. */
#include "run/info.h"

#include <stdlib.h>
#include <string.h>

#include "run/identity.h"
#include "run/origin.h"
#include "stats/summary/advice.h"
#include "store/info.h"
#include "store/stored_chain.h"

void ens_run_info_free(ens_run_info *info) {
  for (size_t i = 0; info->parameters && i < info->ndim; i++) free(info->parameters[i]);
  free(info->parameters);
  free(info->status);
  free(info->engine);
  free(info->version);
  free(info->worker);
  ens_moves_free(&info->moves);
  for (size_t i = 0; i < info->nwarnings; i++) free(info->warning[i]);
  free(info->warning);
  ens_domain_destroy(info->domain);
  *info = (ens_run_info){0};
}

/* ---- names and warnings ---- */

static char *copy_text(const char *text) {
  return strdup(text ? text : "");
}

ens_status ens_run_info_name(ens_run_info *info, const ens_run_info_names *names, ens_error *error) {
  info->ndim = names->ndim;
  info->parameters = calloc(names->ndim + 1, sizeof *info->parameters);
  info->status = copy_text(names->status);
  info->engine = copy_text(names->engine);
  info->version = copy_text(names->version);
  bool fine = info->parameters && info->status && info->engine && info->version;
  for (size_t i = 0; fine && i < names->ndim; i++)
    fine = (info->parameters[i] = copy_text(names->parameters[i])) != NULL;
  if (fine) return ENS_OK;
  ens_run_info_free(info);
  return ens_error_memory(error);
}

ens_status ens_run_info_warn(ens_run_info *info, const uint64_t *accepted, const double *log_prob, ens_error *error) {
  ens_advice_early early = {.nwalkers = info->nwalkers,
                            .steps = info->steps,
                            .accepted = accepted,
                            .log_prob = log_prob,
                            .judged = info->judged};
  return ens_advice_give_early(&early, &info->warning, &info->nwarnings, error);
}

/* ---- a stored run ---- */

static bool copy_workers(ens_run_info *info, const ens_store_info *from) {
  info->worker = calloc(from->nworkers + 1, sizeof *info->worker);
  if (!info->worker) return false;
  info->nworkers = from->nworkers;
  for (size_t i = 0; i < from->nworkers; i++) {
    info->worker[i] = (ens_evaluator_stats){.rank = from->worker[i].rank,
                                            .worker = from->worker[i].worker,
                                            .evaluations = from->worker[i].evaluations,
                                            .busy_s = from->worker[i].busy_s};
    memcpy(info->worker[i].host, from->worker[i].host, sizeof info->worker[i].host);
  }
  return true;
}

static ens_status copy_stored(const ens_store_info *from, ens_run_info *info, ens_error *error) {
  *info = (ens_run_info){.steps = from->steps,
                         .seed = from->record.seed,
                         .evaluations = from->evaluations,
                         .errors = from->errors,
                         .nans = from->nans,
                         .nwalkers = from->record.nwalkers,
                         .acceptance_fraction = from->acceptance_fraction,
                         .wall_s = from->wall_s,
                         .model_s = from->model_s,
                         .workers = from->workers,
                         .ranks = from->ranks};
  if (!copy_workers(info, from)) return ens_error_memory(error);
  ens_run_info_names names = {.ndim = from->record.ndim,
                              .parameters = from->record.parameters,
                              .status = ens_run_origin_status(from),
                              .engine = from->record.engine,
                              .version = from->record.version};
  return ens_run_info_name(info, &names, error);
}

/* Counts the moves in the chain, which is read only if the run has a mixture. */
static ens_status count_moves(const ens_identity *identity, const ens_store_info *from, ens_moves *moves,
                              ens_error *error) {
  ens_moves_span span = {.seed = from->record.seed, .thin_by = from->record.thin_by};
  ens_chain *chain;
  ens_status status = ens_identity_read_tune(identity, &span.tune, error);
  if (status || moves->n < 2) return status;
  status = ens_stored_chain_open(identity->path, &chain, error);
  if (status) return status;
  status = ens_moves_count_chain(moves, chain, &span, error);
  chain->ops->destroy(chain);
  return status;
}

static ens_status read_identity(const char *path, const ens_store_info *from, ens_run_info *info, ens_error *error) {
  ens_identity identity;
  ens_moves moves = {0};
  ens_status status = ens_identity_read(&from->record, path, &identity, error);
  if (!status) status = ens_identity_read_domain(&identity, &info->domain, error);
  if (!status) status = ens_identity_read_moves(&identity, &moves, error);
  if (!status) status = count_moves(&identity, from, &moves, error);
  if (!status) {
    info->judged = ens_moves_judge(&moves, info->steps, from->naccepted, info->nwalkers);
    status = ens_moves_copy(&moves, &info->moves, error);
  }
  ens_moves_free(&moves);
  return status;
}

ens_status ens_run_info_read(const char *path, ens_run_info *out, ens_error *error) {
  ens_store_info stored;
  ens_status status = ens_store_info_read(path, &stored, error);
  if (status) return status;
  status = copy_stored(&stored, out, error);
  if (!status) status = read_identity(path, &stored, out, error);
  if (!status) status = ens_run_info_warn(out, stored.naccepted, stored.log_prob, error);
  if (status) ens_run_info_free(out);
  ens_store_info_free(&stored);
  return status;
}

ens_status ens_run_info_read_chain(const char *path, ens_chain **chain, ens_run_info *info, ens_error *error) {
  ens_status status = ens_run_info_read(path, info, error);
  if (status) return status;
  status = ens_stored_chain_open(path, chain, error);
  if (status) ens_run_info_free(info);
  return status;
}
