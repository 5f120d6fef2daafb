/* Writing and reading of the one row stand side by side. */
#include "store/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "store/file/column.h"
#include "store/file/database.h"
#include "store/file/little.h"
#include "store/file/statement.h"
#include "store/format/codec.h"

#define SAVE "save the checkpoint"
#define READ "read the checkpoint"

void ens_store_checkpoint_free(ens_store_checkpoint *checkpoint) {
  if (!checkpoint) return;
  free(checkpoint->coords);
  free(checkpoint->log_prob);
  free(checkpoint->blobs);
  free(checkpoint->naccepted);
  free(checkpoint->move_state);
  *checkpoint = (ens_store_checkpoint){0};
}

ens_status ens_checkpoint_prepare(ens_database *db, sqlite3_stmt **statement, ens_error *error) {
  return ens_database_prepare(
      db,
      "INSERT INTO checkpoint(run_id, step, coords, log_prob, blobs, naccepted, move_state, crc)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(run_id) DO UPDATE SET step = ?2,"
      " coords = ?3, log_prob = ?4, blobs = ?5, naccepted = ?6, move_state = ?7, crc = ?8",
      SAVE, statement, error);
}

/* Binds the numbers in the byte order of the file; NULL stands for zeros. SQLite frees the copy. */
static bool bind_numbers(sqlite3_stmt *statement, int index, const void *numbers, size_t count, uint32_t *crc) {
  void *copy = calloc(count, 8);
  if (!copy) return false;
  if (numbers) memcpy(copy, numbers, 8 * count);
  ens_little_swap(copy, count);
  *crc = ens_codec_crc(*crc, copy, 8 * count);
  return sqlite3_bind_blob64(statement, index, copy, 8 * count, free) == SQLITE_OK;
}

ens_status ens_checkpoint_write(ens_database *db, sqlite3_stmt *statement, int64_t run_id, ens_shape shape,
                                const ens_store_checkpoint *checkpoint, ens_error *error) {
  size_t w = shape.nwalkers;
  uint32_t crc = 0;
  sqlite3_bind_int64(statement, 1, run_id);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)checkpoint->step);
  bool bound =
      bind_numbers(statement, 3, checkpoint->coords, w * shape.ndim, &crc) &&
      bind_numbers(statement, 4, checkpoint->log_prob, w, &crc) &&
      (!shape.ncells || bind_numbers(statement, 5, checkpoint->blobs, w * shape.ncells, &crc)) &&
      bind_numbers(statement, 6, checkpoint->naccepted, w, &crc) &&
      (!checkpoint->move_state || bind_numbers(statement, 7, checkpoint->move_state, checkpoint->nmove_state, &crc));
  sqlite3_bind_int64(statement, 8, crc);
  if (bound) return ens_statement_done(db, statement, SAVE, error);
  sqlite3_clear_bindings(statement);
  return ens_error_memory(error);
}

/* Reads `count` numbers of a column; *out stays NULL if count is 0. ENS_IO, without a message: the size is another. */
static ens_status take_numbers(sqlite3_stmt *row, int column, size_t count, double **out) {
  if (!count) return sqlite3_column_bytes(row, column) ? ENS_IO : ENS_OK;
  /* Checks the length first, so that it never allocates more than the file holds. */
  if ((size_t)sqlite3_column_bytes(row, column) != count * sizeof **out) return ENS_IO;
  *out = malloc(count * sizeof **out);
  if (!*out) return ENS_MEMORY;
  return ens_column_doubles(row, column, count, *out) ? ENS_OK : ENS_IO;
}

static bool take_naccepted(sqlite3_stmt *row, int column, size_t count, uint64_t *out) {
  const void *data = sqlite3_column_blob(row, column);
  if (sqlite3_column_type(row, column) != SQLITE_BLOB || !data) return false;
  if ((size_t)sqlite3_column_bytes(row, column) != count * sizeof *out) return false;
  memcpy(out, data, count * sizeof *out);
  ens_little_swap(out, count);
  return true;
}

/* A walker accepts at most one proposal per step. */
static bool counts_are_possible(const ens_store_checkpoint *checkpoint, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (checkpoint->naccepted[i] > checkpoint->step) return false;
  return true;
}

/* True also if there is no checksum: another program may have written the file. */
static bool checksum_fits(sqlite3_stmt *row) {
  uint32_t crc = 0;
  for (int column = 1; column <= 5; column++) {
    const void *data = sqlite3_column_blob(row, column);
    if (data) crc = ens_codec_crc(crc, data, (size_t)sqlite3_column_bytes(row, column));
  }
  return sqlite3_column_type(row, 6) == SQLITE_NULL || sqlite3_column_int64(row, 6) == crc;
}

static ens_status take_checkpoint(ens_database *db, sqlite3_stmt *row, ens_shape shape, ens_store_checkpoint *out,
                                  ens_error *error) {
  size_t w = shape.nwalkers;
  ens_status status = ens_column_count(row, 0, INT64_MAX, &out->step) ? ENS_OK : ENS_IO;
  if (!status) status = take_numbers(row, 1, w * shape.ndim, &out->coords);
  if (!status) status = take_numbers(row, 2, w, &out->log_prob);
  if (!status) status = take_numbers(row, 3, w * shape.ncells, &out->blobs);
  if (!status && !(out->naccepted = malloc(w * sizeof *out->naccepted))) status = ENS_MEMORY;
  if (!status && !(take_naccepted(row, 4, w, out->naccepted) && counts_are_possible(out, w))) status = ENS_IO;
  out->nmove_state = (size_t)sqlite3_column_bytes(row, 5) / sizeof *out->move_state;
  if (!status) status = take_numbers(row, 5, out->nmove_state, &out->move_state);
  if (!status && !checksum_fits(row)) status = ENS_IO;
  if (status == ENS_MEMORY) return ens_error_memory(error);
  if (!status) return ENS_OK;
  return ens_database_damaged(db, "its checkpoint does not fit its walkers or its checksum", error);
}

ens_status ens_checkpoint_load(ens_database *db, int64_t run_id, ens_shape shape, ens_store_checkpoint *checkpoint,
                               ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  *checkpoint = (ens_store_checkpoint){0};
  ens_status status = ens_database_prepare(
      db, "SELECT step, coords, log_prob, blobs, naccepted, move_state, crc FROM checkpoint WHERE run_id = ?", READ,
      &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && !found) status = ens_database_damaged(db, "its checkpoint is missing", error);
  if (!status) status = take_checkpoint(db, row, shape, checkpoint, error);
  sqlite3_finalize(row);
  if (status) ens_store_checkpoint_free(checkpoint);
  return status;
}

ens_status ens_checkpoint_match(ens_database *db, const ens_store_checkpoint *checkpoint, uint64_t nstored,
                                ens_error *error) {
  if (checkpoint->step == nstored) return ENS_OK;
  return ens_database_damaged(db, "its checkpoint does not belong to its last step", error);
}
