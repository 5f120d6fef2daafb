/* The warnings of a summary: whole sentences that name parameters and walkers (from 1) and say what to do. */
#ifndef ENS_STATS_SUMMARY_ADVICE_H
#define ENS_STATS_SUMMARY_ADVICE_H

#include "base/error.h"
#include "stats/stragglers.h"
#include "stats/summary/modes.h"
#include "stats/summary/summary.h"
#include "stats/tally.h"

typedef struct ens_advice {
  char *const *parameters; /* [ndim] names */
  const ens_tally *tally;
  const bool *left; /* [nwalkers] the stragglers */
  const ens_stragglers *stragglers;
  const ens_modes *modes;
  uint64_t ndraws;            /* steps after discard and thin */
  const double *ess_walkers;  /* [ndim] draws / tau */
  const double *ess_ensemble; /* [ndim] from the series of the ensemble's mean */
  ens_summary_acceptance judged;
} ens_advice;

/* Adds the warnings to a summary with complete numbers. ENS_MEMORY, or ENS_OK. */
ens_status ens_advice_give(const ens_advice *advice, ens_summary *summary, ens_error *error);

/* Counts and the log_prob of the last step, which are known without reading the chain. */
typedef struct ens_advice_early {
  size_t nwalkers;
  uint64_t steps;
  const uint64_t *accepted; /* [nwalkers] accepted proposals of all steps */
  const double *log_prob;   /* [nwalkers] */
  ens_summary_acceptance judged;
} ens_advice_early;

/* The warnings from these numbers: walkers without a finite log_prob, stuck walkers, the acceptance fraction. The
 * caller frees *warning with ens_list_free; on an error it is NULL. ENS_MEMORY, or ENS_OK. */
ens_status ens_advice_give_early(const ens_advice_early *early, char ***warning, size_t *nwarnings, ens_error *error);

#endif
