/* Integrated autocorrelation times as emcee estimates them: the normalised autocorrelation functions of the walkers are
 * averaged, and tau(M) = 2 sum_{t <= M} rho(t) - 1 is taken at the first M >= c tau(M) (Sokal's window).
 *
 * A walker that never moves has no autocorrelation: then tau is NaN. emcee says NaN, too, if the mean of the constant
 * is exact in floating point (1.0), but 1 if it is rounded (0.1), which is noise. */
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

/* out[nsteps]: the autocorrelation function of a series at lags 0 .. nsteps - 1, normalised to 1 at lag 0, as emcee's
 * function_1d. NaN for a constant series. ENS_MEMORY, or ENS_OK. */
ens_status ens_autocorr_function(const double *series, size_t nsteps, double *out, ens_error *error);

/* tau[ndim] of a chain after `discard`, from every thin-th step as emcee selects them (x[discard + thin - 1 :: thin]).
 * Its unit is a step of the chain before thinning. The chain is read in blocks: memory grows with tau, not with the
 * length of the chain. ENS_CONFIG also if discard and thin leave no step. */
ens_status ens_autocorr_chain(ens_chain *chain, uint64_t discard, uint64_t thin, double c, double *tau,
                              ens_error *error);

#endif
