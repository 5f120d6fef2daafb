/* The output of a run that is there already: compared, refused, or gone on with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/process.h"
#include "run/moves.h"
#include "run/parts.h"
#include "run/ranks.h"
#include "run/record.h"
#include "store/file/place.h"
#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"

ens_store_options ens_run_store_options(const ens_run *run) {
  return (ens_store_options){.commit_every = run->config.commit_every,
                             .journal = run->config.journal,
                             .workers = (unsigned)ens_run_workers(run),
                             .ranks = ens_run_ranks(),
                             .base = run->config.base,
                             .target = run->target < ENS_RUN_ENDLESS ? run->target : 0,
                             .job_id = getenv("SLURM_JOB_ID"),
                             .note = ens_process_note};
}

static ens_status compare_stored(ens_run *run, const ens_store_record *stored, ens_error *error) {
  ens_store_record wanted;
  char **forced = run->config.resume == ENS_RESUME_FORCE ? &run->forced : NULL;
  ens_status status = ens_run_record_make(&run->config, run->model, &wanted, error);
  if (status) return status;
  status = ens_run_record_compare(stored, &wanted, run->model->name, run->config.output, forced, error);
  ens_run_record_clear(&wanted);
  return status;
}

/* Compares before the store is touched: a refused run, or one with nothing left to do, leaves no trace in it. */
static ens_status read_stored(ens_run *run, ens_error *error) {
  ens_store_info info;
  ens_status status = ens_store_info_read(run->config.output, &info, error);
  if (status) return status;
  status = compare_stored(run, &info.record, error);
  run->before = (ens_sampler_counts){.evaluations = info.evaluations, .errors = info.errors, .nans = info.nans};
  run->checkpoint.step = info.steps;
  run->kept_at = run->config.tune + info.steps * run->thin_by;
  run->stored_before = true;
  run->settled = info.status == ENS_RUN_FINISHED;
  if (!run->config.replayed) run->config.base = info.steps;
  ens_store_info_free(&info);
  return status ? status : ens_run_until_recall(run, error);
}

/* What the forced continuation says of itself, in the store's log and on the screen. */
static char *forced_line(const ens_run *run) {
  static const char form[] = "a forced continuation, from step %llu on:%s";
  unsigned long long step = (unsigned long long)run->checkpoint.step;
  int size = snprintf(NULL, 0, form, step, run->forced);
  char *line = malloc((size_t)size + 1);
  if (line) snprintf(line, (size_t)size + 1, form, step, run->forced);
  return line;
}

/* Two engines compute the same chain only where each operation of the model has the same bits in both. */
static void warn_of_engine(const ens_run *run, const char *stored, char *out, size_t size) {
  snprintf(out, size,
           "from step %llu on the run goes on under %s; the steps before are of %s: the chain is that of one run only "
           "if the model computes the same numbers under both",
           (unsigned long long)run->checkpoint.step, run->config.engine, stored);
}

/* Takes the store's place of writer, with what the run is now made from. `stored`: the engine of the last steps. */
static ens_status open_stored(ens_run *run, const char *stored, const ens_store_record *now, ens_store_record *record,
                              ens_error *error) {
  ens_store_options options = ens_run_store_options(run);
  char *line = run->forced ? forced_line(run) : NULL, other[256];
  if (run->forced && !line) return ens_error_memory(error);
  options.replace = run->config.replayed ? NULL : now;
  options.forced = line;
  if (strcmp(stored, run->config.engine) != 0) {
    warn_of_engine(run, stored, other, sizeof other);
    options.engine = run->config.engine;
    options.other_engine = other;
  }
  ens_status status = ens_store_resume(run->config.output, &options, &run->store, record, &run->checkpoint, error);
  if (!status && line) ens_process_note("%s", line);
  if (!status && options.engine) ens_process_note("warning: %s", other);
  free(line);
  return status;
}

/* What the moves did in the steps that are there. */
static ens_status count_moves(ens_run *run, ens_error *error) {
  ens_chain *chain;
  ens_status status = ens_stored_chain_open(run->config.output, &chain, error);
  if (status) return status;
  status = ens_run_moves_count(chain, run->config.seed, run->config.tune, run->thin_by, run->nmixed, run->mixed, error);
  chain->ops->destroy(chain);
  return status;
}

/* Becomes the store's writer. What is stored is compared again: setup has run, and the file may be another by now. */
ens_status ens_run_resume_stored(ens_run *run, ens_error *error) {
  ens_store_record record = {0}, now;
  ens_store_info info;
  ens_status status = ens_store_info_read(run->config.output, &info, error);
  if (status) return status;
  status = compare_stored(run, &info.record, error);
  if (!status) status = ens_run_record_make(&run->config, run->model, &now, error);
  if (!status) {
    status = open_stored(run, info.record.engine, &now, &record, error);
    ens_run_record_clear(&now);
  }
  ens_store_info_free(&info);
  if (status) return status;
  status = compare_stored(run, &record, error);
  if (status) {
    ens_store_record_free(&record);
    return status;
  }
  ens_store_record_free(&record);
  memcpy(run->naccepted, run->checkpoint.naccepted, run->config.nwalkers * sizeof *run->naccepted);
  if (!status && run->nmixed) status = count_moves(run, error);
  return status;
}

/* A file that is there is continued or refused; one that is not must be possible to make. */
ens_status ens_run_open_output(ens_run *run, ens_error *error) {
  const char *path = run->config.output;
  bool exists = access(path, F_OK) == 0;
  if (exists && run->config.resume == ENS_RESUME_NEVER)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' exists, and resume is \"never\": move it away, or give another output", path);
  if (exists) return read_stored(run, error);
  if (run->config.resume == ENS_RESUME_MUST)
    return ens_error_set(error, ENS_CONFIG, "'%s' does not exist, and resume is \"must\": there is no run to continue",
                         path);
  ens_place place = {0};
  ens_status status = ens_place_find_new(path, &place, error);
  if (!status && !ens_place_is_writable_folder(&place))
    status = ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: the folder '%s' cannot be written to", path,
                           place.folder);
  if (!status) status = ens_place_try(&place, error);
  ens_place_clear(&place);
  return status;
}
