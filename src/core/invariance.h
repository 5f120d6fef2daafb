/* The exact invariance test: walkers drawn exactly from a target are moved, and must be draws from it still. Means,
 * second moments and products between walkers are compared with the truth over very many replicates of a very small
 * ensemble, where errors are largest: they vanish as one over the number of walkers. The updates are the sampler's own
 * (core/ensemble.h). */
#ifndef ENS_CORE_INVARIANCE_H
#define ENS_CORE_INVARIANCE_H

#include "core/ensemble.h"
#include "core/law.h"

enum { ENS_INVARIANCE_WALKERS = 8, ENS_INVARIANCE_MOMENTS = ENS_LAW_DIM + ENS_LAW_DIM * (ENS_LAW_DIM + 1) / 2 + 2 };

typedef struct ens_invariance {
  const ens_law *law;
  size_t sweeps, replicates;
  /* For tests, when an update's partners are drawn: plants a mistake. NULL: none. */
  void (*plant)(const struct ens_invariance *self, ens_ensemble *ensemble, uint64_t step, uint32_t walker);
} ens_invariance;

/* What each statistic is off the truth, in standard errors: for each dimension d the mean of x_d and the products
 * x_d x_e with e = 0 .. d; then, over pairs of walkers, r.r' and |r|^2 |r'|^2, where r is x less its mean in units of
 * the standard deviations. */
typedef struct ens_invariance_result {
  size_t count;
  double z[ENS_INVARIANCE_MOMENTS];
} ens_invariance_result;

/* Moves, walkers, splits and seed are those of config; its domain is the law's. */
ens_status ens_invariance_test(const ens_sampler_config *config, const ens_invariance *test, ens_invariance_result *out,
                               ens_error *error);
double ens_invariance_largest(const ens_invariance_result *off); /* |z|; NaN where one is */

#endif
