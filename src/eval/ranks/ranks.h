/* Rank 0's view of its job: it knows the other ranks, receives their letters, and passes the letters of a job on to the
 * evaluator of that job. A process has one, which only its main thread uses. */
#ifndef ENS_EVAL_RANKS_RANKS_H
#define ENS_EVAL_RANKS_RANKS_H

#include "base/error.h"
#include "eval/ranks/letters.h"
#include "eval/ranks/link.h"
#include "eval/ranks/rank.h"

/* The receiver of the letters of one job. */
typedef struct ens_ranks_member {
  ens_letter_handler *const *handlers; /* [ENS_LETTER_KINDS]; the member is their receiver */
  unsigned job;
  struct ens_ranks_member *next;
} ens_ranks_member;

/* The services of the program that the ranks need. */
typedef struct ens_ranks_hooks {
  void (*signalled)(int number); /* a rank received a signal */
  /* Reads a Lua file for a rank whose host may not have it; as ens_sources_read. */
  ens_status (*read_text)(const char *path, char **text, size_t *size, int *number, ens_error *error);
} ens_ranks_hooks;

typedef struct ens_ranks {
  ens_link *link;
  int size;
  ens_rank *rank; /* [size] */
  ens_ranks_member *first;
  unsigned njobs;
  double turned; /* time of the last look for letters, in seconds of ens_clock_now */
  ens_bundle paper;
  ens_ranks_hooks hooks;
} ens_ranks;

/* Owns the link from now on, also after an error. `program`: version and engine, which must be the same on all ranks.
 * Waits until all ranks have introduced themselves. ENS_CONFIG: a rank runs another program; ENS_IO: a rank is silent.
 */
ens_status ens_ranks_create(ens_link *link, unsigned cpus, const char *program, const ens_ranks_hooks *hooks,
                            ens_ranks **out, ens_error *error);
/* Makes the other ranks end with `status`, and leaves the job. NULL is fine. */
void ens_ranks_destroy(ens_ranks *ranks, int status);

/* Receives all letters that have arrived and handles them. */
void ens_ranks_turn(ens_ranks *ranks);
/* Gives the member the number of a new job, and its letters until it leaves. */
void ens_ranks_enter(ens_ranks *ranks, ens_ranks_member *member);
void ens_ranks_leave(ens_ranks *ranks, ens_ranks_member *member);
/* Seconds since the rank's last letter. Times in which this process did not look for letters do not count. */
double ens_ranks_silence(const ens_ranks *ranks, int rank);
/* The default number of workers of a rank: its CPUs, divided among the ranks of the host that share them. */
unsigned ens_ranks_workers(const ens_ranks *ranks, int rank);
/* CPUs that the ranks of this rank's host are bound to, all together. */
unsigned ens_ranks_cpus_used(const ens_ranks *ranks, int rank);

#endif
