/* Prepares all statements once; each function binds one row and runs its statement. */
#include "store/rows.h"

#include <math.h>
#include <stdlib.h>

#include "store/file/statement.h"
#include "store/format/workers.h"
#include "store/origin.h"

#define SAVE "save steps"

enum { BEGIN, COMMIT, OWNER, CHUNK, BLOB, CHECKSUM, RUN, SESSION, END, DIAG_DROP, DIAG, LOG, CHECKPOINT, NSTATEMENTS };

static const char *const sql[NSTATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [OWNER] = "SELECT max(session_id) FROM session WHERE run_id = ?",
    [CHUNK] =
        "INSERT INTO chunk(run_id, start, nsteps, codec, accepted, log_prob, chain)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(run_id, start) DO UPDATE SET nsteps = ?3, codec = ?4,"
        " accepted = ?5, log_prob = ?6, chain = ?7",
    [BLOB] =
        "INSERT INTO blob_chunk(run_id, blob_idx, start, nsteps, codec, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT(run_id, blob_idx, start) DO UPDATE SET nsteps = ?4, codec = ?5, data = ?6",
    [CHECKSUM] = "INSERT OR REPLACE INTO checksum(run_id, start, part, crc) VALUES(?1, ?2, ?3, ?4)",
    [RUN] = "UPDATE run SET nstored = ?2, status = ?3, updated = ?4 WHERE run_id = ?1",
    [SESSION] =
        "UPDATE session SET heartbeat = ?2, last_step = ?3, wall_s = ?4, model_s = ?5, evaluations = ?6,"
        " errors = ?7, nans = ?8, per_worker = ?9 WHERE session_id = ?1",
    [END] = "UPDATE session SET ended = ?2, exit_status = ?3 WHERE session_id = ?1",
    [DIAG_DROP] = "DELETE FROM diag WHERE run_id = ?1 AND step = ?2",
    [DIAG] =
        "INSERT OR REPLACE INTO diag(run_id, step, t, acceptance, tau, ess, log_prob_mean, log_prob_max,"
        " evaluations, rejected_errors) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [LOG] = "INSERT INTO log(run_id, t, level, message) VALUES(?1, ?2, ?3, ?4)",
};

struct ens_rows {
  ens_database *db;
  int64_t run_id, session_id;
  ens_shape shape;
  ens_session_sums before; /* of the earlier sessions */
  uint64_t target, aimed;  /* as stored (0: not known); in the current transaction */
  sqlite3_stmt *statement[NSTATEMENTS];
};

static ens_status prepare_statements(ens_rows *rows, ens_error *error) {
  ens_status status = ens_checkpoint_prepare(rows->db, &rows->statement[CHECKPOINT], error);
  for (size_t i = 0; !status && i < CHECKPOINT; i++)
    status = ens_database_prepare(rows->db, sql[i], "prepare to write", &rows->statement[i], error);
  return status;
}

ens_status ens_rows_create(ens_database *db, int64_t run_id, int64_t session_id, ens_shape shape, ens_rows **out,
                           ens_error *error) {
  *out = NULL;
  ens_rows *rows = calloc(1, sizeof *rows);
  if (!rows) return ens_error_memory(error);
  rows->db = db;
  rows->run_id = run_id;
  rows->session_id = session_id;
  rows->shape = shape;
  ens_status status = prepare_statements(rows, error);
  if (!status) status = ens_session_sum(db, run_id, session_id, &rows->before, error);
  if (status) {
    ens_rows_destroy(rows);
    return status;
  }
  *out = rows;
  return ENS_OK;
}

void ens_rows_destroy(ens_rows *rows) {
  if (!rows) return;
  for (size_t i = 0; i < NSTATEMENTS; i++) sqlite3_finalize(rows->statement[i]);
  free(rows);
}

/* ---- the transaction ---- */

/* After a long stop of this process, another one may have taken over the run. */
static ens_status check_owner(ens_rows *rows, ens_error *error) {
  sqlite3_stmt *statement = rows->statement[OWNER];
  bool row;
  sqlite3_bind_int64(statement, 1, rows->run_id);
  ens_status status = ens_statement_row(rows->db, statement, SAVE, &row, error);
  bool ours = !status && row && sqlite3_column_int64(statement, 0) == rows->session_id;
  sqlite3_reset(statement);
  if (status || ours) return status;
  return ens_error_set(error, ENS_IO, "'%s': another process has taken this run over while this one did not answer",
                       rows->db->path);
}

