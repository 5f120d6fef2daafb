/* What a summary warns of: whole sentences that name the parameters and walkers (from 1) and say what to do. */
#ifndef ENS_CORE_ADVICE_H
#define ENS_CORE_ADVICE_H

#include "core/status.h"
#include "core/summary.h"
#include "core/tally.h"

typedef struct ens_advice {
  char *const *parameters; /* [ndim] names */
  const ens_tally *tally;
  uint64_t ndraws;            /* kept steps */
  const double *ess_walkers;  /* [ndim] draws / tau */
  const double *ess_ensemble; /* [ndim] from the ensemble's mean */
} ens_advice;

/* Adds the warnings to a summary whose numbers are all there. ENS_MEMORY, or ENS_OK. */
ens_status ens_advice_give(const ens_advice *advice, ens_summary *summary, ens_error *error);

#endif
