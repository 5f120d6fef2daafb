/* Filling in what is known of a run. Internal to run.c. */
#ifndef ENS_RUN_INFO_H
#define ENS_RUN_INFO_H

#include "run/run.h"

/* Copies the names into the info; frees the info when memory is out. */
ens_status ens_run_info_name(ens_run_info *info, size_t ndim, char *const *parameters, const char *status,
                             const char *engine, const char *version, ens_error *error);

/* Adds the warnings that follow from [nwalkers] accepted proposals and log_prob, and from what is judged. Leaves the
 * info as it is on failure.
 */
ens_status ens_run_info_warn(ens_run_info *info, const uint64_t *accepted, const double *log_prob, ens_error *error);

#endif
