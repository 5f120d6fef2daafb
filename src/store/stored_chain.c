/* Decodes one chunk at a time and keeps it, and only those of its columns that somebody asked for. The file is open
 * only while a chunk is read, because an open reader keeps a writer from ending. */
#include "store/stored_chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/checkpoint.h"
#include "store/file/column.h"
#include "store/file/little.h"
#include "store/file/place.h"
#include "store/file/statement.h"
#include "store/format/codec.h"
#include "store/format/image.h"
#include "store/reader.h"
#include "store/record.h"

#define READ "read steps"
/* A chunk of more bytes is damage, unless it has only one step. */
#define READ_LIMIT ((size_t)64 << 20)

/* The columns that a caller can ask for. */
enum { ACCEPTED = 1, LOG_PROB = 2, COORDS = 4, BLOBS = 8 };

typedef struct stored_chain {
  ens_chain chain; /* first */
  ens_place place;
  ens_shape shape;
  ens_blobs blob; /* the layout of a row of blobs */
  int64_t run_id;
  double created; /* of the run: shows if another file has replaced this one */

  /* the current chunk */
  uint64_t start;
  size_t count;     /* steps; 0: none */
  unsigned columns; /* those that are decoded */
  uint8_t *accepted;
  double *log_prob, *coords, *blobs; /* blobs [count][walker][cell] */
} stored_chain;

static void forget_chunk(stored_chain *self) {
  free(self->accepted);
  free(self->log_prob);
  free(self->coords);
  free(self->blobs);
  self->accepted = NULL;
  self->log_prob = self->coords = self->blobs = NULL;
  self->columns = 0;
  self->count = 0;
}

static ens_status reject_column(const stored_chain *self, const char *what, ens_error *error) {
  return ens_error_set(error, ENS_IO, "'%s' is damaged: the %s of its steps %" PRIu64 " to %" PRIu64 " cannot be read",
                       self->place.path, what, self->start + 1, self->start + self->count);
}

/* ---- one column ---- */

/* A BLOB that holds an encoded column. */
typedef struct source {
  ens_database *db;
  sqlite3_stmt *row;
  int column;
  const char *codec;
  size_t part;      /* its number in the table checksum */
  const char *what; /* for messages */
} source;

/* Compares the checksum of the column, if there is one: other programs may write a store without checksums. */
static ens_status check_sum(const stored_chain *self, const source *from, const void *data, size_t size,
                            ens_error *error) {
  ens_database *db = from->db;
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(
      db, "SELECT crc FROM checksum WHERE run_id = ?1 AND start = ?2 AND part = ?3", READ, &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, self->run_id);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)self->start);
    sqlite3_bind_int64(row, 3, (sqlite3_int64)from->part);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && found && sqlite3_column_int64(row, 0) != ens_codec_crc(0, data, size))
    status = reject_column(self, from->what, error);
  sqlite3_finalize(row);
  return status;
}

/* Decodes into new memory of exactly `size` bytes, which it allocates only if the BLOB can fill it. */
static ens_status decode(const stored_chain *self, const source *from, size_t size, void **out, ens_error *error) {
  const void *data = sqlite3_column_blob(from->row, from->column);
  size_t stored = (size_t)sqlite3_column_bytes(from->row, from->column);
  *out = NULL;
  if (!from->codec || !ens_codec_is_known(from->codec) || !data || !ens_codec_is_plausible(from->codec, stored, size))
    return reject_column(self, from->what, error);
  ens_status status = check_sum(self, from, data, stored, error);
  if (status) return status;
  *out = malloc(size);
  if (!*out) return ens_error_memory(error);
  status = ens_codec_unpack(from->codec, data, stored, *out, size);
  if (!status) return ENS_OK;
  free(*out);
  *out = NULL;
  return status == ENS_MEMORY ? ens_error_memory(error) : reject_column(self, from->what, error);
}

static ens_status decode_numbers(const stored_chain *self, const source *from, size_t count, double **out,
                                 ens_error *error) {
  void *numbers;
  ens_status status = decode(self, from, count * sizeof **out, &numbers, error);
  if (status) return status;
  ens_little_swap(numbers, count);
  *out = numbers;
  return ENS_OK;
}

/* Copies the column of a blob from the file's layout into the cells of the rows. */
static void place_blob(stored_chain *self, const ens_blob_def *def, char *column) {
  size_t n = self->count * self->shape.nwalkers, length = def->length, ncells = self->shape.ncells;
  double *row = self->blobs;
  if (def->kind != ENS_BLOB_TEXT) ens_little_swap(column, n * length);
  for (size_t i = 0; i < n; i++, row += ncells)
    if (def->kind == ENS_BLOB_TEXT)
      ens_blob_put_text(def, row, column + i * length, strnlen(column + i * length, length));
    else
      memcpy(row + def->first, column + 8 * i * length, 8 * length);
}

