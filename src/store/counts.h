/* The numbers that only the sampler knows, for the tables diag and session. The store itself counts what follows from
 * the steps: acceptance and log_prob. */
#ifndef ENS_STORE_COUNTS_H
#define ENS_STORE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/evaluator.h"

typedef struct ens_store_counts {
  double tau;                         /* steps, of the worst parameter; NaN: not known */
  double ess;                         /* 0: the steps of all walkers, divided by tau */
  uint64_t evaluations, errors, nans; /* of the whole run, with all sessions */
  double wall_s, model_s;             /* of this session */
  uint64_t base, target;              /* as in ens_store_options */
  size_t nworkers;
  const ens_evaluator_stats *worker; /* [nworkers], borrowed */
} ens_store_counts;

/* A copy that owns its list of workers. Begins as {0}. */
typedef struct ens_counts_copy {
  bool set;
  ens_store_counts counts; /* counts.worker is `worker` */
  ens_evaluator_stats *worker;
  size_t room;
} ens_counts_copy;

/* Without memory for the list of workers, the copy has no workers. */
void ens_counts_copy_set(ens_counts_copy *copy, const ens_store_counts *counts);
void ens_counts_copy_clear(ens_counts_copy *copy);

#endif
