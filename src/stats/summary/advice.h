/* What a summary warns of: whole sentences that name the parameters and walkers (from 1) and say what to do. */
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
  const bool *left; /* [nwalkers] left behind by the others, and how far: */
  const ens_stragglers *stragglers;
  const ens_modes *modes;
  uint64_t ndraws;            /* kept steps */
  const double *ess_walkers;  /* [ndim] draws / tau */
  const double *ess_ensemble; /* [ndim] from the ensemble's mean */
  ens_summary_acceptance judged;
} ens_advice;

/* Adds the warnings to a summary whose numbers are all there. ENS_MEMORY, or ENS_OK. */
ens_status ens_advice_give(const ens_advice *advice, ens_summary *summary, ens_error *error);

/* What is known without reading the chain: counts, and the log_prob of the last step. */
typedef struct ens_advice_early {
  size_t nwalkers;
  uint64_t steps;
  const uint64_t *accepted; /* [nwalkers] of all steps */
  const double *log_prob;   /* [nwalkers] */
  ens_summary_acceptance judged;
} ens_advice_early;

/* The warnings that follow from that: walkers that never were finite, stuck ones, the acceptance fraction. The caller
 * frees each and the list; on failure there is none. ENS_MEMORY, or ENS_OK. */
ens_status ens_advice_give_early(const ens_advice_early *early, char ***warning, size_t *nwarnings, ens_error *error);

#endif
