/* Checks that the file is a complete store and that nobody else writes it. Reads and checks everything that the run
 * needs before it changes anything. */
#include "store/resume.h"

#include <stdlib.h>

#include "store/file/column.h"
#include "store/file/statement.h"
#include "store/origin.h"
#include "store/parts.h"
#include "store/reader.h"
#include "store/session.h"
#include "store/stored_chain.h"
#include "sys/clock.h"

/* ---- other writers ---- */

/* Reads the last session without changing the file. */
static ens_status look_up_session(const ens_place *place, ens_session_last *last, ens_error *error) {
  ens_database *db = NULL;
  int64_t run_id;
  ens_status status = ens_reader_open(place, &db, error);
  if (!status) status = ens_database_ask(db, "SELECT max(run_id) FROM run", "read the run", &run_id, error);
  if (!status) status = ens_session_load_last(db, run_id, last, error);
  ens_reader_close(db);
  return status;
}

/* Call it before this process opens the file again: closing it would drop the locks of a writer in this process. */
static ens_status refuse_own_writer(const ens_place *place, ens_error *error) {
  ens_session_last last;
  if (!ens_place_is_open_here(place)) return ENS_OK;
  ens_status status = look_up_session(place, &last, error);
  if (status || !ens_session_is_ours(&last)) return status;
  return ens_error_set(error, ENS_CONFIG, "'%s' is being written by this very process", place->path);
}

static ens_status refuse_locked(const ens_place *place, ens_error *error) {
  ens_session_last last = {0};
  ens_error ignored = ENS_ERROR_NONE;
  if (look_up_session(place, &last, &ignored)) last.found = false;
  ens_error_clear(&ignored);
  return ens_session_refuse(place->path, &last, error);
}

static ens_status take_lock(ens_store_parts *parts, ens_error *error) {
  ens_status status = refuse_own_writer(&parts->place, error);
  if (!status) status = ens_place_open(&parts->place, &parts->fd, error);
  if (!status) status = ens_store_parts_check_locks(parts, error);
  if (status) return status;
  return ens_place_lock(parts->fd) ? ENS_OK : refuse_locked(&parts->place, error);
}

/* A writer on this machine would hold the lock if the file system is local. Others show only by their heartbeat. */
static ens_status refuse_live_session(const ens_store_parts *parts, int64_t run_id, ens_error *error) {
  ens_session_last last;
  ens_status status = ens_session_load_last(parts->db, run_id, &last, error);
  if (status || !ens_session_is_alive(&last)) return status;
  if (ens_session_is_here(&last) && (ens_place_is_local(parts->fd) || ens_session_is_ours(&last))) return ENS_OK;
  return ens_session_refuse(parts->place.path, &last, error);
}

/* ---- the run in the file ---- */

/* The length of the last chunk; *nsteps 0: there is none. */
static ens_status find_last_chunk(ens_database *db, const ens_record_row *row, uint64_t *nsteps, ens_error *error) {
  sqlite3_stmt *chunk = NULL;
  bool found = false;
  uint64_t start = 0;
  *nsteps = 0;
  ens_status status =
      ens_database_prepare(db, "SELECT start, nsteps FROM chunk WHERE run_id = ? ORDER BY start DESC LIMIT 1",
                           "read the last steps", &chunk, error);
  if (!status) {
    sqlite3_bind_int64(chunk, 1, row->run_id);
    status = ens_statement_row(db, chunk, "read the last steps", &found, error);
  }
  bool good = !found || (ens_column_count(chunk, 0, row->nstored, &start) &&
                         ens_column_count(chunk, 1, row->nstored - start, nsteps));
  sqlite3_finalize(chunk);
  if (!status && (!good || start + *nsteps != row->nstored))
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
  if (!status)
    status = ens_chain_read(chain,
                            &(ens_chain_steps){.start = chain->nsteps - count,
                                               .count = count,
                                               .coords = coords,
                                               .log_prob = log_prob,
                                               .blobs = blobs,
                                               .accepted = accepted},
                            error);
  if (!status && !ens_batch_extend(tail, &all, 0, count)) status = ens_error_memory(error);
  free(coords);
  free(log_prob);
  free(blobs);
  free(accepted);
  return status;
}

/* The last chunk if it is small enough to grow, else an empty batch. */
static ens_status load_tail(const ens_store_parts *parts, const ens_record_row *row, ens_shape shape, ens_batch **out,
                            ens_error *error) {
  uint64_t nsteps;
  ens_chain *chain = NULL;
  ens_status status = find_last_chunk(parts->db, row, &nsteps, error);
  *out = !status ? ens_batch_create(shape, ENS_TAIL_LIMIT) : NULL;
  if (!status && !*out) status = ens_error_memory(error);
  if (status || !nsteps || nsteps >= ENS_TAIL_LIMIT / ens_shape_bytes(shape)) return status;
  status = ens_stored_chain_open(parts->place.path, &chain, error);
  if (!status) status = read_tail(chain, *out, (size_t)nsteps, error);
  if (chain) chain->ops->destroy(chain);
  return status;
}

