/* Runs prepared statements of SQLite; errors name the file and the task (see database.h). */
#ifndef ENS_STORE_FILE_STATEMENT_H
#define ENS_STORE_FILE_STATEMENT_H

#include "store/file/database.h"

/* Steps to the next row; *row is false if there is none. */
ens_status ens_statement_row(ens_database *db, sqlite3_stmt *statement, const char *doing, bool *row, ens_error *error);
/* Runs a statement that returns no rows, and resets it for its next use. Reports failed binds too. */
ens_status ens_statement_done(ens_database *db, sqlite3_stmt *statement, const char *doing, ens_error *error);

#endif
