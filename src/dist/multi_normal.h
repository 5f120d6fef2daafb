/* The multivariate normal distribution. */
#ifndef ENS_DIST_MULTI_NORMAL_H
#define ENS_DIST_MULTI_NORMAL_H

#include <stddef.h>

#include "base/stream.h"

/* The covariance is factored once. One block of memory; the caller allocates and frees it. */
typedef struct ens_multi_normal {
  size_t n;
  double constant;
  double *mean, *factor, *work; /* [n], [n][n] Cholesky's L, [n] */
} ens_multi_normal;

/* The bytes of one with n numbers; 0: n is too large. */
size_t ens_multi_normal_bytes(size_t n);
/* Lays it out in `memory`. Then the caller sets `mean`, and in `factor` the covariance [n][n], of which only the lower
 * triangle is read, and calls ens_multi_normal_prepare. */
void ens_multi_normal_lay_out(ens_multi_normal *memory, size_t n);
/* 0: the covariance is not positive definite. */
int ens_multi_normal_prepare(ens_multi_normal *self);
/* The log density at the mean, from the factor L [n][n] of the covariance. */
double ens_multi_normal_constant(const double *factor, size_t n);
double ens_multi_normal_log(ens_multi_normal *self, const double *x);
void ens_multi_normal_draw(ens_multi_normal *self, ens_stream *stream, double *x);

#endif
