/* Two laws: a correlated Gaussian through its Cholesky factor, and a skewed one with known moments. */
#include "core/law.h"

#include <math.h>

#include "base/cholesky.h"
#include "base/dense.h"

static double gaussian_log_prob(const ens_law *self, const double *x) {
  double r[ENS_LAW_DIM], sum = 0;
  for (size_t d = 0; d < self->ndim; d++) r[d] = x[d] - self->mean[d];
  ens_dense_solve(self->root, self->ndim, r, 1, false);
  for (size_t d = 0; d < self->ndim; d++) sum += r[d] * r[d];
  return -0.5 * sum;
}

static void gaussian_draw(const ens_law *self, ens_stream *stream, double *x) {
  double r[ENS_LAW_DIM];
  for (size_t d = 0; d < self->ndim; d++) r[d] = ens_stream_normal(stream);
  ens_cholesky_multiply(self->root, self->ndim, r, x);
  for (size_t d = 0; d < self->ndim; d++) x[d] += self->mean[d];
}

ens_law ens_law_gaussian(size_t ndim) {
  ens_law t = {"gaussian", gaussian_log_prob, gaussian_draw, ndim, NULL, {0.5, -1, 2}, {0}, {0}};
  for (size_t i = 0; i < ndim; i++)
    for (size_t j = 0; j < ndim; j++)
      t.covariance[i * ndim + j] = t.root[i * ndim + j] = (i == j ? 1 : 0.8) * (double)((i + 1) * (j + 1));
  ens_cholesky(t.root, ndim); /* positive definite, so it does not fail */
  return t;
}

static double skewed_log_prob(const ens_law *self, const double *x) {
  double sum = 0;
  for (size_t d = 0; d < self->ndim; d++) {
    if (!(x[d] > 0)) return -INFINITY;
    sum += (d ? log(x[d]) : 0) - x[d];
  }
  return sum;
}

static void skewed_draw(const ens_law *self, ens_stream *stream, double *x) {
  for (size_t d = 0; d < self->ndim; d++) {
    x[d] = -log(ens_stream_uniform(stream));
    if (d) x[d] -= log(ens_stream_uniform(stream));
  }
}

ens_law ens_law_skewed(size_t ndim) {
  ens_law t = {"skewed", skewed_log_prob, skewed_draw, ndim, NULL, {1, 2, 2}, {0}, {0}};
  for (size_t d = 0; d < ndim; d++) t.covariance[d * ndim + d] = t.mean[d];
  return t;
}
