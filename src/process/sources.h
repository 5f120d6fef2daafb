/* The texts that runs are made from: every Lua file that was read for scripts and models. The process has one list of
 * them, since its runs share modules. The texts of a resumed store can stand in for files. */
#ifndef ENS_PROCESS_SOURCES_H
#define ENS_PROCESS_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/store.h"

/* Reads a whole Lua file and adds it to the list. role: "script", "model", "module" or "model module". The caller frees
 * *text, which ends with a NUL that *size does not count. If the file is missing or cannot be read, *text is NULL,
 * *number is the errno, and the status is ENS_OK. Any thread. */
ens_status ens_sources_read(const char *role, const char *path, char **text, size_t *size, int *number,
                            ens_error *error);
/* Whether ens_sources_read can read this path: from a file, or from a text that stands in for it. */
bool ens_sources_has(const char *path);

/* Copies the texts that were read so far into the record, except those of scripts; free with ens_sources_clear. */
ens_status ens_sources_collect(ens_store_record *record, ens_error *error);
void ens_sources_clear(ens_store_record *record);
/* Copies the texts of the record. From now on they stand in for files that are missing or have changed. */
ens_status ens_sources_stand_in(const ens_store_record *record, ens_error *error);

/* From now on `ask` reads files, from any thread: this process is a rank whose host may not have them. Each path is
 * asked for once, until ens_sources_forget. The arguments are those of ens_sources_read. */
typedef ens_status ens_sources_asker(const char *path, char **text, size_t *size, int *number, ens_error *error);
void ens_sources_ask(ens_sources_asker *ask);
void ens_sources_forget(void);
void ens_sources_free(void);

#endif
