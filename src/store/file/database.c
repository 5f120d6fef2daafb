/* Opening with settings against hostile files, errors with their errno, and the pragmas that stores need. */
#include "store/file/database.h"

#include <stdlib.h>
#include <string.h>

#include "store/file/statement.h"

/* SQLite reports errno unless its own work after the error has changed it; then its files still know it. */
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

/* A store may come from other people: nothing in its schema may run. An old SQLite may lack some of these settings,
 * which is no reason to reject the file, so the results are ignored. */
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
  /* Nothing here may touch the file yet, because the caller may still set its locking mode. SQLite's default cache of
   * 2 MB is enough: the writer streams and the readers seek, so that a larger one would hold pages of no further use.
   */
  status = ens_database_run(db, "PRAGMA cell_size_check = ON", "open it", error);
  if (status) goto fail;
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
  if (!status) status = ens_statement_row(db, row, doing, &found, error);
  if (!status && found) *out = sqlite3_column_int64(row, 0);
  sqlite3_finalize(row);
  return status;
}
