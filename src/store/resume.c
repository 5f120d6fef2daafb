/* Going on with a store: is it ours, is it whole, does nobody else write to it. What is needed to go on is read and
 * checked before anything is changed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/launch.h"
#include "store/origin.h"
#include "store/reader.h"
#include "store/schema.h"

/* ---- who else writes ---- */

/* What the file says of its last session, by a look that changes nothing. */
static ens_status look_up_session(const ens_place *place, ens_session_last *last, ens_error *error) {
  ens_database *db = NULL;
  int64_t run_id;
  ens_status status = ens_reader_open(place, &db, error);
  if (status == ENS_OK) status = ens_database_ask(db, "SELECT max(run_id) FROM run", "read the run", &run_id, error);
  if (status == ENS_OK) status = ens_session_load_last(db, run_id, last, error);
  ens_reader_close(db);
  return status;
}

/* Before this process opens the file once more: a writer of its own would lose its locks when that is closed. */
static ens_status refuse_own_writer(const ens_place *place, ens_error *error) {
  ens_session_last last;
  if (!ens_place_is_open_here(place)) return ENS_OK;
  ens_status status = look_up_session(place, &last, error);
  if (status != ENS_OK || !ens_session_is_ours(&last)) return status;
  return ens_error_set(error, ENS_CONFIG, "'%s' is being written by this very process", place->path);
}

static ens_status refuse_locked(const ens_place *place, ens_error *error) {
  ens_session_last last = {0};
  ens_error ignored = ENS_ERROR_NONE;
  if (look_up_session(place, &last, &ignored) != ENS_OK) last.found = false;
  ens_error_clear(&ignored);
  return ens_session_refuse(place->path, &last, error);
}

static ens_status take_lock(ens_store_parts *parts, ens_error *error) {
  ens_status status = refuse_own_writer(&parts->place, error);
  if (status == ENS_OK) status = ens_place_open(&parts->place, &parts->fd, error);
  if (status == ENS_OK) status = ens_store_check_locks(parts, error);
  if (status != ENS_OK) return status;
  return ens_place_lock(parts->fd) ? ENS_OK : refuse_locked(&parts->place, error);
}

/* A writer on this machine would hold the lock, where there is one; others show by their heartbeat only. */
static ens_status refuse_live_session(const ens_store_parts *parts, int64_t run_id, ens_error *error) {
  ens_session_last last;
  ens_status status = ens_session_load_last(parts->db, run_id, &last, error);
  if (status != ENS_OK || !ens_session_is_alive(&last)) return status;
  if (ens_session_is_here(&last) && (ens_place_is_local(parts->fd) || ens_session_is_ours(&last))) return ENS_OK;
  return ens_session_refuse(parts->place.path, &last, error);
}

/* ---- what is needed to go on ---- */

/* Where the last chunk is; *nsteps 0: there is none. */
static ens_status find_last_chunk(ens_database *db, const ens_run_row *row, uint64_t *nsteps, ens_error *error) {
  sqlite3_stmt *chunk = NULL;
  bool found = false;
  uint64_t start = 0;
  *nsteps = 0;
  ens_status status =
      ens_database_prepare(db, "SELECT start, nsteps FROM chunk WHERE run_id = ? ORDER BY start DESC LIMIT 1",
                           "read the last steps", &chunk, error);
  if (status == ENS_OK) {
    sqlite3_bind_int64(chunk, 1, row->run_id);
    status = ens_statement_row(db, chunk, "read the last steps", &found, error);
  }
  bool good = !found || (ens_column_count(chunk, 0, row->nstored, &start) &&
                         ens_column_count(chunk, 1, row->nstored - start, nsteps));
  sqlite3_finalize(chunk);
  if (status == ENS_OK && (!good || start + *nsteps != row->nstored))
    return ens_database_damaged(db, "its last chunk does not end at its last step", error);
  return status;
}

static ens_status read_tail(ens_chain *chain, ens_batch *tail, size_t count, ens_error *error) {
  size_t w = chain->nwalkers;
  double *coords = malloc(count * w * chain->ndim * sizeof *coords), *log_prob = malloc(count * w * sizeof *log_prob);
  double *blobs = malloc((count * w * chain->ncells + 1) * sizeof *blobs);
  uint8_t *accepted = malloc(count * w);
  ens_batch all = {.shape = tail->shape, .log_prob = log_prob, .coords = coords, .blobs = blobs, .accepted = accepted};
  ens_status status = coords && log_prob && blobs && accepted ? ENS_OK : ens_error_memory(error);
  if (status == ENS_OK)
    status = ens_chain_read(chain,
                            &(ens_chain_steps){.start = chain->nsteps - count,
                                               .count = count,
                                               .coords = coords,
                                               .log_prob = log_prob,
                                               .blobs = blobs,
                                               .accepted = accepted},
                            error);
  if (status == ENS_OK && !ens_batch_extend(tail, &all, 0, count)) status = ens_error_memory(error);
  free(coords);
  free(log_prob);
  free(blobs);
  free(accepted);
  return status;
}

