/* A distribution of one number with its parameters. A value: copy it freely. */
#ifndef ENS_DIST_DENSITY_H
#define ENS_DIST_DENSITY_H

#include "dist/dist.h"

typedef struct ens_density {
  const ens_dist *dist;
  double p[ENS_DIST_PARAMETERS], k[ENS_DIST_CONSTANTS];
} ens_density;

/* The parameters must pass ens_dist_bad_parameter, or some of them may be NaN; then every density is NaN. */
ens_density ens_density_make(const ens_dist *dist, const double *p);
/* Sets new parameters if only the location differs; false: something else differs, so make a new density. */
bool ens_density_move(ens_density *density, const double *p);
/* The log of the density, or of the probability if it is discrete. -inf outside the support and at infinity, +inf at a
 * pole, NaN for NaN. */
double ens_density_log(const ens_density *density, double x);
/* The same for a prior of a parameter: a periodic density is -inf except in one period, so that its mass is 1. */
double ens_density_log_prior(const ens_density *density, double x);
double ens_density_draw(const ens_density *density, ens_stream *stream);

#endif
