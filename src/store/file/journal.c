/* A write-ahead log lets readers read while the writer writes. It needs memory that processes share, so that it works
 * only on the file systems of one machine. */
#include "store/file/journal.h"

#include <string.h>
#include <unistd.h>

#include "store/file/place.h"
#include "store/file/statement.h"
#include "sys/clock.h"

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

/* *is: the file has the wanted journal now. If SQLite cannot change the journal, it returns the old one. */
static ens_status set_mode(ens_database *db, const char *sql, const char *wanted, bool *is, ens_error *error) {
  sqlite3_stmt *row = NULL;
  bool found = false;
  ens_status status = ens_database_prepare(db, sql, DOING, &row, error);
  if (!status) status = ens_statement_row(db, row, DOING, &found, error);
  const char *mode = !status && found ? (const char *)sqlite3_column_text(row, 0) : NULL;
  *is = mode && !strcmp(mode, wanted);
  sqlite3_finalize(row);
  return status;
}

static ens_status set_wal(ens_database *db, bool forced, ens_error *error) {
  bool is;
  ens_error ignored = ENS_ERROR_NONE;
  ens_status status = set_mode(db, "PRAGMA journal_mode = WAL", "wal", &is, forced ? error : &ignored);
  ens_error_clear(&ignored);
  if (!forced) return ENS_OK; /* the other journal works too, only slower for readers */
  if (!status && !is)
    status =
        ens_error_set(error, ENS_CONFIG, "'%s' cannot have journal 'wal' on this file system: use 'delete'", db->path);
  return status;
}

ens_status ens_journal_begin(ens_database *db, int fd, ens_journal journal, ens_error *error) {
  bool is, wal = journal == ENS_JOURNAL_WAL || (journal == ENS_JOURNAL_AUTO && ens_place_is_local(fd));
  ens_status status = wal ? set_wal(db, journal == ENS_JOURNAL_WAL, error)
                          : set_mode(db, "PRAGMA journal_mode = DELETE", "delete", &is, error);
  if (status) return status;
  /* EXTRA also syncs the directory of a rollback journal: otherwise the journal of the last commit may be back after a
   * power cut, and undo the commit. The size limit cuts back a log that has grown. */
  return ens_database_run(db,
                          "PRAGMA locking_mode = NORMAL; PRAGMA synchronous = EXTRA;"
                          "PRAGMA journal_size_limit = 16777216; SELECT count(*) FROM run;",
                          DOING, error);
}

static bool is_busy(const ens_database *db) {
  int code = sqlite3_errcode(db->handle) & 0xff;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

/* SQLite calls no busy handler when it leaves WAL mode, so this function itself waits for readers, for a second or two.
 * A reader that keeps the file open, even between its queries, keeps it in WAL mode; nothing is lost then. */
ens_status ens_journal_end(ens_database *db, bool *alone, ens_error *error) {
  enum { TRIES = 100 };
  const double pause_seconds = 0.01;
  *alone = false;
  sqlite3_busy_timeout(db->handle, 1000);
  ens_status status = ens_database_run(db, "PRAGMA wal_checkpoint(TRUNCATE)", DOING, error);
  if (status && !is_busy(db)) return status;
  for (int i = 0; i < TRIES && !*alone; i++) {
    if (i > 0) ens_clock_sleep(pause_seconds);
    ens_error_clear(error);
    status = set_mode(db, "PRAGMA journal_mode = DELETE", "delete", alone, error);
    if (status && !is_busy(db)) return status;
  }
  ens_error_clear(error);
  return ENS_OK;
}
