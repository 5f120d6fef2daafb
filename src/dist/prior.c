/* Sums over the parameters in their order; packing writes name and parameters of each distribution. */
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

/* ---- for other processes ---- */

void ens_prior_pack(const ens_prior *prior, ens_bundle *out) {
  ens_bundle_put_count(out, prior != NULL);
  if (!prior) return;
  ens_bundle_put_count(out, prior->ndim);
  for (size_t d = 0; d < prior->ndim; d++) {
    ens_bundle_put_text(out, prior->density[d].dist->name);
    ens_bundle_put(out, prior->density[d].p, sizeof prior->density[d].p);
  }
}

static bool unpack_density(ens_bundle *bundle, ens_density *out) {
  double p[ENS_DIST_PARAMETERS];
  char *name = ens_bundle_take_text(bundle);
  const ens_dist *dist = name ? ens_dist_find(name) : NULL;
  free(name);
  ens_bundle_take(bundle, p, sizeof p);
  if (dist) *out = ens_density_make(dist, p);
  return dist && !bundle->failed;
}

ens_prior *ens_prior_unpack(ens_bundle *bundle) {
  if (!ens_bundle_take_count(bundle)) return NULL;
  size_t ndim = (size_t)ens_bundle_take_count(bundle);
  ens_prior *prior = bundle->failed ? NULL : ens_prior_create(ndim);
  bool fine = prior != NULL;
  for (size_t d = 0; fine && d < ndim; d++) fine = unpack_density(bundle, &prior->density[d]);
  if (fine) return prior;
  bundle->failed = true;
  free(prior);
  return NULL;
}
