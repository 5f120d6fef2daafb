/* Binding and loading of each row stand side by side; every loaded value is checked. */
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "store/file/column.h"
#include "store/file/database.h"
#include "store/file/statement.h"
#include "store/format/blob_type.h"
#include "store/format/sha256.h"
#include "store/origin.h"

static const char *const status_names[] = {"running", "stopped", "finished", "failed"};
#define NSTATUSES (sizeof status_names / sizeof *status_names)

const char *ens_record_status_name(ens_store_run_status status) {
  return status_names[status];
}

void ens_store_record_free(ens_store_record *record) {
  if (!record) return;
  ens_list_free(record->parameters, record->ndim);
  ens_blobs_free(&record->blobs);
  char *texts[] = {record->rng,    record->moves, record->engine, record->version, record->script_name,
                   record->script, record->argv,  record->extra,  record->folder,  record->output};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
  for (size_t i = 0; i < record->nsources; i++) {
    free(record->source[i].role);
    free(record->source[i].name);
    free(record->source[i].text);
  }
  free(record->source);
  *record = (ens_store_record){0};
}

ens_shape ens_record_shape(const ens_store_record *record) {
  return (ens_shape){record->nwalkers, record->ndim, record->blobs.ncells};
}

ens_status ens_record_check(const char *path, const ens_store_record *record, ens_error *error) {
  if (!ens_shape_fits(ens_record_shape(record)))
    return ens_error_set(
        error, ENS_CONFIG,
        "'%s': %zu walkers of %zu parameters and blobs of %zu numbers do not fit into a store: a step has at "
        "least one number and at most %zu bytes",
        path, record->nwalkers, record->ndim, record->blobs.ncells, ENS_STEP_LIMIT);
  return ENS_OK;
}

/* ---- writing ---- */

static const char *const insert_run =
    "INSERT INTO run(name, nwalkers, ndim, thin_by, nstored, status, created, updated, seed, rng, moves, engine,"
    " version, script_name, script, script_sha256, argv, extra)"
    " VALUES(?1, ?2, ?3, ?4, 0, 'running', ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

static void bind_text(sqlite3_stmt *statement, int index, const char *text) {
  sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static const char *or_empty(const char *text) {
  return text ? text : "";
}

static void bind_run(sqlite3_stmt *statement, const ens_store_record *record, const char *name, double now) {
  bind_text(statement, 1, name);
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)record->nwalkers);
  sqlite3_bind_int64(statement, 3, (sqlite3_int64)record->ndim);
  sqlite3_bind_int64(statement, 4, (sqlite3_int64)record->thin_by);
  sqlite3_bind_double(statement, 5, now);
  sqlite3_bind_int64(statement, 6, (sqlite3_int64)record->seed);
  bind_text(statement, 7, or_empty(record->rng));
  bind_text(statement, 8, or_empty(record->moves));
  bind_text(statement, 9, or_empty(record->engine));
  bind_text(statement, 10, or_empty(record->version));
  bind_text(statement, 11, record->script_name);
  bind_text(statement, 12, record->script);
  bind_text(statement, 14, record->argv);
  bind_text(statement, 15, record->extra);
}

