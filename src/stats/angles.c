/* A chain over another chain that writes two columns for each periodic parameter. */
#include "stats/angles.h"

#include <math.h>
#include <stdlib.h>

static bool is_periodic(const ens_domain *domain, size_t d) {
  return domain && domain->periodic[d];
}

size_t ens_angles_width(const ens_domain *domain, size_t ndim) {
  size_t width = ndim;
  for (size_t d = 0; d < ndim; d++) width += is_periodic(domain, d);
  return width;
}

void ens_angles_spread(const ens_domain *domain, size_t ndim, const double *coords, size_t rows, double *out) {
  for (size_t i = 0; i < rows; i++, coords += ndim) {
    double *sine = out + ndim;
    for (size_t d = 0; d < ndim; d++) {
      out[d] = coords[d];
      if (!is_periodic(domain, d)) continue;
      double angle = ens_domain_angle(domain, d, coords[d]);
      out[d] = cos(angle);
      *sine++ = sin(angle);
    }
    out = sine;
  }
}

static void choose(const ens_domain *domain, size_t ndim, const double *wide, double (*of)(double, double),
                   double *out) {
  const double *sine = wide + ndim;
  for (size_t d = 0; d < ndim; d++) out[d] = is_periodic(domain, d) ? of(wide[d], *sine++) : wide[d];
}

/* fmax and fmin ignore a NaN. */
void ens_angles_largest(const ens_domain *domain, size_t ndim, const double *wide, double *out) {
  choose(domain, ndim, wide, fmax, out);
}

void ens_angles_smallest(const ens_domain *domain, size_t ndim, const double *wide, double *out) {
  choose(domain, ndim, wide, fmin, out);
}

typedef struct angles {
  ens_chain base;
  ens_chain *chain;         /* borrowed */
  const ens_domain *domain; /* borrowed */
} angles;

static ens_status read_spread(ens_chain *self, const ens_chain_steps *out, ens_error *error) {
  const angles *a = (const angles *)self;
  size_t rows = out->count * self->nwalkers;
  double *plain = out->coords ? malloc((rows * a->chain->ndim + 1) * sizeof *plain) : NULL;
  if (out->coords && !plain) return ens_error_memory(error);
  ens_chain_steps steps = *out;
  steps.coords = plain;
  ens_status status = ens_chain_read(a->chain, &steps, error);
  if (!status && out->coords) ens_angles_spread(a->domain, a->chain->ndim, plain, rows, out->coords);
  free(plain);
  return status;
}

static void destroy(ens_chain *self) {
  free(self);
}

ens_status ens_angles_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error) {
  static const ens_chain_ops ops = {read_spread, destroy};
  angles *a = calloc(1, sizeof *a);
  if (!a) return ens_error_memory(error);
  a->base = *chain;
  a->base.ops = &ops;
  a->base.ndim = ens_angles_width(domain, chain->ndim);
  a->chain = chain;
  a->domain = domain;
  *out = &a->base;
  return ENS_OK;
}
