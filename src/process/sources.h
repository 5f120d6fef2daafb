/* The texts that runs are made of: every file of Lua that script and models were read from, in one list for the
 * process, since modules are shared by all its runs; and those of a store that is gone on with. Internal to run.c and
 * its kin. */
#ifndef ENS_PROCESS_SOURCES_H
#define ENS_PROCESS_SOURCES_H

#include "run/run.h"
#include "store/store.h"

/* Copies the texts that were read so far, but for scripts, into the record; freed by ens_run_sources_clear. */
ens_status ens_run_sources_collect(ens_store_record *record, ens_error *error);
void ens_run_sources_clear(ens_store_record *record);
/* A copy of the record's texts stands in for files from now on. */
ens_status ens_run_sources_stand_in(const ens_store_record *record, ens_error *error);
void ens_run_sources_free(void);
/* From now on files are read by `ask`, which may be called by any thread: this process is a rank whose host may not
 * have them. Each is asked for once, until all are forgotten. */
typedef ens_status ens_run_asker(const char *path, char **text, size_t *size, int *number, ens_error *error);
void ens_run_sources_ask(ens_run_asker *ask);
void ens_run_sources_forget(void);

#endif
