/* Failed evaluations: whether the policies let one pass, and which one ends the run. Internal to core. Evaluations
 * finish in any order, but the reported error is the first one in the order of the sequential algorithm, so that a run
 * fails with the same words under any schedule. */
#ifndef ENS_CORE_FAILURE_H
#define ENS_CORE_FAILURE_H

#include "core/sampler.h"
#include "core/split.h"

typedef struct ens_failures {
  const ens_sampler_config *config; /* borrowed */
  const ens_model *model;           /* borrowed */
  bool strict;                      /* ignore the policies: every error ends the run */
  uint64_t step;                    /* of the error that ends the run */
  size_t order;                     /* its place among the updates of that step */
  char *text;                       /* NULL: none */
} ens_failures;

static inline bool ens_failures_any(const ens_failures *failures) {
  return failures->text != NULL;
}

/* Handles the failed item i of the block. True: the policy rejects the proposal; log_prob is set to -inf. False: the
 * error ends the run. `split` is that of the item's step; NULL for evaluations outside a step. */
bool ens_failures_pass(ens_failures *failures, ens_block *block, size_t i, const ens_split *split,
                       ens_sampler_counts *counts);
ens_status ens_failures_report(const ens_failures *failures, ens_error *error);
void ens_failures_clear(ens_failures *failures);

#endif
