/* Whether a launcher of parallel jobs has started this process, by the variables that launchers set. Costs nothing and
 * loads nothing. */
#ifndef ENS_EVAL_LAUNCHER_H
#define ENS_EVAL_LAUNCHER_H

#include <stdbool.h>

typedef struct ens_launcher {
  const char *name;   /* "mpiexec of Open MPI", for messages; NULL: none has */
  const char *mpi[2]; /* plugins to try, in order: "openmpi", "mpich" */
  int rank, size;     /* size 0: it does not say */
  bool first_here;    /* of the ranks on this host */
  unsigned patience;  /* seconds that ranks wait for each other at the start: ENSEMBLE_JOIN_TIMEOUT, or 300 */
} ens_launcher;

/* False: one process by itself: nobody has launched it, or nothing else, or a process of a job has. */
bool ens_launcher_read(ens_launcher *out);
/* This process has joined its job: programs that it starts inherit the variables, and have no part in it. */
void ens_launcher_mark(void);

#endif
