/* Wrapping takes off whole periods; unwrapping chooses the copy of a value that is nearest to another value. */
#include "core/model/domain.h"

#include <math.h>
#include <stdlib.h>

static const double two_pi = 6.283185307179586476925;

ens_domain *ens_domain_create(size_t ndim) {
  ens_domain *domain = calloc(1, sizeof *domain);
  if (!domain) return NULL;
  domain->ndim = ndim;
  domain->low = malloc((ndim + 1) * sizeof *domain->low);
  domain->high = malloc((ndim + 1) * sizeof *domain->high);
  domain->periodic = calloc(ndim + 1, sizeof *domain->periodic);
  if (!domain->low || !domain->high || !domain->periodic) {
    ens_domain_destroy(domain);
    return NULL;
  }
  for (size_t d = 0; d < ndim; d++) {
    domain->low[d] = -INFINITY;
    domain->high[d] = INFINITY;
  }
  return domain;
}

void ens_domain_destroy(ens_domain *domain) {
  if (!domain) return;
  free(domain->low);
  free(domain->high);
  free(domain->periodic);
  free(domain);
}

/* Rounding may map a value just below `low` to `high`, which stands for `low`. */
static double wrap(double x, double low, double high) {
  if (x >= low && x < high) return x;
  double period = high - low, wrapped = x - period * floor((x - low) / period);
  return wrapped >= high || wrapped < low ? low : wrapped;
}

void ens_domain_wrap(const ens_domain *domain, double *x) {
  if (!domain->any_periodic) return;
  for (size_t d = 0; d < domain->ndim; d++)
    if (domain->periodic[d]) x[d] = wrap(x[d], domain->low[d], domain->high[d]);
}

bool ens_domain_holds(const ens_domain *domain, const double *x) {
  for (size_t d = 0; d < domain->ndim; d++)
    if (!(x[d] >= domain->low[d] && x[d] <= domain->high[d])) return false;
  return true;
}

static double half_period(const ens_domain *domain, size_t d) {
  return 0.5 * (domain->high[d] - domain->low[d]);
}

void ens_domain_unwrap(const ens_domain *domain, const double *c, const double *x, double *out) {
  for (size_t d = 0; d < domain->ndim; d++) {
    out[d] = x[d];
    if (!domain->periodic[d]) continue;
    double half = half_period(domain, d);
    if (x[d] - c[d] > half) out[d] -= 2 * half;
    if (x[d] - c[d] < -half) out[d] += 2 * half;
  }
}

bool ens_domain_is_near(const ens_domain *domain, const double *c, const double *x) {
  for (size_t d = 0; d < domain->ndim; d++)
    if (domain->periodic[d] && !(fabs(x[d] - c[d]) <= half_period(domain, d))) return false;
  return true;
}

double ens_domain_angle(const ens_domain *domain, size_t d, double x) {
  return two_pi * (x - domain->low[d]) / (domain->high[d] - domain->low[d]);
}

double ens_domain_at_angle(const ens_domain *domain, size_t d, double angle) {
  return domain->low[d] + (domain->high[d] - domain->low[d]) * (angle / two_pi);
}
