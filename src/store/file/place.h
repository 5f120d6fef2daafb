/* Where a store's file is: paths, their errors, the lock of its writer, the kind of file system, and how a new file
 * comes into place. Knows POSIX and nothing of SQLite. */
#ifndef ENS_STORE_FILE_PLACE_H
#define ENS_STORE_FILE_PLACE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct ens_place {
  char *path;   /* as the user gave it: for messages */
  char *file;   /* absolute, without symbolic links */
  char *folder; /* absolute, without symbolic links */
} ens_place;

void ens_place_clear(ens_place *place);

/* A file that is to be made: refuses one that exists, and says what is wrong with its directory. */
ens_status ens_place_find_new(const char *path, ens_place *place, ens_error *error);
/* A file that is there. */
ens_status ens_place_find_old(const char *path, ens_place *place, ens_error *error);

/* Makes an empty file beside the place under a name of its own (malloc'ed); *fd is open for writing. */
ens_status ens_place_make_beside(const ens_place *place, char **beside, int *fd, ens_error *error);
/* Whether such a file can be made, before much is done for its sake: rights do not tell for every file system. */
ens_status ens_place_try(const ens_place *place, ens_error *error);
/* Journals of a store that was here and is not any more would be played into the new one: they are moved aside under
 * the name *moved (malloc'ed; NULL: there were none), since whoever moved the store away may want them back. */
ens_status ens_place_clear_journals(const ens_place *place, char **moved, ens_error *error);
/* Gives the file `beside` its place, never over another one, and makes that last. `beside` is gone after success. */
ens_status ens_place_publish(const ens_place *place, const char *beside, ens_error *error);

/* Removes a file and the journals beside it. */
void ens_place_discard(const char *file);

/* Opens the file to hold the writer's lock on it. Must come before SQLite opens the file and be closed after SQLite has
 * closed it: closing any descriptor of a file drops the locks that the process has on it. */
ens_status ens_place_open(const ens_place *place, int *fd, ens_error *error);
/* Takes the writer's lock, where locks of this kind are of the machine alone; true also where they are not. */
bool ens_place_lock(int fd);
/* False where the system refuses locks of parts of a file, which SQLite cannot do without. */
bool ens_place_has_locks(int fd);
/* False when the file that is open at fd has lost its place: removed or moved away. */
bool ens_place_holds(const ens_place *place, int fd);
/* True when this process has the file open already. False where that cannot be found out. */
bool ens_place_is_open_here(const ens_place *place);

bool ens_place_is_local(int fd); /* the file system is known to be of this machine */
/* What the file system is called: "NFS", "Lustre", ...; "of a type not known (0x...)" */
void ens_place_name_system(int fd, char out[48]);
bool ens_place_has(const ens_place *place,
                   const char *suffix); /* a file of that name and suffix with something in it */
bool ens_place_is_writable_folder(const ens_place *place);

#endif
