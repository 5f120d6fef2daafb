/* Rank 0's view of its job: who the other ranks are, what they have to say, and which evaluator it is for. One a
 * process, used by its main thread only. */
#ifndef ENS_EVAL_RANKS_RANKS_H
#define ENS_EVAL_RANKS_RANKS_H

#include "base/error.h"
#include "eval/ranks/link.h"

enum { ENS_HOST_BYTES = 64 };

/* A rank, as it introduces itself. */
typedef struct ens_rank {
  char host[ENS_HOST_BYTES];
  int node;          /* the lowest rank on that host */
  unsigned cpus;     /* that it may use */
  unsigned allowed;  /* that it could have there, if it were bound to none */
  uint64_t mask;     /* tells sets of CPUs apart */
  unsigned affinity; /* CPUs that it is bound to */
  bool one_core;     /* which are one core */
  double heard;      /* when it was heard of last */
  bool here;         /* it has introduced itself */
} ens_rank;

/* What evaluators do with letters of their job. */
typedef struct ens_correspondent {
  void (*letter)(struct ens_correspondent *self, ens_letter *letter);
  unsigned job;
  struct ens_correspondent *next;
} ens_correspondent;

/* What the ranks want of the program. */
typedef struct ens_ranks_hooks {
  void (*signalled)(int number); /* a rank got a signal */
  /* A file of Lua, for a rank that may not have it; as ens_run_read_text. */
  ens_status (*read_text)(const char *path, char **text, size_t *size, int *number, ens_error *error);
} ens_ranks_hooks;

typedef struct ens_ranks {
  ens_link *link;
  int size;
  ens_rank *rank; /* [size] */
  ens_correspondent *first;
  unsigned njobs;
  double turned; /* when letters were looked for last */
  ens_bundle paper;
  ens_ranks_hooks hooks;
} ens_ranks;

void ens_rank_host(char host[ENS_HOST_BYTES]);
/* Fills in what is known of this process. */
void ens_rank_describe(ens_rank *rank, int node, unsigned cpus);
void ens_rank_pack(const ens_rank *rank, const char *program, ens_bundle *out);

/* Takes the link. `program`: version and engine, the same on all ranks. Waits until all have introduced themselves:
 * ENS_CONFIG names one that is another program, ENS_IO one that does not come. */
ens_status ens_ranks_create(ens_link *link, unsigned cpus, const char *program, const ens_ranks_hooks *hooks,
                            ens_ranks **out, ens_error *error);
/* Sends the ranks home, to end with `status`, and leaves the job; NULL is fine. */
void ens_ranks_destroy(ens_ranks *ranks, int status);

/* Hands out what has come. */
void ens_ranks_turn(ens_ranks *ranks);
/* Gives it the number of a job, and its letters until it leaves. */
void ens_ranks_enter(ens_ranks *ranks, ens_correspondent *correspondent);
void ens_ranks_leave(ens_ranks *ranks, ens_correspondent *correspondent);
/* Seconds since the rank was heard of, not counting those in which nobody here listened. */
double ens_ranks_silence(const ens_ranks *ranks, int rank);
/* Workers that each rank has of itself: its CPUs, shared with the ranks of the host that have the same. */
unsigned ens_ranks_workers(const ens_ranks *ranks, int rank);
/* CPUs that the ranks of this one's host are bound to, taken together. */
unsigned ens_ranks_cpus_used(const ens_ranks *ranks, int rank);

#endif
