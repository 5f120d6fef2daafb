/* The stretch move (Goodman and Weare 2010, Comm. App. Math. Comp. Sci. 5, 65, section 2; emcee's default).
 *
 * y = x_j + z (x - x_j) with z from g(z) ~ 1/sqrt(z) on [1/a, a], drawn by inversion: z = ((a - 1) u + 1)^2 / a.
 * g(1/z) = z g(z) makes the line symmetric in ln z; moving along a ray from x_j in ndim dimensions changes volume by
 * z^(ndim - 1) beyond that, hence the factor (ndim - 1) ln z. Reads one walker of the complement. */
#include <math.h>
#include <stdlib.h>

#include "core/move.h"

typedef struct stretch {
  ens_move base;
  double a;
} stretch;

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 1;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  index[0] = (size_t)ens_stream_below(stream, ncomplement);
}

static double propose(const ens_move *self, ens_stream *stream, const double *x, const double *const *partner,
                      size_t npartners_read, size_t ndim, double *q) {
  (void)npartners_read;
  double a = ((const stretch *)self)->a;
  double root = (a - 1) * ens_stream_uniform(stream) + 1;
  double z = root * root / a;
  const double *c = partner[0];
  for (size_t d = 0; d < ndim; d++) q[d] = c[d] - (c[d] - x[d]) * z;
  return ((double)ndim - 1) * log(z);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_move *create(const double *value) {
  static const ens_move_ops ops = {npartners, partners, propose, destroy};
  stretch *self = malloc(sizeof *self);
  if (!self) return NULL;
  *self = (stretch){{&ops}, value[0]};
  return &self->base;
}

static const ens_move_parameter parameter[] = {
    {.name = "a", .text = "the scale of the stretch", .fallback = 2, .min = 1, .max = 1e6, .exclusive = true}};

const ens_move_kind ens_move_stretch = {.name = "stretch",
                                        .text = "Goodman and Weare's stretch move, emcee's default",
                                        .min_complement = 1,
                                        .nparameters = 1,
                                        .parameter = parameter,
                                        .create = create};
