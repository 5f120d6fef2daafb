/* A prior: independent distributions, one for each parameter. */
#ifndef ENS_DIST_PRIOR_H
#define ENS_DIST_PRIOR_H

#include "base/bundle.h"
#include "dist/density.h"

typedef struct ens_prior {
  size_t ndim;
  ens_density density[]; /* [ndim] set by the creator */
} ens_prior;

/* One block of memory; free it with `free`. NULL: no memory. */
ens_prior *ens_prior_create(size_t ndim);
/* The sum of the log densities at theta[ndim]. -inf as soon as one of them is infinite. That includes a pole: such a
 * point has no measure, so a walker meets it only by rounding, and would never leave it. */
double ens_prior_log(const ens_prior *prior, const double *theta);
/* Draws theta[ndim], in this order, from one stream. */
void ens_prior_draw(const ens_prior *prior, ens_stream *stream, double *theta);

/* Write a prior for other processes of a job, and read it. NULL stays NULL. Without memory, unpack returns NULL and
 * sets the bundle's `failed`. */
void ens_prior_pack(const ens_prior *prior, ens_bundle *out);
ens_prior *ens_prior_unpack(ens_bundle *bundle);

#endif
