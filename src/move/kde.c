/* Proposals from a kernel density of the complement (emcee's KDEMove, after kombine's).
 *
 * k(.) is the mean of normal densities around the S walkers of the complement, each with h^2 times their covariance,
 * and y is drawn from k. It does not depend on x: this is an independence sampler, with the factor ln k(x) - ln k(y). h
 * is Scott's S^(-1/(ndim + 4)), Silverman's (S (ndim + 2) / 4)^(-1/(ndim + 4)), or given. An update reads the whole
 * complement and waits for all of it. The move suits few dimensions and many walkers, because k must resemble the
 * target.
 *
 * Coordinates are divided by the walkers' largest deviation before they are squared, then whitened by the Cholesky
 * factor of their covariance. There k needs only distances, and determinants cancel in the factor. If the covariance is
 * singular (fewer than ndim + 1 distinct walkers, or all in a plane), there is no density and the proposal is rejected.
 * This depends on the complement alone, so the update is then the identity, which keeps any target. With fewer than
 * ndim + 1 walkers in the complement it would always be so: the run then ends with an error at its start.
 *
 * All walkers of a set could share one Cholesky factor. But a move keeps nothing between updates, and an evaluation
 * that is worth this move costs more than the factor. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cholesky.h"
#include "base/dense.h"
#include "move/move.h"

typedef struct kde {
  ens_move base;
  double bw;
} kde;

enum { BW };

/* The density; point i is walker i in whitened coordinates. The arrays are in the move's scratch. */
typedef struct density {
  size_t n, ndim;
  double *mean, *scale, *factor, *point; /* [ndim], [ndim], [ndim][ndim], [n][ndim] */
  double *x, *y;                         /* [ndim] whitened */
} density;

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self;
  return ncomplement;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self, (void)stream;
  for (size_t i = 0; i < ncomplement; i++) index[i] = i;
}

static size_t min_complement(const ens_move *self, size_t ndim) {
  (void)self;
  return ndim + 1;
}

static size_t scratch(const ens_move *self, size_t ncomplement, size_t ndim) {
  (void)self;
  return ndim * (4 + ndim + ncomplement);
}

static density lay_out(double *at, size_t n, size_t ndim) {
  density k = {.n = n, .ndim = ndim, .mean = at};
  k.scale = k.mean + ndim;
  k.x = k.scale + ndim;
  k.y = k.x + ndim;
  k.factor = k.y + ndim;
  k.point = k.factor + ndim * ndim;
  return k;
}

/* Turns the points into deviations from the mean, in units of the largest. False: a coordinate does not vary. */
static bool scale_points(density *k, const double *const *partner) {
  for (size_t d = 0; d < k->ndim; d++) {
    double sum = 0, largest = 0;
    for (size_t i = 0; i < k->n; i++) sum += partner[i][d] / (double)k->n;
    for (size_t i = 0; i < k->n; i++) largest = fmax(largest, fabs(partner[i][d] - sum));
    if (!(largest > 0) || !isfinite(largest)) return false;
    k->mean[d] = sum;
    k->scale[d] = largest;
    for (size_t i = 0; i < k->n; i++) k->point[i * k->ndim + d] = (partner[i][d] - sum) / largest;
  }
  return true;
}

static void find_covariance(density *k) {
  memset(k->factor, 0, k->ndim * k->ndim * sizeof *k->factor);
  for (size_t i = 0; i < k->n; i++) {
    const double *p = k->point + i * k->ndim;
    for (size_t a = 0; a < k->ndim; a++)
      for (size_t b = 0; b <= a; b++) k->factor[a * k->ndim + b] += p[a] * p[b] / (double)(k->n - 1);
  }
}

static bool whiten(density *k, const double *const *partner, const double *x) {
  if (!scale_points(k, partner)) return false;
  find_covariance(k);
  if (ens_cholesky(k->factor, k->ndim)) return false;
  for (size_t i = 0; i < k->n; i++) ens_dense_solve(k->factor, k->ndim, k->point + i * k->ndim, 1, false);
  for (size_t d = 0; d < k->ndim; d++) k->x[d] = (x[d] - k->mean[d]) / k->scale[d];
  ens_dense_solve(k->factor, k->ndim, k->x, 1, false);
  return true;
}

static double distance2(const density *k, size_t i, const double *at) {
  double sum = 0;
  const double *p = k->point + i * k->ndim;
  for (size_t d = 0; d < k->ndim; d++) sum += (at[d] - p[d]) * (at[d] - p[d]);
  return sum;
}

/* ln k up to a constant. The nearest point's term is factored out of the sum, which would underflow far away. */
static double log_density(const density *k, double h, const double *at) {
  double nearest = INFINITY, sum = 0;
  for (size_t i = 0; i < k->n; i++) nearest = fmin(nearest, distance2(k, i, at));
  for (size_t i = 0; i < k->n; i++) sum += exp((nearest - distance2(k, i, at)) / (2 * h * h));
  return log(sum) - nearest / (2 * h * h);
}

static const char *const words[] = {"scott", "silverman", NULL};

static double bandwidth(double bw, size_t n, size_t ndim) {
  double d = (double)ndim, power = -1 / (d + 4);
  if (bw == ENS_MOVE_WORD(0)) return pow((double)n, power);
  if (bw == ENS_MOVE_WORD(1)) return pow((double)n * (d + 2) / 4, power);
  return bw;
}

static void draw(density *k, double h, ens_stream *stream, double *q) {
  const double *p = k->point + ens_stream_below(stream, k->n) * k->ndim;
  for (size_t d = 0; d < k->ndim; d++) k->y[d] = p[d] + h * ens_stream_normal(stream);
  ens_cholesky_multiply(k->factor, k->ndim, k->y, q);
  for (size_t d = 0; d < k->ndim; d++) q[d] = k->mean[d] + k->scale[d] * q[d];
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  size_t n = context->npartners;
  density k = lay_out(context->scratch, n, context->ndim);
  if (!whiten(&k, partner, x)) {
    memcpy(q, x, context->ndim * sizeof *q);
    return -INFINITY;
  }
  double h = bandwidth(((const kde *)self)->bw, n, context->ndim);
  draw(&k, h, stream, q);
  return log_density(&k, h, k.x) - log_density(&k, h, k.y);
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .anchored = true,
                                   .scratch = scratch,
                                   .destroy = destroy};
  kde *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (kde){{.ops = &ops}, value[BW]};
  *out = &self->base;
  return ENS_OK;
}

static const ens_move_parameter parameter[] = {{.name = "bw",
                                                .text = "the kernels' width in standard deviations, or its rule",
                                                .fallback = ENS_MOVE_WORD(0),
                                                .max = 1e6,
                                                .exclusive = true,
                                                .word = words}};

const ens_move_kind ens_move_kde = {.name = "kde",
                                    .text = "from a kernel density of the other walkers",
                                    .nparameters = 1,
                                    .parameter = parameter,
                                    .create = create,
                                    .min_complement = min_complement};
