/* Evaluator over the ranks of a job: a pool in this process, which is rank 0, and one in every other. Rank 0's main
 * thread hands out blocks and takes in what comes back; it never waits in MPI. */
#ifndef ENS_EVAL_RANKS_CLUSTER_H
#define ENS_EVAL_RANKS_CLUSTER_H

#include "core/model/evaluator.h"
#include "eval/pool.h"
#include "eval/ranks/ranks.h"

typedef struct ens_cluster_config {
  size_t workers;      /* of each rank; 0: as many as each has CPUs of its own */
  ens_watch watch;     /* as the pool's, for all ranks; `report` is called from the main thread too */
  double rank_timeout; /* seconds that a rank which has something to do may be silent */
  void (*lost)(void *context, const char *text); /* a rank is silent: the run cannot go on; does not return */
} ens_cluster_config;

/* Gives the model to all ranks and waits until every worker is made. Borrows ranks and model until it is destroyed.
 * Returns the error of the first rank whose model fails. */
ens_status ens_cluster_create(ens_ranks *ranks, ens_model *model, const ens_cluster_config *config, ens_evaluator **out,
                              ens_error *error);

#endif
