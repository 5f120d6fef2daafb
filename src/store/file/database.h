/* A connection to a SQLite file. Every error names the file and the task. Knows nothing of the tables. */
#ifndef ENS_STORE_FILE_DATABASE_H
#define ENS_STORE_FILE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct ens_database {
  sqlite3 *handle;
  char *path; /* as the user gave it, for messages */
} ens_database;

/* Opens `file`: an absolute path, or a "file:" URI if `flags` say so. `path` is its name in messages. The file may come
 * from anybody, so its triggers, views and functions are disabled. */
ens_status ens_database_open(const char *file, const char *path, int flags, int busy_ms, ens_database **out,
                             ens_error *error);
void ens_database_close(ens_database *db); /* NULL is fine */

/* Makes an error of the connection's last failure. `doing` completes "cannot ...", as "save steps" does. */
ens_status ens_database_fail(ens_database *db, const char *doing, ens_error *error);
/* The errno of the last I/O error; 0: there was none. */
int ens_database_errno(ens_database *db);
/* The error for contents that contradict each other; `what` is a whole clause: "its chunks overlap". */
ens_status ens_database_damaged(const ens_database *db, const char *what, ens_error *error);

/* Runs statements that have no parameters, and ignores their rows. */
ens_status ens_database_run(ens_database *db, const char *sql, const char *doing, ens_error *error);
/* The caller finalizes *out. */
ens_status ens_database_prepare(ens_database *db, const char *sql, const char *doing, sqlite3_stmt **out,
                                ens_error *error);
/* Runs a statement without parameters that returns one integer. *out is 0 if it returns no row. */
ens_status ens_database_ask(ens_database *db, const char *sql, const char *doing, int64_t *out, ens_error *error);

#endif
