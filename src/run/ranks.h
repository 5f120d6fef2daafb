/* The job that this process may be a rank of: joining it, and the evaluator that goes with it. Internal to run.c and
 * its kin. */
#ifndef ENS_RUN_RANKS_H
#define ENS_RUN_RANKS_H

#include "run/parts.h"

/* The run's workers, here or on all ranks. */
ens_status ens_run_make_evaluator(ens_run *run, ens_error *error);
const char *ens_run_host(void); /* 64 bytes */
ens_run_traffic ens_run_count_traffic(void);
/* Ends this process at once, and with it every rank. */
void ens_run_abort(int status) __attribute__((noreturn));

#endif