ens_status ens_rows_begin(ens_rows *rows, ens_error *error) {
  ens_status status = ens_statement_done(rows->db, rows->statement[BEGIN], SAVE, error);
  rows->aimed = 0;
  return status ? status : check_owner(rows, error);
}

ens_status ens_rows_commit(ens_rows *rows, ens_error *error) {
  ens_status status = ens_statement_done(rows->db, rows->statement[COMMIT], SAVE, error);
  if (!status && rows->aimed) rows->target = rows->aimed;
  return status;
}

void ens_rows_roll_back(ens_rows *rows) {
  if (!sqlite3_get_autocommit(rows->db->handle)) sqlite3_exec(rows->db->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- rows ---- */

static void bind_piece(sqlite3_stmt *statement, int index, const ens_image_piece *piece) {
  sqlite3_bind_blob64(statement, index, piece->data, piece->size, SQLITE_STATIC);
}

static ens_status write_blobs(ens_rows *rows, const ens_image *image, ens_error *error) {
  sqlite3_stmt *statement = rows->statement[BLOB];
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && ENS_COLUMN_BLOBS + i < image->npieces; i++) {
    sqlite3_bind_int64(statement, 1, rows->run_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)image->start);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)image->nsteps);
    sqlite3_bind_text(statement, 5, image->codec, -1, SQLITE_STATIC);
    bind_piece(statement, 6, &image->piece[ENS_COLUMN_BLOBS + i]);
    status = ens_statement_done(rows->db, statement, SAVE, error);
  }
  return status;
}

static ens_status write_checksums(ens_rows *rows, const ens_image *image, ens_error *error) {
  sqlite3_stmt *statement = rows->statement[CHECKSUM];
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && i < image->npieces; i++) {
    sqlite3_bind_int64(statement, 1, rows->run_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)image->start);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)i);
    sqlite3_bind_int64(statement, 4, image->piece[i].crc);
    status = ens_statement_done(rows->db, statement, SAVE, error);
  }
  return status;
}

ens_status ens_rows_write_image(ens_rows *rows, const ens_image *image, ens_error *error) {
  if (!image->nsteps) return ENS_OK;
  sqlite3_stmt *statement = rows->statement[CHUNK];
  sqlite3_bind_int64(statement, 1, rows->run_id);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)image->start);
  sqlite3_bind_int64(statement, 3, (sqlite3_int64)image->nsteps);
  sqlite3_bind_text(statement, 4, image->codec, -1, SQLITE_STATIC);
  for (int i = 0; i < ENS_COLUMN_BLOBS; i++) bind_piece(statement, 5 + i, &image->piece[i]);
  ens_status status = ens_statement_done(rows->db, statement, SAVE, error);
  if (!status) status = write_blobs(rows, image, error);
  return status ? status : write_checksums(rows, image, error);
}

ens_status ens_rows_write_checkpoint(ens_rows *rows, const ens_store_checkpoint *checkpoint, ens_error *error) {
  return ens_checkpoint_write(rows->db, rows->statement[CHECKPOINT], rows->run_id, rows->shape, checkpoint, error);
}

static ens_status drop_diag(ens_rows *rows, uint64_t step, ens_error *error) {
  if (!step) return ENS_OK;
  sqlite3_stmt *statement = rows->statement[DIAG_DROP];
  sqlite3_bind_int64(statement, 1, rows->run_id);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)step);
  return ens_statement_done(rows->db, statement, SAVE, error);
}

/* Without counts, these columns stay NULL. */
static void bind_counts(ens_rows *rows, sqlite3_stmt *statement, uint64_t step, const ens_store_counts *counts) {
  if (counts->tau > 0) {
    double draws = (double)rows->shape.nwalkers * (double)step;
    sqlite3_bind_double(statement, 5, counts->tau);
    sqlite3_bind_double(statement, 6, counts->ess > 0 ? counts->ess : draws / counts->tau);
  }
  sqlite3_bind_int64(statement, 9, (sqlite3_int64)counts->evaluations);
  sqlite3_bind_int64(statement, 10, (sqlite3_int64)(counts->errors + counts->nans));
}

