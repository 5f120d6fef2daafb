/* The summary of a chain: moments, quantiles, autocorrelation times, effective sample sizes and warnings. The chain is
 * read in passes with bounded memory, so that a stored run of any length can be summarised. Mean, sd and quantiles are
 * exact. Numbers that cannot be known are NaN. */
#ifndef ENS_STATS_SUMMARY_SUMMARY_H
#define ENS_STATS_SUMMARY_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"

#define ENS_DISCARD_AUTO UINT64_MAX

typedef struct ens_summary_parameter {
  double mean, sd;                /* over all walkers and kept draws; sd with n - 1 */
  double q05, q16, q50, q84, q95; /* linear between order statistics like numpy.quantile */
  /* Integrated autocorrelation time as of emcee, in steps of the chain, not in thinned draws. NaN if a walker never
   * changes the parameter, or if too few steps give no positive number. */
  double tau;
  /* Effective number of independent draws for the mean: the smaller of draws / tau and the estimate from the series of
   * the ensemble's mean (ess.h). */
  double ess;
  double ess_bulk;  /* of rank-normalised draws, from the ensemble's mean; ranks to about a thousandth */
  double ess_tail;  /* the smaller size of I(x <= q05) and I(x <= q95), from the ensemble's mean */
  double mcse_mean; /* standard error of the mean, sd / sqrt(ess) */
  double rhat;      /* NaN: there is one ensemble */
} ens_summary_parameter;

/* Counts of the updates that can be rejected, by which an acceptance fraction is judged. */
typedef struct ens_summary_acceptance {
  uint64_t accepted, proposed;
  bool some; /* there are other updates, which are left out */
} ens_summary_acceptance;

typedef struct ens_summary {
  uint64_t steps;   /* kept steps in the chain, discarded ones included */
  uint64_t discard; /* the number used, also for ENS_DISCARD_AUTO */
  uint64_t thin;
  bool converged;                                         /* steps - discard >= 50 tau for every parameter */
  double acceptance_mean, acceptance_min, acceptance_max; /* over the walkers, of all steps */
  double log_prob_max, log_prob_mean;                     /* of all steps; of the draws, -inf if one is -inf */
  size_t ndim;
  ens_summary_parameter *parameter; /* [ndim] */
  size_t nwarnings;
  char **warning; /* [nwarnings] whole sentences */
} ens_summary;

typedef struct ens_summary_request {
  char *const *parameters;                  /* [chain->ndim] names for the warnings */
  uint64_t discard;                         /* steps left out at the start, or ENS_DISCARD_AUTO (discard.h) */
  uint64_t thin;                            /* every thin-th of the other steps counts */
  const ens_summary_acceptance *acceptance; /* over the whole chain; NULL: every update can be rejected */
} ens_summary_request;

/* Fills `out`; the caller frees it with ens_summary_free. On an error there is nothing to free. ENS_CONFIG if no draw
 * is left after discard and thin. */
ens_status ens_summary_compute(ens_chain *chain, const ens_summary_request *request, ens_summary *out,
                               ens_error *error);
void ens_summary_free(ens_summary *summary);

#endif
