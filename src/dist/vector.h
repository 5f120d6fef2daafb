/* Distributions of several numbers at once: the multivariate normal and Dirichlet's. */
#ifndef ENS_DIST_VECTOR_H
#define ENS_DIST_VECTOR_H

#include <stddef.h>

#include "base/stream.h"

/* A multivariate normal: its covariance is taken apart once. One piece of memory, freed by free. */
typedef struct ens_multi_normal {
  size_t n;
  double constant;
  double *mean, *factor, *work; /* [n], [n][n] Cholesky's L, [n] */
} ens_multi_normal;

/* How many bytes one of n numbers takes; 0: more than there can be. */
size_t ens_multi_normal_bytes(size_t n);
/* Lays it out in `memory`; the caller sets mean and the covariance [n][n], of which only the lower triangle is read,
 * in `factor`, then calls ens_multi_normal_prepare. */
void ens_multi_normal_lay_out(ens_multi_normal *memory, size_t n);
/* False: the covariance is not positive definite. */
int ens_multi_normal_prepare(ens_multi_normal *self);
/* The log density at the mean, from the factor L [n][n] of the covariance. */
double ens_multi_normal_constant(const double *factor, size_t n);
double ens_multi_normal_log(ens_multi_normal *self, const double *x);
void ens_multi_normal_draw(ens_multi_normal *self, ens_stream *stream, double *x);

/* x[n] on the simplex, where its sum is 1 to n roundings; -inf elsewhere. The density is that of x[0 .. n - 2]. */
double ens_dirichlet_log(size_t n, const double *x, const double *alpha);
void ens_dirichlet_draw(size_t n, const double *alpha, ens_stream *stream, double *x);

#endif
