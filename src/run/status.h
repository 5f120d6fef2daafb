/* The answer to SIGUSR2: how far a run is, in lines on stderr. Internal to run.c. */
#ifndef ENS_RUN_STATUS_H
#define ENS_RUN_STATUS_H

#include "run/run.h"

typedef struct ens_run_status_extra {
  uint64_t first, target; /* kept steps when the session began, and asked for; target 0: not known */
  const char *output;     /* NULL: memory */
  uint64_t committed;
} ens_run_status_extra;

void ens_run_status_show(const ens_run_info *info, const ens_run_status_extra *extra);

#endif
