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

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, size_t npartners_read, double *q) {
  (void)npartners_read;
  size_t ndim = context->ndim;
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

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {
      .npartners = npartners, .partners = partners, .propose = propose, .destroy = destroy};
  stretch *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (stretch){{.ops = &ops}, value[0]};
  *out = &self->base;
  return ENS_OK;
}

static const ens_move_parameter parameter[] = {
    {.name = "a", .text = "the scale of the stretch", .fallback = 2, .min = 1, .max = 1e6, .exclusive = true}};

const ens_move_kind ens_move_stretch = {.name = "stretch",
                                        .text = "Goodman and Weare's stretch move, emcee's default",
                                        .nparameters = 1,
                                        .parameter = parameter,
                                        .create = create};
