/* A finished store is one file and opens at once. A killed writer leaves a journal, which SQLite can read only with
 * further files beside it. If the folder is not writable, the reader tries other ways, one after the other. */
#include "store/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/format/schema.h"

#define BUSY_MS 60000

/* A way to open a file. `needs_write`: it may change the file, to bring it to its last commit. `needs_nothing_beside`:
 * it ignores journals, so there must be none. The last way reads a write-ahead log without its shared memory, which
 * cannot be made here. It needs no locks: a process that wrote now would have that shared memory. */
typedef struct ens_way {
  int flags;
  const char *query; /* of the file: URI; NULL: a plain path */
  const char *setup; /* SQL */
  bool needs_write, needs_nothing_beside;
} ens_way;

static const ens_way ways[] = {
    {SQLITE_OPEN_READONLY, NULL, NULL, false, false},
    {SQLITE_OPEN_READWRITE, NULL, "PRAGMA query_only = ON", true, false},
    {SQLITE_OPEN_READONLY, "immutable=1", NULL, false, true},
    {SQLITE_OPEN_READONLY, "vfs=unix-none", "PRAGMA locking_mode = EXCLUSIVE", false, false},
};
#define NWAYS (sizeof ways / sizeof *ways)

/* A "file:" URI; escapes all bytes except letters, digits and a few marks. The caller frees it. NULL: no memory. */
static char *make_uri(const char *file, const char *query) {
  char *uri = malloc(3 * strlen(file) + strlen(query) + 16), *at = uri;
  if (!uri) return NULL;
  at += sprintf(at, "file:");
  for (; *file; file++) {
    bool plain = (*file >= 'a' && *file <= 'z') || (*file >= 'A' && *file <= 'Z') || strchr("0123456789/._-", *file);
    at += plain ? sprintf(at, "%c", *file) : sprintf(at, "%%%02X", (unsigned char)*file);
  }
  sprintf(at, "?%s", query);
  return uri;
}

static ens_status open_way(const ens_place *place, const ens_way *way, ens_database **db, ens_error *error) {
  char *uri = way->query ? make_uri(place->file, way->query) : NULL;
  if (way->query && !uri) return ens_error_memory(error);
  int flags = way->flags | (uri ? SQLITE_OPEN_URI : 0);
  ens_status status = ens_database_open(uri ? uri : place->file, place->path, flags, BUSY_MS, db, error);
  free(uri);
  if (!status && way->setup) status = ens_database_run(*db, way->setup, "read it", error);
  if (!status) status = ens_database_run(*db, "BEGIN", "read it", error);
  return status ? status : ens_schema_check(*db, error);
}

static bool is_possible(const ens_place *place, const ens_way *way) {
  if (way->needs_write && (access(place->file, W_OK) != 0 || !ens_place_is_writable_folder(place))) return false;
  return !way->needs_nothing_beside || !(ens_place_has(place, "-wal") || ens_place_has(place, "-journal"));
}

/* Whether another way may help: SQLite could not make or change a file beside the store. */
static bool is_about_files(ens_database *db) {
  int code = db ? sqlite3_errcode(db->handle) & 0xff : SQLITE_OK;
  return code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_IOERR;
}

/* The journal must be rolled back, but this process may not write. Without a rollback, a reader would see half a
 * commit. */
static ens_status reject_journal(const ens_place *place, ens_error *error) {
  return ens_error_set(error, ENS_IO,
                       "'%s' was left in the middle of a commit by a writer that was killed, and cannot be "
                       "repaired here: no permission to write it and its directory",
                       place->path);
}

/* Closing the descriptor would drop this process's locks on the file, so do not open a file that it has open. */
static bool has_locks(const ens_place *place) {
  int fd = ens_place_is_open_here(place) ? -1 : open(place->file, O_RDONLY | O_CLOEXEC);
  bool has = fd < 0 || ens_place_has_locks(fd);
  if (fd >= 0) close(fd);
  return has;
}

ens_status ens_reader_open(const ens_place *place, ens_database **out, ens_error *error) {
  *out = NULL;
  /* Without locks nobody can write: this is a copy on a read-only file system, for example. */
  size_t first = has_locks(place) ? 0 : is_possible(place, &ways[2]) ? 2 : 3;
  ens_status status = open_way(place, &ways[first], out, error);
  for (size_t i = first + 1; status && is_about_files(*out) && i < NWAYS; i++) {
    if (ways[i].query && ens_place_has(place, "-journal")) {
      status = reject_journal(place, error);
      break;
    }
    if (!is_possible(place, &ways[i])) continue;
    ens_database_close(*out);
    status = open_way(place, &ways[i], out, error);
  }
  if (!status) {
    ens_error_clear(error); /* of the ways that failed */
    return ENS_OK;
  }
  ens_database_close(*out);
  *out = NULL;
  return status;
}

void ens_reader_close(ens_database *db) {
  ens_database_close(db);
}
