/* Which journal a store is written with, and how it becomes one file again at the end. */
#ifndef ENS_STORE_FILE_JOURNAL_H
#define ENS_STORE_FILE_JOURNAL_H

#include "store/file/database.h"

typedef enum ens_journal { ENS_JOURNAL_AUTO, ENS_JOURNAL_WAL, ENS_JOURNAL_DELETE } ens_journal;

/* "auto", "wal", "delete"; NULL is auto. Anything else: ENS_CONFIG. */
ens_status ens_journal_parse(const char *text, ens_journal *out, ens_error *error);
/* Before the first access to a file that may be in WAL mode already: where the file system is not local, its shared
 * memory must not be used. `fd` is open on the file. */
ens_status ens_journal_guard(ens_database *db, int fd, ens_error *error);
bool ens_journal_is_wal(int fd); /* the file is in WAL mode */
/* Chooses the journal and how sure a commit is. */
ens_status ens_journal_begin(ens_database *db, int fd, ens_journal journal, ens_error *error);
/* Brings everything into the one file and goes back to a rollback journal. Where a reader keeps the file open, *alone
 * is false and that is left to ens_store_tidy or the next writer: no error. */
ens_status ens_journal_end(ens_database *db, bool *alone, ens_error *error);

#endif
