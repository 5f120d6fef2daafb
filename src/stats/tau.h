/* Autocorrelation times of groups of series by Sokal's window, fed in passes: each pass gives more lags, until the
 * window of every group is reached. A group is a quantity, its series are the walkers. */
#ifndef ENS_STATS_TAU_H
#define ENS_STATS_TAU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/lagsum.h"
#include "stats/moments.h"
#include "stats/pass.h"

typedef struct ens_tau ens_tau;

/* Copies `series`: the series of one group are neighbours, they are less their mean and their scale gives each the same
 * sum of squares. A group without series has tau NaN. `stride` doubles lie between two rows; c > 0 widens the
 * window. NULL: no memory. */
ens_tau *ens_tau_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, uint64_t nrows, size_t stride,
                        double c);
void ens_tau_destroy(ens_tau *tau);

/* The same for walkers whose moments are known: series i = walker * ndim + dim of `moments` is column i * step, and
 * each dim is a group. A walker that never moved has no autocorrelation: it makes tau NaN, as in emcee, or is left out
 * when `only_moving`. */
ens_tau *ens_tau_create_walkers(const ens_moments *moments, size_t nwalkers, size_t ndim, size_t step, bool only_moving,
                                uint64_t nrows, double c);

/* For a window that is known to be long: the first pass gives at least so many lags. Before the first pass. */
void ens_tau_expect(ens_tau *tau, uint64_t lags);

/* A pass is begin, all rows, end; until ens_tau_done. */
ens_status ens_tau_begin(ens_tau *tau, ens_error *error);
void ens_tau_push(ens_tau *tau, const double *rows, size_t count);
void ens_tau_end(ens_tau *tau);
bool ens_tau_done(const ens_tau *tau);

ens_visitor *ens_tau_visitor(ens_tau *tau); /* feeds it the coordinates of draws; borrowed */

double ens_tau_value(const ens_tau *tau, size_t group);
double ens_tau_squares(const ens_tau *tau, size_t group); /* the sum at lag 0; 0 for a group without series */
uint64_t ens_tau_lags(const ens_tau *tau);                /* of the last pass: what to expect of like series */

#endif