/* Reads the column of one blob into the rows of all blobs. */
static ens_status load_blob(stored_chain *self, ens_database *db, sqlite3_stmt *row, size_t which, ens_error *error) {
  bool found;
  uint64_t nsteps;
  void *column;
  const ens_blob_def *def = &self->blob.def[which];
  size_t n = self->count * self->shape.nwalkers;
  ens_status status = ens_statement_row(db, row, READ, &found, error);
  if (status) return status;
  if (!found || !ens_column_count(row, 0, SIZE_MAX / 2, &nsteps) || nsteps != self->count)
    return reject_column(self, "blobs", error);
  source from = {db, row, 2, (const char *)sqlite3_column_text(row, 1), ENS_COLUMN_BLOBS + which, "blobs"};
  status = decode(self, &from, n * (def->kind == ENS_BLOB_TEXT ? 1 : 8) * def->length, &column, error);
  if (status) return status;
  if (!self->blobs) self->blobs = malloc(n * self->shape.ncells * sizeof *self->blobs);
  if (self->blobs) place_blob(self, def, column);
  free(column);
  return self->blobs ? ENS_OK : ens_error_memory(error);
}

static ens_status load_blobs(stored_chain *self, ens_database *db, ens_error *error) {
  sqlite3_stmt *row = NULL;
  ens_status status = ens_database_prepare(
      db, "SELECT nsteps, codec, data FROM blob_chunk WHERE run_id = ?1 AND blob_idx = ?2 AND start = ?3", READ, &row,
      error);
  for (size_t i = 0; !status && i < self->blob.count; i++) {
    sqlite3_reset(row);
    sqlite3_bind_int64(row, 1, self->run_id);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)i);
    sqlite3_bind_int64(row, 3, (sqlite3_int64)self->start);
    status = load_blob(self, db, row, i, error);
  }
  sqlite3_finalize(row);
  return status;
}

/* ---- one chunk ---- */

/* Takes the steps that the row covers. Forgets columns of another chunk, or of this one when it was shorter.
 */
static ens_status take_extent(stored_chain *self, ens_database *db, sqlite3_stmt *row, uint64_t wanted,
                              ens_error *error) {
  size_t step = ens_shape_bytes(self->shape), limit = READ_LIMIT > step ? READ_LIMIT / step : 1;
  uint64_t start, nsteps;
  if (!ens_column_count(row, 0, wanted, &start) || !ens_column_count(row, 1, limit, &nsteps) || !nsteps)
    return ens_database_damaged(db, "the length of a chunk is out of range", error);
  if (wanted - start >= nsteps)
    return ens_error_set(error, ENS_IO, "'%s' is damaged: its step %" PRIu64 " is missing", self->place.path,
                         wanted + 1);
  if (self->count && (self->start != start || self->count != nsteps)) forget_chunk(self);
  self->start = start;
  self->count = (size_t)nsteps;
  return ENS_OK;
}

/* Decodes the columns in `wanted` that are not decoded yet. */
static ens_status take_columns(stored_chain *self, ens_database *db, sqlite3_stmt *row, unsigned wanted,
                               ens_error *error) {
  const char *codec = (const char *)sqlite3_column_text(row, 2);
  source accepted = {db, row, 3, codec, ENS_COLUMN_ACCEPTED, "accepted flags"};
  source log_prob = {db, row, 4, codec, ENS_COLUMN_LOG_PROB, "log_prob"};
  source coords = {db, row, 5, codec, ENS_COLUMN_CHAIN, "positions"};
  size_t n = self->count * self->shape.nwalkers;
  unsigned missing = wanted & ~self->columns;
  ens_status status = ENS_OK;
  if (missing & ACCEPTED) {
    void *flags;
    status = decode(self, &accepted, n, &flags, error);
    self->accepted = flags;
  }
  if (!status && missing & LOG_PROB) status = decode_numbers(self, &log_prob, n, &self->log_prob, error);
  if (!status && missing & COORDS) status = decode_numbers(self, &coords, n * self->shape.ndim, &self->coords, error);
  if (!status && missing & BLOBS) status = load_blobs(self, db, error);
  if (!status) self->columns |= missing;
  return status;
}

static ens_status check_same_run(const stored_chain *self, ens_database *db, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db, "SELECT created FROM run WHERE run_id = ?", READ, &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, self->run_id);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  double created = !status && found ? ens_column_real(row, 0) : 0;
  sqlite3_finalize(row);
  if (status || !memcmp(&created, &self->created, sizeof created)) return status;
  return ens_error_set(error, ENS_IO, "'%s' was replaced by another run while it was read", self->place.path);
}