/* A run that is in the file already. */
typedef struct old_run {
  ens_store_record *record;
  ens_store_checkpoint *checkpoint;
  ens_record_row row;
  ens_writer_start begin;
} old_run;

static ens_status load(ens_database *db, old_run *run, ens_error *error) {
  ens_writer_start *begin = &run->begin;
  ens_status status = ens_record_load(db, run->record, &run->row, error);
  if (status) return status;
  begin->run_id = run->row.run_id;
  begin->shape = ens_record_shape(run->record);
  begin->nstored = run->row.nstored;
  status = ens_checkpoint_load(db, begin->run_id, begin->shape, run->checkpoint, error);
  return status ? status : ens_checkpoint_match(db, run->checkpoint, begin->nstored, error);
}

static ens_status log_warning(ens_database *db, int64_t run_id, const char *text, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(db, "INSERT INTO log(run_id, t, level, message) VALUES(?, ?, 'warning', ?)",
                                           "begin a session", &statement, error);
  if (status) return status;
  sqlite3_bind_int64(statement, 1, run_id);
  sqlite3_bind_double(statement, 2, ens_clock_wall());
  sqlite3_bind_text(statement, 3, text, -1, SQLITE_STATIC);
  status = ens_statement_done(db, statement, "begin a session", error);
  sqlite3_finalize(statement);
  return status;
}

/* Writes the changes of the record and the warnings about them. */
static ens_status renew(ens_database *db, const ens_store_options *options, int64_t run_id, ens_error *error) {
  ens_status status = ENS_OK;
  if (options->target) status = ens_origin_write_aim(db, options->base, options->target, error);
  if (!status && options->replace) status = ens_record_update(db, run_id, options->replace, error);
  if (!status && options->forced) status = log_warning(db, run_id, options->forced, error);
  if (!status && options->engine) status = ens_record_set_engine(db, run_id, options->engine, error);
  if (!status && options->engine) status = log_warning(db, run_id, options->other_engine, error);
  return status;
}

/* Looks for other sessions and inserts its own in one transaction, so that of two processes only one succeeds. */
static ens_status begin_session(ens_store_parts *parts, const ens_store_options *options, ens_writer_start *begin,
                                ens_error *error) {
  ens_status status = ens_database_run(parts->db, "BEGIN IMMEDIATE", "begin a session", error);
  if (status) return status;
  status = refuse_live_session(parts, begin->run_id, error);
  if (!status) status = ens_session_begin(parts->db, begin->run_id, options, begin->nstored, &begin->session_id, error);
  if (!status)
    status = ens_database_run(parts->db,
                              "UPDATE run SET status = 'running' WHERE run_id ="
                              " (SELECT max(run_id) FROM run)",
                              "begin a session", error);
  if (!status) status = renew(parts->db, options, begin->run_id, error);
  if (!status) status = ens_database_run(parts->db, "COMMIT", "begin a session", error);
  if (status) sqlite3_exec(parts->db->handle, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/* Does everything except starting the thread. */
static ens_status prepare(const char *path, const ens_store_options *options, ens_store_parts *parts, old_run *run,
                          ens_error *error) {
  ens_journal journal;
  ens_status status = ens_journal_parse(options->journal, &journal, error);
  if (!status) status = ens_place_find_old(path, &parts->place, error);
  if (!status) status = take_lock(parts, error);
  if (!status) status = ens_store_parts_attach(parts, options, error);
  if (!status) status = load(parts->db, run, error);
  if (!status) status = begin_session(parts, options, &run->begin, error);
  if (!status) status = ens_store_parts_begin_journal(parts, journal, options, error);
  if (!status) status = load_tail(parts, &run->row, run->begin.shape, &run->begin.tail, error);
  return status;
}

ens_status ens_store_resume(const char *path, const ens_store_options *options, ens_store **out,
                            ens_store_record *record, ens_store_checkpoint *checkpoint, ens_error *error) {
  ens_store_parts parts = {.fd = -1};
  old_run run = {.record = record,
                 .checkpoint = checkpoint,
                 .begin = {.busy_limit = ens_store_busy_limit(options),
                           .full_limit = ens_store_full_limit(options),
                           .note = options->note}};
  ens_writer_start *begin = &run.begin;
  *out = NULL;
  *record = (ens_store_record){0};
  *checkpoint = (ens_store_checkpoint){0};
  ens_status status = prepare(path, options, &parts, &run, error);
  if (status) goto fail;
  begin->blobs = &record->blobs;
  begin->naccepted = checkpoint->naccepted;
  begin->nmove_state = checkpoint->nmove_state;
  begin->move_state = checkpoint->move_state;
  status = ens_writer_create(parts.db, begin, &parts.writer, error);
  begin->tail = NULL;
  if (!status) status = ens_store_launch(&parts, begin->shape, options, out, error);
  if (!status) return ENS_OK;
fail:
  ens_batch_destroy(begin->tail);
  ens_store_parts_clear(&parts);
  ens_store_record_free(record);
  ens_store_checkpoint_free(checkpoint);
  return status;
}
