#include "run/info.h"

#include <stdlib.h>
#include <string.h>

#include "process/sources.h"
#include "run/moves.h"
#include "run/record.h"
#include "store/info.h"
#include "store/store.h"
#include "store/stored_chain.h"

static const char *const status_names[] = {[ENS_RUN_RUNNING] = "running",
                                           [ENS_RUN_STOPPED] = "stopped",
                                           [ENS_RUN_FINISHED] = "finished",
                                           [ENS_RUN_FAILED] = "failed"};

void ens_run_info_free(ens_run_info *info) {
  for (size_t i = 0; info->parameters && i < info->ndim; i++) free(info->parameters[i]);
  free(info->parameters);
  free(info->status);
  free(info->engine);
  free(info->version);
  free(info->worker);
  free(info->move);
  for (size_t i = 0; i < info->nwarnings; i++) free(info->warning[i]);
  free(info->warning);
  ens_domain_destroy(info->domain);
  *info = (ens_run_info){0};
}

ens_status ens_run_info_name(ens_run_info *info, size_t ndim, char *const *parameters, const char *status,
                             const char *engine, const char *version, ens_error *error) {
  info->parameters = calloc(ndim + 1, sizeof *info->parameters);
  info->ndim = ndim;
  info->status = strdup(status);
  info->engine = strdup(engine ? engine : "");
  info->version = strdup(version ? version : "");
  bool fine = info->parameters && info->status && info->engine && info->version;
  for (size_t i = 0; fine && i < ndim; i++) fine = (info->parameters[i] = strdup(parameters[i])) != NULL;
  if (fine) return ENS_OK;
  ens_run_info_free(info);
  return ens_error_memory(error);
}

static bool copy_workers(ens_run_info *info, const ens_store_info *from) {
  info->worker = calloc(from->nworkers + 1, sizeof *info->worker);
  if (!info->worker) return false;
  info->nworkers = from->nworkers;
  for (size_t i = 0; i < from->nworkers; i++)
    info->worker[i] = (ens_evaluator_stats){.rank = from->worker[i].rank,
                                         .worker = from->worker[i].worker,
                                         .evaluations = from->worker[i].evaluations,
                                         .busy_s = from->worker[i].busy_s};
  for (size_t i = 0; i < from->nworkers; i++)
    memcpy(info->worker[i].host, from->worker[i].host, sizeof info->worker[i].host);
  return true;
}

/* "running" of a session that has died is what a kill leaves. */
static ens_store_run_status shown_status(const ens_store_info *info) {
  return info->status == ENS_RUN_RUNNING && !info->live ? ENS_RUN_STOPPED : info->status;
}

static ens_status convert(const ens_store_info *from, ens_run_info *info, ens_error *error) {
  ens_store_run_status status = shown_status(from);
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
  ens_status told = ens_run_record_domain(&from->record, &info->domain, error);
  if (told) {
    ens_run_info_free(info);
    return told;
  }
  return ens_run_info_name(info, from->record.ndim, from->record.parameters, status_names[status], from->record.engine,
                           from->record.version, error);
}

ens_status ens_run_read_info(const char *path, ens_run_info *out, ens_error *error) {
  ens_store_info stored;
  ens_status status = ens_store_info_read(path, &stored, error);
  if (status) return status;
  status = convert(&stored, out, error);
  if (!status) {
    status = ens_run_moves_read(path, &stored.record, stored.naccepted, out, error);
    if (!status) status = ens_run_info_warn(out, stored.naccepted, stored.log_prob, error);
    if (status) ens_run_info_free(out);
  }
  ens_store_info_free(&stored);
  return status;
}

ens_status ens_run_read_chain(const char *path, ens_chain **chain, ens_run_info *info, ens_error *error) {
  ens_status status = ens_run_read_info(path, info, error);
  if (status) return status;
  status = ens_stored_chain_open(path, chain, error);
  if (status) ens_run_info_free(info);
  return status;
}

/* ---- to make a run again ---- */

void ens_run_origin_free(ens_run_origin *origin) {
  char *texts[] = {origin->script_name, origin->script, origin->argv,  origin->folder,
                   origin->output,      origin->engine, origin->status};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
  *origin = (ens_run_origin){0};
}

static char *take(char **text) {
  char *taken = *text;
  *text = NULL;
  return taken;
}

ens_status ens_run_read_origin(const char *path, ens_run_origin *out, ens_error *error) {
  ens_store_info info;
  *out = (ens_run_origin){0};
  ens_status status = ens_store_info_read(path, &info, error);
  if (status) return status;
  if (info.status == ENS_RUN_FINISHED) ens_store_tidy(path);
  status = ens_run_sources_stand_in(&info.record, error);
  ens_store_record *record = &info.record;
  *out = (ens_run_origin){.script_name = take(&record->script_name),
                          .script = take(&record->script),
                          .argv = take(&record->argv),
                          .folder = take(&record->folder),
                          .output = take(&record->output),
                          .engine = take(&record->engine),
                          .status = strdup(status_names[shown_status(&info)]),
                          .steps = info.steps,
                          .base = info.base,
                          .target = info.target};
  if (!status && !out->status) status = ens_error_memory(error);
  ens_store_info_free(&info);
  if (status) ens_run_origin_free(out);
  return status;
}
