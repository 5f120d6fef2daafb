/* Which journal a store is written with. A write-ahead log lets readers read while the writer writes, but needs memory
 * shared between processes: it works on one machine's file systems only. */
#include "store/file/journal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/file/place.h"

#define DOING "set its journal"

ens_status ens_journal_parse(const char *text, ens_journal *out, ens_error *error) {
  static const char *const names[] = {"auto", "wal", "delete"};
  *out = ENS_JOURNAL_AUTO;
  for (size_t i = 0; text && i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i])) continue;
    *out = (ens_journal)i;
    return ENS_OK;
  }
  if (!text) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "journal '%s' is not one of auto, wal, delete", text);
}

/* Bytes 18 and 19 of a SQLite file are 2 in WAL mode. */
bool ens_journal_is_wal(int fd) {
  unsigned char version[2];
  return pread(fd, version, 2, 18) == 2 && version[0] == 2 && version[1] == 2;
}

ens_status ens_journal_guard(ens_database *db, int fd, ens_error *error) {
  if (ens_place_is_local(fd) || !ens_journal_is_wal(fd)) return ENS_OK;
  return ens_database_run(db, "PRAGMA locking_mode = EXCLUSIVE", DOING, error);
}

/* *is says which journal the file has afterwards: SQLite answers with the old one where it cannot change it. */
static ens_status set_mode(ens_database *db, const char *sql, const char *wanted, bool *is, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db, sql, DOING, &row, error);
  if (status == ENS_OK) status = ens_statement_row(db, row, DOING, &found, error);
  const char *mode = status == ENS_OK && found ? (const char *)sqlite3_column_text(row, 0) : NULL;
  *is = mode && !strcmp(mode, wanted);
  sqlite3_finalize(row);
  return status;
}

static ens_status set_wal(ens_database *db, bool forced, ens_error *error) {
  bool is;
  ens_error ignored = ENS_ERROR_NONE;
  ens_status status = set_mode(db, "PRAGMA journal_mode = WAL", "wal", &is, forced ? error : &ignored);
  ens_error_clear(&ignored);
  if (!forced) return ENS_OK; /* the other journal serves as well, only slower for readers */
  if (status == ENS_OK && !is)
    status =
        ens_error_set(error, ENS_CONFIG, "'%s' cannot have journal 'wal' on this file system: use 'delete'", db->path);
  return status;
}

ens_status ens_journal_begin(ens_database *db, int fd, ens_journal journal, ens_error *error) {
  bool is, wal = journal == ENS_JOURNAL_WAL || (journal == ENS_JOURNAL_AUTO && ens_place_is_local(fd));
  ens_status status = wal ? set_wal(db, journal == ENS_JOURNAL_WAL, error)
                          : set_mode(db, "PRAGMA journal_mode = DELETE", "delete", &is, error);
  if (status != ENS_OK) return status;
  /* EXTRA is FULL and, for a rollback journal, its directory too: without that a power cut may bring the journal of the
   * last commit back, and with it undo the commit. A log that has grown in a busy hour is cut back. */
  return ens_database_run(db,
                          "PRAGMA locking_mode = NORMAL; PRAGMA synchronous = EXTRA;"
                          "PRAGMA journal_size_limit = 16777216; SELECT count(*) FROM run;",
                          DOING, error);
}

static bool is_busy(const ens_database *db) {
  int code = sqlite3_errcode(db->handle) & 0xff;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

/* SQLite asks no busy handler when it leaves WAL: readers that come and go are waited for here, for a second or two.
 * One that keeps the file open, if only between its queries, keeps it in WAL mode, with nothing lost. */
ens_status ens_journal_end(ens_database *db, bool *alone, ens_error *error) {
  enum { TRIES = 100 };
  const struct timespec pause = {.tv_nsec = 10000000};
  *alone = false;
  sqlite3_busy_timeout(db->handle, 1000);
  ens_status status = ens_database_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", DOING, error);
  if (status != ENS_OK && !is_busy(db)) return status;
  for (int i = 0; i < TRIES && !*alone; i++) {
    if (i > 0) nanosleep(&pause, NULL);
    ens_error_clear(error);
    status = set_mode(db, "PRAGMA journal_mode = DELETE", "delete", alone, error);
    if (status != ENS_OK && !is_busy(db)) return status;
  }
  ens_error_clear(error);
  return ENS_OK;
}
