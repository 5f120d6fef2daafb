/* Finds out, by environment variables, whether a launcher of parallel jobs started this process. Loads no library. */
#ifndef ENS_EVAL_RANKS_LAUNCHER_H
#define ENS_EVAL_RANKS_LAUNCHER_H

#include <stdbool.h>

typedef struct ens_launcher {
  const char *name;   /* "mpiexec of Open MPI", for messages; NULL: no launcher */
  const char *mpi[2]; /* plugins to try, in order: "openmpi", "mpich" */
  int rank, size;     /* size 0: not known */
  bool first_here;    /* the lowest rank on this host */
  bool hydra;         /* see ens_launcher_keep_status */
  unsigned patience;  /* seconds that ranks wait for each other at the start: ENSEMBLE_JOIN_TIMEOUT, or 300 */
} ens_launcher;

/* False: this process is alone. No launcher started it, or its job has one process, or a rank of a job started it. */
bool ens_launcher_read(ens_launcher *out);
/* Call it when this process has joined its job. Programs that it starts inherit the launcher's variables, but do not
 * belong to the job. */
void ens_launcher_mark(void);
/* Call it last, before this process ends with a status other than 0. Hydra, the launcher of MPICH (seen with 4.0),
 * loses statuses after it has passed on a signal: when the last output of a host's ranks closes, it takes 0 for each
 * rank that it has not reaped yet. So another process keeps the output open until Hydra has reaped this one. */
void ens_launcher_keep_status(const ens_launcher *launcher);

#endif
