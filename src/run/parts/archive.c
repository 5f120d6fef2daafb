/* First a look that changes nothing, then the store is created or resumed; closing decides its final status. */
#include "run/parts/archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/process.h"
#include "process/signals.h"
#include "store/create.h"
#include "store/file/place.h"
#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"

/* ---- looking at what exists ---- */

static ens_status compare(ens_archive *archive, const ens_store_record *stored, ens_error *error) {
  const ens_archive_options *options = &archive->options;
  return options->compare(options->context, stored, options->force ? &archive->forced : NULL, error);
}

/* Only reads: a run that differs, or that has nothing left to do, leaves the store untouched. */
static ens_status look_at_stored(ens_archive *archive, ens_error *error) {
  ens_store_info info;
  ens_status status = ens_store_info_read(archive->options.path, &info, error);
  if (status) return status;
  status = compare(archive, &info.record, error);
  archive->before = (ens_sampler_counts){.evaluations = info.evaluations, .errors = info.errors, .nans = info.nans};
  archive->checkpoint.step = info.steps;
  archive->stored_before = true;
  archive->settled = info.status == ENS_RUN_FINISHED;
  if (!archive->options.replayed) archive->base = info.steps;
  ens_store_info_free(&info);
  return status;
}

static ens_status check_place(const char *path, ens_error *error) {
  ens_place place = {0};
  ens_status status = ens_place_find_new(path, &place, error);
  if (!status && !ens_place_is_writable_folder(&place))
    status = ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: the folder '%s' cannot be written to", path,
                           place.folder);
  if (!status) status = ens_place_try(&place, error);
  ens_place_clear(&place);
  return status;
}

ens_status ens_archive_open(ens_archive *archive, const ens_archive_options *options, ens_error *error) {
  const char *path = options->path;
  *archive = (ens_archive){.options = *options, .base = options->base};
  if (!path) return ENS_OK;
  bool exists = access(path, F_OK) == 0;
  if (exists && options->never)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' exists, and resume is \"never\": move it away, or give another output", path);
  if (exists) return look_at_stored(archive, error);
  if (options->must)
    return ens_error_set(error, ENS_CONFIG, "'%s' does not exist, and resume is \"must\": there is no run to continue",
                         path);
  return check_place(path, error);
}

void ens_archive_free(ens_archive *archive) {
  if (archive->reader) archive->reader->ops->destroy(archive->reader);
  ens_store_checkpoint_free(&archive->checkpoint);
  free(archive->forced);
  *archive = (ens_archive){0};
}

/* ---- becoming the writer ---- */

static ens_store_options store_options(const ens_archive *archive, unsigned workers) {
  return (ens_store_options){.commit_every = archive->options.commit_every,
                             .journal = archive->options.journal,
                             .workers = workers,
                             .ranks = archive->options.ranks,
                             .base = archive->base,
                             .target = ens_archive_target(archive),
                             .job_id = getenv("SLURM_JOB_ID"),
                             .note = ens_process_note};
}

/* The line about accepted differences, for the log and the screen; the caller frees it. NULL: no memory. */
static char *forced_line(const ens_archive *archive) {
  static const char form[] = "a forced continuation, from step %llu on:%s";
  unsigned long long step = (unsigned long long)archive->checkpoint.step;
  int size = snprintf(NULL, 0, form, step, archive->forced);
  char *line = malloc((size_t)size + 1);
  if (line) snprintf(line, (size_t)size + 1, form, step, archive->forced);
  return line;
}

/* Two engines compute the same chain only if each operation of the model gives the same bits in both. */
static void describe_engines(const ens_archive *archive, const char *stored, char *out, size_t size) {
  snprintf(out, size,
           "from step %llu on the run continues under %s; the steps before were made under %s: the chain is that of "
           "one run only if the model computes the same numbers under both",
           (unsigned long long)archive->checkpoint.step, archive->options.engine, stored);
}

/* Takes the writer's place. `engine` made the last steps; `stored` becomes the store's record. */
static ens_status take_over(ens_archive *archive, ens_store_options *options, const char *engine,
                            ens_store_record *stored, ens_error *error) {
  char *line = archive->forced ? forced_line(archive) : NULL, other[256];
  if (archive->forced && !line) return ens_error_memory(error);
  options->forced = line;
  if (strcmp(engine, archive->options.engine) != 0) {
    describe_engines(archive, engine, other, sizeof other);
    options->engine = archive->options.engine;
    options->other_engine = other;
  }
  ens_status status =
      ens_store_resume(archive->options.path, options, &archive->store, stored, &archive->checkpoint, error);
  if (!status && line) ens_process_note("%s", line);
  if (!status && options->engine) ens_process_note("warning: %s", other);
  free(line);
  return status;
}