static ens_status insert_names(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(db, "INSERT INTO param(run_id, idx, name) VALUES(?, ?, ?)", "save the names",
                                           &statement, error);
  for (size_t i = 0; !status && i < record->ndim; i++) {
    sqlite3_bind_int64(statement, 1, run_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
    bind_text(statement, 3, record->parameters[i]);
    status = ens_statement_done(db, statement, "save the names", error);
  }
  sqlite3_finalize(statement);
  return status;
}

static ens_status insert_blobs(ens_database *db, int64_t run_id, const ens_blobs *blobs, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status =
      ens_database_prepare(db, "INSERT INTO blob_def(run_id, idx, name, dtype, shape) VALUES(?, ?, ?, ?, ?)",
                           "save the names", &statement, error);
  for (size_t i = 0; !status && i < blobs->count; i++) {
    char dtype[ENS_BLOB_TYPE_BYTES], shape[ENS_BLOB_TYPE_BYTES];
    ens_blob_type_write(&blobs->def[i], dtype, shape);
    sqlite3_bind_int64(statement, 1, run_id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
    bind_text(statement, 3, blobs->def[i].name);
    bind_text(statement, 4, dtype);
    bind_text(statement, 5, shape);
    status = ens_statement_done(db, statement, "save the names", error);
  }
  sqlite3_finalize(statement);
  return status;
}

ens_status ens_record_insert(ens_database *db, const ens_store_record *record, const char *name, double now,
                             int64_t *run_id, ens_error *error) {
  char hash[65];
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(db, insert_run, "save the run", &statement, error);
  if (!status) {
    bind_run(statement, record, name, now);
    if (record->script) {
      ens_sha256_hex(record->script, strlen(record->script), hash);
      bind_text(statement, 13, hash);
    }
    status = ens_statement_done(db, statement, "save the run", error);
  }
  sqlite3_finalize(statement);
  *run_id = sqlite3_last_insert_rowid(db->handle);
  if (!status) status = insert_names(db, *run_id, record, error);
  if (!status) status = insert_blobs(db, *run_id, &record->blobs, error);
  return status ? status : ens_origin_write(db, *run_id, record, error);
}

/* The settings that the steps depend on, except for their shape, and the files that the run was made from. */
static const char *const update_run =
    "UPDATE run SET seed = ?2, moves = ?3, engine = ?4, version = ?5, script_name = ?6, script = ?7,"
    " script_sha256 = ?8, argv = ?9, extra = ?10 WHERE run_id = ?1";

static void bind_update(sqlite3_stmt *statement, const ens_store_record *record, const char *hash) {
  sqlite3_bind_int64(statement, 2, (sqlite3_int64)record->seed);
  bind_text(statement, 3, or_empty(record->moves));
  bind_text(statement, 4, or_empty(record->engine));
  bind_text(statement, 5, or_empty(record->version));
  bind_text(statement, 6, record->script_name);
  bind_text(statement, 7, record->script);
  bind_text(statement, 8, hash);
  bind_text(statement, 9, record->argv);
  bind_text(statement, 10, record->extra);
}

ens_status ens_record_update(ens_database *db, int64_t run_id, const ens_store_record *record, ens_error *error) {
  char hash[65];
  sqlite3_stmt *statement = NULL;
  ens_status status = ens_database_prepare(db, update_run, "save the run", &statement, error);
  if (!status) {
    if (record->script) ens_sha256_hex(record->script, strlen(record->script), hash);
    sqlite3_bind_int64(statement, 1, run_id);
    bind_update(statement, record, record->script ? hash : NULL);
    status = ens_statement_done(db, statement, "save the run", error);
  }
  sqlite3_finalize(statement);
  return status ? status : ens_origin_write(db, run_id, record, error);
}

ens_status ens_record_set_engine(ens_database *db, int64_t run_id, const char *engine, ens_error *error) {
  sqlite3_stmt *statement = NULL;
  ens_status status =
      ens_database_prepare(db, "UPDATE run SET engine = ?2 WHERE run_id = ?1", "save the run", &statement, error);
  if (!status) {
    sqlite3_bind_int64(statement, 1, run_id);
    bind_text(statement, 2, engine);
    status = ens_statement_done(db, statement, "save the run", error);
  }
  sqlite3_finalize(statement);
  return status;
}

/* ---- reading ---- */

static const char *const select_run =
    "SELECT run_id, nwalkers, ndim, thin_by, nstored, status, created, updated, seed, rng, moves, engine, version,"
    " script_name, script, argv, extra FROM run ORDER BY run_id DESC LIMIT 1";

static bool parse_status(const char *text, ens_store_run_status *out) {
  for (size_t i = 0; text && i < NSTATUSES; i++) {
    if (strcmp(text, status_names[i])) continue;
    *out = (ens_store_run_status)i;
    return true;
  }
  return false;
}

/* False: a number is out of range. */
static bool load_numbers(sqlite3_stmt *from, ens_store_record *record, ens_record_row *row) {
  uint64_t nwalkers, ndim;
  row->run_id = sqlite3_column_int64(from, 0);
  bool good = ens_column_count(from, 1, ENS_STEP_LIMIT, &nwalkers) && ens_column_count(from, 2, ENS_STEP_LIMIT, &ndim);
  if (!good) return false;
  record->nwalkers = (size_t)nwalkers;
  record->ndim = (size_t)ndim;
  row->created = ens_column_real(from, 6);
  row->updated = ens_column_real(from, 7);
  record->seed = (uint64_t)sqlite3_column_int64(from, 8);
  return ens_column_count(from, 3, INT64_MAX, &record->thin_by) && record->thin_by > 0 &&
         ens_column_count(from, 4, INT64_MAX, &row->nstored) && sqlite3_column_type(from, 8) == SQLITE_INTEGER &&
         parse_status((const char *)sqlite3_column_text(from, 5), &row->status);
}

static bool load_texts(sqlite3_stmt *from, ens_store_record *record) {
  bool ok = true;
  record->rng = ens_column_text(from, 9, "", &ok);
  record->moves = ens_column_text(from, 10, "", &ok);
  record->engine = ens_column_text(from, 11, "", &ok);
  record->version = ens_column_text(from, 12, "", &ok);
  record->script_name = ens_column_text(from, 13, NULL, &ok);
  record->script = ens_column_text(from, 14, NULL, &ok);
  record->argv = ens_column_text(from, 15, NULL, &ok);
  record->extra = ens_column_text(from, 16, NULL, &ok);
  return ok;
}

static ens_status load_run(ens_database *db, ens_store_record *record, ens_record_row *row, ens_error *error) {
  sqlite3_stmt *from = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db, select_run, "read the run", &from, error);
  if (!status) status = ens_statement_row(db, from, "read the run", &found, error);
  if (!status && !found) status = ens_database_damaged(db, "it holds no run", error);
  /* After a bad number, ndim is 0: ens_store_record_free must not believe the length of a list that does not exist. */
  if (!status && !load_numbers(from, record, row)) {
    status = ens_database_damaged(db, "a number of its run is out of range", error);
    record->ndim = 0;
  }
  if (!status && !load_texts(from, record)) status = ens_error_memory(error);
  sqlite3_finalize(from);
  return status;
}

static ens_status count_rows(ens_database *db, const char *sql, int64_t run_id, size_t *out, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db, sql, "read the names", &row, error);
  if (!status) {
    sqlite3_bind_int64(row, 1, run_id);
    status = ens_statement_row(db, row, "read the names", &found, error);
  }
  *out = found ? (size_t)ens_column_tally(row, 0) : 0;
  sqlite3_finalize(row);
  return status;
}

