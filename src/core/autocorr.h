/* Integrated autocorrelation time as emcee estimates it (Sokal's window; walkers' normalised functions averaged):
 * tau(M) = 2 sum_{t <= M} rho(t) - 1 at the first M >= c tau(M). */
#ifndef ENS_CORE_AUTOCORR_H
#define ENS_CORE_AUTOCORR_H

#include <stddef.h>
#include <stdint.h>

#include "core/chain.h"
#include "core/status.h"

/* tau of one quantity: `series` [nsteps][nwalkers] doubles with `stride` doubles between one walker and the next
 * and nwalkers * stride between one step and the next. The whole series is in memory; biased estimator, zero-padded
 * FFT: equal to emcee.autocorr.integrated_time. NaN for a constant series (every walker constant, as emcee's).
 * ENS_MEMORY, or ENS_OK. */
ens_status ens_autocorr_time(const double *series, size_t nsteps, size_t nwalkers, size_t stride, double c, double *tau,
                             ens_error *error);

/* The same number for every parameter of a chain from `discard` on, keeping every thin-th step as emcee does
 * (x[discard + thin - 1 :: thin]); tau[ndim] comes in units of the kept steps before thinning (tau * thin).
 * Reads the chain in blocks: memory does not grow with its length. */
ens_status ens_autocorr_chain(ens_chain *chain, uint64_t discard, uint64_t thin, double c, double *tau,
                              ens_error *error);

#endif
