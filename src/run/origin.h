/* The script and command line of a stored run, so that the command `resume` can start it again. */
#ifndef ENS_RUN_ORIGIN_H
#define ENS_RUN_ORIGIN_H

#include "store/info.h"

/* Owns its texts. NULL: not stored. */
typedef struct ens_run_origin {
  char *script_name, *script, *argv, *folder, *output, *engine;
  char *status;                 /* as ens_run_origin_status */
  uint64_t steps, base, target; /* kept steps: now, when the script was first started, asked for; target 0: not known */
} ens_run_origin;

/* From now on the store's texts stand in for files that are missing or have changed (process/sources.h). */
ens_status ens_run_origin_read(const char *path, ens_run_origin *out, ens_error *error);
void ens_run_origin_free(ens_run_origin *origin);

/* "running", "stopped", "finished" or "failed". A run whose process died without a word is stopped. */
const char *ens_run_origin_status(const ens_store_info *info);

#endif
