/* The parallel job that this process may be a rank of. Rank 0 runs the script; the other ranks evaluate for it. */
#ifndef ENS_PROCESS_JOB_H
#define ENS_PROCESS_JOB_H

#include <stdbool.h>

#include "base/error.h"
#include "eval/ranks/ranks.h"
#include "eval/ranks/servant.h"

/* Joins the job if a launcher started this process. If this is not rank 0, it serves the job here until the job is
 * over: *served is true then, and the process must end with *exit_status. `unpack` makes a model from what its `pack`
 * op wrote. ENS_CONFIG: the launcher started several processes that cannot work as one. */
ens_status ens_job_join(const char *engine, ens_servant_unpack *unpack, bool *served, int *exit_status,
                        ens_error *error);
/* Leaves the job, whose ranks all end with this status. Does nothing if no job was joined. */
void ens_job_leave(int exit_status);
/* Ends this process and all ranks at once. */
void ens_job_abort(int status) __attribute__((noreturn));

int ens_job_launched(void);     /* the rank that a launcher gave to this process, joined or not; 0 without a launcher */
int ens_job_rank(void);         /* in the joined job; -1: none was joined */
unsigned ens_job_size(void);    /* ranks of the joined job; 1: this process is alone */
const char *ens_job_host(void); /* the name of this host; valid for the life of the process */
const char *ens_job_launcher(void); /* the name of the launcher that ens_job_join found, for messages; NULL: none */
ens_ranks *ens_job_ranks(void);     /* rank 0's view of the job, borrowed; NULL: this process is alone */

/* Bytes between the ranks since the start of the job, without MPI's envelopes. All are 0 without a job. */
typedef struct ens_job_traffic {
  uint64_t proposals, results; /* to the other ranks, and from them */
  uint64_t data;               /* arrays that were sent because they could not be mapped */
} ens_job_traffic;
ens_job_traffic ens_job_count_traffic(void);

#endif
