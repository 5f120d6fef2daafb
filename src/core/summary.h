/* Summary of a chain: moments, quantiles, autocorrelation times, effective sample sizes, warnings.
 * Reads the chain in passes with bounded memory, so that a stored run of any length can be summarised. */
#ifndef ENS_CORE_SUMMARY_H
#define ENS_CORE_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/chain.h"
#include "core/status.h"

#define ENS_DISCARD_AUTO UINT64_MAX

typedef struct ens_parameter_summary {
  double mean, sd; /* over all walkers and kept draws; sd with n - 1 */
  double q05, q16, q50, q84, q95;
  double tau; /* integrated autocorrelation time in steps of the chain (not of the thinned draws); NaN: constant */
  double ess; /* effective number of independent draws of the mean */
  double ess_bulk, ess_tail;
  double mcse_mean; /* standard error of the mean, sd / sqrt(ess) */
  double rhat;      /* between ensembles; NaN with one ensemble */
} ens_parameter_summary;

typedef struct ens_summary {
  uint64_t steps;   /* kept steps in the chain, discarded ones included */
  uint64_t discard; /* as used: `auto` resolved */
  uint64_t thin;
  bool converged;                                         /* steps - discard >= 50 tau for every parameter */
  double acceptance_mean, acceptance_min, acceptance_max; /* over walkers, of all steps */
  double log_prob_max, log_prob_mean;
  size_t ndim;
  ens_parameter_summary *parameter; /* [ndim] */
  size_t nwarnings;
  char **warning; /* [nwarnings] whole sentences that say what to do */
} ens_summary;

/* `parameters` [chain->ndim] names for the warnings, borrowed. Fills `out`; ens_summary_free frees what it holds. */
ens_status ens_summary_compute(ens_chain *chain, char *const *parameters, uint64_t discard, uint64_t thin,
                               ens_summary *out, ens_error *error);
void ens_summary_free(ens_summary *summary);

#endif
