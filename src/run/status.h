/* The answer to SIGUSR2: the progress of a run, as lines on stderr. */
#ifndef ENS_RUN_STATUS_H
#define ENS_RUN_STATUS_H

#include "run/info.h"

typedef struct ens_run_status {
  uint64_t first, target; /* kept steps when the session began, and asked for; target 0: not known */
  const char *output;     /* NULL: memory */
  uint64_t committed;
} ens_run_status;

void ens_run_status_show(const ens_run_info *info, const ens_run_status *status);

#endif
