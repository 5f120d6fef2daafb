/* Products of small dense matrices and triangular systems. Matrices are stored row by row without gaps. Every sum runs
 * in the order of its index, so that a result has the same bits on every machine. */
#ifndef ENS_BASE_DENSE_H
#define ENS_BASE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* The product of two vectors. */
static inline double ens_dense_dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}
/* c[m][n] = a[m][k] b[k][n]; c must not overlap a or b. */
void ens_dense_multiply(size_t m, size_t k, size_t n, const double *a, const double *b, double *c);
/* Solves L X = B, or L' X = B if `transposed`, in place of b[n][k]. Reads only the lower triangle of l[n][n]. */
void ens_dense_solve(const double *l, size_t n, double *b, size_t k, bool transposed);
/* The products of row[n] with four rows of a matrix, `width` apart. The four sums are independent, so that the
 * processor computes them in parallel. */
void ens_dense_dot4(const double *row, const double *rows, size_t width, size_t n, double out[4]);

#endif
