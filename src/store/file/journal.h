/* The journal of a store while it is written, and the end of it, which leaves a single file. */
#ifndef ENS_STORE_FILE_JOURNAL_H
#define ENS_STORE_FILE_JOURNAL_H

#include "store/file/database.h"

typedef enum ens_journal { ENS_JOURNAL_AUTO, ENS_JOURNAL_WAL, ENS_JOURNAL_DELETE } ens_journal;

/* Reads "auto", "wal" or "delete"; NULL is auto. ENS_CONFIG for any other text. */
ens_status ens_journal_parse(const char *text, ens_journal *out, ens_error *error);
/* Call it before the first access to a file that may be in WAL mode. On a file system that is not local, it keeps
 * SQLite from using shared memory. `fd` is open on the file. */
ens_status ens_journal_guard(ens_database *db, int fd, ens_error *error);
bool ens_journal_is_wal(int fd); /* the file is in WAL mode */
/* Sets the journal, and how durable a commit is. */
ens_status ens_journal_begin(ens_database *db, int fd, ens_journal journal, ens_error *error);
/* Merges the journal into the file and returns to a rollback journal. If a reader keeps the file open, *alone is false
 * and the journal stays, for ens_store_tidy or the next writer; that is no error. */
ens_status ens_journal_end(ens_database *db, bool *alone, ens_error *error);

#endif