/* The last chunk, where it is small enough to be grown; an empty batch where it is not. */
static ens_status load_tail(const ens_store_parts *parts, const ens_run_row *row, ens_shape shape, ens_batch **out,
                            ens_error *error) {
  uint64_t nsteps;
  ens_chain *chain = NULL;
  ens_status status = find_last_chunk(parts->db, row, &nsteps, error);
  *out = status == ENS_OK ? ens_batch_create(shape, ENS_TAIL_LIMIT) : NULL;
  if (status == ENS_OK && !*out) status = ens_error_memory(error);
  if (status != ENS_OK || !nsteps || nsteps >= ENS_TAIL_LIMIT / ens_shape_bytes(shape)) return status;
  status = ens_store_read_chain(parts->place.path, &chain, error);
  if (status == ENS_OK) status = read_tail(chain, *out, (size_t)nsteps, error);
  if (chain) chain->ops->destroy(chain);
  return status;
}

static ens_status load(ens_store_parts *parts, ens_store_record *record, ens_store_checkpoint *checkpoint,
                       ens_run_row *row, ens_writer_start *begin, ens_error *error) {
  ens_status status = ens_record_load(parts->db, record, row, error);
  if (status != ENS_OK) return status;
  begin->run_id = row->run_id;
  begin->shape = ens_record_shape(record);
  begin->nstored = row->nstored;
  status = ens_checkpoint_load(parts->db, row->run_id, begin->shape, checkpoint, error);
  if (status == ENS_OK && checkpoint->step != row->nstored)
    status = ens_database_damaged(parts->db, "its checkpoint is not of its last step", error);
  return status;
}

static ens_status log_warning(ens_database *db, int64_t run_id, const char *text, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(db, "INSERT INTO log(run_id, t, level, message) VALUES(?, ?, 'warning', ?)",
                                           "begin a session", &statement, error);
  if (status != ENS_OK) return status;
  sqlite3_bind_int64(statement, 1, run_id);
  sqlite3_bind_double(statement, 2, ens_session_now());
  sqlite3_bind_text(statement, 3, text, -1, SQLITE_STATIC);
  status = ens_statement_done(db, statement, "begin a session", error);
  sqlite3_finalize(statement);
  return status;
}

/* The run as it goes on from here. */
static ens_status renew(ens_database *db, const ens_store_options *options, int64_t run_id, ens_error *error) {
  ens_status status = ENS_OK;
  if (options->target) status = ens_origin_write_aim(db, options->base, options->target, error);
  if (status == ENS_OK && options->replace) status = ens_record_update(db, run_id, options->replace, error);
  if (status == ENS_OK && options->forced) status = log_warning(db, run_id, options->forced, error);
  if (status == ENS_OK && options->engine) status = ens_record_set_engine(db, run_id, options->engine, error);
  if (status == ENS_OK && options->engine) status = log_warning(db, run_id, options->other_engine, error);
  return status;
}