/* Steps to the next row of a list. It must have the number `index` and a name. */
static ens_status take_row(ens_database *db, sqlite3_stmt *row, size_t index, ens_error *error) {
  bool found;
  ens_status status = ens_statement_row(db, row, "read the names", &found, error);
  if (status) return status;
  if (!found || ens_column_tally(row, 0) != index || sqlite3_column_type(row, 1) != SQLITE_TEXT)
    return ens_database_damaged(db, "a name of a parameter or a blob is missing", error);
  return ENS_OK;
}

/* `count` is the number of rows in the table, not the number that the run claims. */
static ens_status load_names(ens_database *db, int64_t run_id, size_t count, char ***out, ens_error *error) {
  sqlite3_stmt *row = NULL;
  *out = calloc(count ? count : 1, sizeof **out);
  if (!*out) return ens_error_memory(error);
  ens_status status = ens_database_prepare(db, "SELECT idx, name FROM param WHERE run_id = ? ORDER BY idx",
                                           "read the names", &row, error);
  if (!status) sqlite3_bind_int64(row, 1, run_id);
  for (size_t i = 0; !status && i < count; i++) {
    bool ok = true;
    status = take_row(db, row, i, error);
    if (!status) (*out)[i] = ens_column_text(row, 1, NULL, &ok);
    if (!ok || (!status && !(*out)[i])) status = ens_error_memory(error);
  }
  sqlite3_finalize(row);
  return status;
}

static ens_status load_blob(ens_database *db, sqlite3_stmt *row, ens_blobs *out, ens_error *error) {
  ens_blob_def type;
  const char *name = (const char *)sqlite3_column_text(row, 1), *dtype = (const char *)sqlite3_column_text(row, 2);
  const char *shape = (const char *)sqlite3_column_text(row, 3);
  if (!name) return ens_error_memory(error);
  if (!dtype || !shape || !ens_blob_type_read(dtype, shape, &type))
    return ens_error_set(error, ENS_CONFIG, "'%s': blob '%s' has a type that this program does not read", db->path,
                         name);
  return ens_blobs_add(out, name, type.kind, type.length) ? ENS_OK : ens_error_memory(error);
}

static ens_status load_blobs(ens_database *db, int64_t run_id, size_t count, ens_blobs *out, ens_error *error) {
  sqlite3_stmt *row = NULL;
  ens_status status = ens_database_prepare(
      db, "SELECT idx, name, dtype, shape FROM blob_def WHERE run_id = ? ORDER BY idx", "read the names", &row, error);
  if (!status) sqlite3_bind_int64(row, 1, run_id);
  for (size_t i = 0; !status && i < count; i++) {
    status = take_row(db, row, i, error);
    if (!status) status = load_blob(db, row, out, error);
  }
  sqlite3_finalize(row);
  return status;
}

static ens_status reject_shape(ens_database *db, ens_error *error) {
  return ens_database_damaged(db, "the number of its parameters differs from the number of their names", error);
}

static ens_status load_all_names(ens_database *db, int64_t run_id, ens_store_record *record, ens_error *error) {
  size_t nparams = 0, nblobs = 0, ndim = record->ndim;
  record->ndim = 0; /* until ens_store_record_free has names to free */
  ens_status status = count_rows(db, "SELECT count(*) FROM param WHERE run_id = ?", run_id, &nparams, error);
  if (!status) status = count_rows(db, "SELECT count(*) FROM blob_def WHERE run_id = ?", run_id, &nblobs, error);
  if (status) return status;
  ens_shape least = {record->nwalkers, ndim, nblobs};
  if (nparams != ndim || !ens_shape_fits(least)) return reject_shape(db, error);
  record->ndim = ndim;
  status = load_names(db, run_id, ndim, &record->parameters, error);
  if (!status) status = load_blobs(db, run_id, nblobs, &record->blobs, error);
  if (!status && !ens_shape_fits(ens_record_shape(record))) return reject_shape(db, error);
  return status;
}

ens_status ens_record_load(ens_database *db, ens_store_record *record, ens_record_row *row, ens_error *error) {
  *record = (ens_store_record){0};
  ens_status status = load_run(db, record, row, error);
  if (!status) status = load_all_names(db, row->run_id, record, error);
  if (!status) status = ens_origin_load(db, row->run_id, record, error);
  if (status) ens_store_record_free(record);
  return status;
}
