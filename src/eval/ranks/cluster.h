/* An evaluator that uses the workers of all ranks of a job: a pool in this process, which is rank 0, and one in each
 * other rank. Rank 0's main thread sends blocks and receives results; it never waits inside MPI. */
#ifndef ENS_EVAL_RANKS_CLUSTER_H
#define ENS_EVAL_RANKS_CLUSTER_H

#include "core/model/evaluator.h"
#include "eval/ranks/ranks.h"
#include "eval/watch.h"

typedef struct ens_cluster_config {
  size_t workers;      /* of each rank; 0: as ens_ranks_workers */
  ens_watch watch;     /* for the workers of all ranks; `report` is called from the main thread too */
  double rank_timeout; /* seconds that a rank with work may be silent */
  void (*lost)(void *context, const char *text); /* a rank is silent, so that the run must end; does not return */
} ens_cluster_config;

/* Sends the model to all ranks and waits until every worker is ready. Borrows ranks and model until it is destroyed.
 * Returns the error of the first rank whose model fails. */
ens_status ens_cluster_create(ens_ranks *ranks, ens_model *model, const ens_cluster_config *config, ens_evaluator **out,
                              ens_error *error);

#endif