static ens_status load_row(stored_chain *self, ens_database *db, uint64_t wanted_step, unsigned wanted,
                           ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db,
                                           "SELECT start, nsteps, codec, accepted, log_prob, chain FROM chunk"
                                           " WHERE run_id = ?1 AND start <= ?2 ORDER BY start DESC LIMIT 1",
                                           READ, &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, self->run_id);
    sqlite3_bind_int64(row, 2, (sqlite3_int64)wanted_step);
    status = ens_statement_row(db, row, READ, &found, error);
  }
  if (!status && !found) status = ens_database_damaged(db, "its first steps are missing", error);
  if (!status) status = take_extent(self, db, row, wanted_step, error);
  if (!status) status = take_columns(self, db, row, wanted, error);
  sqlite3_finalize(row);
  return status;
}

/* Makes the chunk with that step the current one, with those columns. */
static ens_status load_chunk(stored_chain *self, uint64_t step, unsigned wanted, ens_error *error) {
  bool here = self->count && step >= self->start && step - self->start < self->count;
  if (here && !(wanted & ~self->columns)) return ENS_OK;
  if (!here) forget_chunk(self);
  ens_database *db;
  ens_status status = ens_reader_open(&self->place, &db, error);
  if (!status) status = check_same_run(self, db, error);
  if (!status) status = load_row(self, db, step, wanted, error);
  ens_reader_close(db);
  if (status) forget_chunk(self);
  return status;
}

/* ---- the chain ---- */

static void copy_numbers(double *out, const double *from, size_t first, size_t count, size_t width) {
  if (out && width) memcpy(out, from + first * width, count * width * sizeof *out);
}

static ens_status read_steps(ens_chain *chain, const ens_chain_steps *out, ens_error *error) {
  stored_chain *self = (stored_chain *)chain;
  uint64_t start = out->start;
  size_t count = out->count;
  size_t w = chain->nwalkers, d = w * chain->ndim, b = w * chain->ncells;
  unsigned wanted = (out->accepted ? ACCEPTED : 0U) | (out->log_prob ? LOG_PROB : 0U) | (out->coords ? COORDS : 0U) |
                    (out->blobs && b ? BLOBS : 0U);
  if (start > chain->nsteps || count > chain->nsteps - start)
    return ens_error_set(error, ENS_CONFIG, "'%s' has %" PRIu64 " steps: it has no %zu steps after step %" PRIu64,
                         self->place.path, chain->nsteps, count, start);
  for (size_t done = 0; wanted && done < count;) {
    ens_status status = load_chunk(self, start + done, wanted, error);
    if (status) return status;
    size_t first = (size_t)(start + done - self->start), n = self->count - first;
    if (n > count - done) n = count - done;
    copy_numbers(out->coords ? out->coords + done * d : NULL, self->coords, first, n, d);
    copy_numbers(out->log_prob ? out->log_prob + done * w : NULL, self->log_prob, first, n, w);
    copy_numbers(out->blobs ? out->blobs + done * b : NULL, self->blobs, first, n, b);
    if (out->accepted) memcpy(out->accepted + done * w, self->accepted + first * w, n * w);
    done += n;
  }
  return ENS_OK;
}

static void destroy(ens_chain *chain) {
  stored_chain *self = (stored_chain *)chain;
  if (!self) return;
  forget_chunk(self);
  ens_blobs_free(&self->blob);
  ens_place_clear(&self->place);
  free(self);
}

static const ens_chain_ops chain_ops = {read_steps, destroy};

/* Reads the checkpoint too, for its sizes: if its arrays fit the shape, the run really has this shape. */
static ens_status load_shape(stored_chain *self, ens_database *db, ens_error *error) {
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_record_row row;
  ens_status status = ens_record_load(db, &record, &row, error);
  if (status) return status;
  self->shape = ens_record_shape(&record);
  self->blob = record.blobs;
  record.blobs = (ens_blobs){0};
  ens_store_record_free(&record);
  status = ens_checkpoint_load(db, row.run_id, self->shape, &checkpoint, error);
  if (status) return status;
  status = ens_checkpoint_match(db, &checkpoint, row.nstored, error);
  ens_store_checkpoint_free(&checkpoint);
  self->run_id = row.run_id;
  self->created = row.created;
  self->chain = (ens_chain){&chain_ops, row.nstored, self->shape.nwalkers, self->shape.ndim, self->shape.ncells};
  return status;
}

ens_status ens_stored_chain_open(const char *path, ens_chain **out, ens_error *error) {
  ens_database *db = NULL;
  *out = NULL;
  stored_chain *self = calloc(1, sizeof *self);
  if (!self) return ens_error_memory(error);
  ens_status status = ens_place_find_old(path, &self->place, error);
  if (!status) status = ens_reader_open(&self->place, &db, error);
  if (!status) status = load_shape(self, db, error);
  ens_reader_close(db);
  if (status) {
    destroy(&self->chain);
    return status;
  }
  *out = &self->chain;
  return ENS_OK;
}
