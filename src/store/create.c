/* Making a new store. It is built under another name beside its place and moved there whole; the lock that the writer
 * holds is on the file itself and moves with it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "store/launch.h"
#include "store/origin.h"
#include "store/schema.h"

/* Who made the file, for whoever finds it without its script. */
static ens_status describe(ens_database *db, const ens_store_record *record, ens_error *error) {
  struct utsname system;
  char by[128];
  snprintf(by, sizeof by, "ensemble-lua %s", record->version ? record->version : "");
  ens_status status = ens_origin_write_meta(db, "created_by", by, error);
  if (status == ENS_OK && uname(&system) == 0) {
    char on[512];
    snprintf(on, sizeof on, "%.100s %.100s %.100s", system.sysname, system.release, system.machine);
    status = ens_origin_write_meta(db, "system", on, error);
    if (status == ENS_OK) status = ens_origin_write_meta(db, "host", system.nodename, error);
  }
  if (status == ENS_OK) status = ens_origin_write_meta(db, "sqlite", sqlite3_libversion(), error);
  return status;
}

/* What the run is called: the file's name without its ending. NULL: no memory. */
static char *run_name(const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
  return dot && dot != base ? strndup(base, (size_t)(dot - base)) : strdup(base);
}

static ens_status write_checkpoint(ens_database *db, int64_t run_id, ens_shape shape, const ens_store_checkpoint *start,
                                   ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_checkpoint_prepare(db, &statement, error);
  if (status == ENS_OK) status = ens_checkpoint_write(db, statement, run_id, shape, start, error);
  sqlite3_finalize(statement);
  return status;
}

static ens_status fill(ens_database *db, const ens_store_record *record, const ens_store_checkpoint *start,
                       const ens_store_options *options, ens_writer_start *begin, ens_error *error) {
  char *name = run_name(db->path);
  if (!name) return ens_error_memory(error);
  ens_status status = ens_schema_create(db, error);
  if (status == ENS_OK) status = ens_record_insert(db, record, name, ens_session_now(), &begin->run_id, error);
  if (status == ENS_OK) status = write_checkpoint(db, begin->run_id, begin->shape, start, error);
  if (status == ENS_OK) status = describe(db, record, error);
  if (status == ENS_OK) status = ens_origin_write_aim(db, options->base, options->target, error);
  if (status == ENS_OK) status = ens_session_begin(db, begin->run_id, options, 0, &begin->session_id, error);
  free(name);
  return status;
}

/* A journal beside a file that nobody knows yet would be of no use: a failure here removes the file. */
static ens_status build(const char *file, const char *path, const ens_store_record *record,
                        const ens_store_checkpoint *start, const ens_store_options *options, ens_writer_start *begin,
                        ens_error *error) {
  ens_database *db;
  ens_status status = ens_database_open(file, path, SQLITE_OPEN_READWRITE, ens_store_busy_ms(options), &db, error);
  if (status != ENS_OK) return status;
  /* Pages of 8 KiB: a third faster than 4 for large chunks; with more, the small tables would outweigh a short run. */
  status = ens_database_run(
      db, "PRAGMA page_size = 8192; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN", "make it", error);
  if (status == ENS_OK) status = fill(db, record, start, options, begin, error);
  if (status == ENS_OK) status = ens_database_run(db, "COMMIT", "make it", error);
  ens_database_close(db);
  return status;
}

static ens_status build_beside(ens_store_parts *parts, const ens_store_record *record,
                               const ens_store_checkpoint *start, const ens_store_options *options,
                               ens_writer_start *begin, char **aside, ens_error *error) {
  char *beside;
  ens_status status = ens_place_make_beside(&parts->place, &beside, &parts->fd, error);
  if (status != ENS_OK) return status;
  ens_place_lock(parts->fd);
  status = ens_store_check_locks(parts, error);
  if (status == ENS_OK) status = build(beside, parts->place.path, record, start, options, begin, error);
  if (status == ENS_OK) status = ens_place_clear_journals(&parts->place, aside, error);
  if (status == ENS_OK) status = ens_place_publish(&parts->place, beside, error);
  if (status != ENS_OK) unlink(beside);
  free(beside);
  return status;
}

static ens_status begin_writing(ens_store_parts *parts, const ens_writer_start *begin, ens_journal journal,
                                const ens_store_options *options, ens_store **out, ens_error *error) {
  ens_status status = ens_store_attach(parts, options, error);
  if (status == ENS_OK) status = ens_store_begin_journal(parts, journal, options, error);
  if (status == ENS_OK) status = ens_writer_create(parts->db, begin, &parts->writer, error);
  return status == ENS_OK ? ens_store_launch(parts, begin->shape, options, out, error) : status;
}

static void tell_left_over(ens_store *store, const ens_store_options *options, const char *aside) {
  static const char form[] =
      "the journal of another store of this name was left here: it is now '%s' (belongs beside "
      "that store, or can be removed)";
  char line[PATH_MAX + sizeof form];
  snprintf(line, sizeof line, form, aside);
  ens_store_log(store, "warning", line);
  if (options->note) options->note("warning: %s", line);
}

ens_status ens_store_create(const char *path, const ens_store_record *record, const ens_store_checkpoint *start,
                            const ens_store_options *options, ens_store **out, ens_error *error) {
  ens_journal journal;
  char *aside = NULL;
  ens_store_parts parts = {.fd = -1};
  ens_writer_start begin = {.shape = ens_record_shape(record),
                            .blobs = &record->blobs,
                            .naccepted = start->naccepted,
                            .busy_limit = ens_store_busy_limit(options),
                            .full_limit = ens_store_full_limit(options),
                            .note = options->note};
  *out = NULL;
  ens_status status = ens_record_check(path, record, start, error);
  if (status == ENS_OK) status = ens_journal_parse(options->journal, &journal, error);
  if (status == ENS_OK) status = ens_place_find_new(path, &parts.place, error);
  if (status == ENS_OK) status = build_beside(&parts, record, start, options, &begin, &aside, error);
  if (status != ENS_OK) goto fail;
  char *file = strdup(parts.place.file);
  status = file ? begin_writing(&parts, &begin, journal, options, out, error) : ens_error_memory(error);
  ens_store_parts_clear(&parts);
  if (status != ENS_OK && file) ens_place_discard(file); /* ours, new, and without a step */
  free(file);
  if (status == ENS_OK && aside) tell_left_over(*out, options, aside);
fail:
  free(aside);
  ens_store_parts_clear(&parts);
  return status;
}
