/* Everything is computed from the Cholesky factor of the covariance, which the caller stores. */
#include "dist/multi_normal.h"

#include <math.h>

#include "base/cholesky.h"
#include "base/dense.h"
#include "dist/special.h"

size_t ens_multi_normal_bytes(size_t n) {
  if (n > 30000) return 0;
  return sizeof(ens_multi_normal) + (2 * n + n * n) * sizeof(double);
}

void ens_multi_normal_lay_out(ens_multi_normal *memory, size_t n) {
  double *numbers = (double *)(memory + 1);
  *memory = (ens_multi_normal){.n = n, .mean = numbers, .work = numbers + n, .factor = numbers + 2 * n};
}

double ens_multi_normal_constant(const double *factor, size_t n) {
  double constant = -(double)n * ENS_LOG_2PI / 2;
  for (size_t i = 0; i < n; i++) constant -= log(factor[i * n + i]);
  return constant;
}

int ens_multi_normal_prepare(ens_multi_normal *self) {
  if (ens_cholesky(self->factor, self->n)) return 0;
  self->constant = ens_multi_normal_constant(self->factor, self->n);
  return 1;
}

double ens_multi_normal_log(ens_multi_normal *self, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < self->n; i++) {
    if (isinf(x[i])) return -INFINITY;
    self->work[i] = x[i] - self->mean[i];
  }
  ens_dense_solve(self->factor, self->n, self->work, 1, false);
  for (size_t i = 0; i < self->n; i++) sum += self->work[i] * self->work[i];
  return self->constant - sum / 2;
}

void ens_multi_normal_draw(ens_multi_normal *self, ens_stream *stream, double *x) {
  for (size_t i = 0; i < self->n; i++) self->work[i] = ens_stream_normal(stream);
  ens_cholesky_multiply(self->factor, self->n, self->work, x);
  for (size_t i = 0; i < self->n; i++) x[i] += self->mean[i];
}
