/* Differential evolution (ter Braak 2006, Stat. Comput. 16, 239). The complement's walkers replace the paper's
 * population, as in emcee's DEMove (Nelson et al. 2014, ApJS 210, 11).
 *
 * y = x + gamma (x_j - x_k), gamma = gamma0 (1 + sigma N(0, 1)), one gamma for all dimensions. gamma0 is 2.38 / sqrt(2
 * ndim) by default, the optimum for Gaussians. With probability `jump` gamma is 1: if the two walkers are in different
 * modes, their difference leads from one mode to the other. The pair (k, j) is as likely as (j, k), and gamma does not
 * depend on x, so the move is symmetric and the factor is 0. An update reads two walkers.
 *
 * sigma keeps the walkers from moving on a lattice of differences. The paper adds a small normal vector instead, but
 * its scale would have to be known in each dimension, and it is not affine-invariant. Dropped: the form of older emcee,
 * which added one number to all dimensions. */
#include <math.h>
#include <stdlib.h>

#include "move/move.h"

typedef struct de {
  ens_move base;
  double gamma0, sigma, jump;
} de;

enum { GAMMA0, SIGMA, JUMP };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 2;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  ens_move_choose(stream, ncomplement, 2, index);
}

static double standard(size_t ndim) {
  return 2.38 / sqrt(2 * (double)ndim);
}

static double gamma0_of(const de *self, size_t ndim) {
  return self->gamma0 < 0 ? standard(ndim) : self->gamma0;
}

static double draw_gamma(const de *self, ens_stream *stream, size_t ndim, double scale) {
  if (ens_stream_uniform(stream) < self->jump) return 1;
  return scale * gamma0_of(self, ndim) * (1 + self->sigma * ens_stream_normal(stream));
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  double gamma = draw_gamma((const de *)self, stream, context->ndim, context->scale);
  for (size_t d = 0; d < context->ndim; d++) q[d] = x[d] + gamma * (partner[0][d] - partner[1][d]);
  return 0;
}

static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  double gamma0 = context->scale * gamma0_of((const de *)self, context->ndim);
  return ens_move_acceptance_lesson(ENS_MOVE_BEST_BALL, gamma0 / standard(context->ndim), accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {
      .npartners = npartners, .partners = partners, .propose = propose, .lesson = lesson, .destroy = destroy};
  de *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (de){{.ops = &ops}, value[GAMMA0], value[SIGMA], value[JUMP]};
  *out = &self->base;
  return ENS_OK;
}

static const char *const words[] = {"auto", NULL};
static const ens_move_parameter parameter[] = {
    {.name = "gamma0",
     .text = "the step in differences; 'auto' is 2.38 / sqrt(2 ndim)",
     .fallback = ENS_MOVE_WORD(0),
     .max = 1e6,
     .exclusive = true,
     .word = words},
    {.name = "sigma", .text = "the relative jitter of the step", .fallback = 1e-5, .max = 1e6},
    {.name = "jump", .text = "the probability of a step of one whole difference", .fallback = 0.1, .max = 1}};

const ens_move_kind ens_move_de = {.name = "de",
                                   .text = "differential evolution: along the difference of two walkers",
                                   .nparameters = 3,
                                   .parameter = parameter,
                                   .create = create};
