/* Failed evaluations: what the policies let pass, and which failure ends the run. Internal to core. Evaluations end in
 * any order; the failure that is reported is the first in the order of the sequential algorithm, so a run that fails
 * fails in the same words whatever the schedule. */
#ifndef ENS_CORE_FAILURE_H
#define ENS_CORE_FAILURE_H

#include "core/sampler.h"
#include "core/split.h"

typedef struct ens_failures {
  const ens_sampler_config *config; /* borrowed */
  const ens_model *model;           /* borrowed */
  bool strict;                      /* no policy lets anything pass */
  uint64_t step;                    /* of the failure that ends the run */
  size_t order;                     /* its place among the updates of that step */
  char *text;                       /* NULL: none */
} ens_failures;

static inline bool ens_failures_any(const ens_failures *failures) {
  return failures->text != NULL;
}

/* Item i of the block failed. True: the policy makes it a refused proposal (log_prob is set to -inf). False: it ends
 * the run. `split` of its step; NULL for evaluations outside a step. */
bool ens_failures_pass(ens_failures *failures, ens_block *block, size_t i, const ens_split *split,
                       ens_sampler_counts *counts);
ens_status ens_failures_report(const ens_failures *failures, ens_error *error);
void ens_failures_clear(ens_failures *failures);

#endif