/* The look at other sessions and the row of this one are one transaction: of two that come at once, one is second. */
static ens_status begin_session(ens_store_parts *parts, const ens_store_options *options, ens_writer_start *begin,
                                ens_error *error) {
  ens_status status = ens_database_run(parts->db, "BEGIN IMMEDIATE", "begin a session", error);
  if (status != ENS_OK) return status;
  status = refuse_live_session(parts, begin->run_id, error);
  if (status == ENS_OK)
    status = ens_session_begin(parts->db, begin->run_id, options, begin->nstored, &begin->session_id, error);
  if (status == ENS_OK)
    status = ens_database_run(parts->db,
                              "UPDATE run SET status = 'running' WHERE run_id ="
                              " (SELECT max(run_id) FROM run)",
                              "begin a session", error);
  if (status == ENS_OK) status = renew(parts->db, options, begin->run_id, error);
  if (status == ENS_OK) status = ens_database_run(parts->db, "COMMIT", "begin a session", error);
  if (status != ENS_OK) sqlite3_exec(parts->db->handle, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

ens_status ens_store_check_locks(const ens_store_parts *parts, ens_error *error) {
  char name[48];
  if (ens_place_has_locks(parts->fd)) return ENS_OK;
  int number = errno;
  ens_place_name_system(parts->fd, name);
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' cannot be written: its file system, %s, locks no files (%s): give an output on a disk of "
                       "this machine, and copy it when the run is over",
                       parts->place.path, name, strerror(number));
}

ens_status ens_store_attach(ens_store_parts *parts, const ens_store_options *options, ens_error *error) {
  ens_status status = ens_database_open(parts->place.file, parts->place.path, SQLITE_OPEN_READWRITE,
                                        ens_store_busy_ms(options), &parts->db, error);
  if (status == ENS_OK) status = ens_journal_guard(parts->db, parts->fd, error);
  return status == ENS_OK ? ens_schema_check(parts->db, error) : status;
}

ens_status ens_store_begin_journal(ens_store_parts *parts, ens_journal journal, const ens_store_options *options,
                                   ens_error *error) {
  char name[48];
  ens_status status = ens_journal_begin(parts->db, parts->fd, journal, error);
  if (status != ENS_OK || journal != ENS_JOURNAL_WAL || ens_place_is_local(parts->fd) || !options->note) return status;
  ens_place_name_system(parts->fd, name);
  options->note(
      "warning: the file system of '%s' is %s: with journal wal no other machine may open the file while it is "
      "written",
      parts->place.path, name);
  return status;
}

/* Everything but the thread. */
static ens_status prepare(const char *path, const ens_store_options *options, ens_store_parts *parts,
                          ens_store_record *record, ens_store_checkpoint *checkpoint, ens_writer_start *begin,
                          ens_error *error) {
  ens_journal journal;
  ens_run_row row;
  ens_status status = ens_journal_parse(options->journal, &journal, error);
  if (status == ENS_OK) status = ens_place_find_old(path, &parts->place, error);
  if (status == ENS_OK) status = take_lock(parts, error);
  if (status == ENS_OK) status = ens_store_attach(parts, options, error);
  if (status == ENS_OK) status = load(parts, record, checkpoint, &row, begin, error);
  if (status == ENS_OK) status = begin_session(parts, options, begin, error);
  if (status == ENS_OK) status = ens_store_begin_journal(parts, journal, options, error);
  if (status == ENS_OK) status = load_tail(parts, &row, begin->shape, &begin->tail, error);
  return status;
}

ens_status ens_store_resume(const char *path, const ens_store_options *options, ens_store **out,
                            ens_store_record *record, ens_store_checkpoint *checkpoint, ens_error *error) {
  ens_store_parts parts = {.fd = -1};
  ens_writer_start begin = {
      .busy_limit = ens_store_busy_limit(options), .full_limit = ens_store_full_limit(options), .note = options->note};
  *out = NULL;
  *record = (ens_store_record){0};
  *checkpoint = (ens_store_checkpoint){0};
  ens_status status = prepare(path, options, &parts, record, checkpoint, &begin, error);
  if (status != ENS_OK) goto fail;
  begin.blobs = &record->blobs;
  begin.naccepted = checkpoint->naccepted;
  begin.nmove_state = checkpoint->nmove_state;
  begin.move_state = checkpoint->move_state;
  status = ens_writer_create(parts.db, &begin, &parts.writer, error);
  begin.tail = NULL;
  if (status == ENS_OK) status = ens_store_launch(&parts, begin.shape, options, out, error);
  if (status == ENS_OK) return ENS_OK;
fail:
  ens_batch_destroy(begin.tail);
  ens_store_parts_clear(&parts);
  ens_store_record_free(record);
  ens_store_checkpoint_free(checkpoint);
  return status;
}

/* ---- one file ---- */

static ens_status fold(ens_store_parts *parts, ens_error *error) {
  const ens_store_options options = {.busy_limit = 1};
  ens_session_last last;
  int64_t run_id;
  bool alone;
  ens_status status = ens_store_attach(parts, &options, error);
  if (status == ENS_OK)
    status = ens_database_ask(parts->db, "SELECT max(run_id) FROM run", "read the run", &run_id, error);
  if (status == ENS_OK) status = ens_session_load_last(parts->db, run_id, &last, error);
  return status == ENS_OK && !ens_session_is_alive(&last) ? ens_journal_end(parts->db, &alone, error) : status;
}

void ens_store_tidy(const char *path) {
  ens_store_parts parts = {.fd = -1};
  ens_error ignored = ENS_ERROR_NONE;
  ens_status status = ens_place_find_old(path, &parts.place, &ignored);
  if (status == ENS_OK && !ens_place_is_open_here(&parts.place))
    status = ens_place_open(&parts.place, &parts.fd, &ignored);
  if (parts.fd >= 0 && ens_journal_is_wal(parts.fd) && ens_place_lock(parts.fd)) fold(&parts, &ignored);
  ens_store_parts_clear(&parts);
  ens_error_clear(&ignored);
}
