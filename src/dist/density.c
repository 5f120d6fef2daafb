/* Calls the row of the distribution with the parameters; NaN stays NaN, and a prior is -inf outside its support. */
#include "dist/density.h"

#include <math.h>
#include <string.h>

ens_density ens_density_make(const ens_dist *dist, const double *p) {
  ens_density density = {.dist = dist};
  memcpy(density.p, p, dist->nparameters * sizeof *p);
  if (dist->prepare) dist->prepare(p, density.k);
  return density;
}

bool ens_density_move(ens_density *density, const double *p) {
  size_t location = density->dist->location;
  if (location && !isfinite(p[location - 1])) return false;
  for (size_t i = 0; i < density->dist->nparameters; i++)
    if (i + 1 != location && memcmp(&p[i], &density->p[i], sizeof *p) != 0) return false;
  if (location) density->p[location - 1] = p[location - 1];
  return true;
}

static bool has_nan(const ens_density *density) {
  for (size_t i = 0; i < density->dist->nparameters; i++)
    if (isnan(density->p[i])) return true;
  return false;
}

double ens_density_log(const ens_density *density, double x) {
  if (isnan(x) || has_nan(density)) return NAN;
  if (isinf(x) || !density->dist->holds(x, density->p)) return -INFINITY;
  return density->dist->lpdf(x, density->p, density->k);
}

double ens_density_log_prior(const ens_density *density, double x) {
  double period = density->dist->period;
  if (period > 0 && fabs(x - density->p[0]) > period / 2) return -INFINITY;
  return ens_density_log(density, x);
}

/* Rounding puts a draw onto a pole more often than chance does; then the next number replaces it. */
double ens_density_draw(const ens_density *density, ens_stream *stream) {
  double x = density->dist->draw(stream, density->p);
  return ens_density_log(density, x) < INFINITY ? x : nextafter(x, 0.5);
}