/* Closes the store, so that a second try compares it again. */
static void give_up(ens_archive *archive) {
  uint64_t step = archive->checkpoint.step;
  ens_store_checkpoint_free(&archive->checkpoint);
  archive->checkpoint.step = step;
  ens_archive_close(archive, ENS_RUN_STOPPED, 75, NULL);
}

ens_status ens_archive_resume(ens_archive *archive, const ens_store_record *record, unsigned workers,
                              ens_error *error) {
  ens_store_options options = store_options(archive, workers);
  ens_store_record stored = {0};
  ens_store_info info;
  options.replace = archive->options.replayed ? NULL : record;
  ens_status status = ens_store_info_read(archive->options.path, &info, error);
  if (status) return status;
  status = compare(archive, &info.record, error);
  if (!status) status = take_over(archive, &options, info.record.engine, &stored, error);
  ens_store_info_free(&info);
  if (status) return status;
  ens_signals_add_store(archive->store, archive->options.path);
  status = compare(archive, &stored, error);
  ens_store_record_free(&stored);
  if (status) give_up(archive);
  return status;
}

ens_status ens_archive_create(ens_archive *archive, const ens_store_record *record, const ens_store_checkpoint *start,
                              unsigned workers, ens_error *error) {
  ens_store_options options = store_options(archive, workers);
  ens_status status = ens_store_create(archive->options.path, record, start, &options, &archive->store, error);
  if (!status) ens_signals_add_store(archive->store, archive->options.path);
  return status;
}

/* ---- writing ---- */

void ens_archive_set_counts(ens_archive *archive, ens_store_counts *counts) {
  counts->base = archive->base;
  counts->target = ens_archive_target(archive);
  ens_store_set_counts(archive->store, counts);
}

void ens_archive_log(ens_archive *archive, const char *level, const char *message) {
  if (archive->store) ens_store_log(archive->store, level, message);
}

ens_status ens_archive_save(ens_archive *archive, ens_status status, ens_error *error) {
  ens_error saving = ENS_ERROR_NONE;
  if (!archive->store) return status;
  if (status < 0) ens_archive_log(archive, "error", ens_error_text(error));
  ens_status saved = ens_store_flush(archive->store, &saving);
  if (saved && status == ENS_STOPPED) {
    status = saved;
    ens_error_move(error, &saving);
  }
  ens_error_clear(&saving);
  archive->failure_reported = status == ENS_IO && ens_store_has_failed(archive->store);
  return status;
}

/* The sampling thread may still look at the store, so that the pointer stays. */
void ens_archive_abandon(ens_archive *archive) {
  if (!archive->store) return;
  ens_signals_remove_store(archive->store);
  ens_store_close(archive->store, ENS_RUN_FAILED, 1, NULL);
}

ens_status ens_archive_close(ens_archive *archive, ens_store_run_status status, int exit_status, ens_error *error) {
  ens_store *store = archive->store;
  if (!store) return ENS_OK;
  archive->store = NULL;
  ens_signals_remove_store(store);
  bool quiet = status == ENS_RUN_FAILED && archive->failure_reported;
  ens_status closed = ens_store_close(store, status, exit_status, quiet ? NULL : error);
  return quiet ? ENS_OK : closed;
}

/* ---- reading ---- */

uint64_t ens_archive_committed(const ens_archive *archive) {
  return archive->store ? ens_store_committed(archive->store) : archive->checkpoint.step;
}

uint64_t ens_archive_target(const ens_archive *archive) {
  return archive->target < ENS_ARCHIVE_ENDLESS ? archive->target : 0;
}

ens_status ens_archive_read(ens_archive *archive, uint64_t steps, ens_chain **out, ens_error *error) {
  ens_status status = archive->store ? ens_store_flush(archive->store, error) : ENS_OK;
  if (!status && (!archive->reader || archive->reader->nsteps != steps)) {
    if (archive->reader) archive->reader->ops->destroy(archive->reader);
    archive->reader = NULL;
    status = ens_stored_chain_open(archive->options.path, &archive->reader, error);
  }
  *out = archive->reader;
  return status;
}
