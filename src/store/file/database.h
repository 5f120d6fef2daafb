/* SQLite with this project's manners: every failure is an ens_error that names the file and what was being done, and no
 * value of a row is believed before its type and range are seen. Knows nothing of the tables. */
#ifndef ENS_STORE_FILE_DATABASE_H
#define ENS_STORE_FILE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct ens_database {
  sqlite3 *handle;
  char *path; /* as the user gave it: for messages */
} ens_database;

/* Opens `file` (absolute, or a file: URI when `flags` say so), which messages call `path`. A file of others is hardened
 * against: no triggers, no views, no functions from its schema. */
ens_status ens_database_open(const char *file, const char *path, int flags, int busy_ms, ens_database **out,
                             ens_error *error);
void ens_database_close(ens_database *db); /* NULL is fine */

/* Turns the connection's last failure into an error. `doing` completes "cannot ...": "save steps". */
ens_status ens_database_fail(ens_database *db, const char *doing, ens_error *error);
/* The system's number behind an I/O error; 0: there is none. */
int ens_database_errno(ens_database *db);
/* The error for content that contradicts itself; `what` is a whole phrase: "its chunks overlap". */
ens_status ens_database_damaged(const ens_database *db, const char *what, ens_error *error);

/* Runs statements that have no parameters and whose rows are not wanted. */
ens_status ens_database_run(ens_database *db, const char *sql, const char *doing, ens_error *error);
/* The caller finalizes *out. */
ens_status ens_database_prepare(ens_database *db, const char *sql, const char *doing, sqlite3_stmt **out,
                                ens_error *error);
/* One integer that a statement without parameters answers; 0 where it answers nothing. */
ens_status ens_database_ask(ens_database *db, const char *sql, const char *doing, int64_t *out, ens_error *error);

/* Steps to the next row; *row says whether there is one. */
ens_status ens_statement_row(ens_database *db, sqlite3_stmt *statement, const char *doing, bool *row, ens_error *error);
/* Runs a statement that returns nothing and makes it ready for its next use. A failed bind shows here. */
ens_status ens_statement_done(ens_database *db, sqlite3_stmt *statement, const char *doing, ens_error *error);

/* Values of the current row: false, or NULL, when the column is not what it has to be. */
bool ens_column_count(sqlite3_stmt *row, int column, uint64_t limit, uint64_t *out); /* an integer in 0 .. limit */
double ens_column_real(sqlite3_stmt *row, int column);                               /* NaN: not a number */
uint64_t ens_column_tally(sqlite3_stmt *row, int column); /* 0 where it is no integer, or is negative */
bool ens_column_doubles(sqlite3_stmt *row, int column, size_t count, double *out); /* a BLOB of exactly so many */
/* A malloc'ed copy of a text; NULL column: `otherwise`, copied, or NULL. NULL with *ok = false: no memory. */
char *ens_column_text(sqlite3_stmt *row, int column, const char *otherwise, bool *ok);

#endif
