/* Integrated autocorrelation time as emcee estimates it (Sokal's window; walkers' normalised functions averaged):
 * tau(M) = 2 sum_{t <= M} rho(t) - 1 at the first M >= c tau(M).
 *
 * A walker that never moves has no autocorrelation: one of them makes tau NaN. emcee says NaN too where the mean of the
 * constant comes out exactly (1.0), but 1 where it is rounded (0.1): there it is noise, here always NaN. */
#ifndef ENS_STATS_AUTOCORR_H
#define ENS_STATS_AUTOCORR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"

/* Parameter d of walker w at step t is value[((t * nwalkers + w) * ndim + d) * stride]. */
typedef struct ens_autocorr_series {
  const double *value;
  size_t nsteps, nwalkers, ndim;
  size_t stride; /* 1: no gaps */
} ens_autocorr_series;

/* tau[ndim] of a series in memory, in steps: the biased estimator of emcee.autocorr.integrated_time. NaN if a walker is
 * constant or there is only one step. ENS_CONFIG if c is not above 0, ENS_MEMORY, or ENS_OK. */
ens_status ens_autocorr_time(const ens_autocorr_series *series, double c, double *tau, ens_error *error);

/* The autocorrelation function of a series at lags 0 .. nsteps - 1, normalised to 1 at lag 0, as emcee's function_1d:
 * out[nsteps]. NaN for a constant. ENS_MEMORY, or ENS_OK. */
ens_status ens_autocorr_function(const double *series, size_t nsteps, double *out, ens_error *error);

/* The same number for every parameter of a chain from `discard` on, keeping every thin-th step as emcee does
 * (x[discard + thin - 1 :: thin]); tau[ndim] comes in units of the kept steps before thinning (tau * thin).
 * Reads the chain in blocks: memory grows with tau, not with the length of the chain.
 * ENS_CONFIG also when discard and thin leave no step. */
ens_status ens_autocorr_chain(ens_chain *chain, uint64_t discard, uint64_t thin, double c, double *tau,
                              ens_error *error);

#endif