ens_status ens_rows_write_diag(ens_rows *rows, const ens_rows_diag *diag, uint64_t drop, double now,
                               const ens_counts_copy *copy, ens_error *error) {
  ens_status status = drop_diag(rows, drop, error);
  if (status) return status;
  sqlite3_stmt *statement = rows->statement[DIAG];
  sqlite3_bind_int64(statement, 1, rows->run_id);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)diag->step);
  sqlite3_bind_double(statement, 3, now);
  sqlite3_bind_double(statement, 4, diag->acceptance);
  if (copy->set) bind_counts(rows, statement, diag->step, &copy->counts);
  sqlite3_bind_double(statement, 7, diag->log_prob_mean);
  sqlite3_bind_double(statement, 8, diag->log_prob_max);
  return ens_statement_done(rows->db, statement, SAVE, error);
}

ens_status ens_rows_write_run(ens_rows *rows, uint64_t nstored, ens_store_run_status status, double now,
                              ens_error *error) {
  sqlite3_stmt *statement = rows->statement[RUN];
  sqlite3_bind_int64(statement, 1, rows->run_id);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)nstored);
  sqlite3_bind_text(statement, 3, ens_record_status_name(status), -1, SQLITE_STATIC);
  sqlite3_bind_double(statement, 4, now);
  return ens_statement_done(rows->db, statement, SAVE, error);
}

/* The counts are those of the whole run; the row of a session has its own. */
static sqlite3_int64 own(uint64_t all, uint64_t before) {
  return all > before ? (sqlite3_int64)(all - before) : 0;
}

static double finite_or_zero(double x) {
  return isfinite(x) ? x : 0;
}

ens_status ens_rows_write_session(ens_rows *rows, uint64_t last_step, double now, const ens_counts_copy *copy,
                                  ens_error *error) {
  sqlite3_stmt *statement = rows->statement[SESSION];
  const ens_store_counts *counts = &copy->counts;
  char *workers = ens_workers_format(copy->worker, counts->nworkers);
  if (!workers) return ens_error_memory(error);
  sqlite3_bind_int64(statement, 1, rows->session_id);
  sqlite3_bind_double(statement, 2, now);
  sqlite3_bind_int64(statement, 3, (sqlite3_int64)last_step);
  sqlite3_bind_double(statement, 4, finite_or_zero(counts->wall_s));
  sqlite3_bind_double(statement, 5, finite_or_zero(counts->model_s));
  sqlite3_bind_int64(statement, 6, own(counts->evaluations, rows->before.evaluations));
  sqlite3_bind_int64(statement, 7, own(counts->errors, rows->before.errors));
  sqlite3_bind_int64(statement, 8, own(counts->nans, rows->before.nans));
  sqlite3_bind_text(statement, 9, workers, -1, free);
  ens_status status = ens_statement_done(rows->db, statement, SAVE, error);
  if (status || !counts->target || counts->target == rows->target) return status;
  status = ens_origin_write_aim(rows->db, counts->base, counts->target, error);
  rows->aimed = counts->target;
  return status;
}

ens_status ens_rows_write_end(ens_rows *rows, int exit_status, double now, ens_error *error) {
  sqlite3_stmt *statement = rows->statement[END];
  sqlite3_bind_int64(statement, 1, rows->session_id);
  sqlite3_bind_double(statement, 2, now);
  sqlite3_bind_int64(statement, 3, exit_status);
  return ens_statement_done(rows->db, statement, SAVE, error);
}

ens_status ens_rows_write_line(ens_rows *rows, double t, const char *level, const char *message, ens_error *error) {
  sqlite3_stmt *statement = rows->statement[LOG];
  sqlite3_bind_int64(statement, 1, rows->run_id);
  sqlite3_bind_double(statement, 2, t);
  sqlite3_bind_text(statement, 3, level, -1, SQLITE_STATIC);
  sqlite3_bind_text(statement, 4, message, -1, SQLITE_STATIC);
  return ens_statement_done(rows->db, statement, "write to its log", error);
}
