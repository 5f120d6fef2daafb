/* The job that this process may be a rank of: joining it, and the evaluator that goes with it. Internal to run.c and
 * its kin. */
#ifndef ENS_RUN_RANKS_H
#define ENS_RUN_RANKS_H

#include "run/parts.h"

/* The run's workers, here or on all ranks. */
ens_status ens_run_make_evaluator(ens_run *run, ens_error *error);
const char *ens_job_host(void); /* 64 bytes */
ens_job_traffic ens_job_count_traffic(void);
/* Ends this process at once, and with it every rank. */
void ens_job_abort(int status) __attribute__((noreturn));

#endif
