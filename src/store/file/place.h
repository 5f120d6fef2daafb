/* The place of a store's file: its paths, the lock of its writer, the kind of its file system, and the steps that put a
 * new file there. Uses POSIX and knows nothing of SQLite. */
#ifndef ENS_STORE_FILE_PLACE_H
#define ENS_STORE_FILE_PLACE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct ens_place {
  char *path;   /* as the user gave it, for messages */
  char *file;   /* absolute, without symbolic links */
  char *folder; /* absolute, without symbolic links */
} ens_place;

void ens_place_clear(ens_place *place);

/* Finds the place of a new file. Errors: the file exists, or its directory has a problem. */
ens_status ens_place_find_new(const char *path, ens_place *place, ens_error *error);
/* Finds the place of an existing file. */
ens_status ens_place_find_old(const char *path, ens_place *place, ens_error *error);

/* Makes an empty file beside the place with a name of its own, which the caller frees. *fd is open for writing. */
ens_status ens_place_make_beside(const ens_place *place, char **beside, int *fd, ens_error *error);
/* Tries to make such a file, so that a long start does not fail at its end. Permissions alone do not show it on every
 * file system. */
ens_status ens_place_try(const ens_place *place, ens_error *error);
/* Moves journals of an earlier store out of the way: SQLite would play them into the new store. They are kept, under
 * the name *moved, because they may belong to a store that the user has moved. The caller frees *moved; NULL: none. */
ens_status ens_place_clear_journals(const ens_place *place, char **moved, ens_error *error);
/* Renames the file `beside` to its place, never over another file, and makes the new name durable. */
ens_status ens_place_publish(const ens_place *place, const char *beside, ens_error *error);

/* Removes a file and the journals beside it. */
void ens_place_discard(const char *file);

/* Opens the file for the writer's lock. Open it before SQLite opens the file, and close it after SQLite has closed it:
 * closing any descriptor of a file drops all locks of the process on it. */
ens_status ens_place_open(const ens_place *place, int *fd, ens_error *error);
/* Takes the writer's lock. Does nothing and returns true on a file system that is not local. */
bool ens_place_lock(int fd);
/* False if the file system has no locks on parts of a file, which SQLite needs. */
bool ens_place_has_locks(int fd);
/* False if the file of fd was moved or removed. */
bool ens_place_holds(const ens_place *place, int fd);
/* Whether this process has the file open; false if that cannot be found out. */
bool ens_place_is_open_here(const ens_place *place);

bool ens_place_is_local(int fd); /* the file system is known to be on this machine */
/* The name of the file system: "NFS", "Lustre", ...; or "of a type not known (0x...)". */
void ens_place_name_system(int fd, char out[48]);
/* Whether a file with that suffix exists beside the place and is not empty. */
bool ens_place_has(const ens_place *place, const char *suffix);
bool ens_place_is_writable_folder(const ens_place *place);

#endif
