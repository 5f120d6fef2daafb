/* A rank of a job: the host that it runs on, and the CPUs that it may use there. */
#ifndef ENS_EVAL_RANKS_RANK_H
#define ENS_EVAL_RANKS_RANK_H

#include <stdbool.h>
#include <stdint.h>

enum { ENS_RANK_HOST_BYTES = 64, ENS_RANK_NAME_BYTES = ENS_RANK_HOST_BYTES + 40 };

typedef struct ens_rank {
  char host[ENS_RANK_HOST_BYTES];
  int node;          /* the lowest rank on the same host */
  unsigned cpus;     /* CPUs that the rank may use */
  unsigned allowed;  /* CPUs that the job may use on this host if its ranks are not bound */
  uint64_t mask;     /* a hash of the set of CPUs that the rank is bound to */
  unsigned affinity; /* size of that set */
  bool one_core;     /* the set is a single core */
  double heard;      /* when rank 0 received its last message, in seconds of ens_clock_now */
  bool here;         /* it has introduced itself */
} ens_rank;

/* The name of this host: letters, digits and "._-" only. */
void ens_rank_host(char host[ENS_RANK_HOST_BYTES]);
/* Describes this process. */
void ens_rank_describe(ens_rank *rank, int node, unsigned cpus);
/* Writes "rank 2 (host node7), ", which stands before "worker 1" in messages. */
void ens_rank_name(int number, char name[ENS_RANK_NAME_BYTES]);

#endif
