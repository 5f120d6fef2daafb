/* Whether a launcher of parallel jobs has started this process, by the variables that launchers set. Costs nothing and
 * loads nothing. */
#ifndef ENS_EVAL_RANKS_LAUNCHER_H
#define ENS_EVAL_RANKS_LAUNCHER_H

#include <stdbool.h>

typedef struct ens_launcher {
  const char *name;   /* "mpiexec of Open MPI", for messages; NULL: none has */
  const char *mpi[2]; /* plugins to try, in order: "openmpi", "mpich" */
  int rank, size;     /* size 0: it does not say */
  bool first_here;    /* of the ranks on this host */
  bool hydra;         /* see ens_launcher_keep_status */
  unsigned patience;  /* seconds that ranks wait for each other at the start: ENSEMBLE_JOIN_TIMEOUT, or 300 */
} ens_launcher;

/* False: one process by itself: nobody has launched it, or nothing else, or a process of a job has. */
bool ens_launcher_read(ens_launcher *out);
/* This process has joined its job: programs that it starts inherit the variables, and have no part in it. */
void ens_launcher_mark(void);
/* To be called at last before this process ends with another status than 0. Once Hydra, the launcher of MPICH (4.0 at
 * least), has passed a signal on, it takes 0 for the status of every rank that it has not reaped by the time that the
 * last output of its host's ranks closes. So the output stays open in a process of its own until this one is reaped. */
void ens_launcher_keep_status(const ens_launcher *launcher);

#endif
