#include "dist/prior.h"

#include <math.h>
#include <stdlib.h>

ens_prior *ens_prior_create(size_t ndim) {
  ens_prior *prior = calloc(1, sizeof *prior + ndim * sizeof prior->density[0]);
  if (prior) prior->ndim = ndim;
  return prior;
}

double ens_prior_log(const ens_prior *prior, const double *theta) {
  double sum = 0;
  for (size_t i = 0; i < prior->ndim; i++) {
    double term = ens_density_log_prior(&prior->density[i], theta[i]);
    if (isinf(term)) return -INFINITY;
    sum += term;
  }
  return sum;
}

void ens_prior_draw(const ens_prior *prior, ens_stream *stream, double *theta) {
  for (size_t i = 0; i < prior->ndim; i++) theta[i] = ens_density_draw(&prior->density[i], stream);
}
