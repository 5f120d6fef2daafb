/* The walk move (Goodman and Weare 2010, Comm. App. Math. Comp. Sci. 5, 65, section 2): a normal step with the
 * covariance of s walkers of the complement.
 *
 * y = x + c sum_j xi_j (x_j - m) / sqrt(s - 1), xi_j ~ N(0, 1), m the mean of the s walkers. Given them, y - x is
 * normal with mean 0 and c^2 times their covariance; no matrix is needed. It does not depend on x, so the move is
 * symmetric and the factor is 0.
 *
 * s is "all" by default, the best in our trials; c = "auto" is 2.38 / sqrt(ndim), the optimum for Gaussians. emcee uses
 * c = 1, whose acceptance fraction vanishes from about 20 dimensions on. An update reads s walkers; with s = "all" it
 * waits for the whole complement. Fewer than ndim + 1 walkers span only a subspace: each step is within it, but the
 * chain is not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "move/move.h"

typedef struct walk {
  ens_move base;
  double s, c;
} walk;

enum { S, C };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  double s = ((const walk *)self)->s;
  return s < 0 ? ncomplement : (size_t)s;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  size_t s = npartners(self, ncomplement);
  if (s < ncomplement) {
    ens_move_choose(stream, ncomplement, s, index);
    return;
  }
  for (size_t i = 0; i < s; i++) index[i] = i;
}

static size_t min_complement(const ens_move *self, size_t ndim) {
  (void)ndim;
  return npartners(self, 2);
}

static void find_mean(const double *const *partner, size_t s, size_t ndim, double *m) {
  memset(m, 0, ndim * sizeof *m);
  for (size_t j = 0; j < s; j++)
    for (size_t d = 0; d < ndim; d++) m[d] += partner[j][d];
  for (size_t d = 0; d < ndim; d++) m[d] /= (double)s;
}

static double standard(size_t ndim) {
  return 2.38 / sqrt((double)ndim);
}

static double c_of(const ens_move *self, const ens_move_context *context) {
  double c = ((const walk *)self)->c;
  return context->scale * (c < 0 ? standard(context->ndim) : c);
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  size_t ndim = context->ndim, s = context->npartners;
  double *m = context->scratch, c = c_of(self, context) / sqrt((double)s - 1);
  find_mean(partner, s, ndim, m);
  memcpy(q, x, ndim * sizeof *q);
  for (size_t j = 0; j < s; j++) {
    double xi = c * ens_stream_normal(stream);
    for (size_t d = 0; d < ndim; d++) q[d] += xi * (partner[j][d] - m[d]);
  }
  return 0;
}

static size_t scratch(const ens_move *self, size_t ncomplement, size_t ndim) {
  (void)self, (void)ncomplement;
  return ndim;
}

static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  return ens_move_acceptance_lesson(ENS_MOVE_BEST_BALL, c_of(self, context) / standard(context->ndim), accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .lesson = lesson,
                                   .scratch = scratch,
                                   .destroy = destroy};
  walk *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (walk){{.ops = &ops}, value[S], value[C]};
  *out = &self->base;
  return ENS_OK;
}

static const char *const all[] = {"all", NULL}, *const automatic[] = {"auto", NULL};
static const ens_move_parameter parameter[] = {
    {.name = "s",
     .text = "how many walkers an update reads",
     .fallback = ENS_MOVE_WORD(0),
     .min = 2,
     .max = 1e6,
     .whole = true,
     .word = all},
    {.name = "c",
     .text = "the step in standard deviations; 'auto' is 2.38 / sqrt(ndim)",
     .fallback = ENS_MOVE_WORD(0),
     .max = 1e6,
     .exclusive = true,
     .word = automatic},
};

const ens_move_kind ens_move_walk = {.name = "walk",
                                     .text = "Goodman and Weare's walk move: a step with the walkers' covariance",
                                     .nparameters = 2,
                                     .parameter = parameter,
                                     .create = create,
                                     .min_complement = min_complement};
