/* The file is built under another name and renamed when it is complete. The writer's lock is on the file itself, so it
 * stays when the name changes. */
#include "store/create.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "store/file/statement.h"
#include "store/format/schema.h"
#include "store/origin.h"
#include "store/parts.h"
#include "store/session.h"
#include "sys/clock.h"

/* Writes where the file comes from, for readers who find it without its script. */
static ens_status describe(ens_database *db, const ens_store_record *record, ens_error *error) {
  struct utsname system;
  char by[128];
  snprintf(by, sizeof by, "ensemble-lua %s", record->version ? record->version : "");
  ens_status status = ens_origin_write_meta(db, "created_by", by, error);
  if (!status && uname(&system) == 0) {
    char on[512];
    snprintf(on, sizeof on, "%.100s %.100s %.100s", system.sysname, system.release, system.machine);
    status = ens_origin_write_meta(db, "system", on, error);
    if (!status) status = ens_origin_write_meta(db, "host", system.nodename, error);
  }
  if (!status) status = ens_origin_write_meta(db, "sqlite", sqlite3_libversion(), error);
  return status;
}

/* The name of the run: the file's name without its ending. NULL: no memory. */
static char *run_name(const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
  return dot && dot != base ? strndup(base, (size_t)(dot - base)) : strdup(base);
}

static ens_status write_checkpoint(ens_database *db, int64_t run_id, ens_shape shape, const ens_store_checkpoint *start,
                                   ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_checkpoint_prepare(db, &statement, error);
  if (!status) status = ens_checkpoint_write(db, statement, run_id, shape, start, error);
  sqlite3_finalize(statement);
  return status;
}

/* A run that gets a new store. */
typedef struct new_run {
  const ens_store_record *record;
  const ens_store_checkpoint *start;
  const ens_store_options *options;
  ens_writer_start begin;
} new_run;

static ens_status fill(ens_database *db, new_run *run, ens_error *error) {
  ens_writer_start *begin = &run->begin;
  char *name = run_name(db->path);
  if (!name) return ens_error_memory(error);
  ens_status status = ens_schema_create(db, error);
  if (!status) status = ens_record_insert(db, run->record, name, ens_clock_wall(), &begin->run_id, error);
  if (!status) status = write_checkpoint(db, begin->run_id, begin->shape, run->start, error);
  if (!status) status = describe(db, run->record, error);
  if (!status) status = ens_origin_write_aim(db, run->options->base, run->options->target, error);
  if (!status) status = ens_session_begin(db, begin->run_id, run->options, 0, &begin->session_id, error);
  free(name);
  return status;
}

/* Nobody needs a journal on disk for this file: after an error it is removed. */
static ens_status build(const char *file, const char *path, new_run *run, ens_error *error) {
  ens_database *db;
  ens_status status = ens_database_open(file, path, SQLITE_OPEN_READWRITE, ens_store_busy_ms(run->options), &db, error);
  if (status) return status;
  /* Pages of 8 KiB are a third faster than 4 KiB for large chunks. Larger pages would make the small tables of a short
   * run larger than its steps. */
  status = ens_database_run(
      db, "PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN", "make it", error);
  if (!status) status = fill(db, run, error);
  if (!status) status = ens_database_run(db, "COMMIT", "make it", error);
  ens_database_close(db);
  return status;
}

static ens_status build_beside(ens_store_parts *parts, new_run *run, char **aside, ens_error *error) {
  char *beside;
  ens_status status = ens_place_make_beside(&parts->place, &beside, &parts->fd, error);
  if (status) return status;
  ens_place_lock(parts->fd);
  status = ens_store_parts_check_locks(parts, error);
  if (!status) status = build(beside, parts->place.path, run, error);
  if (!status) status = ens_place_clear_journals(&parts->place, aside, error);
  if (!status) status = ens_place_publish(&parts->place, beside, error);
  if (status) unlink(beside);
  free(beside);
  return status;
}

static ens_status begin_writing(ens_store_parts *parts, const ens_writer_start *begin, ens_journal journal,
                                const ens_store_options *options, ens_store **out, ens_error *error) {
  ens_status status = ens_store_parts_attach(parts, options, error);
  if (!status) status = ens_store_parts_begin_journal(parts, journal, options, error);
  if (!status) status = ens_writer_create(parts->db, begin, &parts->writer, error);
  return status ? status : ens_store_launch(parts, begin->shape, options, out, error);
}

static void warn_left_over(ens_store *store, const ens_store_options *options, const char *aside) {
  static const char form[] =
      "a journal of another store of this name was left here: it is now '%s' (put it beside that store, or remove it)";
  char line[PATH_MAX + sizeof form];
  snprintf(line, sizeof line, form, aside);
  ens_store_log(store, "warning", line);
  if (options->note) options->note("warning: %s", line);
}

static ens_status check(const char *path, const new_run *run, ens_error *error) {
  if (run->start->step == 0) return ens_record_check(path, run->record, error);
  return ens_error_set(error, ENS_CONFIG, "'%s': a new store begins with the state before the first step", path);
}

ens_status ens_store_create(const char *path, const ens_store_record *record, const ens_store_checkpoint *start,
                            const ens_store_options *options, ens_store **out, ens_error *error) {
  ens_journal journal;
  char *aside = NULL;
  ens_store_parts parts = {.fd = -1};
  new_run run = {.record = record,
                 .start = start,
                 .options = options,
                 .begin = {.shape = ens_record_shape(record),
                           .blobs = &record->blobs,
                           .naccepted = start->naccepted,
                           .busy_limit = ens_store_busy_limit(options),
                           .full_limit = ens_store_full_limit(options),
                           .note = options->note}};
  *out = NULL;
  ens_status status = check(path, &run, error);
  if (!status) status = ens_journal_parse(options->journal, &journal, error);
  if (!status) status = ens_place_find_new(path, &parts.place, error);
  if (!status) status = build_beside(&parts, &run, &aside, error);
  if (status) goto fail;
  char *file = strdup(parts.place.file);
  status = file ? begin_writing(&parts, &run.begin, journal, options, out, error) : ens_error_memory(error);
  ens_store_parts_clear(&parts);
  if (status && file) ens_place_discard(file); /* the file is ours and has no steps */
  free(file);
  if (!status && aside) warn_left_over(*out, options, aside);
fail:
  free(aside);
  ens_store_parts_clear(&parts);
  return status;
}
