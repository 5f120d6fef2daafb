/* Target distributions with known moments, for the invariance test (invariance.h): exact draws, log_prob up to a
 * constant, and the true mean and covariance. */
#ifndef ENS_CORE_LAW_H
#define ENS_CORE_LAW_H

#include <stddef.h>

#include "base/stream.h"
#include "core/model/domain.h"

enum { ENS_LAW_DIM = 3 };

typedef struct ens_law {
  const char *name;
  double (*log_prob)(const struct ens_law *self, const double *x);
  void (*draw)(const struct ens_law *self, ens_stream *stream, double *x); /* fills x[ndim] */
  size_t ndim;                                                             /* at most ENS_LAW_DIM */
  const ens_domain *domain;                                                /* NULL: every real number */
  double mean[ENS_LAW_DIM];
  double covariance[ENS_LAW_DIM * ENS_LAW_DIM]; /* [ndim][ndim] */
  double root[ENS_LAW_DIM * ENS_LAW_DIM];       /* [ndim][ndim] its Cholesky factor, if draw needs it */
} ens_law;

/* A normal distribution with standard deviations 1, 2, 3 and a correlation of 0.8 between any two parameters. */
ens_law ens_law_gaussian(size_t ndim);
/* Independent: x[0] is exponential, the others are gamma variables of shape 2. Skewed, and bounded below by 0. */
ens_law ens_law_skewed(size_t ndim);

#endif
