/* The exact invariance test: walkers that are exact draws from a target must still be draws from it after they have
 * been moved. Means, second moments and products between walkers are compared with the truth over very many replicates
 * of a very small ensemble. Errors of a move are largest there, since they vanish as one over the number of walkers.
 * The updates are the sampler's own (ensemble.h). */
#ifndef ENS_CORE_INVARIANCE_H
#define ENS_CORE_INVARIANCE_H

#include "core/ensemble.h"
#include "core/law.h"

enum { ENS_INVARIANCE_WALKERS = 8, ENS_INVARIANCE_MOMENTS = ENS_LAW_DIM + ENS_LAW_DIM * (ENS_LAW_DIM + 1) / 2 + 2 };

typedef struct ens_invariance {
  const ens_law *law;
  size_t sweeps, replicates;
  /* Called after the draw of an update's partners: unit tests plant a mistake. NULL: none. */
  void (*plant)(const struct ens_invariance *self, ens_ensemble *ensemble, uint64_t step, uint32_t walker);
} ens_invariance;

/* The deviation of each statistic from the truth, in standard errors. For each dimension d these are the mean of x_d
 * and the products x_d x_e with e = 0 .. d. Then follow the means over pairs of walkers of r.r' and |r|^2 |r'|^2, where
 * r is x less its mean, in units of the standard deviations. */
typedef struct ens_invariance_result {
  size_t count;
  double z[ENS_INVARIANCE_MOMENTS];
} ens_invariance_result;

/* Takes moves, walkers, splits and seed from `config`, and the domain from the law. */
ens_status ens_invariance_test(const ens_sampler_config *config, const ens_invariance *test, ens_invariance_result *out,
                               ens_error *error);
double ens_invariance_largest(const ens_invariance_result *off); /* the largest |z|; NaN if one is NaN */

#endif
