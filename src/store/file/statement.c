/* Steps a statement and resets it. */
#include "store/file/statement.h"

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
