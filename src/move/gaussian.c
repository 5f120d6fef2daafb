/* Metropolis with normal steps (Metropolis et al. 1953, J. Chem. Phys. 21, 1087; emcee's GaussianMove). An update reads
 * no other walker.
 *
 * y = x + F sqrt(cov) N(0, 1), with a draw of its own for each walker. cov is one variance, one for each dimension, or
 * a full matrix, used by its Cholesky factor. Mode "vector" moves all dimensions. Mode "random" moves one, drawn for
 * each walker. Mode "sequential" moves dimension (step - 1) mod ndim, the same for all walkers, which is known from the
 * step alone. With `factor` f > 1 the scale F = exp(U(-ln f, ln f)) is drawn once per step for all walkers, from a
 * stream that names no walker. Given F and the mode's dimension, which do not depend on x, the move is symmetric: the
 * factor is 0.
 *
 * emcee up to 3.1.6 differs: with a full matrix all walkers get the same vector, so that walkers that started
 * independently move together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cholesky.h"
#include "move/move.h"

typedef enum gaussian_mode { VECTOR, RANDOM, SEQUENTIAL } gaussian_mode;

typedef struct gaussian {
  ens_move base;
  gaussian_mode mode;
  double log_factor;
  size_t nrows, ncols; /* of cov, as in ens_move_matrix */
  double root[];       /* standard deviations, or the lower factor of the matrix */
} gaussian;

enum { COV, MODE, FACTOR };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 0;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self, (void)stream, (void)ncomplement, (void)index;
}

static double draw_scale(const gaussian *self, const ens_move_context *context) {
  if (!(self->log_factor > 0)) return context->scale;
  ens_stream stream = ens_move_step_stream(context);
  return context->scale * exp((2 * ens_stream_uniform(&stream) - 1) * self->log_factor);
}

static double deviation(const gaussian *self, size_t d) {
  return self->root[self->nrows == 0 ? 0 : d];
}

static void step_along(const gaussian *self, double scale, size_t d, ens_stream *stream, double *q) {
  q[d] += scale * deviation(self, d) * ens_stream_normal(stream);
}

static void step_full(const gaussian *self, const ens_move_context *context, double scale, ens_stream *stream,
                      double *q) {
  size_t ndim = context->ndim;
  double *normal = context->scratch, *step = normal + ndim;
  for (size_t d = 0; d < ndim; d++) normal[d] = ens_stream_normal(stream);
  ens_cholesky_multiply(self->root, ndim, normal, step);
  for (size_t d = 0; d < ndim; d++) q[d] += scale * step[d];
}

static double propose(const ens_move *base, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  (void)partner;
  const gaussian *self = (const gaussian *)base;
  double scale = draw_scale(self, context);
  size_t ndim = context->ndim;
  memcpy(q, x, ndim * sizeof *q);
  if (self->mode == RANDOM)
    step_along(self, scale, (size_t)ens_stream_below(stream, ndim), stream, q);
  else if (self->mode == SEQUENTIAL)
    step_along(self, scale, (size_t)((context->step - 1) % ndim), stream, q);
  else if (self->nrows > 1)
    step_full(self, context, scale, stream, q);
  else
    for (size_t d = 0; d < ndim; d++) step_along(self, scale, d, stream, q);
  return 0;
}

static size_t scratch(const ens_move *self, size_t ncomplement, size_t ndim) {
  (void)self, (void)ncomplement;
  return 2 * ndim;
}

/* A step along one axis is a move in one dimension. The best step is not known, because cov has units of its own. */
static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  bool line = ((const gaussian *)self)->mode != VECTOR || context->ndim == 1;
  return ens_move_acceptance_lesson(line ? ENS_MOVE_BEST_LINE : ENS_MOVE_BEST_BALL, INFINITY, accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status check_numbers(const ens_move_matrix *cov, gaussian_mode mode, ens_error *error) {
  const char *name = "move 'gaussian': cov";
  size_t n = cov->ncols;
  if (cov->nrows > 1 && cov->nrows != n)
    return ens_error_set(error, ENS_CONFIG, "%s has %zu rows of %zu: it must be a square", name, cov->nrows, n);
  if (cov->nrows > 1 && mode != VECTOR)
    return ens_error_set(error, ENS_CONFIG,
                         "%s is a full matrix, which moves all dimensions: the mode must be 'vector'", name);
  for (size_t i = 0; cov->nrows < 2 && i < n; i++)
    if (!(cov->element[i] > 0) || isinf(cov->element[i]))
      return ens_error_set(error, ENS_CONFIG, "%s has the variance %g: it must be above 0", name, cov->element[i]);
  for (size_t i = 0; i < cov->nrows * n; i++)
    if (cov->nrows > 1 && cov->element[i] != cov->element[i % n * n + i / n])
      return ens_error_set(error, ENS_CONFIG, "%s is not symmetric: [%zu][%zu] is %g, [%zu][%zu] is %g", name,
                           i / n + 1, i % n + 1, cov->element[i], i % n + 1, i / n + 1,
                           cov->element[i % n * n + i / n]);
  return ENS_OK;
}

static ens_status find_root(gaussian *self, const ens_move_matrix *cov, ens_error *error) {
  size_t n = cov->ncols;
  memcpy(self->root, cov->element, (cov->nrows ? cov->nrows : 1) * n * sizeof *self->root);
  if (cov->nrows > 1)
    return ens_cholesky(self->root, n)
               ? ens_error_set(error, ENS_CONFIG, "move 'gaussian': cov is not positive definite")
               : ENS_OK;
  for (size_t i = 0; i < n; i++) self->root[i] = sqrt(self->root[i]);
  return ENS_OK;
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .lesson = lesson,
                                   .scratch = scratch,
                                   .destroy = destroy};
  ens_move_matrix cov = ens_move_matrix_at(value, COV);
  gaussian_mode mode = value[MODE] == ENS_MOVE_WORD(1) ? RANDOM : value[MODE] == ENS_MOVE_WORD(2) ? SEQUENTIAL : VECTOR;
  ens_status status = check_numbers(&cov, mode, error);
  if (status) return status;
  gaussian *self = malloc(sizeof *self + (cov.nrows ? cov.nrows : 1) * cov.ncols * sizeof *self->root);
  if (!self) return ens_error_memory(error);
  *self = (gaussian){{.ops = &ops}, mode, log(value[FACTOR]), cov.nrows, cov.ncols};
  status = find_root(self, &cov, error);
  if (status)
    free(self);
  else
    *out = &self->base;
  return status;
}

static ens_status check(const ens_move *base, size_t ndim, ens_error *error) {
  const gaussian *self = (const gaussian *)base;
  if (self->nrows == 0 || self->ncols == ndim) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "move 'gaussian': cov is for %zu parameter%s, the model has %zu", self->ncols,
                       self->ncols == 1 ? "" : "s", ndim);
}

static const char *const modes[] = {"vector", "random", "sequential", NULL};
static const ens_move_parameter parameter[] = {
    {.name = "cov", .text = "the step's variance, variances or covariance matrix", .covariance = true},
    {.name = "mode",
     .text = "which dimensions a step changes",
     .fallback = ENS_MOVE_WORD(0),
     .only_words = true,
     .word = modes},
    {.name = "factor",
     .text = "the largest factor by which a step's scale is varied",
     .fallback = 1,
     .min = 1,
     .max = 1e6},
};

const ens_move_kind ens_move_gaussian = {.name = "gaussian",
                                         .text = "Metropolis with normal steps",
                                         .nparameters = 3,
                                         .parameter = parameter,
                                         .create = create,
                                         .check = check};
