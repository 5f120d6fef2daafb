/* The snooker update (ter Braak and Vrugt 2008, Stat. Comput. 18, 435): along the line to another walker, by the
 * difference of two more walkers, projected on that line.
 *
 * With z, z1, z2 of the complement and u = (x - z) / |x - z|: y = x + gammas u (u . z1 - u . z2). On the line the step
 * is symmetric: its size depends on the line but not on the place of x on it, and (z2, z1) is as likely as (z1, z2).
 * But lines through z fan out: volume at a distance r from z grows as r^(ndim - 1), hence the factor
 * (ndim - 1) ln(|y - z| / |x - z|).
 *
 * An update reads three distinct walkers. If x = z there is no line, and the proposal is rejected. gammas is 1.7, as in
 * the paper.
 *
 * emcee up to 3.1.6 differs: it divides u by the square root of the distance only, and halves the factor. A standard
 * normal target in three dimensions then comes out with a standard deviation of 0.890. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "move/move.h"

typedef struct snooker {
  ens_move base;
  double gammas;
} snooker;

enum { GAMMAS };
#define STANDARD 1.7
enum { Z, Z1, Z2, READ };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return READ;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  ens_move_choose(stream, ncomplement, READ, index);
}

static double distance(const double *a, const double *b, size_t ndim) {
  double sum = 0;
  for (size_t d = 0; d < ndim; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return sqrt(sum);
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  (void)stream;
  size_t ndim = context->ndim;
  const double *z = partner[Z], *z1 = partner[Z1], *z2 = partner[Z2];
  double before = distance(x, z, ndim), along = 0;
  if (!(before > 0)) {
    memcpy(q, x, ndim * sizeof *q);
    return -INFINITY;
  }
  for (size_t d = 0; d < ndim; d++) along += (x[d] - z[d]) / before * (z1[d] - z2[d]);
  double length = context->scale * ((const snooker *)self)->gammas * along / before;
  for (size_t d = 0; d < ndim; d++) q[d] = x[d] + length * (x[d] - z[d]);
  return ndim == 1 ? 0 : ((double)ndim - 1) * log(distance(q, z, ndim) / before);
}

static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  double gammas = context->scale * ((const snooker *)self)->gammas;
  return ens_move_acceptance_lesson(ENS_MOVE_BEST_LINE, gammas / STANDARD, accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .anchored = true,
                                   .lesson = lesson,
                                   .destroy = destroy};
  snooker *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (snooker){{.ops = &ops}, value[GAMMAS]};
  *out = &self->base;
  return ENS_OK;
}

static const ens_move_parameter parameter[] = {{.name = "gammas",
                                                .text = "the step in projected differences",
                                                .fallback = STANDARD,
                                                .max = 1e6,
                                                .exclusive = true}};

const ens_move_kind ens_move_snooker = {.name = "snooker",
                                        .text = "ter Braak and Vrugt's snooker update: along the line to a walker",
                                        .nparameters = 1,
                                        .parameter = parameter,
                                        .create = create};
