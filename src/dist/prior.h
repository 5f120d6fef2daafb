/* A prior: independent distributions, one a parameter. */
#ifndef ENS_DIST_PRIOR_H
#define ENS_DIST_PRIOR_H

#include "dist/dist.h"

typedef struct ens_prior {
  size_t ndim;
  ens_density density[]; /* [ndim] set by the creator */
} ens_prior;

ens_prior *ens_prior_create(size_t ndim); /* one piece of memory, freed by free; NULL: no memory */
/* The sum over theta[ndim] in its order; -inf as soon as one term is infinite: a pole too, a point without measure that
 * a walker meets by rounding only, and would never leave. */
double ens_prior_log(const ens_prior *prior, const double *theta);
/* theta[ndim], in that order from one stream. */
void ens_prior_draw(const ens_prior *prior, ens_stream *stream, double *theta);

#endif
