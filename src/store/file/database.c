/* SQLite with this project's manners. Knows nothing of the tables. */
#include "store/file/database.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/file/little.h"

/* SQLite passes errno on, unless what it does after the error has changed it; its files remember their own. */
int ens_database_errno(ens_database *db) {
  int number = sqlite3_system_errno(db->handle);
  if (!number) sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
  sqlite3_file *journal = NULL;
  if (!number) sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal && journal->pMethods) journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

static ens_status fail_io(ens_database *db, const char *doing, ens_error *error) {
  const char *text = sqlite3_errmsg(db->handle);
  int number = ens_database_errno(db);
  if (!number) return ens_error_set(error, ENS_IO, "'%s': cannot %s: %s", db->path, doing, text);
  return ens_error_set(error, ENS_IO, "'%s': cannot %s: %s (%s)", db->path, doing, text, strerror(number));
}

ens_status ens_database_fail(ens_database *db, const char *doing, ens_error *error) {
  const char *text = sqlite3_errmsg(db->handle);
  switch (sqlite3_errcode(db->handle) & 0xff) {
    case SQLITE_NOMEM:
      return ens_error_memory(error);
    case SQLITE_NOTADB:
      return ens_error_set(error, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is not a SQLite file", db->path);
    case SQLITE_CORRUPT:
      return ens_error_set(error, ENS_IO, "'%s' is damaged: cannot %s: %s", db->path, doing, text);
    case SQLITE_FULL:
      return ens_error_set(error, ENS_IO, "'%s': cannot %s: no room left on the device", db->path, doing);
    case SQLITE_IOERR:
      return fail_io(db, doing, error);
    default:
      return ens_error_set(error, ENS_IO, "'%s': cannot %s: %s", db->path, doing, text);
  }
}

ens_status ens_database_damaged(const ens_database *db, const char *what, ens_error *error) {
  return ens_error_set(error, ENS_IO, "'%s' is damaged: %s", db->path, what);
}

/* A store comes from other people too: nothing that its schema holds may run. Limits that SQLite cannot set are no
 * reason to refuse a file, so the results are not looked at. */
static void harden(sqlite3 *handle) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

ens_status ens_database_open(const char *file, const char *path, int flags, int busy_ms, ens_database **out,
                             ens_error *error) {
  *out = NULL;
  ens_database *db = calloc(1, sizeof *db);
  if (!db) return ens_error_memory(error);
  ens_status status = ENS_OK;
  db->path = strdup(path);
  if (!db->path) {
    status = ens_error_memory(error);
    goto fail;
  }
  if (sqlite3_open_v2(file, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
    status = db->handle ? ens_database_fail(db, "open it", error) : ens_error_memory(error);
    goto fail;
  }
  sqlite3_extended_result_codes(db->handle, 1);
  sqlite3_busy_timeout(db->handle, busy_ms);
  harden(db->handle);
  /* Nothing here may touch the file yet: how it is to be locked is said first. SQLite's own 2 MB of cache suit: the
   * writer streams and the readers seek, so a larger one would hold what nobody asks for again. */
  status = ens_database_run(db, "PRAGMA cell_size_check = ON", "open it", error);
  if (status != ENS_OK) goto fail;
  *out = db;
  return ENS_OK;
fail:
  ens_database_close(db);
  return status;
}

void ens_database_close(ens_database *db) {
  if (!db) return;
  sqlite3_close_v2(db->handle);
  free(db->path);
  free(db);
}

ens_status ens_database_run(ens_database *db, const char *sql, const char *doing, ens_error *error) {
  return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? ENS_OK : ens_database_fail(db, doing, error);
}

ens_status ens_database_prepare(ens_database *db, const char *sql, const char *doing, sqlite3_stmt **out,
                                ens_error *error) {
  int code = sqlite3_prepare_v2(db->handle, sql, -1, out, NULL);
  return code == SQLITE_OK ? ENS_OK : ens_database_fail(db, doing, error);
}

ens_status ens_database_ask(ens_database *db, const char *sql, const char *doing, int64_t *out, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  *out = 0;
  ens_status status = ens_database_prepare(db, sql, doing, &row, error);
  if (status == ENS_OK) status = ens_statement_row(db, row, doing, &found, error);
  if (status == ENS_OK && found) *out = sqlite3_column_int64(row, 0);
  sqlite3_finalize(row);
  return status;
}

ens_status ens_statement_row(ens_database *db, sqlite3_stmt *statement, const char *doing, bool *row,
                             ens_error *error) {
  int code = sqlite3_step(statement);
  *row = code == SQLITE_ROW;
  return code == SQLITE_ROW || code == SQLITE_DONE ? ENS_OK : ens_database_fail(db, doing, error);
}

ens_status ens_statement_done(ens_database *db, sqlite3_stmt *statement, const char *doing, ens_error *error) {
  int code = sqlite3_step(statement);
  ens_status status = code == SQLITE_DONE || code == SQLITE_ROW ? ENS_OK : ens_database_fail(db, doing, error);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return status;
}

bool ens_column_count(sqlite3_stmt *row, int column, uint64_t limit, uint64_t *out) {
  *out = 0;
  if (sqlite3_column_type(row, column) != SQLITE_INTEGER) return false;
  sqlite3_int64 value = sqlite3_column_int64(row, column);
  if (value < 0 || (uint64_t)value > limit) return false;
  *out = (uint64_t)value;
  return true;
}

double ens_column_real(sqlite3_stmt *row, int column) {
  int type = sqlite3_column_type(row, column);
  return type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(row, column) : (double)NAN;
}

uint64_t ens_column_tally(sqlite3_stmt *row, int column) {
  uint64_t value;
  return ens_column_count(row, column, INT64_MAX, &value) ? value : 0;
}

bool ens_column_doubles(sqlite3_stmt *row, int column, size_t count, double *out) {
  if (sqlite3_column_type(row, column) != SQLITE_BLOB) return false;
  const void *data = sqlite3_column_blob(row, column);
  if (!data || (size_t)sqlite3_column_bytes(row, column) != count * sizeof *out) return false;
  memcpy(out, data, count * sizeof *out);
  ens_little_swap(out, count);
  return true;
}

char *ens_column_text(sqlite3_stmt *row, int column, const char *otherwise, bool *ok) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  if (!text) text = otherwise;
  if (!text) return NULL;
  char *copy = strdup(text);
  if (!copy) *ok = false;
  return copy;
}
