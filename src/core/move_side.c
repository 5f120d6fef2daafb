/* The side move (Chen 2025, arXiv:2505.02987): along the difference of two walkers of the complement, by a normal step.
 *
 * y = x + sigma (x_j - x_k) N(0, 1). The step is as likely as its opposite and the direction does not depend on x, so
 * the proposal is symmetric and the factor 0. sigma = 1.687 / sqrt(ndim) by default, the paper's optimum for Gaussians.
 * Reads two walkers. Against `de`: the normal step costs about twice as many evaluations per independent sample on
 * Gaussians, but any distance is proposed, so no jitter is needed. */
#include <math.h>
#include <stdlib.h>

#include "core/move.h"

typedef struct side {
  ens_move base;
  double sigma;
} side;

enum { SIGMA };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 2;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  ens_move_choose(stream, ncomplement, 2, index);
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, size_t npartners_read, double *q) {
  (void)npartners_read;
  double sigma = ((const side *)self)->sigma;
  if (sigma < 0) sigma = 1.687 / sqrt((double)context->ndim);
  double length = sigma * ens_stream_normal(stream);
  for (size_t d = 0; d < context->ndim; d++) q[d] = x[d] + length * (partner[0][d] - partner[1][d]);
  return 0;
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {
      .npartners = npartners, .partners = partners, .propose = propose, .destroy = destroy};
  side *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (side){{.ops = &ops}, value[SIGMA]};
  *out = &self->base;
  return ENS_OK;
}

static const char *const words[] = {"auto", NULL};
static const ens_move_parameter parameter[] = {{.name = "sigma",
                                                .text = "the step in differences; 'auto' is 1.687 / sqrt(ndim)",
                                                .fallback = ENS_MOVE_WORD(0),
                                                .max = 1e6,
                                                .exclusive = true,
                                                .word = words}};

const ens_move_kind ens_move_side = {.name = "side",
                                     .text = "along the difference of two walkers, by a normal step",
                                     .nparameters = 1,
                                     .parameter = parameter,
                                     .create = create};
