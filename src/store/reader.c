/* Opening a store to read. A finished store is one file and opens at once. What a killed writer left behind (a log, a
 * journal) needs a file or two beside it to be read, which a folder that is not writable refuses: then there are other
 * ways, tried in turn. */
#include "store/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/schema.h"

#define BUSY_MS 60000

/* How a file can be opened. `needs_nothing_beside`: only when neither log nor journal is there, for it would be passed
 * over. `needs_write`: changes the file, as far as bringing it to its last commit does. The last way reads a log whose
 * shared memory is gone and cannot be made: without locks, for whoever wrote now would have that memory. */
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

/* file: URI with everything but letters, digits and a few marks escaped. Caller frees; NULL: no memory. */
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
  if (status == ENS_OK && way->setup) status = ens_database_run(*db, way->setup, "read it", error);
  if (status == ENS_OK) status = ens_database_run(*db, "BEGIN", "read it", error);
  return status == ENS_OK ? ens_schema_check(*db, error) : status;
}

static bool is_possible(const ens_place *place, const ens_way *way) {
  if (way->needs_write && (access(place->file, W_OK) != 0 || !ens_place_is_writable_folder(place))) return false;
  return !way->needs_nothing_beside || !(ens_place_has(place, "-wal") || ens_place_has(place, "-journal"));
}

/* True for what another way may mend: files beside the store that cannot be made or changed. */
static bool is_about_files(ens_database *db) {
  int code = db ? sqlite3_errcode(db->handle) & 0xff : SQLITE_OK;
  return code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_IOERR;
}

/* A journal that must be played back, and nobody here may: passing it over would read half a commit. */
static ens_status refuse_journal(const ens_place *place, ens_error *error) {
  return ens_error_set(error, ENS_IO,
                       "'%s' was left in the middle of a commit by a writer that was killed, and cannot be brought to "
                       "order here: no permission to write it and its directory",
                       place->path);
}

/* A descriptor that is closed takes the locks of this process with it: not where it writes the file. */
static bool has_locks(const ens_place *place) {
  int fd = ens_place_is_open_here(place) ? -1 : open(place->file, O_RDONLY | O_CLOEXEC);
  bool has = fd < 0 || ens_place_has_locks(fd);
  if (fd >= 0) close(fd);
  return has;
}

ens_status ens_reader_open(const ens_place *place, ens_database **out, ens_error *error) {
  *out = NULL;
  /* Where there are no locks nobody writes: a copy, say, on a file system that is there to be read. */
  size_t first = has_locks(place) ? 0 : is_possible(place, &ways[2]) ? 2 : 3;
  ens_status status = open_way(place, &ways[first], out, error);
  for (size_t i = first + 1; status != ENS_OK && is_about_files(*out) && i < NWAYS; i++) {
    if (ways[i].query && ens_place_has(place, "-journal")) {
      status = refuse_journal(place, error);
      break;
    }
    if (!is_possible(place, &ways[i])) continue;
    ens_database_close(*out);
    status = open_way(place, &ways[i], out, error);
  }
  if (status == ENS_OK) {
    ens_error_clear(error); /* of the ways that were tried before */
    return ENS_OK;
  }
  ens_database_close(*out);
  *out = NULL;
  return status;
}

void ens_reader_close(ens_database *db) {
  ens_database_close(db);
}
