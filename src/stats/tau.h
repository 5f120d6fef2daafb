/* Integrated autocorrelation times of groups of series by Sokal's window: tau(M) = 2 sum_{t <= M} rho(t) - 1 at the
 * first lag M >= c tau(M). The series are fed in passes, and each pass computes more lags, until the window of every
 * group is reached. A group is a quantity; its series are the walkers. */
#ifndef ENS_STATS_TAU_H
#define ENS_STATS_TAU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stats/lagsum.h"
#include "stats/moments.h"
#include "stats/visitor.h"

typedef struct ens_tau ens_tau;

/* Copies `series`. The series of a group are neighbours, have mean 0 and are scaled to the same sum of squares. A group
 * without series has tau NaN. `stride` doubles lie between two rows; c > 0 widens the window (usual: 5). NULL: no
 * memory. */
ens_tau *ens_tau_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, uint64_t nrows, size_t stride,
                        double c);
void ens_tau_destroy(ens_tau *tau); /* NULL is fine */

/* Walkers with known moments. Series walker * ndim + dim of `moments` is column (walker * ndim + dim) * step of a row,
 * and each dim is a group. */
typedef struct ens_tau_walkers {
  const ens_moments *moments;
  size_t nwalkers, ndim, step;
  bool only_moving; /* leave out walkers that never moved; else one of them makes tau NaN, as in emcee */
  uint64_t nrows;
} ens_tau_walkers;

ens_tau *ens_tau_create_walkers(const ens_tau_walkers *walkers, double c); /* NULL: no memory */

/* Computes at least `lags` lags in the first pass, for a window that is known to be long. Before the first pass. */
void ens_tau_expect(ens_tau *tau, uint64_t lags);

/* A pass is begin, all rows in order, end. Repeat until ens_tau_done. */
ens_status ens_tau_begin(ens_tau *tau, ens_error *error);
void ens_tau_push(ens_tau *tau, const double *rows, size_t count);
void ens_tau_end(ens_tau *tau);
bool ens_tau_done(const ens_tau *tau);

ens_visitor *ens_tau_visitor(ens_tau *tau); /* feeds the coordinates of draws; borrowed */

double ens_tau_value(const ens_tau *tau, size_t group);   /* in rows */
double ens_tau_squares(const ens_tau *tau, size_t group); /* the sum at lag 0; 0 for a group without series */
uint64_t ens_tau_lags(const ens_tau *tau);                /* of the last pass: what to expect of similar series */

#endif
