/* Two passes: mean directions over the whole chain, then a chain that unwraps each value around its center. */
#include "stats/circle.h"

#include <math.h>
#include <stdlib.h>

#include "stats/pass.h"

typedef struct circle {
  ens_chain base;
  ens_chain *chain;         /* borrowed */
  const ens_domain *domain; /* borrowed; NULL: no parameter is periodic */
  double *center;           /* [ndim] mean directions */
} circle;

static ens_status read_open(ens_chain *self, const ens_chain_steps *out, ens_error *error) {
  circle *c = (circle *)self;
  double *coords = out->coords;
  ens_status status = ens_chain_read(c->chain, out, error);
  if (status || !coords || !c->domain) return status;
  for (size_t i = 0; i < out->count * self->nwalkers; i++, coords += self->ndim)
    ens_domain_unwrap(c->domain, c->center, coords, coords);
  return ENS_OK;
}

static void destroy(ens_chain *self) {
  circle *c = (circle *)self;
  free(c->center);
  free(c);
}

/* Adds the directions of `rows` positions: cosines to sum[2 d], sines to sum[2 d + 1]. */
static void add_directions(const ens_domain *domain, const double *coords, size_t rows, double *sum) {
  for (size_t i = 0; i < rows; i++, coords += domain->ndim)
    for (size_t d = 0; d < domain->ndim; d++) {
      if (!domain->periodic[d]) continue;
      double angle = ens_domain_angle(domain, d, coords[d]);
      sum[2 * d] += cos(angle);
      sum[2 * d + 1] += sin(angle);
    }
}

static ens_status sum_directions(const circle *c, double *sum, ens_error *error) {
  ens_chain *chain = c->chain;
  size_t width = chain->nwalkers * chain->ndim, room = ens_pass_block(width * sizeof(double));
  double *coords = malloc(room * width * sizeof *coords);
  ens_status status = coords ? ENS_OK : ens_error_memory(error);
  for (uint64_t at = chain->nsteps / 2; !status && at < chain->nsteps;) {
    size_t count = chain->nsteps - at < room ? (size_t)(chain->nsteps - at) : room;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .coords = coords}, error);
    if (!status) add_directions(c->domain, coords, count * chain->nwalkers, sum);
    at += count;
  }
  free(coords);
  return status;
}

static ens_status find_centers(circle *c, ens_error *error) {
  size_t ndim = c->base.ndim;
  double *sum = calloc(2 * ndim + 1, sizeof *sum);
  ens_status status = sum ? sum_directions(c, sum, error) : ens_error_memory(error);
  for (size_t d = 0; !status && d < ndim; d++)
    if (c->domain->periodic[d]) c->center[d] = ens_domain_at_angle(c->domain, d, atan2(sum[2 * d + 1], sum[2 * d]));
  if (!status) ens_domain_wrap(c->domain, c->center);
  free(sum);
  return status;
}

ens_status ens_circle_open(ens_chain *chain, const ens_domain *domain, ens_chain **out, ens_error *error) {
  static const ens_chain_ops ops = {read_open, destroy};
  circle *c = calloc(1, sizeof *c);
  if (!c) return ens_error_memory(error);
  c->base = *chain;
  c->base.ops = &ops;
  c->chain = chain;
  c->domain = domain && domain->any_periodic ? domain : NULL;
  c->center = calloc(chain->ndim + 1, sizeof *c->center);
  ens_status status = c->center ? ENS_OK : ens_error_memory(error);
  if (!status && c->domain) status = find_centers(c, error);
  if (status) {
    destroy(&c->base);
    return status;
  }
  *out = &c->base;
  return ENS_OK;
}
