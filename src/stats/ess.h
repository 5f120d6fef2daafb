/* Effective sample size of a mean over the draws of an ensemble, from the series of ensemble means F_t, t = 1 .. N:
 * MCSE^2 = Var(F) tau_F / N and ESS = (variance of a draw) / MCSE^2. Unlike an average of the walkers' own
 * autocorrelations, it is valid for any correlation between walkers. */
#ifndef ENS_STATS_ESS_H
#define ENS_STATS_ESS_H

#include <stddef.h>
#include <stdint.h>

#include "stats/pass.h"

typedef struct ens_ess ens_ess;

/* Computes rows[count][nquantities]: the ensemble means F_t of `count` steps of coords, each less its mean over all
 * steps. */
typedef void (*ens_ess_fill)(const void *context, const double *coords, size_t count, double *rows);

/* known[nquantities]: false for constant quantities, whose ESS is NaN. `width`: doubles per step of coords. `context`
 * is borrowed. NULL: no memory. */
ens_ess *ens_ess_create(size_t nquantities, const bool *known, uint64_t nsteps, size_t width, ens_ess_fill fill,
                        const void *context);
void ens_ess_destroy(ens_ess *ess); /* NULL is fine */

/* For quantities with windows that are known to be long: see ens_tau_expect. */
void ens_ess_expect(ens_ess *ess, uint64_t lags);
ens_visitor *ens_ess_visitor(ens_ess *ess); /* borrowed */
uint64_t ens_ess_lags(const ens_ess *ess);

/* `variance` is that of one draw in the units of the rows. NaN: the size cannot be estimated. */
double ens_ess_value(const ens_ess *ess, size_t quantity, double variance);

#endif
